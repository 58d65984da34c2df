use super::*;
use crate::codec::testing::{assert_agrees, film, mutated, probe, stream_of};

#[test]
fn what_encoders_make() {
    for options in [
        "-c:v mpeg4 -aspect 16:9",
        "-c:v mpeg4 -flags +ildct+ilme+qpel -bf 2",
        "-c:v libxvid -bf 2",
    ] {
        let film = film(&format!("{options} -f m4v"), "a.m4v");
        let media = probe(&film.bytes, "m4v");
        let stream = &media.streams[0];
        // ffprobe's rate is that of its own clock; that there are no fields it does not say.
        assert_agrees(stream, &film.path, &["avg_frame_rate", "field_order"]);
        let order = stream.video.as_ref().unwrap().field_order.as_deref();
        let expected = (!options.contains("ildct")).then_some("progressive");
        assert_eq!(order, expected);
    }
}

#[test]
fn a_layer_of_even_rate() {
    // As cameras write it: simple profile level 3, shape rectangular, resolution 30000, step 1001, 320 × 240.
    let bits = [
        "0",
        "00000001",
        "0",
        "0001",
        "0",
        "00",
        "1",
        "0111010100110000",
        "1",
        "1",
        "000001111101001",
        "1",
        "0000101000000",
        "1",
        "0000011110000",
        "1",
        "0",
        "1111111",
    ]
    .concat();
    let mut bytes = vec![0, 0, 1, 0xb0, 3, 0, 0, 1, 0, 0, 0, 1, 0x20];
    for byte in bits.as_bytes().chunks_exact(8) {
        let byte = std::str::from_utf8(byte).unwrap();
        bytes.push(u8::from_str_radix(byte, 2).unwrap());
    }
    let stream = stream_of(|stream| assert!(visual(&bytes, stream)));
    assert_eq!(stream.profile.as_deref(), Some("Simple Profile"));
    assert_eq!(stream.level, Some(3));
    let video = stream.video.unwrap();
    assert_eq!((video.width, video.height), (Some(320), Some(240)));
    assert_eq!(video.frame_rate, Ratio::new(30_000, 1_001));
}

#[test]
fn damage_is_survived() {
    let film = film("-c:v libxvid -bf 2 -f m4v", "a.m4v");
    mutated(&film.bytes, |bytes| {
        stream_of(|stream| {
            visual(bytes, stream);
        });
    });
}
