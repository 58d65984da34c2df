//! What models learnt of files, which took long: what is said (`data/transcripts.db`) and what is to be seen
//! (`data/frames.db`). One file each for all drives, of the same shape: the files, and what was learnt of each.

mod frames;
mod transcripts;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, ToSql, TransactionBehavior, params};

pub use self::frames::{Frame, to_look_at};
pub use self::transcripts::{content_of, with_sound};
use super::open::{
    APPLICATION_ID, Access, Journal, OpenError, has_table, open_unchecked, pragma, set_journal,
    tune_for_writing,
};
use crate::gather::Lacking;

/// Version of both schemas.
const VERSION: u32 = 1;

/// What is learnt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// What is said.
    Transcripts,
    /// What is to be seen.
    Frames,
}

impl What {
    /// The table of what was learnt of files.
    const fn table(self) -> &'static str {
        match self {
            Self::Transcripts => "segments",
            Self::Frames => "frames",
        }
    }

    const fn schema(self) -> &'static str {
        match self {
            Self::Transcripts => include_str!("../schema/transcripts.sql"),
            Self::Frames => include_str!("../schema/frames.sql"),
        }
    }
}

/// What was learnt of a file, as far as it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Learnt {
    /// Its number.
    pub id: i64,
    /// Size of the file then.
    pub size_bytes: i64,
    /// Its time of change then.
    pub mtime_us: i64,
    /// With what.
    pub model: String,
    /// How far into the file, milliseconds.
    pub done_ms: i64,
    /// Whether that is all of it.
    pub is_complete: bool,
    /// Another number whenever something was written.
    pub change_id: i64,
}

impl Learnt {
    /// Returns whether it is of a file of that size and time of change.
    pub fn is_of(&self, size_bytes: Option<i64>, mtime_us: Option<i64>) -> bool {
        (Some(self.size_bytes), Some(self.mtime_us)) == (size_bytes, mtime_us)
    }
}

/// The hash of a file's bytes.
pub type Content = [u8; 32];

/// What was learnt of the files of all drives.
pub struct LearntDb {
    connection: Connection,
    path: PathBuf,
    what: What,
}

impl LearntDb {
    /// Opens it for writing, or makes an empty one.
    ///
    /// # Errors
    /// When it cannot be opened or made, or is of another version or program.
    pub fn open(path: &Path, what: What, journal: Journal) -> Result<Self, OpenError> {
        let mut connection = open_unchecked(path, Access::Create)?;
        let failed = |source| OpenError::Sqlite {
            path: path.to_path_buf(),
            source,
        };
        set_journal(&connection, journal).map_err(failed)?;
        if pragma::<u32>(&connection, "user_version").map_err(failed)? == 0 {
            create(&mut connection, what).map_err(failed)?;
        }
        check(&connection, path, what)?;
        tune_for_writing(&connection).map_err(failed)?;
        Ok(Self {
            connection,
            path: path.to_path_buf(),
            what,
        })
    }

    /// Opens it for reading; `None` if nothing was ever learnt.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_to_read(path: &Path, what: What) -> Result<Option<Self>, OpenError> {
        let connection = match open_unchecked(path, Access::Read) {
            Ok(connection) => connection,
            Err(OpenError::Missing { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        check(&connection, path, what)?;
        Ok(Some(Self {
            connection,
            path: path.to_path_buf(),
            what,
        }))
    }

    /// Returns where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the last change of what is known of a drive; 0 where nothing is.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn last_change(&self, drive_uid: &str) -> rusqlite::Result<i64> {
        self.connection
            .prepare_cached("SELECT coalesce(max(change_id), 0) FROM learnt WHERE drive_uid = ?1 AND NOT is_draft")?
            .query_row([drive_uid], |row| row.get(0))
    }

    /// Returns what is known of a drive, by the numbers of files in its shard.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn of_drive(&self, drive_uid: &str) -> rusqlite::Result<HashMap<i64, Learnt>> {
        self.connection
            .prepare_cached(
                "SELECT file_id, id, size_bytes, mtime_us, model, done_ms, is_complete, change_id
                   FROM learnt WHERE drive_uid = ?1 AND NOT is_draft",
            )?
            .query_map([drive_uid], |row| {
                Ok((
                    row.get("file_id")?,
                    Learnt {
                        id: row.get("id")?,
                        size_bytes: row.get("size_bytes")?,
                        mtime_us: row.get("mtime_us")?,
                        model: row.get("model")?,
                        done_ms: row.get("done_ms")?,
                        is_complete: row.get("is_complete")?,
                        change_id: row.get("change_id")?,
                    },
                ))
            })?
            .collect()
    }

