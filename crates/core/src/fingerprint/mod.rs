//! Fingerprints of pictures and sound, by which copies are found that are not the same byte for byte.
//!
//! What is left to capture follows from the rows of a shard, so that a run may be stopped or killed anywhere and the next
//! one goes on; a scan does the same for what it found.

mod capture;
mod programs;

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use rusqlite::Connection;
use serde::Serialize;

pub use self::capture::{Captured, Sound, Source, capture};
pub use self::programs::Programs;
use crate::catalog::fingerprints::{self as rows, Coverage, FingerprintTask};
use crate::catalog::store::Catalog;
use crate::event::{Event, Phase};
use crate::gather::{
    At, Keeper, Lacking, Manner, Surface, TakeError, Taker, Task, gather, on_known_drive,
};
use crate::media::frames;
use crate::path::RelPath;
use crate::problem::ProblemCounts;
use crate::scan::{ScanError, ScanOptions, ScanRequest, Surroundings};
use crate::settings::{PhaseMode, Settings};
use crate::tools::Tool;
use crate::watch::{Abandoned, Post};

/// Which fingerprints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds {
    /// TMK+PDQF of films: all frames are decoded.
    pub video: bool,
    /// Chromaprint of sound, also of films'.
    pub sound: bool,
    /// The signature of a few keyframes of films.
    pub keyframes: bool,
}

impl Kinds {
    /// Returns them as they are stored.
    pub(crate) const fn bits(self) -> i64 {
        self.video as i64 | (self.sound as i64) << 1 | (self.keyframes as i64) << 2
    }

    /// Returns what was stored.
    pub(crate) const fn from_bits(bits: i64) -> Self {
        Self {
            video: bits & 1 != 0,
            sound: bits & 2 != 0,
            keyframes: bits & 4 != 0,
        }
    }

    /// Returns whether there are none.
    pub const fn is_empty(self) -> bool {
        self.bits() == 0
    }
}

/// How fingerprints are captured: settings, with what flags made of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FingerprintOptions {
    /// Which.
    pub kinds: Kinds,
    /// When a scan captures them.
    pub phase: PhaseMode,
    /// Files at once.
    pub workers: usize,
    /// Files per commit.
    pub batch_files: usize,
    /// Rest after each batch; more on USB and network drives.
    pub rest: Duration,
}

impl FingerprintOptions {
    /// Returns the options that the settings ask for. The signature of keyframes saves comparisons of the others, and is
    /// captured by scans only with one of these.
    pub fn from_settings(settings: &Settings) -> Self {
        let wanted = &settings.fingerprints;
        let (video, sound) = (wanted.enable_video_tmk, wanted.enable_audio_chroma);
        Self {
            kinds: Kinds {
                video,
                sound,
                keyframes: wanted.enable_video_vhash_prefilter && (video || sound),
            },
            phase: wanted.phase_mode,
            workers: wanted.max_concurrency,
            batch_files: wanted.batch_size,
            rest: Duration::from_millis(wanted.io_gentle_ms),
        }
    }
}

/// One run, as the user asked for it.
#[derive(Clone, Debug)]
pub struct FingerprintRequest {
    /// The drive's label.
    pub label: String,
    /// The folder that is its root, absolute; `None`: where the drive is mounted now.
    pub mount: Option<PathBuf>,
    /// A folder below the root: nothing outside it is looked at.
    pub only: Option<PathBuf>,
    /// Whether what was captured before is captured again.
    pub again: bool,
    /// The user says that this is the drive, whatever its identity.
    pub accept_drive: bool,
    /// Which, and how.
    pub fingerprints: FingerprintOptions,
    /// How drives are read.
    pub options: ScanOptions,
}

/// What was captured; the names are those of `scan --json`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FingerprintCounts {
    /// Files that lacked something.
    pub files: u64,
    /// Files that were done.
    pub done: u64,
    /// TMK signatures captured.
    pub video: u64,
    /// Fingerprints of sound captured.
    pub sound: u64,
    /// Signatures of keyframes captured.
    pub keyframes: u64,
    /// Files that cannot be decoded.
    pub failed: u64,
    /// Files that were left to another run: changed, gone, unreadable.
    pub left: u64,
    /// The tool for want of which nothing was captured, and of how many files.
    pub tool_missing: Option<(&'static str, u64)>,
}

/// What a run did; the names are those of `fingerprint --json`.
#[derive(Clone, Debug, Serialize)]
pub struct FingerprintSummary {
    /// The drive.
    pub drive_label: String,
    /// Whether the user stopped it.
    pub stopped: bool,
    /// What was captured.
    #[serde(flatten)]
    pub counts: FingerprintCounts,
    /// What the drive has now.
    pub coverage: Coverage,
    /// What went wrong, by kind.
    pub problems: ProblemCounts,
    /// How long it took.
    pub duration_seconds: f64,
}

