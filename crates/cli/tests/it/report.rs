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

/// Two drives with one film on both, twice on the first, and one that is nowhere else.
fn with_copies() -> Lab {
    let lab = Lab::new();
    lab.file("Films/a.mkv", b"the same film");
    lab.file("Films/copy of a.mkv", b"the same film");
    lab.file("only here.mkv", b"another");
    lab.scan(&[]);
    let other = lab.base().join("other");
    std::fs::create_dir(&other).unwrap();
    std::fs::write(other.join("a\u{1b}[31m\n.mkv"), b"the same film").unwrap();
    let other = other.to_str().unwrap();
    lab.ok(&[
        "scan",
        "--label",
        "Other",
        "--mount",
        other,
        "--progress",
        "none",
    ]);
    lab
}

#[test]
fn duplicates_and_single_copies_are_of_content() {
    let lab = with_copies();
    let report = lab.ok(&["report", "duplicates", "--json"]).json();
    assert_eq!(
        report["total"],
        json!({"groups": 1, "files": 3, "reclaimable_bytes": 26})
    );
    assert_eq!(report["across_drives"]["groups"], 1);
    let group = &report["groups"][0];
    assert_eq!(group["copies"], 3);
    assert_eq!(group["drives"], 2);
    assert_eq!(
        group["hash"],
        blake3::hash(b"the same film").to_hex().to_string()
    );
    assert_eq!(group["places"].as_array().unwrap().len(), 3);
    let one = lab
        .ok(&["report", "duplicates", "--json", "--label", "Test"])
        .json();
    assert_eq!(one["within_a_drive"]["reclaimable_bytes"], 13);
    let singles = lab
        .ok(&["report", "single-copies", "--json", "--label", "Test"])
        .json();
    let total = &singles["drives"][0]["total"];
    assert_eq!(total["single_files"], 1, "{singles}");
    assert_eq!(total["single_bytes"], 7);
    assert_eq!(total["elsewhere_files"], 2);
    assert_eq!(singles["drives"].as_array().unwrap().len(), 1);
}

#[test]
fn names_steer_no_terminal() {
    let lab = with_copies();
    for section in ["duplicates", "changes"] {
        let shown = lab.ok(&["report", section]).stdout;
        assert!(!shown.contains('\u{1b}'), "{shown}");
        assert!(
            shown.lines().all(|line| line != ".mkv"),
            "a line of its own: {shown}"
        );
    }
}

#[test]
fn room_is_asked_for_by_size() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    let report = lab.ok(&["report", "space", "--fit", "1b", "--json"]).json();
    assert_eq!(report["fit_bytes"], 1);
    assert_eq!(report["fits"], json!(["Test"]));
    assert_eq!(report["drives"][0]["catalogued_files"], 5);
    let none = lab.ok(&["report", "space", "--fit", "900000tb"]).stdout;
    assert!(none.contains("fit on no drive"), "{none}");
    lab.fails(2, &["report", "space", "--fit", "much"]);
    lab.fails(2, &["report", "media", "--fit", "1gb"]);
}

#[test]
fn the_others_have_tables_and_files_too() {
    let lab = with_copies();
    for (section, file, heading) in [
        ("media", "media", "by,name,files,bytes,hours"),
        (
            "duplicates",
            "duplicates",
            "hash,size_bytes,copies,drive_label,path",
        ),
        (
            "single-copies",
            "single_copies",
            "drive_label,category,single_files,single_bytes,elsewhere_files,elsewhere_bytes,unknown_files,unknown_bytes",
        ),
        (
            "space",
            "space",
            "drive_label,scanned_at,total_bytes,free_bytes,catalogued_files,catalogued_bytes",
        ),
        (
            "changes",
            "changes",
            "job_id,drive_label,started_at,what,path,before_path,size_bytes,before_size_bytes",
        ),
    ] {
        assert!(lab.ok(&["report", section]).stdout.lines().count() > 1);
        let folder = lab.base().join(format!("out {section}"));
        let listed = lab.ok(&["report", section, "--csv", folder.to_str().unwrap()]);
        let files: Vec<&str> = listed.stdout.lines().collect();
        assert_eq!(files.len(), 2, "{listed:?}");
        assert!(files[0].contains(&format!("reports_{file}_")), "{listed:?}");
        let text = std::fs::read_to_string(files[0]).unwrap();
        assert_eq!(text.lines().next(), Some(heading));
        let document = std::fs::read_to_string(files[1]).unwrap();
        let document: serde_json::Value = serde_json::from_str(&document).unwrap();
        assert_eq!(document["unread"], json!([]));
        let ran = lab.run(&["report", section, "--csv", "/proc/no/such"]);
        assert_eq!(ran.code, Some(5), "{ran:?}");
    }
}

#[test]
fn changes_are_of_each_scan() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    std::fs::remove_file(lab.drive.join("notes.pdf")).unwrap();
    lab.scan(&[]);
    let report = lab.ok(&["report", "changes", "--json"]).json();
    assert_eq!(report["jobs"][0]["did"]["deleted"], 1, "{report}");
    assert_eq!(
        report["jobs"][0]["did"]["files"][0]["rel_path"],
        "notes.pdf"
    );
    assert_eq!(report["jobs"][1]["did"]["added"], 5);
}

#[test]
fn formulas_are_texts_on_request() {
    let lab = Lab::new();
    lab.file("=1+1.mkv", b"the same");
    lab.file("b.mkv", b"the same");
    lab.scan(&[]);
    // Paths are absolute and begin with no sign; what a file is named by its drive's label may.
    lab.ok(&["drives", "rename", "Test", "=cmd"]);
    for (flags, cell) in [(&[][..], ",=cmd,"), (&["--safe-cells"][..], ",'=cmd,")] {
        let folder = lab.base().join(format!("out{}", flags.len()));
        let folder = folder.to_str().unwrap();
        let arguments = [&["report", "duplicates", "--csv", folder], flags].concat();
        let listed = lab.ok(&arguments).stdout;
        let text = std::fs::read_to_string(listed.lines().next().unwrap()).unwrap();
        assert!(text.contains(cell), "{text}");
    }
}
