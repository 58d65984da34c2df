//! Transcripts: what was heard is kept window by window, and an interrupted run ends as another does. Sound is real, and
//! decoded by ffmpeg; what hears it here only counts.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;
use videocatalog_core::cancel::CancelToken;
use videocatalog_core::catalog::learnt::{LearntDb, What};
use videocatalog_core::scan::{self, Mode};
use videocatalog_core::settings::Settings;
use videocatalog_core::tools::Toolbox;
use videocatalog_core::transcripts::{
    Listener, TranscribeOptions, TranscribeRequest, TranscribeSummary, run_with,
};
use videocatalog_models::runtime::ModelError;
use videocatalog_models::speech::voice::Voice;
use videocatalog_models::speech::{Heard, SAMPLE_RATE, Segment, Transcriber};
use videocatalog_testkit::media::encode;
use videocatalog_testkit::program;

use super::lab::{Lab, set_mtime};
use super::media::{toolbox, tools};

/// Hears one segment in each window: how long that is. Stops everything after so many windows.
struct Counting {
    windows: usize,
    stop_after: usize,
    fails: bool,
    cancel: CancelToken,
}

impl Transcriber for Counting {
    fn transcribe(&mut self, samples: &[f32]) -> Result<Heard, ModelError> {
        if self.fails {
            return Err(ModelError::Run("out of memory".into()));
        }
        if self.windows == self.stop_after {
            self.cancel.cancel();
            return Err(ModelError::Stopped);
        }
        self.windows += 1;
        let ms = i64::try_from(samples.len()).unwrap() * 1_000 / i64::from(SAMPLE_RATE);
        Ok(Heard {
            language: Some("en".into()),
            segments: vec![Segment {
                start_ms: 0,
                end_ms: ms,
                text: format!("a sound of {} tenths", (ms + 50) / 100),
                words: Vec::new(),
            }],
        })
    }
}

struct Hearing {
    stop_after: usize,
    fails: bool,
    again: bool,
    language: Option<String>,
    ffmpeg: Option<Arc<Toolbox>>,
}

const ALL: Hearing = Hearing {
    stop_after: usize::MAX,
    fails: false,
    again: false,
    language: None,
    ffmpeg: None,
};

fn hear(lab: &Lab, hearing: &Hearing) -> TranscribeSummary {
    let mut settings = Settings::default();
    settings
        .semantic
        .transcribe
        .language
        .clone_from(&hearing.language);
    let request = TranscribeRequest {
        labels: vec!["Test".into()],
        only: None,
        again: hearing.again,
        transcribe: TranscribeOptions::from_settings(&settings.semantic, 1),
        options: lab.request(Mode::Delta).options,
    };
    let mut outside = lab.outside();
    outside.cancel = CancelToken::new();
    if let Some(tools) = &hearing.ffmpeg {
        outside.tools = Arc::clone(tools);
    }
    let cancel = outside.cancel.clone();
    let mut open = || {
        Ok(Listener {
            transcriber: Box::new(Counting {
                windows: 0,
                stop_after: hearing.stop_after,
                fails: hearing.fails,
                cancel: cancel.clone(),
            }),
            voice: Voice::Loudness,
            model: "counting".into(),
            warnings: Vec::new(),
        })
    };
    let mut ran = run_with(&request, &lab.catalog(), &outside, &mut open).unwrap();
    ran.pop().unwrap()
}

/// A recording: three sounds of two, four and one seconds, with pauses of four.
fn recording(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let loud = "lt(t,2)+between(t,6,10)+between(t,14,15)";
    let source = format!("aevalsrc='0.4*sin(2*PI*440*t)*({loud})':s=44100:d=18");
    encode(&["-f", "lavfi", "-i", &source], path).unwrap();
    set_mtime(path, 1_600_000_000_123_456);
}

fn lab() -> Lab {
    let mut lab = Lab::new();
    lab.tools = tools(&lab);
    lab
}

