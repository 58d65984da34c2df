//! `duplicates` as a terminal shows it.

use videocatalog_testkit::media;

use crate::lab::{Lab, finish};

#[test]
fn groups_are_shown_with_what_speaks_for_them() {
    let lab = Lab::new();
    std::fs::create_dir_all(&lab.drive).unwrap();
    let none = lab.ok(&["duplicates"]);
    assert!(none.stdout.contains("videocatalog fingerprint"), "{none:?}");
    let tune = "aevalsrc=0.3*sin(2*PI*t*300*(1+floor(mod(t*4\\,5))/7)):s=22050:d=12";
    let song = lab.drive.join("song.flac");
    media::encode(&["-f", "lavfi", "-i", tune], &song).unwrap();
    let from = song.to_str().unwrap();
    media::encode(&["-i", from, "-b:a", "64k"], &lab.drive.join("song.m4a")).unwrap();
    std::fs::copy(&song, lab.drive.join("copy.flac")).unwrap();
    lab.scan(&["--media", "headers"]);
    let mut command = lab.command();
    command.env("PATH", std::env::var_os("PATH").unwrap());
    command.args(["fingerprint", "--label", "Test"]);
    assert_eq!(finish(command).code, Some(0));

    let shown = lab.ok(&["duplicates"]).stdout;
    assert!(
        shown.contains("3 files with fingerprints, 1 groups"),
        "{shown}"
    );
    assert!(shown.contains("\naudio "), "{shown}");
    assert!(shown.contains("* Test"), "{shown}");
    assert!(shown.contains("the same bytes"), "{shown}");
    assert!(shown.contains("keep: the higher bit rate"), "{shown}");

    let document = lab.ok(&["duplicates", "--json", "--kind", "audio"]).json();
    assert_eq!(document["groups"][0]["files"].as_array().unwrap().len(), 3);
    assert_eq!(document["groups"][0]["files"][0]["keep"], true);
    let exact = lab.ok(&["duplicates", "--kind", "exact"]).stdout;
    assert!(exact.contains("2 copies of"), "{exact}");
    let none = lab.ok(&["duplicates", "--json", "--kind", "video"]).json();
    assert_eq!(none["total_groups"], 0);
}
