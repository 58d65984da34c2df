use super::*;
use crate::codec::testing::{assert_agrees, film, mutated, probe as read_file};
use crate::{Format, Limits};

#[test]
fn streams_are_told_by_what_they_hold() {
    for (options, name, codec) in [
        ("-c:v libx264 -preset ultrafast", "a.h264", "h264"),
        (
            "-c:v libx264 -preset ultrafast -bsf:v h264_metadata=aud=insert",
            "a.h264",
            "h264",
        ),
        (
            "-c:v libx265 -preset ultrafast -x265-params log-level=none:aud=1",
            "a.hevc",
            "hevc",
        ),
        ("-c:v mpeg2video", "a.m2v", "mpeg2video"),
        ("-c:v mpeg4 -f m4v", "a.m4v", "mpeg4"),
        ("-c:v libaom-av1 -cpu-used 8", "a.obu", "av1"),
    ] {
        let film = film(options, name);
        let media = read_file(&film.bytes, "");
        assert_eq!(media.format, Format::VideoStream, "{options}");
        assert_eq!(media.streams.len(), 1);
        assert_eq!(media.streams[0].codec, codec);
        assert!(media.bytes_read <= 64 << 10);
        mutated(&film.bytes, |bytes| {
            let mut source = bytes;
            let result = crate::probe(&mut source, Some("h264"), Limits::default());
            drop(result);
        });
    }
}

#[test]
fn cut_streams_are_found_by_name() {
    let film = film(
        "-c:v libx264 -preset ultrafast -g 1 -x264-params keyint=1:repeat-headers=1",
        "a.h264",
    );
    // From the second picture's middle.
    let second = film
        .bytes
        .windows(5)
        .skip(100)
        .position(|code| code == [0, 0, 1, 0x65, 0x88]);
    let cut = &film.bytes[100 + second.unwrap()..];
    assert!(crate::probe(&mut { cut }, None, Limits::default()).is_err());
    let media = read_file(cut, "h264");
    assert_eq!(
        media.streams[0].profile.as_deref(),
        Some("Constrained Baseline")
    );
}

#[test]
fn ivf() {
    for options in ["-c:v libvpx", "-c:v libvpx-vp9", "-c:v libaom-av1"] {
        let film = film(&format!("{options} -cpu-used 8"), "a.ivf");
        let media = read_file(&film.bytes, "ivf");
        // ffprobe counts no frames of IVF, says that VP8 is progressive and that pixels of AV1 are square.
        let but_for = ["avg_frame_rate", "field_order", "sample_aspect_ratio"];
        assert_agrees(&media.streams[0], &film.path, &but_for);
        assert_eq!(media.streams[0].frames, Some(3));
        assert!((media.duration_s.unwrap() - 0.1001).abs() < 1e-6);
    }
}

#[test]
fn units_of_av1_within_sizes() {
    let film = film("-c:v libaom-av1 -cpu-used 8", "a.obu");
    // The sequence header lies after the delimiter's two bytes, with a size of its own.
    let size = usize::from(film.bytes[3]);
    let header = &film.bytes[4..4 + size];
    let length = u8::try_from(size).unwrap();
    let mut bytes = vec![length + 4, length + 3, 1, 0x10, length + 1, 0x08];
    bytes.extend_from_slice(header);
    let media = read_file(&bytes, "obu");
    assert_eq!(media.streams[0].video.as_ref().unwrap().width, Some(94));
}

#[test]
fn other_files_are_no_streams() {
    let icon = [
        0, 0, 1, 0, 1, 0, 32, 32, 0, 0, 1, 0, 32, 0, 168, 16, 0, 0, 22, 0, 0, 0,
    ];
    let packet = [0, 0, 1, 0xe0, 0, 0, 0x80, 0x80, 5, 0x21, 0, 1, 0, 1];
    for bytes in [
        &icon[..],
        &packet,
        &[0, 0, 1],
        &[0, 0, 0, 1],
        &[0x12, 0, 0, 0],
    ] {
        for named in [None, Some("h264"), Some("hevc"), Some("mp4")] {
            let is_icon_by_name = bytes == icon && named == Some("m4v");
            assert!(
                !begins(bytes, named)
                    || is_icon_by_name
                    || named.is_some_and(|name| name.starts_with('h')),
                "{named:?}"
            );
        }
    }
}
