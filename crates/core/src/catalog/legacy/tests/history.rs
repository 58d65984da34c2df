use super::*;

const JOBS: &str = "SELECT id, drive_label, started_at, status, total_av, total_all, done_av, duration_sec, message FROM jobs";

fn workdir() -> (tempfile::TempDir, WorkingDir) {
    let folder = tempfile::tempdir().unwrap();
    let workdir = WorkingDir::new(folder.path().join("home"));
    std::fs::create_dir_all(workdir.shards()).unwrap();
    (folder, workdir)
}

#[test]
fn a_catalogue_is_converted_where_it_lies() {
    for layout in [Layout::Catalog, Layout::SampleCatalog] {
        let (_folder, workdir) = workdir();
        let db = LegacyDb::create(&workdir.catalog_db(), layout).unwrap();
        db.add_statistics().unwrap();
        db.drive("Films 1", "E:\\", "2021-01-01 00:00:00").unwrap();
        db.drive("films 1", "F:\\", "2021-01-02T00:00:00Z").unwrap();
        // Twice the same second is twice all the same.
        db.job("Films 1", "2021-01-01 00:00:00", "Done").unwrap();
        db.job("Films 1", "2021-01-01 00:00:00", "Done").unwrap();
        db.job("Unknown", "garbage", "Running").unwrap();
        db.sql("DELETE FROM jobs WHERE id = 1; ANALYZE").unwrap();
        db.statistic("Films 1", "2021-01-01 00:00:00", 5).unwrap();
        drop(db);
        let (catalog, notices) = adopt_all(&workdir);
        assert!(
            notices
                .iter()
                .any(|notice| notice.contains("premigration_catalog"))
        );
        assert_eq!(
            dump(
                catalog.connection(),
                "SELECT id, label, mount_path, total_bytes, free_bytes, scanned_at, drive_type, notes, scan_mode,
                        length(drive_uid), shard_file FROM drives"
            ),
            [
                "1|Films 1|E:\\|1000|400|2021-01-01T00:00:00Z|HDD 3.5|shelf 2|Delta|32|data/shards/Films_1-2.db",
                "2|films 1|F:\\|1000|400|2021-01-02T00:00:00Z|HDD 3.5|shelf 2|Delta|32|data/shards/films_1.db",
            ]
        );
        let (total, done) = match layout {
            Layout::Catalog => ("NULL", "NULL"),
            _ => ("12", "11"),
        };
        assert_eq!(
            dump(catalog.connection(), JOBS),
            [
                format!("2|Films 1|2021-01-01T00:00:00Z|Done|{total}|30|{done}|5|Completed"),
                format!("3|Unknown|garbage|Running|{total}|30|{done}|5|Completed"),
            ]
        );
        assert_eq!(
            dump(
                catalog.connection(),
                "SELECT s.drive_label, scan_ts_utc, total_files, by_video, label FROM inventory_stats s JOIN drives USING (drive_uid)"
            ),
            ["Films 1|2021-01-01T00:00:00Z|5|5|Films 1"]
        );
        assert_eq!(dump(catalog.connection(), "PRAGMA integrity_check"), ["ok"]);
        assert!(
            dump(
                catalog.connection(),
                "SELECT name FROM sqlite_master WHERE name LIKE 'older%'"
            )
            .is_empty()
        );
    }
}

#[test]
fn other_catalogues_are_merged_once_and_again_when_written() {
    let (_folder, workdir) = workdir();
    let main = LegacyDb::create(&workdir.catalog_db(), Layout::StatisticsOnly).unwrap();
    main.statistic("D", "2021-01-01 00:00:00", 5).unwrap();
    drop(main);
    let other = workdir.data().join("catalog-gui.db");
    let db = LegacyDb::create(&other, Layout::Catalog).unwrap();
    db.drive("D", "/mnt/d", "2021-01-01T00:00:00Z").unwrap();
    db.job("D", "2021-01-01 00:00:00", "Done").unwrap();
    db.sql("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    drop(db);
    let third = workdir.root().join("old catalog.db");
    let db = LegacyDb::create(&third, Layout::SampleCatalog).unwrap();
    db.drive("D", "/mnt/elsewhere", "2020-01-01T00:00:00Z")
        .unwrap();
    db.sql("UPDATE drives SET serial = 'S1'").unwrap();
    db.job("D", "2021-01-01T00:00:00Z", "Done").unwrap();
    db.add_statistics().unwrap();
    db.statistic("D", "2021-01-01T00:00:00Z", 5).unwrap();
    drop(db);
    let (catalog, _) = adopt_all(&workdir);
    // The databases in the working directory itself come first.
    assert_eq!(
        dump(
            catalog.connection(),
            "SELECT label, mount_path, serial, scanned_at FROM drives"
        ),
        ["D|/mnt/elsewhere|S1|2020-01-01T00:00:00Z"]
    );
    let count = |catalog: &Catalog, table: &str| {
        dump(
            catalog.connection(),
            &format!("SELECT id FROM {table} WHERE drive_uid IS NOT NULL"),
        )
        .len()
    };
    assert_eq!(
        (count(&catalog, "jobs"), count(&catalog, "inventory_stats")),
        (1, 1)
    );
    assert_eq!(
        dump(catalog.connection(), "SELECT path FROM merged_databases"),
        ["data/catalog-gui.db", "old catalog.db"]
    );
    drop(catalog);
    let db = LegacyDb::open(&other).unwrap();
    db.job("D", "2021-02-02 00:00:00", "Stopped").unwrap();
    drop(db);
    let (catalog, _) = adopt_all(&workdir);
    assert_eq!(count(&catalog, "jobs"), 2);
}

#[test]
fn a_catalogue_that_cannot_be_converted_is_as_it_was() {
    let (_folder, workdir) = workdir();
    let db = LegacyDb::create(&workdir.catalog_db(), Layout::Catalog).unwrap();
    db.drive("D", "/mnt/d", "2021-01-01T00:00:00Z").unwrap();
    db.sql("CREATE TABLE merged_databases(x)").unwrap();
    drop(db);
    let before = std::fs::read(workdir.catalog_db()).unwrap();
    let error = prepare_catalog(
        &workdir.catalog_db(),
        &workdir,
        Journal::Wal,
        &clock(),
        &mut Vec::new(),
    )
    .unwrap_err();
    assert!(matches!(error, LegacyError::Convert { .. }), "{error}");
    assert!(!error.hint().is_empty());
    assert_eq!(std::fs::read(workdir.catalog_db()).unwrap(), before);
    assert_eq!(std::fs::read_dir(workdir.backups()).unwrap().count(), 0);
}
