use serde_json::json;

use super::*;

mod files;

fn document(value: Value) -> Document {
    match value {
        Value::Object(document) => document,
        _ => panic!("not an object"),
    }
}

#[test]
fn every_declaration_is_sound() {
    let mut seen = Vec::new();
    for key in keys() {
        assert!(!seen.contains(&key.path()), "{} twice", key.path());
        seen.push(key.path());
        assert!(
            key.doc().ends_with('.') && !key.doc().contains("  "),
            "{}",
            key.path()
        );
        let default = key.default_value();
        assert_eq!(
            key.check(key.path(), &default),
            (default, None),
            "{}",
            key.path()
        );
        assert!(find(key.path()).is_some());
    }
    assert_eq!(
        Settings::default(),
        Settings::from_document(&document(json!({}))).0
    );
}

#[test]
fn defaults() {
    let defaults = Settings::default();
    assert_eq!(defaults.performance.profile, ProfileChoice::Auto);
    assert_eq!(defaults.performance.worker_threads, None);
    assert_eq!(defaults.robust.batch_files, 1_000);
    assert!((defaults.robust.batch_seconds - 2.0).abs() < f64::EPSILON);
    assert_eq!(defaults.robust.max_missing_percent, 30);
    assert!(defaults.robust.sniff_unknown);
    assert_eq!(defaults.fingerprints.phase_mode, PhaseMode::PostScan);
    assert_eq!(defaults.semantic.search_phase, Gate::Enabled);
    assert_eq!(defaults.semantic.hybrid_weight, None);
    assert_eq!(
        defaults.semantic.transcribe.language.as_deref(),
        None::<&str>
    );
    assert_eq!(defaults.light_analysis.captions.max_length, 64);
    assert_eq!(defaults.light_analysis.ann.backend, AnnBackend::Auto);
    assert_eq!(defaults.gpu.policy, GpuPolicy::Auto);
    assert_eq!(defaults.api.port, 8_756);
    assert_eq!(
        defaults.api.cors_origins,
        ["http://localhost", "http://127.0.0.1"]
    );
    assert_eq!(defaults.logs.max_bytes, 10_485_760);
    assert!(defaults.tools.is_empty());
}

/// Checks the value in force for what is found, and whether it is reported.
#[track_caller]
fn check(path: &str, found: &Value, used: &Value, is_reported: bool) {
    let mut document = Document::new();
    put(&mut document, path, found.clone());
    assert_eq!(&get(&document, path).unwrap(), used, "{path}: {found}");
    let warnings = Settings::from_document(&document).1;
    assert_eq!(
        warnings.len(),
        usize::from(is_reported),
        "{path}: {warnings:?}"
    );
    for warning in warnings {
        assert!(warning.contains(&format!("`{path}`")), "{warning}");
    }
}

#[test]
#[rustfmt::skip]
fn clamps_of_scanning() {
    for (path, found, used, is_reported) in [
        ("performance.profile", json!("ssd"), json!("SSD"), false),
        ("performance.profile", json!("fast"), json!("AUTO"), true),
        ("performance.worker_threads", json!(65), json!(64), true),
        ("performance.worker_threads", json!(0), json!(null), true),
        ("performance.worker_threads", json!(null), json!(null), false),
        ("performance.hash_chunk_bytes", json!(1), json!(65_536), true),
        ("performance.hash_chunk_bytes", json!(-1), json!(null), true),
        ("performance.ffmpeg_parallel", json!(-3), json!(null), true),
        ("performance.gentle_io", json!("Yes"), json!(true), false),
        ("performance.gentle_io", json!("off"), json!(false), false),
        ("performance.gentle_io", json!(1), json!(true), false),
        ("performance.gentle_io", json!("maybe"), json!(null), true),
        ("robust.batch_files", json!(0), json!(1), true),
        ("robust.batch_files", json!(2_000.0), json!(2_000), false),
        ("robust.batch_files", json!(2.9), json!(2), true),
        ("robust.batch_files", json!("50"), json!(50), true),
        ("robust.batch_files", json!(true), json!(1_000), true),
        ("robust.batch_seconds", json!(2), json!(2), false),
        ("robust.batch_seconds", json!(0.1), json!(0.5), true),
        ("robust.batch_seconds", json!(1e300), json!(3_600.0), true),
        ("robust.batch_seconds", json!("1.5"), json!(1.5), true),
        ("robust.batch_seconds", json!("NaN"), json!(2.0), true),
        ("robust.queue_max", json!(99), json!(100), true),
        ("robust.queue_max", json!(u64::MAX), json!(1_000_000), true),
        ("robust.queue_max", json!(1e30), json!(1_000_000), true),
        ("robust.skip_hidden", json!("true"), json!(true), true),
        ("robust.skip_hidden", json!([]), json!(false), true),
        ("robust.ignore", json!([" *.tmp ", ""]), json!(["*.tmp"]), false),
        ("robust.ignore", json!(["a", 1]), json!(["a"]), true),
        ("robust.ignore", json!("*.tmp"), json!(["*.tmp"]), true),
        ("robust.skip_globs", json!(3), json!([]), true),
        ("robust.long_paths", json!("FORCE"), json!("force"), false),
        ("robust.long_paths", json!("never"), json!("auto"), true),
        ("robust.op_timeout_s", json!(4), json!(5), true),
        ("robust.op_timeout_s", json!(i64::MAX), json!(86_400), true),
        ("robust.max_missing_percent", json!(101), json!(100), true),
        ("robust.checkpoint_seconds", json!(0), json!(1), true),
        ("maintenance.busy_timeout_ms", json!("x"), json!(5_000), true),
        ("maintenance.vacuum_free_bytes_min", json!(-1), json!(0), true),
        ("maintenance.backup_keep_count", json!(-1), json!(0), true),
    ] {
        check(path, &found, &used, is_reported);
    }
}

