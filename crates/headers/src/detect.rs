//! Which format a file is of, by its beginning; the name decides only where beginnings look alike.

use crate::{Format, Reader, Stop};

/// Bytes looked at: a transport stream shows itself in four packets of 204 bytes.
const BEGINNING: u64 = 4_096;

/// Returns the format, or `None` if the beginning matches nothing known.
pub(crate) fn detect(
    reader: &mut Reader<'_>,
    extension: Option<&str>,
) -> Result<Option<Format>, Stop> {
    let head = reader.up_to(0, BEGINNING)?;
    let after = tag_before_audio(reader, &head)?;
    Ok(by_magic(&head)
        .or_else(|| by_repetition(&head))
        .or_else(|| {
            after.map(|bytes| {
                by_magic(&bytes)
                    .or_else(|| audio_frames(&bytes))
                    .unwrap_or(Format::Mp3)
            })
        })
        .or_else(|| audio_frames(&head))
        .or_else(|| {
            crate::container::video_stream::begins(&head, extension).then_some(Format::VideoStream)
        }))
}

fn by_magic(head: &[u8]) -> Option<Format> {
    let at = |offset: usize, magic: &[u8]| {
        head.get(offset..)
            .is_some_and(|rest| rest.starts_with(magic))
    };
    let format = match () {
        () if at(0, b"\x1a\x45\xdf\xa3") => Format::Matroska,
        () if at(4, b"ftyp") => iso_brand(head),
        () if [
            b"moov".as_slice(),
            b"mdat",
            b"wide",
            b"free",
            b"skip",
            b"pnot",
        ]
        .iter()
        .any(|name| at(4, name)) =>
        {
            Format::Mp4
        }
        () if at(0, b"RIFF") && at(8, b"AVI") => Format::Avi,
        () if at(0, b"RIFF") && at(8, b"WEBP") => Format::WebP,
        () if (at(0, b"RIFF") || at(0, b"RF64") || at(0, b"BW64")) && at(8, b"WAVE") => Format::Wav,
        () if at(0, b"FORM") && (at(8, b"AIFF") || at(8, b"AIFC")) => Format::Aiff,
        () if at(0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11") => Format::Asf,
        () if at(0, b"FLV") => Format::Flv,
        () if at(0, b"OggS") => Format::Ogg,
        () if at(0, b"fLaC") => Format::Flac,
        () if at(0, b"MAC ") => Format::Ape,
        () if at(0, b"DSD ") => Format::Dsf,
        () if at(0, b"FRM8") && at(12, b"DSD ") => Format::Dff,
        () if at(0, b"\0\0\x01\xba") => Format::MpegPs,
        () if at(0, b"\0\0\x01\xb3") => Format::VideoStream,
        () if at(0, b"\xff\xd8\xff") => Format::Jpeg,
        () if at(0, b"\x89PNG\r\n\x1a\n") => Format::Png,
        () if at(0, b"GIF87a") || at(0, b"GIF89a") => Format::Gif,
        () if at(0, b"BM") && at(6, &[0, 0, 0, 0]) => Format::Bmp,
        () if at(0, b"II*\0") || at(0, b"MM\0*") || at(0, b"II+\0") || at(0, b"MM\0+") => {
            Format::Tiff
        }
        () => return None,
    };
    Some(format)
}

/// HEIF pictures and MP4 films begin alike; the brand tells them apart.
fn iso_brand(head: &[u8]) -> Format {
    match head.get(8..12) {
        Some(
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" | b"avif"
            | b"avis",
        ) => Format::Heif,
        _ => Format::Mp4,
    }
}

/// Transport streams have a byte 0x47 every 188 (plain), 192 (Blu-ray, after 4 bytes of time) or 204 bytes.
fn by_repetition(head: &[u8]) -> Option<Format> {
    [(188, 0), (192, 4), (204, 0)]
        .into_iter()
        .any(|(packet, skip)| {
            let count = (head.len().saturating_sub(skip)).div_ceil(packet);
            count >= 3
                && head
                    .iter()
                    .skip(skip)
                    .step_by(packet)
                    .take(8)
                    .all(|byte| *byte == 0x47)
        })
        .then_some(Format::MpegTs)
}

/// Returns what follows an ID3v2 tag, if there is one: sound of some kind.
fn tag_before_audio(reader: &mut Reader<'_>, head: &[u8]) -> Result<Option<Vec<u8>>, Stop> {
    if !head.starts_with(b"ID3") {
        return Ok(None);
    }
    let size = head
        .get(6..10)
        .unwrap_or_default()
        .iter()
        .fold(0_u64, |size, byte| size << 7 | u64::from(byte & 0x7f));
    reader.up_to(size + 10, BEGINNING).map(Some)
}

/// Frames of sound begin with a sync word and repeat.
fn audio_frames(head: &[u8]) -> Option<Format> {
    crate::container::frame_sync(head)
}
