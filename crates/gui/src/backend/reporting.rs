//! Reports.

use std::path::PathBuf;

use videocatalog_core::cancel::CancelToken;
use videocatalog_core::report::Params;
use videocatalog_core::report::days::DayEntry;
use videocatalog_core::report::document::{Document, Subject};

use super::Trouble;

/// A report that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What about.
    pub subject: Subject,
    /// Of one drive by its label, or of all together.
    pub label: Option<String>,
    /// How long its lists are.
    pub params: Params,
    /// How many bytes should fit on a drive.
    pub fit_bytes: Option<u64>,
}

/// A report.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was asked about.
    pub subject: Subject,
    /// The document, as the command line has it.
    pub document: Document,
    /// Of the five: the days that recent changes look at.
    pub days: Vec<DayEntry>,
}

/// A kind of file that a report is written into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A table for each report.
    Csv,
    /// One document.
    Json,
}

/// Making reports.
pub trait Reporting {
    /// Returns the labels of the drives that can be reported on.
    ///
    /// # Errors
    /// When the catalogue cannot be read.
    fn report_labels(&self) -> Result<Vec<String>, Trouble>;

    /// Makes a report; `None` if it was cancelled.
    ///
    /// # Errors
    /// When the catalogue cannot be read, or does not know the drive.
    fn report(&self, question: &Question, cancel: &CancelToken) -> Result<Option<Report>, Trouble>;

    /// Writes a report into the folder of reports. Returns the files.
    ///
    /// # Errors
    /// When they cannot be written.
    fn export_report(&self, document: &Document, format: Format) -> Result<Vec<PathBuf>, Trouble>;
}
