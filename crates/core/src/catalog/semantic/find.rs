//! What is looked up in the index.

use std::collections::{HashMap, HashSet};

use rusqlite::{OptionalExtension, params};

use super::{Kind, SemanticDb};
use crate::catalog::names;

/// A document that was found, and its file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// The document.
    pub document: i64,
    /// Its file's number in the index.
    pub file: i64,
    /// BM25, smaller is better; or how near it is, larger is better.
    pub score: f64,
}

/// A file of the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRow {
    /// Its drive.
    pub drive_uid: String,
    /// What its paths are joined with.
    pub separator: char,
    /// Its number in the shard.
    pub file_id: i64,
    /// Path relative to the root.
    pub rel_path: Vec<u8>,
    /// Category.
    pub category: String,
    /// MIME type.
    pub mime: Option<String>,
    /// Extension.
    pub ext: Option<String>,
    /// Length.
    pub size_bytes: Option<i64>,
    /// Last modification, microseconds since 1970.
    pub mtime_us: Option<i64>,
}

/// A document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentRow {
    /// What kind of text.
    pub kind: String,
    /// When it is said.
    pub start_ms: Option<i64>,
    /// The text.
    pub content: String,
}

/// A drive of the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexedDrive {
    /// The drive.
    pub uid: String,
    /// With what all of it was embedded when it was whole last.
    pub model_id: Option<i64>,
    /// Whether all of it is in the index as it was then.
    pub is_whole: bool,
    /// The shard's last change then.
    pub change_id: Option<i64>,
}

/// The model of most vectors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MainModel {
    /// Its number in the index.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// How many numbers it gives.
    pub dim: usize,
}

/// How large an index is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Documents.
    pub documents: u64,
    /// Files.
    pub files: u64,
}

