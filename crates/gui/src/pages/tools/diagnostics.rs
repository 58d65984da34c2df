//! The other programs that this one uses: which are there, what is lost without them, and how to get them.

use std::path::PathBuf;

use eframe::egui::{self, RichText, Ui};
use videocatalog_core::catalog::SchemaState;
use videocatalog_core::human;
use videocatalog_core::path::display::printable_path;
use videocatalog_core::search::shown;

use crate::backend::toolbox::{Diagnosis, ToolLine};
use crate::command::Command;
use crate::dialog::{self, Dialog, Stay};
use crate::latest::Latest;
use crate::news::{Level, News};
use crate::pages::Page;
use crate::pick::{Pick, What};
use crate::shell::Shell;
use crate::theme::Palette;
use crate::widgets;

/// Less free room than this is shown as a warning.
const LITTLE: u64 = 1_000_000_000;

/// The page of diagnostics.
pub(crate) struct Diagnostics {
    asking: Latest<(), Diagnosis>,
    diagnosis: Option<Diagnosis>,
}

impl Diagnostics {
    pub(crate) fn new(shell: &Shell) -> Self {
        Self {
            asking: shell.latest(|backend, (), _| backend.diagnose()),
            diagnosis: None,
        }
    }
}

impl Page for Diagnostics {
    fn poll(&mut self, _shell: &mut Shell) {
        if let Some(((), diagnosis)) = self.asking.poll() {
            self.diagnosis = Some(diagnosis);
        }
    }

    fn refresh(&mut self, _shell: &mut Shell) {
        self.asking.ask(());
    }

    fn show(&mut self, ui: &mut Ui, shell: &mut Shell) {
        ui.horizontal(|ui| {
            let is_looking = self.asking.is_busy();
            let again = ui.add_enabled(!is_looking, egui::Button::new("Recheck"));
            if again.clicked() {
                self.asking.ask(());
            }
            if is_looking {
                widgets::dim(ui, "Looking for tools…");
            }
        });
        ui.add_space(8.0);
        let Some(diagnosis) = &self.diagnosis else {
            return;
        };
        egui::ScrollArea::vertical()
            .auto_shrink(false)
            .show(ui, |ui| {
                for tool in &diagnosis.tools {
                    widgets::card(ui, |ui| show_tool(tool, ui, shell));
                    ui.add_space(8.0);
                }
                widgets::card(ui, |ui| surroundings(diagnosis, ui));
            });
    }
}

fn show_tool(tool: &ToolLine, ui: &mut Ui, shell: &mut Shell) {
    let palette = Palette::shown(ui);
    let is_found = tool.state == "found";
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(tool.name).strong().size(15.0));
        let colour = if is_found { palette.ok } else { palette.warn };
        ui.label(RichText::new(tool.state).color(colour));
        // A text of nothing would begin the line again.
        if !tool.version.is_empty() {
            ui.label(RichText::new(&tool.version).color(palette.dim));
        }
        let install = format!("Install {}…", tool.name);
        if !is_found && ui.button(install).clicked() {
            shell.ask(Install {
                tool: tool.name,
                command: tool.how_to_get.clone(),
            });
        }
        if ui.button(format!("Locate {}…", tool.name)).clicked() {
            shell.ask(Locate {
                tool: tool.name,
                path: String::new(),
                pick: Pick::default(),
            });
        }
    });
    match &tool.path {
        Some(path) => {
            let text = format!("{}, {}", printable_path(path), shown(&tool.source));
            widgets::dim(ui, text);
        }
        None => {
            widgets::dim(ui, format!("Without it {}.", tool.lost_without));
        }
    }
    for error in &tool.errors {
        let error = RichText::new(shown(error)).color(palette.error);
        ui.add(egui::Label::new(error).wrap());
    }
}

