use videocatalog_testkit::legacy::{FileRow, InventoryRow};

use super::*;

fn hash(digit: char) -> String {
    digit.to_string().repeat(64)
}

const FACTS: &str =
    "SELECT path, size_bytes, mtime_utc, hash_blake3, media_json, deleted FROM files";

#[test]
fn repeated_paths_keep_what_is_newest_and_known() {
    let done = convert("D", Some("/mnt/d"), Layout::EarliestWindow, |db| {
        let at = |path: &str, size, mtime: &str| FileRow {
            mtime: Some(mtime.into()),
            ..FileRow::new("D", path, size)
        };
        // Twice the same file: the second row lost its hash, the first never had a document.
        db.file(&FileRow {
            hash: Some(hash('a')),
            ..at("/mnt/d/1", 1, "2020-01-01T00:00:00Z")
        })
        .unwrap();
        db.file(&FileRow {
            media_json: Some("{\"media\":1}".into()),
            ..at("/mnt/d/1", 1, "2020-01-01T00:00:00Z")
        })
        .unwrap();
        // The newer one first.
        db.file(&FileRow {
            hash: Some(hash('b')),
            ..at("/mnt/d/2", 2, "2021-01-01T00:00:00Z")
        })
        .unwrap();
        db.file(&FileRow {
            hash: Some(hash('c')),
            ..at("/mnt/d/2", 3, "2020-01-01T00:00:00Z")
        })
        .unwrap();
        // A failure after a success, of another state of the file.
        db.file(&FileRow {
            media_json: Some("{\"media\":3}".into()),
            ..at("/mnt/d/3", 3, "2020-01-01T00:00:00Z")
        })
        .unwrap();
        db.file(&FileRow {
            media_json: Some("{\"error\":\"x\"}".into()),
            ..at("/mnt/d/3", 4, "2021-01-01T00:00:00Z")
        })
        .unwrap();
        // The hash is of what the file was.
        db.file(&FileRow {
            hash: Some(hash('d')),
            ..at("/mnt/d/4", 4, "2020-01-01T00:00:00Z")
        })
        .unwrap();
        db.file(&at("/mnt/d/4", 5, "2021-01-01T00:00:00Z")).unwrap();
    });
    assert_eq!(
        dump(&done.connection, FACTS),
        [
            format!(
                "/mnt/d/1|1|2020-01-01T00:00:00Z|{}|{{\"media\":1}}|0",
                "a".repeat(64)
            ),
            format!("/mnt/d/2|2|2021-01-01T00:00:00Z|{}|NULL|0", "b".repeat(64)),
            "/mnt/d/3|4|2021-01-01T00:00:00Z|NULL|{\"media\":3}|0".into(),
            "/mnt/d/4|5|2021-01-01T00:00:00Z|NULL|NULL|0".into(),
        ]
    );
    assert_eq!(
        dump(
            &done.connection,
            "SELECT lower(hex(hash)) FROM hashes WHERE stale"
        ),
        ["d".repeat(64)]
    );
    assert_eq!(
        dump(
            &done.connection,
            "SELECT path FROM files f JOIN media m ON m.file_id = f.id WHERE m.to_redo"
        ),
        ["/mnt/d/3"]
    );
    assert_eq!((done.conversion.merged_rows, done.conversion.files), (4, 4));
}

#[test]
fn a_file_that_is_there_outlives_one_that_is_not() {
    let done = convert("D", Some("E:\\"), Layout::DialectB, |db| {
        db.file(&FileRow {
            deleted: true,
            deleted_ts: Some("2022-01-01T00:00:00Z".into()),
            hash: Some(hash('a')),
            ..FileRow::new("D", "E:\\x.mp4", 1)
        })
        .unwrap();
        db.file(&FileRow::new("D", "F:\\x.mp4", 1)).unwrap();
    });
    assert_eq!(
        dump(&done.connection, FACTS),
        [format!(
            "E:\\x.mp4|1|2021-06-15T12:34:56Z|{}|NULL|0",
            "a".repeat(64)
        )]
    );
}

