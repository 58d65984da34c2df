//! One track (`trak`), as written.

use super::boxes::Part;
use super::tables::Tables;
use crate::bytes::Bytes;
use crate::{Flags, Reader, Stop};

/// Edits kept: the first ones decide where the film begins.
const MOST_EDITS: usize = 256;

/// A run of the film that shows a run of the track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    /// In units of the film.
    pub(super) duration: u64,
    /// In units of the track; -1: nothing is shown.
    pub(super) start: i64,
}

/// One track.
#[derive(Clone, Debug, Default)]
pub(super) struct Track {
    pub(super) id: u32,
    pub(super) flags: Flags,
    /// Display size in 1/65536 pixel.
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) matrix: [i32; 9],
    pub(super) scale: u32,
    /// In units of `scale`.
    pub(super) duration: u64,
    pub(super) language: Option<String>,
    pub(super) handler: [u8; 4],
    pub(super) title: Option<String>,
    pub(super) edits: Vec<Edit>,
    pub(super) tables: Tables,
    /// Tracks whose samples are the names of this one's chapters.
    pub(super) chapter_tracks: Vec<u32>,
    pub(super) udta: Option<Part>,
    pub(super) meta: Option<Part>,
}

/// Reads a `trak` box.
pub(super) fn read(reader: &mut Reader<'_>, trak: &Part) -> (Track, Result<(), Stop>) {
    let mut track = Track::default();
    let read = trak.children(reader, |reader, part| {
        match &part.kind {
            b"tkhd" => header(&part.bytes(reader, 128)?, &mut track).unwrap_or_default(),
            b"mdia" => media(reader, part, &mut track)?,
            b"edts" => {
                if let Some(list) = part.child(reader, *b"elst")? {
                    edits(&list.bytes(reader, 16 << 10)?, &mut track.edits).unwrap_or_default();
                }
            }
            b"tref" => references(reader, part, &mut track.chapter_tracks)?,
            b"udta" => track.udta = Some(*part),
            b"meta" => track.meta = Some(*part),
            _ => {}
        }
        Ok(())
    });
    (track, read)
}

fn header(bytes: &[u8], track: &mut Track) -> Option<()> {
    let mut bytes = Bytes::new(bytes);
    let version = bytes.u8()?;
    track.flags.default = bytes.u24_be()? & 1 != 0;
    bytes.skip(if version == 1 { 16 } else { 8 })?;
    track.id = bytes.u32_be()?;
    bytes.skip(4)?;
    bytes.skip(if version == 1 { 8 } else { 4 })?;
    // Layer, alternate group, volume.
    bytes.skip(8 + 2 + 2 + 2 + 2)?;
    for number in &mut track.matrix {
        *number = bytes.i32_be()?;
    }
    track.width = bytes.u32_be()?;
    track.height = bytes.u32_be()?;
    Some(())
}

fn media(reader: &mut Reader<'_>, mdia: &Part, track: &mut Track) -> Result<(), Stop> {
    mdia.children(reader, |reader, part| {
        match &part.kind {
            b"mdhd" => media_header(&part.bytes(reader, 64)?, track).unwrap_or_default(),
            b"hdlr" => {
                let bytes = part.bytes(reader, 12)?;
                if let Some(handler) = bytes.get(8..).and_then(<[u8]>::first_chunk) {
                    track.handler = *handler;
                }
            }
            b"elng" if track.language.is_none() => {
                let bytes = part.skip(4).bytes(reader, 64)?;
                let text = String::from_utf8_lossy(&bytes)
                    .trim_matches('\0')
                    .to_owned();
                track.language = Some(text).filter(|text| text != "und");
            }
            b"minf" => information(reader, part, track)?,
            _ => {}
        }
        Ok(())
    })
}

/// Returns time scale and duration of a `mvhd` or `mdhd`, and when it was made, in seconds since 1904.
pub(super) fn times(bytes: &mut Bytes<'_>) -> Option<(u64, u32, u64)> {
    let version = bytes.u8()?;
    bytes.skip(3)?;
    if version == 1 {
        let created = bytes.u64_be()?;
        bytes.skip(8)?;
        Some((created, bytes.u32_be()?, bytes.u64_be()?))
    } else {
        let created = bytes.u32_be()?.into();
        bytes.skip(4)?;
        let scale = bytes.u32_be()?;
        // All bits set: not known.
        let duration = match bytes.u32_be()? {
            u32::MAX => 0,
            duration => duration.into(),
        };
        Some((created, scale, duration))
    }
}

fn media_header(bytes: &[u8], track: &mut Track) -> Option<()> {
    let mut bytes = Bytes::new(bytes);
    let (_, scale, duration) = times(&mut bytes)?;
    track.scale = scale;
    track.duration = if duration > u64::MAX / 2 { 0 } else { duration };
    let language = super::language::of_code(bytes.u16_be()?);
    track.language = language.filter(|language| language != "und");
    Some(())
}

fn information(reader: &mut Reader<'_>, minf: &Part, track: &mut Track) -> Result<(), Stop> {
    minf.children(reader, |reader, part| {
        if part.kind == *b"stbl" {
            let tables = &mut track.tables;
            part.children(reader, |_, table| {
                tables.note(table);
                Ok(())
            })?;
        }
        Ok(())
    })
}

fn edits(bytes: &[u8], edits: &mut Vec<Edit>) -> Option<()> {
    let mut bytes = Bytes::new(bytes);
    let version = bytes.u8()?;
    bytes.skip(3)?;
    let count = bytes.u32_be()?;
    for _ in 0..count {
        if edits.len() >= MOST_EDITS {
            break;
        }
        let (duration, start) = if version == 1 {
            (bytes.u64_be()?, bytes.u64_be()?.cast_signed())
        } else {
            (bytes.u32_be()?.into(), bytes.i32_be()?.into())
        };
        bytes.skip(4)?;
        edits.push(Edit { duration, start });
    }
    Some(())
}

fn references(reader: &mut Reader<'_>, tref: &Part, chapters: &mut Vec<u32>) -> Result<(), Stop> {
    tref.children(reader, |reader, part| {
        if part.kind == *b"chap" {
            let bytes = part.bytes(reader, 64)?;
            let (ids, _) = bytes.as_chunks::<4>();
            chapters.extend(ids.iter().map(|id| u32::from_be_bytes(*id)));
        }
        Ok(())
    })
}
