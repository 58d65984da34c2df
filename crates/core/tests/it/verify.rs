//! Verifying a drive: bytes that a disk lost are found, and nothing else is taken for it.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use videocatalog_core::catalog::verify::VerifyOrder;
use videocatalog_core::clock::TestClock;
use videocatalog_core::event::{Event, Sink};
use videocatalog_core::problem::ProblemKind;
use videocatalog_core::scan::{self, Mode, Refusal, ScanError, Surroundings};
use videocatalog_core::search::{Order, Request, Searcher, query};
use videocatalog_core::tree::Tree;
use videocatalog_core::verify::{self, VerifyRequest, VerifyStatus, VerifySummary};
use videocatalog_core::volume::FakeProbe;

use crate::faults::Faulty;
use crate::lab::{Lab, NOW_US, set_mtime, volume};

const MTIME_US: u64 = 1_600_000_000_123_456;

fn request(lab: &Lab) -> VerifyRequest {
    VerifyRequest {
        label: "Test".into(),
        mount: None,
        only: None,
        order: VerifyOrder::Folders,
        anew: false,
        time_budget: None,
        byte_budget: None,
        accept_drive: false,
        options: lab.request(Mode::Full).options,
    }
}

fn try_verify(lab: &Lab, request: &VerifyRequest) -> Result<VerifySummary, ScanError> {
    verify::run(request, &lab.catalog(), &lab.outside())
}

fn verify(lab: &Lab) -> VerifySummary {
    try_verify(lab, &request(lab)).unwrap()
}

fn history(lab: &Lab) -> verify::VerifyHistory {
    let catalog = lab.catalog();
    verify::history(&catalog, &catalog.drive("Test").unwrap()).unwrap()
}

/// Outcomes and whether they hold, latest first.
fn findings(lab: &Lab) -> Vec<(String, bool)> {
    let found = history(lab).findings.into_iter();
    found.map(|found| (found.outcome, found.open)).collect()
}

/// Changes one bit of a file and nothing that the system says of it.
fn rot(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[0] ^= 1;
    std::fs::write(path, bytes).unwrap();
    set_mtime(path, MTIME_US);
}

fn scanned(files: &[&str]) -> Lab {
    let lab = Lab::new();
    for name in files {
        lab.file(name, name.as_bytes());
    }
    lab.scan(Mode::Delta);
    lab
}

