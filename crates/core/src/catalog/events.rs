//! What happened to files that were known, one row an event, beside the change itself and in its transaction.

use rusqlite::{Connection, params};

/// What a file was before: its path for one that moves, size and time for one that changed.
const BEFORE_PATH: &str = "(SELECT CASE WHEN 'blob' IN (typeof(f.path), typeof(e.name))
                     THEN CAST(CASE f.path WHEN '' THEN e.name ELSE f.path || '/' || e.name END AS BLOB)
                     ELSE CASE f.path WHEN '' THEN e.name ELSE f.path || '/' || e.name END END
              FROM entries e JOIN folders f ON f.id = e.folder_id WHERE e.id = ";

/// Notes that a file's size or time is about to change.
///
/// # Errors
/// What SQLite says.
pub(super) fn changed(connection: &Connection, file_id: i64, change: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO file_events(change_id, file_id, what, before_size, before_mtime_us)
             SELECT ?2, id, 'changed', size_bytes, mtime_us FROM entries WHERE id = ?1",
        )?
        .execute([file_id, change])
        .map(|_| ())
}

/// Notes that a deleted file is there again.
///
/// # Errors
/// What SQLite says.
pub(super) fn restored(connection: &Connection, file_id: i64, change: i64) -> rusqlite::Result<()> {
    plain(connection, file_id, change, "restored")
}

/// Notes that a row turned out to be another row's file, and is about to go.
///
/// # Errors
/// What SQLite says.
pub(super) fn merged(connection: &Connection, file_id: i64, change: i64) -> rusqlite::Result<()> {
    plain(connection, file_id, change, "merged")
}

fn plain(connection: &Connection, file_id: i64, change: i64, what: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO file_events(change_id, file_id, what) VALUES(?2, ?1, ?3)",
        )?
        .execute(params![file_id, change, what])
        .map(|_| ())
}

/// Notes that a file that was taken for deleted is about to get another place: the deletion was none.
///
/// # Errors
/// What SQLite says.
pub(super) fn moved(connection: &Connection, file_id: i64, change: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(&format!(
            "INSERT OR IGNORE INTO file_events(change_id, file_id, what, before_path)
             SELECT ?2, ?1, 'moved', {BEFORE_PATH} ?1)"
        ))?
        .execute([file_id, change])?;
    connection
        .prepare_cached(
            "DELETE FROM file_events WHERE file_id = ?1 AND what = 'deleted'
                AND change_id = (SELECT deleted_change FROM entries WHERE id = ?1)",
        )?
        .execute([file_id])
        .map(|_| ())
}

/// Notes the moves of the temporary table `moves` before they are made.
///
/// # Errors
/// What SQLite says.
pub(super) fn matched_moves(connection: &Connection, change: i64) -> rusqlite::Result<()> {
    connection.execute(
        &format!(
            "INSERT OR IGNORE INTO file_events(change_id, file_id, what, before_path)
             SELECT ?1, v.old, 'moved', {BEFORE_PATH} v.old) FROM temp.moves v"
        ),
        [change],
    )?;
    connection
        .execute(
            "INSERT OR IGNORE INTO file_events(change_id, file_id, what)
             SELECT ?1, new, 'merged' FROM temp.moves",
            [change],
        )
        .map(|_| ())
}

/// Notes the deletions of the temporary table `missing` before they are marked.
///
/// # Errors
/// What SQLite says.
pub(super) fn missing_deleted(connection: &Connection, change: i64) -> rusqlite::Result<()> {
    connection
        .execute(
            "INSERT OR IGNORE INTO file_events(change_id, file_id, what)
             SELECT ?1, m.id, 'deleted' FROM temp.missing m JOIN entries e ON e.id = m.id
              WHERE e.deleted_change IS NULL",
            [change],
        )
        .map(|_| ())
}
