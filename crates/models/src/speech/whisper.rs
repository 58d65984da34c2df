//! Whisper, by whisper.cpp.

use std::path::Path;

use whisper_rs::{
    FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters, WhisperSegment,
    WhisperState, WhisperTokenId, get_lang_id, get_lang_str,
};

use super::ggml::Header;
use super::{Heard, Hearing, IsStopped, SAMPLE_RATE, Segment, Transcriber, Word};
use crate::runtime::ModelError;

/// Of less sound than this, five seconds, the language is not found out anew: it would be guessed.
const ENOUGH_SAMPLES: usize = SAMPLE_RATE as usize * 5;

/// whisper.cpp leaves less than a second of sound alone.
const LEAST_SAMPLES: usize = SAMPLE_RATE as usize * 11 / 10;

/// What the library that is built in needs of an x86 processor.
#[cfg(target_arch = "x86_64")]
const NEEDED: &str = "AVX2, FMA and F16C";

struct Whisper {
    context: WhisperContext,
    state: WhisperState,
    params: FullParams<'static, 'static>,
    is_stopped: std::sync::Arc<std::sync::Mutex<IsStopped>>,
    end_of_text: WhisperTokenId,
    has_words: bool,
    /// Whether the language is to be found out, and which it was last.
    finds_language: bool,
    last_language: Option<&'static str>,
}

pub(super) fn load(
    model: &Path,
    header: Header,
    hearing: &Hearing,
    is_stopped: IsStopped,
) -> Result<Box<dyn Transcriber>, ModelError> {
    let unusable = |message: String| ModelError::Unusable {
        path: model.to_path_buf(),
        message,
    };
    // An instruction that the processor lacks would end the program.
    #[cfg(target_arch = "x86_64")]
    if !(is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("fma")
        && is_x86_feature_detected!("f16c"))
    {
        return Err(unusable(format!(
            "turning speech into text needs a processor with {NEEDED}"
        )));
    }
    whisper_rs::install_logging_hooks();
    let language = language(header, hearing).map_err(unusable)?;
    let failed = |error| unusable(format!("whisper.cpp does not load it ({error:?})"));
    let mut wishes = WhisperContextParameters::default();
    wishes.use_gpu(false);
    let context = WhisperContext::new_with_params(model, wishes).map_err(failed)?;
    let state = context.create_state().map_err(failed)?;
    let is_stopped = std::sync::Arc::new(std::sync::Mutex::new(is_stopped));
    let params = params(hearing, language, &is_stopped);
    Ok(Box::new(Whisper {
        end_of_text: context.token_eot(),
        context,
        state,
        params,
        is_stopped,
        has_words: hearing.has_words,
        finds_language: language.is_none(),
        last_language: None,
    }))
}

/// Returns the language that is spoken; `None`: it is to be found out.
fn language(header: Header, hearing: &Hearing) -> Result<Option<&'static str>, String> {
    let wanted = hearing.language.as_deref().map(str::trim);
    let wanted = wanted.filter(|wanted| !wanted.is_empty() && *wanted != "auto");
    let known = match wanted {
        None => None,
        Some(wanted) if wanted.contains('\0') => return Err("no language has a NUL in it".into()),
        Some(wanted) => {
            // `en-GB` is English as well.
            let short = wanted
                .split(['-', '_'])
                .next()
                .unwrap_or(wanted)
                .to_lowercase();
            let id = get_lang_id(&short);
            let id = id.ok_or_else(|| format!("it does not know the language `{wanted}`"))?;
            get_lang_str(id)
        }
    };
    match known {
        _ if header.is_multilingual => Ok(known),
        None | Some("en") => Ok(Some("en")),
        Some(other) => Err(format!("it knows English alone, not `{other}`")),
    }
}

