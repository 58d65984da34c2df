//! Questions that come before everything else, one above the other; Escape closes the topmost.

use eframe::egui::{self, Id, Modal, RichText, Ui};

use crate::command::Command;
use crate::shell::Shell;
use crate::theme::Palette;

/// What a dialog wants after it was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stay {
    /// To be drawn again.
    Open,
    /// To be closed.
    Closed,
}

/// A dialog.
pub trait Dialog {
    /// Its title.
    fn title(&self) -> String;

    /// Draws what is below the title, buttons included.
    fn show(&mut self, ui: &mut Ui, shell: &mut Shell) -> Stay;

    /// How wide it is where there is room, in points.
    fn width(&self) -> f32 {
        460.0
    }

    /// Whether Escape closes it.
    fn can_be_left(&self) -> bool {
        true
    }
}

/// Draws the topmost of the dialogs.
pub(crate) fn show(context: &egui::Context, shell: &mut Shell) {
    let Some(mut dialog) = shell.dialogs.pop() else {
        return;
    };
    let depth = shell.dialogs.len();
    let mut stay = Stay::Open;
    let title = dialog.title();
    let frame = egui::Frame::window(&context.global_style()).inner_margin(16);
    let modal = Modal::new(Id::unique(("dialog", depth, &title))).frame(frame);
    let drawn = modal.show(context, |ui| {
        ui.set_width(dialog.width().min(context.content_rect().width() - 64.0));
        ui.label(RichText::new(&title).heading());
        ui.add_space(8.0);
        stay = dialog.show(ui, shell);
    });
    let is_left = drawn.should_close() && dialog.can_be_left();
    if stay == Stay::Open && !is_left {
        // Below those that it opened itself.
        shell.dialogs.insert(depth, dialog);
    }
}

/// The row of buttons at the end of a dialog: Cancel, and what it is for. Returns whether that, or Cancel, was pressed.
pub(crate) fn buttons(ui: &mut Ui, go: &str, is_possible: bool) -> Option<bool> {
    let mut pressed = None;
    ui.add_space(12.0);
    let right = egui::Layout::right_to_left(egui::Align::Center);
    ui.with_layout(right, |ui| {
        let accent = crate::widgets::accent(ui, go);
        if ui.add_enabled(is_possible, accent).clicked() {
            pressed = Some(true);
        }
        if ui.button("Cancel").clicked() {
            pressed = Some(false);
        }
    });
    pressed
}

/// Asks whether something is meant.
pub struct Confirm {
    /// What is asked.
    pub title: String,
    /// What will happen.
    pub text: String,
    /// The word of the button that does it.
    pub go: String,
    /// What it does.
    pub command: Command,
}

impl Dialog for Confirm {
    fn title(&self) -> String {
        self.title.clone()
    }

    fn show(&mut self, ui: &mut Ui, shell: &mut Shell) -> Stay {
        ui.label(&self.text);
        match buttons(ui, &self.go, true) {
            Some(true) => {
                shell.wish(self.command.clone());
                Stay::Closed
            }
            Some(false) => Stay::Closed,
            None => Stay::Open,
        }
    }
}

/// Tells something at length.
pub struct Tell {
    /// What it is about.
    pub title: String,
    /// Names and values.
    pub rows: Vec<(String, String)>,
}

impl Dialog for Tell {
    fn title(&self) -> String {
        self.title.clone()
    }

    fn show(&mut self, ui: &mut Ui, _shell: &mut Shell) -> Stay {
        let palette = Palette::shown(ui);
        egui::ScrollArea::vertical()
            .max_height(420.0)
            .show(ui, |ui| {
                egui::Grid::new("told").num_columns(2).show(ui, |ui| {
                    for (name, value) in &self.rows {
                        ui.label(RichText::new(name).color(palette.dim));
                        ui.add(egui::Label::new(value).wrap().selectable(true));
                        ui.end_row();
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
