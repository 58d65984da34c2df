//! Feature vectors of a drive's pictures and films: what there is, and single ones.

use std::ops::ControlFlow;

use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;

use super::fingerprints::lacking;
use super::hashing::below_condition;
use super::names;
use super::semantic::numbers;
use crate::gather::Lacking;
use crate::media::pictures::DECODED;
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

/// A file's feature vector.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureVector {
    /// image or video.
    pub kind: String,
    /// Which model made it; `None`: the older program, which did not say.
    pub model: Option<String>,
    /// Its numbers.
    pub numbers: Vec<f32>,
}

/// Returns a file's feature vector; one that is shorter or longer than it says is none.
///
/// # Errors
/// What SQLite says.
pub fn vector(connection: &Connection, path: &RelPath) -> rusqlite::Result<Option<FeatureVector>> {
    let Some(file) = super::lookup::file_at(connection, path)? else {
        return Ok(None);
    };
    connection
        .prepare_cached(
            "SELECT t.kind, a.model, t.vec FROM feature_vectors t LEFT JOIN analysed a ON a.file_id = t.file_id
              WHERE t.file_id = ?1 AND length(t.vec) = 4 * t.dim",
        )?
        .query_row([file.file_id], |row| {
            Ok(FeatureVector {
                kind: row.get(0)?,
                model: row.get(1)?,
                numbers: numbers(row.get_ref(2)?.as_blob().unwrap_or_default()),
            })
        })
        .optional()
}

/// Returns why there is no vector of a file that was looked at.
///
/// # Errors
/// What SQLite says.
pub fn failure(connection: &Connection, path: &RelPath) -> rusqlite::Result<Option<String>> {
    let Some(file) = super::lookup::file_at(connection, path)? else {
        return Ok(None);
    };
    connection
        .prepare_cached("SELECT failure FROM analysed WHERE file_id = ?1")?
        .query_row([file.file_id], |row| row.get(0))
        .optional()
        .map(Option::flatten)
}

/// What light analysis may look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Analysable {
    /// Images.
    pub images: bool,
    /// Films, and images that only ffmpeg decodes.
    pub films: bool,
}

/// One file without a feature vector.
#[derive(Clone, Debug, PartialEq)]
pub struct AnalysisTask {
    /// The file.
    pub file: Lacking,
    /// Whether it is a film, and no image.
    pub is_film: bool,
    /// Width and height of its picture.
    pub size: Option<(u32, u32)>,
}

/// A vector that was made, or why there is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysed {
    /// Its numbers and how many frames it is the mean of.
    pub vector: Result<(Vec<f32>, usize), String>,
}

/// Fills the queue of files below a folder without a vector of this model, and returns their number. With `again`, those that
/// have one are among them. Vectors of the older program count as any model's.
///
/// # Errors
/// What SQLite says.
pub fn fill_queue(
    connection: &Connection,
    model: &str,
    what: Analysable,
    again: bool,
    below: &RelPath,
) -> rusqlite::Result<u64> {
    connection.execute_batch(
        "DROP TABLE IF EXISTS temp.to_analyse;
         CREATE TEMP TABLE to_analyse(seq INTEGER PRIMARY KEY, file_id INTEGER NOT NULL);",
    )?;
    connection
        .prepare(&format!(
            "INSERT INTO temp.to_analyse(file_id)
             SELECT e.id FROM entries e JOIN kinds k ON k.id = e.kind_id
               LEFT JOIN media m ON m.file_id = e.id
               LEFT JOIN hashes h ON h.file_id = e.id
               LEFT JOIN feature_vectors v ON v.file_id = e.id
               LEFT JOIN analysed a ON a.file_id = e.id
              WHERE (k.category = 'image' AND ?2 AND (?3 OR k.mime IS NULL OR k.mime IN ({}))
                     OR k.category = 'video' AND ?3 AND (m.source IS NULL OR m.video_streams > 0))
                AND e.deleted_change IS NULL AND coalesce(h.stale, 0) = 0 AND e.size_bytes > 0 AND e.mtime_us IS NOT NULL
                AND (?4 OR v.file_id IS NULL AND a.file_id IS NULL
                        OR a.file_id IS NOT NULL AND (a.size_bytes, a.mtime_us, a.model) <> (e.size_bytes, e.mtime_us, ?5))
                AND {}
              ORDER BY e.folder_id, e.name",
            DECODED.map(|mime| format!("'{mime}'")).join(", "),
            below_condition(),
        ))?
        .execute(params![
            names::to_sql(below.as_bytes()),
            what.images,
            what.films,
            again,
            model
        ])
        .map(|rows| rows as u64)
}

