//! The catalogue equals what the file system says, in every mode, after adds, changes, moves and deletes.

use std::collections::BTreeMap;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::time::UNIX_EPOCH;

use videocatalog_core::catalog::names;
use videocatalog_core::scan::Mode;

use crate::lab::{Lab, set_mtime};

/// What is known of one file: size, mtime in whole seconds, hash.
type Facts = (u64, String, Option<String>);

/// What the file system says.
fn on_disk(root: &Path, with_hash: bool) -> BTreeMap<Vec<u8>, Facts> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                let metadata = entry.metadata().unwrap();
                let mtime = metadata.modified().unwrap();
                let seconds = match mtime.duration_since(UNIX_EPOCH) {
                    Ok(after) => i64::try_from(after.as_secs()).unwrap(),
                    Err(before) => -(before.duration().as_secs_f64().ceil() as i64),
                };
                let text = videocatalog_core::clock::utc_text(seconds * 1_000_000);
                let hash = with_hash.then(|| {
                    blake3::hash(&std::fs::read(entry.path()).unwrap())
                        .to_hex()
                        .to_string()
                });
                found.insert(
                    entry.path().as_os_str().as_bytes().to_vec(),
                    (metadata.len(), text, hash),
                );
            }
        }
    }
    found
}

/// What the documented view says.
fn in_catalog(lab: &Lab, with_hash: bool) -> BTreeMap<Vec<u8>, Facts> {
    let shard = lab.shard();
    let mut select = shard
        .prepare("SELECT path, size_bytes, mtime_utc, hash_blake3 FROM files WHERE deleted = 0")
        .unwrap();
    select
        .query_map([], |row| {
            let path = names::from_sql(row.get_ref(0)?).to_vec();
            let hash: Option<String> = row.get(3)?;
            Ok((
                path,
                (
                    row.get::<_, i64>(1)? as u64,
                    row.get(2)?,
                    hash.filter(|_| with_hash),
                ),
            ))
        })
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap()
}

fn assert_equal(lab: &Lab, with_hash: bool) {
    let root = std::fs::canonicalize(&lab.drive).unwrap();
    assert_eq!(in_catalog(lab, with_hash), on_disk(&root, with_hash));
}

