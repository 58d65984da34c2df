//! Parts that pages are made of.

pub(crate) mod chosen;
pub(crate) mod table;

use eframe::egui::{self, InnerResponse, RichText, Ui};

use crate::backend::Trouble;
use crate::theme::Palette;

/// Draws something on a ground of its own, as wide as there is room.
pub(crate) fn card<R>(ui: &mut Ui, add: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
    let palette = Palette::shown(ui);
    egui::Frame::new()
        .fill(palette.panel)
        .corner_radius(8.0)
        .inner_margin(12)
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            add(ui)
        })
}

/// A heading within a card.
pub(crate) fn title(ui: &mut Ui, text: &str) {
    ui.label(RichText::new(text).strong().size(15.0));
    ui.add_space(4.0);
}

/// A text that is less important.
pub(crate) fn dim(ui: &mut Ui, text: impl Into<String>) -> egui::Response {
    let palette = Palette::shown(ui);
    ui.add(egui::Label::new(RichText::new(text).color(palette.dim)).wrap())
}

/// A button for what is done most on a page.
pub(crate) fn accent<'a>(ui: &Ui, text: &str) -> egui::Button<'a> {
    let palette = Palette::shown(ui);
    egui::Button::new(RichText::new(text).color(palette.on_accent)).fill(palette.accent)
}

/// Returns a part's share of a whole, 0 to 1.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "the length of a bar"
)]
pub(crate) fn ratio(part: u64, whole: u64) -> f32 {
    (part as f64 / whole.max(1) as f64).min(1.0) as f32
}

/// A bar that shows how much of something there is, 0 to 1.
pub(crate) fn share(ui: &mut Ui, share: f32, width: f32, colour: egui::Color32) {
    let bar = egui::ProgressBar::new(share).desired_width(width);
    ui.add(bar.desired_height(10.0).fill(colour));
}

/// What went wrong, and what to do about it.
pub(crate) fn trouble(ui: &mut Ui, trouble: &Trouble) {
    let palette = Palette::shown(ui);
    let message = RichText::new(&trouble.message).color(palette.error);
    ui.add(egui::Label::new(message).wrap());
    if !trouble.hint.is_empty() {
        dim(ui, &trouble.hint);
    }
}

/// What a page shows that has nothing to show: a sentence, and a button.
pub(crate) fn empty(ui: &mut Ui, heading: &str, sentence: &str, button: &str) -> bool {
    ui.add_space(48.0);
    ui.vertical_centered(|ui| {
        ui.heading(heading);
        dim(ui, sentence);
        ui.add_space(8.0);
        !button.is_empty() && ui.add(accent(ui, button)).clicked()
    })
    .inner
}

/// A field of one line below its name.
pub(crate) fn field(ui: &mut Ui, name: &str, text: &mut String, hint: &str) -> egui::Response {
    let palette = Palette::shown(ui);
    ui.label(RichText::new(name).small().color(palette.dim));
    // It stays the same when something comes or goes above it, and so does what is being written.
    let edit = egui::TextEdit::singleline(text)
        .id(ui.make_persistent_id(("field", name)))
        .hint_text(hint)
        .margin(egui::Margin::symmetric(8, 5))
        .desired_width(f32::INFINITY);
    let response = ui.add(edit);
    named(ui, &response, name);
    response
}

/// Names something for those who cannot see it.
pub(crate) fn named(ui: &Ui, response: &egui::Response, name: &str) {
    ui.ctx()
        .accesskit_node_builder(response.id, |node| node.set_label(name));
}
