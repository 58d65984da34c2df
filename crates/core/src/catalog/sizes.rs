//! Lengths of a shard's files, and what is known of their contents: of what files with the same bytes are found.

use rusqlite::{Connection, params};

use super::listing::ListedFile;

/// A file that is there and not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SizedFile {
    /// Its number in the shard.
    pub file_id: i64,
    /// Length in bytes.
    pub size_bytes: u64,
    /// Number within the volume; links to the same file share it.
    pub inode: Option<i64>,
    /// Whether its content was hashed by us, and is still that.
    pub is_hashed: bool,
    /// Hash of both ends, if it holds.
    pub ends: Option<[u8; 32]>,
}

/// Returns the files of a shard.
///
/// # Errors
/// What SQLite says.
pub fn sized_files(shard: &Connection) -> rusqlite::Result<Vec<SizedFile>> {
    shard
        .prepare_cached(
            "SELECT e.id, e.size_bytes, e.inode, h.file_id IS NOT NULL AS is_hashed, t.ends
               FROM entries e
               LEFT JOIN hashes h ON h.file_id = e.id AND h.legacy = 0 AND h.stale = 0
               LEFT JOIN file_ends t ON t.file_id = e.id AND t.size_bytes = e.size_bytes AND t.mtime_us = e.mtime_us
              WHERE e.deleted_change IS NULL AND e.size_bytes > 0",
        )?
        .query_map([], |row| {
            Ok(SizedFile {
                file_id: row.get("id")?,
                size_bytes: row.get::<_, i64>("size_bytes")?.unsigned_abs(),
                inode: row.get("inode")?,
                is_hashed: row.get("is_hashed")?,
                ends: row.get("ends")?,
            })
        })?
        .collect()
}

/// Returns the number of a file within its volume; links to the same file share it. `None` where nobody knows.
///
/// # Errors
/// What SQLite says.
pub fn inode_of(shard: &Connection, file_id: i64) -> rusqlite::Result<Option<i64>> {
    shard
        .prepare_cached("SELECT inode FROM entries WHERE id = ?1")?
        .query_row([file_id], |row| row.get(0))
}

/// Writes the hash of both ends of a file that was read.
pub(super) fn save_ends(
    shard: &Connection,
    file_id: i64,
    ends: &[u8; 32],
    stat: &ListedFile,
) -> rusqlite::Result<()> {
    shard
        .prepare_cached(
            "INSERT OR REPLACE INTO file_ends(file_id, size_bytes, mtime_us, ends) VALUES(?1, ?2, ?3, ?4)",
        )?
        .execute(params![file_id, stat.size_bytes, stat.mtime_us, ends])
        .map(drop)
}

/// Gives links what was learnt of the file that they lead to: pairs of the one that was read and another.
///
/// # Errors
/// What SQLite says.
pub fn share_with_links(shard: &Connection, links: &[(i64, i64)]) -> rusqlite::Result<()> {
    let transaction = shard.unchecked_transaction()?;
    for (read, link) in links {
        for sql in [
            "INSERT OR REPLACE INTO hashes(file_id, hash, legacy, stale, change_id)
             SELECT ?2, hash, legacy, stale, change_id FROM hashes WHERE file_id = ?1 AND legacy = 0 AND stale = 0",
            "INSERT OR REPLACE INTO file_ends(file_id, size_bytes, mtime_us, ends)
             SELECT ?2, size_bytes, mtime_us, ends FROM file_ends WHERE file_id = ?1",
            // What is derived from rows follows those that changed.
            "UPDATE entries SET change_id = (SELECT change_id FROM entries WHERE id = ?1) WHERE id = ?2",
        ] {
            transaction.prepare_cached(sql)?.execute([read, link])?;
        }
    }
    transaction.commit()
}