fn scan_only(lab: &Lab) {
    let mut request = lab.request(Mode::Delta);
    request.options.media.tools = false;
    scan::run(&request, &lab.catalog(), &lab.outside()).unwrap();
}

/// Returns what is written of a file that was heard: from, until (tenths of seconds), text.
fn written(lab: &Lab) -> Vec<(i64, i64, String)> {
    let connection = Connection::open(lab.workdir().transcripts_db()).unwrap();
    let mut statement = connection
        .prepare("SELECT (start_ms + 50) / 100, (end_ms + 50) / 100, text FROM segments JOIN learnt ON learnt.id = learnt_id
              WHERE NOT is_draft ORDER BY start_ms")
        .unwrap();
    statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap()
}

#[test]
fn an_interrupted_run_ends_as_another_does() {
    let whole = lab();
    recording(&whole.drive.join("talk.mka"));
    scan_only(&whole);
    let summary = hear(&whole, &ALL);
    assert_eq!(
        (summary.files, summary.done, summary.with_speech),
        (1, 1, 1)
    );
    let expected = written(&whole);
    assert_eq!(expected.len(), 3, "{expected:?}");
    for (found, about) in expected.iter().zip([(0, 24), (57, 104), (137, 154)]) {
        assert!(
            (found.0 - about.0).abs() <= 2 && (found.1 - about.1).abs() <= 3,
            "{expected:?}"
        );
    }
    for stop_after in 0..3 {
        let lab = lab();
        recording(&lab.drive.join("talk.mka"));
        scan_only(&lab);
        let ran = hear(&lab, &Hearing { stop_after, ..ALL });
        assert!(ran.stopped && ran.done == 0, "{ran:?}");
        assert_eq!(written(&lab).len(), stop_after);
        let ran = hear(&lab, &ALL);
        assert_eq!((ran.files, ran.done, ran.stopped), (1, 1, false), "{ran:?}");
        let found = written(&lab);
        assert_eq!(found.len(), expected.len(), "{stop_after}: {found:?}");
        for (found, expected) in found.iter().zip(&expected) {
            // Where it goes on, frames of 32 ms begin elsewhere.
            assert!(
                (found.0 - expected.0).abs() <= 1,
                "{stop_after}: {found:?} {expected:?}"
            );
        }
        assert_eq!(hear(&lab, &ALL).files, 0);
    }
}

#[test]
fn only_what_lacks_a_transcript_is_listened_to() {
    let lab = lab();
    recording(&lab.drive.join("talk.mka"));
    recording(&lab.drive.join("with subtitles.mkv"));
    lab.file(
        "with subtitles.srt",
        b"1\n00:00:01,000 --> 00:00:03,000\nHello\n\n",
    );
    lab.file("broken.mp3", b"no sound at all, and nothing else either");
    lab.file("notes.txt", b"text");
    scan_only(&lab);
    let ran = hear(&lab, &ALL);
    assert_eq!((ran.files, ran.done, ran.failed), (2, 1, 1), "{ran:?}");
    // What cannot be heard is not tried again, and what was heard is not heard again, until somebody asks for it.
    assert_eq!(hear(&lab, &ALL).files, 0);
    let ran = hear(&lab, &Hearing { again: true, ..ALL });
    assert_eq!((ran.files, ran.done, ran.failed), (2, 1, 1), "{ran:?}");
    assert_eq!(written(&lab).len(), 3);
    // A file that changed since the scan is left alone, and heard anew after the next one.
    fs::write(lab.drive.join("talk.mka"), b"short").unwrap();
    let ran = hear(&lab, &Hearing { again: true, ..ALL });
    assert_eq!((ran.done, ran.left), (0, 1), "{ran:?}");
    assert!(lab.problems()[0].detail.contains("scan the drive"));
    scan_only(&lab);
    assert_eq!(hear(&lab, &ALL).files, 1);
}

#[test]
fn what_was_heard_stays_until_it_is_heard_again() {
    let lab = lab();
    recording(&lab.drive.join("talk.mka"));
    scan_only(&lab);
    hear(&lab, &ALL);
    let first = written(&lab);
    let change = || {
        let path = lab.workdir().transcripts_db();
        let db = LearntDb::open_to_read(&path, What::Transcripts).unwrap();
        let uid = lab.catalog().drive("Test").unwrap().drive_uid;
        db.unwrap().last_change(&uid).unwrap()
    };
    let before = change();
    let again = Hearing {
        again: true,
        stop_after: 1,
        ..ALL
    };
    let ran = hear(&lab, &again);
    assert!(ran.stopped);
    let connection = Connection::open(lab.workdir().transcripts_db()).unwrap();
    let whole = "SELECT count(*) FROM segments JOIN learnt ON learnt.id = learnt_id WHERE NOT is_draft AND is_complete";
    let count = || -> i64 { connection.query_row(whole, [], |row| row.get(0)).unwrap() };
    assert_eq!(
        (count(), change()),
        (3, before),
        "nothing is lost, and nothing new is told"
    );
    let ran = hear(&lab, &Hearing { again: true, ..ALL });
    assert_eq!((ran.done, count()), (1, 3));
    assert_eq!(written(&lab).len(), first.len());
    assert!(change() > before, "whoever made something of it knows");
}

#[test]
fn sound_that_begins_late_and_has_gaps_keeps_its_times() {
    let lab = lab();
    // A picture from the beginning, and one second of sound after six.
    let film = lab.drive.join("late.mkv");
    let args = [
        "-f",
        "lavfi",
        "-i",
        "color=c=black:s=64x64:d=12:r=5",
        "-itsoffset",
        "6",
        "-f",
        "lavfi",
        "-i",
        "aevalsrc='0.4*sin(2*PI*440*t)':s=16000:d=2",
        "-map",
        "0:v",
        "-map",
        "1:a",
        "-c:a",
        "libvorbis",
    ];
    encode(&args, &film).unwrap();
    set_mtime(&film, 1_600_000_000_123_456);
    scan_only(&lab);
    hear(&lab, &ALL);
    let found = written(&lab);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        (found[0].0 - 57).abs() <= 3 && (found[0].1 - 80).abs() <= 4,
        "{found:?}"
    );
}

