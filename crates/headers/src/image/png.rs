//! PNG pictures: a header, chunks that say more, and payload that is hopped over.

use crate::bytes::Bytes;
use crate::codec::cicp;
use crate::tags::riff::text;
use crate::{Media, Photo, Ratio, Reader, Stop, Stream, StreamKind, Structure, Video};

/// Length of the signature.
const SIGNATURE: u64 = 8;

/// Chunks hopped over in search of what they say; more are payload in small pieces.
const MOST_CHUNKS: usize = 64;

/// Bytes read of one chunk that says something.
const LONGEST_CHUNK: u64 = 64 << 10;

/// The last chunk of a file, whole: it is empty, so its checksum is always the same.
const LAST: [u8; 12] = *b"\0\0\0\0IEND\xae\x42\x60\x82";

/// Reads the headers.
pub(crate) fn read(reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
    let mut stream = Stream::new(StreamKind::Video);
    "png".clone_into(&mut stream.codec);
    let first = reader.up_to(0, 33)?;
    still(&first, stream.video_mut());
    media.streams.push(stream);
    if first.len() < 33 {
        return Err(Stop::End { expected: 33 + 12 });
    }
    let ended = chunks(reader, media)?;
    media.structure = match ended {
        Some(end) if end > reader.length() => Structure::Truncated {
            expected_bytes: Some(end),
        },
        Some(_) => Structure::Complete,
        None => last(reader)?,
    };
    Ok(())
}

/// Notes what the header says of a picture that begins with the signature.
pub(crate) fn still(bytes: &[u8], video: &mut Video) -> Option<()> {
    let mut bytes = Bytes::new(bytes);
    bytes.skip(12)?;
    if &bytes.array::<4>()? != b"IHDR" {
        return None;
    }
    let width = bytes.u32_be()?;
    let height = bytes.u32_be()?;
    video.width = Some(width).filter(|width| *width > 0);
    video.height = Some(height).filter(|height| *height > 0);
    let depth = bytes.u8()?;
    let (chroma, depth) = match bytes.u8()? {
        0 if depth == 1 => ("gray", 1),
        0 => ("gray", depth.max(8)),
        2 => ("rgb", depth),
        3 => ("rgb", 8),
        4 => ("graya", depth),
        6 => ("rgba", depth),
        _ => return None,
    };
    video.chroma = Some(chroma.to_owned());
    video.bit_depth = Some(depth);
    video.color.full_range = Some(true);
    Some(())
}

/// Goes from chunk to chunk and returns where the file ends, if that was reached.
fn chunks(reader: &mut Reader<'_>, media: &mut Media) -> Result<Option<u64>, Stop> {
    let mut at = SIGNATURE;
    for number in 0..MOST_CHUNKS {
        let [size @ .., a, b, c, d] = match reader.array::<8>(at) {
            Ok(head) => head,
            Err(Stop::End { .. }) => return Ok(Some(at + 12)),
            Err(stop) => return Err(stop),
        };
        let [s1, s2, s3, s4] = size;
        let size = u64::from(u32::from_be_bytes([s1, s2, s3, s4]));
        let name = [a, b, c, d];
        if size > u64::from(u32::MAX / 2) || !name.iter().all(u8::is_ascii_alphabetic) {
            return Err(Stop::Damaged {
                what: "a chunk without a name",
                at,
            });
        }
        let end = at + size + 12;
        if &name == b"IEND" || end > reader.length() {
            return Ok(Some(end));
        }
        if &name == b"IDAT" && number > 0 && is_followed_by_payload(reader, end)? {
            // Payload in pieces of a few KiB: thousands of hops. What may follow it is seldom worth them.
            return Ok(None);
        }
        if is_worth_reading(name) && size <= LONGEST_CHUNK {
            let body = reader.bytes(at + 8, size)?;
            note(name, &body, media);
        }
        at = end;
    }
    Ok(None)
}

fn is_followed_by_payload(reader: &mut Reader<'_>, at: u64) -> Result<bool, Stop> {
    let next = reader.up_to(at, 8)?;
    Ok(next.get(4..8) == Some(b"IDAT".as_slice()) && reader.length() - at > 64 << 10)
}

