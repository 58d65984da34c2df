//! Making reports, one after the other; each is shown as soon as it is there.

use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Instant;

use videocatalog_core::report::document::Subject;

use crate::backend::Trouble;
use crate::backend::reporting::{Question, Report};
use crate::job::Job;
use crate::shell::Shell;
use crate::widgets::ratio;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ended {
    /// How long it took, in milliseconds.
    pub(super) elapsed_ms: f64,
    /// Whether it was stopped before all were there.
    pub(super) is_stopped: bool,
}

/// A run that is under way.
pub(super) struct Run {
    job: Job<Ended>,
    reports: Receiver<Report>,
}

impl Run {
    /// Starts one.
    pub(super) fn start(questions: Vec<Question>, shell: &mut Shell) -> Self {
        let (made, reports) = sync_channel(Subject::ALL.len());
        let job = shell.start("Making reports", move |backend, running| {
            let began = Instant::now();
            let ended = |is_stopped| Ended {
                elapsed_ms: began.elapsed().as_secs_f64() * 1_000.0,
                is_stopped,
            };
            let count = questions.len();
            for (index, question) in questions.iter().enumerate() {
                running.tell(
                    about(question.subject),
                    Some(ratio(index as u64, count as u64)),
                );
                let report = backend.report(question, &running.cancel)?;
                let Some(report) = report.filter(|_| !running.cancel.is_cancelled()) else {
                    return Ok(ended(true));
                };
                // Nobody waits any more if this fails.
                if made.send(report).is_err() {
                    return Ok(ended(true));
                }
            }
            Ok(ended(false))
        });
        Self { job, reports }
    }

    /// Stops it.
    pub(super) fn stop(&self) {
        self.job.running().cancel.cancel();
    }

    /// Returns whether it was told to stop.
    pub(super) fn is_stopping(&self) -> bool {
        self.job.running().cancel.is_cancelled()
    }

    /// Returns what it does.
    pub(super) fn line(&self) -> String {
        self.job.running().told().line
    }

    /// Returns how it ended, if it did, and the reports that came since the last call.
    pub(super) fn poll(&self) -> (Option<Result<Ended, Trouble>>, Vec<Report>) {
        // In this order: whatever was made before the end is there once the end is.
        let ended = self.job.poll();
        (ended, self.reports.try_iter().collect())
    }
}

fn about(subject: Subject) -> &'static str {
    match subject {
        Subject::Five => "Adding up files and folders",
        Subject::Media => "Looking at films and sound",
        Subject::Duplicates => "Looking for duplicates",
        Subject::SingleCopies => "Looking for single copies",
        Subject::Space => "Looking for space",
        Subject::Changes => "Reading what scans did",
    }
}