fn odd_library(lab: &Lab) {
    for index in 0..40 {
        lab.file(
            &format!("Films/Title {index:02} (19{index:02})/film.mkv"),
            format!("film {index}").as_bytes(),
        );
        lab.file(
            &format!("Music/Artist/{index:02} - Song.flac"),
            format!("song {index}").as_bytes(),
        );
    }
    lab.file("empty.mp4", b"");
    lab.file("no extension", b"\x89PNG\r\n\x1a\n");
    lab.file("new\nline.avi", b"a");
    lab.file("tab\tand \"quotes\" 'n' \\ backslash.mp4", b"b");
    lab.file("été/naïve – дом 家.mkv", b"c");
    lab.file("e\u{301}te\u{301}.mkv", b"decomposed");
    lab.file(&format!("{}.mov", "n".repeat(251)), b"long");
    lab.file(".hidden/.secret.jpg", b"d");
    lab.file("Photos/scan.tif", &[7; 100_000]);
    let not_text = std::ffi::OsString::from_vec(b"caf\xe9 \xff.avi".to_vec());
    std::fs::write(lab.drive.join(not_text), b"latin-1").unwrap();
    std::os::unix::fs::symlink("Films", lab.drive.join("link to folder")).unwrap();
    std::os::unix::fs::symlink("empty.mp4", lab.drive.join("link to file")).unwrap();
    std::os::unix::fs::symlink("nowhere", lab.drive.join("dangling")).unwrap();
    let status = std::process::Command::new("mkfifo")
        .arg(lab.drive.join("pipe"))
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
fn every_mode_agrees_with_the_file_system() {
    let lab = Lab::new();
    odd_library(&lab);
    let summary = lab.scan(Mode::Inventory);
    assert_equal(&lab, false);
    assert_eq!(
        (summary.new, summary.hashed_bytes > 0),
        (summary.total_files, true),
        "sniffed what has no extension"
    );
    assert_eq!(
        lab.number("SELECT count(*) FROM files WHERE hash_blake3 IS NOT NULL"),
        0
    );
    assert_eq!(
        lab.number(
            "SELECT count(*) FROM inventory WHERE category = 'image' AND name = 'no extension'"
        ),
        1
    );

    let summary = lab.scan(Mode::Delta);
    assert_equal(&lab, true);
    assert_eq!(
        (summary.unchanged, summary.hashed_files),
        (summary.total_files, summary.total_files)
    );

    let summary = lab.scan(Mode::Full);
    assert_equal(&lab, true);
    assert_eq!(
        (summary.hashed_files, summary.silently_changed),
        (summary.total_files, 0)
    );
    assert!(lab.problems().is_empty(), "{:?}", lab.problems());
}

#[test]
fn an_unchanged_drive_writes_no_row() {
    let lab = Lab::new();
    odd_library(&lab);
    lab.scan(Mode::Delta);
    let rows = |lab: &Lab| {
        let shard = lab.shard();
        let mut all = Vec::new();
        for table in ["entries", "folders", "hashes", "changes", "kinds"] {
            let mut select = shard.prepare(&format!("SELECT * FROM {table}")).unwrap();
            let columns = select.column_count();
            let mut found = select.query([]).unwrap();
            while let Some(row) = found.next().unwrap() {
                all.push(
                    (0..columns)
                        .map(|index| format!("{:?}", row.get_ref(index).unwrap()))
                        .collect::<Vec<_>>(),
                );
            }
        }
        all
    };
    let before = rows(&lab);
    for mode in [Mode::Delta, Mode::Inventory] {
        let summary = lab.scan(mode);
        assert_eq!(
            (summary.unchanged, summary.pending),
            (summary.total_files, 0)
        );
        assert_eq!(rows(&lab), before);
    }
}

#[test]
fn adds_changes_moves_and_deletes() {
    let lab = Lab::new();
    odd_library(&lab);
    lab.scan(Mode::Delta);
    let id_of = |name: &str| {
        lab.shard()
            .query_row("SELECT id FROM files WHERE rel_path = ?1", [name], |row| {
                row.get::<_, i64>(0)
            })
            .unwrap()
    };
    let (moved, renamed_folder) = (
        id_of("Photos/scan.tif"),
        id_of("Films/Title 05 (1905)/film.mkv"),
    );

    lab.file("Films/new one.mkv", b"new");
    std::fs::write(
        lab.drive.join("Music/Artist/01 - Song.flac"),
        b"another length",
    )
    .unwrap();
    // The same size, a microsecond later: only the content and the fraction of the second differ.
    let sly = lab.file("Music/Artist/02 - Song.flac", b"sonG 2");
    set_mtime(&sly, 1_600_000_000_123_457);
    std::fs::remove_file(lab.drive.join("Music/Artist/03 - Song.flac")).unwrap();
    std::fs::create_dir(lab.drive.join("Archive")).unwrap();
    std::fs::rename(
        lab.drive.join("Photos/scan.tif"),
        lab.drive.join("Archive/renamed.tif"),
    )
    .unwrap();
    std::fs::rename(
        lab.drive.join("Films/Title 05 (1905)"),
        lab.drive.join("Films/Another Title"),
    )
    .unwrap();

    let summary = lab.scan(Mode::Delta);
    assert_equal(&lab, true);
    assert_eq!(
        (summary.new, summary.changed, summary.moved, summary.deleted),
        (1, 2, 2, 1)
    );
    assert_eq!(id_of("Archive/renamed.tif"), moved);
    assert_eq!(id_of("Films/Another Title/film.mkv"), renamed_folder);
    assert_eq!(summary.hashed_files, 3, "moved files keep their hashes");
    assert_eq!(
        lab.number(
            "SELECT count(*) FROM files WHERE deleted AND deleted_ts = '2026-01-01T00:00:00Z'"
        ),
        1
    );

    lab.file("Music/Artist/03 - Song.flac", b"song 3");
    let summary = lab.scan(Mode::Delta);
    assert_equal(&lab, true);
    assert_eq!(
        (summary.restored, summary.new, summary.hashed_files),
        (1, 0, 0)
    );
}

#[test]
fn a_move_is_found_by_content_where_inodes_do_not_last() {
    let lab = Lab::new();
    let (from, to) = (
        lab.file("a/film.mkv", b"the content"),
        lab.drive.join("b/film again.mkv"),
    );
    lab.file("other.mkv", b"x");
    let forget_inode = || {
        lab.shard()
            .execute("UPDATE entries SET inode = NULL", [])
            .unwrap()
    };
    lab.scan(Mode::Delta);
    forget_inode();
    let id = lab.number("SELECT id FROM files WHERE rel_path = 'a/film.mkv'");
    std::fs::create_dir(lab.drive.join("b")).unwrap();
    std::fs::rename(from, to).unwrap();
    let summary = lab.scan(Mode::Delta);
    assert_eq!((summary.moved, summary.new, summary.deleted), (1, 0, 0));
    assert_eq!(
        lab.number("SELECT id FROM files WHERE rel_path = 'b/film again.mkv' AND NOT deleted"),
        id
    );
    assert_equal(&lab, true);
}

#[test]
fn many_files_alike_do_not_slow_each_other_down() {
    let lab = Lab::new();
    for index in 0..6_000 {
        std::fs::write(
            lab.drive.join(format!("{index}.nfo")),
            if index % 2 == 0 { "" } else { "same" },
        )
        .unwrap();
    }
    assert_eq!(lab.scan(Mode::Delta).hashed_files, 6_000);
    std::fs::create_dir(lab.drive.join("later")).unwrap();
    for index in 0..6_000 {
        let name = format!("{index}.nfo");
        std::fs::rename(lab.drive.join(&name), lab.drive.join("later").join(&name)).unwrap();
    }
    lab.shard()
        .execute("UPDATE entries SET inode = NULL", [])
        .unwrap();
    let mut request = lab.request(Mode::Delta);
    request.accept_missing = true;
    let summary = lab.try_scan(&request).unwrap();
    // By content, one for one; empty files are new and deleted.
    assert_eq!(
        (summary.moved, summary.new, summary.deleted),
        (3_000, 3_000, 3_000)
    );
}

#[test]
fn a_big_flat_folder_comes_in_chunks() {
    let lab = Lab::new();
    for index in 0..9_000 {
        std::fs::write(lab.drive.join(format!("{index}.jpg")), format!("{index}")).unwrap();
    }
    assert_eq!(lab.scan(Mode::Inventory).new, 9_000);
    assert_eq!(lab.scan(Mode::Inventory).unchanged, 9_000);
    for index in 0..50 {
        std::fs::remove_file(lab.drive.join(format!("{}.jpg", index * 100))).unwrap();
    }
    std::fs::write(lab.drive.join("more.jpg"), "x").unwrap();
    let summary = lab.scan(Mode::Inventory);
    assert_eq!(
        (summary.unchanged, summary.deleted, summary.new),
        (8_950, 50, 1)
    );
    assert_equal(&lab, false);
}

#[test]
fn filters_hide_without_deleting() {
    let lab = Lab::new();
    odd_library(&lab);
    lab.scan(Mode::Inventory);
    let total = lab.number("SELECT count(*) FROM inventory");
    let mut request = lab.request(Mode::Inventory);
    request.options.skip = vec!["Films/*".into(), "*.flac".into()];
    request.options.skip_hidden = true;
    let summary = lab.try_scan(&request).unwrap();
    assert!(summary.skipped_ignored >= 3);
    assert_eq!(summary.deleted, 0);
    assert_eq!(lab.number("SELECT count(*) FROM inventory"), total);
    request.mode = Mode::Delta;
    lab.try_scan(&request).unwrap();
    let read =
        "SELECT count(*) FROM files WHERE hash_blake3 IS NOT NULL AND rel_path GLOB 'Films/*'";
    assert_eq!(lab.number(read), 0, "what is left out is not read");
}

#[test]
fn links_are_entered_on_request_and_cycles_end() {
    let lab = Lab::new();
    lab.file("real/film.mkv", b"x");
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::write(elsewhere.path().join("outside.mkv"), b"y").unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), lab.drive.join("link")).unwrap();
    std::os::unix::fs::symlink("..", lab.drive.join("real/up")).unwrap();
    std::os::unix::fs::symlink("real", lab.drive.join("again")).unwrap();
    assert_eq!(lab.scan(Mode::Inventory).total_files, 1);
    let mut request = lab.request(Mode::Inventory);
    request.options.follow_symlinks = true;
    let summary = lab.try_scan(&request).unwrap();
    assert_eq!(summary.total_files, 2);
    assert_eq!(lab.problems().len(), 2, "{:?}", lab.problems());
    assert_eq!(
        lab.number("SELECT count(*) FROM inventory WHERE rel_path = 'link/outside.mkv'"),
        1
    );
    // Not entered any more: there all the same.
    assert_eq!(lab.scan(Mode::Inventory).deleted, 0);
}

