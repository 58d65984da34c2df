//! The payload of an audio tag.

use super::picture::Told;
use crate::Stream;
use crate::codec::{aac, ac3, flac, layout, mpeg_audio, opus};

/// Notes what an audio tag says.
pub(super) fn note(bytes: &[u8], stream: &mut Stream) -> Told {
    let Some((&head, rest)) = bytes.split_first() else {
        return Told::Codec;
    };
    let format = head >> 4;
    if format == 9 {
        return enhanced(head & 0xf, rest, stream);
    }
    let wide = head & 2 != 0;
    let (name, rate, depth) = match format {
        0 | 3 if wide => ("pcm_s16le", None, Some(16)),
        0 | 3 => ("pcm_u8", None, Some(8)),
        1 => ("adpcm_swf", None, Some(4)),
        2 => ("mp3", None, None),
        4 => ("nellymoser", Some(16_000), None),
        5 => ("nellymoser", Some(8_000), None),
        6 => ("nellymoser", None, None),
        7 => ("pcm_alaw", Some(8_000), Some(8)),
        8 => ("pcm_mulaw", Some(8_000), Some(8)),
        10 => ("aac", None, None),
        11 => ("speex", Some(16_000), None),
        14 => ("mp3", Some(8_000), None),
        _ => ("", None, None),
    };
    name.clone_into(&mut stream.codec);
    stream.codec_tag = Some(format.to_string());
    let told = match format {
        10 => match rest.split_first() {
            Some((0, config)) => {
                aac::config(config, stream);
                Told::All
            }
            _ => Told::Codec,
        },
        2 | 14 => {
            mpeg_audio::frame(rest, stream);
            Told::All
        }
        _ => Told::All,
    };
    if told == Told::All {
        let is_mono = head & 1 == 0 || matches!(format, 4 | 5 | 11);
        fill(
            stream,
            rate.unwrap_or(44_100 << (head >> 2 & 3) >> 3),
            is_mono,
            depth,
        );
    }
    told
}

/// Fills in what the codec did not say.
fn fill(stream: &mut Stream, rate: u32, is_mono: bool, depth: Option<u8>) {
    let audio = stream.audio_mut();
    audio.sample_rate_hz.get_or_insert(rate);
    let channels = *audio.channels.get_or_insert(if is_mono { 1 } else { 2 });
    if audio.layout.is_none() {
        audio.layout = layout::of_count(channels).map(str::to_owned);
    }
    let Some(depth) = depth else { return };
    audio.bit_depth.get_or_insert(depth);
    if stream.codec.starts_with("adpcm") {
        return;
    }
    let bits = u64::from(rate) * u64::from(channels) * u64::from(depth);
    stream.bitrate_bps.get_or_insert(bits);
}

/// The enhanced form names its codec by four characters.
fn enhanced(packet: u8, rest: &[u8], stream: &mut Stream) -> Told {
    let Some((code, body)) = rest.split_first_chunk::<4>() else {
        return Told::Codec;
    };
    let name = match code {
        b"Opus" => "opus",
        b"fLaC" => "flac",
        b"ac-3" => "ac3",
        b"ec-3" => "eac3",
        b"mp4a" => "aac",
        b".mp3" => "mp3",
        _ => "",
    };
    name.clone_into(&mut stream.codec);
    stream.codec_tag = Some(String::from_utf8_lossy(code).into_owned());
    // 0 begins a sequence with a header, 1 is a frame.
    match (code, packet) {
        (b"Opus", 0) => opus::head(body, stream),
        (b"fLaC", 0) => body
            .strip_prefix(b"fLaC")
            .unwrap_or(body)
            .get(4..38)
            .is_some_and(|info| flac::streaminfo(info, stream)),
        (b"mp4a", 0) => aac::config(body, stream),
        (b"ac-3" | b"ec-3", 1) => ac3::frame(body, stream),
        (b".mp3", 1) => mpeg_audio::frame(body, stream),
        _ => return Told::Codec,
    };
    Told::All
}