#[test]
fn the_sound_in_the_language_that_is_asked_for_is_listened_to() {
    let lab = lab();
    let film = lab.drive.join("two.mkv");
    let sound = |from: u32, until: u32| {
        format!("aevalsrc='0.4*sin(2*PI*440*t)*between(t,{from},{until})':s=16000:d=12")
    };
    let (english, german) = (sound(0, 2), sound(8, 10));
    let args = [
        "-f",
        "lavfi",
        "-i",
        &english,
        "-f",
        "lavfi",
        "-i",
        &german,
        "-map",
        "0:a",
        "-map",
        "1:a",
        "-c:a",
        "libvorbis",
        "-metadata:s:a:0",
        "language=eng",
        "-metadata:s:a:1",
        "language=ger",
        "-disposition:a:0",
        "default",
        "-disposition:a:1",
        "0",
    ];
    encode(&args, &film).unwrap();
    set_mtime(&film, 1_600_000_000_123_456);
    scan_only(&lab);
    for (language, about) in [
        (None, 0),
        (Some("de"), 77),
        (Some("fr"), 0),
        (Some("en-GB"), 0),
    ] {
        let language = language.map(str::to_owned);
        hear(
            &lab,
            &Hearing {
                again: true,
                language,
                ..ALL
            },
        );
        let found = written(&lab);
        assert!((found[0].0 - about).abs() <= 4, "{found:?}");
    }
}

/// A program in ffmpeg's place.
fn stand_in(lab: &Lab, does: &str) -> Arc<Toolbox> {
    let bin = lab.home.join("fake");
    let version = "case \"$1\" in -version) exec /usr/bin/ffmpeg -version;; esac";
    program::script(&bin.join("ffmpeg"), &format!("{version}\n{does}")).unwrap();
    toolbox(lab, bin.as_os_str())
}

