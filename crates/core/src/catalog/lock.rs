//! One writer a shard, across processes: an operating-system lock that dies with its holder.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Who holds a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Process id.
    pub pid: u32,
    /// What it does: scan, convert, maintain, …
    pub operation: String,
    /// Since when, `YYYY-MM-DDTHH:MM:SSZ`.
    pub since_utc: String,
}

/// Why a lock could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody else has it.
    #[error("`{}` is in use: {} (process {}) since {}", path.display(), holder.operation, holder.pid, holder.since_utc)]
    Held {
        /// The database.
        path: PathBuf,
        /// Who has it.
        holder: Holder,
    },
    /// The lock file could not be made.
    #[error("cannot lock `{}`: {source}", path.display())]
    Io {
        /// The database.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// A held lock; dropping it, or the end of the process however it ends, gives it back.
#[derive(Debug)]
pub struct ShardLock {
    file: File,
}

impl ShardLock {
    /// Takes the lock of the database at `database` for `operation`, without waiting.
    ///
    /// # Errors
    /// [`LockError::Held`] names the holder.
    pub fn acquire(database: &Path, operation: &str, since_utc: String) -> Result<Self, LockError> {
        let io = |source| LockError::Io {
            path: database.to_path_buf(),
            source,
        };
        let path = lock_path(database);
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(io)?;
        match lock_soon(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LockError::Held {
                    path: database.to_path_buf(),
                    holder: read_holder(&holder_path(database)),
                });
            }
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        let holder = Holder {
            pid: std::process::id(),
            operation: operation.to_owned(),
            since_utc,
        };
        // Beside the lock and not in it: Windows does not let others read a locked file. Only for the message, so a full
        // disk is no reason to refuse.
        let _unnamed = serde_json::to_vec(&holder)
            .map_err(std::io::Error::from)
            .and_then(|text| std::fs::write(holder_path(database), text));
        let _position = file.seek(SeekFrom::Start(0)).and_then(|_| file.flush());
        Ok(Self { file })
    }

    /// Returns whether nobody holds the lock of the database at `database`.
    pub fn is_free(database: &Path) -> bool {
        match File::options()
            .read(true)
            .write(true)
            .open(lock_path(database))
        {
            Ok(file) => file.try_lock().is_ok(),
            Err(error) => error.kind() == std::io::ErrorKind::NotFound,
        }
    }
}

impl Drop for ShardLock {
    fn drop(&mut self) {
        // Closing the file would do as well; said so that the intent is seen.
        let _released = self.file.unlock();
    }
}

/// Tries for a moment: somebody may only be looking whether the lock is free.
fn lock_soon(file: &File) -> Result<(), TryLockError> {
    for _ in 0..10 {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            answer => return answer,
        }
    }
    file.try_lock()
}

fn lock_path(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

fn holder_path(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock.holder");
    PathBuf::from(name)
}

fn read_holder(path: &Path) -> Holder {
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(4_096).read_to_string(&mut text))
        .ok()
        .and_then(|_| serde_json::from_str(&text).ok())
        .unwrap_or_else(|| Holder {
            pid: 0,
            operation: "another VideoCatalog".into(),
            since_utc: "an unknown time".into(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_refused_and_told_who() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("x.db");
        assert!(ShardLock::is_free(&database));
        let first = ShardLock::acquire(&database, "scan", "2026-01-01T00:00:00Z".into()).unwrap();
        assert!(!ShardLock::is_free(&database));
        let error = ShardLock::acquire(&database, "maintain", String::new()).unwrap_err();
        let LockError::Held { holder, .. } = error else {
            panic!("{error}")
        };
        assert_eq!(
            (holder.pid, holder.operation.as_str()),
            (std::process::id(), "scan")
        );
        drop(first);
        assert!(ShardLock::is_free(&database));
        drop(ShardLock::acquire(&database, "scan", String::new()).unwrap());
    }
}
