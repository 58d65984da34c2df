//! Reports: what there is, what takes up most, what changed, what exists twice or only once, and where there is room.

mod chart;
mod controls;
mod five;
mod leaf;
mod more;
mod run;
mod section;
mod sheet;
mod treemap;

use std::collections::BTreeMap;
use std::sync::Arc;

use eframe::egui::{self, Key, RichText, Ui};
use videocatalog_core::report::document::{Document, Subject};
use videocatalog_core::search::shown;

use self::controls::Controls;
use self::leaf::Leaf;
use self::run::{Ended, Run};
use self::section::Section;
use super::Page;
use crate::backend::Trouble;
use crate::backend::reporting::{Format, Question, Report};
use crate::command::{Command, Tab};
use crate::latest::Latest;
use crate::news::{Level, News};
use crate::shell::Shell;
use crate::theme::Palette;
use crate::widgets;

/// Reports.
pub(crate) struct Reports {
    asking: Latest<(), Result<Vec<String>, Trouble>>,
    labels: Option<Result<Vec<String>, Trouble>>,
    controls: Controls,
    run: Option<Run>,
    /// What the reports are of that are shown or made, in words, and one of the questions.
    asked: Option<(String, Question)>,
    /// What the last run said of itself.
    status: String,
    trouble: Option<Trouble>,
    documents: BTreeMap<Subject, Arc<Document>>,
    tabs: BTreeMap<Section, Shown>,
    section: Section,
}

/// What a tab shows.
struct Shown {
    leaves: Vec<Leaf>,
    /// The one that is chosen.
    leaf: usize,
}

impl Reports {
    pub(crate) fn new(shell: &Shell) -> Self {
        Self {
            asking: shell.latest(|backend, (), _| backend.report_labels()),
            labels: None,
            controls: Controls::default(),
            run: None,
            asked: None,
            status: String::new(),
            trouble: None,
            documents: BTreeMap::new(),
            tabs: BTreeMap::new(),
            section: Section::Overview,
        }
    }

    /// Makes all reports.
    pub(crate) fn run(&mut self, shell: &mut Shell) {
        self.begin(&Subject::ALL, shell);
    }

    /// Makes reports about some subjects; a run that is under way is stopped.
    fn begin(&mut self, subjects: &[Subject], shell: &mut Shell) {
        let before = self.run.take();
        if let Some(before) = &before {
            before.stop();
        }
        let is_like = |asked: &(String, Question)| self.controls.are_like(&asked.1);
        // What a stopped run did not bring is made now, and reports of different drives do not stand beside each other.
        let subjects = if before.is_none() && self.asked.as_ref().is_some_and(is_like) {
            subjects
        } else {
            &Subject::ALL
        };
        self.trouble = None;
        self.documents
            .retain(|subject, _| !subjects.contains(subject));
        self.tabs
            .retain(|section, _| !subjects.contains(&section.subject()));
        let questions = subjects.iter();
        let questions: Vec<Question> = questions
            .map(|subject| self.controls.question(*subject))
            .collect();
        let first = questions.first().cloned();
        self.asked = first.map(|question| (self.controls.of(), question));
        self.run = Some(Run::start(questions, shell));
    }

    fn take(&mut self, report: Report) {
        for (section, leaves) in section::leaves(&report) {
            let before = self.tabs.get(&section).map_or(0, |shown| shown.leaf);
            let shown = Shown {
                leaves,
                leaf: before,
            };
            self.tabs.insert(section, shown);
        }
        self.documents
            .insert(report.subject, Arc::new(report.document));
    }

    fn end(&mut self, ended: Result<Ended, Trouble>) {
        match ended {
            Ok(ended) => {
                let took = format!("{:.0} ms", ended.elapsed_ms);
                self.status = if ended.is_stopped {
                    format!("Stopped after {took}; press Run for all reports")
                } else {
                    let of = self.asked.as_ref().map_or("", |(of, _)| of);
                    format!("{of}, made in {took}")
                };
            }
            Err(trouble) => {
                self.status = String::new();
                self.trouble = Some(trouble);
            }
        }
    }

    fn export(&self, format: Format, shell: &mut Shell) {
        let Some(document) = self.documents.get(&self.section.subject()).cloned() else {
            let says = if self.run.is_some() {
                "This report is not made yet. Export it once it is shown."
            } else {
                "There is nothing to export yet: press Run first."
            };
            shell.news.banner(News::new(Level::Info, says));
            return;
        };
        shell.chore("Exporting reports", move |backend, _| {
            let files = backend.export_report(&document, format)?;
            Ok(exported(&files))
        });
    }

    fn head(&mut self, ui: &mut Ui, shell: &mut Shell) {
        ui.horizontal_wrapped(|ui| {
            if let Some(Ok(labels)) = &self.labels {
                self.controls.show(ui, labels);
            }
            if ui.add(widgets::accent(ui, "Run")).clicked() {
                self.run(shell);
            }
            if let Some(run) = &self.run {
                let cancel = ui.add_enabled(!run.is_stopping(), egui::Button::new("Cancel"));
                if cancel.clicked() {
                    run.stop();
                }
            }
            let name = if self.section.subject() == Subject::Five {
                "the five reports from the overview to recent changes"
            } else {
                "the report that is shown"
            };
            for (text, format) in [("Export CSV…", Format::Csv), ("Export JSON…", Format::Json)]
            {
                let hover = format!("Write {name} into the folder of exports");
                if ui.button(text).on_hover_text(hover).clicked() {
                    self.export(format, shell);
                }
            }
            let dim = Palette::shown(ui).dim;
            ui.label(RichText::new(self.says()).color(dim));
        });
        ui.add_space(4.0);
    }

