//! What `CodecID` and `CodecPrivate` say of a track.

use super::track::Track;
use crate::codec::{
    self, aac, alac, av1, flac, fourcc, h264, hevc, mpeg2, mpeg4, opus, theora, vc1, vorbis, vpx,
    wave,
};
use crate::{Stream, StreamKind};

/// Beginnings of `CodecID` and the codecs they stand for; the first that fits counts.
const NAMES: &[(&str, &str)] = &[
    ("V_MPEG4/ISO/AVC", "h264"),
    ("V_MPEGH/ISO/HEVC", "hevc"),
    ("V_MPEGI/ISO/VVC", "vvc"),
    ("V_MPEG4/ISO/", "mpeg4"),
    ("V_MPEG4/MS/V3", "msmpeg4v3"),
    ("V_MPEG1", "mpeg1video"),
    ("V_MPEG2", "mpeg2video"),
    ("V_AV1", "av1"),
    ("V_VP8", "vp8"),
    ("V_VP9", "vp9"),
    ("V_PRORES", "prores"),
    ("V_THEORA", "theora"),
    ("V_MJPEG", "mjpeg"),
    ("V_UNCOMPRESSED", "rawvideo"),
    ("V_FFV1", "ffv1"),
    ("V_DIRAC", "dirac"),
    ("V_SNOW", "snow"),
    ("V_REAL/RV10", "rv10"),
    ("V_REAL/RV20", "rv20"),
    ("V_REAL/RV30", "rv30"),
    ("V_REAL/RV40", "rv40"),
    ("V_AVS2", "avs2"),
    ("V_AVS3", "avs3"),
    ("V_CAVS", "cavs"),
    ("A_AAC", "aac"),
    ("A_AC3", "ac3"),
    ("A_EAC3", "eac3"),
    ("A_DTS", "dts"),
    ("A_TRUEHD", "truehd"),
    ("A_MLP", "mlp"),
    ("A_FLAC", "flac"),
    ("A_OPUS", "opus"),
    ("A_VORBIS", "vorbis"),
    ("A_MPEG/L1", "mp1"),
    ("A_MPEG/L2", "mp2"),
    ("A_MPEG/L3", "mp3"),
    ("A_ALAC", "alac"),
    ("A_WAVPACK4", "wavpack"),
    ("A_TTA1", "tta"),
    ("A_MPC", "musepack8"),
    ("A_ATRAC/AT1", "atrac1"),
    ("A_REAL/14_4", "ra_144"),
    ("A_REAL/28_8", "ra_288"),
    ("A_REAL/COOK", "cook"),
    ("A_REAL/SIPR", "sipr"),
    ("A_REAL/RALF", "ralf"),
    ("A_REAL/ATRC", "atrac3"),
    ("A_QUICKTIME/QDMC", "qdmc"),
    ("A_QUICKTIME/QDM2", "qdm2"),
    ("S_TEXT/UTF8", "subrip"),
    ("S_TEXT/ASCII", "text"),
    ("S_TEXT/ASS", "ass"),
    ("S_TEXT/SSA", "ass"),
    ("S_ASS", "ass"),
    ("S_SSA", "ass"),
    ("S_TEXT/WEBVTT", "webvtt"),
    ("D_WEBVTT/", "webvtt"),
    ("S_VOBSUB", "dvd_subtitle"),
    ("S_DVBSUB", "dvb_subtitle"),
    ("S_HDMV/PGS", "hdmv_pgs_subtitle"),
    ("S_HDMV/TEXTST", "hdmv_text_subtitle"),
    ("S_ARIBSUB", "arib_caption"),
    ("S_KATE", "kate"),
];

