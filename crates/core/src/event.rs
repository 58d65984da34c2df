//! What a long operation tells its face while it runs: progress may be dropped, problems never.

use std::time::Duration;

use serde::Serialize;

use crate::human;
use crate::problem::Problem;

/// Said by every face after [`HEARTBEAT_AFTER`] without a new item; scripts of the older program look for it.
pub const HEARTBEAT: &str =
    "I am still working — no new items in the last few seconds — please wait";
/// How long nothing may happen before that is said.
pub const HEARTBEAT_AFTER: Duration = Duration::from_secs(15);

/// Receives the events of an operation; called from several threads and expected to return quickly.
pub trait Sink: Send + Sync {
    /// Takes one event.
    fn event(&self, event: Event);
}

/// A sink that drops everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct NullSink;

impl Sink for NullSink {
    fn event(&self, _event: Event) {}
}

/// Something that an operation tells.
#[derive(Clone, Debug)]
pub enum Event {
    /// How far the operation is; each one replaces the one before.
    Progress(Progress),
    /// A file or folder that could not be treated as wished.
    Problem(Problem),
    /// A sentence for the user that is no error, such as "recognised as drive X".
    Notice(String),
    /// A sentence for the user that he should act on.
    Warning(String),
    /// The performance profile that a scan settled on.
    Performance(crate::profile::Performance),
    /// What keeps light analysis from being done, or from being done whole; for programs, as people get a warning.
    LightAnalysis(AnalysisStatus),
}

/// What keeps light analysis back; field names are those of the documented lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AnalysisStatus {
    /// error: nothing is analysed; warning: some of it is.
    pub status: &'static str,
    /// Why.
    pub message: String,
}

/// The part of a scan that is under way; the names are those of the documented progress lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Folders are listed and their files compared with what is known.
    Enumerating,
    /// File contents are read and hashed.
    Hashing,
    /// Other programs are asked about media files: pictures, checks, subtitles.
    Media,
    /// File contents are read and compared with their hashes.
    Verifying,
    /// Films and sound are decoded for their fingerprints.
    Fingerprinting,
    /// Pictures and films are looked at by a model.
    Analysing,
    /// Speech is turned into text.
    Transcribing,
    /// Texts are embedded for searching by meaning.
    Indexing,
    /// Leftovers: deletions, statistics, optimisation.
    Finalizing,
}

/// How far a scan is; field names are those of the documented progress lines where those exist.
#[derive(Clone, Debug, Serialize)]
pub struct Progress {
    /// The phase under way.
    pub phase: Phase,
    /// Seconds since the scan began.
    pub elapsed_s: f64,
    /// Folders listed so far.
    pub dirs_scanned: u64,
    /// Files discovered so far.
    pub files_total: u64,
    /// Files finished in this phase so far.
    pub files_seen: u64,
    /// Audio and video files among `files_seen`.
    pub av_seen: u64,
    /// Audio and video files among `files_total`.
    pub total_av: u64,
    /// Files that this phase will have finished at its end; `None` while unknown.
    pub phase_files: Option<u64>,
    /// Bytes hashed so far.
    pub bytes_done: u64,
    /// Bytes this phase will hash; `None` while unknown.
    pub bytes_total: Option<u64>,
    /// Files and folders that could not be read for lack of permission.
    pub skipped_perm: u64,
    /// Files and folders whose path is too long.
    pub skipped_toolong: u64,
    /// Files and folders left out by a filter.
    pub skipped_ignored: u64,
    /// How much was listened to, where that is what takes the time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sound: Option<SoundProgress>,
}

impl Progress {
    /// Returns in words how far listening is, where that is what is done.
    pub fn listening(&self) -> Option<String> {
        let SoundProgress { heard_s, total_s } = self.sound?;
        let words = format!(
            "listening: {} of {} files, {} of {}",
            human::count(self.files_seen),
            human::count(self.phase_files.unwrap_or(0)),
            human::duration(heard_s),
            human::duration(total_s)
        );
        if heard_s <= 0.0 || self.elapsed_s <= 0.0 {
            return Some(words);
        }
        let speed = heard_s / self.elapsed_s;
        let left = human::duration((total_s - heard_s).max(0.0) / speed);
        Some(format!(
            "{words}, {speed:.1} times as fast as it plays, {left} left"
        ))
    }
}

/// How much sound was listened to; seconds of playing time.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct SoundProgress {
    /// So far.
    pub heard_s: f64,
    /// In all, as far as playing times are known.
    pub total_s: f64,
}

impl Progress {
    /// Returns the beginning of a phase that treats so many files, whose folders are known.
    pub fn begun(phase: Phase, files: u64) -> Self {
        Self {
            phase,
            elapsed_s: 0.0,
            dirs_scanned: 0,
            files_total: files,
            files_seen: 0,
            av_seen: 0,
            total_av: 0,
            phase_files: Some(files),
            bytes_done: 0,
            bytes_total: None,
            skipped_perm: 0,
            skipped_toolong: 0,
            skipped_ignored: 0,
            sound: None,
        }
    }
}
