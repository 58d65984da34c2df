//! What scans learn of media: headers without any tool, the rest with ffmpeg, and everything of it with the drive gone.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use videocatalog_core::environment::{Environment, Platform};
use videocatalog_core::info::{self, Info};
use videocatalog_core::media::pictures::PictureKind;
use videocatalog_core::media::{Level, Verdict};
use videocatalog_core::scan::{Mode, Summary};
use videocatalog_core::settings::{MediaLevel, Settings};
use videocatalog_core::tools::Toolbox;
use videocatalog_testkit::{media, program};

use super::lab::{Lab, set_mtime};

/// The programs of this machine, ffmpeg above all.
pub(crate) fn tools(lab: &Lab) -> Arc<Toolbox> {
    toolbox(lab, &std::env::var_os("PATH").unwrap())
}

pub(crate) fn toolbox(lab: &Lab, path: &std::ffi::OsStr) -> Arc<Toolbox> {
    toolbox_with(lab, path, &Settings::default())
}

/// The same with places that settings name.
pub(crate) fn toolbox_with(lab: &Lab, path: &std::ffi::OsStr, settings: &Settings) -> Arc<Toolbox> {
    let environment = Environment {
        variables: HashMap::from([("PATH".into(), path.to_owned())]),
        executable_dir: None,
        current_dir: lab.drive.clone(),
        platform: Platform::current(),
    };
    Arc::new(Toolbox::new(settings, &environment, &lab.workdir()))
}

fn info(lab: &Lab, path: &str) -> Info {
    let catalog = lab.catalog();
    let drive = catalog.drive("Test").unwrap();
    info::of(&catalog, &drive, Path::new(path), &[]).unwrap()
}

fn kinds(info: &Info) -> Vec<&'static str> {
    info.pictures
        .iter()
        .map(|picture| picture.kind.name())
        .collect()
}

/// A film of five seconds with a title, German sound, English subtitles and two chapters.
fn film(path: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let (words, chapters) = (
        folder.path().join("en.srt"),
        folder.path().join("chapters.txt"),
    );
    std::fs::write(&words, "1\n00:00:01,000 --> 00:00:02,000\nHello there\n").unwrap();
    std::fs::write(
        &chapters,
        ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=2\ntitle=One\n[CHAPTER]\nTIMEBASE=1/1\nSTART=2\nEND=5\ntitle=Two\n",
    )
    .unwrap();
    media::encode(
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=320x180:rate=25:duration=5",
            "-f",
            "lavfi",
            "-i",
            "sine=duration=5",
            "-i",
            words.to_str().unwrap(),
            "-i",
            chapters.to_str().unwrap(),
            "-map",
            "0",
            "-map",
            "1",
            "-map",
            "2",
            "-map_metadata",
            "3",
            "-c:v",
            "mpeg4",
            "-g",
            "10",
            "-c:a",
            "flac",
            "-c:s",
            "subrip",
            "-metadata",
            "title=The Film",
            "-metadata:s:a:0",
            "language=ger",
            "-metadata:s:s:0",
            "language=eng",
        ],
        path,
    )
    .unwrap();
    set_mtime(path, 1_600_000_000_000_000);
}

fn change_id(lab: &Lab) -> i64 {
    lab.number("SELECT change_id FROM root")
}

fn scan_with(lab: &mut Lab, tools: Arc<Toolbox>) -> Summary {
    lab.tools = tools;
    lab.scan(Mode::Delta)
}

