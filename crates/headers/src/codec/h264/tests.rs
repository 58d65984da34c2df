use super::*;
use crate::codec::testing::{assert_agrees, film, film_of, mutated, payload, probe, stream_of};

/// Gives the readers what a container gives them: the record, then the first sample.
fn from_mp4(bytes: &[u8]) -> Stream {
    stream_of(|stream| {
        let length_size = avcc(payload(bytes, *b"avcC"), stream);
        assert_eq!(length_size, 4);
        let mdat = bytes.windows(4).position(|name| name == b"mdat").unwrap();
        sample(&bytes[mdat + 4..], length_size, stream);
    })
}

#[test]
fn what_x264_makes() {
    let sar = "-vf setsar=32/27";
    let colors = "-color_primaries bt709 -color_trc bt709 -colorspace bt709 -color_range tv";
    let full =
        "-color_primaries bt2020 -color_trc arib-std-b67 -colorspace bt2020nc -color_range pc";
    for options in [
        "-profile:v baseline",
        &format!("-profile:v main {sar}"),
        &format!("-pix_fmt yuv420p10le {colors}"),
        &format!("-pix_fmt yuv422p10le -x264-params keyint=1 {full}"),
        "-pix_fmt yuv444p -x264-params level=5.1:nal-hrd=vbr:vbv-maxrate=500:vbv-bufsize=500",
    ] {
        let film = film(
            &format!("-c:v libx264 -preset ultrafast {options}"),
            "a.h264",
        );
        let media = probe(&film.bytes, "bin");
        assert_agrees(&media.streams[0], &film.path, &[]);
    }
}

#[test]
fn gray_and_rgb() {
    // ffprobe calls gray H.264 yuvj420p, as its decoder fills in the colours.
    let gray = film("-c:v libx264 -preset ultrafast -pix_fmt gray", "a.h264");
    let media = probe(&gray.bytes, "h264");
    assert_agrees(&media.streams[0], &gray.path, &["pix_fmt"]);
    let video = media.streams[0].video.as_ref().unwrap();
    assert_eq!(video.chroma.as_deref(), Some("gray"));
    let rgb = film("-c:v libx264rgb -preset ultrafast -pix_fmt rgb24", "a.h264");
    assert_agrees(&probe(&rgb.bytes, "h264").streams[0], &rgb.path, &[]);
}

#[test]
fn messages_of_high_dynamic_range() {
    let film = film(
        "-c:v libx264 -preset ultrafast -pix_fmt yuv420p10le \
         -color_primaries bt2020 -color_trc bt2020-10 -colorspace bt2020nc \
         -x264-params alternative-transfer=arib-std-b67:cll=1000,400:\
mastering-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)",
        "a.h264",
    );
    let media = probe(&film.bytes, "h264");
    assert_agrees(&media.streams[0], &film.path, &[]);
    let video = media.streams[0].video.as_ref().unwrap();
    assert_eq!(video.hdr, [crate::Hdr::Hlg]);
    assert_eq!(video.color.max_cll, Some(1_000));
    let mastering = video.color.mastering.unwrap();
    assert!((mastering.primaries[0][0] - 0.68).abs() < 1e-6);
    assert!((mastering.max_luminance - 1_000.0).abs() < 1e-9);
}

#[test]
fn order_of_fields_stands_in_the_first_picture() {
    for (options, name, expected) in [
        ("-flags +ildct+ilme -x264-params tff=1", "t.mp4", "tt"),
        ("-flags +ildct+ilme -x264-params bff=1", "b.mp4", "bb"),
        ("-x264-params fake-interlaced=1", "f.mp4", "progressive"),
    ] {
        let film = film_of(
            "testsrc2=size=96x64:rate=25",
            &format!("-c:v libx264 -preset ultrafast {options}"),
            name,
        );
        let stream = from_mp4(&film.bytes);
        assert_agrees(&stream, &film.path, &["sample_aspect_ratio"]);
        let video = stream.video.unwrap();
        assert_eq!(video.field_order.as_deref(), Some(expected));
    }
}

#[test]
fn slices_tell_the_order_where_no_message_does() {
    let sequence = Sequence {
        may_be_interlaced: true,
        frame_number_bits: 4,
        order_bits: Some(4),
        has_bottom_order: true,
        ..Sequence::default()
    };
    // ue 0, ue 7 (0001000), ue 0, number 0000, field flag, then as the case may be.
    let check = |bytes: &[u8], expected| {
        assert_eq!(slice_order(&mut Bits::new(bytes), true, sequence), expected);
    };
    // Whole frame, identity 0, order 0000, distance 1 (010).
    check(&[0b1000_1000, 0b1000_0010, 0b0000_1000], Some("tt"));
    check(&[0b1000_1000, 0b1000_0010, 0b0000_1100], Some("bb"));
    check(
        &[0b1000_1000, 0b1000_0010, 0b0001_0000],
        Some("progressive"),
    );
    // A field of its own.
    check(&[0b1000_1000, 0b1000_0100], Some("tt"));
    check(&[0b1000_1000, 0b1000_0110], Some("bb"));
    check(&[0b1000_1000], None);
}

#[test]
fn damage_is_survived() {
    let film = film(
        "-c:v libx264 -preset ultrafast -flags +ildct+ilme -pix_fmt yuv422p10le \
         -x264-params cqm=jvt:nal-hrd=cbr:vbv-maxrate=900:vbv-bufsize=900:bitrate=900",
        "a.h264",
    );
    mutated(&film.bytes, |bytes| {
        stream_of(|stream| {
            annex_b(bytes, stream);
        });
        stream_of(|stream| {
            let size = avcc(bytes, stream);
            sample(bytes, size, stream);
        });
    });
}
