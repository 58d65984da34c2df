//! Numbers that a seed decides, the same on every system and in every version.

/// `SplitMix64` (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Returns the sequence that `seed` begins.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns the next number.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below `end`; 0 if `end` is 0.
    pub const fn below(&mut self, end: u64) -> u64 {
        match self.next().checked_rem(end) {
            Some(number) => number,
            None => 0,
        }
    }

    /// Returns a number from `first` to `last`, both included.
    pub const fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last - first + 1)
    }

    /// Returns whether something that happens once in `times` happens now.
    pub const fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// Returns an index into something of that length.
    pub fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }

    /// Returns one of the words.
    pub fn pick(&mut self, words: &[&'static str]) -> &'static str {
        words.get(self.index(words.len())).copied().unwrap_or("x")
    }

    /// Returns one of the words, each as often as its weight says.
    pub fn pick_weighted(&mut self, words: &[(&'static str, u64)]) -> &'static str {
        let mut left = self.below(words.iter().map(|(_, weight)| weight).sum());
        for (word, weight) in words {
            match left.checked_sub(*weight) {
                None => return word,
                Some(rest) => left = rest,
            }
        }
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_is_the_published_one() {
        let mut random = Random::new(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn weights_count() {
        let mut random = Random::new(1);
        let rare = (0..10_000)
            .filter(|_| random.pick_weighted(&[("often", 99), ("rare", 1)]) == "rare")
            .count();
        assert!((50..200).contains(&rare), "{rare}");
    }
}