/// Notes codec, profile and whatever else the track's codec id and private bytes say. Returns how many bytes the lengths
/// of NAL units have, where it is a codec that has them.
pub(super) fn identify(track: &Track, private: &[u8], stream: &mut Stream) -> u8 {
    stream.codec_tag = Some(track.codec.clone());
    stream.codec = NAMES
        .iter()
        .find(|(start, _)| track.codec.starts_with(start))
        .map(|(_, name)| (*name).to_owned())
        .unwrap_or_default();
    match track.codec.as_str() {
        "V_MS/VFW/FOURCC" => return bitmap(private, stream),
        "V_QUICKTIME" => sample_entry(private, stream),
        "A_MS/ACM" => {
            wave::format(private, stream);
        }
        id if id.starts_with("A_PCM/") => pcm(id, track.sound.bits, stream),
        id if id.starts_with("A_AAC") && private.is_empty() => old_aac(id, stream),
        id if id.starts_with("A_QUICKTIME") && stream.codec.is_empty() => {
            quicktime_sound(private, stream);
        }
        "V_UNCOMPRESSED" => raw_picture(track.picture.fourcc.unwrap_or_default(), stream),
        "V_PRORES" => {
            // The flavour is the private data.
            if let Some(code) = private.first_chunk::<4>() {
                stream.codec_tag = Some(String::from_utf8_lossy(code).into_owned());
            }
        }
        _ => {}
    }
    configure(private, stream)
}

/// Hands a configuration record to its codec's reader.
fn configure(private: &[u8], stream: &mut Stream) -> u8 {
    if private.is_empty() {
        return 0;
    }
    match stream.codec.clone().as_str() {
        "h264" if private.first() == Some(&1) => return h264::avcc(private, stream),
        "h264" => {
            h264::annex_b(private, stream);
        }
        "hevc" if private.starts_with(&[0, 0]) => {
            hevc::annex_b(private, stream);
        }
        "hevc" => return hevc::hvcc(private, stream),
        "av1" => {
            av1::av1c(private, stream);
        }
        "vp9" => {
            vpx::webm_private(private, stream);
        }
        "mpeg1video" | "mpeg2video" => {
            mpeg2::sequence(private, stream);
        }
        "mpeg4" => {
            mpeg4::visual(private, stream);
        }
        "vc1" => {
            vc1::sequence(private, stream);
        }
        "wmv3" => {
            vc1::wmv3(private, stream);
        }
        "theora" => {
            theora::identification(first_laced(private), stream);
        }
        "vorbis" => {
            vorbis::identification(first_laced(private), stream);
        }
        "opus" => {
            opus::head(private, stream);
        }
        "aac" => {
            aac::config(private, stream);
        }
        "alac" => {
            alac::cookie(private, stream);
        }
        "flac" => flac_header(private, stream),
        _ => {}
    }
    0
}

/// Returns the first of the three headers that Vorbis and Theora keep in their private data.
fn first_laced(private: &[u8]) -> &[u8] {
    let Some((_, rest)) = private.split_first() else {
        return private;
    };
    // Each length is a run of 255s and what is left; two lengths stand before the first header.
    let mut lengths = [0_usize; 2];
    let mut rest = rest;
    for length in &mut lengths {
        loop {
            let Some((byte, tail)) = rest.split_first() else {
                return &[];
            };
            rest = tail;
            *length = length.saturating_add(usize::from(*byte));
            if *byte != 255 {
                break;
            }
        }
    }
    let [first, _] = lengths;
    rest.get(..first).unwrap_or(rest)
}

/// A bitmap header, as Video for Windows has it, and what follows it for the codec.
fn bitmap(private: &[u8], stream: &mut Stream) -> u8 {
    let Some((header, extra)) = private.split_first_chunk::<40>() else {
        return 0;
    };
    let [
        ..,
        bits,
        _,
        a,
        b,
        c,
        d,
        _,
        _,
        _,
        _,
        _,
        _,
        _,
        _,
        _,
        _,
        _,
        _,
        _,
        _,
        _,
        _,
        _,
        _,
        _,
        _,
    ] = *header;
    let code = [a, b, c, d];
    stream.codec_tag = Some(readable(code));
    let name = fourcc::codec_of_fourcc(code).unwrap_or_default();
    name.clone_into(&mut stream.codec);
    match (name, code, bits) {
        ("rawvideo", [0, 0, 0, 0], 24 | 32) => set_samples(stream.video_mut(), "rgb", 8),
        _ => raw_picture(code, stream),
    }
    configure(extra, stream)
}

