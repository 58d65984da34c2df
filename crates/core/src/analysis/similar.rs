//! Look-alikes of a file, over all drives, plugged in or not.

use std::ops::ControlFlow;

use serde::Serialize;
use videocatalog_models::nearest::cosine;

use crate::cancel::CancelToken;
use crate::catalog::drives::Drive;
use crate::catalog::features::{self, FeatureVector};
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
    /// It was looked at, and there is no vector of it.
    #[error("`{path}` was looked at, and nothing can be made of it: {reason}")]
    Failed {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// A shard cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Returns the files that look most like a file, and the drives that could not be looked through, or not wholly, and why.
/// Vectors of different models cannot be compared. What was found until then, if it is cancelled.
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
    let Some(wanted) = vector.filter(|vector| is_usable(&vector.numbers)) else {
        let name = String::from_utf8_lossy(look.path.as_bytes()).into_owned();
        let failure = read(catalog, look.drive, |connection| {
            features::failure(connection, look.path)
        })?;
        return Err(match failure {
            Some(reason) => SimilarError::Failed { path: name, reason },
            None => SimilarError::NotAnalysed(name),
        });
    };
    let mut best = Nearest::new(look.most);
    let mut unread = Vec::new();
    for drive in look.among {
        if cancel.is_cancelled() {
            break;
        }
        match on_drive(catalog, drive, look, &wanted, &mut best, cancel) {
            Ok(0) => {}
            Ok(others) => unread.push(of_others(drive, others)),
            Err(error) => unread.push(format!("`{}`: {error}", drive.label)),
        }
    }
    Ok((best.into_sorted(), unread))
}

/// Says that vectors of a drive were not compared.
fn of_others(drive: &Drive, others: u64) -> String {
    let label = &drive.label;
    format!(
        "`{label}`: {others} of its vectors are another model's (`videocatalog analyze --label \"{label}\"` makes them anew)"
    )
}

/// Looks through a drive; returns how many of its vectors are another model's.
fn on_drive(
    catalog: &Catalog,
    drive: &Drive,
    look: &Look<'_>,
    wanted: &FeatureVector,
    best: &mut Nearest,
    cancel: &CancelToken,
) -> Result<u64, StoreError> {
    read(catalog, drive, |connection| {
        let separator = shard::root(connection)?.map_or('/', |root| root.separator);
        let is_its_own = drive.drive_uid == look.drive.drive_uid;
        let (model, dim) = (wanted.model.as_deref(), wanted.numbers.len());
        features::each_vector(connection, model, dim, |of| {
            let is_itself = is_its_own && of.path == look.path.as_bytes();
            let is_wanted = look.kind.is_none_or(|wanted| wanted == of.kind);
            if !is_itself && is_wanted {
                let similarity = likeness(&wanted.numbers, of.bytes);
                if similarity >= look.least && best.may_take(similarity) {
                    best.push(SimilarFile {
                        place: FilePlace::new(drive, separator, of.path),
                        file_id: of.file_id,
                        kind: of.kind.to_owned(),
                        similarity,
                    });
                }
            }
            if cancel.is_cancelled() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })
    })
}

/// Returns how alike a vector is; one with a number that is none is like nothing.
fn likeness(wanted: &[f32], bytes: &[u8]) -> f32 {
    let other = numbers(bytes);
    if is_usable(&other) {
        cosine(wanted, &other)
    } else {
        f32::NEG_INFINITY
    }
}

fn is_usable(vector: &[f32]) -> bool {
    !vector.is_empty() && vector.iter().all(|number| number.is_finite())
}

/// The nearest files so far: never more than twice as many as are wanted.
struct Nearest {
    most: usize,
    found: Vec<SimilarFile>,
    /// What is no nearer cannot be among them.
    least: f32,
}

impl Nearest {
    fn new(most: usize) -> Self {
        Self {
            most: most.max(1),
            found: Vec::new(),
            least: f32::NEG_INFINITY,
        }
    }

    fn may_take(&self, similarity: f32) -> bool {
        similarity > self.least
    }

    fn push(&mut self, file: SimilarFile) {
        self.found.push(file);
        if self.found.len() >= self.most.saturating_mul(2) {
            self.shrink();
        }
    }

    fn shrink(&mut self) {
        self.found
            .sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
        if self.found.len() > self.most {
            self.found.truncate(self.most);
            let last = self.found.last();
            self.least = last.map_or(f32::NEG_INFINITY, |last| last.similarity);
        }
    }

    fn into_sorted(mut self) -> Vec<SimilarFile> {
        self.shrink();
        self.found
    }
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