    /// Begins with a file, or goes on with it where a run was stopped; returns the number under which it is known and from
    /// when on it is to be treated. What was learnt of an earlier state of the file goes; with `again` what is known stays
    /// until this is complete. `content` is the hash of its bytes, where it is known.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn begin(
        &self,
        drive_uid: &str,
        file: &Lacking,
        content: Option<&Content>,
        model: &str,
        again: bool,
        now_utc: &str,
    ) -> rusqlite::Result<(i64, i64)> {
        let known: Option<(i64, i64)> = self
            .connection
            .query_row(
                "SELECT id, done_ms FROM learnt
                  WHERE drive_uid = ?1 AND file_id = ?2 AND size_bytes = ?3 AND mtime_us = ?4 AND model = ?5
                    AND is_draft = ?6 AND NOT is_complete",
                params![drive_uid, file.file_id, file.size_bytes, file.mtime_us, model, again],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        if let Some(known) = known {
            return Ok(known);
        }
        let transaction = self.connection.unchecked_transaction()?;
        let change = next_change(&transaction)?;
        self.remove(
            &transaction,
            "drive_uid = ?1 AND file_id = ?2 AND is_draft = ?3",
            params![drive_uid, file.file_id, again],
        )?;
        transaction.execute(
            "INSERT INTO learnt(drive_uid, file_id, size_bytes, mtime_us, model, done_ms, is_complete, change_id, updated_utc, is_draft, content)
             VALUES(?1, ?2, ?3, ?4, ?5, 0, 0, ?6, ?7, ?8, ?9)",
            params![
                drive_uid,
                file.file_id,
                file.size_bytes,
                file.mtime_us,
                model,
                change,
                now_utc,
                again,
                content
            ],
        )?;
        let id = transaction.last_insert_rowid();
        transaction.commit()?;
        Ok((id, 0))
    }

    /// Says that all of a file was treated, or why nothing can be learnt of it. It takes the place of what was known before.
    ///
    /// # Errors
    /// What SQLite says; nothing is written then.
    pub fn finish(&self, id: i64, failure: Option<&str>, now_utc: &str) -> rusqlite::Result<()> {
        let transaction = self.connection.unchecked_transaction()?;
        let change = next_change(&transaction)?;
        self.remove(
            &transaction,
            "id <> ?1 AND (drive_uid, file_id) = (SELECT drive_uid, file_id FROM learnt WHERE id = ?1)",
            params![id],
        )?;
        transaction.execute(
            "UPDATE learnt SET is_complete = 1, is_draft = 0, failure = ?2, change_id = ?3, updated_utc = ?4 WHERE id = ?1",
            params![id, failure, change, now_utc],
        )?;
        transaction.commit()
    }

    /// Removes everything of a drive.
    ///
    /// # Errors
    /// What SQLite says; nothing is removed then.
    pub fn forget(&self, drive_uid: &str) -> rusqlite::Result<()> {
        let transaction = self.connection.unchecked_transaction()?;
        self.remove(&transaction, "drive_uid = ?1", params![drive_uid])?;
        transaction.commit()
    }

    fn remove(
        &self,
        connection: &Connection,
        which: &str,
        parameters: &[&dyn ToSql],
    ) -> rusqlite::Result<()> {
        let parts = self.what.table();
        connection.execute(
            &format!(
                "DELETE FROM {parts} WHERE learnt_id IN (SELECT id FROM learnt WHERE {which})"
            ),
            parameters,
        )?;
        connection
            .execute(&format!("DELETE FROM learnt WHERE {which}"), parameters)
            .map(drop)
    }
}

fn next_change(connection: &Connection) -> rusqlite::Result<i64> {
    connection
        .prepare_cached("SELECT coalesce(max(change_id), 0) + 1 FROM learnt")?
        .query_row([], |row| row.get(0))
}

fn check(connection: &Connection, path: &Path, what: What) -> Result<(), OpenError> {
    let failed = |source| OpenError::Sqlite {
        path: path.to_path_buf(),
        source,
    };
    let version: u32 = pragma(connection, "user_version").map_err(failed)?;
    let application: i32 = pragma(connection, "application_id").map_err(failed)?;
    if application != APPLICATION_ID || !has_table(connection, what.table()).map_err(failed)? {
        return Err(OpenError::NothingLearnt {
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

fn create(connection: &mut Connection, what: What) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if has_table(&transaction, "learnt")? {
        return Ok(());
    }
    transaction.execute_batch(include_str!("../schema/learnt.sql"))?;
    transaction.execute_batch(what.schema())?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}
