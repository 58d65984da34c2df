//! Tags of `QuickTime` (`udta` with ©-names), 3GPP, and those that `meta` boxes hold by key.

use super::boxes::Part;
use super::{chapters, itunes, text};
use crate::bytes::Bytes;
use crate::{Media, Reader, Stop, Stream};

/// Bytes read of a tag.
const LONGEST: u64 = 4 << 10;

/// Bytes read of a list of keys.
const LONGEST_KEYS: u64 = 32 << 10;

/// Reads the film's user data.
pub(super) fn read(reader: &mut Reader<'_>, udta: &Part, media: &mut Media) -> Result<(), Stop> {
    udta.children(reader, |reader, part| match &part.kind {
        b"meta" => meta(reader, part, media),
        b"chpl" => chapters::nero(reader, part, media),
        [0xa9, ..] => match itunes::key(part.kind) {
            Some(key) => {
                let value = international(&part.bytes(reader, LONGEST)?);
                media.tag(key, &value);
                Ok(())
            }
            None => Ok(()),
        },
        kind => match mobile_key(*kind) {
            Some(key) => {
                let value = mobile(*kind, &part.bytes(reader, LONGEST)?);
                media.tag(key, &value.unwrap_or_default());
                Ok(())
            }
            None => Ok(()),
        },
    })
}

/// Reads a track's user data: its name, and what it is for.
pub(super) fn of_track(
    reader: &mut Reader<'_>,
    udta: &Part,
    stream: &mut Stream,
) -> Result<(), Stop> {
    udta.children(reader, |reader, part| {
        match &part.kind {
            b"name" => {
                let title = text::unicode(&part.bytes(reader, LONGEST)?);
                let title = title.trim();
                stream.title = Some(title.to_owned()).filter(|title| !title.is_empty());
            }
            b"\xa9nam" if stream.title.is_none() => {
                let title = international(&part.bytes(reader, LONGEST)?);
                stream.title = Some(title).filter(|title| !title.trim().is_empty());
            }
            b"kind" => purpose(&part.skip(4).bytes(reader, 256)?, stream),
            _ => {}
        }
        Ok(())
    })
}

/// Notes a role of DASH: scheme and value, each ended by a zero.
fn purpose(bytes: &[u8], stream: &mut Stream) {
    let mut texts = bytes.split(|byte| *byte == 0);
    if texts.next() != Some(b"urn:mpeg:dash:role:2011") {
        return;
    }
    let flags = &mut stream.flags;
    match texts.next() {
        Some(b"caption") => flags.hearing_impaired = true,
        Some(b"commentary") => flags.commentary = true,
        Some(b"description") => flags.visual_impaired = true,
        Some(b"dub") => flags.dub = true,
        Some(b"forced-subtitle") => flags.forced = true,
        _ => {}
    }
}

/// Returns the first text of a ©-box: each has a length and a language.
fn international(bytes: &[u8]) -> String {
    let mut rest = Bytes::new(bytes);
    let (Some(length), Some(language)) = (rest.u16_be(), rest.u16_be()) else {
        return String::new();
    };
    let value = rest
        .take(usize::from(length).min(rest.left()))
        .unwrap_or_default();
    if language < 0x400 || language == 0x7fff {
        text::macintosh(value)
    } else {
        text::unicode(value)
    }
}

/// Names of 3GPP (TS 26.244, 8).
fn mobile_key(kind: [u8; 4]) -> Option<&'static str> {
    Some(match &kind {
        b"titl" => "title",
        b"auth" | b"perf" => "artist",
        b"albm" => "album",
        b"gnre" => "genre",
        b"yrrc" => "date",
        b"dscp" => "comment",
        b"cprt" => "copyright",
        _ => return None,
    })
}

fn mobile(kind: [u8; 4], bytes: &[u8]) -> Option<String> {
    let mut bytes = Bytes::new(bytes);
    bytes.skip(4)?;
    if kind == *b"yrrc" {
        return bytes.u16_be().map(|year| year.to_string());
    }
    let _language = bytes.u16_be()?;
    Some(text::unicode(bytes.rest()))
}

/// Reads a `meta` box: iTunes' list, or one of keys and values.
pub(super) fn meta(reader: &mut Reader<'_>, meta: &Part, media: &mut Media) -> Result<(), Stop> {
    // QuickTime's has no version and flags.
    let inside = match Part::read(reader, meta.body, meta.end) {
        Ok(Some(first)) if first.kind == *b"hdlr" => *meta,
        Ok(_) => meta.skip(4),
        Err(stop) => return Err(stop),
    };
    let (mut keys, mut list) = (Vec::new(), None);
    let read = inside.children(reader, |reader, part| {
        match &part.kind {
            b"keys" => keys = read_keys(&part.bytes(reader, LONGEST_KEYS)?),
            b"ilst" => list = Some(*part),
            _ => {}
        }
        Ok(())
    });
    if let Some(list) = list {
        itunes::read(reader, &list, &keys, media)?;
    }
    read
}

fn read_keys(bytes: &[u8]) -> Vec<String> {
    let mut bytes = Bytes::new(bytes);
    let mut keys = Vec::new();
    let _ = bytes.skip(8);
    while let Some(length) = bytes.u32_be() {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let Some(key) = length.checked_sub(8).and_then(|length| {
            bytes.skip(4)?;
            bytes.take(length)
        }) else {
            break;
        };
        keys.push(String::from_utf8_lossy(key).into_owned());
    }
    keys
}
