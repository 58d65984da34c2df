use super::*;
use crate::Hdr;
use crate::codec::testing::{assert_agrees, film, mutated, payload, probe, stream_of};

#[test]
fn what_encoders_make() {
    let pq = "-color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc";
    for options in [
        "libaom-av1 -cpu-used 8".to_owned(),
        format!("libaom-av1 -cpu-used 8 -pix_fmt yuv422p10le -color_range pc {pq}"),
        "libaom-av1 -cpu-used 8 -pix_fmt gbrp".to_owned(),
        "libaom-av1 -cpu-used 8 -pix_fmt gray".to_owned(),
        format!("librav1e -speed 10 -pix_fmt yuv420p10le {pq}"),
    ] {
        let film = film(&format!("-c:v {options}"), "a.mp4");
        let record = payload(&film.bytes, *b"av1C");
        let stream = stream_of(|stream| assert!(av1c(record, stream)));
        // A container's to tell.
        let but_for = ["sample_aspect_ratio", "field_order", "avg_frame_rate"];
        assert_agrees(&stream, &film.path, &but_for);
    }
}

#[test]
fn bare_units() {
    let film = film("-c:v libaom-av1 -cpu-used 8", "a.obu");
    let media = probe(&film.bytes, "bin");
    let but_for = ["sample_aspect_ratio", "avg_frame_rate", "field_order"];
    assert_agrees(&media.streams[0], &film.path, &but_for);
}

#[test]
fn metadata_of_high_dynamic_range() {
    let mut units = vec![0x2a, 5, 1, 3, 0xe8, 1, 0x90];
    units.extend([0x2a, 25, 2]);
    for corner in [
        44_564_u16, 20_971, 17_367, 45_220, 9_830, 3_932, 20_493, 21_561,
    ] {
        units.extend(corner.to_be_bytes());
    }
    units.extend((1_000_u32 << 8).to_be_bytes());
    units.extend(82_u32.to_be_bytes());
    units.extend([0x2a, 8, 4, 0xb5, 0, 0x3c, 0, 1, 4, 1]);
    let stream = stream_of(|stream| assert!(!obus(&units, stream)));
    let video = stream.video.unwrap();
    assert_eq!(video.hdr, [Hdr::Hdr10Plus]);
    assert_eq!(
        (video.color.max_cll, video.color.max_fall),
        (Some(1_000), Some(400))
    );
    let mastering = video.color.mastering.unwrap();
    assert!((mastering.primaries[0][0] - 0.68).abs() < 1e-4);
    assert!((mastering.primaries[3][1] - 0.329).abs() < 1e-4);
    assert!((mastering.max_luminance - 1_000.0).abs() < 1e-9);
    assert!((mastering.min_luminance - 0.005).abs() < 1e-4);
}

#[test]
fn damage_is_survived() {
    let film = film("-c:v libaom-av1 -cpu-used 8", "a.obu");
    mutated(&film.bytes, |bytes| {
        stream_of(|stream| {
            obus(bytes, stream);
        });
        stream_of(|stream| {
            av1c(bytes, stream);
        });
    });
}
