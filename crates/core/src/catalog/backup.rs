//! Copies of a database that are opened and checked before anything relies on them.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::open::{Access, OpenError, open_unchecked};
use crate::clock::{Clock, file_stamp};

/// Why a backup could not be made.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The source could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The copy could not be written.
    #[error("cannot write the backup `{}`: {source}", path.display())]
    Write {
        /// The copy.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The folder for backups could not be made.
    #[error("cannot make the folder for backups: {0}")]
    Folder(#[from] std::io::Error),
    /// The copy does not pass SQLite's own check.
    #[error("the backup `{}` does not check out: {detail}", path.display())]
    Unsound {
        /// The copy.
        path: PathBuf,
        /// The first complaint.
        detail: String,
    },
}

/// Copies the database at `source` into `folder` as `<time>_<tag>.db.bak`, compacted and checked, and returns the path
/// of the copy. Never overwrites: a second one in the same second gets a suffix.
///
/// # Errors
/// When the source cannot be read, the copy not written, or the copy fails SQLite's quick check; the copy is removed.
pub fn backup(
    source: &Path,
    folder: &Path,
    tag: &str,
    clock: &dyn Clock,
) -> Result<PathBuf, BackupError> {
    let connection = open_unchecked(source, Access::Read)?;
    fs_err::create_dir_all(folder)?;
    let path = free_name(folder, &format!("{}_{tag}", file_stamp(clock.now_us())));
    let write = |source| BackupError::Write {
        path: path.clone(),
        source,
    };
    let finished = copy(&connection, &path)
        .map_err(write)
        .and_then(|()| check(&path));
    if let Err(error) = finished {
        // Half a backup is worse than none: it would be trusted.
        let _gone = fs_err::remove_file(&path);
        return Err(error);
    }
    Ok(path)
}

fn copy(connection: &Connection, path: &Path) -> rusqlite::Result<()> {
    // VACUUM INTO reads one consistent snapshot and leaves free pages out.
    connection.pragma_update(None, "query_only", false)?;
    connection
        .execute("VACUUM INTO ?1", [path.to_string_lossy()])
        .map(|_| ())
}

fn check(path: &Path) -> Result<(), BackupError> {
    let copy = open_unchecked(path, Access::Read)?;
    let answer: rusqlite::Result<String> =
        copy.query_row("PRAGMA quick_check(1)", [], |row| row.get(0));
    match answer {
        Ok(text) if text == "ok" => Ok(()),
        Ok(detail) => Err(BackupError::Unsound {
            path: path.to_path_buf(),
            detail,
        }),
        Err(error) => Err(BackupError::Unsound {
            path: path.to_path_buf(),
            detail: error.to_string(),
        }),
    }
}

fn free_name(folder: &Path, stem: &str) -> PathBuf {
    let first = folder.join(format!("{stem}.db.bak"));
    if !first.exists() {
        return first;
    }
    (2..u32::MAX)
        .map(|number| folder.join(format!("{stem}-{number}.db.bak")))
        .find(|path| !path.exists())
        .unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use super::super::open::{Database, Journal, open};
    use super::*;
    use crate::clock::TestClock;

    #[test]
    fn copies_are_checked_and_never_overwrite() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("a.db");
        drop(open(&source, Database::Shard, Access::Create, Journal::Wal).unwrap());
        let clock = TestClock::at(0);
        let backups = folder.path().join("backups");
        let first = backup(&source, &backups, "manual_a", &clock).unwrap();
        let second = backup(&source, &backups, "manual_a", &clock).unwrap();
        assert_eq!(
            first.file_name().unwrap(),
            "19700101_000000Z_manual_a.db.bak"
        );
        assert_ne!(first, second);
        drop(open(&second, Database::Shard, Access::Read, Journal::Wal).unwrap());
    }

    #[test]
    fn a_damaged_source_leaves_no_copy() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("a.db");
        std::fs::write(&source, vec![0x55; 8192]).unwrap();
        let backups = folder.path().join("backups");
        assert!(backup(&source, &backups, "x", &TestClock::at(0)).is_err());
        assert!(std::fs::read_dir(&backups).map_or(0, Iterator::count) == 0);
    }
}
