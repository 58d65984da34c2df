//! `fingerprint`, and the flags of a scan that capture the same.

use videocatalog_testkit::media;

use crate::lab::{Lab, with_tools};

fn lab() -> Lab {
    let lab = Lab::new();
    std::fs::create_dir_all(&lab.drive).unwrap();
    media::video(&lab.drive.join("film.mkv"), 4).unwrap();
    media::audio(&lab.drive.join("song.flac"), 4).unwrap();
    lab
}

#[test]
fn it_captures_what_is_asked_for_and_counts() {
    let lab = lab();
    lab.scan(&["--media", "headers"]);
    let quick = with_tools(&lab, &["fingerprint", "--label", "Test", "--json"]);
    assert_eq!(quick.code, Some(0), "{quick:?}");
    let told = quick.json();
    assert_eq!(told["coverage"]["sound"], 2, "{told}");
    assert_eq!(told["coverage"]["keyframes"], 1, "{told}");
    assert_eq!(
        told["coverage"]["video"], 0,
        "all frames are decoded only if asked for"
    );
    let all = with_tools(&lab, &["fingerprint", "--label", "Test", "--video-tmk"]);
    assert!(
        all.stdout
            .contains("Done: 1 of 1 files without fingerprints"),
        "{all:?}"
    );
    let has = "`Test` has 1 video signatures, 2 audio fingerprints, 1 prefilter hashes";
    assert!(all.stdout.contains(has), "{all:?}");
}

#[test]
fn a_scan_captures_what_the_older_flags_say() {
    let lab = lab();
    let mount = lab.drive.to_str().unwrap();
    let flags = [
        "--fingerprint-video-tmk",
        "--fingerprint-audio-chroma",
        "--fingerprint-io-ms",
        "0",
    ];
    let ran = with_tools(
        &lab,
        &[&["scan", "--label", "Test", "--mount", mount], &flags[..]].concat(),
    );
    let captured = "fingerprints: 1 video signatures, 2 audio fingerprints, 1 prefilter hashes";
    assert!(ran.stdout.contains(captured), "{ran:?}");
    let count = |view: &str| -> i64 {
        let sql = format!("SELECT count(*) FROM {view}");
        lab.shard().query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(
        (
            count("video_fp_tmk"),
            count("audio_fp_chroma"),
            count("video_vhash")
        ),
        (1, 2, 1)
    );
    let ran = with_tools(
        &lab,
        &[
            "scan",
            "--label",
            "Test",
            "--full-rescan",
            "--fingerprint-phase",
            "off",
        ],
    );
    assert!(!ran.stdout.contains("fingerprints:"), "{ran:?}");
}

#[test]
fn without_ffmpeg_it_is_3_and_says_what_to_do() {
    let lab = lab();
    lab.scan(&[]);
    let ran = lab.run(&["fingerprint", "--label", "Test"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.stderr.contains("Tool missing: ffmpeg"), "{ran:?}");
    assert!(ran.stderr.contains("tools install ffmpeg"), "{ran:?}");
    let unknown = lab.run(&["fingerprint", "--label", "Nowhere"]);
    assert_eq!(unknown.code, Some(2), "{unknown:?}");
}
