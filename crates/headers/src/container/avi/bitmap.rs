//! `BITMAPINFOHEADER`: how AVI and ASF describe pictures.

use crate::bytes::Bytes;
use crate::codec::fourcc::codec_of_fourcc;
use crate::codec::{av1, h264, hevc, mpeg4, vc1};
use crate::{Media, Stream, StreamKind};

/// Length of the header without what the codec adds.
const HEADER: usize = 40;

/// Notes what a `BITMAPINFOHEADER` says, and what the codec's own bytes behind it say. Returns bits a pixel.
pub(crate) fn note(bytes: &[u8], stream: &mut Stream) -> Option<u16> {
    let mut header = Bytes::new(bytes);
    let claimed = usize::try_from(header.u32_le()?).unwrap_or(usize::MAX);
    let width = header.i32_le()?.unsigned_abs();
    let height = header.i32_le()?.unsigned_abs();
    header.skip(2)?;
    let bits = header.u16_le()?;
    let compression: [u8; 4] = header.array()?;
    {
        let video = stream.video_mut();
        video.width = Some(width).filter(|width| *width > 0);
        video.height = Some(height).filter(|height| *height > 0);
    }
    name(compression, stream);
    let extra = bytes.get(HEADER..claimed.min(bytes.len()).max(HEADER));
    // In AVI the header claims 40 bytes whatever follows; the chunk's length counts.
    let extra = extra
        .filter(|extra| !extra.is_empty())
        .or_else(|| bytes.get(HEADER..))
        .unwrap_or_default();
    configuration(extra, stream);
    match (stream.codec.as_str(), bits) {
        ("rawvideo", _) => raw(compression, bits, stream),
        ("huffyuv", 16) => set(stream, 8, "4:2:2"),
        ("huffyuv" | "zmbv" | "tscc", 24) => set(stream, 8, "rgb"),
        ("huffyuv" | "tscc", 32) => set(stream, 8, "rgba"),
        _ => {}
    }
    Some(bits)
}

/// Notes the codec that a four-character code stands for.
pub(super) fn name(code: [u8; 4], stream: &mut Stream) {
    if let Some(codec) = codec_of_fourcc(code) {
        codec.clone_into(&mut stream.codec);
    }
    if code.iter().all(|byte| (b' '..=b'~').contains(byte)) {
        stream.codec_tag = Some(String::from_utf8_lossy(&code).into_owned());
    }
}

/// Hands the bytes behind the header to the codec's reader.
fn configuration(extra: &[u8], stream: &mut Stream) {
    let is_record = extra.first() == Some(&1);
    match stream.codec.as_str() {
        "h264" if is_record => {
            h264::avcc(extra, stream);
        }
        "h264" => {
            h264::annex_b(extra, stream);
        }
        "hevc" if is_record => {
            hevc::hvcc(extra, stream);
        }
        "hevc" => {
            hevc::annex_b(extra, stream);
        }
        "mpeg4" => {
            mpeg4::visual(extra, stream);
        }
        "wmv3" => {
            vc1::wmv3(extra, stream);
        }
        "vc1" => {
            vc1::sequence(extra, stream);
        }
        "av1" if extra.first() == Some(&0x81) => {
            av1::av1c(extra, stream);
        }
        _ => {}
    }
}

fn raw(compression: [u8; 4], bits: u16, stream: &mut Stream) {
    let (depth, chroma) = match &compression.map(|byte| byte.to_ascii_uppercase()) {
        [0 | 3, 0, 0, 0] => match bits {
            1 | 4 | 8 | 24 => (8, "rgb"),
            15 | 16 => (5, "rgb"),
            32 => (8, "rgba"),
            _ => return,
        },
        b"Y800" | b"Y8  " | b"GREY" => (8, "gray"),
        b"Y42B" | b"YUY2" | b"YUYV" | b"UYVY" | b"YVYU" | b"HDYC" | b"YUNV" | b"UYNV" | b"V422"
        | b"YV16" | b"P422" | b"2VUY" | b"CYUV" | b"UYNY" | b"Y422" | b"YUV2" => (8, "4:2:2"),
        b"Y41B" => (8, "4:1:1"),
        b"YUV9" | b"YVU9" => (8, "4:1:0"),
        b"444P" | b"YV24" => (8, "4:4:4"),
        b"I420" | b"IYUV" | b"YV12" | b"NV12" | b"NV21" => (8, "4:2:0"),
        b"P010" => (10, "4:2:0"),
        b"P016" => (16, "4:2:0"),
        b"P210" => (10, "4:2:2"),
        b"P216" => (16, "4:2:2"),
        _ => return,
    };
    set(stream, depth, chroma);
}

