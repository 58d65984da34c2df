//! PDQ: 256 bits of a picture that stay nearly the same when it is scaled, compressed or slightly edited; and PDQF, the 256
//! floats they are made of.
//!
//! The picture's brightness is shrunk to 64 × 64, and the lowest 16 × 16 frequencies of its cosine transform (without the
//! constant ones) are the features. A bit says whether its feature is above the median. Two pictures are usually called the
//! same when at most [`SAME_PICTURE_BITS`] bits differ and both have a [`Pdq::quality`] of at least [`USABLE_QUALITY`].
//!
//! Everything is computed in 32-bit floats, one rounding a step, in the order of the C++ reference
//! (facebook/ThreatExchange), so that features are equal to its features bit for bit on every system. One thing is left
//! out: programs around the reference first scale photographs with a side above 512 pixels to 512 × 512 by nearest
//! neighbour. To get the very bits of those programs, do so before.

mod features;
mod shrink;

pub use features::Features;
pub(crate) use features::transform;

use crate::Dihedral;
use std::fmt;
use std::str::FromStr;

/// Bits that may differ between two encodings of the same picture, as commonly set.
pub const SAME_PICTURE_BITS: u32 = 31;

/// The quality below which a hash says too little to be compared, as commonly set.
pub const USABLE_QUALITY: u8 = 50;

/// Why a picture has no PDQ hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PdqError {
    /// A side is zero, or the pixels are not as many as the sides say.
    #[error("{found} pixels do not make a picture of {width} × {height}")]
    Size {
        /// Pixels a row.
        width: usize,
        /// Rows.
        height: usize,
        /// Pixels that were given.
        found: usize,
    },
}

/// Features and quality of one picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Pdq {
    /// The lowest frequencies of the picture.
    pub features: Features,
    /// How much there is to tell pictures apart by, from 0 (one colour) to 100.
    pub quality: u8,
}

impl Pdq {
    /// Computes features and quality of a picture given as brightness from 0 to 255, row by row.
    ///
    /// # Errors
    /// When `luma` does not hold `width * height` values, or none.
    pub fn of_luma(width: usize, height: usize, luma: &[f32]) -> Result<Self, PdqError> {
        let found = luma.len();
        if found == 0 || width.checked_mul(height) != Some(found) {
            return Err(PdqError::Size {
                width,
                height,
                found,
            });
        }
        let small = shrink::to_64x64(width, height, luma);
        Ok(Self {
            features: Features::of_64x64(&small),
            quality: quality(&small),
        })
    }

    /// Computes features and quality of a picture in RGB24, row by row.
    ///
    /// # Errors
    /// When `rgb` does not hold `width * height` pixels, or none.
    pub fn of_rgb24(width: usize, height: usize, rgb: &[u8]) -> Result<Self, PdqError> {
        Self::of_luma(width, height, &crate::luma::of_rgb24(rgb))
    }

    /// Returns the 256 bits.
    pub fn hash(&self) -> Hash {
        self.features.hash()
    }

    /// Returns the bits of the picture laid in each of the eight ways, in the order of [`Dihedral::ALL`].
    pub fn hashes(&self) -> [Hash; 8] {
        Dihedral::ALL.map(|way| self.features.laid(way).hash())
    }
}

/// Sums the steps between neighbouring pixels, each in whole hundredths of the range.
fn quality(picture: &[f32; 64 * 64]) -> u8 {
    let (rows, _) = picture.as_chunks::<64>();
    let sideways = rows
        .iter()
        .flat_map(|row| row.iter().zip(row.iter().skip(1)));
    let downwards = picture.iter().zip(picture.iter().skip(64));
    let total: u32 = sideways.chain(downwards).map(|(a, b)| step(*a, *b)).sum();
    u8::try_from((total / 90).min(100)).unwrap_or(100)
}

/// Returns the difference of two pixels in hundredths of the range, cut off to a whole number.
#[expect(
    clippy::cast_possible_truncation,
    reason = "cutting off is the definition; values that are no numbers become 0"
)]
fn step(a: f32, b: f32) -> u32 {
    (((a - b) * 100.0 / 255.0) as i32).unsigned_abs().min(100)
}

/// The 256 bits of a picture. The text form is 64 hexadecimal digits, the bits of the highest vertical frequency first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash(
    /// Bit `row * 16 + column` of the coefficients is bit `n % 64` of word `n / 64`.
    pub [u64; 4],
);

impl Hash {
    /// Returns how many bits differ, from 0 to 256.
    pub fn distance(&self, other: &Self) -> u32 {
        let pairs = self.0.iter().zip(&other.0);
        pairs.map(|(a, b)| (a ^ b).count_ones()).sum()
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = self.0.iter().rev();
        words.try_for_each(|word| write!(f, "{word:016x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// A text that is not 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a PDQ hash is 64 hexadecimal digits")]
pub struct NotAHash;

impl FromStr for Hash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, NotAHash> {
        let (digits, rest) = text.as_bytes().as_chunks::<16>();
        let digits: &[[u8; 16]; 4] = digits.try_into().map_err(|_| NotAHash)?;
        if !rest.is_empty() || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NotAHash);
        }
        let mut words = [0; 4];
        for (word, digits) in words.iter_mut().zip(digits.iter().rev()) {
            let digits = std::str::from_utf8(digits).map_err(|_| NotAHash)?;
            *word = u64::from_str_radix(digits, 16).map_err(|_| NotAHash)?;
        }
        Ok(Self(words))
    }
}

#[cfg(test)]
pub(crate) mod reference;
#[cfg(test)]
mod tests;
