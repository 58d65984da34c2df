//! How things stand, scanning, the history of scans, and what the user says of his drives.

use std::path::PathBuf;
use std::sync::Arc;

use videocatalog_core::cancel::CancelToken;
use videocatalog_core::catalog::jobs::Job;
use videocatalog_core::event::Sink;
use videocatalog_core::report::Overview;
use videocatalog_core::scan::{ScanOptions, ScanRequest, Summary};

use super::Trouble;
use super::browse::DriveLine;

/// How things stand.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// The drives by label.
    pub drives: Vec<DriveLine>,
    /// Their files.
    pub overview: Overview,
    /// Drives that could not be read, and why.
    pub unread: Vec<String>,
    /// Drives whose last scan did not come to its end.
    pub interrupted: Vec<String>,
    /// Tools that are missing, and what is lost without each.
    pub missing_tools: Vec<(&'static str, &'static str)>,
}

/// What the user says of a drive; `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DriveEdit {
    /// Its label so far.
    pub label: String,
    /// Another label.
    pub new_label: Option<String>,
    /// What it is.
    pub drive_type: Option<String>,
    /// Shelf, box, owner.
    pub notes: Option<String>,
    /// Its root now.
    pub root: Option<PathBuf>,
}

/// A place where a drive seems to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The folder.
    pub folder: PathBuf,
    /// The label under which it is known, if it is.
    pub label: Option<String>,
    /// What it is, such as `ext4, 2.0 TB`.
    pub about: String,
}

/// What the form of a scan begins with.
#[derive(Clone, Debug)]
pub struct ScanSetup {
    /// What the settings ask for.
    pub options: ScanOptions,
    /// The user's kinds of drive.
    pub drive_types: Vec<String>,
    /// Drives that are mounted.
    pub places: Vec<Place>,
    /// Tools that are missing, and what is lost without each.
    pub missing_tools: Vec<(&'static str, &'static str)>,
}

/// Scanning.
pub trait Scanning {
    /// Returns how things stand.
    ///
    /// # Errors
    /// When the catalogue cannot be read.
    fn standing(&self, cancel: &CancelToken) -> Result<Standing, Trouble>;

    /// Returns what the form of a scan begins with.
    ///
    /// # Errors
    /// When the catalogue cannot be read.
    fn scan_setup(&self) -> Result<ScanSetup, Trouble>;

    /// Adds to the user's kinds of drive.
    ///
    /// # Errors
    /// When the file cannot be written.
    fn save_drive_type(&self, drive_type: &str) -> Result<(), Trouble>;

    /// Scans. Folder and label are as the user wrote them.
    ///
    /// # Errors
    /// When it cannot begin, or fails. A scan that was stopped is no error.
    fn scan(
        &self,
        request: &ScanRequest,
        said: &DriveEdit,
        sink: Arc<dyn Sink>,
        cancel: &CancelToken,
    ) -> Result<Summary, Trouble>;

    /// Returns the scans, newest first.
    ///
    /// # Errors
    /// When the catalogue cannot be read.
    fn jobs(&self) -> Result<Vec<Job>, Trouble>;

    /// Takes a scan out of the history.
    ///
    /// # Errors
    /// When it runs, or the catalogue cannot be written.
    fn delete_job(&self, id: i64) -> Result<(), Trouble>;

    /// Changes what is known of a drive.
    ///
    /// # Errors
    /// When the label is taken or is none, or the folder is not the drive's.
    fn edit_drive(&self, edit: &DriveEdit) -> Result<(), Trouble>;

    /// Forgets a drive and its files.
    ///
    /// # Errors
    /// When it is being scanned, or its database cannot be removed.
    fn forget(&self, label: &str) -> Result<(), Trouble>;

    /// Returns the last lines of the log, oldest first.
    fn log_tail(&self, lines: usize) -> Vec<String>;
}
