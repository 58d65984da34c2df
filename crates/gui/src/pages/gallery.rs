//! Results by their pictures: tiles, of which only those in sight are asked for.

use std::collections::HashMap;

use eframe::egui::{
    self, Key, Modifiers, Rect, RichText, Role, Sense, TextureHandle, Ui, WidgetInfo, vec2,
};
use videocatalog_core::human;
use videocatalog_core::search::{Hit, shown};

use crate::backend::browse::{Bitmap, Browse};
use crate::latest::Latest;
use crate::shell::Shell;
use crate::theme::Palette;

/// Width and height of a tile in points.
const TILE: egui::Vec2 = vec2(188.0, 158.0);
/// Height of its picture.
const PICTURE: f32 = 112.0;
/// Pictures that are kept; when there are more, all that are not in sight go.
const KEPT: usize = 400;
/// Pictures that are asked for at once.
const BATCH: usize = 24;

/// A file, by its drive and its number there.
type Which = (String, i64);

/// What was asked for, and what came of it.
type Thumbnails = Latest<Vec<Hit>, Vec<Option<Bitmap>>>;

/// The tiles.
pub(super) struct Gallery {
    asking: Thumbnails,
    pictures: HashMap<Which, Option<TextureHandle>>,
    /// What came and is not yet a texture.
    arrived: Vec<(Which, Option<Bitmap>)>,
    /// What was in sight in the last frame.
    visible: std::ops::Range<usize>,
}

/// What happened to the tiles in a frame.
#[derive(Default)]
pub(super) struct Touched {
    /// Another one was chosen.
    pub(super) chosen: Option<usize>,
    /// One was double-clicked, or Enter pressed on.
    pub(super) opened: Option<usize>,
    /// Space was pressed.
    pub(super) is_preview: bool,
    /// Those in sight.
    pub(super) visible: std::ops::Range<usize>,
}

fn which(hit: &Hit) -> Which {
    (hit.drive_label.clone(), hit.file_id)
}

impl Gallery {
    pub(super) fn new(shell: &Shell) -> Self {
        Self {
            asking: shell.latest(|backend, hits: &Vec<Hit>, cancel| {
                Browse::thumbnails(backend, hits, cancel)
            }),
            pictures: HashMap::new(),
            arrived: Vec::new(),
            visible: 0..0,
        }
    }

    /// Asks again for pictures that were not there: a scan may have made them.
    pub(super) fn refresh(&mut self) {
        self.pictures.retain(|_, picture| picture.is_some());
    }

    /// Takes pictures that came.
    pub(super) fn poll(&mut self) {
        if let Some((hits, bitmaps)) = self.asking.poll() {
            self.arrived.extend(hits.iter().map(which).zip(bitmaps));
        }
    }

