//! Real files against ffprobe, hand-made ones for what ffmpeg does not write, and broken ones.

use std::fs;

use tempfile::TempDir;
use videocatalog_testkit::media::{encode, ffprobe};

use crate::container::matroska::tests::mutate;
use crate::{Limits, Media, Ratio, StreamKind, Structure, probe};

fn read(bytes: &[u8]) -> Media {
    let mut source = bytes;
    probe(&mut source, Some("flv"), Limits::default()).unwrap()
}

fn made(more: &[&str]) -> (Vec<u8>, String) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("film.flv");
    let inputs = [
        "-f",
        "lavfi",
        "-i",
        "testsrc2=size=160x120:rate=25:duration=1",
        "-f",
        "lavfi",
        "-i",
        "sine=sample_rate=44100:duration=1",
    ];
    encode(&[&inputs, more].concat(), &path).unwrap();
    (fs::read(&path).unwrap(), ffprobe(&path).unwrap())
}

const SORENSON: &[&str] = &[
    "-c:v",
    "flv",
    "-b:v",
    "300k",
    "-c:a",
    "pcm_s16le",
    "-metadata",
    "title=A film",
    "-metadata",
    "comment=words",
];

#[test]
fn a_film_is_described_as_by_ffprobe() {
    let (bytes, theirs) = made(SORENSON);
    let media = read(&bytes);
    assert_eq!(media.structure, Structure::Complete);
    let picture = media.video().unwrap();
    assert_eq!(
        (picture.codec.as_str(), picture.bitrate_bps),
        ("flv1", Some(300_000))
    );
    assert!(theirs.contains("\"bit_rate\": \"300000\""));
    let video = picture.video.clone().unwrap();
    assert_eq!((video.width, video.height), (Some(160), Some(120)));
    assert_eq!(video.frame_rate, Ratio::new(25, 1));
    let sound = media.audio().unwrap();
    assert_eq!(
        (sound.codec.as_str(), sound.bitrate_bps),
        ("pcm_s16le", Some(705_600))
    );
    let audio = sound.audio.clone().unwrap();
    assert_eq!(
        (audio.sample_rate_hz, audio.channels),
        (Some(44_100), Some(1))
    );
    for (name, value) in [("title", "A film"), ("comment", "words")] {
        assert_eq!(media.tag_value(name), Some(value));
    }
    let encoder = format!("\"encoder\": \"{}\"", media.tag_value("encoder").unwrap());
    assert!(theirs.contains(&encoder));
    let duration = format!("\"duration\": \"{:.1}", media.duration_s.unwrap());
    assert!(theirs.contains(&duration), "{duration}");
}

#[test]
fn without_metadata_the_last_tag_tells_the_time() {
    let (bytes, _) = made(&[
        "-c:v",
        "flashsv",
        "-c:a",
        "pcm_s16le",
        "-flvflags",
        "no_metadata",
    ]);
    let media = read(&bytes);
    assert_eq!(media.video().unwrap().codec, "flashsv");
    assert_eq!(
        media.video().unwrap().video.clone().unwrap().width,
        Some(160)
    );
    let duration = media.duration_s.unwrap();
    assert!((0.9..=1.0).contains(&duration), "{duration}");
}

#[test]
fn cut_off_files_are_truncated() {
    let (bytes, _) = made(SORENSON);
    let whole = bytes.len();
    for cut in [2, 3, 50, whole / 2, whole - 2_000] {
        let media = read(&bytes[..whole - cut]);
        assert!(
            matches!(media.structure, Structure::Truncated { .. }),
            "{cut}: {:?}",
            media.structure
        );
        assert!(media.duration_s.is_some());
    }
    // Only the last length is missing.
    assert_eq!(read(&bytes[..whole - 4]).structure, Structure::Complete);
}

fn tag(kind: u8, time_ms: u32, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind];
    let size = u32::try_from(body.len()).unwrap();
    bytes.extend(&size.to_be_bytes()[1..]);
    let [high, low @ ..] = time_ms.to_be_bytes();
    bytes.extend(low);
    bytes.extend([high, 0, 0, 0]);
    bytes.extend(body);
    bytes.extend((size + 11).to_be_bytes());
    bytes
}

#[test]
fn four_character_codes_are_codecs() {
    let mut bytes = b"FLV\x01\x05\0\0\0\x09\0\0\0\0".to_vec();
    bytes.extend(tag(9, 0, b"\x90hvc1"));
    bytes.extend(tag(8, 0, b"\x90Opus"));
    bytes.extend(tag(9, 70_000_000, &[0x52, 0]));
    let media = read(&bytes);
    let codecs: Vec<_> = media
        .streams
        .iter()
        .map(|stream| (stream.kind, stream.codec.as_str()))
        .collect();
    assert_eq!(
        codecs,
        [(StreamKind::Video, "hevc"), (StreamKind::Audio, "opus")]
    );
    assert_eq!(media.duration_s, Some(70_000.0));
    assert_eq!(media.structure, Structure::Complete);
}

#[test]
fn broken_files_end_in_time() {
    mutate(&made(SORENSON).0, "flv");
}
