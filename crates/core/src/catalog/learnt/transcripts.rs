//! What is said in files.

use rusqlite::{Connection, OptionalExtension, params};
use videocatalog_models::speech::Segment;

use super::{Content, LearntDb, next_change};
use crate::catalog::fingerprints::lacking;
use crate::catalog::hashing::below_condition;
use crate::catalog::names;
use crate::gather::Lacking;
use crate::path::RelPath;
use crate::transcripts::{Spoken, Transcript};

impl LearntDb {
    /// Returns what is said, by time; times are milliseconds from the beginning.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn segments(&self, id: i64) -> rusqlite::Result<Vec<(i64, String)>> {
        self.connection
            .prepare_cached(
                "SELECT start_ms, text FROM segments WHERE learnt_id = ?1 ORDER BY start_ms, rowid",
            )?
            .query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect()
    }

    /// Returns all that is known of what is said in a file of a drive's shard; `None` if there is nothing to be heard.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn transcript(
        &self,
        drive_uid: &str,
        file_id: i64,
    ) -> rusqlite::Result<Option<Transcript>> {
        let known = self
            .connection
            .prepare_cached(
                "SELECT id, model, is_complete FROM learnt
                  WHERE drive_uid = ?1 AND file_id = ?2 AND NOT is_draft AND failure IS NULL",
            )?
            .query_row(params![drive_uid, file_id], |row| {
                Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()?;
        let Some((id, model, is_complete)) = known else {
            return Ok(None);
        };
        let segments = self
            .connection
            .prepare_cached(
                "SELECT start_ms, end_ms, language, text, words FROM segments WHERE learnt_id = ?1 ORDER BY start_ms, rowid",
            )?
            .query_map([id], |row| {
                let words: Option<String> = row.get("words")?;
                let words = words.and_then(|words| serde_json::from_str(&words).ok());
                Ok(Spoken {
                    start_ms: row.get("start_ms")?,
                    end_ms: row.get("end_ms")?,
                    language: row.get("language")?,
                    text: row.get("text")?,
                    words: words.unwrap_or_default(),
                })
            })?
            .collect::<rusqlite::Result<_>>()?;
        Ok(Some(Transcript {
            model,
            is_complete,
            segments,
        }))
    }

    /// Takes over what was heard, to the end, in another file of the same content by the same model; returns whether there
    /// is such a one.
    ///
    /// # Errors
    /// What SQLite says; what was known before stays then.
    pub fn adopt(
        &self,
        drive_uid: &str,
        file: &Lacking,
        content: &Content,
        model: &str,
        now_utc: &str,
    ) -> rusqlite::Result<bool> {
        let same: Option<i64> = self
            .connection
            .prepare_cached(
                "SELECT id FROM learnt WHERE content = ?1 AND size_bytes = ?2 AND model = ?3 AND is_complete AND failure IS NULL",
            )?
            .query_row(params![content, file.size_bytes, model], |row| row.get(0))
            .optional()?;
        let Some(same) = same else {
            return Ok(false);
        };
        let (id, _) = self.begin(drive_uid, file, Some(content), model, true, now_utc)?;
        let transaction = self.connection.unchecked_transaction()?;
        transaction.execute("DELETE FROM segments WHERE learnt_id = ?1", [id])?;
        transaction.execute(
            "INSERT INTO segments(learnt_id, start_ms, end_ms, language, text, words)
             SELECT ?1, start_ms, end_ms, language, text, words FROM segments WHERE learnt_id = ?2 ORDER BY start_ms, rowid",
            [id, same],
        )?;
        transaction.execute(
            "UPDATE learnt SET done_ms = (SELECT done_ms FROM learnt WHERE id = ?2) WHERE id = ?1",
            [id, same],
        )?;
        transaction.commit()?;
        self.finish(id, None, now_utc)?;
        Ok(true)
    }

    /// Writes what was heard until `done_ms`, in one transaction.
    ///
    /// # Errors
    /// What SQLite says; nothing is written then.
    pub fn add_segments(
        &self,
        id: i64,
        language: Option<&str>,
        segments: &[Segment],
        done_ms: i64,
        now_utc: &str,
    ) -> rusqlite::Result<()> {
        let transaction = self.connection.unchecked_transaction()?;
        for segment in segments {
            let words = (!segment.words.is_empty())
                .then(|| serde_json::to_string(&segment.words).unwrap_or_default());
            transaction
                .prepare_cached(
                    "INSERT INTO segments(learnt_id, start_ms, end_ms, language, text, words) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute(params![
                    id,
                    segment.start_ms,
                    segment.end_ms,
                    language,
                    segment.text,
                    words
                ])?;
        }
        let change = next_change(&transaction)?;
        transaction
            .prepare_cached(
                "UPDATE learnt SET done_ms = ?2, change_id = ?3, updated_utc = ?4 WHERE id = ?1",
            )?
            .execute(params![id, done_ms, change, now_utc])?;
        transaction.commit()
    }
}

/// Returns the hash of a file's bytes as they are, if they were read.
///
/// # Errors
/// What SQLite says.
pub fn content_of(connection: &Connection, file_id: i64) -> rusqlite::Result<Option<Content>> {
    connection
        .prepare_cached("SELECT hash FROM hashes WHERE file_id = ?1 AND NOT legacy AND NOT stale")?
        .query_row([file_id], |row| row.get(0))
        .optional()
}

/// Returns the films and recordings of a shard below a folder that have sound, as far as that is known, and no subtitles
/// inside them, by path.
///
/// # Errors
/// What SQLite says.
pub fn with_sound(connection: &Connection, below: &RelPath) -> rusqlite::Result<Vec<Lacking>> {
    connection
        .prepare(&format!(
            "SELECT e.id AS seq, e.id AS file_id, f.path, e.name, e.size_bytes, e.mtime_us, m.duration_s
               FROM entries e JOIN folders f ON f.id = e.folder_id JOIN kinds k ON k.id = e.kind_id
               LEFT JOIN media m ON m.file_id = e.id
              WHERE k.category IN ('video', 'audio') AND e.deleted_change IS NULL AND e.size_bytes > 0 AND e.mtime_us IS NOT NULL
                AND (k.category = 'audio' OR m.source IS NULL OR m.audio_streams > 0)
                AND NOT EXISTS(SELECT 1 FROM subtitle_texts s WHERE s.file_id = e.id AND s.content <> '') AND {}
              ORDER BY f.path, e.name",
            below_condition()
        ))?
        .query_map([names::to_sql(below.as_bytes())], lacking)?
        .collect()
}