    /// Draws the tiles of `rows` files; `hit` returns one, `None` while it is not there yet.
    pub(super) fn show<'h>(
        &mut self,
        ui: &mut Ui,
        rows: usize,
        selected: Option<usize>,
        hit: impl Fn(usize) -> Option<&'h Hit>,
    ) -> Touched {
        for (which, bitmap) in self.arrived.drain(..) {
            let texture = bitmap.map(|bitmap| bitmap.texture(ui.ctx()));
            self.pictures.insert(which, texture);
        }
        let columns = per_row(ui.available_width());
        let lines = rows.div_ceil(columns);
        let mut touched = Touched::default();
        let body = ui.interact(
            ui.available_rect_before_wrap(),
            ui.scope_id().with("tiles"),
            Sense::focusable_noninteractive(),
        );
        body.widget_info(|| WidgetInfo::labeled(Role::Grid, true, "Gallery"));
        let reveal = keys(ui, &body, rows, columns, selected, &mut touched);
        let mut area = egui::ScrollArea::vertical().auto_shrink(false);
        if let Some(row) = reveal.filter(|row| !self.visible.contains(row)) {
            area = area.vertical_scroll_offset(offset(row / columns));
        }
        area.show_rows(ui, TILE.y, lines, |ui, shown_lines| {
            touched.visible = shown_lines.start * columns..(shown_lines.end * columns).min(rows);
            for line in shown_lines {
                ui.horizontal(|ui| {
                    for row in (line * columns..rows).take(columns) {
                        let response = self.tile(ui, row, selected == Some(row), hit(row));
                        if response.clicked() {
                            touched.chosen = Some(row);
                            body.request_focus();
                        }
                        if response.double_clicked() {
                            touched.opened = Some(row);
                        }
                    }
                });
            }
        });
        self.visible.clone_from(&touched.visible);
        self.ask(touched.visible.clone().filter_map(hit));
        touched
    }

    /// Asks for pictures of files in sight that are not here.
    fn ask<'h>(&mut self, visible: impl Iterator<Item = &'h Hit>) {
        let visible: Vec<&Hit> = visible.collect();
        if self.pictures.len() > KEPT {
            let wanted: Vec<Which> = visible.iter().map(|hit| which(hit)).collect();
            self.pictures.retain(|which, _| wanted.contains(which));
        }
        if self.asking.is_busy() || !self.arrived.is_empty() {
            return;
        }
        let missing: Vec<Hit> = visible
            .into_iter()
            .filter(|hit| !self.pictures.contains_key(&which(hit)))
            .take(BATCH)
            .cloned()
            .collect();
        if !missing.is_empty() {
            self.asking.ask(missing);
        }
    }

    fn tile(
        &self,
        ui: &mut Ui,
        row: usize,
        is_selected: bool,
        hit: Option<&Hit>,
    ) -> egui::Response {
        let palette = Palette::shown(ui);
        let (rect, response) = ui.allocate_exact_size(TILE - vec2(8.0, 4.0), Sense::click());
        let name = hit.map_or_else(|| "…".into(), |hit| shown(&hit.name));
        response.widget_info(|| WidgetInfo::selected(Role::Cell, true, is_selected, &name));
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_position_in_set(row);
        });
        let ground = match (is_selected, response.hovered()) {
            (true, _) => ui.visuals().selection.bg_fill,
            (false, true) => palette.line,
            (false, false) => palette.card,
        };
        ui.painter().rect_filled(rect, 8.0, ground);
        let Some(hit) = hit else {
            return response;
        };
        let place = Rect::from_min_size(rect.min, vec2(rect.width(), PICTURE)).shrink(4.0);
        if let Some(Some(texture)) = self.pictures.get(&which(hit)) {
            let size = texture.size_vec2();
            let scale = (place.width() / size.x).min(place.height() / size.y);
            let inside = Rect::from_center_size(place.center(), size * scale);
            let whole = Rect::from_min_max(egui::pos2(0.0, 0.0), egui::pos2(1.0, 1.0));
            let white = egui::Color32::WHITE;
            ui.painter().image(texture.id(), inside, whole, white);
        } else {
            let font = egui::TextStyle::Heading.resolve(ui.style());
            let centre = egui::Align2::CENTER_CENTER;
            ui.painter()
                .text(place.center(), centre, &hit.category, font, palette.dim);
        }
        let words = Rect::from_min_max(egui::pos2(rect.left(), place.bottom()), rect.max);
        let words = egui::UiBuilder::new()
            .max_rect(words.shrink2(vec2(8.0, 2.0)))
            .layout(egui::Layout::top_down(egui::Align::Min));
        let mut below = ui.new_child(words);
        below.spacing_mut().item_spacing.y = 0.0;
        below.add(egui::Label::new(name).truncate());
        let bytes = hit.size_bytes.map(i64::unsigned_abs);
        let about = bytes.map_or_else(|| "?".into(), human::size);
        below.label(RichText::new(about).small().color(palette.dim));
        response
    }
}

/// Returns how many tiles stand beside each other.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a few tiles"
)]
fn per_row(width: f32) -> usize {
    ((width / TILE.x) as usize).max(1)
}

#[expect(clippy::cast_precision_loss, reason = "a place on the screen")]
fn offset(line: usize) -> f32 {
    line as f32 * (TILE.y + 4.0)
}

/// Returns a tile that must come into sight.
fn keys(
    ui: &Ui,
    body: &egui::Response,
    rows: usize,
    columns: usize,
    selected: Option<usize>,
    touched: &mut Touched,
) -> Option<usize> {
    if !body.has_focus() || rows == 0 {
        return None;
    }
    let keep = egui::EventFilter {
        vertical_arrows: true,
        horizontal_arrows: true,
        ..egui::EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(body.id, keep));
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    touched.is_preview = pressed(Key::Space);
    if pressed(Key::Enter) {
        touched.opened = selected;
    }
    let at = selected.unwrap_or(0);
    let steps = [
        (Key::ArrowRight, selected.map_or(0, |at| at + 1)),
        (Key::ArrowLeft, at.saturating_sub(1)),
        (Key::ArrowDown, selected.map_or(0, |at| at + columns)),
        (Key::ArrowUp, at.saturating_sub(columns)),
        (Key::PageDown, at + 4 * columns),
        (Key::PageUp, at.saturating_sub(4 * columns)),
        (Key::Home, 0),
        (Key::End, rows - 1),
    ];
    let (_, row) = steps.into_iter().find(|(key, _)| pressed(*key))?;
    let row = row.min(rows - 1);
    touched.chosen = Some(row);
    Some(row)
}
