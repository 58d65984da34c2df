//! Sample entries of pictures.

use super::boxes::Part;
use super::entry::{self, Entry};
use super::esds::Descriptor;
use crate::bytes::Bytes;
use crate::codec::{av1, cicp, dolby_vision, fourcc, h264, hevc, mpeg2, mpeg4, vpx};
use crate::{Mastering, Ratio, Reader, Stop, Stream, Video};

/// Bytes read of a configuration.
const LONGEST_CONFIGURATION: u64 = 64 << 10;

/// What a picture's own boxes say and the codec may not overrule.
#[derive(Debug, Default)]
struct Outer {
    aspect: Option<Ratio>,
    field_order: Option<&'static str>,
    colour: Option<(u8, u8, u8, Option<bool>)>,
}

/// Reads the entry of a picture.
pub(super) fn read(reader: &mut Reader<'_>, part: &Part, entry: &mut Entry) -> Result<(), Stop> {
    let bytes = part.bytes(reader, 78)?;
    let video = entry.stream.video_mut();
    let Some((width, height, depth, table)) = fixed(&bytes) else {
        return Ok(());
    };
    video.width = Some(u32::from(width)).filter(|width| *width > 0);
    video.height = Some(u32::from(height)).filter(|height| *height > 0);
    entry.depth = depth;
    uncompressed(entry);
    // A table of colours of its own stands before the boxes.
    let table = match table {
        0 if depth & 0x1f <= 8 && depth & 0x1f != 0 => {
            let [_, _, _, _, _, _, a, b] = reader.array::<8>(part.body.saturating_add(78))?;
            8 + (u64::from(u16::from_be_bytes([a, b])) + 1) * 8
        }
        _ => 0,
    };
    let mut outer = Outer::default();
    let read = part.skip(78 + table).children(reader, |reader, child| {
        note(reader, child, entry, &mut outer)
    });
    settle(&outer, &mut entry.stream);
    read
}

/// Returns width, height, bits a pixel and which table of colours is used.
fn fixed(bytes: &[u8]) -> Option<(u16, u16, u16, u16)> {
    let mut bytes = Bytes::new(bytes);
    bytes.skip(8 + 16)?;
    let (width, height) = (bytes.u16_be()?, bytes.u16_be()?);
    bytes.skip(4 + 4 + 4 + 2 + 32)?;
    Some((width, height, bytes.u16_be()?, bytes.u16_be()?))
}

fn note(
    reader: &mut Reader<'_>,
    part: &Part,
    entry: &mut Entry,
    outer: &mut Outer,
) -> Result<(), Stop> {
    match &part.kind {
        b"avcC" | b"hvcC" | b"av1C" | b"vpcC" | b"dvcC" | b"dvvC" | b"dvwC" | b"esds" => {
            let bytes = part.bytes(reader, LONGEST_CONFIGURATION)?;
            configuration(part.kind, &bytes, entry);
        }
        b"glbl" if entry.stream.codec == "mpeg4" => {
            let bytes = part.bytes(reader, LONGEST_CONFIGURATION)?;
            entry.configured |= mpeg4::visual(&bytes, &mut entry.stream);
        }
        b"sinf" => {
            entry.encrypted = true;
            if let Some(code) = entry::original(reader, part)? {
                entry.code = code;
                entry::identify(entry);
            }
        }
        b"pasp" => outer.aspect = aspect(&part.bytes(reader, 8)?),
        b"ACLR" => {
            let bytes = part.bytes(reader, 12)?;
            if let [_, _, _, _, _, _, _, _, _, _, _, range @ 1..=2] = bytes.as_slice() {
                entry.stream.video_mut().color.full_range = Some(*range == 2);
            }
        }
        b"fiel" => outer.field_order = field_order(reader.array(part.body)?),
        b"colr" => outer.colour = colour(&part.bytes(reader, 11)?),
        b"mdcv" => {
            mastering(&part.bytes(reader, 24)?, entry.stream.video_mut()).unwrap_or_default();
        }
        b"clli" => light(reader.array(part.body)?, entry.stream.video_mut()),
        b"btrt" if entry.stream.bitrate_bps.is_none() => {
            let [_, _, _, _, _, _, _, _, a, b, c, d] = reader.array::<12>(part.body)?;
            let rate = u64::from(u32::from_be_bytes([a, b, c, d]));
            entry.stream.bitrate_bps = Some(rate).filter(|rate| *rate > 0);
        }
        _ => {}
    }
    Ok(())
}

fn configuration(kind: [u8; 4], bytes: &[u8], entry: &mut Entry) {
    let stream = &mut entry.stream;
    match &kind {
        b"avcC" => {
            entry.nal_length = h264::avcc(bytes, stream);
            entry.configured |= entry.nal_length != 0;
        }
        b"hvcC" => {
            entry.nal_length = hevc::hvcc(bytes, stream);
            entry.configured |= entry.nal_length != 0;
        }
        b"av1C" => entry.configured |= av1::av1c(bytes, stream),
        b"vpcC" => entry.configured |= vpx::vpcc(bytes, stream),
        b"esds" => descriptor(bytes, entry),
        _ => {
            dolby_vision::config(bytes, stream);
        }
    }
}

