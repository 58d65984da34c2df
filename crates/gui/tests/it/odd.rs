//! Catalogues, names and screens that are not as one would like them.

use std::path::Path;

use eframe::egui::{Key, Role};
use egui_kittest::kittest::{NodeT, Queryable};
use rusqlite::Connection;
use videocatalog_core::cancel::CancelToken;
use videocatalog_core::clock::SystemClock;
use videocatalog_core::export::copy_catalogue;

use crate::kit::{Lab, home};

const PAGES: [&str; 7] = [
    "Home", "Search", "Gallery", "Reports", "Scan", "Jobs", "Tools",
];

fn database(home: &Path) -> std::path::PathBuf {
    let data = home.join("data");
    std::fs::create_dir_all(&data).unwrap();
    data.join("catalog.db")
}

#[test]
fn a_damaged_catalogue_is_an_error_that_says_what_to_do() {
    let mut lab = Lab::prepared(|home| {
        std::fs::write(database(home), vec![0x55; 40_000]).unwrap();
    });
    lab.sees("catalog.db");
    lab.sees("backups");
    for page in PAGES {
        lab.click(page);
    }
    let kept = std::fs::read(database(&lab.home())).unwrap();
    assert_eq!(kept, vec![0x55; 40_000], "it was left as it is");
}

#[test]
fn a_newer_catalogue_is_refused() {
    let mut lab = Lab::new();
    lab.write("a.txt", 1);
    lab.scan("Films B");
    let copy = lab.folder.path().join("copy.db");
    let (clock, cancel) = (SystemClock, CancelToken::new());
    let exports = lab.home().join("exports");
    copy_catalogue(
        &database(&lab.home()),
        Some(copy.clone()),
        &exports,
        &clock,
        &cancel,
    )
    .unwrap();
    // `user_version`, as newer programs will write it.
    let mut bytes = std::fs::read(&copy).unwrap();
    bytes.splice(60..64, 99_u32.to_be_bytes());
    let mut later = Lab::prepared(|home| std::fs::write(database(home), &bytes).unwrap());
    later.sees("newer VideoCatalog");
}

#[test]
fn a_catalogue_that_another_program_holds_is_said_to_be_held() {
    let mut lab = Lab::new();
    lab.write("a.txt", 1);
    lab.scan("Films B");
    let folder = lab.close();
    let holder = Connection::open(database(&home(folder.path()))).unwrap();
    holder
        .execute_batch(
            "PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE; UPDATE drives SET notes = 'x'",
        )
        .unwrap();
    let mut lab = Lab::reopened(folder);
    lab.sees("locked");
    for page in PAGES {
        lab.click(page);
    }
    drop(holder);
    lab.window.key_press(Key::F5);
    lab.sees("Films B, online");
}

#[test]
fn a_drive_without_files_is_a_drive() {
    let mut lab = Lab::new();
    lab.scan("Nothing");
    lab.click("Home");
    lab.sees("Nothing, online");
    lab.click("Search");
    lab.sees("0 files");
    lab.click("Reports");
    lab.click("Gallery");
}

/// Names in every script, with line ends and marks that turn the direction, as long as names may be.
const NAMES: [&str; 9] = [
    "line\nend.mkv",
    "\u{202e}vkm.exe.mkv",
    "日本語の映画.mkv",
    "فيلم.mkv",
    "हिन्दी.mkv",
    "🎬🎞️.mkv",
    "e\u{301}\u{301}\u{301}\u{301}\u{301}.mkv",
    "<b>&amp;\"'`$(x).mkv",
    " .mkv",
];

#[test]
fn odd_names_are_shown_and_hurt_nothing() {
    let mut lab = Lab::showing_every_script();
    for name in NAMES {
        lab.write(name, 10);
    }
    lab.write(&"x".repeat(255), 10);
    lab.scan("Odd\u{301} drive");
    lab.click("Search");
    lab.sees("10 files");
    lab.until("all rows are there", |window| {
        window.query_all_by_role(Role::Row).count() >= 10
    });
    let said = lab.said();
    assert!(!said.contains('\u{202e}'), "{said}");
    assert!(!said.contains("line\nend"), "{said}");
    for page in PAGES {
        lab.click(page);
    }
}

#[test]
fn a_drive_that_goes_away_during_its_scan_loses_nothing() {
    let mut lab = Lab::new();
    for number in 0..3_000 {
        lab.write(&format!("{}/{number}.mkv", number % 300), 1);
    }
    lab.form("Films B");
    lab.click("Inventory only");
    lab.click("Start scan");
    let away = lab.folder.path().join("away");
    std::fs::rename(lab.drive(), &away).unwrap();
    lab.sees("Nothing is under way");
    std::fs::remove_dir_all(lab.drive()).ok();
    std::fs::rename(&away, lab.folder.path().join("drive")).unwrap();
    lab.click("Start scan");
    lab.sees("is done: 3,000 files");
}

/// What stands beyond the edges of the window, left or right.
fn cut_off(lab: &Lab, width: f64) -> Vec<String> {
    let nodes = lab.window.root().children_recursive();
    let named = nodes.filter_map(|node| {
        let node = node.accesskit_node();
        let place = node.bounding_box()?;
        let text = node.label().or_else(|| node.value())?;
        let is_out = place.x0 < -1.0 || place.x1 > width + 1.0;
        is_out.then(|| format!("{:?} {text}: {place:?}", node.role()))
    });
    named.collect()
}

#[test]
fn every_page_fits_a_small_window_at_every_scale() {
    let mut lab = Lab::sized(900.0, 600.0);
    lab.write("films/Nosferatu, a symphony of horror (1922).mkv", 3_000);
    lab.write("notes.txt", 10);
    lab.scan("Films B, the second of three");
    for scale in [1.0, 1.5, 2.0, 3.0] {
        lab.scale(scale);
        for page in PAGES {
            lab.click(page);
            lab.window.run_steps(3);
            let out = cut_off(&lab, 900.0 * f64::from(scale));
            assert!(out.is_empty(), "{page} at {scale}:\n{}", out.join("\n"));
        }
    }
}

#[test]
fn everything_that_can_be_used_has_a_name() {
    let mut lab = Lab::new();
    lab.write("films/one.mkv", 3_000);
    lab.scan("Films B");
    for page in PAGES {
        lab.click(page);
        lab.window.run_steps(3);
        let nodes = lab.window.root().children_recursive();
        let nameless: Vec<String> = nodes
            .filter_map(|node| {
                let node = node.accesskit_node();
                let is_used = matches!(
                    node.role(),
                    Role::Button
                        | Role::CheckBox
                        | Role::TextInput
                        | Role::ComboBox
                        | Role::SpinButton
                        | Role::RadioButton
                        | Role::Slider
                );
                let name = node.label().unwrap_or_default();
                (is_used && name.trim().is_empty())
                    .then(|| format!("{:?} at {:?}", node.role(), node.bounding_box()))
            })
            .collect();
        assert!(nameless.is_empty(), "{page}:\n{}", nameless.join("\n"));
    }
}
