//! Everything known of the file that is chosen, on the right.

use eframe::egui::{self, RichText, TextureHandle, Ui};
use videocatalog_core::human;
use videocatalog_core::search::{Hit, shown};

use super::Page;
use super::search::can_look_like;
use crate::backend::Trouble;
use crate::backend::browse;
use crate::command::Command;
use crate::latest::Latest;
use crate::shell::Shell;
use crate::theme::Palette;
use crate::widgets;

/// The height of what is said, before it scrolls.
const LINES_HEIGHT: f32 = 260.0;

/// What is told of a file, and its picture where it is drawn from.
pub(crate) struct Details {
    asking: Latest<Hit, Result<browse::Details, Trouble>>,
    told: Option<Result<browse::Details, Trouble>>,
    /// What it is told of.
    hit: Option<Hit>,
    /// Why that was found.
    why: Option<String>,
    picture: Option<TextureHandle>,
    /// What has come and is not yet a texture.
    bitmap: Option<browse::Bitmap>,
}

impl Details {
    pub(crate) fn new(shell: &Shell) -> Self {
        Self {
            asking: shell.latest(|backend, hit, _| backend.details(hit)),
            told: None,
            hit: None,
            why: None,
            picture: None,
            bitmap: None,
        }
    }

    /// Asks for what is known of a file, and remembers why it was found.
    pub(crate) fn ask(&mut self, hit: Hit, why: Option<String>) {
        self.why = why;
        self.asking.ask(hit);
    }
}

impl Page for Details {
    fn poll(&mut self, _shell: &mut Shell) {
        let Some((hit, mut details)) = self.asking.poll() else {
            return;
        };
        self.bitmap = details.as_mut().ok().and_then(|found| found.picture.take());
        self.picture = None;
        self.told = Some(details);
        self.hit = Some(hit);
    }

    fn show(&mut self, ui: &mut Ui, shell: &mut Shell) {
        if let Some(bitmap) = self.bitmap.take() {
            self.picture = Some(bitmap.texture(ui.ctx()));
        }
        let palette = Palette::shown(ui);
        ui.label(RichText::new("DETAILS").small().color(palette.dim));
        if let Some(hit) = &self.hit {
            ui.horizontal_wrapped(|ui| {
                if ui.button("Open folder").clicked() {
                    shell.wish(Command::Reveal((&hit.path).into()));
                }
                if ui.button("Copy path").clicked() {
                    shell.wish(Command::Copy(hit.path.clone()));
                }
                if can_look_like(hit) && ui.button("Find similar").clicked() {
                    shell.wish(Command::FindSimilar(Box::new(hit.clone())));
                }
            });
        }
        match &self.told {
            // What was told before stays until the next is there: nothing flickers while one goes through the rows.
            None if self.asking.is_busy() => {
                widgets::dim(ui, "Reading…");
            }
            None => {
                widgets::dim(ui, "Choose a file to see everything known of it.");
            }
            Some(Err(trouble)) => widgets::trouble(ui, trouble),
            Some(Ok(details)) => {
                egui::ScrollArea::vertical().show(ui, |ui| self.facts(details, ui));
            }
        }
    }
}

impl Details {
    fn facts(&self, details: &browse::Details, ui: &mut Ui) {
        let palette = Palette::shown(ui);
        if let Some(picture) = &self.picture {
            let image = egui::Image::new(picture).max_width(ui.available_width());
            ui.add(image.corner_radius(6.0).alt_text("Picture of the file"));
            ui.add_space(8.0);
        }
        if let Some(why) = &self.why {
            ui.label(RichText::new("found by").small().color(palette.dim));
            let why = egui::Label::new(shown(why)).wrap();
            ui.add(why.selectable(true));
        }
        for (name, value) in &details.facts {
            ui.label(RichText::new(*name).small().color(palette.dim));
            let is_alarm = *name == "DAMAGED" || value.starts_with("NOT SOUND");
            let colour = if is_alarm {
                palette.error
            } else {
                palette.text
            };
            let text = RichText::new(shown(value)).color(colour);
            // Here there is no row to take clicks from: what is told can be marked and copied.
            ui.add(egui::Label::new(text).wrap().selectable(true));
        }
        said(&details.said, ui);
    }
}

/// Draws what is said in it.
fn said(lines: &[String], ui: &mut Ui) {
    if lines.is_empty() {
        return;
    }
    ui.add_space(8.0);
    let title = format!("What is said ({} lines)", human::count(lines.len() as u64));
    egui::CollapsingHeader::new(title)
        .id_salt("said")
        .show(ui, |ui| {
            let height = ui.text_style_height(&egui::TextStyle::Body);
            egui::ScrollArea::both()
                .id_salt("said lines")
                .max_height(LINES_HEIGHT)
                .show_rows(ui, height, lines.len(), |ui, rows| {
                    for line in lines.get(rows).unwrap_or_default() {
                        let line = egui::Label::new(shown(line)).extend();
                        ui.add(line.selectable(true));
                    }
                });
        });
}
