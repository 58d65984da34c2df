//! Tests with files made by ffmpeg, compared with ffprobe, and with damaged ones.

use crate::container::mpeg_ts::tests::{TONE, VIDEO, compare, ffmpeg_has_h264, make, mutate};
use crate::{Limits, Structure, probe};

#[test]
fn codecs_and_times_are_those_of_ffprobe() {
    let folder = tempfile::tempdir().unwrap();
    for (name, arguments) in [
        ("mp2.mpg", "-c:v mpeg2video -b:v 1M -c:a mp2"),
        ("mpeg1.mpg", "-c:v mpeg1video -c:a mp2 -f mpeg"),
        ("ac3.vob", "-c:v mpeg2video -bf 2 -c:a ac3"),
        ("dts.vob", "-c:v mpeg2video -ac 2 -c:a dca -strict -2"),
        (
            "lpcm.vob",
            "-map 0 -map 1 -map 1 -c:v mpeg2video -c:a:0 pcm_s16be -c:a:1 ac3",
        ),
        ("dvd.mpg", "-target pal-dvd"),
        ("vcd.mpg", "-target pal-vcd"),
    ] {
        compare(&make(folder.path(), name, &[VIDEO, TONE], arguments));
    }
    compare(&make(folder.path(), "sound.vob", &[TONE], "-c:a mp2"));
    if ffmpeg_has_h264(folder.path()) {
        let arguments = "-c:v libx264 -preset veryfast -c:a mp2 -f vob";
        compare(&make(folder.path(), "h264.mpg", &[VIDEO, TONE], arguments));
    }
}

#[test]
fn ends_are_judged() {
    let folder = tempfile::tempdir().unwrap();
    let path = make(
        folder.path(),
        "a.vob",
        &[VIDEO, TONE],
        "-c:v mpeg2video -b:v 4M -minrate 4M -maxrate 4M -bufsize 1M -c:a ac3",
    );
    let whole = std::fs::read(&path).unwrap();
    let judge = |bytes: &[u8]| {
        probe(&mut &bytes[..], Some("vob"), Limits::default())
            .unwrap()
            .structure
    };
    assert_eq!(judge(&whole), Structure::Complete);
    // Discs cut films between sectors.
    assert_eq!(judge(&whole[..2_048 * 300]), Structure::Complete);
    let truncated = Structure::Truncated {
        expected_bytes: Some(2_048 * 301),
    };
    assert_eq!(judge(&whole[..2_048 * 300 + 900]), truncated);
    let mut bytes = whole;
    let from = bytes.len() - 200_000;
    bytes[from..].fill(0);
    let zeros = judge(&bytes);
    assert!(
        matches!(zeros, Structure::Zeros { at } if at.abs_diff(from as u64) < 2_048),
        "{zeros:?}"
    );
}

#[test]
fn damaged_files_do_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = "-t 1 -target pal-dvd";
    let path = make(folder.path(), "a.mpg", &[VIDEO, TONE], arguments);
    mutate(&std::fs::read(path).unwrap(), "mpg");
}
