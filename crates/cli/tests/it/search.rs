//! `search`: its three forms, and drives told apart.

use serde_json::{Value, json};

use crate::lab::{Lab, MODIFIED, json_lines, texts, write};

#[test]
fn the_document_has_every_field() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    let mut found = lab.search(&["BRAZIL", "films"]);
    let elapsed = found.as_object_mut().unwrap().remove("elapsed_ms").unwrap();
    assert!(elapsed.as_f64().unwrap() >= 0.0);
    let number = &found["results"][0]["file_id"];
    assert!(number.as_i64().unwrap() > 0, "{number}");
    assert_eq!(
        found,
        json!({
            "query": "BRAZIL films",
            "total_matched": 1,
            "truncated": false,
            "results": [{
                "drive_label": "Test",
                "file_id": number,
                "path": lab.drive.join("Films").join("Brazil.mp4").to_str().unwrap(),
                "rel_path": "Films/Brazil.mp4",
                "name": "Brazil.mp4",
                "ext": "mp4",
                "mime": "video/mp4",
                "category": "video",
                "size_bytes": 15,
                "mtime_utc": MODIFIED,
                "deleted": false,
                "online": true,
            }],
        })
    );
}

#[test]
fn lines_are_the_results_of_the_document() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    let lines = json_lines(&lab.ok(&["search", "--jsonl", "--sort", "path"]).stdout);
    assert_eq!(Value::Array(lines), lab.search(&[])["results"]);
    let nothing = lab.ok(&["search", "--jsonl", "no such file"]);
    assert_eq!(nothing.stdout, "");
    assert_eq!(lab.search(&["no such file"])["results"], json!([]));
}

#[test]
fn the_table_goes_to_stdout_and_the_count_to_stderr() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    let ran = lab.ok(&["search", "--sort", "path", "amélie"]);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{ran:?}");
    assert!(lines[0].starts_with("DRIVE  CATEGORY  SIZE  MODIFIED"));
    assert!(lines[1].ends_with("Amélie 1080p.mkv"));
    assert!(ran.stderr.starts_with("1 found, "), "{ran:?}");
}

#[test]
fn results_are_limited_and_sorted() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    let found = lab
        .ok(&["search", "--json", "--limit", "2", "--sort", "largest"])
        .json();
    assert_eq!(found["total_matched"], 5);
    assert_eq!(found["truncated"], true);
    assert_eq!(
        texts(&found["results"], "name"),
        ["Brazil.mp4", "notes.pdf"]
    );
    let ran = lab.ok(&["search", "--limit", "2"]);
    assert!(
        ran.stderr.starts_with("5 found, the first 2 shown"),
        "{ran:?}"
    );
}

#[test]
fn drives_are_searched_together_or_alone() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    for label in ["Second", "Third"] {
        let folder = lab.base().join(label);
        write(&folder, "Brazil.mkv", label.as_bytes());
        lab.ok(&[
            "scan",
            "--label",
            label,
            "--mount",
            folder.to_str().unwrap(),
        ]);
    }
    let labels = |more: &[&str]| {
        let mut words = vec!["brazil"];
        words.extend(more);
        let mut labels = texts(&lab.search(&words)["results"], "drive_label");
        labels.sort();
        labels
    };
    assert_eq!(labels(&[]), ["Second", "Test", "Third"]);
    assert_eq!(
        labels(&["--label", "Third", "--label", "Test"]),
        ["Test", "Third"]
    );
    assert_eq!(labels(&["--label", "Second"]), ["Second"]);
    let said = lab.fails(2, &["search", "brazil", "--label", "Fourth"]);
    assert!(said.contains("there is no drive `Fourth`"), "{said}");

    std::fs::remove_dir_all(lab.base().join("Third")).unwrap();
    let found = lab.search(&["brazil", "--label", "Third"]);
    assert_eq!(found["results"][0]["online"], false, "and still found");
}

#[test]
fn deleted_files_are_left_out() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    std::fs::remove_file(lab.drive.join("unknown")).unwrap();
    lab.scan(&[]);
    assert_eq!(lab.search(&["unknown"])["total_matched"], 0);
}

#[cfg(unix)]
#[test]
fn hostile_names_cannot_steer_a_terminal() {
    use std::os::unix::ffi::OsStrExt;

    let lab = Lab::with_files();
    lab.file("evil\u{1b}[31m\nname.mkv", b"1");
    lab.file("gpj\u{202e}exe.mkv", b"2");
    let bytes = std::ffi::OsStr::from_bytes(b"caf\xe9.avi");
    std::fs::write(lab.drive.join(bytes), b"3").unwrap();
    lab.scan(&[]);
    let table = lab.ok(&["search"]).stdout;
    assert_eq!(table.lines().count(), 9, "{table}");
    for hostile in ['\u{1b}', '\u{202e}'] {
        assert!(!table.contains(hostile), "{table}");
    }
    for shown in ["evil\\u{1b}[31m\\nname.mkv", "gpj\\u{202e}exe.mkv"] {
        assert!(table.contains(shown), "{table}");
    }
    let lines = json_lines(&lab.ok(&["search", "--jsonl"]).stdout);
    assert_eq!(lines.len(), 8);
}

#[cfg(unix)]
#[test]
fn a_pipe_that_closes_early_is_no_error() {
    let lab = Lab::with_files();
    lab.many_files(500);
    lab.scan(&["--inventory-only"]);
    for form in ["--jsonl", "--sort=path", "--json"] {
        let mut command = lab.command();
        let mut child = command.args(["search", form]).spawn().unwrap();
        drop(child.stdout.take());
        let ran = crate::lab::Ran::from(child.wait_with_output().unwrap());
        assert_eq!(ran.code, Some(0), "{form}: {ran:?}");
    }
}

#[test]
fn queries_are_a_language() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    for (query, names) in [
        ("ext:mp4 OR ext:pdf", vec!["Brazil.mp4", "notes.pdf"]),
        ("*.mp4 -brazil", vec![]),
        ("amelie", vec!["Amélie 1080p.mkv"]),
        ("category:video size:>=15 path:films", vec!["Brazil.mp4"]),
        ("regex:br.z online:yes", vec!["Brazil.mp4"]),
        ("deleted:yes", vec![]),
    ] {
        let found = lab
            .ok(&["search", "--json", "--sort", "name", "--", query])
            .json();
        assert_eq!(texts(&found["results"], "name"), names, "{query}");
    }
    let skipped = lab.search(&["--offset", "4"]);
    assert_eq!(skipped["results"].as_array().unwrap().len(), 1);
    assert_eq!(skipped["truncated"], false);
}

#[test]
fn a_mistake_is_shown_where_it_is() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    let ran = lab.run(&["search", "film size:>4zb"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr
            .contains("error: `zb` is no unit of size\nfilm size:>4zb\n          ^^^^\n"),
        "{ran:?}"
    );
    assert!(ran.stderr.contains("hint: size:"));
    let ran = lab.run(&["search", "--", "sise:>1gb"]);
    assert!(ran.stderr.contains("did you mean `size:`"), "{ran:?}");
}

#[test]
fn completions_know_the_fields() {
    let lab = Lab::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = lab.ok(&["completions", shell]).stdout;
        assert!(script.contains("duration"), "{shell}: {script}");
    }
}
