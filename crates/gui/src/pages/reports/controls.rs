//! What is reported on, and how long lists are.

use std::ops::RangeInclusive;

use eframe::egui::{self, RichText, Ui};
use videocatalog_core::report::Params;
use videocatalog_core::report::document::Subject;
use videocatalog_core::search::query::parse_size;
use videocatalog_core::search::shown;

use crate::backend::reporting::Question;
use crate::theme::Palette;
use crate::widgets;

/// Least entries of largest files, as ever.
const LARGEST: usize = 100;

/// What the user chose.
pub(super) struct Controls {
    /// The drive by its label; none: all.
    label: Option<String>,
    top_n: usize,
    depth: usize,
    days: u32,
    /// What should fit on a drive, as it is written.
    pub(super) fit: String,
}

impl Default for Controls {
    fn default() -> Self {
        let usual = Params::default();
        Self {
            label: None,
            top_n: usual.top_n,
            depth: usual.folder_depth,
            days: usual.recent_days,
            fit: String::new(),
        }
    }
}

impl Controls {
    /// Returns the question for a report.
    pub(super) fn question(&self, subject: Subject) -> Question {
        Question {
            subject,
            label: self.label.clone(),
            params: Params {
                top_n: self.top_n,
                folder_depth: self.depth,
                recent_days: self.days,
                largest_limit: self.top_n.max(LARGEST),
            },
            fit_bytes: self.fit_bytes().ok().flatten(),
        }
    }

    /// Returns whether reports that were made for others would be the same now, but for what should fit.
    pub(super) fn are_like(&self, other: &Question) -> bool {
        let question = self.question(other.subject);
        (question.label, question.params) == (other.label.clone(), other.params)
    }

    /// Returns what the reports are of, in words.
    pub(super) fn of(&self) -> String {
        let label = self.label.as_deref();
        label.map_or_else(|| "All drives".into(), shown)
    }

    /// Returns how many bytes should fit, if it was asked.
    ///
    /// # Errors
    /// What is wrong with what is written.
    pub(super) fn fit_bytes(&self) -> Result<Option<u64>, String> {
        match self.fit.trim() {
            "" => Ok(None),
            text => parse_size(text).map(Some),
        }
    }

    /// Forgets a drive that is there no longer.
    pub(super) fn keep_to(&mut self, labels: &[String]) {
        self.label = self.label.take().filter(|label| labels.contains(label));
    }

    /// Draws them.
    pub(super) fn show(&mut self, ui: &mut Ui, labels: &[String]) {
        let dim = Palette::shown(ui).dim;
        ui.label(RichText::new("Drive").color(dim));
        ui.name_inputs("Drive", |ui| {
            egui::ComboBox::from_id_salt("drive")
                .selected_text(self.of())
                .width(120.0)
                .truncate()
                .show_ui(ui, |ui| {
                    ui.selectable_value(&mut self.label, None, "All drives");
                    for label in labels {
                        let value = Some(label.clone());
                        ui.selectable_value(&mut self.label, value, shown(label));
                    }
                });
        });
        let what = "How many extensions, folders, files, groups and scans are listed";
        number(ui, "Top N", what, &mut self.top_n, 5..=500);
        let what = "How many names below the drive's root folders are added up";
        number(ui, "Depth", what, &mut self.depth, 1..=10);
        let what = "How many days recent changes go back";
        number(ui, "Last days", what, &mut self.days, 1..=365);
    }
}

fn number<N: egui::emath::Numeric>(
    ui: &mut Ui,
    text: &str,
    what: &str,
    value: &mut N,
    range: RangeInclusive<N>,
) {
    let dim = Palette::shown(ui).dim;
    ui.label(RichText::new(text).color(dim));
    let field = ui.add(egui::DragValue::new(value).range(range));
    let field = field.on_hover_text(what);
    widgets::named(ui, &field, text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_least_a_hundred_of_the_largest_files() {
        let mut controls = Controls::default();
        let usual = controls.question(Subject::Five);
        assert_eq!(usual.params, Params::default());
        controls.top_n = 300;
        let params = controls.question(Subject::Five).params;
        assert_eq!((params.top_n, params.largest_limit), (300, 300));
    }

    #[test]
    fn a_size_is_read_or_refused() {
        let mut controls = Controls::default();
        assert_eq!(controls.fit_bytes(), Ok(None));
        controls.fit = " 40gb ".into();
        assert_eq!(controls.fit_bytes(), Ok(Some(40_000_000_000)));
        controls.fit = "a lot".into();
        assert!(controls.fit_bytes().is_err());
    }
}
