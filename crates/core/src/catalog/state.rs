//! How it stands with a database file, without changing anything: for diagnosis.

use std::path::Path;

use rusqlite::Connection;
use serde::Serialize;

use super::open::{APPLICATION_ID, Access, SCHEMA_VERSION, open_unchecked};

/// What a database file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum SchemaState {
    /// It is not there yet.
    Missing,
    /// Nothing was written to it yet: it is about to be made, or making it failed.
    Empty,
    /// Ours, in the schema of this program.
    Current {
        /// The schema's version.
        version: u32,
    },
    /// Ours, of an earlier version; brought up to date when it is next opened for writing.
    Older {
        /// The schema's version.
        version: u32,
    },
    /// Ours, of a later version; refused.
    Newer {
        /// The schema's version.
        version: u32,
    },
    /// Of the Python program; converted when it is next opened for writing.
    Legacy,
    /// Some other database.
    Foreign,
    /// It cannot be read.
    Unreadable {
        /// Why.
        reason: String,
    },
}

impl SchemaState {
    /// Returns it in words.
    pub fn text(&self) -> String {
        match self {
            Self::Missing => "not there yet".into(),
            Self::Empty => "empty, made when it is next written".into(),
            Self::Current { version } => format!("schema {version}"),
            Self::Older { version } => {
                format!("schema {version}, brought up to date when it is next written")
            }
            Self::Newer { version } => format!("schema {version}, of a newer VideoCatalog"),
            Self::Legacy => "of the Python program, converted when it is next written".into(),
            Self::Foreign => "not a VideoCatalog database".into(),
            Self::Unreadable { .. } => "cannot be read".into(),
        }
    }

    /// Returns whether it can be used as it is, or will be made so.
    pub const fn is_usable(&self) -> bool {
        matches!(
            self,
            Self::Missing | Self::Empty | Self::Current { .. } | Self::Older { .. } | Self::Legacy
        )
    }
}

/// Looks at a database file.
pub fn schema_state(path: &Path) -> SchemaState {
    if !path.exists() {
        return SchemaState::Missing;
    }
    let unreadable = |error: &dyn std::fmt::Display| SchemaState::Unreadable {
        reason: error.to_string(),
    };
    let connection = match open_unchecked(path, Access::Read) {
        Ok(connection) => connection,
        Err(error) => return unreadable(&error),
    };
    let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    match (number("user_version"), number("application_id")) {
        (Err(error), _) | (_, Err(error)) => unreadable(&error),
        (Ok(0), Ok(_)) => match has_tables(&connection) {
            Ok(true) => SchemaState::Legacy,
            Ok(false) => SchemaState::Empty,
            Err(error) => unreadable(&error),
        },
        (Ok(_), Ok(application)) if application != i64::from(APPLICATION_ID) => {
            SchemaState::Foreign
        }
        (Ok(version), Ok(_)) => {
            let version = u32::try_from(version).unwrap_or(u32::MAX);
            match version.cmp(&SCHEMA_VERSION) {
                std::cmp::Ordering::Less => SchemaState::Older { version },
                std::cmp::Ordering::Equal => SchemaState::Current { version },
                std::cmp::Ordering::Greater => SchemaState::Newer { version },
            }
        }
    }
}

fn has_tables(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| {
        row.get::<_, i64>(0).map(|count| count > 0)
    })
}

#[cfg(test)]
mod tests {
    use super::super::open::{Database, Journal, open};
    use super::*;

    #[test]
    fn states_are_told_apart_and_nothing_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        assert_eq!(schema_state(&path), SchemaState::Missing);
        assert!(!path.exists());
        fs_err::write(&path, b"").unwrap();
        assert_eq!(schema_state(&path), SchemaState::Empty);
        let connection = open(&path, Database::Catalog, Access::Create, Journal::Wal).unwrap();
        let version = SCHEMA_VERSION;
        assert_eq!(schema_state(&path), SchemaState::Current { version });
        let set = |name: &str, value: u32| connection.pragma_update(None, name, value).unwrap();
        set("user_version", version + 1);
        assert_eq!(
            schema_state(&path),
            SchemaState::Newer {
                version: version + 1
            }
        );
        set("application_id", 7);
        assert_eq!(schema_state(&path), SchemaState::Foreign);
        set("user_version", 0);
        assert_eq!(schema_state(&path), SchemaState::Legacy);
        let damaged = folder.path().join("damaged.db");
        fs_err::write(&damaged, vec![0xA5; 4096]).unwrap();
        assert!(matches!(
            schema_state(&damaged),
            SchemaState::Unreadable { .. }
        ));
    }
}
