//! Which sounds may be the same: those that share enough of their items, found without comparing each with each.

use std::collections::HashMap;

use videocatalog_fingerprint::chromaprint::{Fingerprint, SILENCE};

/// High bits of an item that stay the same when a sound is encoded again.
const KEPT_BITS: u32 = 20;

/// One in so many different items is kept, the same ones of every long sound; of a short one all.
const ONE_IN: u32 = 4;

/// A sound of fewer items, less than a minute, is short.
const LONG_ITEMS: usize = 480;

/// Items that so many sounds have tell nothing of any of them.
const MOST_SHARING: usize = 64;

/// Kept items that two sounds must share: so many, or a quarter of those of the one that has fewer.
const FEWEST_SHARED: usize = 6;

/// Returns pairs of places of sounds that may be the same, the first below the second.
pub(super) fn candidates<'f>(
    sounds: impl Iterator<Item = (usize, &'f Fingerprint)>,
) -> Vec<(usize, usize)> {
    let mut kept: Vec<(u32, usize)> = Vec::new();
    let mut kept_of: HashMap<usize, usize> = HashMap::new();
    for (place, sound) in sounds {
        let is_short = sound.items.len() < LONG_ITEMS;
        let mut keys: Vec<u32> = sound
            .items
            .iter()
            .filter(|item| **item != SILENCE)
            .map(|item| item >> (32 - KEPT_BITS))
            .filter(|key| is_short || is_kept(*key))
            .collect();
        keys.sort_unstable();
        keys.dedup();
        kept_of.insert(place, keys.len());
        kept.extend(keys.into_iter().map(|key| (key, place)));
    }
    kept.sort_unstable();
    let mut shared: HashMap<(usize, usize), u16> = HashMap::new();
    for sharing in kept.chunk_by(|one, other| one.0 == other.0) {
        if sharing.len() > MOST_SHARING {
            continue;
        }
        for (index, (_, one)) in sharing.iter().enumerate() {
            for (_, other) in sharing.iter().skip(index + 1) {
                let count = shared.entry((*one, *other)).or_default();
                *count = count.saturating_add(1);
            }
        }
    }
    let mut pairs: Vec<(usize, usize)> = shared
        .into_iter()
        .filter(|((one, other), count)| {
            let of = |place| kept_of.get(place).copied().unwrap_or(0);
            usize::from(*count) >= (of(one).min(of(other)) / 4).clamp(2, FEWEST_SHARED)
        })
        .map(|(pair, _)| pair)
        .collect();
    pairs.sort_unstable();
    pairs
}

/// Chooses by a multiplication, as neighbouring keys are of neighbouring sounds.
fn is_kept(key: u32) -> bool {
    (key.wrapping_mul(0x9E37_79B1) >> 16).is_multiple_of(ONE_IN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound(seed: u32) -> Fingerprint {
        let items = (0..900_u32).map(|at| (at ^ seed).wrapping_mul(0x85EB_CA6B).rotate_left(7));
        Fingerprint {
            algorithm: 1,
            items: items.collect(),
        }
    }

    #[test]
    fn the_same_with_a_few_other_bits_is_found_and_nothing_else() {
        let one = sound(0x1234_0000);
        let mut again = one.clone();
        for item in again.items.iter_mut().step_by(3) {
            *item ^= 1 << 31;
        }
        again.items.drain(..40);
        let silent = Fingerprint {
            algorithm: 1,
            items: vec![SILENCE; 900],
        };
        let sounds = [one, sound(0x7700_0000), again, silent.clone(), silent];
        let found = candidates(sounds.iter().enumerate());
        assert_eq!(found, [(0, 2)]);
    }
}
