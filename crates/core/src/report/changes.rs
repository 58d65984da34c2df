//! What scans did: files that came, changed, moved, went and returned.

use serde::Serialize;

use super::place::FilePlace;
use super::read::Source;
use crate::catalog::changes::{self, Batches, FileChange, JobRow};
use crate::catalog::drives::Drive;
use crate::catalog::store::{Catalog, StoreError};
use crate::catalog::{Access, shard};

/// The latest jobs, and what they did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ChangesReport {
    /// Newest first.
    pub jobs: Vec<JobEntry>,
    /// Drives that could not be read, and why.
    pub unread: Vec<String>,
}

/// A job, and what it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JobEntry {
    /// Row id.
    pub job_id: i64,
    /// Its drive.
    pub drive_label: String,
    /// When it began, ISO.
    pub started_at: String,
    /// When it ended, ISO.
    pub finished_at: Option<String>,
    /// How it stands or ended.
    pub status: String,
    /// delta, full or inventory.
    pub mode: Option<String>,
    /// What it did; `None`: not known, as of jobs that were killed.
    pub did: Option<Did>,
}

/// What a job did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Did {
    /// Files that were not known before.
    pub added: u64,
    /// Files of another size or time than before.
    pub changed: u64,
    /// Files that were found elsewhere.
    pub moved: u64,
    /// Files that were gone.
    pub deleted: u64,
    /// Files that were gone and are back.
    pub restored: u64,
    /// The first of them.
    pub files: Vec<ChangedFile>,
    /// Whether there are more than these.
    pub truncated: bool,
}

/// A file, and what was done to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChangedFile {
    /// added, changed, moved, deleted or restored.
    pub what: String,
    /// Where it is now, or was last.
    #[serde(flatten)]
    pub place: FilePlace,
    /// Its length now.
    pub size_bytes: Option<i64>,
    /// Where it was, relative to the drive's root, of one that moved.
    pub before_path: Option<String>,
    /// How long it was, of one that changed.
    pub before_size_bytes: Option<i64>,
}

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Most {
    /// Jobs of all drives together.
    pub jobs: usize,
    /// Files of each.
    pub files: usize,
}

/// Returns what the latest jobs on some drives did; `None` if it was cancelled.
pub fn changes(source: Source<'_>, drives: &[Drive], most: Most) -> Option<ChangesReport> {
    let mut report = ChangesReport::default();
    let mut jobs: Vec<(&Drive, JobRow)> = Vec::new();
    for drive in drives {
        let found = changes::latest_jobs(source.catalog.connection(), &drive.drive_uid, most.jobs);
        match found {
            Ok(found) => jobs.extend(found.into_iter().map(|job| (drive, job))),
            Err(error) => report.unread.push(format!("`{}`: {error}", drive.label)),
        }
    }
    jobs.sort_by(|(_, a), (_, b)| (&b.started_at, b.id).cmp(&(&a.started_at, a.id)));
    jobs.truncate(most.jobs);
    let mut named: Vec<&str> = Vec::new();
    for (drive, job) in jobs {
        if source.cancel.is_cancelled() {
            return None;
        }
        let did = job
            .batches
            .map(|batches| did(source.catalog, drive, batches, most.files))
            .transpose()
            .unwrap_or_else(|error| {
                if !named.contains(&drive.drive_uid.as_str()) {
                    named.push(&drive.drive_uid);
                    report.unread.push(format!("`{}`: {error}", drive.label));
                }
                None
            });
        report.jobs.push(JobEntry {
            job_id: job.id,
            drive_label: drive.label.clone(),
            started_at: job.started_at,
            finished_at: job.finished_at,
            status: job.status,
            mode: job.mode,
            did,
        });
    }
    source.unless_cancelled(report)
}

fn did(
    catalog: &Catalog,
    drive: &Drive,
    batches: Batches,
    most_files: usize,
) -> Result<Did, StoreError> {
    let connection = catalog.open_shard(drive, Access::Read)?;
    read(&connection, drive, batches, most_files).map_err(|source| StoreError::Sqlite {
        path: catalog.shard_path(drive),
        source,
    })
}

fn read(
    connection: &rusqlite::Connection,
    drive: &Drive,
    batches: Batches,
    most_files: usize,
) -> rusqlite::Result<Did> {
    let separator = shard::root(connection)?.map_or('/', |root| root.separator);
    let mut did = Did::default();
    for (what, files) in changes::counts(connection, batches)? {
        match what.as_str() {
            "added" => did.added = files,
            "changed" => did.changed = files,
            "moved" => did.moved = files,
            "deleted" => did.deleted = files,
            "restored" => did.restored = files,
            _ => {}
        }
    }
    let mut files = changes::files(connection, batches, most_files.saturating_add(1))?;
    did.truncated = files.len() > most_files;
    files.truncate(most_files);
    did.files = files
        .into_iter()
        .filter_map(|file| changed(drive, separator, file))
        .collect();
    Ok(did)
}

/// Returns what is said of a file; `None` if its row is gone, as later scans found it to be another's.
fn changed(drive: &Drive, separator: char, file: FileChange) -> Option<ChangedFile> {
    Some(ChangedFile {
        what: file.what,
        place: FilePlace::new(drive, separator, &file.path?),
        size_bytes: file.size_bytes,
        before_path: file
            .before_path
            .map(|path| String::from_utf8_lossy(&path).into_owned()),
        before_size_bytes: file.before_size_bytes,
    })
}
