//! Databases of the older program: recognised, backed up, converted.

use std::path::Path;

use rusqlite::Connection;

use super::open::Journal;
use crate::clock::Clock;
use crate::workdir::WorkingDir;

/// x
#[derive(Debug, thiserror::Error)]
pub enum LegacyError {}

impl LegacyError {
    /// x
    pub fn hint(&self) -> String {
        String::new()
    }
}

/// x
pub fn prepare_catalog(
    _: &Path,
    _: &WorkingDir,
    _: Journal,
    _: &dyn Clock,
    _: &mut Vec<String>,
) -> Result<(), LegacyError> {
    Ok(())
}

/// x
pub fn adopt(
    _: &WorkingDir,
    _: &Connection,
    _: &dyn Clock,
    _: &mut Vec<String>,
) -> Result<(), LegacyError> {
    Ok(())
}
