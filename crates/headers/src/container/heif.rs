//! HEIC, HEIF and AVIF pictures (ISO/IEC 23008-12): an ISO file whose `meta` box lists items and their properties.
//!
//! Only the primary item is told. A large picture is a grid of tiles; its size is the grid's own, its codec that of a tile. A
//! sequence has tracks besides and is told as a film.

mod items;
#[cfg(test)]
mod tests;

use items::Items;

use super::mp4::boxes::{self, Part};
use super::mp4::{self, picture};
use crate::bytes::Bytes;
use crate::codec::{av1, cicp, dolby_vision, hevc};
use crate::{Media, Ratio, Reader, Stop, Stream, StreamKind, Structure, Video, image};

/// Bytes read of a property: a configuration with its parameter sets.
const LONGEST_PROPERTY: u64 = 16 << 10;

/// Bytes read of what a camera notes; makers' own notes can be long.
const LONGEST_EXIF: u64 = 64 << 10;

/// Reads the headers.
pub(crate) fn read(reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
    let (top, walked) = mp4::top(reader);
    if let Some(brand) = top.brand {
        media.variant = Some(boxes::name(brand).trim().to_owned());
    }
    if let Err(stop @ Stop::Io(_)) = walked {
        return Err(stop);
    }
    let items = match &top.meta {
        Some(meta) => {
            let (items, read) = items::read(reader, meta);
            let told = still(reader, &items, media);
            end(reader, &items, media);
            read.and(told)
        }
        None => Ok(()),
    };
    let film = match &top.moov {
        Some(moov) => sequence(reader, moov, &top, media),
        None => Ok(()),
    };
    structure(reader, &top, media);
    items.and(film).and(walked)
}

/// Tells the primary item.
fn still(reader: &mut Reader<'_>, items: &Items, media: &mut Media) -> Result<(), Stop> {
    let Some(kind) = items.primary_kind() else {
        return Ok(());
    };
    let mut stream = Stream::new(StreamKind::Video);
    stream.codec_tag = Some(boxes::name(kind));
    codec_of(kind).clone_into(&mut stream.codec);
    let _ = stream.video_mut();
    let mut properties = items.properties_of(items.primary);
    let lacks_codec = !properties.iter().any(is_configuration);
    if lacks_codec && let Some(tile) = items.tile_of(items.primary) {
        let tile = items.properties_of(tile);
        properties.extend(tile.into_iter().filter(is_configuration));
    }
    let mut shown = Shown::default();
    let mut read = Ok(());
    for part in &properties {
        read = note(reader, part, &mut stream, &mut shown);
        if read.is_err() {
            break;
        }
    }
    shown.settle(stream.video_mut());
    if stream.codec == "av1" {
        // Pixels of AV1 are square unless a frame says that it is to be shown at another size.
        stream
            .video_mut()
            .pixel_aspect
            .get_or_insert(Ratio { num: 1, den: 1 });
    }
    media.streams.push(stream);
    read?;
    exif(reader, items, media)?;
    media.photo.get_or_insert_default();
    // The file's own turn is the one that counts; cameras write both.
    if let Some(turn) = shown.turn
        && let Some(video) = media
            .streams
            .first_mut()
            .and_then(|stream| stream.video.as_mut())
    {
        video.rotation_deg = turn;
    }
    Ok(())
}

/// What the item's properties say and a codec may not overrule.
#[derive(Debug, Default)]
struct Shown {
    size: Option<(u32, u32)>,
    turn: Option<u16>,
    aspect: Option<Ratio>,
    colour: Option<(u8, u8, u8, Option<bool>)>,
    channels: Option<(u8, u8)>,
}

impl Shown {
    fn settle(&self, video: &mut Video) {
        if let Some((width, height)) = self.size {
            (video.width, video.height) = (Some(width), Some(height));
        }
        if let Some(turn) = self.turn {
            video.rotation_deg = turn;
        }
        if self.aspect.is_some() {
            video.pixel_aspect = self.aspect;
        }
        if let Some((primaries, transfer, matrix, full)) = self.colour {
            cicp::note(video, primaries, transfer, matrix, full);
        }
        if let Some((channels, bits)) = self.channels {
            video.bit_depth = video.bit_depth.or(Some(bits).filter(|bits| *bits > 0));
            if channels == 1 && video.chroma.is_none() {
                video.chroma = Some("gray".to_owned());
            }
        }
    }
}

