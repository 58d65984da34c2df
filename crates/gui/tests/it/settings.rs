//! Settings: found, checked as they are written, saved, and put back.

use eframe::egui::Key;
use egui_kittest::kittest::{NodeT, Queryable};
use serde_json::Value;

use crate::kit::Lab;

fn open(lab: &mut Lab, words: &str) {
    lab.click("Tools");
    lab.click("Settings");
    lab.replace("Find a setting", words);
    lab.window.run_steps(3);
}

fn saved(lab: &Lab, section: &str, key: &str) -> Value {
    let text = std::fs::read_to_string(lab.home().join("settings.json")).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    document[section][key].clone()
}

#[test]
fn a_number_is_checked_and_saved() {
    let mut lab = Lab::new();
    open(&mut lab, "robust.batch_files");
    lab.replace("robust.batch_files", "many");
    lab.sees("a whole number from");
    lab.window.key_press(Key::Enter);
    lab.window.run_steps(3);
    assert!(!lab.home().join("settings.json").exists());
    lab.replace("robust.batch_files", "1234");
    lab.sees("Enter saves it");
    lab.window.key_press(Key::Enter);
    lab.sees("`robust.batch_files` is saved");
    assert_eq!(saved(&lab, "robust", "batch_files"), 1234);
    lab.click("Reset");
    lab.until("it is as usual", |window| {
        window.query_by_label("Reset").is_none()
    });
    assert_eq!(saved(&lab, "robust", "batch_files"), 1000);
}

#[test]
fn escape_leaves_a_setting_as_it_was() {
    let mut lab = Lab::new();
    open(&mut lab, "robust.batch_files");
    lab.replace("robust.batch_files", "77");
    lab.sees("Enter saves it");
    lab.window.key_press(Key::Escape);
    lab.sees_value("1000");
    lab.window.run_steps(3);
    assert!(!lab.home().join("settings.json").exists());
}

#[test]
fn a_choice_is_saved_at_once_and_holds_for_the_next_scan() {
    let mut lab = Lab::without_programs();
    open(&mut lab, "media.level");
    lab.click("media.level: headers");
    lab.sees("`media.level` is saved");
    assert_eq!(saved(&lab, "media", "level"), "headers");
    lab.write("films/one.mkv", 30);
    lab.form("Films B");
    // Nothing is missing for it.
    lab.click("Start scan");
    lab.sees("The scan of `Films B` is done");
}

#[test]
fn a_secret_is_never_shown() {
    let mut lab = Lab::new();
    open(&mut lab, "api.api_key");
    lab.fill("api.api_key", "open sesame");
    lab.window.key_press(Key::Enter);
    lab.sees("`api.api_key` is saved");
    assert_eq!(saved(&lab, "api", "api_key"), "open sesame");
    open(&mut lab, "api.api_key");
    let shown = lab.window.root().children_recursive();
    let values = shown.filter_map(|node| node.accesskit_node().value());
    assert!(values.into_iter().all(|value| !value.contains("sesame")));
}

#[test]
fn a_broken_file_is_told_of_and_kept() {
    let mut lab = Lab::prepared(|home| {
        std::fs::write(home.join("settings.json"), "{ not json").unwrap();
    });
    open(&mut lab, "robust.batch_files");
    lab.sees("not valid JSON");
    lab.replace("robust.batch_files", "99");
    lab.window.key_press(Key::Enter);
    lab.sees("`robust.batch_files` is saved");
    let names = std::fs::read_dir(lab.home()).unwrap();
    let kept = names
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .any(|name| name.starts_with("settings.json.corrupt-"));
    assert!(kept);
}
