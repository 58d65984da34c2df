//! The cosine transform of 64 × 64 pixels, its lowest 16 × 16 frequencies only, and the bits made of them.
//!
//! Bit-exactness: each sum runs over ascending pixels with one rounding a step. Loops are laid so that the lanes of a vector
//! are different sums, never parts of one; vectorising then changes nothing.

use super::Hash;
use crate::Dihedral;
use std::sync::LazyLock;

const PIXELS: usize = 64;
const FREQUENCIES: usize = 16;

/// Cosines of the transform, once by frequency and once by pixel.
struct Cosines {
    /// `[frequency - 1][pixel]`
    by_frequency: [[f32; PIXELS]; FREQUENCIES],
    /// `[pixel][frequency - 1]`
    by_pixel: [[f32; FREQUENCIES]; PIXELS],
}

static COSINES: LazyLock<Cosines> = LazyLock::new(|| {
    let by_frequency = std::array::from_fn(|i| std::array::from_fn(|j| cosine(i, j)));
    let by_pixel = std::array::from_fn(|j| std::array::from_fn(|i| cosine(i, j)));
    Cosines {
        by_frequency,
        by_pixel,
    }
});

/// Computed in 64 bits and rounded once, with the scale already rounded to 32 bits, as the reference does.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "rounding is the definition; the numbers are small"
)]
fn cosine(frequency: usize, pixel: usize) -> f32 {
    let scale = libm::sqrt(2.0 / 64.0) as f32;
    let angle = (std::f64::consts::FRAC_PI_2 / 64.0) * (frequency + 1) as f64;
    (f64::from(scale) * libm::cos(angle * (2 * pixel + 1) as f64)) as f32
}

/// The lowest frequencies of a picture (PDQF): row by row, rows are vertical frequencies 1 to 16, columns horizontal ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Features(
    /// Neither normalised nor bounded: some thousands at most.
    pub [f32; 256],
);

impl Features {
    /// Computes the features of 64 × 64 pixels of brightness.
    pub fn of_64x64(luma: &[f32; PIXELS * PIXELS]) -> Self {
        Self(transform(luma))
    }

    /// Returns the features of the picture laid another way.
    #[must_use]
    pub fn laid(&self, way: Dihedral) -> Self {
        Self(way.of_coefficients(&self.0))
    }

    /// Returns 64 bits for a first look: which of the lowest 8 × 8 frequencies are above their lower median.
    pub fn low_bits(&self) -> u64 {
        let (rows, _) = self.0.as_chunks::<FREQUENCIES>();
        let mut values = [0.0; 64];
        let lowest = rows.iter().take(8).flat_map(|row| row.iter().take(8));
        for (value, lowest) in values.iter_mut().zip(lowest) {
            *value = *lowest;
        }
        let mut sorted = values;
        let (_, median, _) = sorted.select_nth_unstable_by(31, f32::total_cmp);
        let median = *median;
        let bits = values.iter().enumerate();
        bits.fold(0, |bits, (index, value)| {
            bits | u64::from(*value > median) << index
        })
    }

    /// Returns the bits: which features are above the lower median.
    pub fn hash(&self) -> Hash {
        let mut sorted = self.0;
        let (_, median, _) = sorted.select_nth_unstable_by(127, f32::total_cmp);
        let median = *median;
        let mut words = [0; 4];
        for (word, features) in words.iter_mut().zip(self.0.as_chunks::<64>().0) {
            let bits = features.iter().enumerate();
            *word = bits.fold(0, |word, (bit, value)| {
                word | u64::from(*value > median) << bit
            });
        }
        Hash(words)
    }
}

/// Multiplies the picture by the cosines from both sides.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "compiled again with wider vectors by tmk::kernel"
)]
pub(crate) fn transform(luma: &[f32; PIXELS * PIXELS]) -> [f32; 256] {
    let cosines = &*COSINES;
    let mut result = [0.0; 256];
    let targets = result.as_chunks_mut::<FREQUENCIES>().0.iter_mut();
    for (target, of_frequency) in targets.zip(&cosines.by_frequency) {
        let columns = down_columns(of_frequency, luma);
        let mut sums = [0.0_f32; FREQUENCIES];
        for (value, of_pixel) in columns.iter().zip(&cosines.by_pixel) {
            for (sum, cosine) in sums.iter_mut().zip(of_pixel) {
                *sum += value * cosine;
            }
        }
        *target = sums;
    }
    result
}

/// Returns one vertical frequency of each column.
#[inline(always)]
#[expect(clippy::inline_always, reason = "part of `transform`")]
fn down_columns(of_frequency: &[f32; PIXELS], luma: &[f32; PIXELS * PIXELS]) -> [f32; PIXELS] {
    let mut sums = [0.0_f32; PIXELS];
    for (cosine, row) in of_frequency.iter().zip(luma.as_chunks::<PIXELS>().0) {
        for (sum, pixel) in sums.iter_mut().zip(row) {
            *sum += cosine * pixel;
        }
    }
    sums
}
