//! The index of what is searched by meaning: `semantic_index.db` in the working directory.
//!
//! Everything in it follows from the shards and the transcripts, so that it may be deleted; an older program's is put aside.

mod find;
pub mod sources;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

pub use self::find::{DocumentRow, FileRow, Found, IndexedDrive, MainModel, Size};
pub(crate) use self::find::{bytes, numbers};
use super::names;
use super::open::{
    APPLICATION_ID, Access, Journal, OpenError, has_table, is_damage, open_unchecked, pragma,
    set_journal, tune_for_writing,
};

/// Version of this file's schema; another one is made anew.
const VERSION: u32 = 3;

/// What an index is called in its folder.
pub const FILE_NAME: &str = "semantic_index.db";

/// Why an index that is there is not one of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is ours.
    Ours,
    /// It is not there.
    Missing,
    /// An older or newer program made it as such an index, or it is damaged; it is to be put aside.
    Other,
    /// It is something else, and is to be left alone.
    Foreign,
}

/// A text of a file, to be indexed.
#[derive(Clone, Debug, PartialEq)]
pub struct NewDocument {
    /// What kind of text.
    pub kind: &'static str,
    /// When it is said, milliseconds from the beginning.
    pub start_ms: Option<i64>,
    /// The text.
    pub content: String,
    /// Its vector.
    pub vector: Vec<f32>,
}

/// A file to be indexed.
#[derive(Clone, Debug, PartialEq)]
pub struct NewFile {
    /// What is known of it.
    pub row: sources::SourceRow,
    /// Of what its documents follow from.
    pub mark: [u8; 16],
    /// Of its documents themselves, and the models.
    pub digest: [u8; 16],
    /// What is in it; `None`: what is there is still right.
    pub texts: Option<NewTexts>,
}

/// What is in a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewTexts {
    /// Its texts.
    pub documents: Vec<NewDocument>,
    /// What is to be seen in it.
    pub frames: Vec<NewFrame>,
}

/// Something to be seen.
#[derive(Clone, Debug, PartialEq)]
pub struct NewFrame {
    /// When, milliseconds from the beginning; `None`: the file is an image.
    pub start_ms: Option<i64>,
    /// Which model made the vector.
    pub model_id: i64,
    /// Its vector.
    pub vector: Vec<f32>,
}

/// What has vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Texts.
    Documents,
    /// What is to be seen.
    Frames,
}

/// An open index.
pub struct SemanticDb {
    connection: Connection,
    path: PathBuf,
}

impl SemanticDb {
    /// Returns whose the file is.
    ///
    /// # Errors
    /// When it cannot be read at all.
    pub fn standing(path: &Path) -> Result<Standing, OpenError> {
        // A pipe would wait for ever, and a device is nobody's to rename. What has no byte yet may become one.
        match fs_err::metadata(path) {
            Ok(about) if about.is_file() && about.len() == 0 => return Ok(Standing::Missing),
            Ok(about) if !about.is_file() => return Ok(Standing::Foreign),
            _ => {}
        }
        // What is damaged says nothing of itself any more; under any other name it may be anything.
        let damaged = if path.file_name().is_some_and(|name| name == FILE_NAME) {
            Standing::Other
        } else {
            Standing::Foreign
        };
        let connection = match open_unchecked(path, Access::Read) {
            Ok(connection) => connection,
            Err(OpenError::Missing { .. }) => return Ok(Standing::Missing),
            Err(OpenError::Sqlite { source, .. }) if is_damage(&source) => return Ok(damaged),
            Err(error) => return Err(error),
        };
        if is_ours(&connection, path)? {
            return Ok(Standing::Ours);
        }
        let names = connection.query_row(
            "SELECT count(*) = 0 OR coalesce(max(name = 'semantic_documents'), 0) FROM sqlite_master",
            [],
            |row| row.get(0),
        );
        match names {
            Ok(true) => Ok(Standing::Other),
            Ok(false) => Ok(Standing::Foreign),
            Err(source) if is_damage(&source) => Ok(damaged),
            Err(source) => Err(OpenError::Sqlite {
                path: path.to_path_buf(),
                source,
            }),
        }
    }

