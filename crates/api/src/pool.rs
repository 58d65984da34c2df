//! Catalogues that are open for reading, kept between requests.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use videocatalog_core::catalog::store::{Catalog, StoreError};
use videocatalog_core::workdir::WorkingDir;

/// Open catalogues that nobody works with at the moment.
pub(crate) struct Pool {
    workdir: WorkingDir,
    path: PathBuf,
    idle: Mutex<Vec<Lent>>,
}

/// An open catalogue and which file it is.
pub(crate) struct Lent {
    pub(crate) catalog: Catalog,
    file: FileMark,
}

/// Tells a file from one that took its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileMark(Option<(u64, u64)>);

impl Pool {
    pub(crate) fn new(workdir: WorkingDir, path: PathBuf) -> Self {
        Self {
            workdir,
            path,
            idle: Mutex::new(Vec::new()),
        }
    }

    /// Returns an open catalogue. One that was replaced by another file since it was opened is let go.
    pub(crate) fn take(&self) -> Result<Lent, StoreError> {
        let file = FileMark::of(&self.path);
        loop {
            let idle = self
                .idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .pop();
            match idle {
                Some(lent) if lent.file == file => return Ok(lent),
                Some(_) => {}
                None => break,
            }
        }
        let catalog = Catalog::open_read_only(&self.workdir, Some(&self.path))?;
        Ok(Lent { catalog, file })
    }

    /// Takes it back. There are never more than work at once.
    pub(crate) fn give_back(&self, lent: Lent) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(lent);
    }
}

impl FileMark {
    #[cfg(unix)]
    fn of(path: &Path) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self(
            std::fs::metadata(path)
                .ok()
                .map(|facts| (facts.dev(), facts.ino())),
        )
    }

    /// A file that is open cannot be replaced here.
    #[cfg(not(unix))]
    fn of(path: &Path) -> Self {
        Self(path.exists().then_some((0, 0)))
    }
}
