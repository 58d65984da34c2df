//! Exports as files: every form gives back every name, and nothing half is ever left.

use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::Value;
use videocatalog_core::cancel::CancelToken;
use videocatalog_core::catalog::drives::Drive;
use videocatalog_core::catalog::export::Wanted;
use videocatalog_core::export::{
    self, COLUMNS, ExportError, Format, Request, Summary, Target, default_name,
};
use videocatalog_core::scan::Mode;

use crate::lab::Lab;

const ALL: [Format; 3] = [Format::Csv, Format::Jsonl, Format::Parquet];

/// Names that break careless writers.
pub(crate) const HOSTILE: &[&[u8]] = &[
    b"plain.mkv",
    b"comma, \"quoted\" and 'single'.mkv",
    b"line\nbreak.mkv",
    b"carriage\r\nreturn.mkv",
    b"tab\tname.mkv",
    b"=1+2.mkv",
    b"\x1b[31mred.mkv",
    "\u{202e}vkm.exe".as_bytes(),
    "\u{feff}bom.mkv".as_bytes(),
    "été 日本 \u{1f3ac}.mkv".as_bytes(),
    b"not utf-8 \xff\xfe.mkv",
    b"back\\slash.mkv",
    b"sub=folder/\"x\".mp3",
    b"  spaces  ",
];

pub(crate) fn hostile_lab() -> Lab {
    let lab = Lab::new();
    for name in HOSTILE {
        let path = lab.drive.join(std::ffi::OsStr::from_bytes(name));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, name).unwrap();
        crate::lab::set_mtime(&path, 1_600_000_000_123_456);
    }
    lab.scan(Mode::Delta);
    lab
}

pub(crate) fn to(lab: &Lab, path: &Path) -> Target<'static> {
    Target::File {
        named: Some(path.to_path_buf()),
        folder: lab.home.join("exports"),
        name: "default.out".into(),
    }
}

fn export(lab: &Lab, request: &Request<'_>, target: Target<'_>) -> Result<Summary, ExportError> {
    let catalog = lab.catalog();
    let drives = catalog.drives().unwrap();
    let cancel = CancelToken::new();
    export::run(&catalog, &drives, request, target, &cancel, &mut |_| ())
}

/// Exports and returns the file.
pub(crate) fn exported(lab: &Lab, request: &Request<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    export(lab, request, Target::Stream(&mut bytes)).unwrap();
    bytes
}

fn csv_rows(bytes: &[u8]) -> Vec<csv::StringRecord> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").expect("the mark");
    let mut reader = csv::Reader::from_reader(text);
    assert_eq!(reader.headers().unwrap(), &COLUMNS[..]);
    reader.records().collect::<Result<_, _>>().unwrap()
}

