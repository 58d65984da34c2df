//! The local API as the window sees it: started, told of, stopped.

use std::path::Path;

use egui_kittest::kittest::Queryable;
use videocatalog_testkit::program;

use crate::kit::Lab;

/// A program that speaks as `videocatalog serve` does, and writes down how it was called.
fn stand_in(folder: &Path, then: &str) {
    let text = format!("echo \"$@\" > \"$0.called\"\n{then}");
    program::script(&folder.join("videocatalog"), &text).unwrap();
}

const SERVES: &str = "echo 'API listening on http://127.0.0.1:9'; cat; echo > \"$0.ended\"";

fn open(lab: &mut Lab) {
    lab.click("Tools");
    lab.click("Local API");
}

#[test]
fn it_is_started_and_stopped() {
    let mut lab = Lab::with_programs(|folder| stand_in(folder, SERVES));
    open(&mut lab);
    lab.sees("Stopped");
    lab.click("Start the API");
    lab.sees("http://127.0.0.1:9");
    lab.sees("API :9");
    let called = std::fs::read_to_string(lab.programs().join("videocatalog.called")).unwrap();
    assert!(
        called.starts_with("serve --until-stdin-closes --home "),
        "{called}"
    );
    lab.click("Stop the API");
    lab.sees("Stopped");
    assert!(lab.programs().join("videocatalog.ended").exists());
    assert!(lab.window.query_by_label("API :9").is_none());
}

#[test]
fn it_ends_with_the_window() {
    let mut lab = Lab::with_programs(|folder| stand_in(folder, SERVES));
    open(&mut lab);
    lab.click("Start the API");
    lab.sees("API :9");
    let ended = lab.programs().join("videocatalog.ended");
    let folder = lab.close();
    let began = std::time::Instant::now();
    while !ended.exists() {
        assert!(began.elapsed().as_secs() < 30, "it goes on");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    drop(folder);
}

#[test]
fn an_end_of_its_own_is_a_warning() {
    let mut lab = Lab::with_programs(|folder| {
        stand_in(
            folder,
            "echo 'error: port in use' >&2; echo 'hint: another' >&2; exit 4",
        );
    });
    open(&mut lab);
    lab.click("Start the API");
    lab.sees("error: port in use");
    lab.sees("Stopped");
}

#[test]
fn without_the_program_it_says_how_to_get_it() {
    let mut lab = Lab::new();
    open(&mut lab);
    lab.click("Start the API");
    lab.sees("cargo install --path crates/cli");
}

#[test]
fn a_key_is_made_saved_and_shown_once() {
    let mut lab = Lab::new();
    open(&mut lab);
    lab.sees("No key is set");
    lab.click("Make a key");
    lab.sees("A new key");
    let said = lab.said();
    let key = said
        .split_whitespace()
        .find(|word| word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .unwrap();
    let saved = std::fs::read_to_string(lab.home().join("settings.json")).unwrap();
    assert!(saved.contains(key));
    lab.close_dialog();
    lab.sees("A key is set");
    assert!(!lab.said().contains(key));
}

#[test]
fn it_starts_with_the_window_if_that_is_wanted() {
    let mut lab = Lab::with_programs_and_settings(
        |folder| stand_in(folder, SERVES),
        r#"{"api": {"enabled_default": true}}"#,
    );
    lab.sees("API :9");
}
