//! The page of scans: what can go wrong, stopping, and what the drive is told to be.

use eframe::egui::{Event, Key};
use egui_kittest::kittest::{NodeT, Queryable};

use crate::kit::Lab;

#[test]
fn a_delta_scan_reads_files_and_says_which_tools_are_missing() {
    let mut lab = Lab::without_programs();
    lab.write("films/one.mkv", 30_000);
    lab.form("Films B");
    lab.click("Start scan");
    lab.sees("Tools are missing");
    lab.sees("ffmpeg");
    lab.click("Continue without");
    lab.sees("The scan of `Films B` is done: 1 file");
    lab.click("View summary");
    lab.sees("Skipped");
    lab.sees("perm 0 · long 0 · ignored 0");
}

#[test]
fn fingerprints_are_captured_when_they_are_ticked() {
    let mut lab = Lab::new();
    std::fs::create_dir_all(lab.drive()).unwrap();
    videocatalog_testkit::media::video(&lab.drive().join("film.mkv"), 4).unwrap();
    lab.scan_with_fingerprints();
    lab.click("View summary");
    lab.sees("Prefilter hashes");
    lab.sees("Audio fingerprints");
}

#[test]
fn what_keeps_light_analysis_back_is_a_banner() {
    let mut lab = Lab::without_programs();
    lab.write("films/one.mkv", 30);
    lab.form("Films B");
    lab.click("Light analysis and search by meaning");
    let look = "Look at pictures and films, to find look-alikes";
    lab.click(look);
    // What is there is asked again; what was ticked stays.
    lab.click("Refresh");
    lab.click("Start scan");
    lab.click("Continue without");
    lab.sees("The scan of `Films B` is done: 1 file");
    lab.sees("Light analysis: there is no model at");
}

#[test]
fn one_folder_of_a_drive_is_scanned() {
    let mut lab = Lab::new();
    lab.write("films/one.mkv", 30);
    lab.write("music/one.flac", 30);
    lab.form("Films B");
    lab.click("Inventory only");
    lab.click("What is left out");
    lab.fill("Only this folder of the drive", "music");
    lab.click("Start scan");
    lab.sees("The scan of `Films B` is done: 1 file");
    lab.click("Search");
    lab.sees("one.flac");
}

#[test]
fn missing_tools_can_be_installed_instead() {
    let mut lab = Lab::without_programs();
    lab.write("films/one.mkv", 30);
    lab.form("Films B");
    lab.click("Start scan");
    lab.click("Install…");
    lab.sees("Diagnostics");
    lab.until("no scan runs", |window| {
        window.query_by_label("Nothing is under way").is_some()
    });
    lab.click("Jobs");
    lab.sees("Nothing was scanned yet");
}

#[test]
fn a_scan_that_is_stopped_can_be_gone_on_with() {
    let mut lab = Lab::new();
    for number in 0..4_000 {
        lab.write(&format!("{}/{number}.mkv", number % 40), 1);
    }
    lab.form("Films B");
    lab.click("Inventory only");
    lab.click("Start scan");
    lab.click("Stop scan");
    lab.sees("Nothing is under way");
    let said = lab.said();
    // A quick machine may be done before it is stopped.
    if said.contains("was stopped") {
        lab.click("Jobs");
        lab.sees("Stopped");
        lab.click("Scan");
    }
    lab.click("Start scan");
    lab.sees("is done: 4,000 files");
}

#[test]
fn a_folder_that_is_not_there_is_an_error_that_says_what_to_do() {
    let mut lab = Lab::new();
    lab.click("Scan");
    lab.fill("Folder", "/no/such/folder");
    lab.fill("Label", "Nowhere");
    lab.click("Inventory only");
    lab.click("Start scan");
    lab.sees("cannot scan `/no/such/folder`");
    lab.sees("Hint: check that the drive is mounted");
    lab.sees("None yet");
}

#[test]
fn without_folder_or_label_nothing_can_be_started() {
    let mut lab = Lab::new();
    lab.click("Scan");
    lab.sees("Start scan");
    let is_disabled = |lab: &Lab| {
        let button = lab.window.get_by_label("Start scan");
        button.accesskit_node().is_disabled()
    };
    assert!(is_disabled(&lab));
    lab.fill("Label", "Films B");
    assert!(is_disabled(&lab));
    lab.fill("Folder", "   ");
    assert!(is_disabled(&lab));
}

#[test]
fn kind_and_notes_reach_the_drive() {
    let mut lab = Lab::new();
    lab.write("a.txt", 1);
    lab.form("Films B");
    lab.fill("Kind of drive", "Tape");
    lab.fill("Notes", "shelf 3");
    lab.click("Save this kind");
    lab.sees("`Tape` is offered from now on");
    lab.click("Inventory only");
    lab.click("Start scan");
    lab.sees("The scan of `Films B` is done");
    lab.sees("shelf 3");
    let kinds = std::fs::read_to_string(lab.home().join("drive_types.json")).unwrap();
    assert!(kinds.contains("Tape"), "{kinds}");
}

#[test]
fn escape_leaves_a_dialog() {
    let mut lab = Lab::without_programs();
    lab.write("films/one.mkv", 30);
    lab.form("Films B");
    lab.click("Start scan");
    lab.sees("Tools are missing");
    lab.window.key_press(Key::Escape);
    lab.window.run_steps(3);
    assert!(lab.window.query_by_label("Tools are missing").is_none());
}

#[test]
fn what_is_being_written_goes_on_when_a_message_comes() {
    let mut lab = Lab::new();
    lab.click("Scan");
    lab.fill("Kind of drive", "Tape");
    lab.click("Save this kind");
    lab.fill("Label", "Films");
    lab.sees("`Tape` is offered from now on");
    lab.window.event(Event::Text(" B".into()));
    lab.window.run_steps(2);
    lab.sees_value("Films B");
    lab.click("Close");
    lab.fill("Label", " and C");
    lab.sees_value("Films B and C");
}
