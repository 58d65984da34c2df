//! Fingerprints of real films and sound: captured once, kept, gone on with, and never of what a file no longer is.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use videocatalog_core::fingerprint::{
    self, FingerprintOptions, FingerprintRequest, FingerprintSummary, Kinds,
};
use videocatalog_core::scan::{Mode, ScanError};
use videocatalog_core::settings::{PhaseMode, Settings};
use videocatalog_core::tools::Toolbox;
use videocatalog_fingerprint::chromaprint::Fingerprint;
use videocatalog_fingerprint::keyframes::Signature;
use videocatalog_fingerprint::tmk::{self, FRAME_BYTES, Tmk};
use videocatalog_testkit::{media, program};

use super::lab::{Lab, set_mtime};
use super::media::{toolbox, toolbox_with};

const ALL: Kinds = Kinds {
    video: true,
    sound: true,
    keyframes: true,
};

/// A scanned drive with ffmpeg at hand.
fn scanned(make: impl FnOnce(&Lab)) -> Lab {
    let mut lab = Lab::new();
    lab.tools = toolbox(&lab, &std::env::var_os("PATH").unwrap());
    make(&lab);
    let mut request = lab.request(Mode::Delta);
    request.options.media.tools = false;
    lab.try_scan(&request).unwrap();
    lab
}

fn request(lab: &Lab, kinds: Kinds) -> FingerprintRequest {
    FingerprintRequest {
        label: "Test".into(),
        mount: None,
        only: None,
        again: false,
        accept_drive: false,
        fingerprints: FingerprintOptions {
            kinds,
            rest: Duration::ZERO,
            ..FingerprintOptions::from_settings(&Settings::default())
        },
        options: lab.request(Mode::Delta).options,
    }
}

fn try_take(lab: &Lab, request: &FingerprintRequest) -> Result<FingerprintSummary, ScanError> {
    fingerprint::run(request, &lab.catalog(), &lab.outside())
}

fn take(lab: &Lab, kinds: Kinds) -> FingerprintSummary {
    try_take(lab, &request(lab, kinds)).unwrap()
}

/// Everything that was captured: path and content, without times.
fn rows(lab: &Lab) -> Vec<(String, Vec<u8>)> {
    let shard = lab.shard();
    let mut statement = shard
        .prepare(
            "SELECT path || ' tmk', sig_bytes FROM video_fp_tmk
             UNION ALL SELECT path || ' sound', CAST(fp AS BLOB) FROM audio_fp_chroma
             UNION ALL SELECT path || ' hash', CAST(vhash64 AS BLOB) FROM video_vhash
             UNION ALL SELECT file_id || ' keyframes', signature FROM keyframe_signatures ORDER BY 1",
        )
        .unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.unwrap().collect::<rusqlite::Result<_>>().unwrap()
}

fn blob(lab: &Lab, sql: &str) -> Vec<u8> {
    lab.shard().query_row(sql, [], |row| row.get(0)).unwrap()
}

/// What ffmpeg gives by itself, as the reference program calls it.
fn by_itself(path: &Path) -> Tmk {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(path)
        .args(["-s", "64:64", "-an", "-f", "rawvideo", "-c:v", "rawvideo"])
        .args(["-pix_fmt", "rgb24", "-r", "15", "pipe:1"])
        .output()
        .unwrap();
    let mut builder = tmk::Builder::new();
    for frame in output.stdout.as_chunks::<FRAME_BYTES>().0 {
        builder.push_rgb24(frame);
    }
    builder.finish()
}

#[test]
fn films_and_sound_get_theirs_once() {
    let lab = scanned(|lab| {
        media::video(&lab.drive.join("film.mkv"), 4).unwrap();
        media::audio(&lab.drive.join("song.flac"), 5).unwrap();
        lab.file("notes.txt", b"nothing to be seen");
    });
    let summary = take(&lab, ALL);
    let counts = &summary.counts;
    assert_eq!((counts.files, counts.done), (2, 2), "{summary:?}");
    assert_eq!((counts.video, counts.sound, counts.keyframes), (1, 2, 1));
    assert_eq!((counts.failed, counts.left), (0, 0), "{summary:?}");
    assert_eq!(summary.coverage.sound, 2);

    let tmk = blob(&lab, "SELECT sig_bytes FROM video_fp_tmk");
    assert!(tmk == by_itself(&lab.drive.join("film.mkv")).to_bytes());
    let version = blob(&lab, "SELECT CAST(tmk_version AS BLOB) FROM video_fp_tmk");
    assert!(version.starts_with(b"videocatalog "));
    Signature::from_bytes(&blob(&lab, "SELECT signature FROM keyframe_signatures")).unwrap();

    let again = take(&lab, ALL);
    assert_eq!(again.counts.files, 0, "nothing is captured twice");
    let before = rows(&lab);
    let mut wanted = request(&lab, ALL);
    wanted.again = true;
    assert_eq!(try_take(&lab, &wanted).unwrap().counts.done, 2);
    assert!(rows(&lab) == before, "and the same if it is");
}

