//! Light analysis with real ffmpeg and real models, and look-alikes on drives that are away.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use image::{ImageFormat, RgbImage};
use videocatalog_core::analysis::{
    AnalysisOptions, AnalysisRequest, AnalysisSummary, Look, SimilarError, run_on_drive, similar,
};
use videocatalog_core::cancel::CancelToken;
use videocatalog_core::path::RelPath;
use videocatalog_core::scan::{self, Mode, Summary};
use videocatalog_core::settings::Settings;
use videocatalog_core::tools::Toolbox;
use videocatalog_core::volume::FakeProbe;
use videocatalog_testkit::hang::{HangingMount, Hangs};
use videocatalog_testkit::media::encode;
use videocatalog_testkit::onnx;

use super::lab::{Lab, volume};
use super::media::tools;

fn options() -> AnalysisOptions {
    AnalysisOptions {
        enabled: true,
        ..AnalysisOptions::from_settings(&Settings::default())
    }
}

fn put_model(lab: &Lab, bytes: &[u8]) {
    let models = lab.workdir().models();
    fs::create_dir_all(&models).unwrap();
    fs::write(models.join("mobilenetv3-small.onnx"), bytes).unwrap();
}

fn with_model(bytes: &[u8]) -> Lab {
    let mut lab = Lab::new();
    lab.tools = tools(&lab);
    put_model(&lab, bytes);
    lab
}

/// Scans with light analysis and without anything else that takes long.
fn scan(lab: &Lab, mode: Mode) -> Summary {
    let mut request = lab.request(mode);
    request.options.analysis = options();
    request.options.media.tools = false;
    scan::run(&request, &lab.catalog(), &lab.outside()).unwrap()
}

fn analyze(lab: &Lab, options: AnalysisOptions, again: bool) -> AnalysisSummary {
    let request = AnalysisRequest {
        label: "Test".into(),
        mount: None,
        only: None,
        again,
        accept_drive: false,
        analysis: options,
        options: lab.request(Mode::Delta).options,
    };
    run_on_drive(&request, &lab.catalog(), &lab.outside()).unwrap()
}

fn picture(path: &Path, red: u8, format: ImageFormat) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let image = RgbImage::from_fn(320, 200, |x, y| {
        image::Rgb([red, (x % 200) as u8, (y % 100) as u8])
    });
    image.save_with_format(path, format).unwrap();
}

fn film(path: &Path, source: &str) {
    encode(
        &[
            "-f",
            "lavfi",
            "-i",
            source,
            "-t",
            "8",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-g",
            "10",
        ],
        path,
    )
    .unwrap();
}

fn frames_used(lab: &Lab, name: &str) -> i64 {
    lab.number(&format!(
        "SELECT frames_used FROM features WHERE path LIKE '%/{name}'"
    ))
}

#[test]
fn images_and_films_get_vectors_once_and_again_when_they_change() {
    let lab = with_model(&onnx::mobilenet_v3_small(7));
    picture(&lab.drive.join("a.png"), 10, ImageFormat::Png);
    picture(&lab.drive.join("b.jpg"), 200, ImageFormat::Jpeg);
    film(&lab.drive.join("film.mkv"), "testsrc2=size=320x180:rate=10");
    lab.file("broken.jpg", b"\xff\xd8\xff\xe0 no picture");
    lab.file("broken.mp4", b"no film at all");
    lab.file("notes.txt", b"text");
    let first = scan(&lab, Mode::Delta).light_analysis;
    assert_eq!(
        (first.status, first.images, first.videos),
        ("ok", 2, 1),
        "{first:?}"
    );
    assert_eq!(
        (first.failed, first.avg_dim, first.provider),
        (2, 1_024, "CPU")
    );
    assert_eq!(frames_used(&lab, "film.mkv"), 2);
    assert_eq!(frames_used(&lab, "a.png"), 1);
    // Length one, of float32.
    let bytes = lab.number("SELECT length(vec) FROM features WHERE path LIKE '%/a.png'");
    assert_eq!(bytes, 4_096);

    let second = scan(&lab, Mode::Delta).light_analysis;
    assert_eq!((second.files, second.images), (0, 0), "{second:?}");
    picture(&lab.drive.join("a.png"), 99, ImageFormat::Png);
    let third = scan(&lab, Mode::Delta).light_analysis;
    assert_eq!(
        (third.files, third.images, third.videos),
        (1, 1, 0),
        "{third:?}"
    );
    let full = scan(&lab, Mode::Full).light_analysis;
    assert_eq!(
        (full.files, full.images, full.videos),
        (5, 2, 1),
        "{full:?}"
    );
    // What was scanned without it is made up for.
    picture(&lab.drive.join("c.png"), 50, ImageFormat::Png);
    lab.scan(Mode::Inventory);
    let made_up = analyze(&lab, options(), false);
    assert_eq!(
        (made_up.counts.files, made_up.coverage.images),
        (1, 3),
        "{made_up:?}"
    );
}

