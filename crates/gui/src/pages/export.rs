//! Writing what was found, or whole drives, into a file.

use eframe::egui::Ui;
use videocatalog_core::export::Format;
use videocatalog_core::human;
use videocatalog_core::path::display::printable_path;
use videocatalog_core::search::shown;

use crate::backend::browse::{ExportWanted, Exported};
use crate::command::Command;
use crate::dialog::{self, Dialog, Stay};
use crate::news::{Level, News};
use crate::shell::Shell;
use crate::widgets;

/// Asks what is to be written.
pub(crate) struct Export {
    query: String,
    drive: Option<String>,
    found: u64,
    is_whole: bool,
    format: Format,
    include_deleted: bool,
    av_only: bool,
    safe_cells: bool,
}

impl Export {
    /// Returns the dialog for a query, the drive that is searched, and how many files that finds.
    pub(super) fn new(query: String, drive: Option<String>, found: u64) -> Self {
        Self {
            is_whole: query.trim().is_empty(),
            query,
            drive,
            found,
            format: Format::Csv,
            include_deleted: false,
            av_only: false,
            safe_cells: false,
        }
    }

    fn wanted(&self) -> ExportWanted {
        ExportWanted {
            format: self.format,
            query: (!self.is_whole).then(|| self.query.clone()),
            labels: self.drive.iter().cloned().collect(),
            include_deleted: self.include_deleted,
            av_only: self.av_only,
            safe_cells: self.safe_cells,
        }
    }
}

impl Dialog for Export {
    fn title(&self) -> String {
        "Export".into()
    }

    fn show(&mut self, ui: &mut Ui, shell: &mut Shell) -> Stay {
        let drives = self.drive.as_deref().map_or_else(
            || "all drives".to_owned(),
            |label| format!("the drive `{}`", shown(label)),
        );
        if !self.query.trim().is_empty() {
            let found = format!("What was found: {}", human::files(self.found));
            ui.radio_value(&mut self.is_whole, false, found);
        }
        ui.radio_value(&mut self.is_whole, true, format!("Every file of {drives}"));
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            ui.radio_value(&mut self.format, Format::Csv, "CSV");
            ui.radio_value(&mut self.format, Format::Jsonl, "JSON lines");
            ui.radio_value(&mut self.format, Format::Parquet, "Parquet");
        });
        ui.checkbox(&mut self.include_deleted, "Include deleted");
        ui.checkbox(&mut self.av_only, "AV only");
        if self.format == Format::Csv {
            let words = "Safe for spreadsheets: a ' before what looks like a formula";
            ui.checkbox(&mut self.safe_cells, words);
        }
        widgets::dim(
            ui,
            "The file is written into the folder exports of the working directory.",
        );
        match dialog::buttons(ui, "Start export", true) {
            Some(true) => {
                let wanted = self.wanted();
                shell
                    .news
                    .toast(News::new(Level::Info, "The export has begun"));
                shell.chore("Exporting", move |backend, running| {
                    backend.export(&wanted, running).map(|done| news(&done))
                });
                Stay::Closed
            }
            Some(false) => Stay::Closed,
            None => Stay::Open,
        }
    }
}

fn news(done: &Exported) -> News {
    let files = human::files(done.rows);
    let path = printable_path(&done.path);
    let news = if done.missing.is_empty() {
        News::new(Level::Success, format!("{files} exported: {path}"))
    } else {
        let missing = shown(&done.missing.join("; "));
        let text = format!("{files} exported, not all: {missing}: {path}");
        News::new(Level::Warning, text)
    };
    news.with("Open exports folder", Command::OpenExports)
}