#[test]
#[rustfmt::skip]
fn clamps_of_analysis() {
    for (path, found, used, is_reported) in [
        ("fingerprints.phase_mode", json!("later"), json!("off"), true),
        ("fingerprints.phase_mode", json!(7), json!("off"), true),
        ("fingerprints.phase_mode", json!(null), json!("post-scan"), false),
        ("fingerprints.max_concurrency", json!(0), json!(1), true),
        ("fingerprints.batch_size", json!(0), json!(1), true),
        ("fingerprints.io_gentle_ms", json!(-1), json!(0), true),
        ("fingerprints.tmk_bin_path", json!(" "), json!(null), false),
        ("fingerprints.tmk_similarity_threshold", json!(2), json!(1.0), true),
        ("semantic.index_phase", json!("OFF"), json!("off"), false),
        ("semantic.vector_dim", json!(0), json!(256), true),
        ("semantic.vector_dim", json!(null), json!(256), false),
        ("semantic.hybrid_weight", json!(0), json!(0), false),
        ("semantic.hybrid_weight", json!(-0.5), json!(0.0), true),
        ("semantic.hybrid_weight", json!(7), json!(1.0), true),
        ("semantic.hybrid_weight", json!(null), json!(null), false),
        ("semantic.rebuild_chunk", json!(-5), json!(500), true),
        ("semantic.transcribe.engine", json!(""), json!("whisper"), true),
        ("light_analysis.max_video_frames", json!(0), json!(1), true),
        ("light_analysis.transcription.beam_size", json!(0), json!(1), true),
        ("light_analysis.captions.max_length", json!(1), json!(16), true),
        ("light_analysis.ann.backend", json!("scann"), json!("auto"), true),
        ("gpu.policy", json!("cpu_only"), json!("CPU_ONLY"), false),
        ("gpu.policy", json!("MAYBE"), json!("AUTO"), true),
        ("gpu.min_free_vram_mb", json!(-1), json!(0), true),
        ("gpu.max_gpu_workers", json!(0), json!(1), true),
    ] {
        check(path, &found, &used, is_reported);
    }
}

#[test]
#[rustfmt::skip]
fn clamps_of_services() {
    for (path, found, used, is_reported) in [
        ("api.port", json!(65_536), json!(8_756), true),
        ("api.port", json!(-1), json!(8_756), true),
        ("api.api_key", json!(" k "), json!("k"), false),
        ("api.api_key", json!(""), json!(null), false),
        ("api.default_limit", json!(0), json!(100), true),
        ("api.max_page_size", json!(-1), json!(500), true),
        ("logs.keep_files", json!({}), json!(5), true),
        ("tools.ffmpeg.path", json!(5), json!(null), true),
    ] {
        check(path, &found, &used, is_reported);
    }
}