fn hex(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

#[test]
fn a_flipped_bit_is_found_told_every_time_and_written_down_once() {
    let lab = scanned(&["a.mkv", "deep/b.mkv", "c.txt"]);
    let summary = verify(&lab);
    assert_eq!((summary.read_files, summary.sound), (3, 3));
    assert_eq!(summary.read_bytes, 20);
    assert!(!summary.any_damage());

    let path = lab.drive.join("deep/b.mkv");
    rot(&path);
    for _ in 0..2 {
        let summary = verify(&lab);
        assert_eq!(
            (summary.read_files, summary.sound, summary.other_bytes),
            (3, 2, 1)
        );
        let [found] = &summary.findings[..] else {
            panic!("{:?}", summary.findings)
        };
        assert_eq!(found.place.rel_path, "deep/b.mkv");
        assert_eq!(found.expected, hex(b"deep/b.mkv"));
        assert_eq!(found.found, Some(hex(b"eeep/b.mkv")));
        assert_eq!(summary.problems.get(&ProblemKind::OtherBytes), Some(&1));
    }
    assert_eq!(findings(&lab), [("other-bytes".into(), true)]);
    // A scan that trusts size and time does not take the damage for the file.
    lab.scan(Mode::Delta);
    assert_eq!(verify(&lab).other_bytes, 1);

    rot(&path);
    assert_eq!(verify(&lab).sound, 3);
    assert_eq!(
        findings(&lab),
        [("sound".into(), false), ("other-bytes".into(), false)]
    );
    let history = history(&lab);
    assert_eq!((history.files, history.verified_files), (3, 3));
}

#[test]
fn what_was_written_to_or_is_gone_is_no_damage() {
    let lab = scanned(&["changed.mkv", "gone.mkv", "longer.mkv", "same.mkv"]);
    let changed = lab.drive.join("changed.mkv");
    std::fs::write(&changed, b"CHANGED.mkv").unwrap();
    set_mtime(&changed, MTIME_US + 1);
    let longer = lab.drive.join("longer.mkv");
    std::fs::write(&longer, b"longer.mkv!").unwrap();
    set_mtime(&longer, MTIME_US);
    std::fs::remove_file(lab.drive.join("gone.mkv")).unwrap();
    let summary = verify(&lab);
    assert_eq!((summary.sound, summary.changed, summary.missing), (1, 2, 1));
    assert!(!summary.any_damage());
    assert_eq!(summary.left_files, 0);
    assert_eq!(findings(&lab), []);
    // The scan takes them up, and the next round compares with what it hashed.
    assert_eq!(lab.scan(Mode::Delta).changed, 2);
    assert_eq!(verify(&lab).sound, 3);
}

#[test]
fn a_damaged_file_that_is_replaced_is_no_longer_damaged() {
    let lab = scanned(&["a.mkv"]);
    rot(&lab.drive.join("a.mkv"));
    assert_eq!(verify(&lab).other_bytes, 1);
    std::fs::write(lab.drive.join("a.mkv"), b"a new film").unwrap();
    lab.scan(Mode::Delta);
    assert_eq!(findings(&lab), [("other-bytes".into(), false)]);
    assert_eq!(verify(&lab).sound, 1);
}

#[test]
fn a_full_rescan_leaves_a_finding_and_the_true_hash_comes_back_with_the_file() {
    let lab = scanned(&["a.mkv"]);
    let path = lab.drive.join("a.mkv");
    rot(&path);
    assert_eq!(lab.scan(Mode::Full).silently_changed, 1);
    assert_eq!(findings(&lab), [("taken".into(), false)]);
    assert_eq!(history(&lab).findings[0].expected, hex(b"a.mkv"));
    // Taken is taken.
    assert_eq!(verify(&lab).sound, 1);
    rot(&path);
    let summary = verify(&lab);
    assert_eq!((summary.sound, summary.other_bytes), (1, 0));
    assert_eq!(findings(&lab)[0], ("sound".into(), false));
    assert_eq!(known_by_hash(&lab, b"a.mkv"), 1);
    assert_eq!(verify(&lab).sound, 1);
}

#[test]
fn a_round_goes_on_until_everything_was_read_oldest_first() {
    let files: Vec<String> = (0..10).map(|index| format!("{index}.mkv")).collect();
    let names: Vec<&str> = files.iter().map(String::as_str).collect();
    let lab = scanned(&names);
    let mut request = request(&lab);
    request.order = VerifyOrder::Oldest;
    request.options.performance_flags.worker_threads = Some(1);
    // Three files of five bytes, and then no more are begun.
    request.byte_budget = Some(15);
    let mut left = Vec::new();
    for _ in 0..4 {
        let summary = try_verify(&lab, &request).unwrap();
        left.push((summary.status, summary.read_files, summary.left_files));
        // A scan in between changes nothing about it.
        lab.scan(Mode::Delta);
    }
    let out = VerifyStatus::OutOfBudget;
    assert_eq!(
        left,
        [
            (out, 3, 7),
            (out, 3, 4),
            (out, 3, 1),
            (VerifyStatus::Done, 1, 0)
        ]
    );
    assert_eq!(history(&lab).verified_files, 10);
    // Those of the new round are those that were read first in the last.
    let before = lab.number("SELECT max(verified_us) FROM verified");
    assert_eq!(try_verify(&lab, &request).unwrap().left_files, 7);
    assert_eq!(
        lab.number(&format!(
            "SELECT count(*) FROM verified JOIN entries ON id = file_id WHERE verified_us > {before}"
        )),
        3
    );
    request.byte_budget = None;
    request.anew = true;
    assert_eq!(try_verify(&lab, &request).unwrap().read_files, 10);
}

#[test]
fn no_time_is_no_file_and_the_clock_may_go_backwards() {
    let clock = Arc::new(TestClock::at(NOW_US));
    let lab = Lab {
        clock: Arc::<TestClock>::clone(&clock),
        ..Lab::new()
    };
    lab.file("a.mkv", b"a");
    lab.file("b.mkv", b"b");
    lab.scan(Mode::Delta);
    let mut request = request(&lab);
    request.time_budget = Some(std::time::Duration::ZERO);
    let summary = try_verify(&lab, &request).unwrap();
    assert_eq!(
        (summary.status, summary.read_files),
        (VerifyStatus::OutOfBudget, 0)
    );
    assert_eq!(verify(&lab).sound, 2);
    clock.set(NOW_US - 1_000_000_000);
    assert_eq!(verify(&lab).sound, 2, "a round of its own");
}

#[test]
fn one_folder_is_read_whatever_the_round_says() {
    let lab = scanned(&["a/1.mkv", "a/2.mkv", "b/3.mkv"]);
    let mut only = request(&lab);
    only.only = Some("a".into());
    for _ in 0..2 {
        assert_eq!(try_verify(&lab, &only).unwrap().sound, 2);
    }
    assert_eq!(verify(&lab).sound, 3, "a round of its own");
    only.only = Some("/elsewhere".into());
    assert!(matches!(
        try_verify(&lab, &only),
        Err(ScanError::Mount { .. })
    ));
}

/// Stops after so many progress events.
struct StopAfter(videocatalog_core::cancel::CancelToken, AtomicUsize);

impl Sink for StopAfter {
    fn event(&self, event: Event) {
        if matches!(event, Event::Problem(_)) && self.1.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.0.cancel();
        }
    }
}

