//! From frames to a fingerprint.
//!
//! The sums of a film are 256 KiB, too much to walk through for each frame. So frames are gathered, and each sum is fetched
//! once for all of them. The order of the additions to each sum stays that of the frames, and so does every rounding.

use super::kernel::{self, BLOCK, Sums, Wave};
use super::{COEFFICIENTS, DIMENSION, FRAME_BYTES, FRAME_EDGE, FRAMES_PER_SECOND, PERIODS, Tmk};
use crate::luma;
use crate::pdq::Features;
use std::f64::consts::PI;

/// Frequencies whose sums are gathered: 31 of each period; frequency 0 is a plain sum, the same for all.
const WAVES: usize = PERIODS.len() * (COEFFICIENTS.len() - 1);

/// Makes a fingerprint of the frames that are pushed, 15 for each second of the film.
pub struct Builder {
    frame_count: i32,
    sum: [f32; DIMENSION],
    /// Sum of the normalised features: what frequency 0 of each period is.
    unit_sum: [f32; DIMENSION],
    /// Sums of all waves, cosine and sine.
    sums: Vec<Sums>,
    /// Normalised features of the frames since the sums were last added to.
    pending: Vec<[f64; DIMENSION]>,
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}

impl Builder {
    /// Begins a film.
    pub fn new() -> Self {
        Self {
            frame_count: 0,
            sum: [0.0; DIMENSION],
            unit_sum: [0.0; DIMENSION],
            sums: vec![[[0.0; DIMENSION]; 2]; WAVES],
            pending: Vec::with_capacity(BLOCK),
        }
    }

    /// Returns how many frames were pushed.
    pub fn frame_count(&self) -> i32 {
        self.frame_count
    }

    /// Adds the next frame, 64 × 64 pixels in RGB24, and returns its features: others may be made of them as well.
    pub fn push_rgb24(&mut self, frame: &[u8; FRAME_BYTES]) -> Features {
        let mut brightness = [0.0; FRAME_EDGE * FRAME_EDGE];
        for (value, pixel) in brightness.iter_mut().zip(frame.as_chunks().0) {
            *value = luma::of_pixel(*pixel);
        }
        self.push_luma(&brightness)
    }

    /// The same with 64 × 64 pixels of brightness from 0 to 255.
    pub fn push_luma(&mut self, frame: &[f32; FRAME_EDGE * FRAME_EDGE]) -> Features {
        let features = Features(kernel::transform(frame));
        self.push(&features);
        features
    }

    /// Adds the next frame by its features.
    pub fn push(&mut self, features: &Features) {
        if self.frame_count == i32::MAX {
            return; // The format counts no further, and that is four and a half years.
        }
        self.frame_count += 1;
        add(&mut self.sum, &features.0);
        let unit = normalised(&features.0);
        add(&mut self.unit_sum, &unit);
        self.pending.push(unit.map(f64::from));
        if self.pending.len() == BLOCK {
            self.add_pending();
        }
    }

    fn add_pending(&mut self) {
        let count = i32::try_from(self.pending.len()).unwrap_or_default();
        let waves = waves(self.frame_count - count, self.pending.len());
        kernel::accumulate(&self.pending, &waves, &mut self.sums);
        self.pending.clear();
    }

    /// Ends the film. Without any frame the fingerprint is all zeros.
    pub fn finish(mut self) -> Tmk {
        self.add_pending();
        let mut average = self.sum.to_vec();
        if self.frame_count > 0 {
            let count = as_float(self.frame_count);
            for value in &mut average {
                *value /= count;
            }
        }
        Tmk {
            frames_per_second: FRAMES_PER_SECOND,
            frame_count: self.frame_count,
            periods: PERIODS.to_vec(),
            coefficients: COEFFICIENTS.to_vec(),
            average,
            cosines: self.weighted(0, &self.unit_sum),
            sines: self.weighted(1, &[0.0; DIMENSION]),
        }
    }

    /// Returns the vectors of all periods and frequencies in the order of the file, cosines (0) or sines (1), each of the
    /// length that its coefficient says.
    fn weighted(&self, part: usize, frequency_0: &[f32; DIMENSION]) -> Vec<f32> {
        let mut vectors = Vec::with_capacity(PERIODS.len() * COEFFICIENTS.len() * DIMENSION);
        let mut waves = self.sums.iter().filter_map(|sums| sums.get(part));
        for _period in PERIODS {
            for (frequency, coefficient) in COEFFICIENTS.iter().enumerate() {
                let wave = if frequency == 0 { None } else { waves.next() };
                let weight = coefficient.sqrt();
                let vector = normalised(wave.unwrap_or(frequency_0));
                vectors.extend(vector.map(|value| value * weight));
            }
        }
        vectors
    }
}

/// Returns cosine and sine of each wave at each of `count` frames.
fn waves(first: i32, count: usize) -> Vec<Wave> {
    let mut waves = Vec::with_capacity(WAVES);
    for period in PERIODS {
        for frequency in 1..u8::try_from(COEFFICIENTS.len()).unwrap_or(u8::MAX) {
            let mut wave = [[1.0, 0.0]; BLOCK];
            for (values, frame) in wave.iter_mut().take(count).zip(first..) {
                // In this order: every step is rounded.
                let angle = 2.0 * PI * f64::from(frequency) * f64::from(frame) / f64::from(period);
                let (sine, cosine) = libm::sincos(angle);
                *values = [cosine, sine];
            }
            waves.push(wave);
        }
    }
    waves
}

fn add(sums: &mut [f32; DIMENSION], values: &[f32; DIMENSION]) {
    sums.iter_mut()
        .zip(values)
        .for_each(|(sum, value)| *sum += value);
}

/// Returns the vector divided by its length, or as it is when that is 0. The sum of squares runs in order.
fn normalised(vector: &[f32; DIMENSION]) -> [f32; DIMENSION] {
    let length = vector
        .iter()
        .fold(0.0, |sum, value| sum + value * value)
        .sqrt();
    if length == 0.0 {
        *vector
    } else {
        vector.map(|value| value / length)
    }
}

#[expect(clippy::cast_precision_loss, reason = "rounding is the definition")]
fn as_float(count: i32) -> f32 {
    count as f32
}
