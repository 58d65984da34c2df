//! `settings`: show, get, set, schema, path.

use serde_json::json;

use crate::lab::Lab;

#[test]
fn a_setting_is_saved_and_read_back() {
    let lab = Lab::new();
    let path = lab.ok(&["settings", "path"]).stdout;
    assert_eq!(
        path.trim_end(),
        lab.home.join("settings.json").to_str().unwrap()
    );
    let get = |key: &str| lab.ok(&["settings", "get", key]).stdout;
    assert_eq!(get("robust.batch_files"), "1000\n");
    lab.ok(&["settings", "set", "robust.batch_files", "250"]);
    assert_eq!(get("robust.batch_files"), "250\n");
    lab.ok(&["settings", "set", "performance.profile", "ssd"]);
    assert_eq!(get("performance.profile"), "SSD\n");
    let shown = lab.ok(&["settings", "show"]).json();
    assert_eq!(shown["robust"]["batch_files"], 250);
    assert_eq!(shown["performance"]["profile"], "SSD");
}

#[test]
fn settings_reach_the_scan_and_flags_overrule_them() {
    let lab = Lab::with_files();
    lab.ok(&["settings", "set", "performance.profile", "NETWORK"]);
    lab.ok(&["settings", "set", "robust.skip_globs", r#"["*.pdf"]"#]);
    let summary = lab.scan(&["--json"]).json();
    assert_eq!(summary["performance"]["profile"], "NETWORK");
    assert_eq!(summary["total_files"], 4);
    let summary = lab
        .scan(&["--json", "--perf-profile", "usb", "--skip-glob", "*.mp3"])
        .json();
    assert_eq!(summary["performance"]["profile"], "USB");
    assert_eq!(
        (&summary["total_files"], &summary["skipped_ignored"]),
        (&json!(4), &json!(1))
    );
}

#[test]
fn what_cannot_be_a_setting_is_refused() {
    let lab = Lab::new();
    for (arguments, expected) in [
        (
            &["get", "robust.batch_file"][..],
            "did you mean `robust.batch_files`?",
        ),
        (
            &["set", "robust.batch_file", "3"],
            "did you mean `robust.batch_files`?",
        ),
        (
            &["get", "nothing like it"],
            "there is no setting `nothing like it`",
        ),
        (
            &["set", "robust.batch_files", "many"],
            "a whole number from 1 to",
        ),
        (
            &["set", "robust.batch_files", "-5"],
            "a whole number from 1 to",
        ),
        (
            &["set", "robust.batch_files", "99999999999"],
            "a whole number from 1 to",
        ),
        (&["set", "performance.profile", "FLOPPY"], "`AUTO`"),
        (
            &["set", "robust.skip_hidden", "perhaps"],
            "`true` or `false`",
        ),
    ] {
        let arguments: Vec<&str> = ["settings"].iter().chain(arguments).copied().collect();
        let said = lab.fails(2, &arguments);
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
    assert!(!lab.home.join("settings.json").exists());
}

#[test]
fn the_schema_describes_the_keys() {
    let lab = Lab::new();
    let schema = lab.ok(&["settings", "schema"]).json();
    assert!(schema["properties"]["robust"]["properties"]["batch_files"].is_object());
}

#[test]
fn what_others_wrote_into_the_file_survives() {
    let lab = Lab::new();
    std::fs::create_dir_all(&lab.home).unwrap();
    let file = lab.home.join("settings.json");
    std::fs::write(
        &file,
        r#"{"zebra": 1, "robust": {"own": "kept"}, "apple": [2]}"#,
    )
    .unwrap();
    lab.ok(&["settings", "set", "robust.batch_files", "7"]);
    let text = std::fs::read_to_string(&file).unwrap();
    let saved: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&saved["zebra"], &saved["robust"]["own"]),
        (&json!(1), &json!("kept"))
    );
    assert!(
        text.find("zebra").unwrap() < text.find("apple").unwrap(),
        "{text}"
    );
}

#[test]
fn a_broken_file_is_reported_and_kept() {
    let lab = Lab::with_files();
    std::fs::create_dir_all(&lab.home).unwrap();
    std::fs::write(lab.home.join("settings.json"), "{ not json").unwrap();
    let ran = lab.scan(&["--json"]);
    assert!(ran.stderr.contains("warning: "), "{ran:?}");
    let kept = std::fs::read_dir(&lab.home)
        .unwrap()
        .any(|entry| std::fs::read(entry.unwrap().path()).is_ok_and(|text| text == b"{ not json"));
    assert!(kept, "the user's text is still somewhere");
}

#[test]
fn a_secret_is_not_shown() {
    let lab = Lab::new();
    lab.ok(&["settings", "set", "api.api_key", "very-secret"]);
    let shown = lab.ok(&["settings", "show"]);
    assert!(!shown.stdout.contains("very-secret"), "{shown:?}");
    assert_eq!(shown.json()["api"]["api_key"], "********");
}
