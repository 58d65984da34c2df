//! Which sounds may be the same: those that share enough of their items, found without comparing each with each.

use videocatalog_fingerprint::chromaprint::{Fingerprint, SILENCE};

/// High bits of an item that stay the same when a sound is encoded again.
const KEPT_BITS: u32 = 20;

/// One in so many different items is kept, the same ones of every long sound; of a short one all.
const ONE_IN: u32 = 4;

/// A sound of fewer items, less than a minute, is short.
const LONG_ITEMS: usize = 480;

/// Sounds before it that one is paired with for a shared item.
const MOST_SHARING: usize = 32;

/// Kept items that two sounds must share: so many, or a quarter of those of the one that has fewer.
const FEWEST_SHARED: usize = 6;

/// Items of a sound that say something; with fewer it counts as silent.
const FEWEST_TELLING: usize = 24;

/// Returns whether a sound says something.
pub(super) fn is_telling(sound: &Fingerprint) -> bool {
    sound.telling_items() >= FEWEST_TELLING
}

/// Returns what of a sound stays the same when it is encoded again, in order.
pub(super) fn keys(sound: &Fingerprint) -> Vec<u32> {
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
    keys
}

/// Sounds by their keys.
pub(super) struct Sounds<'i> {
    /// The keys of each, by place.
    keys: Vec<&'i [u32]>,
    /// Where the places of each key begin.
    begins: Vec<usize>,
    /// Places, those of one key together and in order.
    places: Vec<usize>,
}

impl<'i> Sounds<'i> {
    pub(super) fn new(keys: Vec<&'i [u32]>) -> Self {
        let mut begins = vec![0; (1 << KEPT_BITS) + 1];
        for key in keys.iter().copied().flatten() {
            if let Some(count) = begins.get_mut(*key as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for begin in &mut begins {
            sum += *begin;
            *begin = sum;
        }
        let mut ends = begins.clone();
        let mut places = vec![0; sum];
        for (place, keys) in keys.iter().enumerate() {
            for key in *keys {
                let Some(end) = ends.get_mut(*key as usize) else {
                    continue;
                };
                if let Some(slot) = places.get_mut(*end) {
                    *slot = place;
                    *end += 1;
                }
            }
        }
        Self {
            keys,
            begins,
            places,
        }
    }

    /// Returns the sounds before this one that may be the same.
    pub(super) fn like(&self, place: usize) -> Vec<usize> {
        let own = self.keys.get(place).copied().unwrap_or_default();
        let mut sharing: Vec<usize> = Vec::new();
        for key in own {
            let before = self.with(*key);
            let before = before
                .get(..before.partition_point(|other| *other < place))
                .unwrap_or_default();
            // What many share pairs them with the first and the last few only: the others follow from that.
            let last = before.len().saturating_sub(MOST_SHARING);
            sharing.extend(before.iter().take(1.min(last)));
            sharing.extend(before.iter().skip(last));
        }
        sharing.sort_unstable();
        sharing
            .chunk_by(|one, other| one == other)
            .filter_map(|same| {
                let other = *same.first()?;
                let theirs = self.keys.get(other)?.len();
                let fewest = (own.len().min(theirs) / 4).clamp(2, FEWEST_SHARED);
                (same.len() >= fewest).then_some(other)
            })
            .collect()
    }

    fn with(&self, key: u32) -> &[usize] {
        let key = key as usize;
        let range = self.begins.get(key).copied().unwrap_or(0)
            ..self.begins.get(key + 1).copied().unwrap_or(0);
        self.places.get(range).unwrap_or_default()
    }
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
        let found = found(&sounds);
        assert_eq!(found[2], [0]);
        assert!([0, 1, 3, 4].iter().all(|place| found[*place].is_empty()));
    }

    #[test]
    fn a_thousand_of_the_same_make_few_pairs_that_hold_them_together() {
        let sounds = vec![sound(0x1234_0000); 1_000];
        let found = found(&sounds);
        assert!(found.iter().all(|alike| alike.len() <= MOST_SHARING + 1));
        assert!(found[1..].iter().all(|alike| alike.contains(&0)));
    }

    fn found(sounds: &[Fingerprint]) -> Vec<Vec<usize>> {
        let keys: Vec<Vec<u32>> = sounds.iter().map(keys).collect();
        let index = Sounds::new(keys.iter().map(Vec::as_slice).collect());
        (0..sounds.len()).map(|place| index.like(place)).collect()
    }
}
