//! What a PMT says of a stream: its type, and descriptors that tell more.

use super::elementary::{Codec, Elementary};
use super::psi::Entry;
use crate::bytes::Bytes;
use crate::codec::{dolby_vision, layout};
use crate::{Stream, StreamKind};

/// Returns the stream of a PMT's entry.
pub(super) fn elementary(entry: &Entry, program: Option<[u8; 4]>) -> Elementary {
    let own = registration(entry);
    let mut elementary = by_type(entry.stream_type, program)
        .or_else(|| own.and_then(by_registration))
        .or_else(|| by_descriptor(entry))
        .unwrap_or_else(|| unknown(entry.stream_type));
    elementary.base.id = Some(entry.pid.into());
    elementary.base.codec_tag = Some(match own {
        Some(name) if name.iter().all(u8::is_ascii_graphic) => {
            String::from_utf8_lossy(&name).into_owned()
        }
        _ => format!("0x{:04x}", entry.stream_type),
    });
    if own == Some(*b"Opus") {
        opus(entry, &mut elementary.base);
    }
    for (tag, data) in &entry.descriptors {
        note(*tag, data, &mut elementary.base);
    }
    elementary
}

fn registration(entry: &Entry) -> Option<[u8; 4]> {
    entry
        .descriptors
        .iter()
        .filter(|(tag, _)| *tag == 0x05)
        .find_map(|(_, data)| data.first_chunk::<4>().copied())
}

/// Types of ISO/IEC 13818-1 and, above 0x80, of whom the program names; ATSC's where it names nobody.
fn by_type(stream_type: u8, program: Option<[u8; 4]>) -> Option<Elementary> {
    let video = |name| Elementary::named(StreamKind::Video, name);
    let data = |name| Elementary::named(StreamKind::Data, name);
    let is_disc = program.is_some_and(|name| [*b"HDMV", *b"HDPR"].contains(&name));
    let codec = match stream_type {
        0x01 | 0x02 => Codec::Mpeg2,
        0x03 | 0x04 => Codec::MpegAudio,
        0x0f | 0x1c => Codec::Adts,
        0x10 => Codec::Mpeg4,
        0x11 => Codec::Latm,
        0x1b | 0x20 => Codec::H264,
        0x24 => Codec::Hevc,
        0xea => Codec::Vc1,
        0x21 => return Some(video("jpeg2000")),
        0x42 => return Some(video("cavs")),
        0xd1 => return Some(video("dirac")),
        0xd2 => return Some(video("avs2")),
        0xd4 => return Some(video("avs3")),
        0x80 if is_disc => Codec::BlurayLpcm,
        0x81 | 0x87 => Codec::Ac3,
        0x82 | 0x85 | 0x86 | 0xa2 if is_disc => Codec::Dts,
        0x83 if is_disc => Codec::TrueHd,
        0x84 | 0xa1 if is_disc => Codec::Ac3,
        0x90 if is_disc => {
            return Some(Elementary::named(StreamKind::Subtitle, "hdmv_pgs_subtitle"));
        }
        0x92 if is_disc => {
            return Some(Elementary::named(
                StreamKind::Subtitle,
                "hdmv_text_subtitle",
            ));
        }
        0x86 if program == Some(*b"CUEI") => return Some(data("scte_35")),
        0x82 | 0x8a => Codec::Dts,
        0x83 => Codec::TrueHd,
        _ => return None,
    };
    let mut elementary = Elementary::new(codec);
    if matches!(stream_type, 0x84 | 0x87 | 0xa1) {
        "eac3".clone_into(&mut elementary.base.codec);
    }
    Some(elementary)
}

fn by_registration(name: [u8; 4]) -> Option<Elementary> {
    Some(match &name {
        b"AC-3" => Elementary::new(Codec::Ac3),
        b"EAC3" => {
            let mut elementary = Elementary::new(Codec::Ac3);
            "eac3".clone_into(&mut elementary.base.codec);
            elementary
        }
        b"DTS1" | b"DTS2" | b"DTS3" => Elementary::new(Codec::Dts),
        b"HEVC" => Elementary::new(Codec::Hevc),
        b"VC-1" => Elementary::new(Codec::Vc1),
        b"AV01" => Elementary::new(Codec::Av1),
        b"Opus" => Elementary::named(StreamKind::Audio, "opus"),
        b"BSSD" => Elementary::new(Codec::S302m),
        b"drac" => Elementary::named(StreamKind::Video, "dirac"),
        b"KLVA" => Elementary::named(StreamKind::Data, "klv"),
        b"ID3 " => Elementary::named(StreamKind::Data, "timed_id3"),
        _ => return None,
    })
}