/// Fills in depth and chroma of codecs that have but one kind, where nothing was said.
pub(crate) fn imply(media: &mut Media) {
    for stream in &mut media.streams {
        if stream.kind != StreamKind::Video {
            continue;
        }
        let tag = stream.codec_tag.clone().unwrap_or_default();
        if let Some((depth, chroma)) = implied(&stream.codec, &tag) {
            set(stream, depth, chroma);
        }
    }
}

fn implied(codec: &str, tag: &str) -> Option<(u8, &'static str)> {
    let tag = tag.to_ascii_uppercase();
    Some(match codec {
        "mpeg4" | "msmpeg4v1" | "msmpeg4v2" | "msmpeg4v3" | "wmv1" | "wmv2" | "wmv3" | "vc1"
        | "h261" | "h263" | "h263p" | "h263i" | "flv1" | "vp3" | "vp5" | "vp6" | "vp6f" | "vp7"
        | "vp8" | "theora" | "mpeg1video" | "asv1" | "asv2" | "indeo2" | "rv10" | "rv20"
        | "rv30" | "rv40" | "mss2" | "truemotion2rt" => (8, "4:2:0"),
        "svq1" | "indeo3" | "indeo4" | "indeo5" => (8, "4:1:0"),
        "cljr" => (8, "4:1:1"),
        "cinepak" | "zlib" | "mszh" | "tscc2" | "truemotion2" | "aasc" => (8, "rgb"),
        "msvideo1" | "rpza" => (5, "rgb"),
        "v210" | "v210x" | "cfhd" => (10, "4:2:2"),
        "r210" => (10, "rgb"),
        "v410" => (10, "4:4:4"),
        "v308" => (8, "4:4:4"),
        "v408" | "ayuv" => (8, "4:4:4a"),
        "utvideo" => match tag.as_bytes() {
            b"ULY0" | b"ULH0" => (8, "4:2:0"),
            b"ULY2" | b"ULH2" | b"UMY2" | b"UMH2" => (8, "4:2:2"),
            b"ULY4" | b"ULH4" | b"UMY4" | b"UMH4" => (8, "4:4:4"),
            b"ULRG" | b"UMRG" => (8, "rgb"),
            b"ULRA" | b"UMRA" => (8, "rgba"),
            b"UQY0" => (10, "4:2:0"),
            b"UQY2" => (10, "4:2:2"),
            b"UQRG" => (10, "rgb"),
            b"UQRA" => (10, "rgba"),
            _ => return None,
        },
        "magicyuv" => match tag.as_bytes() {
            b"M8RG" => (8, "rgb"),
            b"M8RA" => (8, "rgba"),
            b"M8Y0" => (8, "4:2:0"),
            b"M8Y2" => (8, "4:2:2"),
            b"M8Y4" => (8, "4:4:4"),
            b"M8YA" => (8, "4:4:4a"),
            b"M8G0" => (8, "gray"),
            _ => return None,
        },
        "prores" => match tag.as_bytes() {
            b"AP4H" => (10, "4:4:4"),
            b"AP4X" => (12, "4:4:4"),
            _ => (10, "4:2:2"),
        },
        "speedhq" => match tag.as_bytes() {
            b"SHQ0" => (8, "4:2:0"),
            b"SHQ2" => (8, "4:2:2"),
            b"SHQ4" => (8, "4:4:4"),
            _ => return None,
        },
        _ => return None,
    })
}

/// Sets depth and chroma unless they are known.
pub(super) fn set(stream: &mut Stream, depth: u8, chroma: &str) {
    let video = stream.video_mut();
    video.bit_depth.get_or_insert(depth);
    video.chroma.get_or_insert_with(|| chroma.to_owned());
}
