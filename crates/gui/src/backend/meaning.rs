//! Search by meaning, as far as it is not browsing: its index, and what is said.

use std::sync::Arc;

use videocatalog_core::semantic::IndexStatus;

use super::Trouble;
use crate::job::Running;

/// The index of what files are about.
pub trait Meaning {
    /// Returns how large it is.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    fn index_status(&self) -> Result<IndexStatus, Trouble>;

    /// Brings it up to date; returns what was done, in a sentence.
    ///
    /// # Errors
    /// When a setting forbids it, or it cannot be written.
    fn build_index(&self, running: &Arc<Running>) -> Result<String, Trouble>;

    /// Listens to what is said on the drives that are there, and brings the index up to date; returns what was done, in a
    /// sentence.
    ///
    /// # Errors
    /// When a setting forbids it, or nothing can be written.
    fn transcribe(&self, running: &Arc<Running>) -> Result<String, Trouble>;
}
