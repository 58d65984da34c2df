//! A drive that an older program catalogued is scanned again: nothing is taken for new or changed.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rusqlite::{Connection, params};
use videocatalog_core::clock::{system_time_us, utc_text};
use videocatalog_core::scan::{Mode, Refusal, ScanError};

use crate::lab::{Lab, set_mtime};

/// A shard as the window of the older program made it, with a hash for every file.
fn older_shard(lab: &Lab, files: &[&Path]) {
    let shards = lab.home.join("data/shards");
    std::fs::create_dir_all(&shards).unwrap();
    let shard = Connection::open(shards.join("Test.db")).unwrap();
    shard
        .execute_batch(
            "CREATE TABLE files(id INTEGER PRIMARY KEY, path TEXT NOT NULL, size_bytes INTEGER, is_av INTEGER,
               hash_blake3 TEXT, media_json TEXT, integrity_ok INTEGER, mtime_utc TEXT, deleted INTEGER DEFAULT 0,
               deleted_ts TEXT);
             CREATE UNIQUE INDEX uq_files_path ON files(path);
             CREATE TABLE scan_state(key TEXT PRIMARY KEY, value TEXT);",
        )
        .unwrap();
    for file in files {
        let facts = std::fs::metadata(file).unwrap();
        let composed: String =
            unicode_normalization::UnicodeNormalization::nfc(file.to_str().unwrap()).collect();
        shard
            .execute(
                "INSERT INTO files(path, size_bytes, is_av, hash_blake3, mtime_utc) VALUES(?1, ?2, 1, ?3, ?4)",
                params![
                    composed,
                    i64::try_from(facts.len()).unwrap(),
                    "ab".repeat(32),
                    utc_text(system_time_us(facts.modified().unwrap()))
                ],
            )
            .unwrap();
    }
    let catalog = Connection::open(lab.home.join("data/catalog.db")).unwrap();
    catalog
        .execute_batch(
            "CREATE TABLE drives(id INTEGER PRIMARY KEY, label TEXT NOT NULL, mount_path TEXT NOT NULL, notes TEXT);",
        )
        .unwrap();
    let mount = std::fs::canonicalize(&lab.drive).unwrap();
    catalog
        .execute(
            "INSERT INTO drives(label, mount_path, notes) VALUES('Test', ?1, 'top shelf')",
            [mount.to_str().unwrap()],
        )
        .unwrap();
}

fn library(lab: &Lab) -> Vec<std::path::PathBuf> {
    let names = [
        "Films/a.mkv",
        "Films/E\u{301}te\u{301}/b\u{301}.mkv",
        "c.mp3",
        "deep/er/d.avi",
    ];
    let mount = std::fs::canonicalize(&lab.drive).unwrap();
    names
        .iter()
        .map(|name| {
            lab.file(name, name.as_bytes());
            mount.join(name)
        })
        .collect()
}

#[test]
fn whole_seconds_and_composed_names_are_no_changes() {
    let lab = Lab::new();
    let files = library(&lab);
    older_shard(
        &lab,
        &files
            .iter()
            .map(std::path::PathBuf::as_path)
            .collect::<Vec<_>>(),
    );
    let ids: Vec<i64> = (1..=4).collect();
    let summary = lab.scan(Mode::Delta);
    assert_eq!(
        (
            summary.unchanged,
            summary.new,
            summary.changed,
            summary.deleted
        ),
        (4, 0, 0, 0)
    );
    assert_eq!(summary.hashed_files, 0, "older hashes are kept");
    let shard = lab.shard();
    let mut select = shard
        .prepare("SELECT id, path, hash_origin FROM files ORDER BY id")
        .unwrap();
    let rows: Vec<(i64, String, String)> = select
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), ids);
    let mut paths: Vec<&[u8]> = rows.iter().map(|row| row.1.as_bytes()).collect();
    let mut expected: Vec<&[u8]> = files
        .iter()
        .map(|file| file.as_os_str().as_bytes())
        .collect();
    paths.sort_unstable();
    expected.sort_unstable();
    assert_eq!(paths, expected, "names are as the disk has them now");
    assert!(rows.iter().all(|row| row.2 == "legacy"));
    assert_eq!(
        lab.catalog().drive("Test").unwrap().notes.as_deref(),
        Some("top shelf")
    );
    // From now on the fraction of the second counts.
    set_mtime(&files[0], 1_600_000_000_999_999);
    let summary = lab.scan(Mode::Delta);
    assert_eq!((summary.changed, summary.hashed_files), (1, 1));
    // And trusting nothing replaces every older hash.
    assert_eq!(lab.scan(Mode::Full).silently_changed, 0);
    assert_eq!(
        lab.number("SELECT count(*) FROM files WHERE hash_origin = 'ours'"),
        4
    );
}

#[test]
fn an_older_drive_is_adopted_only_if_its_files_are_there() {
    let lab = Lab::new();
    let files = library(&lab);
    older_shard(
        &lab,
        &files
            .iter()
            .map(std::path::PathBuf::as_path)
            .collect::<Vec<_>>(),
    );
    for file in &files {
        std::fs::remove_file(file).unwrap();
    }
    let error = lab.try_scan(&lab.request(Mode::Delta)).unwrap_err();
    assert!(
        matches!(error, ScanError::Refused(Refusal::Empty { known: 4, .. })),
        "{error}"
    );
    assert_eq!(lab.catalog().drive("Test").unwrap().volume_id, None);
}
