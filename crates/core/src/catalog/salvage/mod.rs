//! A damaged shard's readable rows, brought into a new one.
//!
//! SQLite's own recovery is not in the build this program is made with, so the rows are fetched through ordinary queries
//! from both ends of what cannot be read (`walk`). What a file is called stands in an index too, so that a file whose row
//! is lost comes back with its name and number, and with it its hash and all that hangs on the number (`rebuild`); the
//! next scan fills in the rest. Nothing is written into the damaged database.

mod header;
mod rebuild;
mod walk;

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde::Serialize;

use super::files::remove_with_companions;
use super::interrupt::interruptible;
use super::open::{
    Access, OpenError, create_entries_index, create_shard_schema, open_damaged, open_unchecked,
};
use super::shard::{self, RootFacts};
use crate::cancel::CancelToken;

/// Why nothing could be salvaged.
#[derive(Debug, thiserror::Error)]
pub enum SalvageError {
    /// Not even its list of tables can be read, or the new one cannot be made.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The new one could not be written.
    #[error("cannot write `{}`: {source}", path.display())]
    Write {
        /// The new one.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// A copy of the damaged file, to mend its first page, could not be made.
    #[error("cannot copy the damaged database: {0}")]
    Copy(#[from] std::io::Error),
}

/// What became of one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableSalvage {
    /// The table.
    pub table: String,
    /// Rows that are in the new database.
    pub rows: u64,
    /// Of these, rows that were lost and came back, in part, from an index.
    pub rebuilt: u64,
    /// Rows that were read but cannot be right, or hang on something that is lost.
    pub refused: u64,
    /// Rows that are lost, at most; `None`: nobody can say.
    pub lost_at_most: Option<u64>,
}

impl TableSalvage {
    /// Returns whether everything is there.
    pub fn is_whole(&self) -> bool {
        self.rebuilt == 0 && self.refused == 0 && self.lost_at_most == Some(0)
    }
}

/// One table of the new database.
struct Table {
    name: String,
    /// Columns that both databases have, with the declared type of the new one's.
    columns: Vec<(String, String)>,
    /// The number that its rows are ordered by in the file.
    key: String,
    /// Whether several rows may have the same of it.
    key_repeats: bool,
}

/// Fills a new shard at `target` from the damaged one at `source`, and returns what became of each table. `facts` are
/// used where the shard's own row is lost.
///
/// # Errors
/// When nothing of the damaged one can be read or the new one cannot be written; what was made of it is removed.
pub fn salvage(
    source: &Path,
    target: &Path,
    facts: &RootFacts<'_>,
    cancel: &CancelToken,
) -> Result<Vec<TableSalvage>, SalvageError> {
    remove_with_companions(target)?;
    let salvaged = fill(source, target, facts, cancel);
    if salvaged.is_err() {
        let _gone = remove_with_companions(target);
    }
    salvaged
}

fn fill(
    source: &Path,
    target: &Path,
    facts: &RootFacts<'_>,
    cancel: &CancelToken,
) -> Result<Vec<TableSalvage>, SalvageError> {
    let mended = header::mended(source)?;
    let mut damaged = open_damaged(mended.as_deref().unwrap_or(source))?;
    let mut new = open_unchecked(target, Access::Create)?;
    let write = |source| SalvageError::Write {
        path: target.to_path_buf(),
        source,
    };
    let filled = interruptible(&mut damaged, cancel)
        .and_then(|()| interruptible(&mut new, cancel))
        .and_then(|()| fill_open(&damaged, &mut new, facts));
    drop(damaged);
    if let Some(mended) = mended {
        let _gone = remove_with_companions(&mended);
    }
    filled.map_err(write)
}

fn fill_open(
    damaged: &Connection,
    new: &mut Connection,
    facts: &RootFacts<'_>,
) -> rusqlite::Result<Vec<TableSalvage>> {
    new.pragma_update(None, "foreign_keys", false)?;
    // Nobody else sees it before it is whole, and a half one is removed.
    new.pragma_update_and_check(None, "journal_mode", "OFF", |_| Ok(()))?;
    new.pragma_update(None, "synchronous", "OFF")?;
    let transaction = new.transaction()?;
    create_shard_schema(&transaction)?;
    // Before the rows: what was read wrong may break its rule.
    create_entries_index(&transaction)?;
    let mut outcomes = Vec::new();
    for table in tables(damaged, &transaction)? {
        let lost = walk::copy(damaged, &transaction, &table)?;
        outcomes.push(TableSalvage {
            table: table.name,
            rows: 0,
            rebuilt: 0,
            refused: lost.refused,
            lost_at_most: lost.at_most,
        });
    }
    if shard::root(&transaction)?.is_none() {
        shard::save_root(&transaction, facts)?;
    } else {
        shard::set_owner(&transaction, facts.drive_uid, facts.drive_label)?;
    }
    rebuild::rebuild(damaged, &transaction, &mut outcomes, facts.scanned_at)?;
    for outcome in &mut outcomes {
        let query = format!("SELECT count(*) FROM \"{}\"", outcome.table);
        let rows: i64 = transaction.query_row(&query, [], |row| row.get(0))?;
        outcome.rows = rows.unsigned_abs();
    }
    transaction.commit()?;
    Ok(outcomes)
}

/// Returns the new database's tables that the damaged one has too, in the order of their making.
fn tables(damaged: &Connection, new: &Connection) -> rusqlite::Result<Vec<Table>> {
    let mut tables = Vec::new();
    let mut select = new.prepare(
        "SELECT name, wr FROM pragma_table_list
          WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'
          ORDER BY (SELECT rootpage FROM sqlite_master m WHERE m.name = pragma_table_list.name)",
    )?;
    let named: Vec<(String, bool)> = select
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (name, key_repeats) in named {
        let had = columns(damaged, &name)?;
        let columns: Vec<(String, String)> = columns(new, &name)?
            .into_iter()
            .filter(|(column, _)| had.iter().any(|(known, _)| known == column))
            .collect();
        let key = if key_repeats {
            columns.first().map(|(column, _)| column.clone())
        } else {
            Some("rowid".to_owned())
        };
        if let (Some(key), false) = (key, columns.is_empty()) {
            tables.push(Table {
                name,
                columns,
                key,
                key_repeats,
            });
        }
    }
    Ok(tables)
}

/// Names and declared types of a table's columns.
fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<(String, String)>> {
    connection
        .prepare("SELECT name, type FROM pragma_table_info(?1)")?
        .query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

#[cfg(test)]
mod tests;
