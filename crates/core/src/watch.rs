//! Calls that may never return, kept from stopping everything else.
//!
//! A hung mount leaves a thread in the kernel that no signal reaches. So the calls that touch a drive run on detached
//! threads; each says when it enters and leaves a call, a watchdog abandons the thread whose call takes longer than the
//! time limit, reports its job as hung and starts another thread in its place. Past [`MOST_ABANDONED`] the whole volume
//! counts as hung. This is the one module with detached threads, and the reason for them.

use std::sync::atomic::{AtomicBool, AtomicIsize, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};

use crate::cancel::CancelToken;

/// How many calls may hang at once before the volume is given up.
pub const MOST_ABANDONED: isize = 8;

/// The watchdog looks this often, at most.
const TICK: Duration = Duration::from_millis(50);

const RUNNING: u64 = 0;
const IN_CALL: u64 = 1;
const ABANDONED: u64 = u64::MAX;

/// The thread was given up by the watchdog: it must drop what it has and end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abandoned;

/// What a worker thread tells the watchdog.
#[derive(Debug, Default)]
pub struct Post {
    /// Twice the number of calls so far, plus one while in a call; `ABANDONED` once given up.
    state: AtomicU64,
    /// What the call is about, such as a file name.
    note: Mutex<Vec<u8>>,
}

impl Post {
    /// Makes a call that may hang.
    ///
    /// # Errors
    /// [`Abandoned`] when it returned after the watchdog gave the thread up.
    pub fn call<T>(&self, call: impl FnOnce() -> T) -> Result<T, Abandoned> {
        let entered = self.state.load(Ordering::Relaxed) | IN_CALL;
        if entered == ABANDONED {
            return Err(Abandoned);
        }
        self.state.store(entered, Ordering::Release);
        let answer = call();
        // The watchdog may have given up in this very moment; exactly one of the two wins.
        match self
            .state
            .compare_exchange(entered, entered + 1, Ordering::AcqRel, Ordering::Acquire)
        {
            Ok(_) => Ok(answer),
            Err(_) => Err(Abandoned),
        }
    }

    /// Says what the next calls are about.
    pub fn set_note(&self, note: &[u8]) {
        let mut held = lock(&self.note);
        held.clear();
        held.extend_from_slice(note);
    }
}

/// Work that a [`run`] of threads does.
pub trait Work: Send + Sync + 'static {
    /// One piece of it.
    type Job: Clone + Send + 'static;

    /// Waits for the next job; `None` when there will be none.
    fn next(&self) -> Option<Self::Job>;

    /// Does a job, making every call that may hang through `post`.
    ///
    /// # Errors
    /// [`Abandoned`] as soon as a call returns it; nothing may be handed on after that.
    fn run(&self, job: Self::Job, post: &Post) -> Result<(), Abandoned>;

    /// Returns whether nothing is left to be done; asked when no thread is left.
    fn is_finished(&self) -> bool;

    /// Is told, once, that `job` hung in a call about `note`; the job will not be heard of again.
    fn hung(&self, job: Self::Job, note: &[u8]);

    /// Is told that too many calls hang: the volume does not answer any more.
    fn given_up(&self);
}

/// Waits for the next task of a channel; `None` when there will be none or the work is to stop.
pub fn next_task<J>(tasks: &Receiver<J>, is_stopping: impl Fn() -> bool) -> Option<J> {
    while !is_stopping() {
        match tasks.recv_timeout(Duration::from_millis(100)) {
            Ok(task) => return Some(task),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return None,
        }
    }
    None
}

struct Slot<J> {
    post: Post,
    job: Mutex<Option<J>>,
}

/// Does `work` on `threads` threads and returns when it is done, given up, or cancelled and no thread is left outside a
/// call. Blocks the calling thread, which is the watchdog.
pub fn run<W: Work>(
    work: &Arc<W>,
    name: &str,
    threads: usize,
    time_limit: Duration,
    cancel: &CancelToken,
) {
    let alive = Arc::new((Mutex::new(0_usize), Condvar::new()));
    let mut watched: Vec<Watched<W::Job>> = Vec::new();
    let stuck = Arc::new(AtomicIsize::new(0));
    for number in 0..threads.max(1) {
        start(work, &stuck, name, number, &alive, &mut watched);
    }
    let mut abandoned = 0_usize;
    loop {
        {
            let (count, changed) = &*alive;
            let living = lock(count);
            if *living == 0 {
                drop(living);
                // Threads that could not be started, or died, must not pass for work that was done.
                if !work.is_finished() && !cancel.is_cancelled() {
                    work.given_up();
                }
                return;
            }
            drop(
                changed
                    .wait_timeout(living, TICK.min(time_limit))
                    .unwrap_or_else(PoisonError::into_inner),
            );
        }
        // A user who wants to stop does not wait for a call that may never return.
        let limit = if cancel.is_cancelled() {
            time_limit.min(Duration::from_millis(500))
        } else {
            time_limit
        };
        let mut hung = Vec::new();
        watched.retain_mut(|thread| {
            let Some(note) = thread.look(limit) else {
                return true;
            };
            hung.push((Arc::clone(&thread.slot), note));
            false
        });
        for (slot, note) in hung {
            abandoned += 1;
            stuck.fetch_add(1, Ordering::Relaxed);
            if let Some(job) = lock(&slot.job).take() {
                work.hung(job, &note);
            }
            if stuck.load(Ordering::Relaxed) > MOST_ABANDONED && !cancel.is_cancelled() {
                work.given_up();
            } else if !cancel.is_cancelled() {
                start(
                    work,
                    &stuck,
                    name,
                    threads + abandoned,
                    &alive,
                    &mut watched,
                );
            }
            let (count, changed) = &*alive;
            *lock(count) -= 1;
            changed.notify_all();
        }
    }
}

