//! Ctrl+C, and two scans of one drive.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr};
use std::time::{Duration, Instant};

use crate::lab::{Lab, Ran};

/// Documented is a second; a machine under load gets more.
const SOON: Duration = Duration::from_secs(5);

/// Nothing that is waited for takes anywhere near as long.
const LIMIT: Duration = Duration::from_mins(1);

const FILES: usize = 4_000;

/// A scan that pauses 10 ms at each of 4,000 files, past the point where it holds the lock.
struct SlowScan {
    child: Child,
    messages: BufReader<ChildStderr>,
}

impl SlowScan {
    fn start(lab: &Lab) -> Self {
        let flags = [
            "--debug",
            "--batch-files",
            "10",
            "--perf-profile",
            "HDD",
            "--json",
            "--progress",
            "json",
        ];
        let mut child = lab
            .command()
            .args(lab.scan_arguments(&flags))
            .spawn()
            .unwrap();
        let mut messages = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains(r#""type":"performance""#) {
            line.clear();
            assert_ne!(messages.read_line(&mut line).unwrap(), 0, "it ended");
        }
        Self { child, messages }
    }

    fn interrupt(&self, times: usize) {
        let kill = format!("kill -INT {}; ", self.child.id()).repeat(times);
        let sent = std::process::Command::new("sh")
            .args(["-c", &kill])
            .output();
        // The second may find nobody any more.
        assert!(times > 1 || sent.unwrap().status.success());
    }

    fn finish(mut self) -> Ran {
        let mut stderr = String::new();
        self.messages.read_to_string(&mut stderr).unwrap();
        let mut ran = Ran::from(self.child.wait_with_output().unwrap());
        ran.stderr = stderr;
        ran
    }
}

/// Waits until rows are committed.
fn wait_for_rows(lab: &Lab) {
    let began = Instant::now();
    while rows(lab) < 20 {
        assert!(began.elapsed() < LIMIT, "no rows yet");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn rows(lab: &Lab) -> i64 {
    lab.shard()
        .query_row("SELECT count(*) FROM entries", [], |row| row.get(0))
        .unwrap_or(0)
}

#[test]
fn an_interrupted_scan_keeps_what_it_did_and_the_next_completes_it() {
    let lab = Lab::new();
    lab.many_files(FILES);
    let scan = SlowScan::start(&lab);
    wait_for_rows(&lab);
    scan.interrupt(1);
    let asked = Instant::now();
    let ran = scan.finish();
    let took = asked.elapsed();
    assert_eq!(ran.code, Some(130), "{ran:?}");
    assert!(took < SOON, "{took:?}");
    assert!(ran.stderr.contains("stopping"), "{ran:?}");
    assert_eq!(ran.json()["status"], "Stopped");
    let kept = rows(&lab);
    assert!((20..4_000).contains(&kept), "{kept}");
    let jobs = lab.ok(&["jobs", "--json"]).json();
    assert_eq!(jobs[0]["status"], "Stopped");

    let second = lab.scan(&["--json"]);
    assert!(
        second.stderr.contains("going on with the interrupted scan"),
        "{second:?}"
    );
    assert_eq!(second.json()["status"], "Done");
    assert_eq!(second.json()["total_files"], FILES);
    assert_eq!(rows(&lab), i64::try_from(FILES).unwrap());
    let hashed: i64 = lab
        .shard()
        .query_row("SELECT count(hash_blake3) FROM files", [], |row| row.get(0))
        .unwrap();
    assert_eq!(hashed, i64::try_from(FILES).unwrap());
}

#[test]
fn a_second_interrupt_ends_it_at_once() {
    let lab = Lab::new();
    lab.many_files(FILES);
    let scan = SlowScan::start(&lab);
    scan.interrupt(2);
    let asked = Instant::now();
    let ran = scan.finish();
    assert_eq!(ran.code, Some(130), "{ran:?}");
    assert!(asked.elapsed() < SOON);
    assert_eq!(lab.scan(&["--json"]).json()["total_files"], FILES);
}

#[test]
fn a_second_scan_of_the_drive_is_4_and_names_the_first() {
    let lab = Lab::new();
    lab.many_files(FILES);
    let scan = SlowScan::start(&lab);
    let said = lab.fails(4, &lab.scan_arguments(&[]));
    let process = format!("process {}", scan.child.id());
    assert!(
        said.contains("is in use: scan") && said.contains(&process),
        "{said}"
    );
    lab.ok(&["search", "mkv"]);
    scan.interrupt(1);
    assert_eq!(scan.finish().code, Some(130));
    lab.scan(&[]);
}
