//! The catalogue changes while it is served.

use std::path::Path;
use std::time::{Duration, Instant};

use videocatalog_core::catalog::{Access, drives};

use crate::lab::{KEY, LIMIT, Lab, OTHER, Served};

/// Routes that are about one drive.
const OF_A_DRIVE: [&str; 8] = [
    "/v1/stats?drive_label=Media",
    "/v1/reports/overview?drive_label=Media",
    "/v1/reports/top-extensions?drive_label=Media",
    "/v1/reports/largest-files?drive_label=Media",
    "/v1/reports/heaviest-folders?drive_label=Media",
    "/v1/inventory?drive_label=Media",
    "/v1/file?drive_label=Media&path=Movies/clip.mp4",
    "/v1/reports/recent?drive_label=Media",
];

fn remove_with_companions(path: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        let _absent = std::fs::remove_file(name);
    }
}

fn ask_known(served: &Served, target: &str, tag: &str) -> u16 {
    let headers = [("X-API-Key", KEY), ("If-None-Match", tag)];
    let reply = served.ask("GET", target, &headers);
    if reply.status == 304 {
        assert!(reply.body.is_empty());
        assert!(tag.contains(reply.header("etag").unwrap()) || tag.contains('*'));
    }
    reply.status
}

#[test]
fn who_has_the_newest_answer_is_told_so() {
    let lab = Lab::new();
    let served = lab.serve();
    let others = [
        "/v1/drives",
        "/v1/jobs",
        "/v1/search?q=clip",
        "/v1/features?drive_label=Media",
    ];
    for target in OF_A_DRIVE.iter().chain(&others) {
        let tag = served.ok(target).header("etag").unwrap().to_owned();
        assert_eq!(ask_known(&served, target, &tag), 304, "{target}");
        assert_eq!(ask_known(&served, target, "W/\"0\""), 200, "{target}");
        assert_eq!(ask_known(&served, target, "\"a\", *"), 304, "{target}");
    }
    let tag = |target| served.ok(target).header("etag").unwrap().to_owned();
    assert_ne!(
        tag(OF_A_DRIVE[2]),
        tag("/v1/reports/top-extensions?drive_label=Media&limit=1")
    );
}

#[test]
fn a_change_makes_answers_new() {
    let lab = Lab::new();
    let served = lab.serve();
    let tag = |target: &str| served.ok(target).header("etag").unwrap().to_owned();
    // What was changed is not recent, and stays so.
    let versioned = &OF_A_DRIVE[..7];
    let before: Vec<String> = versioned.iter().map(|target| tag(target)).collect();
    let catalog = lab.catalog();
    let drive = catalog.drive("Media").unwrap();
    let shard = catalog.open_shard(&drive, Access::Write).unwrap();
    shard
        .execute_batch(
            "INSERT INTO changes(change_id, utc) SELECT change_id + 1, '2024-01-01T00:00:00Z' FROM root;
             UPDATE root SET change_id = change_id + 1;
             UPDATE entries SET size_bytes = 77777777, mtime_us = mtime_us + 1,
                    change_id = (SELECT change_id FROM root) WHERE name = 'clip.mp4';",
        )
        .unwrap();
    for (target, before) in versioned.iter().zip(before) {
        // Counts of files are the same; that nothing changed cannot be known, but the drive's version did.
        assert_ne!(tag(target), before, "{target}");
    }
    let largest = served.ok("/v1/reports/largest-files?drive_label=Media&limit=1");
    assert!(largest.results("path")[0].ends_with("clip.mp4"));
    drives::annotate(
        catalog.connection(),
        &drive.drive_uid,
        Some("HDD 3.5"),
        None,
    )
    .unwrap();
    assert_eq!(
        served.ok("/v1/drives").json()["results"][1]["type"],
        "HDD 3.5"
    );
}

