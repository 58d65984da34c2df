use videocatalog_testkit::legacy::{FileRow, InventoryRow, sample_files};

use super::*;

fn viewed(rows: &[FileRow]) -> Vec<String> {
    let mut lines: Vec<String> = rows.iter().map(as_viewed).collect();
    lines.sort();
    lines
}

type Prepare = fn(&LegacyDb);

#[test]
fn every_dialect_is_kept_row_by_row() {
    let rows = sample_files("D", "/mnt/d", '/');
    let undeletable: Vec<FileRow> = rows
        .iter()
        .map(|row| FileRow {
            deleted: false,
            deleted_ts: None,
            ..row.clone()
        })
        .collect();
    let a_drive: Prepare = |db| db.drive("D", "/mnt/d", "2022-01-01 00:00:00").unwrap();
    let cases: [(&str, Layout, Prepare, bool); 7] = [
        ("A", Layout::DialectA, a_drive, true),
        (
            "A, then a window",
            Layout::DialectA,
            |db| db.add_is_av().unwrap(),
            true,
        ),
        (
            "A, searched",
            Layout::DialectA,
            |db| db.add_inventory_names().unwrap(),
            true,
        ),
        ("B", Layout::DialectB, |_| (), true),
        (
            "B, then an inventory",
            Layout::DialectB,
            |db| db.add_half_made_drives().unwrap(),
            true,
        ),
        ("middle window", Layout::MiddleWindow, |_| (), false),
        ("earliest window", Layout::EarliestWindow, |_| (), false),
    ];
    for (name, layout, prepare, knows_deletion) in cases {
        let done = convert("D", Some("/mnt/d/"), layout, |db| {
            prepare(db);
            for row in &rows {
                db.file(row).unwrap();
            }
        });
        let expected = if knows_deletion { &rows } else { &undeletable };
        assert_eq!(
            dump(&done.connection, AS_VIEWED),
            viewed(expected),
            "{name}"
        );
        let there = expected.iter().filter(|row| !row.deleted).count();
        check_samples(name, &done, there);
        drop(done.folder);
    }
}

/// Checks what the views say of the sample rows besides the rows themselves.
fn check_samples(name: &str, done: &Converted, there: usize) {
    let conversion = &done.conversion;
    assert_eq!(
        (
            conversion.files,
            conversion.folders,
            conversion.hashes,
            conversion.media
        ),
        (8, 3, 1, 2),
        "{name}"
    );
    assert_eq!(
        (conversion.redo, conversion.dropped_hashes),
        (2, 1),
        "{name}"
    );
    assert_eq!(
        dump(
            &done.connection,
            "SELECT drive_label, mount_path, separator, legacy_names, drive_uid FROM root"
        ),
        ["D|/mnt/d|/|1|uid"],
        "{name}"
    );
    assert_eq!(
        dump(&done.connection, "SELECT path FROM inventory").len(),
        there
    );
    assert_eq!(
        dump(
            &done.connection,
            "SELECT name, ext, category FROM inventory WHERE path LIKE '%code%'"
        ),
        ["ünïcode 影片.mp4|mp4|video"]
    );
    assert_eq!(
        dump(
            &done.connection,
            "SELECT DISTINCT hash_origin, legacy FROM files JOIN hashes ON file_id = id"
        ),
        ["legacy|1"]
    );
    assert_eq!(
        dump(&done.connection, "SELECT DISTINCT mtime_whole FROM entries"),
        ["1"]
    );
    // Rows without a time of their own were first seen now.
    assert_eq!(
        dump(
            &done.connection,
            "SELECT first_seen_utc, updated_utc FROM files WHERE size_bytes = 10"
        ),
        ["2026-01-01T00:00:00Z|2026-01-01T00:00:00Z"]
    );
}