#[test]
fn warnings_say_what_was_found_and_what_is_used() {
    for (found, expected) in [
        (
            json!({"robust": {"queue_max": 5}}),
            "`robust.queue_max` is `5`, below the least value 100; `100` is used",
        ),
        (
            json!({"performance": {"worker_threads": -1}}),
            "`performance.worker_threads` is `-1`, below the least value 1; it counts as not set",
        ),
        (
            json!({"fingerprints": {"phase_mode": "later"}}),
            "`fingerprints.phase_mode` is `\"later\"`, not `off`, `during-scan` or `post-scan`; `\"off\"` is used",
        ),
        (
            json!({"api": {"api_key": 12345}}),
            "`api.api_key` is a number, not a text; it counts as not set",
        ),
        (
            json!({"semantic": {"index": []}}),
            "`semantic.index` is a list, not an object; its defaults are used",
        ),
        (
            json!({"tools": {"ffmpeg": "/usr/bin"}}),
            "`tools.ffmpeg` is `\"/usr/bin\"`, not an object with a `path`; it counts as not set",
        ),
        (
            json!({"api": {"max_page_size": 50, "default_limit": 60}}),
            "`api.default_limit` is 60, above `api.max_page_size`; 50 is used",
        ),
    ] {
        let (_, warnings) = Settings::from_document(&document(found));
        assert_eq!(warnings, [expected]);
    }
}

#[test]
fn the_page_size_bounds_the_default_silently() {
    let (settings, warnings) = Settings::from_document(&document(json!({
        "api": {"max_page_size": 50, "default_limit": 100}
    })));
    assert_eq!(settings.api.default_limit, 50);
    assert_eq!(warnings, [""; 0]);
}

#[test]
fn hostile_and_long_values_are_shown_tamely() {
    let (_, warnings) = Settings::from_document(&document(json!({
        "robust": {"long_paths": format!("\u{202e}{}", "x".repeat(500))}
    })));
    assert!(
        warnings[0].len() < 250 && !warnings[0].contains('\u{202e}'),
        "{warnings:?}"
    );
}

#[test]
fn secrets_are_not_shown() {
    let (settings, _) = Settings::from_document(&document(json!({"api": {"api_key": "hush"}})));
    assert_eq!(settings.api.api_key, Some(Secret::new("hush")));
    assert!(!format!("{settings:?}").contains("hush"));
    assert_eq!(
        settings.api.api_key.as_ref().map(Secret::expose),
        Some("hush")
    );
}

#[test]
fn tools_are_a_map() {
    let (settings, warnings) = Settings::from_document(&document(json!({
        "tools": {"ffmpeg": {"path": "C:/ff"}, "smartctl": {"path": null}, "mediainfo": {}, "x": null}
    })));
    assert_eq!(warnings, [""; 0]);
    assert_eq!(
        settings.tools,
        [("ffmpeg".to_owned(), PathBuf::from("C:/ff"))].into()
    );
}

#[test]
fn looking_up() {
    let document = document(json!({
        "robust": {"queue_max": 7, "mine": 1}, "mine": {"a": 2}, "tools": {"ffmpeg": {"path": "/f"}}
    }));
    let get = |path: &str| get(&document, path);
    for (path, expected) in [
        ("robust.queue_max", json!(100)),
        ("robust.batch_files", json!(1_000)),
        ("robust.mine", json!(1)),
        ("mine.a", json!(2)),
        ("mine", json!({"a": 2})),
        ("tools.ffmpeg.path", json!("/f")),
        ("tools.fpcalc.path", json!(null)),
        ("tools", json!({"ffmpeg": {"path": "/f"}})),
        ("logs", json!({"max_bytes": 10_485_760, "keep_files": 5})),
    ] {
        assert_eq!(get(path).unwrap(), expected, "{path}");
    }
    let robust = get("robust").unwrap();
    assert_eq!(robust["mine"], 1);
    assert_eq!(robust["queue_max"], 100);
    assert_eq!(get("semantic").unwrap()["models"]["reranker"], Value::Null);
    let error = get("robust.quue_max").unwrap_err();
    assert_eq!(error.to_string(), "there is no setting `robust.quue_max`");
    assert_eq!(error.hint(), "did you mean `robust.queue_max`?");
}

