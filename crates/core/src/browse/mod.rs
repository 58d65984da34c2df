//! A drive's files page by page, single files and feature vectors, as the documented HTTP routes have them.

mod inventory;
mod stats;

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde::Serialize;

pub use self::inventory::{InventoryFilter, inventory};
pub use self::stats::{DriveStats, Totals, stats};

use crate::catalog::drives::Drive;
use crate::catalog::features::{self, FeatureFilter};
use crate::catalog::lookup::{self, KnownFile};
use crate::catalog::store::{Catalog, StoreError};
use crate::catalog::{Access, shard};
use crate::clock::utc_text;
use crate::info;
use crate::path::RelPath;
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

/// Returns what differs whenever an answer about a drive may: what stands in its row of the catalogue, and its shard's last
/// batch. Feature vectors are not part of it.
///
/// # Errors
/// When the shard cannot be read.
pub fn version_of(catalog: &Catalog, drive: &Drive) -> Result<String, BrowseError> {
    let reading = Reading::new(catalog, drive)?;
    let root = shard::root(&reading.connection).map_err(|error| reading.failed(error))?;
    let change = root.as_ref().map_or(0, |root| root.change_id);
    // A shard that was restored from a backup comes to the same numbers another way.
    let utc = shard::change_utc(&reading.connection, change);
    let utc = utc.map_err(|error| reading.failed(error))?;
    let known = format!("{drive:?} {root:?} {utc:?}");
    Ok(blake3::hash(known.as_bytes()).to_hex().to_string())
}

/// One file, as `/v1/file` has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileRow {
    /// Where it is.
    #[serde(flatten)]
    pub place: FilePlace,
    /// Its number in the shard: pictures of it are asked for by that.
    pub file_id: i64,
    /// Length.
    pub size_bytes: Option<i64>,
    /// Last modification.
    pub mtime_utc: Option<String>,
    /// Extension.
    pub ext: Option<String>,
    /// MIME type.
    pub mime: Option<String>,
    /// Category.
    pub category: String,
    /// What kind of drive it is, as the user said.
    pub drive_type: Option<String>,
    /// When anything known of it last changed.
    pub indexed_utc: Option<String>,
}

/// Returns the file at a path: absolute below the drive's present or last mount, or relative to its root. `None`: it is not
/// there.
///
/// # Errors
/// When the shard cannot be read.
pub fn file(catalog: &Catalog, drive: &Drive, path: &Path) -> Result<Option<FileRow>, BrowseError> {
    let reading = Reading::new(catalog, drive)?;
    let Some((rel_path, file)) = reading.find(path)? else {
        return Ok(None);
    };
    Ok(Some(FileRow {
        place: reading.place(rel_path.as_bytes()),
        file_id: file.file_id,
        size_bytes: file.size_bytes,
        mtime_utc: file.mtime_us.map(utc_text),
        ext: file.ext,
        mime: file.mime,
        category: file.category,
        drive_type: drive.drive_type.clone(),
        indexed_utc: file.updated_utc,
    }))
}

/// What a feature vector is of, as `/v1/features` has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FeatureEntry {
    /// The file.
    #[serde(flatten)]
    pub place: FilePlace,
    /// image or video.
    pub kind: String,
    /// How many numbers.
    pub dim: i64,
    /// Pictures it is the mean of.
    pub frames_used: i64,
    /// When it was made.
    pub updated_utc: String,
}

/// Returns which feature vectors a drive has, in the order of their paths without case, and how many there are in all.
///
/// # Errors
/// When the shard cannot be read.
pub fn feature_list(
    catalog: &Catalog,
    drive: &Drive,
    filter: FeatureFilter<'_>,
    offset: usize,
    limit: usize,
) -> Result<(u64, Vec<FeatureEntry>), BrowseError> {
    let reading = Reading::new(catalog, drive)?;
    let signed = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let total =
        features::count(&reading.connection, filter).map_err(|error| reading.failed(error))?;
    let rows = features::list(&reading.connection, filter, signed(offset), signed(limit))
        .map_err(|error| reading.failed(error))?;
    let entries = rows.into_iter().map(|row| FeatureEntry {
        place: reading.place(&row.path),
        kind: row.kind,
        dim: row.dim,
        frames_used: row.frames_used,
        updated_utc: row.updated_utc,
    });
    Ok((total, entries.collect()))
}

/// A feature vector.
#[derive(Clone, Debug, PartialEq)]
pub struct Feature {
    /// The file.
    pub place: FilePlace,
    /// image or video.
    pub kind: String,
    /// The numbers.
    pub vector: Vec<f32>,
}

/// Returns the feature vector of the file at a path, as [`file`] takes it.
///
/// # Errors
/// When the shard cannot be read.
pub fn feature(
    catalog: &Catalog,
    drive: &Drive,
    path: &Path,
) -> Result<Option<Feature>, BrowseError> {
    let reading = Reading::new(catalog, drive)?;
    let Some((rel_path, _)) = reading.find(path)? else {
        return Ok(None);
    };
    let found = features::vector(&reading.connection, &rel_path);
    let found = found.map_err(|error| reading.failed(error))?;
    Ok(found.map(|(kind, vector)| Feature {
        place: reading.place(rel_path.as_bytes()),
        kind,
        vector,
    }))
}

/// A drive's shard, open for reading.
struct Reading<'a> {
    catalog: &'a Catalog,
    drive: &'a Drive,
    connection: Connection,
    separator: char,
}

impl<'a> Reading<'a> {
    fn new(catalog: &'a Catalog, drive: &'a Drive) -> Result<Self, BrowseError> {
        let mut reading = Self {
            catalog,
            drive,
            connection: catalog.open_shard(drive, Access::Read)?,
            separator: '/',
        };
        let root = shard::root(&reading.connection).map_err(|error| reading.failed(error))?;
        reading.separator = root.map_or('/', |root| root.separator);
        Ok(reading)
    }

    fn failed(&self, source: rusqlite::Error) -> BrowseError {
        BrowseError::Store(StoreError::Sqlite {
            path: self.catalog.shard_path(self.drive),
            source,
        })
    }

    fn place(&self, rel_path: &[u8]) -> FilePlace {
        FilePlace::new(self.drive, self.separator, rel_path)
    }

    /// Finds a file that is there.
    fn find(&self, path: &Path) -> Result<Option<(RelPath, KnownFile)>, BrowseError> {
        let mounts = [PathBuf::from(&self.drive.mount_path)];
        for rel_path in info::candidates(self.drive, path, self.separator, &mounts) {
            let found = lookup::file_at(&self.connection, &rel_path);
            if let Some(file) = found.map_err(|error| self.failed(error))?
                && file.deleted_utc.is_none()
            {
                return Ok(Some((rel_path, file)));
            }
        }
        Ok(None)
    }
}