fn params(
    hearing: &Hearing,
    language: Option<&'static str>,
    is_stopped: &std::sync::Arc<std::sync::Mutex<IsStopped>>,
) -> FullParams<'static, 'static> {
    let mut params = FullParams::new(SamplingStrategy::Greedy { best_of: 2 });
    params.set_language(language);
    params.set_temperature(hearing.temperature);
    params.set_n_threads(i32::try_from(hearing.threads.max(1)).unwrap_or(1));
    params.set_token_timestamps(hearing.has_words);
    // A window knows nothing of the one before it: what was misheard there does not go on here.
    params.set_no_context(true);
    // No "[MUSIC]" and "(applause)".
    params.set_suppress_nst(true);
    params.set_print_special(false);
    params.set_print_progress(false);
    params.set_print_realtime(false);
    params.set_print_timestamps(false);
    let asked = std::sync::Arc::clone(is_stopped);
    let stops = move || asked.lock().is_ok_and(|is_stopped| is_stopped());
    // whisper-rs hands the pointer of a `Box<dyn FnMut>` to a function made for this type, so it has to be one.
    params.set_abort_callback_safe::<Option<Box<dyn FnMut() -> bool>>, Box<dyn FnMut() -> bool>>(
        Some(Box::new(stops)),
    );
    params
}

impl Transcriber for Whisper {
    fn begin(&mut self) {
        self.last_language = None;
    }

    fn transcribe(&mut self, samples: &[f32]) -> Result<Heard, ModelError> {
        let mut params = self.params.clone();
        if self.finds_language && samples.len() < ENOUGH_SAMPLES && self.last_language.is_some() {
            params.set_language(self.last_language);
        }
        let mut samples = samples.to_vec();
        samples.resize(samples.len().max(LEAST_SAMPLES), 0.0);
        let ran = self.state.full(params, &samples);
        if self.is_stopped.lock().is_ok_and(|is_stopped| is_stopped()) {
            return Err(ModelError::Stopped);
        }
        ran.map_err(|error| ModelError::Run(format!("{error:?}")))?;
        let most_ms = super::milliseconds(samples.len() as u64);
        let mut segments = Vec::new();
        for segment in self.state.as_iter() {
            let text = segment
                .to_str_lossy()
                .map_err(|error| ModelError::Run(format!("{error:?}")))?;
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            // Music is written as notes.
            if !text.chars().any(char::is_alphanumeric) {
                continue;
            }
            let start_ms = (segment.start_timestamp() * 10).clamp(0, most_ms);
            segments.push(Segment {
                start_ms,
                end_ms: (segment.end_timestamp() * 10).clamp(start_ms, most_ms),
                text,
                words: if self.has_words {
                    self.words(&segment, most_ms)
                } else {
                    Vec::new()
                },
            });
        }
        let language = get_lang_str(self.state.full_lang_id_from_state());
        self.last_language = language;
        Ok(Heard {
            language: language.map(str::to_owned),
            segments,
        })
    }
}

impl Whisper {
    /// Puts the tokens of a segment together to words: one that begins with a space begins a word.
    fn words(&self, segment: &WhisperSegment<'_>, most_ms: i64) -> Vec<Word> {
        let mut words: Vec<(i64, i64, Vec<u8>)> = Vec::new();
        for at in 0..segment.n_tokens() {
            let Some(token) = segment.get_token(at) else {
                break;
            };
            if token.token_id() >= self.end_of_text {
                continue;
            }
            let Ok(bytes) = self.context.token_to_bytes(token.token_id()) else {
                continue;
            };
            let data = token.token_data();
            let (start, end) = (data.t0 * 10, data.t1 * 10);
            match words.last_mut() {
                Some((_, last, word)) if !bytes.starts_with(b" ") => {
                    word.extend_from_slice(bytes);
                    *last = end.max(*last);
                }
                _ => words.push((start, end, bytes.to_vec())),
            }
        }
        let words = words.into_iter().map(|(start, end, bytes)| Word {
            start_ms: start.clamp(0, most_ms),
            end_ms: end.clamp(start.clamp(0, most_ms), most_ms),
            text: String::from_utf8_lossy(&bytes).trim().to_owned(),
        });
        words.filter(|word| !word.text.is_empty()).collect()
    }
}
