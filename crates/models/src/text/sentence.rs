//! A sentence model: an ONNX file and its `tokenizer.json`.

use std::path::Path;
use std::time::Duration;

use tokenizers::{Tokenizer, TruncationParams};

use super::{TextEmbedder, first};
use crate::picture::vectors_of;
use crate::runtime::{ModelError, Session};
use crate::service::Service;
use crate::tensor::Tensor;

/// Tokens of all texts of one run together, filling included.
const MOST_TOKENS: usize = 4_096;

/// How long a model may take for that.
const LIMIT: Duration = Duration::from_mins(2);

/// Turns texts into vectors by a sentence model.
pub struct Sentence {
    id: String,
    dim: usize,
    tokenizer: Tokenizer,
    service: Service,
    query_prefix: String,
    text_prefix: String,
}

/// How a sentence model is to be used.
#[derive(Clone, Debug, Default)]
pub struct Usage {
    /// Tokens of a text that the model sees.
    pub most_tokens: usize,
    /// Put before what is looked for.
    pub query_prefix: String,
    /// Put before what is kept.
    pub text_prefix: String,
}

impl Sentence {
    /// Takes sessions of one model with the inputs `input_ids`, `attention_mask` and, of some, `token_type_ids`.
    ///
    /// # Errors
    /// When the tokenizer is none, or the model wants or gives something else.
    pub fn new(
        id: String,
        sessions: Vec<Box<dyn Session>>,
        tokenizer: &Path,
        usage: &Usage,
    ) -> Result<Self, ModelError> {
        let tokenizer = load_tokenizer(tokenizer, usage.most_tokens)?;
        let service =
            Service::start(sessions, LIMIT).map_err(|error| ModelError::Run(error.to_string()))?;
        for port in service.inputs() {
            if !["input_ids", "attention_mask", "token_type_ids"].contains(&port.name.as_str()) {
                return Err(ModelError::Output(format!(
                    "an input `{}`, which no text has",
                    port.name
                )));
            }
        }
        let mut sentence = Self {
            id,
            dim: 0,
            tokenizer,
            service,
            query_prefix: usage.query_prefix.clone(),
            text_prefix: usage.text_prefix.clone(),
        };
        let probe = sentence.vectors(&["a film".to_owned()], &|| false)?;
        sentence.dim = probe.first().map_or(0, Vec::len);
        Ok(sentence)
    }