pub(crate) fn json_rows(bytes: &[u8]) -> Vec<Value> {
    std::str::from_utf8(bytes)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn parquet_rows(bytes: Vec<u8>) -> Vec<Vec<(String, Field)>> {
    let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap();
    reader
        .get_row_iter(None)
        .unwrap()
        .map(|row| row.unwrap().into_columns())
        .collect()
}

/// The absolute paths that must come out, in their order.
fn expected_paths(lab: &Lab) -> Vec<Vec<u8>> {
    let root = std::fs::canonicalize(&lab.drive).unwrap();
    let mut paths: Vec<Vec<u8>> = HOSTILE
        .iter()
        .map(|name| [root.as_os_str().as_bytes(), b"/", name].concat())
        .collect();
    paths.sort();
    paths
}

#[test]
fn every_name_comes_back_from_every_form() {
    let lab = hostile_lab();
    let expected = expected_paths(&lab);
    let lossy: Vec<String> = expected
        .iter()
        .map(|path| String::from_utf8_lossy(path).into_owned())
        .collect();
    let rows = csv_rows(&exported(&lab, &Request::new(Format::Csv)));
    let paths: Vec<&str> = rows.iter().map(|row| &row[1]).collect();
    assert_eq!(paths, lossy);
    let rows = json_rows(&exported(&lab, &Request::new(Format::Jsonl)));
    let paths: Vec<Vec<u8>> = rows.iter().map(json_path).collect();
    assert_eq!(paths, expected);
    for (row, key) in rows[0].as_object().unwrap().keys().zip(COLUMNS) {
        assert_eq!(row, key);
    }
    let rows = parquet_rows(exported(&lab, &Request::new(Format::Parquet)));
    let paths: Vec<Vec<u8>> = rows.iter().map(|row| parquet_path(row)).collect();
    assert_eq!(paths, expected);
}

pub(crate) fn json_path(row: &Value) -> Vec<u8> {
    match row.get("path_b64") {
        Some(encoded) => STANDARD.decode(encoded.as_str().unwrap()).unwrap(),
        None => row["path"].as_str().unwrap().as_bytes().to_vec(),
    }
}

fn parquet_path(row: &[(String, Field)]) -> Vec<u8> {
    let field = |name: &str| &row.iter().find(|(own, _)| own == name).unwrap().1;
    match (field("path_bytes"), field("path")) {
        (Field::Bytes(bytes), _) => bytes.data().to_vec(),
        (Field::Null, Field::Str(text)) => text.as_bytes().to_vec(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn columns_have_their_documented_forms() {
    let lab = Lab::new();
    let film = lab.file("film.mkv", b"x");
    lab.file("gone.mp4", b"y");
    lab.scan(Mode::Delta);
    std::fs::remove_file(lab.drive.join("gone.mp4")).unwrap();
    let mut request = lab.request(Mode::Delta);
    request.accept_missing = true;
    lab.try_scan(&request).unwrap();
    lab.shard()
        .execute(
            "INSERT OR REPLACE INTO media(file_id, source, video_codec, width, height, audio_codec, audio_streams,
                                          video_streams, duration_s, integrity_ok)
             SELECT id, 'native', 'h264', 1920, 1080, 'pcm_s16le', 2, 1, 61.5004, 1 FROM entries WHERE name = 'film.mkv'",
            [],
        )
        .unwrap();
    let film = film.canonicalize().unwrap();
    let hash = blake3::hash(b"x").to_hex();
    let text = String::from_utf8(exported(&lab, &Request::new(Format::Csv))).unwrap();
    let line = text.split("\r\n").nth(1).unwrap();
    assert_eq!(
        line,
        format!(
            "Test,{},1,1,{hash},2020-09-13T12:26:40Z,AVC,1920,1080,PCM,2,1,61.5,1,0,2026-01-01T00:00:00Z,2026-01-01T00:00:00Z",
            film.display()
        )
    );
    assert_eq!(text.split("\r\n").count(), 3, "gone.mp4 is left out");
    let with_deleted = Request {
        wanted: Wanted {
            include_deleted: true,
            ..Wanted::default()
        },
        ..Request::new(Format::Jsonl)
    };
    let rows = json_rows(&exported(&lab, &with_deleted));
    assert_eq!(rows.len(), 2);
    assert_eq!(
        (&rows[0]["deleted"], &rows[1]["deleted"]),
        (&0.into(), &1.into())
    );
    assert_eq!(rows[0]["duration_seconds"], 61.5);
    assert_eq!(rows[0]["hash_origin"], "ours");
    assert_eq!(rows[1]["codec_video"], Value::Null);
    let rows = parquet_rows(exported(
        &lab,
        &Request {
            format: Format::Parquet,
            ..with_deleted
        },
    ));
    let field = |name: &str| {
        rows[0]
            .iter()
            .find(|(own, _)| own == name)
            .unwrap()
            .1
            .clone()
    };
    assert_eq!(field("size_bytes"), Field::Long(1));
    assert_eq!(field("is_av"), Field::Bool(true));
    assert_eq!(
        field("mtime_utc"),
        Field::TimestampMicros(1_600_000_000_123_456)
    );
    assert_eq!(
        field("first_seen_utc"),
        Field::TimestampMicros(1_767_225_600_000_000)
    );
    assert_eq!(field("width"), Field::Int(1_920));
    assert_eq!(field("duration_seconds"), Field::Double(61.5));
    assert_eq!(field("integrity_ok"), Field::Bool(true));
    assert_eq!(rows[0].len(), COLUMNS.len() + 3);
}

#[test]
fn cells_that_look_like_formulas_are_neutralised_on_request() {
    let lab = Lab::new();
    lab.file("a.mkv", b"x");
    lab.scan(Mode::Delta);
    lab.catalog().rename("Test", "=cmd|' /c calc'!A0").unwrap();
    for (safe_cells, expected) in [(false, "=cmd|' /c calc'!A0"), (true, "'=cmd|' /c calc'!A0")] {
        let request = Request {
            safe_cells,
            ..Request::new(Format::Csv)
        };
        assert_eq!(&csv_rows(&exported(&lab, &request))[0][0], expected);
    }
}

#[test]
fn rows_that_are_asked_for_alone() {
    let lab = hostile_lab();
    let ids: Vec<i64> = vec![1, 3, 5];
    let only = |drive: &Drive, id: i64| drive.label == "Test" && ids.contains(&id);
    let request = Request {
        only: Some(&only),
        ..Request::new(Format::Jsonl)
    };
    assert_eq!(json_rows(&exported(&lab, &request)).len(), 3);
}

/// What lies in a folder.
fn names_in(folder: &Path) -> Vec<PathBuf> {
    let mut names: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    names.sort();
    names
}

#[test]
fn a_target_is_a_file_a_folder_or_nothing_named() {
    let lab = hostile_lab();
    let request = Request::new(Format::Csv);
    let place = lab.home.join("some/new/folder");
    let file = place.join("files.csv");
    let summary = export(&lab, &request, to(&lab, &file)).unwrap();
    assert_eq!(summary.path.as_deref(), Some(file.as_path()));
    assert_eq!(
        summary.progress.bytes,
        std::fs::metadata(&file).unwrap().len()
    );
    assert_eq!(summary.progress.rows, HOSTILE.len() as u64);
    for expected in ["default.out", "default-2.out"] {
        let summary = export(&lab, &request, to(&lab, &place)).unwrap();
        assert_eq!(summary.path, Some(place.join(expected)));
    }
    let nothing = Target::File {
        named: None,
        folder: lab.home.join("exports"),
        name: default_name(Some("Films 1"), "csv", 0),
    };
    let summary = export(&lab, &request, nothing).unwrap();
    let expected = lab.home.join("exports/export_Films_1_19700101_000000Z.csv");
    assert_eq!(summary.path, Some(expected));
    let below_a_file = export(&lab, &request, to(&lab, &file.join("x.csv"))).unwrap_err();
    assert!(
        below_a_file.hint().contains("part of that path"),
        "{below_a_file:?}"
    );
    // A device stays a device.
    let null = Path::new("/dev/null");
    export(&lab, &request, to(&lab, null)).unwrap();
    let kind = std::fs::metadata(null).unwrap().file_type();
    assert!(kind.is_char_device());
    let link = place.join("link.csv");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    std::fs::write(&file, "old").unwrap();
    export(&lab, &request, to(&lab, &link)).unwrap();
    assert!(link.is_symlink() && std::fs::metadata(&file).unwrap().len() > 100);
}

#[test]
fn what_is_stopped_leaves_nothing_and_what_was_there_stays() {
    let lab = Lab::new();
    for number in 0..1_500 {
        std::fs::write(lab.drive.join(format!("{number}.txt")), b"x").unwrap();
    }
    lab.scan(Mode::Inventory);
    let catalog = lab.catalog();
    let drives = catalog.drives().unwrap();
    let folder = lab.home.join("out");
    std::fs::create_dir(&folder).unwrap();
    let path = folder.join("files");
    std::fs::write(&path, "what was there").unwrap();
    for format in ALL {
        let cancel = CancelToken::new();
        let mut told = 0;
        let request = Request::new(format);
        let error = export::run(
            &catalog,
            &drives,
            &request,
            to(&lab, &path),
            &cancel,
            &mut |progress| {
                told = progress.rows;
                cancel.cancel();
            },
        )
        .unwrap_err();
        assert!(matches!(error, ExportError::Cancelled), "{error}");
        assert_eq!(told, 500);
        assert_eq!(names_in(&folder), [path.as_path()]);
        assert_eq!(std::fs::read(&path).unwrap(), b"what was there");
    }
}

#[test]
fn a_full_disk_leaves_nothing() {
    let lab = Lab::new();
    for number in 0..4_000 {
        let name = format!("a rather long name for a small file {number:x} {number}.txt");
        std::fs::write(lab.drive.join(name), b"x").unwrap();
    }
    lab.scan(Mode::Inventory);
    let disk = lab.home.join("small disk");
    std::fs::create_dir(&disk).unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=16k", "tmpfs"])
        .arg(&disk)
        .status()
        .unwrap();
    assert!(mounted.success(), "a tmpfs is needed: run as root");
    let path = disk.join("files");
    std::fs::write(&path, "what was there").unwrap();
    let outcomes: Vec<_> = ALL
        .into_iter()
        .map(|format| export(&lab, &Request::new(format), to(&lab, &path)))
        .collect();
    let copied = export::copy_catalogue(
        &lab.home.join("data/catalog.db"),
        Some(path.clone()),
        &disk,
        lab.clock.as_ref(),
        &CancelToken::new(),
    );
    let (left, kept) = (names_in(&disk), std::fs::read(&path).unwrap());
    let unmounted = Command::new("umount")
        .arg("-l")
        .arg(&disk)
        .status()
        .unwrap();
    assert!(unmounted.success());
    for outcome in outcomes {
        let error = outcome.unwrap_err();
        assert!(
            error.hint().contains("disk is full"),
            "{error}: {}",
            error.hint()
        );
    }
    let error = copied.unwrap_err();
    assert!(error.hint().contains("free some space"), "{error}");
    assert_eq!(left, [path]);
    assert_eq!(kept, b"what was there");
}

#[test]
fn a_drive_that_cannot_be_read_is_named_and_the_others_are_exported() {
    let lab = hostile_lab();
    let catalog = lab.catalog();
    let mut gone = catalog.new_drive("Gone").unwrap();
    gone.mount_path = "/mnt/gone".into();
    gone.mount_bytes = b"/mnt/gone".to_vec();
    videocatalog_core::catalog::drives::save(catalog.connection(), &gone).unwrap();
    let mut bytes = Vec::new();
    let summary = export(&lab, &Request::new(Format::Csv), Target::Stream(&mut bytes)).unwrap();
    assert_eq!(csv_rows(&bytes).len(), HOSTILE.len());
    let [failed] = &summary.failed[..] else {
        panic!("{summary:?}")
    };
    assert_eq!((failed.label.as_str(), failed.rows), ("Gone", 0));
    assert!(failed.reason.contains("does not exist"), "{failed:?}");
    let folder = lab.home.join("out");
    let error = export::run(
        &catalog,
        &[gone],
        &Request::new(Format::Csv),
        to(&lab, &folder.join("x.csv")),
        &CancelToken::new(),
        &mut |_| (),
    )
    .unwrap_err();
    assert!(matches!(error, ExportError::NoDrive(_)) && error.to_string().contains("`Gone`"));
    assert_eq!(names_in(&folder), Vec::<PathBuf>::new());
}

#[test]
fn a_copy_of_the_catalogue_can_be_opened() {
    let lab = hostile_lab();
    let folder = lab.home.join("exports");
    let source = lab.home.join("data/catalog.db");
    let copy = export::copy_catalogue(
        &source,
        None,
        &folder,
        lab.clock.as_ref(),
        &CancelToken::new(),
    )
    .unwrap();
    assert_eq!(copy.path, folder.join("catalog_20260101_000000Z.db"));
    let second = export::copy_catalogue(
        &source,
        None,
        &folder,
        lab.clock.as_ref(),
        &CancelToken::new(),
    )
    .unwrap();
    assert_ne!(copy.path, second.path);
    let labels: String = rusqlite::Connection::open(&copy.path)
        .unwrap()
        .query_row("SELECT group_concat(label) FROM drives", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(labels, "Test");
}

#[test]
fn parquet_has_groups_of_bounded_size() {
    let lab = Lab::new();
    lab.file("a.txt", b"x");
    lab.scan(Mode::Inventory);
    lab.shard()
        .execute_batch(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 70000)
             INSERT INTO entries(folder_id, name, size_bytes, mtime_us, kind_id, first_change, change_id)
             SELECT folder_id, printf('%06d', i), i, mtime_us, kind_id, first_change, change_id FROM entries, n",
        )
        .unwrap();
    let bytes = exported(&lab, &Request::new(Format::Parquet));
    let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap();
    let groups: Vec<i64> = reader
        .metadata()
        .row_groups()
        .iter()
        .map(parquet::file::metadata::RowGroupMetaData::num_rows)
        .collect();
    assert_eq!(groups, [65_536, 4_465]);
}
