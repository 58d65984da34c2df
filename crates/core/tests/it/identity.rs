//! Labels, volumes and roots.

use videocatalog_core::scan::{Mode, Refusal, ScanError};
use videocatalog_core::volume::{FakeProbe, VolumeInfo};

use crate::lab::{Lab, volume};

const DISK: &str = "uuid:11111111-2222-3333-4444-555555555555";

#[test]
fn a_known_drive_is_recognised_wherever_it_is_mounted() {
    let lab = Lab::new();
    lab.file("a/film.mkv", b"x");
    lab.scan(Mode::Delta);
    let moved = lab.drive.with_file_name("elsewhere");
    std::fs::rename(&lab.drive, &moved).unwrap();
    let probe = FakeProbe::new();
    probe.mount(volume(&moved, DISK));
    let lab = Lab {
        drive: moved.clone(),
        probe: std::sync::Arc::new(probe),
        ..lab
    };
    let summary = lab.scan(Mode::Delta);
    assert_eq!((summary.unchanged, summary.hashed_files), (1, 0));
    assert!(
        lab.told
            .sentences
            .lock()
            .unwrap()
            .iter()
            .any(|text| text.contains("recognised `Test`"))
    );
    let path: String = lab
        .shard()
        .query_row("SELECT path FROM files", [], |row| row.get(0))
        .unwrap();
    assert_eq!(
        std::path::Path::new(&path),
        std::fs::canonicalize(&moved).unwrap().join("a/film.mkv")
    );
    // And without saying where it is.
    let mut request = lab.request(Mode::Delta);
    request.mount = None;
    assert_eq!(lab.try_scan(&request).unwrap().unchanged, 1);
}

#[test]
fn two_folders_of_one_disk_are_two_labels_and_one_folder_is_one() {
    let lab = Lab::new();
    lab.file("films/a.mkv", b"x");
    lab.file("music/b.flac", b"y");
    let inside = |name: &str| VolumeInfo {
        root_in_volume: name.as_bytes().to_vec(),
        ..volume(&lab.drive.join(name), DISK)
    };
    let probe = FakeProbe::new();
    probe.mount(inside("films"));
    probe.mount(inside("music"));
    let lab = Lab {
        probe: std::sync::Arc::new(probe),
        ..lab
    };
    let scan = |label: &str, folder: &str| {
        let mut request = lab.request(Mode::Delta);
        request.label = label.into();
        request.mount = Some(lab.drive.join(folder));
        lab.try_scan(&request)
    };
    assert_eq!(scan("Films", "films").unwrap().total_files, 1);
    assert_eq!(scan("Music", "music").unwrap().total_files, 1);
    let other_root = scan("Films", "music").unwrap_err();
    assert!(
        matches!(other_root, ScanError::Refused(Refusal::OtherRoot { .. })),
        "{other_root}"
    );
    let known_as = scan("Again", "films").unwrap_err();
    assert!(
        matches!(&known_as, ScanError::Refused(Refusal::KnownAs { known_as }) if known_as == "Films"),
        "{known_as}"
    );
}

#[test]
fn labels_that_look_alike_as_files_do_not_share_a_shard() {
    let lab = Lab::new();
    lab.file("a.mkv", b"x");
    let scan = |label: &str| {
        let mut request = lab.request(Mode::Inventory);
        request.label = label.into();
        request.accept_drive = true;
        lab.try_scan(&request)
    };
    for label in ["A  B", "A B", "a_b", "..", "é", "家", &"x".repeat(255)] {
        scan(label).unwrap();
    }
    let mut shards: Vec<String> = lab
        .catalog()
        .drives()
        .unwrap()
        .into_iter()
        .map(|drive| drive.shard_file.to_lowercase())
        .collect();
    shards.sort();
    shards.dedup();
    assert_eq!(shards.len(), 7);
    for label in ["", "   ", "new\nline", &"x".repeat(300)] {
        assert!(matches!(scan(label), Err(ScanError::Label(_))), "{label:?}");
    }
}

#[test]
fn renaming_is_one_step_and_forgetting_removes_the_shard() {
    let lab = Lab::new();
    lab.file("a.mkv", b"x");
    lab.scan(Mode::Delta);
    let mut catalog = lab.catalog();
    let path = catalog.shard_path(&catalog.drive("Test").unwrap());
    catalog.rename("Test", "Renamed").unwrap();
    assert_eq!(catalog.jobs(Some("Renamed")).unwrap().len(), 1);
    let shard = catalog
        .open_shard(
            &catalog.drive("Renamed").unwrap(),
            videocatalog_core::catalog::Access::Write,
        )
        .unwrap();
    let label: String = shard
        .query_row("SELECT drive_label FROM files", [], |row| row.get(0))
        .unwrap();
    assert_eq!(label, "Renamed");
    drop(shard);
    catalog.forget("Renamed", String::new()).unwrap();
    assert!(!path.exists() && catalog.drives().unwrap().is_empty());
}