    /// Opens an index for writing, or makes an empty one. What is not ours has to be put aside before.
    ///
    /// # Errors
    /// When it cannot be opened or made.
    pub fn open(path: &Path, journal: Journal, uid: &str) -> Result<Self, OpenError> {
        let mut connection = open_unchecked(path, Access::Create)?;
        let failed = |source| OpenError::Sqlite {
            path: path.to_path_buf(),
            source,
        };
        set_journal(&connection, journal).map_err(failed)?;
        if !usable(&connection).map_err(failed)? {
            create(&mut connection, uid).map_err(failed)?;
        }
        tune_for_writing(&connection).map_err(failed)?;
        Ok(Self {
            connection,
            path: path.to_path_buf(),
        })
    }

    /// Opens an index for searching; `None` if there is none of ours.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn open_to_read(path: &Path) -> Result<Option<Self>, OpenError> {
        if fs_err::metadata(path).is_ok_and(|about| !about.is_file()) {
            return Ok(None);
        }
        let connection = match open_unchecked(path, Access::Read) {
            Ok(connection) => connection,
            Err(OpenError::Missing { .. }) => return Ok(None),
            Err(OpenError::Sqlite { source, .. }) if is_damage(&source) => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(is_ours(&connection, path)?.then(|| Self {
            connection,
            path: path.to_path_buf(),
        }))
    }

