//! Charts: bars beside names, and days.

use eframe::egui::{
    self, Align2, Color32, FontId, Rect, Role, ScrollArea, Sense, TextStyle, Ui, WidgetInfo, pos2,
    vec2,
};
use egui_plot::{AxisHints, Bar as Column, BarChart, GridMark, Plot};
use videocatalog_core::human;
use videocatalog_core::report::days::DayEntry;

use crate::theme::Palette;
use crate::widgets::ratio;

/// Height of a bar and the space around it.
const ROW: f32 = 24.0;
/// Height of a bar.
const THICK: f32 = 12.0;
/// Width of what is written behind bars.
const VALUE: f32 = 84.0;
/// Dates that stand below days at most.
const DATES: usize = 6;

/// What a part of a bar means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tint {
    /// What it is about.
    Accent,
    /// All is well.
    Ok,
    /// Worth a look.
    Warn,
    /// The rest.
    Dim,
}

impl Tint {
    fn colour(self, palette: &Palette) -> Color32 {
        match self {
            Self::Accent => palette.accent,
            Self::Ok => palette.ok,
            Self::Warn => palette.warn,
            Self::Dim => palette.line,
        }
    }
}

/// A bar.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bar {
    /// What stands before it.
    pub(super) name: String,
    /// What stands behind it.
    pub(super) value: String,
    /// Shares of the whole width, 0 to 1 all together.
    pub(super) parts: Vec<(f32, Tint)>,
}

/// Returns bars of one part each, the longest first, as long as they are beside the longest.
pub(super) fn ranked(values: impl IntoIterator<Item = (String, u64)>) -> Vec<Bar> {
    let mut values: Vec<(String, u64)> = values.into_iter().filter(|one| one.1 > 0).collect();
    values.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
    let most = values.first().map_or(0, |one| one.1);
    values
        .into_iter()
        .map(|(name, bytes)| Bar {
            name,
            value: human::size(bytes),
            parts: vec![(ratio(bytes, most), Tint::Accent)],
        })
        .collect()
}

/// Returns the height that bars take.
pub(super) fn height(bars: &[Bar]) -> f32 {
    let count = u16::try_from(bars.len()).unwrap_or(u16::MAX);
    f32::from(count) * (ROW + 4.0)
}

/// Draws bars into what is left of `ui`.
pub(super) fn bars(ui: &mut Ui, bars: &[Bar]) {
    let area = ScrollArea::vertical().auto_shrink(false);
    area.show_rows(ui, ROW, bars.len(), |ui, rows| {
        for bar in bars.get(rows).unwrap_or_default() {
            one(ui, bar);
        }
    });
}

fn one(ui: &mut Ui, bar: &Bar) {
    let palette = Palette::shown(ui);
    let spacing = ui.spacing().item_spacing.y;
    let size = vec2(ui.available_width(), ROW - spacing);
    let (place, response) = ui.allocate_exact_size(size, Sense::hover());
    let said = format!("{}: {}", bar.name, bar.value);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &said));
    let name = (place.width() * 0.32).clamp(56.0, 160.0);
    let font = TextStyle::Small.resolve(ui.style());
    let left = Rect::from_min_size(place.min, vec2(name - 8.0, place.height()));
    write(
        ui,
        left,
        Align2::LEFT_CENTER,
        &bar.name,
        &font,
        palette.text,
    );
    let right = Rect::from_min_max(pos2(place.right() - VALUE, place.top()), place.max);
    write(
        ui,
        right,
        Align2::RIGHT_CENTER,
        &bar.value,
        &font,
        palette.dim,
    );
    let track = Rect::from_min_max(
        pos2(place.left() + name, place.center().y - THICK / 2.0),
        pos2(right.left() - 8.0, place.center().y + THICK / 2.0),
    );
    ui.painter().rect_filled(track, 3.0, palette.card);
    let mut start = track.left();
    for (share, tint) in &bar.parts {
        let width = track.width() * share;
        let part = Rect::from_min_size(pos2(start, track.top()), vec2(width.max(1.0), THICK));
        ui.painter().rect_filled(part, 3.0, tint.colour(&palette));
        start += width;
    }
    response.on_hover_text(said);
}

fn write(ui: &Ui, place: Rect, align: Align2, text: &str, font: &FontId, colour: Color32) {
    let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font.clone(), colour);
    job.wrap = egui::text::TextWrapping::truncate_at_width(place.width());
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
    let at = align.align_size_within_rect(galley.size(), place);
    ui.painter().galley(at.min, galley, colour);
}

/// Says what a day had.
fn day(entry: &DayEntry) -> String {
    format!(
        "{}: {}, {}",
        entry.date,
        human::files(entry.files),
        human::size(entry.bytes)
    )
}

/// Says which day had most; nothing, if none had any.
pub(super) fn busiest(days: &[DayEntry]) -> Option<String> {
    let most = days.iter().filter(|entry| entry.files > 0);
    most.max_by_key(|entry| entry.files).map(day)
}

/// Draws days into what is left of `ui`: files of each.
pub(super) fn days(ui: &mut Ui, days: &[DayEntry]) {
    let palette = Palette::shown(ui);
    let spots: Vec<(f64, &DayEntry)> = (0..u32::MAX).map(f64::from).zip(days).collect();
    let columns = spots.iter().map(|(spot, entry)| {
        let files = u32::try_from(entry.files).unwrap_or(u32::MAX);
        let column = Column::new(*spot, f64::from(files)).width(0.8);
        column.fill(palette.accent).name(day(entry))
    });
    let chart = BarChart::new("Files", columns.collect())
        .color(palette.accent)
        .element_formatter(Box::new(|column, _| column.name.clone()));
    let step = days.len().div_ceil(DATES).max(1);
    // From today back, so that today has a date.
    let marks: Vec<(f64, String)> = spots
        .iter()
        .rev()
        .step_by(step)
        .map(|(spot, entry)| (*spot, entry.date.get(5..).unwrap_or_default().to_owned()))
        .collect();
    let grid: Vec<GridMark> = marks
        .iter()
        .map(|(value, _)| GridMark {
            value: *value,
            step_size: 1_000.0,
        })
        .collect();
    let date = move |mark: GridMark, _: &std::ops::RangeInclusive<f64>| {
        let found = marks
            .iter()
            .find(|(value, _)| (value - mark.value).abs() < 0.5);
        found.map(|(_, date)| date.clone()).unwrap_or_default()
    };
    let whole = |mark: GridMark, _: &std::ops::RangeInclusive<f64>| {
        if mark.value.fract() == 0.0 {
            format!("{:.0}", mark.value)
        } else {
            String::new()
        }
    };
    Plot::new("days")
        .custom_x_axes(vec![AxisHints::new_x().formatter(date)])
        .custom_y_axes(vec![AxisHints::new_y().formatter(whole)])
        .x_grid_spacer(move |_| grid.clone())
        .show_grid([false, true])
        .grid_color(palette.line)
        .show_background(false)
        .show_x(false)
        .show_y(false)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_axis_zoom_drag(false)
        .allow_double_click_reset(false)
        .include_y(1.0)
        .height(ui.available_height())
        .show(ui, |plot| plot.bar_chart(chart));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_is_first_and_full() {
        let bars = ranked([("b".into(), 50), ("none".into(), 0), ("a".into(), 200)]);
        let found: Vec<(&str, f32)> = bars
            .iter()
            .map(|bar| (bar.name.as_str(), bar.parts[0].0))
            .collect();
        assert_eq!(found, [("a", 1.0), ("b", 0.25)]);
    }
}
