//! Tests of FLAC files.

#![expect(clippy::cast_possible_truncation, reason = "tests have small numbers")]

use crate::Structure;
use crate::container::audio_stream::tests::compare::{TAGS, bytes, compare, mutate, probe_bytes};

#[test]
fn files_are_as_ffprobe_says() {
    compare(&[
        ("a.flac", "-ac 2 -c:a flac"),
        ("24.flac", "-ac 2 -c:a flac -sample_fmt s32 -ar 96000"),
        ("six.flac", "-ac 6 -c:a flac"),
        ("mono.flac", "-ac 1 -c:a flac -ar 8000"),
        ("tags.flac", &format!("-c:a flac {TAGS}")),
    ]);
}

#[test]
fn the_last_frame_tells_whether_all_is_there() {
    let whole = bytes("a.flac", "-ac 2 -c:a flac");
    assert_eq!(
        probe_bytes(&whole, "").unwrap().structure,
        Structure::Complete
    );
    for part in 1..10 {
        let cut = &whole[..whole.len() - whole.len() * part / 10];
        let media = probe_bytes(cut, "").unwrap();
        assert!(media.structure.is_faulty(), "{part}: {:?}", media.structure);
        assert!((media.duration_s.unwrap() - 2.0).abs() < 1e-9);
    }
    // Without a count of samples, the last frame is the count.
    let mut streamed = whole.clone();
    streamed[21] &= 0xf0;
    streamed[22..26].fill(0);
    let media = probe_bytes(&streamed, "").unwrap();
    assert!((media.duration_s.unwrap() - 2.0).abs() < 0.1);
    // A tag after the frames is no fault.
    let tagged = [whole, vec![0; 128]].concat();
    assert_eq!(
        probe_bytes(&tagged, "").unwrap().structure,
        Structure::Complete
    );
}

#[test]
fn pictures_and_a_tag_before() {
    let whole = bytes("a.flac", "-c:a flac");
    let mut block = Vec::new();
    block.extend(3_u32.to_be_bytes());
    block.extend(9_u32.to_be_bytes());
    block.extend(b"image/png");
    block.extend(4_u32.to_be_bytes());
    block.extend(b"Name");
    block.extend([0; 16]);
    block.extend(8_u32.to_be_bytes());
    block.extend(b"\x89PNG\r\n\x1a\n");
    let mut file = whole[..42].to_vec();
    file.extend([6, 0, 0, block.len() as u8]);
    file.extend(&block);
    file.extend(&whole[42..]);
    let media = probe_bytes(&file, "").unwrap();
    assert_eq!(media.streams.len(), 2);
    assert_eq!(media.streams[1].codec, "png");
    assert_eq!(media.streams[1].title.as_deref(), Some("Name"));
    let cover = &media.covers[0];
    assert!(file[cover.offset as usize..].starts_with(b"\x89PNG"));
    let tagged = [b"ID3\x03\0\0\0\0\0\x0a0123456789".to_vec(), whole].concat();
    assert_eq!(
        probe_bytes(&tagged, "").unwrap().format,
        crate::Format::Flac
    );
}

#[test]
fn damage_is_survived() {
    mutate("m.flac", &format!("-c:a flac {TAGS}"));
}
