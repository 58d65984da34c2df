//! The part of a scan in which files are read: hashed, their headers taken, or their beginnings looked at.

use std::sync::Arc;
use std::time::Instant;

use super::Scan;
use crate::catalog::hashing::{self, Pending, Queue, ReadOrder, ReadTask, ReadWriter, Written};
use crate::event::{Event, Phase, Sink};
use crate::problem::{Problem, ProblemKind};
use crate::profile::Profile;
use crate::scan::pacing;
use crate::scan::pump::{Feed, Pump, TASKS_AHEAD, TICK};
use crate::scan::read::Outcome;
use crate::scan::request::ScanError;

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
        let clock = Arc::clone(&self.outside.clock);
        let coarse = self.plan.volume.coarse_mtime;
        let writer = ReadWriter::begin(self.connection, self.since_change, coarse, clock.as_ref())
            .map_err(|error| self.write(error))?;
        let (plan, performance) = (self.plan.clone(), self.performance.clone());
        let pump = Pump {
            plan: &plan,
            tree: Arc::clone(&self.tree),
            performance: &performance,
            headers: pending != Pending::Sniff && self.request.options.media.headers,
            past_cache: false,
            ahead: TASKS_AHEAD,
            time_limit: self.request.options.time_limit,
            cancel: self.outside.cancel.clone(),
        };
        let (shown, saved) = (Instant::now(), Instant::now());
        let mut feed = ScanFeed {
            scan: self,
            writer,
            queue: Queue::default(),
            shown,
            saved,
        };
        let done = pump.run(&mut feed);
        feed.commit()?;
        done?;
        self.progress(Phase::Hashing);
        Ok(())
    }
}

/// Gives out what the scan has to read, and writes what was read.
struct ScanFeed<'s, 'a, 'c> {
    scan: &'s mut Scan<'a>,
    writer: ReadWriter<'c>,
    queue: Queue,
    shown: Instant,
    saved: Instant,
}

impl ScanFeed<'_, '_, '_> {
    fn commit(&mut self) -> Result<(), ScanError> {
        self.writer.commit().map_err(|error| self.scan.write(error))
    }

    fn written(&mut self, task: &ReadTask, written: Written) {
        match written {
            Written::Updated => {}
            Written::Moved => self.scan.read.moved += 1,
            Written::SilentlyChanged => {
                self.scan.read.silently_changed += 1;
                self.scan.sink.event(Event::Problem(Problem {
                    kind: ProblemKind::OtherBytes,
                    path: crate::path::join(&self.scan.plan.root, &task.path),
                    detail: "the content differs from the last hash, though size and time do not: the disk may be failing".into(),
                }));
            }
        }
    }
}

impl Feed for ScanFeed<'_, '_, '_> {
    fn next(&mut self) -> Result<Option<ReadTask>, ScanError> {
        loop {
            let task = self
                .queue
                .next(self.scan.connection)
                .map_err(|error| self.scan.write(error))?;
            // Known from before it was left out, and still there: not deleted, but not read either.
            if task
                .as_ref()
                .is_none_or(|task| !self.scan.filter.hides(&task.path))
            {
                return Ok(task);
            }
        }
    }

    fn take(&mut self, task: &ReadTask, outcome: Outcome) -> Result<(), ScanError> {
        let result = match outcome {
            Outcome::Read(result) => result,
            Outcome::Failed(problem) => {
                self.scan.sink.event(Event::Problem(problem));
                return Ok(());
            }
            Outcome::Cancelled => return Ok(()),
        };
        if task.hash || !self.scan.request.options.media.headers {
            self.scan.read.files += 1;
            self.scan.read.av_files += u64::from(task.kind.category.is_av());
        }
        if let Some(read) = &result.media {
            self.scan.media.headers += u64::from(read.reader.is_some());
            self.scan.media.faulty += u64::from(read.verdict.ok == Some(false));
        }
        let written = self
            .writer
            .take(task, &result)
            .map_err(|error| self.scan.write(error))?;
        self.written(task, written);
        if self.saved.elapsed() >= self.scan.request.options.checkpoint_interval {
            self.saved = Instant::now();
            self.scan
                .save_state("hashing", &task.path)
                .map_err(|error| self.scan.write(error))?;
        }
        Ok(())
    }

    fn check_presence(&mut self) -> Result<(), ScanError> {
        self.commit()?;
        self.scan.check_presence()
    }

    fn tick(&mut self, bytes: u64) -> Result<(), ScanError> {
        let interval = pacing::batch_interval(
            self.scan.request.options.batch_interval,
            self.scan.performance.profile,
        );
        self.writer
            .commit_if(self.scan.request.options.batch_files, interval)
            .map_err(|error| self.scan.write(error))?;
        self.scan.read.bytes = bytes;
        if self.shown.elapsed() >= 4 * TICK {
            self.shown = Instant::now();
            self.scan.progress(Phase::Hashing);
        }
        Ok(())
    }
}
