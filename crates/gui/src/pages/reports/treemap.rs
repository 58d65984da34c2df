//! A treemap: rectangles that fill an area, each as large as its share of a whole.
//!
//! Squarified, after Bruls, Huizing and van Wijk, "Squarified Treemaps" (2000): rows are filled along the shorter side for as
//! long as that makes the tiles more like squares.

use eframe::egui::{
    self, Align2, Color32, Pos2, Rect, Response, Role, Sense, Stroke, StrokeKind, TextStyle, Ui,
    WidgetInfo, pos2, vec2,
};

use crate::theme::Palette;

/// Space around a tile.
const GAP: f32 = 1.5;
/// The least room in which a tile's name can be read.
const READABLE: egui::Vec2 = vec2(48.0, 22.0);

/// A tile, before it has a place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tile {
    /// What is written on it.
    pub(super) name: String,
    /// What is said of it below the pointer, and to those who cannot see it.
    pub(super) about: String,
    /// How large it is beside others.
    pub(super) weight: f32,
}

/// Returns a rectangle for each weight; they fill the area, and each is in proportion to its weight. The largest weights are
/// expected first.
pub(super) fn squarified(weights: &[f32], within: Rect) -> Vec<Rect> {
    let total: f32 = weights.iter().sum();
    let scale = if total > 0.0 {
        within.area() / total
    } else {
        0.0
    };
    let areas: Vec<f32> = weights.iter().map(|weight| weight * scale).collect();
    let (mut rest, mut left) = (areas.as_slice(), within);
    let mut found = Vec::with_capacity(weights.len());
    while !rest.is_empty() {
        let side = left.width().min(left.height());
        let worst = |count: usize| rest.get(..count).map_or(f32::MAX, |row| worst(row, side));
        let mut count = 1;
        while count < rest.len() && worst(count + 1) <= worst(count) {
            count += 1;
        }
        let (row, after) = rest.split_at(count);
        left = lay(row, left, &mut found);
        rest = after;
    }
    found
}

/// Returns how far the least square tile of a row is from a square: 1 or more.
fn worst(row: &[f32], side: f32) -> f32 {
    let sum: f32 = row.iter().sum();
    let most = row.iter().copied().fold(0.0, f32::max);
    let least = row.iter().copied().fold(f32::MAX, f32::min);
    if least <= 0.0 || side <= 0.0 {
        return f32::MAX;
    }
    let (side, sum) = (side * side, sum * sum);
    (side * most / sum).max(sum / (side * least))
}

/// Lays a row along the shorter side, and returns what is left of the area.
fn lay(row: &[f32], within: Rect, found: &mut Vec<Rect>) -> Rect {
    let is_wide = within.width() >= within.height();
    let side = within.width().min(within.height());
    let sum: f32 = row.iter().sum();
    let thickness = if side > 0.0 { sum / side } else { 0.0 };
    let mut at = within.min;
    for area in row {
        let length = if thickness > 0.0 {
            area / thickness
        } else {
            0.0
        };
        let size = if is_wide {
            vec2(thickness, length)
        } else {
            vec2(length, thickness)
        };
        found.push(Rect::from_min_size(at, size));
        if is_wide {
            at.y += length;
        } else {
            at.x += length;
        }
    }
    let mut left = within;
    if is_wide {
        left.min.x = (left.min.x + thickness).min(left.max.x);
    } else {
        left.min.y = (left.min.y + thickness).min(left.max.y);
    }
    left
}

/// Draws tiles into what is left of `ui`. Returns the one that was clicked.
pub(super) fn show(ui: &mut Ui, name: &str, tiles: &[Tile]) -> Option<usize> {
    let area = ui.available_rect_before_wrap();
    let weights: Vec<f32> = tiles.iter().map(|tile| tile.weight).collect();
    let places = squarified(&weights, area);
    let mut clicked = None;
    for (index, (tile, place)) in tiles.iter().zip(places).enumerate() {
        let place = place.shrink(GAP.min(place.width().min(place.height()) / 4.0));
        let id = ui.scope_id().with((name, index));
        let response = ui.interact(place, id, Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &tile.about));
        draw(ui, tile, place, &response, shade(ui, index, tiles.len()));
        let response = response.on_hover_text(&tile.about);
        if response.clicked() {
            clicked = Some(index);
        }
    }
    ui.advance_cursor_after_rect(area);
    clicked
}

