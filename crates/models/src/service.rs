//! A loaded model on threads of its own: whoever asks it waits no longer than they want to.
//!
//! What runs a model cannot be interrupted from outside. A call that takes too long is left behind, together with its
//! thread, and the service refuses whatever comes after the last thread was lost.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, SendTimeoutError, Sender, bounded};

use crate::runtime::{ModelError, Provider, Session};
use crate::tensor::{Port, Tensor};

/// How often somebody who waits looks whether they were stopped.
const TICK: Duration = Duration::from_millis(100);

type Answer = Result<Vec<Tensor>, ModelError>;

struct Call {
    inputs: Vec<(String, Tensor)>,
    reply: Sender<Answer>,
    /// When a thread took it; shared with whoever waits for the answer.
    taken: Arc<OnceLock<Instant>>,
}

/// Since when a thread has been at work; `None`: it waits for a call.
#[derive(Debug, Default)]
struct Bench(Mutex<Option<Instant>>);

impl Bench {
    fn since(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether its thread has been at one call for longer than any may take.
    fn is_lost(&self, limit: Duration) -> bool {
        self.since().is_some_and(|since| since.elapsed() > limit)
    }
}

/// A model that can be asked from several threads.
#[derive(Clone, Debug)]
pub struct Service {
    calls: Sender<Call>,
    benches: Arc<[Bench]>,
    inputs: Vec<Port>,
    provider: Provider,
    limit: Duration,
}

impl Service {
    /// Gives each session a thread. A call may take as long as `limit`, waiting for its turn not counted.
    ///
    /// # Errors
    /// When the system has no thread left, or there is no session.
    pub fn start(sessions: Vec<Box<dyn Session>>, limit: Duration) -> io::Result<Self> {
        let first = sessions
            .first()
            .ok_or_else(|| io::Error::other("a model needs a session"))?;
        let inputs = first.inputs().to_vec();
        let provider = first.provider();
        // As many wait as are at work; the others wait to be let in.
        let (calls, queue) = bounded::<Call>(sessions.len());
        let benches: Arc<[Bench]> = sessions.iter().map(|_| Bench::default()).collect();
        for (place, session) in sessions.into_iter().enumerate() {
            let (queue, benches) = (queue.clone(), Arc::clone(&benches));
            thread::Builder::new().name("model".into()).spawn(move || {
                if let Some(bench) = benches.get(place) {
                    serve(session, &queue, bench);
                }
            })?;
        }
        Ok(Self {
            calls,
            benches,
            inputs,
            provider,
            limit,
        })
    }

    /// Returns what goes in.
    pub fn inputs(&self) -> &[Port] {
        &self.inputs
    }

    /// Returns who computed when it was loaded.
    pub const fn provider(&self) -> Provider {
        self.provider
    }

    /// Runs the model once.
    ///
    /// # Errors
    /// What the model says, that it takes too long, or that `is_stopped` said so while it was waited for.
    pub fn run(&self, inputs: Vec<(String, Tensor)>, is_stopped: &dyn Fn() -> bool) -> Answer {
        let (reply, answer) = bounded(1);
        let taken = Arc::new(OnceLock::new());
        let mut call = Call {
            inputs,
            reply,
            taken: Arc::clone(&taken),
        };
        loop {
            self.check(is_stopped, None)?;
            match self.calls.send_timeout(call, TICK) {
                Ok(()) => break,
                Err(SendTimeoutError::Disconnected(_)) => {
                    return Err(ModelError::Run("it is not running any more".into()));
                }
                Err(SendTimeoutError::Timeout(back)) => call = back,
            }
        }
        loop {
            match answer.recv_timeout(TICK) {
                Ok(answer) => return answer,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(ModelError::Run("it broke off".into()));
                }
                Err(RecvTimeoutError::Timeout) => self.check(is_stopped, taken.get())?,
            }
        }
    }

    /// Returns why a call is not waited for any longer; `taken`: since when a thread is at it.
    fn check(
        &self,
        is_stopped: &dyn Fn() -> bool,
        taken: Option<&Instant>,
    ) -> Result<(), ModelError> {
        if is_stopped() {
            return Err(ModelError::Stopped);
        }
        match taken {
            Some(since) if since.elapsed() > self.limit => {
                Err(ModelError::TooLong(self.limit.as_secs()))
            }
            // Nobody is left who could take it.
            None if self.benches.iter().all(|bench| bench.is_lost(self.limit)) => {
                Err(ModelError::Run("it does not answer any more".into()))
            }
            _ => Ok(()),
        }
    }
}

