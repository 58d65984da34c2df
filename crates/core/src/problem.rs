//! A bad file is a problem in the summary, never the end of a scan.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use crate::path::display::printable;
use crate::path::os_to_bytes;

/// What went wrong with one file or folder, coarse enough to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// Reading or listing was not permitted.
    Permission,
    /// The path is longer than the system or the settings allow.
    PathTooLong,
    /// The file was listed but gone when it was opened.
    Vanished,
    /// The file grew, shrank or was rewritten while it was read.
    ChangedWhileRead,
    /// The device or the network reported an error, after the retries.
    Io,
    /// A call did not return within the time limit and was abandoned.
    Hung,
    /// A link led back to a folder that was already visited.
    LinkCycle,
    /// The bytes are not those that were hashed, though size and time are the same.
    OtherBytes,
    /// Something that is worth telling and fits nowhere else.
    Other,
}

impl ProblemKind {
    /// Returns the kind as it stands in summaries, in plain words.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Permission => "permission denied",
            Self::PathTooLong => "path too long",
            Self::Vanished => "vanished while scanning",
            Self::ChangedWhileRead => "changed while being read",
            Self::Io => "read error",
            Self::Hung => "did not answer in time",
            Self::LinkCycle => "link cycle",
            Self::OtherBytes => "other bytes than before",
            Self::Other => "other",
        }
    }

    /// Returns the kind that an I/O error belongs to.
    pub fn of(error: &std::io::Error) -> Self {
        use std::io::ErrorKind;
        match error.kind() {
            ErrorKind::PermissionDenied => Self::Permission,
            ErrorKind::NotFound | ErrorKind::NotADirectory => Self::Vanished,
            ErrorKind::InvalidFilename => Self::PathTooLong,
            ErrorKind::TimedOut => Self::Hung,
            _ => Self::Io,
        }
    }
}

/// One thing that went wrong, where, and in whose words.
#[derive(Clone, Debug, Serialize)]
pub struct Problem {
    /// The kind that it is counted under.
    pub kind: ProblemKind,
    /// The file or folder, absolute at the mount of this scan.
    #[serde(serialize_with = "lossy")]
    pub path: PathBuf,
    /// The system's message or our own.
    pub detail: String,
}

impl Problem {
    /// Returns it in a line; control characters of the path are escaped.
    pub fn sentence(&self) -> String {
        let path = os_to_bytes(self.path.as_os_str());
        format!(
            "{}: {}: {}",
            self.kind.describe(),
            printable(&path),
            self.detail
        )
    }
}

fn lossy<S: serde::Serializer>(path: &std::path::Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

/// How many problems there were of each kind.
pub type ProblemCounts = BTreeMap<ProblemKind, u64>;
