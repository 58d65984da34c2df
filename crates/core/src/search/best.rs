//! The first of many hits in some order, without sorting them all.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::Order;
use super::bits::Places;
use super::index::{Block, NO_TIME};
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

    /// Drops from a block's hits those that come too late to be among the first: of most blocks, nearly all.
    pub(super) fn narrow(&self, block: &Block<'_>, hits: &mut Places) {
        let Some(worst) = self.heap.peek().filter(|_| self.heap.len() >= self.limit) else {
            return;
        };
        // Without a number a hit is the last, and only those without one compete with it.
        let (least, most) = (worst.number, worst.number.saturating_neg());
        if least == i64::MIN {
            return;
        }
        match self.order {
            Order::Newest => hits.keep_values(block.times(), |time| time >= least),
            Order::Oldest => {
                hits.keep_values(block.times(), |time| time != NO_TIME && time <= most);
            }
            Order::Largest => hits.keep_values(block.sizes(), |size| size >= least),
            Order::Smallest => hits.keep_values(block.sizes(), |size| size >= 0 && size <= most),
            Order::Name | Order::Path => {}
        }
    }

    /// Takes a hit if it is among the first.
    pub(super) fn offer(&mut self, block: &Block<'_>, path: &mut FilePath<'_>, at: Place) {
        let place = at.file as usize;
        let number = match self.order {
            Order::Newest => time(block, place).unwrap_or(i64::MIN),
            Order::Oldest => time(block, place).map_or(i64::MIN, i64::saturating_neg),
            Order::Largest => size(block, place).unwrap_or(i64::MIN),
            Order::Smallest => size(block, place).map_or(i64::MIN, i64::saturating_neg),
            Order::Name | Order::Path => 0,
        };
        // Most hits end here.
        if self.heap.len() >= self.limit
            && self.heap.peek().is_none_or(|worst| number < worst.number)
        {
            return;
        }
        let text = match self.order {
            Order::Name => [block.folded(place), b"\0", path.stored(block, place)].concat(),
            // Files of one time or size are in the order of their paths.
            _ => path.stored(block, place).to_vec(),
        };
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
