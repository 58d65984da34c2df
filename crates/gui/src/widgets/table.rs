//! A table over any number of rows, of which only those in sight are asked for and drawn.
//!
//! Rows are counted in whole numbers, not in points: at a million rows a scrolled distance in `f32` is off by whole pixels.

use std::borrow::Cow;
use std::ops::Range;

use eframe::egui::accesskit::{Role, SortDirection};
use eframe::egui::{
    self, Align2, CursorIcon, EventFilter, FontId, Id, Key, Modifiers, Pos2, Rect, Response, Sense,
    Stroke, TextStyle, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use super::chosen::{Chosen, How};
use crate::theme::Palette;

const ROW: f32 = 26.0;
const HEADER: f32 = 28.0;
const BAR: f32 = 10.0;
const PAD: f32 = 8.0;
const NARROWEST: f32 = 48.0;

/// One column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// What stands above it.
    pub(crate) title: &'static str,
    /// Width in points until the user changes it.
    pub(crate) width: f32,
    /// Numbers stand to the right.
    pub(crate) is_number: bool,
    /// Whether a click on its title sorts.
    pub(crate) is_sortable: bool,
}

impl Column {
    /// A column of words by which nothing is sorted.
    pub(crate) const fn text(title: &'static str, width: f32) -> Self {
        Self {
            title,
            width,
            is_number: false,
            is_sortable: false,
        }
    }

    /// Whether it gives way where there is little room.
    fn is_wide(self) -> bool {
        self.width > 150.0
    }

    /// A column of numbers by which nothing is sorted.
    pub(crate) const fn number(title: &'static str, width: f32) -> Self {
        Self {
            is_number: true,
            ..Self::text(title, width)
        }
    }

    /// The same column, by which rows can be sorted.
    pub(crate) const fn sortable(self) -> Self {
        Self {
            is_sortable: true,
            ..self
        }
    }
}

/// Which column rows are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sorted {
    /// The column.
    pub(crate) column: usize,
    /// Largest or last first.
    pub(crate) is_descending: bool,
}

/// What a table remembers between frames.
#[derive(Clone, Debug, Default)]
pub(crate) struct TableState {
    /// The rows that are chosen.
    pub(crate) chosen: Chosen,
    /// Whether several may be.
    is_of_many: bool,
    widths: Vec<f32>,
    /// The table that they are of: one state may show several in turn.
    widths_of: String,
    /// The first row in sight, and how much of it is above the edge.
    first: f64,
    /// How far columns are moved to the left, in points.
    aside: f32,
}

impl TableState {
    /// Returns one in which several rows may be chosen.
    pub(crate) fn of_many() -> Self {
        Self {
            is_of_many: true,
            ..Self::default()
        }
    }

    /// Goes back to the first row, with nothing chosen.
    pub(crate) fn rewind(&mut self) {
        self.first = 0.0;
        self.chosen = Chosen::default();
    }

    /// Returns how the keys that are held have a row chosen.
    fn how(&self, held: Modifiers) -> How {
        match (self.is_of_many, held.shift, held.command) {
            (true, true, _) => How::Through,
            (true, false, true) => How::Besides,
            _ => How::Alone,
        }
    }
}

/// What happened to a table in a frame.
#[derive(Debug)]
pub(crate) struct Happened {
    /// The rows in sight, which should be there soon.
    pub(crate) visible: Range<usize>,
    /// A column whose title was clicked.
    pub(crate) sort: Option<usize>,
    /// Whether another row was chosen.
    pub(crate) is_moved: bool,
    /// A row that was double-clicked, or Enter pressed on.
    pub(crate) opened: Option<usize>,
    /// The rows, for a context menu of the chosen one.
    pub(crate) body: Response,
}

/// A table to be shown.
#[derive(Debug)]
pub(crate) struct DataTable<'a> {
    /// Its name for those who cannot see it.
    pub(crate) name: &'a str,
    /// The columns.
    pub(crate) columns: &'a [Column],
    /// How many rows there are.
    pub(crate) rows: usize,
    /// What they are sorted by.
    pub(crate) sorted: Option<Sorted>,
}

