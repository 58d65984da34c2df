//! A worker that answers the latest question only: what was asked before it is stopped or skipped.

use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use videocatalog_core::cancel::CancelToken;

use crate::job::spawn;

/// What is asked next: a newer question takes the place of one that nobody began to answer.
struct Desk<Q> {
    next: Mutex<Next<Q>>,
    changed: Condvar,
}

enum Next<Q> {
    Nothing,
    Question(Q, CancelToken),
    Closed,
}

impl<Q> Desk<Q> {
    fn put(&self, next: Next<Q>) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = next;
        self.changed.notify_one();
    }

    /// Waits for a question; `None`: there will be none any more.
    fn take(&self) -> Option<(Q, CancelToken)> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match std::mem::replace(&mut *next, Next::Nothing) {
                Next::Question(question, cancel) => return Some((question, cancel)),
                Next::Closed => return None,
                Next::Nothing => {}
            }
            next = self
                .changed
                .wait(next)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Asks questions and collects answers; dropped, it stops what is under way.
pub struct Latest<Q, A> {
    desk: Arc<Desk<Q>>,
    answers: Receiver<(Q, CancelToken, A)>,
    running: Option<CancelToken>,
}

impl<Q: Send + 'static, A: Send + 'static> Latest<Q, A> {
    /// Starts the worker; `wake` is called when an answer is there.
    pub fn new(
        mut answer: impl FnMut(&Q, &CancelToken) -> A + Send + 'static,
        wake: impl Fn() + Send + 'static,
    ) -> Self {
        let desk = Arc::new(Desk {
            next: Mutex::new(Next::Nothing),
            changed: Condvar::new(),
        });
        let (answered, answers) = sync_channel(1);
        let asked = Arc::clone(&desk);
        spawn("answers", move || {
            while let Some((question, cancel)) = asked.take() {
                let answer = answer(&question, &cancel);
                if cancel.is_cancelled() {
                    continue;
                }
                if answered.send((question, cancel, answer)).is_err() {
                    break;
                }
                wake();
            }
        });
        Self {
            desk,
            answers,
            running: None,
        }
    }

    /// Asks; what was asked before is of no interest any more.
    pub fn ask(&mut self, question: Q) {
        let cancel = CancelToken::new();
        if let Some(before) = self.running.replace(cancel.clone()) {
            before.cancel();
        }
        self.desk.put(Next::Question(question, cancel));
    }

    /// Returns the answer to the latest question, with it, if it is there.
    pub fn poll(&mut self) -> Option<(Q, A)> {
        while let Ok((question, cancel, answer)) = self.answers.try_recv() {
            if !cancel.is_cancelled() {
                self.running = None;
                return Some((question, answer));
            }
        }
        None
    }

    /// Returns whether an answer is still to come.
    pub fn is_busy(&self) -> bool {
        self.running.is_some()
    }
}

impl<Q, A> Drop for Latest<Q, A> {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.cancel();
        }
        self.desk.put(Next::Closed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;
    use std::thread;

    use super::*;

    #[test]
    fn only_the_latest_question_is_answered() {
        let (woken, wake) = sync_channel(8);
        let (began, begin) = sync_channel(8);
        let mut latest = Latest::new(
            move |question: &u32, cancel: &CancelToken| {
                began.send(*question).unwrap();
                while *question == 1 && !cancel.is_cancelled() {
                    thread::yield_now();
                }
                question * 10
            },
            move || woken.send(()).unwrap(),
        );
        assert!(!latest.is_busy());
        latest.ask(1);
        assert_eq!(begin.recv().unwrap(), 1);
        assert!(latest.is_busy() && latest.poll().is_none());
        latest.ask(2);
        wake.recv().unwrap();
        assert_eq!(latest.poll(), Some((2, 20)));
        assert!(!latest.is_busy() && latest.poll().is_none());
    }
}
