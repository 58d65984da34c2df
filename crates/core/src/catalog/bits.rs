//! A set of row ids, one bit each: eight million in a mebibyte.

/// A growing set of small positive numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    /// Puts `id` in; ids below zero are none of ours.
    pub(crate) fn set(&mut self, id: i64) {
        let Ok(id) = usize::try_from(id) else { return };
        if id / 64 >= self.0.len() {
            self.0.resize(id / 64 + 1, 0);
        }
        if let Some(word) = self.0.get_mut(id / 64) {
            *word |= 1 << (id % 64);
        }
    }

    /// Returns whether anything is in.
    pub(crate) fn any(&self) -> bool {
        self.0.iter().any(|word| *word != 0)
    }

    /// Returns whether `id` is in.
    pub(crate) fn get(&self, id: i64) -> bool {
        usize::try_from(id)
            .ok()
            .and_then(|id| self.0.get(id / 64).map(|word| word >> (id % 64) & 1 == 1))
            .unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_and_out() {
        let mut bits = Bits::default();
        for id in [0, 1, 63, 64, 100_000] {
            assert!(!bits.get(id));
            bits.set(id);
            assert!(bits.get(id));
        }
        assert!(!bits.get(-1) && !bits.get(2) && !bits.get(i64::MAX));
    }
}
