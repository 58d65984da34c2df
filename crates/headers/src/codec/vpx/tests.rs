use super::*;
use crate::codec::testing::{assert_agrees, film, mutated, payload, stream_of};

#[test]
fn what_libvpx_makes() {
    for (options, name) in [
        ("-c:v libvpx-vp9", "a.ivf"),
        (
            "-c:v libvpx-vp9 -pix_fmt yuv422p10le -colorspace bt709 -color_range pc",
            "a.ivf",
        ),
        ("-c:v libvpx-vp9 -pix_fmt yuv440p", "a.ivf"),
        ("-c:v libvpx-vp9 -pix_fmt gbrp", "a.ivf"),
        ("-c:v libvpx", "a.ivf"),
    ] {
        let film = film(&format!("{options} -deadline realtime -cpu-used 8"), name);
        let frame = &film.bytes[44..];
        let stream = stream_of(|stream| {
            assert_ne!(vp8_frame(frame, stream), vp9_frame(frame, stream));
        });
        assert_agrees(&stream, &film.path, &["field_order", "avg_frame_rate"]);
    }
}

#[test]
fn records() {
    let film = film(
        "-c:v libvpx-vp9 -pix_fmt yuv420p10le -color_primaries bt2020 -color_trc smpte2084 \
         -colorspace bt2020nc -color_range tv -deadline realtime -cpu-used 8",
        "a.mp4",
    );
    let record = payload(&film.bytes, *b"vpcC");
    let stream = stream_of(|stream| assert!(vpcc(record, stream)));
    let of_container = [
        "width",
        "height",
        "sample_aspect_ratio",
        "field_order",
        "avg_frame_rate",
        "level",
    ];
    assert_agrees(&stream, &film.path, &of_container);
    let private = [1, 1, 2, 2, 1, 31, 3, 1, 10, 4, 1, 1, 9, 3, 1, 2];
    let stream = stream_of(|stream| assert!(webm_private(&private, stream)));
    assert_eq!(stream.profile.as_deref(), Some("Profile 2"));
    assert_eq!(stream.level, Some(31));
    assert_eq!(stream.video.unwrap().bit_depth, Some(10));
}

#[test]
fn damage_is_survived() {
    let film = film(
        "-c:v libvpx-vp9 -pix_fmt yuv422p -deadline realtime -cpu-used 8",
        "a.ivf",
    );
    mutated(&film.bytes[44..], |bytes| {
        stream_of(|stream| {
            vp9_frame(bytes, stream);
            vp8_frame(bytes, stream);
            vpcc(bytes, stream);
            webm_private(bytes, stream);
        });
    });
}
