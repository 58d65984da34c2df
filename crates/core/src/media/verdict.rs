//! Whether a file is sound: the columns `integrity_ok` and `integrity_reason`.

use serde::Serialize;
use videocatalog_headers::{Media, ProbeError, Structure};

/// How thoroughly a file was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Not at all.
    #[default]
    None,
    /// Its parts add up to the file.
    Structure,
    /// Its beginning and its end were decoded too.
    Ends,
    /// All of it was decoded.
    Full,
}

impl Level {
    /// Returns the number that is stored.
    pub const fn number(self) -> i64 {
        match self {
            Self::None => 0,
            Self::Structure => 1,
            Self::Ends => 2,
            Self::Full => 3,
        }
    }

    /// Returns the level of a stored number.
    pub const fn from_number(number: i64) -> Self {
        match number {
            1 => Self::Structure,
            2 => Self::Ends,
            3 => Self::Full,
            _ => Self::None,
        }
    }
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Sound or not; `None`: it could not be judged.
    pub ok: Option<bool>,
    /// What is wrong, in plain words; `None` where nothing is.
    pub reason: Option<String>,
    /// How thoroughly it was looked at.
    pub level: Level,
}

impl Verdict {
    /// Returns what a file's structure tells.
    pub fn of_structure(media: &Media) -> Self {
        let reason = match &media.structure {
            Structure::Unchecked if media.streams.is_empty() => return Self::unknown(),
            // Of formats without sizes, that streams could be read is all there is to know without decoding.
            Structure::Complete | Structure::Unchecked => return Self::sound(Level::Structure),
            Structure::Truncated {
                expected_bytes: Some(expected),
            } => format!(
                "cut off: {} bytes are missing at the end",
                expected.saturating_sub(media.size_bytes).max(1)
            ),
            Structure::Truncated {
                expected_bytes: None,
            } => "cut off: the file ends too early".to_owned(),
            Structure::Damaged { what, at } => format!("damaged at byte {at}: {what}"),
            Structure::Zeros { at } => {
                format!("zeros instead of data at byte {at}, as if it had never been written")
            }
        };
        Self::faulty(reason, Level::Structure)
    }

    /// Returns what it tells that nothing could be read.
    pub fn of_error(error: &ProbeError) -> Self {
        match error {
            ProbeError::Empty | ProbeError::Zeros => {
                Self::faulty(error.to_string(), Level::Structure)
            }
            ProbeError::Unknown | ProbeError::Io(_) => Self::unknown(),
        }
    }

    /// Returns that nothing is wrong.
    pub fn sound(level: Level) -> Self {
        Self {
            ok: Some(true),
            reason: None,
            level,
        }
    }

    /// Returns that something is wrong.
    pub fn faulty(reason: String, level: Level) -> Self {
        Self {
            ok: Some(false),
            reason: Some(reason),
            level,
        }
    }

    /// Returns that it could not be judged.
    pub fn unknown() -> Self {
        Self::default()
    }
}