impl SemanticDb {
    /// Begins reading: from here on nothing changes underneath, whatever somebody builds.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn begin_reading(&self) -> rusqlite::Result<()> {
        self.connection.execute_batch("BEGIN")
    }

    /// Returns how large it was when a drive was indexed last.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn size(&self) -> rusqlite::Result<Size> {
        self.connection
            .query_row("SELECT documents, files FROM about", [], |row| {
                Ok(Size {
                    documents: row.get::<_, i64>("documents")?.unsigned_abs(),
                    files: row.get::<_, i64>("files")?.unsigned_abs(),
                })
            })
    }

    /// Returns the newest time of a file, microseconds since 1970.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn newest_us(&self) -> rusqlite::Result<Option<i64>> {
        self.connection
            .query_row("SELECT max(mtime_us) FROM files", [], |row| row.get(0))
    }

    /// Returns how many files have words that are said.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn spoken_files(&self) -> rusqlite::Result<u64> {
        self.connection
            .query_row(
                "SELECT count(DISTINCT file) FROM documents
                  WHERE kind <> 'inventory' AND kind IN ('subtitle', 'transcript')",
                [],
                |row| row.get::<_, i64>(0),
            )
            .map(i64::unsigned_abs)
    }

    /// Returns the model of most vectors of a kind; `None` where there are none.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn main_model(&self, kind: Kind) -> rusqlite::Result<Option<MainModel>> {
        let table = match kind {
            Kind::Documents => "embeddings",
            Kind::Frames => "frames",
        };
        self.connection
            .prepare_cached(&format!(
                "SELECT m.model_id, m.name, m.dim FROM {table} JOIN models m USING(model_id)
                  GROUP BY m.model_id ORDER BY count(*) DESC, m.model_id DESC LIMIT 1"
            ))?
            .query_row([], |row| {
                let dim: i64 = row.get("dim")?;
                Ok(MainModel {
                    id: row.get("model_id")?,
                    name: row.get("name")?,
                    dim: usize::try_from(dim).unwrap_or(0),
                })
            })
            .optional()
    }

    /// Returns the number of a model, if it made any vectors.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn find_model(&self, name: &str) -> rusqlite::Result<Option<i64>> {
        self.connection
            .query_row(
                "SELECT model_id FROM models m WHERE name = ?1
                    AND (EXISTS(SELECT 1 FROM embeddings e WHERE e.model_id = m.model_id)
                      OR EXISTS(SELECT 1 FROM frames f WHERE f.model_id = m.model_id))",
                [name],
                |row| row.get(0),
            )
            .optional()
    }

    /// Returns the drives of the index.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn drives(&self) -> rusqlite::Result<Vec<IndexedDrive>> {
        self.connection
            .prepare_cached(
                "SELECT drive_uid, model_id, state IS NOT NULL AS is_whole, change_id FROM drives",
            )?
            .query_map([], |row| {
                Ok(IndexedDrive {
                    uid: row.get("drive_uid")?,
                    model_id: row.get("model_id")?,
                    is_whole: row.get("is_whole")?,
                    change_id: row.get("change_id")?,
                })
            })?
            .collect()
    }

    /// Returns the files of which documents match, in FTS5's language, the best first, each with its best document; and how
    /// many there are.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn matching(
        &self,
        expression: &str,
        counts: &dyn Fn(i64) -> bool,
        most: usize,
    ) -> rusqlite::Result<(Vec<Found>, u64)> {
        let mut statement = self.connection.prepare_cached(
            "SELECT s.rowid, d.file, s.rank FROM semantic_documents_fts s JOIN documents d ON d.id = s.rowid
              WHERE semantic_documents_fts MATCH ?1 ORDER BY s.rank, s.rowid",
        )?;
        let mut rows = statement.query([expression])?;
        let (mut found, mut files) = (Vec::new(), HashSet::new());
        while let Some(row) = rows.next()? {
            let file = row.get(1)?;
            if !counts(file) {
                continue;
            }
            if files.insert(file) && found.len() < most {
                found.push(Found {
                    document: row.get(0)?,
                    file,
                    score: row.get(2)?,
                });
            }
        }
        Ok((found, files.len() as u64))
    }

    /// Returns in how many documents a word is, as the index folds words.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn documents_with(&self, word: &str) -> rusqlite::Result<u64> {
        let count: Option<i64> = self
            .connection
            .prepare_cached("SELECT doc FROM words WHERE term = ?1")?
            .query_row([word], |row| row.get(0))
            .optional()?;
        Ok(count.unwrap_or(0).unsigned_abs())
    }

    /// Returns a piece of a document with the words that match between `<b>` and `</b>`.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn snippet(&self, document: i64, expression: &str) -> rusqlite::Result<Option<String>> {
        self.connection
            .prepare_cached(
                "SELECT snippet(semantic_documents_fts, 0, '<b>', '</b>', '…', 24) FROM semantic_documents_fts
                  WHERE semantic_documents_fts MATCH ?2 AND rowid = ?1",
            )?
            .query_row(params![document, expression], |row| row.get(0))
            .optional()
    }

    /// Calls `take` with number, file and vector of everything of a kind above `after` with a vector of a model.
    ///
    /// # Errors
    /// What SQLite says, or `take` does.
    pub fn each_vector<E: From<rusqlite::Error>>(
        &self,
        kind: Kind,
        model_id: i64,
        after: i64,
        mut take: impl FnMut(i64, i64, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut statement = self.connection.prepare_cached(match kind {
            Kind::Documents => {
                "SELECT e.document_id, d.file, e.vec FROM embeddings e JOIN documents d ON d.id = e.document_id
                  WHERE e.document_id > ?1 AND e.model_id = ?2 ORDER BY e.document_id"
            }
            Kind::Frames => {
                "SELECT id, file, vec FROM frames WHERE id > ?1 AND model_id = ?2 ORDER BY id"
            }
        })?;
        let mut rows = statement.query([after, model_id])?;
        while let Some(row) = rows.next()? {
            let vector = row.get_ref(2)?.as_blob().unwrap_or_default();
            take(row.get(0)?, row.get(1)?, vector)?;
        }
        Ok(())
    }

    /// Returns the vector of something, if it still is there.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn vector(
        &self,
        kind: Kind,
        number: i64,
        model_id: i64,
    ) -> rusqlite::Result<Option<Vec<f32>>> {
        self.connection
            .prepare_cached(match kind {
                Kind::Documents => {
                    "SELECT vec FROM embeddings WHERE document_id = ?1 AND model_id = ?2"
                }
                Kind::Frames => "SELECT vec FROM frames WHERE id = ?1 AND model_id = ?2",
            })?
            .query_row([number, model_id], |row| {
                Ok(numbers(row.get_ref(0)?.as_blob().unwrap_or_default()))
            })
            .optional()
    }

    /// Returns the texts of a file of the shard with their vectors by a model.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn vectors_of_file(
        &self,
        drive_id: i64,
        file_id: i64,
        model_id: i64,
    ) -> rusqlite::Result<HashMap<String, Vec<f32>>> {
        self.connection
            .prepare_cached(
                "SELECT d.content, e.vec FROM files f JOIN documents d ON d.file = f.id
                   JOIN embeddings e ON e.document_id = d.id AND e.model_id = ?3
                  WHERE f.drive_id = ?1 AND f.file_id = ?2",
            )?
            .query_map([drive_id, file_id, model_id], |row| {
                Ok((
                    row.get(0)?,
                    numbers(row.get_ref(1)?.as_blob().unwrap_or_default()),
                ))
            })?
            .collect()
    }

    /// Returns a document.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn document(&self, document: i64) -> rusqlite::Result<Option<DocumentRow>> {
        self.connection
            .prepare_cached("SELECT kind, start_ms, content FROM documents WHERE id = ?1")?
            .query_row([document], |row| {
                Ok(DocumentRow {
                    kind: row.get(0)?,
                    start_ms: row.get(1)?,
                    content: row.get(2)?,
                })
            })
            .optional()
    }

    /// Returns how many there are of a kind, and the number that the last one got.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn extent(&self, kind: Kind) -> rusqlite::Result<(u64, i64)> {
        let table = match kind {
            Kind::Documents => "documents",
            Kind::Frames => "frames",
        };
        self.connection
            .prepare_cached(&format!(
                "SELECT count(*), coalesce(max(id), 0) FROM {table}"
            ))?
            .query_row([], |row| {
                Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get(1)?))
            })
    }

    /// Returns when a frame is shown, milliseconds from the beginning; `None`: it is an image, or gone.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn frame_time(&self, frame: i64) -> rusqlite::Result<Option<i64>> {
        self.connection
            .prepare_cached("SELECT start_ms FROM frames WHERE id = ?1")?
            .query_row([frame], |row| row.get(0))
            .optional()
            .map(Option::flatten)
    }

    /// Returns how many files have something to be seen.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn seen_files(&self) -> rusqlite::Result<u64> {
        self.connection
            .query_row("SELECT count(DISTINCT file) FROM frames", [], |row| {
                row.get::<_, i64>(0)
            })
            .map(i64::unsigned_abs)
    }

    /// Returns a file of the index.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn file(&self, file: i64) -> rusqlite::Result<Option<FileRow>> {
        self.connection
            .prepare_cached(
                "SELECT r.drive_uid, r.separator, f.file_id, f.rel_path, f.category, f.mime,
                        f.ext, f.size_bytes, f.mtime_us
                   FROM files f JOIN drives r ON r.drive_id = f.drive_id WHERE f.id = ?1",
            )?
            .query_row([file], |row| {
                let separator: String = row.get(1)?;
                Ok(FileRow {
                    drive_uid: row.get(0)?,
                    separator: separator.chars().next().unwrap_or('/'),
                    file_id: row.get(2)?,
                    rel_path: names::from_sql(row.get_ref(3)?).to_vec(),
                    category: row.get(4)?,
                    mime: row.get(5)?,
                    ext: row.get(6)?,
                    size_bytes: row.get(7)?,
                    mtime_us: row.get(8)?,
                })
            })
            .optional()
    }

    /// Calls `take` with the number in the shard and the number in the index of every file of a drive, by the former.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn each_file(
        &self,
        drive_uid: &str,
        mut take: impl FnMut(i64, i64),
    ) -> rusqlite::Result<()> {
        let mut statement = self.connection.prepare_cached(
            "SELECT f.file_id, f.id FROM files f
              WHERE f.drive_id = (SELECT drive_id FROM drives WHERE drive_uid = ?1) ORDER BY f.file_id",
        )?;
        let mut rows = statement.query([drive_uid])?;
        while let Some(row) = rows.next()? {
            take(row.get(0)?, row.get(1)?);
        }
        Ok(())
    }

    /// Returns a number above those of all files.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn files_end(&self) -> rusqlite::Result<i64> {
        self.connection
            .query_row("SELECT coalesce(max(id), 0) + 1 FROM files", [], |row| {
                row.get(0)
            })
    }
}

/// Returns numbers as they are stored.
pub(crate) fn bytes(numbers: &[f32]) -> Vec<u8> {
    let bytes = numbers.iter().flat_map(|number| number.to_le_bytes());
    bytes.collect()
}

/// Returns the numbers that were stored.
pub(crate) fn numbers(bytes: &[u8]) -> Vec<f32> {
    let (numbers, _) = bytes.as_chunks::<4>();
    numbers
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect()
}
