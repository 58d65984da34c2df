//! The `.tmk` file: a header, then numbers, all little-endian.
//!
//! Files come from strangers. Lengths are computed from the header and compared with what is there before anything is
//! allocated, so that no more memory is taken than the file is long.

use super::Tmk;

const MAGIC: &[u8; 12] = b"TMK1FVECPDQF";
const HEADER_BYTES: usize = 32;

/// More than any real file has; keeps the time for a comparison in bounds.
const MOST_PERIODS: u32 = 64;
const LONGEST_PERIOD: i32 = 1 << 20;
const MOST_COEFFICIENTS: u32 = 1024;
const LARGEST_DIMENSION: u32 = 1 << 16;

/// Why bytes are no `.tmk` file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TmkError {
    /// They do not begin as one, or are shorter than its header.
    #[error("not a TMK+PDQF file: it does not begin with `TMK1FVECPDQF`")]
    Magic,
    /// The header has a number that no film has.
    #[error("damaged TMK+PDQF file: {what} in its header makes no sense")]
    Header {
        /// Which number.
        what: &'static str,
    },
    /// The file is not as long as its header says.
    #[error("damaged TMK+PDQF file: {found} bytes where its header says {expected}")]
    Length {
        /// Bytes by the header.
        expected: u64,
        /// Bytes there are.
        found: u64,
    },
}

impl Tmk {
    /// Returns the bytes of the `.tmk` file: 263,344 where [`super::Builder`] made the fingerprint.
    pub fn to_bytes(&self) -> Vec<u8> {
        let count = |length: usize| i32::try_from(length).unwrap_or(i32::MAX);
        let header = [
            self.frames_per_second,
            count(self.periods.len()),
            count(self.coefficients.len()),
            count(self.average.len()),
            self.frame_count,
        ];
        let integers = header.iter().chain(&self.periods);
        let floats = [
            &self.coefficients,
            &self.average,
            &self.cosines,
            &self.sines,
        ];
        let mut bytes = MAGIC.to_vec();
        bytes.extend(integers.flat_map(|number| number.to_le_bytes()));
        bytes.extend(
            floats
                .into_iter()
                .flatten()
                .flat_map(|number| number.to_le_bytes()),
        );
        bytes
    }

    /// Reads the bytes of a `.tmk` file, also with other periods, coefficients and dimension than ours. Numbers that are
    /// not finite are kept; scores treat them as no similarity.
    ///
    /// # Errors
    /// When it is no such file, or damaged: see [`TmkError`]. No more memory is taken than the bytes have.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TmkError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(TmkError::Magic)?;
        let (words, _) = rest.as_chunks::<4>();
        let [
            fps,
            periods,
            coefficients,
            dimension,
            frame_count,
            numbers @ ..,
        ] = words
        else {
            return Err(TmkError::Magic);
        };
        let periods = bounded(*periods, MOST_PERIODS, "the number of periods")?;
        let coefficients = bounded(
            *coefficients,
            MOST_COEFFICIENTS,
            "the number of coefficients",
        )?;
        let dimension = bounded(*dimension, LARGEST_DIMENSION, "the dimension")?;
        check_length(bytes.len(), periods, coefficients, dimension)?;
        let vectors = periods * coefficients * dimension;
        let (periods, numbers) = numbers.split_at_checked(periods).unwrap_or_default();
        let (coefficients, numbers) = numbers.split_at_checked(coefficients).unwrap_or_default();
        let (average, numbers) = numbers.split_at_checked(dimension).unwrap_or_default();
        let (cosines, sines) = numbers.split_at_checked(vectors).unwrap_or_default();
        let periods: Vec<i32> = periods.iter().copied().map(i32::from_le_bytes).collect();
        if periods
            .iter()
            .any(|period| !(1..=LONGEST_PERIOD).contains(period))
        {
            return Err(TmkError::Header { what: "a period" });
        }
        Ok(Self {
            frames_per_second: i32::from_le_bytes(*fps),
            frame_count: i32::from_le_bytes(*frame_count),
            periods,
            coefficients: floats(coefficients),
            average: floats(average),
            cosines: floats(cosines),
            sines: floats(sines),
        })
    }
}

fn bounded(word: [u8; 4], most: u32, what: &'static str) -> Result<usize, TmkError> {
    let number = u32::from_le_bytes(word);
    let usable = (1..=most).contains(&number).then_some(number);
    usable
        .and_then(|number| usize::try_from(number).ok())
        .ok_or(TmkError::Header { what })
}

fn check_length(
    found: usize,
    periods: usize,
    coefficients: usize,
    dimension: usize,
) -> Result<(), TmkError> {
    let [periods, coefficients, dimension] = [periods, coefficients, dimension].map(|n| n as u64);
    let vectors = 2 * periods * coefficients * dimension;
    let expected = HEADER_BYTES as u64 + 4 * (periods + coefficients + dimension + vectors);
    let found = found as u64;
    if found == expected {
        Ok(())
    } else {
        Err(TmkError::Length { expected, found })
    }
}

fn floats(words: &[[u8; 4]]) -> Vec<f32> {
    words.iter().copied().map(f32::from_le_bytes).collect()
}
