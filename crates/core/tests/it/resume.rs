//! What happens between an interrupted scan and the next one.

use std::sync::Arc;

use videocatalog_core::cancel::CancelToken;
use videocatalog_core::catalog::store::StoreError;
use videocatalog_core::scan::{Mode, Refusal, ScanError};

use crate::lab::{Lab, Told};

/// A first scan that listed everything and was stopped before it read anything.
fn stopped_after_listing(lab: &Lab) {
    lab.scan(Mode::Inventory);
    lab.shard()
        .execute_batch(
            "DELETE FROM hashes;
             INSERT INTO scan_state VALUES('mode', 'delta'), ('since_change', '0'), ('phase', 'hashing');",
        )
        .unwrap();
}

#[test]
fn files_that_go_missing_meanwhile_are_deleted_and_not_moved_onto_themselves() {
    let lab = Lab::new();
    for index in 0..20 {
        lab.file(&format!("{index}.mkv"), format!("{index}").as_bytes());
    }
    stopped_after_listing(&lab);
    std::fs::remove_file(lab.drive.join("3.mkv")).unwrap();
    let id = lab.number("SELECT id FROM files WHERE rel_path = '4.mkv'");
    std::fs::rename(lab.drive.join("4.mkv"), lab.drive.join("four.mkv")).unwrap();
    let summary = lab.scan(Mode::Delta);
    assert_eq!((summary.deleted, summary.moved), (1, 1));
    assert_eq!(
        lab.number("SELECT count(*) FROM files"),
        20,
        "no row is ever removed"
    );
    assert_eq!(
        lab.number("SELECT id FROM files WHERE rel_path = 'four.mkv'"),
        id
    );
    assert_eq!(
        lab.number("SELECT count(*) FROM hashes WHERE file_id NOT IN (SELECT id FROM entries)"),
        0
    );
}

#[test]
fn a_drive_that_is_empty_at_the_next_run_is_still_refused() {
    let lab = Lab::new();
    for index in 0..20 {
        lab.file(&format!("{index}.mkv"), b"x");
    }
    stopped_after_listing(&lab);
    for index in 0..20 {
        std::fs::remove_file(lab.drive.join(format!("{index}.mkv"))).unwrap();
    }
    let error = lab.try_scan(&lab.request(Mode::Delta)).unwrap_err();
    assert!(
        matches!(error, ScanError::Refused(Refusal::Empty { known: 20, .. })),
        "{error}"
    );
    assert_eq!(
        lab.number("SELECT count(*) FROM files WHERE NOT deleted"),
        20
    );
}

#[test]
fn a_part_of_the_drive_is_judged_by_what_was_known_of_that_part() {
    let lab = Lab::new();
    for index in 0..500 {
        lab.file(&format!("rest/{index}.mkv"), b"x");
    }
    for index in 0..120 {
        lab.file(&format!("part/{index}.mkv"), b"y");
    }
    lab.scan(Mode::Inventory);
    for index in 0..120 {
        std::fs::remove_file(lab.drive.join(format!("part/{index}.mkv"))).unwrap();
    }
    let mut request = lab.request(Mode::Inventory);
    request.only = Some("part".into());
    let error = lab.try_scan(&request).unwrap_err();
    assert!(
        matches!(error, ScanError::Refused(Refusal::Empty { known: 120, .. })),
        "{error}"
    );
    request.only = Some("no such folder".into());
    assert!(matches!(
        lab.try_scan(&request),
        Err(ScanError::Mount { .. })
    ));
}

#[test]
fn a_file_that_became_a_link_is_gone() {
    let lab = Lab::new();
    lab.file("a.mkv", b"x");
    lab.file("b.mkv", b"y");
    lab.scan(Mode::Delta);
    std::fs::remove_file(lab.drive.join("a.mkv")).unwrap();
    std::os::unix::fs::symlink("/elsewhere/a.mkv", lab.drive.join("a.mkv")).unwrap();
    assert_eq!(lab.scan(Mode::Delta).deleted, 1);
}

#[test]
fn a_file_written_to_between_listing_and_reading_raises_no_alarm() {
    let lab = Lab::new();
    lab.file("a.mkv", b"x");
    lab.scan(Mode::Delta);
    // What the listing saw is not what the reading sees.
    lab.shard()
        .execute("UPDATE entries SET mtime_us = mtime_us - 5", [])
        .unwrap();
    lab.shard()
        .execute("UPDATE hashes SET hash = zeroblob(32)", [])
        .unwrap();
    lab.shard()
        .execute("UPDATE entries SET mtime_us = mtime_us + 5", [])
        .unwrap();
    assert_eq!(
        lab.scan(Mode::Full).silently_changed,
        1,
        "other bytes under the same time are worth an alarm"
    );
}

#[test]
fn somebody_elses_shard_is_not_taken() {
    let lab = Lab::new();
    lab.file("a.mkv", b"x");
    lab.scan(Mode::Delta);
    let catalog = lab.catalog();
    let path = catalog.shard_path(&catalog.drive("Test").unwrap());
    drop(catalog);
    let mut request = lab.request(Mode::Delta);
    request.label = "Other".into();
    request.accept_drive = true;
    request.shard_file = Some(path);
    let error = lab.try_scan(&request).unwrap_err();
    assert!(
        matches!(&error, ScanError::Store(StoreError::OtherDrivesShard { label, .. }) if label == "Test"),
        "{error}"
    );
}

#[test]
fn paths_that_are_no_text_are_blobs_and_spare_the_other_rows() {
    use std::os::unix::ffi::OsStringExt;
    let lab = Lab::new();
    lab.file("plain.mkv", b"x");
    let odd = std::ffi::OsString::from_vec(b"\xe9/caf\xe9.mkv".to_vec());
    let path = lab.drive.join(odd);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, b"y").unwrap();
    lab.scan(Mode::Delta);
    let shard = lab.shard();
    let mut select = shard
        .prepare("SELECT typeof(path), typeof(rel_path) FROM files ORDER BY 1")
        .unwrap();
    let types: Vec<(String, String)> = select
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(
        types,
        [
            ("blob".into(), "blob".into()),
            ("text".to_owned(), "text".to_owned())
        ]
    );
    // And a part below such a name is read.
    let mut request = lab.request(Mode::Full);
    request.only = Some(std::ffi::OsString::from_vec(b"\xe9".to_vec()).into());
    assert_eq!(lab.try_scan(&request).unwrap().hashed_files, 1);
}

#[test]
fn stopping_is_heard_while_a_call_hangs() {
    use videocatalog_testkit::hang::{HangingMount, Hangs};
    let lab = Lab::new();
    let probe = videocatalog_core::volume::FakeProbe::new();
    probe.mount(crate::lab::volume(
        &lab.drive,
        "uuid:11111111-2222-3333-4444-555555555555",
    ));
    let lab = Lab {
        probe: Arc::new(probe),
        told: Arc::<Told>::default(),
        cancel: CancelToken::new(),
        ..lab
    };
    let _mount = HangingMount::new(
        &lab.drive,
        Hangs {
            read: true,
            ..Hangs::default()
        },
    )
    .unwrap();
    let cancel = lab.cancel.clone();
    let stopper = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(700));
        cancel.cancel();
    });
    let began = std::time::Instant::now();
    let summary = lab.scan(Mode::Delta);
    stopper.join().unwrap();
    assert_eq!(
        summary.status,
        videocatalog_core::catalog::jobs::JobStatus::Stopped
    );
    assert!(
        began.elapsed() < std::time::Duration::from_secs(6),
        "{:?}",
        began.elapsed()
    );
}
