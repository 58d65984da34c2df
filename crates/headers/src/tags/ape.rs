//! APE tags: before the tag of ID3 version 1 or the end of Monkey's Audio, MP3 and others.

use crate::bytes::Bytes;
use crate::tags::picture::{self, Picture};
use crate::{Media, Reader, Stop};

/// Length of header and footer.
const FRAME: u64 = 32;

/// Items looked at.
const MOST_ITEMS: u32 = 512;

/// Text longer than this is no tag anybody reads.
const LONGEST_TEXT: u64 = 16 << 10;

/// Reads the APE tag that ends at `end` and returns where it begins, or `end` if there is none.
pub(crate) fn read(reader: &mut Reader<'_>, end: u64, media: &mut Media) -> Result<u64, Stop> {
    let Some(at) = end.checked_sub(FRAME) else {
        return Ok(end);
    };
    let footer: [u8; 32] = reader.array(at)?;
    let Some(footer) = Footer::read(&footer) else {
        return Ok(end);
    };
    // The size counts the footer, not the header.
    let Some(items) = end
        .checked_sub(footer.size.into())
        .filter(|_| u64::from(footer.size) >= FRAME)
    else {
        return Ok(end);
    };
    let begin = if footer.has_header {
        items.saturating_sub(FRAME)
    } else {
        items
    };
    let mut position = items;
    for _ in 0..footer.items.min(MOST_ITEMS) {
        match item(reader, position, at, media)? {
            Some(next) => position = next,
            None => break,
        }
    }
    Ok(begin)
}

struct Footer {
    size: u32,
    items: u32,
    has_header: bool,
}

impl Footer {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut bytes = Bytes::new(bytes.strip_prefix(b"APETAGEX")?);
        let version = bytes.u32_le()?;
        let size = bytes.u32_le()?;
        let items = bytes.u32_le()?;
        let flags = bytes.u32_le()?;
        // Bit 29 says that this is a header.
        (version <= 2_000 && flags & 1 << 29 == 0).then_some(Self {
            size,
            items,
            has_header: flags & 1 << 31 != 0,
        })
    }
}

/// Reads one item and returns where the next begins.
fn item(
    reader: &mut Reader<'_>,
    at: u64,
    end: u64,
    media: &mut Media,
) -> Result<Option<u64>, Stop> {
    let head = reader.up_to(at, end.saturating_sub(at).min(8 + 256))?;
    let mut bytes = Bytes::new(&head);
    let (Some(size), Some(flags)) = (bytes.u32_le(), bytes.u32_le()) else {
        return Ok(None);
    };
    let name = bytes.rest();
    let Some(length) = name.iter().position(|byte| *byte == 0) else {
        return Ok(None);
    };
    let name = String::from_utf8_lossy(name.get(..length).unwrap_or_default()).into_owned();
    let value = at + 8 + length as u64 + 1;
    let next = value + u64::from(size);
    if next > end {
        return Ok(None);
    }
    if flags >> 1 & 3 == 1 {
        binary(reader, &name, value, next, media)?;
    } else if u64::from(size) <= LONGEST_TEXT {
        let text = reader.bytes(value, size.into())?;
        let text = joined(&text);
        media.tag(&name, &text);
        // ffprobe leaves these names as they are; everything else knows them by another.
        if let Some(usual) = usual_name(&name) {
            media.tag(usual, &text);
        }
    }
    Ok(Some(next))
}

/// Notes a cover: a file name that ends in zero, then the picture.
fn binary(
    reader: &mut Reader<'_>,
    name: &str,
    value: u64,
    end: u64,
    media: &mut Media,
) -> Result<(), Stop> {
    let name = name.to_ascii_lowercase();
    if !name.starts_with("cover art") {
        return Ok(());
    }
    let head = reader.up_to(value, end.saturating_sub(value).min(512))?;
    let Some(length) = head.iter().position(|byte| *byte == 0) else {
        return Ok(());
    };
    let picture = Picture {
        kind: if name.contains("front") { 3 } else { 0 },
        ..Picture::default()
    };
    let offset = value + length as u64 + 1;
    picture::note_in_file(reader, offset, end.saturating_sub(offset), &picture, media)
}

/// Several values of one item are separated by zeros.
fn joined(text: &[u8]) -> String {
    String::from_utf8_lossy(text)
        .trim_end_matches('\0')
        .replace('\0', ";")
}

fn usual_name(name: &str) -> Option<&'static str> {
    match name.to_ascii_lowercase().as_str() {
        "album artist" | "albumartist" => Some("album_artist"),
        "year" => Some("date"),
        _ => None,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    #![expect(clippy::cast_possible_truncation, reason = "tests have small numbers")]

    use super::*;
    use crate::{Format, Limits};

    /// Returns a tag with header and footer.
    pub(crate) fn tag(items: &[(&str, u32, &[u8])]) -> Vec<u8> {
        let mut body = Vec::new();
        for (name, flags, value) in items {
            body.extend((value.len() as u32).to_le_bytes());
            body.extend(flags.to_le_bytes());
            body.extend(name.as_bytes());
            body.push(0);
            body.extend(*value);
        }
        let frame = |flags: u32| {
            let mut out = b"APETAGEX".to_vec();
            for number in [2_000, body.len() as u32 + 32, items.len() as u32, flags] {
                out.extend(number.to_le_bytes());
            }
            out.extend([0; 8]);
            out
        };
        [frame(0xa000_0000), body.clone(), frame(0x8000_0000)].concat()
    }

    #[test]
    fn text_several_values_and_where_it_begins() {
        let file = [
            b"sound".to_vec(),
            tag(&[
                ("Title", 0, b"One".as_slice()),
                ("Album Artist", 0, b"A\0B"),
                ("Year", 0, b"1999"),
                ("Dummy", 2, b"xx"),
            ]),
        ]
        .concat();
        let mut source = file.as_slice();
        let mut reader = Reader::new(&mut source, Limits::default());
        let mut media = Media::new(Format::Ape, file.len() as u64);
        let begin = read(&mut reader, file.len() as u64, &mut media).unwrap();
        assert_eq!(begin, 5);
        assert_eq!(media.tag_value("title"), Some("One"));
        assert_eq!(media.tag_value("album_artist"), Some("A;B"));
        assert_eq!(media.tag_value("date"), Some("1999"));
        assert_eq!(read(&mut reader, 4, &mut media).unwrap(), 4);
    }
}
