//! Which catalogue is in use: another one, a new one, an empty one, a copy.

use std::path::PathBuf;

use eframe::egui::{RichText, Ui};
use videocatalog_core::path::display::printable_path;

use crate::command::Command;
use crate::dialog::{self, Confirm, Dialog, Stay};
use crate::latest::Latest;
use crate::news::{Level, News};
use crate::pages::Page;
use crate::pick::{Pick, What};
use crate::shell::Shell;
use crate::widgets;

/// The catalogue in use.
pub(super) struct Catalogue {
    asking: Latest<(), PathBuf>,
    path: PathBuf,
}

impl Catalogue {
    pub(super) fn new(shell: &Shell) -> Self {
        let mut asking = shell.latest(|backend, (), _| backend.catalogue());
        asking.ask(());
        Self {
            asking,
            path: PathBuf::new(),
        }
    }
}

impl Page for Catalogue {
    fn poll(&mut self, _shell: &mut Shell) {
        if let Some(((), path)) = self.asking.poll() {
            self.path = path;
        }
    }

    fn refresh(&mut self, _shell: &mut Shell) {
        self.asking.ask(());
    }

    fn show(&mut self, ui: &mut Ui, shell: &mut Shell) {
        widgets::title(ui, "Catalogue in use");
        ui.label(RichText::new(printable_path(&self.path)).monospace());
        ui.horizontal_wrapped(|ui| {
            if ui.button("Another catalogue…").clicked() {
                shell.wish(Command::ChooseCatalogue);
            }
            if ui.button("Open folder").clicked() {
                shell.wish(Command::Reveal(self.path.clone()));
            }
            if ui.button("Copy into exports").clicked() {
                shell.wish(Command::ExportCatalogue);
            }
            if ui.button("Reset…").clicked() {
                shell.wish(Command::AskReset);
            }
        });
    }
}

/// Asks for a catalogue to be opened or made.
#[derive(Default)]
pub(crate) struct Choose {
    path: String,
    pick: Pick,
}

impl Dialog for Choose {
    fn title(&self) -> String {
        "Another catalogue".into()
    }

    fn show(&mut self, ui: &mut Ui, shell: &mut Shell) -> Stay {
        widgets::dim(
            ui,
            "It is used instead, and remembered for the next start. A file that is not there is made; one of the Python program is \
             taken over, after a backup. Databases of drives that lie in the working directory come with it.",
        );
        ui.add_space(8.0);
        widgets::field(ui, "File", &mut self.path, "/path/to/catalog.db");
        self.pick.button(ui, What::File);
        if let Some(path) = self.pick.take() {
            self.path = path.to_string_lossy().into_owned();
        }
        if !shell.running().is_empty() {
            widgets::dim(
                ui,
                "Something is under way: wait until it is done, or stop it.",
            );
        }
        let is_possible = !self.path.trim().is_empty() && shell.running().is_empty();
        match dialog::buttons(ui, "Use it", is_possible) {
            Some(true) => {
                let path = PathBuf::from(self.path.trim());
                shell.chore("Opening a catalogue", move |backend, _| {
                    backend.switch(&path)?;
                    let says = format!("`{}` is in use", printable_path(&path));
                    Ok(News::new(Level::Success, says))
                });
                Stay::Closed
            }
            Some(false) => Stay::Closed,
            None => Stay::Open,
        }
    }
}

/// Returns the question before everything is forgotten.
pub(crate) fn reset() -> Confirm {
    Confirm {
        title: "Forget all drives?".into(),
        text: "Everything that is known of all drives is removed from the catalogue. Backups of all databases are made first; the \
               drives themselves are not touched."
            .into(),
        go: "Forget all".into(),
        command: Command::Reset,
    }
}
