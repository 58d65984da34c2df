//! The one place that opens a database: pragmas, schema versions, and errors a person can act on.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

/// Schema version that this program writes into `user_version` of both databases.
pub(crate) const SCHEMA_VERSION: u32 = 6;

/// `application_id` of our databases: "VCAT".
pub(crate) const APPLICATION_ID: i32 = 0x5643_4154;

/// How long a statement waits for another process before it gives up.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Which of the two schemas a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// `catalog.db`.
    Catalog,
    /// One drive.
    Shard,
}

impl Database {
    const fn name(self) -> &'static str {
        match self {
            Self::Catalog => "catalogue",
            Self::Shard => "shard",
        }
    }
}

/// What the connection may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read and write; a missing file is created.
    Create,
    /// Read and write; a missing file is an error.
    Write,
    /// Read only, enforced by SQLite (`query_only`).
    Read,
}

/// How commits are made durable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Journal {
    /// Write-ahead log: readers and the writer do not wait for each other. Local disks.
    #[default]
    Wal,
    /// Rollback journal: works on network shares, where WAL's shared memory does not.
    Delete,
}

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It was written by a newer program.
    #[error("`{}` was written by a newer VideoCatalog (schema {found}, this one knows {SCHEMA_VERSION})", path.display())]
    TooNew {
        /// The file.
        path: PathBuf,
        /// The version it says it has.
        found: u32,
    },
    /// It is in an older schema of this program and was not brought up to date.
    #[error("`{}` was written by an older VideoCatalog (schema {found}) and was not brought up to date", path.display())]
    Outdated {
        /// The file.
        path: PathBuf,
        /// The version it says it has.
        found: u32,
    },
    /// It is in the older program's layout and has to be converted first.
    #[error("`{}` is a database of the older program and was not converted", path.display())]
    Legacy {
        /// The file.
        path: PathBuf,
    },
    /// It is some other database.
    #[error("`{}` is not a VideoCatalog {}", path.display(), expected.name())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        expected: Database,
    },
    /// It is some other file where it is to stand what models learnt.
    #[error("`{}` is not what models learnt of files", path.display())]
    NothingLearnt {
        /// The file.
        path: PathBuf,
    },
    /// It is not there.
    #[error("`{}` does not exist", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// SQLite could not read or write it.
    #[error("cannot open `{}`: {source}", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
}

impl OpenError {
    /// Returns what to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::TooNew { .. } => "install the newer version again, or restore a backup from `backups/sqlite`".into(),
            Self::Legacy { .. } | Self::Outdated { .. } => "run any command that may write, such as `videocatalog drives`, with the working directory writable".into(),
            Self::NothingLearnt { .. } => "move it elsewhere; it is then made anew".into(),
            Self::Foreign { .. } => "check `--catalog-db`, `--shard-db` and `--home`".into(),
            Self::Missing { .. } => "scan the drive first: `videocatalog scan --label NAME --mount FOLDER`".into(),
            Self::Sqlite { source, path } => sqlite_hint(source, path),
        }
    }
}

/// Returns what to do about an error of SQLite in the database at `path`.
pub fn sqlite_hint(error: &rusqlite::Error, path: &Path) -> String {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => format!(
            "the file is damaged; nothing was changed. Restore a copy from `backups/sqlite`, or move `{}` away and scan again",
            path.display()
        ),
        Some(ErrorCode::DiskFull) => "the disk of the working directory is full; free some space and run again, what was committed is kept".into(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another program is writing to it; wait until it is done".into()
        }
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            "check that the folder exists and may be written, or choose another with `--home`".into()
        }
        Some(_) => "check the disk that the working directory is on".into(),
        None => "this is a bug; please report it".into(),
    }
}

/// Returns whether an error of SQLite means that the file itself is damaged.
pub fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt)
    )
}

