//! `scan-drive`: the flags, names and output of the older program.

use serde_json::Value;

use crate::lab::{Lab, Ran, finish, json_lines};

/// The older program's output: a line on performance, lines on progress, the last line.
fn check(ran: &Ran, last: &str) -> Vec<Value> {
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let (lines, end) = ran.stdout.trim_end().rsplit_once('\n').unwrap();
    assert_eq!(end, last);
    let lines = json_lines(lines);
    assert_eq!(lines[0]["type"], "performance");
    for field in [
        "profile",
        "auto_profile",
        "source",
        "worker_threads",
        "hash_chunk_bytes",
    ] {
        assert!(lines[0].get(field).is_some(), "{field} in {}", lines[0]);
    }
    assert!(lines.len() > 1);
    for line in &lines[1..] {
        assert_eq!(line["type"], "progress");
        assert!(line["files_total"].is_u64() && line["phase"].is_string());
    }
    lines
}

#[test]
fn flags_stand_without_a_subcommand_of_their_own() {
    let lab = Lab::with_files();
    let mount = lab.drive.to_str().unwrap();
    let done = "Done — total files: 5 — AV files: 3 — duration: 00:00:00";
    let flags = ["scan-drive", "--label", "Test", "--mount", mount];
    let lines = check(&lab.ok(&flags), done);
    assert_eq!(lines[1]["phase"], "enumerating");
    let inventory = [&flags[..], &["--inventory-only"]].concat();
    check(
        &lab.ok(&inventory),
        "Inventory done — total files: 5 — video: 2 — audio: 1 — image: 0 — duration: 00:00:00",
    );
    assert_eq!(lab.search(&["brazil"])["total_matched"], 1);
}

#[test]
fn label_folder_and_catalogue_may_stand_without_flags() {
    let lab = Lab::with_files();
    lab.ok(&["scan-drive", "Test", "drive"]);
    assert_eq!(lab.search(&["brazil"])["total_matched"], 1);
    let catalog = lab.base().join("other.db");
    lab.ok(&["scan-drive", "--label", "Second", "drive/Films", "other.db"]);
    assert!(catalog.exists());
    let said = lab.fails(2, &["scan-drive", "--mount", "drive"]);
    assert!(said.contains("--label and --mount are required"), "{said}");
    let said = lab.fails(
        2,
        &[
            "scan-drive",
            "--label",
            "L",
            "--mount",
            "drive",
            "c.db",
            "more",
        ],
    );
    assert!(said.contains("too many arguments"), "{said}");
}

#[test]
fn the_program_answers_to_its_older_names() {
    let lab = Lab::with_files();
    for (name, label) in [("scan_drive", "One"), ("scan-drive", "Two")] {
        let folder = lab.base().join(name);
        std::fs::create_dir(&folder).unwrap();
        let program = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        std::fs::hard_link(env!("CARGO_BIN_EXE_videocatalog"), &program)
            .or_else(|_| std::fs::copy(env!("CARGO_BIN_EXE_videocatalog"), &program).map(|_| ()))
            .unwrap();
        let mut command = lab.program(&program);
        command.env("VIDEOCATALOG_HOME", &lab.home).args([
            "--label",
            label,
            "--mount",
            "drive",
            "--accept-drive",
        ]);
        check(
            &finish(command),
            "Done — total files: 5 — AV files: 3 — duration: 00:00:00",
        );
    }
    assert_eq!(lab.search(&["brazil"])["total_matched"], 2);
}

#[test]
fn every_flag_of_a_scan_is_taken() {
    let lab = Lab::with_files();
    let mount = lab.drive.to_str().unwrap();
    let flags = format!(
        "scan-drive --label Test --mount {mount} --verbose --debug --batch-files 10 --batch-seconds 1 --queue-max 200
         --skip-hidden --skip-glob *.tmp --skip-glob *.bak --follow-symlinks --long-paths auto --op-timeout 20
         --full-rescan --no-resume --checkpoint-seconds 2 --perf-profile SSD --perf-threads 2 --perf-chunk 65536
         --perf-ffmpeg 1 --no-perf-gentle-io"
    );
    let flags: Vec<&str> = flags.split_whitespace().collect();
    let lines = check(
        &lab.ok(&flags),
        "Done — total files: 5 — AV files: 3 — duration: 00:00:00",
    );
    let performance = &lines[0];
    assert_eq!(performance["worker_threads"], 2);
    assert_eq!(performance["hash_chunk_bytes"], 65_536);
    assert_eq!(performance["ffmpeg_parallel"], 1);
    assert_eq!(performance["gentle_io"], false);
    lab.ok(&[
        "scan-drive",
        "Test",
        "drive",
        "--debug-slow-enumeration",
        "--perf-gentle-io",
    ]);
}

