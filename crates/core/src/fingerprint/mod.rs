//! Fingerprints of pictures and sound, by which copies are found that are not the same byte for byte.
//!
//! What is left to capture follows from the rows of a shard, so that a run may be stopped or killed anywhere and the next
//! one goes on; a scan does the same for what it found.

mod capture;
mod programs;
mod taking;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use rusqlite::Connection;
use serde::Serialize;

pub use self::capture::{CaptureError, Captured, Sound, Source, capture};
pub use self::programs::Programs;
use self::taking::{Outcome, Taking};
use crate::catalog::batch::Batch;
use crate::catalog::fingerprints::{self as rows, Coverage, FingerprintTask};
use crate::catalog::lock::ShardLock;
use crate::catalog::store::Catalog;
use crate::catalog::{Access, tune_for_writing};
use crate::event::{Event, Phase, Progress, Sink};
use crate::path::RelPath;
use crate::problem::{Problem, ProblemCounts};
use crate::profile::{Performance, Profile};
use crate::scan::pump::TICK;
use crate::scan::{self, Plan, Refusal, ScanError, ScanOptions, ScanRequest, Surroundings};
use crate::settings::{PhaseMode, Settings};
use crate::tools::Tool;
use crate::tree::Tree;
use crate::watch;

/// What was captured waits no longer than this to be written.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

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

    /// Returns the rest after a batch on a drive of that profile.
    fn rest_on(&self, profile: Profile) -> Duration {
        match profile {
            Profile::Network => self.rest * 2,
            Profile::Usb => self.rest * 3 / 2,
            Profile::Ssd | Profile::Hdd => self.rest,
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
    // An unknown label is no new drive here.
    catalog.drive(&request.label)?;
    let as_scan = as_scan(request);
    let plan = scan::plan(&as_scan, catalog, &outside.probe, outside.sink.as_ref())?;
    let tree = scan::open_tree(&plan, &request.options)?;
    let began = Instant::now();
    let shard_path = catalog.shard_path(&plan.drive);
    let _lock = ShardLock::acquire(&shard_path, "fingerprint", outside.clock.now_utc())?;
    let connection = catalog.open_shard(&plan.drive, Access::Write)?;
    let failed = |source| ScanError::Write {
        path: shard_path.clone(),
        source,
    };
    tune_for_writing(&connection).map_err(failed)?;
    let performance = scan::tune(&as_scan, &plan, outside);
    outside.sink.event(Event::Performance(performance.clone()));
    let below = match &request.only {
        Some(only) => scan::start_below(&plan.root, only)?,
        None => RelPath::root(),
    };
    let surface = Surface {
        plan: &plan,
        tree: &tree,
        performance: &performance,
        connection: &connection,
        shard_path: &shard_path,
        outside,
        sink: outside.sink.as_ref(),
        time_limit: request.options.time_limit,
        began,
    };
    let (counts, problems) = take(&surface, &request.fingerprints, request.again, &below)?;
    Ok(FingerprintSummary {
        drive_label: plan.drive.label.clone(),
        stopped: outside.cancel.is_cancelled(),
        counts,
        coverage: rows::coverage(&connection).map_err(failed)?,
        problems,
        duration_seconds: began.elapsed().as_secs_f64(),
    })
}

fn as_scan(request: &FingerprintRequest) -> ScanRequest {
    ScanRequest::of_known_drive(
        &request.label,
        request.mount.clone(),
        request.only.clone(),
        request.accept_drive,
        request.options.clone(),
    )
}

/// A drive whose shard is open for writing, and locked.
#[derive(Clone, Copy)]
pub(crate) struct Surface<'r> {
    pub(crate) plan: &'r Plan,
    pub(crate) tree: &'r Arc<dyn Tree>,
    pub(crate) performance: &'r Performance,
    pub(crate) connection: &'r Connection,
    pub(crate) shard_path: &'r Path,
    pub(crate) outside: &'r Surroundings,
    pub(crate) sink: &'r dyn Sink,
    pub(crate) time_limit: Duration,
    pub(crate) began: Instant,
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
    let mut writer = Writer {
        on,
        options,
        counts: FingerprintCounts {
            files,
            ..FingerprintCounts::default()
        },
        problems: ProblemCounts::default(),
        waiting: Vec::new(),
        written: Instant::now(),
    };
    if files == 0 {
        return Ok((writer.counts, writer.problems));
    }
    let programs = match Programs::of(&on.outside.tools, options.kinds, on.sink) {
        Ok(programs) => programs,
        Err(missing) => {
            on.sink.event(Event::Warning(format!(
                "{missing} ({files} files have no fingerprints; a later run makes up for it)"
            )));
            writer.counts.tool_missing = Some((Tool::Ffmpeg.name(), files));
            return Ok((writer.counts, writer.problems));
        }
    };
    let threads = options.workers.max(1);
    let (task_sender, task_receiver) = bounded(threads);
    let (outcome_sender, outcome_receiver) = bounded(threads);
    let taking = Arc::new(Taking {
        root: on.plan.root.clone(),
        programs,
        tree: Arc::clone(on.tree),
        is_gentle: true,
        tasks: task_receiver,
        outcomes: outcome_sender,
        cancel: on.outside.cancel.clone(),
        gave_up: AtomicBool::new(false),
        stopped: AtomicBool::new(false),
    });
    let (limit, cancel) = (on.time_limit, on.outside.cancel.clone());
    thread::scope(|scope| {
        let work = Arc::clone(&taking);
        let watcher = thread::Builder::new()
            .name("fingerprint-watch".into())
            .spawn_scoped(scope, move || {
                watch::run(&work, "fingerprint", threads, limit, &cancel);
            });
        let done = match watcher {
            Ok(_) => writer.write_all(&taking, &task_sender, &outcome_receiver),
            Err(source) => Err(ScanError::System {
                what: "start a thread",
                source,
            }),
        };
        taking.stop();
        drop(task_sender);
        drop(outcome_receiver);
        done
    })?;
    writer.tell();
    if taking.gave_up() {
        let mount = on.plan.root.clone();
        return Err(Refusal::Hung { mount }.into());
    }
    Ok((writer.counts, writer.problems))
}

