//! What a tab shows of a report: figures, a chart, a table, and perhaps a table of what belongs to the row that is chosen.

use eframe::egui::{Rect, RichText, Ui, UiBuilder, pos2};
use videocatalog_core::report::days::DayEntry;

use super::chart::{self, Bar};
use super::sheet::{self, Leads, Sheet};
use super::treemap::{self, Tile};
use crate::shell::Shell;
use crate::theme::Palette;
use crate::widgets;
use crate::widgets::table::Column;

/// The width from which a chart stands beside the table, not above it.
const WIDE: f32 = 800.0;
/// Share of the width that the table has beside a chart.
const TABLE: f32 = 0.58;
/// Share of the height that a chart has above a table, or a table above another.
const UPPER: f32 = 0.44;
/// Height of days at most.
const DAYS: f32 = 180.0;
/// Space between them.
const GAP: f32 = 16.0;

/// A chart.
pub(super) enum Chart {
    /// None: a list says it all.
    None,
    /// Bars.
    Bars(Vec<Bar>),
    /// Tiles, and where each leads.
    Treemap(Vec<(Tile, Leads)>),
    /// Files by day.
    Days(Vec<DayEntry>),
}

impl Chart {
    fn is_empty(&self) -> bool {
        match self {
            Self::None => true,
            Self::Bars(bars) => bars.is_empty(),
            Self::Treemap(tiles) => tiles.is_empty(),
            Self::Days(days) => days.is_empty(),
        }
    }

    /// Returns the height of which it makes use.
    fn most_height(&self) -> f32 {
        match self {
            Self::None | Self::Treemap(_) => f32::INFINITY,
            Self::Bars(bars) => chart::height(bars),
            Self::Days(_) => DAYS,
        }
    }

    fn show(&self, ui: &mut Ui, shell: &mut Shell) {
        match self {
            Self::None => {}
            Self::Bars(bars) => chart::bars(ui, bars),
            Self::Treemap(tiles) => {
                let drawn: Vec<Tile> = tiles.iter().map(|(tile, _)| tile.clone()).collect();
                let clicked = treemap::show(ui, "Folders by size", &drawn);
                if let Some((_, leads)) = clicked.and_then(|index| tiles.get(index)) {
                    sheet::open(leads, shell);
                }
            }
            Self::Days(days) => chart::days(ui, days),
        }
    }
}

/// The table below a table.
pub(super) struct Below {
    name: &'static str,
    columns: &'static [Column],
    sheet: Sheet,
}

/// What a tab shows.
pub(super) struct Leaf {
    /// Its name among others of the same tab; empty: it is alone.
    pub(super) name: &'static str,
    /// Totals, which stay apart from the rows.
    pub(super) figures: Vec<(&'static str, String)>,
    /// What is to be known besides.
    pub(super) note: String,
    /// What is said where the table has no rows.
    pub(super) nothing: &'static str,
    chart: Chart,
    sheet: Sheet,
    below: Option<Below>,
}

impl Leaf {
    pub(super) fn new(chart: Chart, sheet: Sheet) -> Self {
        Self {
            name: "",
            figures: Vec::new(),
            note: String::new(),
            nothing: "Nothing to report.",
            chart,
            sheet,
            below: None,
        }
    }

    /// Adds a table of what belongs to the row that is chosen.
    pub(super) fn with_below(mut self, name: &'static str, columns: &'static [Column]) -> Self {
        self.sheet.choose(0);
        self.below = Some(Below {
            name,
            columns,
            sheet: Sheet::new(name, columns, Vec::new()),
        });
        self.fill_below();
        self
    }

    fn fill_below(&mut self) {
        if let Some(below) = &mut self.below {
            let rows = self.sheet.chosen().map(|row| row.below.clone());
            below.sheet = Sheet::new(below.name, below.columns, rows.unwrap_or_default());
        }
    }

    /// Draws it into what is left of `ui`.
    pub(super) fn show(&mut self, ui: &mut Ui, shell: &mut Shell) {
        let palette = Palette::shown(ui);
        if !self.figures.is_empty() {
            ui.horizontal_wrapped(|ui| {
                for (name, value) in &self.figures {
                    ui.label(RichText::new(*name).color(palette.dim));
                    ui.label(RichText::new(value).strong());
                    ui.add_space(12.0);
                }
            });
        }
        if !self.note.is_empty() {
            widgets::dim(ui, &self.note);
        }
        if self.sheet.is_empty() {
            ui.add_space(8.0);
            widgets::dim(ui, self.nothing);
            return;
        }
        ui.add_space(4.0);
        let area = ui.available_rect_before_wrap();
        if self.below.is_some() {
            let (upper, lower) = across(area, f32::INFINITY);
            if within(ui, upper, "upper", |ui| self.sheet.show(ui, shell)) {
                self.fill_below();
            }
            if let Some(below) = &mut self.below {
                within(ui, lower, "lower", |ui| below.sheet.show(ui, shell));
            }
        } else if self.chart.is_empty() {
            self.sheet.show(ui, shell);
        } else {
            let is_line = matches!(self.chart, Chart::Days(_));
            let (chart, table) = if area.width() >= WIDE && !is_line {
                beside(area)
            } else {
                across(area, self.chart.most_height())
            };
            within(ui, chart, "chart", |ui| self.chart.show(ui, shell));
            within(ui, table, "table", |ui| self.sheet.show(ui, shell));
        }
        ui.advance_cursor_after_rect(area);
    }
}

/// Returns the places of a chart and of the table to its left.
fn beside(area: Rect) -> (Rect, Rect) {
    let middle = area.left() + area.width() * TABLE;
    let table = Rect::from_min_max(area.min, pos2(middle, area.bottom()));
    let chart = Rect::from_min_max(pos2(middle + GAP, area.top()), area.max);
    (chart, table)
}

/// Returns an upper and a lower place.
fn across(area: Rect, most: f32) -> (Rect, Rect) {
    let middle = area.top() + (area.height() * UPPER).min(most);
    let upper = Rect::from_min_max(area.min, pos2(area.right(), middle));
    let lower = Rect::from_min_max(pos2(area.left(), middle + GAP / 2.0), area.max);
    (upper, lower)
}

fn within<R>(ui: &mut Ui, place: Rect, name: &str, add: impl FnOnce(&mut Ui) -> R) -> R {
    let builder = UiBuilder::new().id_salt(name).max_rect(place);
    let drawn = ui.scope_builder(builder, |ui| {
        ui.shrink_clip_rect(place);
        add(ui)
    });
    drawn.inner
}
