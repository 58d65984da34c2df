//! `drives`: list, show, rename, set, forget.

use serde_json::{Value, json};

use crate::lab::{Lab, texts, write};

fn drives(lab: &Lab) -> Value {
    lab.ok(&["drives", "--json"]).json()
}

#[test]
fn drives_are_listed_and_shown() {
    let lab = Lab::with_files();
    assert_eq!(drives(&lab), json!([]));
    lab.scan(&[]);
    let listed = drives(&lab);
    let drive = &listed[0];
    assert_eq!(drive["label"], "Test");
    assert_eq!(drive["mount_path"], lab.drive.to_str().unwrap());
    assert_eq!(drive["online"], true);
    assert_eq!(drive["scan_mode"], "Delta");
    assert_eq!(drive["shard_file"], "data/shards/Test.db");
    assert!(drive["drive_uid"].is_string() && drive["scanned_at"].is_string());
    let shown = lab.ok(&["drives", "--json", "show", "Test"]).json();
    assert_eq!(shown["drive_uid"], drive["drive_uid"]);

    let table = lab.ok(&["drives", "list"]).stdout;
    let mut lines = table.lines();
    assert!(lines.next().unwrap().starts_with("DRIVE  STATE"), "{table}");
    assert!(
        lines.next().unwrap().starts_with("Test   online"),
        "{table}"
    );
    let page = lab.ok(&["drives", "show", "Test"]).stdout;
    assert!(
        page.contains("shard_file     data/shards/Test.db"),
        "{page}"
    );
}

#[test]
fn a_rename_changes_the_label_everywhere_and_no_row() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    let uid = drives(&lab)[0]["drive_uid"].clone();
    lab.ok(&["drives", "rename", "Test", "Films A"]);
    let drive = &drives(&lab)[0];
    assert_eq!(
        (&drive["label"], &drive["drive_uid"]),
        (&json!("Films A"), &uid)
    );
    assert_eq!(
        lab.search(&["brazil"])["results"][0]["drive_label"],
        "Films A"
    );
    let jobs = lab.ok(&["jobs", "--json", "--label", "Films A"]).json();
    assert_eq!(texts(&jobs, "drive_label"), ["Films A"]);
    let mount = lab.drive.to_str().unwrap();
    let again = lab
        .ok(&["scan", "--json", "--label", "Films A", "--mount", mount])
        .json();
    assert_eq!(again["unchanged"], 5);
    let label: String = lab
        .shard()
        .query_row("SELECT DISTINCT drive_label FROM files", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(label, "Films A");
}

#[test]
fn labels_that_cannot_be_are_refused() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    let other = lab.base().join("other");
    write(&other, "a.mkv", b"a");
    lab.ok(&[
        "scan",
        "--label",
        "Other",
        "--mount",
        other.to_str().unwrap(),
    ]);
    let said = lab.fails(2, &["drives", "rename", "Test", "Other"]);
    assert!(said.contains("there is a drive `Other` already"), "{said}");
    for label in ["", "two\nlines", &"x".repeat(300)] {
        let said = lab.fails(2, &["drives", "rename", "Test", label]);
        assert!(said.starts_with("error: "), "{said}");
    }
    for action in [
        &["drives", "show", "Nobody"][..],
        &["drives", "rename", "Nobody", "New"],
        &["drives", "set", "Nobody", "--notes", "x"],
        &["drives", "forget", "Nobody", "--yes"],
    ] {
        let said = lab.fails(2, action);
        assert!(said.contains("there is no drive `Nobody`"), "{said}");
    }
    assert_eq!(texts(&drives(&lab), "label").len(), 2);
}

#[test]
fn type_and_notes_are_set_and_cleared() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    lab.ok(&[
        "drives", "set", "Test", "--type", "HDD 3.5", "--notes", "shelf 2",
    ]);
    let drive = &drives(&lab)[0];
    assert_eq!(
        (&drive["drive_type"], &drive["notes"]),
        (&json!("HDD 3.5"), &json!("shelf 2"))
    );
    assert!(lab.ok(&["drives"]).stdout.contains("HDD 3.5; shelf 2"));
    lab.ok(&["drives", "set", "Test", "--notes", ""]);
    lab.scan(&[]);
    let drive = &drives(&lab)[0];
    assert_eq!(
        (&drive["drive_type"], &drive["notes"]),
        (&json!("HDD 3.5"), &Value::Null)
    );
}

#[test]
fn a_root_that_moved_is_followed() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    let moved = lab.base().join("moved here");
    std::fs::rename(&lab.drive, &moved).unwrap();
    assert_eq!(drives(&lab)[0]["online"], false);
    lab.ok(&["drives", "set", "Test", "--root", "moved here"]);
    assert_eq!(drives(&lab)[0]["online"], true);
    let summary = lab
        .ok(&[
            "scan",
            "--json",
            "--label",
            "Test",
            "--mount",
            moved.to_str().unwrap(),
        ])
        .json();
    assert_eq!(
        (&summary["unchanged"], &summary["hashed_files"]),
        (&json!(5), &json!(0))
    );
    let path = lab.search(&["brazil"])["results"][0]["path"].clone();
    assert_eq!(
        path,
        moved.join("Films").join("Brazil.mp4").to_str().unwrap()
    );
}

#[test]
fn a_drive_is_forgotten_only_if_that_is_said() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    let shard = lab.home.join("data/shards/Test.db");
    let said = lab.fails(2, &["drives", "forget", "Test"]);
    assert!(said.contains("--yes"), "{said}");
    assert!(shard.exists());
    assert_eq!(texts(&drives(&lab), "label"), ["Test"]);
    lab.ok(&["drives", "forget", "Test", "--yes"]);
    assert_eq!(drives(&lab), json!([]));
    assert!(!shard.exists());
    assert!(
        lab.drive.join("notes.pdf").exists(),
        "the drive is not touched"
    );
    assert_eq!(lab.scan(&["--json"]).json()["new"], 5);
}

#[test]
fn a_root_inside_another_is_allowed_and_said() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    let inner = lab.drive.join("Films");
    lab.ok(&[
        "scan",
        "--label",
        "Inner",
        "--mount",
        inner.to_str().unwrap(),
    ]);
    let table = lab.ok(&["drives"]).stdout;
    assert!(table.contains("inside `Test`"), "{table}");
    assert_eq!(lab.search(&["brazil"])["total_matched"], 2);
}
