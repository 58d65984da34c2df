//! The part of a scan in which files are read: hashed, their headers taken, or their beginnings looked at.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Instant;

use crossbeam_channel::{RecvTimeoutError, bounded};

use super::{FAILURES_BEFORE_DOUBT, Scan, TASKS_AHEAD, TICK};
use crate::catalog::hashing::{self, Pending, ReadOrder, ReadWriter, Written};
use crate::event::{Event, Phase, Sink};
use crate::problem::{Problem, ProblemKind};
use crate::profile::{Profile, RateController};
use crate::scan::pacing;
use crate::scan::read::{Outcome, ReadPlan, Reading};
use crate::scan::request::ScanError;
use crate::watch;

impl Scan<'_> {
    pub(super) fn read(&mut self, pending: Pending) -> Result<(), ScanError> {
        let order = match self.performance.profile {
            Profile::Hdd | Profile::Usb => ReadOrder::Inode,
            Profile::Ssd | Profile::Network => ReadOrder::Newest,
        };
        self.read.pending = hashing::fill_queue(self.connection, pending, order, &self.start()?)
            .map_err(|error| self.write(error))?;
        if self.read.pending.files == 0 {
            return Ok(());
        }
        let threads = self.performance.worker_threads;
        let (task_sender, task_receiver) = bounded(TASKS_AHEAD);
        let (result_sender, result_receiver) = bounded(TASKS_AHEAD);
        let read_plan = ReadPlan {
            root: self.plan.root.clone(),
            headers: pending != Pending::Sniff && self.request.options.media.headers,
            chunk_bytes: pacing::read_bytes(&self.performance),
            threads,
            keep_inodes: self.plan.volume.file_ids_are_stable,
        };
        let is_paced = self.performance.gentle_io || self.performance.profile == Profile::Network;
        let rate = is_paced
            .then(|| RateController::new(self.performance.profile, self.performance.gentle_io));
        let cancel = self.outside.cancel.clone();
        let reading = Arc::new(Reading::new(
            read_plan,
            Arc::clone(&self.tree),
            task_receiver,
            result_sender,
            rate,
            cancel.clone(),
        ));
        let clock = Arc::clone(&self.outside.clock);
        let connection = self.connection;
        let mut writer = ReadWriter::begin(connection, self.since_change, clock.as_ref())
            .map_err(|error| self.write(error))?;
        let limit = self.request.options.time_limit;
        thread::scope(|scope| {
            let work = Arc::clone(&reading);
            let watcher = thread::Builder::new()
                .name("read-watch".into())
                .spawn_scoped(scope, move || {
                    watch::run(&work, "read", threads, limit, &cancel);
                });
            let done = match watcher {
                Ok(_) => self.feed(&mut writer, &reading, &task_sender, &result_receiver),
                Err(source) => Err(ScanError::System {
                    what: "start a thread",
                    source,
                }),
            };
            reading.stop();
            drop(task_sender);
            drop(result_receiver);
            done
        })?;
        writer.commit().map_err(|error| self.write(error))?;
        self.progress(Phase::Hashing);
        Ok(())
    }

    /// Gives tasks out and writes results until there are none of either.
    fn feed(
        &mut self,
        writer: &mut ReadWriter<'_>,
        reading: &Reading,
        tasks: &crossbeam_channel::Sender<hashing::ReadTask>,
        results: &crossbeam_channel::Receiver<(hashing::ReadTask, Outcome)>,
    ) -> Result<(), ScanError> {
        let write = |path: &std::path::Path, error| ScanError::Write {
            path: path.to_path_buf(),
            source: error,
        };
        let path = self.shard_path.clone();
        let interval = pacing::batch_interval(
            self.request.options.batch_interval,
            self.performance.profile,
        );
        let mut page = Vec::new().into_iter();
        let (mut after, mut in_flight, mut is_exhausted, mut failures) = (0, 0_usize, false, 0_u32);
        let (mut shown, mut saved) = (Instant::now(), Instant::now());
        while !(is_exhausted && in_flight == 0) {
            let is_stopping = self.outside.cancel.is_cancelled() || reading.gave_up();
            if is_stopping && in_flight == 0 {
                break;
            }
            while !is_stopping && !is_exhausted && !tasks.is_full() {
                let Some(task) = page.next() else {
                    page = hashing::next_tasks(self.connection, after, 256)
                        .map_err(|error| write(&path, error))?
                        .into_iter();
                    is_exhausted = page.len() == 0;
                    continue;
                };
                let task: hashing::ReadTask = task;
                after = task.seq;
                // Known from before it was left out, and still there: not deleted, but not read either.
                if self.filter.hides(&task.path) {
                    continue;
                }
                in_flight += 1;
                if tasks.send(task).is_err() {
                    break;
                }
            }
            match results.recv_timeout(TICK) {
                Ok((task, outcome)) => {
                    in_flight -= 1;
                    failures = match outcome {
                        Outcome::Failed(ref problem)
                            if matches!(
                                problem.kind,
                                ProblemKind::Vanished | ProblemKind::Io | ProblemKind::Hung
                            ) =>
                        {
                            failures + 1
                        }
                        _ => 0,
                    };
                    self.take(writer, &task, outcome)
                        .map_err(|error| write(&path, error))?;
                    if failures >= FAILURES_BEFORE_DOUBT {
                        failures = 0;
                        writer.commit().map_err(|error| write(&path, error))?;
                        self.check_presence()?;
                    }
                    if saved.elapsed() >= self.request.options.checkpoint_interval {
                        saved = Instant::now();
                        self.save_state("hashing", &task.path)
                            .map_err(|error| write(&path, error))?;
                    }
                }
                // Tasks that no worker took go unanswered once the workers leave.
                Err(RecvTimeoutError::Timeout) if is_stopping => break,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            writer
                .commit_if(self.request.options.batch_files, interval)
                .map_err(|error| write(&path, error))?;
            self.read.bytes = reading.bytes.load(Ordering::Relaxed);
            if shown.elapsed() >= 4 * TICK {
                shown = Instant::now();
                self.progress(Phase::Hashing);
            }
        }
        writer.commit().map_err(|error| write(&path, error))?;
        if reading.gave_up() {
            return Err(self.hung());
        }
        Ok(())
    }

    fn take(
        &mut self,
        writer: &mut ReadWriter<'_>,
        task: &hashing::ReadTask,
        outcome: Outcome,
    ) -> rusqlite::Result<()> {
        let result = match outcome {
            Outcome::Read(result) => result,
            Outcome::Failed(problem) => {
                self.sink.event(Event::Problem(problem));
                return Ok(());
            }
            Outcome::Cancelled => return Ok(()),
        };
        if task.hash || !self.request.options.media.headers {
            self.read.files += 1;
            self.read.av_files += u64::from(task.kind.category.is_av());
        }
        if let Some(read) = &result.media {
            self.media.headers += u64::from(read.reader.is_some());
            self.media.faulty += u64::from(read.verdict.ok == Some(false));
        }
        match writer.take(task, &result)? {
            Written::Updated => {}
            Written::Moved => self.read.moved += 1,
            Written::SilentlyChanged => {
                self.read.silently_changed += 1;
                self.sink.event(Event::Problem(Problem {
                    kind: ProblemKind::Other,
                    path: crate::path::join(&self.plan.root, &task.path),
                    detail: "the content differs from the last hash, though size and time do not: the disk may be failing".into(),
                }));
            }
        }
        Ok(())
    }
}
