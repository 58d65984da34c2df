//! A missing drive is never mistaken for deleted files.

use videocatalog_core::scan::{Mode, Refusal, ScanError};
use videocatalog_core::volume::{FakeProbe, Identity, VolumeInfo};

use crate::lab::{Lab, volume};

fn with_files(count: usize) -> Lab {
    let lab = Lab::new();
    for index in 0..count {
        lab.file(
            &format!("{}/{index}.mkv", index % 7),
            format!("{index}").as_bytes(),
        );
    }
    lab.scan(Mode::Delta);
    lab
}

fn empty(lab: &Lab) {
    std::fs::remove_dir_all(&lab.drive).unwrap();
    std::fs::create_dir(&lab.drive).unwrap();
}

fn refusal(result: Result<videocatalog_core::scan::Summary, ScanError>) -> Refusal {
    match result {
        Err(ScanError::Refused(refusal)) => refusal,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[test]
fn an_empty_mount_deletes_nothing() {
    let lab = with_files(5);
    empty(&lab);
    for mode in [Mode::Delta, Mode::Full, Mode::Inventory] {
        let refusal = refusal(lab.try_scan(&lab.request(mode)));
        assert!(matches!(refusal, Refusal::Empty { known: 5, .. }));
        assert!(refusal.hint().contains("--accept-missing"));
        assert_eq!(lab.number("SELECT count(*) FROM files WHERE deleted"), 0);
    }
    let mut request = lab.request(Mode::Delta);
    request.accept_missing = true;
    assert_eq!(lab.try_scan(&request).unwrap().deleted, 5);
}

#[test]
fn too_much_missing_asks_and_settings_decide() {
    let lab = with_files(400);
    for index in 0..130 {
        std::fs::remove_file(lab.drive.join(format!("{}/{index}.mkv", index % 7))).unwrap();
    }
    let told = refusal(lab.try_scan(&lab.request(Mode::Delta)));
    assert!(
        matches!(
            told,
            Refusal::MostlyMissing {
                missing: 130,
                known: 400,
                ..
            }
        ),
        "{told:?}"
    );
    assert_eq!(lab.number("SELECT count(*) FROM files WHERE deleted"), 0);
    let mut request = lab.request(Mode::Delta);
    request.options.max_missing_percent = 33;
    assert_eq!(lab.try_scan(&request).unwrap().deleted, 130);
}

#[test]
fn moving_everything_is_no_loss() {
    let lab = with_files(400);
    std::fs::create_dir(lab.drive.join("all of it")).unwrap();
    for folder in 0..7 {
        let name = folder.to_string();
        std::fs::rename(
            lab.drive.join(&name),
            lab.drive.join("all of it").join(&name),
        )
        .unwrap();
    }
    let summary = lab.scan(Mode::Delta);
    assert_eq!(
        (
            summary.moved,
            summary.deleted,
            summary.new,
            summary.hashed_files
        ),
        (400, 0, 0, 0)
    );
}

#[test]
fn another_disk_under_the_label_is_refused_before_anything_is_written() {
    let lab = with_files(5);
    let probe = FakeProbe::new();
    probe.mount(volume(
        &lab.drive,
        "uuid:aaaaaaaa-2222-3333-4444-555555555555",
    ));
    let lab = Lab {
        probe: std::sync::Arc::new(probe),
        ..lab
    };
    lab.file("intruder.mkv", b"x");
    let refusal = refusal(lab.try_scan(&lab.request(Mode::Delta)));
    assert!(matches!(refusal, Refusal::OtherVolume { .. }));
    assert!(refusal.hint().contains("--accept-drive"));
    assert_eq!(lab.number("SELECT count(*) FROM files"), 5);
    let mut request = lab.request(Mode::Delta);
    request.accept_drive = true;
    assert_eq!(lab.try_scan(&request).unwrap().new, 1);
}

#[test]
fn a_disk_without_identity_is_known_by_its_files() {
    let lab = Lab::new();
    let weak = |lab: &Lab| {
        let probe = FakeProbe::new();
        let mount = std::fs::canonicalize(&lab.drive).unwrap();
        probe.mount(VolumeInfo {
            is_rotational: Some(false),
            ..VolumeInfo::unknown(Identity::weak("fuse", None), mount)
        });
        std::sync::Arc::new(probe)
    };
    let lab = Lab {
        probe: weak(&lab),
        ..lab
    };
    for index in 0..300 {
        lab.file(&format!("{index}.mkv"), b"x");
    }
    lab.scan(Mode::Inventory);
    empty(&lab);
    for index in 0..300 {
        lab.file(&format!("stranger {index}.mkv"), b"x");
    }
    let refusal = refusal(lab.try_scan(&lab.request(Mode::Inventory)));
    assert!(matches!(
        refusal,
        Refusal::MostlyMissing { .. } | Refusal::Empty { .. }
    ));
    assert_eq!(
        lab.number("SELECT count(*) FROM files"),
        300,
        "nothing of the stranger was stored"
    );
}

#[test]
fn a_folder_that_cannot_be_listed_deletes_nothing_below() {
    if !running_as_root() {
        return unreadable_folder(|lab| lab.try_scan(&lab.request(Mode::Delta)).unwrap());
    }
    // Root may read everything: the scan runs in a child that is nobody.
    let lab = with_files(20);
    let secret = lab.drive.join("3");
    std::fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o000)).unwrap();
    for path in [lab.home.parent().unwrap(), &lab.home] {
        open_to_all(path);
    }
    let status = std::process::Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "guard::as_nobody", "--nocapture", "--ignored"])
        .env("VC_TEST_LAB", lab.home.parent().unwrap())
        .status()
        .unwrap();
    std::fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    assert!(status.success());
    assert_eq!(lab.number("SELECT count(*) FROM files WHERE deleted"), 0);
}

