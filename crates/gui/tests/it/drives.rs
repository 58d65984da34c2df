//! The drives on the left, and the history of their scans.

use egui_kittest::kittest::Queryable;

use crate::kit::Lab;

fn scanned() -> Lab {
    let mut lab = Lab::new();
    lab.write("films/one.mkv", 30);
    lab.write("two.txt", 3);
    lab.scan("Films B");
    lab
}

#[test]
fn a_drive_is_renamed_and_told_where_it_lies() {
    let mut lab = scanned();
    lab.click("Home");
    lab.click("Edit");
    lab.sees("Drive `Films B`");
    lab.replace("Label", "Films C");
    lab.fill("Notes", "box 7");
    lab.click("Save");
    lab.sees("`Films C` is saved");
    lab.sees("Films C, online");
    lab.sees("box 7");
    assert_eq!(lab.shards().len(), 1);
}

#[test]
fn a_label_that_is_taken_is_refused() {
    let mut lab = scanned();
    std::fs::create_dir_all(lab.folder.path().join("other/x")).unwrap();
    let other = lab.folder.path().join("other");
    lab.scan_folder(&other, "Films C");
    lab.click("Home");
    lab.click("Edit");
    lab.replace("Label", "Films C");
    lab.click("Save");
    lab.sees("Hint:");
    lab.sees("Films B, online");
}

#[test]
fn a_drive_is_forgotten_after_a_question() {
    let mut lab = scanned();
    assert_eq!(lab.shards().len(), 1);
    lab.menu("Films B, online", "Forget…");
    lab.sees("Forget `Films B`?");
    lab.click("Cancel");
    lab.sees("Films B, online");
    lab.menu("Films B, online", "Forget…");
    lab.click("Forget");
    lab.sees("`Films B` is forgotten");
    lab.sees("None yet");
    assert!(lab.shards().is_empty(), "{:?}", lab.shards());
    assert!(lab.drive().join("two.txt").exists());
}

#[test]
fn a_drive_that_is_pulled_out_is_offline_and_its_files_are_found() {
    let mut lab = scanned();
    std::fs::rename(lab.drive(), lab.folder.path().join("away")).unwrap();
    lab.click("Refresh");
    lab.sees("Films B, offline");
    lab.click("Search");
    lab.fill("Search every drive", "one");
    lab.sees("one.mkv");
}

#[test]
fn a_job_is_looked_at_and_taken_out_of_the_history() {
    let mut lab = scanned();
    lab.click("Jobs");
    lab.click_row(0);
    lab.click("Details");
    lab.sees("Job 1");
    lab.close_dialog();
    lab.click("Delete from the history");
    lab.sees("Job 1 is taken out of the history");
    lab.sees("Nothing was scanned yet");
}

#[test]
fn one_drive_is_searched_and_all_again() {
    let mut lab = scanned();
    lab.click("Films B, online");
    lab.sees("Films B ×");
    lab.sees("2 files");
    lab.click("Films B ×");
    lab.until("the chip is gone", |window| {
        window.query_by_label("Films B ×").is_none()
    });
}
