//! Feature vectors of a drive's pictures and films: what there is, and single ones.

use rusqlite::{Connection, OptionalExtension, params};

use super::names;
use crate::path::RelPath;

/// What a feature vector is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeatureRow {
    /// Path relative to the drive's root.
    pub path: Vec<u8>,
    /// image or video.
    pub kind: String,
    /// How many numbers.
    pub dim: i64,
    /// Pictures it is the mean of.
    pub frames_used: i64,
    /// When it was made.
    pub updated_utc: String,
}

/// Which feature vectors are wanted.
#[derive(Clone, Copy, Debug)]
pub struct FeatureFilter<'a> {
    /// Somewhere in the absolute path, whatever the case; empty: all.
    pub path: &'a str,
    /// image or video, whatever the case; empty: both.
    pub kind: &'a str,
}

const MATCHING: &str = "FROM feature_vectors t JOIN entries e ON e.id = t.file_id JOIN folders f ON f.id = e.folder_id
   JOIN paths p ON p.file_id = e.id
  WHERE e.deleted_change IS NULL AND (?1 = '' OR instr(lower(p.path), lower(?1)) > 0) AND (?2 = '' OR t.kind = lower(?2))";

/// Returns how many feature vectors match.
///
/// # Errors
/// What SQLite says.
pub fn count(connection: &Connection, filter: FeatureFilter<'_>) -> rusqlite::Result<u64> {
    connection
        .prepare_cached(&format!("SELECT count(*) {MATCHING}"))?
        .query_row([filter.path, filter.kind], |row| row.get::<_, i64>(0))
        .map(i64::unsigned_abs)
}

/// Returns feature vectors that match, in the order of their paths without case.
///
/// # Errors
/// What SQLite says.
pub fn list(
    connection: &Connection,
    filter: FeatureFilter<'_>,
    offset: i64,
    limit: i64,
) -> rusqlite::Result<Vec<FeatureRow>> {
    connection
        .prepare_cached(&format!(
            "SELECT f.path, e.name, t.kind, t.dim, t.frames_used, t.updated_utc {MATCHING}
              ORDER BY p.path COLLATE NOCASE, p.path LIMIT ?3 OFFSET ?4"
        ))?
        .query_map(params![filter.path, filter.kind, limit, offset], |row| {
            Ok(FeatureRow {
                path: names::below(
                    names::from_sql(row.get_ref(0)?),
                    names::from_sql(row.get_ref(1)?),
                ),
                kind: row.get(2)?,
                dim: row.get(3)?,
                frames_used: row.get(4)?,
                updated_utc: row.get(5)?,
            })
        })?
        .collect()
}

/// Returns the kind and the numbers of a file's feature vector.
///
/// # Errors
/// What SQLite says.
pub fn vector(
    connection: &Connection,
    path: &RelPath,
) -> rusqlite::Result<Option<(String, Vec<f32>)>> {
    let Some(file) = super::lookup::file_at(connection, path)? else {
        return Ok(None);
    };
    connection
        .prepare_cached("SELECT kind, vec FROM feature_vectors WHERE file_id = ?1")?
        .query_row([file.file_id], |row| {
            let bytes: Vec<u8> = row.get(1)?;
            let (numbers, _) = bytes.as_chunks::<4>();
            let numbers = numbers.iter().map(|bytes| f32::from_le_bytes(*bytes));
            Ok((row.get(0)?, numbers.collect()))
        })
        .optional()
}
