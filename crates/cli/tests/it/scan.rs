//! `scan`: what it prints where, and what it leaves.

use serde_json::{Value, json};

use crate::lab::{Lab, json_lines, texts};

/// Every field that scripts may rely on.
const SUMMARY_FIELDS: [&str; 27] = [
    "drive_label",
    "mode",
    "status",
    "total_files",
    "av_files",
    "categories",
    "new",
    "changed",
    "unchanged",
    "restored",
    "moved",
    "deleted",
    "pending",
    "hashed_files",
    "hashed_bytes",
    "hashed_av",
    "silently_changed",
    "media",
    "light_analysis",
    "fingerprints",
    "skipped_perm",
    "skipped_toolong",
    "skipped_ignored",
    "problems",
    "duration_seconds",
    "performance",
    "health",
];

const PERFORMANCE_FIELDS: [&str; 7] = [
    "profile",
    "auto_profile",
    "source",
    "worker_threads",
    "hash_chunk_bytes",
    "ffmpeg_parallel",
    "gentle_io",
];

fn numbers(summary: &Value, fields: &[&str]) -> Vec<u64> {
    fields
        .iter()
        .map(|field| summary[field].as_u64().unwrap())
        .collect()
}

const CHANGES: [&str; 6] = [
    "new",
    "changed",
    "unchanged",
    "restored",
    "moved",
    "deleted",
];

#[test]
fn the_first_command_of_the_readme_finds_what_it_scanned() {
    let lab = Lab::new();
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs");
    let scanned = lab.ok(&["scan", "--label", "Docs", "--mount", docs]);
    assert!(scanned.stdout.starts_with("Done: "), "{scanned:?}");
    let found = lab.ok(&["search", "md"]);
    assert!(found.stdout.starts_with("DRIVE"), "{found:?}");
    assert!(found.stdout.contains("scanning.md"), "{found:?}");
    assert!(found.stderr.contains(" found, "), "{found:?}");
}

#[test]
fn the_summary_document_has_every_field_and_the_right_numbers() {
    let lab = Lab::with_files();
    let first = lab.scan(&["--json", "--perf-profile", "SSD"]).json();
    let fields: Vec<&str> = first
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(fields, SUMMARY_FIELDS);
    let performance = first["performance"].as_object().unwrap();
    let fields: Vec<&str> = performance.keys().map(String::as_str).collect();
    assert_eq!(fields, PERFORMANCE_FIELDS);
    assert_eq!(performance["profile"], "SSD");
    assert_eq!(first["drive_label"], "Test");
    assert_eq!(first["mode"], "delta");
    assert_eq!(first["status"], "Done");
    assert_eq!(numbers(&first, &["total_files", "av_files"]), [5, 3]);
    assert_eq!(numbers(&first, &CHANGES), [5, 0, 0, 0, 0, 0]);
    assert_eq!(
        numbers(
            &first,
            &["pending", "hashed_files", "hashed_bytes", "hashed_av"]
        ),
        [5, 5, 8 + 15 + 2 + 14 + 2, 3]
    );
    assert_eq!(first["problems"], json!({}));
    assert!(first["duration_seconds"].as_f64().unwrap() > 0.0);
    let of = |category: &str| first["categories"][category].as_u64().unwrap();
    assert_eq!(
        [
            of("video"),
            of("audio"),
            of("image"),
            of("document"),
            of("other")
        ],
        [2, 1, 0, 1, 1]
    );

    lab.file("Films/Brazil.mp4", b"another cut of film number two");
    lab.file("Films/new.mkv", b"new");
    std::fs::remove_file(lab.drive.join("unknown")).unwrap();
    let base = lab.drive.join("Music");
    std::fs::rename(base.join("song.mp3"), base.join("tune.mp3")).unwrap();
    let second = lab.scan(&["--json"]).json();
    assert_eq!(numbers(&second, &CHANGES), [1, 1, 2, 0, 1, 1]);
    assert_eq!(numbers(&second, &["total_files"]), [5]);

    lab.file("unknown", b"??");
    let third = lab.scan(&["--json"]).json();
    assert_eq!(numbers(&third, &CHANGES), [0, 0, 5, 1, 0, 0]);
    let full = lab.scan(&["--json", "--full-rescan"]).json();
    assert_eq!(full["mode"], "full");
    assert_eq!(numbers(&full, &["hashed_files"]), [6]);
}

#[test]
fn hashes_are_those_of_the_files() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    let hash: String = lab
        .shard()
        .query_row(
            "SELECT hash_blake3 FROM files WHERE rel_path = 'Films/Brazil.mp4'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(hash, blake3::hash(b"film number two").to_hex().as_str());
}

#[test]
fn an_inventory_reads_no_file_as_a_whole() {
    let lab = Lab::with_files();
    lab.file("unknown too", &vec![7; 1_000_000]);
    let summary = lab.scan(&["--json", "--inventory-only"]).json();
    assert_eq!(summary["mode"], "inventory");
    assert_eq!(numbers(&summary, &["total_files"]), [6]);
    assert!(
        summary["hashed_bytes"].as_u64().unwrap() < 100_000,
        "{summary}"
    );
    let hashes: i64 = lab
        .shard()
        .query_row("SELECT count(hash_blake3) FROM files", [], |row| row.get(0))
        .unwrap();
    assert_eq!(hashes, 0);
}

