//! What is to be seen: frames of real films found by texts, through a model of the true form that knows three colours.

use std::fs;
use std::path::Path;

use videocatalog_core::cancel::CancelToken;
use videocatalog_core::clock::TestClock;
use videocatalog_core::event::NullSink;
use videocatalog_core::scan::{self, Mode};
use videocatalog_core::search::Searcher;
use videocatalog_core::search::query::Context;
use videocatalog_core::semantic::{
    Around, Evidence, Mode as How, SemanticOptions, SemanticQuery, SemanticResult, What, build,
    open_embedders, search, status,
};
use videocatalog_core::settings::Settings;
use videocatalog_core::sight::{SightOptions, SightRequest, SightSummary, run_on_drive};
use videocatalog_models::runtime::Runtime;
use videocatalog_testkit::media::encode;
use videocatalog_testkit::onnx;

use super::lab::Lab;
use super::media::tools;

/// A film that is red for ten seconds, then green, then blue.
fn film(path: &Path) {
    let source = |color: &str| format!("color={color}:size=160x90:rate=5:duration=10");
    let colors = ["red", "lime", "blue"].map(source);
    let mut arguments = Vec::new();
    for color in &colors {
        arguments.extend(["-f", "lavfi", "-i", color]);
    }
    arguments.extend([
        "-filter_complex",
        "[0][1][2]concat=n=3",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-g",
        "5",
    ]);
    encode(&arguments, path).unwrap();
}

fn lab() -> Lab {
    let mut lab = Lab::new();
    lab.tools = tools(&lab);
    film(&lab.drive.join("stripes.mkv"));
    let green = image::RgbImage::from_pixel(64, 48, image::Rgb([10, 240, 10]));
    green.save(lab.drive.join("meadow.png")).unwrap();
    lab.file("broken.png", b"no picture");
    lab.file("notes.txt", b"text");
    lab
}

fn scan(lab: &Lab, is_semantic: bool) {
    let mut request = lab.request(Mode::Delta);
    request.options.media.tools = false;
    request.options.semantic.enabled_default = is_semantic;
    request.options.semantic.video.frame_interval_s = 5.0;
    scan::run(&request, &lab.catalog(), &lab.outside()).unwrap();
}

fn look(lab: &Lab, again: bool) -> SightSummary {
    let mut sight = SightOptions::from_settings(&Settings::default());
    sight.interval_s = 5.0;
    let request = SightRequest {
        label: "Test".into(),
        only: None,
        again,
        sight,
        options: lab.request(Mode::Delta).options,
    };
    run_on_drive(&request, &lab.catalog(), &lab.outside()).unwrap()
}

fn options(lab: &Lab) -> SemanticOptions {
    SemanticOptions::from_settings(&Settings::default().semantic, &lab.workdir())
}

fn index(lab: &Lab) -> u64 {
    let (options, cancel) = (options(lab), CancelToken::new());
    let embedders = open_embedders(&options, &lab.workdir(), &Runtime::embedded(1));
    let what = What::Everything;
    let clock = TestClock::at(0);
    let stats = build(
        &lab.catalog(),
        &options,
        &embedders,
        what,
        &cancel,
        &clock,
        &NullSink,
    );
    stats.unwrap().updated
}

fn find(lab: &Lab, text: &str, mode: How) -> SemanticResult {
    let options = options(lab);
    let around = Around {
        catalog: &lab.catalog(),
        searcher: &Searcher::default(),
        options: &options,
        embedders: &open_embedders(&options, &lab.workdir(), &Runtime::embedded(1)),
        when: &Context::new(0, || jiff::tz::TimeZone::UTC),
        is_online: &|_| false,
        is_stopped: &|| false,
    };
    let query = SemanticQuery {
        text,
        mode,
        drive_labels: &[],
        offset: 0,
        limit: 10,
    };
    search(&around, &query).unwrap()
}

/// Returns what was found by being seen: name, when, how surely.
fn seen(result: &SemanticResult) -> Vec<(String, Option<i64>, f64)> {
    let of = |why: &Evidence| match why {
        Evidence::Seen {
            likelihood, at_s, ..
        } => Some((*at_s, *likelihood)),
        _ => None,
    };
    let hits = result.results.iter();
    hits.filter_map(|hit| {
        let (at_s, likelihood) = hit.why.iter().find_map(of)?;
        Some((hit.place.rel_path.clone(), at_s, likelihood))
    })
    .collect()
}

