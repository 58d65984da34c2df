//! What the window tells without being asked: banners, which stay until they are closed, and toasts, which go by themselves.

use eframe::egui::{self, Align2, Area, Color32, Id, Order, RichText, Ui, vec2};

use crate::command::Command;
use crate::theme::Palette;
use crate::widgets;

/// How long good news stay, in seconds.
const GOOD_NEWS: f64 = 8.0;
/// How long a toast stays, in seconds.
const TOAST: f64 = 4.0;
/// Most banners that are shown at once; more would hide the page.
const MOST: usize = 4;

/// What kind of news it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// To be known.
    Info,
    /// Something went well.
    Success,
    /// Something deserves a look.
    Warning,
    /// Something went wrong.
    Error,
}

impl Level {
    /// Returns its word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "Note",
            Self::Success => "Done",
            Self::Warning => "Warning",
            Self::Error => "Error",
        }
    }

    /// Returns its colour.
    pub fn colour(self, palette: &Palette) -> Color32 {
        match self {
            Self::Info => palette.accent,
            Self::Success => palette.ok,
            Self::Warning => palette.warn,
            Self::Error => palette.error,
        }
    }
}

/// News, and perhaps something to be done about it.
#[derive(Clone, Debug, PartialEq)]
pub struct News {
    /// What kind.
    pub level: Level,
    /// In one or two sentences.
    pub text: String,
    /// Words of buttons, and what they do.
    pub actions: Vec<(String, Command)>,
}

impl News {
    /// Returns news without a button.
    pub fn new(level: Level, text: impl Into<String>) -> Self {
        Self {
            level,
            text: text.into(),
            actions: Vec::new(),
        }
    }

    /// Adds a button.
    #[must_use]
    pub fn with(mut self, words: impl Into<String>, command: Command) -> Self {
        self.actions.push((words.into(), command));
        self
    }
}

struct Shown {
    news: News,
    /// When it goes, by egui's clock; set when it is first drawn.
    until: Option<f64>,
}

/// Everything that is told at the moment.
#[derive(Default)]
pub struct NewsDesk {
    banners: Vec<Shown>,
    toasts: Vec<Shown>,
}

impl NewsDesk {
    /// Puts a banner on top; the same text is not shown twice.
    pub fn banner(&mut self, news: News) {
        self.withdraw(|old| old.text == news.text);
        self.banners.insert(0, Shown { news, until: None });
    }

    /// Takes banners back.
    pub fn withdraw(&mut self, is_meant: impl Fn(&News) -> bool) {
        self.banners.retain(|shown| !is_meant(&shown.news));
    }

    /// Shows something for a moment; the same again: for a moment more.
    pub fn toast(&mut self, news: News) {
        self.toasts.retain(|old| old.news.text != news.text);
        self.toasts.push(Shown { news, until: None });
    }

    /// Draws the banners at the top of a page.
    pub(crate) fn show_banners(&mut self, ui: &mut Ui, wishes: &mut Vec<Command>) {
        let now = ui.input(|input| input.time);
        self.banners.truncate(MOST);
        let mut closed = None;
        for (index, shown) in self.banners.iter_mut().enumerate() {
            if shown.news.level == Level::Success {
                let until = *shown.until.get_or_insert(now + GOOD_NEWS);
                if until <= now {
                    closed = Some(index);
                    continue;
                }
                ui.ctx().request_repaint_after_secs(seconds(until - now));
            }
            if banner(&shown.news, ui, wishes) {
                closed = Some(index);
            }
            ui.add_space(8.0);
        }
        if let Some(index) = closed {
            self.banners.remove(index);
        }
    }

    /// Draws the toasts, bottom right.
    pub(crate) fn show_toasts(&mut self, context: &egui::Context, wishes: &mut Vec<Command>) {
        let now = context.input(|input| input.time);
        let mut above = 48.0;
        self.toasts.retain_mut(|shown| {
            let until = *shown.until.get_or_insert(now + TOAST);
            if until <= now {
                return false;
            }
            context.request_repaint_after_secs(seconds(until - now));
            let id = Id::unique(("toast", &shown.news.text));
            let area = Area::new(id).order(Order::Foreground);
            let drawn = area
                .anchor(Align2::RIGHT_BOTTOM, vec2(-16.0, -above))
                .show(context, |ui| toast(&shown.news, ui, wishes));
            above += drawn.response.rect.height() + 8.0;
            !drawn.inner
        });
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a few seconds")]
fn seconds(time: f64) -> f32 {
    time as f32
}

/// Returns whether it was closed.
fn banner(news: &News, ui: &mut Ui, wishes: &mut Vec<Command>) -> bool {
    let palette = Palette::shown(ui);
    let colour = news.level.colour(&palette);
    let mut is_closed = false;
    let drawn = widgets::card(ui, |ui| {
        ui.horizontal(|ui| {
            ui.label(RichText::new(news.level.name()).strong().color(colour));
            let right = egui::Layout::right_to_left(egui::Align::Center);
            ui.with_layout(right, |ui| {
                let close = ui.button("Close").on_hover_text("Close this message");
                is_closed |= close.clicked();
                for (words, command) in news.actions.iter().rev() {
                    if ui.button(words).clicked() {
                        wishes.push(command.clone());
                        is_closed = true;
                    }
                }
                let left = egui::Layout::left_to_right(egui::Align::Center);
                ui.with_layout(left, |ui| {
                    ui.add(egui::Label::new(&news.text).wrap());
                });
            });
        });
    });
    let edge = drawn.response.rect;
    let mark = egui::Rect::from_min_size(edge.min, vec2(4.0, edge.height()));
    ui.painter().rect_filled(mark, 2.0, colour);
    is_closed
}

/// Returns whether it was clicked away.
fn toast(news: &News, ui: &mut Ui, wishes: &mut Vec<Command>) -> bool {
    let palette = Palette::shown(ui);
    let mut is_done = false;
    let drawn = egui::Frame::popup(ui.style())
        .fill(palette.card)
        .show(ui, |ui| {
            ui.set_max_width(360.0);
            let colour = news.level.colour(&palette);
            ui.label(RichText::new(news.level.name()).strong().color(colour));
            ui.label(&news.text);
            for (words, command) in &news.actions {
                if ui.button(words).clicked() {
                    wishes.push(command.clone());
                    is_done = true;
                }
            }
        });
    let anywhere = drawn.response.interact(egui::Sense::click());
    is_done || anywhere.clicked()
}
