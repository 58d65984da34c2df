//! Scanning a drive: the form, and what is seen of the scan while it runs.

mod form;
mod progress;

use std::sync::Arc;

use eframe::egui::{self, RichText, Ui};
use videocatalog_core::catalog::jobs::JobStatus;
use videocatalog_core::human;
use videocatalog_core::media::Category;
use videocatalog_core::scan::{ScanRequest, Summary};
use videocatalog_core::search::shown;

use self::form::Form;
use self::progress::Observer;
use super::Page;
use super::drives::Drives;
use crate::backend::Trouble;
use crate::backend::scanning::{DriveEdit, ScanSetup};
use crate::command::{Command, Section};
use crate::dialog::{Dialog, Stay, Tell};
use crate::job::Job;
use crate::latest::Latest;
use crate::news::{Level, News};
use crate::shell::Shell;
use crate::theme::Palette;
use crate::widgets;

/// The page of scans.
pub(crate) struct Scan {
    form: Form,
    setup: Latest<(), Result<ScanSetup, Trouble>>,
    trouble: Option<Trouble>,
    running: Option<(Job<Summary>, Arc<Observer>)>,
    last: Option<Summary>,
}

/// A scan that waits for the user to say what to do about missing tools.
#[derive(Clone)]
struct Wanted {
    request: ScanRequest,
    said: DriveEdit,
}

impl Scan {
    pub(crate) fn new(shell: &Shell) -> Self {
        Self {
            form: Form::default(),
            setup: shell.latest(|backend, (), _| backend.scan_setup()),
            trouble: None,
            running: None,
            last: None,
        }
    }

    /// Fills the form with what is known of a drive.
    pub(crate) fn fill(&mut self, label: &str, drives: &Drives) {
        if let Some(line) = drives.get(label) {
            self.form.fill(line);
        }
    }

    /// Begins the scan that the form describes, unless one runs or tools are missing.
    pub(crate) fn begin(&mut self, shell: &mut Shell) {
        if self.running.is_some() {
            return;
        }
        let Some(request) = self.form.request() else {
            return;
        };
        let wanted = Wanted {
            request,
            said: self.form.said(),
        };
        let missing = if self.form.is_without_tools {
            Vec::new()
        } else {
            self.form.missing_for(&wanted.request)
        };
        if missing.is_empty() {
            self.start(wanted, shell);
        } else {
            shell.ask(ToolsMissing { missing });
        }
    }

    fn start(&mut self, wanted: Wanted, shell: &mut Shell) {
        let Wanted { request, said } = wanted;
        let label = shown(&request.label);
        let observer = Arc::new(Observer::default());
        let sink = Arc::clone(&observer);
        self.form.is_without_tools = false;
        self.last = None;
        let job = shell.start(format!("Scanning {label}"), move |backend, running| {
            let told = Arc::clone(&sink);
            let told = progress::Telling::new(told, running);
            backend.scan(&request, &said, told, &running.cancel)
        });
        shell.news.banner(News::new(
            Level::Info,
            format!("The scan of `{label}` has begun; everything else can be used meanwhile"),
        ));
        self.running = Some((job, observer));
    }

    fn ended(&mut self, ended: Result<Summary, Trouble>, shell: &mut Shell) {
        shell
            .news
            .withdraw(|news| news.text.starts_with("The scan of"));
        shell.wish(Command::Refresh);
        match ended {
            Ok(summary) => {
                let label = shown(&summary.drive_label);
                let took = human::duration(summary.duration_seconds);
                let files = human::files(summary.total_files);
                let news = if summary.status == JobStatus::Stopped {
                    let text = format!(
                        "The scan of `{label}` was stopped after {took}; what was done is kept"
                    );
                    News::new(Level::Warning, text).with(
                        "Go on with it",
                        Command::ScanDrive(summary.drive_label.clone()),
                    )
                } else {
                    let text = format!("The scan of `{label}` is done: {files} in {took}");
                    News::new(Level::Success, text)
                };
                shell
                    .news
                    .banner(news.with("View summary", Command::ScanSummary));
                self.last = Some(summary);
            }
            Err(trouble) => shell.trouble(&trouble),
        }
    }

    /// Opens what the last scan found.
    pub(crate) fn tell_last(&self, shell: &mut Shell) {
        if let Some(summary) = &self.last {
            shell.ask(Tell {
                title: format!("Scan of `{}`", shown(&summary.drive_label)),
                rows: rows(summary),
            });
        }
    }

    fn now(&self, ui: &mut Ui) {
        let Some((_, observer)) = &self.running else {
            return;
        };
        widgets::card(ui, |ui| progress::show(observer, ui));
        ui.add_space(12.0);
        // Time goes on while nothing happens.
        ui.ctx().request_repaint_after_secs(1.0);
    }

    fn buttons(&mut self, ui: &mut Ui, shell: &mut Shell) {
        ui.horizontal(|ui| {
            let is_ready = self.running.is_none() && self.form.request().is_some();
            let scan = widgets::accent(ui, "Start scan");
            let scan = ui.add_enabled(is_ready, scan);
            let why = "Say which folder, and what the drive is called";
            if scan.on_disabled_hover_text(why).clicked() {
                shell.wish(Command::StartScan);
            }
            if let Some((job, _)) = &self.running {
                let running = job.running();
                let is_stopping = running.cancel.is_cancelled();
                let stop = egui::Button::new(if is_stopping {
                    "Stopping…"
                } else {
                    "Stop scan"
                });
                if ui.add_enabled(!is_stopping, stop).clicked() {
                    running.cancel.cancel();
                }
            }
            if self.last.is_some() && ui.button("Summary of the last scan").clicked() {
                shell.wish(Command::ScanSummary);
            }
        });
    }
}