    /// Returns how far a run is, or how the last one went.
    fn says(&self) -> String {
        match &self.run {
            Some(run) if run.is_stopping() => "Stopping…".into(),
            Some(run) => format!("{}…", run.line()),
            None => self.status.clone(),
        }
    }

    fn sections(&mut self, ui: &mut Ui) {
        ui.horizontal_wrapped(|ui| {
            for section in Section::ALL {
                let button = egui::Button::selectable(self.section == section, section.title());
                if ui.add(button).clicked() {
                    self.section = section;
                }
            }
        });
        ui.add_space(8.0);
    }

    /// Draws the field for a size that should fit.
    fn fit(&mut self, ui: &mut Ui, shell: &mut Shell) {
        let palette = Palette::shown(ui);
        let wrong = self.controls.fit_bytes().err();
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new("Where would fit").color(palette.dim));
            let edit = egui::TextEdit::singleline(&mut self.controls.fit);
            let field = ui.add(edit.hint_text("40gb").desired_width(96.0));
            widgets::named(ui, &field, "Where would fit");
            let is_enter = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            let look = ui.add_enabled(wrong.is_none(), egui::Button::new("Look"));
            if wrong.is_none() && (is_enter || look.clicked()) {
                self.begin(&[Subject::Space], shell);
            }
            if let Some(wrong) = wrong {
                ui.label(RichText::new(shown(&wrong)).color(palette.error));
            }
        });
    }

    /// Draws what is shown of the chosen report.
    fn body(&mut self, ui: &mut Ui, shell: &mut Shell) {
        let palette = Palette::shown(ui);
        if let Some(trouble) = &self.trouble {
            widgets::trouble(ui, trouble);
        }
        if let Some(document) = self.documents.get(&self.section.subject()) {
            for reason in document.unread() {
                let text = RichText::new(format!("Not reported on: {}", shown(reason)));
                ui.add(egui::Label::new(text.color(palette.warn)).wrap());
            }
        }
        if self.section == Section::Space {
            self.fit(ui, shell);
        }
        if let Some(tab) = self.tabs.get_mut(&self.section) {
            tab.show(ui, shell);
            return;
        }
        if self.run.is_some() {
            widgets::dim(ui, "This report is being made…");
        } else if self.trouble.is_none() {
            let sentence = "Totals, the largest files and folders, what changed, what exists twice or only once.";
            if widgets::empty(ui, "No report was made yet", sentence, "Make the reports") {
                self.run(shell);
            }
        }
    }
}

impl Shown {
    fn show(&mut self, ui: &mut Ui, shell: &mut Shell) {
        if self.leaves.len() > 1 {
            ui.horizontal_wrapped(|ui| {
                for (index, leaf) in self.leaves.iter().enumerate() {
                    let button = egui::Button::selectable(self.leaf == index, leaf.name);
                    if ui.add(button).clicked() {
                        self.leaf = index;
                    }
                }
            });
        }
        let name = self.leaf;
        if let Some(leaf) = self.leaves.get_mut(self.leaf) {
            ui.push_id(name, |ui| leaf.show(ui, shell));
        }
    }
}

/// Returns the news of files that were written.
fn exported(files: &[std::path::PathBuf]) -> News {
    let says = match files {
        [file] => format!("Written: {}", shown(&file.to_string_lossy())),
        [file, ..] => format!(
            "{} files are written into {}",
            files.len(),
            shown(&file.with_file_name("").to_string_lossy())
        ),
        [] => "There was nothing to write".to_owned(),
    };
    News::new(Level::Success, says).with("Open exports folder", Command::OpenExports)
}

impl Page for Reports {
    fn poll(&mut self, _shell: &mut Shell) {
        if let Some(((), labels)) = self.asking.poll() {
            if let Ok(labels) = &labels {
                self.controls.keep_to(labels);
            }
            self.labels = Some(labels);
        }
        let Some(run) = &self.run else {
            return;
        };
        let (ended, reports) = run.poll();
        for report in reports {
            self.take(report);
        }
        if let Some(ended) = ended {
            self.run = None;
            self.end(ended);
        }
    }

    fn refresh(&mut self, _shell: &mut Shell) {
        self.asking.ask(());
    }

    fn show(&mut self, ui: &mut Ui, shell: &mut Shell) {
        match &self.labels {
            None => {
                widgets::dim(ui, "Looking which drives there are…");
                return;
            }
            Some(Err(trouble)) => {
                widgets::trouble(ui, trouble);
                return;
            }
            Some(Ok(labels)) if labels.is_empty() => {
                let sentence = "Scan a drive, and reports say what is on it.";
                let heading = "There is nothing to report on yet";
                if widgets::empty(ui, heading, sentence, "Scan a drive") {
                    shell.wish(Command::Show(Tab::Scan));
                }
                return;
            }
            Some(Ok(_)) => {}
        }
        self.head(ui, shell);
        self.sections(ui);
        self.body(ui, shell);
    }
}