#[test]
fn one_that_was_stopped_goes_on() {
    let files: Vec<String> = (0..300).map(|index| format!("{index:03}.mkv")).collect();
    let names: Vec<&str> = files.iter().map(String::as_str).collect();
    let lab = scanned(&names);
    for name in names.iter().take(50) {
        rot(&lab.drive.join(name));
    }
    let cancel = videocatalog_core::cancel::CancelToken::new();
    let outside = Surroundings {
        sink: Arc::new(StopAfter(cancel.clone(), AtomicUsize::new(20))),
        cancel,
        ..lab.outside()
    };
    let stopped = verify::run(&request(&lab), &lab.catalog(), &outside).unwrap();
    assert_eq!(stopped.status, VerifyStatus::Stopped);
    assert!(stopped.left_files > 0 && stopped.other_bytes >= 20);
    let rest = verify(&lab);
    assert_eq!(rest.status, VerifyStatus::Done);
    // The damaged are read again, the sound are not.
    assert_eq!(rest.other_bytes, 50);
    assert_eq!(rest.sound + stopped.sound, 250);
    assert_eq!(findings(&lab).len(), 50);
}

#[test]
fn a_hash_of_the_older_program_raises_no_alarm() {
    let lab = scanned(&["blake.mkv", "sha.mkv"]);
    lab.shard()
        .execute_batch(
            "UPDATE hashes SET legacy = 1;
             UPDATE hashes SET hash = randomblob(32) WHERE file_id = (SELECT id FROM entries WHERE name = 'sha.mkv')",
        )
        .unwrap();
    let summary = verify(&lab);
    assert_eq!(
        (summary.sound, summary.first_hashes, summary.other_bytes),
        (1, 1, 0)
    );
    assert_eq!(lab.number("SELECT count(*) FROM hashes WHERE legacy"), 0);
    // From now on there is something to compare with, and to search for.
    assert_eq!(known_by_hash(&lab, b"sha.mkv"), 1);
    rot(&lab.drive.join("sha.mkv"));
    assert_eq!(verify(&lab).other_bytes, 1);
}

/// How many files a search for the hash of some bytes finds.
fn known_by_hash(lab: &Lab, bytes: &[u8]) -> u64 {
    let when = query::Context::new(NOW_US, || jiff::tz::TimeZone::UTC);
    let query = query::parse(&format!("hash:{}", hex(bytes)), &when).unwrap();
    let request = Request {
        query: &query,
        order: Order::Newest,
        offset: 0,
        limit: 10,
    };
    let catalog = lab.catalog();
    let drives = catalog.drives().unwrap();
    let found = Searcher::default().run(&catalog, &drives, &request, &|_| true, &lab.cancel);
    found.total_matched
}

