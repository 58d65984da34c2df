//! What jobs did to a drive's files: which batches were theirs, and what those batches did.

use rusqlite::{Connection, params};

use super::names;

const COUNTS: &str = "SELECT 'added', count(*) FROM entries WHERE change_id > ?1 AND first_change > ?1 AND first_change <= ?2
 UNION ALL
 SELECT what, count(DISTINCT file_id) FROM file_events
  WHERE change_id > ?1 AND change_id <= ?2 AND what <> 'merged' GROUP BY what";

const FILES: &str =
    "SELECT v.what, f.path, e.name, e.size_bytes, v.before_path, v.before_size FROM (
   SELECT 'added' AS what, id AS file_id, NULL AS before_path, NULL AS before_size FROM entries
    WHERE change_id > ?1 AND first_change > ?1 AND first_change <= ?2
   UNION ALL
   SELECT what, file_id, before_path, before_size FROM file_events
    WHERE change_id > ?1 AND change_id <= ?2 AND what <> 'merged') v
 LEFT JOIN entries e ON e.id = v.file_id LEFT JOIN folders f ON f.id = e.folder_id
 ORDER BY v.what, v.file_id LIMIT ?3";

/// A job on a drive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRow {
    /// Row id.
    pub id: i64,
    /// When it began, ISO.
    pub started_at: String,
    /// When it ended, ISO.
    pub finished_at: Option<String>,
    /// How it stands or ended.
    pub status: String,
    /// delta, full or inventory; older rows have none.
    pub mode: Option<String>,
    /// The shard's last batches before and at the end of it; `None` for jobs that were killed and for older rows.
    pub batches: Option<Batches>,
}

/// The batches of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batches {
    /// The last one before it.
    pub since: i64,
    /// The last one of it.
    pub last: i64,
}

/// Returns the latest jobs on a drive, newest first.
///
/// # Errors
/// What SQLite says.
pub fn latest_jobs(
    catalog: &Connection,
    drive_uid: &str,
    most: usize,
) -> rusqlite::Result<Vec<JobRow>> {
    catalog
        .prepare_cached(
            "SELECT id, started_at, finished_at, status, mode, since_change, last_change FROM jobs
              WHERE drive_uid = ?1 ORDER BY started_at DESC, id DESC LIMIT ?2",
        )?
        .query_map(params![drive_uid, limit(most)], |row| {
            let since: Option<i64> = row.get("since_change")?;
            let last: Option<i64> = row.get("last_change")?;
            Ok(JobRow {
                id: row.get("id")?,
                started_at: row.get("started_at")?,
                finished_at: row.get("finished_at")?,
                status: row.get("status")?,
                mode: row.get("mode")?,
                batches: since.zip(last).map(|(since, last)| Batches { since, last }),
            })
        })?
        .collect()
}

/// What some batches did, added up: the word, and of how many files.
///
/// A file that was found where another one was lost is `moved` and not `added`.
///
/// # Errors
/// What SQLite says.
pub fn counts(shard: &Connection, batches: Batches) -> rusqlite::Result<Vec<(String, u64)>> {
    shard
        .prepare_cached(COUNTS)?
        .query_map([batches.since, batches.last], |row| {
            Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
        })?
        .collect()
}

/// One file, and what was done to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// added, changed, moved, deleted or restored.
    pub what: String,
    /// Where it is now, or was last; `None`: its row is gone.
    pub path: Option<Vec<u8>>,
    /// Its length now.
    pub size_bytes: Option<i64>,
    /// Where it was, of one that moved.
    pub before_path: Option<Vec<u8>>,
    /// How long it was, of one that changed.
    pub before_size_bytes: Option<i64>,
}

/// Returns the files that some batches did something to, by what and by number; at most `most`.
///
/// # Errors
/// What SQLite says.
pub fn files(
    shard: &Connection,
    batches: Batches,
    most: usize,
) -> rusqlite::Result<Vec<FileChange>> {
    shard
        .prepare_cached(FILES)?
        .query_map(params![batches.since, batches.last, limit(most)], |row| {
            let bytes = |column| {
                let value = row.get_ref(column)?;
                let is_there = value != rusqlite::types::ValueRef::Null;
                Ok::<_, rusqlite::Error>(is_there.then(|| names::from_sql(value).to_vec()))
            };
            let (folder, name) = (bytes(1)?, bytes(2)?);
            Ok(FileChange {
                what: row.get(0)?,
                path: folder
                    .zip(name)
                    .map(|(folder, name)| names::below(&folder, &name)),
                size_bytes: row.get(3)?,
                before_path: bytes(4)?,
                before_size_bytes: row.get(5)?,
            })
        })?
        .collect()
}

fn limit(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Access, Database, Journal, open};

    #[test]
    fn only_what_changed_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shard.db");
        let shard = open(&path, Database::Shard, Access::Create, Journal::Wal).unwrap();
        // As after the drive's first listing.
        crate::catalog::open::create_entries_index(&shard).unwrap();
        for (sql, parameters) in [(COUNTS, &[1, 2][..]), (FILES, &[1, 2, 3])] {
            let plan: Vec<String> = shard
                .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
                .unwrap()
                .query_map(rusqlite::params_from_iter(parameters), |row| {
                    row.get("detail")
                })
                .unwrap()
                .collect::<rusqlite::Result<_>>()
                .unwrap();
            for table in ["entries", "file_events"] {
                let search = format!("SEARCH {table} USING");
                assert!(
                    plan.iter().any(|step| step.starts_with(&search)),
                    "{plan:#?}"
                );
                let scan = format!("SCAN {table}");
                assert!(
                    !plan.iter().any(|step| step.starts_with(&scan)),
                    "{plan:#?}"
                );
            }
        }
    }
}
