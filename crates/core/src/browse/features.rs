//! Feature vectors: what there is, and single ones.

use std::path::Path;

use memchr::memmem::Finder;
use serde::Serialize;

use super::{BrowseError, read};
use crate::catalog::drives::Drive;
use crate::catalog::features::{self, FeatureRow};
use crate::catalog::store::Catalog;
use crate::path::absolute_text;
use crate::report::FilePlace;
use crate::search::listing::lowered;

/// Which feature vectors are wanted.
#[derive(Clone, Copy, Debug)]
pub struct FeatureFilter<'a> {
    /// Somewhere in the absolute path, case aside; empty: all.
    pub path: &'a str,
    /// image or video, case aside; empty: both.
    pub kind: &'a str,
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
    read(catalog, drive, |reading| {
        let kind = filter.kind.trim().to_lowercase();
        let rows = features::list(reading.connection, (!kind.is_empty()).then_some(&kind))?;
        let wanted = lowered(filter.path.as_bytes());
        let finder = Finder::new(&wanted);
        let absolute =
            |row: &FeatureRow| absolute_text(&drive.mount_path, reading.separator, &row.path);
        let mut rows: Vec<(Vec<u8>, FeatureRow)> = rows
            .into_iter()
            .map(|row| (absolute(&row), row))
            .filter(|(path, _)| finder.find(&lowered(path)).is_some())
            .collect();
        rows.sort_by_cached_key(|(path, _)| (path.to_ascii_lowercase(), path.clone()));
        let total = rows.len() as u64;
        let page = rows.into_iter().skip(offset).take(limit);
        let entries = page.map(|(_, row)| FeatureEntry {
            place: reading.place(&row.path),
            kind: row.kind,
            dim: row.dim,
            frames_used: row.frames_used,
            updated_utc: row.updated_utc,
        });
        Ok((total, entries.collect()))
    })
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

/// Returns the feature vector of the file at a path, as [`super::file()`] takes it.
///
/// # Errors
/// When the shard cannot be read.
pub fn feature(
    catalog: &Catalog,
    drive: &Drive,
    path: &Path,
) -> Result<Option<Feature>, BrowseError> {
    read(catalog, drive, |reading| {
        let Some((rel_path, _)) = reading.find(path)? else {
            return Ok(None);
        };
        let found = features::vector(reading.connection, &rel_path)?;
        Ok(found.map(|found| Feature {
            place: reading.place(rel_path.as_bytes()),
            kind: found.kind,
            vector: found.numbers,
        }))
    })
}
