//! `ProRes` (SMPTE RDD 36).

use crate::Stream;
use crate::bytes::Bytes;

use super::cicp;

/// Notes what a frame header says; the fourcc (`apch`, `ap4h`, …) in the stream's tag tells the profile.
///
/// The eight bytes before it (size, `icpf`), which Matroska leaves out, may be there or not.
pub fn frame(bytes: &[u8], stream: &mut Stream) -> bool {
    let header = match bytes.get(4..8) {
        Some(b"icpf") => bytes.get(8..).unwrap_or_default(),
        _ => bytes,
    };
    read_header(header, stream).is_some()
}

fn read_header(header: &[u8], stream: &mut Stream) -> Option<()> {
    let mut bytes = Bytes::new(header);
    let length = bytes.u16_be()?;
    let version = bytes.u16_be()?;
    bytes.skip(4)?;
    let (width, height) = (bytes.u16_be()?, bytes.u16_be()?);
    let [flags, aspect_and_rate, primaries, transfer, matrix, more] = bytes.array()?;
    if !(20..=0x400).contains(&length) || version > 1 || width == 0 || height == 0 {
        return None;
    }
    "prores".clone_into(&mut stream.codec);
    let is_4444 = matches!(stream.codec_tag.as_deref(), Some("ap4h" | "ap4x"));
    note_profile(stream);
    let video = stream.video_mut();
    video.width = Some(u32::from(width));
    video.height = Some(u32::from(height));
    // The stream does not tell; what decodes it works with 12 bits for the 4444 kinds.
    video.bit_depth = Some(if is_4444 { 12 } else { 10 });
    let alpha = if more.trailing_zeros() >= 4 { "" } else { "a" };
    let chroma = if flags >> 6 == 3 { "4:4:4" } else { "4:2:2" };
    video.chroma = Some(format!("{chroma}{alpha}"));
    let order = match flags >> 2 & 3 {
        0 => Some("progressive"),
        1 => Some("tt"),
        2 => Some("bb"),
        _ => None,
    };
    // A container may know that fields are stored in one order and shown in the other.
    if video.field_order.is_none() {
        video.field_order = order.map(str::to_owned);
    }
    // The shape of a pixel is left to the container: the four bits here tell that of the screen.
    if video.frame_rate.is_none() {
        video.frame_rate = rate(aspect_and_rate & 15);
    }
    cicp::note(video, primaries, transfer, matrix, Some(false));
    Some(())
}

fn note_profile(stream: &mut Stream) {
    let name = match stream.codec_tag.as_deref() {
        Some("apco") => "Proxy",
        Some("apcs") => "LT",
        Some("apcn") => "Standard",
        Some("apch") => "HQ",
        Some("ap4h") => "4444",
        Some("ap4x") => "XQ",
        _ => return,
    };
    stream.profile = Some(name.to_owned());
}

fn rate(code: u8) -> Option<crate::Ratio> {
    let (num, den) = match code {
        1 => (24_000, 1_001),
        2 => (24, 1),
        3 => (25, 1),
        4 => (30_000, 1_001),
        5 => (30, 1),
        6 => (50, 1),
        7 => (60_000, 1_001),
        8 => (60, 1),
        9 => (100, 1),
        10 => (120_000, 1_001),
        11 => (120, 1),
        _ => return None,
    };
    crate::Ratio::new(num, den)
}

#[cfg(test)]
mod tests;
