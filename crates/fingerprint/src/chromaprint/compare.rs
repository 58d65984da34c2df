//! Where two sounds agree, and how much.
//!
//! Items of the same sound that was encoded twice differ in few bits, and their high bits often in none. So pairs of items
//! with equal high bits vote for the shift between the two, and only the shifts with most votes are looked at bit by bit.
//! Items that say nothing, silence and repeats, neither vote nor count: else all silent sounds would be the same.

use super::{Fingerprint, SECONDS_PER_ITEM};

/// The largest shift that is tried: ten seconds.
pub const LARGEST_SHIFT_ITEMS: usize = 80;

/// Bits of an item by which pairs vote.
const VOTING_BITS: u32 = 12;

/// Items with the same voting bits that vote; of a monotonous sound the rest would only cost time.
const MOST_VOTERS: usize = 64;

/// Shifts that are looked at bit by bit.
const CANDIDATES: usize = 8;

/// Pairs of telling items that a shift must have to be judged: three seconds.
const FEWEST_PAIRS: u32 = 24;

/// Where two sounds agree best.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// Items of the first sound before the second begins; negative where the second begins first.
    pub shift_items: i32,
    /// Pairs of items that were compared.
    pub pairs: u32,
    /// Share of their bits that differ: 0 for the same sound, about 0.5 for two that have nothing to do with each other.
    pub bit_error_rate: f64,
}

impl Match {
    /// Returns how alike the sounds are: 1 where no bit differs, 0 where half of them do or more.
    pub fn score(&self) -> f64 {
        (1.0 - 2.0 * self.bit_error_rate).max(0.0)
    }

    /// Returns the shift in seconds.
    pub fn shift_s(&self) -> f64 {
        f64::from(self.shift_items) * SECONDS_PER_ITEM
    }

    /// Returns how much sound was compared, in seconds.
    pub fn compared_s(&self) -> f64 {
        f64::from(self.pairs) * SECONDS_PER_ITEM
    }
}

/// Finds where two sounds agree best, shifted by at most `largest_shift` items.
///
/// `None` where they cannot be compared: different algorithms, or no shift with votes at which three seconds of both say
/// something.
pub fn compare(a: &Fingerprint, b: &Fingerprint, largest_shift: usize) -> Option<Match> {
    if a.algorithm != b.algorithm {
        return None;
    }
    let (a, b) = (telling(a), telling(b));
    let matches = best_shifts(&a, &b, largest_shift)
        .into_iter()
        .filter_map(|shift| at(&a, &b, shift));
    matches.min_by(|one, other| {
        let by_bits = one.bit_error_rate.total_cmp(&other.bit_error_rate);
        by_bits.then(one.shift_items.abs().cmp(&other.shift_items.abs()))
    })
}

/// Returns the items, `None` for those that say nothing.
fn telling(fingerprint: &Fingerprint) -> Vec<Option<u32>> {
    let items = fingerprint.items.iter().zip(fingerprint.telling());
    items
        .map(|(item, telling)| telling.then_some(*item))
        .collect()
}

/// Returns the shifts with most votes.
fn best_shifts(a: &[Option<u32>], b: &[Option<u32>], largest: usize) -> Vec<i32> {
    // Beyond these two there is nothing to compare.
    let largest = i32::try_from(largest.min(a.len().max(b.len()))).unwrap_or(i32::MAX - 1);
    let mut votes = vec![0_u32; usize::try_from(2 * i64::from(largest) + 1).unwrap_or_default()];
    let places = by_high_bits(b);
    for (place_a, item) in (0_i32..).zip(a) {
        let Some(item) = item else { continue };
        let first = places.partition_point(|(bits, _)| *bits < high_bits(*item));
        let same = places
            .iter()
            .skip(first)
            .take_while(|(bits, _)| *bits == high_bits(*item));
        for (_, place_b) in same.take(MOST_VOTERS) {
            let index =
                usize::try_from(i64::from(place_a) - i64::from(*place_b) + i64::from(largest));
            if let Some(votes) = index.ok().and_then(|index| votes.get_mut(index)) {
                *votes += 1;
            }
        }
    }
    let mut shifts: Vec<(u32, i32)> = votes
        .into_iter()
        .zip(-largest..)
        .filter(|(votes, _)| *votes > 0)
        .collect();
    shifts.sort_unstable_by_key(|(votes, shift)| (std::cmp::Reverse(*votes), shift.abs()));
    shifts
        .into_iter()
        .take(CANDIDATES)
        .map(|(_, shift)| shift)
        .collect()
}

/// Returns voting bits and place of each telling item, in order.
fn by_high_bits(items: &[Option<u32>]) -> Vec<(u32, i32)> {
    let places = (0_i32..).zip(items);
    let mut sorted: Vec<_> = places
        .filter_map(|(place, item)| Some((high_bits((*item)?), place)))
        .collect();
    sorted.sort_unstable();
    sorted
}

fn high_bits(item: u32) -> u32 {
    item >> (32 - VOTING_BITS)
}

/// Compares bit by bit at one shift.
fn at(a: &[Option<u32>], b: &[Option<u32>], shift: i32) -> Option<Match> {
    let skipped = usize::try_from(shift.unsigned_abs()).unwrap_or(usize::MAX);
    let (skip_a, skip_b) = if shift > 0 {
        (skipped, 0)
    } else {
        (0, skipped)
    };
    let (mut pairs, mut differing) = (0_u32, 0_u64);
    for pair in a.iter().skip(skip_a).zip(b.iter().skip(skip_b)) {
        if let (Some(a), Some(b)) = pair {
            pairs += 1;
            differing += u64::from((a ^ b).count_ones());
        }
    }
    let bits = f64::from(pairs) * 32.0;
    (pairs >= FEWEST_PAIRS).then(|| Match {
        shift_items: shift,
        pairs,
        bit_error_rate: as_float(differing) / bits,
    })
}

#[expect(clippy::cast_precision_loss, reason = "exact below 2^53 bits of sound")]
fn as_float(count: u64) -> f64 {
    count as f64
}
