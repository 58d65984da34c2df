//! The first hundred bytes of a database: without them SQLite opens nothing, though all the rest may be there.

use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::super::files::{beside, remove_with_companions};
use super::super::open::SCHEMA_VERSION;

const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Size of pages that this program's databases have.
const PAGE_BYTES: u32 = 4_096;

/// Returns a copy of the database with a new header if it has none; `None` if it has one. The copy is the caller's to
/// remove.
pub(super) fn mended(source: &Path) -> std::io::Result<Option<PathBuf>> {
    let mut magic = [0; 16];
    let mut file = fs_err::File::open(source)?;
    let length = file.metadata()?.len();
    if length < u64::from(PAGE_BYTES) || (file.read_exact(&mut magic).is_ok() && magic == *MAGIC) {
        return Ok(None);
    }
    let copy = beside(source, ".mended");
    remove_with_companions(&copy)?;
    fs_err::copy(source, &copy)?;
    let mut file = fs_err::File::options().write(true).open(&copy)?;
    file.seek(SeekFrom::Start(0))?;
    let pages = u32::try_from(length / u64::from(PAGE_BYTES)).unwrap_or(u32::MAX);
    file.write_all(&header(pages))?;
    Ok(Some(copy))
}

/// A header as SQLite's file format describes it, for a database of so many pages without a list of free ones.
fn header(pages: u32) -> [u8; 100] {
    let mut header = Vec::with_capacity(100);
    header.extend(MAGIC);
    header.extend(PAGE_BYTES.to_be_bytes().iter().skip(2));
    // Rollback journal for writing and reading; no bytes kept free at the end of pages; the three fixed fractions.
    header.extend([1, 1, 0, 64, 32, 32]);
    let words: [u32; 18] = [
        1, // how often it was changed
        pages,
        0, // first free page
        0, // free pages
        1, // version of the list of tables
        4, // format of it
        0, // suggested cache
        0, // largest root page, for auto-vacuum
        1, // UTF-8
        SCHEMA_VERSION,
        0, // incremental vacuum
        0x5643_4154,
        0,
        0,
        0,
        0,
        0,
        1, // the change that the next word was written at
    ];
    header.extend(words.iter().flat_map(|word| word.to_be_bytes()));
    header.extend(3_045_000_u32.to_be_bytes());
    let mut fixed = [0; 100];
    for (to, from) in fixed.iter_mut().zip(header) {
        *to = from;
    }
    fixed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_has_its_hundred_bytes() {
        let header = header(7);
        assert_eq!(&header[..16], MAGIC);
        assert_eq!(header[16..18], [16, 0]);
        assert_eq!(header[28..32], [0, 0, 0, 7]);
        assert_eq!(header[56..60], [0, 0, 0, 1]);
        assert_eq!(&header[68..72], b"VCAT");
        assert_eq!(header[92..96], [0, 0, 0, 1]);
        assert_eq!(header[96..], 3_045_000_u32.to_be_bytes());
    }
}
