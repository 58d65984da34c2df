//! Which films may be parts of longer ones: those that share pictures, found without comparing each with each.

use std::collections::HashMap;

use super::items::{Items, is_part_length};

/// Pictures of a film by which it is looked for.
const MOST_ASKING: usize = 48;

/// Bits in which pictures may differ.
const NEAR_BITS: u32 = 6;

/// Pictures that so many have tell nothing of any of them.
const MOST_SHARING: usize = 256;

/// Share of the asking pictures that must be there, and how many at least.
const LEAST_SHARE: f64 = 0.2;
const FEWEST: usize = 4;

/// A film may be a part of so many.
const MOST_WHOLES: usize = 32;

/// Returns pairs of items of which one is new and one may be a part of the other: the part first.
pub(super) fn candidates(items: &Items) -> Vec<(usize, usize)> {
    // Of four quarters of 16 bits one is equal if at most three bits differ, and often if some more do.
    let mut sharing: HashMap<(usize, u16), Vec<(usize, u64)>> = HashMap::new();
    for (place, item) in items.all.iter().enumerate() {
        for bits in &item.scenes {
            for quarter in quarters(*bits) {
                sharing.entry(quarter).or_default().push((place, *bits));
            }
        }
    }
    sharing.retain(|_, films| films.len() <= MOST_SHARING * 4);
    let mut pairs = Vec::new();
    for (part, item) in items.all.iter().enumerate() {
        let step = item.scenes.len().div_ceil(MOST_ASKING).max(1);
        let asking = item.scenes.iter().step_by(step);
        let asked = asking.len();
        let mut shared: HashMap<usize, usize> = HashMap::new();
        for bits in asking {
            let mut wholes: Vec<usize> = quarters(*bits)
                .iter()
                .filter_map(|quarter| sharing.get(quarter))
                .flatten()
                .filter(|(whole, other)| {
                    (*whole >= items.known || part >= items.known)
                        && (bits ^ other).count_ones() <= NEAR_BITS
                })
                .map(|(whole, _)| *whole)
                .collect();
            wholes.sort_unstable();
            wholes.dedup();
            if wholes.len() <= MOST_SHARING {
                for whole in wholes {
                    *shared.entry(whole).or_default() += 1;
                }
            }
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            clippy::cast_sign_loss,
            reason = "48 at most"
        )]
        let fewest = ((asked as f64 * LEAST_SHARE) as usize).max(FEWEST);
        let mut wholes: Vec<(usize, usize)> = shared
            .into_iter()
            .filter(|(whole, count)| {
                let longer = items.all.get(*whole);
                let is_longer = longer.is_some_and(|whole| {
                    whole.length_s > item.length_s && is_part_length(item, whole)
                });
                *count >= fewest && is_longer
            })
            .collect();
        wholes.sort_by_key(|(whole, count)| (std::cmp::Reverse(*count), *whole));
        wholes.truncate(MOST_WHOLES);
        pairs.extend(wholes.into_iter().map(|(whole, _)| (part, whole)));
    }
    pairs
}

/// Returns the four quarters of 64 bits, each with its number.
fn quarters(bits: u64) -> [(usize, u16); 4] {
    std::array::from_fn(|number| {
        #[expect(clippy::cast_possible_truncation, reason = "the quarter is wanted")]
        let quarter = (bits >> (16 * number)) as u16;
        (number, quarter)
    })
}
