//! Colours and measures by their role: one palette for each theme, and egui's style made of it.

use eframe::egui::{
    self, Color32, CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, Style, TextStyle,
    Theme, Vec2,
};

/// The colours of one theme.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    /// The ground below everything.
    pub ground: Color32,
    /// Side bars and the top bar.
    pub panel: Color32,
    /// What lies on a panel: fields, cards, a row below the pointer.
    pub card: Color32,
    /// Thin lines between things.
    pub line: Color32,
    /// What is to be read.
    pub text: Color32,
    /// What is less important.
    pub dim: Color32,
    /// What is chosen, and what a press does next.
    pub accent: Color32,
    /// What is written on the accent.
    pub on_accent: Color32,
    /// Good news.
    pub ok: Color32,
    /// What deserves a look.
    pub warn: Color32,
    /// What went wrong.
    pub error: Color32,
}

const DARK: Palette = Palette {
    ground: Color32::from_rgb(0x0f, 0x11, 0x15),
    panel: Color32::from_rgb(0x15, 0x18, 0x1e),
    card: Color32::from_rgb(0x1c, 0x20, 0x28),
    line: Color32::from_rgb(0x2a, 0x30, 0x3b),
    text: Color32::from_rgb(0xdf, 0xe3, 0xea),
    dim: Color32::from_rgb(0x8b, 0x94, 0xa3),
    accent: Color32::from_rgb(0x4c, 0x8d, 0xff),
    on_accent: Color32::from_rgb(0x0b, 0x10, 0x1c),
    ok: Color32::from_rgb(0x3f, 0xb9, 0x70),
    warn: Color32::from_rgb(0xe0, 0xa3, 0x3a),
    error: Color32::from_rgb(0xf0, 0x64, 0x5c),
};

const LIGHT: Palette = Palette {
    ground: Color32::from_rgb(0xf6, 0xf7, 0xf9),
    panel: Color32::from_rgb(0xff, 0xff, 0xff),
    card: Color32::from_rgb(0xf0, 0xf2, 0xf5),
    line: Color32::from_rgb(0xd9, 0xde, 0xe6),
    text: Color32::from_rgb(0x1b, 0x20, 0x28),
    dim: Color32::from_rgb(0x5f, 0x69, 0x79),
    accent: Color32::from_rgb(0x24, 0x63, 0xeb),
    on_accent: Color32::from_rgb(0xff, 0xff, 0xff),
    ok: Color32::from_rgb(0x17, 0x78, 0x40),
    warn: Color32::from_rgb(0x8a, 0x5a, 0x00),
    error: Color32::from_rgb(0xc6, 0x2f, 0x2f),
};

/// Distances in points: 4, 8, 12, 16, 24.
pub const GAP: [f32; 5] = [4.0, 8.0, 12.0, 16.0, 24.0];
/// Size of text in points.
pub const BODY: f32 = 13.5;

impl Palette {
    /// Returns the colours of a theme.
    pub fn of(theme: Theme) -> Self {
        match theme {
            Theme::Dark => DARK,
            Theme::Light => LIGHT,
        }
    }

    /// Returns the colours that are shown now.
    pub fn shown(ui: &egui::Ui) -> Self {
        Self::of(ui.theme())
    }
}

/// Makes both themes known to egui; which of them is shown follows the system until the user chooses.
pub fn install(context: &egui::Context) {
    for theme in [Theme::Dark, Theme::Light] {
        context.style_mut_of(theme, |style| dress(style, Palette::of(theme)));
    }
}

fn dress(style: &mut Style, palette: Palette) {
    style.text_styles = [
        (TextStyle::Small, 11.5, FontFamily::Proportional),
        (TextStyle::Body, BODY, FontFamily::Proportional),
        (TextStyle::Button, BODY, FontFamily::Proportional),
        (TextStyle::Heading, 19.0, FontFamily::Proportional),
        (TextStyle::Monospace, 12.5, FontFamily::Monospace),
    ]
    .map(|(role, size, family)| (role, FontId::new(size, family)))
    .into();
    let [small, middle, ..] = GAP;
    style.spacing.item_spacing = Vec2::new(middle, small);
    style.spacing.button_padding = Vec2::new(10.0, 5.0);
    style.spacing.interact_size.y = 26.0;
    style.spacing.window_margin = Margin::same(16);
    // A label in a row would take the row's click.
    style.interaction.selectable_labels = false;
    let visuals = &mut style.visuals;
    visuals.panel_fill = palette.ground;
    visuals.window_fill = palette.panel;
    visuals.window_stroke = Stroke::new(1.0, palette.line);
    visuals.window_corner_radius = CornerRadius::same(12);
    visuals.menu_corner_radius = CornerRadius::same(8);
    visuals.popup_shadow = Shadow {
        offset: [0, 4],
        blur: 16,
        spread: 0,
        color: Color32::from_black_alpha(60),
    };
    visuals.window_shadow = visuals.popup_shadow;
    visuals.extreme_bg_color = palette.card;
    visuals.faint_bg_color = palette.card;
    visuals.code_bg_color = palette.card;
    visuals.hyperlink_color = palette.accent;
    visuals.warn_fg_color = palette.warn;
    visuals.error_fg_color = palette.error;
    visuals.weak_text_color = Some(palette.dim);
    visuals.selection.bg_fill = palette.accent.gamma_multiply(0.30);
    visuals.selection.stroke = Stroke::new(1.0, palette.text);
    let states = [
        (&mut visuals.widgets.noninteractive, palette.panel),
        (&mut visuals.widgets.inactive, palette.card),
        (&mut visuals.widgets.hovered, palette.line),
        (&mut visuals.widgets.active, palette.line),
        (&mut visuals.widgets.open, palette.card),
    ];
    for (state, fill) in states {
        // Of switches and handles, which lie on cards.
        state.bg_fill = palette.line;
        state.weak_bg_fill = fill;
        state.bg_stroke = Stroke::NONE;
        state.fg_stroke = Stroke::new(1.0, palette.text);
        state.corner_radius = CornerRadius::same(6);
        state.expansion = 0.0;
    }
    visuals.widgets.noninteractive.bg_stroke = Stroke::new(1.0, palette.line);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contrast as WCAG 2 has it, 1 to 21.
    fn contrast(a: Color32, b: Color32) -> f64 {
        let light = |colour: Color32| {
            let part = |value: u8| {
                let value = f64::from(value) / 255.0;
                if value <= 0.04045 {
                    value / 12.92
                } else {
                    ((value + 0.055) / 1.055).powf(2.4)
                }
            };
            0.2126 * part(colour.r()) + 0.7152 * part(colour.g()) + 0.0722 * part(colour.b())
        };
        let (a, b) = (light(a) + 0.05, light(b) + 0.05);
        a.max(b) / a.min(b)
    }

    #[test]
    fn every_text_can_be_read_on_every_ground() {
        for palette in [DARK, LIGHT] {
            let texts = [palette.text, palette.dim, palette.accent];
            let news = [palette.ok, palette.warn, palette.error];
            for ground in [palette.ground, palette.panel, palette.card] {
                for text in texts.into_iter().chain(news) {
                    let found = contrast(text, ground);
                    assert!(found >= 4.5, "{text:?} on {ground:?}: {found:.2}");
                }
            }
            assert!(contrast(palette.on_accent, palette.accent) >= 4.5);
        }
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        assert!((contrast(Color32::WHITE, Color32::BLACK) - 21.0).abs() < 1e-9);
        assert!((contrast(Color32::from_gray(0x77), Color32::WHITE) - 4.48).abs() < 0.01);
    }
}