fn serve(mut session: Box<dyn Session>, queue: &Receiver<Call>, bench: &Bench) {
    while let Ok(call) = queue.recv() {
        // Whoever asked may have stopped waiting while this thread was thought to be lost.
        if Arc::strong_count(&call.taken) == 1 {
            continue;
        }
        let now = Instant::now();
        *bench.since() = Some(now);
        call.taken.get_or_init(|| now);
        let ran = catch_unwind(AssertUnwindSafe(|| session.run(call.inputs)));
        *bench.since() = None;
        let answer = ran.unwrap_or_else(|_| Err(ModelError::Run("it broke off".into())));
        drop(call.reply.send(answer));
    }
}

/// A session on a graphics card that goes on with the processor, once and for good, when the card fails or is to be left.
pub struct Falling<L, T, W> {
    session: Box<dyn Session>,
    load_other: L,
    tell: T,
    is_left: W,
    has_fallen: bool,
}

impl<L, T, W> Falling<L, T, W>
where
    L: FnMut() -> Result<Box<dyn Session>, ModelError> + Send,
    T: FnMut(&ModelError) + Send,
    W: FnMut() -> bool + Send,
{
    /// `load_other` loads the same model for the processor; `tell` hears that the card failed at what the processor could
    /// do; `is_left` is asked before each run whether the card is to be left, for whatever reason.
    pub fn new(session: Box<dyn Session>, load_other: L, tell: T, is_left: W) -> Self {
        let has_fallen = session.provider() == Provider::Cpu;
        Self {
            session,
            load_other,
            tell,
            is_left,
            has_fallen,
        }
    }

    fn fall(&mut self, other: Box<dyn Session>) {
        self.session = other;
        self.has_fallen = true;
    }
}

