//! The `jobs` and `inventory_stats` tables of the catalogue: what was done, and what was found.

use std::collections::HashMap;

use rusqlite::{Connection, Row, named_params};
use serde::Serialize;

use crate::media::Category;

/// How a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum JobStatus {
    /// Under way.
    Running,
    /// Finished.
    Done,
    /// Stopped by the user or by the end of its process; what was done is kept.
    Stopped,
    /// Ended by an error.
    Error,
}

impl JobStatus {
    /// Returns the word that is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "Running",
            Self::Done => "Done",
            Self::Stopped => "Stopped",
            Self::Error => "Error",
        }
    }
}

/// One job.
#[derive(Clone, Debug, Serialize)]
pub struct Job {
    /// Row id.
    pub id: i64,
    /// Label of the drive.
    pub drive_label: String,
    /// When it began, ISO.
    pub started_at: String,
    /// One of the words of [`JobStatus`]; older programs had others.
    pub status: String,
    /// When it ended, ISO.
    pub finished_at: Option<String>,
    /// Audio and video files on the drive.
    pub total_av: Option<i64>,
    /// Files on the drive.
    pub total_all: Option<i64>,
    /// Audio and video files that were worked on.
    pub done_av: Option<i64>,
    /// How long it took.
    pub duration_sec: Option<i64>,
    /// How it went, in words.
    pub message: Option<String>,
    /// delta, full or inventory; older rows have none.
    pub mode: Option<String>,
}

/// Records the beginning of a job and returns its id.
///
/// # Errors
/// What SQLite says.
pub fn start(
    catalog: &Connection,
    drive_uid: &str,
    label: &str,
    mode: &str,
    now_utc: &str,
) -> rusqlite::Result<i64> {
    catalog.execute(
        "INSERT INTO jobs(drive_uid, drive_label, mode, started_at, status) VALUES(?1, ?2, ?3, ?4, 'Running')",
        [drive_uid, label, mode, now_utc],
    )?;
    Ok(catalog.last_insert_rowid())
}

/// How a job ended.
#[derive(Clone, Debug)]
pub struct JobEnd<'a> {
    /// The outcome.
    pub status: JobStatus,
    /// When, ISO.
    pub finished_at: String,
    /// Audio and video files found.
    pub total_av: u64,
    /// Files found.
    pub total_all: u64,
    /// Audio and video files worked on.
    pub done_av: u64,
    /// Whole seconds.
    pub duration_sec: u64,
    /// How it went, in words.
    pub message: &'a str,
    /// The summary document.
    pub summary_json: Option<String>,
    /// The shard's last batches before and at the end of it.
    pub changes: (i64, i64),
}

/// Records the end of a job.
///
/// # Errors
/// What SQLite says.
pub fn finish(catalog: &Connection, id: i64, end: &JobEnd<'_>) -> rusqlite::Result<()> {
    catalog
        .execute(
            "UPDATE jobs SET status = :status, finished_at = :finished_at, total_av = :total_av, total_all = :total_all,
                             done_av = :done_av, duration_sec = :duration_sec, message = :message,
                             summary_json = :summary_json, since_change = :since_change, last_change = :last_change
             WHERE id = :id",
            named_params! {
                ":id": id,
                ":status": end.status.name(),
                ":finished_at": end.finished_at,
                ":total_av": signed(end.total_av),
                ":total_all": signed(end.total_all),
                ":done_av": signed(end.done_av),
                ":duration_sec": signed(end.duration_sec),
                ":message": end.message,
                ":summary_json": end.summary_json,
                ":since_change": end.changes.0,
                ":last_change": end.changes.1,
            },
        )
        .map(|_| ())
}

/// Returns jobs, newest first, of one drive or of all.
///
/// # Errors
/// What SQLite says.
pub fn list(catalog: &Connection, label: Option<&str>) -> rusqlite::Result<Vec<Job>> {
    catalog
        .prepare_cached("SELECT * FROM jobs WHERE ?1 IS NULL OR drive_label = ?1 ORDER BY id DESC")?
        .query_map([label], read)?
        .collect()
}