#[test]
fn sound_is_what_fpcalc_hears() {
    let lab = scanned(|lab| {
        media::audio(&lab.drive.join("song.flac"), 9).unwrap();
        media::audio(&lab.drive.join("song.m4a"), 6).unwrap();
        media::video(&lab.drive.join("film.mp4"), 7).unwrap();
    });
    take(&lab, ALL);
    for name in ["song.flac", "song.m4a", "film.mp4"] {
        let output = Command::new("fpcalc")
            .args(["-ignore-errors", "-plain"])
            .arg(lab.drive.join(name))
            .output()
            .expect("fpcalc is there (scripts/test installs it)");
        let heard = String::from_utf8(output.stdout).unwrap();
        let sql =
            format!("SELECT CAST(fp AS BLOB) FROM audio_fp_chroma WHERE path LIKE '%/{name}'");
        let kept = String::from_utf8(blob(&lab, &sql)).unwrap();
        assert_eq!(kept, heard.trim(), "{name}");
        Fingerprint::from_text(&kept).unwrap();
    }
}

#[test]
fn odd_files_are_tried_once_and_say_why() {
    let lab = scanned(|lab| {
        let made = |arguments: &[&str], name: &str| {
            media::encode(arguments, &lab.drive.join(name)).unwrap();
        };
        let picture = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=5:duration=3"];
        made(
            &[&picture[..], &["-c:v", "mpeg4"]].concat(),
            "silent film.mp4",
        );
        let tone = ["-f", "lavfi", "-i", "sine=duration=4"];
        made(&[&tone[..], &["-c:a", "aac"]].concat(), "only sound.mp4");
        let silence = ["-f", "lavfi", "-i", "anullsrc=duration=4"];
        made(&silence, "silence.wav");
        made(
            &[&tone[..2], &["-i", "sine=duration=1"]].concat(),
            "short.wav",
        );
        let black = [
            "-f",
            "lavfi",
            "-i",
            "color=black:size=64x48:rate=5:duration=3",
        ];
        made(&[&black[..], &["-c:v", "mpeg4"]].concat(), "black.mp4");
        let still = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=5"];
        made(
            &[&still[..], &["-frames:v", "1", "-c:v", "mpeg4"]].concat(),
            "one frame.mp4",
        );
        lab.file("no film.mkv", &[7; 5_000]);
        lab.file("-dash \"quote\" \u{202e}.mkv", &[9; 3_000]);
        lab.file("empty.mp4", b"");
    });
    let summary = take(&lab, ALL);
    let counts = &summary.counts;
    assert_eq!((counts.files, counts.done), (8, 8), "{summary:?}");
    assert_eq!((counts.video, counts.keyframes), (3, 3), "{summary:?}");
    assert_eq!(counts.sound, 2, "{summary:?}");
    assert_eq!(
        counts.failed, 3,
        "no films, and too short a sound: {summary:?}"
    );
    assert_eq!(
        take(&lab, ALL).counts.files,
        0,
        "what failed is not tried again"
    );
    let failures = lab.number("SELECT count(*) FROM fingerprinted WHERE failure <> ''");
    assert_eq!(failures, 3);
}

