//! JPEG pictures: markers up to the frame header, then the end of the file.

use super::exif;
use crate::bytes::Bytes;
use crate::tags::riff::text;
use crate::{Media, Ratio, Reader, Stop, Stream, StreamKind, Structure};

/// Markers looked at before the first scan; a colour profile alone can take dozens.
const MOST_MARKERS: usize = 512;

/// Bytes at the end of the file in which the picture's end is looked for first.
const SHORT_TAIL: u64 = 4 << 10;

/// Bytes at the end in which it is looked for then.
const LONG_TAIL: u64 = 64 << 10;

/// What the markers say together.
#[derive(Debug, Default)]
struct Found {
    /// How Adobe's marker says the colours are coded.
    adobe: Option<u8>,
    /// Whether a comment says that brightness goes from 16 to 235, as in films.
    is_narrow: bool,
    /// Whether more pictures or a film are said to follow.
    has_more: bool,
}

/// Reads the headers.
pub(crate) fn read(reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
    let mut stream = Stream::new(StreamKind::Video);
    "mjpeg".clone_into(&mut stream.codec);
    media.streams.push(stream);
    let mut found = Found::default();
    markers(reader, &mut found, media)?;
    media.structure = end(reader, &found)?;
    Ok(())
}

fn markers(reader: &mut Reader<'_>, found: &mut Found, media: &mut Media) -> Result<(), Stop> {
    let mut at = 2;
    for _ in 0..MOST_MARKERS {
        let [mark, kind] = reader.array(at)?;
        if mark != 0xff {
            return Err(Stop::Damaged {
                what: "something else where a marker should be",
                at,
            });
        }
        match kind {
            // Bytes 0xff may be put before any marker.
            0xff => {
                at += 1;
                continue;
            }
            // Markers that stand alone.
            0x01 | 0xd0..=0xd8 => {
                at += 2;
                continue;
            }
            0xd9 | 0xda => return Ok(()),
            _ => {}
        }
        let size = u64::from(u16::from_be_bytes(reader.array(at + 2)?));
        if size < 2 {
            return Err(Stop::Damaged {
                what: "a segment shorter than its own length",
                at,
            });
        }
        if at + 2 + size > reader.length() {
            return Err(Stop::End {
                expected: at + 2 + size + 2,
            });
        }
        segment(reader, kind, at + 4, size - 2, found, media)?;
        at += 2 + size;
    }
    Ok(())
}

fn segment(
    reader: &mut Reader<'_>,
    kind: u8,
    at: u64,
    size: u64,
    found: &mut Found,
    media: &mut Media,
) -> Result<(), Stop> {
    let body = reader.up_to(at, size.min(64))?;
    match kind {
        0xe0 => {
            density(&body, media);
        }
        0xe1 if body.starts_with(b"Exif\0\0") => exif::read_in_file(reader, at + 6, media)?,
        0xe1 if body.starts_with(b"http://ns.adobe.com/xap/") => {
            found.has_more |= mentions_film(&reader.up_to(at, size.min(8 << 10))?);
        }
        0xe2 if body.starts_with(b"MPF\0") => found.has_more = true,
        0xee if body.starts_with(b"Adobe") => found.adobe = body.get(11).copied(),
        0xfe => {
            let words = text(&reader.up_to(at, size.min(4 << 10))?);
            if words == "CS=ITU601" {
                found.is_narrow = true;
            } else {
                media.tag("comment", &words);
            }
        }
        0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf | 0xf7 => {
            if let Some(stream) = media.streams.first_mut() {
                frame(kind, &body, found, stream);
            }
        }
        _ => {}
    }
    Ok(())
}

/// Phones put a film behind a picture and say so in its XMP.
fn mentions_film(xmp: &[u8]) -> bool {
    [b"MotionPhoto".as_slice(), b"MicroVideo"]
        .iter()
        .any(|name| xmp.windows(name.len()).any(|window| window == *name))
}

/// JFIF: pixels a unit of length, both ways. ffprobe takes the one over the other for a pixel's shape, and so do we.
fn density(body: &[u8], media: &mut Media) -> Option<()> {
    let mut body = Bytes::new(body.strip_prefix(b"JFIF\0")?);
    body.skip(3)?;
    let x = body.u16_be()?;
    let y = body.u16_be()?;
    media.streams.first_mut()?.video_mut().pixel_aspect = Ratio::new(u64::from(x), u64::from(y));
    Some(())
}

