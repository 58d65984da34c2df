//! A sink that counts problems on their way to the face.

use std::sync::{Arc, Mutex, PoisonError};

use crate::event::{Event, Sink};
use crate::problem::{ProblemCounts, ProblemKind};

/// Passes every event on and keeps count of the problems.
pub(crate) struct CountingSink {
    next: Arc<dyn Sink>,
    counts: Mutex<ProblemCounts>,
}

impl CountingSink {
    /// Returns a sink that passes events to `next`.
    pub(crate) fn new(next: Arc<dyn Sink>) -> Self {
        Self {
            next,
            counts: Mutex::default(),
        }
    }

    /// Returns how many problems of a kind there were.
    pub(crate) fn count(&self, kind: ProblemKind) -> u64 {
        self.counts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&kind)
            .copied()
            .unwrap_or(0)
    }

    /// Returns how many problems there were of each kind.
    pub(crate) fn counts(&self) -> ProblemCounts {
        self.counts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Sink for CountingSink {
    fn event(&self, event: Event) {
        if let Event::Problem(problem) = &event {
            *self
                .counts
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .entry(problem.kind)
                .or_default() += 1;
        }
        self.next.event(event);
    }
}
