//! The pictures of a drive, in a database beside its shard.
//!
//! It hangs on the shard's file numbers and on the drive's, so that a copy of another drive's is noticed and made anew.
//! Deleting it costs nothing but the time to make it again.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::open::{Access, Journal, OpenError, open_unchecked};
use crate::media::pictures::{Picture, PictureKind};

/// Version of this file's schema; another one is made anew.
const VERSION: u32 = 1;

/// Returns where the pictures of a shard lie; not as a `.db`, so that nobody takes it for a shard.
pub fn path_beside(shard: &Path) -> PathBuf {
    shard.with_extension("pictures")
}

/// The open pictures of a drive.
pub struct Pictures {
    connection: Connection,
    path: PathBuf,
}

impl Pictures {
    /// Opens the pictures beside a shard for writing; what is not this drive's, or damaged, is made anew.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(shard: &Path, drive_uid: &str, journal: Journal) -> Result<Self, OpenError> {
        let path = path_beside(shard);
        if let Ok(connection) = usable(&path, drive_uid) {
            return Ok(Self { connection, path });
        }
        // What cannot be removed shows when it is made anew.
        let _gone = super::files::remove_with_companions(&path);
        let mut connection = open_unchecked(&path, Access::Create)?;
        create(&mut connection, drive_uid, journal).map_err(|source| OpenError::Sqlite {
            path: path.clone(),
            source,
        })?;
        Ok(Self { connection, path })
    }

    /// Opens the pictures beside a shard for looking; `None` if there are none of this drive.
    pub fn open_to_read(shard: &Path, drive_uid: &str) -> Option<Self> {
        let path = path_beside(shard);
        let connection = open_unchecked(&path, Access::Read).ok()?;
        is_of(&connection, drive_uid)
            .unwrap_or(false)
            .then_some(Self { connection, path })
    }

    /// Returns where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Begins a batch.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn begin(&self) -> rusqlite::Result<()> {
        if self.connection.is_autocommit() {
            self.connection.execute_batch("BEGIN IMMEDIATE")?;
        }
        Ok(())
    }

    /// Ends a batch.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn commit(&self) -> rusqlite::Result<()> {
        if !self.connection.is_autocommit() {
            self.connection.execute_batch("COMMIT")?;
        }
        Ok(())
    }

    /// Puts a file's pictures in the place of older ones, or notes why there are none.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn save(
        &self,
        file: PicturedFile,
        pictures: &[Picture],
        failure: Option<&str>,
    ) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached("DELETE FROM pictures WHERE file_id = ?1")?
            .execute([file.file_id])?;
        for picture in pictures {
            let times = (!picture.times_s.is_empty())
                .then(|| serde_json::to_string(&picture.times_s).unwrap_or_default());
            self.connection
                .prepare_cached("INSERT INTO pictures(file_id, kind, width, height, times_s, webp) VALUES(?1, ?2, ?3, ?4, ?5, ?6)")?
                .execute(params![
                    file.file_id,
                    picture.kind.name(),
                    picture.width,
                    picture.height,
                    times,
                    picture.webp
                ])?;
        }
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO pictured(file_id, size_bytes, mtime_us, change_id, failure) VALUES(?1, ?2, ?3, ?4, ?5)")?
            .execute(params![
                file.file_id,
                file.size_bytes,
                file.mtime_us,
                file.change_id,
                failure
            ])
            .map(|_| ())
    }

    /// Returns the pictures of a file.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn of(&self, file_id: i64) -> rusqlite::Result<Vec<Picture>> {
        self.connection
            .prepare_cached("SELECT kind, width, height, times_s, webp FROM pictures WHERE file_id = ?1 ORDER BY kind")?
            .query_map([file_id], |row| {
                let kind: String = row.get(0)?;
                let times: Option<String> = row.get(3)?;
                Ok(PictureKind::from_name(&kind).map(|kind| Picture {
                    kind,
                    width: row.get(1).unwrap_or(0),
                    height: row.get(2).unwrap_or(0),
                    times_s: times
                        .and_then(|times| serde_json::from_str(&times).ok())
                        .unwrap_or_default(),
                    webp: row.get(4).unwrap_or_default(),
                }))
            })?
            .filter_map(Result::transpose)
            .collect()
    }

    /// Returns why a file has no pictures, if that is known.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn failure(&self, file_id: i64) -> rusqlite::Result<Option<String>> {
        self.connection
            .prepare_cached("SELECT failure FROM pictured WHERE file_id = ?1")?
            .query_row([file_id], |row| row.get(0))
            .optional()
            .map(Option::flatten)
    }

    /// Forgets that pictures were made up to that change of the shard, so that they are made again.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn make_again(&self, since_change: i64) -> rusqlite::Result<()> {
        self.connection
            .execute("DELETE FROM pictured WHERE change_id <= ?1", [since_change])
            .map(|_| ())
    }

    /// Removes the pictures of files that the shard no longer knows.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn forget_unknown(&self, shard: &Path) -> rusqlite::Result<()> {
        self.connection
            .execute("ATTACH DATABASE ?1 AS shard", [shard.to_string_lossy()])?;
        let removed = self.connection.execute_batch(
            "DELETE FROM pictures WHERE file_id NOT IN (SELECT id FROM shard.entries);
             DELETE FROM pictured WHERE file_id NOT IN (SELECT id FROM shard.entries);",
        );
        self.connection.execute_batch("DETACH DATABASE shard")?;
        removed
    }

    /// Returns the bytes that pictures take.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn bytes(&self) -> rusqlite::Result<u64> {
        self.connection.query_row(
            "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size",
            [],
            |row| row.get::<_, i64>(0),
        )
        .map(|bytes| u64::try_from(bytes).unwrap_or(0))
    }
}