/// Opens a database in this program's schema, creating or migrating it as `access` allows.
///
/// # Errors
/// [`OpenError::Legacy`] for a file in the older program's layout: convert it with [`super::legacy`] first.
pub fn open(
    path: &Path,
    database: Database,
    access: Access,
    journal: Journal,
) -> Result<Connection, OpenError> {
    let mut connection = open_unchecked(path, access)?;
    let sqlite = |source| OpenError::Sqlite {
        path: path.to_path_buf(),
        source,
    };
    let version: u32 = pragma(&connection, "user_version").map_err(sqlite)?;
    let application: i32 = pragma(&connection, "application_id").map_err(sqlite)?;
    if version == 0 {
        if count_tables(&connection).map_err(sqlite)? > 0 {
            return Err(OpenError::Legacy {
                path: path.to_path_buf(),
            });
        }
        if access != Access::Create {
            return Err(OpenError::Missing {
                path: path.to_path_buf(),
            });
        }
        set_journal(&connection, journal).map_err(sqlite)?;
        create(&mut connection, database).map_err(sqlite)?;
    } else if application != APPLICATION_ID
        || !is_expected(&connection, database).map_err(sqlite)?
    {
        return Err(OpenError::Foreign {
            path: path.to_path_buf(),
            expected: database,
        });
    } else if version > SCHEMA_VERSION {
        return Err(OpenError::TooNew {
            path: path.to_path_buf(),
            found: version,
        });
    } else if access != Access::Read {
        if version < SCHEMA_VERSION {
            return Err(OpenError::Outdated {
                path: path.to_path_buf(),
                found: version,
            });
        }
        set_journal(&connection, journal).map_err(sqlite)?;
    }
    Ok(connection)
}

/// Opens a database whatever its schema: for conversion, backup and integrity checks.
///
/// # Errors
/// [`OpenError::Missing`] where there is nothing to open, else what SQLite says.
pub fn open_unchecked(path: &Path, access: Access) -> Result<Connection, OpenError> {
    if access != Access::Create && !path.exists() {
        return Err(OpenError::Missing {
            path: path.to_path_buf(),
        });
    }
    let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX
        | match access {
            Access::Create => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
            Access::Write => OpenFlags::SQLITE_OPEN_READ_WRITE,
            Access::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
        };
    let opened = match connect(path, flags, access) {
        Err(error) if access == Access::Read && needs_folder(&error) && !has_log(path) => {
            let uri = format!("file:{}?mode=ro&immutable=1", uri_escaped(path));
            connect(Path::new(&uri), flags | OpenFlags::SQLITE_OPEN_URI, access)
        }
        opened => opened,
    };
    opened.map_err(|source| OpenError::Sqlite {
        path: path.to_path_buf(),
        source,
    })
}

/// Opens a damaged database for reading as far as SQLite can follow it: whatever its first page says of its length, and
/// with a closer look at each page.
///
/// # Errors
/// When not even its first page makes sense.
pub(crate) fn open_damaged(path: &Path) -> Result<Connection, OpenError> {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that may")]
    let opened = || -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_READ_ONLY;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        // Only with this does it look into a file that was cut off.
        connection.pragma_update(None, "writable_schema", true)?;
        connection.pragma_update(None, "cell_size_check", true)?;
        connection.pragma_update(None, "query_only", true)?;
        pragma::<i64>(&connection, "schema_version")?;
        count_tables(&connection)?;
        Ok(connection)
    };
    opened().map_err(|source| OpenError::Sqlite {
        path: path.to_path_buf(),
        source,
    })
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that may")]
fn connect(path: &Path, flags: OpenFlags, access: Access) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // The bundled SQLite may turn foreign keys on by default; said here so that it does not depend on the build.
    connection.pragma_update(None, "foreign_keys", true)?;
    if access == Access::Read {
        connection.pragma_update(None, "query_only", true)?;
        // Opening reads nothing: this is where a folder that may not be written shows.
        pragma::<i64>(&connection, "schema_version")?;
    }
    Ok(connection)
}

/// Reading a database with a write-ahead log wants to write beside it; where that is not allowed and there is no log,
/// the file is all there is and does not change.
fn needs_folder(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied)
    )
}

fn has_log(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    std::fs::metadata(log).is_ok_and(|facts| facts.len() > 0)
}

fn uri_escaped(path: &Path) -> String {
    path.to_string_lossy()
        .replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23")
}

pub(super) fn set_journal(connection: &Connection, journal: Journal) -> rusqlite::Result<()> {
    let mode = match journal {
        Journal::Wal => "WAL",
        Journal::Delete => "DELETE",
    };
    connection.pragma_update_and_check(None, "journal_mode", mode, |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "NORMAL")
}

/// Prepares a connection for the millions of rows of a scan.
///
/// # Errors
/// What SQLite says.
pub fn tune_for_writing(connection: &Connection) -> rusqlite::Result<()> {
    // Rows are written parents first by one thread, so looking every parent up again would only cost time.
    connection.pragma_update(None, "foreign_keys", false)?;
    // 8 MiB: enough for the pages at the growing end of tables and indexes, so that few are written twice.
    connection.pragma_update(None, "cache_size", -8_192)?;
    // Moving the log into the database costs two syncs; every 16 MiB is often enough.
    connection.pragma_update(None, "wal_autocheckpoint", 4_096)
}

