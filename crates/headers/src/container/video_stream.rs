//! Bare streams of video: H.264, H.265, MPEG-1, 2 and 4, VC-1 with start codes; AV1 as units; AV1, VP8 and VP9 in IVF.
//!
//! They have no clock, so nothing is said of their length in time (but by IVF, which counts frames), and no sizes to check.
//! The first pictures tell the rest.

use crate::codec::{av1, h264, hevc, mpeg2, mpeg4, vc1, vpx};
use crate::{Media, Ratio, Reader, Stop, Stream, StreamKind};

/// Bytes looked at first: parameter sets and the first picture's messages.
const BEGINNING: u64 = 64 << 10;

/// Bytes looked at where a stream was cut out of another and begins between two parameter sets.
const LONG_BEGINNING: u64 = 768 << 10;

/// How a stream is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    H264,
    Hevc,
    Mpeg2,
    Mpeg4,
    Vc1,
    /// Units that carry their sizes.
    Av1,
    /// Units in temporal units that carry their sizes: annex B of the AV1 specification.
    Av1AnnexB,
    Ivf,
}

/// Returns whether this is the beginning of a stream of video.
pub(crate) fn begins(head: &[u8], extension: Option<&str>) -> bool {
    let named = extension.and_then(by_extension);
    by_content(head, named).is_some()
}

fn by_extension(extension: &str) -> Option<Kind> {
    Some(match extension {
        "h264" | "264" | "avc" | "26l" | "jvt" => Kind::H264,
        "h265" | "265" | "hevc" => Kind::Hevc,
        "m2v" | "m1v" | "mpv" | "mpg" | "mpeg" => Kind::Mpeg2,
        "m4v" | "mp4v" | "xvid" | "cmp" => Kind::Mpeg4,
        "vc1" => Kind::Vc1,
        "obu" | "av1" => Kind::Av1,
        "ivf" => Kind::Ivf,
        _ => return None,
    })
}

/// Returns the kind whose parameters can be read, else the kind the name tells where at least the beginning fits.
fn by_content(head: &[u8], named: Option<Kind>) -> Option<Kind> {
    if head.starts_with(b"DKIF\0\0") {
        return Some(Kind::Ivf);
    }
    if head.starts_with(&[0x12, 0]) && probe(Kind::Av1, head) {
        return Some(Kind::Av1);
    }
    if named == Some(Kind::Av1) && probe(Kind::Av1AnnexB, head) {
        return Some(Kind::Av1AnnexB);
    }
    let first = first_unit(head)?;
    let tried = [Kind::Mpeg2, Kind::Hevc, Kind::H264, Kind::Vc1, Kind::Mpeg4];
    tried
        .into_iter()
        .find(|kind| kind.can_begin_with(first, named) && probe(*kind, head))
        .or_else(|| named.filter(|kind| kind.can_begin_with(first, named)))
}

/// Returns what follows the start code that a stream begins with; zeros may come before it.
fn first_unit(head: &[u8]) -> Option<&[u8]> {
    let zeros = head.iter().take_while(|byte| **byte == 0).count();
    (zeros >= 2).then(|| head.get(zeros..)?.strip_prefix(&[1]))?
}

fn probe(kind: Kind, head: &[u8]) -> bool {
    let mut stream = Stream::new(StreamKind::Video);
    kind.note(head, &mut stream)
}

impl Kind {
    /// Returns whether a stream of this kind may begin with this unit. Many begin with a set of parameters; those that
    /// were cut begin anywhere, which is believed only where the name says the same.
    fn can_begin_with(self, unit: &[u8], named: Option<Self>) -> bool {
        let &[first, second, ..] = unit else {
            return false;
        };
        let is_named = named == Some(self);
        match self {
            // A sequence header, or what comes before a picture.
            Self::Mpeg2 => first == 0xb3 || is_named && matches!(first, 0 | 0xb2 | 0xb5 | 0xb8),
            // Parameter sets, the mark between pictures and messages; else pictures.
            Self::Hevc => {
                let is_first_layer = first & 0x81 == 0 && second >> 3 == 0 && second & 7 != 0;
                is_first_layer && (is_named || matches!(first >> 1, 32..=35 | 39))
            }
            Self::H264 => {
                first & 0x80 == 0
                    && (matches!(first & 0x1f, 6..=9) || is_named && first & 0x1f != 0)
            }
            Self::Vc1 => first == 0x0f || is_named && matches!(first, 0x0c..=0x0e),
            Self::Mpeg4 => first == 0xb0 || is_named && matches!(first, 0..=0x2f | 0xb0..=0xb6),
            Self::Av1 | Self::Av1AnnexB | Self::Ivf => false,
        }
    }

    fn note(self, bytes: &[u8], stream: &mut Stream) -> bool {
        match self {
            Self::H264 => h264::annex_b(bytes, stream),
            Self::Hevc => hevc::annex_b(bytes, stream),
            Self::Mpeg2 => mpeg2::sequence(bytes, stream),
            Self::Mpeg4 => mpeg4::visual(bytes, stream),
            Self::Vc1 => vc1::sequence(bytes, stream),
            Self::Av1 => av1::obus(bytes, stream),
            Self::Av1AnnexB => annex_b_of_av1(bytes, stream),
            Self::Ivf => false,
        }
    }

    const fn codec(self) -> &'static str {
        match self {
            Self::H264 => "h264",
            Self::Hevc => "hevc",
            Self::Mpeg2 => "mpeg2video",
            Self::Mpeg4 => "mpeg4",
            Self::Vc1 => "vc1",
            Self::Av1 | Self::Av1AnnexB => "av1",
            Self::Ivf => "",
        }
    }
}

