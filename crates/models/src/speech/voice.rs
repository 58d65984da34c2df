//! Tells speech from silence and noise.

use crate::runtime::{ModelError, Session};
use crate::tensor::Tensor;

/// Samples of a frame: 32 ms. Silero's model knows no other.
pub const FRAME: usize = 512;

/// Samples before a frame that the model sees with it.
const CONTEXT: usize = 64;

/// Numbers that the model hands from one frame to the next.
const STATE: [usize; 3] = [2, 1, 128];

/// Without a model a frame counts as speech that is louder than this: mean square of samples, -45 dB below the loudest
/// there can be.
const QUIET: f32 = 3.2e-5;

/// What tells how likely somebody speaks.
pub enum Voice {
    /// The model of [Silero](https://github.com/snakers4/silero-vad), as ONNX: `input`, `state` and `sr` go in, how likely
    /// and the next state come out.
    Silero(Box<Silero>),
    /// No model: whatever is loud enough. It takes music for speech.
    Loudness,
}

/// A running model.
pub struct Silero {
    session: Box<dyn Session>,
    state: Vec<f32>,
    before: Vec<f32>,
    has_rate: bool,
}

impl Voice {
    /// Takes a loaded model.
    ///
    /// # Errors
    /// When it is another one.
    pub fn silero(session: Box<dyn Session>) -> Result<Self, ModelError> {
        let has = |name: &str| session.inputs().iter().any(|port| port.name == name);
        if !has("input") || !has("state") || session.outputs().len() < 2 {
            return Err(ModelError::Output(
                "other inputs and outputs than a model of voice activity has".into(),
            ));
        }
        let has_rate = has("sr");
        Ok(Self::Silero(Box::new(Silero {
            session,
            state: vec![0.0; STATE.iter().product()],
            before: vec![0.0; CONTEXT],
            has_rate,
        })))
    }

    /// Forgets what it heard: another sound begins.
    pub fn forget(&mut self) {
        if let Self::Silero(silero) = self {
            silero.state.fill(0.0);
            silero.before.fill(0.0);
        }
    }

    /// Returns how likely somebody speaks in a frame of [`FRAME`] samples that follows the one before.
    ///
    /// # Errors
    /// When the model fails.
    pub fn likelihood(&mut self, frame: &[f32]) -> Result<f32, ModelError> {
        match self {
            Self::Silero(silero) => silero.likelihood(frame),
            Self::Loudness => {
                #[expect(clippy::cast_precision_loss, reason = "a frame is short")]
                let mean = frame.iter().map(|sample| sample * sample).sum::<f32>()
                    / frame.len().max(1) as f32;
                Ok(if mean > QUIET { 1.0 } else { 0.0 })
            }
        }
    }
}

impl Silero {
    fn likelihood(&mut self, frame: &[f32]) -> Result<f32, ModelError> {
        let mut seen = self.before.clone();
        seen.extend_from_slice(frame);
        self.before = seen.split_off(seen.len().saturating_sub(CONTEXT));
        seen.extend_from_slice(&self.before);
        let mut inputs = vec![
            ("input".into(), Tensor::floats(vec![1, seen.len()], seen)),
            (
                "state".into(),
                Tensor::floats(STATE.to_vec(), std::mem::take(&mut self.state)),
            ),
        ];
        if self.has_rate {
            let rate = i64::from(super::SAMPLE_RATE);
            inputs.push(("sr".into(), Tensor::whole(Vec::new(), vec![rate])));
        }
        let outputs = self.session.run(inputs)?;
        let mut outputs = outputs
            .iter()
            .map(|tensor| tensor.as_floats().unwrap_or_default());
        let likelihood = outputs.next().and_then(|numbers| numbers.first().copied());
        let state = outputs.next().unwrap_or_default();
        if state.len() != STATE.iter().product::<usize>() {
            return Err(ModelError::Output("a state of another size".into()));
        }
        self.state = state.to_vec();
        likelihood
            .filter(|likelihood| likelihood.is_finite())
            .ok_or_else(|| ModelError::Output("no likelihood".into()))
    }
}
