//! Tests of bare sound, and the comparison with ffprobe that all readers of sound share.

#![expect(clippy::cast_possible_truncation, reason = "tests have small numbers")]

pub(crate) mod compare;

use compare::{compare, probe_bytes};

use super::*;

#[test]
fn streams_are_as_ffprobe_says() {
    compare(&[
        ("cbr.mp3", "-ac 2 -c:a libmp3lame -b:a 128k"),
        (
            "joint.mp3",
            "-ac 2 -c:a libmp3lame -b:a 192k -joint_stereo 0",
        ),
        ("mono.mp3", "-ac 1 -c:a libmp3lame -b:a 64k"),
        ("vbr.mp3", "-ac 2 -c:a libmp3lame -q:a 4"),
        ("abr.mp3", "-ac 2 -c:a libmp3lame -abr 1 -b:a 160k"),
        ("low.mp3", "-ar 22050 -ac 1 -c:a libmp3lame -b:a 32k"),
        ("lower.mp3", "-ar 8000 -ac 1 -c:a libmp3lame -b:a 16k"),
        (
            "plain.mp3",
            "-ac 2 -c:a libmp3lame -b:a 128k -write_xing 0 -id3v2_version 0",
        ),
        ("a.mp2", "-ac 2 -c:a mp2 -b:a 192k"),
        ("low.mp2", "-ar 24000 -ac 1 -c:a mp2 -b:a 64k"),
        ("a.ac3", "-ac 6 -c:a ac3 -b:a 448k"),
        ("441.ac3", "-ac 2 -ar 44100 -c:a ac3 -b:a 192k"),
        ("mono.ac3", "-ac 1 -c:a ac3"),
        ("640.ac3", "-ac 6 -c:a ac3 -b:a 640k"),
        ("a.eac3", "-ac 6 -c:a eac3 -b:a 448k"),
        ("1024.eac3", "-ac 6 -c:a eac3 -b:a 1024k"),
        ("stereo.eac3", "-ac 2 -c:a eac3 -b:a 128k"),
        ("a.dts", "-ac 6 -strict -2 -c:a dca"),
        ("stereo.dts", "-ac 2 -strict -2 -c:a dca -b:a 768k"),
    ]);
}

#[test]
fn what_ffprobe_only_guesses() {
    // The length in time comes from counting, not from the first frames.
    let cases = [
        ("a.aac", "-ac 2 -c:a aac"),
        ("six.aac", "-ac 6 -c:a aac"),
        ("mono.aac", "-ac 1 -c:a aac -ar 22050"),
        ("a.thd", "-ac 6 -strict -2 -c:a truehd"),
        ("96.thd", "-ac 2 -ar 96000 -strict -2 -c:a truehd"),
        ("a.mlp", "-ac 2 -strict -2 -c:a mlp"),
    ];
    for ((name, _), (media, probed)) in cases.iter().zip(compare::both_all(&cases)) {
        compare::streams(name, &media, &probed, false);
        let seconds = media.duration_s.unwrap();
        assert!((seconds - 2.0).abs() < 0.1, "{name}: {seconds}");
        if name.ends_with("aac") {
            assert_eq!(media.structure, Structure::Complete, "{name}");
        }
    }
}

#[test]
fn tags_of_mp3_are_as_ffprobe_says() {
    let arguments = ["3", "4"].map(|version| {
        let tags = compare::TAGS;
        format!("-c:a libmp3lame -id3v2_version {version} -write_id3v1 1 {tags}")
    });
    compare(
        &arguments
            .each_ref()
            .map(|arguments| ("tags.mp3", arguments.as_str())),
    );
}

