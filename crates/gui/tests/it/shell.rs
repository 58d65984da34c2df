//! What is around the pages: keyboard, palette, shortcuts, log, themes, closing.

use eframe::egui::{Key, Modifiers, Theme, ViewportEvent, ViewportId};
use egui_kittest::kittest::Queryable;

use crate::kit::Lab;

#[test]
fn every_page_is_reached_from_the_keyboard() {
    let mut lab = Lab::new();
    lab.sees("Scan the first drive");
    let pages = [
        (Key::Num7, "Nothing was scanned yet"),
        (Key::Num6, "Which drive"),
        (Key::Num2, "Nothing is catalogued yet"),
        (Key::Num8, "Diagnostics"),
        (Key::Num1, "Scan the first drive"),
    ];
    for (key, text) in pages {
        lab.window.key_press_modifiers(Modifiers::COMMAND, key);
        lab.sees(text);
    }
}

#[test]
fn a_command_is_found_by_a_part_of_its_name() {
    let mut lab = Lab::new();
    lab.window.key_press_modifiers(Modifiers::COMMAND, Key::K);
    lab.sees("Commands");
    lab.fill("Command", "shortc");
    lab.window.key_press(Key::Enter);
    lab.sees("As large as at first");
    lab.window.key_press(Key::Escape);
    lab.until("the sheet is gone", |window| {
        window.query_by_label("As large as at first").is_none()
    });
}

#[test]
fn the_log_is_shown_and_filtered() {
    let mut lab = Lab::new();
    lab.write("a.txt", 1);
    lab.scan("Films B");
    lab.click("Log");
    lab.sees("scan of `Films B` begins");
    lab.fill("Filter the log", "ended");
    lab.until("one line is left", |window| {
        window
            .query_all_by_label_contains("begins (inventory)")
            .next()
            .is_none()
    });
    lab.sees("scan of `Films B` ended");
}

#[test]
fn the_theme_changes() {
    let mut lab = Lab::new();
    lab.theme(Theme::Dark);
    lab.click("Light");
    assert_eq!(lab.window.ctx.theme(), Theme::Light);
    lab.click("Dark");
    assert_eq!(lab.window.ctx.theme(), Theme::Dark);
}

#[test]
fn closing_during_a_scan_asks_and_then_stops_it() {
    let mut lab = Lab::new();
    for number in 0..4_000 {
        lab.write(&format!("{}/{number}.mkv", number % 30), 1);
    }
    lab.form("Films B");
    lab.click("Inventory only");
    lab.click("Start scan");
    let root = |lab: &mut Lab, event: Option<ViewportEvent>| {
        let viewports = &mut lab.window.input_mut().viewports;
        viewports.get_mut(&ViewportId::ROOT).unwrap().events = event.into_iter().collect();
        lab.window.step();
    };
    root(&mut lab, Some(ViewportEvent::Close));
    root(&mut lab, None);
    lab.click("Stop and close");
    lab.sees("Nothing is under way");
}