impl DataTable<'_> {
    /// Shows it in what is left of `ui`. `cell` returns the text of a row and column, `None` while it is not there yet.
    pub(crate) fn show<'c>(
        &self,
        ui: &mut Ui,
        state: &mut TableState,
        mut cell: impl FnMut(usize, usize) -> Option<Cow<'c, str>>,
    ) -> Happened {
        let rect = ui.available_rect_before_wrap();
        if state.widths.len() != self.columns.len() || state.widths_of != self.name {
            self.name.clone_into(&mut state.widths_of);
            state.widths = kept(ui, self.name, self.columns.len())
                .unwrap_or_else(|| fitted(self.columns, rect.width() - BAR));
        }
        let header = Rect::from_min_size(rect.min, vec2(rect.width(), HEADER));
        let rows = Rect::from_min_max(
            pos2(rect.left(), header.bottom()),
            pos2(rect.right() - BAR, rect.bottom()),
        );
        let widest = state.widths.iter().sum::<f32>() - rows.width();
        state.aside = state.aside.clamp(0.0, widest.max(0.0));
        let sort = self.header(ui, header, state);
        let body = ui.interact(rows, ui.scope_id().with(self.name), Sense::click());
        self.describe(&body);
        let before = state.chosen.at();
        let opened_by_key = self.keys(ui, &body, rows, state);
        self.scroll(ui, &body, rows, state);
        self.bar(ui, rows, state);
        let clicked = body.clicked() || body.secondary_clicked();
        let under = |at: Pos2, state: &TableState| {
            let row = position(f64::from((at.y - rows.top()) / ROW) + state.first);
            (row < self.rows).then_some(row)
        };
        if clicked {
            body.request_focus();
            if let Some(row) = body.interact_pointer_pos().and_then(|at| under(at, state)) {
                let how = state.how(ui.input(|input| input.modifiers));
                // A menu is of all that are chosen, if it is opened on one of them.
                if body.clicked() || !state.chosen.contains(row) {
                    state.chosen.choose(row, how);
                }
            }
        }
        let opened = opened_by_key.or_else(|| state.chosen.at().filter(|_| body.double_clicked()));
        let hovered = body.hover_pos().and_then(|at| under(at, state));
        let visible = self.visible(rows, state);
        for row in visible.clone() {
            self.row(ui, rows, state, row, hovered == Some(row), &mut cell);
        }
        if body.has_focus() {
            let edge = Stroke::new(1.0, Palette::shown(ui).accent);
            ui.painter()
                .rect_stroke(rows, 4.0, edge, egui::StrokeKind::Inside);
        }
        ui.advance_cursor_after_rect(rect);
        Happened {
            visible,
            sort,
            is_moved: before != state.chosen.at(),
            opened,
            body,
        }
    }

    fn describe(&self, body: &Response) {
        let name = self.name;
        body.widget_info(|| WidgetInfo::labeled(Role::Table, true, name));
        body.ctx.accesskit_node_builder(body.id, |node| {
            node.set_role(Role::Table);
            node.set_row_count(self.rows);
            node.set_column_count(self.columns.len());
        });
    }

    fn header(&self, ui: &mut Ui, rect: Rect, state: &mut TableState) -> Option<usize> {
        let palette = Palette::shown(ui);
        let font = TextStyle::Small.resolve(ui.style());
        let mut sort = None;
        let mut right = rect.left() - state.aside;
        for (index, (column, width)) in self.columns.iter().zip(&state.widths).enumerate() {
            let left = right;
            right += *width;
            let cell = Rect::from_min_size(pos2(left, rect.top()), vec2(*width, HEADER));
            if !cell.intersects(rect.shrink2(vec2(1.0, 0.0))) {
                continue;
            }
            let id = ui.scope_id().with((self.name, "title", index));
            let sense = if column.is_sortable {
                Sense::click()
            } else {
                Sense::hover()
            };
            let title = ui.interact(cell.intersect(rect), id, sense);
            let direction = self.sorted.filter(|sorted| sorted.column == index);
            title.widget_info(|| WidgetInfo::labeled(Role::ColumnHeader, true, column.title));
            ui.ctx().accesskit_node_builder(id, |node| {
                node.set_role(Role::ColumnHeader);
                node.set_column_index(index);
                if let Some(sorted) = direction {
                    node.set_sort_direction(if sorted.is_descending {
                        SortDirection::Descending
                    } else {
                        SortDirection::Ascending
                    });
                }
            });
            if title.clicked() {
                sort = Some(index);
            }
            let is_strong = direction.is_some() || (column.is_sortable && title.hovered());
            let colour = if is_strong { palette.text } else { palette.dim };
            let text = put(
                ui,
                cell.intersect(rect),
                column,
                column.title,
                &font,
                colour,
            );
            if let Some(sorted) = direction {
                let beside = if column.is_number {
                    text.left() - 9.0
                } else {
                    text.right() + 9.0
                };
                arrow(
                    ui,
                    pos2(beside, cell.center().y),
                    sorted.is_descending,
                    colour,
                );
            }
        }
        // After all titles, so that they lie above those.
        let mut is_changed = false;
        let mut right = rect.left() - state.aside;
        for (index, width) in state.widths.iter_mut().enumerate() {
            right += *width;
            if (rect.left()..=rect.right()).contains(&right) {
                let id = ui.scope_id().with((self.name, "edge", index));
                is_changed |= widen(ui, id, pos2(right, rect.top()), width);
            }
        }
        if is_changed {
            let id = place_of_widths(self.name);
            ui.data_mut(|data| data.insert_persisted(id, state.widths.clone()));
        }
        let line = Stroke::new(1.0, palette.line);
        ui.painter().hline(rect.x_range(), rect.bottom(), line);
        sort
    }

    fn keys(&self, ui: &Ui, body: &Response, rows: Rect, state: &mut TableState) -> Option<usize> {
        if !body.has_focus() || self.rows == 0 {
            return None;
        }
        let keep = EventFilter {
            vertical_arrows: true,
            horizontal_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(body.id, keep));
        let page = position(f64::from(rows.height() / ROW)).max(1);
        let last = self.rows - 1;
        let at = state.chosen.at();
        let held = ui.input(|input| input.modifiers);
        if state.is_of_many && ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::A)) {
            state.chosen.all(self.rows);
        }
        let steps = [
            (Key::ArrowDown, at.map_or(0, |row| row.saturating_add(1))),
            (Key::ArrowUp, at.map_or(0, |row| row.saturating_sub(1))),
            (Key::PageDown, at.unwrap_or(0).saturating_add(page)),
            (Key::PageUp, at.unwrap_or(0).saturating_sub(page)),
            (Key::Home, 0),
            (Key::End, last),
        ];
        for (key, row) in steps {
            if ui.input_mut(|input| input.consume_key(Modifiers::NONE, key)) {
                let row = row.min(last);
                state.chosen.choose(row, state.how(held));
                reveal(state, rows, row);
                break;
            }
        }
        for (key, step) in [(Key::ArrowLeft, -80.0), (Key::ArrowRight, 80.0)] {
            if ui.input_mut(|input| input.consume_key(Modifiers::NONE, key)) {
                state.aside += step;
            }
        }
        let is_enter = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
        state.chosen.at().filter(|_| is_enter)
    }

    fn scroll(&self, ui: &Ui, body: &Response, rows: Rect, state: &mut TableState) {
        if body.contains_pointer() {
            let moved = ui.input(egui::InputState::smooth_scroll_delta);
            state.first -= f64::from(moved.y / ROW);
            state.aside -= moved.x;
        }
        state.first = state.first.clamp(0.0, self.farthest(rows));
    }

    /// The first row in sight when the last one is.
    fn farthest(&self, rows: Rect) -> f64 {
        (as_distance(self.rows) - f64::from(rows.height() / ROW)).max(0.0)
    }

    fn bar(&self, ui: &mut Ui, rows: Rect, state: &mut TableState) {
        let farthest = self.farthest(rows);
        if farthest <= 0.0 {
            return;
        }
        let track = Rect::from_min_size(rows.right_top(), vec2(BAR, rows.height()));
        let shown = f64::from(rows.height() / ROW) / as_distance(self.rows);
        #[expect(clippy::cast_possible_truncation, reason = "a share of a bar's length")]
        let length = (f64::from(track.height()) * shown).max(28.0) as f32;
        let room = track.height() - length;
        let id = ui.scope_id().with((self.name, "bar"));
        let response = ui.interact(track, id, Sense::click_and_drag());
        if let Some(at) = response.interact_pointer_pos().filter(|_| room > 0.0) {
            let share = (at.y - track.top() - length / 2.0) / room;
            state.first = f64::from(share.clamp(0.0, 1.0)) * farthest;
        }
        #[expect(clippy::cast_possible_truncation, reason = "a share of a bar's length")]
        let top = track.top() + room * (state.first / farthest) as f32;
        let handle = Rect::from_min_size(pos2(track.left() + 2.0, top), vec2(BAR - 4.0, length));
        let palette = Palette::shown(ui);
        let colour = if response.hovered() || response.dragged() {
            palette.dim
        } else {
            palette.line
        };
        ui.painter().rect_filled(handle, 3.0, colour);
    }

    fn visible(&self, rows: Rect, state: &TableState) -> Range<usize> {
        let first = position(state.first);
        let last = position(state.first + f64::from(rows.height() / ROW)).saturating_add(1);
        first.min(self.rows)..last.min(self.rows)
    }

    fn row<'c>(
        &self,
        ui: &mut Ui,
        rows: Rect,
        state: &TableState,
        row: usize,
        is_hovered: bool,
        cell: &mut impl FnMut(usize, usize) -> Option<Cow<'c, str>>,
    ) {
        #[expect(clippy::cast_possible_truncation, reason = "within the window")]
        let top = rows.top() + ((as_distance(row) - state.first) * f64::from(ROW)) as f32;
        let rect = Rect::from_min_size(pos2(rows.left(), top), vec2(rows.width(), ROW));
        let palette = Palette::shown(ui);
        let is_selected = state.chosen.contains(row);
        let ground = match (is_selected, is_hovered) {
            (true, _) => ui.visuals().selection.bg_fill,
            (false, true) => palette.card,
            (false, false) => egui::Color32::TRANSPARENT,
        };
        let painter = ui.painter().with_clip_rect(rows);
        painter.rect_filled(rect, 4.0, ground);
        let font = TextStyle::Body.resolve(ui.style());
        let mut said = String::new();
        let mut left = rect.left() - state.aside;
        let columns = self.columns.iter().zip(&state.widths);
        for (index, (column, width)) in columns.enumerate() {
            let text = cell(row, index).unwrap_or(Cow::Borrowed("…"));
            let place = Rect::from_min_size(pos2(left, rect.top()), vec2(*width, ROW));
            let colour = if index == 0 {
                palette.text
            } else {
                palette.dim
            };
            if place.intersects(rows) {
                put(ui, place.intersect(rows), column, &text, &font, colour);
            }
            if !said.is_empty() {
                said.push_str(", ");
            }
            said.push_str(&text);
            left += width;
        }
        let id = ui.scope_id().with((self.name, "row", row));
        let response = ui.interact(rect.intersect(rows), id, Sense::empty());
        response.widget_info(|| WidgetInfo::selected(Role::Row, true, is_selected, &said));
        ui.ctx().accesskit_node_builder(id, |node| {
            node.set_role(Role::Row);
            node.set_row_index(row);
            node.set_selected(is_selected);
        });
    }
}

