//! Bringing databases of this program's earlier versions up to date: a backup, then one transaction.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, TransactionBehavior};

use super::backup::{BackupError, backup};
use super::open::{
    APPLICATION_ID, Access, Database, OpenError, SCHEMA_VERSION, create_shard_views, is_expected,
    open_unchecked, pragma, stamp,
};
use super::peek::peek;
use crate::clock::Clock;

/// Why a database could not be brought up to date; it is as it was.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// It could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The backup before it failed.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// A step failed.
    #[error("`{}` could not be brought up to date: {source}", path.display())]
    Step {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
}

/// Brings a database up to date if it is of an earlier version, and returns where its backup lies; `None` if there was
/// nothing to do.
///
/// # Errors
/// When the backup or a step fails; the database is as it was then.
pub fn to_current(
    path: &Path,
    database: Database,
    backups: &Path,
    clock: &dyn Clock,
) -> Result<Option<PathBuf>, MigrateError> {
    if !path.exists() {
        return Ok(None);
    }
    let step = |source| MigrateError::Step {
        path: path.to_path_buf(),
        source,
    };
    let reading = open_unchecked(path, Access::Read)?;
    let Some(from) = outdated(&reading, database).map_err(step)? else {
        return Ok(None);
    };
    drop(reading);
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let copy = backup(
        path,
        backups,
        &format!("premigration_v{from}_{stem}"),
        clock,
    )?;
    without_backup(path, database)?;
    Ok(Some(copy))
}

/// Brings a database that is a copy itself up to date, if it is of an earlier version.
///
/// # Errors
/// When a step fails; the database is as it was then.
pub(crate) fn without_backup(path: &Path, database: Database) -> Result<(), MigrateError> {
    let mut connection = open_unchecked(path, Access::Write)?;
    steps(&mut connection, database).map_err(|source| MigrateError::Step {
        path: path.to_path_buf(),
        source,
    })
}

/// Returns the version of the schemas that this program writes.
pub const fn newest_version() -> u32 {
    SCHEMA_VERSION
}

/// Returns whether a database's first page says that there is nothing to do, without opening it. A file that is not there
/// needs nothing either.
pub fn is_current(path: &Path) -> bool {
    const USER_VERSION_AT: u64 = 60;
    let mut version = [0; 4];
    match peek(path, USER_VERSION_AT, &mut version) {
        Ok(()) => u32::from_be_bytes(version) == SCHEMA_VERSION,
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    }
}

/// Returns the version of a database that is ours and of an earlier one.
fn outdated(connection: &Connection, database: Database) -> rusqlite::Result<Option<u32>> {
    let version: u32 = pragma(connection, "user_version")?;
    let is_ours = pragma::<i32>(connection, "application_id")? == APPLICATION_ID
        && is_expected(connection, database)?;
    Ok((is_ours && (1..SCHEMA_VERSION).contains(&version)).then_some(version))
}

fn steps(connection: &mut Connection, database: Database) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been quicker.
    let Some(from) = outdated(&transaction, database)? else {
        return Ok(());
    };
    match database {
        Database::Shard => {
            drop_views(&transaction)?;
            if from < 2 {
                transaction.execute_batch(include_str!("schema/older/shard_1_to_2.sql"))?;
            }
            if from < 3 {
                transaction.execute_batch(include_str!("schema/older/shard_2_to_3.sql"))?;
            }
            if from < 4 {
                transaction.execute_batch(include_str!("schema/older/shard_3_to_4.sql"))?;
            }
            if from < 5 {
                transaction.execute_batch(include_str!("schema/older/shard_4_to_5.sql"))?;
            }
            if from < 6 {
                transaction.execute_batch(include_str!("schema/older/shard_5_to_6.sql"))?;
            }
            create_shard_views(&transaction)?;
        }
        Database::Catalog => {
            if from < 2 {
                super::health::add_drive_health(&transaction)?;
            }
            if from < 3 {
                transaction.execute_batch(
                    "ALTER TABLE jobs ADD COLUMN since_change INTEGER;
                     ALTER TABLE jobs ADD COLUMN last_change INTEGER;",
                )?;
            }
            if from < 5 {
                super::candidates::add_tables(&transaction)?;
            }
        }
    }
    stamp(&transaction)?;
    transaction.commit()
}

