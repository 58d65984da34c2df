//! Lists become drives: what was exported comes back, and what cannot be used is told and leaves nothing.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde_json::Value;
use videocatalog_core::cancel::CancelToken;
use videocatalog_core::catalog::Access;
use videocatalog_core::catalog::export::Wanted;
use videocatalog_core::catalog::store::StoreError;
use videocatalog_core::export::{Format, Request as Export};
use videocatalog_core::import::{self, ImportError, LineProblem, Request, Summary};
use videocatalog_core::scan::Mode;

use crate::export::{exported, hostile_lab, json_rows};
use crate::lab::Lab;

fn try_import(lab: &Lab, request: &Request) -> (Result<Summary, ImportError>, Vec<LineProblem>) {
    let mut problems = Vec::new();
    let done = import::run(
        &lab.catalog(),
        request,
        lab.clock.as_ref(),
        &CancelToken::new(),
        &mut |_| (),
        &mut |problem| problems.push(problem.clone()),
    );
    (done, problems)
}

fn list(lab: &Lab, content: impl AsRef<[u8]>) -> Request {
    let file = lab.drive.with_file_name("list");
    std::fs::write(&file, content).unwrap();
    Request {
        file,
        label: "New".into(),
        ..Request::default()
    }
}

/// The paths and sizes of a drive, as the documented view has them.
fn files(lab: &Lab, label: &str) -> Vec<(String, Option<i64>)> {
    let catalog = lab.catalog();
    let drive = catalog.drive(label).unwrap();
    let shard = catalog.open_shard(&drive, Access::Read).unwrap();
    let mut select = shard
        .prepare("SELECT path, size_bytes FROM files ORDER BY path")
        .unwrap();
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.unwrap().collect::<rusqlite::Result<_>>().unwrap()
}

fn shards(lab: &Lab) -> Vec<PathBuf> {
    let folder = lab.home.join("data/shards");
    let mut names: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| !path.to_string_lossy().contains(".lock"))
        .collect();
    names.sort();
    names
}

/// Everything but what says when and where it was entered.
fn comparable(rows: Vec<Value>, without: &[&str]) -> Vec<Value> {
    rows.into_iter()
        .map(|mut row| {
            let object = row.as_object_mut().unwrap();
            for key in ["drive_label", "first_seen_utc", "updated_utc"]
                .iter()
                .chain(without)
            {
                object.remove(*key);
            }
            row
        })
        .collect()
}

fn everything(format: Format) -> Export<'static> {
    Export {
        wanted: Wanted {
            include_deleted: true,
            ..Wanted::default()
        },
        ..Export::new(format)
    }
}

#[test]
fn what_was_exported_comes_back() {
    let lab = hostile_lab();
    lab.shard()
        .execute_batch(
            "INSERT OR REPLACE INTO media(file_id, source, video_codec, width, height, audio_codec, audio_streams,
                                          video_streams, duration_s, integrity_ok)
             SELECT id, 'native', 'hevc', 1920, 1080, 'ac3', 2, 1, 61.5, 0 FROM entries WHERE name = 'plain.mkv';
             UPDATE entries SET deleted_change = change_id WHERE name = 'back\\slash.mkv';
             UPDATE hashes SET legacy = 1 WHERE file_id = 2;",
        )
        .unwrap();
    let bytes = exported(&lab, &everything(Format::Jsonl));
    let before = comparable(json_rows(&bytes), &[]);
    let (done, problems) = try_import(&lab, &list(&lab, &bytes));
    assert_eq!(problems, []);
    assert_eq!(done.unwrap().files, before.len() as u64);
    let both = json_rows(&exported(&lab, &everything(Format::Jsonl)));
    let new: Vec<Value> = both
        .into_iter()
        .filter(|row| row["drive_label"] == "New")
        .collect();
    assert_eq!(comparable(new, &[]), before);
}

