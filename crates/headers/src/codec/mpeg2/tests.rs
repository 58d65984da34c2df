use super::*;
use crate::codec::testing::{assert_agrees, film, film_of, mutated, probe, stream_of};

#[test]
fn what_ffmpeg_makes() {
    let interlaced = "-c:v mpeg2video -flags +ildct+ilme";
    let colors = "-color_primaries bt470bg -color_trc bt709 -colorspace bt470bg";
    for (options, name) in [
        ("-c:v mpeg2video -aspect 16:9".to_owned(), "a.m2v"),
        (
            format!("{interlaced} -top 1 -pix_fmt yuv422p {colors}"),
            "a.m2v",
        ),
        (format!("{interlaced} -top 0 -aspect 4:3"), "a.m2v"),
        (
            "-c:v mpeg2video -seq_disp_ext always -aspect 16:9 -profile:v 5 -bf 0".to_owned(),
            "a.m2v",
        ),
    ] {
        let film = film(&options, name);
        assert_agrees(&probe(&film.bytes, "bin").streams[0], &film.path, &[]);
    }
    for options in [
        "-aspect 4:3",
        "-r 50 -b:v 1150k -minrate 1150k -maxrate 1150k -bufsize 320k",
    ] {
        let film = film_of(
            "testsrc2=size=352x288:rate=25",
            &format!("-c:v mpeg1video {options}"),
            "a.m1v",
        );
        // MPEG-1 knows no fields.
        let media = probe(&film.bytes, "m1v");
        assert_agrees(&media.streams[0], &film.path, &["field_order"]);
    }
}

/// A sequence header of 720 × 576, then these extensions.
fn headers(aspect_and_rate: u8, extensions: &[&[u8]]) -> Vec<u8> {
    let mut bytes = vec![
        0,
        0,
        1,
        0xb3,
        0x2d,
        0x02,
        0x40,
        aspect_and_rate,
        0xff,
        0xff,
        0xe0,
        0,
    ];
    for extension in extensions {
        bytes.extend([0, 0, 1, 0xb5]);
        bytes.extend_from_slice(extension);
    }
    bytes
}

#[test]
fn extensions_of_rate_fields_and_display() {
    // Twice the rate; a display extension with a part of 540 × 576; a picture that is a top field.
    let sequence_extension = [0x14, 0x82, 0x00, 0x01, 0x00, 0x20];
    let display = [0x20, 0x08, 0x72, 0x12, 0x00];
    let picture = [0x8f, 0xff, 0xf1, 0x00, 0x00];
    let bytes = headers(0x33, &[&sequence_extension, &display, &picture]);
    let stream = stream_of(|stream| assert!(sequence(&bytes, stream)));
    assert_eq!(stream.codec, "mpeg2video");
    assert_eq!(stream.profile.as_deref(), Some("Main"));
    assert_eq!((stream.level, stream.bitrate_bps), (Some(8), None));
    let video = stream.video.unwrap();
    assert_eq!(video.frame_rate, Ratio::new(50, 1));
    assert_eq!(video.field_order.as_deref(), Some("tt"));
    // 16:9 of 720 × 576: the part would make the whole neither 4:3 nor 16:9.
    assert_eq!(video.pixel_aspect, Ratio::new(64, 45));
    assert_eq!(video.color.full_range, Some(false));
}

#[test]
fn what_is_no_sequence_is_refused() {
    for bytes in [&[][..], &[0, 0, 1, 0xb3], &headers(0x30, &[]), &[0; 64]] {
        stream_of(|stream| assert!(!sequence(bytes, stream)));
    }
    let of_mpeg1 = headers(0x83, &[]);
    let stream = stream_of(|stream| assert!(sequence(&of_mpeg1, stream)));
    assert_eq!(stream.codec, "mpeg1video");
    // All ones are no rate.
    assert_eq!(stream.bitrate_bps, None);
    assert_eq!(stream.video.unwrap().pixel_aspect, Ratio::new(178, 163));
}

#[test]
fn damage_is_survived() {
    let film = film("-c:v mpeg2video -seq_disp_ext always", "a.m2v");
    mutated(&film.bytes, |bytes| {
        stream_of(|stream| {
            sequence(bytes, stream);
        });
    });
}