#[test]
fn as_many_frames_as_wanted_are_taken() {
    let lab = with_model(&onnx::mean_color());
    film(&lab.drive.join("film.mkv"), "testsrc2=size=320x180:rate=10");
    lab.scan(Mode::Delta);
    for (frames, used) in [(1, 1), (4, 4)] {
        let wanted = AnalysisOptions {
            max_frames: frames,
            ..options()
        };
        analyze(&lab, wanted, true);
        assert_eq!(frames_used(&lab, "film.mkv"), used);
    }
}

#[test]
fn the_vector_is_the_mean_of_the_frames() {
    let lab = with_model(&onnx::mean_color());
    // Red for its first half, blue for its second: 5 % and 50 % see one each.
    film(
        &lab.drive.join("film.mkv"),
        "color=red:size=160x90:rate=10:duration=4[a];color=blue:size=160x90:rate=10:duration=4[b];[a][b]concat=n=2",
    );
    picture(&lab.drive.join("red.png"), 255, ImageFormat::Png);
    scan(&lab, Mode::Delta);
    let catalog = lab.catalog();
    let drive = catalog.drive("Test").unwrap();
    let vector = catalog
        .with_shard(&drive, |shard| {
            videocatalog_core::catalog::features::vector(
                shard,
                &RelPath::from_bytes(b"film.mkv".to_vec()),
            )
        })
        .unwrap()
        .unwrap();
    let found = vector.unwrap();
    let (kind, vector) = (found.kind, found.numbers);
    assert_eq!((kind.as_str(), vector.len()), ("video", 3));
    assert!(found.model.unwrap().starts_with("picture-"));
    let [red, green, blue] = vector[..] else {
        panic!()
    };
    assert!(
        (red - blue).abs() < 0.25 && green < red.min(blue),
        "{vector:?}"
    );
    let length: f32 = vector.iter().map(|number| number * number).sum();
    assert!((length - 1.0).abs() < 1e-5);
}

#[test]
fn without_a_model_or_ffmpeg_the_scan_goes_on_and_says_so() {
    let mut lab = Lab::new();
    picture(&lab.drive.join("a.png"), 10, ImageFormat::Png);
    lab.file("film.mp4", b"film");
    let none = scan(&lab, Mode::Delta);
    assert_eq!(none.total_files, 2);
    assert_eq!(none.light_analysis.status, "error");
    assert!(
        none.light_analysis
            .message
            .unwrap()
            .contains("there is no model at")
    );
    for (bytes, part) in [
        (&b"no model"[..], "not a usable model"),
        (&onnx::of_something_else()[..], "no place for a picture"),
        (&onnx::mobilenet_v3_small(1)[..50_000], "not a usable model"),
    ] {
        put_model(&lab, bytes);
        let broken = scan(&lab, Mode::Delta).light_analysis;
        let message = broken.message.unwrap();
        assert!(
            broken.status == "error" && message.contains(part),
            "{message}"
        );
    }
    put_model(&lab, &onnx::mean_color());
    let images = scan(&lab, Mode::Delta).light_analysis;
    assert_eq!((images.status, images.images, images.videos), ("ok", 1, 0));
    assert!(images.message.unwrap().contains("only images"));
    let told = lab.told.sentences.lock().unwrap().join("\n");
    assert!(
        told.contains("light analysis is off: there is no model"),
        "{told}"
    );
    // Once ffmpeg is there, films are made up for.
    lab.tools = tools(&lab);
    let films = scan(&lab, Mode::Delta).light_analysis;
    assert_eq!((films.files, films.failed), (1, 1), "{films:?}");
    lab.tools = Arc::new(Toolbox::empty());
}

