//! The log as it grows, with a filter.

use std::time::Duration;

use eframe::egui::{self, RichText, Ui};

use super::Page;
use crate::latest::Latest;
use crate::shell::Shell;
use crate::theme::Palette;
use crate::widgets;

/// Lines that are kept.
const LINES: usize = 1_000;
/// How often it is read while it is shown.
const AGAIN: Duration = Duration::from_millis(700);

/// The log.
pub(crate) struct Log {
    is_open: bool,
    filter: String,
    asking: Latest<(), Vec<String>>,
    lines: Vec<String>,
}

impl Log {
    pub(crate) fn new(shell: &Shell) -> Self {
        Self {
            is_open: false,
            filter: String::new(),
            asking: shell.latest(|backend, (), cancel| {
                // While it is shown, it is read again after a while.
                let wait = std::time::Instant::now();
                while wait.elapsed() < AGAIN && !cancel.is_cancelled() {
                    std::thread::sleep(Duration::from_millis(50));
                }
                backend.log_tail(LINES)
            }),
            lines: Vec::new(),
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.is_open
    }

    pub(crate) fn switch(&mut self) {
        self.is_open = !self.is_open;
    }
}

impl Page for Log {
    fn poll(&mut self, _shell: &mut Shell) {
        if let Some(((), lines)) = self.asking.poll() {
            self.lines = lines;
        }
        if self.is_open && !self.asking.is_busy() {
            self.asking.ask(());
        }
    }

    fn show(&mut self, ui: &mut Ui, _shell: &mut Shell) {
        let palette = Palette::shown(ui);
        ui.horizontal(|ui| {
            ui.label(RichText::new("LOG").small().color(palette.dim));
            let filter = egui::TextEdit::singleline(&mut self.filter);
            let filter = ui.add(filter.hint_text("Filter").desired_width(200.0));
            widgets::named(ui, &filter, "Filter the log");
        });
        let wanted = self.filter.to_lowercase();
        let lines: Vec<&String> = self
            .lines
            .iter()
            .filter(|line| wanted.is_empty() || line.to_lowercase().contains(&wanted))
            .collect();
        if lines.is_empty() {
            widgets::dim(ui, "No line of the log has that.");
            return;
        }
        let height = ui.text_style_height(&egui::TextStyle::Monospace);
        egui::ScrollArea::both()
            .auto_shrink(false)
            .stick_to_bottom(true)
            .show_rows(ui, height, lines.len(), |ui, rows| {
                for line in lines.get(rows).unwrap_or_default() {
                    let line = RichText::new(line.as_str()).monospace();
                    ui.add(egui::Label::new(line).extend().selectable(true));
                }
            });
    }
}