    fn vectors(
        &self,
        texts: &[String],
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<Vec<Vec<f32>>, ModelError> {
        let mut encoded = Vec::with_capacity(texts.len());
        for text in texts {
            let encoding = self
                .tokenizer
                .encode_fast(text.as_str(), true)
                .map_err(|error| ModelError::Run(error.to_string()))?;
            encoded.push(encoding.get_ids().to_vec());
        }
        // Texts of one length run together, so that little is filled up.
        let mut order: Vec<usize> = (0..encoded.len()).collect();
        order.sort_by_key(|place| encoded.get(*place).map_or(0, Vec::len));
        let mut vectors = vec![Vec::new(); texts.len()];
        let mut rest = order.as_slice();
        while let Some(first) = rest.first() {
            let mut count = 0;
            let mut longest = encoded.get(*first).map_or(0, Vec::len).max(1);
            while let Some(place) = rest.get(count) {
                let length = encoded.get(*place).map_or(0, Vec::len).max(longest);
                if count > 0 && length * (count + 1) > MOST_TOKENS {
                    break;
                }
                longest = length;
                count += 1;
            }
            let (batch, others) = rest.split_at(count);
            rest = others;
            let ids: Vec<&[u32]> = batch
                .iter()
                .filter_map(|place| encoded.get(*place).map(Vec::as_slice))
                .collect();
            let made = self.run(&ids, longest, is_stopped)?;
            for (place, vector) in batch.iter().zip(made) {
                if let Some(slot) = vectors.get_mut(*place) {
                    *slot = vector;
                }
            }
        }
        Ok(vectors)
    }

    fn run(
        &self,
        ids: &[&[u32]],
        longest: usize,
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<Vec<Vec<f32>>, ModelError> {
        let shape = vec![ids.len(), longest];
        let mut tokens = Vec::with_capacity(ids.len() * longest);
        let mut mask = Vec::with_capacity(ids.len() * longest);
        for text in ids {
            let filling = longest - text.len();
            tokens.extend(text.iter().map(|id| i64::from(*id)));
            tokens.extend(std::iter::repeat_n(0, filling));
            mask.extend(std::iter::repeat_n(1_i64, text.len()));
            mask.extend(std::iter::repeat_n(0_i64, filling));
        }
        let inputs = self
            .service
            .inputs()
            .iter()
            .map(|port| {
                let data = match port.name.as_str() {
                    "input_ids" => tokens.clone(),
                    "attention_mask" => mask.clone(),
                    _ => vec![0; tokens.len()],
                };
                (port.name.clone(), Tensor::whole(shape.clone(), data))
            })
            .collect();
        let outputs = self.service.run(inputs, is_stopped)?;
        // Some models give the vector of the whole text as well, and some give nothing else.
        if let Some(whole) = outputs.iter().find(|output| output.shape.len() == 2) {
            return vectors_of(whole, ids.len());
        }
        let hidden = outputs
            .first()
            .ok_or_else(|| ModelError::Output("nothing".into()))?;
        pooled(hidden, &mask, ids.len(), longest)
    }
}

/// Returns the mean of each text's tokens, filling left out.
fn pooled(
    hidden: &Tensor,
    mask: &[i64],
    count: usize,
    longest: usize,
) -> Result<Vec<Vec<f32>>, ModelError> {
    let (Some(numbers), [texts, tokens, dim]) = (hidden.as_floats(), hidden.shape.as_slice())
    else {
        return Err(ModelError::Output(format!(
            "the shape {:?}, which is no vector for each token",
            hidden.shape
        )));
    };
    if (*texts, *tokens) != (count, longest) || *dim == 0 || !hidden.is_consistent() {
        return Err(ModelError::Output(format!(
            "the shape {:?} for {count} texts of {longest} tokens",
            hidden.shape
        )));
    }
    let mut vectors = Vec::with_capacity(count);
    for (text, mask) in numbers
        .chunks_exact(dim * longest)
        .zip(mask.chunks_exact(longest))
    {
        let mut sum = vec![0.0_f32; *dim];
        for (token, counts) in text.chunks_exact(*dim).zip(mask) {
            if *counts != 0 {
                for (sum, number) in sum.iter_mut().zip(token) {
                    *sum += number;
                }
            }
        }
        crate::normalise(&mut sum).map_err(|message| ModelError::Output(message.into()))?;
        vectors.push(sum);
    }
    Ok(vectors)
}

/// Loads a tokenizer that cuts texts off after so many tokens and fills nothing up.
pub(super) fn load_tokenizer(path: &Path, most_tokens: usize) -> Result<Tokenizer, ModelError> {
    let unusable = |message: String| ModelError::Unusable {
        path: path.to_path_buf(),
        message: format!("as a tokenizer: {message}"),
    };
    let mut tokenizer = Tokenizer::from_file(path).map_err(|error| unusable(error.to_string()))?;
    tokenizer.with_padding(None);
    let truncation = (most_tokens > 0).then(|| TruncationParams {
        max_length: most_tokens,
        ..TruncationParams::default()
    });
    tokenizer
        .with_truncation(truncation)
        .map_err(|error| unusable(error.to_string()))?;
    Ok(tokenizer)
}

impl TextEmbedder for Sentence {
    fn id(&self) -> &str {
        &self.id
    }

    fn dim(&self) -> usize {
        self.dim
    }

    fn embed(
        &self,
        texts: &[String],
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<Vec<Vec<f32>>, ModelError> {
        if self.text_prefix.is_empty() {
            return self.vectors(texts, is_stopped);
        }
        let texts: Vec<String> = texts
            .iter()
            .map(|text| format!("{}{text}", self.text_prefix))
            .collect();
        self.vectors(&texts, is_stopped)
    }

    fn embed_query(
        &self,
        text: &str,
        _rarity: &dyn Fn(&str) -> f32,
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<Vec<f32>, ModelError> {
        first(self.vectors(&[format!("{}{text}", self.query_prefix)], is_stopped)?)
    }
}
