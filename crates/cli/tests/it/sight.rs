//! `semantic frames`: what is to be seen is found by words, while the drive is away.

use videocatalog_testkit::{media, onnx};

use crate::lab::{Lab, with_tools};

#[test]
fn what_is_to_be_seen_is_found_with_its_time() {
    let lab = Lab::new();
    media::encode(
        &[
            "-f",
            "lavfi",
            "-i",
            "color=red:size=160x90:rate=5:duration=20",
            "-f",
            "lavfi",
            "-i",
            "color=blue:size=160x90:rate=5:duration=20",
            "-filter_complex",
            "[0][1]concat=n=2",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-g",
            "25",
        ],
        &lab.drive.join("Stripes.mkv"),
    )
    .unwrap();
    lab.scan(&["--media", "headers"]);
    let ran = with_tools(&lab, &["semantic", "frames"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(
        ran.stderr
            .contains("there is no model of pictures and texts"),
        "{ran:?}"
    );
    onnx::put_color_towers(&lab.home.join("models/colors")).unwrap();
    let ran = with_tools(&lab, &["semantic", "frames", "--label", "Test"]);
    assert!(
        ran.stdout
            .contains("0 images and 1 films looked at, 2 frames"),
        "{ran:?}"
    );
    let checked = lab.ok(&["models", "check", "--json"]).json();
    assert_eq!(checked["models"][0]["tried"], "vectors of 3 numbers");
    std::fs::rename(&lab.drive, lab.home.join("away")).unwrap();
    let found = lab.ok(&["semantic", "query", "blue", "--json"]).json();
    let why = &found["results"][0]["why"][0];
    assert_eq!(why["kind"], "seen", "{found}");
    assert!((20..40).contains(&why["at_s"].as_i64().unwrap()), "{found}");
    let ran = lab.ok(&["semantic", "query", "blue"]);
    assert!(ran.stdout.contains("seen at 00:00:3"), "{ran:?}");
    std::fs::rename(lab.home.join("away"), &lab.drive).unwrap();
    let ran = with_tools(&lab, &["semantic", "frames", "--json"]);
    assert_eq!(ran.json()[0]["files"], 0, "{ran:?}");
}