/// Creates the schema of a new, empty database in one transaction.
fn create(connection: &mut Connection, database: Database) -> rusqlite::Result<()> {
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    // Another process may have been quicker between our look and our lock.
    if count_tables(&transaction)? == 0 {
        match database {
            Database::Catalog => create_catalog_schema(&transaction)?,
            Database::Shard => create_shard_schema(&transaction)?,
        }
    }
    transaction.commit()
}

/// Creates the tables of a catalogue inside the caller's transaction and stamps the version.
pub(crate) fn create_catalog_schema(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(include_str!("schema/catalog.sql"))?;
    super::health::add_drive_health(connection)?;
    super::candidates::add_tables(connection)?;
    stamp(connection)
}

/// Creates the tables and views of a shard inside the caller's transaction and stamps the version.
///
/// The index over (folder, name) is left to [`create_entries_index`]: filling first and indexing afterwards is cheaper.
pub(crate) fn create_shard_schema(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(include_str!("schema/shard.sql"))?;
    create_shard_views(connection)?;
    stamp(connection)
}

/// Makes the documented tables, which are views.
pub(super) fn create_shard_views(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(include_str!("schema/shard_views.sql"))
}

/// Makes the index over (folder, name) if it is not there yet.
pub(crate) fn create_entries_index(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(include_str!("schema/entries_index.sql"))
}

pub(super) fn stamp(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    connection.pragma_update(None, "user_version", SCHEMA_VERSION)
}

pub(super) fn pragma<T: rusqlite::types::FromSql>(
    connection: &Connection,
    name: &str,
) -> rusqlite::Result<T> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}

fn count_tables(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))
}

pub(super) fn is_expected(connection: &Connection, database: Database) -> rusqlite::Result<bool> {
    let table = match database {
        Database::Catalog => "merged_databases",
        Database::Shard => "entries",
    };
    has_table(connection, table)
}

/// Returns whether a database has a table: one of an earlier schema that may only be read may lack it.
pub(super) fn has_table(connection: &Connection, table: &str) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT EXISTS(SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1)",
        [table],
        |row| row.get(0),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(prepare: impl FnOnce(&Path), access: Access) -> Result<Connection, OpenError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        prepare(&path);
        open(&path, Database::Shard, access, Journal::Wal)
    }

    #[test]
    fn a_new_shard_is_created_and_opens_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        drop(open(&path, Database::Shard, Access::Create, Journal::Wal).unwrap());
        let connection = open(&path, Database::Shard, Access::Read, Journal::Wal).unwrap();
        assert_eq!(
            pragma::<u32>(&connection, "user_version").unwrap(),
            SCHEMA_VERSION
        );
        assert!(connection.execute("DELETE FROM entries", []).is_err());
        assert!(matches!(
            open(&path, Database::Catalog, Access::Write, Journal::Wal),
            Err(OpenError::Foreign { .. })
        ));
    }

    #[test]
    fn newer_schemas_are_refused() {
        let result = check(
            |path| {
                let connection = open(path, Database::Shard, Access::Create, Journal::Wal).unwrap();
                connection
                    .pragma_update(None, "user_version", SCHEMA_VERSION + 1)
                    .unwrap();
            },
            Access::Create,
        );
        let error = result.unwrap_err();
        assert!(matches!(error, OpenError::TooNew { found, .. } if found == SCHEMA_VERSION + 1));
        assert!(error.to_string().contains("newer VideoCatalog"));
    }

    #[test]
    fn damage_is_told_apart() {
        for bytes in [
            b"not a database, but long enough to have a header ".repeat(30),
            vec![0xA5; 4096],
        ] {
            let error =
                check(|path| std::fs::write(path, &bytes).unwrap(), Access::Create).unwrap_err();
            assert!(
                matches!(&error, OpenError::Sqlite { source, .. } if is_damage(source)),
                "{error}"
            );
            assert!(error.hint().contains("backups"));
        }
    }

    #[test]
    fn nothing_is_created_by_reading() {
        assert!(matches!(
            check(|_| (), Access::Read),
            Err(OpenError::Missing { .. })
        ));
        assert!(matches!(
            check(|_| (), Access::Write),
            Err(OpenError::Missing { .. })
        ));
    }
}
