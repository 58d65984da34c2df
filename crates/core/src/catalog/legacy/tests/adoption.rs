use videocatalog_testkit::legacy::{FileRow, InventoryRow};

use super::*;

/// A working directory of its own.
fn workdir() -> (tempfile::TempDir, WorkingDir) {
    let folder = tempfile::tempdir().unwrap();
    let workdir = WorkingDir::new(folder.path().join("home"));
    std::fs::create_dir_all(workdir.shards()).unwrap();
    (folder, workdir)
}

fn shard_b(workdir: &WorkingDir, file: &str, paths: &[&str]) {
    let db = LegacyDb::create(&workdir.root().join(file), Layout::DialectB).unwrap();
    for path in paths {
        db.file(&FileRow::new("", path, 1)).unwrap();
    }
}

fn shard_a(workdir: &WorkingDir, file: &str, rows: &[(&str, &str)]) {
    let db = LegacyDb::create(&workdir.root().join(file), Layout::DialectA).unwrap();
    for (label, path) in rows {
        db.file(&FileRow::new(label, path, 1)).unwrap();
    }
}

fn paths(catalog: &Catalog, label: &str) -> Vec<String> {
    dump(&shard(catalog, label), "SELECT path FROM files")
}

#[test]
fn the_layout_before_the_data_folder() {
    let (_folder, workdir) = workdir();
    let catalog =
        LegacyDb::create(&workdir.root().join("catalog.db"), Layout::SampleCatalog).unwrap();
    for (label, mount) in [
        ("Été 1", "E:\\"),
        ("raw & name", "/mnt/r"),
        ("Films 1", "/mnt/f"),
        ("empty", "/mnt/e"),
    ] {
        catalog.drive(label, mount, "2021-01-01T00:00:00Z").unwrap();
    }
    catalog
        .job("Films 1", "2021-01-01T00:00:00Z", "Canceled")
        .unwrap();
    drop(catalog);
    shard_b(&workdir, "shards/Été_1.db", &["E:\\a.mp4"]);
    shard_b(&workdir, "shards/raw & name.db", &["/mnt/r/a.mp4"]);
    shard_b(&workdir, "shards/Films_1.db", &["/mnt/f/x/a.mp4"]);
    shard_b(
        &workdir,
        "shards/Stray.db",
        &["/mnt/s/x/a.mp4", "/mnt/s/y/b.mp4"],
    );
    let source = std::fs::read(workdir.root().join("catalog.db")).unwrap();
    let (catalog, _) = adopt_all(&workdir);
    assert_eq!(
        drive_files(&catalog),
        [
            "Films 1|shards/Films_1.db",
            "Stray|shards/Stray.db",
            "empty|data/shards/empty.db",
            "raw & name|shards/raw & name.db",
            "Été 1|shards/Été_1.db",
        ]
    );
    assert_eq!(paths(&catalog, "Été 1"), ["E:\\a.mp4"]);
    assert_eq!(paths(&catalog, "Films 1"), ["/mnt/f/x/a.mp4"]);
    assert_eq!(catalog.drive("Stray").unwrap().mount_path, "/mnt/s");
    assert_eq!(
        dump(
            catalog.connection(),
            "SELECT status, started_at, total_av, done_av, total_all, drive_uid IS NULL FROM jobs"
        ),
        ["Canceled|2021-01-01T00:00:00Z|12|11|30|0"]
    );
    assert_eq!(
        std::fs::read(workdir.root().join("catalog.db")).unwrap(),
        source
    );
}