fn note(
    reader: &mut Reader<'_>,
    part: &Part,
    stream: &mut Stream,
    shown: &mut Shown,
) -> Result<(), Stop> {
    let bytes = part.bytes(reader, LONGEST_PROPERTY)?;
    match (&part.kind, bytes.as_slice()) {
        (b"hvcC", _) => {
            "hevc".clone_into(&mut stream.codec);
            hevc::hvcc(&bytes, stream);
        }
        (b"av1C", _) => {
            "av1".clone_into(&mut stream.codec);
            av1::av1c(&bytes, stream);
        }
        (b"dvcC" | b"dvvC" | b"dvwC", _) => drop(dolby_vision::config(&bytes, stream)),
        (b"ispe", _) => {
            shown.size = size(&bytes).filter(|(width, height)| *width > 0 && *height > 0);
        }
        // Quarter turns against the clock.
        (b"irot", [turn, ..]) => shown.turn = Some((4 - u16::from(turn & 3)) % 4 * 90),
        (b"pasp", _) => shown.aspect = picture::aspect(&bytes),
        (b"pixi", [_, _, _, _, channels, bits, ..]) => shown.channels = Some((*channels, *bits)),
        (b"colr", _) => shown.colour = shown.colour.or(picture::colour(&bytes)),
        (b"mdcv", _) => picture::mastering(&bytes, stream.video_mut()).unwrap_or_default(),
        (b"clli", [a, b, c, d, ..]) => picture::light([*a, *b, *c, *d], stream.video_mut()),
        _ => {}
    }
    Ok(())
}

fn size(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut bytes = Bytes::new(bytes);
    bytes.skip(4)?;
    Some((bytes.u32_be()?, bytes.u32_be()?))
}

fn is_configuration(part: &Part) -> bool {
    matches!(&part.kind, b"hvcC" | b"av1C" | b"avcC")
}

fn codec_of(kind: [u8; 4]) -> &'static str {
    match &kind {
        b"hvc1" | b"hev1" => "hevc",
        b"av01" => "av1",
        b"avc1" => "h264",
        b"jpeg" => "mjpeg",
        b"j2k1" => "jpeg2000",
        b"vvc1" => "vvc",
        // A grid says nothing of its tiles.
        _ => "",
    }
}

/// Reads what the camera noted: the place of a TIFF header, then the block.
fn exif(reader: &mut Reader<'_>, items: &Items, media: &mut Media) -> Result<(), Stop> {
    let Some((offset, size)) = items.place_of_kind(*b"Exif") else {
        return Ok(());
    };
    if offset.saturating_add(4) > reader.length() {
        return Ok(());
    }
    let bytes = reader.up_to(offset, size.min(LONGEST_EXIF))?;
    let Some((skip, block)) = bytes.split_first_chunk::<4>() else {
        return Ok(());
    };
    let skip = usize::try_from(u32::from_be_bytes(*skip)).unwrap_or(usize::MAX);
    if let Some(block) = block.get(skip..) {
        image::exif::read(block, media);
    }
    Ok(())
}

/// Tells the tracks of a sequence; what they say replaces what the first picture did.
fn sequence(
    reader: &mut Reader<'_>,
    moov: &Part,
    top: &mp4::Top,
    media: &mut Media,
) -> Result<(), Stop> {
    let still = std::mem::take(&mut media.streams);
    let read = mp4::film_of(reader, moov, top, media);
    let frames = media
        .streams
        .iter()
        .filter_map(|stream| stream.frames)
        .max()
        .and_then(|frames| u32::try_from(frames).ok());
    if media.streams.is_empty() {
        media.streams = still;
    }
    if frames.is_some() {
        media.photo.get_or_insert_default().frames = frames;
    }
    read
}

/// Notes where the file ends before an item does.
fn end(reader: &Reader<'_>, items: &Items, media: &mut Media) {
    if items.end > reader.length() {
        media.structure = Structure::Truncated {
            expected_bytes: Some(items.end),
        };
    }
}

fn structure(reader: &Reader<'_>, top: &mp4::Top, media: &mut Media) {
    let length = reader.length();
    if top.end > length {
        media.structure = Structure::Truncated {
            expected_bytes: Some(top.end),
        };
    } else if !media.structure.is_faulty() {
        media.structure = if top.meta.is_some() || top.moov.is_some() {
            Structure::Complete
        } else {
            Structure::Truncated {
                expected_bytes: None,
            }
        };
    }
}