impl Page for Scan {
    fn poll(&mut self, shell: &mut Shell) {
        if let Some(((), setup)) = self.setup.poll() {
            match setup {
                Ok(setup) => {
                    self.trouble = None;
                    self.form.take(setup);
                }
                Err(trouble) => self.trouble = Some(trouble),
            }
        }
        // Before it is told that the scan is done: that comes on top.
        let ended = self.running.as_ref().and_then(|(job, _)| job.poll());
        if let Some((_, observer)) = &self.running {
            for banner in observer.take_banners() {
                shell.news.banner(banner);
            }
        }
        if let Some(ended) = ended {
            self.running = None;
            self.ended(ended, shell);
        }
    }

    fn opened(&mut self) {
        self.form.want_focus();
    }

    fn refresh(&mut self, _shell: &mut Shell) {
        self.setup.ask(());
    }

    fn show(&mut self, ui: &mut Ui, shell: &mut Shell) {
        self.buttons(ui, shell);
        ui.add_space(8.0);
        egui::ScrollArea::vertical()
            .auto_shrink(false)
            .show(ui, |ui| {
                self.now(ui);
                if let Some(trouble) = &self.trouble {
                    widgets::trouble(ui, trouble);
                }
                let is_idle = self.running.is_none();
                ui.add_enabled_ui(is_idle, |ui| self.form.show(ui, shell));
            });
    }
}

/// Names and values of a summary.
fn rows(summary: &Summary) -> Vec<(String, String)> {
    let mut rows = vec![
        ("Files".to_owned(), human::count(summary.total_files)),
        ("Took".to_owned(), human::duration(summary.duration_seconds)),
        (
            "Profile".to_owned(),
            summary.performance.profile.name().to_owned(),
        ),
    ];
    for category in Category::ALL {
        let files = human::count(summary.categories.of(category));
        rows.push((category.name().to_owned(), files));
    }
    let counts = [
        ("New", summary.new),
        ("Changed", summary.changed),
        ("Unchanged", summary.unchanged),
        ("Moved", summary.moved),
        ("There again", summary.restored),
        ("Gone", summary.deleted),
        ("Read", summary.hashed_files),
        ("Damaged or cut off", summary.media.faulty),
        ("Video signatures", summary.fingerprints.video),
        ("Audio fingerprints", summary.fingerprints.sound),
        ("Prefilter hashes", summary.fingerprints.keyframes),
        ("Could not be decoded", summary.fingerprints.failed),
        ("Changed without a new time", summary.silently_changed),
    ];
    let told = counts.into_iter().filter(|(_, count)| *count > 0);
    rows.extend(told.map(|(name, count)| (name.to_owned(), human::count(count))));
    rows.push((
        "Skipped".to_owned(),
        skipped(
            summary.skipped_perm,
            summary.skipped_toolong,
            summary.skipped_ignored,
        ),
    ));
    let missing = summary.media.tool_missing.iter();
    let fingerprints = summary.fingerprints.tool_missing.iter();
    for (tool, files) in missing
        .map(|(tool, files)| (*tool, files))
        .chain(fingerprints.map(|(tool, files)| (*tool, files)))
    {
        let files = format!("{} files", human::count(*files));
        rows.push((format!("Waiting for {tool}"), files));
    }
    for (kind, count) in &summary.problems {
        rows.push((kind.describe().to_owned(), human::count(*count)));
    }
    rows
}

fn skipped(perm: u64, long: u64, ignored: u64) -> String {
    format!(
        "perm {} · long {} · ignored {}",
        human::count(perm),
        human::count(long),
        human::count(ignored)
    )
}

/// Asks what to do without tools.
struct ToolsMissing {
    missing: Vec<(&'static str, &'static str)>,
}

impl Dialog for ToolsMissing {
    fn title(&self) -> String {
        "Tools are missing".into()
    }

    fn show(&mut self, ui: &mut Ui, shell: &mut Shell) -> Stay {
        let palette = Palette::shown(ui);
        for (tool, lost) in &self.missing {
            ui.label(RichText::new(*tool).strong());
            ui.label(RichText::new(*lost).color(palette.dim));
        }
        ui.add_space(8.0);
        widgets::dim(
            ui,
            "What is left out now is made up for by a later scan, once the tool is there.",
        );
        ui.add_space(12.0);
        let mut stay = Stay::Open;
        ui.horizontal(|ui| {
            if ui.add(widgets::accent(ui, "Install…")).clicked() {
                shell.wish(Command::OpenTool(Section::Diagnostics));
                stay = Stay::Closed;
            }
            if ui.button("Continue without").clicked() {
                shell.wish(Command::ScanWithoutTools);
                stay = Stay::Closed;
            }
            if ui.button("Cancel").clicked() {
                stay = Stay::Closed;
            }
        });
        stay
    }
}

impl Scan {
    /// Begins the scan though tools are missing.
    pub(crate) fn begin_without_tools(&mut self, shell: &mut Shell) {
        self.form.is_without_tools = true;
        self.begin(shell);
    }
}
