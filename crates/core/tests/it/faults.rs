//! Calls that hang, files that break, drives that go away.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use videocatalog_core::path::RelPath;
use videocatalog_core::problem::ProblemKind;
use videocatalog_core::scan::{self, Mode, Refusal, ScanError};
use videocatalog_core::tree::{FileStat, Folder, OpenFile, SystemTree, Tree};
use videocatalog_core::volume::FakeProbe;
use videocatalog_testkit::hang::{HangingMount, Hangs};

use crate::lab::{Lab, volume};

const LIMIT: Duration = Duration::from_millis(400);

fn scan_hanging(hangs: Hangs, mode: Mode) -> (Lab, Result<scan::Summary, ScanError>, Duration) {
    let lab = Lab::new();
    // Facts of the folder below the mount, so that the test itself asks the file system nothing.
    let probe = FakeProbe::new();
    probe.mount(volume(
        &lab.drive,
        "uuid:11111111-2222-3333-4444-555555555555",
    ));
    let lab = Lab {
        probe: Arc::new(probe),
        ..lab
    };
    let mount = HangingMount::new(&lab.drive, hangs).unwrap();
    let mut request = lab.request(mode);
    request.options.time_limit = LIMIT;
    let began = Instant::now();
    let result = lab.try_scan(&request);
    let took = began.elapsed();
    drop(mount);
    (lab, result, took)
}

#[test]
fn hung_calls_are_abandoned_and_the_rest_is_scanned() {
    let hangs = Hangs {
        stat: true,
        open: true,
        read: true,
        folder: true,
        statfs: false,
    };
    let (lab, result, took) = scan_hanging(hangs, Mode::Delta);
    let summary = result.unwrap();
    assert!(took < Duration::from_secs(20), "{took:?}");
    let mut hung: Vec<String> = lab
        .problems()
        .into_iter()
        .filter(|problem| problem.kind == ProblemKind::Hung)
        .map(|problem| {
            problem
                .path
                .file_name()
                .unwrap()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    hung.sort();
    assert_eq!(
        hung,
        [
            "hang-folder",
            "hang-open.mkv",
            "hang-read.mkv",
            "hang-stat.mkv"
        ]
    );
    // Listed: the fine one, the broken one, and the two that hang only when they are opened or read.
    assert_eq!((summary.total_files, summary.hashed_files), (4, 1));
    assert!(
        lab.problems()
            .iter()
            .any(|problem| problem.kind == ProblemKind::Io && problem.path.ends_with("broken.mkv"))
    );
}

#[test]
fn a_mount_that_does_not_answer_is_refused() {
    let lab = Lab::new();
    let _mount = HangingMount::new(
        &lab.drive,
        Hangs {
            statfs: true,
            ..Hangs::default()
        },
    )
    .unwrap();
    let mut request = lab.request(Mode::Delta);
    request.options.time_limit = LIMIT;
    let lab = Lab {
        probe: Arc::from(videocatalog_core::volume::system()),
        ..lab
    };
    let began = Instant::now();
    let error = lab.try_scan(&request).unwrap_err();
    assert!(
        matches!(error, ScanError::Refused(Refusal::Hung { .. })),
        "{error}"
    );
    assert!(began.elapsed() < Duration::from_secs(10));
}

type Fault = Box<dyn Fn(&RelPath, u32) -> Option<io::Error> + Send + Sync>;

/// A tree that breaks when told to.
pub(crate) struct Faulty {
    tree: SystemTree,
    fault: Fault,
    reads: AtomicU32,
    is_there: bool,
}

impl Faulty {
    pub(crate) fn new(lab: &Lab, is_there: bool, fault: Fault) -> Self {
        Self {
            tree: SystemTree::open(&lab.drive).unwrap(),
            fault,
            reads: AtomicU32::new(0),
            is_there,
        }
    }
}

struct FaultyFile {
    file: Box<dyn OpenFile>,
    error: Option<io::Error>,
}

impl OpenFile for FaultyFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.error.take() {
            Some(error) => Err(error),
            None => self.file.read(buffer),
        }
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(offset, buffer)
    }

    fn stat(&self) -> io::Result<FileStat> {
        self.file.stat()
    }
}

impl Tree for Faulty {
    fn open_folder(&self, path: &RelPath, follow_link: bool) -> io::Result<Box<dyn Folder>> {
        self.tree.open_folder(path, follow_link)
    }

    fn open_file(&self, path: &RelPath) -> io::Result<Box<dyn OpenFile>> {
        let error = (self.fault)(path, self.reads.fetch_add(1, Ordering::Relaxed));
        Ok(Box::new(FaultyFile {
            file: self.tree.open_file(path)?,
            error,
        }))
    }

    fn stat(&self, path: &RelPath) -> io::Result<FileStat> {
        self.tree.stat(path)
    }

