//! Looking after databases: which there are, and what can be done with them.

pub(crate) mod catalogue;
mod restore;

use std::borrow::Cow;

use eframe::egui::{self, RichText, Ui};
use videocatalog_core::human;
use videocatalog_core::maintain::{Action, Outcome, Status};
use videocatalog_core::search::shown;

use self::catalogue::Catalogue;
use self::restore::Restore;
use crate::backend::Trouble;
use crate::backend::databases::DatabaseLine;
use crate::command::{Command, Section};
use crate::dialog::{Confirm, Tell};
use crate::job::Job;
use crate::latest::Latest;
use crate::news::{Level, News};
use crate::pages::Page;
use crate::shell::Shell;
use crate::theme::Palette;
use crate::widgets;
use crate::widgets::table::{Column, DataTable, TableState};

const COLUMNS: [Column; 4] = [
    Column::text("Database", 220.0),
    Column::number("Size", 96.0),
    Column::text("State", 130.0),
    Column::text("Path", 480.0),
];

/// What can be done with any database, as it stands on the buttons.
const ACTIONS: [(Action, &str, &str); 5] = [
    (
        Action::Quick,
        "Quick optimise",
        "Indexes and statistics anew, after a backup",
    ),
    (
        Action::Integrity,
        "Check integrity",
        "Reads everything and says what is damaged",
    ),
    (
        Action::Full,
        "Full maintenance",
        "Checks, optimises, and compacts what is worth it",
    ),
    (Action::Vacuum, "VACUUM", "Compacts it, after a backup"),
    (
        Action::Backup,
        "Back up now",
        "A checked copy in backups/sqlite",
    ),
];

/// Height of the table, in points.
const TABLE: f32 = 240.0;

/// The page of databases.
pub(crate) struct Maintenance {
    catalogue: Catalogue,
    asking: Latest<(), Vec<DatabaseLine>>,
    databases: Option<Vec<DatabaseLine>>,
    table: TableState,
    working: Option<Job<Vec<Outcome>>>,
    last: Vec<String>,
}

impl Maintenance {
    pub(crate) fn new(shell: &Shell) -> Self {
        Self {
            catalogue: Catalogue::new(shell),
            asking: shell.latest(|backend, (), _| backend.databases()),
            databases: None,
            table: TableState::default(),
            working: None,
            last: Vec::new(),
        }
    }

    /// Begins to do something with a database.
    pub(crate) fn begin(&mut self, action: Action, target: String, shell: &mut Shell) {
        let title = ACTIONS
            .iter()
            .find(|(one, _, _)| *one == action)
            .map_or("Maintenance", |(_, title, _)| title);
        let job = shell.start(title, move |backend, running| {
            backend.maintain(action, &target, running)
        });
        self.working = Some(job);
    }

    fn ended(&mut self, ended: Result<Vec<Outcome>, Trouble>, shell: &mut Shell) {
        shell.wish(Command::Refresh);
        let outcomes = match ended {
            Ok(outcomes) => outcomes,
            Err(trouble) => return shell.trouble(&trouble),
        };
        self.last = outcomes.iter().map(Outcome::sentence).collect();
        for outcome in outcomes {
            let text = outcome.sentence();
            let news = match outcome.status {
                Status::Done => News::new(Level::Success, text),
                Status::Stopped | Status::Refused => News::new(Level::Warning, text),
                Status::Missing | Status::Failed => {
                    let why = outcome.error.unwrap_or_default();
                    let hint = outcome.hint.unwrap_or_default();
                    News::new(Level::Error, format!("{text}. {why}. {hint}"))
                }
                Status::Damaged => {
                    let issues = outcome.integrity.map(|found| found.issues);
                    for issue in issues.into_iter().flatten() {
                        self.last.push(issue);
                    }
                    let what = "Restore a backup, or salvage what can be read.";
                    News::new(Level::Error, format!("{text}. {what}"))
                        .with("Show it", Command::OpenTool(Section::Maintenance))
                }
            };
            shell.news.banner(news);
        }
    }

    /// Why nothing can be done with the chosen database at the moment.
    fn obstacle(&self, chosen: Option<&DatabaseLine>, shell: &Shell) -> Option<String> {
        if self.working.is_some() {
            return Some("Something is under way".into());
        }
        let Some(chosen) = chosen else {
            return Some("Choose a database in the table".into());
        };
        let is_catalogue = chosen.target == "catalog";
        let users = self.databases.iter().flatten();
        let mut busy = users.filter(|line| line.in_use.is_some());
        if let Some(user) = &chosen.in_use {
            return Some(format!("It is in use: {user}"));
        }
        if is_catalogue && (busy.next().is_some() || !shell.running().is_empty()) {
            return Some("A scan is active, and every scan writes into the catalogue".into());
        }
        None
    }

