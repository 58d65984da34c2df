//! Cuts a sound into windows in which somebody speaks, while it comes in.

use std::collections::VecDeque;

use super::voice::{FRAME, Voice};
use super::{SAMPLE_RATE, milliseconds};
use crate::runtime::ModelError;

/// From here on somebody speaks, and until here somebody still does.
const SPEAKS: f32 = 0.5;
const STILL_SPEAKS: f32 = 0.35;

/// Frames kept before and after what is said: beginnings and ends are soft.
const MARGIN: usize = 10;

/// Frames without a voice that end a window: two seconds.
const PAUSE: usize = 62;

/// Frames with a voice that make a window worth listening to: a quarter of a second.
const LEAST: usize = 8;

/// The longest window: what listens needs some 200 kB of memory for each second.
const MOST_SECONDS: f64 = 600.0;

/// A piece of a sound in which somebody speaks.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// When it begins, milliseconds from the beginning of the sound.
    pub start_ms: i64,
    /// Until when the sound is done with once this was listened to.
    pub done_ms: i64,
    /// Its samples.
    pub samples: Vec<f32>,
}

/// Cuts one sound.
pub struct Cutter<'v> {
    voice: &'v mut Voice,
    most_frames: usize,
    /// Samples of the beginning of the sound that are not held any more.
    gone: u64,
    samples: VecDeque<f32>,
    /// How likely somebody speaks, for every whole frame of `samples`.
    frames: Vec<f32>,
    failure: Option<ModelError>,
}

