//! Exit codes of commands that cannot do what is asked.

use rusqlite::Connection;

use crate::lab::{Lab, finish};

#[test]
fn wrong_input_is_2() {
    let lab = Lab::with_files();
    let scan = |more: &[&str]| lab.fails(2, &lab.scan_arguments(more));
    assert!(scan(&["--skip-glob", "[a"]).contains("is not a glob pattern"));
    assert!(scan(&["--perf-profile", "FLOPPY"]).contains("AUTO, SSD, HDD, USB, NETWORK"));
    assert!(scan(&["--no-such-flag"]).contains("--no-such-flag"));
    assert!(scan(&["--full-rescan", "--inventory-only"]).contains("cannot be used with"));
    assert!(scan(&["--batch-seconds", "inf"]).contains("no number of seconds"));
    let said = lab.fails(2, &["scan", "--label", "L", "--mount", "not there"]);
    assert!(
        said.contains("not there") && said.contains("hint: "),
        "{said}"
    );
    let file = lab.file("file", b"a file");
    lab.fails(
        2,
        &["scan", "--label", "L", "--mount", file.to_str().unwrap()],
    );
    for label in ["", " ", "two\nlines", &"x".repeat(300)] {
        let said = lab.fails(2, &["scan", "--label", label, "--mount", "drive"]);
        assert!(said.starts_with("error: "), "`{label}`: {said}");
    }
    assert!(
        lab.fails(2, &["scan", "--label", "Never seen"])
            .starts_with("error: ")
    );
    assert!(lab.fails(2, &["frobnicate"]).contains("frobnicate"));
    assert_eq!(
        lab.ok(&["drives", "--json"]).stdout.trim(),
        "[]",
        "nothing was noted"
    );
}

#[test]
fn odd_labels_are_labels() {
    for label in ["..", "a/b", "C:", "CON", "été 影片", &"x".repeat(255)] {
        let lab = Lab::with_files();
        lab.ok(&["scan", "--label", label, "--mount", "drive"]);
        assert_eq!(
            lab.search(&["brazil", "--label", label])["total_matched"],
            1,
            "{label}"
        );
        let shards = std::fs::read_dir(lab.home.join("data/shards")).unwrap();
        assert!(
            shards.count() > 0,
            "{label}: the shard lies where shards lie"
        );
    }
}

#[test]
fn a_working_directory_that_cannot_be_is_4() {
    let lab = Lab::with_files();
    std::fs::write(&lab.home, "a file").unwrap();
    for command in ["drives", "jobs", "search", "settings"] {
        let mut arguments = vec![command];
        arguments.extend((command == "settings").then_some("show"));
        let said = lab.fails(4, &arguments);
        assert!(
            said.starts_with("error: ") && said.contains("hint: "),
            "{said}"
        );
    }
    lab.fails(4, &lab.scan_arguments(&[]));
}

#[test]
fn a_newer_schema_is_4_and_left_alone() {
    for database in ["data/catalog.db", "data/shards/Test.db"] {
        let lab = Lab::with_files();
        lab.scan(&[]);
        let path = lab.home.join(database);
        let connection = Connection::open(&path).unwrap();
        connection
            .pragma_update(None, "user_version", 9_999)
            .unwrap();
        drop(connection);
        let said = lab.fails(4, &lab.scan_arguments(&[]));
        assert!(
            said.contains("9999") && said.contains("newer"),
            "{database}: {said}"
        );
        let version: u32 = Connection::open(&path)
            .unwrap()
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .unwrap();
        assert_eq!(version, 9_999);
    }
}

#[test]
fn databases_that_are_none_are_4() {
    for (database, content) in [
        ("data/catalog.db", &b"this is no database, but it is longer than a header would be ..............................."[..]),
        ("data/shards/Test.db", b"neither is this; it is longer than a header would be as well ..............................."),
    ] {
        let lab = Lab::with_files();
        lab.scan(&[]);
        let path = lab.home.join(database);
        for suffix in ["-wal", "-shm"] {
            let _absent = std::fs::remove_file(format!("{}{suffix}", path.display()));
        }
        std::fs::write(&path, content).unwrap();
        let said = lab.fails(4, &lab.scan_arguments(&[]));
        assert!(said.contains("error: ") && said.contains("hint: "), "{said}");
        assert_eq!(std::fs::read(&path).unwrap(), content, "kept as it was");
    }
}

#[test]
fn a_mount_with_nothing_in_it_is_7() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    std::fs::remove_dir_all(&lab.drive).unwrap();
    std::fs::create_dir(&lab.drive).unwrap();
    let said = lab.fails(7, &lab.scan_arguments(&[]));
    assert!(
        said.contains("is empty") && said.contains("--accept-missing"),
        "{said}"
    );
    assert_eq!(lab.search(&[])["total_matched"], 5, "nothing was marked");
    assert_eq!(
        lab.scan(&["--json", "--accept-missing"]).json()["deleted"],
        5
    );
    assert_eq!(lab.search(&[])["total_matched"], 0);
}

#[test]
fn another_folder_under_a_known_label_is_7() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    let other = lab.base().join("other");
    crate::lab::write(&other, "a.mkv", b"a");
    // A disk that the system can identify is told by that, any other by its files.
    let said = lab.fails(7, &["scan", "--label", "Test", "--mount", "other"]);
    assert!(
        said.contains("drives set Test --root") || said.contains("--accept-missing"),
        "{said}"
    );
    let drive = lab.ok(&["drives", "--json", "show", "Test"]).json();
    if drive["volume_tier"] == "strong" {
        let said = lab.fails(7, &["scan", "--label", "Again", "--mount", "drive"]);
        assert!(said.contains("--label Test"), "{said}");
    }
}

#[test]
fn a_drive_that_is_nowhere_is_told_apart_from_an_unknown_one() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    std::fs::rename(&lab.drive, lab.base().join("away")).unwrap();
    let ran = lab.run(&["scan", "--label", "Test"]);
    assert!(matches!(ran.code, Some(2 | 7)), "{ran:?}");
    assert_eq!(lab.search(&["brazil"])["total_matched"], 1);
}

#[test]
fn help_version_completions_and_manual_pages_are_0() {
    let lab = Lab::new();
    assert!(lab.ok(&["--help"]).stdout.contains("Usage: videocatalog"));
    assert!(lab.ok(&["scan", "--help"]).stdout.contains("--full-rescan"));
    let version = format!("videocatalog {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(lab.ok(&["--version"]).stdout, version);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(
            lab.ok(&["completions", shell])
                .stdout
                .contains("videocatalog")
        );
    }
    lab.ok(&["man", "pages"]);
    assert!(lab.base().join("pages/videocatalog-scan.1").exists());
    assert!(
        !lab.home.exists(),
        "none of these needs a working directory"
    );
}

#[test]
fn the_variable_names_the_working_directory_too() {
    let lab = Lab::with_files();
    let mut command = lab.program(std::path::Path::new(env!("CARGO_BIN_EXE_videocatalog")));
    command
        .env("VIDEOCATALOG_HOME", &lab.home)
        .args(["scan", "--label", "Test", "--mount", "drive"]);
    let ran = finish(command);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(lab.home.join("data/catalog.db").exists());
}