/// The state of a file that pictures show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PicturedFile {
    /// The file.
    pub file_id: i64,
    /// Its size.
    pub size_bytes: i64,
    /// Its time of change.
    pub mtime_us: i64,
    /// The shard's last change.
    pub change_id: i64,
}

/// The table of pictured files, seen from a shard's connection.
pub struct Attached<'c> {
    connection: &'c Connection,
}

impl<'c> Attached<'c> {
    /// Makes the table visible as [`Attached::TABLE`].
    ///
    /// # Errors
    /// What SQLite says.
    pub fn new(connection: &'c Connection, pictures: &Path) -> rusqlite::Result<Self> {
        connection.execute(
            "ATTACH DATABASE ?1 AS pictures",
            [pictures.to_string_lossy()],
        )?;
        Ok(Self { connection })
    }

    /// The table's name.
    pub const TABLE: &'static str = "pictures.pictured";
}

impl Drop for Attached<'_> {
    fn drop(&mut self) {
        let _still_attached = self.connection.execute_batch("DETACH DATABASE pictures");
    }
}

fn usable(path: &Path, drive_uid: &str) -> Result<Connection, OpenError> {
    let connection = open_unchecked(path, Access::Write)?;
    match is_of(&connection, drive_uid) {
        Ok(true) => Ok(connection),
        Ok(false) => Err(OpenError::Missing {
            path: path.to_path_buf(),
        }),
        Err(source) => Err(OpenError::Sqlite {
            path: path.to_path_buf(),
            source,
        }),
    }
}

fn is_of(connection: &Connection, drive_uid: &str) -> rusqlite::Result<bool> {
    let version: u32 = super::open::pragma(connection, "user_version")?;
    if version != VERSION {
        return Ok(false);
    }
    let known: Option<String> = connection
        .query_row("SELECT drive_uid FROM about", [], |row| row.get(0))
        .optional()?;
    Ok(known.as_deref() == Some(drive_uid))
}

fn create(connection: &mut Connection, drive_uid: &str, journal: Journal) -> rusqlite::Result<()> {
    super::open::set_journal(connection, journal)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(include_str!("schema/pictures.sql"))?;
    transaction.execute(
        "INSERT INTO about(id, drive_uid) VALUES(1, ?1)",
        [drive_uid],
    )?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture() -> Picture {
        Picture {
            kind: PictureKind::Sheet,
            width: 3,
            height: 2,
            times_s: vec![1.5, 2.0],
            webp: vec![1, 2, 3],
        }
    }

    const FILE: PicturedFile = PicturedFile {
        file_id: 7,
        size_bytes: 1,
        mtime_us: 2,
        change_id: 3,
    };

    #[test]
    fn pictures_come_back_and_are_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let shard = folder.path().join("a.db");
        let pictures = Pictures::open(&shard, "u", Journal::Wal).unwrap();
        pictures.save(FILE, &[picture()], None).unwrap();
        assert_eq!(pictures.of(7).unwrap(), [picture()]);
        pictures.save(FILE, &[], Some("no picture in it")).unwrap();
        assert!(pictures.of(7).unwrap().is_empty());
        assert_eq!(
            pictures.failure(7).unwrap().as_deref(),
            Some("no picture in it")
        );
        assert!(pictures.bytes().unwrap() > 0);
    }

    #[test]
    fn what_is_not_this_drives_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let shard = folder.path().join("a.db");
        let pictures = Pictures::open(&shard, "u", Journal::Wal).unwrap();
        pictures.save(FILE, &[picture()], None).unwrap();
        drop(pictures);
        assert!(Pictures::open_to_read(&shard, "other").is_none());
        assert!(Pictures::open_to_read(&shard, "u").is_some());
        let other = Pictures::open(&shard, "other", Journal::Wal).unwrap();
        assert!(other.of(7).unwrap().is_empty());
        drop(other);
        std::fs::write(path_beside(&shard), vec![0x55; 8_192]).unwrap();
        drop(Pictures::open(&shard, "u", Journal::Wal).unwrap());
    }
}