/// Takes a job out of the history, unless it runs; returns whether there was one.
///
/// # Errors
/// What SQLite says.
pub fn delete(catalog: &Connection, id: i64) -> rusqlite::Result<bool> {
    catalog
        .execute(
            "DELETE FROM jobs WHERE id = ?1 AND status <> 'Running'",
            [id],
        )
        .map(|rows| rows > 0)
}

/// Marks every job of the drive that still says `Running` as `Stopped`: its process is gone.
///
/// # Errors
/// What SQLite says.
pub fn stop_orphans(catalog: &Connection, drive_uid: &str) -> rusqlite::Result<usize> {
    catalog.execute(
        "UPDATE jobs SET status = 'Stopped', message = coalesce(message, 'the process ended before the job did')
         WHERE drive_uid = ?1 AND status = 'Running'",
        [drive_uid],
    )
}

fn read(row: &Row<'_>) -> rusqlite::Result<Job> {
    Ok(Job {
        id: row.get("id")?,
        drive_label: row.get("drive_label")?,
        started_at: row.get("started_at")?,
        status: row.get("status")?,
        finished_at: row.get("finished_at")?,
        total_av: row.get("total_av")?,
        total_all: row.get("total_all")?,
        done_av: row.get("done_av")?,
        duration_sec: row.get("duration_sec")?,
        message: row.get("message")?,
        mode: row.get("mode")?,
    })
}

/// Files of each category, in the order of [`Category::ALL`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CategoryCounts([u64; 7]);

impl CategoryCounts {
    /// Counts `files` more of a category.
    pub fn add(&mut self, category: Category, files: u64) {
        if let Some(count) = self.0.get_mut(category as usize) {
            *count += files;
        }
    }

    /// Returns how many there are of a category.
    pub fn of(&self, category: Category) -> u64 {
        self.0.get(category as usize).copied().unwrap_or(0)
    }

    /// Returns how many there are in all.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Returns how many are audio or video.
    pub fn av(&self) -> u64 {
        self.of(Category::Video) + self.of(Category::Audio)
    }
}

impl Serialize for CategoryCounts {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            Category::ALL
                .into_iter()
                .map(|category| (category.name(), self.of(category))),
        )
    }
}

/// Appends what a scan found to `inventory_stats`.
///
/// # Errors
/// What SQLite says.
pub fn add_stats(
    catalog: &Connection,
    drive_uid: &str,
    label: &str,
    now_utc: &str,
    counts: &CategoryCounts,
) -> rusqlite::Result<()> {
    catalog
        .execute(
            "INSERT INTO inventory_stats(scan_ts_utc, drive_label, drive_uid, total_files, by_video, by_audio, by_image,
                                         by_document, by_archive, by_executable, by_other)
             VALUES(:now, :label, :uid, :total, :video, :audio, :image, :document, :archive, :executable, :other)",
            named_params! {
                ":now": now_utc,
                ":label": label,
                ":uid": drive_uid,
                ":total": signed(counts.total()),
                ":video": signed(counts.of(Category::Video)),
                ":audio": signed(counts.of(Category::Audio)),
                ":image": signed(counts.of(Category::Image)),
                ":document": signed(counts.of(Category::Document)),
                ":archive": signed(counts.of(Category::Archive)),
                ":executable": signed(counts.of(Category::Executable)),
                ":other": signed(counts.of(Category::Other)),
            },
        )
        .map(|_| ())
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Returns the last change of each drive's shard when a scan of it ended, by the drive's uid.
///
/// # Errors
/// What SQLite says.
pub fn last_changes(catalog: &Connection) -> rusqlite::Result<HashMap<String, i64>> {
    catalog
        .prepare_cached(
            "SELECT drive_uid, max(last_change) FROM jobs WHERE last_change IS NOT NULL GROUP BY drive_uid",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}
