//! The first chunk of each stream, for codecs that say there what the headers do not.

use super::{Span, dv, header::Header};
use crate::codec::{ac3, av1, dts, h264, hevc, mjpeg, mpeg_audio, mpeg2, mpeg4, prores, vpx};
use crate::image::png;
use crate::tags::riff;
use crate::{Media, Reader, Stop, Stream, StreamKind};

/// Chunks hopped over in search of each stream's first.
const MOST_HOPS: usize = 96;

/// Bytes of a picture looked at.
const PICTURE: u64 = 64 << 10;

/// Bytes of sound looked at: two frames of any codec.
const SOUND: u64 = 8 << 10;

/// Bytes of subtitles looked at.
const TEXT: u64 = 1 << 10;

/// Reads the first chunk of each stream that wants it.
pub(super) fn first_chunks(
    reader: &mut Reader<'_>,
    span: Span,
    header: &Header,
    media: &mut Media,
) -> Result<(), Stop> {
    let mut wanted: Vec<bool> = header
        .tracks
        .iter()
        .map(|track| {
            let stream = media.streams.get(track.stream);
            stream.is_some_and(wants_payload) || is_dv(track.kind)
        })
        .collect();
    let mut at = span.start;
    for _ in 0..MOST_HOPS {
        let end = span.end.min(reader.length());
        if at + 8 > end || !wanted.contains(&true) {
            break;
        }
        let [a, b, c, d, size @ ..] = reader.array::<8>(at)?;
        let size = u64::from(u32::from_le_bytes(size));
        if &[a, b, c, d] == b"LIST" {
            // A group of chunks that are to be read together: go inside.
            at += 12;
            continue;
        }
        let number = number(a, b).filter(|number| wanted.get(*number) == Some(&true));
        if let Some(number) = number
            && size > 0
            && let Some(track) = header.tracks.get(number)
        {
            if let Some(wanted) = wanted.get_mut(number) {
                *wanted = false;
            }
            let there = size.min(end - at - 8);
            look(
                reader,
                at + 8,
                there,
                track.stream,
                is_dv(track.kind),
                media,
            )?;
        }
        at += 8 + size + size % 2;
    }
    Ok(())
}

fn is_dv(kind: [u8; 4]) -> bool {
    kind == *b"iavs" || kind == *b"ivas"
}

fn number(tens: u8, ones: u8) -> Option<usize> {
    let digit = |byte: u8| char::from(byte).to_digit(10);
    let number = digit(tens)? * 10 + digit(ones)?;
    usize::try_from(number).ok()
}

fn look(
    reader: &mut Reader<'_>,
    at: u64,
    size: u64,
    index: usize,
    interleaved: bool,
    media: &mut Media,
) -> Result<(), Stop> {
    let Some(kind) = media.streams.get(index).map(|stream| stream.kind) else {
        return Ok(());
    };
    let most = match kind {
        StreamKind::Video => PICTURE,
        StreamKind::Audio => SOUND,
        _ => TEXT,
    };
    let bytes = reader.up_to(at, size.min(most))?;
    let sound = match media.streams.get_mut(index) {
        Some(stream) if interleaved => dv::interleaved(&bytes, stream),
        Some(stream) => {
            frame(&bytes, stream);
            Vec::new()
        }
        None => Vec::new(),
    };
    media.streams.extend(sound);
    Ok(())
}

/// Returns whether a stream's codec says more in its first frame.
pub(crate) fn wants_payload(stream: &Stream) -> bool {
    matches!(
        stream.codec.as_str(),
        "h264"
            | "hevc"
            | "mpeg4"
            | "mpeg1video"
            | "mpeg2video"
            | "mjpeg"
            | "dvvideo"
            | "vp8"
            | "vp9"
            | "av1"
            | "mp1"
            | "mp2"
            | "mp3"
            | "ac3"
            | "eac3"
            | "dts"
            | "png"
            | "prores"
    ) || stream.kind == StreamKind::Subtitle
}

/// Notes what a stream's first frame says.
pub(crate) fn frame(bytes: &[u8], stream: &mut Stream) {
    let has_start_code = bytes.starts_with(&[0, 0, 1]) || bytes.starts_with(&[0, 0, 0, 1]);
    match stream.codec.as_str() {
        "h264" if has_start_code => {
            h264::annex_b(bytes, stream);
        }
        "h264" => {
            h264::sample(bytes, 4, stream);
        }
        "hevc" if has_start_code => {
            hevc::annex_b(bytes, stream);
        }
        "hevc" => {
            hevc::sample(bytes, 4, stream);
        }
        "mpeg4" => {
            mpeg4::visual(bytes, stream);
        }
        "mpeg1video" | "mpeg2video" => {
            mpeg2::sequence(bytes, stream);
        }
        "mjpeg" => {
            mjpeg::frame(bytes, stream);
        }
        "dvvideo" => dv::picture(bytes, stream),
        "vp8" => {
            vpx::vp8_frame(bytes, stream);
        }
        "vp9" => {
            vpx::vp9_frame(bytes, stream);
        }
        "av1" => {
            av1::obus(bytes, stream);
        }
        "mp1" | "mp2" | "mp3" => {
            mpeg_audio::frame(bytes, stream);
        }
        "prores" => {
            prores::frame(bytes, stream);
        }
        "png" => {
            png::still(bytes, stream.video_mut());
        }
        "ac3" | "eac3" => {
            ac3::frame(bytes, stream);
        }
        "dts" => {
            dts::frame(bytes, stream);
        }
        _ if stream.kind == StreamKind::Subtitle => subtitles(bytes, stream),
        _ => {}
    }
}

/// Subtitles in AVI are a whole file in one chunk: `GAB2`, a name in UTF-16, then the file.
fn subtitles(bytes: &[u8], stream: &mut Stream) {
    let Some(rest) = bytes.strip_prefix(b"GAB2\0") else {
        return;
    };
    let mut rest = crate::bytes::Bytes::new(rest);
    let (Some(2), Some(size)) = (rest.u16_le(), rest.u32_le()) else {
        return;
    };
    let Some(name) = rest.take(usize::try_from(size).unwrap_or(usize::MAX)) else {
        return;
    };
    let units: Vec<u16> = name
        .as_chunks()
        .0
        .iter()
        .map(|unit| u16::from_le_bytes(*unit))
        .collect();
    let name = String::from_utf16_lossy(&units);
    let name = name.trim_matches(['\0', ' ']);
    if !name.is_empty() && name.len() < 256 {
        stream.title.get_or_insert_with(|| name.to_owned());
    }
    rest.skip(6);
    let text = riff::text(rest.rest());
    let is_ass = text.contains("[Script Info]");
    let name = if is_ass { "ass" } else { "subrip" };
    name.clone_into(&mut stream.codec);
}
