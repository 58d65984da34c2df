//! Databases that are full, locked, damaged or too new.

use videocatalog_core::catalog::lock::ShardLock;
use videocatalog_core::catalog::{Access, Journal, OpenError, store::Catalog};
use videocatalog_core::scan::{Mode, ScanError};
use videocatalog_core::workdir::WorkingDir;

use crate::lab::Lab;

#[test]
fn two_scans_of_one_drive_at_once() {
    let lab = Lab::new();
    lab.file("a.mkv", b"x");
    lab.scan(Mode::Delta);
    let catalog = lab.catalog();
    let path = catalog.shard_path(&catalog.drive("Test").unwrap());
    let held = ShardLock::acquire(&path, "scan", "2026-01-01T00:00:00Z".into()).unwrap();
    let error = lab.try_scan(&lab.request(Mode::Delta)).unwrap_err();
    assert!(matches!(error, ScanError::Locked(_)));
    assert!(
        error
            .to_string()
            .contains(&format!("process {}", std::process::id())),
        "{error}"
    );
    drop(held);
    lab.scan(Mode::Delta);
}

#[test]
fn damaged_shards_are_reported_and_left_alone() {
    let lab = Lab::new();
    for index in 0..300 {
        lab.file(&format!("{index}.mkv"), b"x");
    }
    lab.scan(Mode::Delta);
    let catalog = lab.catalog();
    let path = catalog.shard_path(&catalog.drive("Test").unwrap());
    drop(catalog);
    let whole = std::fs::read(&path).unwrap();
    let mut torn = whole.clone();
    torn.truncate(whole.len() / 2);
    let mut random = whole.clone();
    for (index, byte) in random.iter_mut().enumerate() {
        *byte = (index.wrapping_mul(2_654_435_761) >> 13) as u8;
    }
    for (name, bytes) in [
        ("truncated", torn),
        ("random", random),
        ("short", whole[..50].to_vec()),
    ] {
        std::fs::write(&path, &bytes).unwrap();
        let error = lab.try_scan(&lab.request(Mode::Delta)).unwrap_err();
        let text = format!("{error}; {}", error.hint());
        assert!(
            text.contains("damaged") || text.contains("malformed"),
            "{name}: {text}"
        );
        assert!(text.contains("Test.db"), "{name}: {text}");
    }
    std::fs::write(&path, &whole).unwrap();
    assert_eq!(lab.scan(Mode::Delta).unchanged, 300);
}

#[test]
fn a_full_disk_keeps_what_was_committed() {
    let lab = Lab::new();
    for index in 0..4_000 {
        std::fs::write(
            lab.drive
                .join(format!("a rather long name for a small file {index}.mkv")),
            b"x",
        )
        .unwrap();
    }
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=700k", "tmpfs"])
        .arg({
            std::fs::create_dir_all(&lab.home).unwrap();
            &lab.home
        })
        .status()
        .unwrap();
    assert!(mounted.success(), "a tmpfs is needed: run as root");
    let mut request = lab.request(Mode::Delta);
    request.options.batch_files = 100;
    let error = lab.try_scan(&request).unwrap_err();
    let text = format!("{error}; {}", error.hint());
    let more = std::process::Command::new("mount")
        .args(["-o", "remount,size=50m"])
        .arg(&lab.home)
        .status()
        .unwrap();
    assert!(more.success());
    let committed = lab.number("SELECT count(*) FROM files");
    let check: String = lab
        .shard()
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    let summary = lab.scan(Mode::Delta);
    let unmounted = std::process::Command::new("umount")
        .arg("-l")
        .arg(&lab.home)
        .status()
        .unwrap();
    assert!(unmounted.success());
    assert!(text.contains("full"), "{text}");
    assert!(text.contains("kept"), "{text}");
    assert_eq!(check, "ok");
    assert!(committed > 0, "batches before the disk was full are there");
    assert_eq!(
        (summary.total_files, summary.new),
        (4_000, 4_000 - u64::try_from(committed).unwrap())
    );
}

#[test]
fn newer_databases_are_refused() {
    let lab = Lab::new();
    lab.file("a.mkv", b"x");
    lab.scan(Mode::Delta);
    lab.shard()
        .pragma_update(None, "user_version", 999)
        .unwrap();
    let error = lab.try_scan(&lab.request(Mode::Delta)).unwrap_err();
    assert!(error.to_string().contains("newer VideoCatalog"), "{error}");
}

#[test]
fn reading_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let workdir = WorkingDir::new(folder.path());
    let error = Catalog::open_read_only(&workdir, None).err().unwrap();
    assert!(error.to_string().contains("does not exist"), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let path = folder.path().join("x.db");
    assert!(matches!(
        videocatalog_core::catalog::open(
            &path,
            videocatalog_core::catalog::Database::Shard,
            Access::Read,
            Journal::Wal
        ),
        Err(OpenError::Missing { .. })
    ));
}
