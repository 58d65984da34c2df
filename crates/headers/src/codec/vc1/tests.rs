use super::*;
use crate::codec::testing::{mutated, stream_of};

fn packed(bits: &[&str]) -> Vec<u8> {
    let mut bits = bits.concat();
    while bits.len() % 8 != 0 {
        bits.push('0');
    }
    let mut bytes = vec![0, 0, 1, 0x0f];
    for byte in bits.as_bytes().chunks_exact(8) {
        let byte = std::str::from_utf8(byte).unwrap();
        bytes.push(u8::from_str_radix(byte, 2).unwrap());
    }
    bytes
}

/// 1920 × 1080 at level 3, with this display extension.
fn header(interlaced: &str, display: &[&str]) -> Vec<u8> {
    let mut bits = vec![
        "11",
        "011",
        "01",
        "000",
        "00000",
        "0",
        "001110111111",
        "001000011011",
        "0",
        interlaced,
        "0",
        "0",
        "1",
        "0",
    ];
    bits.extend(display);
    bits.push("00000001");
    packed(&bits)
}

#[test]
fn advanced_profile() {
    let bytes = header(
        "0",
        &[
            "1",
            "00011101111111",
            "00010000110111",
            "1",
            "0001",
            "1",
            "0",
            "00000001",
            "0010",
            "1",
            "00000001",
            "00000001",
            "00000001",
        ],
    );
    let stream = stream_of(|stream| assert!(sequence(&bytes, stream)));
    assert_eq!(stream.codec, "vc1");
    assert_eq!(stream.profile.as_deref(), Some("Advanced"));
    assert_eq!(stream.level, Some(3));
    let video = stream.video.unwrap();
    assert_eq!((video.width, video.height), (Some(1_920), Some(1_080)));
    assert_eq!(video.frame_rate, Ratio::new(24_000, 1_001));
    assert_eq!(video.pixel_aspect, Ratio::new(1, 1));
    assert_eq!(video.color.primaries.as_deref(), Some("bt709"));
    assert_eq!(video.field_order.as_deref(), Some("progressive"));
}

#[test]
fn shapes_without_an_aspect_follow_the_part_shown() {
    // 1440 × 1080 shown of the picture, at 25 as 799 and one 32nds.
    let bytes = header(
        "1",
        &[
            "1",
            "00010110011111",
            "00010000110111",
            "0",
            "1",
            "1",
            "0000001100011111",
            "0",
        ],
    );
    let stream = stream_of(|stream| assert!(sequence(&bytes, stream)));
    let video = stream.video.unwrap();
    assert_eq!(video.pixel_aspect, Ratio::new(3, 4));
    assert_eq!(video.frame_rate, Ratio::new(25, 1));
    assert_eq!(video.field_order, None);
    stream_of(|stream| assert!(!sequence(&bytes[..8], stream)));
}

#[test]
fn simple_and_main_profile() {
    for (bytes, expected) in [
        ([0x4e, 0x1b, 0xa0, 0x01], Some("Main")),
        ([0x0e, 0, 0, 0], Some("Simple")),
    ] {
        let stream = stream_of(|stream| assert!(wmv3(&bytes, stream)));
        assert_eq!(stream.profile.as_deref(), expected);
    }
    stream_of(|stream| assert!(!wmv3(&[0x4e, 0], stream)));
}

#[test]
fn damage_is_survived() {
    let display = [
        "1",
        "00010110011111",
        "00010000110111",
        "1",
        "1111",
        "11111111",
        "11111111",
    ];
    mutated(&header("1", &display), |bytes| {
        stream_of(|stream| {
            sequence(bytes, stream);
            wmv3(bytes, stream);
        });
    });
}
