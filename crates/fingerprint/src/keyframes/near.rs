//! The first look at many films: their 64 bits, however they lie, compiled for wide vectors too where the processor has them.
#![allow(
    unsafe_code,
    reason = "calling what is compiled for AVX2, after asking whether the processor has it"
)]

/// Films that are looked at before those that are near are written down.
const BLOCK: usize = 64;

/// Returns the places of those of `others` that differ from one of `ways` in at most `most` bits.
pub fn near(ways: &[u64; 8], others: &[u64], most: u32) -> Vec<usize> {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as was just asked; every one of those counts bits as well.
        return unsafe { avx2(ways, others, most) };
    }
    plain(ways, others, most)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,popcnt")]
fn avx2(ways: &[u64; 8], others: &[u64], most: u32) -> Vec<usize> {
    plain(ways, others, most)
}

#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "compiled again with wider vectors above"
)]
fn plain(ways: &[u64; 8], others: &[u64], most: u32) -> Vec<usize> {
    let mut found = Vec::new();
    for (block, chunk) in others.chunks(BLOCK).enumerate() {
        let mut least = [u32::MAX; BLOCK];
        for way in ways {
            for (least, other) in least.iter_mut().zip(chunk) {
                *least = (*least).min((way ^ other).count_ones());
            }
        }
        let near = least.iter().take(chunk.len()).enumerate();
        let near = near.filter(|(_, least)| **least <= most);
        found.extend(near.map(|(place, _)| block * BLOCK + place));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Noise;

    #[test]
    fn all_that_are_near_and_only_they_are_found() {
        let mut noise = Noise(9);
        let mut word = || (0..8).fold(0, |word, _| word << 8 | u64::from(noise.byte()));
        let ways: [u64; 8] = std::array::from_fn(|_| word());
        let others: Vec<u64> = (0..1_000).map(|_| word()).collect();
        for most in [0, 18, 22, 64] {
            let expected: Vec<usize> = (0..others.len())
                .filter(|place| {
                    ways.iter()
                        .any(|way| (way ^ others[*place]).count_ones() <= most)
                })
                .collect();
            assert_eq!(near(&ways, &others, most), expected);
            assert_eq!(plain(&ways, &others, most), expected);
        }
    }
}