#[test]
fn a_scan_of_a_part_touches_nothing_outside() {
    let lab = Lab::new();
    odd_library(&lab);
    lab.scan(Mode::Delta);
    std::fs::remove_file(lab.drive.join("empty.mp4")).unwrap();
    std::fs::remove_file(lab.drive.join("Music/Artist/00 - Song.flac")).unwrap();
    let mut request = lab.request(Mode::Delta);
    request.only = Some("Music".into());
    let summary = lab.try_scan(&request).unwrap();
    assert_eq!((summary.total_files, summary.deleted), (39, 1));
    assert_eq!(lab.number("SELECT count(*) FROM files WHERE deleted"), 1);
    request.only = Some("../elsewhere".into());
    assert!(lab.try_scan(&request).is_err());
}

#[test]
fn odd_times_and_a_clock_that_goes_backwards() {
    let lab = Lab::new();
    let old = lab.file("before 1970.avi", b"x");
    let time = UNIX_EPOCH - std::time::Duration::from_millis(500);
    std::fs::File::options()
        .write(true)
        .open(&old)
        .unwrap()
        .set_modified(time)
        .unwrap();
    lab.file("later.avi", b"y");
    lab.scan(Mode::Delta);
    let mtime: String = lab
        .shard()
        .query_row(
            "SELECT mtime_utc FROM files WHERE rel_path LIKE 'before%'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(mtime, "1969-12-31T23:59:59Z");
    let lab = Lab {
        clock: std::sync::Arc::new(videocatalog_core::clock::TestClock::at(0)),
        ..lab
    };
    lab.file("new.avi", b"z");
    assert_eq!(lab.scan(Mode::Delta).new, 1);
    assert_eq!(
        lab.number("SELECT max(change_id) = (SELECT change_id FROM root) FROM changes"),
        1
    );
    assert_equal(&lab, true);
}

#[test]
fn years_after_9999() {
    // tmpfs keeps such times; most disks do not.
    let shm = Path::new("/dev/shm");
    let Ok(folder) = tempfile::tempdir_in(shm) else {
        panic!("/dev/shm is needed for times after 9999")
    };
    let lab = Lab::new();
    let path = folder.path().join("far.avi");
    std::fs::write(&path, b"x").unwrap();
    let seconds = 300_000_000_000_u64;
    let time = UNIX_EPOCH + std::time::Duration::from_secs(seconds);
    std::fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(time)
        .unwrap();
    let probe = videocatalog_core::volume::FakeProbe::new();
    probe.mount(crate::lab::volume(
        folder.path(),
        "uuid:99999999-2222-3333-4444-555555555555",
    ));
    let lab = Lab {
        drive: folder.path().to_path_buf(),
        probe: std::sync::Arc::new(probe),
        ..lab
    };
    lab.scan(Mode::Delta);
    assert_eq!(lab.scan(Mode::Delta).unchanged, 1);
    assert_eq!(
        lab.number("SELECT mtime_us / 1000000 FROM entries"),
        i64::try_from(seconds).unwrap()
    );
    let mtime: String = lab
        .shard()
        .query_row("SELECT mtime_utc FROM files", [], |row| row.get(0))
        .unwrap();
    assert_eq!(mtime, "9999-12-31T23:59:59Z");
}