#[test]
fn a_shard_that_is_gone_is_a_404_and_the_others_are_searched() {
    let lab = Lab::new();
    let served = lab.serve();
    for target in OF_A_DRIVE {
        served.ok(target);
    }
    remove_with_companions(&lab.shard("Media"));
    for target in OF_A_DRIVE {
        let reply = served.get(target);
        assert_eq!(reply.status, 404, "{target}");
        assert!(
            reply.json()["error"]
                .as_str()
                .unwrap()
                .starts_with("unknown drive_label")
        );
    }
    let found = served.ok("/v1/search?q=clip").json();
    assert_eq!(found["total_estimate"], 1, "{found}");
    assert_eq!(found["results"][0]["drive_label"], OTHER);
    assert!(found["unsearched"][0].as_str().unwrap().contains("`Media`"));
}

#[test]
fn a_damaged_shard_is_named() {
    let lab = Lab::new();
    let served = lab.serve();
    let shard = lab.shard("Media");
    remove_with_companions(&shard);
    std::fs::write(&shard, vec![0xA5; 8_192]).unwrap();
    for target in OF_A_DRIVE {
        let reply = served.get(target);
        assert_eq!(reply.status, 500, "{target}");
        assert!(
            reply.json()["hint"].as_str().unwrap().contains("backups"),
            "{:?}",
            reply.json()
        );
    }
    served.ok("/v1/search?q=clip");
}

#[test]
fn another_drives_shard_in_its_place_is_not_taken_for_it() {
    let lab = Lab::new();
    let served = lab.serve();
    let (own, other) = (lab.shard("Media"), lab.shard(OTHER));
    remove_with_companions(&own);
    std::fs::copy(other, own).unwrap();
    for target in OF_A_DRIVE {
        let reply = served.get(target);
        assert_eq!(reply.status, 500, "{target}");
        assert!(
            reply.json()["error"]
                .as_str()
                .unwrap()
                .contains("belongs to")
        );
    }
}

#[cfg(unix)]
#[test]
fn a_catalogue_that_was_replaced_is_read_anew() {
    let lab = Lab::new();
    let served = lab.serve();
    served.ok("/v1/drives");
    let path = lab.workdir().catalog_db();
    let newer = path.with_extension("newer");
    let catalog = lab.catalog();
    catalog
        .connection()
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    drop(catalog);
    std::fs::copy(&path, &newer).unwrap();
    remove_with_companions(&path);
    let said = served.get("/v1/drives");
    assert_eq!(said.status, 503, "{said:?}");
    std::fs::rename(newer, &path).unwrap();
    let mut catalog = lab.catalog();
    catalog.rename("Media", "Renamed").unwrap();
    assert_eq!(served.ok("/v1/drives").results("label"), [OTHER, "Renamed"]);
    assert_eq!(served.get("/v1/stats?drive_label=Media").status, 404);
}

#[test]
fn reading_writes_nothing() {
    let lab = Lab::new();
    let data = lab.workdir().data();
    let databases = || {
        let mut found = Vec::new();
        for folder in [data.clone(), data.join("shards")] {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_some_and(|extension| extension == "db") {
                    found.push((path.clone(), std::fs::read(path).unwrap()));
                }
            }
        }
        found.sort();
        found
    };
    let before = databases();
    let served = lab.serve();
    for target in OF_A_DRIVE.iter().chain(&[
        "/v1/drives",
        "/v1/jobs",
        "/v1/search?q=",
        "/v1/thumb?drive_label=Media&file_id=1",
    ]) {
        served.get(target);
    }
    drop(served);
    assert!(databases() == before, "a database changed");
}

#[test]
fn databases_are_closed_when_nobody_asks() {
    let lab = Lab::new();
    let served = lab.serve();
    for target in OF_A_DRIVE {
        served.ok(target);
    }
    let shard = lab.shard("Media");
    let catalog = lab.catalog();
    let drive = catalog.drive("Media").unwrap();
    let own = catalog.open_shard(&drive, Access::Write).unwrap();
    // Leaving the log needs the database for oneself, and fails at once where it is not.
    let began = Instant::now();
    while own.execute_batch("PRAGMA journal_mode = DELETE").is_err() {
        assert!(began.elapsed() < LIMIT, "it is still open");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(!shard.with_extension("db-wal").exists());
    served.ok(OF_A_DRIVE[0]);
}
