//! Work that takes a while, on a thread of its own: it says how far it is, can be stopped, and ends with an answer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use eframe::egui;
use videocatalog_core::cancel::CancelToken;

use crate::backend::Trouble;

/// Least time between two drawings for the sake of progress.
const FRAME: Duration = Duration::from_millis(100);

/// Starts a thread. A system that has none left lets the work panic where it is waited for, as if it had failed.
pub(crate) fn spawn(name: &str, work: impl FnOnce() + Send + 'static) {
    let started = std::thread::Builder::new().name(name.into()).spawn(work);
    drop(started);
}

/// How far some work is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// What it does, in words.
    pub line: String,
    /// How much of it is done, 0 to 1; unknown: `None`.
    pub share: Option<f32>,
}

/// Work that is under way, as those see it who only show or stop it.
pub struct Running {
    /// What it is, such as "Scanning Films B".
    pub title: String,
    /// Raised to stop it.
    pub cancel: CancelToken,
    told: Mutex<Told>,
    is_done: AtomicBool,
    context: egui::Context,
}

impl Running {
    /// Says how far it is.
    pub fn tell(&self, line: impl Into<String>, share: Option<f32>) {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = Told {
            line: line.into(),
            share,
        };
        self.context.request_repaint_after(FRAME);
    }

    /// Returns how far it is.
    pub fn told(&self) -> Told {
        self.told
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Returns whether it has ended.
    pub fn is_done(&self) -> bool {
        self.is_done.load(Ordering::Acquire)
    }
}

/// Work whose answer is waited for; dropped, it is stopped.
pub struct Job<T> {
    running: Arc<Running>,
    answer: Receiver<Result<T, Trouble>>,
}

impl<T: Send + 'static> Job<T> {
    /// Starts it. A panic of `work` is an error like others.
    pub fn start(
        title: impl Into<String>,
        context: &egui::Context,
        work: impl FnOnce(&Arc<Running>) -> Result<T, Trouble> + Send + 'static,
    ) -> Self {
        let running = Arc::new(Running {
            title: title.into(),
            cancel: CancelToken::new(),
            told: Mutex::default(),
            is_done: AtomicBool::new(false),
            context: context.clone(),
        });
        let (answered, answer) = sync_channel(1);
        let working = Arc::clone(&running);
        spawn("job", move || {
            let result = catch_unwind(AssertUnwindSafe(|| work(&working)));
            let result = result.unwrap_or_else(|_| Err(Trouble::bug(&working.title)));
            // Nobody waits any more if this fails.
            answered.send(result).ok();
            working.is_done.store(true, Ordering::Release);
            working.context.request_repaint();
        });
        Self { running, answer }
    }

    /// Returns how it ended, once.
    pub fn poll(&self) -> Option<Result<T, Trouble>> {
        self.answer.try_recv().ok()
    }

    /// Returns it as those see it who only show or stop it.
    pub fn running(&self) -> &Arc<Running> {
        &self.running
    }
}

impl<T> Drop for Job<T> {
    fn drop(&mut self) {
        self.running.cancel.cancel();
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn ended<T: Send + 'static>(job: &Job<T>) -> Result<T, Trouble> {
        loop {
            if let Some(result) = job.poll() {
                return result;
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn it_tells_and_stops_and_answers_once() {
        let context = egui::Context::default();
        let job = Job::start("Counting", &context, |running| {
            running.tell("one of two", Some(0.5));
            while !running.cancel.is_cancelled() {
                thread::yield_now();
            }
            Ok(42)
        });
        while job.running().told().share.is_none() {
            thread::yield_now();
        }
        assert_eq!(job.running().told().line, "one of two");
        assert!(!job.running().is_done() && job.poll().is_none());
        job.running().cancel.cancel();
        assert_eq!(ended(&job), Ok(42));
        assert!(job.poll().is_none());
    }

    #[test]
    fn a_panic_is_an_error() {
        let context = egui::Context::default();
        let job: Job<()> = Job::start("Falling", &context, |_| panic!("for the test"));
        let trouble = ended(&job).unwrap_err();
        assert!(trouble.message.contains("Falling"), "{trouble:?}");
    }
}
