//! How hard a drive may be worked: the documented performance profiles.

use serde::{Deserialize, Serialize};

/// The four kinds of drive that are treated differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Profile {
    /// No seek time, many requests at once.
    Ssd,
    /// Spinning, seeks are dear.
    Hdd,
    /// Attached over USB or otherwise slow; treated gently.
    Usb,
    /// A network share; treated gently.
    Network,
}

/// Which of the three places decided the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A flag.
    Cli,
    /// The settings file.
    Settings,
    /// Detection.
    Auto,
}

/// The resolved tuning of one scan; the names are those of the documented performance line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Performance {
    /// The profile in force.
    pub profile: Profile,
    /// The profile that detection chose; equal to `profile` unless it was overridden.
    pub auto_profile: Option<Profile>,
    /// Who chose `profile`.
    pub source: Source,
    /// Threads that work on files, 1 to 64.
    pub worker_threads: usize,
    /// Bytes read at once while hashing, at least 65,536.
    pub hash_chunk_bytes: usize,
    /// Processes of ffmpeg at once, 1 to `worker_threads`.
    pub ffmpeg_parallel: usize,
    /// Whether small pauses keep the drive responsive for others.
    pub gentle_io: bool,
}