/// DVB says what private data is in descriptors of its own.
fn by_descriptor(entry: &Entry) -> Option<Elementary> {
    if entry.stream_type == 0x15 && entry.descriptors.iter().any(|(_, d)| has_id3(d)) {
        return Some(Elementary::named(StreamKind::Data, "timed_id3"));
    }
    if entry.stream_type != 0x06 {
        return None;
    }
    entry.descriptors.iter().find_map(|(tag, _)| {
        Some(match tag {
            0x6a => Elementary::new(Codec::Ac3),
            0x7a => {
                let mut elementary = Elementary::new(Codec::Ac3);
                "eac3".clone_into(&mut elementary.base.codec);
                elementary
            }
            0x7b => Elementary::new(Codec::Dts),
            0x56 => Elementary::named(StreamKind::Subtitle, "dvb_teletext"),
            0x59 => Elementary::named(StreamKind::Subtitle, "dvb_subtitle"),
            _ => return None,
        })
    })
}

/// The metadata descriptor names the format of timed metadata.
fn has_id3(data: &[u8]) -> bool {
    data.windows(4).any(|window| window == b"ID3 ")
}

fn unknown(stream_type: u8) -> Elementary {
    if stream_type == 0x06 {
        let mut elementary = Elementary::new(Codec::AnyAudio);
        "bin_data".clone_into(&mut elementary.base.codec);
        return elementary;
    }
    Elementary::named(StreamKind::Data, "")
}

/// Channels of Opus are in a descriptor; the stream itself has no header.
fn opus(entry: &Entry, stream: &mut Stream) {
    let audio = stream.audio_mut();
    audio.sample_rate_hz = Some(48_000);
    let code = entry
        .descriptors
        .iter()
        .find_map(|(tag, data)| match *data.as_slice() {
            [0x80, code, ..] if *tag == 0x7f => Some(code),
            _ => None,
        });
    match code {
        Some(0) => layout::note_count(audio, 2, Some("stereo")),
        Some(code @ 1..=8) => {
            layout::note_count(audio, code.into(), layout::of_vorbis(code.into()));
        }
        _ => {}
    }
}

fn note(tag: u8, data: &[u8], stream: &mut Stream) {
    match tag {
        0x0a => languages(data, 4, stream, |kind, stream| match kind {
            2 => stream.flags.hearing_impaired = true,
            3 => stream.flags.visual_impaired = true,
            _ => {}
        }),
        0x56 => languages(data, 5, stream, |_, _| {}),
        0x59 => languages(data, 8, stream, |kind, stream| {
            stream.flags.hearing_impaired |= (0x20..=0x25).contains(&kind);
        }),
        0x7f => supplementary_audio(data, stream),
        0xb0 => dolby(data, stream),
        _ => {}
    }
}

/// Several languages are joined with commas, as ffprobe joins them.
fn languages(data: &[u8], entry_bytes: usize, stream: &mut Stream, kind: fn(u8, &mut Stream)) {
    let mut names: Vec<String> = Vec::new();
    for entry in data.chunks_exact(entry_bytes).take(8) {
        let mut bytes = Bytes::new(entry);
        if let (Some(name), Some(byte)) = (bytes.take(3), bytes.u8()) {
            kind(byte, stream);
            if name.iter().all(u8::is_ascii_alphanumeric) {
                names.push(String::from_utf8_lossy(name).into_owned());
            }
        }
    }
    stream.set_language(&names.join(","));
}

/// Sound for those who do not see or hear, and its language (EN 300 468, 6.4.11).
fn supplementary_audio(data: &[u8], stream: &mut Stream) {
    let [0x06, flags, rest @ ..] = data else {
        return;
    };
    match flags >> 2 & 0x1f {
        1 | 3 => stream.flags.visual_impaired = true,
        2 => stream.flags.hearing_impaired = true,
        _ => {}
    }
    if flags & 1 == 1
        && let Some(name) = rest.first_chunk::<3>()
    {
        stream.set_language(&String::from_utf8_lossy(name));
    }
}

