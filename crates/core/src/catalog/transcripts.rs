//! What is said in files: `data/transcripts.db`, one for all drives.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use videocatalog_models::speech::Segment;

use super::fingerprints::lacking;
use super::hashing::below_condition;
use super::names;
use super::open::{
    APPLICATION_ID, Access, Journal, OpenError, has_table, open_unchecked, pragma, set_journal,
    tune_for_writing,
};
use crate::gather::Lacking;
use crate::path::RelPath;

/// Version of this file's schema.
const VERSION: u32 = 1;

/// A transcript, as far as it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcript {
    /// Its number.
    pub id: i64,
    /// Size of the file that was heard.
    pub size_bytes: i64,
    /// Its time of change.
    pub mtime_us: i64,
    /// How much of it was heard, milliseconds.
    pub heard_ms: i64,
    /// Whether that is all of it.
    pub is_complete: bool,
    /// Another number whenever something was written.
    pub change_id: i64,
}

impl Transcript {
    /// Returns whether it is of a file of that size and time of change.
    pub fn is_of(&self, size_bytes: Option<i64>, mtime_us: Option<i64>) -> bool {
        (Some(self.size_bytes), Some(self.mtime_us)) == (size_bytes, mtime_us)
    }
}

/// The transcripts of all drives.
pub struct TranscriptDb {
    connection: Connection,
    path: PathBuf,
}

impl TranscriptDb {
    /// Opens it for writing, or makes an empty one.
    ///
    /// # Errors
    /// When it cannot be opened or made, or is of another version or program.
    pub fn open(path: &Path, journal: Journal) -> Result<Self, OpenError> {
        let mut connection = open_unchecked(path, Access::Create)?;
        let failed = |source| OpenError::Sqlite {
            path: path.to_path_buf(),
            source,
        };
        set_journal(&connection, journal).map_err(failed)?;
        if pragma::<u32>(&connection, "user_version").map_err(failed)? == 0 {
            create(&mut connection).map_err(failed)?;
        }
        check(&connection, path)?;
        tune_for_writing(&connection).map_err(failed)?;
        Ok(Self {
            connection,
            path: path.to_path_buf(),
        })
    }

    /// Opens it for reading; `None` if nothing was ever heard.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_to_read(path: &Path) -> Result<Option<Self>, OpenError> {
        let connection = match open_unchecked(path, Access::Read) {
            Ok(connection) => connection,
            Err(OpenError::Missing { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        check(&connection, path)?;
        Ok(Some(Self {
            connection,
            path: path.to_path_buf(),
        }))
    }

    /// Returns where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the last change of a drive's transcripts; 0 where there are none.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn last_change(&self, drive_uid: &str) -> rusqlite::Result<i64> {
        self.connection
            .prepare_cached(
                "SELECT coalesce(max(change_id), 0) FROM transcripts WHERE drive_uid = ?1",
            )?
            .query_row([drive_uid], |row| row.get(0))
    }

    /// Returns the transcripts of a drive by the numbers of their files in its shard.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn of_drive(&self, drive_uid: &str) -> rusqlite::Result<HashMap<i64, Transcript>> {
        self.connection
            .prepare_cached(
                "SELECT file_id, id, size_bytes, mtime_us, heard_ms, is_complete, change_id FROM transcripts WHERE drive_uid = ?1",
            )?
            .query_map([drive_uid], |row| {
                Ok((
                    row.get("file_id")?,
                    Transcript {
                        id: row.get("id")?,
                        size_bytes: row.get("size_bytes")?,
                        mtime_us: row.get("mtime_us")?,
                        heard_ms: row.get("heard_ms")?,
                        is_complete: row.get("is_complete")?,
                        change_id: row.get("change_id")?,
                    },
                ))
            })?
            .collect()
    }

    /// Returns what is said, by time; times are milliseconds from the beginning.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn segments(&self, transcript: i64) -> rusqlite::Result<Vec<(i64, String)>> {
        self.connection
            .prepare_cached("SELECT start_ms, text FROM segments WHERE transcript_id = ?1 ORDER BY start_ms, rowid")?
            .query_map([transcript], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect()
    }