    fn buttons(&self, chosen: Option<&DatabaseLine>, ui: &mut Ui, shell: &mut Shell) {
        let obstacle = self.obstacle(chosen, shell);
        let button = |ui: &mut Ui, words: &str, hover: &str| {
            let button = ui.add_enabled(obstacle.is_none(), egui::Button::new(words));
            let button = button.on_hover_text(hover);
            match &obstacle {
                Some(obstacle) => button.on_disabled_hover_text(obstacle).clicked(),
                None => button.clicked(),
            }
        };
        ui.horizontal_wrapped(|ui| {
            for (action, words, hover) in ACTIONS {
                if button(ui, words, hover) {
                    let target = chosen.map(|line| line.target.clone());
                    shell.wishes.extend(target.map(|target| Command::Maintain(action, target)));
                }
            }
            let restore = button(ui, "Restore…", "Puts a backup in its place");
            if let Some(line) = chosen.filter(|_| restore) {
                shell.ask(Restore::new(line, shell));
            }
            let is_shard = chosen.is_some_and(|line| line.target != "catalog");
            if is_shard && button(ui, "Salvage…", "Reads what can be read of a damaged database") {
                let chosen = chosen.map(|line| (line.name.clone(), line.target.clone()));
                if let Some((name, target)) = chosen {
                    shell.ask(Confirm {
                        title: format!("Salvage {}?", shown(&name)),
                        text: "What can be read is put into a new database, which takes its place. The damaged one is kept among the backups.".into(),
                        go: "Salvage".into(),
                        command: Command::Salvage(target),
                    });
                }
            }
        });
        if let Some(obstacle) = &obstacle {
            widgets::dim(ui, obstacle);
        }
    }

    fn results(&self, ui: &mut Ui, shell: &mut Shell) {
        if self.last.is_empty() {
            return;
        }
        let palette = Palette::shown(ui);
        ui.add_space(12.0);
        widgets::card(ui, |ui| {
            widgets::title(ui, "Last result");
            for line in self.last.iter().take(8) {
                let line = RichText::new(shown(line)).color(palette.dim);
                ui.add(egui::Label::new(line).wrap());
            }
            if self.last.len() > 8 && ui.button("Show all").clicked() {
                let rows = self.last.iter().skip(1);
                let rows = rows.map(|line| (String::new(), shown(line))).collect();
                shell.ask(Tell {
                    title: "What the check found".into(),
                    rows,
                });
            }
        });
    }
}

impl Page for Maintenance {
    fn poll(&mut self, shell: &mut Shell) {
        self.catalogue.poll(shell);
        if let Some(((), databases)) = self.asking.poll() {
            self.databases = Some(databases);
        }
        if let Some(ended) = self.working.as_ref().and_then(Job::poll) {
            self.working = None;
            self.ended(ended, shell);
        }
    }

    fn refresh(&mut self, shell: &mut Shell) {
        self.catalogue.refresh(shell);
        self.asking.ask(());
    }

    fn show(&mut self, ui: &mut Ui, shell: &mut Shell) {
        egui::ScrollArea::vertical()
            .auto_shrink(false)
            .show(ui, |ui| {
                widgets::card(ui, |ui| self.catalogue.show(ui, shell));
                ui.add_space(12.0);
                let Some(databases) = &self.databases else {
                    widgets::dim(ui, "Looking for databases…");
                    return;
                };
                let chosen = self.table.chosen.at().and_then(|row| databases.get(row));
                self.buttons(chosen, ui, shell);
                ui.add_space(8.0);
                let place = ui.available_rect_before_wrap();
                let size = egui::vec2(place.width(), TABLE);
                let place =
                    egui::UiBuilder::new().max_rect(egui::Rect::from_min_size(place.min, size));
                let mut state = std::mem::take(&mut self.table);
                ui.scope_builder(place, |ui| {
                    DataTable {
                        name: "Databases",
                        columns: &COLUMNS,
                        rows: databases.len(),
                        sorted: None,
                    }
                    .show(ui, &mut state, |row, column| {
                        databases.get(row).map(|line| cell(line, column))
                    });
                });
                self.table = state;
                self.results(ui, shell);
            });
    }
}

fn cell(line: &DatabaseLine, column: usize) -> Cow<'_, str> {
    Cow::Owned(match column {
        0 => shown(&line.name),
        1 => line.bytes.map_or_else(String::new, human::size),
        2 => match (&line.in_use, line.bytes) {
            (Some(user), _) => format!("{user} active"),
            (None, None) => "not there".into(),
            (None, Some(_)) => "free".into(),
        },
        _ => shown(&line.path.to_string_lossy()),
    })
}