/// The child of the test above; does nothing on its own.
#[test]
#[ignore = "run by a_folder_that_cannot_be_listed_deletes_nothing_below as another user"]
fn as_nobody() {
    let Some(base) = std::env::var_os("VC_TEST_LAB") else {
        return;
    };
    let base = std::path::PathBuf::from(base);
    let denied = std::fs::read_dir(base.join("drive/3")).unwrap_err();
    assert_eq!(denied.kind(), std::io::ErrorKind::PermissionDenied);
    let lab = Lab::new();
    let probe = FakeProbe::new();
    probe.mount(volume(
        &base.join("drive"),
        "uuid:11111111-2222-3333-4444-555555555555",
    ));
    let lab = Lab {
        home: base.join("home"),
        drive: base.join("drive"),
        probe: std::sync::Arc::new(probe),
        ..lab
    };
    let summary = lab.scan(Mode::Delta);
    assert_eq!((summary.deleted, summary.skipped_perm), (0, 1));
}

fn unreadable_folder(scan: impl Fn(&Lab) -> videocatalog_core::scan::Summary) {
    let lab = with_files(20);
    std::fs::set_permissions(
        lab.drive.join("3"),
        std::os::unix::fs::PermissionsExt::from_mode(0o000),
    )
    .unwrap();
    let summary = scan(&lab);
    std::fs::set_permissions(
        lab.drive.join("3"),
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )
    .unwrap();
    assert_eq!((summary.deleted, summary.skipped_perm), (0, 1));
}

fn running_as_root() -> bool {
    std::fs::metadata("/proc/self")
        .is_ok_and(|facts| std::os::unix::fs::MetadataExt::uid(&facts) == 0)
}

fn open_to_all(path: &std::path::Path) {
    let mut folders = vec![path.to_path_buf()];
    while let Some(folder) = folders.pop() {
        std::fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o777))
            .unwrap();
        if folder.ends_with("drive") {
            continue;
        }
        for entry in std::fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                std::fs::set_permissions(
                    entry.path(),
                    std::os::unix::fs::PermissionsExt::from_mode(0o666),
                )
                .unwrap();
            }
        }
    }
}