#[test]
fn headers_need_no_tool_and_tools_make_up_for_what_was_missing() {
    let mut lab = Lab::new();
    film(&lab.drive.join("film.mkv"));
    media::image(&lab.drive.join("photo.jpg")).unwrap();
    media::audio(&lab.drive.join("tone.flac"), 1).unwrap();
    lab.file("notes.txt", b"no media");

    let bare = scan_with(&mut lab, Arc::new(Toolbox::empty()));
    assert_eq!((bare.hashed_files, bare.media.headers), (4, 3));
    assert_eq!(bare.media.tool_missing, [("ffmpeg", 1)].into());
    assert_eq!(bare.media.checked, 0);
    let known = info(&lab, "film.mkv");
    let facts = known.media.clone().unwrap();
    assert_eq!(facts.container.as_deref(), Some("Matroska"));
    assert_eq!(facts.title.as_deref(), Some("The Film"));
    assert_eq!((facts.width, facts.height), (Some(320), Some(180)));
    assert_eq!(facts.video_codec.as_deref(), Some("mpeg4"));
    assert_eq!(facts.audio_languages.as_deref(), Some("ger"));
    assert_eq!(facts.subtitle_languages.as_deref(), Some("eng"));
    assert!((facts.duration_s.unwrap() - 5.0).abs() < 0.1);
    assert_eq!(known.integrity, Some(Verdict::sound(Level::Structure)));
    assert_eq!(kinds(&known), [""; 0]);
    // An image is small enough to be looked at without help.
    assert_eq!(kinds(&info(&lab, "photo.jpg")), ["thumbnail"]);
    let document = known.media_json.unwrap();
    assert_eq!(document["media"]["track"][0]["Format"], "Matroska");
    assert_eq!(document["media"]["track"][1]["Width"], "320");

    let with_tools = tools(&lab);
    let later = scan_with(&mut lab, with_tools);
    assert_eq!(
        (later.hashed_files, later.media.headers),
        (0, 0),
        "only what was missing"
    );
    assert_eq!(
        (
            later.media.pictured,
            later.media.checked,
            later.media.subtitled
        ),
        (1, 1, 1)
    );
    assert!(later.media.tool_missing.is_empty());
    let known = info(&lab, "film.mkv");
    assert_eq!(kinds(&known), ["poster", "sheet"]);
    assert_eq!(known.integrity, Some(Verdict::sound(Level::Ends)));
    assert_eq!(known.subtitles[0].content, "00:00:01 Hello there\n");
    assert_eq!(known.subtitles[0].language.as_deref(), Some("eng"));

    let before = change_id(&lab);
    let again = lab.scan(Mode::Delta);
    assert_eq!(
        again.media.pictured + again.media.checked + again.media.headers,
        0
    );
    assert_eq!(change_id(&lab), before, "nothing was written");
}

#[test]
fn a_drive_on_the_shelf_shows_everything() {
    let mut lab = Lab::new();
    film(&lab.drive.join("film.mkv"));
    lab.file(
        "film.de.srt",
        b"1\n00:00:03,000 --> 00:00:04,000\nGuten Tag\n",
    );
    lab.file("film.nfo", b"<movie/>");
    let with_tools = tools(&lab);
    scan_with(&mut lab, with_tools);
    let there = serde_json::to_value(info(&lab, "film.mkv")).unwrap();
    std::fs::remove_dir_all(&lab.drive).unwrap();

    let gone = info(&lab, "film.mkv");
    assert_eq!(serde_json::to_value(&gone).unwrap(), there);
    let beside: Vec<&str> = gone
        .sidecars
        .iter()
        .map(|one| one.rel_path.as_str())
        .collect();
    assert_eq!(beside, ["film.de.srt", "film.nfo"]);
    let words: Vec<&str> = gone
        .subtitles
        .iter()
        .map(|one| one.content.as_str())
        .collect();
    assert_eq!(words, ["00:00:01 Hello there\n", "00:00:03 Guten Tag\n"]);
    let catalog = lab.catalog();
    let drive = catalog.drive("Test").unwrap();
    let pictures = info::pictures(&catalog, &drive, &gone).unwrap();
    assert_eq!(pictures.len(), 2);
    for picture in pictures {
        assert_eq!(picture.webp.get(8..12), Some(b"WEBP".as_slice()));
        if picture.kind == PictureKind::Sheet {
            assert_eq!((picture.width, picture.height), (960, 540));
            assert_eq!(picture.times_s.len(), 9);
        }
    }
    // The absolute path of its last place works as well as the relative one.
    assert_eq!(
        info(&lab, lab.drive.join("film.mkv").to_str().unwrap()).rel_path,
        "film.mkv"
    );
}

#[test]
fn broken_files_are_told_from_unknown_ones() {
    let mut lab = Lab::new();
    let whole = lab.drive.join("whole.mkv");
    film(&whole);
    let bytes = std::fs::read(&whole).unwrap();
    lab.file("cut.mkv", &bytes[..bytes.len() * 2 / 3]);
    lab.file("never written.mp4", &[0; 100_000]);
    lab.file("empty.mp4", b"");
    lab.file(
        "no film.mp4",
        b"just words, and more of them, to have a beginning that is none",
    );
    let with_tools = tools(&lab);
    let summary = scan_with(&mut lab, with_tools);
    assert_eq!(summary.media.faulty, 3);
    let verdict = |path: &str| info(&lab, path).integrity.unwrap();
    assert_eq!(verdict("whole.mkv"), Verdict::sound(Level::Ends));
    let cut = verdict("cut.mkv");
    assert_eq!(cut.ok, Some(false));
    assert!(cut.reason.unwrap().contains("missing at the end"));
    assert!(
        verdict("never written.mp4")
            .reason
            .unwrap()
            .contains("zeros")
    );
    assert!(verdict("empty.mp4").reason.unwrap().contains("empty"));
    assert_eq!(verdict("no film.mp4").ok, None);
    // What is left of a cut film is still shown.
    assert!(!kinds(&info(&lab, "cut.mkv")).is_empty());
    let integrity: i64 = lab.number("SELECT integrity_ok FROM files WHERE rel_path = 'cut.mkv'");
    assert_eq!(integrity, 0);
}

