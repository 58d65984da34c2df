//! A working directory and a drive for one test.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::Connection;
use tempfile::TempDir;
use videocatalog_core::cancel::CancelToken;
use videocatalog_core::catalog::store::Catalog;
use videocatalog_core::catalog::{Access, Journal};
use videocatalog_core::clock::{Clock, TestClock};
use videocatalog_core::event::{Event, Sink};
use videocatalog_core::problem::Problem;
use videocatalog_core::scan::{
    self, Mode, ScanError, ScanOptions, ScanRequest, Summary, Surroundings,
};
use videocatalog_core::settings::Settings;
use videocatalog_core::tools::Toolbox;
use videocatalog_core::volume::{FakeProbe, Identity, VolumeInfo, VolumeProbe};
use videocatalog_core::workdir::WorkingDir;

/// 2026-01-01T00:00:00Z.
pub(crate) const NOW_US: i64 = 1_767_225_600_000_000;

/// Remembers what a scan told.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) problems: Mutex<Vec<Problem>>,
    pub(crate) sentences: Mutex<Vec<String>>,
}

impl Sink for Told {
    fn event(&self, event: Event) {
        match event {
            Event::Problem(problem) => self.problems.lock().unwrap().push(problem),
            Event::Notice(text) | Event::Warning(text) => self.sentences.lock().unwrap().push(text),
            _ => {}
        }
    }
}

/// A working directory, a drive, and the means to scan it.
pub(crate) struct Lab {
    /// Removed with everything in it when the test ends.
    pub(crate) _folder: TempDir,
    pub(crate) home: PathBuf,
    pub(crate) drive: PathBuf,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) told: Arc<Told>,
    pub(crate) cancel: CancelToken,
    pub(crate) probe: Arc<dyn VolumeProbe>,
    pub(crate) tools: Arc<Toolbox>,
}

impl Lab {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (home, drive) = (folder.path().join("home"), folder.path().join("drive"));
        std::fs::create_dir_all(&drive).unwrap();
        let probe = FakeProbe::new();
        probe.mount(volume(&drive, "uuid:11111111-2222-3333-4444-555555555555"));
        Self {
            _folder: folder,
            home,
            drive,
            clock: Arc::new(TestClock::at(NOW_US)),
            told: Arc::default(),
            cancel: CancelToken::new(),
            probe: Arc::new(probe),
            tools: Arc::new(Toolbox::empty()),
        }
    }

    pub(crate) fn workdir(&self) -> WorkingDir {
        WorkingDir::new(self.home.clone())
    }

    pub(crate) fn catalog(&self) -> Catalog {
        self.workdir().create_layout().unwrap();
        Catalog::open(
            &self.workdir(),
            None,
            Journal::Wal,
            self.clock.as_ref(),
            &mut Vec::new(),
        )
        .unwrap()
    }

    pub(crate) fn request(&self, mode: Mode) -> ScanRequest {
        let mut options = ScanOptions::from_settings(&Settings::default());
        options.time_limit = Duration::from_secs(20);
        ScanRequest {
            label: "Test".into(),
            mount: Some(self.drive.clone()),
            only: None,
            mode,
            resume: true,
            accept_drive: false,
            accept_missing: false,
            shard_file: None,
            options,
        }
    }

    pub(crate) fn outside(&self) -> Surroundings {
        let sink: Arc<dyn Sink> = Arc::<Told>::clone(&self.told);
        Surroundings {
            probe: Arc::clone(&self.probe),
            clock: Arc::clone(&self.clock),
            sink,
            cancel: self.cancel.clone(),
            tools: Arc::clone(&self.tools),
        }
    }

    pub(crate) fn try_scan(&self, request: &ScanRequest) -> Result<Summary, ScanError> {
        scan::run(request, &self.catalog(), &self.outside())
    }

    pub(crate) fn scan(&self, mode: Mode) -> Summary {
        self.try_scan(&self.request(mode)).unwrap()
    }

    pub(crate) fn shard(&self) -> Connection {
        let catalog = self.catalog();
        let drive = catalog.drive("Test").unwrap();
        catalog.open_shard(&drive, Access::Write).unwrap()
    }

    /// Runs a query for one number.
    pub(crate) fn number(&self, sql: &str) -> i64 {
        self.shard().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// Writes a file with a content of its own and a time long past.
    pub(crate) fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.drive.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        set_mtime(&path, 1_600_000_000_123_456);
        path
    }

    pub(crate) fn problems(&self) -> Vec<Problem> {
        self.told.problems.lock().unwrap().clone()
    }
}

/// Facts of a healthy local disk mounted at `path`.
pub(crate) fn volume(path: &Path, id: &str) -> VolumeInfo {
    let mount = std::fs::canonicalize(path).unwrap();
    VolumeInfo {
        total_bytes: Some(1_000_000_000),
        free_bytes: Some(500_000_000),
        is_rotational: Some(false),
        file_ids_are_stable: true,
        ..VolumeInfo::unknown(Identity::parse(id).unwrap(), mount)
    }
}

pub(crate) fn set_mtime(path: &Path, us: u64) {
    let time = std::time::UNIX_EPOCH + Duration::from_micros(us);
    std::fs::File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_modified(time)
        .unwrap();
}
