//! `export`, `import` and the exports after `scan-drive`: what is printed, where files go, and exit codes.

use std::path::PathBuf;

use crate::lab::{Lab, json_lines};

/// The files in the folder for exports, by how their names end.
fn exports(lab: &Lab, extension: &str) -> Vec<PathBuf> {
    std::fs::read_dir(lab.home.join("exports"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|own| own == extension))
        .collect()
}

#[test]
fn files_go_where_they_are_told() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    for form in ["csv", "jsonl", "parquet"] {
        let said = lab.ok(&["export", form, "--label", "Test"]).stdout;
        assert!(said.starts_with("5 files, "), "{said}");
        let [path] = &exports(&lab, form)[..] else {
            panic!("{form}")
        };
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(
            name.starts_with("export_Test_20") && name.contains("Z."),
            "{name}"
        );
        assert!(said.contains(name), "{said}");
    }
    let answer = lab
        .ok(&["export", "csv", "out/", "--json", "--av-only"])
        .json();
    assert_eq!(answer["rows"], 3);
    let path = PathBuf::from(answer["path"].as_str().unwrap());
    assert!(path.is_file() && path.parent().unwrap().ends_with("out"));
    assert!(
        path.file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .starts_with("export_all_")
    );
    let answer = lab.ok(&["export", "catalog", "--json"]).json();
    assert!(
        answer["path"]
            .as_str()
            .unwrap()
            .contains("exports/catalog_")
    );
}

#[test]
fn a_pipe_gets_rows_and_nothing_else() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    let ran = lab.ok(&["export", "jsonl", "-"]);
    let rows = json_lines(&ran.stdout);
    assert_eq!(rows.len(), 5);
    assert_eq!(rows[0]["rel_path"], "Films/Amélie 1080p.mkv");
    assert!(ran.stderr.contains("5 files"), "{ran:?}");
    let ran = lab.ok(&["export", "csv", "-", "--since", "2020-09-14"]);
    assert_eq!(ran.stdout.lines().count(), 1, "{ran:?}");
}

#[test]
fn what_cannot_be_exported_says_why() {
    let lab = Lab::with_files();
    let said = lab.fails(2, &["export", "csv"]);
    assert!(said.contains("no drive to export"), "{said}");
    lab.scan(&[]);
    for (arguments, code, expected) in [
        (
            &["export", "csv", "--label", "Nobody"][..],
            2,
            "no drive `Nobody`",
        ),
        (&["export", "csv", "--since", "yesterday"], 2, "is no time"),
        (
            &["export", "csv", "--query", "sise:1"],
            2,
            "did you mean `size:`",
        ),
        (&["export", "parquet", "-"], 2, "standard output"),
        (&["export", "csv", "-", "--json"], 2, "standard output"),
        (
            &["export", "csv", "drive/notes.pdf/x.csv"],
            5,
            "hint: a part of that path",
        ),
        (
            &["export", "catalog", "drive/notes.pdf/x.db"],
            5,
            "hint: a part of that path",
        ),
    ] {
        let said = lab.fails(code, arguments);
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
    std::fs::write(lab.home.join("data/shards/Test.db"), b"damaged").unwrap();
    let said = lab.fails(5, &["export", "csv"]);
    assert!(
        said.contains("no drive could be exported") && said.contains("hint:"),
        "{said}"
    );
    assert_eq!(exports(&lab, "csv"), Vec::<PathBuf>::new());
}

#[test]
fn a_drive_that_is_missing_is_named_and_the_code_says_so() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    lab.ok(&["scan", "--label", "Second", "--mount", "drive/Films"]);
    std::fs::remove_file(lab.home.join("data/shards/Second.db")).unwrap();
    let ran = lab.run(&["export", "jsonl", "-"]);
    assert_eq!(ran.code, Some(5), "{ran:?}");
    assert_eq!(json_lines(&ran.stdout).len(), 5);
    assert!(
        ran.stderr.contains("`Second` is not in the export"),
        "{ran:?}"
    );
    assert!(ran.stderr.contains("1 of 2 drives"), "{ran:?}");
}

#[test]
fn exports_after_a_scan_with_the_older_flags() {
    let lab = Lab::with_files();
    let scan = ["scan-drive", "Test", "drive"];
    let with = |more: &[&'static str]| [&scan[..], more].concat();
    let said = lab.fails(2, &with(&["--export-csv", "--since", "soon"]));
    assert!(said.contains("--since"), "{said}");
    assert!(
        !lab.home.join("data/shards/Test.db").exists(),
        "before the scan"
    );
    let ran = lab.ok(&with(&[
        "--export-csv",
        "--export-jsonl",
        "out.jsonl",
        "--av-only",
    ]));
    assert!(ran.stdout.ends_with("duration: 00:00:00\n"), "{ran:?}");
    assert_eq!(exports(&lab, "csv").len(), 1);
    let text = std::fs::read_to_string(lab.base().join("out.jsonl")).unwrap();
    assert_eq!(json_lines(&text).len(), 3);
    let ran = lab.run(&with(&["--export-csv", "drive/notes.pdf/x.csv"]));
    assert_eq!(ran.code, Some(5), "{ran:?}");
    assert!(
        ran.stdout.contains("Done — total files: 5"),
        "the scan was done: {ran:?}"
    );
    lab.ok(&with(&[
        "--inventory-only",
        "--export-jsonl",
        "never.jsonl",
    ]));
    assert!(!lab.base().join("never.jsonl").exists());
}

#[test]
fn lists_are_imported_as_new_drives() {
    let lab = Lab::new();
    let list = lab.base().join("Disk7.efu");
    std::fs::write(
        &list,
        "Filename,Size,Date Modified,Date Created,Attributes\r\n\"D:\\Films\\Brazil.mkv\",7,132000000000000000,,32\r\nD:\\x,?,,,\r\n",
    )
    .unwrap();
    let ran = lab.ok(&["import", "Disk7.efu", "--label", "Disk 7"]);
    assert_eq!(
        ran.stdout,
        "1 files imported as `Disk 7`, root D:\\Films; 1 lines could not be used\n"
    );
    assert!(
        ran.stderr.contains("problem: line 3: Size is no number"),
        "{ran:?}"
    );
    let found = lab.search(&["brazil"]);
    assert_eq!(found["results"][0]["path"], "D:\\Films\\Brazil.mkv");
    let said = lab.fails(2, &["import", "Disk7.efu", "--label", "Disk 7"]);
    assert!(
        said.contains("hint: only new drives are imported"),
        "{said}"
    );
    let said = lab.fails(2, &["import", "drive", "--label", "X"]);
    assert!(said.contains("no regular file"), "{said}");
}
