//! Why maintenance of a database failed.

use std::path::{Path, PathBuf};

use crate::catalog::backup::BackupError;
use crate::catalog::lock::LockError;
use crate::catalog::migrate::MigrateError;
use crate::catalog::salvage::SalvageError;
use crate::catalog::{OpenError, sqlite_hint};
use crate::path::display::printable_path;

/// Why maintenance of a database failed; the database is as it was.
#[derive(Debug, thiserror::Error)]
pub enum MaintainError {
    /// It could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// SQLite could not do it.
    #[error("`{}`: {source}", printable_path(path))]
    Sqlite {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// Somebody works on it, or on a shard while the catalogue is meant.
    #[error(transparent)]
    Locked(#[from] LockError),
    /// The backup could not be made or does not check out.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The backup could not be brought up to date.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// Nothing could be salvaged.
    #[error(transparent)]
    Salvage(#[from] SalvageError),
    /// A program has it open.
    #[error("`{}` is open in another program", printable_path(path))]
    InUse {
        /// The database.
        path: PathBuf,
    },
    /// A file could not be moved.
    #[error("cannot {action} `{}`: {source}", printable_path(path))]
    File {
        /// What was to be done.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// There is no such backup.
    #[error("there is no backup `{name}` of it")]
    NoBackup {
        /// What was asked for.
        name: String,
    },
    /// The backup is not of this kind of database, or not one that can be put into place.
    #[error("`{}` cannot take its place: it is {what}", printable_path(path))]
    Unfit {
        /// The backup.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// The backup is another drive's.
    #[error("`{}` is a backup of another drive (`{label}`)", printable_path(path))]
    OtherDrive {
        /// The backup.
        path: PathBuf,
        /// Whose it is.
        label: String,
    },
    /// Only shards can be salvaged.
    #[error("only the shard of a drive can be salvaged")]
    NoShard,
    /// Nobody knows whose shard it is.
    #[error("neither the shard nor the catalogue says whose shard it is")]
    NoOwner,
    /// Nothing could be read.
    #[error("not one file could be read out of `{}`", printable_path(path))]
    NothingLeft {
        /// The damaged one.
        path: PathBuf,
    },
    /// What was salvaged does not check out.
    #[error(
        "what was read out of `{}` does not check out: {detail}",
        printable_path(path)
    )]
    Unsound {
        /// The damaged one.
        path: PathBuf,
        /// The first complaint.
        detail: String,
    },
}

impl MaintainError {
    pub(super) fn missing(path: &Path) -> Self {
        Self::Open(OpenError::Missing {
            path: path.to_path_buf(),
        })
    }

    pub(super) fn sqlite(path: &Path, source: rusqlite::Error) -> Self {
        Self::Sqlite {
            path: path.to_path_buf(),
            source,
        }
    }

    pub(super) fn file(
        action: &'static str,
        path: &Path,
    ) -> impl Fn(std::io::Error) -> Self + use<> {
        let path = path.to_path_buf();
        move |source| Self::File {
            action,
            path: path.clone(),
            source,
        }
    }

    /// Returns whether there is no such file.
    pub const fn is_missing(&self) -> bool {
        matches!(self, Self::Open(OpenError::Missing { .. }))
    }

    /// Returns what to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Open(OpenError::Missing { .. }) => {
                "bring a backup into place with `videocatalog maintain restore latest --target …`, or scan the drive".into()
            }
            Self::Open(error) => error.hint(),
            Self::Sqlite { path, source } => sqlite_hint(source, path),
            Self::Locked(LockError::Held { .. }) => {
                "wait until it is done, or stop it; nothing was changed".into()
            }
            Self::Locked(LockError::Io { .. }) | Self::Migrate(_) => {
                "check that the working directory can be written; nothing was changed".into()
            }
            Self::Backup(error) => error.hint(),
            Self::Salvage(SalvageError::Open(_)) | Self::NothingLeft { .. } => {
                "bring a backup into place with `videocatalog maintain restore`, or move the shard away and scan the drive again".into()
            }
            Self::Salvage(_) | Self::File { .. } => {
                "check that the folder can be written and has room; nothing was lost".into()
            }
            Self::InUse { .. } => "end the other programs that use the catalogue, then run it again".into(),
            Self::NoBackup { .. } => {
                "`videocatalog maintain restore --target …` without a name lists the backups there are".into()
            }
            Self::Unfit { .. } => "choose another backup".into(),
            Self::OtherDrive { .. } => "name the drive it belongs to, or say `--force` if it is to become this drive's".into(),
            Self::NoShard => "name one: `--target shard:LABEL`".into(),
            Self::NoOwner => "restore the catalogue first".into(),
            Self::Unsound { .. } => "nothing was changed; restore a backup instead".into(),
        }
    }
}
