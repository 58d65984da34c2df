//! The list of all commands, and the sheet of shortcuts.

use eframe::egui::{self, Key, KeyboardShortcut, Modifiers, RichText, Ui};

use crate::command::{self, Action};
use crate::dialog::{Dialog, Stay};
use crate::shell::Shell;
use crate::theme::Palette as Colours;

/// Finds a command by a part of its title.
#[derive(Default)]
pub(crate) struct Palette {
    text: String,
    chosen: usize,
}

fn spelled(shortcut: Option<KeyboardShortcut>, ui: &Ui) -> String {
    shortcut.map_or_else(String::new, |shortcut| ui.ctx().format_shortcut(&shortcut))
}

fn is_meant(action: &Action, text: &str) -> bool {
    let title = action.title.to_lowercase();
    text.to_lowercase()
        .split_whitespace()
        .all(|word| title.contains(word))
}

impl Dialog for Palette {
    fn title(&self) -> String {
        "Commands".into()
    }

    fn show(&mut self, ui: &mut Ui, shell: &mut Shell) -> Stay {
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let is_enter = pressed(Key::Enter);
        if pressed(Key::ArrowDown) {
            self.chosen += 1;
        }
        if pressed(Key::ArrowUp) {
            self.chosen = self.chosen.saturating_sub(1);
        }
        let field = ui.name_inputs("Command", |ui| {
            let field = egui::TextEdit::singleline(&mut self.text).desired_width(f32::INFINITY);
            ui.add(field.margin(egui::Margin::symmetric(10, 6)))
        });
        field.request_focus();
        if field.changed() {
            self.chosen = 0;
        }
        ui.add_space(8.0);
        let mut found = command::actions();
        found.retain(|action| is_meant(action, &self.text));
        self.chosen = self.chosen.min(found.len().saturating_sub(1));
        let mut done = None;
        egui::ScrollArea::vertical()
            .max_height(360.0)
            .show(ui, |ui| {
                for (index, action) in found.iter().enumerate() {
                    let shortcut = spelled(action.shortcut, ui);
                    let button = egui::Button::new(action.title)
                        .selected(index == self.chosen)
                        .right_text(RichText::new(shortcut).color(Colours::shown(ui).dim))
                        .min_size(egui::vec2(ui.available_width(), 28.0));
                    if ui.add(button).clicked() {
                        done = Some(index);
                    }
                }
                if found.is_empty() {
                    ui.label("No command is called that.");
                }
            });
        let done = done.or_else(|| is_enter.then_some(self.chosen));
        match done.and_then(|index| found.into_iter().nth(index)) {
            Some(action) => {
                shell.wish(action.command);
                Stay::Closed
            }
            None => Stay::Open,
        }
    }
}

/// Lists all shortcuts.
pub(crate) struct Sheet;

impl Dialog for Sheet {
    fn title(&self) -> String {
        "Keyboard shortcuts".into()
    }

    fn show(&mut self, ui: &mut Ui, _shell: &mut Shell) -> Stay {
        let palette = Colours::shown(ui);
        let row = |ui: &mut Ui, title: &str, keys: String| {
            ui.label(title);
            ui.label(RichText::new(keys).color(palette.dim));
            ui.end_row();
        };
        egui::ScrollArea::vertical()
            .max_height(420.0)
            .show(ui, |ui| {
                egui::Grid::new("shortcuts").num_columns(2).show(ui, |ui| {
                    for action in command::actions() {
                        let keys = spelled(action.shortcut, ui);
                        if !keys.is_empty() {
                            row(ui, action.title, keys);
                        }
                    }
                    for (title, keys) in command::ELSEWHERE {
                        row(ui, title, keys.into());
                    }
                });
            });
        ui.add_space(12.0);
        if ui.button("Close").clicked() {
            Stay::Closed
        } else {
            Stay::Open
        }
    }
}
