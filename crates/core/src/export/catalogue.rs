//! A copy of the catalogue: one consistent moment of it, compact and checked.

use std::path::{Path, PathBuf};

use super::ExportError;
use super::target::{beside, folder_of, free_name, settle};
use crate::cancel::CancelToken;
use crate::catalog::backup;
use crate::clock::{Clock, file_stamp};

/// A copy that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueCopy {
    /// Where it is.
    pub path: PathBuf,
    /// How large it is.
    pub bytes: u64,
}

/// Copies the catalogue at `source` to `named`, a file or a folder, or into `folder` under its documented name.
///
/// # Errors
/// When it cannot be read, the copy not be written, or the copy does not check out: then there is none.
pub fn copy_catalogue(
    source: &Path,
    named: Option<PathBuf>,
    folder: &Path,
    clock: &dyn Clock,
    cancel: &CancelToken,
) -> Result<CatalogueCopy, ExportError> {
    let name = format!("catalog_{}.db", file_stamp(clock.now_us()));
    let path = match named {
        None => free_name(folder, &name),
        Some(path) if path.is_dir() => free_name(&path, &name),
        Some(path) => path,
    };
    let write = |source| ExportError::Write {
        path: path.clone(),
        source,
    };
    if std::fs::metadata(&path).is_ok_and(|facts| !facts.is_file()) {
        return Err(write(std::io::Error::from(
            std::io::ErrorKind::AlreadyExists,
        )));
    }
    let folder = folder_of(&path);
    std::fs::create_dir_all(folder).map_err(|source| ExportError::Folder {
        path: folder.to_path_buf(),
        source,
    })?;
    let new = beside(folder).map_err(write)?;
    backup::checked_copy(source, new.path(), cancel)?;
    settle(new, &path).map_err(write)?;
    let bytes = std::fs::metadata(&path).map_err(write)?.len();
    Ok(CatalogueCopy { path, bytes })
}