fn verify_faulty(
    lab: &Lab,
    is_there: bool,
    fault: impl Fn(&[u8]) -> bool + Send + Sync + 'static,
) -> Result<VerifySummary, ScanError> {
    let (catalog, outside) = (lab.catalog(), lab.outside());
    let scan_request = lab.request(Mode::Full);
    let plan = scan::plan(
        &scan_request,
        &catalog,
        &outside.probe,
        outside.sink.as_ref(),
    )?;
    let tree: Arc<dyn Tree> = Arc::new(Faulty::new(
        lab,
        is_there,
        Box::new(move |path, _| fault(path.as_bytes()).then(|| io::Error::from_raw_os_error(5))),
    ));
    verify::run_on(&request(lab), &catalog, &outside, &plan, &tree)
}

#[test]
fn what_the_disk_cannot_read_is_damage_if_the_disk_is_there() {
    let lab = scanned(&["a.mkv", "b.mkv"]);
    for _ in 0..2 {
        let summary = verify_faulty(&lab, true, |path| path == b"b.mkv").unwrap();
        assert_eq!((summary.sound, summary.unreadable), (1, 1));
        assert_eq!(summary.findings[0].outcome, "unreadable");
        assert!(summary.findings[0].detail.is_some());
    }
    assert_eq!(findings(&lab), [("unreadable".into(), true)]);
    assert_eq!(verify(&lab).sound, 2);
    assert_eq!(
        findings(&lab),
        [("sound".into(), false), ("unreadable".into(), false)]
    );
}

#[test]
fn a_drive_that_went_away_damages_nothing() {
    let files: Vec<String> = (0..60).map(|index| format!("{index:02}.mkv")).collect();
    let names: Vec<&str> = files.iter().map(String::as_str).collect();
    let lab = scanned(&names);
    let left = AtomicUsize::new(20);
    let error = verify_faulty(&lab, false, move |_| {
        left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
            left.checked_sub(1)
        })
        .is_err()
    })
    .unwrap_err();
    assert!(
        matches!(error, ScanError::Refused(Refusal::WentAway { .. })),
        "{error}"
    );
    assert_eq!(findings(&lab), []);
    // What was read before counts.
    let verified = history(&lab).verified_files;
    assert!((15..=20).contains(&verified), "{verified}");
    assert_eq!(verify(&lab).read_files, 60 - verified);
}

#[test]
fn coarse_times_are_compared_coarsely_and_bytes_exactly() {
    let lab = Lab::new();
    lab.file("a.mkv", b"a");
    lab.file("b.mkv", b"b");
    let probe = FakeProbe::new();
    let fat = videocatalog_core::volume::VolumeInfo {
        coarse_mtime: true,
        ..volume(&lab.drive, "uuid:11111111-2222-3333-4444-555555555555")
    };
    probe.mount(fat);
    let lab = Lab {
        probe: Arc::new(probe),
        ..lab
    };
    lab.scan(Mode::Delta);
    rot(&lab.drive.join("b.mkv"));
    // The other half of the year.
    for name in ["a.mkv", "b.mkv"] {
        set_mtime(&lab.drive.join(name), MTIME_US + 3_600_000_000);
    }
    let summary = verify(&lab);
    assert_eq!(
        (summary.sound, summary.changed, summary.other_bytes),
        (1, 0, 1)
    );
    // A full rescan tells it as well, rather than taking it for a file that was written to.
    assert_eq!(lab.scan(Mode::Full).silently_changed, 1);
}

#[test]
fn an_unknown_drive_is_none_to_verify_and_another_disk_is_refused() {
    let lab = scanned(&["a.mkv"]);
    let mut unknown = request(&lab);
    unknown.label = "Nobody".into();
    assert!(matches!(
        try_verify(&lab, &unknown),
        Err(ScanError::Store(_))
    ));
    let probe = FakeProbe::new();
    probe.mount(volume(
        &lab.drive,
        "uuid:99999999-2222-3333-4444-555555555555",
    ));
    let other = Lab {
        probe: Arc::new(probe),
        ..lab
    };
    let mut request = request(&other);
    request.mount = Some(other.drive.clone());
    assert!(matches!(
        try_verify(&other, &request),
        Err(ScanError::Refused(Refusal::OtherVolume { .. }))
    ));
}
