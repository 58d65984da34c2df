//! Look-alikes of a file, over all drives, plugged in or not.

use serde::Serialize;
use videocatalog_models::nearest::{Best, cosine};

use crate::cancel::CancelToken;
use crate::catalog::drives::Drive;
use crate::catalog::features;
use crate::catalog::semantic::numbers;
use crate::catalog::shard;
use crate::catalog::store::{Catalog, StoreError};
use crate::path::RelPath;
use crate::report::FilePlace;

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Look<'l> {
    /// The file's drive.
    pub drive: &'l Drive,
    /// The file.
    pub path: &'l RelPath,
    /// The drives that are looked through.
    pub among: &'l [Drive],
    /// image or video; `None`: both.
    pub kind: Option<&'l str>,
    /// Only what is at least as similar, 0 to 1.
    pub least: f32,
    /// At most so many.
    pub most: usize,
}

/// A file that looks like it.
#[derive(Clone, Debug, Serialize)]
pub struct SimilarFile {
    /// Where it is.
    #[serde(flatten)]
    pub place: FilePlace,
    /// Its number in its drive's shard.
    pub file_id: i64,
    /// image or video.
    pub kind: String,
    /// How alike they are: 1 is the same.
    pub similarity: f32,
}

/// Why look-alikes could not be found.
#[derive(Debug, thiserror::Error)]
pub enum SimilarError {
    /// It was never analysed.
    #[error("`{0}` was not analysed")]
    NotAnalysed(String),
    /// A shard cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Returns the files that look most like a file, and the drives that could not be looked through.
///
/// # Errors
/// When the file was never analysed, or its drive's shard cannot be read.
pub fn similar(
    catalog: &Catalog,
    look: &Look<'_>,
    cancel: &CancelToken,
) -> Result<(Vec<SimilarFile>, Vec<String>), SimilarError> {
    let vector = read(catalog, look.drive, |connection| {
        features::vector(connection, look.path)
    })?;
    let Some((_, vector)) = vector else {
        let name = String::from_utf8_lossy(look.path.as_bytes()).into_owned();
        return Err(SimilarError::NotAnalysed(name));
    };
    let mut found: Vec<SimilarFile> = Vec::new();
    let mut unread = Vec::new();
    for drive in look.among {
        if cancel.is_cancelled() {
            break;
        }
        match on_drive(catalog, drive, look, &vector) {
            Ok(files) => found.extend(files),
            Err(error) => unread.push(format!("`{}`: {error}", drive.label)),
        }
    }
    found.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
    found.truncate(look.most);
    Ok((found, unread))
}

fn on_drive(
    catalog: &Catalog,
    drive: &Drive,
    look: &Look<'_>,
    wanted: &[f32],
) -> Result<Vec<SimilarFile>, StoreError> {
    read(catalog, drive, |connection| {
        let separator = shard::root(connection)?.map_or('/', |root| root.separator);
        let mut best = Best::new(look.most.max(1));
        let mut places: Vec<(Vec<u8>, i64, String)> = Vec::new();
        let is_its_own = drive.drive_uid == look.drive.drive_uid;
        features::each_vector(connection, wanted.len(), |path, file_id, kind, vector| {
            let similarity = cosine(wanted, &numbers(vector));
            let is_itself = is_its_own && path == look.path.as_bytes();
            let is_wanted = look.kind.is_none_or(|wanted| wanted == kind);
            if !is_itself && is_wanted && similarity >= look.least {
                best.push(similarity, u32::try_from(places.len()).unwrap_or(u32::MAX));
                places.push((path.to_vec(), file_id, kind.to_owned()));
            }
        })?;
        let files = best
            .into_sorted()
            .into_iter()
            .filter_map(|(similarity, place)| {
                let (path, file_id, kind) = places.get(place as usize)?;
                Some(SimilarFile {
                    place: FilePlace::new(drive, separator, path),
                    file_id: *file_id,
                    kind: kind.clone(),
                    similarity,
                })
            });
        Ok(files.collect())
    })
}

fn read<T>(
    catalog: &Catalog,
    drive: &Drive,
    read: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<T>,
) -> Result<T, StoreError> {
    catalog
        .with_shard(drive, read)?
        .map_err(|source| StoreError::Sqlite {
            path: catalog.shard_path(drive),
            source,
        })
}
