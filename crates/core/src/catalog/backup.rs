//! Copies of a database that are opened and checked before anything relies on them.
//!
//! A copy has its name only once it is whole and checked; before, it is a `.part` that a crash may leave and that nobody
//! takes for a backup.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::files::{remove_with_companions, sync};
use super::interrupt::interruptible;
use super::open::{Access, OpenError, open_unchecked, sqlite_hint};
use crate::cancel::CancelToken;
use crate::clock::{Clock, file_stamp};
use crate::path::os_to_bytes;

/// What names of backups end with.
pub const SUFFIX: &str = ".db.bak";

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
    /// The copy could not be brought onto the disk.
    #[error("cannot write the backup: {0}")]
    Sync(std::io::Error),
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

impl BackupError {
    /// Returns what to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Open(error) => error.hint(),
            Self::Write { source, .. }
                if source.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull) =>
            {
                "the disk of `backups/sqlite` is full; free some space there, nothing was changed"
                    .into()
            }
            Self::Write { path, source } => sqlite_hint(source, path),
            Self::Sync(_) | Self::Folder(_) => {
                "make sure that `backups/sqlite` can be written and has room; nothing was changed"
                    .into()
            }
            Self::Unsound { .. } => {
                "nothing was changed; look at the database with `videocatalog maintain integrity`"
                    .into()
            }
        }
    }
}

/// Copies the database at `source` into `folder` as `<time>_<tag>.db.bak`, compacted and checked, and returns the path
/// of the copy. Never overwrites: a second one in the same second gets a number.
///
/// # Errors
/// When the source cannot be read, the copy not written, or the copy fails SQLite's quick check; the copy is removed.
pub fn backup(
    source: &Path,
    folder: &Path,
    tag: &str,
    clock: &dyn Clock,
) -> Result<PathBuf, BackupError> {
    backup_unless(source, folder, tag, clock, &CancelToken::new())
}

/// The same, given up soon after `cancel` says so; nothing is left behind then.
///
/// # Errors
/// As [`backup`], and [`BackupError::Write`] when it was given up.
pub fn backup_unless(
    source: &Path,
    folder: &Path,
    tag: &str,
    clock: &dyn Clock,
    cancel: &CancelToken,
) -> Result<PathBuf, BackupError> {
    // Before anything is made: a source that cannot be read leaves no folder and no file.
    drop(open_unchecked(source, Access::Read)?);
    fs_err::create_dir_all(folder)?;
    let stem = format!("{}_{tag}", file_stamp(clock.now_us()));
    let (path, part) = reserve(folder, &stem)?;
    let finished = checked_copy(source, &part, cancel)
        .and_then(|()| fs_err::rename(&part, &path).map_err(BackupError::Sync));
    if let Err(error) = finished {
        // It may be what filled the disk.
        let _gone = remove_with_companions(&part);
        return Err(error);
    }
    Ok(path)
}

/// Copies the database at `source` to `path`, which is nothing or an empty file, compacted, checked and on the disk.
///
/// # Errors
/// When the source cannot be read, the copy not be written or does not check out; what was written is left.
pub(crate) fn checked_copy(
    source: &Path,
    path: &Path,
    cancel: &CancelToken,
) -> Result<(), BackupError> {
    let mut connection = open_unchecked(source, Access::Read)?;
    copy(&mut connection, path, cancel).map_err(|source| BackupError::Write {
        path: path.to_path_buf(),
        source,
    })?;
    check(path, cancel)?;
    sync(path).map_err(BackupError::Sync)
}

fn copy(connection: &mut Connection, path: &Path, cancel: &CancelToken) -> rusqlite::Result<()> {
    // VACUUM INTO reads one consistent snapshot and leaves free pages out.
    connection.pragma_update(None, "query_only", false)?;
    interruptible(connection, cancel)?;
    // As bytes: a folder's name need not be UTF-8.
    connection
        .execute(
            "VACUUM INTO CAST(?1 AS TEXT)",
            [os_to_bytes(path.as_os_str())],
        )
        .map(|_| ())
}

/// Reads a database whole and fails with the first complaint.
///
/// # Errors
/// [`BackupError::Unsound`], or why it cannot be opened.
pub(crate) fn check(path: &Path, cancel: &CancelToken) -> Result<(), BackupError> {
    let mut copy = open_unchecked(path, Access::Read)?;
    let unsound = |detail| BackupError::Unsound {
        path: path.to_path_buf(),
        detail,
    };
    interruptible(&mut copy, cancel).map_err(|error| unsound(error.to_string()))?;
    let answer: rusqlite::Result<String> =
        copy.query_row("PRAGMA quick_check(1)", [], |row| row.get(0));
    match answer {
        Ok(text) if text == "ok" => Ok(()),
        Ok(detail) => Err(unsound(detail)),
        Err(error) => Err(unsound(error.to_string())),
    }
}

/// Returns a name in `folder` that nothing has, and the empty `.part` that keeps it for us.
pub(crate) fn reserve(folder: &Path, stem: &str) -> std::io::Result<(PathBuf, PathBuf)> {
    for number in 1.. {
        let stem = if number == 1 {
            stem.to_owned()
        } else {
            format!("{stem}-{number}")
        };
        let path = folder.join(format!("{stem}{SUFFIX}"));
        let part = folder.join(format!("{stem}.part"));
        match std::fs::File::create_new(&part) {
            Ok(_) if path.exists() => fs_err::remove_file(&part)?,
            Ok(_) => return Ok((path, part)),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(std::io::ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests {
    use super::super::open::{Database, Journal, open};
    use super::*;
    use crate::clock::TestClock;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .map(|entries| {
                entries
                    .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                    .collect()
            })
            .unwrap_or_default();
        names.sort();
        names
    }

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
        assert_eq!(names(&backups).len(), 2, "{:?}", names(&backups));
    }

    #[test]
    fn a_damaged_source_leaves_no_copy() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("a.db");
        std::fs::write(&source, vec![0x55; 8192]).unwrap();
        let backups = folder.path().join("backups");
        assert!(backup(&source, &backups, "x", &TestClock::at(0)).is_err());
        assert_eq!(names(&backups), [""; 0]);
    }

    #[test]
    fn one_that_is_given_up_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("a.db");
        drop(open(&source, Database::Shard, Access::Create, Journal::Wal).unwrap());
        let backups = folder.path().join("backups");
        let cancel = CancelToken::new();
        cancel.cancel();
        let given_up = backup_unless(&source, &backups, "x", &TestClock::at(0), &cancel);
        assert!(given_up.is_err());
        assert_eq!(names(&backups), [""; 0]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_folder_need_not_be_utf8() {
        use std::os::unix::ffi::OsStrExt;
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("a.db");
        drop(open(&source, Database::Shard, Access::Create, Journal::Wal).unwrap());
        let backups = folder
            .path()
            .join(std::ffi::OsStr::from_bytes(b"b\xffckups"));
        let copy = backup(&source, &backups, "x", &TestClock::at(0)).unwrap();
        assert!(copy.exists());
    }
}