#[test]
fn frames_are_found_by_what_is_to_be_seen_and_when() {
    let lab = lab();
    scan(&lab, false);
    let without = look(&lab, false);
    assert!(without.counts.message.unwrap().contains("vision.onnx"));
    onnx::put_color_towers(&lab.workdir().models().join("colors")).unwrap();
    let ran = look(&lab, false).counts;
    assert_eq!(
        (ran.files, ran.images, ran.videos, ran.frames, ran.failed),
        (3, 1, 1, 7, 1),
        "{ran:?}"
    );
    // What cannot be decoded is not tried again, and what was looked at is not, until somebody asks for it.
    assert_eq!(look(&lab, false).counts.files, 0);
    assert_eq!(look(&lab, true).counts.frames, 7);
    index(&lab);
    assert_eq!(status(&options(&lab)).unwrap().seen_files, 2);

    for mode in [How::Ann, How::Hybrid] {
        let red = find(&lab, "a red car", mode);
        let (name, at_s, likelihood) = seen(&red).remove(0);
        assert_eq!(name, "stripes.mkv", "{red:?}");
        assert!((0..10).contains(&at_s.unwrap()), "{red:?}");
        assert!(likelihood > 0.9, "{red:?}");
        let blue = seen(&find(&lab, "blue", mode)).remove(0);
        assert!((20..30).contains(&blue.1.unwrap()), "{blue:?}");
    }
    let green = seen(&find(&lab, "green", How::Ann));
    let names: Vec<&str> = green.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names.len(), 2, "{green:?}");
    let meadow = green
        .iter()
        .find(|(name, ..)| name == "meadow.png")
        .unwrap();
    assert_eq!(meadow.1, None, "an image has no time");
    // By words alone nothing is seen, and conditions hold here too.
    assert!(seen(&find(&lab, "green", How::Text)).is_empty());
    let narrowed = seen(&find(&lab, "green ext:mkv", How::Ann));
    assert_eq!(narrowed.len(), 1, "{narrowed:?}");
}

#[test]
fn scans_look_where_a_model_is_and_only_what_changed_is_looked_at() {
    let lab = lab();
    onnx::put_color_towers(&lab.workdir().models().join("colors")).unwrap();
    scan(&lab, true);
    assert_eq!(seen(&find(&lab, "green", How::Ann)).len(), 2);
    assert_eq!(index(&lab), 0, "the scan has brought it up to date");
    let red = image::RgbImage::from_pixel(64, 48, image::Rgb([240, 10, 10]));
    red.save(lab.drive.join("meadow.png")).unwrap();
    scan(&lab, true);
    let green = seen(&find(&lab, "green", How::Ann));
    assert_eq!(green.len(), 1, "{green:?}");
    assert_eq!(seen(&find(&lab, "red", How::Ann)).len(), 2);
    // A model of texts that is damaged is told of, and the rest is found.
    let text = lab.workdir().models().join("colors/text.onnx");
    fs::write(text, b"no model").unwrap();
    // With another file it is another model, so that all is looked at anew.
    scan(&lab, true);
    let found = find(&lab, "meadow", How::Hybrid);
    assert_eq!(found.results[0].place.rel_path, "meadow.png");
    let told = found.warnings.join("\n");
    assert!(told.contains("frames are not searched"), "{told}");
}

#[test]
fn what_was_seen_and_is_damaged_does_not_keep_a_drive_from_being_scanned() {
    let lab = lab();
    onnx::put_color_towers(&lab.workdir().models().join("colors")).unwrap();
    lab.scan(Mode::Inventory);
    let frames = lab.workdir().frames_db();
    fs::create_dir_all(frames.parent().unwrap()).unwrap();
    fs::write(frames, vec![7; 9_000]).unwrap();
    scan(&lab, true);
    let told = lab.told.sentences.lock().unwrap().join("\n");
    assert!(told.contains("frames are not searched:"), "{told}");
}
