//! Reports from the catalogue.

use std::path::PathBuf;

use jiff::tz::TimeZone;
use videocatalog_core::cancel::CancelToken;
use videocatalog_core::clock::local_stamp;
use videocatalog_core::report::Source;
use videocatalog_core::report::days;
use videocatalog_core::report::document::{Document, Subject, Wanted};
use videocatalog_core::report::files::{self, Target};

use super::CoreBackend;
use crate::backend::Trouble;
use crate::backend::reporting::{Format, Question, Report, Reporting};

impl Reporting for CoreBackend {
    fn report_labels(&self) -> Result<Vec<String>, Trouble> {
        let drives = self.reading()?.drives()?;
        Ok(drives.into_iter().map(|drive| drive.label).collect())
    }

    fn report(&self, question: &Question, cancel: &CancelToken) -> Result<Option<Report>, Trouble> {
        let catalog = self.reading()?;
        let source = Source {
            searcher: &self.searcher,
            catalog: &catalog,
            cancel,
        };
        let wanted = Wanted {
            labels: question.label.iter().cloned().collect(),
            params: question.params,
            fit_bytes: question.fit_bytes,
            now_us: self.home().clock.now_us(),
        };
        let subject = question.subject;
        let Some(document) = Document::make(source, subject, &wanted)? else {
            return Ok(None);
        };
        let days = if subject == Subject::Five {
            let drives = catalog.select(&wanted.labels)?;
            let (now_us, back) = (wanted.now_us, wanted.params.recent_days);
            days::days(source, &drives, now_us, back, &TimeZone::system())
        } else {
            Some(Vec::new())
        };
        Ok(days.map(|days| Report {
            subject,
            document,
            days,
        }))
    }

    fn export_report(&self, document: &Document, format: Format) -> Result<Vec<PathBuf>, Trouble> {
        let home = self.home();
        let stamp = local_stamp(home.clock.now_us(), &TimeZone::system());
        let target = Target {
            folder: &home.workdir.reports(),
            stamp: &stamp,
            safe_cells: false,
        };
        let written = match format {
            Format::Csv => files::write_csv(document, target),
            Format::Json => files::write_json(document, target).map(|path| vec![path]),
        };
        let hint = "check that the working directory can be written, and that its drive has space";
        written.map_err(|error| Trouble::new(error, hint))
    }
}
