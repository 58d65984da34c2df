//! The local API: started, stopped, and what it needs.

use eframe::egui::{self, RichText, Ui};
use videocatalog_core::search::shown;

use crate::backend::server::ServerSetup;
use crate::command::{Command, Section};
use crate::dialog::{Dialog, Stay};
use crate::job::Job;
use crate::latest::Latest;
use crate::news::{Level, News};
use crate::pages::Page;
use crate::shell::Shell;
use crate::theme::Palette;
use crate::widgets;

/// The page of the API.
pub(crate) struct Server {
    asking: Latest<(), ServerSetup>,
    setup: Option<ServerSetup>,
    running: Option<Job<()>>,
    making: Option<Job<String>>,
    is_asked_first: bool,
}

/// How it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// It does not run.
    Stopped,
    /// It runs, and does not answer yet.
    Starting,
    /// It answers there.
    Running(String),
    /// It is about to end.
    Stopping,
}

impl Server {
    pub(crate) fn new(shell: &Shell) -> Self {
        let mut asking = shell.latest(|backend, (), _| backend.server());
        asking.ask(());
        Self {
            asking,
            setup: None,
            running: None,
            making: None,
            is_asked_first: true,
        }
    }

    /// Returns how it is.
    pub(crate) fn status(&self) -> Status {
        let Some(job) = &self.running else {
            return Status::Stopped;
        };
        let running = job.running();
        let address = running.told().line;
        match (running.cancel.is_cancelled(), address.is_empty()) {
            (true, _) => Status::Stopping,
            (false, true) => Status::Starting,
            (false, false) => Status::Running(address),
        }
    }

    /// Starts it, or stops it.
    pub(crate) fn switch(&mut self, shell: &Shell) {
        match &self.running {
            Some(job) => job.running().cancel.cancel(),
            None => self.running = Some(serve(shell)),
        }
    }

    fn key(&mut self, setup: &ServerSetup, ui: &mut Ui, shell: &mut Shell) {
        let palette = Palette::shown(ui);
        ui.horizontal_wrapped(|ui| {
            if setup.has_key {
                ui.label("A key is set; requests show it as X-API-Key.");
            } else {
                let text = "No key is set: every request is refused.";
                ui.label(RichText::new(text).color(palette.warn));
            }
            let words = if setup.has_key {
                "Make another key"
            } else {
                "Make a key"
            };
            let make = ui.add_enabled(self.making.is_none(), egui::Button::new(words));
            if make.clicked() {
                let job = shell.start("Making a key", |backend, _| backend.make_key());
                self.making = Some(job);
            }
        });
    }
}

/// It is no job that closing the window would ask about: it ends with the window.
fn serve(shell: &Shell) -> Job<()> {
    shell.beside("The local API", |backend, running| {
        backend.serve(&|address| running.tell(address, None), &running.cancel)
    })
}

impl Page for Server {
    fn poll(&mut self, shell: &mut Shell) {
        if let Some(((), setup)) = self.asking.poll() {
            if std::mem::take(&mut self.is_asked_first) && setup.is_automatic {
                self.running = Some(serve(shell));
            }
            self.setup = Some(setup);
        }
        if let Some(ended) = self.running.as_ref().and_then(Job::poll) {
            self.running = None;
            if let Err(trouble) = ended {
                let news = News::new(Level::Warning, trouble.sentence());
                let again = Command::OpenTool(Section::Api);
                shell.news.banner(news.with("Local API", again));
            }
        }
        if let Some(made) = self.making.as_ref().and_then(Job::poll) {
            self.making = None;
            self.asking.ask(());
            match made {
                Ok(key) => shell.ask(NewKey { key }),
                Err(trouble) => shell.trouble(&trouble),
            }
        }
    }

    fn refresh(&mut self, _shell: &mut Shell) {
        self.asking.ask(());
    }

    fn show(&mut self, ui: &mut Ui, shell: &mut Shell) {
        let Some(setup) = self.setup.clone() else {
            widgets::dim(ui, "Reading the settings…");
            return;
        };
        let palette = Palette::shown(ui);
        widgets::card(ui, |ui| {
            widgets::title(ui, "Local API");
            widgets::dim(
                ui,
                "Answers requests of other programs on this computer, read-only, for whoever has the key. It has a page for \
                 the browser, and ends with this window.",
            );
            ui.add_space(8.0);
            let status = self.status();
            let (words, colour, button) = match &status {
                Status::Stopped => ("Stopped", palette.dim, "Start the API"),
                Status::Starting => ("Starting…", palette.accent, "Stop the API"),
                Status::Running(_) => ("Running", palette.ok, "Stop the API"),
                Status::Stopping => ("Stopping…", palette.dim, "Stop the API"),
            };
            ui.horizontal_wrapped(|ui| {
                ui.label(RichText::new(words).strong().color(colour));
                let button = if status == Status::Stopped {
                    widgets::accent(ui, button)
                } else {
                    egui::Button::new(button)
                };
                if ui.add_enabled(status != Status::Stopping, button).clicked() {
                    shell.wish(Command::SwitchApi);
                }
            });
            ui.add_space(8.0);
            let address = match &status {
                Status::Running(address) => address,
                _ => &setup.address,
            };
            ui.horizontal_wrapped(|ui| {
                ui.label(RichText::new(shown(address)).monospace());
                if ui.button("Copy the address").clicked() {
                    shell.wish(Command::Copy(address.clone()));
                }
                let is_running = matches!(status, Status::Running(_));
                let open = ui.add_enabled(is_running, egui::Button::new("Open in the browser"));
                if open.clicked() {
                    ui.ctx().open_url(egui::OpenUrl::new_tab(address));
                }
            });
            self.key(&setup, ui, shell);
            let mut is_automatic = setup.is_automatic;
            let switch = ui.checkbox(&mut is_automatic, "Start it with the window");
            if switch.changed() {
                shell.chore("Saving a setting", move |backend, _| {
                    backend.set("api.enabled_default", &is_automatic.to_string())?;
                    Ok(News::new(
                        Level::Success,
                        "This holds from the next start on",
                    ))
                });
            }
        });
    }
}

/// Shows a key once.
struct NewKey {
    key: String,
}

impl Dialog for NewKey {
    fn title(&self) -> String {
        "A new key".into()
    }

    fn show(&mut self, ui: &mut Ui, shell: &mut Shell) -> Stay {
        ui.label(
            "It is saved, and shown only now. An API that runs takes it from its next start on.",
        );
        ui.add_space(8.0);
        let key = RichText::new(&self.key).monospace();
        ui.add(egui::Label::new(key).wrap().selectable(true));
        ui.add_space(12.0);
        let mut stay = Stay::Open;
        ui.horizontal(|ui| {
            if ui.button("Copy").clicked() {
                shell.wish(Command::Copy(self.key.clone()));
            }
            if ui.button("Close").clicked() {
                stay = Stay::Closed;
            }
        });
        stay
    }
}
