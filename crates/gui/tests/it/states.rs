//! Every page in front of a backend that answers, fails, or keeps silent; and how it looks then.

use eframe::egui::Theme;
use egui_kittest::SnapshotOptions;
use egui_kittest::kittest::Queryable;

use crate::fake::{self, HINT, Mood, TROUBLE};
use crate::kit::Lab;

/// Pages, how they are reached, and what is on them when there is an answer.
const PAGES: [(&str, &[&str], &str); 13] = [
    ("home", &["Home"], "1,234,567"),
    ("search", &["Search"], "Metropolis (1927).mkv"),
    ("gallery", &["Gallery"], "Metropolis (1927).mkv"),
    ("meaning", &["Search", "Meaning"], "said at 00:12:31"),
    ("duplicates", &["Duplicates", "Look for copies"], "2 groups"),
    ("reports", &["Reports"], "Top N"),
    ("scan", &["Scan"], "There now:"),
    ("jobs", &["Jobs"], "23456 files: 12 new"),
    ("diagnostics", &["Tools", "Diagnostics"], "7.1"),
    ("maintenance", &["Tools", "Maintenance"], "Shard Films A"),
    ("gpu", &["Tools", "GPU"], "provider: CPU"),
    ("api", &["Tools", "Local API"], "No key is set"),
    ("settings", &["Tools", "Settings"], "media.level"),
];

fn open(lab: &mut Lab, way: &[&str]) {
    for step in way {
        lab.click(step);
    }
}

#[test]
fn what_fails_says_why_and_what_to_do() {
    let mut lab = fake::window(Mood::Failing, 1280.0, 820.0);
    for page in ["Home", "Search", "Gallery", "Reports", "Scan", "Jobs"] {
        lab.click(page);
        // Once beside the drives, and once on the page itself.
        lab.until(page, |window| {
            window.query_all_by_label_contains(TROUBLE).count() >= 2
                && window.query_all_by_label_contains(HINT).count() >= 2
        });
    }
}

#[test]
fn copies_that_cannot_be_looked_for_say_why() {
    let mut lab = fake::window(Mood::Failing, 1280.0, 820.0);
    lab.click("Duplicates");
    lab.sees("Nothing was looked for yet");
    lab.click("Look for copies");
    lab.until("the page says it as well", |window| {
        window.query_all_by_label_contains(TROUBLE).count() >= 2
    });
    let mut lab = fake::window(Mood::Silent, 1280.0, 820.0);
    lab.click("Duplicates");
    lab.click("Look for copies");
    lab.sees("Comparing films and sound");
    lab.click("Stop");
}

#[test]
fn while_nothing_is_answered_the_window_goes_on() {
    let mut lab = fake::window(Mood::Silent, 1280.0, 820.0);
    let waiting = [
        (&["Home"][..], "Reading the catalogue…"),
        (&["Search"], "Searching…"),
        (&["Jobs"], "Reading the history…"),
        (&["Tools", "Diagnostics"], "Looking for tools…"),
        (&["Tools", "Maintenance"], "Looking for databases…"),
        (&["Tools", "GPU"], "Looking for a graphics card…"),
        (&["Tools", "Settings"], "Reading the settings…"),
    ];
    for (way, text) in waiting {
        open(&mut lab, way);
        lab.sees(text);
    }
    for (_, way, _) in PAGES {
        open(&mut lab, way);
    }
    lab.click("Light");
    assert_eq!(lab.window.ctx.theme(), Theme::Light);
}

#[test]
fn pages_look_as_they_did() {
    let options = SnapshotOptions::new().threshold(1.0).max_failed_pixels(10);
    let mut wrong = Vec::new();
    for (width, height) in [(1280.0, 820.0), (900.0, 600.0)] {
        let mut lab = fake::window(Mood::Steady, width, height);
        lab.window.set_render_cursor(false);
        lab.window
            .ctx
            .all_styles_mut(|style| style.visuals.text_cursor.blink = false);
        for (name, way, text) in PAGES {
            open(&mut lab, way);
            lab.sees(text);
            lab.sees("Films A, offline");
            for theme in [Theme::Dark, Theme::Light] {
                lab.theme(theme);
                lab.window.remove_cursor();
                lab.window.run_steps(3);
                let theme = if theme == Theme::Dark {
                    "dark"
                } else {
                    "light"
                };
                let name = format!("{name}_{theme}_{width}");
                if let Err(error) = lab.window.try_snapshot_options(name, &options) {
                    wrong.push(error.to_string());
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