#[test]
fn what_cannot_be_read_now_is_left_to_another_run() {
    let lab = lab();
    recording(&lab.drive.join("talk.mka"));
    scan_only(&lab);
    for complaint in ["talk.mka: Input/output error", "Decoder not found for: ac4"] {
        let ffmpeg = stand_in(
            &lab,
            &format!("echo '{complaint}' >&2; head -c 100000 /dev/zero"),
        );
        let ran = hear(
            &lab,
            &Hearing {
                ffmpeg: Some(ffmpeg),
                ..ALL
            },
        );
        assert_eq!((ran.done, ran.failed, ran.left), (0, 0, 1), "{complaint}");
    }
    let killed = stand_in(&lab, "head -c 100000 /dev/zero; kill -9 $$");
    let ran = hear(
        &lab,
        &Hearing {
            ffmpeg: Some(killed),
            ..ALL
        },
    );
    assert_eq!((ran.done, ran.failed, ran.left), (0, 0, 1));
    assert_eq!(hear(&lab, &ALL).done, 1);
}

#[test]
fn files_of_the_same_content_are_listened_to_once() {
    let lab = lab();
    recording(&lab.drive.join("talk.mka"));
    fs::copy(lab.drive.join("talk.mka"), lab.drive.join("copy.mka")).unwrap();
    scan_only(&lab);
    let ran = hear(&lab, &ALL);
    assert_eq!((ran.files, ran.done, ran.same), (2, 1, 1), "{ran:?}");
    assert_eq!(written(&lab).len(), 6);
    assert_eq!(hear(&lab, &ALL).files, 0);
    // Of other bytes nothing is taken over.
    recording(&lab.drive.join("other.mka"));
    let bytes = fs::read(lab.drive.join("other.mka")).unwrap();
    fs::write(lab.drive.join("other.mka"), [&bytes[..], b"x"].concat()).unwrap();
    scan_only(&lab);
    let ran = hear(&lab, &ALL);
    assert_eq!((ran.files, ran.done, ran.same), (1, 1, 0), "{ran:?}");
}

#[test]
fn a_drive_that_is_forgotten_takes_its_transcripts_with_it() {
    let lab = lab();
    recording(&lab.drive.join("talk.mka"));
    scan_only(&lab);
    hear(&lab, &ALL);
    assert_eq!(written(&lab).len(), 3);
    lab.catalog().forget("Test", "now".into()).unwrap();
    assert!(written(&lab).is_empty());
}

#[test]
fn what_fails_now_is_tried_again_and_nothing_is_lost() {
    let mut lab = lab();
    recording(&lab.drive.join("talk.mka"));
    scan_only(&lab);
    let ran = hear(&lab, &Hearing { fails: true, ..ALL });
    assert_eq!((ran.done, ran.left), (0, 1), "{ran:?}");
    assert!(lab.problems()[0].detail.contains("out of memory"));
    let tools = std::mem::replace(&mut lab.tools, Arc::new(Toolbox::empty()));
    let ran = hear(&lab, &ALL);
    assert_eq!((ran.files, ran.done), (1, 0));
    assert!(ran.message.unwrap().contains("ffmpeg"));
    lab.tools = tools;
    assert_eq!(hear(&lab, &ALL).done, 1);
    // A file of somebody else in its place is not written over.
    let path = lab.workdir().transcripts_db();
    assert!(
        LearntDb::open_to_read(&path, What::Transcripts)
            .unwrap()
            .is_some()
    );
    fs::write(&path, b"not a database, but long enough to be read as one: it has a hundred bytes or more in it, truly").unwrap();
    assert!(LearntDb::open_to_read(&path, What::Transcripts).is_err());
    assert!(
        LearntDb::open(
            &path,
            What::Transcripts,
            videocatalog_core::catalog::Journal::Wal
        )
        .is_err()
    );
}
