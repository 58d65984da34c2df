//! What becomes of rows whose files were not met again: moved, deleted, or left alone.

use rusqlite::Connection;

use super::listing::Listing;
use super::{events, names};
use crate::path::RelPath;

impl Listing<'_> {
    /// Adds the files of folders that are gone to those that are missing.
    ///
    /// A folder that was not visited is gone only if the nearest visited folder above it was listed completely and did
    /// not show it: neither as unreadable nor as left out by a filter.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn note_missing_folders(&mut self) -> rusqlite::Result<()> {
        let mut kept = super::bits::Bits::default();
        // A path sorts after every path it begins with, so parents come first.
        let mut select = self
            .connection
            .prepare("SELECT id, parent_id FROM folders ORDER BY path")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let (id, parent): (i64, Option<i64>) = (row.get(0)?, row.get(1)?);
            if self.visited.get(id) {
                continue;
            }
            let is_kept = match parent {
                None => true,
                Some(parent) if self.visited.get(parent) => {
                    self.incomplete.get(parent) || self.shadowed.get(id)
                }
                Some(parent) => kept.get(parent),
            };
            if is_kept {
                kept.set(id);
                continue;
            }
            self.connection
                .prepare_cached(
                    "INSERT OR IGNORE INTO temp.missing(id)
                     SELECT id FROM entries WHERE folder_id = ?1 AND deleted_change IS NULL",
                )?
                .execute([id])?;
        }
        Ok(())
    }

    /// Returns how many files are missing.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn missing(&self) -> rusqlite::Result<u64> {
        self.connection
            .query_row("SELECT count(*) FROM temp.missing", [], |row| {
                row.get::<_, i64>(0)
            })
            .map(unsigned)
    }

    /// Gives missing files that arrived elsewhere their new place: same inode, size and time, and no doubt about it.
    /// Arrivals are the files first seen after the batch `since_change`. Everything stays uncommitted, so that
    /// [`Listing::abandon`] can take it back. Returns how many there were.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn match_moves(&mut self, since_change: i64) -> rusqlite::Result<u64> {
        let change = self.batch.change()?;
        self.connection.execute_batch(
            "DROP TABLE IF EXISTS temp.arrivals; DROP TABLE IF EXISTS temp.moves; DROP TABLE IF EXISTS temp.places;
             CREATE TEMP TABLE arrivals(id INTEGER PRIMARY KEY, inode, size_bytes, mtime_us);
             CREATE TEMP TABLE moves(old INTEGER PRIMARY KEY, new INTEGER NOT NULL);",
        )?;
        self.connection.execute(
            "INSERT INTO temp.arrivals SELECT id, inode, size_bytes, mtime_us FROM entries
             WHERE first_change > ?1 AND deleted_change IS NULL AND inode IS NOT NULL
               AND id NOT IN (SELECT id FROM temp.missing)",
            [since_change],
        )?;
        self.connection.execute_batch(
            "CREATE INDEX temp.arrivals_by_inode ON arrivals(inode);
             INSERT INTO temp.moves(old, new)
             SELECT m.id, min(a.id) FROM temp.missing m JOIN entries o ON o.id = m.id
               JOIN temp.arrivals a ON a.inode = o.inode AND a.size_bytes = o.size_bytes AND a.mtime_us = o.mtime_us
              GROUP BY m.id HAVING count(*) = 1;
             CREATE INDEX temp.moves_by_new ON moves(new);
             DELETE FROM temp.moves WHERE new IN (SELECT new FROM temp.moves GROUP BY new HAVING count(*) > 1);",
        )?;
        let moved = self
            .connection
            .query_row("SELECT count(*) FROM temp.moves", [], |row| {
                row.get::<_, i64>(0)
            })?;
        if moved > 0 {
            events::matched_moves(self.connection, change)?;
            self.connection.execute_batch(
                "CREATE TEMP TABLE places(old INTEGER PRIMARY KEY, folder_id, name, name_folded, kind_id);
                 INSERT INTO temp.places
                 SELECT v.old, n.folder_id, n.name, n.name_folded,
                        CASE WHEN nk.ext IS ok.ext THEN o.kind_id ELSE n.kind_id END
                   FROM temp.moves v JOIN entries n ON n.id = v.new JOIN entries o ON o.id = v.old
                   JOIN kinds nk ON nk.id = n.kind_id JOIN kinds ok ON ok.id = o.kind_id;
                 DELETE FROM entries WHERE id IN (SELECT new FROM temp.moves);",
            )?;
            for table in super::hashing::CONTENT_TABLES {
                // What was learnt under the new name is known under the old one, or is learnt again.
                self.connection.execute(
                    &format!("DELETE FROM {table} WHERE file_id IN (SELECT new FROM temp.moves)"),
                    [],
                )?;
            }
            self.connection.execute(
                "UPDATE entries SET folder_id = p.folder_id, name = p.name, name_folded = p.name_folded,
                                    kind_id = p.kind_id, change_id = ?1
                   FROM temp.places p WHERE entries.id = p.old",
                [change],
            )?;
            self.connection.execute(
                "DELETE FROM temp.missing WHERE id IN (SELECT old FROM temp.moves)",
                [],
            )?;
        }
        Ok(unsigned(moved))
    }

    /// Marks what is missing as deleted and commits, moves included.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn mark_deleted(&mut self) -> rusqlite::Result<u64> {
        let change = self.batch.change()?;
        events::missing_deleted(self.connection, change)?;
        let marked = self.connection.execute(
            "UPDATE entries SET deleted_change = ?1, change_id = ?1
             WHERE id IN (SELECT id FROM temp.missing) AND deleted_change IS NULL",
            [change],
        )?;
        self.batch.commit()?;
        Ok(marked as u64)
    }

    /// Takes everything back that is not committed.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn abandon(&mut self) -> rusqlite::Result<()> {
        self.batch.abandon()
    }
}

/// Returns how many files a shard knows below a folder that are not deleted.
///
/// # Errors
/// What SQLite says.
pub fn live_files(connection: &Connection, below: &RelPath) -> rusqlite::Result<u64> {
    let count = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0).map(unsigned);
    if below.is_root() {
        return connection.query_row(
            "SELECT count(*) FROM entries WHERE deleted_change IS NULL",
            [],
            count,
        );
    }
    connection.query_row(
        &format!(
            "SELECT count(*) FROM entries e JOIN folders f ON f.id = e.folder_id
              WHERE e.deleted_change IS NULL AND {}",
            names::BELOW
        ),
        [names::to_sql(below.as_bytes())],
        count,
    )
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}