#[test]
fn a_summary_for_people_goes_to_stdout_and_a_pipe_gets_nothing_else() {
    let lab = Lab::with_files();
    let ran = lab.scan(&["--perf-profile", "SSD"]);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(
        lines,
        [
            "Done: 5 files, 3 audio/video, in 00:00:00 (profile SSD)",
            "  5 new",
            "  read 5 of 5 files, 41 B",
            "  waiting for ffprobe: 3 files",
        ]
    );
    let ran = lab.scan(&["--json"]);
    let bars: Vec<&str> = ran
        .stderr
        .lines()
        .filter(|line| !is_sentence(line))
        .collect();
    assert_eq!(bars, [""; 0], "no bars on a pipe");
    assert!(!ran.stderr.contains('\u{1b}'), "{ran:?}");
}

fn is_sentence(line: &str) -> bool {
    line.starts_with("warning: ") || line.starts_with("problem: ")
}

#[test]
fn progress_as_json_lines_goes_to_stderr() {
    let lab = Lab::with_files();
    let ran = lab.scan(&["--json", "--progress", "json"]);
    assert_eq!(ran.json()["total_files"], 5, "stdout stays one document");
    let (lines, others): (Vec<&str>, Vec<&str>) =
        ran.stderr.lines().partition(|line| line.starts_with('{'));
    assert!(others.iter().all(|line| is_sentence(line)), "{others:?}");
    let lines = json_lines(&lines.join("\n"));
    assert_eq!(lines[0]["type"], "performance");
    let phases: Vec<&Value> = lines[1..].iter().map(|line| &line["phase"]).collect();
    assert_eq!(phases.first(), Some(&&json!("enumerating")));
    assert_eq!(phases.last(), Some(&&json!("finalizing")));
    for line in &lines[1..] {
        assert_eq!(line["type"], "progress");
        for field in [
            "elapsed_s",
            "dirs_scanned",
            "files_total",
            "files_seen",
            "av_seen",
            "total_av",
            "skipped_perm",
            "skipped_toolong",
            "skipped_ignored",
        ] {
            assert!(line[field].is_number(), "{field} in {line}");
        }
    }
    assert_eq!(lines.last().unwrap()["files_total"], 5);
}

#[test]
fn filters_are_counted() {
    let lab = Lab::with_files();
    lab.file(".hidden.mkv", b"hidden");
    lab.file("Cache/one.tmp", b"one");
    let summary = lab
        .scan(&[
            "--json",
            "--skip-hidden",
            "--skip-glob",
            "Cache",
            "--skip-glob",
            "*.mp3",
        ])
        .json();
    assert_eq!(
        numbers(&summary, &["total_files", "skipped_ignored"]),
        [4, 3]
    );
}

#[test]
fn only_a_folder_is_looked_at_when_asked() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    lab.file("Films/new.mkv", b"new");
    lab.file("Music/new.mp3", b"new");
    std::fs::remove_file(lab.drive.join("unknown")).unwrap();
    let summary = lab.scan(&["--json", "--only", "Films"]).json();
    assert_eq!(numbers(&summary, &["new", "deleted"]), [1, 0]);
    assert_eq!(lab.search(&["new"])["total_matched"], 1);
}

#[test]
fn the_mount_may_be_left_out_or_relative() {
    let lab = Lab::with_files();
    lab.ok(&["scan", "--label", "Test", "--mount", "drive"]);
    let found = lab.search(&["brazil"]);
    let path = lab.drive.join("Films").join("Brazil.mp4");
    assert_eq!(found["results"][0]["path"], path.to_str().unwrap());
}

#[test]
fn jobs_tell_what_was_done() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    lab.scan(&["--inventory-only"]);
    let jobs = lab.ok(&["jobs", "--json"]).json();
    let mut modes = texts(&jobs, "mode");
    modes.sort();
    assert_eq!(modes, ["delta", "inventory"]);
    for job in jobs.as_array().unwrap() {
        assert_eq!(job["drive_label"], "Test");
        assert_eq!(job["status"], "Done");
        assert_eq!(job["total_all"], 5);
        assert!(job["finished_at"].is_string());
    }
    let table = lab.ok(&["jobs", "--label", "Test"]).stdout;
    assert_eq!(table.lines().count(), 3, "{table}");
    let said = lab.fails(2, &["jobs", "--label", "Nobody"]);
    assert!(said.contains("there is no drive `Nobody`"), "{said}");
}

#[test]
fn what_happened_is_in_the_log() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    let log = lab.log();
    for text in [
        "scan of `Test` begins (delta)",
        "profile ",
        "scan of `Test` ended: 5 files",
    ] {
        assert!(log.contains(text), "`{text}` in {log}");
    }
}

#[test]
fn a_shard_and_a_catalogue_may_lie_elsewhere() {
    let lab = Lab::with_files();
    let (shard, catalog) = (lab.base().join("s.db"), lab.base().join("c.db"));
    lab.scan(&[
        "--shard-db",
        shard.to_str().unwrap(),
        "--catalog-db",
        catalog.to_str().unwrap(),
    ]);
    assert!(shard.exists() && catalog.exists());
    let found = lab
        .ok(&["search", "--json", "brazil", "--catalog-db", "c.db"])
        .json();
    assert_eq!(found["total_matched"], 1);
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_is_a_counted_problem() {
    let lab = Lab::with_files();
    std::os::unix::net::UnixListener::bind(lab.drive.join("socket")).unwrap();
    std::os::unix::fs::symlink("nowhere", lab.drive.join("link.mkv")).unwrap();
    let summary = lab.scan(&["--json"]).json();
    assert_eq!(
        summary["total_files"], 5,
        "sockets and links are no files: {summary}"
    );
    assert_eq!(summary["status"], "Done");
}
