//! The catalogue and its shards as one thing: opened, converted where older programs left them, and found by label.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::drives::{self, Drive};
use super::kept::{FileMark, Kept, KeptShards};
use super::learnt::{self, LearntDb};
use super::legacy;
use super::lock::{LockError, ShardLock};
use super::migrate::{self, MigrateError};
use super::open::{Access, Database, Journal, OpenError, open, sqlite_hint};
use super::{jobs, shard};
use crate::clock::Clock;
use crate::path::label::{LabelError, unique_stem};
use crate::workdir::WorkingDir;

/// Why the catalogue could not be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A database could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A database could not be read or written.
    #[error("`{}`: {source}", path.display())]
    Sqlite {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// A database of the older program could not be taken over.
    #[error(transparent)]
    Legacy(#[from] legacy::LegacyError),
    /// A database of an earlier version could not be brought up to date.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// There is no such drive.
    #[error("there is no drive `{label}`")]
    NoDrive {
        /// The label that was asked for.
        label: String,
        /// The labels there are.
        known: Vec<String>,
    },
    /// Another drive has that label.
    #[error("there is a drive `{label}` already")]
    LabelTaken {
        /// The label.
        label: String,
    },
    /// The label cannot be one.
    #[error(transparent)]
    Label(#[from] LabelError),
    /// The shard is another drive's.
    #[error("`{}` belongs to the drive `{label}`", path.display())]
    OtherDrivesShard {
        /// The shard.
        path: PathBuf,
        /// Whose it is.
        label: String,
    },
    /// Somebody works on the shard.
    #[error(transparent)]
    Locked(#[from] LockError),
    /// The shard's file could not be removed.
    #[error("cannot remove `{}`: {source}", path.display())]
    Remove {
        /// The shard.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl StoreError {
    /// Returns what to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Open(error) => error.hint(),
            Self::Sqlite { path, source } => sqlite_hint(source, path),
            Self::Legacy(error) => error.hint(),
            Self::Migrate(_) => {
                "it was left as it was; free some space in the working directory and run again"
                    .into()
            }
            Self::NoDrive { known, .. } if known.is_empty() => {
                "no drive was scanned yet: `videocatalog scan --label NAME --mount FOLDER`".into()
            }
            Self::NoDrive { known, .. } => format!("known drives: {}", known.join(", ")),
            Self::LabelTaken { .. } => "choose another label, or rename that drive first".into(),
            Self::Label(error) => error.hint().to_owned(),
            Self::OtherDrivesShard { .. } => {
                "name another file with `--shard-db`, or leave the flag out".into()
            }
            Self::Locked(_) => "wait until it is done".into(),
            Self::Remove { .. } => {
                "nothing was forgotten; run the command again once the file can be removed".into()
            }
        }
    }
}

/// The open catalogue of a working directory.
pub struct Catalog {
    workdir: WorkingDir,
    path: PathBuf,
    journal: Journal,
    connection: Connection,
    kept: KeptShards,
}

impl Catalog {
    /// Opens the catalogue for writing, making it and taking over older databases as need be. Sentences for the user go
    /// to `notices`.
    ///
    /// # Errors
    /// When the catalogue cannot be made, opened or converted; a shard that cannot is a notice.
    pub fn open(
        workdir: &WorkingDir,
        path: Option<&Path>,
        journal: Journal,
        clock: &dyn Clock,
        notices: &mut Vec<String>,
    ) -> Result<Self, StoreError> {
        let path = path.map_or_else(|| workdir.catalog_db(), Path::to_path_buf);
        legacy::prepare_catalog(&path, workdir, journal, clock, notices)?;
        migrate::to_current(&path, Database::Catalog, &workdir.backups(), clock)?;
        let connection = open(&path, Database::Catalog, Access::Create, journal)?;
        let catalog = Self {
            workdir: workdir.clone(),
            path,
            journal,
            connection,
            kept: KeptShards::default(),
        };
        legacy::adopt(workdir, &catalog.connection, clock, notices)?;
        catalog.migrate_shards(clock, notices)?;
        Ok(catalog)
    }

    /// Brings shards of earlier versions up to date; one that cannot be is told of and left alone.
    fn migrate_shards(
        &self,
        clock: &dyn Clock,
        notices: &mut Vec<String>,
    ) -> Result<(), StoreError> {
        for drive in self.drives()? {
            let path = self.shard_path(&drive);
            if migrate::is_current(&path) {
                continue;
            }
            match migrate::to_current(&path, Database::Shard, &self.workdir.backups(), clock) {
                Ok(None) => {}
                Ok(Some(copy)) => notices.push(format!(
                    "the catalogue of `{}` was brought up to date; as it was it lies in `{}`",
                    drive.label,
                    copy.display()
                )),
                Err(error) => notices.push(format!("`{}`: {error}", drive.label)),
            }
        }
        Ok(())
    }

    /// Opens the catalogue for reading if it is in the present form and nothing waits to be brought into it. `None`: there is
    /// something to do first, which [`Catalog::open`] does, or says why it cannot.
    pub fn open_settled(workdir: &WorkingDir, path: &Path) -> Option<Self> {
        if !migrate::is_current(path) {
            return None;
        }
        let catalog = Self::open_read_only(workdir, Some(path)).ok()?;
        let is_done = legacy::is_all_adopted(workdir, &catalog.connection).ok()?;
        let drives = catalog.drives().ok()?;
        let mut shards = drives.iter().map(|drive| catalog.shard_path(drive));
        (is_done && shards.all(|shard| migrate::is_current(&shard))).then_some(catalog)
    }

    /// Opens the catalogue for reading; nothing is made, converted or written.
    ///
    /// # Errors
    /// When there is none, or it cannot be opened.
    pub fn open_read_only(workdir: &WorkingDir, path: Option<&Path>) -> Result<Self, StoreError> {
        let path = path.map_or_else(|| workdir.catalog_db(), Path::to_path_buf);
        let connection = open(&path, Database::Catalog, Access::Read, Journal::Wal)?;
        Ok(Self {
            workdir: workdir.clone(),
            path,
            journal: Journal::Wal,
            connection,
            kept: KeptShards::default(),
        })
    }

    /// Returns the connection.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Returns how its databases make commits durable.
    pub fn journal(&self) -> Journal {
        self.journal
    }

    /// Returns the working directory.
    pub fn workdir(&self) -> &WorkingDir {
        &self.workdir
    }

    /// Returns every drive, by label.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn drives(&self) -> Result<Vec<Drive>, StoreError> {
        drives::list(&self.connection).map_err(|source| self.failed(source))
    }

    /// Returns the drive of that label.
    ///
    /// # Errors
    /// [`StoreError::NoDrive`] names the labels there are.
    pub fn drive(&self, label: &str) -> Result<Drive, StoreError> {
        let found = drives::find(&self.connection, label).map_err(|source| self.failed(source))?;
        match found {
            Some(drive) => Ok(drive),
            None => Err(StoreError::NoDrive {
                label: label.to_owned(),
                known: self
                    .drives()?
                    .into_iter()
                    .map(|drive| drive.label)
                    .collect(),
            }),
        }
    }

    /// Returns the drives of those labels, or all if none are named.
    ///
    /// # Errors
    /// When one is not known.
    pub fn select(&self, labels: &[String]) -> Result<Vec<Drive>, StoreError> {
        if labels.is_empty() {
            return self.drives();
        }
        labels.iter().map(|label| self.drive(label)).collect()
    }

    /// Returns the last change of each drive's shard when a scan of it ended, by the drive's uid.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn last_changes(&self) -> Result<HashMap<String, i64>, StoreError> {
        jobs::last_changes(&self.connection).map_err(|source| StoreError::Sqlite {
            path: self.path.clone(),
            source,
        })
    }

    /// Returns a drive that is not in the catalogue yet, with a shard file no other drive has.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn new_drive(&self, label: &str) -> Result<Drive, StoreError> {
        let taken: Vec<String> = self
            .drives()?
            .into_iter()
            .map(|drive| drive.shard_file.to_lowercase())
            .collect();
        let stem = unique_stem(label, |stem| {
            let file = format!("{stem}.db");
            taken
                .iter()
                .any(|shard| shard.rsplit('/').next() == Some(file.as_str()))
                || self.workdir.shards().join(&file).exists()
        });
        Ok(Drive {
            label: label.to_owned(),
            drive_uid: drives::new_uid(&self.connection).map_err(|source| self.failed(source))?,
            shard_file: format!("data/shards/{stem}.db"),
            ..Drive::default()
        })
    }

    /// Returns where a drive's shard lies.
    pub fn shard_path(&self, drive: &Drive) -> PathBuf {
        self.workdir.root().join(&drive.shard_file)
    }

    /// Opens a drive's shard; its copy of the label is brought up to date when it may be written.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open_shard(&self, drive: &Drive, access: Access) -> Result<Connection, StoreError> {
        let path = self.shard_path(drive);
        let connection = open(&path, Database::Shard, access, self.journal)?;
        let failed = |source| StoreError::Sqlite {
            path: path.clone(),
            source,
        };
        if let Some(root) = shard::root(&connection).map_err(failed)?
            && root.drive_uid != drive.drive_uid
        {
            return Err(StoreError::OtherDrivesShard {
                path,
                label: root.drive_label,
            });
        }
        if access != Access::Read {
            shard::set_label(&connection, &drive.label).map_err(|source| StoreError::Sqlite {
                path: path.clone(),
                source,
            })?;
        }
        Ok(connection)
    }

    /// Reads a drive's shard, which is kept open for the next reader. For who keeps the catalogue and is asked often.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn with_shard<T>(
        &self,
        drive: &Drive,
        read: impl FnOnce(&Connection) -> T,
    ) -> Result<T, StoreError> {
        let path = self.shard_path(drive);
        let shard = match self.kept.take(&drive.drive_uid, &path) {
            Some(shard) => shard,
            None => Kept {
                drive_uid: drive.drive_uid.clone(),
                // Before it is opened: what takes its place meanwhile is noticed the next time.
                file: FileMark::of(&path),
                connection: self.open_shard(drive, Access::Read)?,
                path,
            },
        };
        let read = read(&shard.connection);
        self.kept.keep(shard);
        Ok(read)
    }

    /// Gives a drive another label.
    ///
    /// # Errors
    /// When the label cannot be one or is taken; nothing is changed then.
    pub fn rename(&mut self, label: &str, new: &str) -> Result<(), StoreError> {
        crate::path::label::validate(new)?;
        let drive = self.drive(label)?;
        if label != new
            && drives::find(&self.connection, new)
                .map_err(|source| self.failed(source))?
                .is_some()
        {
            return Err(StoreError::LabelTaken {
                label: new.to_owned(),
            });
        }
        drives::rename(&mut self.connection, &drive.drive_uid, new).map_err(|source| {
            StoreError::Sqlite {
                path: self.path.clone(),
                source,
            }
        })?;
        // The shard's copy follows now if nobody works on it, else when it is next opened.
        if let Ok(_lock) = ShardLock::acquire(&self.shard_path(&drive), "rename", String::new()) {
            let _when_next_opened = self.open_shard(
                &Drive {
                    label: new.to_owned(),
                    ..drive
                },
                Access::Write,
            );
        }
        Ok(())
    }

    /// Removes a drive's shard from the disk and the drive from the catalogue; can be run again after a crash between.
    ///
    /// # Errors
    /// When somebody works on the shard, its file cannot be removed, or the catalogue not be written.
    pub fn forget(&mut self, label: &str, now_utc: String) -> Result<(), StoreError> {
        let drive = self.drive(label)?;
        let path = self.shard_path(&drive);
        let lock = ShardLock::acquire(&path, "forget", now_utc)?;
        let pictures = super::pictures::path_beside(&path);
        // The database first: a log without its database is nothing, a database without its log is an older one.
        let suffixes = ["", "-wal", "-shm", "-journal"];
        for (file, suffix) in [&path, &pictures]
            .into_iter()
            .flat_map(|file| suffixes.map(|suffix| (file, suffix)))
        {
            let mut name = file.as_os_str().to_owned();
            name.push(suffix);
            match std::fs::remove_file(&name) {
                Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                    return Err(StoreError::Remove {
                        path: name.into(),
                        source,
                    });
                }
                _ => {}
            }
        }
        for (learnt, what) in [
            (self.workdir.transcripts_db(), learnt::What::Transcripts),
            (self.workdir.frames_db(), learnt::What::Frames),
        ] {
            // What is no such database holds nothing of this drive.
            if learnt.exists()
                && let Ok(db) = LearntDb::open(&learnt, what, self.journal())
            {
                db.forget(&drive.drive_uid)
                    .map_err(|source| StoreError::Sqlite {
                        path: learnt,
                        source,
                    })?;
            }
        }
        drives::forget(&mut self.connection, &drive.drive_uid).map_err(|source| {
            StoreError::Sqlite {
                path: self.path.clone(),
                source,
            }
        })?;
        drop(lock);
        Ok(())
    }

    /// Returns jobs, newest first, of one drive or of all. Jobs whose process is gone are no longer `Running`.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn jobs(&self, label: Option<&str>) -> Result<Vec<jobs::Job>, StoreError> {
        for drive in self.drives()? {
            // Held meanwhile, so that a scan that begins just now is not taken for one that ended.
            let Ok(_lock) = ShardLock::acquire(&self.shard_path(&drive), "jobs", String::new())
            else {
                continue;
            };
            // A catalogue opened for reading shows them as they stand.
            let _read_only = jobs::stop_orphans(&self.connection, &drive.drive_uid);
        }
        jobs::list(&self.connection, label).map_err(|source| self.failed(source))
    }

    /// Takes a job out of the history, unless it runs; returns whether there was one.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn delete_job(&self, id: i64) -> Result<bool, StoreError> {
        jobs::delete(&self.connection, id).map_err(|source| self.failed(source))
    }

    /// Sets the user's own words on a drive; `None` leaves a field as it is, an empty text clears it.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn annotate(
        &self,
        drive: &Drive,
        drive_type: Option<&str>,
        notes: Option<&str>,
    ) -> Result<(), StoreError> {
        drives::annotate(&self.connection, &drive.drive_uid, drive_type, notes)
            .map_err(|source| self.failed(source))
    }

    /// Returns 32 random bytes in hexadecimal, for a key.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn random_key(&self) -> Result<String, StoreError> {
        let row = |row: &rusqlite::Row<'_>| row.get(0);
        let random = "SELECT lower(hex(randomblob(32)))";
        self.connection
            .query_row(random, [], row)
            .map_err(|source| self.failed(source))
    }

    /// Wraps an error of the catalogue's own connection.
    pub(crate) fn failed(&self, source: rusqlite::Error) -> StoreError {
        StoreError::Sqlite {
            path: self.path.clone(),
            source,
        }
    }
}
