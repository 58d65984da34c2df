//! The drives of a report, as far as they can be read.

use std::sync::Arc;

use crate::cancel::CancelToken;
use crate::catalog::drives::Drive;
use crate::catalog::store::Catalog;
use crate::search::Searcher;
use crate::search::index::fresh::Snapshot;

/// What reports are made from.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// Who has the indexes open.
    pub searcher: &'a Searcher,
    /// The catalogue above the shards.
    pub catalog: &'a Catalog,
    /// Ends a report early; it is `None` then.
    pub cancel: &'a CancelToken,
}

/// A drive that can be read, and its files.
pub(super) struct ReadDrive<'a> {
    pub(super) drive: &'a Drive,
    pub(super) files: Arc<Snapshot>,
}

impl Source<'_> {
    /// Returns the drives that can be read; of the others, `unread` gets name and reason.
    pub(super) fn read<'d>(
        &self,
        drives: &'d [Drive],
        unread: &mut Vec<String>,
    ) -> Vec<ReadDrive<'d>> {
        let mut read = Vec::new();
        for drive in drives {
            match self.searcher.files_of(self.catalog, drive) {
                Ok(files) => read.push(ReadDrive { drive, files }),
                Err(reason) => unread.push(format!("`{}`: {reason}", drive.label)),
            }
        }
        read
    }

    /// Returns the report, unless it was cancelled and is not whole.
    pub(super) fn unless_cancelled<T>(&self, report: T) -> Option<T> {
        (!self.cancel.is_cancelled()).then_some(report)
    }
}
