//! A drive's files page by page, single files and feature vectors, as the documented HTTP routes have them.

use std::ops::Bound;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde::Serialize;

use crate::catalog::drives::Drive;
use crate::catalog::features::{self, FeatureFilter};
use crate::catalog::lookup::{self, KnownFile};
use crate::catalog::store::{Catalog, StoreError};
use crate::catalog::{Access, shard};
use crate::clock::{parse_utc, utc_text};
use crate::info;
use crate::media::Category;
use crate::path::RelPath;
use crate::report::FilePlace;
use crate::search::listing::Page;
use crate::search::query::{Condition, Expr, Interval, Query};
use crate::search::{Searcher, anywhere_in_absolute};

/// The answer counts the results exactly up to here; of more it says only that there are.
pub const COUNTED: usize = 10_000;

/// Which files are wanted; an empty text asks for nothing.
#[derive(Clone, Debug, Default)]
pub struct InventoryFilter {
    /// Somewhere in the absolute path, case and accents aside.
    pub q: String,
    /// The category, whatever the case.
    pub category: String,
    /// The extension, whatever the case, with or without its dot.
    pub ext: String,
    /// How the MIME type begins.
    pub mime: String,
    /// Modified then or later; a time without a zone is UTC.
    pub since: String,
}

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

impl InventoryFilter {
    fn query(&self, drive: &Drive) -> Result<Query, BrowseError> {
        let mut parts = Vec::new();
        if !self.q.is_empty() {
            parts.push(anywhere_in_absolute(drive, &self.q));
        }
        let mut is = |condition| parts.push(Expr::Is(condition));
        let category = self.category.trim().to_lowercase();
        if !category.is_empty() {
            is(Condition::Category(
                category.parse::<Category>().into_iter().collect(),
            ));
        }
        let ext = self.ext.trim().trim_start_matches('.').to_lowercase();
        if !ext.is_empty() {
            is(Condition::Extension(vec![ext]));
        }
        let mime = self.mime.trim().to_ascii_lowercase();
        if !mime.is_empty() {
            is(Condition::Mime(mime));
        }
        let since = self.since.trim();
        if !since.is_empty() {
            let since_us = parse_utc(since).ok_or_else(|| BrowseError::Since {
                value: since.to_owned(),
            })?;
            is(Condition::ModifiedUs(Interval {
                low: Bound::Included(since_us),
                high: Bound::Unbounded,
            }));
        }
        let expr = match parts.len() {
            0 => Expr::Everything,
            1 => parts.remove(0),
            _ => Expr::All(parts),
        };
        Ok(Query {
            expr,
            mentions_deleted: false,
        })
    }
}

/// Returns the files of a drive that are there and match, in the order of their paths without case.
///
/// # Errors
/// When the filter is none or the drive cannot be read.
pub fn inventory(
    searcher: &Searcher,
    catalog: &Catalog,
    drive: &Drive,
    filter: &InventoryFilter,
    offset: usize,
    limit: usize,
) -> Result<Page, BrowseError> {
    searcher
        .page(catalog, drive, &filter.query(drive)?, offset, limit)
        .map_err(|reason| BrowseError::Unread {
            label: drive.label.clone(),
            reason,
        })
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

/// Returns the feature vector of the file at a path, as [`file()`] takes it.
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
