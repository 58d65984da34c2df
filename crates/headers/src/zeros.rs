//! Payload that was never written: a download that reserved its space and stopped, a disk that lost it.
//!
//! Compressed pictures and sound have no long runs of zeros, so a few looks spread over the file tell. Formats that may
//! hold silence or black as plain zeros are left alone.

use crate::{Format, Media, Reader, Stop, StreamKind, Structure};

/// Looks into a file, and into one of more than a gigabyte.
const SAMPLES: u64 = 8;
const SAMPLES_OF_LARGE: u64 = 16;

/// Larger files are looked into more often.
const LARGE: u64 = 1 << 30;

/// Bytes of a look, and of the closer one that follows where all of them are zero.
const GLANCE_BYTES: u64 = 64;
const SAMPLE_BYTES: u64 = 4_096;

/// Bytes that must be zero around a look that saw nothing else: stuffing may fill a few KiB.
const RUN_BYTES: u64 = 64 << 10;

/// Smaller files are not worth the looks: their structure tells enough.
const SMALLEST: u64 = 1 << 20;

/// Codecs whose streams hold long runs of zeros only where something is wrong.
const COMPRESSED: [&str; 36] = [
    "h264",
    "hevc",
    "av1",
    "vp8",
    "vp9",
    "mpeg4",
    "mpeg2video",
    "mpeg1video",
    "msmpeg4v1",
    "msmpeg4v2",
    "msmpeg4v3",
    "wmv1",
    "wmv2",
    "wmv3",
    "vc1",
    "theora",
    "flv1",
    "h263",
    "vp6f",
    "vp6a",
    "aac",
    "aac_latm",
    "ac3",
    "eac3",
    "dts",
    "mp3",
    "mp2",
    "opus",
    "vorbis",
    "flac",
    "alac",
    "wmav1",
    "wmav2",
    "wmapro",
    "truehd",
    "speex",
];

/// Notes zeros where there should be payload, in a file whose structure is not known to be faulty.
pub(crate) fn check(reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
    if media.structure.is_faulty() || media.size_bytes < SMALLEST || !is_compressed(media) {
        return Ok(());
    }
    let samples = if media.size_bytes > LARGE {
        SAMPLES_OF_LARGE
    } else {
        SAMPLES
    };
    for sample in 1..=samples {
        // Not on round numbers, where headers and padding tend to be.
        let at = media.size_bytes / (samples + 1) * sample + 1_234;
        if !are_zeros(reader, at, GLANCE_BYTES)? || !are_zeros(reader, at, SAMPLE_BYTES)? {
            continue;
        }
        let from = at.saturating_sub(RUN_BYTES / 2);
        if are_zeros(reader, from, RUN_BYTES)? {
            media.structure = Structure::Zeros { at: from };
            return Ok(());
        }
    }
    Ok(())
}

fn is_compressed(media: &Media) -> bool {
    let is_film = matches!(
        media.format,
        Format::Mp4
            | Format::Matroska
            | Format::Avi
            | Format::MpegTs
            | Format::MpegPs
            | Format::Asf
            | Format::Flv
            | Format::Ogg
    );
    let mut heard_or_seen = media
        .streams
        .iter()
        .filter(|stream| matches!(stream.kind, StreamKind::Video | StreamKind::Audio))
        .filter(|stream| !stream.flags.attached_picture)
        .peekable();
    is_film
        && heard_or_seen.peek().is_some()
        && heard_or_seen.all(|stream| COMPRESSED.contains(&stream.codec.as_str()))
}

fn are_zeros(reader: &mut Reader<'_>, at: u64, count: u64) -> Result<bool, Stop> {
    let there = reader.length().saturating_sub(at).min(count);
    let mut bytes = vec![0; usize::try_from(there).unwrap_or(0)];
    reader.sip(at, &mut bytes)?;
    Ok(!bytes.is_empty() && bytes.iter().all(|byte| *byte == 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, Stream};

    fn film(codec: &str, size: usize) -> Media {
        let mut media = Media::new(Format::Matroska, size as u64);
        let mut stream = Stream::new(StreamKind::Video);
        stream.codec = codec.into();
        media.streams.push(stream);
        media
    }

    fn check_of(data: &[u8], codec: &str) -> Structure {
        let mut media = film(codec, data.len());
        let mut source = data;
        let mut reader = Reader::new(&mut source, Limits::default());
        check(&mut reader, &mut media).unwrap();
        assert!(reader.bytes_read() <= SAMPLES * (GLANCE_BYTES + SAMPLE_BYTES) + RUN_BYTES);
        media.structure
    }

    #[test]
    fn only_long_runs_in_compressed_films_count() {
        let mut data = vec![7; 8 << 20];
        assert_eq!(check_of(&data, "h264"), Structure::Unchecked);
        data[3_000_000..3_010_000].fill(0);
        assert_eq!(check_of(&data, "h264"), Structure::Unchecked);
        data[2_000_000..4_000_000].fill(0);
        assert!(
            matches!(check_of(&data, "h264"), Structure::Zeros { at } if (1_900_000..4_000_000).contains(&at))
        );
        assert_eq!(check_of(&data, "rawvideo"), Structure::Unchecked);
    }
}
