//! Image file directories: the numbered fields of TIFF, `BigTIFF` and EXIF.

use crate::tags::riff;
use crate::{Reader, Stop};

/// Fields looked at in one directory.
const MOST_FIELDS: u64 = 512;

/// Numbers read of one field: the strips of a large picture.
const MOST_NUMBERS: u64 = 4_096;

/// Bytes read of one text.
const LONGEST_TEXT: u64 = 1_024;

/// A TIFF structure, which may lie inside another file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tiff {
    /// Where it begins in the file; offsets count from here.
    pub(super) base: u64,
    big_endian: bool,
    /// Offsets of 64 bits.
    wide: bool,
    /// The first directory.
    pub(super) first: u64,
}

/// A directory.
#[derive(Debug, Default)]
pub(super) struct Directory {
    fields: Vec<Field>,
    /// Where the next one is; 0: there is none.
    pub(super) next: u64,
    /// Where it ends in the file.
    pub(super) end: u64,
}

/// One field of a directory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    tag: u16,
    kind: u16,
    count: u64,
    /// Where its values are in the file.
    at: u64,
}

impl Field {
    /// Returns the length of a value in bytes.
    const fn width(self) -> Option<u64> {
        Some(match self.kind {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 | 16 | 17 | 18 => 8,
            _ => return None,
        })
    }
}

impl Tiff {
    /// Reads the header, or returns `None` if there is none.
    pub(super) fn open(reader: &mut Reader<'_>, base: u64) -> Result<Option<Self>, Stop> {
        let head = reader.array::<8>(base)?;
        let big_endian = match head.get(..2) {
            Some(b"II") => false,
            Some(b"MM") => true,
            _ => return Ok(None),
        };
        let mut tiff = Self {
            base,
            big_endian,
            wide: false,
            first: 0,
        };
        match tiff.number(head.get(2..4).unwrap_or_default()) {
            // 0x4f52, 0x5352 and 0x55: Olympus and Panasonic have numbers of their own.
            42 | 0x4f52 | 0x5352 | 0x55 => {
                tiff.first = tiff.number(head.get(4..).unwrap_or_default());
            }
            43 => {
                tiff.wide = true;
                tiff.first = tiff.number(&reader.array::<8>(base.saturating_add(8))?);
            }
            _ => return Ok(None),
        }
        Ok(Some(tiff))
    }

    fn number(self, bytes: &[u8]) -> u64 {
        let join = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
        if self.big_endian {
            bytes.iter().fold(0, join)
        } else {
            bytes.iter().rev().fold(0, join)
        }
    }

    /// Reads the directory at an offset.
    pub(super) fn directory(self, reader: &mut Reader<'_>, offset: u64) -> Result<Directory, Stop> {
        let start = self.base.saturating_add(offset);
        let (head, length, word) = if self.wide { (8, 20, 8) } else { (2, 12, 4) };
        let claimed = self.number(&reader.bytes(start, head)?);
        let count = claimed.min(MOST_FIELDS);
        let fields_at = start.saturating_add(head);
        let size = count * length;
        let bytes = reader.bytes(fields_at, size)?;
        let length_of = |length: u64| usize::try_from(length).unwrap_or(12);
        let mut fields = Vec::new();
        for (number, field) in (0_u64..).zip(bytes.chunks_exact(length_of(length))) {
            fields.extend(self.field(field, fields_at + number * length, word));
        }
        let next = if claimed == count {
            reader
                .bytes(fields_at + size, word)
                .map_or(0, |next| self.number(&next))
        } else {
            0
        };
        Ok(Directory {
            fields,
            next,
            end: fields_at + size + word,
        })
    }

    /// Reads a field of 12 or 20 bytes, which lies at `at`; counts and offsets have `word` bytes.
    fn field(self, bytes: &[u8], at: u64, word: u64) -> Option<Field> {
        let (tag, rest) = bytes.split_at_checked(2)?;
        let (kind, rest) = rest.split_at_checked(2)?;
        let (count, value) = rest.split_at_checked(usize::try_from(word).ok()?)?;
        let mut field = Field {
            tag: u16::try_from(self.number(tag)).ok()?,
            kind: u16::try_from(self.number(kind)).ok()?,
            count: self.number(count),
            at: at + 4 + word,
        };
        if field.count.saturating_mul(field.width()?) > word {
            field.at = self.base.saturating_add(self.number(value));
        }
        Some(field)
    }

    /// Returns the numbers of a field, at most some thousands of them.
    pub(super) fn numbers(
        self,
        reader: &mut Reader<'_>,
        directory: &Directory,
        tag: u16,
    ) -> Result<Vec<u64>, Stop> {
        let Some(field) = directory.field(tag) else {
            return Ok(Vec::new());
        };
        let Some(width) = field
            .width()
            .filter(|_| !matches!(field.kind, 5 | 10 | 11 | 12))
        else {
            return Ok(Vec::new());
        };
        let bytes = reader.bytes(field.at, field.count.min(MOST_NUMBERS) * width)?;
        let width = usize::try_from(width).unwrap_or(8);
        Ok(bytes
            .chunks_exact(width)
            .map(|chunk| self.number(chunk))
            .collect())
    }

    /// Returns the first number of a field.
    pub(super) fn first_number(
        self,
        reader: &mut Reader<'_>,
        directory: &Directory,
        tag: u16,
    ) -> Result<Option<u64>, Stop> {
        let Some(field) = directory.field(tag) else {
            return Ok(None);
        };
        let Some(width) = field.width().filter(|_| field.count > 0) else {
            return Ok(None);
        };
        let bytes = reader.bytes(field.at, width)?;
        Ok(Some(self.number(&bytes)))
    }

    /// Returns a field's fractions, numerator first, at most three.
    pub(super) fn fractions(
        self,
        reader: &mut Reader<'_>,
        directory: &Directory,
        tag: u16,
    ) -> Result<Vec<(u64, u64)>, Stop> {
        let Some(field) = directory
            .field(tag)
            .filter(|field| matches!(field.kind, 5 | 10))
        else {
            return Ok(Vec::new());
        };
        let bytes = reader.bytes(field.at, field.count.min(3) * 8)?;
        let fraction = |pair: &[u8; 8]| {
            let [n1, n2, n3, n4, d @ ..] = pair;
            (self.number(&[*n1, *n2, *n3, *n4]), self.number(d))
        };
        Ok(bytes.as_chunks::<8>().0.iter().map(fraction).collect())
    }

    /// Returns a field's text.
    pub(super) fn text(
        reader: &mut Reader<'_>,
        directory: &Directory,
        tag: u16,
    ) -> Result<Option<String>, Stop> {
        let Some(field) = directory
            .field(tag)
            .filter(|field| matches!(field.kind, 1 | 2 | 7))
        else {
            return Ok(None);
        };
        let bytes = reader.bytes(field.at, field.count.min(LONGEST_TEXT))?;
        let text = riff::text(&bytes);
        let text = text.trim();
        Ok((!text.is_empty()).then(|| text.to_owned()))
    }
}

impl Directory {
    /// Returns a field.
    pub(super) fn field(&self, tag: u16) -> Option<Field> {
        self.fields.iter().find(|field| field.tag == tag).copied()
    }
}
