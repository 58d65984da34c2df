use super::*;
use crate::codec::testing::{assert_agrees, film, mutated, stream_of};

#[test]
fn what_ffmpeg_makes() {
    for options in [
        "-pix_fmt yuvj420p -vf setsar=12/11",
        "-pix_fmt yuvj422p",
        "-pix_fmt yuvj444p",
    ] {
        let film = film(&format!("-frames:v 1 -c:v mjpeg {options}"), "a.jpg");
        let stream = stream_of(|stream| assert!(frame(&film.bytes, stream)));
        assert_agrees(&stream, &film.path, &["avg_frame_rate"]);
        mutated(&film.bytes, |bytes| {
            stream_of(|stream| {
                frame(bytes, stream);
            });
        });
    }
}

/// A picture of a marker, its parts (identity and factors) and perhaps the segment that Adobe's programs write.
fn picture(marker: u8, parts: &[[u8; 2]], adobe: Option<u8>) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8];
    if let Some(transform) = adobe {
        bytes.extend([0xff, 0xff, 0xee, 0, 14]);
        bytes.extend(b"Adobe\0d\0\0\0\0");
        bytes.push(transform);
    }
    let count = u8::try_from(parts.len()).unwrap();
    bytes.extend([0xff, marker, 0, 8 + 3 * count, 8, 0, 100, 0, 200, count]);
    for [identity, factors] in parts {
        bytes.extend([*identity, *factors, 0]);
    }
    bytes
}

#[test]
fn kinds_of_pictures() {
    let check = |bytes: &[u8], profile: &str, chroma: &str| {
        let stream = stream_of(|stream| assert!(frame(bytes, stream)));
        assert_eq!(stream.profile.as_deref(), Some(profile));
        let video = stream.video.unwrap();
        assert_eq!(video.chroma.as_deref(), Some(chroma));
        assert_eq!((video.width, video.height), (Some(200), Some(100)));
    };
    check(&picture(0xc0, &[[1, 0x11]], None), "Baseline", "gray");
    let three = |luma| [[1, luma], [2, 0x11], [3, 0x11]];
    check(&picture(0xc2, &three(0x41), None), "Progressive", "4:1:1");
    check(&picture(0xc1, &three(0x12), Some(1)), "Sequential", "4:4:0");
    check(&picture(0xc3, &three(0x11), Some(0)), "Lossless", "rgb");
    let named = [[b'R', 0x11], [b'G', 0x11], [b'B', 0x11]];
    check(&picture(0xc0, &named, None), "Baseline", "rgb");
    let four = [[1, 0x11], [2, 0x11], [3, 0x11], [4, 0x11]];
    check(&picture(0xc0, &four, Some(2)), "Baseline", "4:4:4a");
    check(&picture(0xc0, &four, Some(0)), "Baseline", "rgba");
}

#[test]
fn films_of_narrow_range() {
    let film = film("-c:v mjpeg -strict unofficial -pix_fmt yuv420p", "a.avi");
    let at = film
        .bytes
        .windows(3)
        .position(|mark| mark == [0xff, 0xd8, 0xff]);
    let stream = stream_of(|stream| assert!(frame(&film.bytes[at.unwrap()..], stream)));
    assert_agrees(&stream, &film.path, &["avg_frame_rate"]);
    assert_eq!(stream.video.unwrap().color.full_range, Some(false));
}

/// A picture 100 lines high that says so behind this segment.
fn with_segment(body: &[u8], marker: u8, depth: u8) -> Vec<u8> {
    let mut bytes = vec![
        0xff,
        0xd8,
        0xff,
        0xe0,
        0,
        u8::try_from(body.len() + 2).unwrap(),
    ];
    bytes.extend(body);
    let parts = [[1, 0x11], [2, 0x11], [3, 0x11]];
    bytes.extend(&picture(marker, &parts, None)[2..]);
    let at = bytes.len() - 15;
    assert_eq!(std::mem::replace(&mut bytes[at], depth), 8);
    bytes
}

#[test]
fn lossless_colors_need_a_bit_more() {
    let bytes = with_segment(b"JFIF\0\x01", 0xc3, 9);
    let video = stream_of(|stream| assert!(frame(&bytes, stream)))
        .video
        .unwrap();
    assert_eq!(
        (video.bit_depth, video.chroma.as_deref()),
        (Some(8), Some("rgb"))
    );
}

#[test]
fn fields_are_half_as_high_as_frames() {
    for (field, whole, expected) in [
        (1, 200, (200, Some("tt"))),
        (2, 198, (200, Some("bb"))),
        (0, 200, (200, None)),
        (1, 100, (100, None)),
    ] {
        let bytes = with_segment(&[b'A', b'V', b'I', b'1', field, 0], 0xc0, 8);
        let video = stream_of(|stream| {
            stream.video_mut().height = Some(whole);
            assert!(frame(&bytes, stream));
        });
        let video = video.video.unwrap();
        assert_eq!(
            (video.height, video.field_order.as_deref()),
            (Some(expected.0), expected.1)
        );
    }
}