fn surroundings(diagnosis: &Diagnosis, ui: &mut Ui) {
    let palette = Palette::shown(ui);
    if !diagnosis.ffmpeg.is_empty() {
        widgets::title(ui, "FFmpeg");
        widgets::dim(ui, &diagnosis.ffmpeg);
        ui.add_space(8.0);
    }
    if let Some(note) = diagnosis.smartctl {
        widgets::title(ui, "Health of disks");
        widgets::dim(ui, note);
        ui.add_space(8.0);
    }
    widgets::title(ui, "Working directory");
    ui.add(egui::Label::new(printable_path(&diagnosis.workdir)).wrap());
    if let Some((total, free)) = diagnosis.room {
        let text = format!("{} free of {}", human::size(free), human::size(total));
        let colour = if free < LITTLE {
            palette.warn
        } else {
            palette.dim
        };
        ui.label(RichText::new(text).color(colour));
    }
    ui.add_space(8.0);
    widgets::title(ui, "Databases");
    for file in &diagnosis.databases {
        let state = file.schema.text();
        let text = match file.size_bytes {
            Some(bytes) => format!(
                "{}: {state}, {}",
                printable_path(&file.path),
                human::size(bytes)
            ),
            None => format!("{}: {state}", printable_path(&file.path)),
        };
        let colour = if file.schema.is_usable() {
            palette.dim
        } else {
            palette.error
        };
        ui.add(egui::Label::new(RichText::new(text).color(colour)).wrap());
        if let SchemaState::Unreadable { reason } = &file.schema {
            widgets::dim(ui, shown(reason));
        }
    }
}

/// Shows how a tool is installed, and does it.
struct Install {
    tool: &'static str,
    command: String,
}

impl Dialog for Install {
    fn title(&self) -> String {
        format!("Install {}", self.tool)
    }

    fn show(&mut self, ui: &mut Ui, shell: &mut Shell) -> Stay {
        let is_page = self.command.starts_with("http");
        let is_for_root = self.command.ends_with("(as root)");
        let words = match (is_page, is_for_root) {
            (true, _) => "No package manager here has it. Get it there, unpack it, and locate it:",
            (_, true) => {
                "It needs the rights of an administrator. Run this in a terminal, then recheck:"
            }
            _ => "This will be run:",
        };
        ui.label(words);
        let command = RichText::new(&self.command).monospace();
        ui.add(egui::Label::new(command).wrap().selectable(true));
        if is_page || is_for_root {
            ui.add_space(12.0);
            let mut stay = Stay::Open;
            ui.horizontal(|ui| {
                if ui.button("Copy").clicked() {
                    shell.wish(Command::Copy(self.command.replace(" (as root)", "")));
                }
                if ui.button("Close").clicked() {
                    stay = Stay::Closed;
                }
            });
            return stay;
        }
        match dialog::buttons(ui, "Install", true) {
            Some(true) => {
                let tool = self.tool;
                shell.chore(format!("Installing {tool}"), move |backend, running| {
                    let path = backend.install(tool, running)?;
                    Ok(found(tool, &path))
                });
                Stay::Closed
            }
            Some(false) => Stay::Closed,
            None => Stay::Open,
        }
    }
}

fn found(tool: &str, path: &std::path::Path) -> News {
    let says = format!("{tool} is found at {}", printable_path(path));
    News::new(Level::Success, says)
}

/// Asks where a tool is.
struct Locate {
    tool: &'static str,
    path: String,
    pick: Pick,
}

impl Dialog for Locate {
    fn title(&self) -> String {
        format!("Locate {}", self.tool)
    }

    fn show(&mut self, ui: &mut Ui, shell: &mut Shell) -> Stay {
        widgets::dim(
            ui,
            "The program itself, or the folder of a portable copy: that is brought into the working directory.",
        );
        ui.add_space(8.0);
        widgets::field(
            ui,
            "File or folder",
            &mut self.path,
            "/opt/ffmpeg/bin/ffmpeg",
        );
        ui.horizontal(|ui| {
            self.pick.button(ui, What::File);
            self.pick.button(ui, What::Folder);
        });
        if let Some(path) = self.pick.take() {
            self.path = path.to_string_lossy().into_owned();
        }
        match dialog::buttons(ui, "Use it", !self.path.trim().is_empty()) {
            Some(true) => {
                let (tool, path) = (self.tool, PathBuf::from(self.path.trim()));
                shell.chore(format!("Trying {tool}"), move |backend, _| {
                    let path = backend.locate(tool, &path)?;
                    Ok(found(tool, &path))
                });
                Stay::Closed
            }
            Some(false) => Stay::Closed,
            None => Stay::Open,
        }
    }
}