/// A sample description of `QuickTime`: its size, then its code.
fn sample_entry(private: &[u8], stream: &mut Stream) {
    let code = private.get(4..).and_then(<[u8]>::first_chunk::<4>);
    let found = code
        .and_then(|code| Some((*code, fourcc::codec_of_fourcc(*code)?)))
        .or_else(|| {
            let code = private.first_chunk::<4>()?;
            Some((*code, fourcc::codec_of_fourcc(*code)?))
        });
    if let Some((code, name)) = found {
        name.clone_into(&mut stream.codec);
        stream.codec_tag = Some(readable(code));
        raw_picture(code, stream);
    }
}

fn quicktime_sound(private: &[u8], stream: &mut Stream) {
    let name = match private.get(4..8) {
        Some(b"QDM2") => "qdm2",
        Some(b"QDMC") => "qdmc",
        Some(b"MAC3") => "mace3",
        Some(b"MAC6") => "mace6",
        Some(b"ima4") => "adpcm_ima_qt",
        Some(b"ulaw") => "pcm_mulaw",
        Some(b"alaw") => "pcm_alaw",
        Some(b"twos") => "pcm_s16be",
        Some(b"sowt") => "pcm_s16le",
        Some(b"alac") => "alac",
        Some(b"mp4a") => "aac",
        _ => return,
    };
    name.clone_into(&mut stream.codec);
}

fn readable(code: [u8; 4]) -> String {
    if code.iter().all(|byte| (b' '..=b'~').contains(byte)) {
        String::from_utf8_lossy(&code).into_owned()
    } else {
        format!("0x{:08x}", u32::from_le_bytes(code))
    }
}

fn pcm(id: &str, bits: u64, stream: &mut Stream) {
    let bits = if bits == 0 { 16 } else { bits };
    let name = match (id, bits) {
        ("A_PCM/INT/LIT" | "A_PCM/INT/BIG", 8) => "pcm_u8",
        ("A_PCM/INT/LIT", 16) => "pcm_s16le",
        ("A_PCM/INT/LIT", 24) => "pcm_s24le",
        ("A_PCM/INT/LIT", 32) => "pcm_s32le",
        ("A_PCM/INT/LIT", 64) => "pcm_s64le",
        ("A_PCM/INT/BIG", 16) => "pcm_s16be",
        ("A_PCM/INT/BIG", 24) => "pcm_s24be",
        ("A_PCM/INT/BIG", 32) => "pcm_s32be",
        ("A_PCM/INT/BIG", 64) => "pcm_s64be",
        ("A_PCM/FLOAT/IEEE", 32) => "pcm_f32le",
        ("A_PCM/FLOAT/IEEE", 64) => "pcm_f64le",
        _ => return,
    };
    name.clone_into(&mut stream.codec);
    stream.audio_mut().bit_depth = u8::try_from(bits).ok();
}

/// Before there were private bytes, the profile stood in the id: `A_AAC/MPEG4/LC/SBR`.
fn old_aac(id: &str, stream: &mut Stream) {
    let profile = match id {
        id if id.ends_with("/SBR") => "HE-AAC",
        id if id.ends_with("/MAIN") => "Main",
        id if id.ends_with("/LC") => "LC",
        id if id.ends_with("/SSR") => "SSR",
        id if id.ends_with("/LTP") => "LTP",
        _ => return,
    };
    stream.profile = Some(profile.to_owned());
}

fn flac_header(private: &[u8], stream: &mut Stream) {
    let blocks = private.strip_prefix(b"fLaC").unwrap_or(private);
    // STREAMINFO is always the first.
    if let Some(info) = blocks.get(4..38) {
        flac::streaminfo(info, stream);
    }
}

fn raw_picture(code: [u8; 4], stream: &mut Stream) {
    if let Some((chroma, bits)) = fourcc::samples_of_fourcc(code) {
        set_samples(stream.video_mut(), chroma, bits);
    }
}

fn set_samples(video: &mut crate::Video, chroma: &str, bits: u8) {
    video.chroma = Some(chroma.to_owned());
    video.bit_depth = Some(bits);
}

