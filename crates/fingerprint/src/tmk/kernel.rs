//! The two loops that making a fingerprint consists of, compiled for wide vectors too where the processor has them.
//!
//! The wide ones are the same source: lanes are independent sums and no multiplication is fused with an addition, so the
//! results are the same bits. Tests compare them.
#![allow(
    unsafe_code,
    reason = "calling what is compiled for AVX2, after asking whether the processor has it"
)]

use crate::pdq::transform as plain_transform;

/// Frames that are added in one go.
pub(super) const BLOCK: usize = 32;

/// Values of a feature that are added in one go: their sums stay in registers.
pub(super) const LANES: usize = 16;

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

/// Adds frames to the sums of all waves, cosine and sine, for some lanes of a feature.
pub(super) fn accumulate(frames: &[[f64; LANES]], waves: &[Wave], sums: &mut [[[f32; LANES]; 2]]) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as was just asked.
        return unsafe { avx2::accumulate(frames, waves, sums) };
    }
    plain_accumulate(frames, waves, sums);
}

/// Multiplies and adds in 64 bits and rounds to 32 once a frame, as the reference does.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "compiled again with wider vectors below"
)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "rounding is the definition"
)]
pub(super) fn plain_accumulate(
    frames: &[[f64; LANES]],
    waves: &[Wave],
    sums: &mut [[[f32; LANES]; 2]],
) {
    for (wave, [cosines, sines]) in waves.iter().zip(sums) {
        let (mut by_cosine, mut by_sine) = (*cosines, *sines);
        for (frame, [cosine, sine]) in frames.iter().zip(wave) {
            for (sum, value) in by_cosine.iter_mut().zip(frame) {
                *sum = (f64::from(*sum) + value * cosine) as f32;
            }
            for (sum, value) in by_sine.iter_mut().zip(frame) {
                *sum = (f64::from(*sum) + value * sine) as f32;
            }
        }
        (*cosines, *sines) = (by_cosine, by_sine);
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::{LANES, Wave, plain_accumulate, plain_transform};

    #[target_feature(enable = "avx2")]
    pub(super) fn transform(luma: &[f32; 64 * 64]) -> [f32; 256] {
        plain_transform(luma)
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn accumulate(
        frames: &[[f64; LANES]],
        waves: &[Wave],
        sums: &mut [[[f32; LANES]; 2]],
    ) {
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
        let frames: [[f64; LANES]; BLOCK] =
            std::array::from_fn(|_| std::array::from_fn(|_| f64::from(float() as f32)));
        let waves: Vec<Wave> = (0..9)
            .map(|_| std::array::from_fn(|_| [float(), float()]))
            .collect();
        let start = vec![[[0.25; LANES], [-3.5; LANES]]; 9];
        let (mut wide, mut plain) = (start.clone(), start);
        accumulate(&frames[..29], &waves, &mut wide);
        plain_accumulate(&frames[..29], &waves, &mut plain);
        let bits = |sums: &[[[f32; LANES]; 2]]| -> Vec<u32> {
            sums.iter()
                .flatten()
                .flatten()
                .map(|sum| sum.to_bits())
                .collect()
        };
        assert_eq!(bits(&wide), bits(&plain));
    }
}