/// Captures what the files of a drive lack.
///
/// # Errors
/// When the drive is not the one expected, does not answer, or its shard cannot be written; a bad file is a problem in the
/// summary.
pub fn run(
    request: &FingerprintRequest,
    catalog: &Catalog,
    outside: &Surroundings,
) -> Result<FingerprintSummary, ScanError> {
    let as_scan = ScanRequest::of_known_drive(
        &request.label,
        request.mount.clone(),
        request.only.clone(),
        request.accept_drive,
        request.options.clone(),
    );
    on_known_drive(&as_scan, "fingerprint", catalog, outside, |on, below| {
        let (counts, problems) = take(on, &request.fingerprints, request.again, below)?;
        Ok(FingerprintSummary {
            drive_label: on.plan.drive.label.clone(),
            stopped: outside.cancel.is_cancelled(),
            counts,
            coverage: rows::coverage(on.connection).map_err(|source| on.write(source))?,
            problems,
            duration_seconds: on.began.elapsed().as_secs_f64(),
        })
    })
}

/// Captures what files below a folder lack.
///
/// # Errors
/// As [`run`].
pub(crate) fn take(
    on: &Surface<'_>,
    options: &FingerprintOptions,
    again: bool,
    below: &RelPath,
) -> Result<(FingerprintCounts, ProblemCounts), ScanError> {
    let files = rows::fill_queue(on.connection, options.kinds, again, below)
        .map_err(|source| on.write(source))?;
    let mut counts = FingerprintCounts {
        files,
        ..FingerprintCounts::default()
    };
    if files == 0 {
        return Ok((counts, ProblemCounts::default()));
    }
    let programs = match Programs::of(&on.outside.tools, options.kinds, on.sink) {
        Ok(programs) => programs,
        Err(missing) => {
            on.sink.event(Event::Warning(format!(
                "{missing} ({files} files have no fingerprints; a later run makes up for it)"
            )));
            counts.tool_missing = Some((Tool::Ffmpeg.name(), files));
            return Ok((counts, ProblemCounts::default()));
        }
    };
    let manner = Manner {
        name: "fingerprint",
        phase: Phase::Fingerprinting,
        files,
        threads: options.workers,
        batch_files: options.batch_files,
        rest: Manner::rest_on(options.rest, on.performance.profile),
    };
    let gathered = gather(on, programs, &mut counts, &manner)?;
    counts.files = files.saturating_sub(gathered.hidden);
    counts.done = gathered.done;
    counts.left = gathered.left;
    Ok((counts, gathered.problems))
}

impl Task for FingerprintTask {
    fn lacking(&self) -> &Lacking {
        &self.file
    }
}

impl Taker for Programs {
    type Task = FingerprintTask;
    type Taken = Captured;

    fn take(
        &self,
        at: &At<'_>,
        task: &FingerprintTask,
        _post: &Post,
    ) -> Result<Result<Captured, TakeError>, Abandoned> {
        let source = Source {
            path: at.path,
            duration_s: task.file.duration_s,
            has_sound: task.has_sound,
            size: task.size,
        };
        let captured = capture(self, &source, task.wanted, at.limits);
        Ok(captured.and_then(|captured| match &captured.failure {
            // That says nothing of the file: another time it may be read.
            Some(failure) if frames::is_of_drive(failure) => {
                Err(TakeError::Drive(io::Error::other(failure.clone())))
            }
            _ => Ok(captured),
        }))
    }

    fn failed(&self, reason: String) -> Captured {
        Captured {
            failure: Some(reason),
            ..Captured::default()
        }
    }
}

impl Keeper for FingerprintCounts {
    type Task = FingerprintTask;
    type Taken = Captured;

    fn next(
        &self,
        connection: &Connection,
        after: i64,
        limit: i64,
    ) -> rusqlite::Result<Vec<FingerprintTask>> {
        rows::next_tasks(connection, after, limit)
    }

    fn save(
        &mut self,
        connection: &Connection,
        task: &FingerprintTask,
        captured: &Captured,
        now_utc: &str,
        now_us: i64,
    ) -> rusqlite::Result<()> {
        rows::save(connection, task, captured, now_utc, now_us)?;
        self.video += u64::from(captured.tmk.is_some());
        self.sound += u64::from(captured.sound.is_some());
        self.keyframes += u64::from(captured.keyframes.is_some());
        self.failed += u64::from(captured.failure.is_some());
        Ok(())
    }
}
