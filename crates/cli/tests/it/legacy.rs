//! A working directory of the older program: opened, searched, scanned.

use videocatalog_testkit::legacy::{FileRow, InventoryRow, Layout, LegacyDb, sample_files};

use crate::lab::{Lab, texts};

/// An older catalogue with two drives: one scanned by a command line, one by a window.
pub(crate) fn write_databases(lab: &Lab) {
    let mount = lab.drive.to_str().unwrap();
    let data = lab.home.join("data");
    let catalog = LegacyDb::create(&data.join("catalog.db"), Layout::Catalog).unwrap();
    for (label, mount) in [("Test", mount), ("Window", "/mnt/window")] {
        catalog.drive(label, mount, "2023-01-01T00:00:00Z").unwrap();
        catalog.job(label, "2023-01-01T00:00:00Z", "Done").unwrap();
    }
    let shard = LegacyDb::create(&data.join("shards/Test.db"), Layout::DialectA).unwrap();
    shard.drive("Test", mount, "2023-01-01T00:00:00Z").unwrap();
    for row in sample_files("Test", mount, '/') {
        shard.file(&row).unwrap();
    }
    let path = format!("{mount}/only listed.mp4");
    shard
        .inventory(&InventoryRow::new("Test", &path, 5))
        .unwrap();
    let shard = LegacyDb::create(&data.join("shards/Window.db"), Layout::DialectB).unwrap();
    shard
        .file(&FileRow::new(
            "Window",
            "/mnt/window/Films/seen through.mkv",
            9,
        ))
        .unwrap();
}

#[test]
fn it_opens_and_is_searched() {
    let lab = Lab::new();
    write_databases(&lab);
    let first = lab.ok(&["drives", "--json"]);
    assert_eq!(texts(&first.json(), "label"), ["Test", "Window"]);
    assert_eq!(first.json()[0]["notes"], "shelf 2");
    let found = lab.search(&["films", "hashed"]);
    assert_eq!(found["total_matched"], 1, "{found}");
    let path = lab.drive.join("Films/hashed.mkv");
    assert_eq!(found["results"][0]["path"], path.to_str().unwrap());
    assert_eq!(found["results"][0]["rel_path"], "Films/hashed.mkv");
    assert_eq!(lab.search(&["seen", "through"])["total_matched"], 1);
    assert_eq!(lab.search(&["only", "listed"])["total_matched"], 1);
    assert_eq!(lab.search(&["gone"])["total_matched"], 0, "it was deleted");
    assert_eq!(
        lab.ok(&["jobs", "--json"]).json().as_array().unwrap().len(),
        2
    );
    let backups = std::fs::read_dir(lab.home.join("backups/sqlite")).unwrap();
    assert!(backups.count() >= 3, "one of each database");
}

#[test]
fn a_scan_goes_on_from_it() {
    let lab = Lab::new();
    write_databases(&lab);
    lab.file("plain.txt", b"0123456789");
    lab.file("Films/new.mkv", b"new");
    let summary = lab.scan(&["--json"]).json();
    assert_eq!(summary["total_files"], 2, "{summary}");
    assert_eq!(summary["new"], 1, "{summary}");
    assert_eq!(summary["deleted"], 7, "{summary}");
    assert_eq!(lab.search(&["plain"])["total_matched"], 1);
}