    /// Returns where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns which index this is.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn uid(&self) -> rusqlite::Result<String> {
        self.connection
            .query_row("SELECT index_uid FROM about", [], |row| row.get(0))
    }

    /// Forgets everything, in one transaction; the index gets another uid.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn clear(&self, uid: &str) -> rusqlite::Result<()> {
        let transaction = self.connection.unchecked_transaction()?;
        transaction.execute_batch(
            "DELETE FROM embeddings; DELETE FROM documents; DELETE FROM frames; DELETE FROM files; DELETE FROM drives; DELETE FROM models;
             INSERT INTO semantic_documents_fts(semantic_documents_fts) VALUES('rebuild');",
        )?;
        transaction.execute("UPDATE about SET index_uid = ?1", [uid])?;
        transaction.commit()
    }

    /// Returns the number of a model, writing it down if it is new.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn model(&self, name: &str, dim: usize) -> rusqlite::Result<i64> {
        self.connection.execute(
            "INSERT INTO models(name, dim) VALUES(?1, ?2) ON CONFLICT(name) DO NOTHING",
            params![name, i64::try_from(dim).unwrap_or(i64::MAX)],
        )?;
        self.connection.query_row(
            "SELECT model_id FROM models WHERE name = ?1",
            [name],
            |row| row.get(0),
        )
    }

    /// Returns the number of a drive, brought up to date, and what it was made of when all of it was indexed.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn drive(
        &self,
        uid: &str,
        label: &str,
        mount: &str,
        separator: char,
    ) -> rusqlite::Result<(i64, Option<String>)> {
        self.connection.execute(
            "INSERT INTO drives(drive_uid, drive_label, mount_path, separator) VALUES(?1, ?2, ?3, ?4)
             ON CONFLICT(drive_uid) DO UPDATE SET drive_label = excluded.drive_label, mount_path = excluded.mount_path,
               separator = excluded.separator",
            params![uid, label, mount, separator.to_string()],
        )?;
        self.connection.query_row(
            "SELECT drive_id, state FROM drives WHERE drive_uid = ?1",
            [uid],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    /// Writes that a drive is being worked on.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn begin_drive(&self, drive_id: i64) -> rusqlite::Result<()> {
        self.connection
            .execute(
                "UPDATE drives SET state = NULL WHERE drive_id = ?1",
                [drive_id],
            )
            .map(drop)
    }

    /// Writes what a drive is made of now that all of it is indexed, and with which model.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn end_drive(
        &self,
        drive_id: i64,
        state: &str,
        model_id: i64,
        change_id: i64,
    ) -> rusqlite::Result<()> {
        self.connection
            .execute(
                "UPDATE drives SET state = ?2, model_id = ?3, change_id = ?4 WHERE drive_id = ?1",
                params![drive_id, state, model_id, change_id],
            )
            .map(drop)
    }

    /// Counts what there is, so that searches need not.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn count(&self) -> rusqlite::Result<()> {
        self.connection
            .execute(
                "UPDATE about SET documents = (SELECT count(*) FROM documents), files = (SELECT count(*) FROM files)",
                [],
            )
            .map(drop)
    }

    /// Returns what is known of a file, if it is indexed.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn indexed(&self, drive_id: i64, file_id: i64) -> rusqlite::Result<Option<IndexedFile>> {
        self.connection
            .prepare_cached("SELECT mark, digest FROM files WHERE drive_id = ?1 AND file_id = ?2")?
            .query_row([drive_id, file_id], |row| {
                Ok(IndexedFile {
                    mark: row.get(0)?,
                    digest: row.get(1)?,
                })
            })
            .optional()
    }

    /// Writes files in one transaction; what was known of them before goes.
    ///
    /// # Errors
    /// What SQLite says; nothing is written then.
    pub fn save(&self, drive_id: i64, model_id: i64, files: &[NewFile]) -> rusqlite::Result<()> {
        let transaction = self.connection.unchecked_transaction()?;
        for file in files {
            save_file(&transaction, drive_id, model_id, file)?;
        }
        transaction.commit()
    }

    /// Removes the files of a drive that are not among `known`, which is ascending, in transactions of so many; returns how
    /// many they were.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn remove_others(
        &self,
        drive_id: i64,
        known: &[i64],
        chunk: usize,
    ) -> rusqlite::Result<u64> {
        let indexed: Vec<(i64, i64)> = self
            .connection
            .prepare_cached("SELECT id, file_id FROM files WHERE drive_id = ?1")?
            .query_map([drive_id], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let gone: Vec<i64> = indexed
            .into_iter()
            .filter(|(_, file_id)| known.binary_search(file_id).is_err())
            .map(|(id, _)| id)
            .collect();
        for chunk in gone.chunks(chunk.max(1)) {
            let transaction = self.connection.unchecked_transaction()?;
            for id in chunk {
                remove_documents(&transaction, *id)?;
                transaction
                    .prepare_cached("DELETE FROM files WHERE id = ?1")?
                    .execute([id])?;
            }
            transaction.commit()?;
        }
        Ok(gone.len() as u64)
    }

    /// Returns how many files of a drive are indexed.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn count_of_drive(&self, drive_id: i64) -> rusqlite::Result<u64> {
        self.connection
            .query_row(
                "SELECT count(*) FROM files WHERE drive_id = ?1",
                [drive_id],
                |row| row.get::<_, i64>(0),
            )
            .map(i64::unsigned_abs)
    }

    /// Removes the drives that are not among those known; returns how many files they had.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn remove_other_drives(&self, known: &[&str], chunk: usize) -> rusqlite::Result<u64> {
        let indexed: Vec<(i64, String)> = self
            .connection
            .prepare_cached("SELECT drive_id, drive_uid FROM drives")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let mut files = 0;
        for (drive_id, uid) in indexed {
            if !known.contains(&uid.as_str()) {
                files += self.remove_others(drive_id, &[], chunk)?;
                self.connection
                    .execute("DELETE FROM drives WHERE drive_id = ?1", [drive_id])?;
            }
        }
        Ok(files)
    }

    /// Merges what the words of many transactions left behind, so that searching stays quick: all of it after much was
    /// written, else a little.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn optimise(&self, is_much: bool) -> rusqlite::Result<()> {
        self.connection.execute_batch(if is_much {
            "INSERT INTO semantic_documents_fts(semantic_documents_fts) VALUES('optimize'); PRAGMA optimize;"
        } else {
            "INSERT INTO semantic_documents_fts(semantic_documents_fts, rank) VALUES('merge', 500); PRAGMA optimize;"
        })
    }
}

