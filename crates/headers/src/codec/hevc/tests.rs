use super::*;
use crate::codec::testing::{assert_agrees, film, mutated, payload, probe, stream_of};
use crate::{Hdr, Video};

const HDR: &str =
    "-pix_fmt yuv420p10le -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc";
const MASTERING: &str = "hdr-opt=1:max-cll=1000,400:\
    master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)";

fn x265(options: &str, parameters: &str) -> String {
    format!("-c:v libx265 -preset ultrafast {options} -x265-params log-level=none:{parameters}")
}

#[test]
fn what_x265_makes() {
    for (options, parameters) in [
        ("", "keyint=1"),
        ("-vf setsar=12/11 -color_range pc", "range=full"),
        (
            "-pix_fmt yuv422p10le -color_trc bt709",
            "scaling-list=default:ref=4:bframes=2",
        ),
        ("-pix_fmt gray12le", "hrd=1:vbv-maxrate=900:vbv-bufsize=900"),
        ("-pix_fmt gbrp", "level-idc=5.1:temporal-layers=1"),
    ] {
        let film = film(&x265(options, parameters), "a.hevc");
        // ffprobe does not say that bare H.265 is progressive.
        assert_agrees(
            &probe(&film.bytes, "bin").streams[0],
            &film.path,
            &["field_order"],
        );
    }
}

fn check_hdr(video: &Video) {
    assert_eq!(video.hdr, [Hdr::Hdr10]);
    assert_eq!(video.color.max_cll, Some(1_000));
    assert_eq!(video.color.max_fall, Some(400));
    let mastering = video.color.mastering.unwrap();
    assert!((mastering.max_luminance - 1_000.0).abs() < 1e-9);
    assert!((mastering.min_luminance - 0.005).abs() < 1e-9);
    let [red, green, blue, white] = mastering.primaries;
    for (found, expected) in [
        (red, [0.68, 0.32]),
        (green, [0.265, 0.69]),
        (blue, [0.15, 0.06]),
        (white, [0.3127, 0.329]),
    ] {
        assert!((found[0] - expected[0]).abs() < 1e-6 && (found[1] - expected[1]).abs() < 1e-6);
    }
}

#[test]
fn hdr_stands_in_messages_of_the_first_sample_or_in_the_record() {
    let film = film(&x265(&format!("{HDR} -tag:v hvc1"), MASTERING), "a.mp4");
    let mdat = film
        .bytes
        .windows(4)
        .position(|name| name == b"mdat")
        .unwrap();
    let record = payload(&film.bytes, *b"hvcC");
    let stream = stream_of(|stream| {
        assert_eq!(hvcc(record, stream), 4);
        sample(&film.bytes[mdat + 4..], 4, stream);
    });
    assert_agrees(&stream, &film.path, &["sample_aspect_ratio"]);
    check_hdr(stream.video.as_ref().unwrap());
    // Records of discs copied with all parameters hold the messages as well: as an array of one kind more.
    let prefix = film.bytes[mdat + 4..]
        .windows(3)
        .find(|window| window[..2] == [0x4e, 1]);
    assert!(prefix.is_some());
    let messages: Vec<_> = units::length_prefixed(&film.bytes[mdat + 4..], 4)
        .take(8)
        .filter(|unit| unit.first() == Some(&0x4e))
        .collect();
    let mut with_messages = record.to_vec();
    with_messages[22] += 1;
    with_messages.push(39);
    with_messages.extend(u16::try_from(messages.len()).unwrap().to_be_bytes());
    for unit in messages {
        with_messages.extend(u16::try_from(unit.len()).unwrap().to_be_bytes());
        with_messages.extend(unit);
    }
    let stream = stream_of(|stream| {
        hvcc(&with_messages, stream);
    });
    check_hdr(stream.video.as_ref().unwrap());
}

#[test]
fn hdr_repeated_in_a_byte_stream() {
    let parameters = format!("{MASTERING}:repeat-headers=1");
    let film = film(&x265(HDR, &parameters), "a.hevc");
    let media = probe(&film.bytes, "hevc");
    check_hdr(media.streams[0].video.as_ref().unwrap());
    let bytes_of_hdr10plus = [0x4e, 1, 4, 8, 0xb5, 0, 0x3c, 0, 1, 4, 1, 0x40, 0x80];
    let stream = stream_of(|stream| {
        nal(&bytes_of_hdr10plus, stream);
        // HLG as a preference to BT.2020, as broadcasters write it.
        nal(&[0x4e, 1, 147, 1, 18, 0x80], stream);
    });
    assert_eq!(stream.video.unwrap().hdr, [Hdr::Hdr10Plus, Hdr::Hlg]);
}

#[test]
fn preferred_transfer_goes_before_that_of_the_parameter_set() {
    let colors =
        "-pix_fmt yuv420p10le -color_primaries bt2020 -color_trc bt2020-10 -colorspace bt2020nc";
    let film = film(&x265(colors, "atc-sei=18"), "a.hevc");
    let media = probe(&film.bytes, "hevc");
    // ffprobe shows it of frames only.
    let but_for = ["field_order", "color_transfer"];
    assert_agrees(&media.streams[0], &film.path, &but_for);
    let video = media.streams[0].video.as_ref().unwrap();
    assert_eq!(video.hdr, [Hdr::Hlg]);
}

#[test]
fn fields_are_not_called_progressive() {
    // ffprobe takes the number of the field for that of an order, and says `progressive` and `tt`.
    for (parameter, expected) in [("tff", "tt"), ("bff", "bb")] {
        let film = film(&x265("", &format!("interlace={parameter}")), "a.hevc");
        let media = probe(&film.bytes, "hevc");
        let video = media.streams[0].video.as_ref().unwrap();
        assert_eq!(video.field_order.as_deref(), Some(expected));
    }
}

#[test]
fn damage_is_survived() {
    let parameters = format!("{MASTERING}:hrd=1:vbv-maxrate=900:vbv-bufsize=900:info=0");
    let film = film(&x265(HDR, &parameters), "a.mp4");
    let record = payload(&film.bytes, *b"hvcC");
    mutated(record, |bytes| {
        stream_of(|stream| {
            hvcc(bytes, stream);
        });
    });
    let mut units = Vec::new();
    for start in [b"hvcC".as_slice(), b"mdat"] {
        let at = film
            .bytes
            .windows(4)
            .position(|name| name == start)
            .unwrap();
        units.extend_from_slice(&film.bytes[at + 4..][..500]);
    }
    mutated(&units, |bytes| {
        stream_of(|stream| {
            sample(bytes, 2, stream);
            annex_b(bytes, stream);
        });
    });
}