/// Returns the next files of the queue after place `after`, at most `limit`.
///
/// # Errors
/// What SQLite says.
pub fn next_tasks(
    connection: &Connection,
    after: i64,
    limit: i64,
) -> rusqlite::Result<Vec<AnalysisTask>> {
    connection
        .prepare_cached(
            "SELECT q.seq, q.file_id, f.path, e.name, e.size_bytes, e.mtime_us, k.category, m.duration_s, m.width, m.height
               FROM temp.to_analyse q JOIN entries e ON e.id = q.file_id JOIN folders f ON f.id = e.folder_id
               JOIN kinds k ON k.id = e.kind_id LEFT JOIN media m ON m.file_id = e.id
              WHERE q.seq > ?1 ORDER BY q.seq LIMIT ?2",
        )?
        .query_map(params![after, limit], |row| {
            let (width, height): (Option<u32>, Option<u32>) =
                (row.get("width")?, row.get("height")?);
            Ok(AnalysisTask {
                file: lacking(row)?,
                is_film: row.get::<_, String>("category")? == "video",
                size: width.zip(height),
            })
        })?
        .collect()
}

/// Writes the vector of a file, or why there is none.
///
/// # Errors
/// What SQLite says.
pub fn save(
    connection: &Connection,
    task: &AnalysisTask,
    analysed: &Analysed,
    model: &str,
    now_utc: &str,
) -> rusqlite::Result<()> {
    let file_id = task.file.file_id;
    connection
        .prepare_cached("DELETE FROM feature_vectors WHERE file_id = ?1")?
        .execute([file_id])?;
    if let Ok((vector, frames)) = &analysed.vector {
        let kind = if task.is_film { "video" } else { "image" };
        let bytes: Vec<u8> = vector
            .iter()
            .flat_map(|number| number.to_le_bytes())
            .collect();
        let (dim, frames) = (
            i64::try_from(vector.len()).unwrap_or(0),
            i64::try_from(*frames).unwrap_or(1),
        );
        connection
            .prepare_cached(
                "INSERT INTO feature_vectors(file_id, kind, vec, dim, frames_used, updated_utc) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![file_id, kind, bytes, dim, frames, now_utc])?;
    }
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO analysed(file_id, size_bytes, mtime_us, model, failure) VALUES(?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            file_id,
            task.file.size_bytes,
            task.file.mtime_us,
            model,
            analysed.vector.as_ref().err()
        ])
        .map(drop)
}

/// How many files of a drive have a feature vector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FeatureCoverage {
    /// Images.
    pub images: u64,
    /// Films.
    pub videos: u64,
}

/// Returns how many files have a feature vector, of those that are there.
///
/// # Errors
/// What SQLite says.
pub fn coverage(connection: &Connection) -> rusqlite::Result<FeatureCoverage> {
    connection.query_row(
        "SELECT coalesce(sum(t.kind = 'image'), 0), coalesce(sum(t.kind = 'video'), 0)
           FROM feature_vectors t JOIN entries e ON e.id = t.file_id WHERE e.deleted_change IS NULL",
        [],
        |row| {
            Ok(FeatureCoverage {
                images: row.get::<_, i64>(0)?.unsigned_abs(),
                videos: row.get::<_, i64>(1)?.unsigned_abs(),
            })
        },
    )
}

/// A vector among those of a drive.
#[derive(Clone, Copy, Debug)]
pub struct VectorOf<'a> {
    /// Path relative to the drive's root.
    pub path: &'a [u8],
    /// The file.
    pub file_id: i64,
    /// image or video.
    pub kind: &'a str,
    /// Its numbers, as they are stored.
    pub bytes: &'a [u8],
}

/// Calls `take` with every vector of a model and of so many numbers, of the files that are there, until it has enough; returns
/// how many vectors it met that are another model's. What is shorter or longer than it says is left out.
///
/// # Errors
/// What SQLite says.
pub fn each_vector(
    connection: &Connection,
    model: Option<&str>,
    dim: usize,
    mut take: impl FnMut(VectorOf<'_>) -> ControlFlow<()>,
) -> rusqlite::Result<u64> {
    let mut statement = connection.prepare_cached(
        "SELECT a.model IS ?1 AND t.dim = ?2, f.path, e.name, e.id, t.kind, t.vec
           FROM feature_vectors t JOIN entries e ON e.id = t.file_id JOIN folders f ON f.id = e.folder_id
           LEFT JOIN analysed a ON a.file_id = t.file_id
          WHERE e.deleted_change IS NULL AND length(t.vec) = 4 * t.dim",
    )?;
    let mut rows = statement.query(params![model, i64::try_from(dim).unwrap_or(0)])?;
    let mut others = 0;
    while let Some(row) = rows.next()? {
        if !row.get::<_, bool>(0)? {
            others += 1;
            continue;
        }
        let path = names::below(
            names::from_sql(row.get_ref(1)?),
            names::from_sql(row.get_ref(2)?),
        );
        let of = VectorOf {
            path: &path,
            file_id: row.get(3)?,
            kind: row.get_ref(4)?.as_str().unwrap_or_default(),
            bytes: row.get_ref(5)?.as_blob().unwrap_or_default(),
        };
        if take(of).is_break() {
            break;
        }
    }
    Ok(others)
}
