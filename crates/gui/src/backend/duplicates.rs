//! Files that are the same to people.

use std::path::PathBuf;

use videocatalog_core::duplicates::{NearDuplicates, NearFile, Reason};

use super::Trouble;
use super::browse::Bitmap;
use crate::job::Running;

/// A plan that was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Planned {
    /// The folder of the document and the scripts.
    pub folder: PathBuf,
    /// Files that could go.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Looking for copies.
pub trait Duplicates {
    /// Compares all files that have fingerprints; `None` if it was stopped.
    ///
    /// # Errors
    /// When the catalogue cannot be read.
    fn near(
        &self,
        reason: Option<Reason>,
        running: &Running,
    ) -> Result<Option<NearDuplicates>, Trouble>;

    /// Returns pictures of these files: frames of the same moments of films. `None`: there is none.
    fn pictures(&self, files: &[NearFile]) -> Vec<Option<Bitmap>>;

    /// Remembers for ever that two files are no duplicates.
    ///
    /// # Errors
    /// When the catalogue cannot be written.
    fn ignore(&self, one: &NearFile, other: &NearFile) -> Result<(), Trouble>;

    /// Writes what could go of these groups, for each drive a script that a person may run.
    ///
    /// # Errors
    /// When it cannot be written.
    fn plan(&self, found: &NearDuplicates) -> Result<Planned, Trouble>;
}
