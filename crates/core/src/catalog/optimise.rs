//! What is done for a shard after a scan.

use std::path::Path;

use rusqlite::Connection;

use super::backup::{BackupError, backup};
use crate::clock::Clock;

/// Moves the write-ahead log into the database as far as readers allow and lets SQLite look after its statistics.
///
/// # Errors
/// What SQLite says.
pub fn light(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("PRAGMA analysis_limit = 400; PRAGMA optimize;")?;
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
}

/// Compacts the database if that frees more than `threshold_bytes`, after a checked backup. Returns whether it did.
///
/// # Errors
/// When the backup cannot be made: then nothing is touched.
pub fn vacuum_with_backup(
    connection: &Connection,
    path: &Path,
    backups: &Path,
    threshold_bytes: u64,
    clock: &dyn Clock,
) -> Result<bool, BackupError> {
    let write = |source| BackupError::Write {
        path: path.to_path_buf(),
        source,
    };
    connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .map_err(write)?;
    let number = |name| {
        connection
            .pragma_query_value(None, name, |row| row.get::<_, i64>(0))
            .map_err(write)
    };
    let free = number("freelist_count")? * number("page_size")?;
    if u64::try_from(free).unwrap_or(0) < threshold_bytes {
        return Ok(false);
    }
    let stem = path
        .file_stem()
        .map_or_else(|| "shard".into(), |stem| stem.to_string_lossy());
    backup(path, backups, &format!("auto_{stem}"), clock)?;
    connection.execute_batch("VACUUM").map_err(write)?;
    Ok(true)
}
