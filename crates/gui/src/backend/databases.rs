//! Looking after databases.

use std::path::{Path, PathBuf};

use videocatalog_core::catalog::backups::Backup;
use videocatalog_core::maintain::{Action, Outcome};

use super::Trouble;
use crate::job::Running;

/// A database of the working directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseLine {
    /// `Catalog` or `Shard LABEL`.
    pub name: String,
    /// What [`Databases::maintain`] calls it: `catalog` or `shard:LABEL`.
    pub target: String,
    /// The file.
    pub path: PathBuf,
    /// Its bytes, with those of its log; `None`: it is not there.
    pub bytes: Option<u64>,
    /// Who works on it.
    pub in_use: Option<String>,
}

/// Looking after databases.
pub trait Databases {
    /// Returns the catalogue and all shards.
    fn databases(&self) -> Vec<DatabaseLine>;

    /// Does something with a database, telling how far it is.
    ///
    /// # Errors
    /// When there is no such database. What went wrong with it is in the outcomes.
    fn maintain(
        &self,
        action: Action,
        target: &str,
        running: &Running,
    ) -> Result<Vec<Outcome>, Trouble>;

    /// Returns the backups of a database, newest first.
    ///
    /// # Errors
    /// When there is no such database.
    fn backups(&self, target: &str) -> Result<Vec<Backup>, Trouble>;

    /// Puts a backup in a database's place; returns what was done.
    ///
    /// # Errors
    /// When it does not check out, or somebody works on the database.
    fn restore(&self, target: &str, backup: &Path, running: &Running) -> Result<String, Trouble>;

    /// Reads what can be read of a damaged shard into a new one; returns what was done.
    ///
    /// # Errors
    /// When nothing can be read, or somebody works on it.
    fn salvage(&self, target: &str, running: &Running) -> Result<String, Trouble>;

    /// Returns where the catalogue is.
    fn catalogue(&self) -> PathBuf;

    /// Uses another catalogue from now on, and remembers it; one that is not there is made.
    ///
    /// # Errors
    /// When it cannot be opened or made: the present one stays.
    fn switch(&self, catalogue: &Path) -> Result<(), Trouble>;

    /// Forgets all drives, after backups of everything. Returns the folder of the backups.
    ///
    /// # Errors
    /// When a backup fails, or somebody works on a drive.
    fn reset(&self, running: &Running) -> Result<PathBuf, Trouble>;

    /// Copies the catalogue into the exports; returns where.
    ///
    /// # Errors
    /// When the copy cannot be written, or does not check out.
    fn export_catalogue(&self, running: &Running) -> Result<PathBuf, Trouble>;
}
