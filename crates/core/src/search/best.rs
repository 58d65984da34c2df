//! The first of many hits in some order, without sorting them all.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::Order;
use super::bits::{Places, with_values};
use super::index::{Block, NO_TIME, ZONE_FILES};
use super::plan::FilePath;

/// Where a hit is: which of the searched parts, which block, which file there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) part: u32,
    pub(super) block: u32,
    pub(super) file: u32,
}

impl Place {
    pub(super) fn new(part: u32, block: usize, file: usize) -> Self {
        Self {
            part,
            block: u32::try_from(block).unwrap_or(u32::MAX),
            file: u32::try_from(file).unwrap_or(u32::MAX),
        }
    }
}

/// A hit with its rank; the greatest is the last in the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ranked {
    number: i64,
    text: Vec<u8>,
    pub(super) at: Place,
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        other
            .number
            .cmp(&self.number)
            .then_with(|| self.text.cmp(&other.text))
            .then_with(|| self.at.cmp(&other.at))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The first hits so far.
pub(super) struct Best {
    order: Order,
    limit: usize,
    heap: BinaryHeap<Ranked>,
}

impl Best {
    pub(super) fn new(order: Order, limit: usize) -> Self {
        Self {
            order,
            limit,
            heap: BinaryHeap::new(),
        }
    }

    /// Takes those of a block's hits that are among the first. Most are passed over, 64 or a whole zone at once.
    pub(super) fn take(
        &mut self,
        block: &Block<'_>,
        hits: &Places,
        path: &mut FilePath<'_>,
        place: impl Fn(usize) -> Place,
    ) {
        const ZONE_WORDS: usize = ZONE_FILES / 64;
        let (values, most_of_zones) = match self.order {
            Order::Newest => (block.times(), block.zone_times()),
            Order::Oldest => (block.times(), &[][..]),
            Order::Largest => (block.sizes(), block.zone_sizes()),
            Order::Smallest => (block.sizes(), &[][..]),
            Order::Name | Order::Path => (&[][..], &[][..]),
        };
        for (zone, words) in hits.words().chunks(ZONE_WORDS).enumerate() {
            let most = most_of_zones.get(zone).copied().unwrap_or(i64::MAX);
            if self.least().is_some_and(|least| most < least) {
                continue;
            }
            for (number, word) in (zone * ZONE_WORDS..).zip(words) {
                let at = number * 64;
                let values = values.get(at..values.len().min(at + 64));
                let mut left = self.near(*word, values.unwrap_or_default());
                while left != 0 {
                    let file = at + left.trailing_zeros() as usize;
                    left &= left - 1;
                    self.offer(block, path, place(file));
                }
            }
        }
    }

    /// Returns the number that a hit must have at least to be among the first; `None`: any will do.
    fn least(&self) -> Option<i64> {
        let worst = self.heap.peek().filter(|_| self.heap.len() >= self.limit)?;
        // Without a number a hit is the last, and only those without one compete with it.
        (worst.number > i64::MIN).then_some(worst.number)
    }

    /// Returns which of 64 hits do not come too late by their values.
    fn near(&self, word: u64, values: &[i64]) -> u64 {
        let Some(least) = self.least().filter(|_| word != 0) else {
            return word;
        };
        let most = least.saturating_neg();
        match self.order {
            Order::Newest | Order::Largest => with_values(word, values, |value| value >= least),
            Order::Oldest => with_values(word, values, |time| time != NO_TIME && time <= most),
            Order::Smallest => with_values(word, values, |size| size >= 0 && size <= most),
            Order::Name | Order::Path => word,
        }
    }

    fn offer(&mut self, block: &Block<'_>, path: &mut FilePath<'_>, at: Place) {
        let place = at.file as usize;
        let number = match self.order {
            Order::Newest => time(block, place).unwrap_or(i64::MIN),
            Order::Oldest => time(block, place).map_or(i64::MIN, i64::saturating_neg),
            Order::Largest => size(block, place).unwrap_or(i64::MIN),
            Order::Smallest => size(block, place).map_or(i64::MIN, i64::saturating_neg),
            Order::Name | Order::Path => 0,
        };
        let worst = self.heap.peek();
        let worst = worst.filter(|_| self.heap.len() >= self.limit);
        if worst.is_some_and(|worst| number < worst.number) || self.limit == 0 {
            return;
        }
        let stored = path.stored(block, place);
        let text = match self.order {
            Order::Name => Cow::Owned([block.folded(place), b"\0", stored].concat()),
            // Files of one time or size are in the order of their paths.
            _ => Cow::Borrowed(stored),
        };
        // Of many files of one time most end here, and need no text of their own.
        if worst.is_some_and(|worst| number == worst.number && *text > *worst.text) {
            return;
        }
        let text = text.into_owned();
        self.push(Ranked { number, text, at });
    }

    fn push(&mut self, ranked: Ranked) {
        if self.heap.len() < self.limit {
            self.heap.push(ranked);
        } else if let Some(mut worst) = self.heap.peek_mut()
            && ranked < *worst
        {
            *worst = ranked;
        }
    }

    /// Takes over another's.
    pub(super) fn merge(&mut self, other: Self) {
        for ranked in other.heap {
            self.push(ranked);
        }
    }

    /// Returns them in order.
    pub(super) fn into_sorted(self) -> Vec<Ranked> {
        self.heap.into_sorted_vec()
    }
}

fn time(block: &Block<'_>, place: usize) -> Option<i64> {
    block
        .times()
        .get(place)
        .copied()
        .filter(|time| *time != NO_TIME)
}

fn size(block: &Block<'_>, place: usize) -> Option<i64> {
    block.sizes().get(place).copied().filter(|size| *size >= 0)
}