#[test]
fn typed_texts() {
    let parsed = |path: &str, text: &str| {
        find(path)
            .unwrap()
            .parse(path, text)
            .map_err(|error| error.to_string())
    };
    for (path, text, expected) in [
        ("robust.queue_max", " 500 ", json!(500)),
        ("robust.batch_seconds", "2", json!(2.0)),
        ("robust.skip_hidden", "yes", json!(true)),
        ("performance.gentle_io", "0", json!(false)),
        ("performance.worker_threads", "null", json!(null)),
        ("performance.profile", "hdd", json!("HDD")),
        (
            "robust.ignore",
            "*.tmp, Thumbs.db",
            json!(["*.tmp", "Thumbs.db"]),
        ),
        (
            "robust.ignore",
            "*.{a,b},[x,y]z",
            json!(["*.{a,b}", "[x,y]z"]),
        ),
        ("robust.ignore", r#"["a,b"]"#, json!(["a,b"])),
        ("robust.ignore", "", json!([])),
        ("api.host", " ::1 ", json!("::1")),
        ("api.api_key", "", json!(null)),
        ("tools.ffmpeg.path", "C:\\ff mpeg", json!("C:\\ff mpeg")),
    ] {
        assert_eq!(parsed(path, text), Ok(expected), "{path} {text}");
    }
    for (path, text, expected) in [
        (
            "robust.queue_max",
            "5",
            "`robust.queue_max` cannot be `5`: it takes a whole number from 100 to 1000000",
        ),
        (
            "robust.queue_max",
            "many",
            "`robust.queue_max` cannot be `many`: it takes a whole number from 100 to 1000000",
        ),
        (
            "robust.batch_seconds",
            "inf",
            "`robust.batch_seconds` cannot be `inf`: it takes a number from 0.5 to 3600",
        ),
        (
            "fingerprints.phase_mode",
            "later",
            "`fingerprints.phase_mode` cannot be `later`: it takes `off`, `during-scan` or `post-scan`",
        ),
        (
            "robust.skip_hidden",
            "null",
            "`robust.skip_hidden` cannot be `null`: it takes `true` or `false`",
        ),
        (
            "robust.ignore",
            "[1]",
            "`robust.ignore` cannot be `[1]`: it takes a list of texts",
        ),
        (
            "performance.worker_threads",
            "0",
            "`performance.worker_threads` cannot be `0`: it takes a whole number from 1 to 64",
        ),
    ] {
        assert_eq!(parsed(path, text), Err(expected.to_owned()));
    }
}

#[test]
fn missing_keys_are_filled_in() {
    let workdir = crate::workdir::WorkingDir::new("/w");
    let mut filled = document(json!({
        "mine": 1, "robust": {"queue_max": 7}, "gpu": null, "logs": 5
    }));
    back_fill(&mut filled, &workdir);
    assert_eq!(
        filled.keys().take(4).collect::<Vec<_>>(),
        ["mine", "robust", "gpu", "logs"]
    );
    assert_eq!(filled["robust"]["queue_max"], 7);
    assert_eq!(filled["robust"]["batch_files"], 1_000);
    assert_eq!(filled["gpu"]["policy"], "AUTO");
    assert_eq!(filled["logs"], 5);
    assert_eq!(filled["performance"], json!({"profile": "AUTO"}));
    assert_eq!(filled["working_dir"], "/w");
    for absent in [
        "catalog_db",
        "tools",
        "semantic.hybrid_weight",
        "maintenance.last_run_utc",
    ] {
        assert_eq!(tree::lookup(&filled, absent), None, "{absent}");
    }
    let again = filled.clone();
    back_fill(&mut filled, &crate::workdir::WorkingDir::new("/other"));
    assert_eq!(filled, again);

    let mut fresh = Document::new();
    back_fill(&mut fresh, &workdir);
    let (settings, warnings) = Settings::from_document(&fresh);
    assert_eq!(warnings, [""; 0]);
    assert_eq!(
        settings,
        Settings {
            working_dir: Some("/w".into()),
            ..Settings::default()
        }
    );
}

#[test]
fn the_schema_knows_every_key() {
    let schema = json_schema();
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    for key in keys() {
        let mut place = &schema;
        for name in key.path().split('.') {
            place = if name == sections::ANY_NAME {
                &place["additionalProperties"]
            } else {
                &place["properties"][name]
            };
        }
        assert_eq!(place["description"], key.doc(), "{}", key.path());
        assert_eq!(place["default"], key.default_value(), "{}", key.path());
    }
    let queue = &schema["properties"]["robust"]["properties"]["queue_max"];
    assert_eq!(queue["type"], json!(["integer", "null"]));
    assert_eq!(queue["minimum"], 100);
    assert_eq!(schema["properties"]["tools"]["properties"], Value::Null);
}
