//! Killed at every commit boundary, a scan that is run again ends with the rows of one that was not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use videocatalog_core::clock::Clock;
use videocatalog_core::scan::Mode;

use crate::lab::{Lab, NOW_US, volume};

/// Every batch asks for the time when it begins, so this clock ends the process between two commits.
struct DeadlyClock {
    asked: AtomicU32,
    dies_at: u32,
}

impl Clock for DeadlyClock {
    fn now_us(&self) -> i64 {
        if self.asked.fetch_add(1, Ordering::SeqCst) == self.dies_at {
            std::process::abort();
        }
        NOW_US
    }
}

fn library(lab: &Lab) {
    for index in 0..60 {
        lab.file(
            &format!("{}/{index}.mkv", index % 5),
            format!("{index}").as_bytes(),
        );
    }
}

fn change(lab: &Lab) {
    for index in 0..12 {
        lab.file(
            &format!("{}/{index}.mkv", index % 5),
            format!("changed {index}").as_bytes(),
        );
        std::fs::remove_file(
            lab.drive
                .join(format!("{}/{}.mkv", (index + 20) % 5, index + 20)),
        )
        .unwrap();
        lab.file(
            &format!("new/{index}.mkv"),
            format!("new {index}").as_bytes(),
        );
    }
    std::fs::rename(lab.drive.join("3"), lab.drive.join("three")).unwrap();
}

fn rows(lab: &Lab) -> Vec<(String, Option<i64>, Option<String>, Option<String>, bool)> {
    lab.shard()
        .prepare("SELECT rel_path, size_bytes, mtime_utc, hash_blake3, deleted FROM files ORDER BY rel_path")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap()
}

fn scan_small_batches(lab: &Lab, mode: Mode) -> videocatalog_core::scan::Summary {
    let mut request = lab.request(mode);
    request.options.batch_files = 7;
    request.options.performance_flags.worker_threads = Some(2);
    lab.try_scan(&request).unwrap()
}

/// The child: scans with the deadly clock.
#[test]
#[ignore = "run by the other tests here as a process that dies"]
fn child() {
    let Some(base) = std::env::var_os("VC_TEST_LAB").map(std::path::PathBuf::from) else {
        return;
    };
    let dies_at = std::env::var("VC_TEST_DIES_AT").unwrap().parse().unwrap();
    let mode = if std::env::var("VC_TEST_MODE").unwrap() == "full" {
        Mode::Full
    } else {
        Mode::Delta
    };
    let probe = videocatalog_core::volume::FakeProbe::new();
    probe.mount(volume(
        &base.join("drive"),
        "uuid:11111111-2222-3333-4444-555555555555",
    ));
    let lab = Lab {
        home: base.join("home"),
        drive: base.join("drive"),
        clock: Arc::new(DeadlyClock {
            asked: AtomicU32::new(0),
            dies_at,
        }),
        probe: Arc::new(probe),
        ..Lab::new()
    };
    scan_small_batches(&lab, mode);
}

fn run_child(lab: &Lab, dies_at: u32, mode: &str) -> bool {
    std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::child", "--ignored", "--quiet"])
        .env("VC_TEST_LAB", lab.home.parent().unwrap())
        .env("VC_TEST_DIES_AT", dies_at.to_string())
        .env("VC_TEST_MODE", mode)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap()
        .success()
}

#[test]
fn a_first_scan_and_a_rescan_survive_being_killed_anywhere() {
    let whole = Lab::new();
    library(&whole);
    scan_small_batches(&whole, Mode::Delta);
    let after_first = rows(&whole);
    change(&whole);
    scan_small_batches(&whole, Mode::Delta);
    let after_second = rows(&whole);
    let mut deaths = 0;
    for dies_at in 0.. {
        let lab = Lab::new();
        library(&lab);
        let finished = run_child(&lab, dies_at, "delta");
        scan_small_batches(&lab, Mode::Delta);
        assert_eq!(rows(&lab), after_first, "killed at {dies_at}");
        change(&lab);
        run_child(&lab, dies_at, "delta");
        scan_small_batches(&lab, Mode::Delta);
        assert_eq!(rows(&lab), after_second, "killed at {dies_at}");
        let check: String = lab
            .shard()
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(check, "ok");
        let jobs = lab.catalog().jobs(None).unwrap();
        assert!(jobs.iter().all(|job| job.status != "Running"), "{jobs:?}");
        if finished {
            break;
        }
        deaths += 1;
    }
    assert!(deaths > 15, "only {deaths}");
}

#[test]
fn a_full_rescan_goes_on_where_it_was_killed() {
    let lab = Lab::new();
    library(&lab);
    scan_small_batches(&lab, Mode::Delta);
    assert!(!run_child(&lab, 9, "full"));
    let summary = scan_small_batches(&lab, Mode::Full);
    assert!(
        summary.hashed_files > 0 && summary.hashed_files < 60,
        "{}",
        summary.hashed_files
    );
    let mut request = lab.request(Mode::Full);
    request.resume = false;
    assert_eq!(lab.try_scan(&request).unwrap().hashed_files, 60);
}