/// Reads the headers.
pub(crate) fn read(reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
    let head = reader.up_to(0, BEGINNING)?;
    let sure =
        by_content(&head, Some(Kind::Av1)).filter(|kind| *kind != Kind::Av1 || probe(*kind, &head));
    if sure == Some(Kind::Ivf) {
        return ivf(&head, media);
    }
    let (kind, bytes) = match sure {
        Some(kind) => (kind, head),
        None => match search(reader, head)? {
            Some(found) => found,
            None => return Ok(()),
        },
    };
    let mut stream = Stream::new(StreamKind::Video);
    kind.codec().clone_into(&mut stream.codec);
    kind.note(&bytes, &mut stream);
    media.streams.push(stream);
    Ok(())
}

/// Looks for parameters anywhere, as in streams that were cut; broadcasters repeat them every second or so.
fn search(reader: &mut Reader<'_>, head: Vec<u8>) -> Result<Option<(Kind, Vec<u8>)>, Stop> {
    if first_unit(&head).is_none() {
        return Ok(None);
    }
    let find = |bytes: &[u8]| {
        [Kind::Mpeg2, Kind::Hevc, Kind::H264, Kind::Vc1, Kind::Mpeg4]
            .into_iter()
            .find(|kind| probe(*kind, bytes))
    };
    if let Some(kind) = find(&head) {
        return Ok(Some((kind, head)));
    }
    let bytes = reader.up_to(0, LONG_BEGINNING)?;
    Ok(find(&bytes).map(|kind| (kind, bytes)))
}

/// Annex B of the AV1 specification: sizes of a temporal unit, of a frame unit, then of each unit in it.
fn annex_b_of_av1(bytes: &[u8], stream: &mut Stream) -> bool {
    let mut rest = bytes;
    let Some((_temporal, _frame)) = leb128(&mut rest).zip(leb128(&mut rest)) else {
        return false;
    };
    // A temporal delimiter without a size of its own comes first.
    if !rest.starts_with(&[1, 0x10]) {
        return false;
    }
    let mut found = false;
    for _ in 0..8 {
        let Some(length) = leb128(&mut rest) else {
            break;
        };
        let (unit, tail) = rest.split_at(length.min(rest.len()));
        found |= av1::obus(unit, stream);
        rest = tail;
    }
    found
}

/// Returns a number of at most 28 bits, the lowest seven first.
fn leb128(rest: &mut &[u8]) -> Option<usize> {
    let mut value = 0;
    for group in 0..4 {
        let (byte, tail) = rest.split_first()?;
        *rest = tail;
        value |= usize::from(byte & 0x7f) << (group * 7);
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// IVF: a header of 32 bytes, then frames, each after its length in 4 bytes and its time in 8.
fn ivf(head: &[u8], media: &mut Media) -> Result<(), Stop> {
    media.variant = Some("IVF".to_owned());
    let Some(header) = head.first_chunk::<32>() else {
        return Err(Stop::End { expected: 32 });
    };
    let number = |at: usize| {
        let bytes = header
            .get(at..at + 4)
            .and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(0, u32::from_le_bytes)
    };
    let frames = number(24);
    let rate = h264::plausible_rate(u64::from(number(16)), u64::from(number(20)));
    let mut stream = Stream::new(StreamKind::Video);
    note_fourcc(number(8), &mut stream);
    stream.frames = Some(u64::from(frames)).filter(|frames| *frames > 0);
    let (width, height) = (number(12) & 0xffff, number(12) >> 16);
    let video = stream.video_mut();
    (video.width, video.height) = (Some(width), Some(height));
    let frame = first_frame(head);
    match stream.codec.as_str() {
        "vp8" => vpx::vp8_frame(frame, &mut stream),
        "vp9" => vpx::vp9_frame(frame, &mut stream),
        "av1" => av1::obus(frame, &mut stream),
        "h264" => h264::annex_b(frame, &mut stream),
        "hevc" => hevc::annex_b(frame, &mut stream),
        _ => false,
    };
    note_length(frames, rate, &mut stream);
    media.duration_s = stream.duration_s;
    media.streams.push(stream);
    Ok(())
}

fn first_frame(head: &[u8]) -> &[u8] {
    let size = head.get(32..).and_then(|rest| rest.first_chunk::<4>());
    let size = size.map_or(0, |size| u32::from_le_bytes(*size) as usize);
    let frame = head.get(44..).unwrap_or_default();
    frame.get(..size).unwrap_or(frame)
}

fn note_fourcc(code: u32, stream: &mut Stream) {
    let tag = code.to_le_bytes();
    let name = match &tag {
        b"VP80" => "vp8",
        b"VP90" => "vp9",
        b"AV01" => "av1",
        b"H264" => "h264",
        b"HEVC" | b"H265" => "hevc",
        _ => "",
    };
    name.clone_into(&mut stream.codec);
    if tag.is_ascii() {
        stream.codec_tag = Some(String::from_utf8_lossy(&tag).into_owned());
    }
}

/// The header's clock ticks once a frame, in files of encoders that write it so; a plausible rate is taken for it.
fn note_length(frames: u32, rate: Option<Ratio>, stream: &mut Stream) {
    let Some(rate) = rate else {
        return;
    };
    stream.video_mut().frame_rate = Some(rate);
    if frames > 0 {
        stream.duration_s = Some(f64::from(frames) / rate.value());
    }
}

#[cfg(test)]
mod tests;