impl<'v> Cutter<'v> {
    /// Begins with a sound; windows are at most so many seconds long.
    pub fn new(voice: &'v mut Voice, most_seconds: f64) -> Self {
        voice.forget();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "ten minutes have 18,750 frames"
        )]
        let most_frames =
            (most_seconds.clamp(1.0, MOST_SECONDS) * f64::from(SAMPLE_RATE)) as usize / FRAME;
        Self {
            voice,
            most_frames,
            gone: 0,
            samples: VecDeque::new(),
            frames: Vec::new(),
            failure: None,
        }
    }

    /// Returns why the model of voices failed, if it did; since then whatever is loud enough counts as speech.
    pub fn failure(&self) -> Option<&ModelError> {
        self.failure.as_ref()
    }

    /// Takes more of the sound, and returns the windows that end in it.
    ///
    /// # Errors
    /// When it was stopped.
    pub fn push(&mut self, samples: &[f32]) -> Result<Vec<Window>, ModelError> {
        self.samples.extend(samples);
        let mut windows = Vec::new();
        while self.samples.len() >= (self.frames.len() + 1) * FRAME {
            let start = self.frames.len() * FRAME;
            let frame: Vec<f32> = self.samples.range(start..start + FRAME).copied().collect();
            let likelihood = match self.voice.likelihood(&frame) {
                Err(error @ ModelError::Stopped) => return Err(error),
                Err(error) => {
                    self.failure = Some(error);
                    *self.voice = Voice::Loudness;
                    self.voice.likelihood(&frame)?
                }
                Ok(likelihood) => likelihood,
            };
            self.frames.push(likelihood);
            windows.extend(self.look());
        }
        Ok(windows)
    }

    /// Returns the window that the end of the sound ends.
    pub fn finish(&mut self) -> Option<Window> {
        let last = self.last_voice()?;
        self.take(last + 1)
    }

    /// Returns how much of the sound is done with, milliseconds: what is not held any more.
    pub fn done_ms(&self) -> i64 {
        milliseconds(self.gone)
    }

    fn look(&mut self) -> Option<Window> {
        let Some(last) = self.last_voice() else {
            // Nobody has spoken yet; what comes right before a voice is kept.
            let spare = self.frames.len().saturating_sub(MARGIN);
            self.drop_frames(spare);
            return None;
        };
        let silent = self.frames.len() - 1 - last;
        if silent >= PAUSE {
            return self.take(last + 1);
        }
        if self.frames.len() < self.most_frames {
            return None;
        }
        // It is long enough: it is cut where a voice is the least likely, late in it.
        let from = self.most_frames * 2 / 3;
        let late = self.frames.iter().enumerate().skip(from);
        let quietest = late.min_by(|(_, one), (_, other)| one.total_cmp(other));
        let cut = quietest.map_or(self.frames.len(), |(at, _)| at + 1);
        self.take(cut)
    }

    /// Returns the last frame in which somebody speaks, if anybody has begun to.
    fn last_voice(&self) -> Option<usize> {
        let first = self.frames.iter().position(|frame| *frame >= SPEAKS)?;
        let last = self.frames.iter().rposition(|frame| *frame >= STILL_SPEAKS);
        last.map(|last| last.max(first))
    }

    /// Takes so many frames, and the silence right after them, out as a window; `None` if hardly anybody speaks in it.
    fn take(&mut self, frames: usize) -> Option<Window> {
        let taken = self.frames.get(..frames.min(self.frames.len()))?;
        let voices = taken.iter().filter(|frame| **frame >= STILL_SPEAKS).count();
        let silence = self.frames.get(taken.len()..).unwrap_or_default();
        let margin = silence
            .iter()
            .take(MARGIN)
            .take_while(|frame| **frame < STILL_SPEAKS)
            .count();
        let frames = taken.len() + margin;
        let start_ms = milliseconds(self.gone);
        let samples =
            (voices >= LEAST).then(|| self.samples.range(..frames * FRAME).copied().collect());
        self.drop_frames(frames);
        samples.map(|samples| Window {
            start_ms,
            done_ms: milliseconds(self.gone),
            samples,
        })
    }

    fn drop_frames(&mut self, frames: usize) {
        self.frames.drain(..frames);
        self.samples.drain(..frames * FRAME);
        self.gone += (frames * FRAME) as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound(parts: &[(usize, f32)]) -> Vec<f32> {
        let rate = SAMPLE_RATE as usize;
        let of = |(tenths, loudness): &(usize, f32)| {
            let loudness = *loudness;
            (0..tenths * rate / 10).map(move |i| if i % 2 == 0 { loudness } else { -loudness })
        };
        parts.iter().flat_map(of).collect()
    }

    /// Whatever is told to be done with was in a window, or nobody spoke in it.
    #[test]
    fn nothing_is_done_with_before_it_was_heard() {
        let samples = sound(&[
            (37, 0.3),
            (21, 0.0),
            (55, 0.3),
            (3, 0.0),
            (9, 0.3),
            (40, 0.0),
        ]);
        for chunk in [500, 512, 4_000, 32_000, 32_768, 40_000] {
            let mut voice = Voice::Loudness;
            let mut cutter = Cutter::new(&mut voice, 3.0);
            let mut done_ms = 0;
            let mut heard_ms = 0;
            let mut take = |window: Window| {
                assert!(window.start_ms >= done_ms, "{chunk}");
                let length_ms = milliseconds(window.samples.len() as u64);
                done_ms = window.done_ms;
                heard_ms += length_ms;
                assert_eq!(window.start_ms + length_ms, done_ms, "{chunk}");
            };
            for chunk in samples.chunks(chunk) {
                cutter.push(chunk).unwrap().into_iter().for_each(&mut take);
            }
            cutter.finish().into_iter().for_each(&mut take);
            // Ten seconds and a tenth are loud.
            assert!(heard_ms >= 10_100, "{chunk}: {heard_ms}");
        }
    }

    fn cut(samples: &[f32], most_seconds: f64, chunk: usize) -> Vec<(i64, usize)> {
        let mut voice = Voice::Loudness;
        let mut cutter = Cutter::new(&mut voice, most_seconds);
        let mut windows = Vec::new();
        for chunk in samples.chunks(chunk) {
            windows.extend(cutter.push(chunk).unwrap());
        }
        windows.extend(cutter.finish());
        let rate = SAMPLE_RATE as usize;
        let seen = windows.into_iter();
        seen.map(|window| (window.start_ms, window.samples.len() * 1_000 / rate))
            .collect()
    }

    #[test]
    fn silence_is_cut_out_and_pauses_end_windows() {
        let samples = sound(&[
            (50, 0.0),
            (30, 0.3),
            (10, 0.0),
            (20, 0.3),
            (60, 0.0),
            (10, 0.3),
        ]);
        for chunk in [100, 4_096, 1 << 20] {
            let windows = cut(&samples, 30.0, chunk);
            assert_eq!(windows.len(), 2, "{windows:?}");
            let near = |(start, length): (i64, usize), about: (i64, i64)| {
                let length = i64::try_from(length).unwrap();
                (start - about.0).abs() < 100 && (length - about.1).abs() < 100
            };
            assert!(near(windows[0], (4_680, 6_640)), "{windows:?}");
            assert!(near(windows[1], (16_680, 1_320)), "{windows:?}");
        }
    }

    #[test]
    fn long_speech_is_cut_where_it_is_quiet_and_nothing_is_lost() {
        let samples = sound(&[(80, 0.3), (1, 0.0), (120, 0.3)]);
        let windows = cut(&samples, 10.0, 4_096);
        assert!(windows.len() >= 2, "{windows:?}");
        let whole: usize = windows.iter().map(|(_, length)| length).sum();
        assert!(whole + 50 >= 20_100, "{windows:?}");
        assert!((windows[1].0 - 8_100).abs() < 100, "{windows:?}");
        assert!(
            windows.iter().all(|(_, length)| *length <= 10_400),
            "{windows:?}"
        );
    }

    #[test]
    fn a_click_and_silence_are_no_speech() {
        assert!(cut(&sound(&[(30, 0.0), (1, 0.5), (50, 0.0)]), 30.0, 999).is_empty());
        assert!(cut(&sound(&[(300, 0.0)]), 30.0, 999).is_empty());
        assert!(cut(&[], 30.0, 999).is_empty());
    }
}
