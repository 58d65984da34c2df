//! Single files by their numbers: where they are, and what their whole hash is.

use rusqlite::{Connection, OptionalExtension};

use super::names;

/// A file whose content is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Path relative to the drive's root.
    pub path: Vec<u8>,
    /// Length in bytes.
    pub size_bytes: i64,
    /// BLAKE3 of the whole file.
    pub hash: [u8; 32],
}

/// Returns a file that is there and has a valid hash of ours; `None`: it has not, or no longer.
///
/// # Errors
/// What SQLite says.
pub fn content_of(shard: &Connection, file_id: i64) -> rusqlite::Result<Option<Content>> {
    shard
        .prepare_cached(
            "SELECT f.path, e.name, e.size_bytes, h.hash
               FROM entries e JOIN folders f ON f.id = e.folder_id JOIN hashes h ON h.file_id = e.id
              WHERE e.id = ?1 AND e.deleted_change IS NULL AND e.size_bytes IS NOT NULL
                AND h.legacy = 0 AND h.stale = 0",
        )?
        .query_row([file_id], |row| {
            Ok(Content {
                path: names::below(
                    names::from_sql(row.get_ref(0)?),
                    names::from_sql(row.get_ref(1)?),
                ),
                size_bytes: row.get(2)?,
                hash: row.get(3)?,
            })
        })
        .optional()
}