/// Where the widths are kept that the user gave to columns.
fn place_of_widths(table: &str) -> Id {
    Id::unique(("widths", table))
}

/// Returns the widths that the user gave to columns, perhaps before the last start.
fn kept(ui: &Ui, table: &str, columns: usize) -> Option<Vec<f32>> {
    let widths = ui.data_mut(|data| data.get_persisted::<Vec<f32>>(place_of_widths(table)))?;
    let is_sound = widths.len() == columns && widths.iter().all(|width| *width >= NARROWEST);
    is_sound.then_some(widths)
}

/// Returns widths with which columns fill a table: wide ones give way, the last one takes what is left.
fn fitted(columns: &[Column], room: f32) -> Vec<f32> {
    let sum = |is_wide: bool| -> f32 {
        let some = columns.iter().filter(|column| column.is_wide() == is_wide);
        some.map(|column| column.width).sum()
    };
    let shrink = ((room - sum(false)) / sum(true).max(1.0)).clamp(0.3, 1.0);
    let width = |column: &Column| {
        if column.is_wide() {
            column.width * shrink
        } else {
            column.width
        }
    };
    let mut widths: Vec<f32> = columns.iter().map(width).collect();
    let left = room - widths.iter().sum::<f32>();
    if let Some(last) = widths.last_mut() {
        *last += left.max(0.0);
    }
    widths
}

