//! A list of files becomes a drive: one of Everything (`.efu`), or an export of this program.
//!
//! The list is read twice: first to see what it is and which root its paths share, then to write. The shard is filled
//! beside its place and put there when it is whole, so an import that fails or is stopped leaves nothing. Only new drives
//! are made: what a scan knows is never overwritten by a list. A line that says nothing usable is a problem with its number.

use std::io;
use std::path::{Path, PathBuf};

use crate::cancel::CancelToken;
use crate::catalog::drives::{self, Drive};
use crate::catalog::import::Filler;
use crate::catalog::jobs::{self, JobEnd, JobStatus};
use crate::catalog::lock::ShardLock;
use crate::catalog::open::{Access, Database, Journal, open, sqlite_hint, tune_for_writing};
use crate::catalog::store::{Catalog, StoreError};
use crate::clock::Clock;
use crate::path::display::printable;

mod efu;
mod own;
mod root;
mod source;

use root::{ListRoot, Survey};
use source::{Entry, Line, Source};

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The list.
    pub file: PathBuf,
    /// The label of the drive to make.
    pub label: String,
    /// The folder that is its root, as the list names it, in bytes; else the one that all paths share.
    pub root: Option<Vec<u8>>,
    /// Only the rows of this drive.
    pub from: Option<String>,
    /// The hashes of a list that does not say are BLAKE3.
    pub trust_hashes: bool,
}

/// A line that could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineProblem {
    /// Its number, from 1.
    pub line: u64,
    /// Why.
    pub reason: String,
}

/// What an import made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The label.
    pub drive_label: String,
    /// The root, as paths name it.
    pub root: Vec<u8>,
    /// Files.
    pub files: u64,
    /// Lines that were folders: they follow from the files.
    pub folders: u64,
    /// Lines of other drives.
    pub left_out: u64,
    /// Lines that could not be used.
    pub problems: u64,
}

/// Why there is no import; nothing was made.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The user stopped it.
    #[error("the import was stopped; nothing was imported")]
    Cancelled,
    /// The list could not be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Read {
        /// The list.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is none of the lists that are known.
    #[error("`{}` is no list that can be imported: {reason}", path.display())]
    Unknown {
        /// The list.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Nothing in it is a file.
    #[error("`{}` has no files to import", path.display())]
    Empty {
        /// The list.
        path: PathBuf,
    },
    /// Its paths lie on several disks.
    #[error("the paths of `{}` have no root in common: `{first}` and `{second}`", path.display())]
    SeveralRoots {
        /// The list.
        path: PathBuf,
        /// One root.
        first: String,
        /// Another.
        second: String,
    },
    /// It has the files of several drives.
    #[error("`{}` has the files of several drives: {}", path.display(), labels.join(", "))]
    SeveralDrives {
        /// The list.
        path: PathBuf,
        /// Some of their labels.
        labels: Vec<String>,
    },
    /// The drive could not be made.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The shard could not be written.
    #[error("cannot write `{}`: {source}", path.display())]
    Write {
        /// The shard.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The shard could not be put in its place.
    #[error("cannot write `{}`: {source}", path.display())]
    Place {
        /// The shard.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl ImportError {
    /// Returns what to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Cancelled => String::new(),
            Self::Read { .. } => "check the path and that the file may be read".into(),
            Self::Unknown { .. } => {
                "lists of Everything (EFU) and exports of this program (CSV, JSON lines) can be imported".into()
            }
            Self::Empty { .. } => "check the file, `--root` and `--from`".into(),
            Self::SeveralRoots { .. } => {
                "import each by itself: `--root` names the folder that is the drive's root".into()
            }
            Self::SeveralDrives { .. } => "import each by itself: `--from LABEL`".into(),
            Self::Store(StoreError::LabelTaken { .. }) => {
                "only new drives are imported; choose another label, or forget that drive first".into()
            }
            Self::Store(error) => error.hint(),
            Self::Write { path, source } => match source.sqlite_error_code() {
                Some(rusqlite::ErrorCode::DiskFull) => {
                    "the disk of the working directory is full; nothing was imported. Free some space and run again".into()
                }
                _ => sqlite_hint(source, path),
            },
            Self::Place { .. } => "check the folder of the shards in the working directory".into(),
        }
    }
}

