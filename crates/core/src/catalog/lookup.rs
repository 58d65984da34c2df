//! One file of a shard by its path, and what stands next to it.

use rusqlite::{Connection, OptionalExtension, params};

use super::names;
use crate::path::RelPath;

/// A file as the catalogue knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFile {
    /// Its number in the shard.
    pub file_id: i64,
    /// Length.
    pub size_bytes: Option<i64>,
    /// Last modification, microseconds since 1970.
    pub mtime_us: Option<i64>,
    /// Extension.
    pub ext: Option<String>,
    /// MIME type.
    pub mime: Option<String>,
    /// Category.
    pub category: String,
    /// Hash of the whole file, as far as it still holds.
    pub hash: Option<[u8; 32]>,
    /// Whether the hash is the older program's, which may be of another kind.
    pub is_legacy_hash: bool,
    /// When it was gone.
    pub deleted_utc: Option<String>,
    /// When it was first seen.
    pub first_seen_utc: Option<String>,
    /// When anything known of it last changed.
    pub updated_utc: Option<String>,
}

/// Returns the file at a path, or the last one that was there.
///
/// # Errors
/// What SQLite says.
pub fn file_at(connection: &Connection, path: &RelPath) -> rusqlite::Result<Option<KnownFile>> {
    let Some((folder, name)) = path.split() else {
        return Ok(None);
    };
    connection
        .prepare_cached(
            "SELECT e.id, e.size_bytes, e.mtime_us, k.ext, k.mime, k.category,
                    CASE WHEN h.stale = 0 THEN h.hash END AS hash, coalesce(h.legacy, 0) AS legacy,
                    (SELECT utc FROM changes WHERE change_id = e.deleted_change) AS deleted_utc,
                    (SELECT utc FROM changes WHERE change_id = e.first_change) AS first_seen_utc,
                    (SELECT utc FROM changes WHERE change_id = max(e.change_id, coalesce(m.change_id, 0))) AS updated_utc
               FROM folders f JOIN entries e ON e.folder_id = f.id JOIN kinds k ON k.id = e.kind_id
               LEFT JOIN hashes h ON h.file_id = e.id LEFT JOIN media m ON m.file_id = e.id
              WHERE f.path = ?1 AND e.name = ?2
              ORDER BY e.deleted_change IS NOT NULL, e.deleted_change DESC LIMIT 1",
        )?
        .query_row(
            params![names::to_sql(folder.as_bytes()), names::to_sql(name)],
            |row| {
                Ok(KnownFile {
                    file_id: row.get("id")?,
                    size_bytes: row.get("size_bytes")?,
                    mtime_us: row.get("mtime_us")?,
                    ext: row.get("ext")?,
                    mime: row.get("mime")?,
                    category: row.get("category")?,
                    hash: row.get("hash")?,
                    is_legacy_hash: row.get("legacy")?,
                    deleted_utc: row.get("deleted_utc")?,
                    first_seen_utc: row.get("first_seen_utc")?,
                    updated_utc: row.get("updated_utc")?,
                })
            },
        )
        .optional()
}

/// Returns the numbers and names of the files in a folder, at most `limit`; none if the folder is not known.
///
/// # Errors
/// What SQLite says.
pub fn files_in(
    connection: &Connection,
    folder: &RelPath,
    limit: i64,
) -> rusqlite::Result<Vec<(i64, String)>> {
    connection
        .prepare_cached(
            "SELECT e.id, e.name FROM folders f JOIN entries e ON e.folder_id = f.id
              WHERE f.path = ?1 AND e.deleted_change IS NULL LIMIT ?2",
        )?
        .query_map(params![names::to_sql(folder.as_bytes()), limit], |row| {
            let name = names::from_sql(row.get_ref(1)?);
            Ok((row.get(0)?, String::from_utf8_lossy(name).into_owned()))
        })?
        .collect()
}

/// Returns the paths of the folders directly below a folder, at most `limit`.
///
/// # Errors
/// What SQLite says.
pub fn folders_in(
    connection: &Connection,
    folder: &RelPath,
    limit: i64,
) -> rusqlite::Result<Vec<RelPath>> {
    connection
        .prepare_cached(
            "SELECT c.path FROM folders f JOIN folders c ON c.parent_id = f.id WHERE f.path = ?1 LIMIT ?2",
        )?
        .query_map(params![names::to_sql(folder.as_bytes()), limit], |row| {
            Ok(RelPath::from_bytes(names::from_sql(row.get_ref(0)?).to_vec()))
        })?
        .collect()
}
