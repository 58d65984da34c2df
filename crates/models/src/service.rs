//! A loaded model on threads of its own: whoever asks it waits no longer than they want to.
//!
//! What runs a model cannot be interrupted from outside. A call that takes too long is left behind, together with its
//! thread, and the service refuses whatever comes after the last thread was lost.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use crate::runtime::{ModelError, Provider, Session};
use crate::tensor::{Port, Tensor};

/// How often somebody who waits looks whether they were stopped.
const TICK: Duration = Duration::from_millis(100);

type Answer = Result<Vec<Tensor>, ModelError>;

struct Call {
    inputs: Vec<(String, Tensor)>,
    reply: Sender<Answer>,
}

/// A model that can be asked from several threads.
#[derive(Clone, Debug)]
pub struct Service {
    calls: Sender<Call>,
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
        for session in sessions {
            let queue = queue.clone();
            thread::Builder::new()
                .name("model".into())
                .spawn(move || serve(session, &queue))?;
        }
        Ok(Self {
            calls,
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
        let mut call = Call { inputs, reply };
        let began = Instant::now();
        loop {
            match self.calls.send_timeout(call, TICK) {
                Ok(()) => break,
                Err(crossbeam_channel::SendTimeoutError::Disconnected(_)) => {
                    return Err(ModelError::Run("it is not running any more".into()));
                }
                Err(crossbeam_channel::SendTimeoutError::Timeout(back)) => call = back,
            }
            self.check(is_stopped, began)?;
        }
        loop {
            match answer.recv_timeout(TICK) {
                Ok(answer) => return answer,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(ModelError::Run("it broke off".into()));
                }
                Err(RecvTimeoutError::Timeout) => self.check(is_stopped, began)?,
            }
        }
    }

    fn check(&self, is_stopped: &dyn Fn() -> bool, began: Instant) -> Result<(), ModelError> {
        if is_stopped() {
            return Err(ModelError::Stopped);
        }
        if began.elapsed() > self.limit {
            return Err(ModelError::TooLong(self.limit.as_secs()));
        }
        Ok(())
    }
}

fn serve(mut session: Box<dyn Session>, queue: &Receiver<Call>) {
    while let Ok(call) = queue.recv() {
        let answer = session.run(call.inputs);
        // Whoever asked may have stopped waiting.
        drop(call.reply.send(answer));
    }
}

/// A session on a graphics card that goes on with the processor, once and for good, when the card fails or is to be left.
pub struct Falling<L, T, W> {
    session: Box<dyn Session>,
    load_other: L,
    tell: T,
    why_leave: W,
    has_fallen: bool,
}

impl<L, T, W> Falling<L, T, W>
where
    L: FnMut() -> Result<Box<dyn Session>, ModelError> + Send,
    T: FnMut(&ModelError) + Send,
    W: FnMut() -> Option<ModelError> + Send,
{
    /// `load_other` loads the same model for the processor; `tell` hears why that was needed; `why_leave` is asked before
    /// each run whether the card is to be left, and why.
    pub fn new(session: Box<dyn Session>, load_other: L, tell: T, why_leave: W) -> Self {
        let has_fallen = session.provider() == Provider::Cpu;
        Self {
            session,
            load_other,
            tell,
            why_leave,
            has_fallen,
        }
    }

    fn fall(&mut self, error: &ModelError) -> Result<(), ModelError> {
        (self.tell)(error);
        self.session = (self.load_other)()?;
        self.has_fallen = true;
        Ok(())
    }
}

impl<L, T, W> Session for Falling<L, T, W>
where
    L: FnMut() -> Result<Box<dyn Session>, ModelError> + Send,
    T: FnMut(&ModelError) + Send,
    W: FnMut() -> Option<ModelError> + Send,
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
        if !self.has_fallen
            && let Some(reason) = (self.why_leave)()
        {
            self.fall(&reason)?;
        }
        if self.has_fallen {
            return self.session.run(inputs);
        }
        match self.session.run(inputs.clone()) {
            Err(error @ ModelError::Run(_)) => {
                self.fall(&error)?;
                self.session.run(inputs)
            }
            answer => answer,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};

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
            || None,
        );
        assert_eq!(session.provider(), Provider::Cuda);
        session.run(one()).unwrap();
        session.run(one()).unwrap();
        assert_eq!(session.provider(), Provider::Cpu);
        assert_eq!(loads.load(Ordering::Relaxed), 1);
        assert_eq!(said.lock().unwrap().len(), 1);
    }

    #[test]
    fn a_card_whose_memory_others_take_is_left_before_it_fails() {
        let said = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&said);
        let card = Box::new(Echo {
            takes: Duration::ZERO,
            provider: Provider::Cuda,
            fails: false,
        });
        let mut asked = 0;
        let mut session = Falling::new(
            card,
            || Ok(echo(Duration::ZERO)),
            move |error| heard.lock().unwrap().push(error.to_string()),
            move || {
                asked += 1;
                (asked == 3).then(|| ModelError::Run("only 100 MB are free".into()))
            },
        );
        for provider in [Provider::Cuda, Provider::Cuda, Provider::Cpu, Provider::Cpu] {
            session.run(one()).unwrap();
            assert_eq!(session.provider(), provider);
        }
        assert_eq!(
            *said.lock().unwrap(),
            ["the model failed: only 100 MB are free"]
        );
    }
}