#[test]
fn a_csv_comes_back_too_but_its_hashes_are_not_trusted() {
    let lab = Lab::new();
    lab.file("Films/a, b.mkv", b"x");
    lab.file("Films/été.mp4", b"y");
    lab.scan(Mode::Delta);
    let bytes = exported(&lab, &everything(Format::Csv));
    let before = json_rows(&exported(&lab, &everything(Format::Jsonl)));
    for (label, trust_hashes, origin) in [("Doubted", false, "legacy"), ("Trusted", true, "ours")] {
        let request = Request {
            label: label.into(),
            trust_hashes,
            root: Some(
                before[0]["path"]
                    .as_str()
                    .unwrap()
                    .split("/Films")
                    .next()
                    .unwrap()
                    .into(),
            ),
            ..list(&lab, &bytes)
        };
        let (done, problems) = try_import(&lab, &request);
        assert_eq!((done.unwrap().files, problems), (2, vec![]));
        let rows: Vec<Value> = json_rows(&exported(&lab, &everything(Format::Jsonl)))
            .into_iter()
            .filter(|row| row["drive_label"] == label)
            .collect();
        assert_eq!(rows[0]["hash_origin"], origin);
        assert_eq!(
            comparable(rows, &["hash_origin"]),
            comparable(before.clone(), &["hash_origin"])
        );
    }
}

#[test]
fn a_scan_goes_on_where_an_import_left() {
    let lab = Lab::new();
    for number in 0..20 {
        lab.file(&format!("{}/{number}.mkv", number % 3), b"x");
    }
    let mut text = "drive_label,path,size_bytes,mtime_utc\r\n".to_owned();
    let root = std::fs::canonicalize(&lab.drive).unwrap();
    for number in 0..20 {
        let path = format!("{}/{}/{number}.mkv", root.display(), number % 3);
        text.extend(["Old,", &path, ",1,2020-09-13T12:26:40Z\r\n"]);
    }
    let request = Request {
        label: "Test".into(),
        ..list(&lab, text)
    };
    let (done, _) = try_import(&lab, &request);
    assert_eq!(done.unwrap().root, root.as_os_str().as_encoded_bytes());
    let summary = lab.scan(Mode::Inventory);
    assert_eq!(
        (summary.unchanged, summary.new, summary.changed),
        (20, 0, 0)
    );
}

#[test]
fn lists_of_everything() {
    let lab = Lab::new();
    let text = "\u{feff}Filename,Size,Date Modified,Date Created,Attributes\r\n\
        \"C:\\Films\",,132000000000000000,,16\r\n\
        \"C:\\Films\\a, b.mkv\",123,132000000000000000,132000000000000000,32\r\n\
        \"c:\\films\\Sub\\é.mp4\",5,132000000000000001,,32\r\n\
        \"C:\\Films\\..\\x.mp4\",5,0,,32\r\n\
        \"C:\\Films\\broken.mkv\",much,0,,32\r\n\
        ,1,0,,32\r\n\
        \"C:\\Films\\a, b.mkv\",123,132000000000000000,,32\r\n";
    let (done, problems) = try_import(&lab, &list(&lab, text));
    let summary = done.unwrap();
    assert_eq!(
        (summary.files, summary.folders, summary.problems),
        (2, 1, 4)
    );
    let lines: Vec<u64> = problems.iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [5, 6, 7, 8], "{problems:?}");
    assert_eq!(
        files(&lab, "New"),
        [
            ("C:\\Films\\Sub\\é.mp4".to_owned(), Some(5)),
            ("C:\\Films\\a, b.mkv".to_owned(), Some(123)),
        ]
    );
    let catalog = lab.catalog();
    let drive = catalog.drive("New").unwrap();
    let shard = catalog.open_shard(&drive, Access::Read).unwrap();
    let times: (i64, bool) = shard
        .query_row(
            "SELECT max(mtime_us), max(mtime_whole) FROM entries",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    assert_eq!(times, (1_555_526_400_000_000, false));
    assert_eq!(
        catalog.jobs(Some("New")).unwrap()[0].mode.as_deref(),
        Some("import")
    );
}

#[test]
fn shares_and_roots_that_are_named() {
    let lab = Lab::new();
    let text = "Filename,Size\r\n\\\\nas\\media\\a\\1.mkv,1\r\n\\\\NAS\\Media\\b\\2.mkv,2\r\nD:\\3.mkv,3\r\n";
    let (done, _) = try_import(&lab, &list(&lab, text));
    let error = done.unwrap_err();
    assert!(matches!(error, ImportError::SeveralRoots { .. }), "{error}");
    assert!(error.hint().contains("--root"), "{}", error.hint());
    let request = Request {
        root: Some(b"\\\\nas\\media\\".to_vec()),
        ..list(&lab, text)
    };
    let (done, problems) = try_import(&lab, &request);
    assert_eq!(done.unwrap().files, 2);
    assert_eq!((problems.len(), problems[0].line), (1, 4));
    assert!(
        problems[0].reason.contains("outside the root"),
        "{problems:?}"
    );
    assert_eq!(files(&lab, "New")[0].0, "\\\\nas\\media\\a\\1.mkv");
}

