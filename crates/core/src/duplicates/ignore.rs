//! Pairs that a person said are no duplicates: they are never shown again.
//!
//! What is remembered are contents, not paths: it holds when files are moved, renamed or copied to another drive. Of a file
//! that was not hashed it holds until it is written to.

use std::collections::HashSet;

use super::library::{Library, name_of_file, name_of_hash};
use crate::catalog::candidates::{self, NoPair};
use crate::catalog::drives::Drive;
use crate::catalog::store::{Catalog, StoreError};
use crate::catalog::{Access, lookup};
use crate::path::RelPath;

/// A file: its drive, and its path below the drive's root.
pub type FileOf<'f> = (&'f Drive, &'f str);

/// Why a pair cannot be remembered.
#[derive(Debug, thiserror::Error)]
pub enum IgnoreError {
    /// A file is not known, or gone.
    #[error("`{path}` is not in the catalogue of `{label}`")]
    Unknown {
        /// Its path.
        path: String,
        /// Its drive.
        label: String,
    },
    /// The two have the same bytes.
    #[error("`{0}` and `{1}` have the same bytes: nothing tells them apart")]
    Same(String, String),
    /// The catalogue cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Remembers that two files are no duplicates, or with `is_pair` that they may be after all. Returns whether that is news.
///
/// # Errors
/// [`IgnoreError`].
pub fn ignore(
    catalog: &Catalog,
    one: FileOf<'_>,
    other: FileOf<'_>,
    is_pair: bool,
    now_utc: &str,
) -> Result<bool, IgnoreError> {
    let (a, b) = (content_of(catalog, one)?, content_of(catalog, other)?);
    let names = [one, other].map(|(drive, path)| format!("{}: {path}", drive.label));
    if a == b {
        let [one, other] = names;
        return Err(IgnoreError::Same(one, other));
    }
    let pair = NoPair {
        a,
        b,
        created_utc: now_utc.to_owned(),
        names: names.join(" | "),
    };
    let set = candidates::set_no_pair(catalog.connection(), &pair, is_pair);
    Ok(set.map_err(|source| catalog.failed(source))?)
}

fn content_of(catalog: &Catalog, (drive, path): FileOf<'_>) -> Result<String, IgnoreError> {
    let shard = catalog.open_shard(drive, Access::Read)?;
    let rel = RelPath::from_bytes(path.as_bytes().to_vec());
    let known = lookup::file_at(&shard, &rel).map_err(|source| catalog.failed(source))?;
    let Some(known) = known.filter(|known| known.deleted_utc.is_none()) else {
        return Err(IgnoreError::Unknown {
            path: path.to_owned(),
            label: drive.label.clone(),
        });
    };
    Ok(match known.hash.filter(|_| !known.is_legacy_hash) {
        Some(hash) => name_of_hash(hash),
        None => name_of_file(
            &drive.drive_uid,
            known.file_id,
            known.size_bytes.unwrap_or(0),
            known.mtime_us.unwrap_or(0),
        ),
    })
}

/// Returns the pairs of contents of a library that are none, the lower place first.
pub(super) fn no_pairs(
    catalog: &Catalog,
    library: &Library<'_>,
) -> Result<HashSet<(usize, usize)>, StoreError> {
    let pairs = candidates::no_pairs(catalog.connection());
    let pairs = pairs.map_err(|source| catalog.failed(source))?.into_iter();
    let places = pairs.filter_map(|pair| {
        let (a, b) = (library.by_name.get(&pair.a)?, library.by_name.get(&pair.b)?);
        Some((*a.min(b), *a.max(b)))
    });
    Ok(places.collect())
}
