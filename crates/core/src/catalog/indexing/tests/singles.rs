//! Single files, feature vectors, counts and versions of a drive.

use std::path::{Path, PathBuf};

use rusqlite::params;

use super::{File, Lab};
use crate::browse::{self, FeatureFilter, feature, feature_list, file};
use crate::path::bytes_to_os;
use crate::search::Searcher;

const NAMES: [&[u8]; 6] = [
    b"new\nline.mp4",
    "été.jpg".as_bytes(),
    b"caf\xe9.mkv",
    b"Clip.mp4",
    b"gone.mp4",
    b"b.mkv",
];

/// A drive with files of those names in `Films`, each with a feature vector; the one that is gone too.
fn lab() -> Lab {
    let mut lab = Lab::new(1, &[0]);
    let shard = &mut lab.shards[0];
    shard.next_change();
    for (id, name) in (1_i64..).zip(NAMES) {
        let deleted = name.starts_with(b"gone");
        shard.put(
            id,
            File {
                folder: 1,
                name: name.to_vec(),
                size: Some(id * 100),
                time: Some(0),
                deleted,
                ..File::default()
            },
        );
        let vector: Vec<u8> = [0.5_f32, -2.0]
            .iter()
            .flat_map(|n| n.to_le_bytes())
            .collect();
        let add = "INSERT INTO feature_vectors(file_id, kind, vec, dim, frames_used, updated_utc) VALUES(?1, ?2, ?3, 2, ?1, '2024')";
        let kind = if name.ends_with(b"jpg") {
            "image"
        } else {
            "video"
        };
        shard
            .connection
            .execute(add, params![id, kind, vector])
            .unwrap();
    }
    lab
}

#[test]
fn a_file_is_found_by_every_form_of_its_path() {
    let lab = lab();
    let drive = &lab.shards[0].drive;
    let find = |path: &[u8]| file(&lab.catalog, drive, Path::new(&*bytes_to_os(path))).unwrap();
    for (id, name) in (1_i64..).zip(NAMES) {
        let rel_path = [b"Films/", name].concat();
        let forms = [
            rel_path.clone(),
            [b"./", rel_path.as_slice()].concat(),
            [b"/mnt/d0/", rel_path.as_slice()].concat(),
        ];
        for path in forms {
            let found = find(&path);
            if name.starts_with(b"gone") {
                assert_eq!(found, None);
                continue;
            }
            let found = found.unwrap();
            assert_eq!((found.file_id, found.size_bytes), (id, Some(id * 100)));
            assert_eq!(found.place.rel_path, String::from_utf8_lossy(&rel_path));
            assert_eq!(
                found.place.path,
                format!("/mnt/d0/{}", found.place.rel_path)
            );
            assert_eq!(found.place.path_b64.is_some(), name.contains(&0xe9));
            assert_eq!(found.category, "video");
            assert_eq!(found.mtime_utc.as_deref(), Some("1970-01-01T00:00:00Z"));
        }
    }
    for path in [
        "",
        "/",
        "Films",
        "films/clip.mp4",
        "/mnt/d1/Films/Clip.mp4",
        "Films/Clip.mp4/",
    ] {
        assert_eq!(find(path.as_bytes()), None, "{path}");
    }
}

#[test]
fn a_file_of_a_windows_drive_is_found_with_its_own_paths() {
    let mut lab = lab();
    let shard = &mut lab.shards[0];
    for mount in ["D:\\", "D:\\Media"] {
        shard.drive.mount_path = mount.into();
        shard.drive.mount_bytes = mount.into();
        let change = "UPDATE root SET separator = '\\', mount_path = ?1";
        shard.connection.execute(change, [mount]).unwrap();
        let absolute = format!("{}\\Films\\Clip.mp4", mount.trim_end_matches('\\'));
        for path in [absolute.as_str(), "Films\\Clip.mp4", "Films/Clip.mp4"] {
            let found = file(&lab.catalog, &shard.drive, &PathBuf::from(path)).unwrap();
            assert_eq!(found.unwrap().place.path, absolute, "{path}");
        }
    }
}

#[test]
fn feature_vectors_are_listed_by_path_and_read() {
    let lab = lab();
    let drive = &lab.shards[0].drive;
    let list = |path, kind, offset, limit| {
        let filter = FeatureFilter { path, kind };
        let (total, found) = feature_list(&lab.catalog, drive, filter, offset, limit).unwrap();
        let names = found.into_iter().map(|entry| {
            let name = entry.place.rel_path.strip_prefix("Films/").unwrap();
            (name.to_owned(), entry.frames_used)
        });
        (total, names.collect::<Vec<_>>())
    };
    let all: Vec<(String, i64)> = [
        ("b.mkv", 6),
        ("caf\u{fffd}.mkv", 3),
        ("Clip.mp4", 4),
        ("new\nline.mp4", 1),
        ("été.jpg", 2),
    ]
    .map(|(name, frames)| (name.to_owned(), frames))
    .into();
    assert_eq!(list("", "", 0, 10), (5, all.clone()));
    assert_eq!(list("", "", 1, 2), (5, all[1..3].to_vec()));
    assert_eq!(list("", "", 9, 2), (5, vec![]));
    assert_eq!(list("ÉT", "", 0, 10), (1, all[4..].to_vec()));
    assert_eq!(list("D0/FILMS/C", " Video", 0, 10), (2, all[1..3].to_vec()));
    assert_eq!(list("%", "", 0, 10), (0, vec![]));
    assert_eq!(list("", "audio", 0, 10), (0, vec![]));
    let vector = |path: &str| feature(&lab.catalog, drive, Path::new(path)).unwrap();
    let found = vector("/mnt/d0/Films/new\nline.mp4").unwrap();
    assert_eq!(
        (found.kind.as_str(), found.vector.as_slice()),
        ("video", [0.5, -2.0].as_slice())
    );
    assert!(vector("Films/gone.mp4").is_none() && vector("nothing").is_none());
}

#[test]
fn a_shard_that_came_to_the_same_number_another_way_is_read_again() {
    let mut lab = Lab::new(4, &[10]);
    let searcher = Searcher::default();
    let total = |lab: &Lab| {
        let none = browse::InventoryFilter::default();
        let drive = &lab.shards[0].drive;
        let page = browse::inventory(&searcher, &lab.catalog, drive, &none, 0, 1).unwrap();
        page.total
    };
    let before = total(&lab);
    let shard = &mut lab.shards[0];
    let file = File {
        name: b"another".to_vec(),
        ..File::default()
    };
    shard.put(1_000, file);
    let restored = "UPDATE changes SET utc = '2020'";
    shard.connection.execute_batch(restored).unwrap();
    assert_eq!(total(&lab), before + 1);
}