/// Imports a list as a new drive. `progress` is told the number of lines written so far; `problem` each line that could
/// not be used.
///
/// # Errors
/// When there is a drive of that label, the list cannot be read or understood, or the shard not be written: then nothing
/// was made.
pub fn run(
    catalog: &Catalog,
    request: &Request,
    clock: &dyn Clock,
    cancel: &CancelToken,
    progress: &mut dyn FnMut(u64),
    problem: &mut dyn FnMut(&LineProblem),
) -> Result<Summary, ImportError> {
    crate::path::label::validate(&request.label).map_err(StoreError::from)?;
    if drives::find(catalog.connection(), &request.label)
        .map_err(|error| catalog.failed(error))?
        .is_some()
    {
        return Err(StoreError::LabelTaken {
            label: request.label.clone(),
        }
        .into());
    }
    let source = Source::open(request)?;
    let root = survey(request, &source, cancel)?;
    let mut drive = catalog.new_drive(&request.label)?;
    drive.mount_bytes = root.text();
    drive.mount_path = String::from_utf8_lossy(&drive.mount_bytes).into_owned();
    let path = catalog.shard_path(&drive);
    let _lock = ShardLock::acquire(&path, "import", clock.now_utc()).map_err(StoreError::from)?;
    let began_utc = clock.now_utc();
    let beside = Beside::new(&path)?;
    let mut import = Import {
        request,
        root: &root,
        cancel,
        progress,
        problem,
        summary: Summary {
            drive_label: request.label.clone(),
            root: drive.mount_bytes.clone(),
            files: 0,
            folders: 0,
            left_out: 0,
            problems: 0,
        },
    };
    let counts = import.fill(&source, &beside.path, &drive, clock)?;
    let summary = import.summary;
    if summary.files == 0 {
        return Err(ImportError::Empty {
            path: request.file.clone(),
        });
    }
    beside.settle(&path)?;
    // From here on the drive is there: a crash before the next line leaves a shard that the next command registers.
    if let Err(error) = drives::save(catalog.connection(), &drive) {
        let _gone = std::fs::remove_file(&path);
        return Err(catalog.failed(error).into());
    }
    record(catalog, &drive, &summary, &counts, &began_utc, clock)
        .map_err(|error| catalog.failed(error))?;
    Ok(summary)
}

/// Looks at every path once and decides the root.
fn survey(
    request: &Request,
    source: &Source,
    cancel: &CancelToken,
) -> Result<ListRoot, ImportError> {
    let mut survey = Survey::new(request.root.as_deref(), source.default_style());
    let mut labels: Vec<String> = Vec::new();
    source.each(&mut |_, line| {
        if cancel.is_cancelled() {
            return Err(ImportError::Cancelled);
        }
        if let Line::File(entry) = line {
            if !is_wanted(request, &entry) {
                return Ok(());
            }
            if let Some(label) = &entry.label
                && labels.len() < 10
                && !labels.contains(label)
            {
                labels.push(label.clone());
            }
            survey.see(&entry);
        }
        Ok(())
    })?;
    if labels.len() > 1 {
        return Err(ImportError::SeveralDrives {
            path: request.file.clone(),
            labels,
        });
    }
    survey.decide(&request.file)
}

fn is_wanted(request: &Request, entry: &Entry) -> bool {
    match &request.from {
        Some(from) => entry.label.as_ref() == Some(from),
        None => true,
    }
}

/// An import under way.
struct Import<'a> {
    request: &'a Request,
    root: &'a ListRoot,
    cancel: &'a CancelToken,
    progress: &'a mut dyn FnMut(u64),
    problem: &'a mut dyn FnMut(&LineProblem),
    summary: Summary,
}

