//! Tests of Monkey's Audio.

use super::*;
use crate::container::audio_stream::tests::compare::{
    everything, ffprobe_bytes, mutate_bytes, probe_bytes,
};

fn new() -> Vec<u8> {
    let mut out = b"MAC ".to_vec();
    out.extend(3_990_u16.to_le_bytes());
    out.extend([0; 2]);
    for number in [52_u32, 24, 12, 44, 3_000, 0, 0] {
        out.extend(number.to_le_bytes());
    }
    out.extend([7; 16]);
    out.extend(2_000_u16.to_le_bytes());
    out.extend(0_u16.to_le_bytes());
    for number in [73_728_u32, 1_000, 3] {
        out.extend(number.to_le_bytes());
    }
    out.extend(16_u16.to_le_bytes());
    out.extend(2_u16.to_le_bytes());
    out.extend(44_100_u32.to_le_bytes());
    for at in [132_u32, 1_000, 2_000] {
        out.extend(at.to_le_bytes());
    }
    out.extend([1; 44 + 3_000]);
    out.extend(tags::ape::tests::tag(&[
        ("Title", 0, b"One"),
        ("Year", 0, b"1999"),
    ]));
    out
}

fn old() -> Vec<u8> {
    let mut out = b"MAC ".to_vec();
    out.extend(3_950_u16.to_le_bytes());
    out.extend(4_000_u16.to_le_bytes());
    out.extend(16_u16.to_le_bytes());
    out.extend(2_u16.to_le_bytes());
    for number in [44_100_u32, 44, 0, 2, 500, 2] {
        out.extend(number.to_le_bytes());
    }
    out.extend([2; 44]);
    for at in [100_u32, 1_000] {
        out.extend(at.to_le_bytes());
    }
    out.extend([1; 3_000]);
    out
}

#[test]
fn both_headers_are_as_ffprobe_says() {
    for (name, bytes) in [("new.ape", new()), ("old.ape", old())] {
        let media = probe_bytes(&bytes, "ape").unwrap();
        everything(name, &media, &ffprobe_bytes(name, &bytes));
    }
    let media = probe_bytes(&new(), "ape").unwrap();
    assert_eq!(media.variant.as_deref(), Some("3.99"));
    assert_eq!(media.structure, Structure::Complete);
    assert!(
        probe_bytes(&new()[..2_000], "ape")
            .unwrap()
            .structure
            .is_faulty()
    );
}

#[test]
fn damage_is_survived() {
    mutate_bytes("new.ape", &new());
    mutate_bytes("old.ape", &old());
}