#[test]
fn a_model_that_gives_no_numbers_is_told_and_takes_nothing_away() {
    let lab = with_model(&onnx::mean_color());
    picture(&lab.drive.join("a.png"), 10, ImageFormat::Png);
    assert_eq!(scan(&lab, Mode::Delta).light_analysis.images, 1);
    put_model(&lab, &onnx::not_a_number());
    for mode in [Mode::Delta, Mode::Full] {
        let broken = scan(&lab, mode).light_analysis;
        assert_eq!((broken.status, broken.failed), ("error", 0), "{broken:?}");
        let message = broken.message.unwrap();
        assert!(message.contains("NaN"), "{message}");
        assert_eq!(lab.number("SELECT count(*) FROM features"), 1);
    }
    put_model(&lab, &onnx::mobilenet_v3_small(7));
    let other = scan(&lab, Mode::Delta).light_analysis;
    assert_eq!((other.status, other.images), ("ok", 1));
}

#[test]
fn a_model_that_fails_again_and_again_is_not_asked_for_ever() {
    let lab = with_model(&onnx::mean_color());
    film(&lab.drive.join("0.mkv"), "testsrc2=size=160x90:rate=10");
    for number in 1..8 {
        let copy = lab.drive.join(format!("{number}.mkv"));
        fs::copy(lab.drive.join("0.mkv"), copy).unwrap();
    }
    let whole = scan(&lab, Mode::Delta);
    assert_eq!(whole.light_analysis.videos, 8);
    put_model(&lab, &onnx::one_at_a_time());
    let broken = scan(&lab, Mode::Delta);
    let counts = &broken.light_analysis;
    assert_eq!(
        (counts.status, counts.videos, counts.failed),
        ("error", 0, 0)
    );
    assert_eq!(counts.left, 8, "{counts:?}");
    assert!(
        counts
            .message
            .as_ref()
            .unwrap()
            .contains("the model failed"),
        "{counts:?}"
    );
    let told = lab.told.sentences.lock().unwrap().join("\n");
    assert!(
        told.contains("light analysis is off: the model failed"),
        "{told}"
    );
    // The scan itself went on, and nothing was taken away.
    assert_eq!(broken.total_files, 8);
    assert_eq!(lab.number("SELECT count(*) FROM features WHERE dim = 3"), 8);
}

#[test]
fn what_only_ffmpeg_decodes_waits_for_it() {
    let mut lab = with_model(&onnx::mean_color());
    lab.tools = Arc::new(Toolbox::empty());
    picture(&lab.drive.join("a.png"), 10, ImageFormat::Png);
    // One is known by its name, and not even read; the other by its content.
    lab.file("apple.heic", b"\0\0\0\x18ftypheic no picture");
    lab.file("mislabelled.jpg", b"\0\0\0\x18ftypheic no picture");
    let without = scan(&lab, Mode::Delta).light_analysis;
    assert_eq!(
        (without.files, without.images, without.left, without.failed),
        (2, 1, 1, 0),
        "{without:?}"
    );
    lab.tools = tools(&lab);
    let with = scan(&lab, Mode::Delta).light_analysis;
    assert_eq!((with.files, with.left, with.failed), (2, 0, 2), "{with:?}");
}