/// The descriptor has the fields of a `dvcC` record, and the PID of the base layer between them where that is elsewhere.
fn dolby(data: &[u8], stream: &mut Stream) {
    let Some((head, rest)) = data.split_first_chunk::<4>() else {
        return;
    };
    let has_base = head[3] & 1 == 1;
    let rest = if has_base {
        rest
    } else {
        rest.get(2..).unwrap_or_default()
    };
    let mut record = [0; 24];
    if let Some(start) = record.first_chunk_mut::<4>() {
        *start = *head;
    }
    if let (Some(to), Some(from)) = (record.get_mut(4), rest.first()) {
        *to = *from & 0xf0;
    }
    dolby_vision::config(&record, stream);
}

#[cfg(test)]
mod tests {
    use super::*;

    type Descriptors<'a> = &'a [(u8, &'a [u8])];

    fn stream(stream_type: u8, program: Option<[u8; 4]>, descriptors: Descriptors<'_>) -> Stream {
        let entry = Entry {
            stream_type,
            pid: 0x1100,
            descriptors: descriptors
                .iter()
                .map(|(tag, data)| (*tag, data.to_vec()))
                .collect(),
        };
        elementary(&entry, program).base
    }

    #[test]
    fn types_mean_what_the_program_says() {
        let disc = Some(*b"HDMV");
        for (stream_type, program, name) in [
            (0x80, disc, "pcm_bluray"),
            (0x80, None, ""),
            (0x81, None, "ac3"),
            (0x82, disc, "dts"),
            (0x83, disc, "truehd"),
            (0x84, disc, "eac3"),
            (0x86, disc, "dts"),
            (0x86, Some(*b"CUEI"), "scte_35"),
            (0x87, None, "eac3"),
            (0x90, disc, "hdmv_pgs_subtitle"),
            (0x90, None, ""),
            (0x11, None, "aac_latm"),
            (0x24, None, "hevc"),
            (0xea, None, "vc1"),
            (0x06, None, "bin_data"),
        ] {
            assert_eq!(
                stream(stream_type, program, &[]).codec,
                name,
                "{stream_type:x}"
            );
        }
    }

    #[test]
    fn descriptors_say_what_private_data_is() {
        let cases: [(u8, Descriptors<'_>, &str); 9] = [
            (0x06, &[(0x6a, &[0x40])], "ac3"),
            (0x06, &[(0x7a, &[0x40])], "eac3"),
            (0x06, &[(0x7b, &[0])], "dts"),
            (0x06, &[(0x05, b"AC-3")], "ac3"),
            (0x06, &[(0x05, b"VC-1")], "vc1"),
            (0x06, &[(0x05, b"AV01")], "av1"),
            (0x06, &[(0x05, b"KLVA")], "klv"),
            (0x15, &[(0x26, b"\xff\xffID3 \xffID3 \0\x0f")], "timed_id3"),
            (0xea, &[(0x05, b"VC-1")], "vc1"),
        ];
        for (stream_type, descriptors, name) in cases {
            assert_eq!(stream(stream_type, None, descriptors).codec, name);
        }
        assert_eq!(
            stream(0x06, None, &[(0x05, b"AC-3")]).codec_tag.as_deref(),
            Some("AC-3")
        );
        assert_eq!(stream(0x1b, None, &[]).codec_tag.as_deref(), Some("0x001b"));
    }

    #[test]
    fn languages_and_marks() {
        let language = |stream: &Stream| stream.language.clone().unwrap_or_default();
        let text = stream(0x06, None, &[(0x56, b"deu\x09\0eng\x11\x50")]);
        assert_eq!(
            (text.codec.as_str(), language(&text)),
            ("dvb_teletext", "deu,eng".into())
        );
        let subtitle = stream(0x06, None, &[(0x59, b"deu\x20\0\x01\0\x01")]);
        assert_eq!(subtitle.kind, StreamKind::Subtitle);
        assert!(subtitle.flags.hearing_impaired);
        let sound = stream(0x03, None, &[(0x0a, b"mis\x03")]);
        assert!(sound.flags.visual_impaired && !sound.flags.hearing_impaired);
        let sound = stream(0x03, None, &[(0x7f, b"\x06\x07deu")]);
        assert!(sound.flags.visual_impaired);
        assert_eq!(language(&sound), "deu");
        assert_eq!(language(&stream(0x03, None, &[(0x0a, b"und\0")])), "");
    }
}
