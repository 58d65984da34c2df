//! Choosing among the backups of a database.

use eframe::egui::{self, RichText, Ui};
use videocatalog_core::catalog::backups::Backup;
use videocatalog_core::human;
use videocatalog_core::search::shown;

use crate::backend::Trouble;
use crate::backend::databases::DatabaseLine;
use crate::dialog::{self, Dialog, Stay};
use crate::latest::Latest;
use crate::news::{Level, News};
use crate::shell::Shell;
use crate::theme::Palette;
use crate::widgets;

/// The choice.
pub(super) struct Restore {
    name: String,
    target: String,
    asking: Latest<String, Result<Vec<Backup>, Trouble>>,
    backups: Option<Result<Vec<Backup>, Trouble>>,
    chosen: usize,
}

impl Restore {
    pub(super) fn new(line: &DatabaseLine, shell: &Shell) -> Self {
        let mut asking = shell.latest(|backend, target: &String, _| backend.backups(target));
        asking.ask(line.target.clone());
        Self {
            name: line.name.clone(),
            target: line.target.clone(),
            asking,
            backups: None,
            chosen: 0,
        }
    }

    fn list(&mut self, ui: &mut Ui) {
        let palette = Palette::shown(ui);
        match &self.backups {
            None => {
                widgets::dim(ui, "Looking for backups…");
            }
            Some(Err(trouble)) => widgets::trouble(ui, trouble),
            Some(Ok(backups)) if backups.is_empty() => {
                widgets::dim(ui, "There is no backup of it.");
            }
            Some(Ok(backups)) => {
                widgets::dim(
                    ui,
                    "It is checked first; what is there now is kept among the backups.",
                );
                ui.add_space(8.0);
                egui::ScrollArea::vertical()
                    .max_height(280.0)
                    .show(ui, |ui| {
                        for (index, backup) in backups.iter().enumerate() {
                            let made = backup.made_utc.as_deref().map(human::minute);
                            let made = made.unwrap_or_else(|| "?".into());
                            ui.horizontal(|ui| {
                                ui.radio_value(&mut self.chosen, index, made);
                                let about = format!(
                                    "{}, {}",
                                    human::size(backup.size_bytes),
                                    shown(&backup.tag)
                                );
                                ui.label(RichText::new(about).color(palette.dim));
                            });
                        }
                    });
            }
        }
    }
}

impl Dialog for Restore {
    fn title(&self) -> String {
        format!("Restore {}", shown(&self.name))
    }

    fn show(&mut self, ui: &mut Ui, shell: &mut Shell) -> Stay {
        if let Some((_, backups)) = self.asking.poll() {
            self.backups = Some(backups);
        }
        self.list(ui);
        let backups = self.backups.as_ref().and_then(|found| found.as_ref().ok());
        let backup = backups.and_then(|backups| backups.get(self.chosen));
        match dialog::buttons(ui, "Restore", backup.is_some()) {
            Some(true) => {
                if let Some(backup) = backup {
                    let (target, path) = (self.target.clone(), backup.path.clone());
                    shell.chore("Restoring a backup", move |backend, running| {
                        let says = backend.restore(&target, &path, running)?;
                        Ok(News::new(Level::Success, says))
                    });
                }
                Stay::Closed
            }
            Some(false) => Stay::Closed,
            None => Stay::Open,
        }
    }
}
