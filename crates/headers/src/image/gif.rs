//! GIF pictures.

use crate::bytes::Bytes;
use crate::{Media, Photo, Ratio, Reader, Stop, Stream, StreamKind, Structure};

/// Files up to this length are walked through, since pictures are only found by going from block to block.
const SHORT: u64 = 96 << 10;

/// Bytes after the trailer that are no reason to call a file cut off.
const TRAIL: u64 = 512;

/// Reads the headers.
pub(crate) fn read(reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
    let head: [u8; 13] = reader.array(0)?;
    let mut stream = Stream::new(StreamKind::Video);
    "gif".clone_into(&mut stream.codec);
    let [_, _, _, _, _, _, w1, w2, h1, h2, flags, _, aspect] = head;
    let video = stream.video_mut();
    let size =
        |low, high| Some(u32::from(u16::from_le_bytes([low, high]))).filter(|size| *size > 0);
    video.width = size(w1, w2);
    video.height = size(h1, h2);
    // Decoders give every picture red, green, blue and alpha, whatever its palette holds.
    video.bit_depth = Some(8);
    video.chroma = Some("rgba".to_owned());
    if aspect > 0 {
        video.pixel_aspect = Ratio::new(u64::from(aspect) + 15, 64);
    }
    media.streams.push(stream);
    if reader.length() <= SHORT {
        let bytes = reader.bytes(0, reader.length())?;
        let mut rest = Bytes::new(&bytes);
        let whole = rest
            .skip(13 + palette(flags))
            .and_then(|()| blocks(&mut rest, media));
        if whole == Some(true) {
            media.structure = Structure::Complete;
            return Ok(());
        }
    }
    media.structure = end(reader)?;
    Ok(())
}

const fn palette(flags: u8) -> usize {
    if flags & 0x80 == 0 {
        0
    } else {
        3 << ((flags & 7) + 1)
    }
}

/// Counts pictures and their time; returns whether the trailer was reached.
fn blocks(rest: &mut Bytes<'_>, media: &mut Media) -> Option<bool> {
    let mut pictures = 0_u32;
    let mut hundredths = 0_u32;
    loop {
        match rest.u8()? {
            0x21 => {
                let label = rest.u8()?;
                if label == 0xf9
                    && let [4, _, low, high, ..] = rest.rest()
                {
                    hundredths += u32::from(u16::from_le_bytes([*low, *high]));
                }
            }
            0x2c => {
                pictures += 1;
                let [.., flags] = rest.array::<9>()?;
                // The palette, then how many bits the codes begin with.
                rest.skip(palette(flags) + 1)?;
            }
            0x3b => break,
            _ => return Some(false),
        }
        loop {
            match rest.u8()? {
                0 => break,
                size => rest.skip(usize::from(size))?,
            }
        }
    }
    media.photo.get_or_insert_with(Photo::default).frames = Some(pictures);
    if pictures > 1 && hundredths > 0 {
        media.duration_s = Some(f64::from(hundredths) / 100.0);
    }
    Some(true)
}

fn end(reader: &mut Reader<'_>) -> Result<Structure, Stop> {
    let tail = reader.up_to(reader.length().saturating_sub(TRAIL), TRAIL)?;
    let data = tail.iter().rposition(|byte| *byte != 0);
    Ok(match data.and_then(|last| tail.get(last)) {
        Some(0x3b) => Structure::Complete,
        None => Structure::Zeros {
            at: reader.length() - tail.len() as u64,
        },
        // A block's end and the trailer, then something of somebody else's.
        Some(_) if tail.array_windows().any(|pair| *pair == [0, 0x3b]) => Structure::Complete,
        Some(_) => Structure::Truncated {
            expected_bytes: None,
        },
    })
}
