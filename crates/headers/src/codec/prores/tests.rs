use super::*;
use crate::codec::testing::{Film, assert_agrees, film, mutated, stream_of};

fn first_frame(film: &Film) -> &[u8] {
    let at = film
        .bytes
        .windows(4)
        .position(|name| name == b"icpf")
        .unwrap();
    &film.bytes[at - 4..]
}

#[test]
fn what_ffmpeg_makes() {
    let colors = "-color_primaries bt709 -color_trc bt709 -colorspace bt709";
    for (tag, options) in [
        ("apco", "proxy".to_owned()),
        ("apcs", "lt".to_owned()),
        ("apcn", format!("standard -flags +ildct -top 1 {colors}")),
        ("apch", "hq -flags +ildct -top 0".to_owned()),
        ("ap4h", "4444 -pix_fmt yuva444p10le".to_owned()),
        ("ap4x", "4444xq -pix_fmt yuv444p10le".to_owned()),
    ] {
        let film = film(&format!("-c:v prores_ks -profile:v {options}"), "a.mov");
        let stream = stream_of(|stream| {
            stream.codec_tag = Some(tag.to_owned());
            assert!(frame(first_frame(&film), stream));
        });
        let of_container = ["sample_aspect_ratio", "avg_frame_rate"];
        assert_agrees(&stream, &film.path, &of_container);
        // As Matroska keeps it.
        let other = stream_of(|stream| assert!(frame(&first_frame(&film)[8..], stream)));
        assert_eq!(other.video.unwrap().width, Some(94));
    }
}

#[test]
fn damage_is_survived() {
    let film = film("-c:v prores_ks -profile:v proxy", "a.mov");
    mutated(&first_frame(&film)[..200], |bytes| {
        stream_of(|stream| {
            frame(bytes, stream);
        });
    });
}
