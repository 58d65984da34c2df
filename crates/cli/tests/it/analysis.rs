//! `analyze`, `similar`, `models`, and light analysis by the older flags.

use videocatalog_testkit::{media, onnx};

use crate::lab::{Lab, fetched, with_tools};

fn lab() -> Lab {
    let lab = Lab::new();
    std::fs::create_dir_all(&lab.drive).unwrap();
    media::video(&lab.drive.join("film.mkv"), 4).unwrap();
    media::image(&lab.drive.join("picture.png")).unwrap();
    std::fs::copy(lab.drive.join("picture.png"), lab.drive.join("copy.png")).unwrap();
    lab
}

fn put_model(lab: &Lab, bytes: &[u8]) {
    let models = lab.home.join("models");
    std::fs::create_dir_all(&models).unwrap();
    std::fs::write(models.join("mobilenetv3-small.onnx"), bytes).unwrap();
}

#[test]
fn what_was_analysed_has_look_alikes() {
    let lab = lab();
    lab.scan(&["--media", "headers"]);
    let ran = with_tools(&lab, &["analyze"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.stderr.contains("there is no model at"), "{ran:?}");
    let said = lab.fails(2, &["similar", "picture.png"]);
    assert!(
        said.contains("was not analysed") && said.contains("videocatalog analyze"),
        "{said}"
    );

    put_model(&lab, &onnx::mobilenet_v3_small(7));
    let ran = with_tools(&lab, &["analyze", "--label", "Test"]);
    assert!(
        ran.stdout.contains("Done: 3 of 3 files without a vector"),
        "{ran:?}"
    );
    let counted = "light analysis: 2 images, 1 videos, average dimension 1024 (provider: CPU, embedded, hwaccel off)";
    assert!(ran.stdout.contains(counted), "{ran:?}");
    let ran = with_tools(&lab, &["analyze", "--json"]);
    assert_eq!(ran.json()[0]["files"], 0);
    let alike = lab.ok(&["similar", "picture.png", "--json"]).json();
    assert_eq!(alike[0]["rel_path"], "copy.png");
    assert!(alike[0]["similarity"].as_f64().unwrap() > 0.999);
    let films = lab
        .ok(&["similar", "picture.png", "--kind", "video", "--json"])
        .json();
    assert_eq!(films[0]["rel_path"], "film.mkv");
    assert!(lab.ok(&["similar", "picture.png"]).stdout.contains("1.000"));
    let most = usize::MAX.to_string();
    let all = lab.ok(&["similar", "picture.png", "--limit", &most, "--json"]);
    assert_eq!(all.json().as_array().unwrap().len(), 2);
    let again = with_tools(
        &lab,
        &[
            "analyze",
            "--again",
            "--gpu-policy",
            "cpu_only",
            "--gpu-hwaccel",
            "--json",
        ],
    );
    let again = again.json();
    assert_eq!(
        (&again[0]["images"], &again[0]["hwaccel"]),
        (&2.into(), &false.into())
    );
}

#[test]
fn a_scan_analyses_when_asked_and_goes_on_without_a_model() {
    let lab = lab();
    let drive = lab.drive.to_str().unwrap().to_owned();
    let scan = ["scan-drive", "Test", &drive, "--light-analysis"];
    let ran = with_tools(&lab, &scan);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("light analysis is off"), "{ran:?}");
    let told = ran.stdout.lines().find_map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).ok()?;
        (line["type"] == "light_analysis_status").then_some(line)
    });
    let told = told.unwrap();
    assert_eq!(told["status"], "error");
    let message = told["message"].as_str().unwrap();
    assert!(message.starts_with("there is no model at"), "{told}");
    assert!(
        ran.stdout
            .contains("light analysis: skipped — there is no model"),
        "{ran:?}"
    );
    put_model(&lab, &onnx::mean_color());
    let ran = with_tools(&lab, &scan);
    assert!(
        ran.stdout
            .contains("light analysis: 2 images, 1 videos, average dimension 3"),
        "{ran:?}"
    );
    lab.ok(&["settings", "set", "light_analysis.enabled_default", "true"]);
    let ran = with_tools(&lab, &["scan-drive", "Test", &drive, "--no-light-analysis"]);
    assert!(!ran.stdout.contains("light analysis"), "{ran:?}");
    let ran = with_tools(&lab, &["scan", "--label", "Test", "--json"]);
    assert_eq!(ran.json()["light_analysis"]["status"], "ok");
}