impl Surface<'_> {
    fn write(&self, source: rusqlite::Error) -> ScanError {
        ScanError::Write {
            path: self.shard_path.to_path_buf(),
            source,
        }
    }
}

/// Gives tasks out and writes what comes of them: many at once, so that a transaction takes milliseconds.
struct Writer<'r> {
    on: &'r Surface<'r>,
    options: &'r FingerprintOptions,
    counts: FingerprintCounts,
    problems: ProblemCounts,
    waiting: Vec<(FingerprintTask, Box<Captured>)>,
    written: Instant,
}

impl Writer<'_> {
    fn write_all(
        &mut self,
        taking: &Taking,
        tasks: &Sender<FingerprintTask>,
        outcomes: &Receiver<(FingerprintTask, Outcome)>,
    ) -> Result<(), ScanError> {
        let rest = self.options.rest_on(self.on.performance.profile);
        let mut page = Vec::new().into_iter();
        let (mut after, mut in_flight, mut is_exhausted) = (0, 0_usize, false);
        let (mut given, mut shown) = (0_usize, Instant::now());
        while !(is_exhausted && in_flight == 0) {
            let is_stopping = self.on.outside.cancel.is_cancelled() || taking.gave_up();
            if is_stopping && in_flight == 0 {
                break;
            }
            while !is_stopping && !is_exhausted && !tasks.is_full() {
                let Some(task) = page.next() else {
                    page = rows::next_tasks(self.on.connection, after, 256)
                        .map_err(|source| self.on.write(source))?
                        .into_iter();
                    is_exhausted = page.len() == 0;
                    continue;
                };
                let task: FingerprintTask = task;
                after = task.seq;
                given += 1;
                if given.is_multiple_of(self.options.batch_files.max(1)) {
                    thread::sleep(rest);
                }
                in_flight += 1;
                if tasks.send(task).is_err() {
                    break;
                }
            }
            match outcomes.recv_timeout(TICK) {
                Ok((task, outcome)) => {
                    in_flight -= 1;
                    self.keep(task, outcome);
                }
                // Tasks that no worker took go unanswered once the workers leave.
                Err(RecvTimeoutError::Timeout) if is_stopping => break,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            let is_much = self.waiting.len() >= self.options.batch_files;
            if is_much || self.written.elapsed() >= LONGEST_WAIT {
                self.write()?;
            }
            if shown.elapsed() >= 4 * TICK {
                shown = Instant::now();
                self.tell();
            }
        }
        self.write()
    }

    fn keep(&mut self, task: FingerprintTask, outcome: Outcome) {
        match outcome {
            Outcome::Captured(captured) => self.waiting.push((task, captured)),
            Outcome::NotNow(problem) => {
                self.counts.left += 1;
                if let Some(problem) = problem {
                    self.problem(problem);
                }
            }
        }
    }

    fn problem(&mut self, problem: Problem) {
        *self.problems.entry(problem.kind).or_default() += 1;
        self.on.sink.event(Event::Problem(problem));
    }

    /// Writes what waits, in one transaction.
    fn write(&mut self) -> Result<(), ScanError> {
        self.written = Instant::now();
        if self.waiting.is_empty() {
            return Ok(());
        }
        let clock = Arc::clone(&self.on.outside.clock);
        let (now, now_us) = (clock.now_utc(), clock.now_us());
        let mut batch = Batch::new(self.on.connection, clock.as_ref());
        for (task, captured) in self.waiting.drain(..) {
            batch
                .begin_row()
                .and_then(|()| rows::save(self.on.connection, &task, &captured, &now, now_us))
                .map_err(|source| self.on.write(source))?;
            self.counts.done += 1;
            self.counts.video += u64::from(captured.tmk.is_some());
            self.counts.sound += u64::from(captured.sound.is_some());
            self.counts.keyframes += u64::from(captured.keyframes.is_some());
            self.counts.failed += u64::from(captured.failure.is_some());
        }
        batch.commit().map_err(|source| self.on.write(source))
    }

    fn tell(&self) {
        let seen = self.counts.done + self.counts.left + self.waiting.len() as u64;
        self.on.sink.event(Event::Progress(Progress {
            elapsed_s: self.on.began.elapsed().as_secs_f64(),
            files_seen: seen,
            av_seen: seen,
            total_av: self.counts.files,
            ..Progress::begun(Phase::Fingerprinting, self.counts.files)
        }));
    }
}
