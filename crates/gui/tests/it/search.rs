//! Searching: chips, tiles, exports, and opening what was found.

use std::path::Path;

use eframe::egui::{Event, Key, Modifiers, Role, vec2};
use egui_kittest::Node;
use egui_kittest::kittest::{NodeT, Queryable};
use videocatalog_testkit::media::image;
use videocatalog_testkit::program;

use crate::kit::Lab;

fn filled() -> Lab {
    let mut lab = Lab::new();
    fill(&mut lab);
    lab
}

fn fill(lab: &mut Lab) {
    for number in 0..40 {
        lab.write(&format!("films/film {number:02}.mkv"), 2_000 + number);
    }
    lab.write("music/song.flac", 700);
    lab.write("it's \"odd\".txt", 7);
    lab.scan("Films B");
    lab.click("Search");
    lab.sees("42 files ·");
}

#[test]
fn fields_are_chips_that_can_be_taken_out() {
    let mut lab = filled();
    lab.fill("Search every drive", "ext:mkv size:>1kb");
    lab.sees("40 files ·");
    lab.click("ext:mkv ×");
    lab.until("the chip is gone", |window| {
        window.query_by_label("ext:mkv ×").is_none()
    });
    lab.click("size:>1kb ×");
    lab.sees("42 files ·");
    lab.click("+ filter");
    lab.click("Sound");
    lab.sees("category:audio ×");
    lab.sees("1 file ·");
}

#[test]
fn a_query_that_means_nothing_says_so_and_old_results_stay() {
    let mut lab = filled();
    lab.fill("Search every drive", "size:>big");
    lab.sees("size");
    lab.until("it says so", |window| {
        window.query_all_by_label_contains("size").count() > 1
    });
    assert!(lab.window.query_all_by_role(Role::Row).count() > 10);
}

#[test]
fn rows_are_walked_through_with_the_keyboard() {
    let mut lab = filled();
    lab.fill("Search every drive", "film");
    lab.sees("40 files ·");
    lab.window.key_press(Key::Enter);
    lab.window.run_steps(3);
    let first = |lab: &Lab| {
        let mut rows = lab.window.query_all_by_role(Role::Row);
        rows.next().and_then(|row| row.accesskit_node().label())
    };
    let top = first(&lab);
    lab.window.key_press(Key::End);
    lab.window.run_steps(3);
    lab.sees("first seen");
    assert_ne!(first(&lab), top);
    lab.window.key_press(Key::Home);
    lab.window.run_steps(3);
    assert_eq!(first(&lab), top);
}

#[test]
fn several_rows_are_chosen_and_their_paths_copied() {
    let mut lab = filled();
    lab.fill("Search every drive", "film");
    lab.sees("40 files ·");
    lab.window.key_press(Key::Enter);
    lab.window.run_steps(3);
    lab.window.key_press(Key::Home);
    lab.window.step();
    lab.window
        .key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
    lab.window.step();
    lab.window
        .key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
    lab.sees("3 chosen");
    let rows = lab.window.query_all_by_role(Role::Row);
    let selected = rows
        .filter(is_selected)
        .map(|row| row.accesskit_node().label());
    let selected: Vec<String> = selected.map(Option::unwrap).collect();
    assert_eq!(selected.len(), 3);
    lab.window.event(Event::Copy);
    let copied = lab.copied();
    assert_eq!(copied.lines().count(), 3);
    for (path, row) in copied.lines().zip(&selected) {
        assert!(row.ends_with(path), "{path}: {row}");
    }
    lab.window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    lab.sees("40 chosen");
    lab.window.event(Event::Copy);
    assert_eq!(lab.copied().lines().count(), 40);
    lab.window.key_press(Key::Home);
    lab.until("one row is chosen", |window| {
        window.query_by_label_contains("chosen").is_none()
    });
}

fn is_selected(row: &Node<'_>) -> bool {
    row.accesskit_node().is_selected() == Some(true)
}

#[test]
fn a_filter_is_given_a_value() {
    let mut lab = filled();
    lab.click("+ filter");
    lab.click("Another…");
    lab.sees("Add a filter");
    lab.fill("Value", "song *");
    lab.click("Find all others");
    lab.click("Add filter");
    lab.sees("-name:\"song *\" ×");
    lab.sees("42 files ·");
    lab.click("+ filter");
    lab.click("Another…");
    lab.fill("Value", "song.flac");
    lab.window.key_press(Key::Enter);
    lab.sees("name:song.flac ×");
    lab.sees("1 file ·");
}