#[test]
fn inventories_are_kept_row_by_row() {
    let done = convert("D", None, Layout::DialectA, |db| {
        db.drive("D", "/mnt/d", "2022-01-01 00:00:00").unwrap();
        db.add_inventory_names().unwrap();
        for (path, ext, mime, category, drive_type) in [
            (
                "/mnt/d/a.mp4",
                Some("mp4"),
                Some("video/mp4"),
                Some("video"),
                Some("USB"),
            ),
            ("/mnt/d/x/none", None, None, Some("other"), Some("USB")),
            ("/mnt/d/x/odd.mp4", Some("mp4"), None, Some("thing"), None),
            ("/mnt/d/x/open.mkv", None, None, None, Some("HDD 3.5")),
        ] {
            db.inventory(&InventoryRow {
                ext: ext.map(String::from),
                mime: mime.map(String::from),
                category: category.map(String::from),
                drive_type: drive_type.map(String::from),
                ..InventoryRow::new("D", path, 5)
            })
            .unwrap();
        }
    });
    assert_eq!(
        dump(
            &done.connection,
            "SELECT path, size_bytes, mtime_utc, ext, mime, category, drive_label, drive_type, indexed_utc, name FROM inventory"
        ),
        [
            "/mnt/d/a.mp4|5|2021-06-15T12:34:56Z|mp4|video/mp4|video|D|USB|2022-01-02T03:04:05Z|a.mp4",
            "/mnt/d/x/none|5|2021-06-15T12:34:56Z|NULL|NULL|other|D|USB|2022-01-02T03:04:05Z|none",
            "/mnt/d/x/odd.mp4|5|2021-06-15T12:34:56Z|mp4|NULL|other|D|USB|2022-01-02T03:04:05Z|odd.mp4",
            "/mnt/d/x/open.mkv|5|2021-06-15T12:34:56Z|mkv|video/x-matroska|video|D|USB|2022-01-02T03:04:05Z|open.mkv",
        ]
    );
    assert_eq!(
        dump(
            &done.connection,
            "SELECT label, mount_path, total_bytes, free_bytes, smart_scan, scanned_at FROM drives"
        ),
        [r#"D|/mnt/d|1000|400|{"scan": "", "details": []}|2022-01-01T00:00:00Z"#]
    );
    assert_eq!(done.conversion.redo, 0);
}

#[test]
fn enrichments_are_kept_row_by_row() {
    const SQL: [(&str, &str); 9] = [
        ("features", "path, kind, vec, dim, frames_used, updated_utc"),
        (
            "video_fp_tmk",
            "path, tmk_version, duration_seconds, sig_bytes, updated_utc",
        ),
        (
            "audio_fp_chroma",
            "path, chroma_version, duration_seconds, fp, updated_utc",
        ),
        ("video_vhash", "path, vhash64, updated_utc"),
        ("transcripts", "path, content"),
        ("transcript_meta", "path, updated_utc, language"),
        ("captions", "path, content"),
        ("caption_meta", "path, updated_utc, model"),
        (
            "duplicate_candidates",
            "path_a, path_b, score, reason, created_utc",
        ),
    ];
    let mut before = Vec::new();
    let done = convert("D", Some("/mnt/d"), Layout::DialectB, |db| {
        db.add_enrichments().unwrap();
        for path in ["/mnt/d/a.mp4", "/mnt/d/x/b.mp4"] {
            db.file(&FileRow::new("D", path, 1)).unwrap();
            db.enrich(path).unwrap();
        }
        // Nothing speaks of this file but what was found in it.
        db.enrich("/mnt/d/y/unknown.mp4").unwrap();
        db.sql("INSERT INTO duplicate_candidates VALUES('a', 'b', 0.9, 'video', '2023-04-05T06:07:08Z')").unwrap();
    })
    .into_compared(&SQL, &mut before);
    assert_eq!(before.len(), SQL.len());
    let conversion = &done.conversion;
    assert_eq!(
        (
            conversion.features,
            conversion.fingerprints,
            conversion.transcripts,
            conversion.captions
        ),
        (3, 9, 3, 3)
    );
    assert_eq!(
        (conversion.files, conversion.known_by_name, conversion.redo),
        (3, 1, 1)
    );
    assert_eq!(
        dump(
            &done.connection,
            "SELECT path, size_bytes, mtime_utc, deleted FROM files WHERE path LIKE '%unknown%'"
        ),
        ["/mnt/d/y/unknown.mp4|NULL|NULL|0"]
    );
}

impl Converted {
    /// Compares tables of the backup with the views of the same names.
    fn into_compared(self, tables: &[(&str, &str)], seen: &mut Vec<String>) -> Self {
        let backup = self.conversion.backup.as_deref().unwrap();
        let before = open_unchecked(backup, Access::Read).unwrap();
        for (table, columns) in tables {
            let sql = format!("SELECT {columns} FROM {table}");
            assert_eq!(dump(&self.connection, &sql), dump(&before, &sql), "{table}");
            seen.push((*table).into());
        }
        self
    }
}

#[test]
fn what_was_never_finished_is_done_again() {
    let done = convert("D", Some("/mnt/d"), Layout::DialectB, |db| {
        db.add_enrichments().unwrap();
        db.file(&FileRow::new("D", "/mnt/d/a.mp4", 1)).unwrap();
        db.sql(
            "INSERT INTO video_fp_tmk VALUES('/mnt/d/a.mp4', 'tmk', 1.0, zeroblob(100), '2023-04-05T06:07:08Z');
             INSERT INTO features VALUES('/mnt/d/a.mp4', 'audio', x'00', 1, 1, '2023-04-05T06:07:08Z');
             INSERT INTO features VALUES('', 'video', x'00', 1, 1, '2023-04-05T06:07:08Z');
             INSERT INTO files(path) VALUES('')",
        )
        .unwrap();
    });
    let conversion = &done.conversion;
    assert_eq!(
        (
            conversion.redo,
            conversion.dropped_features,
            conversion.dropped_rows,
            conversion.files
        ),
        (1, 1, 1, 1)
    );
    assert_eq!((conversion.fingerprints, conversion.features), (0, 0));
}

#[test]
fn an_empty_shard_has_a_root() {
    for layout in [Layout::DialectA, Layout::DialectB] {
        let done = convert("D", Some("/mnt/d"), layout, |_| ());
        assert_eq!(done.conversion.files, 0);
        assert_eq!(
            dump(&done.connection, "SELECT mount_path FROM root"),
            ["/mnt/d"]
        );
    }
}

#[test]
fn windows_and_relative_mounts_meet_in_one_tree() {
    let done = convert("D", None, Layout::DialectA, |db| {
        db.drive("D", "E:\\", "2022-01-01 00:00:00").unwrap();
        for (path, size) in [
            ("E:\\Films\\a.mp4", 1),
            ("F:\\Films\\b.mp4", 2),
            ("\\nas\\x\\Films\\c.mp4", 3),
            ("/odd/d.mp4", 4),
        ] {
            db.file(&FileRow::new("D", path, size)).unwrap();
        }
    });
    assert_eq!(
        dump(
            &done.connection,
            "SELECT path, rel_path, size_bytes FROM files"
        ),
        [
            "E:\\Films\\a.mp4|Films/a.mp4|1",
            "E:\\Films\\b.mp4|Films/b.mp4|2",
            "E:\\Films\\c.mp4|Films/c.mp4|3",
            "E:\\odd\\d.mp4|odd/d.mp4|4",
        ]
    );
    assert_eq!(done.conversion.outside_root, 1);
    let done = convert("D", None, Layout::DialectA, |db| {
        db.drive("D", "\\\\nas\\films", "2022-01-01 00:00:00")
            .unwrap();
        db.file(&FileRow::new("D", "\\nas\\films\\a\\b.mp4", 1))
            .unwrap();
    });
    assert_eq!(
        dump(&done.connection, "SELECT path FROM files"),
        ["\\\\nas\\films\\a\\b.mp4"]
    );
    let done = convert("D", None, Layout::DialectA, |db| {
        db.drive("D", "/mnt/media/lib", "2022-01-01 00:00:00")
            .unwrap();
        db.file(&FileRow::new("D", "media/lib/a\\b.mp4", 1))
            .unwrap();
        db.file(&FileRow::new("D", "/mnt/media/lib/a\\b.mp4", 1))
            .unwrap();
        db.file(&FileRow::new("D", "media/lib/c/d.mp4", 2)).unwrap();
    });
    assert_eq!(
        dump(&done.connection, "SELECT path FROM files"),
        ["/mnt/media/lib/a\\b.mp4", "/mnt/media/lib/c/d.mp4"]
    );
    assert_eq!(done.conversion.merged_rows, 1);
}

#[test]
fn a_path_outside_never_takes_the_place_of_one_inside() {
    let done = convert("D", Some("/mnt/d"), Layout::DialectA, |db| {
        db.add_enrichments().unwrap();
        for (path, size) in [("/x/a.mp4", 1), ("/mnt/d/x/a.mp4", 2), ("/x/b.mp4", 3)] {
            db.file(&FileRow::new("D", path, size)).unwrap();
        }
        db.enrich("/x/a.mp4").unwrap();
    });
    assert_eq!(
        dump(&done.connection, "SELECT rel_path, size_bytes FROM files"),
        ["(outside)/x/a.mp4|1", "x/a.mp4|2", "x/b.mp4|3"]
    );
    assert_eq!(
        dump(&done.connection, "SELECT path FROM video_vhash"),
        ["/mnt/d/(outside)/x/a.mp4"]
    );
    assert_eq!(
        (done.conversion.outside_root, done.conversion.merged_rows),
        (2, 0)
    );
}

#[test]
fn names_that_are_no_text_survive() {
    let done = convert("D", Some("/mnt/d"), Layout::DialectB, |db| {
        db.sql("INSERT INTO files(path, size_bytes) VALUES(CAST(x'2f6d6e742f642f636166e92e617669' AS TEXT), 1)")
            .unwrap();
    });
    assert_eq!(
        dump(
            &done.connection,
            "SELECT typeof(name), hex(name) FROM entries"
        ),
        ["blob|636166E92E617669"]
    );
}

#[test]
fn views_that_people_made_go_on_working() {
    let done = convert("D", Some("/mnt/d"), Layout::DialectB, |db| {
        db.file(&FileRow::new("D", "/mnt/d/a.mp4", 1)).unwrap();
        db.sql("CREATE VIEW mine AS SELECT path FROM files WHERE deleted = 0; ANALYZE")
            .unwrap();
    });
    assert_eq!(
        dump(&done.connection, "SELECT * FROM mine"),
        ["/mnt/d/a.mp4"]
    );
    assert!(dump(&done.connection, "SELECT * FROM sqlite_stat1").is_empty());
}
