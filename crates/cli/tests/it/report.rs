//! `report`: its document, its tables and its files.

use serde_json::json;

use crate::lab::Lab;

#[test]
fn the_document_has_the_documented_fields() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    let report = lab
        .ok(&[
            "report",
            "--json",
            "--label",
            "Test",
            "--depth",
            "1",
            "--largest",
            "1",
        ])
        .json();
    assert_eq!(report["drive_label"], "Test");
    assert_eq!(
        report["params"],
        json!({"top_n": 20, "folder_depth": 1, "recent_days": 30, "largest_limit": 1})
    );
    assert_eq!(report["overview"]["total_files"], 5);
    assert_eq!(report["overview"]["source"], "inventory");
    assert_eq!(report["largest_files"][0]["rel_path"], "Films/Brazil.mp4");
    assert_eq!(report["recent_changes"], json!({"total": 0, "rows": []}));
    assert!(report["elapsed_ms"].is_number());
    let first = &report["top_extensions"]["entries"][0];
    for name in ["extension", "files", "bytes", "rank_count", "rank_size"] {
        assert!(!first[name].is_null(), "{name}: {first}");
    }
}

#[test]
fn tables_are_for_people() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    let ran = lab.ok(&["report"]);
    for title in [
        "Overview",
        "Top extensions",
        "Largest files",
        "Heaviest folders",
        "Recent changes",
    ] {
        assert!(
            ran.stdout.lines().any(|line| line == title),
            "{title}: {ran:?}"
        );
    }
    let ran = lab.ok(&["report", "overview"]);
    assert!(ran.stdout.starts_with("LABEL"), "{ran:?}");
    assert!(ran.stdout.contains("Totals"));
    assert_eq!(lab.run(&["report", "--label", "nobody"]).code, Some(2));
}

#[test]
fn files_have_the_documented_names_and_headings() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    let listed = lab.ok(&["report", "--csv"]).stdout;
    let files: Vec<&str> = listed.lines().collect();
    assert_eq!(files.len(), 6);
    for (file, (section, heading)) in files.iter().zip([
        ("overview", "label,files,size_bytes,average_size_bytes"),
        (
            "top_extensions",
            "extension,files,bytes,rank_count,rank_size",
        ),
        ("largest_files", "path,size_bytes,mtime_utc,category"),
        ("heaviest_folders", "folder,files,bytes"),
        ("recent_changes", "path,size_bytes,mtime_utc,category"),
    ]) {
        assert!(
            file.contains(&format!("exports/reports/reports_{section}_")),
            "{file}"
        );
        let text = std::fs::read_to_string(file).unwrap();
        assert_eq!(text.lines().next(), Some(heading));
    }
    let bundle: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(files[5]).unwrap()).unwrap();
    assert_eq!(bundle["overview"]["total_files"], 5);
    let ran = lab.run(&["report", "--csv", "/proc/no/such"]);
    assert_eq!(ran.code, Some(5), "{ran:?}");
}
