//! Everything's file lists: `Filename,Size,Date Modified,Date Created,Attributes`, of which only the first is always there.

use super::source::{Entry, Line, cell, number, text};
use crate::catalog::import::ListedFile;
use crate::clock::parse_utc;

/// `FILE_ATTRIBUTE_DIRECTORY`.
const DIRECTORY: u32 = 0x10;

/// Where the columns are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    name: usize,
    size: Option<usize>,
    modified: Option<usize>,
    attributes: Option<usize>,
}

impl Columns {
    /// Returns the places of the columns, if the line names them.
    pub(super) fn of(header: &csv::ByteRecord) -> Option<Self> {
        let find = |name: &str| {
            header
                .iter()
                .position(|cell| cell.trim_ascii().eq_ignore_ascii_case(name.as_bytes()))
        };
        Some(Self {
            name: find("Filename")?,
            size: find("Size"),
            modified: find("Date Modified"),
            attributes: find("Attributes"),
        })
    }
}

/// Returns what a line says.
pub(super) fn line(columns: &Columns, row: &csv::ByteRecord) -> Line {
    match read(columns, row) {
        Ok(line) => line,
        Err(reason) => Line::Bad(reason),
    }
}

fn read(columns: &Columns, row: &csv::ByteRecord) -> Result<Line, String> {
    let path = cell(row, Some(columns.name)).ok_or("there is no file name")?;
    let attributes: Option<u32> = number(row, columns.attributes, "Attributes")?;
    if attributes.is_some_and(|attributes| attributes & DIRECTORY != 0) {
        return Ok(Line::Folder);
    }
    // Unknown sizes are written as the largest number there is.
    let size: Option<u64> = number(row, columns.size, "Size")?;
    Ok(Line::File(Box::new(Entry {
        path: path.to_vec(),
        file: ListedFile {
            size_bytes: size.and_then(|size| i64::try_from(size).ok()),
            mtime_us: modified(row, columns.modified)?,
            ..ListedFile::default()
        },
        ..Entry::default()
    })))
}

/// A time as Windows counts it, or written out.
fn modified(row: &csv::ByteRecord, column: Option<usize>) -> Result<Option<i64>, String> {
    let Some(written) = text(row, column) else {
        return Ok(None);
    };
    if let Ok(ticks) = written.parse::<u64>() {
        return Ok(unix_us(ticks));
    }
    parse_utc(written)
        .map(Some)
        .ok_or_else(|| "Date Modified is no time".to_owned())
}

/// Returns microseconds since 1970 for steps of 100 ns since 1601; 0 and the largest number mean that it is not known.
fn unix_us(ticks: u64) -> Option<i64> {
    const FROM_1601_TO_1970_US: i64 = 11_644_473_600_000_000;
    match ticks {
        0 | 0x7fff_ffff_ffff_ffff.. => None,
        ticks => Some(i64::try_from(ticks / 10).ok()? - FROM_1601_TO_1970_US),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: &str, row: &str) -> Line {
        let record = |text: &str| {
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .from_reader(text.as_bytes());
            let mut record = csv::ByteRecord::new();
            assert!(reader.read_byte_record(&mut record).unwrap());
            record
        };
        line(&Columns::of(&record(header)).unwrap(), &record(row))
    }

    const HEADER: &str = "Filename,Size,Date Modified,Date Created,Attributes";

    fn file(path: &str, size_bytes: Option<i64>, mtime_us: Option<i64>) -> Line {
        Line::File(Box::new(Entry {
            path: path.into(),
            file: ListedFile {
                size_bytes,
                mtime_us,
                ..ListedFile::default()
            },
            ..Entry::default()
        }))
    }

    #[test]
    fn lines() {
        for (row, expected) in [
            (
                r#""C:\a, b.mkv",123,132000000000000000,,32"#,
                file(r"C:\a, b.mkv", Some(123), Some(1_555_526_400_000_000)),
            ),
            (r#""C:\folder",,,,16"#, Line::Folder),
            (r#""C:\folder",,,,8208"#, Line::Folder),
            (r"C:\x,18446744073709551615,0,0,", file(r"C:\x", None, None)),
            (
                r"C:\x,1,2021-06-15T12:34:56Z,,",
                file(r"C:\x", Some(1), Some(1_623_760_496_000_000)),
            ),
            (",1,2,3,4", Line::Bad("there is no file name".into())),
            (r"C:\x,many,0,0,0", Line::Bad("Size is no number".into())),
            (
                r"C:\x,1,yesterday,0,0",
                Line::Bad("Date Modified is no time".into()),
            ),
            (r"C:\x", file(r"C:\x", None, None)),
        ] {
            assert_eq!(check(HEADER, row), expected, "{row}");
        }
        assert_eq!(check("filename", r"C:\x"), file(r"C:\x", None, None));
    }
}