const fn is_worth_reading(name: [u8; 4]) -> bool {
    matches!(
        &name,
        b"pHYs"
            | b"cHRM"
            | b"gAMA"
            | b"sRGB"
            | b"cICP"
            | b"tRNS"
            | b"eXIf"
            | b"acTL"
            | b"tEXt"
            | b"iTXt"
            | b"tIME"
            | b"mDCV"
            | b"mDCv"
            | b"cLLI"
            | b"cLLi"
    )
}

fn note(name: [u8; 4], body: &[u8], media: &mut Media) -> Option<()> {
    let mut rest = Bytes::new(body);
    match &name {
        b"eXIf" => super::exif::read(body, media),
        b"acTL" => {
            let frames = rest.u32_be()?;
            media.photo.get_or_insert_with(Photo::default).frames = Some(frames);
            if let Some(stream) = media.streams.first_mut() {
                "apng".clone_into(&mut stream.codec);
            }
        }
        b"tEXt" => {
            let (name, value) = keyword(body)?;
            media.tag(&name, &latin(value));
        }
        b"iTXt" => {
            let (name, value) = keyword(body)?;
            // Compressed or not, how; then a language and a translated keyword, each up to a zero.
            let value = value.strip_prefix(&[0, 0])?;
            let mut parts = value.splitn(3, |byte| *byte == 0);
            media.tag(&name, &text(parts.nth(2)?));
        }
        _ => return look(name, rest, media.streams.first_mut()?.video_mut()),
    }
    Some(())
}

/// Notes chunks about how the picture looks.
fn look(name: [u8; 4], mut rest: Bytes<'_>, video: &mut Video) -> Option<()> {
    match &name {
        b"pHYs" => {
            let (x, y) = (rest.u32_be()?, rest.u32_be()?);
            // Pixels a metre, both ways. ffprobe takes the one over the other for a pixel's shape, and so do we.
            video.pixel_aspect = Ratio::new(u64::from(x), u64::from(y));
        }
        b"cICP" => {
            let [primaries, transfer, matrix, range] = rest.array()?;
            cicp::note(video, primaries, transfer, matrix, Some(range == 1));
        }
        b"sRGB" => {
            video
                .color
                .primaries
                .get_or_insert_with(|| "bt709".to_owned());
            video
                .color
                .transfer
                .get_or_insert_with(|| "iec61966-2-1".to_owned());
        }
        b"tRNS" => {
            if let Some(chroma) = &mut video.chroma
                && !chroma.ends_with('a')
                && video.bit_depth >= Some(8)
            {
                chroma.push('a');
            }
        }
        b"cLLI" | b"cLLi" => {
            // Units of 0.0001 cd/m².
            video.color.max_cll = Some(rest.u32_be()? / 10_000);
            video.color.max_fall = Some(rest.u32_be()? / 10_000);
        }
        _ => {}
    }
    Some(())
}

fn keyword(body: &[u8]) -> Option<(String, &[u8])> {
    let end = body.iter().position(|byte| *byte == 0)?;
    let (name, value) = body.split_at_checked(end)?;
    Some((latin(name), value.get(1..)?))
}

/// Texts are Latin-1 by the book; writers put UTF-8 there all the same.
fn latin(bytes: &[u8]) -> String {
    text(bytes)
}

/// Looks for the last chunk at the file's end, where the way there is too long.
fn last(reader: &mut Reader<'_>) -> Result<Structure, Stop> {
    /// Bytes that may follow the picture: some programs hide data there.
    const TRAIL: u64 = 4 << 10;
    let start = reader.length().saturating_sub(TRAIL);
    let tail = reader.up_to(start, TRAIL)?;
    let found = tail.windows(LAST.len()).any(|window| window == LAST);
    Ok(if found {
        Structure::Complete
    } else if tail.iter().rev().take(64).all(|byte| *byte == 0) {
        Structure::Zeros { at: start }
    } else {
        Structure::Truncated {
            expected_bytes: None,
        }
    })
}
