//! Sets of places, one bit each.

/// A set of the places below a bound.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Places {
    words: Vec<u64>,
    bound: usize,
}

impl Places {
    pub(crate) fn none(bound: usize) -> Self {
        Self {
            words: vec![0; bound.div_ceil(64)],
            bound,
        }
    }

    pub(super) fn all(bound: usize) -> Self {
        let mut all = Self {
            words: vec![u64::MAX; bound.div_ceil(64)],
            bound,
        };
        if let Some(last) = all.words.last_mut()
            && !bound.is_multiple_of(64)
        {
            *last = (1 << (bound % 64)) - 1;
        }
        all
    }

    pub(crate) fn insert(&mut self, place: usize) {
        if place < self.bound
            && let Some(word) = self.words.get_mut(place / 64)
        {
            *word |= 1 << (place % 64);
        }
    }

    pub(crate) fn contains(&self, place: usize) -> bool {
        self.words
            .get(place / 64)
            .is_some_and(|word| word >> (place % 64) & 1 == 1)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    pub(crate) fn len(&self) -> usize {
        self.words
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }

    /// Keeps what is in the other too.
    pub(super) fn keep(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    /// Keeps what has its bit in `bits` set, or not set.
    pub(super) fn keep_bits(&mut self, bits: &[u64], set: bool) {
        let flip = if set { 0 } else { u64::MAX };
        let others = bits.iter().copied().chain(std::iter::repeat(0));
        for (word, other) in self.words.iter_mut().zip(others) {
            *word &= other ^ flip;
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    pub(super) fn remove(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= !other;
        }
    }

    /// Keeps the places that `is_kept`.
    pub(super) fn retain(&mut self, mut is_kept: impl FnMut(usize) -> bool) {
        for (number, word) in self.words.iter_mut().enumerate() {
            let mut left = *word;
            while left != 0 {
                let bit = left.trailing_zeros() as usize;
                left &= left - 1;
                if !is_kept(number * 64 + bit) {
                    *word &= !(1 << bit);
                }
            }
        }
    }

    /// Keeps the places whose value in a column is right; places past its end are not kept.
    pub(super) fn keep_values<T: Copy>(&mut self, column: &[T], is_right: impl Fn(T) -> bool) {
        let values = column.chunks(64).chain(std::iter::repeat(&[][..]));
        for (word, values) in self.words.iter_mut().zip(values) {
            *word = with_values(*word, values, &is_right);
        }
    }

    /// Returns the set as words of 64 places.
    pub(super) fn words(&self) -> &[u64] {
        &self.words
    }

    pub(super) fn each(&self, mut visit: impl FnMut(usize)) {
        for (number, word) in self.words.iter().enumerate() {
            let mut left = *word;
            while left != 0 {
                visit(number * 64 + left.trailing_zeros() as usize);
                left &= left - 1;
            }
        }
    }
}

/// Returns which of 64 places have a value that is right.
pub(super) fn with_values<T: Copy>(word: u64, values: &[T], is_right: impl Fn(T) -> bool) -> u64 {
    /// From so many places on it is quicker to look at all 64 than to find each.
    const MANY: u32 = 8;
    let mut right = 0_u64;
    if word.count_ones() >= MANY {
        for (bit, value) in values.iter().enumerate() {
            right |= u64::from(is_right(*value)) << bit;
        }
        return right & word;
    }
    let mut left = word;
    while left != 0 {
        let bit = left.trailing_zeros();
        left &= left - 1;
        let value = values.get(bit as usize);
        right |= u64::from(value.is_some_and(|value| is_right(*value))) << bit;
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_decide_who_stays() {
        let column: Vec<usize> = (0..150).collect();
        for bound in [1, 63, 64, 65, 150, 200] {
            for step in [1, 2, 40] {
                let mut places = Places::none(bound);
                (0..bound)
                    .step_by(step)
                    .for_each(|place| places.insert(place));
                let mut expected = places.clone();
                expected.retain(|place| column.get(place).is_some_and(|value| value % 3 == 0));
                places.keep_values(&column, |value| value % 3 == 0);
                assert_eq!(places, expected, "{bound} {step}");
            }
        }
    }

    #[test]
    fn sets_are_combined() {
        let mut places = Places::all(70);
        assert_eq!(places.len(), 70);
        places.retain(|place| place % 2 == 1);
        let mut other = Places::none(70);
        for place in [1, 2, 69, 70, 200] {
            other.insert(place);
        }
        places.keep(&other);
        let mut found = Vec::new();
        places.each(|place| found.push(place));
        assert_eq!(found, [1, 69]);
        places.add(&other);
        assert!(places.contains(2) && !places.contains(70));
        places.remove(&other);
        assert!(places.is_empty());
        let mut all = Places::all(3);
        all.keep_bits(&[0b100], true);
        assert_eq!(all.len(), 1);
        all.keep_bits(&[], false);
        assert_eq!(all.len(), 1);
    }
}
