//! The files of one drive, or of all, as CSV, JSON lines or Parquet.
//!
//! Rows stream from the shards in the order of their paths into a file beside the target, which takes its place in one
//! step at the end: an export that fails, is stopped or meets a full disk leaves nothing, and what was there before is as
//! it was. Memory does not grow with the number of files. A drive whose shard cannot be read is named; the others are
//! exported all the same.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::cancel::CancelToken;
use crate::catalog::drives::Drive;
use crate::catalog::export::{self as rows, FileRow, Wanted};
use crate::catalog::store::{Catalog, StoreError};
use crate::catalog::{Access, shard};

mod catalogue;
pub(crate) mod csv;
mod jsonl;
mod only;
#[cfg(feature = "parquet")]
mod parquet;
mod record;
mod target;

pub use catalogue::{CatalogueCopy, copy_catalogue};
pub use only::found_by;
pub use record::{COLUMNS, Record};
pub use target::{Target, default_name};

/// The forms an export can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The documented columns, for spreadsheets and scripts.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// Typed columns, for `DuckDB`, pandas and Spark.
    #[cfg(feature = "parquet")]
    Parquet,
}

impl Format {
    /// Returns how names of such files end.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            #[cfg(feature = "parquet")]
            Self::Parquet => "parquet",
        }
    }
}

/// Tells whether a file, by its drive and its number in the drive's shard, is among those asked for.
pub type Only<'f> = dyn Fn(&Drive, i64) -> bool + 'f;

/// What is asked for besides drives and target.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The form.
    pub format: Format,
    /// Which files.
    pub wanted: Wanted,
    /// Of those only the ones for which this holds.
    pub only: Option<&'a Only<'a>>,
    /// Texts that a spreadsheet would take for a formula get a `'` before them. CSV only.
    pub safe_cells: bool,
}

impl Request<'_> {
    /// Returns the request for everything that is there.
    pub fn new(format: Format) -> Self {
        Self {
            format,
            wanted: Wanted::default(),
            only: None,
            safe_cells: false,
        }
    }
}

/// How far an export is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    /// Files written.
    pub rows: u64,
    /// Bytes written, as far as they left the writer.
    pub bytes: u64,
    /// Since it began.
    pub elapsed: Duration,
}

impl Progress {
    /// Returns the files a second.
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    pub fn rate(&self) -> f64 {
        self.rows as f64 / self.elapsed.as_secs_f64().max(0.001)
    }
}

/// A drive that is not in an export, or not with all its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedDrive {
    /// Its label.
    pub label: String,
    /// Why.
    pub reason: String,
    /// What to do about it.
    pub hint: String,
    /// Its files that were read before.
    pub rows: u64,
}

/// What an export wrote.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The file; `None` for a stream.
    pub path: Option<PathBuf>,
    /// Files and bytes written, and how long it took.
    pub progress: Progress,
    /// Drives that are missing in it.
    pub failed: Vec<FailedDrive>,
}

/// Why there is no export.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The user stopped it.
    #[error("the export was stopped; nothing was written")]
    Cancelled,
    /// The folder of the target could not be made.
    #[error("cannot make the folder `{}`: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The target could not be written.
    #[error("cannot write `{}`: {source}", path.display())]
    Write {
        /// The target.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// None of the drives could be read.
    #[error("no drive could be exported: {}", reasons(.0))]
    NoDrive(Vec<FailedDrive>),
    /// The catalogue could not be copied.
    #[error(transparent)]
    Backup(#[from] crate::catalog::backup::BackupError),
}

impl ExportError {
    /// Returns what to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Cancelled => String::new(),
            Self::Folder { source, .. } | Self::Write { source, .. } => target::hint(source).into(),
            Self::NoDrive(failed) => failed
                .first()
                .map(|drive| drive.hint.clone())
                .unwrap_or_default(),
            Self::Backup(_) => {
                "free some space, or name another place: `videocatalog export catalog PATH`".into()
            }
        }
    }

    /// Returns whether whoever reads the stream went away, which is no failure of ours.
    pub fn is_hang_up(&self) -> bool {
        matches!(self, Self::Write { source, .. } if source.kind() == io::ErrorKind::BrokenPipe)
    }
}

fn reasons(failed: &[FailedDrive]) -> String {
    failed
        .iter()
        .map(|drive| format!("`{}`: {}", drive.label, drive.reason))
        .collect::<Vec<_>>()
        .join("; ")
}

/// Writes records in one form.
trait RecordWriter {
    fn write(&mut self, record: &Record<'_>) -> io::Result<()>;

    /// Writes what is held back and what stands at the end.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

fn writer<'w>(
    request: &Request<'_>,
    out: &'w mut (dyn Write + Send),
) -> io::Result<Box<dyn RecordWriter + 'w>> {
    Ok(match request.format {
        Format::Csv => Box::new(csv::CsvWriter::new(out, request.safe_cells)?),
        Format::Jsonl => Box::new(jsonl::JsonlWriter::new(out)),
        #[cfg(feature = "parquet")]
        Format::Parquet => Box::new(parquet::ParquetWriter::new(out)?),
    })
}

