//! Looking after databases: checks, backups, other catalogues.

use std::io::{Seek, SeekFrom, Write};

use egui_kittest::kittest::Queryable;

use crate::kit::Lab;

fn scanned() -> Lab {
    let mut lab = Lab::new();
    for number in 0..400 {
        lab.write(&format!("films/film {number}.mkv"), 3);
    }
    lab.scan("Films B");
    open(&mut lab);
    lab
}

fn open(lab: &mut Lab) {
    lab.click("Tools");
    lab.click("Maintenance");
    lab.sees("Shard Films B");
}

#[test]
fn a_sound_database_is_said_to_be_sound() {
    let mut lab = scanned();
    lab.sees("Choose a database in the table");
    lab.click_row(1);
    lab.click("Check integrity");
    lab.sees("Shard Films B: integrity ok");
    lab.click_row(0);
    lab.click("Full maintenance");
    lab.sees("Catalog: full done");
}

#[test]
fn damage_is_found_and_a_backup_brought_back() {
    let mut lab = scanned();
    lab.click_row(1);
    lab.click("Back up now");
    lab.sees("Shard Films B: backup done");
    let shard = lab.shards().pop().unwrap();
    let length = std::fs::metadata(&shard).unwrap().len();
    let mut file = std::fs::File::options().write(true).open(&shard).unwrap();
    file.seek(SeekFrom::Start(length / 2)).unwrap();
    file.write_all(&[0x55; 9_000]).unwrap();
    drop(file);
    lab.click("Refresh");
    lab.click_row(1);
    lab.click("Check integrity");
    lab.sees("Restore a backup, or salvage what can be read.");
    lab.click_row(1);
    lab.click("Restore…");
    lab.sees("Restore Shard Films B");
    lab.click("Restore");
    lab.sees("Shard Films B: restored from");
    lab.click_row(1);
    lab.click("Check integrity");
    lab.sees("Shard Films B: integrity ok");
    lab.click("Search");
    lab.sees("400 files");
}

#[test]
fn another_catalogue_is_made_used_and_remembered() {
    let mut lab = scanned();
    let other = lab.folder.path().join("other.db");
    lab.click("Another catalogue…");
    lab.fill("File", &other.to_string_lossy());
    lab.click("Use it");
    lab.sees("other.db` is in use");
    assert!(other.exists());
    // The databases of drives that lie in the working directory come with it; their history does not.
    lab.click("Jobs");
    lab.sees("Nothing was scanned yet");
    lab.sees("Films B, online");
    let saved = std::fs::read_to_string(lab.home().join("settings.json")).unwrap();
    assert!(saved.contains("other.db"), "{saved}");
}

#[test]
fn a_file_that_is_no_catalogue_is_refused() {
    let mut lab = scanned();
    let other = lab.folder.path().join("letter.txt");
    std::fs::write(&other, "Dear reader").unwrap();
    lab.click("Another catalogue…");
    lab.fill("File", &other.to_string_lossy());
    lab.click("Use it");
    lab.sees("letter.txt");
    lab.sees("Hint:");
    lab.sees("Films B, online");
    assert_eq!(std::fs::read_to_string(other).unwrap(), "Dear reader");
}

#[test]
fn everything_is_forgotten_after_backups() {
    let mut lab = scanned();
    lab.click("Reset…");
    lab.click("Forget all");
    lab.sees("All drives are forgotten");
    lab.sees("None yet");
    assert!(lab.shards().is_empty());
    let backups = std::fs::read_dir(lab.home().join("backups/sqlite")).unwrap();
    assert!(backups.count() >= 2);
    assert!(lab.drive().join("films/film 7.mkv").exists());
}

#[test]
fn the_catalogue_is_copied_into_the_exports() {
    let mut lab = scanned();
    lab.click("Copy into exports");
    lab.sees("Written: ");
    let exports = std::fs::read_dir(lab.home().join("exports")).unwrap();
    let copies = exports.filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with("catalog_")
    });
    assert_eq!(copies.count(), 1);
}

#[test]
fn what_cannot_be_done_says_why() {
    let mut lab = scanned();
    let button = lab.window.get_by_label("VACUUM");
    button.hover();
    lab.sees("Choose a database in the table");
}