#[test]
fn changed_files_are_learnt_anew_and_moved_ones_are_not() {
    let mut lab = Lab::new();
    film(&lab.drive.join("a.mkv"));
    film(&lab.drive.join("b.mkv"));
    // Otherwise they are alike, and moving one would be no news.
    media::video(&lab.drive.join("b.mkv"), 1).unwrap();
    let with_tools = tools(&lab);
    scan_with(&mut lab, with_tools);
    std::fs::create_dir(lab.drive.join("films")).unwrap();
    std::fs::rename(lab.drive.join("a.mkv"), lab.drive.join("films/moved.mkv")).unwrap();
    media::video(&lab.drive.join("b.mkv"), 2).unwrap();

    let summary = lab.scan(Mode::Delta);
    assert_eq!(
        (summary.moved, summary.media.headers, summary.media.pictured),
        (1, 1, 1)
    );
    assert_eq!(kinds(&info(&lab, "films/moved.mkv")), ["poster", "sheet"]);
    let changed = info(&lab, "b.mkv").media.unwrap();
    assert!((changed.duration_s.unwrap() - 2.0).abs() < 0.2);

    let full = lab.scan(Mode::Full);
    assert_eq!(
        (full.media.headers, full.media.pictured, full.media.checked),
        (2, 2, 2)
    );
}

#[test]
fn what_only_ffprobe_knows_is_known_all_the_same() {
    let mut lab = Lab::new();
    let path = lab.drive.join("old.rm");
    media::encode(
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=176x144:rate=10:duration=2",
            "-c:v",
            "rv10",
        ],
        &path,
    )
    .unwrap();
    std::fs::rename(&path, lab.drive.join("old.avi")).unwrap();
    let bare = scan_with(&mut lab, Arc::new(Toolbox::empty()));
    assert_eq!(bare.media.tool_missing.get("ffprobe"), Some(&1));
    let with_tools = tools(&lab);
    let summary = scan_with(&mut lab, with_tools);
    assert_eq!((summary.media.asked, summary.media.pictured), (1, 1));
    let known = info(&lab, "old.avi");
    assert_eq!(known.media_source.as_deref(), Some("ffprobe"));
    let facts = known.media.unwrap();
    assert_eq!(
        (facts.video_codec.as_deref(), facts.width),
        (Some("rv10"), Some(176))
    );
    let general: Option<Value> = known
        .media_json
        .map(|json| json["media"]["track"][0]["Format"].clone());
    assert_eq!(general, Some(Value::from("RealMedia")));
}

#[test]
fn levels_are_kept_to() {
    let mut lab = Lab::new();
    film(&lab.drive.join("film.mkv"));
    lab.tools = tools(&lab);
    let mut request = lab.request(Mode::Delta);
    request.options.media.set_level(MediaLevel::Off);
    assert_eq!(lab.try_scan(&request).unwrap().media.headers, 0);
    request.options.media.set_level(MediaLevel::Headers);
    let headers = lab.try_scan(&request).unwrap().media;
    assert_eq!(
        (headers.headers, headers.pictured, headers.checked),
        (1, 0, 0)
    );
    request.options.media.set_level(MediaLevel::Full);
    request.options.media.check = Level::Full;
    let full = lab.try_scan(&request).unwrap().media;
    assert_eq!((full.headers, full.pictured, full.checked), (0, 1, 1));
    assert_eq!(
        info(&lab, "film.mkv").integrity,
        Some(Verdict::sound(Level::Full))
    );
    // An inventory opens nothing.
    film(&lab.drive.join("new.mkv"));
    assert_eq!(lab.scan(Mode::Inventory).media.headers, 0);
}

#[cfg(unix)]
#[test]
fn a_tool_that_hangs_is_ended_and_the_scan_goes_on() {
    let mut lab = Lab::new();
    film(&lab.drive.join("film.mkv"));
    let bin: PathBuf = lab.home.join("fake");
    program::script(
        &bin.join("ffmpeg"),
        "case \"$1\" in -version) echo 'ffmpeg version 9.9';; *) exec sleep 600;; esac",
    )
    .unwrap();
    let mut path = bin.into_os_string();
    path.push(":/bin:/usr/bin");
    lab.tools = toolbox(&lab, &path);
    let mut request = lab.request(Mode::Delta);
    request.options.media.tool_timeout = std::time::Duration::from_millis(300);
    request.options.media.subtitles = videocatalog_core::settings::SubtitleMode::Files;
    let summary = lab.try_scan(&request).unwrap();
    assert_eq!(summary.media.pictured, 0);
    assert!(lab.problems()[0].detail.contains("did not finish within"));
    let known = info(&lab, "film.mkv");
    assert!(known.pictures_missing.unwrap().contains("did not finish"));
    assert_eq!(known.integrity, Some(Verdict::sound(Level::Structure)));
}
