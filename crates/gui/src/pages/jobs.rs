//! What was scanned, when, and how it went.

use std::borrow::Cow;

use eframe::egui::{self, Ui};
use videocatalog_core::catalog::jobs::Job;
use videocatalog_core::human;
use videocatalog_core::search::shown;

use super::Page;
use crate::backend::Trouble;
use crate::command::{Command, Tab};
use crate::dialog::Tell;
use crate::latest::Latest;
use crate::news::{Level, News};
use crate::shell::Shell;
use crate::widgets;
use crate::widgets::table::{Column, DataTable, TableState};

const COLUMNS: [Column; 9] = [
    Column::number("ID", 48.0),
    Column::text("Drive", 140.0),
    Column::text("Mode", 80.0),
    Column::text("Status", 80.0),
    Column::number("Files", 84.0),
    Column::number("Audio/video", 96.0),
    Column::text("Started", 132.0),
    Column::number("Took", 72.0),
    Column::text("Result", 420.0),
];

/// The history of scans.
pub(crate) struct Jobs {
    asking: Latest<(), Result<Vec<Job>, Trouble>>,
    list: Option<Result<Vec<Job>, Trouble>>,
    table: TableState,
}

impl Jobs {
    pub(crate) fn new(shell: &Shell) -> Self {
        Self {
            asking: shell.latest(|backend, (), _| backend.jobs()),
            list: None,
            table: TableState::default(),
        }
    }

    fn buttons(job: Option<&Job>, ui: &mut Ui, shell: &mut Shell) {
        let is_running = job.is_some_and(|job| job.status == "Running");
        ui.horizontal(|ui| {
            let resume = egui::Button::new("Resume…");
            let hover = "Scan this drive again; an interrupted scan is gone on with";
            let resume = ui.add_enabled(job.is_some() && !is_running, resume);
            if resume.on_hover_text(hover).clicked() {
                shell
                    .wishes
                    .extend(job.map(|job| Command::ScanDrive(job.drive_label.clone())));
            }
            let details = ui.add_enabled(job.is_some(), egui::Button::new("Details"));
            if let Some(job) = job.filter(|_| details.clicked()) {
                tell(job, shell);
            }
            let delete = egui::Button::new("Delete from the history");
            let delete = ui.add_enabled(job.is_some() && !is_running, delete);
            if let Some(job) = job.filter(|_| delete.clicked()) {
                let id = job.id;
                shell.chore("Deleting a job", move |backend, _| {
                    backend.delete_job(id)?;
                    let says = format!("Job {id} is taken out of the history");
                    Ok(News::new(Level::Success, says))
                });
            }
            if ui.button("Refresh").clicked() {
                shell.wish(Command::Refresh);
            }
        });
        ui.add_space(8.0);
    }
}

impl Page for Jobs {
    fn poll(&mut self, _shell: &mut Shell) {
        if let Some(((), jobs)) = self.asking.poll() {
            self.list = Some(jobs);
        }
    }

    fn refresh(&mut self, _shell: &mut Shell) {
        self.asking.ask(());
    }

    fn show(&mut self, ui: &mut Ui, shell: &mut Shell) {
        match &self.list {
            None => {
                widgets::dim(ui, "Reading the history…");
            }
            Some(Err(trouble)) => widgets::trouble(ui, trouble),
            Some(Ok(jobs)) if jobs.is_empty() => {
                let sentence =
                    "Every scan is listed here, with what it found and how long it took.";
                if widgets::empty(ui, "Nothing was scanned yet", sentence, "Scan a drive") {
                    shell.wish(Command::Show(Tab::Scan));
                }
            }
            Some(Ok(jobs)) => {
                let mut state = std::mem::take(&mut self.table);
                let chosen = state.chosen.at().and_then(|row| jobs.get(row));
                Self::buttons(chosen, ui, shell);
                let happened = DataTable {
                    name: "Jobs",
                    columns: &COLUMNS,
                    rows: jobs.len(),
                    sorted: None,
                }
                .show(ui, &mut state, |row, column| {
                    jobs.get(row).map(|job| cell(job, column))
                });
                if let Some(job) = happened.opened.and_then(|row| jobs.get(row)) {
                    tell(job, shell);
                }
                self.table = state;
            }
        }
    }
}

fn count(number: Option<i64>) -> String {
    number
        .and_then(|number| u64::try_from(number).ok())
        .map_or_else(String::new, human::count)
}

fn took(job: &Job) -> String {
    job.duration_sec
        .and_then(|seconds| i32::try_from(seconds).ok())
        .map_or_else(String::new, |seconds| human::duration(f64::from(seconds)))
}

fn cell(job: &Job, column: usize) -> Cow<'_, str> {
    Cow::Owned(match column {
        0 => job.id.to_string(),
        1 => shown(&job.drive_label),
        2 => job.mode.clone().unwrap_or_default(),
        3 => job.status.clone(),
        4 => count(job.total_all),
        5 => count(job.total_av),
        6 => human::minute(&job.started_at),
        7 => took(job),
        _ => shown(job.message.as_deref().unwrap_or_default()),
    })
}

fn tell(job: &Job, shell: &mut Shell) {
    let titles = COLUMNS.iter().map(|column| column.title.to_owned());
    let rows = titles
        .enumerate()
        .map(|(index, title)| (title, cell(job, index).into_owned()));
    let mut rows: Vec<(String, String)> = rows.collect();
    rows.push(("Ended".into(), job.finished_at.clone().unwrap_or_default()));
    rows.push(("Audio/video worked on".into(), count(job.done_av)));
    rows.retain(|(_, value)| !value.is_empty());
    shell.ask(Tell {
        title: format!("Job {}", job.id),
        rows,
    });
}
