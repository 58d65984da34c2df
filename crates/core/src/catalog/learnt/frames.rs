//! What is to be seen in files: vectors of frames and images.

use rusqlite::{Connection, params};

use super::{LearntDb, next_change};
use crate::catalog::features::{Analysable, AnalysisTask};
use crate::catalog::fingerprints::lacking;
use crate::catalog::hashing::below_condition;
use crate::catalog::names;
use crate::catalog::semantic::numbers;
use crate::path::RelPath;

/// A frame that was looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// When it is shown, milliseconds from the beginning; `None`: it is an image.
    pub start_ms: Option<i64>,
    /// What it looks like: numbers of length one.
    pub vector: Vec<f32>,
}

impl LearntDb {
    /// Returns the frames of a file, by time.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn frames(&self, id: i64) -> rusqlite::Result<Vec<Frame>> {
        self.connection
            .prepare_cached(
                "SELECT start_ms, vec FROM frames WHERE learnt_id = ?1 ORDER BY start_ms, rowid",
            )?
            .query_map([id], |row| {
                Ok(Frame {
                    start_ms: row.get(0)?,
                    vector: numbers(row.get_ref(1)?.as_blob().unwrap_or_default()),
                })
            })?
            .collect()
    }

    /// Writes all frames of a file, in one transaction.
    ///
    /// # Errors
    /// What SQLite says; nothing is written then.
    pub fn add_frames(&self, id: i64, frames: &[Frame], now_utc: &str) -> rusqlite::Result<()> {
        let transaction = self.connection.unchecked_transaction()?;
        transaction.execute("DELETE FROM frames WHERE learnt_id = ?1", [id])?;
        for frame in frames {
            let bytes: Vec<u8> = frame
                .vector
                .iter()
                .flat_map(|number| number.to_le_bytes())
                .collect();
            transaction
                .prepare_cached("INSERT INTO frames(learnt_id, start_ms, vec) VALUES(?1, ?2, ?3)")?
                .execute(params![id, frame.start_ms, bytes])?;
        }
        let change = next_change(&transaction)?;
        transaction
            .prepare_cached("UPDATE learnt SET change_id = ?2, updated_utc = ?3 WHERE id = ?1")?
            .execute(params![id, change, now_utc])?;
        transaction.commit()
    }
}

/// Returns the images and films of a shard below a folder, by path.
///
/// # Errors
/// What SQLite says.
pub fn to_look_at(
    connection: &Connection,
    what: Analysable,
    below: &RelPath,
) -> rusqlite::Result<Vec<AnalysisTask>> {
    connection
        .prepare(&format!(
            "SELECT e.id AS seq, e.id AS file_id, f.path, e.name, e.size_bytes, e.mtime_us, m.duration_s, m.width, m.height,
                    k.category = 'video' AS is_film
               FROM entries e JOIN folders f ON f.id = e.folder_id JOIN kinds k ON k.id = e.kind_id
               LEFT JOIN media m ON m.file_id = e.id
               LEFT JOIN hashes h ON h.file_id = e.id
              WHERE (k.category = 'image' AND ?2 OR k.category = 'video' AND ?3 AND (m.source IS NULL OR m.video_streams > 0))
                AND e.deleted_change IS NULL AND coalesce(h.stale, 0) = 0 AND e.size_bytes > 0 AND e.mtime_us IS NOT NULL AND {}
              ORDER BY f.path, e.name",
            below_condition()
        ))?
        .query_map(
            params![names::to_sql(below.as_bytes()), what.images, what.films],
            |row| {
                let (width, height): (Option<u32>, Option<u32>) =
                    (row.get("width")?, row.get("height")?);
                Ok(AnalysisTask {
                    file: lacking(row)?,
                    is_film: row.get("is_film")?,
                    size: width.zip(height),
                })
            },
        )?
        .collect()
}