struct Watched<J> {
    slot: Arc<Slot<J>>,
    seen: u64,
    since: Instant,
}

impl<J> Watched<J> {
    /// Gives the thread up if it is in the same call for longer than `limit`; returns its note then.
    fn look(&mut self, limit: Duration) -> Option<Vec<u8>> {
        let state = self.slot.post.state.load(Ordering::Acquire);
        if state != self.seen || state & IN_CALL == RUNNING {
            self.seen = state;
            self.since = Instant::now();
            return None;
        }
        if self.since.elapsed() < limit {
            return None;
        }
        let note = lock(&self.slot.post.note).clone();
        self.slot
            .post
            .state
            .compare_exchange(state, ABANDONED, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
            .then_some(note)
    }
}

fn start<W: Work>(
    work: &Arc<W>,
    stuck: &Arc<AtomicIsize>,
    name: &str,
    number: usize,
    alive: &Arc<(Mutex<usize>, Condvar)>,
    watched: &mut Vec<Watched<W::Job>>,
) {
    let slot = Arc::new(Slot {
        post: Post::default(),
        job: Mutex::new(None),
    });
    *lock(&alive.0) += 1;
    let spawned = {
        let (work, slot, alive) = (Arc::clone(work), Arc::clone(&slot), Arc::clone(alive));
        let stuck = Arc::clone(stuck);
        thread::Builder::new()
            .name(format!("{name}-{number}"))
            .spawn(move || {
                let leaving = Leaving {
                    work: work.as_ref(),
                    slot: slot.as_ref(),
                    alive: alive.as_ref(),
                };
                while let Some(job) = work.next() {
                    *lock(&slot.job) = Some(job.clone());
                    if work.run(job, &slot.post) == Err(Abandoned) {
                        // The watchdog has counted this thread out already; the call came back after all.
                        stuck.fetch_sub(1, Ordering::Relaxed);
                        std::mem::forget(leaving);
                        return;
                    }
                    *lock(&slot.job) = None;
                }
            })
    };
    if spawned.is_ok() {
        watched.push(Watched {
            slot,
            seen: 0,
            since: Instant::now(),
        });
    } else {
        *lock(&alive.0) -= 1;
    }
}

/// Counts a thread out however it ends; a job that a panic leaves behind is answered for, so that nobody waits for it.
struct Leaving<'a, W: Work> {
    work: &'a W,
    slot: &'a Slot<W::Job>,
    alive: &'a (Mutex<usize>, Condvar),
}

impl<W: Work> Drop for Leaving<'_, W> {
    fn drop(&mut self) {
        // A panic inside a call leaves the post as if still in it; the watchdog is not to count this thread twice.
        if self.slot.post.state.swap(RUNNING, Ordering::AcqRel) == ABANDONED {
            return;
        }
        if let Some(job) = lock(&self.slot.job).take() {
            let note = lock(&self.slot.post.note).clone();
            self.work.hung(job, &note);
        }
        *lock(&self.alive.0) -= 1;
        self.alive.1.notify_all();
    }
}

/// Makes one call that may hang on a thread of its own and returns its answer, or `None` if there was none within
/// `time_limit`; the thread is left behind then.
pub fn call<T: Send + 'static>(
    time_limit: Duration,
    call: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (sender, receiver) = crossbeam_channel::bounded(1);
    thread::Builder::new()
        .name("one-call".into())
        .spawn(move || {
            let _nobody_waits = sender.send(call());
        })
        .ok()?;
    receiver.recv_timeout(time_limit).ok()
}

/// A stack of jobs that make more jobs; empty only when nobody works on one any more.
#[derive(Debug)]
pub struct JobStack<J> {
    state: Mutex<StackState<J>>,
    changed: Condvar,
    closed: AtomicBool,
    waiting: AtomicUsize,
}