#[test]
fn cut_files_are_told() {
    let bytes = compare::bytes("cut.mp3", "-ac 2 -c:a libmp3lame -b:a 192k");
    assert_eq!(
        probe_bytes(&bytes, "mp3").unwrap().structure,
        Structure::Complete
    );
    let cut = probe_bytes(&bytes[..bytes.len() / 2], "mp3").unwrap();
    assert_eq!(
        cut.structure,
        Structure::Truncated {
            expected_bytes: Some(bytes.len() as u64)
        }
    );
    let bytes = compare::bytes("cut.ac3", "-ac 2 -c:a ac3 -b:a 192k");
    assert_eq!(
        probe_bytes(&bytes, "ac3").unwrap().structure,
        Structure::Complete
    );
    let cut = probe_bytes(&bytes[..bytes.len() - 100], "ac3").unwrap();
    assert_eq!(
        cut.structure,
        Structure::Truncated {
            expected_bytes: Some(bytes.len() as u64)
        }
    );
}

#[test]
fn long_files_without_counts() {
    // Loud after a quiet beginning, so that the first frames are not like the others.
    let sound = "-filter_complex anoisesrc=d=80,volume='0.01+0.5*gt(t,4)':eval=frame -write_xing 0";
    for (name, codec, seconds) in [("a.mp3", "libmp3lame -q:a 5", 80.0), ("a.aac", "aac", 80.0)] {
        let whole = compare::bytes(name, &format!("{sound} -c:a {codec}"));
        let media = probe_bytes(&whole, "").unwrap();
        let found = media.duration_s.unwrap();
        assert!((found - seconds).abs() < 2.0, "{name}: {found}");
        assert!(
            media.bytes_read <= 256 << 10,
            "{name}: {}",
            media.bytes_read
        );
    }
}

#[test]
fn junk_and_tags_around() {
    let sound = compare::bytes(
        "plain.mp3",
        "-ac 2 -c:a libmp3lame -write_xing 0 -id3v2_version 0",
    );
    let junk = [vec![0x55; 300], sound.clone()].concat();
    let media = probe_bytes(&junk, "").unwrap();
    assert_eq!(media.format, Format::Mp3);
    let ape = crate::tags::ape::tests::tag(&[("Artist", 0, b"Somebody")]);
    let tagged = [sound.clone(), ape].concat();
    let tagged = probe_bytes(&tagged, "").unwrap();
    assert_eq!(tagged.tag_value("artist"), Some("Somebody"));
    assert_eq!(
        tagged.duration_s,
        probe_bytes(&sound, "").unwrap().duration_s
    );
}

#[test]
fn tags_before_something_else() {
    let tag = b"ID3\x03\0\0\0\0\0\x0a0123456789".to_vec();
    let read = |rest: &[u8]| probe_bytes(&[tag.clone(), rest.to_vec()].concat(), "mp3").unwrap();
    assert_eq!(read(&[0; 9_000]).structure, Structure::Zeros { at: 20 });
    assert_eq!(read(b"TTA1 and so on").structure, Structure::Unchecked);
    assert!(matches!(
        read(&b"no sound ".repeat(900)).structure,
        Structure::Damaged { at: 20, .. }
    ));
}

#[test]
fn other_bytes_are_no_sound() {
    let mut state = 7_u64;
    for _ in 0..200 {
        let bytes: Vec<u8> = (0..4_096)
            .map(|_| compare::random(&mut state) as u8)
            .collect();
        assert_eq!(frame_sync(&bytes), None);
    }
    for bytes in [vec![0xff; 4_096], vec![0; 4_096], b"words ".repeat(700)] {
        assert_eq!(frame_sync(&bytes), None);
    }
    for (name, arguments) in [("a.wv", "-c:a wavpack"), ("a.tta", "-c:a tta")] {
        let bytes = compare::bytes(name, arguments);
        assert!(probe_bytes(&bytes, "").is_none(), "{name}");
    }
}

#[test]
fn damage_is_survived() {
    for (name, arguments) in [
        ("m.mp3", "-c:a libmp3lame"),
        ("m.aac", "-c:a aac"),
        ("m.ac3", "-c:a ac3"),
        ("m.eac3", "-c:a eac3"),
        ("m.dts", "-ac 2 -strict -2 -c:a dca"),
        ("m.thd", "-strict -2 -c:a truehd"),
    ] {
        compare::mutate(name, arguments);
    }
}