    fn is_still_there(&self) -> bool {
        self.is_there
    }
}

fn scan_faulty(
    lab: &Lab,
    is_there: bool,
    fault: impl Fn(&RelPath, u32) -> Option<io::Error> + Send + Sync + 'static,
) -> Result<scan::Summary, ScanError> {
    let (request, catalog, outside) = (lab.request(Mode::Delta), lab.catalog(), lab.outside());
    let plan = scan::plan(&request, &catalog, &outside.probe, outside.sink.as_ref())?;
    let tree = Faulty::new(lab, is_there, Box::new(fault));
    scan::run_on(&request, &catalog, &outside, plan, Arc::new(tree))
}

#[test]
fn passing_errors_are_retried_and_lasting_ones_counted() {
    let lab = Lab::new();
    lab.file("a.mkv", b"a");
    lab.file("b.mkv", b"b");
    let once = AtomicU32::new(0);
    let summary = scan_faulty(&lab, true, move |path, _| {
        let fails = match path.as_bytes() {
            b"a.mkv" => once.fetch_add(1, Ordering::Relaxed) == 0,
            _ => true,
        };
        fails.then(|| io::Error::from_raw_os_error(5))
    })
    .unwrap();
    assert_eq!(summary.hashed_files, 1);
    assert_eq!(lab.problems().len(), 1);
    assert_eq!(lab.problems()[0].kind, ProblemKind::Io);
    // The next scan catches up on just that one.
    assert_eq!(lab.scan(Mode::Delta).hashed_files, 1);
}

#[test]
fn a_drive_that_goes_away_ends_the_scan_and_keeps_what_was_done() {
    let lab = Lab::new();
    for index in 0..120 {
        lab.file(&format!("{index:03}.mkv"), b"x");
    }
    let error = scan_faulty(&lab, false, |_, reads| {
        (reads >= 40).then(|| io::Error::from_raw_os_error(19))
    })
    .unwrap_err();
    assert!(
        matches!(error, ScanError::Refused(Refusal::WentAway { .. })),
        "{error}"
    );
    let done = lab.number("SELECT count(*) FROM files WHERE hash_blake3 IS NOT NULL");
    assert!((30..=40).contains(&done), "{done}");
    assert_eq!(lab.number("SELECT count(*) FROM files WHERE deleted"), 0);
    assert_eq!(lab.catalog().jobs(None).unwrap()[0].status, "Error");
    let summary = lab.scan(Mode::Delta);
    assert_eq!(summary.hashed_files, 120 - u64::try_from(done).unwrap());
}

#[test]
fn files_that_vanish_or_grow_while_read_are_problems() {
    let lab = Lab::new();
    lab.file("grows.mkv", b"a");
    lab.file("vanishes.mkv", b"b");
    lab.file("stays.mkv", b"c");
    let drive = lab.drive.clone();
    let summary = scan_faulty(&lab, true, move |path, _| {
        if path.as_bytes() == b"grows.mkv" {
            let mut file = std::fs::File::options()
                .append(true)
                .open(drive.join("grows.mkv"))
                .unwrap();
            io::Write::write_all(&mut file, b"more").unwrap();
        }
        let _gone_already = std::fs::remove_file(drive.join("vanishes.mkv"));
        None
    })
    .unwrap();
    assert!(summary.hashed_files >= 1);
    let kinds: Vec<ProblemKind> = lab.problems().iter().map(|problem| problem.kind).collect();
    assert!(kinds.contains(&ProblemKind::Vanished), "{kinds:?}");
    // Whatever was hashed is true of what is there.
    lab.scan(Mode::Delta);
    assert_eq!(
        lab.number("SELECT count(*) FROM files WHERE NOT deleted AND hash_blake3 IS NULL"),
        0
    );
}

#[test]
fn stopping_keeps_what_was_done_and_the_next_scan_goes_on() {
    let lab = Lab::new();
    for index in 0..200 {
        lab.file(&format!("{index:03}.mkv"), format!("{index}").as_bytes());
    }
    let cancel = lab.cancel.clone();
    let began = Instant::now();
    let summary = scan_faulty(&lab, true, move |_, reads| {
        if reads == 50 {
            cancel.cancel();
        }
        None
    })
    .unwrap();
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(
        summary.status,
        videocatalog_core::catalog::jobs::JobStatus::Stopped
    );
    assert!(
        (40..=80).contains(&summary.hashed_files),
        "{}",
        summary.hashed_files
    );
    let lab = Lab {
        cancel: videocatalog_core::cancel::CancelToken::new(),
        ..lab
    };
    let rest = lab.scan(Mode::Delta);
    assert_eq!(rest.hashed_files + summary.hashed_files, 200);
    assert!(
        lab.told
            .sentences
            .lock()
            .unwrap()
            .iter()
            .any(|text| text.contains("going on"))
    );
}
