//! `verify`: bit rot is found, told, and ends with a code of its own.

use std::path::Path;

use crate::lab::Lab;

/// Flips a bit of a file and leaves its size and time alone.
fn rot(path: &Path) {
    let modified = std::fs::metadata(path).unwrap().modified().unwrap();
    let mut bytes = std::fs::read(path).unwrap();
    bytes[0] ^= 1;
    std::fs::write(path, bytes).unwrap();
    let file = std::fs::File::options().write(true).open(path).unwrap();
    file.set_modified(modified).unwrap();
}

#[test]
fn a_flipped_bit_ends_with_code_6_and_says_where_and_what_to_do() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    let sound = lab.ok(&["verify", "--label", "Test"]);
    assert!(
        sound.stdout.starts_with("Done: 5 files read, "),
        "{sound:?}"
    );
    assert!(sound.stdout.contains("  5 sound\n"), "{sound:?}");

    rot(&lab.drive.join("Films/Brazil.mp4"));
    let ran = lab.run(&["verify", "--label", "Test"]);
    assert_eq!(ran.code, Some(6), "{ran:?}");
    assert!(ran.stdout.contains("  4 sound\n"), "{ran:?}");
    assert!(ran.stdout.contains("Films/Brazil.mp4"), "{ran:?}");
    assert!(ran.stdout.contains("    expected "), "{ran:?}");
    assert!(
        ran.stderr.contains("error: 1 file on `Test` is damaged"),
        "{ran:?}"
    );
    assert!(ran.stderr.contains("hint: "), "{ran:?}");

    // The hash that was expected is the one that is searched for.
    let json = lab.run(&["verify", "--label", "Test", "--json"]).json();
    assert_eq!(json["status"], "done");
    assert_eq!(json["other_bytes"], 1);
    let damaged = &json["findings"][0];
    assert_eq!(damaged["rel_path"], "Films/Brazil.mp4");
    assert_eq!(damaged["outcome"], "other-bytes");
    let hash = format!("hash:{}", damaged["expected"].as_str().unwrap());
    assert_eq!(lab.search(&[&hash])["total_matched"], 1);

    let info = lab.ok(&["info", "--json", "Films/Brazil.mp4"]).json();
    assert_eq!(info["verify_findings"][0]["open"], true);
    let info = lab.ok(&["info", "notes.pdf"]).stdout;
    assert!(info.contains("\nverified "), "{info}");
    let info = lab.ok(&["info", "Films/Brazil.mp4"]).stdout;
    assert!(info.contains("DAMAGED        other-bytes since "), "{info}");
}

#[test]
fn what_was_found_is_kept_while_the_drive_lies_on_the_shelf() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    let report = lab.ok(&["verify", "--report"]).stdout;
    assert_eq!(report, "Test: none of 5 files verified yet\n");
    rot(&lab.drive.join("Music/song.mp3"));
    lab.run(&["verify", "--label", "Test"]);
    std::fs::remove_dir_all(&lab.drive).unwrap();
    let report = lab.ok(&["verify", "--report"]).stdout;
    assert!(
        report.starts_with("Test: 4 of 5 files verified, from "),
        "{report}"
    );
    assert!(report.contains("  damaged now:\n"), "{report}");
    assert!(report.contains("Music/song.mp3"), "{report}");
    let json = lab.ok(&["verify", "--report", "--json"]).json();
    assert_eq!(json[0]["findings"][0]["open"], true);
    assert_eq!(json[0]["verified_files"], 4);
    // The drive itself cannot be verified now, and that damages nothing.
    let error = lab.run(&["verify", "--label", "Test"]);
    assert!(matches!(error.code, Some(2 | 7)), "{error:?}");
}

#[test]
fn a_budget_is_spent_over_several_runs() {
    let lab = Lab::new();
    lab.many_files(40);
    lab.scan(&[]);
    let budget = [
        "verify",
        "--label",
        "Test",
        "--budget-bytes",
        "100",
        "--perf-threads",
        "1",
        "--json",
    ];
    let first = lab.ok(&budget).json();
    assert_eq!(first["status"], "out-of-budget");
    let left = first["left_files"].as_u64().unwrap();
    assert!((20..40).contains(&left), "{first}");
    let rest = lab
        .ok(&["verify", "--label", "Test", "--budget", "1h", "--json"])
        .json();
    assert_eq!(
        (&rest["status"], rest["sound"].as_u64()),
        (&"done".into(), Some(left))
    );
    let text = lab
        .ok(&["verify", "--label", "Test", "--budget", "0s"])
        .stdout;
    assert!(text.starts_with("Budget used up: 0 files read"), "{text}");
    assert!(text.contains("40 files left in this round"), "{text}");
}

#[cfg(unix)]
#[test]
fn a_hostile_name_does_not_steer_the_terminal() {
    let lab = Lab::new();
    let path = lab.file("bad\n\u{1b}[31m\u{202e}name.mkv", b"content");
    lab.scan(&[]);
    rot(&path);
    let ran = lab.run(&["verify", "--label", "Test"]);
    assert_eq!(ran.code, Some(6));
    for text in [
        &ran.stdout,
        &ran.stderr,
        &lab.ok(&["verify", "--report"]).stdout,
    ] {
        assert!(
            !text.contains('\u{1b}') && !text.contains('\u{202e}'),
            "{text:?}"
        );
    }
}

#[test]
fn mistakes_are_told() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    let error = lab.fails(2, &["verify"]);
    assert!(error.contains("--label"), "{error}");
    let error = lab.fails(2, &["verify", "--label", "Nobody"]);
    assert!(error.contains("Nobody"), "{error}");
    let error = lab.fails(2, &["verify", "--label", "Test", "--budget", "2 parsecs"]);
    assert!(error.contains("unit of time"), "{error}");
    let error = lab.fails(2, &["verify", "--label", "Test", "--only", "/elsewhere"]);
    assert!(error.contains("not below"), "{error}");
}
