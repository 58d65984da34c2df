//! What is known of one file.

use std::path::Path;

use serde::Serialize;

use super::{BrowseError, read};
use crate::catalog::drives::Drive;
use crate::catalog::store::Catalog;
use crate::clock::utc_text;
use crate::report::FilePlace;

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
    read(catalog, drive, |reading| {
        let found = reading.find(path)?;
        Ok(found.map(|(rel_path, file)| FileRow {
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
    })
}
