//! Capturing of one file at a time, on watched threads.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};

use super::capture::{CaptureError, Captured, Source, capture};
use super::programs::Programs;
use crate::cancel::CancelToken;
use crate::catalog::fingerprints::FingerprintTask;
use crate::path::join;
use crate::problem::{Problem, ProblemKind};
use crate::tools::{Limits, StreamError, ToolError};
use crate::tree::{FileStat, Tree};
use crate::watch::{self, Abandoned, Post, Work};

/// A film may take as long as it plays: a machine that decodes slower than that is too slow for it.
const SLOWEST: Duration = Duration::from_mins(30);

/// What became of a file.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It was decoded as far as it can be.
    Captured(Box<Captured>),
    /// Not now: it is tried again another time.
    NotNow(Option<Problem>),
}

/// The capturing itself; [`crate::watch::run`] gives it threads.
pub(super) struct Taking {
    pub(super) root: PathBuf,
    pub(super) programs: Programs,
    pub(super) tree: Arc<dyn Tree>,
    pub(super) is_gentle: bool,
    pub(super) tasks: Receiver<FingerprintTask>,
    pub(super) outcomes: Sender<(FingerprintTask, Outcome)>,
    pub(super) cancel: CancelToken,
    pub(super) gave_up: AtomicBool,
    pub(super) stopped: AtomicBool,
}

impl Taking {
    /// Returns whether the drive stopped answering.
    pub(super) fn gave_up(&self) -> bool {
        self.gave_up.load(Ordering::Relaxed)
    }

    /// Sends every worker home.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    fn is_stopping(&self) -> bool {
        self.cancel.is_cancelled() || self.gave_up() || self.stopped.load(Ordering::Relaxed)
    }

    fn take(&self, task: &FingerprintTask, post: &Post) -> Result<Outcome, Abandoned> {
        let path = join(&self.root, &task.path);
        let before = match self.stat(task, post)? {
            Ok(stat) => stat,
            Err(problem) => return Ok(Outcome::NotNow(Some(problem))),
        };
        if i64::try_from(before.size_bytes) != Ok(task.size_bytes) {
            return Ok(Outcome::NotNow(Some(changed(path))));
        }
        let source = Source {
            path: &path,
            duration_s: task.duration_s,
            has_sound: task.has_sound,
            size: task.size,
        };
        let length = Duration::try_from_secs_f64(task.duration_s.unwrap_or(0.0));
        let limits = Limits {
            timeout: SLOWEST.max(length.unwrap_or(SLOWEST)),
            cancel: self.cancel.clone(),
            is_gentle: self.is_gentle,
        };
        let captured = match capture(&self.programs, &source, task.wanted, &limits) {
            Ok(captured) => captured,
            Err(error) => return Ok(judge(&path, &error)),
        };
        Ok(match self.stat(task, post)? {
            Ok(after)
                if after.size_bytes == before.size_bytes && after.mtime_us == before.mtime_us =>
            {
                Outcome::Captured(Box::new(captured))
            }
            Ok(_) => Outcome::NotNow(Some(changed(path))),
            Err(problem) => Outcome::NotNow(Some(problem)),
        })
    }

    fn stat(
        &self,
        task: &FingerprintTask,
        post: &Post,
    ) -> Result<Result<FileStat, Problem>, Abandoned> {
        let stat = post.call(|| self.tree.stat(&task.path))?;
        Ok(stat.map_err(|error| Problem {
            kind: ProblemKind::of(&error),
            path: join(&self.root, &task.path),
            detail: error.to_string(),
        }))
    }
}

/// What ffmpeg takes too long for, it would take too long for another time as well.
fn judge(path: &Path, error: &CaptureError) -> Outcome {
    let kind = match error {
        CaptureError::Stream(StreamError::Cancelled { .. }) => return Outcome::NotNow(None),
        CaptureError::Stream(StreamError::Tool(ToolError::Timeout { .. })) => {
            return Outcome::Captured(Box::new(Captured {
                failure: Some(error.to_string()),
                ..Captured::default()
            }));
        }
        CaptureError::Stream(_) | CaptureError::Scratch(_) => ProblemKind::Other,
    };
    Outcome::NotNow(Some(Problem {
        kind,
        path: path.to_path_buf(),
        detail: error.to_string(),
    }))
}

fn changed(path: PathBuf) -> Problem {
    Problem {
        kind: ProblemKind::ChangedWhileRead,
        path,
        detail: "it was written to since it was scanned: scan the drive".into(),
    }
}

impl Work for Taking {
    type Job = FingerprintTask;

    fn is_finished(&self) -> bool {
        self.tasks.is_empty() || self.is_stopping()
    }

    fn next(&self) -> Option<FingerprintTask> {
        watch::next_task(&self.tasks, || self.is_stopping())
    }

    fn run(&self, task: FingerprintTask, post: &Post) -> Result<(), Abandoned> {
        let outcome = self.take(&task, post)?;
        // A writer that failed no longer listens; the channel of tasks ends with it.
        let _nobody_listens = self.outcomes.send((task, outcome));
        Ok(())
    }

    fn hung(&self, task: FingerprintTask, _note: &[u8]) {
        let problem = (!self.cancel.is_cancelled()).then(|| Problem {
            kind: ProblemKind::Hung,
            path: join(&self.root, &task.path),
            detail: "a read did not return within the time limit and was abandoned".into(),
        });
        let _nobody_listens = self.outcomes.send((task, Outcome::NotNow(problem)));
    }

    fn given_up(&self) {
        self.gave_up.store(true, Ordering::Relaxed);
    }
}
