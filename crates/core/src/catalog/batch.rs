//! Writing in batches: a transaction that begins with the first change and carries its number and time.

use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::clock::Clock;

/// The batch under way on a shard's writing connection.
pub(crate) struct Batch<'c> {
    connection: &'c Connection,
    clock: &'c dyn Clock,
    open: Option<OpenBatch>,
}

pub(crate) struct OpenBatch {
    /// Given out with the first change.
    change_id: Option<i64>,
    rows: u64,
    began: Instant,
}

impl<'c> Batch<'c> {
    /// Returns a batch that has not begun.
    pub(crate) fn new(connection: &'c Connection, clock: &'c dyn Clock) -> Self {
        Self {
            connection,
            clock,
            open: None,
        }
    }

    /// Begins a transaction if none is open, so that many small reads share one.
    ///
    /// # Errors
    /// What SQLite says.
    pub(crate) fn begin(&mut self) -> rusqlite::Result<&mut OpenBatch> {
        match &mut self.open {
            Some(open) => Ok(open),
            none => {
                // The shard's lock keeps other writers out, so that a read may become a write later on.
                self.connection.execute_batch("BEGIN")?;
                Ok(none.insert(OpenBatch {
                    change_id: None,
                    rows: 0,
                    began: Instant::now(),
                }))
            }
        }
    }

    /// Counts a row that needs no number: nothing that is searched for changes by it.
    ///
    /// # Errors
    /// What SQLite says.
    pub(crate) fn begin_row(&mut self) -> rusqlite::Result<()> {
        self.begin()?.rows += 1;
        Ok(())
    }

    /// Counts one more change and returns the number to stamp it with.
    ///
    /// # Errors
    /// What SQLite says.
    pub(crate) fn change(&mut self) -> rusqlite::Result<i64> {
        let (connection, clock) = (self.connection, self.clock);
        let open = self.begin()?;
        open.rows += 1;
        if let Some(change_id) = open.change_id {
            return Ok(change_id);
        }
        let change_id = connection
            .prepare_cached("UPDATE root SET change_id = change_id + 1 RETURNING change_id")?
            .query_row([], |row| row.get(0))?;
        connection
            .prepare_cached("INSERT INTO changes(change_id, utc) VALUES(?1, ?2)")?
            .execute(rusqlite::params![change_id, clock.now_utc()])?;
        open.change_id = Some(change_id);
        Ok(change_id)
    }

    /// Commits if the open batch holds `rows` changes or is older than `interval`.
    ///
    /// # Errors
    /// What SQLite says.
    pub(crate) fn commit_if(&mut self, rows: u64, interval: Duration) -> rusqlite::Result<()> {
        match &self.open {
            Some(open) if open.rows >= rows || open.began.elapsed() >= interval => self.commit(),
            _ => Ok(()),
        }
    }

    /// Commits the open batch, if there is one.
    ///
    /// # Errors
    /// What SQLite says.
    pub(crate) fn commit(&mut self) -> rusqlite::Result<()> {
        if self.open.take().is_some() {
            self.connection.execute_batch("COMMIT")?;
        }
        Ok(())
    }
}

impl Batch<'_> {
    /// Takes back what is not committed.
    ///
    /// # Errors
    /// What SQLite says.
    pub(crate) fn abandon(&mut self) -> rusqlite::Result<()> {
        match self.open.take() {
            // A full disk makes SQLite roll back by itself.
            Some(_) if !self.connection.is_autocommit() => {
                self.connection.execute_batch("ROLLBACK")
            }
            _ => Ok(()),
        }
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        // Left by an error: what the batch held is done again by the next scan.
        let _the_connection_closes_anyway = self.abandon();
    }
}
