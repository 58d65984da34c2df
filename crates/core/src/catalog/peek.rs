//! The first bytes of databases, without opening them as such and without harm to those who have.
//!
//! POSIX drops all locks that a process holds on a file when the process closes *any* descriptor of it, SQLite's own among
//! them. So what was opened here stays open: one descriptor a database, until its file is gone.

use std::fs::File;
use std::io;
use std::path::Path;

/// Reads as many bytes as `into` holds from an offset of the database at `path`.
///
/// # Errors
/// When there is no such file, or it is shorter.
#[cfg(unix)]
pub(super) fn peek(path: &Path, offset: u64, into: &mut [u8]) -> io::Result<()> {
    use std::collections::HashMap;
    use std::os::unix::fs::{FileExt, MetadataExt};
    use std::sync::{Mutex, PoisonError};

    static OPEN: Mutex<Option<HashMap<(u64, u64), File>>> = Mutex::new(None);

    let mark = |facts: &std::fs::Metadata| (facts.dev(), facts.ino());
    let mut held = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    let open = held.get_or_insert_default();
    // Nobody else can lock a file that has no name any more.
    open.retain(|_, file| file.metadata().is_ok_and(|facts| facts.nlink() > 0));
    if let Some(file) = open.get(&mark(&std::fs::metadata(path)?)) {
        return file.read_exact_at(into, offset);
    }
    let file = File::open(path)?;
    let mark = mark(&file.metadata()?);
    let read = file.read_exact_at(into, offset);
    if let Some(twin) = open.insert(mark, file) {
        // Another file came to `path` since it was looked at, and that one was open already.
        std::mem::forget(twin);
    }
    read
}

/// Reads as many bytes as `into` holds from an offset of the database at `path`.
///
/// # Errors
/// When there is no such file, or it is shorter.
#[cfg(not(unix))]
pub(super) fn peek(path: &Path, offset: u64, into: &mut [u8]) -> io::Result<()> {
    use std::io::{Read, Seek, SeekFrom};

    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(into)
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;
    use crate::catalog::{Access, open_unchecked};

    /// Locks that this process holds, by inode, as `/proc/locks` has them.
    fn locks_on(inode: u64) -> usize {
        let all = std::fs::read_to_string("/proc/locks").unwrap();
        let own = format!(" {} ", std::process::id());
        let file = format!(":{inode} ");
        let is_ours = |line: &&str| line.contains(&own) && line.contains(&file);
        all.lines().filter(is_ours).count()
    }

    #[test]
    fn locks_outlast_a_look() {
        use std::os::unix::fs::MetadataExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let holder = open_unchecked(&path, Access::Create).unwrap();
        holder
            .execute_batch("CREATE TABLE t(x); BEGIN EXCLUSIVE; INSERT INTO t VALUES(1);")
            .unwrap();
        let inode = std::fs::metadata(&path).unwrap().ino();
        let before = locks_on(inode);
        assert!(before > 0, "SQLite holds locks");
        let mut magic = [0; 16];
        peek(&path, 0, &mut magic).unwrap();
        peek(&path, 0, &mut magic).unwrap();
        assert_eq!(&magic, b"SQLite format 3\0");
        assert_eq!(locks_on(inode), before);
    }

    #[test]
    fn another_file_in_its_place_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let look = || {
            let mut first = [0; 1];
            peek(&path, 1, &mut first).map(|()| first[0])
        };
        assert!(look().is_err());
        std::fs::write(&path, "a1").unwrap();
        assert_eq!(look().unwrap(), b'1');
        std::fs::write(folder.path().join("b"), "b2").unwrap();
        std::fs::rename(folder.path().join("b"), &path).unwrap();
        assert_eq!(look().unwrap(), b'2');
        std::fs::write(&path, "").unwrap();
        assert!(look().is_err());
    }
}
