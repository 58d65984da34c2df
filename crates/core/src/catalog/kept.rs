//! Shards that stay open for reading between one question and the next, as opening takes longer than most answers.
//!
//! A database that is open cannot be replaced, compacted or removed by others: who keeps a [`super::store::Catalog`] is to
//! let go of it when nothing is asked for a while.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

/// Most shards that are kept: each costs three open files and up to two megabytes.
const MOST: usize = 16;

/// Tells a file from another that took its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileMark(Option<(u64, u64)>);

impl FileMark {
    /// Returns the mark of the file that is at `path` now.
    #[cfg(unix)]
    pub fn of(path: &Path) -> Self {
        use std::os::unix::fs::MetadataExt;
        let facts = std::fs::metadata(path).ok();
        Self(facts.map(|facts| (facts.dev(), facts.ino())))
    }

    /// Returns whether there is a file: here nothing takes the place of one that is open.
    #[cfg(not(unix))]
    pub fn of(path: &Path) -> Self {
        Self(path.exists().then_some((0, 0)))
    }
}

/// The shards of one catalogue that nobody reads at the moment, the one used last at the end.
#[derive(Debug, Default)]
pub(super) struct KeptShards(RefCell<Vec<Kept>>);

/// A shard that is open for reading, and which file it is.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) drive_uid: String,
    pub(super) path: PathBuf,
    pub(super) file: FileMark,
    pub(super) connection: Connection,
}

impl KeptShards {
    /// Returns the drive's shard if it is kept and still the one at that path.
    pub(super) fn take(&self, drive_uid: &str, path: &Path) -> Option<Kept> {
        let mut kept = self.0.borrow_mut();
        let is_asked = |one: &Kept| one.drive_uid == drive_uid && one.path == path;
        let found = kept
            .iter()
            .position(is_asked)
            .map(|place| kept.remove(place))?;
        (found.file == FileMark::of(path)).then_some(found)
    }

    /// Keeps a shard, unless somebody left something unfinished in it.
    pub(super) fn keep(&self, shard: Kept) {
        if !shard.connection.is_autocommit() {
            return;
        }
        let mut kept = self.0.borrow_mut();
        if kept.len() >= MOST {
            kept.remove(0);
        }
        kept.push(shard);
    }
}

#[cfg(test)]
mod tests {
    use super::super::open::{Access, open_unchecked};
    use super::*;

    fn opened(path: &Path) -> Kept {
        Kept {
            drive_uid: "a".into(),
            path: path.to_path_buf(),
            file: FileMark::of(path),
            connection: open_unchecked(path, Access::Create).unwrap(),
        }
    }

    fn made(path: &Path) {
        let connection = open_unchecked(path, Access::Create).unwrap();
        connection.execute_batch("CREATE TABLE t(x)").unwrap();
    }

    #[test]
    fn a_shard_comes_back_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        made(&path);
        let kept = KeptShards::default();
        kept.keep(opened(&path));
        assert!(kept.take("b", &path).is_none());
        assert!(kept.take("a", &folder.path().join("b.db")).is_none());
        assert!(kept.take("a", &path).is_some());
        assert!(kept.take("a", &path).is_none());
    }

    #[cfg(unix)]
    #[test]
    fn one_that_was_replaced_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("a.db"), folder.path().join("b.db"));
        made(&path);
        made(&other);
        let kept = KeptShards::default();
        kept.keep(opened(&path));
        std::fs::rename(&other, &path).unwrap();
        assert!(kept.take("a", &path).is_none());
        kept.keep(opened(&path));
        std::fs::remove_file(&path).unwrap();
        assert!(kept.take("a", &path).is_none());
    }

    #[test]
    fn there_are_never_too_many_and_none_with_a_transaction() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        made(&path);
        let kept = KeptShards::default();
        for _ in 0..MOST + 3 {
            kept.keep(opened(&path));
        }
        assert_eq!(kept.0.borrow().len(), MOST);
        let busy = KeptShards::default();
        let shard = opened(&path);
        shard.connection.execute_batch("BEGIN").unwrap();
        busy.keep(shard);
        assert!(busy.take("a", &path).is_none());
    }
}
