//! Bitmap pictures.

use crate::bytes::Bytes;
use crate::{Media, Reader, Stop, Stream, StreamKind, Structure};

/// What the headers say that decides how long the file is.
struct Shape {
    width: u32,
    height: u32,
    bits: u16,
    /// 0: rows of pixels as they are; 3: the same, with masks that say where colours lie.
    compression: u32,
}

/// Reads the headers.
pub(crate) fn read(reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
    let head = reader.up_to(0, 14 + 124)?;
    let mut stream = Stream::new(StreamKind::Video);
    "bmp".clone_into(&mut stream.codec);
    let mut bytes = Bytes::new(&head);
    bytes.skip(2);
    let claimed = bytes.u32_le().unwrap_or_default();
    bytes.skip(4);
    let payload = bytes.u32_le().unwrap_or_default();
    let shape = shape(bytes, &mut stream);
    media.streams.push(stream);
    let Some(shape) = shape else {
        return Err(Stop::End { expected: 54 });
    };
    let rows = u64::from(shape.height);
    let row = (u64::from(shape.width) * u64::from(shape.bits)).div_ceil(32) * 4;
    let expected = match shape.compression {
        0 | 3 | 6 => u64::from(payload).saturating_add(row.saturating_mul(rows)),
        // Compressed: only the file's own word.
        _ => u64::from(claimed),
    };
    media.structure = if expected > reader.length() {
        Structure::Truncated {
            expected_bytes: Some(expected),
        }
    } else {
        Structure::Complete
    };
    Ok(())
}

fn shape(mut bytes: Bytes<'_>, stream: &mut Stream) -> Option<Shape> {
    let size = bytes.u32_le()?;
    let mut shape = Shape {
        width: 0,
        height: 0,
        bits: 0,
        compression: 0,
    };
    let mut green = 0;
    if size == 12 {
        shape.width = u32::from(bytes.u16_le()?);
        shape.height = u32::from(bytes.u16_le()?);
        bytes.skip(2)?;
        shape.bits = bytes.u16_le()?;
    } else {
        shape.width = bytes.i32_le()?.unsigned_abs();
        // Negative: rows from the top down.
        shape.height = bytes.i32_le()?.unsigned_abs();
        bytes.skip(2)?;
        shape.bits = bytes.u16_le()?;
        shape.compression = bytes.u32_le()?;
        bytes.skip(20 + 4)?;
        green = bytes.u32_le().unwrap_or_default();
    }
    let (chroma, depth) = colours(shape.bits, shape.compression, green);
    let video = stream.video_mut();
    video.width = Some(shape.width).filter(|width| *width > 0);
    video.height = Some(shape.height).filter(|height| *height > 0);
    video.chroma = chroma.map(str::to_owned);
    video.bit_depth = depth;
    Some(shape)
}

/// Returns chroma and depth; `green` is the mask that says where in a pixel green lies.
const fn colours(bits: u16, compression: u32, green: u32) -> (Option<&'static str>, Option<u8>) {
    match (bits, compression) {
        (1 | 2 | 4 | 8 | 24, _) => (Some("rgb"), Some(8)),
        (16, 3 | 6) if green == 0x0f0 => (Some("rgb"), Some(4)),
        (16, _) => (Some("rgb"), Some(5)),
        (32, _) => (Some("rgba"), Some(8)),
        _ => (None, None),
    }
}
