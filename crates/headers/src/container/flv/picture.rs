//! The payload of a video tag.

use crate::bits::Bits;
use crate::codec::{av1, h264, hevc, mpeg4, vpx};
use crate::{Stream, Video};

/// What a video tag told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// All there is to know.
    All,
    /// Only which codec: a later tag says more.
    Codec,
}

/// Notes what a video tag says.
pub(super) fn note(bytes: &[u8], stream: &mut Stream) -> Told {
    let Some((&head, rest)) = bytes.split_first() else {
        return Told::Codec;
    };
    if head & 0x80 != 0 {
        return enhanced(head & 0xf, rest, stream);
    }
    let codec = head & 0xf;
    let name = match codec {
        2 => "flv1",
        3 => "flashsv",
        4 => "vp6f",
        5 => "vp6a",
        6 => "flashsv2",
        7 => "h264",
        8 => "h263",
        9 => "mpeg4",
        // Not in the specification, but in the wild.
        12 => "hevc",
        13 => "av1",
        _ => "",
    };
    name.clone_into(&mut stream.codec);
    stream.codec_tag = Some(codec.to_string());
    let is_key = head >> 4 == 1;
    match codec {
        2 => sorenson(rest, stream.video_mut()),
        3 | 6 => screen(rest, stream.video_mut()),
        4 if is_key => vp6(rest, 0, stream.video_mut()),
        5 if is_key => vp6(rest, 3, stream.video_mut()),
        7 | 12 | 13 => return record(codec, rest, stream),
        9 => {
            mpeg4::visual(rest, stream);
        }
        _ => {}
    }
    Told::All
}

/// A packet type and three bytes of time, then, in packets of type 0, a configuration record.
fn record(codec: u8, rest: &[u8], stream: &mut Stream) -> Told {
    let Some(([0, _, _, _], record)) = rest.split_first_chunk::<4>() else {
        return Told::Codec;
    };
    match codec {
        7 => {
            h264::avcc(record, stream);
        }
        12 => {
            hevc::hvcc(record, stream);
        }
        _ => {
            av1::av1c(record, stream);
        }
    }
    Told::All
}

/// The enhanced form names its codec by four characters.
fn enhanced(packet: u8, rest: &[u8], stream: &mut Stream) -> Told {
    let Some((code, record)) = rest.split_first_chunk::<4>() else {
        return Told::Codec;
    };
    let name = match code {
        b"avc1" => "h264",
        b"hvc1" => "hevc",
        b"vvc1" => "vvc",
        b"av01" => "av1",
        b"vp09" => "vp9",
        b"vp08" => "vp8",
        _ => "",
    };
    name.clone_into(&mut stream.codec);
    stream.codec_tag = Some(String::from_utf8_lossy(code).into_owned());
    // 0 begins a sequence; everything else is frames and their like.
    if packet != 0 {
        return Told::Codec;
    }
    match code {
        b"avc1" => {
            h264::avcc(record, stream);
        }
        b"hvc1" => {
            hevc::hvcc(record, stream);
        }
        b"av01" => {
            av1::av1c(record, stream);
        }
        b"vp09" | b"vp08" => {
            vpx::vpcc(record, stream);
        }
        _ => {}
    }
    Told::All
}

/// H.263 as Sorenson changed it: after a start code of 17 bits, 5 bits of version and 8 of time comes the size.
fn sorenson(bytes: &[u8], video: &mut Video) {
    let mut bits = Bits::new(bytes);
    let mut size = || {
        bits.skip(30)?;
        let size = match bits.u8(3)? {
            0 => (bits.u32(8)?, bits.u32(8)?),
            1 => (bits.u32(16)?, bits.u32(16)?),
            2 => (352, 288),
            3 => (176, 144),
            4 => (128, 96),
            5 => (320, 240),
            6 => (160, 120),
            _ => return None,
        };
        Some(size)
    };
    set(video, size(), "4:2:0");
}

/// Screen video: sizes of blocks in 4 bits, of the picture in 12.
fn screen(bytes: &[u8], video: &mut Video) {
    let size = bytes.first_chunk::<4>().map(|[a, b, c, d]| {
        (
            u32::from(u16::from_be_bytes([*a, *b]) & 0xfff),
            u32::from(u16::from_be_bytes([*c, *d]) & 0xfff),
        )
    });
    set(video, size, "rgb");
}

/// VP6: a byte of what to cut off the right and the bottom, for transparency an offset of `skip` bytes, then the frame.
fn vp6(bytes: &[u8], skip: usize, video: &mut Video) {
    let size = || {
        let (cut, rest) = bytes.split_first()?;
        let rest = rest.get(skip..)?;
        let [first, second, ..] = rest else {
            return None;
        };
        // The offset of the second partition is there only in some profiles.
        let has_offset = first & 1 != 0 || second & 6 == 0;
        let [rows, columns] = *rest
            .get(if has_offset { 4 } else { 2 }..)?
            .first_chunk::<2>()?;
        let side = |blocks: u8, cut: u8| (u32::from(blocks) * 16).checked_sub(cut.into());
        Some((side(columns, cut >> 4)?, side(rows, cut & 0xf)?))
    };
    set(video, size(), if skip > 0 { "4:2:0a" } else { "4:2:0" });
}

fn set(video: &mut Video, size: Option<(u32, u32)>, chroma: &str) {
    video.bit_depth = Some(8);
    video.chroma = Some(chroma.to_owned());
    if let Some((width, height)) = size
        && width > 0
        && height > 0
    {
        video.width = Some(width);
        video.height = Some(height);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StreamKind;

    fn size_of(bytes: &[u8]) -> (String, Option<u32>, Option<u32>) {
        let mut stream = Stream::new(StreamKind::Video);
        note(bytes, &mut stream);
        let video = stream.video.unwrap_or_default();
        (stream.codec, video.width, video.height)
    }

    #[test]
    fn sizes_of_old_codecs() {
        // 4:1 of everything, then rows and columns in sixteens.
        assert_eq!(
            size_of(&[0x14, 0x48, 0x00, 0x06, 15, 20, 15, 20]),
            ("vp6f".into(), Some(316), Some(232))
        );
        assert_eq!(
            size_of(&[0x14, 0x00, 0x01, 0x06, 9, 9, 15, 20, 15, 20]),
            ("vp6f".into(), Some(320), Some(240))
        );
        assert_eq!(
            size_of(&[0x15, 0x00, 1, 2, 3, 0x00, 0x06, 15, 20]),
            ("vp6a".into(), Some(320), Some(240))
        );
        assert_eq!(
            size_of(&[0x13, 0x31, 0x40, 0x30, 0xf0]),
            ("flashsv".into(), Some(320), Some(240))
        );
        assert_eq!(size_of(&[0x12]), ("flv1".into(), None, None));
        assert_eq!(size_of(b"\x90hvc1\x01"), ("hevc".into(), None, None));
    }
}
