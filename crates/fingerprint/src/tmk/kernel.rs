//! The two loops that making a fingerprint consists of, compiled for wide vectors too where the processor has them.
//!
//! The wide ones are the same source: lanes are independent sums and no multiplication is fused with an addition, so the
//! results are the same bits. Tests compare them.
#![allow(
    unsafe_code,
    reason = "calling what is compiled for AVX2, after asking whether the processor has it"
)]

use super::DIMENSION;
use crate::pdq::transform as plain_transform;

/// Frames that are added in one go.
pub(super) const BLOCK: usize = 32;

/// Sums of one wave: with its cosines, with its sines.
pub(super) type Sums = [[f32; DIMENSION]; 2];

/// Cosine and sine at each frame of a block.
pub(super) type Wave = [[f64; 2]; BLOCK];

/// Returns the features of a frame.
pub(super) fn transform(luma: &[f32; 64 * 64]) -> [f32; 256] {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as was just asked.
        return unsafe { avx2::transform(luma) };
    }
    plain_transform(luma)
}

/// Adds frames to the sums of all waves.
pub(super) fn accumulate(frames: &[[f64; DIMENSION]], waves: &[Wave], sums: &mut [Sums]) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as was just asked.
        return unsafe { avx2::accumulate(frames, waves, sums) };
    }
    plain_accumulate(frames, waves, sums);
}

/// Multiplies and adds in 64 bits and rounds to 32 once a frame, as the reference does.
///
/// Loops over the whole feature: the compiler vectorises those, but unrolls shorter ones into scalars.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "compiled again with wider vectors below"
)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "rounding is the definition"
)]
pub(super) fn plain_accumulate(frames: &[[f64; DIMENSION]], waves: &[Wave], sums: &mut [Sums]) {
    for (wave, [cosines, sines]) in waves.iter().zip(sums) {
        for (frame, [cosine, sine]) in frames.iter().zip(wave) {
            for (sum, value) in cosines.iter_mut().zip(frame) {
                *sum = (f64::from(*sum) + value * cosine) as f32;
            }
            for (sum, value) in sines.iter_mut().zip(frame) {
                *sum = (f64::from(*sum) + value * sine) as f32;
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::{DIMENSION, Sums, Wave, plain_accumulate, plain_transform};

    #[target_feature(enable = "avx2")]
    pub(super) fn transform(luma: &[f32; 64 * 64]) -> [f32; 256] {
        plain_transform(luma)
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn accumulate(frames: &[[f64; DIMENSION]], waves: &[Wave], sums: &mut [Sums]) {
        plain_accumulate(frames, waves, sums);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Noise;

    #[test]
    fn wide_vectors_give_the_same_bits() {
        let mut noise = Noise(77);
        let mut float = || f64::from(noise.byte()) / 255.0 - 0.5 + f64::from(noise.byte()) * 1e-4;
        let luma: [f32; 64 * 64] = std::array::from_fn(|_| (float() * 255.0) as f32);
        assert_eq!(
            transform(&luma).map(f32::to_bits),
            plain_transform(&luma).map(f32::to_bits)
        );
        let frames: [[f64; DIMENSION]; BLOCK] =
            std::array::from_fn(|_| std::array::from_fn(|_| f64::from(float() as f32)));
        let waves: Vec<Wave> = (0..9)
            .map(|_| std::array::from_fn(|_| [float(), float()]))
            .collect();
        let start = vec![[[0.25; DIMENSION], [-3.5; DIMENSION]]; 9];
        let (mut wide, mut plain) = (start.clone(), start);
        accumulate(&frames[..29], &waves, &mut wide);
        plain_accumulate(&frames[..29], &waves, &mut plain);
        let bits = |sums: &[Sums]| -> Vec<u32> {
            sums.iter()
                .flatten()
                .flatten()
                .map(|sum| sum.to_bits())
                .collect()
        };
        assert_eq!(bits(&wide), bits(&plain));
    }
}