#[test]
fn only_what_is_new_or_changed_is_captured() {
    let lab = scanned(|lab| {
        media::audio(&lab.drive.join("one.flac"), 4).unwrap();
        media::audio(&lab.drive.join("two.flac"), 5).unwrap();
    });
    assert_eq!(take(&lab, ALL).counts.done, 2);
    media::audio(&lab.drive.join("two.flac"), 6).unwrap();
    media::audio(&lab.drive.join("three.flac"), 4).unwrap();
    // Nobody has scanned it yet: what is there is not what the catalogue knows.
    let mut all = request(&lab, ALL);
    all.again = true;
    let summary = try_take(&lab, &all).unwrap();
    assert_eq!(
        (summary.counts.done, summary.counts.left),
        (1, 1),
        "{summary:?}"
    );

    let before = blob(
        &lab,
        "SELECT CAST(fp AS BLOB) FROM audio_fp_chroma WHERE path LIKE '%two%'",
    );
    let mut scan = lab.request(Mode::Delta);
    scan.options.media.tools = false;
    scan.options.fingerprints.kinds.sound = true;
    let summary = lab.try_scan(&scan).unwrap();
    assert_eq!(summary.fingerprints.done, 2, "the scan does it itself");
    let after = blob(
        &lab,
        "SELECT CAST(fp AS BLOB) FROM audio_fp_chroma WHERE path LIKE '%two%'",
    );
    assert_ne!(before, after);
    assert_eq!(take(&lab, ALL).counts.files, 0);
}

#[test]
fn a_file_that_is_written_to_meanwhile_is_left() {
    let mut lab = scanned(|lab| media::audio(&lab.drive.join("song.flac"), 4).unwrap());
    let bin = lab.home.join("fake");
    let file = lab.drive.join("song.flac");
    let text = format!(
        "case \"$1\" in -version) exec /usr/bin/ffmpeg -version;; esac\n/usr/bin/ffmpeg \"$@\"; echo more >> '{}'",
        file.display()
    );
    program::script(&bin.join("ffmpeg"), &text).unwrap();
    lab.tools = toolbox(&lab, bin.as_os_str());
    let summary = take(&lab, ALL);
    assert_eq!(
        (summary.counts.done, summary.counts.left),
        (0, 1),
        "{summary:?}"
    );
    assert!(rows(&lab).is_empty());
}

#[test]
fn a_run_that_is_stopped_is_gone_on_with() {
    let make = |lab: &Lab| {
        for number in 0..6 {
            let path = lab.drive.join(format!("{number}.mkv"));
            media::video(&path, 3 + number % 2).unwrap();
            set_mtime(&path, 1_600_000_000_000_000);
        }
    };
    let whole = scanned(make);
    take(&whole, ALL);

    let mut lab = scanned(make);
    // ffmpeg stops the run after some calls, as a user would.
    let bin = lab.home.join("fake");
    let count = lab.home.join("calls");
    let text = format!(
        "case \"$1\" in -version) exec /usr/bin/ffmpeg -version;; esac\necho x >> '{0}'\n\
         [ $(/usr/bin/wc -l < '{0}') -gt 9 ] && exec /bin/sleep 600\nexec /usr/bin/ffmpeg \"$@\"",
        count.display()
    );
    program::script(&bin.join("ffmpeg"), &text).unwrap();
    lab.tools = toolbox(&lab, bin.as_os_str());
    let cancel = lab.cancel.clone();
    let stopper = std::thread::spawn(move || {
        while std::fs::read_to_string(&count).map_or(0, |calls| calls.lines().count()) < 10 {
            std::thread::sleep(Duration::from_millis(10));
        }
        cancel.cancel();
    });
    // One after the other, so that some are done by then: each takes four calls at most.
    let mut one_by_one = request(&lab, ALL);
    one_by_one.fingerprints.workers = 1;
    let summary = try_take(&lab, &one_by_one).unwrap();
    stopper.join().unwrap();
    assert!(summary.stopped, "{summary:?}");
    let first = summary.counts.done;
    assert!((1..6).contains(&first), "{summary:?}");

    lab.cancel = videocatalog_core::cancel::CancelToken::new();
    lab.tools = toolbox(&lab, &std::env::var_os("PATH").unwrap());
    let summary = take(&lab, ALL);
    assert_eq!(summary.counts.files, 6 - first, "only what was left");
    let of = |lab: &Lab| -> Vec<Vec<u8>> {
        let mut contents: Vec<_> = rows(lab).into_iter().map(|(_, content)| content).collect();
        contents.sort();
        contents
    };
    assert!(of(&lab) == of(&whole), "the same as in one go");
}