#[test]
fn a_drive_that_fails_while_it_is_read_is_asked_again_another_time() {
    let mut lab = with_model(&onnx::mean_color());
    let probe = FakeProbe::new();
    probe.mount(volume(
        &lab.drive,
        "uuid:11111111-2222-3333-4444-555555555555",
    ));
    lab.probe = Arc::new(probe);
    // One film on it cannot be read, another is none.
    let mount = HangingMount::new(&lab.drive, Hangs::default()).unwrap();
    let mut request = lab.request(Mode::Delta);
    request.options.analysis = options();
    request.options.media.tools = false;
    request.options.fingerprints.kinds.keyframes = true;
    let summary = scan::run(&request, &lab.catalog(), &lab.outside()).unwrap();
    drop(mount);
    let counts = &summary.light_analysis;
    assert!(counts.failed >= 1, "{counts:?}");
    assert_eq!(counts.left, 1, "{counts:?}");
    assert_eq!(summary.fingerprints.left, 1, "{:?}", summary.fingerprints);
    let sql = "SELECT count(*) FROM analysed a JOIN entries e ON e.id = a.file_id WHERE e.name = 'broken.mkv'";
    assert_eq!(lab.number(sql), 0);
}

#[test]
fn what_a_filter_hides_is_not_opened() {
    let lab = with_model(&onnx::mean_color());
    picture(&lab.drive.join("a.png"), 10, ImageFormat::Png);
    picture(&lab.drive.join("private/b.png"), 20, ImageFormat::Png);
    lab.scan(Mode::Delta);
    let mut request = AnalysisRequest {
        label: "Test".into(),
        mount: None,
        only: None,
        again: false,
        accept_drive: false,
        analysis: options(),
        options: lab.request(Mode::Delta).options,
    };
    request.options.skip = vec!["private".into()];
    let analyze =
        |request: &AnalysisRequest| run_on_drive(request, &lab.catalog(), &lab.outside()).unwrap();
    let counts = analyze(&request).counts;
    assert_eq!(
        (counts.files, counts.images, counts.left),
        (1, 1, 0),
        "{counts:?}"
    );
    request.options.skip.clear();
    assert_eq!(analyze(&request).counts.images, 1);
}

#[test]
fn black_bars_are_no_part_of_what_a_film_looks_like() {
    let lab = with_model(&onnx::mean_color());
    film(
        &lab.drive.join("tall.mkv"),
        "color=white:size=120x160:rate=10",
    );
    let white = RgbImage::from_pixel(64, 64, image::Rgb([255, 255, 255]));
    white.save(lab.drive.join("white.png")).unwrap();
    // Nobody knows the film's size: its headers were not read.
    lab.scan(Mode::Inventory);
    assert_eq!(analyze(&lab, options(), false).counts.videos, 1);
    let numbers = |name: &str| {
        let (catalog, path) = (lab.catalog(), RelPath::from_bytes(name.as_bytes().to_vec()));
        let drive = catalog.drive("Test").unwrap();
        let vector = catalog.with_shard(&drive, |shard| {
            videocatalog_core::catalog::features::vector(shard, &path)
        });
        vector.unwrap().unwrap().unwrap().numbers
    };
    let (film, image) = (numbers("tall.mkv"), numbers("white.png"));
    for (a, b) in film.iter().zip(&image) {
        assert!((a - b).abs() < 0.01, "{film:?} {image:?}");
    }
}

