//! What a scan found and did.

use std::collections::BTreeMap;

use serde::Serialize;

use super::request::Mode;
use crate::analysis::AnalysisCounts;
use crate::catalog::jobs::{CategoryCounts, JobStatus};
use crate::fingerprint::FingerprintCounts;
use crate::health::Report;
use crate::problem::ProblemCounts;
use crate::profile::Performance;

/// The summary of one scan; the names are those of `scan --json`.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// The drive.
    pub drive_label: String,
    /// What was asked for.
    pub mode: Mode,
    /// How it ended.
    pub status: JobStatus,
    /// Files listed.
    pub total_files: u64,
    /// Audio and video among them.
    pub av_files: u64,
    /// All by category.
    pub categories: CategoryCounts,
    /// Never seen before.
    pub new: u64,
    /// With another size or time.
    pub changed: u64,
    /// As they were.
    pub unchanged: u64,
    /// Gone at an earlier scan, there again.
    pub restored: u64,
    /// Found in another place.
    pub moved: u64,
    /// Gone.
    pub deleted: u64,
    /// Files that were to be read.
    pub pending: u64,
    /// Files read.
    pub hashed_files: u64,
    /// Bytes read.
    pub hashed_bytes: u64,
    /// Audio and video among the files read.
    pub hashed_av: u64,
    /// Files whose content differs though size and time do not.
    pub silently_changed: u64,
    /// What was learnt of media files.
    pub media: MediaCounts,
    /// What light analysis did.
    pub light_analysis: AnalysisCounts,
    /// Which fingerprints were captured.
    pub fingerprints: FingerprintCounts,
    /// Files and folders that may not be read.
    pub skipped_perm: u64,
    /// Files and folders whose path is too long.
    pub skipped_toolong: u64,
    /// Entries a filter left out.
    pub skipped_ignored: u64,
    /// Everything that went wrong, by kind.
    pub problems: ProblemCounts,
    /// Seconds from begin to end.
    pub duration_seconds: f64,
    /// How the drive was worked.
    pub performance: Performance,
    /// What the disks below said of themselves, if they were asked.
    pub health: Option<Report>,
}

/// What a scan learnt of media files.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MediaCounts {
    /// Files whose headers were read.
    pub headers: u64,
    /// Files found to be faulty.
    pub faulty: u64,
    /// Files that other programs were asked about.
    pub asked: u64,
    /// Files of which pictures were made.
    pub pictured: u64,
    /// Films whose decoding was checked.
    pub checked: u64,
    /// Films whose subtitles were extracted.
    pub subtitled: u64,
    /// What had to be left for want of a tool: its name, and of how many files.
    pub tool_missing: BTreeMap<&'static str, u64>,
    /// Files left without pictures because there is no more room for them.
    pub no_room: u64,
}

impl Summary {
    /// Returns the sentence that the job history keeps.
    pub fn message(&self) -> String {
        format!(
            "{} files: {} new, {} changed, {} unchanged, {} moved, {} deleted; {} of {} read",
            self.total_files,
            self.new,
            self.changed,
            self.unchanged,
            self.moved,
            self.deleted,
            self.hashed_files,
            self.pending
        )
    }
}
