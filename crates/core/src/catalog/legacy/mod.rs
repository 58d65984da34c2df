//! Databases of the older program: recognised, backed up, converted, and taken into the catalogue.
//!
//! That program wrote its shards in two dialects and mixtures of them, and several generations of catalogues, none with
//! a version number. Here they are recognised by their columns (`detect`), their absolute paths become relative to
//! the drive's root (`reroot`), and their rows become ours (`fill`, `enrich`). A shard is converted where it lies,
//! in one transaction and after a backup (`convert`); databases beside the catalogue are read and left as they are
//! (`adopt`).
//!
//! What is kept: every distinct path, and every hash, media document, feature, fingerprint and text of it. What falls
//! together or cannot be kept is counted in [`Conversion`]. Resume positions of interrupted scans are not taken over.

use std::path::PathBuf;

use super::backup::BackupError;
use super::lock::LockError;
use super::open::{OpenError, sqlite_hint};

mod adopt;
mod catalogue;
mod claim;
mod convert;
mod detect;
mod drive_row;
mod enrich;
mod fill;
mod labels;
mod places;
mod reroot;
mod rows;
#[cfg(test)]
mod tests;
mod write;

pub use adopt::{Adoption, adopt, is_all_adopted};
pub use catalogue::{convert_catalog, prepare_catalog};
pub use convert::{Conversion, ShardFacts, convert_shard};
pub(crate) use reroot::{Parsed, Root, Start, Style, beginning, is_same};

/// Returns whether a database has the tables of the older program.
pub(super) fn is_legacy(connection: &rusqlite::Connection) -> rusqlite::Result<bool> {
    Ok(detect::layout(connection)? == detect::Layout::Legacy)
}

/// Why a database of the older program could not be taken over; the database is as it was.
#[derive(Debug, thiserror::Error)]
pub enum LegacyError {
    /// It could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// No copy could be made beforehand.
    #[error("`{}` was not converted, because it could not be backed up: {source}", path.display())]
    Backup {
        /// The database.
        path: PathBuf,
        /// What went wrong.
        source: BackupError,
    },
    /// Somebody else works on it.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// It is not in one of the older layouts.
    #[error("`{}` is not a database of the older program", path.display())]
    NotLegacy {
        /// The database.
        path: PathBuf,
    },
    /// Reading its rows or writing ours failed.
    #[error("`{}` could not be converted: {source}; it is as it was", path.display())]
    Convert {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The catalogue could not be read or written.
    #[error("cannot take older databases into the catalogue `{}`: {source}", path.display())]
    Catalogue {
        /// The catalogue.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// A file or folder could not be made or read.
    #[error("cannot use `{}`: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl LegacyError {
    /// Returns what to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Open(error) => error.hint(),
            Self::Backup { source, path } => match source {
                BackupError::Open(error) => error.hint(),
                BackupError::Write { source, .. } => sqlite_hint(source, path),
                BackupError::Folder(_) | BackupError::Sync(_) => {
                    "make sure that `backups/sqlite` in the working directory can be made and written".into()
                }
                BackupError::Unsound { .. } => format!(
                    "`{}` seems damaged; nothing was changed. Copy it, repair the copy with `sqlite3 … .recover`, and put that in its place",
                    path.display()
                ),
            },
            Self::Lock(LockError::Held { .. }) => {
                "wait until the other program is done, then run the command again".into()
            }
            Self::NotLegacy { .. } => "nothing has to be done: it stays as it is".into(),
            Self::Convert { source, path } | Self::Catalogue { source, path } => {
                sqlite_hint(source, path)
            }
            Self::Lock(LockError::Io { .. }) | Self::Io { .. } => {
                "check that the folder exists and may be written, or choose another with `--home`".into()
            }
        }
    }
}