/// Exports the files of these drives, drive after drive in the order given. `progress` is called every few hundred rows
/// and at the end.
///
/// # Errors
/// When the target cannot be written, the user stopped it, or no drive could be read: then nothing is left behind.
pub fn run(
    catalog: &Catalog,
    drives: &[Drive],
    request: &Request<'_>,
    target: Target<'_>,
    cancel: &CancelToken,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Summary, ExportError> {
    let mut output = target.open()?;
    let mut failed = Vec::new();
    let path = output.path().to_path_buf();
    let counter = output.counter();
    let failure = |source| ExportError::Write {
        path: path.clone(),
        source: counter.cause(source),
    };
    let mut job = Job {
        request,
        began: Instant::now(),
        progress: Progress::default(),
        report: progress,
        bytes: output.counter(),
    };
    {
        let mut out = output.writer();
        let mut writer = writer(request, &mut out).map_err(failure)?;
        for drive in drives {
            if let Some(reason) =
                job.drive(catalog, drive, writer.as_mut(), cancel)
                    .map_err(|stop| match stop {
                        Stop::Cancelled => ExportError::Cancelled,
                        Stop::Write(source) => failure(source),
                    })?
            {
                failed.push(reason);
            }
        }
        let read = drives.len() - failed.iter().filter(|drive| drive.rows == 0).count();
        if read == 0 && !drives.is_empty() {
            return Err(ExportError::NoDrive(failed));
        }
        writer
            .finish()
            .and_then(|()| out.flush())
            .map_err(failure)?;
    }
    job.tell();
    let progress = job.progress;
    Ok(Summary {
        path: output.finish()?,
        progress,
        failed,
    })
}

/// Why a drive's rows ended early, other than by its shard.
enum Stop {
    Cancelled,
    Write(io::Error),
}

/// An export under way.
struct Job<'a> {
    request: &'a Request<'a>,
    began: Instant,
    progress: Progress,
    report: &'a mut dyn FnMut(&Progress),
    bytes: target::Counter,
}

impl Job<'_> {
    /// Documented: the progress of an export is told every 500 rows.
    const TELL_EVERY: u64 = 500;

    fn tell(&mut self) {
        self.progress.bytes = self.bytes.get();
        self.progress.elapsed = self.began.elapsed();
        (self.report)(&self.progress);
    }

    /// Writes the files of a drive; a shard that cannot be read is returned as what failed.
    fn drive(
        &mut self,
        catalog: &Catalog,
        drive: &Drive,
        writer: &mut dyn RecordWriter,
        cancel: &CancelToken,
    ) -> Result<Option<FailedDrive>, Stop> {
        let before = self.progress.rows;
        let read = self.read_drive(catalog, drive, writer, cancel);
        match read {
            Ok(()) => Ok(None),
            Err(ReadError::Stop(stop)) => Err(stop),
            Err(ReadError::Store(error)) => Ok(Some(FailedDrive {
                label: drive.label.clone(),
                reason: error.to_string(),
                hint: error.hint(),
                rows: self.progress.rows - before,
            })),
        }
    }

    fn read_drive(
        &mut self,
        catalog: &Catalog,
        drive: &Drive,
        writer: &mut dyn RecordWriter,
        cancel: &CancelToken,
    ) -> Result<(), ReadError> {
        let connection = catalog.open_shard(drive, Access::Read)?;
        let failed = |source| StoreError::Sqlite {
            path: catalog.shard_path(drive),
            source,
        };
        let root = shard::root(&connection).map_err(failed)?;
        let place = record::Place::new(drive, root.as_ref());
        let wanted = self.request.wanted;
        let mut stopped = None;
        let mut visit = |file: &FileRow<'_>| match self.file(drive, &place, file, writer, cancel) {
            Ok(()) => ControlFlow::Continue(()),
            Err(stop) => {
                stopped = Some(stop);
                ControlFlow::Break(())
            }
        };
        let ended = rows::each_file(&connection, place.separator(), &wanted, cancel, &mut visit)
            .map_err(failed)?;
        match (stopped, ended) {
            (Some(stop), _) => Err(ReadError::Stop(stop)),
            (None, ControlFlow::Break(())) => Err(ReadError::Stop(Stop::Cancelled)),
            (None, ControlFlow::Continue(())) => Ok(()),
        }
    }

    fn file(
        &mut self,
        drive: &Drive,
        place: &record::Place,
        file: &FileRow<'_>,
        writer: &mut dyn RecordWriter,
        cancel: &CancelToken,
    ) -> Result<(), Stop> {
        if cancel.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        if self
            .request
            .only
            .is_some_and(|only| !only(drive, file.file_id))
        {
            return Ok(());
        }
        let absolute = place.absolute(file.rel_path);
        writer
            .write(&Record::of(drive, &absolute, file))
            .map_err(Stop::Write)?;
        self.progress.rows += 1;
        if self.progress.rows.is_multiple_of(Self::TELL_EVERY) {
            self.tell();
        }
        Ok(())
    }
}

/// Why a drive's rows ended early.
enum ReadError {
    Stop(Stop),
    Store(StoreError),
}

impl From<StoreError> for ReadError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
