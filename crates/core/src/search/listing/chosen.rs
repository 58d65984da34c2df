//! Some of the places of a long list, so that the one of a number is found at once: an eighth of a byte a place.

/// Places between two counts: eight words.
const STRIDE: usize = 512;

/// A set of places, numbered in their order.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    words: Vec<u64>,
    /// How many there are before every stride, and how many in all.
    before: Vec<u32>,
}

impl Chosen {
    /// Chooses among the places of a list.
    pub(super) fn of<T>(list: &[T], is_chosen: impl Fn(&T) -> bool) -> Self {
        let mut count = 0;
        let mut words = Vec::with_capacity(list.len().div_ceil(64));
        let mut before = Vec::with_capacity(list.len().div_ceil(STRIDE) + 1);
        for stride in list.chunks(STRIDE) {
            before.push(count);
            for part in stride.chunks(64) {
                let mut word = 0_u64;
                for (bit, one) in part.iter().enumerate() {
                    word |= u64::from(is_chosen(one)) << bit;
                }
                count += word.count_ones();
                words.push(word);
            }
        }
        before.push(count);
        Self { words, before }
    }

    /// Returns how many there are.
    pub(super) fn len(&self) -> usize {
        self.before.last().map_or(0, |count| *count as usize)
    }

    /// Returns how many there are before a place.
    pub(super) fn count_before(&self, place: usize) -> usize {
        let Some(counted) = self.before.get(place / STRIDE) else {
            return self.len();
        };
        let first = place / STRIDE * (STRIDE / 64);
        let whole = self.words.get(first..place / 64).unwrap_or_default();
        let last = self.words.get(place / 64).copied().unwrap_or(0);
        let in_last = last & ((1 << (place % 64)) - 1);
        let in_whole: u32 = whole.iter().map(|word| word.count_ones()).sum();
        (counted + in_whole + in_last.count_ones()) as usize
    }

    /// Returns the places from the one of a number on.
    pub(super) fn from(&self, number: usize) -> impl Iterator<Item = usize> {
        let is_before = |count: &u32| *count as usize <= number;
        let stride = self
            .before
            .partition_point(is_before)
            .checked_sub(1)
            .filter(|_| number < self.len());
        let counted = stride.and_then(|stride| self.before.get(stride));
        let skipped = number - counted.map_or(number, |count| *count as usize);
        let first = stride.map_or(self.words.len(), |stride| stride * (STRIDE / 64));
        let words = self.words.iter().enumerate().skip(first);
        words
            .flat_map(|(at, word)| bits(*word).map(move |bit| at * 64 + bit))
            .skip(skipped)
    }
}

fn bits(word: u64) -> impl Iterator<Item = usize> {
    let mut left = word;
    std::iter::from_fn(move || {
        let bit = (left != 0).then(|| left.trailing_zeros() as usize)?;
        left &= left - 1;
        Some(bit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(length: usize, is_chosen: impl Fn(&usize) -> bool) {
        let list: Vec<usize> = (0..length).collect();
        let places: Vec<usize> = list.iter().copied().filter(&is_chosen).collect();
        let chosen = Chosen::of(&list, &is_chosen);
        assert_eq!(chosen.len(), places.len());
        for number in 0..=places.len() + 1 {
            let found: Vec<usize> = chosen.from(number).take(3).collect();
            let expected = places.iter().skip(number).take(3);
            assert!(found.iter().eq(expected), "{length} {number}: {found:?}");
        }
        for place in 0..=length {
            let before = places.iter().filter(|one| **one < place).count();
            assert_eq!(chosen.count_before(place), before, "{length} {place}");
        }
    }

    #[test]
    fn numbers_and_places_fit() {
        for length in [0, 1, 63, 64, 511, 512, 513, 1_300] {
            check(length, |_| true);
            check(length, |_| false);
            check(length, |place| place % 7 == 3);
            check(length, |place| *place == 700 || *place > 1_100);
        }
    }
}