fn descriptor(bytes: &[u8], entry: &mut Entry) {
    let Some(found) = Descriptor::read(bytes) else {
        return;
    };
    let stream = &mut entry.stream;
    if let Some(codec) = found.codec() {
        codec.clone_into(&mut stream.codec);
    }
    entry.configured |= match stream.codec.as_str() {
        "mpeg4" => mpeg4::visual(found.specific, stream),
        "mpeg1video" | "mpeg2video" => mpeg2::sequence(found.specific, stream),
        _ => false,
    };
    let rate = Some(u64::from(found.average_bps)).filter(|rate| *rate > 0);
    stream.bitrate_bps = stream.bitrate_bps.or(rate);
}

/// Notes what bits a pixel say of pictures without compression or with one that keeps them.
fn uncompressed(entry: &mut Entry) {
    let is_dv = entry.stream.codec == "dvvideo";
    let video = entry.stream.video_mut();
    let samples = match (&entry.code, entry.depth) {
        (b"raw " | b"rle ", 24) => Some(("rgb", 8)),
        (b"raw " | b"rle ", 32) => Some(("rgba", 8)),
        (b"raw ", 40) => Some(("gray", 8)),
        (b"raw " | b"rle " | b"rpza", 16) | (b"rpza", _) => Some(("rgb", 5)),
        (b"dvc " | b"dvpp" | b"dvsd", _) => Some(("4:1:1", 8)),
        (b"dvcp", _) => Some(("4:2:0", 8)),
        ([b'd', b'v', b'5' | b'h', _], _) if is_dv => Some(("4:2:2", 8)),
        (b"yuvs" | b"yuv2" | b"2vuy", _) => Some(("4:2:2", 8)),
        (b"cvid", 40) => Some(("gray", 8)),
        (code, _) => fourcc::samples_of_fourcc(*code),
    };
    if let Some((chroma, depth)) = samples {
        video.chroma = Some(chroma.to_owned());
        video.bit_depth = Some(depth);
    }
}

fn settle(outer: &Outer, stream: &mut Stream) {
    let video = stream.video_mut();
    if outer.aspect.is_some() {
        video.pixel_aspect = outer.aspect;
    }
    if let Some(order) = outer.field_order {
        video.field_order = Some(order.to_owned());
    }
    if let Some((primaries, transfer, matrix, full)) = outer.colour {
        cicp::note(video, primaries, transfer, matrix, full);
    }
}

/// Fields a frame, and their order (`QuickTime` File Format, field handling).
fn field_order([fields, order]: [u8; 2]) -> Option<&'static str> {
    Some(match (fields, order) {
        (1, 0) => "progressive",
        (2, 1) => "tt",
        (2, 6) => "bb",
        (2, 9) => "tb",
        (2, 14) => "bt",
        _ => return None,
    })
}

/// Returns the shape of a pixel: `pasp`.
pub(crate) fn aspect(bytes: &[u8]) -> Option<Ratio> {
    let mut bytes = Bytes::new(bytes);
    Ratio::new(bytes.u32_be()?.into(), bytes.u32_be()?.into())
}

/// Returns code points of colour, and whether all of the range is used: `colr`.
pub(crate) fn colour(bytes: &[u8]) -> Option<(u8, u8, u8, Option<bool>)> {
    let mut bytes = Bytes::new(bytes);
    let kind = bytes.array::<4>()?;
    let has_range = match &kind {
        b"nclx" => true,
        b"nclc" => false,
        _ => return None,
    };
    let mut code = || bytes.u16_be().map(|code| u8::try_from(code).unwrap_or(2));
    let (primaries, transfer, matrix) = (code()?, code()?, code()?);
    let full = bytes
        .u8()
        .filter(|_| has_range)
        .map(|byte| byte & 0x80 != 0);
    Some((primaries, transfer, matrix, full))
}

/// Notes the mastering display: green, blue, red and white in 1/50000, luminance in 1/10000 cd/m².
pub(crate) fn mastering(bytes: &[u8], video: &mut Video) -> Option<()> {
    let mut bytes = Bytes::new(bytes);
    let mut point = || {
        let (x, y) = (bytes.u16_be()?, bytes.u16_be()?);
        Some([f32::from(x) / 50_000.0, f32::from(y) / 50_000.0])
    };
    let (green, blue, red, white) = (point()?, point()?, point()?, point()?);
    let (most, least) = (bytes.u32_be()?, bytes.u32_be()?);
    video.color.mastering = Some(Mastering {
        primaries: [red, green, blue, white],
        max_luminance: f64::from(most) / 10_000.0,
        min_luminance: f64::from(least) / 10_000.0,
    });
    Some(())
}

/// Notes the brightest pixel and the brightest frame.
pub(crate) fn light([a, b, c, d]: [u8; 4], video: &mut Video) {
    video.color.max_cll = Some(u16::from_be_bytes([a, b]).into());
    video.color.max_fall = Some(u16::from_be_bytes([c, d]).into());
}
