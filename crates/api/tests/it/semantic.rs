//! Search by meaning over HTTP: it finds, it is forbidden where the settings say so, reading writes nothing.

use std::sync::Arc;

use videocatalog_core::settings::{Gate, Settings};

use crate::lab::{KEY, LIMIT, Lab};

#[test]
fn what_was_built_is_found_and_looking_writes_nothing() {
    let lab = Lab::new();
    let served = lab.serve();
    let index = lab.workdir().root().join("semantic_index.db");
    let before = served.ok("/v1/semantic/search?q=clip").json();
    assert_eq!(before["results"].as_array().unwrap().len(), 0);
    assert!(before["warnings"][0].as_str().unwrap().contains("build"));
    served.ok("/v1/semantic/index");
    assert!(!index.exists());

    let built = served
        .post("/v1/semantic/index", r#"{"mode": "build"}"#)
        .json();
    assert!(built["stats"]["updated"].as_u64().unwrap() >= 12);
    let again = served.post("/v1/semantic/index", "{}").json();
    assert_eq!(again["stats"]["updated"], 0);
    assert_eq!(again["stats"]["skipped"], built["stats"]["processed"]);
    for mode in ["ann", "text", "hybrid", "auto"] {
        let target = format!("/v1/semantic/search?q=movies+clip&mode={mode}&drive_label=Media");
        let found = served.ok(&target).json();
        let first = &found["results"][0];
        assert_eq!(first["rel_path"], "Movies/clip.mp4", "{mode}: {found}");
        assert!(first["score"].as_f64().unwrap() > 0.0);
        assert!(!first["why"].as_array().unwrap().is_empty());
    }
    // Whatever SQLite would take for its own language.
    for q in [
        "%22",
        "%22*%22",
        "a+AND+(",
        "NEAR(a+b)",
        "%00",
        "content:x",
        "x*",
        "-",
        "%F0%9F%8E%A5",
    ] {
        for mode in ["text", "hybrid"] {
            served.ok(&format!("/v1/semantic/search?q={q}&mode={mode}"));
        }
    }
    let filtered = served
        .ok("/v1/semantic/search?q=clip+ext:apk&mode=hybrid")
        .json();
    for hit in filtered["results"].as_array().unwrap() {
        assert_eq!(hit["metadata"]["extension"], "apk");
    }
    let key = [("X-API-Key", KEY)];
    assert_eq!(
        served
            .ask("GET", "/v1/semantic/search?q=x&drive_label=No", &key)
            .status,
        404
    );
    assert_eq!(
        served
            .ask("GET", "/v1/semantic/search?q=x+size:%3Cnonsense", &key)
            .status,
        400
    );
    assert_eq!(served.ask("GET", "/v1/semantic/search", &key).status, 400);
}

#[test]
fn a_build_can_go_on_by_itself() {
    let lab = Lab::new();
    let served = lab.serve();
    let begun = served.post("/v1/semantic/index?async=true", r#"{"mode": "rebuild"}"#);
    assert_eq!(begun.status, 202);
    let poll = begun.json()["poll"].as_str().unwrap().to_owned();
    let since = std::time::Instant::now();
    loop {
        let job = served.ok(&poll).json();
        if job["state"] == "done" {
            assert!(job["stats"]["updated"].as_u64().unwrap() > 0);
            break;
        }
        assert_eq!(job["state"], "running", "{job}");
        assert!(since.elapsed() < LIMIT);
    }
    let key = [("X-API-Key", KEY)];
    // What is done may be stopped as well; that changes nothing.
    assert_eq!(served.ask("DELETE", &poll, &key).status, 200);
    assert_eq!(served.ok(&poll).json()["state"], "done");
    assert_eq!(
        served.ask("DELETE", "/v1/semantic/jobs?id=99", &key).status,
        404
    );
    let none = "/v1/semantic/transcript?drive_label=Media&file_id=1";
    assert_eq!(served.ask("GET", none, &key).status, 404);
    assert_eq!(
        served.ask("GET", "/v1/semantic/jobs?id=99", &key).status,
        404
    );
    assert_eq!(
        served.ask("GET", "/v1/semantic/jobs?id=x", &key).status,
        400
    );
}

#[test]
fn what_settings_forbid_is_a_conflict() {
    let lab = Lab::new();
    let mut settings = Settings::default();
    settings.semantic.index_phase = Gate::Off;
    settings.semantic.search_phase = Gate::Off;
    settings.semantic.transcribe_phase = Gate::Off;
    let served = lab.serve_with(|config| config.settings = Arc::new(settings));
    let key = [("X-API-Key", KEY)];
    assert_eq!(
        served
            .post("/v1/semantic/index", r#"{"mode": "build"}"#)
            .status,
        409
    );
    assert_eq!(served.post("/v1/semantic/transcribe", "").status, 409);
    assert_eq!(
        served.ask("GET", "/v1/semantic/search?q=x", &key).status,
        409
    );
    served.ok("/v1/semantic/index");
}
