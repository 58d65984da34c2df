//! `info`: everything known of a file.

use videocatalog_testkit::media;

use crate::lab::Lab;

#[test]
fn a_file_is_shown_with_what_its_headers_say() {
    let lab = Lab::with_files();
    let drive = lab.base().join("drive");
    media::audio(&drive.join("tone.flac"), 1).unwrap();
    media::image(&drive.join("photo.png")).unwrap();
    lab.scan(&[]);
    let known = lab
        .ok(&["info", "tone.flac", "--label", "Test", "--json"])
        .json();
    assert_eq!(known["rel_path"], "tone.flac");
    assert_eq!(known["category"], "audio");
    assert_eq!(known["online"], true);
    assert_eq!(known["media"]["container"], "FLAC");
    assert_eq!(known["media"]["audio_codec"], "flac");
    assert_eq!(known["integrity"]["ok"], true);
    assert_eq!(known["media_source"], "native");
    assert_eq!(known["media_json"]["media"]["track"][1]["Format"], "FLAC");
    assert_eq!(known["hash_blake3"].as_str().unwrap().len(), 64);

    // An absolute path names its drive itself, and a drive that is gone shows the same.
    let absolute = drive.join("photo.png");
    std::fs::rename(&drive, lab.base().join("elsewhere")).unwrap();
    let said = lab.ok(&["info", absolute.to_str().unwrap(), "--pictures", "out"]);
    for words in [
        "drive          Test (offline)",
        "PNG",
        "160 × 120",
        "thumbnail 160 × 120",
    ] {
        assert!(said.stdout.contains(words), "{words} in {said:?}");
    }
    let picture = std::fs::read(lab.base().join("out/thumbnail.webp")).unwrap();
    assert_eq!(&picture[8..12], b"WEBP");
}

#[test]
fn what_is_not_known_is_a_usage_error() {
    let lab = Lab::with_files();
    assert!(
        lab.fails(2, &["info", "x.mkv"])
            .contains("no drive was scanned yet")
    );
    lab.scan(&[]);
    let said = lab.fails(2, &["info", "no such.mkv", "--label", "Test"]);
    assert!(said.contains("is not in the catalogue of `Test`"), "{said}");
}
