//! Tests of DSF.

#![expect(clippy::cast_possible_truncation, reason = "tests have small numbers")]

use super::*;
use crate::container::audio_stream::tests::compare::{
    ffprobe_bytes, mutate_bytes, probe_bytes, streams,
};

fn file(kind: u32, channels: u32) -> Vec<u8> {
    let data = 8_192 * channels;
    let tag = b"ID3\x03\0\0\0\0\0\x0fTIT2\0\0\0\x05\0\0\0Word";
    let mut out = b"DSD ".to_vec();
    let end = u64::from(92 + data);
    for number in [28, end + tag.len() as u64, end] {
        out.extend(number.to_le_bytes());
    }
    out.extend(b"fmt ");
    out.extend(52_u64.to_le_bytes());
    for number in [1_u32, 0, kind, channels, 2_822_400, 1] {
        out.extend(number.to_le_bytes());
    }
    out.extend(60_000_u64.to_le_bytes());
    out.extend(4_096_u32.to_le_bytes());
    out.extend([0; 4]);
    out.extend(b"data");
    out.extend(u64::from(data + 12).to_le_bytes());
    out.resize(end as usize, 0x69);
    out.extend(tag);
    out
}

#[test]
fn files_are_as_ffprobe_says() {
    for (kind, channels) in [(1, 1), (2, 2), (6, 5), (7, 6)] {
        let bytes = file(kind, channels);
        let media = probe_bytes(&bytes, "dsf").unwrap();
        // ffprobe takes the length in time from the length of the file, tags included.
        streams("a.dsf", &media, &ffprobe_bytes("a.dsf", &bytes), false);
        assert_eq!(media.tag_value("title"), Some("Word"));
        assert!((media.duration_s.unwrap() - 60_000.0 / 2_822_400.0).abs() < 1e-9);
        assert_eq!(media.structure, Structure::Complete);
    }
    assert!(
        probe_bytes(&file(2, 2)[..9_000], "dsf")
            .unwrap()
            .structure
            .is_faulty()
    );
}

#[test]
fn damage_is_survived() {
    mutate_bytes("a.dsf", &file(2, 2));
}
