//! Keeps readers busy: gives files out, and hands what came of them to whoever asked for it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::pacing;
use super::plan::Plan;
use super::read::{Outcome, ReadPlan, Reading};
use super::request::{Refusal, ScanError};
use crate::cancel::CancelToken;
use crate::catalog::hashing::ReadTask;
use crate::problem::ProblemKind;
use crate::profile::{Performance, Profile, RateController};
use crate::tree::Tree;
use crate::watch;

/// The writer looks up this often when nothing arrives: for commits, progress and the wish to stop.
pub(crate) const TICK: Duration = Duration::from_millis(50);

/// Files given out ahead of time, where nobody minds that all of them are read.
pub(crate) const TASKS_AHEAD: usize = 256;

/// After so many failures in a row the drive itself is looked at.
const FAILURES_BEFORE_DOUBT: u32 = 16;

/// Who wants files read.
pub(crate) trait Feed {
    /// Returns the next file; `None`: no more are given out.
    fn next(&mut self) -> Result<Option<ReadTask>, ScanError>;

    /// Takes what became of one.
    fn take(&mut self, task: &ReadTask, outcome: Outcome) -> Result<(), ScanError>;

    /// Asks whether the drive is still there, after many failures in a row.
    fn check_presence(&mut self) -> Result<(), ScanError>;

    /// Is called often, with the bytes read so far: for commits and progress.
    fn tick(&mut self, bytes: u64) -> Result<(), ScanError>;
}

/// How files are read, and from where.
pub(crate) struct Pump<'a> {
    /// The drive.
    pub(crate) plan: &'a Plan,
    /// Its files.
    pub(crate) tree: Arc<dyn Tree>,
    /// How hard it is worked.
    pub(crate) performance: &'a Performance,
    /// Whether headers are read of what turns out to be media.
    pub(crate) headers: bool,
    /// Whether bytes that the system keeps in memory are read from the drive all the same.
    pub(crate) past_cache: bool,
    /// Files given out ahead of time.
    pub(crate) ahead: usize,
    /// Time limit of one call.
    pub(crate) time_limit: Duration,
    /// Who may stop it.
    pub(crate) cancel: CancelToken,
}

impl Pump<'_> {
    /// Reads until `feed` has no more files, or the user wants to stop.
    ///
    /// # Errors
    /// What `feed` says, or that the volume does not answer.
    pub(crate) fn run(self, feed: &mut dyn Feed) -> Result<(), ScanError> {
        let threads = self.performance.worker_threads;
        let (task_sender, task_receiver) = bounded(self.ahead);
        let (result_sender, result_receiver) = bounded(self.ahead);
        let read_plan = ReadPlan {
            root: self.plan.root.clone(),
            headers: self.headers,
            past_cache: self.past_cache,
            chunk_bytes: pacing::read_bytes(self.performance),
            threads,
            keep_inodes: self.plan.volume.file_ids_are_stable,
        };
        let profile = self.performance.profile;
        let is_gentle = self.performance.gentle_io;
        let rate = (is_gentle || profile == Profile::Network)
            .then(|| RateController::new(profile, is_gentle));
        let reading = Arc::new(Reading::new(
            read_plan,
            Arc::clone(&self.tree),
            task_receiver,
            result_sender,
            rate,
            self.cancel.clone(),
        ));
        thread::scope(|scope| {
            let work = Arc::clone(&reading);
            let (limit, cancel) = (self.time_limit, self.cancel.clone());
            let watcher = thread::Builder::new()
                .name("read-watch".into())
                .spawn_scoped(scope, move || {
                    watch::run(&work, "read", threads, limit, &cancel);
                });
            let done = match watcher {
                Ok(_) => self.feed(feed, &reading, &task_sender, &result_receiver),
                Err(source) => Err(ScanError::System {
                    what: "start a thread",
                    source,
                }),
            };
            reading.stop();
            drop(task_sender);
            drop(result_receiver);
            done
        })
    }

    /// Gives tasks out and takes results until there are none of either.
    fn feed(
        &self,
        feed: &mut dyn Feed,
        reading: &Reading,
        tasks: &Sender<ReadTask>,
        results: &Receiver<(ReadTask, Outcome)>,
    ) -> Result<(), ScanError> {
        let (mut in_flight, mut is_exhausted, mut failures) = (0_usize, false, 0_u32);
        while !(is_exhausted && in_flight == 0) {
            let is_stopping = self.cancel.is_cancelled() || reading.gave_up();
            if is_stopping && in_flight == 0 {
                break;
            }
            while !is_stopping && !is_exhausted && !tasks.is_full() {
                let Some(task) = feed.next()? else {
                    is_exhausted = true;
                    break;
                };
                in_flight += 1;
                if tasks.send(task).is_err() {
                    break;
                }
            }
            match results.recv_timeout(TICK) {
                Ok((task, outcome)) => {
                    in_flight -= 1;
                    failures = if is_failure(&outcome) {
                        failures + 1
                    } else {
                        0
                    };
                    feed.take(&task, outcome)?;
                    if failures >= FAILURES_BEFORE_DOUBT {
                        failures = 0;
                        feed.check_presence()?;
                    }
                }
                // Tasks that no worker took go unanswered once the workers leave.
                Err(RecvTimeoutError::Timeout) if is_stopping => break,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            feed.tick(reading.bytes.load(Ordering::Relaxed))?;
        }
        if reading.gave_up() {
            return Err(Refusal::Hung {
                mount: self.plan.root.clone(),
            }
            .into());
        }
        Ok(())
    }
}

/// Whether it may be the drive, not the file.
fn is_failure(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failed(problem)
        if matches!(problem.kind, ProblemKind::Vanished | ProblemKind::Io | ProblemKind::Hung))
}