impl Import<'_> {
    const TELL_EVERY: u64 = 500;

    fn fill(
        &mut self,
        source: &Source,
        path: &Path,
        drive: &Drive,
        clock: &dyn Clock,
    ) -> Result<jobs::CategoryCounts, ImportError> {
        let write = |source| ImportError::Write {
            path: path.to_path_buf(),
            source,
        };
        // One file without a log, so that it can be moved; nobody reads it meanwhile.
        let connection = open(path, Database::Shard, Access::Create, Journal::Delete)
            .map_err(StoreError::from)?;
        tune_for_writing(&connection).map_err(write)?;
        let mount = (drive.mount_bytes.as_slice(), self.root.separator());
        let mut filler = Filler::begin(&connection, clock, &drive.drive_uid, &drive.label, mount)
            .map_err(write)?;
        source.each(&mut |number, line| {
            if self.cancel.is_cancelled() {
                return Err(ImportError::Cancelled);
            }
            match line {
                Line::Folder => self.summary.folders += 1,
                Line::Bad(reason) => self.bad(number, reason),
                Line::File(entry) if !is_wanted(self.request, &entry) => {
                    self.summary.left_out += 1;
                }
                Line::File(entry) => self.put(&mut filler, number, &entry).map_err(write)?,
            }
            Ok(())
        })?;
        filler.end().map_err(write)
    }

    fn put(&mut self, filler: &mut Filler<'_>, number: u64, entry: &Entry) -> rusqlite::Result<()> {
        match self.root.relative(&entry.path) {
            Ok(relative) if filler.put(&relative, &entry.file)? => {
                self.summary.files += 1;
                if self.summary.files.is_multiple_of(Self::TELL_EVERY) {
                    (self.progress)(self.summary.files);
                }
            }
            Ok(_) => self.bad(
                number,
                format!("`{}` was listed before", printable(&entry.path)),
            ),
            Err(reason) => self.bad(number, format!("`{}` {reason}", printable(&entry.path))),
        }
        Ok(())
    }

    fn bad(&mut self, line: u64, reason: String) {
        self.summary.problems += 1;
        (self.problem)(&LineProblem { line, reason });
    }
}

/// The shard while it is filled; removed unless it is put in its place.
struct Beside {
    path: PathBuf,
}

impl Beside {
    fn new(shard: &Path) -> Result<Self, ImportError> {
        let mut name = shard.as_os_str().to_owned();
        name.push(".importing");
        let beside = Self { path: name.into() };
        // What an import that was killed left; the shard's lock is ours.
        beside.remove();
        if let Some(folder) = shard.parent() {
            fs_err::create_dir_all(folder).map_err(|source| ImportError::Place {
                path: shard.to_path_buf(),
                source,
            })?;
        }
        Ok(beside)
    }

    fn settle(self, shard: &Path) -> Result<(), ImportError> {
        std::fs::File::open(&self.path)
            .and_then(|file| file.sync_all())
            .and_then(|()| std::fs::rename(&self.path, shard))
            .map_err(|source| ImportError::Place {
                path: shard.to_path_buf(),
                source,
            })
    }

    fn remove(&self) {
        for suffix in ["", "-journal"] {
            let mut name = self.path.as_os_str().to_owned();
            name.push(suffix);
            let _may_be_missing = std::fs::remove_file(name);
        }
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        self.remove();
    }
}

/// Enters into the catalogue what was done and found.
fn record(
    catalog: &Catalog,
    drive: &Drive,
    summary: &Summary,
    counts: &jobs::CategoryCounts,
    began_utc: &str,
    clock: &dyn Clock,
) -> rusqlite::Result<()> {
    let connection = catalog.connection();
    let (uid, label) = (drive.drive_uid.as_str(), drive.label.as_str());
    jobs::add_stats(connection, uid, label, &clock.now_utc(), counts)?;
    let job = jobs::start(connection, uid, label, "import", began_utc)?;
    let message = format!(
        "{} files imported, {} lines could not be used",
        summary.files, summary.problems
    );
    let end = JobEnd {
        status: JobStatus::Done,
        finished_at: clock.now_utc(),
        total_av: counts.av(),
        total_all: counts.total(),
        done_av: 0,
        duration_sec: 0,
        message: &message,
        summary_json: None,
        changes: (0, 0),
    };
    jobs::finish(connection, job, &end)
}
