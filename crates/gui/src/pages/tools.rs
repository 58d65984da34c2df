//! Looking after the program: other programs, databases, the local API, settings.

mod diagnostics;
pub(crate) mod graphics;
pub(crate) mod maintenance;
pub(crate) mod server;
mod settings;

use eframe::egui::{self, Ui};

use self::diagnostics::Diagnostics;
use self::graphics::Graphics;
use self::maintenance::Maintenance;
use self::server::Server;
use self::settings::Settings;
use super::Page;
use crate::command::{Command, Section};
use crate::shell::Shell;

/// The page of tools, which has pages of its own.
pub(crate) struct Tools {
    section: Section,
    diagnostics: Diagnostics,
    maintenance: Maintenance,
    graphics: Graphics,
    server: Server,
    settings: Settings,
}

impl Tools {
    pub(crate) fn new(shell: &Shell) -> Self {
        Self {
            section: Section::Diagnostics,
            diagnostics: Diagnostics::new(shell),
            maintenance: Maintenance::new(shell),
            graphics: Graphics::new(shell),
            server: Server::new(shell),
            settings: Settings::new(shell),
        }
    }

    /// Returns the page of databases.
    pub(crate) fn maintenance(&mut self) -> &mut Maintenance {
        &mut self.maintenance
    }

    /// Returns the page of the API.
    pub(crate) fn server(&mut self) -> &mut Server {
        &mut self.server
    }

    /// Chooses the page within it.
    pub(crate) fn open(&mut self, section: Section) {
        self.section = section;
    }

    fn page(&mut self) -> &mut dyn Page {
        match self.section {
            Section::Diagnostics => &mut self.diagnostics,
            Section::Maintenance => &mut self.maintenance,
            Section::Graphics => &mut self.graphics,
            Section::Api => &mut self.server,
            Section::Settings => &mut self.settings,
        }
    }
}

impl Page for Tools {
    fn poll(&mut self, shell: &mut Shell) {
        let pages: [&mut dyn Page; 5] = [
            &mut self.diagnostics,
            &mut self.maintenance,
            &mut self.graphics,
            &mut self.server,
            &mut self.settings,
        ];
        for page in pages {
            page.poll(shell);
        }
    }

    fn refresh(&mut self, shell: &mut Shell) {
        self.page().refresh(shell);
    }

    fn look_again(&mut self, shell: &mut Shell) {
        self.page().look_again(shell);
    }

    fn show(&mut self, ui: &mut Ui, shell: &mut Shell) {
        ui.horizontal_wrapped(|ui| {
            for section in Section::ALL {
                let button = egui::Button::selectable(self.section == section, section.title());
                if ui.add(button).clicked() {
                    shell.wish(Command::OpenTool(section));
                }
            }
        });
        ui.add_space(8.0);
        self.page().show(ui, shell);
    }
}
