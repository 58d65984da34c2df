//! `WebP` pictures: RIFF with one picture or several.

use super::exif;
use crate::bytes::Bytes;
use crate::{Media, Photo, Reader, Stop, Stream, StreamKind, Structure, Video};

/// Chunks hopped over: an animation has one a frame.
const MOST_CHUNKS: usize = 256;

/// Bytes read of an EXIF block.
const LONGEST_EXIF: u64 = 64 << 10;

/// Reads the headers.
pub(crate) fn read(reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
    let mut stream = Stream::new(StreamKind::Video);
    "webp".clone_into(&mut stream.codec);
    media.streams.push(stream);
    let [_, _, _, _, sizes @ ..] = reader.array::<8>(0)?;
    let end = u64::from(u32::from_le_bytes(sizes)) + 8;
    if end > reader.length() {
        media.structure = Structure::Truncated {
            expected_bytes: Some(end + end % 2),
        };
    }
    chunks(reader, end.min(reader.length()), media)?;
    if !media.structure.is_faulty() {
        media.structure = Structure::Complete;
    }
    Ok(())
}

fn chunks(reader: &mut Reader<'_>, end: u64, media: &mut Media) -> Result<(), Stop> {
    let mut frames = 0_u32;
    let mut is_animated = false;
    let mut at = 12;
    for _ in 0..MOST_CHUNKS {
        if at + 8 > end {
            break;
        }
        let [a, b, c, d, sizes @ ..] = reader.array::<8>(at)?;
        let name = [a, b, c, d];
        let size = u64::from(u32::from_le_bytes(sizes));
        if at + 8 + size > end && !media.structure.is_faulty() {
            return Err(Stop::Damaged {
                what: "a chunk larger than the file it is in",
                at,
            });
        }
        match &name {
            b"ANMF" => {
                is_animated = true;
                frames += 1;
                if frames == 1 {
                    // A frame's place and time, then its own chunks.
                    let body = reader.up_to(at + 8 + 16 + 8, 64)?;
                    let inner = reader.up_to(at + 8 + 16, 4)?;
                    picture(&inner, &body, media);
                }
            }
            b"EXIF" => {
                let block = reader.up_to(at + 8, size.min(LONGEST_EXIF))?;
                exif::read(block.strip_prefix(b"Exif\0\0").unwrap_or(&block), media);
            }
            _ => {
                let body = reader.up_to(at + 8, size.min(64))?;
                picture(&name, &body, media);
            }
        }
        at += 8 + size + size % 2;
    }
    if is_animated && at + 8 > end {
        media.photo.get_or_insert_with(Photo::default).frames = Some(frames);
    }
    Ok(())
}

fn picture(name: &[u8], body: &[u8], media: &mut Media) {
    let Some(stream) = media.streams.first_mut() else {
        return;
    };
    let video = stream.video_mut();
    match name {
        b"VP8X" => {
            canvas(body, video);
        }
        b"VP8 " => {
            lossy(body, video);
        }
        b"VP8L" => {
            lossless(body, video);
        }
        // Alpha of its own beside a picture without.
        b"ALPH" => {
            video.chroma = Some("4:2:0a".to_owned());
            video.bit_depth = Some(8);
            range(video);
        }
        _ => {}
    }
}

fn canvas(body: &[u8], video: &mut Video) -> Option<()> {
    let mut body = Bytes::new(body);
    body.skip(4)?;
    video.width = Some(body.u24_le()?.saturating_add(1));
    video.height = Some(body.u24_le()?.saturating_add(1));
    Some(())
}

/// A VP8 key frame: three bytes, a start code, then width and height in 14 bits.
fn lossy(body: &[u8], video: &mut Video) -> Option<()> {
    let mut body = Bytes::new(body);
    body.skip(3)?;
    if body.array()? != [0x9d, 0x01, 0x2a] {
        return None;
    }
    let width = u32::from(body.u16_le()? & 0x3fff);
    let height = u32::from(body.u16_le()? & 0x3fff);
    video.width.get_or_insert(width);
    video.height.get_or_insert(height);
    video.chroma.get_or_insert_with(|| "4:2:0".to_owned());
    video.bit_depth = Some(8);
    range(video);
    Some(())
}

fn range(video: &mut Video) {
    video.color.full_range = Some(false);
    video.color.matrix = Some("bt470bg".to_owned());
}

/// A lossless picture: 0x2f, then width and height less one in 14 bits each. Decoders always give alpha.
fn lossless(body: &[u8], video: &mut Video) -> Option<()> {
    let mut body = Bytes::new(body);
    if body.u8()? != 0x2f {
        return None;
    }
    let bits = body.u32_le()?;
    video.width.get_or_insert((bits & 0x3fff) + 1);
    video.height.get_or_insert((bits >> 14 & 0x3fff) + 1);
    video.chroma = Some("rgba".to_owned());
    video.bit_depth = Some(8);
    Some(())
}