#[test]
fn the_earliest_command_line_kept_everything_in_one_file() {
    for at in ["catalog.db", "data/catalog.db"] {
        let (_folder, workdir) = workdir();
        let db = LegacyDb::create(&workdir.root().join(at), Layout::EarliestCommandLine).unwrap();
        for (label, mount) in [("One", "/mnt/1"), ("Two", "/mnt/2")] {
            db.drive(label, mount, "2021-01-01 00:00:00").unwrap();
            db.file(&FileRow::new(label, &format!("{mount}/a.mp4"), 1))
                .unwrap();
            db.file(&FileRow::new(label, &format!("{mount}/a.mp4"), 1))
                .unwrap();
        }
        drop(db);
        let (catalog, _) = adopt_all(&workdir);
        assert_eq!(
            drive_files(&catalog),
            ["One|data/shards/One.db", "Two|data/shards/Two.db"],
            "{at}"
        );
        assert_eq!(paths(&catalog, "Two"), ["/mnt/2/a.mp4"]);
        assert_eq!(
            dump(
                &shard(&catalog, "Two"),
                "SELECT mount_path, total_bytes, scanned_at FROM drives"
            ),
            ["/mnt/2|1000|2021-01-01T00:00:00Z"]
        );
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
fn files_of_a_stale_catalogue_do_not_replace_a_shard() {
    let (_folder, workdir) = workdir();
    let db = LegacyDb::create(
        &workdir.root().join("catalog.db"),
        Layout::EarliestCommandLine,
    )
    .unwrap();
    db.drive("One", "/mnt/1", "2021-01-01 00:00:00").unwrap();
    db.file(&FileRow::new("One", "/mnt/1/stale.mp4", 1))
        .unwrap();
    drop(db);
    shard_a(&workdir, "data/shards/One.db", &[("One", "/mnt/1/new.mp4")]);
    let (catalog, notices) = adopt_all(&workdir);
    assert_eq!(paths(&catalog, "One"), ["/mnt/1/new.mp4"]);
    assert!(
        notices.iter().any(|notice| notice.contains("newer shard")),
        "{notices:?}"
    );
}

#[test]
fn two_labels_in_one_file_are_two_drives() {
    let (_folder, workdir) = workdir();
    let db =
        LegacyDb::create(&workdir.root().join("data/shards/A_B.db"), Layout::DialectA).unwrap();
    db.add_enrichments().unwrap();
    for (label, mount) in [("A  B", "/mnt/one"), ("A B", "/mnt/two")] {
        db.drive(label, mount, "2021-01-01 00:00:00").unwrap();
        for name in ["x.mp4", "y/z.mp4"] {
            let path = format!("{mount}/{name}");
            db.file(&FileRow::new(label, &path, 1)).unwrap();
            db.inventory(&InventoryRow::new(label, &path, 1)).unwrap();
            db.enrich(&path).unwrap();
        }
    }
    db.enrich("/mnt/one/orphan.mp4").unwrap();
    drop(db);
    let (catalog, _) = adopt_all(&workdir);
    assert_eq!(
        drive_files(&catalog),
        ["A  B|data/shards/A_B.db", "A B|data/shards/A_B-2.db"]
    );
    assert_eq!(
        paths(&catalog, "A  B"),
        ["/mnt/one/orphan.mp4", "/mnt/one/x.mp4", "/mnt/one/y/z.mp4"]
    );
    assert_eq!(
        paths(&catalog, "A B"),
        ["/mnt/two/x.mp4", "/mnt/two/y/z.mp4"]
    );
    for (label, vectors) in [("A  B", 3), ("A B", 2)] {
        assert_eq!(
            dump(&shard(&catalog, label), "SELECT path FROM features").len(),
            vectors
        );
        assert_eq!(
            dump(&shard(&catalog, label), "SELECT path FROM transcripts").len(),
            vectors
        );
    }
}

#[test]
fn a_split_that_was_interrupted_goes_on() {
    let (_folder, workdir) = workdir();
    shard_a(
        &workdir,
        "data/shards/A_B.db",
        &[("A  B", "/mnt/1/x"), ("A B", "/mnt/2/y")],
    );
    // The second drive's shard was made, then the power went.
    let older = std::fs::read(workdir.shards().join("A_B.db")).unwrap();
    drop(open_catalog(&workdir));
    for suffix in ["", "-wal", "-shm"] {
        let path = workdir.shards().join(format!("A_B.db{suffix}"));
        let _absent = std::fs::remove_file(path);
    }
    std::fs::write(workdir.shards().join("A_B.db"), older).unwrap();
    std::fs::write(workdir.shards().join("C.db.part"), "half").unwrap();
    let (catalog, _) = adopt_all(&workdir);
    assert_eq!(drive_files(&catalog).len(), 2);
    assert_eq!(paths(&catalog, "A  B"), ["/mnt/1/x"]);
    assert_eq!(paths(&catalog, "A B"), ["/mnt/2/y"]);
}

#[test]
fn what_a_shard_says_counts_more_than_a_planned_name() {
    let (_folder, workdir) = workdir();
    let db = LegacyDb::create(&workdir.catalog_db(), Layout::Catalog).unwrap();
    for (label, mount) in [("A B", "/mnt/ab"), ("A_B", "/mnt/a_b")] {
        db.drive(label, mount, "2021-01-01T00:00:00Z").unwrap();
    }
    drop(db);
    shard_a(&workdir, "data/shards/A_B.db", &[("A_B", "/mnt/a_b/x.mp4")]);
    let (catalog, _) = adopt_all(&workdir);
    let file = |label: &str| catalog.drive(label).unwrap().shard_file;
    assert_eq!(file("A_B"), "data/shards/A_B.db");
    assert_ne!(file("A B"), file("A_B"));
    assert_eq!(paths(&catalog, "A_B"), ["/mnt/a_b/x.mp4"]);
}

#[test]
fn two_generations_of_one_drive_stay_apart() {
    let (_folder, workdir) = workdir();
    shard_a(&workdir, "data/shards/D.db", &[("D", "/mnt/d/new.mp4")]);
    shard_a(&workdir, "shards/D.db", &[("D", "/mnt/d/old.mp4")]);
    let (catalog, notices) = adopt_all(&workdir);
    assert_eq!(
        drive_files(&catalog),
        ["D (2)|shards/D.db", "D|data/shards/D.db"]
    );
    assert_eq!(paths(&catalog, "D"), ["/mnt/d/new.mp4"]);
    assert_eq!(paths(&catalog, "D (2)"), ["/mnt/d/old.mp4"]);
    assert!(
        notices
            .iter()
            .any(|notice| notice.contains("another shard of `D`"))
    );
}

#[test]
fn damaged_and_foreign_files_are_left_alone() {
    let (_folder, workdir) = workdir();
    std::fs::write(workdir.shards().join("Broken.db"), [0x55; 8192]).unwrap();
    std::fs::write(workdir.shards().join("Empty.db"), "").unwrap();
    std::fs::write(workdir.data().join("Broken too.db"), [0x55; 8192]).unwrap();
    LegacyDb::create(&workdir.data().join("other.db"), Layout::Bare)
        .unwrap()
        .sql("CREATE TABLE files(name); CREATE TABLE jobs(id)")
        .unwrap();
    shard_b(
        &workdir,
        "data/shards/Good.db",
        &["/mnt/g/x/a.mp4", "/mnt/g/y/b.mp4"],
    );
    let (catalog, notices) = adopt_all(&workdir);
    assert_eq!(drive_files(&catalog), ["Good|data/shards/Good.db"]);
    assert_eq!(
        notices
            .iter()
            .filter(|notice| notice.contains("left as it is"))
            .count(),
        2
    );
    assert!(notices.iter().any(|notice| notice.contains("Broken.db")));
}

#[test]
fn a_shard_that_cannot_be_converted_is_told_and_tried_again() {
    let (_folder, workdir) = workdir();
    shard_b(
        &workdir,
        "data/shards/D.db",
        &["/mnt/d/x/a.mp4", "/mnt/d/b.mp4"],
    );
    let path = workdir.shards().join("D.db");
    let lock = super::super::super::lock::ShardLock::acquire(&path, "scan", String::new()).unwrap();
    let (catalog, notices) = open_catalog(&workdir);
    assert!(
        notices.iter().any(|notice| notice.contains("scan")),
        "{notices:?}"
    );
    assert!(matches!(
        open(&path, Database::Shard, Access::Read, Journal::Wal),
        Err(OpenError::Legacy { .. })
    ));
    let uid = catalog.drive("D").unwrap().drive_uid;
    drop(catalog);
    let before = fingerprints(workdir.root());
    drop(open_catalog(&workdir));
    assert_eq!(fingerprints(workdir.root()), before);
    drop(lock);
    let (catalog, _) = adopt_all(&workdir);
    assert_eq!(catalog.drive("D").unwrap().drive_uid, uid);
    assert_eq!(catalog.drive("D").unwrap().mount_path, "/mnt/d");
}

#[test]
fn shards_of_ours_that_were_copied_in_are_entered() {
    let (_other_folder, other) = workdir();
    shard_a(&other, "data/shards/D.db", &[("D", "/mnt/d/a.mp4")]);
    drop(adopt_all(&other));
    let (_folder, workdir) = workdir();
    let copy = |name: &str| {
        std::fs::copy(other.shards().join("D.db"), workdir.shards().join(name)).unwrap();
    };
    copy("From elsewhere.db");
    let (catalog, _) = adopt_all(&workdir);
    assert_eq!(drive_files(&catalog), ["D|data/shards/From elsewhere.db"]);
    assert_eq!(catalog.drive("D").unwrap().mount_path, "/mnt/d");
    drop(catalog);
    // A second copy of the same drive is none of its own.
    copy("Again.db");
    let (catalog, notices) = adopt_all(&workdir);
    assert_eq!(drive_files(&catalog).len(), 1);
    assert!(
        notices
            .iter()
            .any(|notice| notice.contains("copy of the shard of `D`"))
    );
    drop(catalog);
    // Renamed by hand: the drive follows.
    std::fs::remove_file(workdir.shards().join("Again.db")).unwrap();
    std::fs::rename(
        workdir.shards().join("From elsewhere.db"),
        workdir.shards().join("Moved.db"),
    )
    .unwrap();
    let (catalog, _) = adopt_all(&workdir);
    assert_eq!(drive_files(&catalog), ["D|data/shards/Moved.db"]);
}

#[test]
fn the_catalogue_is_settled_until_something_is_left_to_take_over() {
    let (_folder, workdir) = workdir();
    let settled = || Catalog::open_settled(&workdir, &workdir.catalog_db());
    assert!(settled().is_none(), "there is none yet");
    shard_b(&workdir, "shards/Films.db", &["/mnt/f/a.mp4"]);
    let (catalog, _) = adopt_all(&workdir);
    let found = settled().unwrap();
    assert_eq!(drive_files(&found), drive_files(&catalog));
    assert!(
        found
            .connection()
            .execute("DELETE FROM drives", [])
            .is_err()
    );
    drop(found);
    // A shard, a catalogue beside ours, and a shard of an earlier version, one after the other.
    shard_b(&workdir, "data/shards/New.db", &["/mnt/n/a.mp4"]);
    assert!(settled().is_none());
    drop(catalog);
    let (catalog, _) = adopt_all(&workdir);
    assert!(settled().is_some());
    let other = LegacyDb::create(&workdir.root().join("old.db"), Layout::SampleCatalog).unwrap();
    other
        .drive("Old", "/mnt/o", "2021-01-01T00:00:00Z")
        .unwrap();
    drop(other);
    assert!(settled().is_none());
    drop(catalog);
    let (catalog, _) = adopt_all(&workdir);
    assert!(settled().is_some());
    let films = catalog.shard_path(&catalog.drive("Films").unwrap());
    let mut bytes = std::fs::read(&films).unwrap();
    // The lowest byte of `user_version`.
    bytes[63] = 2;
    std::fs::write(&films, bytes).unwrap();
    assert!(settled().is_none());
}
