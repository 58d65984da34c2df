//! A database as files: what belongs to it, bringing it onto the disk, and putting one in the place of another.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::ErrorCode;

use super::backup::{SUFFIX, reserve};
use super::open::{Access, open_unchecked, pragma};

/// What SQLite keeps beside a database.
const COMPANIONS: [&str; 3] = ["-journal", "-wal", "-shm"];

/// How long another user of a database that is to be replaced is waited for.
const PATIENCE: Duration = Duration::from_millis(500);

/// Returns the path of a file beside a database that has its name with something added.
pub(crate) fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Returns the bytes of a database with its write-ahead log.
pub(crate) fn size_of(database: &Path) -> u64 {
    ["", "-wal", "-shm"]
        .iter()
        .filter_map(|suffix| std::fs::metadata(beside(database, suffix)).ok())
        .map(|facts| facts.len())
        .sum()
}

/// Removes a database and what SQLite keeps beside it; what is not there is as good.
///
/// # Errors
/// What the system says.
pub(crate) fn remove_with_companions(database: &Path) -> std::io::Result<()> {
    remove(database)?;
    remove_companions(database)
}

fn remove_companions(database: &Path) -> std::io::Result<()> {
    COMPANIONS
        .iter()
        .try_for_each(|suffix| remove(&beside(database, suffix)))
}

/// Gives a database another name, and what SQLite keeps beside it: without its log it would be an older one.
///
/// # Errors
/// What the system says.
pub(crate) fn rename_with_companions(database: &Path, to: &Path) -> std::io::Result<()> {
    for suffix in COMPANIONS {
        let companion = beside(database, suffix);
        if companion.exists() {
            fs_err::rename(companion, beside(to, suffix))?;
        }
    }
    fs_err::rename(database, to)
}

fn remove(file: &Path) -> std::io::Result<()> {
    match fs_err::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Waits until a file's content is on the disk.
///
/// # Errors
/// What the system says.
pub(crate) fn sync(file: &Path) -> std::io::Result<()> {
    // Windows flushes only what may be written.
    std::fs::File::options()
        .read(true)
        .write(true)
        .open(file)?
        .sync_all()
}

/// How a database that is to be replaced was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// There is none.
    Missing,
    /// Its file alone is all of it; nobody else has it open.
    Whole,
    /// SQLite cannot read it; what lies beside it may belong to it.
    Unreadable,
    /// Another program has it open.
    InUse,
}

/// Moves what the write-ahead log holds into the database and ends the log.
pub(crate) fn settle(database: &Path) -> Settled {
    if !database.exists() {
        return Settled::Missing;
    }
    let settled = || -> rusqlite::Result<bool> {
        let Ok(connection) = open_unchecked(database, Access::Write) else {
            return Ok(false);
        };
        connection.busy_timeout(PATIENCE)?;
        // Leaving the log needs the database for oneself: this is how other users are noticed.
        connection.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
        connection.execute_batch("BEGIN EXCLUSIVE; ROLLBACK")?;
        Ok(pragma::<String>(&connection, "journal_mode")? == "delete")
    };
    match settled() {
        Ok(true) => Settled::Whole,
        Err(error)
            if matches!(
                error.sqlite_error_code(),
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
            ) =>
        {
            Settled::InUse
        }
        Ok(false) | Err(_) => Settled::Unreadable,
    }
}

/// Keeps the database at `database` in `folder` under the name `stem`, and what lies beside it, without taking it away
/// from its place. Returns where it is kept.
///
/// # Errors
/// What the system says; nothing was changed then.
pub(crate) fn set_aside(database: &Path, folder: &Path, stem: &str) -> std::io::Result<PathBuf> {
    fs_err::create_dir_all(folder)?;
    let (kept, part) = reserve(folder, stem)?;
    let keeping = || -> std::io::Result<()> {
        // The log first: a database without its log is an older one, and would be taken for the whole.
        for suffix in COMPANIONS {
            let companion = beside(database, suffix);
            if companion.exists() {
                fs_err::copy(&companion, beside(&kept, suffix))?;
            }
        }
        fs_err::remove_file(&part)?;
        // A second name for the same file costs no space; where there is no such thing, a copy does.
        if fs_err::hard_link(database, &kept).is_err() {
            fs_err::copy(database, &part)?;
            sync(&part)?;
            fs_err::rename(&part, &kept)?;
        }
        Ok(())
    };
    match keeping() {
        Ok(()) => Ok(kept),
        Err(error) => {
            let _gone = (remove(&part), remove_companions(&kept));
            Err(error)
        }
    }
}

/// Puts the database at `new`, which has nothing beside it, in the place of `database` in one step.
///
/// There is a database in the place at every moment. The old one's log goes first: it must never be taken for the new
/// one's.
///
/// # Errors
/// What the system says.
pub(crate) fn put_in_place(new: &Path, database: &Path) -> std::io::Result<()> {
    remove_companions(database)?;
    fs_err::rename(new, database)?;
    #[cfg(unix)]
    if let Some(folder) = database.parent() {
        fs_err::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Returns whether a name is a backup's.
pub(crate) fn is_backup_name(name: &str) -> bool {
    name.ends_with(SUFFIX)
}

#[cfg(test)]
mod tests {
    use super::super::open::{Database, Journal, open};
    use super::*;

    #[test]
    fn a_database_in_use_is_not_settled() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        assert_eq!(settle(&path), Settled::Missing);
        let held = open(&path, Database::Shard, Access::Create, Journal::Wal).unwrap();
        assert_eq!(settle(&path), Settled::InUse);
        drop(held);
        assert_eq!(settle(&path), Settled::Whole);
        assert!(!beside(&path, "-wal").exists());
        std::fs::write(&path, [7; 3_000]).unwrap();
        assert_eq!(settle(&path), Settled::Unreadable);
    }

    #[test]
    fn one_set_aside_stays_where_it_is_until_it_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (old, new) = (folder.path().join("x.db"), folder.path().join("new"));
        std::fs::write(&old, "old").unwrap();
        std::fs::write(beside(&old, "-wal"), "log").unwrap();
        std::fs::write(&new, "new").unwrap();
        let kept = set_aside(&old, &folder.path().join("backups"), "replaced_x").unwrap();
        assert_eq!(std::fs::read(&old).unwrap(), b"old");
        put_in_place(&new, &old).unwrap();
        assert_eq!(std::fs::read(&old).unwrap(), b"new");
        assert!(!beside(&old, "-wal").exists());
        assert_eq!(std::fs::read(&kept).unwrap(), b"old");
        assert_eq!(std::fs::read(beside(&kept, "-wal")).unwrap(), b"log");
    }
}