/// The accent, paler from tile to tile.
fn shade(ui: &Ui, index: usize, count: usize) -> Color32 {
    let palette = Palette::shown(ui);
    #[expect(clippy::cast_precision_loss, reason = "a few hundred tiles")]
    let share = index as f32 / count.max(1) as f32;
    palette
        .card
        .lerp_to_gamma(palette.accent, 0.45 - 0.3 * share)
}

fn draw(ui: &Ui, tile: &Tile, place: Rect, response: &Response, ground: Color32) {
    let palette = Palette::shown(ui);
    let painter = ui.painter().with_clip_rect(place.intersect(ui.clip_rect()));
    painter.rect_filled(place, 3.0, ground);
    if response.hovered() || response.has_focus() {
        let edge = Stroke::new(2.0, palette.accent);
        painter.rect_stroke(place, 3.0, edge, StrokeKind::Inside);
    }
    if place.width() < READABLE.x || place.height() < READABLE.y {
        return;
    }
    let font = TextStyle::Small.resolve(ui.style());
    let mut job = egui::text::LayoutJob::simple_singleline(tile.name.clone(), font, palette.text);
    job.wrap = egui::text::TextWrapping::truncate_at_width(place.width() - 10.0);
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
    let at: Pos2 = pos2(place.left() + 5.0, place.top() + 4.0);
    let at = Align2::LEFT_TOP.anchor_size(at, galley.size());
    painter.galley(at.min, galley, palette.text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(width: f32, height: f32) -> Rect {
        Rect::from_min_size(pos2(10.0, 20.0), vec2(width, height))
    }

    fn check(weights: &[f32], within: Rect) {
        let tiles = squarified(weights, within);
        assert_eq!(tiles.len(), weights.len());
        let total: f32 = weights.iter().sum();
        let filled: f32 = tiles.iter().map(Rect::area).sum();
        assert!((filled / within.area() - 1.0).abs() < 1e-3, "{weights:?}");
        for (index, (tile, weight)) in tiles.iter().zip(weights).enumerate() {
            let due = within.area() * weight / total;
            assert!(
                (tile.area() - due).abs() <= due * 0.01 + 0.5,
                "{index} of {weights:?}: {} instead of {due}",
                tile.area()
            );
            assert!(within.expand(0.1).contains_rect(*tile), "{tile:?}");
            for other in tiles.iter().skip(index + 1) {
                let both = tile.intersect(*other);
                let overlap = both.width().max(0.0) * both.height().max(0.0);
                assert!(overlap < 0.5, "{tile:?} and {other:?}");
            }
        }
    }

    #[test]
    fn tiles_fill_the_area_in_proportion() {
        check(&[1.0], area(300.0, 200.0));
        check(&[6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0], area(600.0, 400.0));
        check(&[5.0, 5.0, 0.0, 0.0], area(90.0, 500.0));
        check(&[1e6, 1.0, 1e-3], area(640.0, 480.0));
        let mut weights = vec![1_000.0_f32];
        for step in 1..500_u16 {
            weights.push(1_000.0 / f32::from(step).powf(1.2));
        }
        check(&weights, area(700.0, 300.0));
    }

    #[test]
    fn tiles_are_rather_square() {
        // The example of the paper.
        let tiles = squarified(&[6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0], area(600.0, 400.0));
        for tile in tiles {
            let ratio = tile.width().max(tile.height()) / tile.width().min(tile.height());
            assert!(ratio < 3.0, "{tile:?}");
        }
    }

    #[test]
    fn nothing_has_no_area() {
        assert!(squarified(&[], area(10.0, 10.0)).is_empty());
        let none = squarified(&[0.0, 0.0], area(10.0, 10.0));
        assert!(none.iter().all(|tile| tile.area() == 0.0));
        let flat = squarified(&[1.0, 2.0], area(0.0, 10.0));
        assert!(flat.iter().all(Rect::is_finite));
    }
}