    /// Begins with a file, or goes on with it where a run was stopped; returns the transcript's number and from when on it
    /// is to be heard. What was heard of an earlier state of the file goes, or with `again` whatever was heard of it.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn begin(
        &self,
        drive_uid: &str,
        file: &Lacking,
        model: &str,
        again: bool,
        now_utc: &str,
    ) -> rusqlite::Result<(i64, i64)> {
        let known: Option<(i64, i64)> = self
            .connection
            .query_row(
                "SELECT id, heard_ms FROM transcripts
                  WHERE drive_uid = ?1 AND file_id = ?2 AND size_bytes = ?3 AND mtime_us = ?4 AND model = ?5 AND NOT is_complete",
                params![drive_uid, file.file_id, file.size_bytes, file.mtime_us, model],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        if let Some(known) = known.filter(|_| !again) {
            return Ok(known);
        }
        let transaction = self.connection.unchecked_transaction()?;
        transaction.execute(
            "DELETE FROM segments WHERE transcript_id IN (SELECT id FROM transcripts WHERE drive_uid = ?1 AND file_id = ?2)",
            params![drive_uid, file.file_id],
        )?;
        transaction.execute(
            "DELETE FROM transcripts WHERE drive_uid = ?1 AND file_id = ?2",
            params![drive_uid, file.file_id],
        )?;
        let change = next_change(&transaction)?;
        transaction.execute(
            "INSERT INTO transcripts(drive_uid, file_id, size_bytes, mtime_us, model, heard_ms, is_complete, change_id, updated_utc)
             VALUES(?1, ?2, ?3, ?4, ?5, 0, 0, ?6, ?7)",
            params![
                drive_uid,
                file.file_id,
                file.size_bytes,
                file.mtime_us,
                model,
                change,
                now_utc
            ],
        )?;
        let id = transaction.last_insert_rowid();
        transaction.commit()?;
        Ok((id, 0))
    }

    /// Writes what was heard until `heard_ms`, in one transaction.
    ///
    /// # Errors
    /// What SQLite says; nothing is written then.
    pub fn add(
        &self,
        transcript: i64,
        language: Option<&str>,
        segments: &[Segment],
        heard_ms: i64,
        now_utc: &str,
    ) -> rusqlite::Result<()> {
        let transaction = self.connection.unchecked_transaction()?;
        for segment in segments {
            let words = (!segment.words.is_empty())
                .then(|| serde_json::to_string(&segment.words).unwrap_or_default());
            transaction
                .prepare_cached(
                    "INSERT INTO segments(transcript_id, start_ms, end_ms, language, text, words) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute(params![
                    transcript,
                    segment.start_ms,
                    segment.end_ms,
                    language,
                    segment.text,
                    words
                ])?;
        }
        let change = next_change(&transaction)?;
        transaction
            .prepare_cached("UPDATE transcripts SET heard_ms = ?2, change_id = ?3, updated_utc = ?4 WHERE id = ?1")?
            .execute(params![transcript, heard_ms, change, now_utc])?;
        transaction.commit()
    }

    /// Says that all of a file was heard, or why nothing can be.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn finish(
        &self,
        transcript: i64,
        failure: Option<&str>,
        now_utc: &str,
    ) -> rusqlite::Result<()> {
        let change = next_change(&self.connection)?;
        self.connection
            .execute(
                "UPDATE transcripts SET is_complete = 1, failure = ?2, change_id = ?3, updated_utc = ?4 WHERE id = ?1",
                params![transcript, failure, change, now_utc],
            )
            .map(drop)
    }
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
                AND NOT EXISTS(SELECT 1 FROM subtitle_texts s WHERE s.file_id = e.id) AND {}
              ORDER BY f.path, e.name",
            below_condition()
        ))?
        .query_map([names::to_sql(below.as_bytes())], lacking)?
        .collect()
}

fn next_change(connection: &Connection) -> rusqlite::Result<i64> {
    connection
        .prepare_cached("SELECT coalesce(max(change_id), 0) + 1 FROM transcripts")?
        .query_row([], |row| row.get(0))
}

fn check(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let failed = |source| OpenError::Sqlite {
        path: path.to_path_buf(),
        source,
    };
    let version: u32 = pragma(connection, "user_version").map_err(failed)?;
    let application: i32 = pragma(connection, "application_id").map_err(failed)?;
    if application != APPLICATION_ID || !has_table(connection, "transcripts").map_err(failed)? {
        return Err(OpenError::NoTranscripts {
            path: path.to_path_buf(),
        });
    }
    if version > VERSION {
        return Err(OpenError::TooNew {
            path: path.to_path_buf(),
            found: version,
        });
    }
    Ok(())
}

fn create(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if has_table(&transaction, "transcripts")? {
        return Ok(());
    }
    transaction.execute_batch(include_str!("schema/transcripts.sql"))?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}