fn drop_views(connection: &Connection) -> rusqlite::Result<()> {
    let names: Vec<String> = connection
        .prepare("SELECT name FROM sqlite_master WHERE type = 'view'")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for name in names {
        connection.execute_batch(&format!("DROP VIEW \"{}\"", name.replace('"', "\"\"")))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::open::{Journal, open};
    use super::*;
    use crate::clock::TestClock;

    /// Everything the schema consists of, without its layout.
    fn schema(connection: &Connection) -> Vec<String> {
        let mut columns = connection
            .prepare(
                "SELECT m.type || ' ' || m.name || ' ' || coalesce(t.name || ' ' || t.type || ' ' || t.\"notnull\" || ' '
                        || coalesce(t.dflt_value, '') || ' ' || t.pk, '')
                   FROM sqlite_master m LEFT JOIN pragma_table_info(m.name) t
                  WHERE m.name NOT LIKE 'sqlite_%' ORDER BY m.name, t.cid",
            )
            .unwrap();
        let rows = columns.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<rusqlite::Result<_>>().unwrap()
    }

    fn migrated(database: Database, ddl: &[&str], rows: &str) -> (tempfile::TempDir, Connection) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old.db");
        let old = open_unchecked(&path, Access::Create).unwrap();
        for part in ddl {
            old.execute_batch(part).unwrap();
        }
        old.execute_batch(rows).unwrap();
        old.pragma_update(None, "application_id", APPLICATION_ID)
            .unwrap();
        old.pragma_update(None, "user_version", 1).unwrap();
        drop(old);
        assert!(matches!(
            open(&path, database, Access::Write, Journal::Wal),
            Err(OpenError::Outdated { found: 1, .. })
        ));
        let backups = folder.path().join("backups");
        let clock = TestClock::at(0);
        let copy = to_current(&path, database, &backups, &clock)
            .unwrap()
            .unwrap();
        assert_eq!(
            copy.file_name().unwrap(),
            "19700101_000000Z_premigration_v1_old.db.bak"
        );
        assert_eq!(
            to_current(&path, database, &backups, &clock).unwrap(),
            None,
            "the second time there is nothing to do"
        );
        let fresh = folder.path().join("fresh.db");
        let fresh = open(&fresh, database, Access::Create, Journal::Wal).unwrap();
        let now = open(&path, database, Access::Write, Journal::Wal).unwrap();
        assert_eq!(schema(&now), schema(&fresh));
        (folder, now)
    }

    #[test]
    fn a_shard_of_version_1_keeps_its_rows() {
        let (_folder, shard) = migrated(
            Database::Shard,
            &[
                include_str!("schema/older/shard_1.sql"),
                include_str!("schema/older/shard_views_1.sql"),
            ],
            "INSERT INTO root(id, drive_uid, drive_label, mount_path, separator) VALUES(1, 'u', 'L', '/mnt', '/');
             INSERT INTO folders(id, path) VALUES(1, '');
             INSERT INTO kinds(id, category, sniffed) VALUES(1, 'video', 0);
             INSERT INTO entries(id, folder_id, name, kind_id, first_change, change_id) VALUES(7, 1, 'a.mkv', 1, 1, 1);
             INSERT INTO media(file_id, media_json, integrity_ok, to_redo) VALUES(7, '{}', 1, 0);",
        );
        let kept: (String, String, i64) = shard
            .query_row(
                "SELECT path, media_json, integrity_ok FROM files",
                [],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .unwrap();
        assert_eq!(kept, ("/mnt/a.mkv".into(), "{}".into(), 1));
    }

    #[test]
    fn a_catalogue_of_version_1_is_taken_along() {
        migrated(
            Database::Catalog,
            &[include_str!("schema/older/catalog_1.sql")],
            "",
        );
    }
}
