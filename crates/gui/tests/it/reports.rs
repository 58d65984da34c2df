//! Reports: making, sorting, looking, exporting, stopping.

use std::path::PathBuf;

use eframe::egui::accesskit::SortDirection;
use eframe::egui::{Key, Role, Theme};
use egui_kittest::kittest::{NodeT, Queryable};

use videocatalog_core::cancel::CancelToken;
use videocatalog_core::report::Params;
use videocatalog_core::report::document::Subject;
use videocatalog_gui::backend::core::CoreBackend;
use videocatalog_gui::backend::reporting::{Question, Reporting};

use crate::kit::{Lab, environment, home};

/// A drive with films in two folders, one of them twice as heavy, and copies.
fn filled() -> Lab {
    filled_at(1280.0, 820.0)
}

fn filled_at(width: f32, height: f32) -> Lab {
    let mut lab = Lab::sized(width, height);
    lab.write("films/1999/The Matrix.mkv", 9_000);
    lab.write("films/1999/eXistenZ.mkv", 900);
    lab.write("films/2001/Amélie.mkv", 30_000);
    lab.write("music/one.flac", 2_000);
    lab.write("copies/again.flac", 2_000);
    lab.write("notes", 10);
    lab.scan("Films B");
    lab.click("Close");
    lab.click("Reports");
    lab
}

fn run(lab: &mut Lab) {
    lab.click("Run");
    lab.sees("All drives, made in");
}

/// The rows of a table, as they are read out.
fn rows(lab: &Lab) -> Vec<String> {
    let rows = lab.window.query_all_by_role(Role::Row);
    rows.filter_map(|row| row.accesskit_node().label())
        .collect()
}

/// Clicks on the title of a column, and returns how the table is sorted by it then.
fn sort(lab: &mut Lab, title: &str) -> Option<SortDirection> {
    let header = lab.window.get_by_role_and_label(Role::ColumnHeader, title);
    header.click();
    lab.window.run_steps(3);
    let header = lab.window.get_by_role_and_label(Role::ColumnHeader, title);
    header.accesskit_node().sort_direction()
}