/// Puts a row in sight.
fn reveal(state: &mut TableState, rows: Rect, row: usize) {
    let shown = f64::from(rows.height() / ROW);
    let at = as_distance(row);
    state.first = state.first.clamp((at + 1.0 - shown).min(at), at);
}

/// Writes a text into a cell, cut off with dots; returns where it stands.
fn put(
    ui: &Ui,
    cell: Rect,
    column: &Column,
    text: &str,
    font: &FontId,
    colour: egui::Color32,
) -> Rect {
    let width = (cell.width() - 2.0 * PAD).max(0.0);
    let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font.clone(), colour);
    job.wrap = egui::text::TextWrapping::truncate_at_width(width);
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
    let (anchor, at) = if column.is_number {
        (Align2::RIGHT_CENTER, cell.right_center() - vec2(PAD, 0.0))
    } else {
        (Align2::LEFT_CENTER, cell.left_center() + vec2(PAD, 0.0))
    };
    let place = anchor.anchor_size(at, galley.size());
    ui.painter()
        .with_clip_rect(cell.intersect(ui.clip_rect()))
        .galley(place.min, galley, colour);
    place
}

fn arrow(ui: &Ui, at: Pos2, is_down: bool, colour: egui::Color32) {
    let tip = if is_down { 3.0 } else { -3.0 };
    let points = vec![
        at + Vec2::new(-4.0, -tip),
        at + Vec2::new(4.0, -tip),
        at + Vec2::new(0.0, tip),
    ];
    ui.painter()
        .add(egui::Shape::convex_polygon(points, colour, Stroke::NONE));
}

/// The right edge of a title, which can be dragged; returns whether it was.
fn widen(ui: &Ui, id: Id, top: Pos2, width: &mut f32) -> bool {
    let edge = Rect::from_min_size(top - vec2(3.0, 0.0), vec2(6.0, HEADER));
    let response = ui
        .interact(edge, id, Sense::drag())
        .on_hover_and_drag_cursor(CursorIcon::ResizeHorizontal);
    if response.dragged() {
        *width = (*width + response.drag_delta().x).max(NARROWEST);
    }
    if response.hovered() || response.dragged() {
        let line = Stroke::new(1.0, Palette::shown(ui).accent);
        ui.painter().vline(top.x, edge.y_range(), line);
    }
    response.dragged()
}

#[expect(clippy::cast_precision_loss, reason = "exact below 2^53 rows")]
fn as_distance(rows: usize) -> f64 {
    rows as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a row number, never negative here"
)]
fn position(rows: f64) -> usize {
    rows.max(0.0) as usize
}
