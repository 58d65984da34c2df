//! A reader of bits, most significant first; reading past the end gives `None`.

/// What is left of a run of bits.
#[derive(Clone, Debug)]
pub(crate) struct Bits<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Bits<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    /// Returns the position in bits.
    pub(crate) const fn position(&self) -> usize {
        self.position
    }

    pub(crate) fn bit(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.position / 8)?;
        let bit = byte >> (7 - self.position % 8) & 1;
        self.position += 1;
        Some(bit == 1)
    }

    /// Returns the next `count` bits, at most 64, as a number.
    pub(crate) fn take(&mut self, count: u32) -> Option<u64> {
        let mut value = 0;
        for _ in 0..count.min(64) {
            value = value << 1 | u64::from(self.bit()?);
        }
        Some(value)
    }

    /// Returns the next `count` bits, at most 32, as a number.
    pub(crate) fn u32(&mut self, count: u32) -> Option<u32> {
        self.take(count.min(32))
            .and_then(|value| u32::try_from(value).ok())
    }

    /// Returns the next `count` bits, at most 8, as a number.
    pub(crate) fn u8(&mut self, count: u32) -> Option<u8> {
        self.take(count.min(8))
            .and_then(|value| u8::try_from(value).ok())
    }

    pub(crate) fn skip(&mut self, count: usize) -> Option<()> {
        let position = self.position.checked_add(count)?;
        if position > self.bytes.len().checked_mul(8)? {
            return None;
        }
        self.position = position;
        Some(())
    }

    /// Passes over so many Exp-Golomb numbers of either kind.
    pub(crate) fn skip_ue(&mut self, count: u32) -> Option<()> {
        for _ in 0..count {
            self.ue()?;
        }
        Some(())
    }

    /// Returns an unsigned Exp-Golomb number, `ue(v)` of H.264 clause 9.1.
    pub(crate) fn ue(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.bit()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        let rest = self.u32(zeros)?;
        ((1_u64 << zeros) - 1 + u64::from(rest)).try_into().ok()
    }

    /// Returns a signed Exp-Golomb number, `se(v)` of H.264 clause 9.1.1.
    pub(crate) fn se(&mut self) -> Option<i32> {
        let value = i64::from(self.ue()?);
        let magnitude = (value + 1) / 2;
        i32::try_from(if value % 2 == 0 {
            -magnitude
        } else {
            magnitude
        })
        .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_golomb_codes() {
        let mut bits = Bits::new(&[0b1010_0110, 0b0100_0010, 0b1000_0000]);
        assert_eq!(bits.u8(3), Some(0b101));
        assert_eq!(bits.ue(), Some(5)); // 00110
        assert_eq!(bits.se(), Some(1)); // 010
        assert_eq!(bits.ue(), Some(9)); // 0001010
        assert_eq!(bits.position(), 18);
        assert_eq!(bits.take(7), None);
        let mut zeros = Bits::new(&[0; 9]);
        assert_eq!(zeros.ue(), None);
    }
}