#[derive(Debug)]
struct StackState<J> {
    jobs: Vec<J>,
    active: usize,
}

impl<J> JobStack<J> {
    /// Returns a stack with one job.
    pub fn new(first: J) -> Self {
        Self {
            state: Mutex::new(StackState {
                jobs: vec![first],
                active: 0,
            }),
            changed: Condvar::new(),
            closed: AtomicBool::new(false),
            waiting: AtomicUsize::new(0),
        }
    }

    /// Puts jobs on top.
    pub fn push(&self, jobs: impl IntoIterator<Item = J>) {
        let mut state = lock(&self.state);
        let before = state.jobs.len();
        state.jobs.extend(jobs);
        let added = state.jobs.len() - before;
        drop(state);
        if added > 0 && self.waiting.load(Ordering::Relaxed) > 0 {
            self.changed.notify_all();
        }
    }

    /// Takes the top job, waiting while others may still push; `None` when all is done or the stack was closed. Each
    /// job taken must be answered by one [`JobStack::done`].
    pub fn pop(&self) -> Option<J> {
        let mut state = lock(&self.state);
        loop {
            if self.closed.load(Ordering::Relaxed) {
                return None;
            }
            if let Some(job) = state.jobs.pop() {
                state.active += 1;
                return Some(job);
            }
            if state.active == 0 {
                return None;
            }
            self.waiting.fetch_add(1, Ordering::Relaxed);
            state = self
                .changed
                .wait_timeout(state, TICK)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
            self.waiting.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Says that a job that was taken is finished and will push nothing more.
    pub fn done(&self) {
        let mut state = lock(&self.state);
        state.active = state.active.saturating_sub(1);
        if state.active == 0 {
            drop(state);
            self.changed.notify_all();
        }
    }

    /// Returns whether there is no job and nobody who works on one; also once closed.
    pub fn is_finished(&self) -> bool {
        let state = lock(&self.state);
        self.closed.load(Ordering::Relaxed) || (state.jobs.is_empty() && state.active == 0)
    }

    /// Makes every taker return.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        self.changed.notify_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Sleepy {
        jobs: JobStack<u32>,
        done: Mutex<Vec<u32>>,
        hung: Mutex<Vec<(u32, Vec<u8>)>>,
        gave_up: AtomicBool,
        never: fn(u32) -> bool,
    }

    impl Work for Sleepy {
        type Job = u32;

        fn next(&self) -> Option<u32> {
            self.jobs.pop()
        }

        fn is_finished(&self) -> bool {
            self.jobs.is_finished()
        }

        fn run(&self, job: u32, post: &Post) -> Result<(), Abandoned> {
            post.set_note(format!("job {job}").as_bytes());
            post.call(|| {
                while (self.never)(job) {
                    thread::park();
                }
            })?;
            lock(&self.done).push(job);
            self.jobs.done();
            Ok(())
        }

        fn hung(&self, job: u32, note: &[u8]) {
            lock(&self.hung).push((job, note.to_vec()));
            self.jobs.done();
        }

        fn given_up(&self) {
            self.gave_up.store(true, Ordering::Relaxed);
            self.jobs.close();
        }
    }

    fn run_sleepy(jobs: u32, never: fn(u32) -> bool) -> Arc<Sleepy> {
        let work = Arc::new(Sleepy {
            jobs: JobStack::new(0),
            done: Mutex::default(),
            hung: Mutex::default(),
            gave_up: AtomicBool::new(false),
            never,
        });
        work.jobs.push(1..jobs);
        run(
            &work,
            "sleepy",
            2,
            Duration::from_millis(60),
            &CancelToken::new(),
        );
        work
    }

    #[test]
    fn a_hung_call_is_reported_and_the_rest_is_done() {
        let work = run_sleepy(20, |job| job == 7);
        let mut done = lock(&work.done).clone();
        done.sort_unstable();
        assert_eq!(done, (0..20).filter(|&job| job != 7).collect::<Vec<_>>());
        assert_eq!(*lock(&work.hung), [(7, b"job 7".to_vec())]);
        assert!(!work.gave_up.load(Ordering::Relaxed));
    }

    #[test]
    fn too_many_hung_calls_end_it() {
        let work = run_sleepy(200, |_| true);
        assert!(work.gave_up.load(Ordering::Relaxed));
        assert!(lock(&work.hung).len() <= 10);
    }

    #[test]
    fn one_call_with_a_limit() {
        assert_eq!(call(Duration::from_mins(1), || 5), Some(5));
        assert_eq!(
            call(Duration::from_millis(20), || thread::sleep(
                Duration::from_secs(2)
            )),
            None
        );
    }
}
