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

    let said = lab.ok(&["duplicates", "ignore", "song.flac", "song.m4a"]);
    assert!(said.stdout.contains("1 pairs remembered"), "{said:?}");
    let none = lab.ok(&["duplicates", "--json"]).json();
    assert_eq!(
        (&none["total_groups"], &none["newly_compared"]),
        (&0.into(), &0.into())
    );
    let listed = lab.ok(&["duplicates", "ignore"]).stdout;
    assert!(
        listed.contains("Test: song.flac | Test: song.m4a"),
        "{listed}"
    );
    let same = lab.run(&["duplicates", "ignore", "song.flac", "copy.flac"]);
    assert!(same.stderr.contains("have the same bytes"), "{same:?}");
    let undone = lab.ok(&["duplicates", "ignore", "--undo", "song.m4a", "copy.flac"]);
    assert!(undone.stdout.contains("1 pairs forgotten"), "{undone:?}");
    assert_eq!(lab.ok(&["duplicates", "--json"]).json()["total_groups"], 1);
}

#[test]
fn what_was_not_hashed_is_read_if_it_is_asked_for() {
    let lab = Lab::new();
    for name in ["a/one.bin", "b/two.bin", "c/three.bin"] {
        lab.file(name, &vec![7; 100_000]);
    }
    lab.file("alone.bin", &vec![7; 99_999]);
    lab.scan(&["--inventory-only"]);
    let blind = lab.ok(&["duplicates", "--kind", "exact"]);
    assert!(blind.stderr.contains("duplicates --read"), "{blind:?}");
    let read = lab.ok(&["duplicates", "--read", "--json"]).json();
    assert_eq!(read["reading"]["files_hashed"], 3, "{read}");
    assert_eq!(read["groups"][0]["copies"], 3, "{read}");
    let again = lab.ok(&["duplicates", "--read"]).stdout;
    assert!(
        again.contains("read: both ends of 0 files, all of 0"),
        "{again}"
    );
    let folder = lab.drive.join("b");
    let keep = [
        "duplicates",
        "plan",
        "--json",
        "--keep-on",
        folder.to_str().unwrap(),
    ];
    let plan = lab.ok(&keep).json();
    assert_eq!(plan["groups"][0]["keep"]["rel_path"], "b/two.bin", "{plan}");
    let wrong = lab.run(&["duplicates", "plan", "--keep-on", "/nowhere"]);
    assert!(
        wrong.stderr.contains("no drive, and no folder of one"),
        "{wrong:?}"
    );
    let wrong = lab.run(&["duplicates", "--read", "--kind", "video"]);
    assert!(
        wrong.stderr.contains("copies of the same bytes"),
        "{wrong:?}"
    );
}

#[cfg(unix)]
#[test]
fn a_plan_moves_only_what_is_still_what_it_was() {
    let lab = Lab::new();
    let odd = "it's $(touch hurt) \"odd\"\n.txt";
    for name in [
        "a/first.txt",
        "b/second.txt",
        odd,
        "c/changed.txt",
        "c/touched.txt",
    ] {
        lab.file(name, b"the very same bytes");
    }
    lab.file("alone.txt", b"nobody has these");
    lab.scan(&[]);
    let out = lab.base().join("plan");
    let planned = lab.ok(&["duplicates", "plan", "--out", out.to_str().unwrap()]);
    assert!(
        planned.stdout.contains("4 files in 1 groups could go"),
        "{planned:?}"
    );
    assert!(planned.stdout.contains("Nothing was done"), "{planned:?}");
    assert!(lab.drive.join("b/second.txt").exists());
    let document = std::fs::read_to_string(out.join("plan.json")).unwrap();
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document["groups"][0]["keep"]["rel_path"], "a/first.txt");

    // Since then one was written to, and one only looks as if it were.
    std::fs::write(lab.drive.join("c/changed.txt"), b"the very sane bytes").unwrap();
    lab.file("c/touched.txt", b"the very sane bytes");
    let run = || {
        let mut command = lab.program(std::path::Path::new("/bin/bash"));
        command.env("PATH", "/usr/bin:/bin");
        command.env("VIDEOCATALOG", env!("CARGO_BIN_EXE_videocatalog"));
        command.arg(out.join("Test.sh"));
        finish(command)
    };
    let ran = run();
    assert_eq!(ran.code, Some(1), "something was left: {ran:?}");
    assert!(ran.stdout.contains("2 moved, 2 left"), "{ran:?}");
    assert!(ran.stderr.contains("its content is another"), "{ran:?}");
    assert!(ran.stderr.contains("it was written to"), "{ran:?}");
    let aside = lab.drive.join(".videocatalog-quarantine");
    for name in ["b/second.txt", odd] {
        assert!(!lab.drive.join(name).exists(), "{name}");
        let kept = std::fs::read(aside.join(name)).unwrap();
        assert_eq!(kept, b"the very same bytes", "{name}");
    }
    for name in ["a/first.txt", "c/changed.txt", "c/touched.txt", "alone.txt"] {
        assert!(lab.drive.join(name).exists(), "{name}");
    }
    assert!(!lab.base().join("hurt").exists());
    let again = run();
    assert!(again.stdout.contains("0 moved, 4 left"), "{again:?}");
    // Where the file that was to stay is gone, all others stay.
    lab.file("b/second.txt", b"the very same bytes");
    std::fs::remove_dir_all(&aside).unwrap();
    std::fs::remove_file(lab.drive.join("a/first.txt")).unwrap();
    let orphaned = run();
    assert!(orphaned.stdout.contains("0 moved, 4 left"), "{orphaned:?}");
    assert!(
        orphaned.stdout.contains("what was to stay is gone"),
        "{orphaned:?}"
    );
}

#[test]
fn nothing_is_taken_from_drives_that_are_to_be_kept() {
    let lab = Lab::new();
    lab.file("one.txt", b"the very same bytes");
    lab.file("two.txt", b"the very same bytes");
    lab.scan(&[]);
    let kept = lab
        .ok(&["duplicates", "plan", "--keep-on", "Test", "--json"])
        .json();
    assert_eq!(kept["files"], 0, "{kept}");
    assert_eq!(kept["left"].as_array().unwrap().len(), 1);
    let unknown = lab.run(&["duplicates", "plan", "--keep-on", "Nowhere"]);
    assert_eq!(unknown.code, Some(2), "{unknown:?}");
    let script = lab.base().join("scripts");
    lab.ok(&["duplicates", "plan", "--out", script.to_str().unwrap()]);
    let powershell = std::fs::read_to_string(script.join("Test.ps1")).unwrap();
    assert!(powershell.contains("Step 'two.txt' 19 '"), "{powershell}");
}
