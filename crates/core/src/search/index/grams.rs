//! Where in a block a text can be at all: for every three bytes that follow each other in a folded name, a bit for each
//! chunk of names that has them somewhere.
//!
//! A word that is in no name, or in few, is then looked for in some kilobytes instead of in all names. The three bytes are
//! told apart by a hash, so a chunk with all bits of a text is only worth looking at. Four bytes a file, in a column of the
//! block, so that it is written with one block in memory and covered by the block's checksum.

use std::ops::Range;

/// Files of a chunk.
const CHUNK_FILES: usize = 512;

/// Rows of a table: values of the hash.
const ROW_BITS: u32 = 14;
const ROWS: usize = 1 << ROW_BITS;

/// Blocks of fewer files have no table: their names are gone through as quickly.
const FEWEST_FILES: usize = 4_096;

/// At most so many threes of a text are looked up, evenly spread: these leave hardly a chunk that lacks it.
const MOST_ROWS: usize = 64;

/// Returns the table of a block's folded names, of which each ends with a NUL and `starts` has one more than there are.
/// It is empty for a small block.
pub(super) fn table_of(folded: &[u8], starts: &[u32]) -> Vec<u8> {
    let files = starts.len().saturating_sub(1);
    let width = table_bytes(files) / ROWS;
    let mut table = vec![0; table_bytes(files)];
    if table.is_empty() {
        return table;
    }
    let at = |place: usize| starts.get(place).map_or(0, |start| *start as usize);
    for chunk in 0..files.div_ceil(CHUNK_FILES) {
        let places = files_of(chunk, files);
        let names = folded
            .get(at(places.start)..at(places.end))
            .unwrap_or_default();
        for row in rows_in(names) {
            if let Some(byte) = table.get_mut(row * width + chunk / 8) {
                *byte |= 1 << (chunk % 8);
            }
        }
    }
    table
}

/// Returns how long the table of a block of so many files is.
pub(super) const fn table_bytes(files: usize) -> usize {
    if files < FEWEST_FILES {
        0
    } else {
        ROWS * files.div_ceil(CHUNK_FILES).div_ceil(8)
    }
}

/// Returns the rows of all threes in some names, each once.
fn rows_in(names: &[u8]) -> impl Iterator<Item = usize> {
    let mut seen = vec![0_u64; ROWS / 64];
    for name in names.split(|byte| *byte == 0) {
        for three in name.windows(3) {
            let row = row_of(three);
            if let Some(word) = seen.get_mut(row / 64) {
                *word |= 1 << (row % 64);
            }
        }
    }
    let words = seen.into_iter().enumerate();
    words.flat_map(|(number, word)| {
        (0..64)
            .filter(move |bit| word >> bit & 1 == 1)
            .map(move |bit| number * 64 + bit)
    })
}

fn row_of(three: &[u8]) -> usize {
    let value = three
        .iter()
        .fold(0_u32, |value, byte| value << 8 | u32::from(*byte));
    // Fibonacci hashing: the upper bits of the product depend on all bytes.
    (value.wrapping_mul(0x9E37_79B1) >> (u32::BITS - ROW_BITS)) as usize
}

fn files_of(chunk: usize, files: usize) -> Range<usize> {
    chunk * CHUNK_FILES..((chunk + 1) * CHUNK_FILES).min(files)
}

/// The rows of a text.
#[derive(Debug)]
pub(crate) struct Wanted {
    rows: Vec<usize>,
}

impl Wanted {
    /// Returns what to look up for a folded text.
    pub(crate) fn of(text: &[u8]) -> Self {
        let threes = text.windows(3);
        let step = threes.len().div_ceil(MOST_ROWS).max(1);
        Self {
            rows: threes.step_by(step).map(row_of).collect(),
        }
    }

    /// Returns the files of a block whose names may hold the text, as ranges of their places.
    pub(crate) fn ranges(&self, table: &[u8], files: usize) -> Vec<Range<usize>> {
        let width = table.len() / ROWS;
        if width == 0 || self.rows.is_empty() {
            return std::iter::once(0..files).collect();
        }
        let mut chunks = vec![u8::MAX; width];
        for row in &self.rows {
            let bits = table.get(row * width..).unwrap_or_default();
            for (byte, bits) in chunks.iter_mut().zip(bits) {
                *byte &= bits;
            }
        }
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for chunk in 0..files.div_ceil(CHUNK_FILES) {
            if chunks
                .get(chunk / 8)
                .is_none_or(|byte| byte >> (chunk % 8) & 1 == 0)
            {
                continue;
            }
            let places = files_of(chunk, files);
            match ranges.last_mut() {
                Some(last) if last.end == places.start => last.end = places.end,
                _ => ranges.push(places),
            }
        }
        ranges
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arena(names: &[String]) -> (Vec<u8>, Vec<u32>) {
        let (mut folded, mut starts) = (Vec::new(), vec![0]);
        for name in names {
            folded.extend_from_slice(name.as_bytes());
            folded.push(0);
            starts.push(u32::try_from(folded.len()).unwrap());
        }
        (folded, starts)
    }

    fn files_with(text: &[u8], table: &[u8], files: usize) -> usize {
        let ranges = Wanted::of(text).ranges(table, files);
        ranges.iter().map(Range::len).sum()
    }

    #[test]
    fn no_chunk_with_the_text_is_left_out_and_most_others_are() {
        let mut names: Vec<String> = (0..10_000).map(|n| format!("clip {n:05}.mkv")).collect();
        for place in [0, 511, 512, 7_000, 9_999] {
            names[place].push_str(" zebra");
        }
        let (folded, starts) = arena(&names);
        let table = table_of(&folded, &starts);
        assert_eq!(table.len(), table_bytes(names.len()));
        let ranges = Wanted::of(b"zebra").ranges(&table, names.len());
        for place in [0, 511, 512, 7_000, 9_999] {
            assert!(ranges.iter().any(|range| range.contains(&place)), "{place}");
        }
        assert!(files_with(b"zebra", &table, names.len()) < 5 * CHUNK_FILES);
        assert_eq!(files_with(b".mkv", &table, names.len()), 10_000);
        assert_eq!(files_with(b"xylophone", &table, names.len()), 0);
        // Of a long text not every three is looked up.
        let long = "0123456789".repeat(400);
        names[600] = long.clone();
        let (folded, starts) = arena(&names);
        let table = table_of(&folded, &starts);
        let ranges = Wanted::of(long.as_bytes()).ranges(&table, names.len());
        assert_eq!(ranges, std::slice::from_ref(&(512..1_024)));
    }

    #[test]
    fn short_texts_and_small_blocks_have_no_table_to_look_into() {
        let names: Vec<String> = (0..100).map(|n| format!("{n}.mkv")).collect();
        let (folded, starts) = arena(&names);
        let table = table_of(&folded, &starts);
        assert!(table.is_empty());
        assert_eq!(files_with(b"absent", &table, 100), 100);
        let full = vec![0; table_bytes(5_000)];
        assert_eq!(files_with(b"mk", &full, 5_000), 5_000);
    }
}