#[test]
fn a_file_and_its_inventory_are_one() {
    let done = convert("D", Some("/mnt/d"), Layout::DialectA, |db| {
        let gone = |path: &str, time: Option<&str>| FileRow {
            deleted: true,
            deleted_ts: time.map(String::from),
            ..FileRow::new("D", path, 1)
        };
        let seen = |path: &str, time: &str| InventoryRow {
            indexed: time.into(),
            ..InventoryRow::new("D", path, 1)
        };
        db.file(&FileRow {
            hash: Some(hash('a')),
            ..FileRow::new("D", "/mnt/d/same.bin", 1)
        })
        .unwrap();
        db.inventory(&seen("/mnt/d/same.bin", "2022-01-01T00:00:00Z"))
            .unwrap();
        // Missed, then seen again by the inventory; or seen before it was missed.
        db.file(&gone("/mnt/d/back", Some("2022-01-01T00:00:00Z")))
            .unwrap();
        db.inventory(&seen("/mnt/d/back", "2022-01-02T00:00:00Z"))
            .unwrap();
        db.file(&gone("/mnt/d/gone", Some("2022-01-03T00:00:00Z")))
            .unwrap();
        db.inventory(&seen("/mnt/d/gone", "2022-01-02T00:00:00Z"))
            .unwrap();
        db.file(&gone("/mnt/d/gone once", None)).unwrap();
        db.inventory(&seen("/mnt/d/gone once", "2022-01-02 00:00:00"))
            .unwrap();
        // The inventory saw a newer state.
        db.file(&FileRow {
            hash: Some(hash('b')),
            media_json: Some("{\"media\":1}".into()),
            ..FileRow::new("D", "/mnt/d/newer", 1)
        })
        .unwrap();
        db.inventory(&InventoryRow {
            size: 2,
            mtime: "2022-01-01T00:00:00Z".into(),
            ..InventoryRow::new("D", "/mnt/d/newer", 2)
        })
        .unwrap();
        // It knows what an error row does not.
        db.file(&FileRow {
            size: None,
            mtime: None,
            media_json: Some("{\"error\":\"x\"}".into()),
            ..FileRow::new("D", "/mnt/d/error", 0)
        })
        .unwrap();
        db.inventory(&InventoryRow::new("D", "/mnt/d/error", 7))
            .unwrap();
    });
    assert_eq!(
        dump(&done.connection, FACTS),
        [
            "/mnt/d/back|1|2021-06-15T12:34:56Z|NULL|NULL|0".to_owned(),
            "/mnt/d/error|7|2021-06-15T12:34:56Z|NULL|{\"error\":\"x\"}|0".into(),
            "/mnt/d/gone once|1|2021-06-15T12:34:56Z|NULL|NULL|1".into(),
            "/mnt/d/gone|1|2021-06-15T12:34:56Z|NULL|NULL|1".into(),
            "/mnt/d/newer|2|2022-01-01T00:00:00Z|NULL|{\"media\":1}|0".into(),
            format!(
                "/mnt/d/same.bin|1|2021-06-15T12:34:56Z|{}|NULL|0",
                "a".repeat(64)
            ),
        ]
    );
    assert_eq!(
        dump(
            &done.connection,
            "SELECT path, category, indexed_utc FROM inventory WHERE path LIKE '%same%'"
        ),
        ["/mnt/d/same.bin|video|2022-01-01T00:00:00Z"]
    );
    assert_eq!(
        dump(
            &done.connection,
            "SELECT path FROM files f JOIN media m ON m.file_id = f.id WHERE m.to_redo"
        ),
        ["/mnt/d/error", "/mnt/d/newer"]
    );
    assert_eq!(done.conversion.merged_rows, 0);
    assert_eq!(
        dump(
            &done.connection,
            "SELECT first_seen_utc, deleted_ts FROM files WHERE path LIKE '%/gone'"
        ),
        ["2022-01-02T00:00:00Z|2022-01-03T00:00:00Z"]
    );
}

#[test]
fn composed_and_decomposed_names_are_one_file() {
    let done = convert("D", Some("/mnt/d"), Layout::DialectA, |db| {
        db.add_enrichments().unwrap();
        // As the disk has it, then as the inventory wrote it.
        db.file(&FileRow {
            hash: Some(hash('a')),
            ..FileRow::new("D", "/mnt/d/e\u{301}te\u{301}/a.mp4", 1)
        })
        .unwrap();
        db.inventory(&InventoryRow::new("D", "/mnt/d/été/a.mp4", 1))
            .unwrap();
        db.enrich("/mnt/d/été/a.mp4").unwrap();
        // Both forms are on the disk.
        db.file(&FileRow::new("D", "/mnt/d/o\u{308}.mp4", 2))
            .unwrap();
        db.file(&FileRow::new("D", "/mnt/d/ö.mp4", 3)).unwrap();
        db.inventory(&InventoryRow::new("D", "/mnt/d/ö.mp4", 3))
            .unwrap();
        // Features were stored as the disk has it, of a file that only the inventory knows.
        db.inventory(&InventoryRow::new("D", "/mnt/d/ü.mp4", 4))
            .unwrap();
        db.enrich("/mnt/d/u\u{308}.mp4").unwrap();
    });
    assert_eq!(
        dump(&done.connection, "SELECT path, size_bytes FROM files"),
        [
            "/mnt/d/e\u{301}te\u{301}/a.mp4|1",
            "/mnt/d/o\u{308}.mp4|2",
            "/mnt/d/ö.mp4|3",
            "/mnt/d/ü.mp4|4",
        ]
    );
    assert_eq!(
        dump(&done.connection, "SELECT path FROM features"),
        ["/mnt/d/e\u{301}te\u{301}/a.mp4", "/mnt/d/ü.mp4"]
    );
    assert_eq!(
        dump(&done.connection, "SELECT path FROM folders"),
        ["", "e\u{301}te\u{301}"]
    );
}

#[test]
fn fingerprints_of_merged_paths_keep_the_newest() {
    let done = convert("D", Some("E:\\"), Layout::DialectB, |db| {
        db.add_enrichments().unwrap();
        for (path, version, time) in [
            ("E:\\x.mp4", "newer", "2023-01-01T00:00:00Z"),
            ("F:\\x.mp4", "older", "2022-01-01 00:00:00"),
        ] {
            db.file(&FileRow::new("D", path, 1)).unwrap();
            db.sql(&format!(
                "INSERT INTO video_fp_tmk VALUES('{path}', '{version}', 1.0, x'01', '{time}')"
            ))
            .unwrap();
        }
    });
    assert_eq!(
        dump(
            &done.connection,
            "SELECT path, tmk_version, updated_utc FROM video_fp_tmk"
        ),
        ["E:\\x.mp4|newer|2023-01-01T00:00:00Z"]
    );
}
