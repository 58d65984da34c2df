//! Catalogues that are open for reading, kept while requests come one after the other. When they pause, all are closed: a
//! database that is open cannot be compacted, restored or forgotten by others.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use videocatalog_core::catalog::kept::FileMark;
use videocatalog_core::catalog::store::{Catalog, StoreError};
use videocatalog_core::workdir::WorkingDir;

/// How long one is kept that nobody uses: shorter than what other programs wait for it.
const KEPT: Duration = Duration::from_millis(200);

/// Open catalogues that nobody works with at the moment.
pub(crate) struct Pool {
    workdir: WorkingDir,
    path: PathBuf,
    idle: Mutex<Vec<(Instant, Lent)>>,
    is_watched: AtomicBool,
}

/// An open catalogue and which file it is.
pub(crate) struct Lent {
    pub(crate) catalog: Catalog,
    file: FileMark,
}

impl Pool {
    pub(crate) fn new(workdir: WorkingDir, path: PathBuf) -> Self {
        Self {
            workdir,
            path,
            idle: Mutex::new(Vec::new()),
            is_watched: AtomicBool::new(false),
        }
    }

    /// Returns an open catalogue. One that was replaced by another file since it was opened is let go.
    pub(crate) fn take(&self) -> Result<Lent, StoreError> {
        let file = FileMark::of(&self.path);
        loop {
            match self.idle().pop() {
                Some((_, lent)) if lent.file == file => return Ok(lent),
                Some(_) => {}
                None => break,
            }
        }
        let catalog = Catalog::open_read_only(&self.workdir, Some(&self.path))?;
        Ok(Lent { catalog, file })
    }

    /// Takes it back; there are never more than work at once.
    pub(crate) fn give_back(&self, lent: Lent) {
        self.idle().push((Instant::now(), lent));
    }

    /// Sees to it that those nobody uses are let go; needs a runtime.
    pub(crate) fn watch(self: &Arc<Self>) {
        if self.is_watched.swap(true, Ordering::SeqCst) {
            return;
        }
        let pool = Arc::clone(self);
        tokio::spawn(async move {
            loop {
                while pool.let_go() {
                    tokio::time::sleep(KEPT).await;
                }
                pool.is_watched.store(false, Ordering::SeqCst);
                // One may have been given back just before that, by somebody who saw it watched.
                if pool.idle().is_empty() || pool.is_watched.swap(true, Ordering::SeqCst) {
                    break;
                }
            }
        });
    }

    /// Closes those that nobody used for a while; returns whether some are left.
    fn let_go(&self) -> bool {
        let (old, is_empty) = {
            let mut idle = self.idle();
            let is_old = |(since, _): &mut (Instant, Lent)| since.elapsed() >= KEPT;
            let old: Vec<_> = idle.extract_if(.., is_old).collect();
            (old, idle.is_empty())
        };
        // Closed only now, as others may want one meanwhile.
        drop(old);
        !is_empty
    }

    fn idle(&self) -> MutexGuard<'_, Vec<(Instant, Lent)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
