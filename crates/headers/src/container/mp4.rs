//! MP4, MOV, M4A, 3GP: the ISO base media file format (ISO/IEC 14496-12) and `QuickTime`, which it comes from.
//!
//! Read are the boxes at the top, the `moov` box without the long tables inside, and of a fragmented film as much as tells how
//! long it lasts. Payload is read only where a track's description leaves something open: one sample.

pub(crate) mod boxes;
mod channels;
mod chapters;
mod end;
mod entry;
mod esds;
mod film;
mod fragments;
mod itunes;
mod language;
pub(crate) mod picture;
mod sample;
mod sound;
mod stream;
mod tables;
mod tags;
#[cfg(test)]
mod tests;
mod text;
mod track;

use boxes::Part;

use crate::{Media, Reader, Stop};

/// Boxes looked at outside fragments.
const MOST_PARTS: usize = 256;

/// The boxes at the top of a file, as far as they were walked.
#[derive(Debug, Default)]
pub(super) struct Top {
    pub(super) moov: Option<Part>,
    pub(super) meta: Option<Part>,
    /// The first fragment.
    pub(super) moof: Option<Part>,
    /// The first index of fragments.
    pub(super) sidx: Option<Part>,
    /// The last box of samples that is not part of a fragment.
    pub(super) mdat: Option<Part>,
    /// Bytes in such boxes.
    pub(super) payload: u64,
    /// First byte after the last box that was seen.
    pub(super) end: u64,
    /// Where something begins that is no box.
    pub(super) junk: Option<u64>,
    /// Major brand; none in an old `QuickTime` film.
    pub(super) brand: Option<[u8; 4]>,
}

/// Reads the headers.
pub(crate) fn read(reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
    let (top, walked) = top(reader);
    if let Some(brand) = top.brand {
        media.variant = Some(boxes::name(brand).trim().to_owned());
    }
    if let Err(stop @ Stop::Io(_)) = walked {
        return Err(stop);
    }
    let film = match &top.moov {
        Some(moov) => film::read(reader, moov, &top, media),
        None => Ok(()),
    };
    match film {
        Err(stop @ (Stop::Io(_) | Stop::Budget)) => return Err(stop),
        // Something inside that reaches too far matters less than a file that ends too early.
        Ok(()) | Err(_) => end::structure(reader, &top, media),
    }
    film.and(walked)
}

/// Reads a film inside another kind of file.
pub(super) fn film_of(
    reader: &mut Reader<'_>,
    moov: &Part,
    top: &Top,
    media: &mut Media,
) -> Result<(), Stop> {
    film::read(reader, moov, top, media)
}

/// Walks the boxes at the top, up to the first fragment.
pub(super) fn top(reader: &mut Reader<'_>) -> (Top, Result<(), Stop>) {
    let mut top = Top::default();
    let walked = walk(reader, &mut top);
    (top, walked)
}

fn walk(reader: &mut Reader<'_>, top: &mut Top) -> Result<(), Stop> {
    let length = reader.length();
    for _ in 0..MOST_PARTS {
        if top.end.saturating_add(8) > length {
            break;
        }
        let part = match Part::read(reader, top.end, length)? {
            Some(part) if is_name(part.kind) => part,
            _ => {
                top.junk = Some(top.end);
                break;
            }
        };
        match &part.kind {
            b"ftyp" if top.brand.is_none() => top.brand = Some(reader.array(part.body)?),
            b"moov" if top.moov.is_none() => top.moov = Some(part),
            b"meta" if top.meta.is_none() => top.meta = Some(part),
            b"sidx" if top.sidx.is_none() => top.sidx = Some(part),
            b"mdat" => {
                top.mdat = Some(part);
                top.payload = top.payload.saturating_add(part.length());
            }
            b"moof" if top.moov.is_some() => {
                top.moof = Some(part);
                break;
            }
            _ => {}
        }
        top.end = part.end;
    }
    Ok(())
}

/// Names are four characters; anything else is what a writer left behind, or another file.
fn is_name(kind: [u8; 4]) -> bool {
    kind.iter()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-' | b'_' | 0xa9))
}
