//! Tools: which are there, and telling where one is.

use videocatalog_core::catalog::{SchemaState, schema_state};
use videocatalog_testkit::program;

use crate::kit::Lab;

fn open(lab: &mut Lab) {
    lab.click("Tools");
    lab.click("Diagnostics");
}

#[test]
fn what_is_missing_says_what_is_lost() {
    let mut lab = Lab::without_programs();
    open(&mut lab);
    lab.sees("missing");
    lab.sees("Without it pictures, decode checks");
    lab.sees("Working directory");
    // The window may still have been making it when it was looked at.
    let catalog = lab.home().join("data/catalog.db");
    lab.until("the catalogue is made", |_| {
        matches!(schema_state(&catalog), SchemaState::Current { .. })
    });
    lab.click("Recheck");
    lab.sees("catalog.db: schema");
    lab.click("Install mediainfo…");
    lab.sees("Install mediainfo");
    lab.close_dialog();
}

#[test]
fn a_tool_is_located_and_remembered() {
    let mut lab = Lab::without_programs();
    let tool = lab.folder.path().join("smartctl");
    program::script(&tool, "echo 'smartctl 7.4 2023-08-01 r5530'").unwrap();
    open(&mut lab);
    lab.click("Locate smartctl…");
    lab.fill("File or folder", &tool.to_string_lossy());
    lab.click("Use it");
    lab.sees("smartctl is found at");
    lab.sees("7.4");
    let saved = std::fs::read_to_string(lab.home().join("settings.json")).unwrap();
    assert!(saved.contains("smartctl"), "{saved}");
}

#[test]
fn what_does_not_work_is_refused() {
    let mut lab = Lab::without_programs();
    lab.write("no tool.txt", 3);
    let file = lab.drive().join("no tool.txt");
    open(&mut lab);
    lab.click("Locate smartctl…");
    lab.fill("File or folder", &file.to_string_lossy());
    lab.click("Use it");
    lab.sees("Error");
    lab.sees("no tool.txt");
}