#[test]
fn an_export_of_several_drives_is_imported_one_by_one() {
    let lab = Lab::new();
    let text = "drive_label,path,size_bytes\r\nA,/mnt/a/1.mkv,1\r\nB,/mnt/b/2.mkv,2\r\n";
    let (done, _) = try_import(&lab, &list(&lab, text));
    let error = done.unwrap_err();
    assert!(error.to_string().contains("A, B"), "{error}");
    let request = Request {
        from: Some("B".into()),
        ..list(&lab, text)
    };
    let (done, _) = try_import(&lab, &request);
    let summary = done.unwrap();
    assert_eq!((summary.files, summary.left_out), (1, 1));
    assert_eq!(summary.root, b"/mnt/b");
}

#[test]
fn what_cannot_be_imported_leaves_nothing() {
    let lab = Lab::new();
    lab.file("a.mkv", b"x");
    lab.scan(Mode::Delta);
    let before = shards(&lab);
    let unclosed = [
        b"Filename,Size\r\nC:\\a.mkv,1\r\n\"C:\\b.mkv".to_vec(),
        b"x".repeat(3_000_000),
    ]
    .concat();
    for (content, expected) in [
        (b"".to_vec(), "no columns that are known"),
        (b"a,b,c\r\n1,2,3\r\n".to_vec(), "no columns that are known"),
        (b"\xff\xfeF\0i\0l\0e\0".to_vec(), "UTF-16"),
        (b"Filename,Size\r\n".to_vec(), "no files"),
        (b"Filename,Size\r\n,1\r\n".to_vec(), "no files"),
        (unclosed, "does not end within"),
        (
            [b"{\"path\":\"/a/b\"}\n".to_vec(), b"{".repeat(2_000_000)].concat(),
            "does not end within",
        ),
    ] {
        let (done, _) = try_import(&lab, &list(&lab, &content));
        let error = done.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(shards(&lab), before, "{expected}");
        assert_eq!(lab.catalog().drives().unwrap().len(), 1);
    }
    let request = Request {
        label: "Test".into(),
        ..list(&lab, "Filename\r\nC:\\a.mkv\r\n")
    };
    let (done, _) = try_import(&lab, &request);
    assert!(
        matches!(done, Err(ImportError::Store(StoreError::LabelTaken { .. }))),
        "{done:?}"
    );
    let missing = Request {
        file: Path::new("/nowhere/list.efu").into(),
        label: "New".into(),
        ..Request::default()
    };
    assert!(matches!(
        try_import(&lab, &missing).0,
        Err(ImportError::Read { .. })
    ));
}

#[test]
fn an_import_that_is_stopped_leaves_nothing_and_can_be_run_again() {
    let lab = Lab::new();
    let mut text = "Filename,Size\r\n".to_owned();
    for number in 0..2_000 {
        text.push_str(
            &[
                "C:\\",
                &(number % 7).to_string(),
                "\\",
                &number.to_string(),
                ".mkv,1\r\n",
            ]
            .concat(),
        );
    }
    let request = list(&lab, text);
    let cancel = CancelToken::new();
    let stopped = import::run(
        &lab.catalog(),
        &request,
        lab.clock.as_ref(),
        &cancel,
        &mut |_| cancel.cancel(),
        &mut |_| (),
    );
    assert!(matches!(stopped, Err(ImportError::Cancelled)));
    assert_eq!(shards(&lab), Vec::<PathBuf>::new());
    // What a killed one leaves is no obstacle either.
    std::fs::write(lab.home.join("data/shards/New.db.importing"), "half").unwrap();
    let (done, _) = try_import(&lab, &request);
    assert_eq!(done.unwrap().files, 2_000);
    assert_eq!(shards(&lab).len(), 1);
    let shard = Connection::open(&shards(&lab)[0]).unwrap();
    let check: String = shard
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(check, "ok");
}