/// A frame header: size, and how each component is sampled.
fn frame(kind: u8, body: &[u8], found: &Found, stream: &mut Stream) -> Option<()> {
    let mut body = Bytes::new(body);
    let depth = body.u8()?;
    let height = body.u16_be()?;
    let width = body.u16_be()?;
    let count = body.u8()?;
    let mut components = Vec::new();
    for _ in 0..count.min(4) {
        let [id, sampling, _table] = body.array()?;
        components.push([id, sampling >> 4, sampling & 15]);
    }
    let profile = match kind {
        0xc0 => Some("Baseline"),
        0xc1 => Some("Sequential"),
        0xc2 => Some("Progressive"),
        0xc3 => Some("Lossless"),
        _ => None,
    };
    stream.profile = profile.map(str::to_owned);
    if kind == 0xf7 {
        "jpegls".clone_into(&mut stream.codec);
    }
    let video = stream.video_mut();
    video.width = Some(u32::from(width)).filter(|width| *width > 0);
    video.height = Some(u32::from(height)).filter(|height| *height > 0);
    video.bit_depth = Some(depth);
    let chroma = chroma(&components, found.adobe);
    if chroma.contains(':') {
        video.color.full_range = Some(!found.is_narrow);
    }
    if !chroma.starts_with("rgb") {
        video.color.matrix = Some("bt470bg".to_owned());
    }
    video.chroma = Some(chroma.to_owned()).filter(|chroma| !chroma.is_empty());
    Some(())
}

fn chroma(components: &[[u8; 3]], adobe: Option<u8>) -> &'static str {
    match components {
        [_] => "gray",
        [[b'R', ..], [b'G', ..], [b'B', ..]] => "rgb",
        [_, _, _] if adobe == Some(0) => "rgb",
        // Four inks. ffprobe has no name for them and calls them red, green, blue and alpha.
        [_, _, _, _] if adobe == Some(2) => "4:4:4a",
        [_, _, _, _] => "rgba",
        [[_, across, down], [_, blue_across, blue_down], _] => {
            let ratio = |luma: u8, chroma: u8| luma.checked_div(chroma).unwrap_or_default();
            match (ratio(*across, *blue_across), ratio(*down, *blue_down)) {
                (1, 1) => "4:4:4",
                (2, 1) => "4:2:2",
                (2, 2) => "4:2:0",
                (1, 2) => "4:4:0",
                (4, 1) => "4:1:1",
                (4, 2 | 4) => "4:1:0",
                _ => "",
            }
        }
        _ => "",
    }
}

/// Looks for the end of the picture at the end of the file, where other things may follow it.
fn end(reader: &mut Reader<'_>, found: &Found) -> Result<Structure, Stop> {
    let tail = tail(reader, SHORT_TAIL)?;
    if has_end(&tail) {
        return Ok(Structure::Complete);
    }
    if found.has_more {
        return Ok(Structure::Unchecked);
    }
    let long = self::tail(reader, LONG_TAIL)?;
    if has_end(&long) {
        return Ok(Structure::Complete);
    }
    let start = reader.length() - tail.len() as u64;
    // A film, an archive or another program's data: whoever put it there had a whole picture.
    let follows = [
        b"ftyp".as_slice(),
        b"moov",
        b"MotionPhoto_Data",
        b"SEFT",
        b"PK\x05\x06",
    ];
    let has_more = follows
        .iter()
        .any(|name| long.windows(name.len()).any(|window| window == *name));
    Ok(if has_more {
        Structure::Unchecked
    } else if tail.iter().all(|byte| *byte == 0) {
        Structure::Zeros { at: start }
    } else {
        Structure::Truncated {
            expected_bytes: None,
        }
    })
}

fn tail(reader: &mut Reader<'_>, most: u64) -> Result<Vec<u8>, Stop> {
    reader.up_to(reader.length().saturating_sub(most), most)
}

/// In coded data 0xff is followed by 0 or a restart marker, so that this cannot be there by chance.
fn has_end(bytes: &[u8]) -> bool {
    bytes.array_windows().any(|pair| *pair == [0xff, 0xd9])
}