#[test]
fn widths_of_columns_stay() {
    let mut lab = filled();
    let place = |lab: &Lab| {
        let titles = lab.window.query_all_by_role(Role::ColumnHeader);
        titles.map(|title| title.rect()).collect::<Vec<_>>()
    };
    let before = place(&lab);
    let edge = before[0].right_center();
    lab.window.hover_at(edge);
    lab.window.run_steps(2);
    lab.window.drag_at(edge);
    lab.window.run_steps(2);
    lab.window.hover_at(edge - vec2(120.0, 0.0));
    lab.window.run_steps(2);
    lab.window.drop_at(edge - vec2(120.0, 0.0));
    lab.window.run_steps(2);
    let after = place(&lab);
    assert!(
        after[0].width() < before[0].width() - 100.0,
        "{before:?} {after:?}"
    );
    // As eframe does between two starts.
    let memory = lab.window.ctx.memory(Clone::clone);
    let mut lab = Lab::reopened(lab.close());
    lab.window.ctx.memory_mut(|kept| *kept = memory);
    lab.click("Search");
    lab.sees("42 files ·");
    let reopened = place(&lab)[0].width();
    assert!((reopened - after[0].width()).abs() < 1.0, "{reopened}");
}

#[test]
fn results_are_shown_by_their_pictures() {
    let mut lab = Lab::new();
    std::fs::create_dir_all(lab.drive()).unwrap();
    image(&lab.drive().join("holiday.jpg")).unwrap();
    lab.write("films/one.mkv", 30);
    lab.form("Films B");
    lab.start_scan("Films B");
    lab.click("Gallery");
    lab.sees("holiday.jpg");
    lab.click("holiday.jpg");
    lab.sees("JPEG");
    lab.window.key_press(Key::Space);
    lab.sees("Picture of the file");
    lab.sees("Close");
    lab.window.key_press(Key::Space);
    lab.until("it is closed", |window| {
        window.query_by_label("Close").is_none()
    });
    lab.window.key_press(Key::ArrowRight);
    lab.window.run_steps(2);
    lab.window.key_press(Key::ArrowLeft);
    lab.window.run_steps(2);
}

#[test]
fn what_was_found_is_exported() {
    let mut lab = filled();
    lab.fill("Search every drive", "ext:flac");
    lab.sees("1 file ·");
    lab.click("Export…");
    lab.sees("What was found: 1 file");
    lab.click("Start export");
    lab.sees("1 file exported");
    lab.sees("Open exports folder");
    let exports = std::fs::read_dir(lab.home().join("exports")).unwrap();
    let file = exports
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|ext| ext == "csv"));
    let text = std::fs::read_to_string(file.unwrap()).unwrap();
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.contains("song.flac"));
}

/// A file manager that writes down what it was to show.
fn stand_in(folder: &Path) {
    let text = "printf '%s' \"$1\" > \"$0.new\"\n/bin/mv \"$0.new\" \"$0.called\"";
    program::script(&folder.join("xdg-open"), text).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn the_folder_of_a_result_is_opened() {
    let mut lab = Lab::with_path(stand_in);
    fill(&mut lab);
    lab.fill("Search every drive", "odd");
    lab.sees("1 file ·");
    lab.click_row(0);
    lab.window.key_press(Key::Enter);
    let called = lab.programs().join("xdg-open.called");
    lab.until("it was opened", |_| called.exists());
    let folder = std::fs::read_to_string(called).unwrap();
    assert_eq!(folder, lab.drive().to_string_lossy());
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_not_there_says_which_drive_and_where_it_lies() {
    let mut lab = Lab::with_path(stand_in);
    fill(&mut lab);
    lab.click("Home");
    lab.click("Edit");
    lab.fill("Notes", "shelf 3");
    lab.click("Save");
    lab.sees("shelf 3");
    std::fs::rename(lab.drive(), lab.folder.path().join("away")).unwrap();
    lab.click("Search");
    lab.click_row(0);
    lab.window.key_press(Key::Enter);
    lab.sees("plug in the drive `Films B` (shelf 3)");
}
