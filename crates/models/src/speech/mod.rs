//! Speech: what is said in a sound, and when.
//!
//! [`voice`] tells speech from silence and noise, [`cut`] cuts a sound there into windows, [`Transcriber`] turns a window
//! into text. The only one there is runs [whisper.cpp](https://github.com/ggml-org/whisper.cpp); it is part of the program
//! where that was built with the feature `whisper`.

pub mod cut;
pub mod ggml;
pub mod voice;
#[cfg(feature = "whisper")]
mod whisper;

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::runtime::ModelError;

/// Samples a second of everything here; there is one channel, from -1 to 1.
pub const SAMPLE_RATE: u32 = 16_000;

/// Returns how long so many samples sound, in milliseconds.
#[expect(clippy::cast_possible_wrap, reason = "a sound of centuries")]
const fn milliseconds(samples: u64) -> i64 {
    (samples * 1_000 / SAMPLE_RATE as u64) as i64
}

/// Whether this program can turn speech into text.
pub const IS_BUILT_IN: bool = cfg!(feature = "whisper");

/// A word, and when it is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    /// When it begins, milliseconds.
    pub start_ms: i64,
    /// When it ends.
    pub end_ms: i64,
    /// The word, with what punctuation is at it.
    pub text: String,
}

/// Words that belong together, and when they are said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// When they begin, milliseconds.
    pub start_ms: i64,
    /// When they end.
    pub end_ms: i64,
    /// The words.
    pub text: String,
    /// Each of them, where that was asked for.
    pub words: Vec<Word>,
}

/// What was heard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// The language, as in `de`.
    pub language: Option<String>,
    /// What was said, by time; none where nobody speaks.
    pub segments: Vec<Segment>,
}

/// How speech is turned into text.
#[derive(Clone, Debug, PartialEq)]
pub struct Hearing {
    /// The language, as in `de` or `german`; `None`: it is found out, for each window.
    pub language: Option<String>,
    /// How freely it guesses, 0 to 1. Where it is in doubt it guesses more freely.
    pub temperature: f32,
    /// Whether each word gets its time.
    pub has_words: bool,
    /// Threads.
    pub threads: usize,
}

/// Turns speech into text.
pub trait Transcriber: Send {
    /// Another sound begins: nothing of the one before tells of it.
    fn begin(&mut self) {}

    /// Returns what is said in a window of at most some minutes; times count from its beginning.
    ///
    /// # Errors
    /// [`ModelError::Stopped`], or that it failed.
    fn transcribe(&mut self, samples: &[f32]) -> Result<Heard, ModelError>;
}

/// Asked again and again whether to stop.
pub type IsStopped = Box<dyn Fn() -> bool + Send>;

/// Loads a model of whisper.cpp.
///
/// # Errors
/// When it cannot be read, is none, or this program was built without what runs it.
pub fn load(
    model: &Path,
    hearing: &Hearing,
    is_stopped: IsStopped,
) -> Result<Box<dyn Transcriber>, ModelError> {
    let header = ggml::read(model)?;
    #[cfg(feature = "whisper")]
    return whisper::load(model, header, hearing, is_stopped);
    #[cfg(not(feature = "whisper"))]
    {
        let _unused = (header, hearing, is_stopped);
        Err(ModelError::Unusable {
            path: model.to_path_buf(),
            message: "this program was built without whisper.cpp (the cargo feature `whisper`)"
                .into(),
        })
    }
}
