//! What a database is, told by its tables and columns alone; older ones carry no version.

use rusqlite::Connection;

use super::super::open::{APPLICATION_ID, Database};

/// What a file that SQLite can read turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// One of ours, perhaps of a newer version.
    Ours(Database),
    /// One of the older program's, whichever.
    Legacy,
    /// It has no tables.
    Empty,
    /// Somebody else's.
    Foreign,
}

/// Tables of the older program that count as such only with these columns.
const TELLING: [(&str, &[&str]); 5] = [
    ("files", &["path", "size_bytes"]),
    ("inventory", &["path", "size_bytes"]),
    ("drives", &["label", "mount_path"]),
    ("jobs", &["drive_label", "started_at"]),
    ("inventory_stats", &["drive_label", "scan_ts_utc"]),
];

/// Every table that the older program made in a shard.
pub(super) const SHARD_TABLES: [&str; 13] = [
    "drives",
    "files",
    "inventory",
    "scan_state",
    "features",
    "video_fp_tmk",
    "audio_fp_chroma",
    "video_vhash",
    "duplicate_candidates",
    "transcripts",
    "transcript_meta",
    "captions",
    "caption_meta",
];

/// Every table that it made in a catalogue.
pub(super) const CATALOG_TABLES: [&str; 3] = ["drives", "jobs", "inventory_stats"];

/// What older tables are called while ours of the same name are filled from them.
pub(super) const ASIDE: &str = "older_";

/// Tells what a database is.
pub(super) fn layout(connection: &Connection) -> rusqlite::Result<Layout> {
    let application: i32 =
        connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let source = Source::of(connection);
    if application == APPLICATION_ID {
        return Ok(if source.has("merged_databases")? {
            Layout::Ours(Database::Catalog)
        } else if source.has("entries")? {
            Layout::Ours(Database::Shard)
        } else {
            Layout::Foreign
        });
    }
    for (table, needed) in TELLING {
        let columns = source.columns(table)?;
        if needed.iter().all(|column| contains(&columns, column)) {
            return Ok(Layout::Legacy);
        }
    }
    let objects: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
    Ok(if objects == 0 {
        Layout::Empty
    } else {
        Layout::Foreign
    })
}

/// Older tables to read from: where they are, and what they are called there.
#[derive(Clone, Copy)]
pub(super) struct Source<'c> {
    /// The database that holds them.
    pub(super) connection: &'c Connection,
    prefix: &'static str,
}

impl<'c> Source<'c> {
    /// Tables under their own names.
    pub(super) fn of(connection: &'c Connection) -> Self {
        Self {
            connection,
            prefix: "",
        }
    }

    /// Tables that were renamed by [`set_aside`].
    pub(super) fn aside(connection: &'c Connection) -> Self {
        Self {
            connection,
            prefix: ASIDE,
        }
    }

    /// Returns the columns of a table; none if there is no such table.
    pub(super) fn columns(&self, table: &str) -> rusqlite::Result<Vec<String>> {
        self.connection
            .prepare_cached(
                "SELECT lower(c.name) FROM sqlite_master t, pragma_table_info(t.name) c
                  WHERE t.type = 'table' AND t.name = ?1 COLLATE NOCASE",
            )?
            .query_map([format!("{}{table}", self.prefix)], |row| row.get(0))?
            .collect()
    }

    /// Returns whether there is such a table.
    pub(super) fn has(&self, table: &str) -> rusqlite::Result<bool> {
        Ok(!self.columns(table)?.is_empty())
    }

    /// Returns whether the table is there and holds a row.
    pub(super) fn has_rows(&self, table: &str) -> rusqlite::Result<bool> {
        if !self.has(table)? {
            return Ok(false);
        }
        self.connection.query_row(
            &format!("SELECT EXISTS(SELECT 1 FROM {})", self.name(table)),
            [],
            |row| row.get(0),
        )
    }

    /// Returns the table's name for SQL.
    pub(super) fn name(&self, table: &str) -> String {
        format!("\"{}{table}\"", self.prefix)
    }

    /// Returns a SELECT of these columns in this order, NULL for those the table lacks, followed by `rest`; `None` if
    /// there is no such table or it lacks the first column, without which a row says nothing.
    pub(super) fn select(
        &self,
        table: &str,
        columns: &[&str],
        rest: &str,
    ) -> rusqlite::Result<Option<String>> {
        let found = self.columns(table)?;
        if !columns
            .first()
            .is_some_and(|column| contains(&found, column))
        {
            return Ok(None);
        }
        let list: Vec<&str> = columns
            .iter()
            .map(|column| {
                if contains(&found, column) {
                    *column
                } else {
                    "NULL"
                }
            })
            .collect();
        Ok(Some(format!(
            "SELECT {} FROM {} {rest}",
            list.join(", "),
            self.name(table)
        )))
    }
}

pub(super) fn contains(columns: &[String], wanted: &str) -> bool {
    columns.iter().any(|column| column == wanted)
}

/// Renames those of `tables` that exist, so that ours can take their names.
///
/// Views that somebody made over them keep speaking of the old names, which become ours.
pub(super) fn set_aside(connection: &Connection, tables: &[&str]) -> rusqlite::Result<()> {
    let source = Source::of(connection);
    for table in tables {
        if source.has(table)? {
            connection.execute_batch(&format!(
                "ALTER TABLE \"{table}\" RENAME TO \"{ASIDE}{table}\""
            ))?;
        }
    }
    Ok(())
}

/// Removes the indexes that were made on tables set aside; their names may be wanted.
pub(super) fn drop_indexes_aside(connection: &Connection, tables: &[&str]) -> rusqlite::Result<()> {
    for table in tables {
        let indexes: Vec<String> = connection
            .prepare(
                "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = ?1 AND sql IS NOT NULL",
            )?
            .query_map([format!("{ASIDE}{table}")], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for index in indexes {
            connection.execute_batch(&format!("DROP INDEX \"{}\"", index.replace('"', "\"\"")))?;
        }
    }
    Ok(())
}

/// Removes the tables that were set aside, and what the query planner remembered of them.
pub(super) fn drop_aside(connection: &Connection, tables: &[&str]) -> rusqlite::Result<()> {
    let aside = Source::aside(connection);
    for table in tables {
        if aside.has(table)? {
            connection.execute_batch(&format!("DROP TABLE {}", aside.name(table)))?;
        }
    }
    for statistics in ["sqlite_stat1", "sqlite_stat4"] {
        if Source::of(connection).has(statistics)? {
            connection.execute_batch(&format!("DELETE FROM {statistics}"))?;
        }
    }
    Ok(())
}