#[test]
fn models_are_listed_and_tried() {
    let lab = lab();
    assert!(lab.ok(&["models", "list"]).stdout.contains("no models"));
    put_model(&lab, &onnx::mean_color());
    let checked = lab.ok(&["models", "check", "--json"]).json();
    assert_eq!(checked["models"][0]["tried"], "vectors of 3 numbers");
    put_model(&lab, b"no model");
    assert!(
        lab.ok(&["models", "list"])
            .stdout
            .contains("mobilenetv3-small")
    );
    let ran = with_tools(&lab, &["models", "check"]);
    assert_eq!(ran.code, Some(6));
    assert!(ran.stderr.contains("1 models cannot be used"), "{ran:?}");
    assert!(ran.stdout.contains("not a usable model"), "{ran:?}");
    // What settings name elsewhere is used as well.
    put_model(&lab, &onnx::mean_color());
    let elsewhere = lab.home.join("elsewhere.onnx");
    std::fs::write(&elsewhere, onnx::mobilenet_v3_small(1)).unwrap();
    let elsewhere = elsewhere.to_str().unwrap();
    lab.ok(&["settings", "set", "light_analysis.model_path", elsewhere]);
    let checked = lab.ok(&["models", "check", "--json"]).json();
    assert_eq!(checked["models"].as_array().unwrap().len(), 2);
    assert_eq!(checked["models"][1]["tried"], "vectors of 1024 numbers");
    let set = [
        "settings",
        "set",
        "semantic.models.text_embedder",
        "nothing",
    ];
    lab.ok(&set);
    let ran = lab.run(&["models", "check"]);
    assert_eq!(ran.code, Some(6), "{ran:?}");
    assert!(
        ran.stderr.contains("`semantic.models.text_embedder`"),
        "{ran:?}"
    );
}

#[test]
fn the_card_is_told_of_and_who_computes() {
    let lab = lab();
    let told = lab.ok(&["gpu", "--json"]).json();
    assert_eq!(told["policy"], "AUTO");
    assert_eq!(told["provider"], "CPU");
    assert_eq!(told["capabilities"]["cuda"]["works"], false);
    assert_eq!(
        told["checklist"]["driver"],
        told["capabilities"]["adapter"].is_object()
    );
    assert!(
        lab.ok(&["gpu"])
            .stdout
            .contains("provider: CPU (policy AUTO)")
    );
    lab.ok(&["settings", "set", "gpu.policy", "FORCE_GPU"]);
    let ran = lab.ok(&["gpu"]);
    let said = "GPU: FORCE_GPU requested but no compatible provider found — using CPU";
    assert!(ran.stdout.contains(said), "{ran:?}");
}

#[test]
fn ways_onto_a_card_are_tried_by_the_library_itself() {
    let Some(library) = fetched("libonnxruntime.so") else {
        return;
    };
    let lab = lab();
    let library = library.to_str().unwrap();
    let tried = |provider: &str| lab.ok(&["gpu", "--try-provider", provider, library]).json();
    assert_eq!(tried("CPU")["works"], true);
    // This one is built for the processor alone, and says so.
    let cuda = tried("CUDA");
    assert_eq!(cuda["works"], false);
    assert!(cuda["error"].as_str().unwrap().contains("CUDA"), "{cuda}");
    let broken = lab
        .ok(&["gpu", "--try-provider", "CPU", "/no/such/library.so"])
        .json();
    assert_eq!(broken["works"], false);
    // A scan uses it where the settings name it.
    put_model(&lab, &onnx::mobilenet_v3_small(7));
    lab.ok(&["settings", "set", "tools.onnxruntime.path", library]);
    lab.scan(&["--media", "headers"]);
    let ran = with_tools(&lab, &["analyze", "--json"]);
    let summary = ran.json();
    let runtime = summary[0]["runtime"].as_str().unwrap();
    assert!(runtime.starts_with("ONNX Runtime 1."), "{runtime}");
    assert_eq!(
        (&summary[0]["images"], &summary[0]["provider"]),
        (&2.into(), &"CPU".into())
    );
    let checked = lab.ok(&["models", "check", "--json"]).json();
    assert_eq!(checked["models"][0]["tried"], "vectors of 1024 numbers");
}
