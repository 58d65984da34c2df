//! Keeping a database quick and small: statistics, indexes, free pages.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use serde::Serialize;

use super::files::size_of;
use super::interrupt::interruptible;
use super::open::{Access, OpenError, open_unchecked};
use crate::cancel::CancelToken;
use crate::path::label::shard_stem;

/// Moves the write-ahead log into the database as far as readers allow and lets SQLite look after its statistics.
///
/// # Errors
/// What SQLite says.
pub fn light(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("PRAGMA analysis_limit = 400; PRAGMA optimize;")?;
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
}

/// Opens a database of whatever layout to look after it; `cancel` stops what is asked of it.
///
/// # Errors
/// When it is not there or cannot be opened.
pub(crate) fn open_to_maintain(
    path: &Path,
    busy_timeout: Duration,
    cancel: &CancelToken,
) -> Result<Connection, OpenError> {
    let mut connection = open_unchecked(path, Access::Write)?;
    connection
        .busy_timeout(busy_timeout)
        .and_then(|()| interruptible(&mut connection, cancel))
        .map_err(|source| OpenError::Sqlite {
            path: path.to_path_buf(),
            source,
        })?;
    Ok(connection)
}

/// Makes every index anew, gathers the statistics that queries are planned by, and returns the number of indexes.
///
/// # Errors
/// What SQLite says.
pub(crate) fn thorough(connection: &Connection) -> rusqlite::Result<u64> {
    connection.execute_batch("REINDEX; ANALYZE; PRAGMA optimize;")?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    connection.query_row(
        "SELECT count(*) FROM sqlite_master WHERE type = 'index'",
        [],
        |row| row.get::<_, i64>(0).map(i64::unsigned_abs),
    )
}

/// What became of the wish to compact a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Compaction {
    /// Whether it was compacted; else it was not worth the while.
    pub done: bool,
    /// Bytes that were free inside it.
    pub free_bytes: u64,
    /// Bytes of the database with its log before.
    pub before_bytes: u64,
    /// The same after.
    pub after_bytes: u64,
}

impl Compaction {
    /// Returns how many bytes smaller it became.
    pub const fn reclaimed_bytes(&self) -> u64 {
        self.before_bytes.saturating_sub(self.after_bytes)
    }
}

/// Compacts the database at `path`, if that frees at least `threshold_bytes` or there is no threshold. `before` makes the
/// backup: it is called once it is clear that there is something to do.
///
/// # Errors
/// When the backup cannot be made: then nothing is touched. When SQLite cannot do it: then it is as it was.
pub fn compact<E: From<OpenError>>(
    connection: &Connection,
    path: &Path,
    threshold_bytes: Option<u64>,
    before: impl FnOnce() -> Result<(), E>,
) -> Result<Compaction, E> {
    let write = |source| OpenError::Sqlite {
        path: path.to_path_buf(),
        source,
    };
    let checkpoint = || connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    checkpoint().map_err(write)?;
    let before_bytes = size_of(path);
    let free_bytes = free_bytes(connection, before_bytes).map_err(write)?;
    let mut compaction = Compaction {
        done: false,
        free_bytes,
        before_bytes,
        after_bytes: before_bytes,
    };
    if threshold_bytes.is_some_and(|threshold| free_bytes < threshold) {
        return Ok(compaction);
    }
    before()?;
    connection.execute_batch("VACUUM").map_err(write)?;
    // The compacted pages are in the log still.
    checkpoint().map_err(write)?;
    compaction.done = true;
    compaction.after_bytes = size_of(path);
    Ok(compaction)
}

/// Bytes in free pages, or what the database says it has beyond what its files hold, whichever is more.
fn free_bytes(connection: &Connection, size: u64) -> rusqlite::Result<u64> {
    let number = |name: &str| {
        connection.pragma_query_value(None, name, |row| {
            row.get::<_, i64>(0).map(i64::unsigned_abs)
        })
    };
    let page_size = number("page_size")?;
    let free = number("freelist_count")?.saturating_mul(page_size);
    let said = number("page_count")?.saturating_mul(page_size);
    Ok(free.max(said.saturating_sub(size)))
}

/// Returns the tag of a backup of the database at `path` that is made for `what`: with its file's name.
pub fn tag(what: &str, path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    format!("{what}_{}", shard_stem(&stem))
}

#[cfg(test)]
mod tests {
    use super::super::backup::BackupError;
    use super::super::open::{Database, Journal, open};
    use super::*;

    #[test]
    fn a_database_is_compacted_only_where_it_pays_and_after_the_backup() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        let connection = open(&path, Database::Shard, Access::Create, Journal::Wal).unwrap();
        connection
            .execute_batch(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
                 INSERT INTO scan_state SELECT 'key ' || i, hex(randomblob(50)) FROM n;
                 DELETE FROM scan_state;",
            )
            .unwrap();
        let compact = |threshold, backup: fn() -> Result<(), BackupError>| {
            super::compact(&connection, &path, threshold, backup)
        };
        let skipped = compact(Some(1 << 30), || panic!("no backup is made for nothing")).unwrap();
        assert!(!skipped.done && skipped.free_bytes > 100_000);
        assert_eq!(skipped.reclaimed_bytes(), 0);

        let failed = compact(Some(1_000), || {
            Err(BackupError::Folder(std::io::ErrorKind::StorageFull.into()))
        });
        assert!(failed.is_err());
        assert_eq!(size_of(&path), skipped.before_bytes, "nothing was touched");

        let done = compact(Some(1_000), || Ok(())).unwrap();
        assert!(done.done && done.reclaimed_bytes() > 100_000, "{done:?}");
        let forced = compact(None, || Ok(())).unwrap();
        assert!(forced.done && forced.free_bytes == 0, "{forced:?}");
    }

    #[test]
    fn tags_are_made_of_the_file_name() {
        assert_eq!(tag("auto", Path::new("/d/My_Drive.db")), "auto_My_Drive");
        assert_eq!(tag("manual", Path::new("/d/a b.x.db")), "manual_a_b_x");
    }
}
