//! Gives out the files of a round while the budget lasts, and judges what was read.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::{DamagedFile, MOST_TOLD, VerifyRequest, VerifyStatus, VerifySummary};
use crate::catalog::hashing::{Queue, ReadTask, Totals};
use crate::catalog::verify::{FileFinding, Finding, Verdict, VerifyWriter};
use crate::clock::utc_text;
use crate::event::{Event, Phase, Progress};
use crate::path::join;
use crate::problem::{Problem, ProblemCounts, ProblemKind};
use crate::profile::Performance;
use crate::scan::guard;
use crate::scan::pacing;
use crate::scan::pump::{Feed, TICK};
use crate::scan::read::Outcome;
use crate::scan::{Plan, ScanError, Surroundings};
use crate::tree::Tree;

const OTHER_BYTES: &str = "its bytes are not those that were hashed, though its size and time are the same: restore it from a copy, and look at the disk's health";

/// What is verified, and how.
#[derive(Clone, Copy)]
pub(super) struct Surface<'r> {
    pub(super) request: &'r VerifyRequest,
    pub(super) outside: &'r Surroundings,
    pub(super) plan: &'r Plan,
    pub(super) tree: &'r Arc<dyn Tree>,
    pub(super) performance: &'r Performance,
    pub(super) connection: &'r Connection,
    pub(super) shard_path: &'r Path,
}

/// See the module.
pub(super) struct VerifyFeed<'r> {
    on: Surface<'r>,
    writer: VerifyWriter<'r>,
    queue: Queue,
    began: Instant,
    shown: Instant,
    totals: Totals,
    given_bytes: u64,
    out_of_budget: bool,
    /// Files that the drive could not read: damage only if the drive itself is there.
    held: Vec<(ReadTask, Problem)>,
    damaged: Vec<FileFinding>,
    summary: VerifySummary,
}

impl<'r> VerifyFeed<'r> {
    pub(super) fn new(on: Surface<'r>, since_us: i64, totals: Totals) -> Self {
        let (coarse, clock) = (on.plan.volume.coarse_mtime, on.outside.clock.as_ref());
        Self {
            on,
            writer: VerifyWriter::new(on.connection, since_us, coarse, clock),
            queue: Queue::default(),
            began: Instant::now(),
            shown: Instant::now(),
            totals,
            given_bytes: 0,
            out_of_budget: false,
            held: Vec::new(),
            damaged: Vec::new(),
            summary: VerifySummary {
                drive_label: on.plan.drive.label.clone(),
                status: VerifyStatus::Done,
                round_started_utc: utc_text(since_us),
                read_files: 0,
                read_bytes: 0,
                sound: 0,
                first_hashes: 0,
                changed: 0,
                missing: 0,
                other_bytes: 0,
                unreadable: 0,
                left_files: totals.files,
                left_bytes: totals.bytes,
                findings: Vec::new(),
                problems: ProblemCounts::default(),
                duration_seconds: 0.0,
            },
        }
    }

    /// Writes what is left to be written, and returns what was found.
    pub(super) fn finish(
        mut self,
        done: Result<(), ScanError>,
        separator: char,
    ) -> Result<VerifySummary, ScanError> {
        if done.is_ok() && !self.held.is_empty() {
            self.check_presence()?;
        }
        self.writer.commit().map_err(|error| self.write(error))?;
        done?;
        let mut summary = self.summary;
        summary.status = if self.on.outside.cancel.is_cancelled() {
            VerifyStatus::Stopped
        } else if self.out_of_budget {
            VerifyStatus::OutOfBudget
        } else {
            VerifyStatus::Done
        };
        summary.duration_seconds = self.began.elapsed().as_secs_f64();
        summary.findings = self
            .damaged
            .into_iter()
            .map(|file| DamagedFile::new(&self.on.plan.drive, separator, file))
            .collect();
        Ok(summary)
    }

    fn write(&self, source: rusqlite::Error) -> ScanError {
        ScanError::Write {
            path: self.on.shard_path.to_path_buf(),
            source,
        }
    }

    fn problem(&mut self, problem: Problem) {
        *self.summary.problems.entry(problem.kind).or_default() += 1;
        self.on.outside.sink.event(Event::Problem(problem));
    }

    fn damage(&mut self, task: &ReadTask, finding: Finding) {
        if self.damaged.len() < MOST_TOLD {
            self.damaged.push(FileFinding {
                path: task.path.as_bytes().to_vec(),
                utc: self.on.outside.clock.now_utc(),
                finding,
                is_open: true,
            });
        }
    }

