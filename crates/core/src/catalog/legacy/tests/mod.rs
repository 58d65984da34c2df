//! Whole databases in every older layout, converted and compared through the documented views.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use videocatalog_testkit::legacy::{FileRow, Layout, LegacyDb};

use super::super::open::{Access, Database, Journal, open, open_unchecked};
use super::super::store::Catalog;
use super::*;
use crate::clock::{TestClock, parse_utc, utc_text};
use crate::workdir::WorkingDir;

mod adoption;
mod browsing;
mod failures;
mod fixtures;
mod history;
mod merging;
mod reports;
mod shards;

/// 2026-01-01.
const NOW: i64 = 1_767_225_600_000_000;

fn clock() -> TestClock {
    TestClock::at(NOW)
}

/// Returns rows as text, columns joined by `|`, in order.
fn dump(connection: &Connection, sql: &str) -> Vec<String> {
    let mut select = connection.prepare(sql).unwrap();
    let columns = select.column_count();
    let mut lines: Vec<String> = select
        .query_map([], |row| {
            let cells: Vec<String> = (0..columns)
                .map(|column| match row.get_ref(column).unwrap() {
                    ValueRef::Null => "NULL".into(),
                    ValueRef::Integer(number) => number.to_string(),
                    ValueRef::Real(number) => number.to_string(),
                    ValueRef::Text(text) => String::from_utf8(text.to_vec()).unwrap(),
                    ValueRef::Blob(bytes) => {
                        format!("{} bytes {}", bytes.len(), blake3::hash(bytes))
                    }
                })
                .collect();
            Ok(cells.join("|"))
        })
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap();
    lines.sort();
    lines
}

/// A shard file of its own, converted.
struct Converted {
    folder: tempfile::TempDir,
    connection: Connection,
    conversion: Conversion,
}

/// Makes a shard by `write`, converts it as the drive `label` and checks what holds for every conversion.
fn convert(
    label: &str,
    mount: Option<&str>,
    layout: Layout,
    write: impl FnOnce(&LegacyDb),
) -> Converted {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Shard.db");
    let db = LegacyDb::create(&path, layout).unwrap();
    write(&db);
    drop(db);
    let facts = ShardFacts {
        label: label.into(),
        drive_uid: "uid".into(),
        mount_path: mount.map(|mount| mount.as_bytes().to_vec()),
        separator: None,
    };
    let conversion =
        convert_shard(&path, &facts, &folder.path().join("backups"), &clock()).unwrap();
    let backup = conversion.backup.clone().unwrap();
    assert!(
        backup
            .to_string_lossy()
            .ends_with("_premigration_Shard.db.bak")
    );
    assert!(matches!(
        convert_shard(&path, &facts, &folder.path().join("backups"), &clock()),
        Err(LegacyError::NotLegacy { .. })
    ));
    let connection = open(&path, Database::Shard, Access::Read, Journal::Wal).unwrap();
    check_sound(&connection);
    Converted {
        folder,
        connection,
        conversion,
    }
}

/// Checks what no conversion may leave behind.
fn check_sound(shard: &Connection) {
    assert_eq!(dump(shard, "PRAGMA integrity_check"), ["ok"]);
    assert!(dump(shard, "PRAGMA foreign_key_check").is_empty());
    assert!(
        dump(
            shard,
            "SELECT name FROM sqlite_master WHERE name LIKE 'older%' OR name LIKE 'idx_%'"
        )
        .is_empty()
    );
    for sql in [
        "SELECT id FROM entries WHERE first_change NOT IN (SELECT change_id FROM changes)
            OR change_id NOT IN (SELECT change_id FROM changes) OR first_change > change_id
            OR deleted_change NOT IN (SELECT change_id FROM changes) OR deleted_change > change_id",
        "SELECT file_id FROM hashes WHERE change_id NOT IN (SELECT change_id FROM changes) OR length(hash) <> 32",
        "SELECT a.change_id FROM changes a JOIN changes b ON b.change_id = a.change_id + 1 WHERE a.utc > b.utc",
        "SELECT 1 FROM root WHERE change_id <> (SELECT max(change_id) FROM changes)",
        "SELECT path FROM folders WHERE path <> '' AND parent_id IS NULL",
        "SELECT id FROM entries e WHERE (size_bytes IS NULL OR mtime_us IS NULL)
            AND NOT EXISTS(SELECT 1 FROM media WHERE file_id = e.id AND to_redo)",
    ] {
        assert!(dump(shard, sql).is_empty(), "{sql}");
    }
    assert_eq!(dump(shard, "SELECT count(*) FROM root"), ["1"]);
}

/// What the `files` view has to say of a row.
fn as_viewed(row: &FileRow) -> String {
    let or_null = |text: Option<String>| text.unwrap_or_else(|| "NULL".into());
    [
        row.path.clone(),
        or_null(row.size.map(|size| size.to_string())),
        or_null(row.mtime.as_deref().and_then(parse_utc).map(utc_text)),
        or_null(row.hash.clone().filter(|hash| hash.len() == 64)),
        or_null(
            row.media_json
                .clone()
                .filter(|json| !json.contains("non_av")),
        ),
        or_null(row.integrity_ok.map(|ok| ok.to_string())),
        i64::from(row.deleted).to_string(),
        or_null(row.deleted_ts.clone()),
    ]
    .join("|")
}

const AS_VIEWED: &str = "SELECT path, size_bytes, mtime_utc, hash_blake3, media_json, integrity_ok, deleted, deleted_ts FROM files";

/// Every database below `folder` and the hash of its bytes; copies aside.
fn fingerprints(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(fingerprints(&path));
        } else if path
            .extension()
            .is_some_and(|extension| extension == "db" || extension == "bak")
        {
            let hash = blake3::hash(&std::fs::read(&path).unwrap());
            all.insert(path, hash.to_hex().to_string());
        }
    }
    all
}

/// Opens the catalogue of a working directory, which takes over what is there.
fn open_catalog(workdir: &WorkingDir) -> (Catalog, Vec<String>) {
    std::fs::create_dir_all(workdir.shards()).unwrap();
    let mut notices = Vec::new();
    let catalog = Catalog::open(workdir, None, Journal::Wal, &clock(), &mut notices).unwrap();
    (catalog, notices)
}

/// The same, and checks that doing it again changes no byte of any database and says nothing that was not said.
fn adopt_all(workdir: &WorkingDir) -> (Catalog, Vec<String>) {
    let (first, notices) = open_catalog(workdir);
    drop(first);
    let before = fingerprints(workdir.root());
    let (second, again) = open_catalog(workdir);
    drop(second);
    assert_eq!(fingerprints(workdir.root()), before);
    for notice in &again {
        assert!(notice.contains("was left as it is"), "{notice}");
    }
    let (catalog, _) = open_catalog(workdir);
    for drive in catalog.drives().unwrap() {
        if let Ok(shard) = catalog.open_shard(&drive, Access::Read) {
            check_sound(&shard);
            let uid = dump(&shard, "SELECT drive_uid, drive_label FROM root");
            assert_eq!(uid, [format!("{}|{}", drive.drive_uid, drive.label)]);
        }
    }
    (catalog, notices)
}

/// Returns label and shard file of every drive.
fn drive_files(catalog: &Catalog) -> Vec<String> {
    dump(catalog.connection(), "SELECT label, shard_file FROM drives")
}

/// Returns the shard of a drive.
fn shard(catalog: &Catalog, label: &str) -> Connection {
    catalog
        .open_shard(&catalog.drive(label).unwrap(), Access::Read)
        .unwrap()
}