impl<L, T, W> Session for Falling<L, T, W>
where
    L: FnMut() -> Result<Box<dyn Session>, ModelError> + Send,
    T: FnMut(&ModelError) + Send,
    W: FnMut() -> bool + Send,
{
    fn inputs(&self) -> &[Port] {
        self.session.inputs()
    }

    fn outputs(&self) -> &[Port] {
        self.session.outputs()
    }

    fn provider(&self) -> Provider {
        self.session.provider()
    }

    fn run(&mut self, inputs: Vec<(String, Tensor)>) -> Answer {
        if !self.has_fallen && (self.is_left)() {
            let other = (self.load_other)()?;
            self.fall(other);
        }
        if self.has_fallen {
            return self.session.run(inputs);
        }
        let error = match self.session.run(inputs.clone()) {
            Err(error @ ModelError::Run(_)) => error,
            answer => return answer,
        };
        let mut other = (self.load_other)()?;
        let answer = other.run(inputs);
        // What the processor cannot do either is not the card's fault.
        if !matches!(answer, Err(ModelError::Run(_))) {
            (self.tell)(&error);
            self.fall(other);
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Gives back what it got, after a while.
    struct Echo {
        takes: Duration,
        provider: Provider,
        fails: bool,
    }

    impl Session for Echo {
        fn inputs(&self) -> &[Port] {
            &[]
        }
        fn outputs(&self) -> &[Port] {
            &[]
        }
        fn provider(&self) -> Provider {
            self.provider
        }
        fn run(&mut self, inputs: Vec<(String, Tensor)>) -> Answer {
            thread::sleep(self.takes);
            if self.fails {
                return Err(ModelError::Run("CUBLAS_STATUS_ALLOC_FAILED".into()));
            }
            Ok(inputs.into_iter().map(|(_, tensor)| tensor).collect())
        }
    }

    fn echo(takes: Duration) -> Box<dyn Session> {
        Box::new(Echo {
            takes,
            provider: Provider::Cpu,
            fails: false,
        })
    }

    fn one() -> Vec<(String, Tensor)> {
        vec![("x".into(), Tensor::floats(vec![1], vec![1.0]))]
    }

    #[test]
    fn nobody_waits_longer_than_the_limit_nor_after_being_stopped() {
        let service = Service::start(vec![echo(Duration::ZERO)], Duration::from_mins(1)).unwrap();
        assert_eq!(service.run(one(), &|| false).unwrap().len(), 1);
        let slow = Service::start(
            vec![echo(Duration::from_secs(30))],
            Duration::from_millis(150),
        )
        .unwrap();
        let late = slow.run(one(), &|| false);
        assert!(matches!(late, Err(ModelError::TooLong(_))));
        let stopped = slow.run(one(), &|| true);
        assert!(matches!(stopped, Err(ModelError::Stopped)));
    }

    #[test]
    fn waiting_for_a_turn_takes_no_time_from_a_call() {
        let (takes, limit) = (Duration::from_millis(250), Duration::from_millis(600));
        let service = Service::start(vec![echo(takes)], limit).unwrap();
        let answers: Vec<Answer> = thread::scope(|scope| {
            let asked: Vec<_> = (0..6)
                .map(|_| scope.spawn(|| service.run(one(), &|| false)))
                .collect();
            asked.into_iter().map(|call| call.join().unwrap()).collect()
        });
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    }

    #[test]
    fn once_the_last_thread_is_lost_nobody_waits() {
        let limit = Duration::from_millis(150);
        let slow = || echo(Duration::from_secs(30));
        let service = Service::start(vec![slow(), slow()], limit).unwrap();
        for _ in 0..2 {
            let late = service.run(one(), &|| false);
            assert!(matches!(late, Err(ModelError::TooLong(_))), "{late:?}");
        }
        let began = Instant::now();
        for _ in 0..50 {
            let refused = service.run(one(), &|| false).unwrap_err();
            assert!(refused.to_string().contains("does not answer any more"));
        }
        assert!(began.elapsed() < Duration::from_secs(5));
        // One that comes back is asked again.
        let soon = Service::start(vec![echo(2 * limit)], limit).unwrap();
        assert!(soon.run(one(), &|| false).is_err());
        while soon.benches.iter().any(|bench| bench.is_lost(limit)) {
            thread::sleep(TICK);
        }
        assert!(matches!(
            soon.run(one(), &|| false),
            Err(ModelError::TooLong(_))
        ));
    }

    #[test]
    fn a_session_that_panics_answers() {
        struct Broken;
        impl Session for Broken {
            fn inputs(&self) -> &[Port] {
                &[]
            }
            fn outputs(&self) -> &[Port] {
                &[]
            }
            fn provider(&self) -> Provider {
                Provider::Cpu
            }
            fn run(&mut self, _inputs: Vec<(String, Tensor)>) -> Answer {
                panic!("for the test");
            }
        }
        let service = Service::start(vec![Box::new(Broken)], Duration::from_mins(1)).unwrap();
        for _ in 0..2 {
            let answer = service.run(one(), &|| false).unwrap_err();
            assert!(answer.to_string().contains("broke off"), "{answer}");
        }
    }

    #[test]
    fn a_card_that_fails_is_left_once_and_for_good() {
        let loads = Arc::new(AtomicUsize::new(0));
        let said = Arc::new(Mutex::new(Vec::new()));
        let (counted, heard) = (Arc::clone(&loads), Arc::clone(&said));
        let card = Box::new(Echo {
            takes: Duration::ZERO,
            provider: Provider::Cuda,
            fails: true,
        });
        let mut session = Falling::new(
            card,
            move || {
                counted.fetch_add(1, Ordering::Relaxed);
                Ok(echo(Duration::ZERO))
            },
            move |error| heard.lock().unwrap().push(error.to_string()),
            || false,
        );
        assert_eq!(session.provider(), Provider::Cuda);
        session.run(one()).unwrap();
        session.run(one()).unwrap();
        assert_eq!(session.provider(), Provider::Cpu);
        assert_eq!(loads.load(Ordering::Relaxed), 1);
        assert_eq!(said.lock().unwrap().len(), 1);
    }

    #[test]
    fn what_the_processor_cannot_do_either_is_not_the_cards_fault() {
        let broken = |provider| -> Box<dyn Session> {
            Box::new(Echo {
                takes: Duration::ZERO,
                provider,
                fails: true,
            })
        };
        let mut session = Falling::new(
            broken(Provider::Cuda),
            move || Ok(broken(Provider::Cpu)),
            |error| panic!("nothing is to be told of {error}"),
            || false,
        );
        assert!(session.run(one()).is_err());
        assert_eq!(session.provider(), Provider::Cuda);
    }

    #[test]
    fn a_card_that_is_left_is_left_before_it_fails() {
        let card = Box::new(Echo {
            takes: Duration::ZERO,
            provider: Provider::Cuda,
            fails: false,
        });
        let mut asked = 0;
        let mut session = Falling::new(
            card,
            || Ok(echo(Duration::ZERO)),
            |error| panic!("nothing is to be told of {error}"),
            move || {
                asked += 1;
                asked == 3
            },
        );
        for provider in [Provider::Cuda, Provider::Cuda, Provider::Cpu, Provider::Cpu] {
            session.run(one()).unwrap();
            assert_eq!(session.provider(), provider);
        }
    }
}