    fn judge(&mut self, task: &ReadTask, verdict: Verdict) {
        match verdict {
            Verdict::Sound => self.summary.sound += 1,
            Verdict::FirstHash => self.summary.first_hashes += 1,
            Verdict::Changed => self.summary.changed += 1,
            Verdict::OtherBytes { expected, found } => {
                self.summary.other_bytes += 1;
                self.problem(Problem {
                    kind: ProblemKind::OtherBytes,
                    path: join(&self.on.plan.root, &task.path),
                    detail: OTHER_BYTES.into(),
                });
                self.damage(task, Finding::other_bytes(expected, found));
            }
        }
    }

    /// The drive answers: what it could not read is damaged.
    fn settle_held(&mut self) -> Result<(), ScanError> {
        for (task, problem) in std::mem::take(&mut self.held) {
            let finding = self
                .writer
                .unreadable(&task, &problem.detail)
                .map_err(|error| self.write(error))?;
            self.summary.unreadable += 1;
            self.problem(problem);
            if let Some(finding) = finding {
                self.damage(&task, finding);
            }
        }
        Ok(())
    }

    fn done_with(&mut self, task: &ReadTask) {
        self.summary.left_files = self.summary.left_files.saturating_sub(1);
        let bytes = u64::try_from(task.size_bytes).unwrap_or(0);
        self.summary.left_bytes = self.summary.left_bytes.saturating_sub(bytes);
    }

    fn is_out_of_budget(&self) -> bool {
        let request = self.on.request;
        request
            .time_budget
            .is_some_and(|budget| self.began.elapsed() >= budget)
            || request
                .byte_budget
                .is_some_and(|budget| self.given_bytes >= budget)
    }
}

impl Feed for VerifyFeed<'_> {
    fn next(&mut self) -> Result<Option<ReadTask>, ScanError> {
        let task = self
            .queue
            .next(self.on.connection)
            .map_err(|error| self.write(error))?;
        if task.is_some() && self.is_out_of_budget() {
            self.out_of_budget = true;
            return Ok(None);
        }
        let bytes = task.as_ref().map_or(0, |task| task.size_bytes);
        self.given_bytes += u64::try_from(bytes).unwrap_or(0);
        Ok(task)
    }

    fn take(&mut self, task: &ReadTask, outcome: Outcome) -> Result<(), ScanError> {
        match outcome {
            Outcome::Cancelled => return Ok(()),
            Outcome::Read(result) => {
                self.settle_held()?;
                self.summary.read_files += 1;
                let verdict = self
                    .writer
                    .take(task, &result)
                    .map_err(|error| self.write(error))?;
                self.judge(task, verdict);
            }
            Outcome::Failed(problem) => match problem.kind {
                ProblemKind::Io => self.held.push((task.clone(), problem)),
                ProblemKind::ChangedWhileRead => self.summary.changed += 1,
                ProblemKind::Vanished => {
                    self.summary.missing += 1;
                    self.problem(problem);
                }
                _ => self.problem(problem),
            },
        }
        self.done_with(task);
        Ok(())
    }

    fn check_presence(&mut self) -> Result<(), ScanError> {
        self.writer.commit().map_err(|error| self.write(error))?;
        guard::check_presence(
            self.on.tree,
            &self.on.plan.root,
            self.on.request.options.time_limit,
        )?;
        self.settle_held()
    }

    fn tick(&mut self, bytes: u64) -> Result<(), ScanError> {
        let options = &self.on.request.options;
        let interval: Duration =
            pacing::batch_interval(options.batch_interval, self.on.performance.profile);
        self.writer
            .commit_if(options.batch_files, interval)
            .map_err(|error| self.write(error))?;
        self.summary.read_bytes = bytes;
        if self.shown.elapsed() >= 4 * TICK {
            self.shown = Instant::now();
            self.on.outside.sink.event(Event::Progress(self.progress()));
        }
        Ok(())
    }
}

impl VerifyFeed<'_> {
    fn progress(&self) -> Progress {
        Progress {
            elapsed_s: self.began.elapsed().as_secs_f64(),
            files_seen: self.totals.files.saturating_sub(self.summary.left_files),
            total_av: self.totals.av_files,
            bytes_done: self.summary.read_bytes,
            bytes_total: Some(self.totals.bytes),
            ..Progress::begun(Phase::Verifying, self.totals.files)
        }
    }
}