/// What is known of an indexed file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexedFile {
    /// Of what its documents followed from.
    pub mark: [u8; 16],
    /// Of its documents themselves, and the models.
    pub digest: [u8; 16],
}

/// Returns whether an open database is an index of ours; what is damaged is none.
fn is_ours(connection: &Connection, path: &Path) -> Result<bool, OpenError> {
    match usable(connection) {
        Err(source) if !is_damage(&source) => Err(OpenError::Sqlite {
            path: path.to_path_buf(),
            source,
        }),
        usable => Ok(usable.unwrap_or(false)),
    }
}

fn usable(connection: &Connection) -> rusqlite::Result<bool> {
    let version: u32 = pragma(connection, "user_version")?;
    let application: i32 = pragma(connection, "application_id")?;
    Ok(version == VERSION && application == APPLICATION_ID && has_table(connection, "embeddings")?)
}

fn create(connection: &mut Connection, uid: &str) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(include_str!("../schema/semantic.sql"))?;
    transaction.execute("INSERT INTO about(id, index_uid) VALUES(1, ?1)", [uid])?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}

fn save_file(
    connection: &Connection,
    drive_id: i64,
    model_id: i64,
    file: &NewFile,
) -> rusqlite::Result<()> {
    let row = &file.row;
    let id: i64 = connection
        .prepare_cached(
            "INSERT INTO files(drive_id, file_id, rel_path, category, mime, ext, size_bytes, mtime_us, mark, digest)
             VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT(drive_id, file_id) DO UPDATE SET rel_path = excluded.rel_path, category = excluded.category,
               mime = excluded.mime, ext = excluded.ext, size_bytes = excluded.size_bytes, mtime_us = excluded.mtime_us,
               mark = excluded.mark, digest = excluded.digest
             RETURNING id",
        )?
        .query_row(
            params![
                drive_id,
                row.file_id,
                names::to_sql(row.path.as_bytes()),
                row.category,
                row.mime,
                row.ext,
                row.size_bytes,
                row.mtime_us,
                file.mark,
                file.digest
            ],
            |row| row.get(0),
        )?;
    let Some(texts) = &file.texts else {
        return Ok(());
    };
    remove_documents(connection, id)?;
    for frame in &texts.frames {
        connection
            .prepare_cached(
                "INSERT INTO frames(file, start_ms, model_id, vec) VALUES(?1, ?2, ?3, ?4)",
            )?
            .execute(params![
                id,
                frame.start_ms,
                frame.model_id,
                bytes(&frame.vector)
            ])?;
    }
    for document in &texts.documents {
        connection
            .prepare_cached(
                "INSERT INTO documents(file, kind, start_ms, content) VALUES(?1, ?2, ?3, ?4)",
            )?
            .execute(params![
                id,
                document.kind,
                document.start_ms,
                document.content
            ])?;
        let document_id = connection.last_insert_rowid();
        connection
            .prepare_cached(
                "INSERT INTO embeddings(document_id, model_id, vec) VALUES(?1, ?2, ?3)",
            )?
            .execute(params![document_id, model_id, bytes(&document.vector)])?;
    }
    Ok(())
}

fn remove_documents(connection: &Connection, file: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM frames WHERE file = ?1")?
        .execute([file])?;
    connection
        .prepare_cached("DELETE FROM embeddings WHERE document_id IN (SELECT id FROM documents WHERE file = ?1)")?
        .execute([file])?;
    connection
        .prepare_cached("DELETE FROM documents WHERE file = ?1")?
        .execute([file])
        .map(drop)
}