#[test]
fn without_ffmpeg_it_says_so_and_a_later_run_makes_up_for_it() {
    let mut lab = scanned(|lab| media::audio(&lab.drive.join("song.flac"), 4).unwrap());
    let tools = Arc::clone(&lab.tools);
    lab.tools = Arc::new(Toolbox::empty());
    let summary = take(&lab, ALL);
    assert_eq!(summary.counts.tool_missing, Some(("ffmpeg", 1)));
    let told = lab.told.sentences.lock().unwrap().join("\n");
    assert!(told.contains("Tool missing: ffmpeg"), "{told}");
    lab.tools = tools;
    assert_eq!(take(&lab, ALL).counts.sound, 1);
}

#[test]
fn a_scan_does_not_unless_it_is_told_to() {
    let lab = scanned(|lab| media::audio(&lab.drive.join("song.flac"), 4).unwrap());
    assert!(rows(&lab).is_empty());
    let mut scan = lab.request(Mode::Delta);
    scan.options.fingerprints.kinds = ALL;
    scan.options.fingerprints.phase = PhaseMode::Off;
    assert_eq!(lab.try_scan(&scan).unwrap().fingerprints.files, 0);
    scan.options.fingerprints.phase = PhaseMode::DuringScan;
    assert_eq!(lab.try_scan(&scan).unwrap().fingerprints.sound, 1);
}

/// Puts programs of others where settings name them.
fn with_programs(lab: &mut Lab, tmk: &Path, fpcalc: &Path) {
    let mut settings = Settings::default();
    settings.fingerprints.tmk_bin_path = Some(tmk.to_path_buf());
    settings.fingerprints.fpcalc_path = Some(fpcalc.to_path_buf());
    lab.tools = toolbox_with(lab, &std::env::var_os("PATH").unwrap(), &settings);
}

#[cfg(unix)]
#[test]
fn programs_of_others_are_used_where_settings_name_them() {
    let film = |lab: &Lab| media::video(&lab.drive.join("film.mkv"), 4).unwrap();
    let ours = scanned(film);
    take(&ours, ALL);
    let made = ours.home.join("made.tmk");
    std::fs::write(&made, blob(&ours, "SELECT sig_bytes FROM video_signatures")).unwrap();

    let mut lab = scanned(film);
    let (tmk, fpcalc) = (lab.home.join("tmk-hash-video"), lab.home.join("fpcalc"));
    // `-f FFMPEG -i FILM -o OUTPUT`, as the reference program takes them.
    let text = format!(
        "[ \"$5\" = -o ] && cp '{}' \"$6\"; echo usage: tmk",
        made.display()
    );
    program::script(&tmk, &text).unwrap();
    let fingerprint = blob(&ours, "SELECT CAST(fp AS BLOB) FROM audio_fingerprints");
    let fingerprint = String::from_utf8(fingerprint).unwrap();
    let says = format!(
        "case $1 in -version) echo 'fpcalc version 9.9.9';; \
         *) echo '{{\"duration\": 4.0, \"fingerprint\": \"{fingerprint}\"}}'; exit 3;; esac"
    );
    program::script(&fpcalc, &says).unwrap();
    with_programs(&mut lab, &tmk, &fpcalc);
    let counts = take(&lab, ALL).counts;
    assert_eq!((counts.video, counts.sound, counts.keyframes), (1, 1, 1));
    let text = |sql: &str| String::from_utf8(blob(&lab, sql)).unwrap();
    let made_by = text("SELECT CAST(tmk_version AS BLOB) FROM video_signatures");
    assert!(made_by.starts_with("tmk-hash-video"), "{made_by}");
    let made_by = text("SELECT CAST(chroma_version AS BLOB) FROM audio_fingerprints");
    assert!(made_by.contains("9.9.9"), "{made_by}");
    let heard = text("SELECT CAST(fp AS BLOB) FROM audio_fingerprints");
    assert_eq!(heard, fingerprint);

    // One that is named and not there, and one that makes nothing: ours do the work, and it is told.
    let mut lab = scanned(film);
    program::script(&tmk, "echo usage: tmk").unwrap();
    with_programs(&mut lab, &tmk, Path::new("/nowhere/fpcalc"));
    let counts = take(&lab, ALL).counts;
    assert_eq!((counts.video, counts.sound), (1, 1));
    let told = lab.told.sentences.lock().unwrap().join("\n");
    assert!(told.contains("Tool missing: fpcalc"), "{told}");
    let same = "SELECT sig_bytes FROM video_signatures";
    assert!(blob(&lab, same) == blob(&ours, same), "the same as ours");
}