#[test]
fn meaning_is_searched_without_a_scan() {
    let lab = Lab::with_files();
    // Before anything is scanned or built there is nothing to be found, which is no failure.
    let ran = lab.ok(&["scan-drive", "--semantic-query", "cats"]);
    assert!(ran.stderr.contains("no semantic index yet"), "{ran:?}");
    lab.ok(&["scan-drive", "Test", "drive"]);
    let ran = lab.ok(&["scan-drive", "--semantic-index", "build"]);
    assert!(
        ran.stdout.contains("5 files of 1 drive, 5 embedded"),
        "{ran:?}"
    );
    let ran = lab.ok(&["scan-drive", "--semantic-index", "build"]);
    assert!(ran.stdout.contains("0 embedded, 5 as they were"), "{ran:?}");
    let ran = lab.ok(&["scan-drive", "--semantic-index", "rebuild"]);
    assert!(ran.stdout.contains("5 embedded"), "{ran:?}");
    let files = lab.ok(&["search", "--jsonl"]).stdout;
    let file: serde_json::Value = serde_json::from_str(files.lines().next().unwrap()).unwrap();
    let name = file["name"].as_str().unwrap();
    for hybrid in [&[][..], &["--hybrid"]] {
        let asked = [
            &["scan-drive", "--label", "Test", "--semantic-query", name],
            hybrid,
        ]
        .concat();
        let ran = lab.ok(&asked);
        let first = ran.stdout.lines().nth(1).unwrap();
        assert!(first.starts_with("[1] ") && first.contains(name), "{ran:?}");
        assert!(first.contains(" Test :: "), "{first}");
    }
    let ran = lab.ok(&["scan-drive", "--transcribe"]);
    assert!(ran.stdout.contains("0 files with words"), "{ran:?}");
    assert!(
        ran.stderr.contains("no speech was turned into text"),
        "{ran:?}"
    );
    lab.fails(
        2,
        &["scan-drive", "--semantic-index", "build", "--transcribe"],
    );
    lab.fails(2, &["scan-drive", "--hybrid", "Test", "drive"]);
    lab.fails(
        2,
        &["scan-drive", "--semantic-query", "x", "--label", "Nobody"],
    );
}

#[test]
fn a_phase_that_is_off_forbids_its_part() {
    let lab = Lab::with_files();
    for (part, asked) in [
        ("index", &["--semantic-index", "build"]),
        ("search", &["--semantic-query", "x"]),
    ] {
        let key = format!("semantic.{part}_phase");
        lab.ok(&["settings", "set", &key, "off"]);
        let said = lab.fails(3, &[&["scan-drive"][..], asked].concat());
        assert!(said.contains(&format!("`{key}` is off")), "{said}");
    }
    lab.ok(&["settings", "set", "semantic.transcribe_phase", "off"]);
    lab.fails(3, &["scan-drive", "--transcribe"]);
    lab.fails(3, &["semantic", "transcribe"]);
}

#[test]
fn a_card_that_is_demanded_and_missing_is_told() {
    let lab = Lab::with_files();
    let models = lab.home.join("models");
    std::fs::create_dir_all(&models).unwrap();
    let model = videocatalog_testkit::onnx::mean_color();
    std::fs::write(models.join("mobilenetv3-small.onnx"), model).unwrap();
    let scan = [
        "scan-drive",
        "Test",
        "drive",
        "--light-analysis",
        "--gpu-policy",
    ];
    for (policy, is_told) in [("FORCE_GPU", true), ("AUTO", false), ("cpu_only", false)] {
        let ran = lab.ok(&[&scan[..], &[policy]].concat());
        let said = "GPU: FORCE_GPU requested but no compatible provider found — using CPU";
        assert_eq!(ran.stderr.contains(said), is_told, "{policy}: {ran:?}");
        assert!(ran.stdout.contains("provider: CPU"), "{ran:?}");
    }
    lab.fails(2, &[&scan[..], &["SOMETIMES"]].concat());
}