fn exported(lab: &Lab) -> Vec<PathBuf> {
    let folder = lab.folder.path().join("home/exports/reports");
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

fn named(files: &[PathBuf], begins: &str) -> PathBuf {
    let is_one = |file: &&PathBuf| {
        let name = file.file_name().unwrap().to_string_lossy();
        name.strip_prefix(begins)
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    files.iter().find(is_one).unwrap().clone()
}

#[test]
fn without_a_drive_there_is_nothing_to_report_on() {
    let mut lab = Lab::new();
    lab.click("Reports");
    lab.sees("There is nothing to report on yet");
    assert!(lab.window.query_by_label("Run").is_none());
    let buttons = lab.window.query_all_by_label("Scan a drive");
    buttons.last().unwrap().click();
    lab.sees("Start scan");
}

#[test]
fn nothing_is_exported_before_a_run() {
    let mut lab = filled();
    lab.sees("No report was made yet");
    lab.click("Export CSV…");
    lab.sees("There is nothing to export yet: press Run first.");
    assert!(exported(&lab).is_empty());
}

#[test]
fn every_report_says_what_is_there() {
    let mut lab = filled();
    lab.click("Make the reports");
    lab.sees("All drives, made in");
    for (tab, said) in [
        ("Overview", "Video, 3, 39.9 kB"),
        ("Top extensions", "(none), 1, 10 B, 3, 3"),
        ("Largest files", "Amélie.mkv, 30.0 kB"),
        ("Heaviest folders", "/drive/films/2001, 1, 30.0 kB"),
        ("Recent changes", "The Matrix.mkv, 9.0 kB"),
        ("Recent changes", ": 6 files, 43.9 kB"),
        ("Media", "unknown, 3, 39.9 kB, 0.0"),
        ("Exact duplicates", "6 files of 43.9 kB were not hashed"),
        ("Single copies", "Films B, video, 0, 0 B, 0 B, 39.9 kB"),
        ("Space", "Films B, "),
        ("What scans did", "Films B, "),
    ] {
        lab.click(tab);
        lab.sees(said);
    }
    lab.click("Media");
    lab.click("Container");
    lab.sees("unknown, 5, 43.9 kB, 0.0");
    lab.click("What scans did");
    lab.sees("The Matrix.mkv, added, 9.0 kB");
}

#[test]
fn titles_sort_by_value_both_ways() {
    let mut lab = filled();
    run(&mut lab);
    lab.sees("Files in all");
    let sizes = |lab: &Lab| -> Vec<String> {
        let rows = rows(lab).into_iter();
        rows.take(3)
            .map(|row| row.split(", ").next().unwrap().to_owned())
            .collect()
    };
    let largest = sort(&mut lab, "Size");
    assert_eq!(largest, Some(SortDirection::Descending));
    assert_eq!(sizes(&lab), ["Video", "Audio", "Other"]);
    let smallest = sort(&mut lab, "Size");
    assert_eq!(smallest, Some(SortDirection::Ascending));
    // By value: 10 B is less than 4.0 kB; the totals are no row.
    let last = rows(&lab).pop().unwrap();
    assert!(last.starts_with("Video"), "{last}");
}

#[test]
fn a_folder_of_the_treemap_is_searched() {
    let mut lab = filled();
    run(&mut lab);
    lab.click("Heaviest folders");
    let tile = format!("{}, 9.9 kB", lab.drive().join("films/1999").display());
    lab.click(&tile);
    lab.sees("2 files");
    lab.sees("eXistenZ.mkv");
}

#[test]
fn enter_on_a_row_searches_its_files() {
    let mut lab = filled();
    run(&mut lab);
    lab.click("Top extensions");
    lab.sees(".flac, 2, 4.0 kB");
    let table = lab.window.get_by_role_and_label(Role::Table, "Extensions");
    table.focus();
    lab.window.step();
    for key in [Key::Home, Key::ArrowDown, Key::Enter] {
        lab.window.key_press(key);
        lab.window.run_steps(2);
    }
    lab.sees("2 files");
    lab.sees("again.flac");
}

#[test]
fn csv_files_and_the_document_are_those_of_the_command_line() {
    let mut lab = filled();
    run(&mut lab);
    lab.click("Export CSV…");
    lab.sees("5 files are written into");
    lab.sees("Open exports folder");
    lab.click("Close");
    let files = exported(&lab);
    assert_eq!(files.len(), 5, "{files:?}");
    let overview = std::fs::read_to_string(named(&files, "reports_overview_")).unwrap();
    let lines: Vec<&str> = overview.lines().collect();
    assert_eq!(lines[0], "label,files,size_bytes,average_size_bytes");
    assert_eq!(lines[1], "Totals,6,43910,7318");
    assert_eq!(lines[2], "Video,3,39900,0");

    lab.click("Export JSON…");
    lab.sees("Written: ");
    lab.click("Close");
    let document = named(&exported(&lab), "reports_");
    let document: serde_json::Value =
        serde_json::from_slice(&std::fs::read(document).unwrap()).unwrap();
    assert_eq!(document["overview"]["total_files"], 6);
    assert_eq!(document["params"]["top_n"], 20);
    assert_eq!(document["largest_files"][0]["size_bytes"], 30_000);

    lab.click("Space");
    lab.click("Export CSV…");
    lab.sees("reports_space_");
    let space = std::fs::read_to_string(named(&exported(&lab), "reports_space_")).unwrap();
    assert!(space.starts_with("drive_label,scanned_at,total_bytes,"));
    assert!(space.contains("Films B,"), "{space}");
}

#[test]
fn an_export_that_fails_says_why() {
    let mut lab = filled();
    run(&mut lab);
    std::fs::create_dir_all(lab.folder.path().join("home/exports")).unwrap();
    std::fs::write(lab.folder.path().join("home/exports/reports"), "no folder").unwrap();
    lab.click("Export JSON…");
    lab.sees("cannot write `");
    lab.sees("check that the working directory can be written");
}

#[test]
fn what_should_fit_is_asked_anew() {
    let mut lab = filled();
    run(&mut lab);
    lab.click("Space");
    lab.fill("Where would fit", "1kb");
    lab.window.key_press(Key::Enter);
    lab.sees("1.0 kB fit on: Films B.");
    lab.fill("Where would fit", "gb of apples");
    lab.sees("is no");
    let look = lab.window.get_by_label("Look");
    assert!(look.accesskit_node().is_disabled());
}

#[test]
fn a_drive_that_cannot_be_read_is_named() {
    let mut lab = filled();
    let shards = lab.folder.path().join("home/data/shards");
    for entry in std::fs::read_dir(shards).unwrap() {
        std::fs::remove_file(entry.unwrap().path()).unwrap();
    }
    run(&mut lab);
    lab.sees("Not reported on: `Films B`");
}

#[test]
fn all_is_reached_in_a_small_window() {
    let mut lab = filled_at(900.0, 600.0);
    lab.theme(Theme::Light);
    run(&mut lab);
    for tab in ["Heaviest folders", "Recent changes", "What scans did"] {
        lab.click(tab);
        lab.window.run_steps(2);
        assert!(!rows(&lab).is_empty(), "{tab}");
    }
}

#[test]
fn a_run_takes_the_place_of_another() {
    let mut lab = filled();
    lab.sees("Run");
    lab.window.get_by_label("Run").click();
    lab.window.step();
    lab.window.get_by_label("Run").click();
    lab.sees("All drives, made in");
    for tab in ["Media", "What scans did"] {
        lab.click(tab);
        assert!(!rows(&lab).is_empty(), "{tab}");
    }
}

#[test]
fn a_report_that_is_cancelled_is_none() {
    let lab = filled();
    let folder = lab.folder.path();
    let backend = CoreBackend::new(environment(folder), Some(&home(folder)), None).unwrap();
    let cancel = CancelToken::new();
    cancel.cancel();
    for subject in Subject::ALL {
        let question = Question {
            subject,
            label: None,
            params: Params::default(),
            fit_bytes: None,
        };
        let report = backend.report(&question, &cancel).unwrap();
        assert!(report.is_none(), "{subject:?}");
    }
}

#[test]
fn copies_of_the_chosen_group_are_listed() {
    let mut lab = Lab::new();
    lab.write("music/one.flac", 2_000);
    lab.write("copies/again.flac", 2_000);
    lab.write("copies/long.flac", 9_000);
    lab.write("long.flac", 9_000);
    lab.write("alone.txt", 5);
    let drive = lab.drive();
    lab.click("Scan");
    lab.fill("Folder", &drive.to_string_lossy());
    lab.fill("Label", "Sound");
    lab.click("What is learnt of media files");
    lab.window.run_steps(16);
    lab.click("Nothing");
    lab.click("Start scan");
    lab.sees("The scan of `Sound` is done");
    lab.click("Close");
    lab.click("Reports");
    run(&mut lab);
    lab.click("Exact duplicates");
    lab.sees("11.0 kB (2 groups, 4 files)");
    let is_copy = |row: &String, name: &str| row.ends_with(&format!("{name}, Sound"));
    let found = rows(&lab);
    assert!(found.iter().any(|row| is_copy(row, "drive/long.flac")));
    let table = lab
        .window
        .get_by_role_and_label(Role::Table, "Groups of copies");
    table.focus();
    lab.window.step();
    lab.window.key_press(Key::End);
    lab.window.run_steps(3);
    let found = rows(&lab);
    assert!(found.iter().any(|row| is_copy(row, "music/one.flac")));
    assert!(!found.iter().any(|row| is_copy(row, "drive/long.flac")));
    lab.click("Single copies");
    lab.sees("Sound, audio, 4, 22.0 kB, 0 B, 0 B");
}

#[test]
fn one_drive_is_reported_on_by_itself() {
    let mut lab = filled();
    run(&mut lab);
    let drives = lab.window.get_by_role_and_label(Role::ComboBox, "Drive");
    drives.click();
    lab.window.run_steps(3);
    // The first with this label stands among the drives.
    let offered = lab
        .window
        .query_all_by_role_and_label(Role::Button, "Films B");
    offered.last().unwrap().click();
    lab.window.run_steps(3);
    lab.click("Space");
    // Another drive than before: all reports are made anew, not only this one.
    lab.click("Look");
    lab.sees("Films B, made in");
    lab.click("Overview");
    lab.sees("Video, 3, 39.9 kB");
    lab.click("Export JSON…");
    lab.sees("Written: ");
    let document = named(&exported(&lab), "reports_");
    let document: serde_json::Value =
        serde_json::from_slice(&std::fs::read(document).unwrap()).unwrap();
    assert_eq!(document["drive_label"], "Films B");
}
