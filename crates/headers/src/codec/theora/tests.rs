use super::*;
use crate::codec::testing::{assert_agrees, film, mutated, stream_of};

#[test]
fn what_libtheora_makes() {
    for options in ["-aspect 16:9", "-pix_fmt yuv422p", "-pix_fmt yuv444p"] {
        let film = film(&format!("-c:v libtheora {options}"), "a.ogv");
        let at = film
            .bytes
            .windows(7)
            .position(|name| name == b"\x80theora")
            .unwrap();
        let stream = stream_of(|stream| assert!(identification(&film.bytes[at..], stream)));
        // ffprobe counts no frames of Ogg and does not say that there are no fields.
        assert_agrees(&stream, &film.path, &["avg_frame_rate", "field_order"]);
        let video = stream.video.as_ref().unwrap();
        assert_eq!(video.frame_rate, Ratio::new(30_000, 1_001));
        mutated(&film.bytes[at..at + 42], |bytes| {
            stream_of(|stream| {
                identification(bytes, stream);
            });
        });
    }
}

#[test]
fn colors_of_television() {
    let mut header = b"\x80theora\x03\x02\x01".to_vec();
    header.extend([
        0, 20, 0, 15, 0, 1, 64, 0, 0, 240, 0, 0, 0, 0, 0, 30, 0, 0, 0, 1,
    ]);
    header.extend([0, 0, 1, 0, 0, 1, 2, 0, 0, 0, 0, 0]);
    let stream = stream_of(|stream| assert!(identification(&header, stream)));
    let video = stream.video.unwrap();
    assert_eq!((video.width, video.height), (Some(320), Some(240)));
    assert_eq!(video.color.primaries.as_deref(), Some("bt470bg"));
    assert_eq!(video.color.transfer.as_deref(), Some("bt709"));
}