#[test]
fn only_vectors_of_one_model_are_compared() {
    let lab = with_model(&onnx::mean_color());
    for name in ["a.png", "b.png", "c.png", "other/d.png"] {
        picture(&lab.drive.join(name), 200, ImageFormat::Png);
    }
    scan(&lab, Mode::Delta);
    // What is done before the model sees a picture belongs to it.
    let manifest = lab.workdir().models().join("mobilenetv3-small.json");
    fs::write(manifest, r#"{"preprocessing": {"mean": [0.5, 0.5, 0.5]}}"#).unwrap();
    let mut request = AnalysisRequest {
        label: "Test".into(),
        mount: None,
        only: Some("other".into()),
        again: false,
        accept_drive: false,
        analysis: options(),
        options: lab.request(Mode::Delta).options,
    };
    request.options.time_limit = std::time::Duration::from_secs(20);
    let ran = run_on_drive(&request, &lab.catalog(), &lab.outside()).unwrap();
    assert_eq!(ran.counts.images, 1);
    let alike = |name: &str, most| {
        let catalog = lab.catalog();
        let (drives, drive) = (catalog.drives().unwrap(), catalog.drive("Test").unwrap());
        let path = RelPath::from_bytes(name.as_bytes().to_vec());
        let look = Look {
            drive: &drive,
            path: &path,
            among: &drives,
            kind: None,
            least: 0.0,
            most,
        };
        let (found, unread) = similar(&catalog, &look, &CancelToken::new()).unwrap();
        let mut names: Vec<String> = found.into_iter().map(|file| file.place.rel_path).collect();
        names.sort();
        (names, unread.join("; "))
    };
    let (names, unread) = alike("a.png", usize::MAX);
    assert_eq!(names, ["b.png", "c.png"]);
    assert!(
        unread.contains("`Test`: 1 of its vectors are another model's"),
        "{unread}"
    );
    assert_eq!(alike("a.png", 1).0.len(), 1);

    // Those of the older program, of which no model is known, are compared with each other, if they are whole.
    let shard = lab.shard();
    shard.execute("DELETE FROM analysed", []).unwrap();
    assert_eq!(alike("a.png", 9).0, ["b.png", "c.png", "other/d.png"]);
    let break_one = |vec: &[u8], name: &str| {
        let sql = "UPDATE feature_vectors SET vec = ?1 WHERE file_id = (SELECT id FROM entries WHERE name = ?2)";
        assert_eq!(shard.execute(sql, rusqlite::params![vec, name]).unwrap(), 1);
    };
    break_one(&[0; 11], "b.png");
    break_one(&f32::NAN.to_le_bytes().repeat(3), "c.png");
    assert_eq!(alike("a.png", 9).0, ["other/d.png"]);
}

#[test]
fn look_alikes_are_found_on_drives_that_are_away() {
    let mut lab = with_model(&onnx::mean_color());
    let probe = FakeProbe::new();
    let (first, second) = (lab.drive.join("first"), lab.drive.join("second"));
    for (folder, id) in [(&first, "1"), (&second, "2")] {
        fs::create_dir_all(folder).unwrap();
        let uuid = format!("uuid:{id}1111111-2222-3333-4444-555555555555");
        probe.mount(volume(folder, &uuid));
    }
    lab.probe = Arc::new(probe);
    picture(&first.join("red.png"), 250, ImageFormat::Png);
    picture(&first.join("dark.png"), 5, ImageFormat::Png);
    picture(&second.join("red again.jpg"), 248, ImageFormat::Jpeg);
    picture(&second.join("dim.png"), 60, ImageFormat::Png);
    for (label, folder) in [("First", &first), ("Second", &second)] {
        let mut request = lab.request(Mode::Delta);
        request.label = label.into();
        request.mount = Some(folder.clone());
        request.options.analysis = options();
        request.options.media.tools = false;
        scan::run(&request, &lab.catalog(), &lab.outside()).unwrap();
    }
    fs::remove_dir_all(&second).unwrap();
    let catalog = lab.catalog();
    let drives = catalog.drives().unwrap();
    let drive = catalog.drive("First").unwrap();
    let path = RelPath::from_bytes(b"red.png".to_vec());
    let mut look = Look {
        drive: &drive,
        path: &path,
        among: &drives,
        kind: None,
        least: 0.0,
        most: 10,
    };
    let (found, unread) = similar(&catalog, &look, &CancelToken::new()).unwrap();
    assert!(unread.is_empty());
    let names: Vec<&str> = found
        .iter()
        .map(|file| file.place.rel_path.as_str())
        .collect();
    assert_eq!(names[0], "red again.jpg");
    assert!(!names.contains(&"red.png"));
    assert!(found[0].similarity > 0.999, "{found:?}");
    look.kind = Some("video");
    assert!(
        similar(&catalog, &look, &CancelToken::new())
            .unwrap()
            .0
            .is_empty()
    );
    let missing = RelPath::from_bytes(b"nothing.png".to_vec());
    look.path = &missing;
    let error = similar(&catalog, &look, &CancelToken::new()).unwrap_err();
    assert!(matches!(error, SimilarError::NotAnalysed(_)));
}
