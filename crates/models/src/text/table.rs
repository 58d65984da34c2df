//! A table of words: a vector for each token (`safetensors`) and its `tokenizer.json`; a text is the mean of its tokens.

use std::path::Path;

use half::{bf16, f16};
use safetensors::{Dtype, SafeTensors};
use tokenizers::Tokenizer;

use super::sentence::load_tokenizer;
use super::{TextEmbedder, each};
use crate::runtime::{MOST_BYTES, ModelError};

/// Tokens of a text that count.
const MOST_TOKENS: usize = 1_024;

/// Turns texts into vectors by a table.
pub struct Table {
    id: String,
    dim: usize,
    tokenizer: Tokenizer,
    rows: Vec<f32>,
}

impl Table {
    /// Loads a table whose only tensor of two dimensions has a row for each token.
    ///
    /// # Errors
    /// When either file cannot be read, or there is no such tensor in it.
    pub fn load(id: String, table: &Path, tokenizer: &Path) -> Result<Self, ModelError> {
        let read = |source| ModelError::Read {
            path: table.to_path_buf(),
            source,
        };
        let unusable = |message: String| ModelError::Unusable {
            path: table.to_path_buf(),
            message,
        };
        let size_bytes = fs_err::metadata(table).map_err(read)?.len();
        if size_bytes > MOST_BYTES {
            return Err(ModelError::TooLarge {
                path: table.to_path_buf(),
                size_bytes,
            });
        }
        let bytes = fs_err::read(table).map_err(read)?;
        let tensors =
            SafeTensors::deserialize(&bytes).map_err(|error| unusable(error.to_string()))?;
        let flat: Vec<_> = tensors
            .tensors()
            .into_iter()
            .filter(|(_, tensor)| tensor.shape().len() == 2)
            .collect();
        let [(_, tensor)] = flat.as_slice() else {
            return Err(unusable(format!(
                "as a table of words: it has {} tensors of two dimensions, not one",
                flat.len()
            )));
        };
        let rows: Vec<f32> = match tensor.dtype() {
            Dtype::F32 => numbers(tensor.data(), f32::from_le_bytes),
            Dtype::F16 => numbers(tensor.data(), |two| f16::from_le_bytes(two).to_f32()),
            Dtype::BF16 => numbers(tensor.data(), |two| bf16::from_le_bytes(two).to_f32()),
            other => return Err(unusable(format!("as a table of words: it is of {other:?}"))),
        };
        let dim = tensor.shape().get(1).copied().unwrap_or(0);
        if dim == 0 || rows.is_empty() || rows.iter().any(|number| !number.is_finite()) {
            return Err(unusable(
                "as a table of words: it is empty or holds numbers that are none".into(),
            ));
        }
        Ok(Self {
            id,
            dim,
            tokenizer: load_tokenizer(tokenizer, MOST_TOKENS)?,
            rows,
        })
    }

    fn vector(&self, text: &str) -> Result<Vec<f32>, ModelError> {
        let encoding = self
            .tokenizer
            .encode_fast(text, false)
            .map_err(|error| ModelError::Run(error.to_string()))?;
        let mut sum = vec![0.0_f32; self.dim];
        for id in encoding.get_ids() {
            let from = *id as usize * self.dim;
            let row = self.rows.get(from..from + self.dim).unwrap_or_default();
            for (sum, number) in sum.iter_mut().zip(row) {
                *sum += number;
            }
        }
        if crate::normalise(&mut sum).is_err() {
            sum.fill(0.0);
        }
        Ok(sum)
    }
}

fn numbers<const N: usize>(bytes: &[u8], read: impl Fn([u8; N]) -> f32) -> Vec<f32> {
    let (numbers, _) = bytes.as_chunks::<N>();
    numbers.iter().map(|bytes| read(*bytes)).collect()
}

impl TextEmbedder for Table {
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
        each(texts, is_stopped, |text| self.vector(text))
    }
}
