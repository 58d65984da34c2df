use std::time::Duration;

use videocatalog_testkit::legacy::FileRow;

use super::*;

/// Everything a database says, whatever its pages look like.
fn contents(path: &Path) -> Vec<String> {
    let connection = open_unchecked(path, Access::Read).unwrap();
    let mut all = dump(&connection, "SELECT type, name, sql FROM sqlite_master");
    for table in dump(
        &connection,
        "SELECT name FROM sqlite_master WHERE type = 'table'",
    ) {
        all.push(table.clone());
        all.extend(dump(&connection, &format!("SELECT * FROM \"{table}\"")));
    }
    all
}

#[test]
fn a_conversion_that_fails_leaves_the_older_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Shard.db");
    let backups = folder.path().join("backups");
    let db = LegacyDb::create(&path, Layout::DialectA).unwrap();
    db.add_enrichments().unwrap();
    for number in 0..500 {
        db.file(&FileRow::new(
            "D",
            &format!("/mnt/d/folder {}/{number}", number % 50),
            number,
        ))
        .unwrap();
    }
    db.enrich("/mnt/d/folder 1/1").unwrap();
    let before = contents(&path);
    let facts = ShardFacts::default();

    // A table in the way: fails at the first statement of ours.
    db.sql("CREATE TABLE entries(x)").unwrap();
    let error = convert_shard(&path, &facts, &backups, &clock()).unwrap_err();
    assert!(error.to_string().contains("it is as it was"), "{error}");
    db.sql("DROP TABLE entries").unwrap();
    drop(db);
    assert_eq!(contents(&path), before);

    // The disk is full at every later point.
    let mut failures = 0;
    for more_pages in (0..).step_by(7) {
        let mut connection = open_unchecked(&path, Access::Write).unwrap();
        let pages: i64 = connection
            .query_row("PRAGMA page_count", [], |row| row.get(0))
            .unwrap();
        connection
            .pragma_update_and_check(None, "max_page_count", pages + more_pages, |_| Ok(()))
            .unwrap();
        let result = convert::convert_open(
            &mut connection,
            &path,
            &facts,
            &labels::Rows::All,
            &backups,
            &clock(),
        );
        drop(connection);
        match result {
            Ok(_) => break,
            Err(error) => assert!(error.hint().contains("full"), "{error}"),
        }
        failures += 1;
        assert_eq!(contents(&path), before);
        assert_eq!(std::fs::read_dir(&backups).unwrap().count(), 0);
    }
    assert!(failures > 3, "{failures}");
    assert!(open(&path, Database::Shard, Access::Read, Journal::Wal).is_ok());
}

#[test]
fn somebody_else_at_work_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Shard.db");
    drop(LegacyDb::create(&path, Layout::DialectB).unwrap());
    let _lock =
        super::super::super::lock::ShardLock::acquire(&path, "scan", String::new()).unwrap();
    let error = convert_shard(&path, &ShardFacts::default(), folder.path(), &clock()).unwrap_err();
    assert!(error.to_string().contains("scan"), "{error}");
    assert!(matches!(
        open(&path, Database::Shard, Access::Read, Journal::Wal),
        Err(OpenError::Legacy { .. })
    ));
}

#[test]
fn fifty_thousand_rows_take_seconds() {
    let done = {
        let mut began = None;
        let done = convert("D", Some("/mnt/d"), Layout::DialectA, |db| {
            db.sql(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
                 INSERT INTO files(drive_label, path, size_bytes, hash_blake3, media_json, integrity_ok, mtime_utc)
                 SELECT 'D', printf('/mnt/d/films/%d/%d/name of a file %d.mp4', i % 20, i % 500, i), i,
                        lower(hex(randomblob(32))), printf('{\"media\":%d}', i), 1, '2021-06-15T12:34:56Z' FROM n;
                 INSERT INTO inventory SELECT path, size_bytes, mtime_utc, 'mp4', 'video/mp4', 'video', 'D', 'HDD',
                        '2022-01-02T03:04:05Z' FROM files",
            )
            .unwrap();
            began = Some(std::time::Instant::now());
        });
        let took = began.unwrap().elapsed();
        assert!(took < Duration::from_secs(20), "{took:?}");
        done
    };
    let conversion = &done.conversion;
    assert_eq!(
        (
            conversion.files,
            conversion.hashes,
            conversion.media,
            conversion.merged_rows
        ),
        (50_000, 50_000, 50_000, 0)
    );
}
