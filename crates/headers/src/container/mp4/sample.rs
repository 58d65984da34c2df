//! The first sample of a track, for what its description leaves open.

use super::stream::Known;
use super::track::Track;
use crate::codec::{
    ac3, av1, dts, h264, hevc, mjpeg, mpeg_audio, mpeg2, mpeg4, prores, truehd, vpx,
};
use crate::{Reader, Stop, Stream, StreamKind};

/// Bytes read of a sample.
const LONGEST: u64 = 64 << 10;

/// Reads the first sample, if anything is to be learnt from it.
pub(super) fn read(reader: &mut Reader<'_>, track: &Track, known: &mut Known) -> Result<(), Stop> {
    let Some(most) = wanted(known) else {
        return Ok(());
    };
    let Some(at) = track.tables.chunk(reader, 0)? else {
        return Ok(());
    };
    let size = match known.stream.kind {
        // Sound may be counted in samples rather than packets.
        StreamKind::Audio => most,
        _ => track.tables.sample_size(reader, 0)?.unwrap_or(most),
    };
    let bytes = reader.up_to(at, size.min(most))?;
    note(&bytes, known.entry.nal_length, &mut known.stream);
    Ok(())
}

/// Returns how many bytes are needed of the first sample; `None` where nothing is open.
fn wanted(known: &Known) -> Option<u64> {
    if known.entry.encrypted {
        return None;
    }
    let configured = known.entry.configured;
    let stream = &known.stream;
    let open = |most| (!configured).then_some(most);
    match stream.codec.as_str() {
        "av1" if configured && lacks_range(stream) => Some(4 << 10),
        // Fields: which comes first is said with the pictures.
        "h264" if configured && lacks_order(stream) => Some(8 << 10),
        "hevc" | "h264" | "av1" if configured => is_dark(stream).then_some(LONGEST),
        "h264" | "hevc" => Some(LONGEST),
        "av1" | "mpeg4" | "vp8" | "vp9" | "mpeg1video" | "mpeg2video" | "ac3" | "eac3" => {
            open(4 << 10)
        }
        "prores" => Some(512),
        "mjpeg" | "mjpegb" => Some(4 << 10),
        "png" | "dnxhd" | "mp1" | "mp2" | "mp3" => Some(64),
        "dts" | "truehd" => Some(8 << 10),
        _ => None,
    }
}

/// Returns whether a configuration came without the sequence header, which always says this.
fn lacks_range(stream: &Stream) -> bool {
    stream
        .video
        .as_ref()
        .is_some_and(|video| video.color.full_range.is_none())
}

fn lacks_order(stream: &Stream) -> bool {
    stream
        .video
        .as_ref()
        .is_some_and(|video| video.field_order.is_none())
}

/// Returns whether a picture may carry data for high dynamic range that its configuration lacks.
fn is_dark(stream: &Stream) -> bool {
    stream.video.as_ref().is_some_and(|video| {
        let color = &video.color;
        let transfer = color.transfer.as_deref();
        let deep = video.bit_depth.is_some_and(|bits| bits >= 10);
        deep && (transfer == Some("smpte2084") || transfer.is_none())
    })
}

fn note(bytes: &[u8], nal_length: u8, stream: &mut Stream) {
    match stream.codec.as_str() {
        "h264" => drop(h264::sample(bytes, nal_length.max(1), stream)),
        "hevc" => drop(hevc::sample(bytes, nal_length.max(1), stream)),
        _ => {}
    }
    let stated = stream.bitrate_bps;
    match stream.codec.clone().as_str() {
        "av1" => av1::obus(bytes, stream),
        "mpeg4" => mpeg4::visual(bytes, stream),
        "vp8" => vpx::vp8_frame(bytes, stream),
        "vp9" => vpx::vp9_frame(bytes, stream),
        "mpeg1video" | "mpeg2video" => mpeg2::sequence(bytes, stream),
        "prores" => prores::frame(bytes, stream),
        "dnxhd" => dnxhd(bytes, stream).is_some(),
        "mjpeg" | "mjpegb" => mjpeg::frame(bytes, stream),
        "png" => crate::image::png::still(bytes, stream.video_mut()).is_some(),
        "mp1" | "mp2" | "mp3" => mpeg_audio::frame(bytes, stream),
        "ac3" | "eac3" => ac3::frame(bytes, stream),
        "dts" => dts::frame(bytes, stream),
        "truehd" => truehd::sync(bytes, stream),
        _ => false,
    };
    // What the tables add up to is nearer than what one frame says.
    stream.bitrate_bps = stated.or(stream.bitrate_bps);
}

/// Notes what the header of a VC-3 frame (SMPTE ST 2019-1) says: its compression identifier stands for most of it.
fn dnxhd(bytes: &[u8], stream: &mut Stream) -> Option<()> {
    let id = u32::from_be_bytes(*bytes.get(0x28..)?.first_chunk()?);
    let profile = match id {
        1_235..=1_260 => "DNXHD",
        1_270 => "DNXHR 444",
        1_271 => "DNXHR HQX",
        1_272 => "DNXHR HQ",
        1_273 => "DNXHR SQ",
        1_274 => "DNXHR LB",
        _ => return None,
    };
    stream.profile = Some(profile.to_owned());
    let video = stream.video_mut();
    video.bit_depth = match bytes.get(0x21)? >> 5 {
        1 => Some(8),
        2 => Some(10),
        3 => Some(12),
        _ => None,
    };
    let full = matches!(id, 1_256 | 1_270);
    video.chroma = Some(if full { "4:4:4" } else { "4:2:2" }.to_owned());
    // Which matrix: two bits since the formats beyond HD.
    let matrix = match bytes.get(0x2c)? >> 1 & 3 {
        0 => "bt709",
        1 => "bt2020nc",
        2 => "bt2020c",
        _ => return Some(()),
    };
    video.color.matrix.get_or_insert_with(|| matrix.to_owned());
    Some(())
}
