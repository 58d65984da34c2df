//! `semantic transcribe`: a real recording, a real film made of it, a real Whisper; and what is told where there is none.

use std::path::Path;

use videocatalog_testkit::media;

use crate::lab::{Lab, fetched, with_tools};

fn put_model(lab: &Lab, name: &str, file: &Path) {
    let models = lab.home.join("models");
    std::fs::create_dir_all(&models).unwrap();
    std::fs::hard_link(file, models.join(name))
        .or_else(|_| std::fs::copy(file, models.join(name)).map(drop))
        .unwrap();
}

/// What was heard of `Holiday.mkv` is printed in every form.
#[cfg(feature = "whisper")]
fn is_printed(lab: &Lab) {
    let ran = lab.ok(&["semantic", "transcript", "Holiday.mkv"]);
    assert!(ran.stdout.starts_with("00:01:0"), "{ran:?}");
    let ran = lab.ok(&["semantic", "transcript", "Holiday.mkv", "--format", "srt"]);
    assert!(ran.stdout.starts_with("1\n00:01:0"), "{ran:?}");
    assert!(ran.stdout.contains(" --> 00:01:"), "{ran:?}");
    let heard = lab
        .ok(&["semantic", "transcript", "Holiday.mkv", "--format", "json"])
        .json();
    let words = heard["segments"][0]["words"].as_array().unwrap();
    assert!(
        words
            .iter()
            .all(|word| word["start_ms"].as_i64().unwrap() >= 60_000)
    );
    assert!(words.len() > 3, "{heard}");
    let ran = lab.ok(&["info", "Holiday.mkv"]);
    assert!(ran.stdout.contains("heard by ggml-tiny.en"), "{ran:?}");
    let ran = lab.ok(&["semantic", "transcript", "Silent.mkv"]);
    assert!(ran.stderr.contains("nobody was heard"), "{ran:?}");
}

#[test]
#[cfg(feature = "whisper")]
fn what_is_said_in_a_film_is_found_with_its_time() {
    let (Some(speech), Some(model)) = (fetched("speech/jfk.wav"), fetched("ggml-tiny.en.bin"))
    else {
        return;
    };
    let lab = Lab::new();
    // A film: a minute without a word, then the speech.
    media::encode(
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=160x90:rate=5:duration=75",
            "-i",
            speech.to_str().unwrap(),
            "-af",
            "adelay=60000:all=1",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-c:a",
            "aac",
        ],
        &lab.drive.join("Holiday.mkv"),
    )
    .unwrap();
    media::video(&lab.drive.join("Silent.mkv"), 2).unwrap();
    lab.scan(&["--media", "headers"]);
    let ran = lab.run(&["semantic", "transcript", "Holiday.mkv"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("there is no transcript"), "{ran:?}");

    // No model: it is said what to do, and it is no failure.
    let ran = with_tools(&lab, &["semantic", "transcribe"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.stderr.contains("there is no model of speech in"),
        "{ran:?}"
    );
    assert!(ran.stdout.contains("0 files with words"), "{ran:?}");

    put_model(&lab, "ggml-tiny.en.bin", &model);
    put_model(
        &lab,
        "silero_vad.onnx",
        &fetched("silero_vad.onnx").unwrap(),
    );
    let ran = with_tools(&lab, &["semantic", "transcribe", "--label", "Test"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.stderr.contains("no model of the size `small`"),
        "{ran:?}"
    );
    assert!(ran.stdout.contains("1 of them with speech"), "{ran:?}");
    assert!(ran.stdout.contains("1 file with words"), "{ran:?}");

    // The drive need not be there any more.
    std::fs::rename(&lab.drive, lab.home.join("away")).unwrap();
    for mode in ["ann", "text", "hybrid"] {
        let query = [
            "semantic",
            "query",
            "ask not what your country",
            "--mode",
            mode,
            "--json",
        ];
        let found = lab.ok(&query).json();
        let hit = &found["results"][0];
        assert!(
            hit["path"].as_str().unwrap().ends_with("Holiday.mkv"),
            "{found}"
        );
        let snippet = hit["snippet"].as_str().unwrap().to_lowercase();
        assert!(snippet.contains("ask"), "{found}");
        let why = hit["why"].as_array().unwrap();
        let said = why.iter().find(|why| why["at_s"].is_i64()).unwrap();
        assert!(
            (60..70).contains(&said["at_s"].as_i64().unwrap()),
            "{found}"
        );
    }
    let ran = lab.ok(&["semantic", "query", "ask not", "--mode", "text"]);
    assert!(ran.stdout.contains("said at 00:01:0"), "{ran:?}");
    is_printed(&lab);
    std::fs::rename(lab.home.join("away"), &lab.drive).unwrap();

    // Nothing is left to be heard; a damaged model changes nothing of that, and is told of where something is.
    let ran = with_tools(&lab, &["semantic", "transcribe", "--json"]);
    assert_eq!(ran.json()["drives"][0]["files"], 0, "{ran:?}");
    assert_eq!(ran.json()["transcribed"], 1);
    let path = lab.home.join("models/ggml-tiny.en.bin");
    let bytes = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let ran = with_tools(
        &lab,
        &["semantic", "transcribe", "--label", "Test", "--again"],
    );
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("it is cut off"), "{ran:?}");
    assert!(ran.stdout.contains("1 file with words"), "{ran:?}");
}

#[test]
#[cfg(not(feature = "whisper"))]
fn a_program_without_whisper_says_so() {
    let lab = Lab::new();
    media::audio(&lab.drive.join("sound.flac"), 2).unwrap();
    lab.scan(&["--media", "headers"]);
    let ran = with_tools(&lab, &["semantic", "transcribe"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.stderr.contains("the cargo feature `whisper`"),
        "{ran:?}"
    );
}
