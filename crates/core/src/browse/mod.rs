//! A drive's files page by page, single files and feature vectors, as the documented HTTP routes have them.

mod features;
mod file;
mod inventory;

use std::path::{Path, PathBuf};

use rusqlite::Connection;

pub use self::features::{Feature, FeatureEntry, FeatureFilter, feature, feature_list};
pub use self::file::{FileRow, file};
pub use self::inventory::{InventoryFilter, inventory};

use crate::catalog::drives::Drive;
use crate::catalog::lookup::{self, KnownFile};
use crate::catalog::shard;
use crate::catalog::store::{Catalog, StoreError};
use crate::info;
use crate::path::{RelPath, bytes_to_os};
use crate::report::FilePlace;

/// The answer counts the results exactly up to here; of more it says only that there are.
pub const COUNTED: usize = 10_000;

/// Why nothing can be listed.
#[derive(Debug, thiserror::Error)]
pub enum BrowseError {
    /// The filter is none.
    #[error("`{value}` is no time: write it like 2026-01-31T12:00:00Z")]
    Since {
        /// What was given.
        value: String,
    },
    /// The drive cannot be read.
    #[error("`{label}`: {reason}")]
    Unread {
        /// The drive.
        label: String,
        /// Why.
        reason: String,
    },
    /// The catalogue or the shard cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BrowseError {
    fn unread(drive: &Drive, reason: String) -> Self {
        let label = drive.label.clone();
        Self::Unread { label, reason }
    }

    /// Returns what to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Since { .. } => "a day alone means its beginning, no zone means UTC".into(),
            Self::Unread { label, .. } => {
                format!("`videocatalog maintain integrity {label}` says what is wrong with it")
            }
            Self::Store(error) => error.hint(),
        }
    }
}

/// A drive's shard, open for reading.
struct Reading<'a> {
    drive: &'a Drive,
    connection: &'a Connection,
    separator: char,
}

/// Reads a drive's shard.
fn read<T>(
    catalog: &Catalog,
    drive: &Drive,
    answer: impl FnOnce(&Reading<'_>) -> rusqlite::Result<T>,
) -> Result<T, BrowseError> {
    let read = catalog.with_shard(drive, |connection| {
        let root = shard::root(connection)?;
        answer(&Reading {
            drive,
            connection,
            separator: root.map_or('/', |root| root.separator),
        })
    })?;
    read.map_err(|source| {
        let path = catalog.shard_path(drive);
        BrowseError::Store(StoreError::Sqlite { path, source })
    })
}

impl Reading<'_> {
    fn place(&self, rel_path: &[u8]) -> FilePlace {
        FilePlace::new(self.drive, self.separator, rel_path)
    }

    /// Finds a file that is there.
    fn find(&self, path: &Path) -> rusqlite::Result<Option<(RelPath, KnownFile)>> {
        let mounts = [PathBuf::from(bytes_to_os(&self.drive.mount_bytes))];
        for rel_path in info::candidates(self.drive, path, self.separator, &mounts) {
            if let Some(file) = lookup::file_at(self.connection, &rel_path)?
                && file.deleted_utc.is_none()
            {
                return Ok(Some((rel_path, file)));
            }
        }
        Ok(None)
    }
}
