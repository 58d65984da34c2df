//! Which database a file is, and whose: by its content, not by its name.

use std::path::Path;

use rusqlite::OptionalExtension;
use serde::Serialize;

use super::legacy::is_legacy;
use super::open::{
    APPLICATION_ID, Access, Database, OpenError, is_expected, open_unchecked, pragma,
};

/// What a database turned out to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Identity {
    /// A catalogue of ours.
    Catalog {
        /// Version of its schema.
        version: u32,
    },
    /// A shard of ours.
    Shard {
        /// Version of its schema.
        version: u32,
        /// Its drive; `None` in one that was never scanned into.
        drive_uid: Option<String>,
        /// What the drive was called when this was written.
        drive_label: Option<String>,
    },
    /// One of the older program's.
    Legacy,
    /// It holds nothing at all.
    Empty,
    /// Some other database.
    Foreign,
}

impl Identity {
    /// Returns which schema it has, if it is ours.
    pub const fn database(&self) -> Option<Database> {
        match self {
            Self::Catalog { .. } => Some(Database::Catalog),
            Self::Shard { .. } => Some(Database::Shard),
            Self::Legacy | Self::Empty | Self::Foreign => None,
        }
    }

    /// Returns the version of its schema; 0 if it is not ours.
    pub const fn version(&self) -> u32 {
        match self {
            Self::Catalog { version } | Self::Shard { version, .. } => *version,
            Self::Legacy | Self::Empty | Self::Foreign => 0,
        }
    }

    /// Returns which drive it belongs to.
    pub fn drive_uid(&self) -> Option<&str> {
        match self {
            Self::Shard { drive_uid, .. } => drive_uid.as_deref(),
            _ => None,
        }
    }
}

/// Looks into a database; nothing is changed.
///
/// # Errors
/// When it is not there or cannot be read.
pub fn identify(path: &Path) -> Result<Identity, OpenError> {
    let connection = open_unchecked(path, Access::Read)?;
    let look = || -> rusqlite::Result<Identity> {
        let version: u32 = pragma(&connection, "user_version")?;
        if pragma::<i32>(&connection, "application_id")? != APPLICATION_ID {
            let objects: i64 =
                connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
            return Ok(if objects == 0 {
                Identity::Empty
            } else if is_legacy(&connection)? {
                Identity::Legacy
            } else {
                Identity::Foreign
            });
        }
        if is_expected(&connection, Database::Catalog)? {
            return Ok(Identity::Catalog { version });
        }
        if !is_expected(&connection, Database::Shard)? {
            return Ok(Identity::Foreign);
        }
        let owner: Option<(String, String)> = connection
            .query_row(
                "SELECT drive_uid, drive_label FROM root WHERE id = 1",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        let (drive_uid, drive_label) = owner.unzip();
        Ok(Identity::Shard {
            version,
            drive_uid,
            drive_label,
        })
    };
    look().map_err(|source| OpenError::Sqlite {
        path: path.to_path_buf(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::super::open::{Journal, open};
    use super::*;

    #[test]
    fn databases_are_told_by_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        assert!(matches!(
            identify(&path("a.db")),
            Err(OpenError::Missing { .. })
        ));
        drop(
            open(
                &path("c.db"),
                Database::Catalog,
                Access::Create,
                Journal::Wal,
            )
            .unwrap(),
        );
        assert_eq!(
            identify(&path("c.db")).unwrap().database(),
            Some(Database::Catalog)
        );
        let shard = open(&path("s.db"), Database::Shard, Access::Create, Journal::Wal).unwrap();
        assert_eq!(identify(&path("s.db")).unwrap().drive_uid(), None);
        shard
            .execute("INSERT INTO root(id, drive_uid, drive_label, mount_path, separator) VALUES(1, 'u', 'L', '/m', '/')", [])
            .unwrap();
        assert_eq!(identify(&path("s.db")).unwrap().drive_uid(), Some("u"));
        std::fs::write(path("e.db"), "").unwrap();
        assert_eq!(identify(&path("e.db")).unwrap(), Identity::Empty);
        let other = open_unchecked(&path("o.db"), Access::Create).unwrap();
        other.execute_batch("CREATE TABLE x(y)").unwrap();
        assert_eq!(identify(&path("o.db")).unwrap(), Identity::Foreign);
        other
            .execute_batch("CREATE TABLE files(path TEXT, size_bytes INTEGER)")
            .unwrap();
        assert_eq!(identify(&path("o.db")).unwrap(), Identity::Legacy);
    }
}
