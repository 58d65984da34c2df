//! Feature vectors of a drive's pictures and films: what there is, and single ones.

use rusqlite::{Connection, OptionalExtension};

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

/// Returns the feature vectors of the files that are there, of one kind or of every, in no particular order.
///
/// # Errors
/// What SQLite says.
pub fn list(connection: &Connection, kind: Option<&str>) -> rusqlite::Result<Vec<FeatureRow>> {
    connection
        .prepare_cached(
            "SELECT f.path AS folder, e.name, t.kind, t.dim, t.frames_used, t.updated_utc
               FROM feature_vectors t JOIN entries e ON e.id = t.file_id JOIN folders f ON f.id = e.folder_id
              WHERE e.deleted_change IS NULL AND (?1 IS NULL OR t.kind = ?1)",
        )?
        .query_map([kind], |row| {
            Ok(FeatureRow {
                path: names::below(
                    names::from_sql(row.get_ref("folder")?),
                    names::from_sql(row.get_ref("name")?),
                ),
                kind: row.get("kind")?,
                dim: row.get("dim")?,
                frames_used: row.get("frames_used")?,
                updated_utc: row.get("updated_utc")?,
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