/// Returns whether a packet would say what the headers did not.
pub(super) fn wants_packet(stream: &Stream, has_private: bool) -> bool {
    let high_range = stream.video.as_ref().is_some_and(|video| {
        matches!(
            video.color.transfer.as_deref(),
            Some("smpte2084" | "arib-std-b67")
        )
    });
    match (stream.kind, stream.codec.as_str()) {
        (StreamKind::Video, "h264" | "hevc" | "av1" | "mpeg4" | "mpeg1video" | "mpeg2video") => {
            high_range || !has_private || stream.profile.is_none()
        }
        (StreamKind::Video, "vp8" | "vp9" | "prores" | "mjpeg" | "vc1" | "dvvideo")
        | (StreamKind::Audio, "ac3" | "eac3" | "dts" | "truehd" | "mlp" | "mp1" | "mp2" | "mp3") => {
            true
        }
        _ => false,
    }
}

/// Notes what a stream's first packet says.
pub(super) fn packet(bytes: &[u8], nal_length: u8, stream: &mut Stream) {
    match stream.codec.clone().as_str() {
        "h264" if nal_length > 0 => h264::sample(bytes, nal_length, stream),
        "h264" => h264::annex_b(bytes, stream),
        "hevc" if nal_length > 0 => hevc::sample(bytes, nal_length, stream),
        "hevc" => hevc::annex_b(bytes, stream),
        "av1" => av1::obus(bytes, stream),
        "mpeg4" => mpeg4::visual(bytes, stream),
        "mpeg1video" | "mpeg2video" => mpeg2::sequence(bytes, stream),
        "vp8" => vpx::vp8_frame(bytes, stream),
        "vp9" => vpx::vp9_frame(bytes, stream),
        "vc1" => vc1::sequence(bytes, stream),
        "mjpeg" => codec::mjpeg::frame(bytes, stream),
        "prores" => codec::prores::frame(&with_frame_header(bytes), stream),
        "ac3" | "eac3" => codec::ac3::frame(bytes, stream),
        "dts" => codec::dts::frame(bytes, stream),
        "truehd" | "mlp" => codec::truehd::sync(bytes, stream),
        "mp1" | "mp2" | "mp3" => codec::mpeg_audio::frame(bytes, stream),
        _ => false,
    };
}

/// Matroska leaves out the eight bytes (size, `icpf`) that begin a frame of `ProRes`.
fn with_frame_header(bytes: &[u8]) -> Vec<u8> {
    let size = u32::try_from(bytes.len().saturating_add(8)).unwrap_or(u32::MAX);
    let mut frame = size.to_be_bytes().to_vec();
    if bytes.get(4..8) == Some(b"icpf") {
        return bytes.to_vec();
    }
    frame.extend_from_slice(b"icpf");
    frame.extend_from_slice(bytes);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_laced_header_is_cut_out() {
        let mut private = vec![2, 255, 45, 10];
        private.extend([7; 300]);
        private.extend([8; 10]);
        private.extend([9; 50]);
        assert_eq!(first_laced(&private), [7; 300]);
        assert!(first_laced(&[2, 255, 255]).is_empty());
        assert_eq!(first_laced(&[2, 9, 9, 1]), [1]);
    }

    #[test]
    fn every_form_of_codec_id_has_a_codec() {
        for (id, codec) in [
            ("A_AAC/MPEG4/LC/SBR", "aac"),
            ("A_DTS/LOSSLESS", "dts"),
            ("A_AC3/BSID9", "ac3"),
            ("V_MPEG4/ISO/AVC", "h264"),
            ("V_MPEG4/ISO/AP", "mpeg4"),
            ("D_WEBVTT/CAPTIONS", "webvtt"),
            ("X_NONE", ""),
        ] {
            let mut stream = Stream::new(StreamKind::Data);
            let track = Track {
                codec: id.to_owned(),
                ..Track::default()
            };
            identify(&track, &[], &mut stream);
            assert_eq!(stream.codec, codec, "{id}");
        }
    }
}
