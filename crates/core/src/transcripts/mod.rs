//! What is said in films and recordings, as text with times.
//!
//! Subtitles come first: a file that has any is left alone, since they are better than any transcript, and free. What was
//! heard is written window by window, so that a run may be stopped or killed anywhere and the next one goes on in the
//! middle of a film. Nothing is written to a shard; a scan may go on meanwhile.

mod hear;
mod listener;
mod written;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde::Serialize;
use serde_json::Value;
use videocatalog_models::speech::{Hearing, Segment};

use self::hear::{End, Sound, hear};
pub use self::listener::{Listener, open_listener};
pub use self::written::{Spoken, Transcript, of_file};
use crate::catalog::Access;
use crate::catalog::drives::Drive;
use crate::catalog::learnt::{Learnt, LearntDb, What, content_of, with_sound};
use crate::catalog::lock::ShardLock;
use crate::catalog::semantic::sources::{Beside, facts};
use crate::catalog::store::{Catalog, StoreError};
use crate::event::{Event, Phase, Progress, SoundProgress};
use crate::gather::Lacking;
use crate::online::OnlineState;
use crate::path::{RelPath, join};
use crate::problem::{Problem, ProblemCounts, ProblemKind};
use crate::scan::filter::Filter;
use crate::scan::guard::check_presence;
use crate::scan::{self, Plan, Refusal, ScanError, ScanOptions, ScanRequest, Surroundings};
use crate::search::query::languages;
use crate::settings::Semantic;
use crate::tools::Tool;
use crate::tree::Tree;
use crate::watch;

/// How speech is turned into text: settings, with what flags made of them.
#[derive(Clone, Debug, PartialEq)]
pub struct TranscribeOptions {
    /// The model that the user named.
    pub transcriber: Option<String>,
    /// The size or name of the model, where none is named.
    pub size: String,
    /// Seconds of sound treated at once.
    pub batch_seconds: f64,
    /// How it listens.
    pub hearing: Hearing,
}

impl TranscribeOptions {
    /// Returns what the settings say, on so many threads.
    pub fn from_settings(semantic: &Semantic, threads: usize) -> Self {
        let wanted = &semantic.transcribe;
        #[expect(clippy::cast_possible_truncation, reason = "0 to 1")]
        let temperature = wanted.temperature as f32;
        Self {
            transcriber: semantic.models.transcriber.clone(),
            size: wanted.model.clone(),
            batch_seconds: wanted.batch_seconds,
            hearing: Hearing {
                language: wanted.language.clone(),
                temperature,
                has_words: wanted.word_timestamps,
                threads,
            },
        }
    }
}

/// One run, as the user asked for it.
#[derive(Clone, Debug)]
pub struct TranscribeRequest {
    /// The drives' labels; none: all that are there.
    pub labels: Vec<String>,
    /// A folder below the root: nothing outside it is listened to.
    pub only: Option<PathBuf>,
    /// Whether what was heard before is heard again.
    pub again: bool,
    /// How.
    pub transcribe: TranscribeOptions,
    /// How drives are read.
    pub options: ScanOptions,
}

/// What became of a drive; the names are those of `semantic transcribe --json`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TranscribeSummary {
    /// The drive.
    pub drive_label: String,
    /// Whether the user stopped it.
    pub stopped: bool,
    /// Films and recordings that had neither subtitles nor a transcript.
    pub files: u64,
    /// Those that were listened to, to their end.
    pub done: u64,
    /// Those of them in which somebody speaks.
    pub with_speech: u64,
    /// Those that are the same as one that was listened to before, on whatever drive.
    pub same: u64,
    /// Those that have no sound that can be decoded.
    pub failed: u64,
    /// Those left to another run: changed, gone, unreadable.
    pub left: u64,
    /// How much was listened to, seconds of playing time.
    pub heard_seconds: f64,
    /// With what.
    pub model: Option<String>,
    /// Why nothing was listened to.
    pub message: Option<String>,
    /// What went wrong, by kind.
    pub problems: ProblemCounts,
    /// How long it took.
    pub duration_seconds: f64,
}

/// Opens what listens, when there is something to listen to.
pub type Open<'o> = &'o mut dyn FnMut() -> Result<Listener, String>;

/// Listens to what is said on drives.
///
/// # Errors
/// When the transcripts cannot be written, or a drive that was named cannot be read; one that was not named is told of.
pub fn run(
    request: &TranscribeRequest,
    catalog: &Catalog,
    outside: &Surroundings,
) -> Result<Vec<TranscribeSummary>, ScanError> {
    run_with(request, catalog, outside, &mut || {
        open_listener(&request.transcribe, catalog.workdir(), outside)
    })
}

/// The same with something else that listens.
///
/// # Errors
/// As [`run`].
pub fn run_with(
    request: &TranscribeRequest,
    catalog: &Catalog,
    outside: &Surroundings,
    open: Open<'_>,
) -> Result<Vec<TranscribeSummary>, ScanError> {
    let path = catalog.workdir().transcripts_db();
    let _lock = ShardLock::acquire(&path, "transcribing", outside.clock.now_utc())?;
    let db = LearntDb::open(&path, What::Transcripts, catalog.journal())?;
    let is_named = !request.labels.is_empty();
    let drives = if is_named {
        catalog.select(&request.labels)?
    } else {
        let online = OnlineState::default();
        let mut drives = catalog.drives()?;
        drives.retain(|drive| online.is_online(drive));
        drives
    };
    let mut listener = None;
    let mut summaries = Vec::new();
    for drive in drives {
        if outside.cancel.is_cancelled() {
            break;
        }
        let run = Run {
            request,
            catalog,
            outside,
            db: &db,
            began: Instant::now(),
        };
        match run.drive(&drive, &mut listener, open) {
            Ok(summary) => summaries.push(summary),
            Err(error @ ScanError::Write { .. }) => return Err(error),
            Err(error) if is_named => return Err(error),
            Err(error) => outside.sink.event(Event::Warning(format!(
                "`{}` was not listened to: {error}",
                drive.label
            ))),
        }
    }
    Ok(summaries)
}

struct Run<'r> {
    request: &'r TranscribeRequest,
    catalog: &'r Catalog,
    outside: &'r Surroundings,
    db: &'r LearntDb,
    began: Instant,
}

/// A drive that is there, and what is on it.
struct Ready {
    plan: Plan,
    tree: Arc<dyn Tree>,
    limit: Duration,
    ffmpeg: PathBuf,
    shard: Connection,
}

/// What became of a file.
enum Outcome {
    /// It was listened to, to its end.
    Done { speaks: bool },
    /// What it says is known of another file of the same content.
    Same,
    /// There is nothing to be heard.
    Failed,
    /// Another time.
    Left(Option<Problem>),
}

impl Run<'_> {
    fn drive(
        &self,
        drive: &Drive,
        listener: &mut Option<Result<Listener, String>>,
        open: Open<'_>,
    ) -> Result<TranscribeSummary, ScanError> {
        let request = ScanRequest::of_known_drive(
            &drive.label,
            None,
            self.request.only.clone(),
            false,
            self.request.options.clone(),
        );
        let outside = self.outside;
        let plan = scan::plan(
            &request,
            self.catalog,
            &outside.probe,
            outside.sink.as_ref(),
        )?;
        let tree = scan::open_tree(&plan, &request.options)?;
        let below = match &request.only {
            Some(only) => scan::start_below(&plan.root, only)?,
            None => RelPath::root(),
        };
        let shard = self.catalog.open_shard(drive, Access::Read)?;
        let mut files = self.lacking(drive, &shard, &below)?;
        let filter = Filter::of(&request, &plan.root)?;
        files.retain(|file| !filter.hides(&file.path));
        let mut summary = TranscribeSummary {
            drive_label: drive.label.clone(),
            files: files.len() as u64,
            ..TranscribeSummary::default()
        };
        if files.is_empty() {
            return Ok(summary);
        }
        let listener = listener.get_or_insert_with(open);
        let (listener, ffmpeg) = match (listener, outside.tools.need(Tool::Ffmpeg)) {
            (Ok(listener), Ok(found)) => (listener, found.path.clone()),
            (Err(message), _) => {
                summary.message = Some(message.clone());
                return Ok(summary);
            }
            (_, Err(missing)) => {
                summary.message = Some(missing.to_string());
                return Ok(summary);
            }
        };
        for warning in listener.warnings.drain(..) {
            outside.sink.event(Event::Warning(warning));
        }
        summary.model = Some(listener.model.clone());
        let ready = Ready {
            plan,
            tree,
            limit: request.options.time_limit,
            ffmpeg,
            shard,
        };
        self.files(&ready, &files, listener, &mut summary)?;
        summary.stopped = outside.cancel.is_cancelled();
        summary.duration_seconds = self.began.elapsed().as_secs_f64();
        Ok(summary)
    }

    /// Returns the files that nobody has listened to yet, and that have no subtitles.
    fn lacking(
        &self,
        drive: &Drive,
        shard: &Connection,
        below: &RelPath,
    ) -> Result<Vec<Lacking>, ScanError> {
        let unreadable = |source| {
            ScanError::Store(StoreError::Sqlite {
                path: self.catalog.shard_path(drive),
                source,
            })
        };
        let mut files = with_sound(shard, below).map_err(unreadable)?;
        let beside = Beside::read(shard).map_err(unreadable)?;
        let known: HashMap<i64, Learnt> = self
            .db
            .of_drive(&drive.drive_uid)
            .map_err(|source| self.failed(source))?;
        let is_known = |file: &Lacking| {
            known.get(&file.file_id).is_some_and(|transcript| {
                transcript.is_complete
                    && transcript.is_of(Some(file.size_bytes), Some(file.mtime_us))
            })
        };
        files.retain(|file| !beside.tells(file.file_id) && (self.request.again || !is_known(file)));
        Ok(files)
    }

    fn files(
        &self,
        ready: &Ready,
        files: &[Lacking],
        listener: &mut Listener,
        summary: &mut TranscribeSummary,
    ) -> Result<(), ScanError> {
        let total_s = files.iter().filter_map(|file| file.duration_s).sum();
        let mut before_s = 0.0;
        for file in files {
            if self.outside.cancel.is_cancelled() {
                break;
            }
            let tell = |seen: u64, heard_s: f64| {
                self.outside.sink.event(Event::Progress(Progress {
                    elapsed_s: self.began.elapsed().as_secs_f64(),
                    files_seen: seen,
                    av_seen: seen,
                    total_av: files.len() as u64,
                    sound: Some(SoundProgress { heard_s, total_s }),
                    ..Progress::begun(Phase::Transcribing, files.len() as u64)
                }));
            };
            let seen = summary.done + summary.same + summary.failed + summary.left;
            let outcome = self.file(ready, file, listener, &mut |heard_s, listened_s| {
                summary.heard_seconds += listened_s;
                tell(seen, before_s + heard_s);
            })?;
            before_s += file.duration_s.unwrap_or(0.0);
            match outcome {
                Outcome::Done { speaks } => {
                    summary.done += 1;
                    summary.with_speech += u64::from(speaks);
                }
                Outcome::Same => summary.same += 1,
                Outcome::Failed => summary.failed += 1,
                Outcome::Left(problem) => {
                    summary.left += u64::from(!self.outside.cancel.is_cancelled());
                    if let Some(problem) = problem {
                        *summary.problems.entry(problem.kind).or_default() += 1;
                        self.outside.sink.event(Event::Problem(problem));
                    }
                }
            }
            tell(seen + 1, before_s);
        }
        Ok(())
    }

    /// Listens to one file. `heard` is told how far it is, and how much was listened to since, in seconds.
    fn file(
        &self,
        ready: &Ready,
        file: &Lacking,
        listener: &mut Listener,
        heard: &mut dyn FnMut(f64, f64),
    ) -> Result<Outcome, ScanError> {
        let path = join(&ready.plan.root, &file.path);
        let before = match state(ready, file, &path)? {
            Ok(state) => state,
            Err(problem) => return Ok(Outcome::Left(Some(problem))),
        };
        let clock = self.outside.clock.as_ref();
        let uid = &ready.plan.drive.drive_uid;
        let content = content_of(&ready.shard, file.file_id).map_err(|source| {
            ScanError::Store(StoreError::Sqlite {
                path: self.catalog.shard_path(&ready.plan.drive),
                source,
            })
        })?;
        if let (Some(content), false) = (&content, self.request.again)
            && self
                .db
                .adopt(uid, file, content, &listener.model, &clock.now_utc())
                .map_err(|source| self.failed(source))?
        {
            return Ok(Outcome::Same);
        }
        let (id, from_ms) = self
            .db
            .begin(
                uid,
                file,
                content.as_ref(),
                &listener.model,
                self.request.again,
                &clock.now_utc(),
            )
            .map_err(|source| self.failed(source))?;
        let mut until_ms = from_ms;
        let mut keep = |language: Option<&str>, segments: &[Segment], heard_ms: i64| {
            heard(seconds(heard_ms), seconds(heard_ms - until_ms));
            until_ms = heard_ms;
            self.db
                .add_segments(id, language, segments, heard_ms, &clock.now_utc())
                .map_err(|source| self.failed(source))
        };
        let language = self.request.transcribe.hearing.language.as_deref();
        let stream = sound_stream(&ready.shard, file.file_id, language);
        let sound = Sound {
            ffmpeg: &ready.ffmpeg,
            path: &path,
            stream,
            from_ms,
            duration_s: file.duration_s,
        };
        let end = hear(
            &sound,
            listener,
            self.request.transcribe.batch_seconds,
            &self.outside.cancel,
            &mut keep,
        )?;
        let problem = |kind, detail| {
            Outcome::Left(Some(Problem {
                kind,
                path: path.clone(),
                detail,
            }))
        };
        for warning in listener.warnings.drain(..) {
            self.outside.sink.event(Event::Warning(warning));
        }
        let failure = match end {
            End::Heard => None,
            End::Nothing(complaint) => Some(complaint),
            End::Stopped => return Ok(Outcome::Left(None)),
            End::Hung => {
                let detail = "nothing came of it for a long while; is the drive still there?";
                return Ok(problem(ProblemKind::Hung, detail.into()));
            }
            End::Broken(message) => {
                // Of a drive that is gone nothing else can be heard either.
                check_presence(&ready.tree, &ready.plan.root, ready.limit)?;
                return Ok(problem(ProblemKind::Other, message));
            }
        };
        match state(ready, file, &path)? {
            Ok(after) if after == before => {}
            Ok(_) => return Ok(Outcome::Left(Some(written_to(&path)))),
            Err(problem) => return Ok(Outcome::Left(Some(problem))),
        }
        self.db
            .finish(id, failure.as_deref(), &clock.now_utc())
            .map_err(|source| self.failed(source))?;
        if failure.is_some() {
            return Ok(Outcome::Failed);
        }
        let said = self.db.segments(id).map_err(|source| self.failed(source))?;
        Ok(Outcome::Done {
            speaks: !said.is_empty(),
        })
    }

    fn failed(&self, source: rusqlite::Error) -> ScanError {
        ScanError::Write {
            path: self.db.path().to_path_buf(),
            source,
        }
    }
}

/// Returns size and time of change of a file that is as large as the catalogue has it, or what is wrong with it.
fn state(
    ready: &Ready,
    file: &Lacking,
    path: &Path,
) -> Result<Result<(u64, i64), Problem>, ScanError> {
    let (tree, asked) = (Arc::clone(&ready.tree), file.path.clone());
    let Some(answer) = watch::call(ready.limit, move || tree.stat(&asked)) else {
        let mount = ready.plan.root.clone();
        return Err(Refusal::Hung { mount }.into());
    };
    Ok(match answer {
        Ok(stat) if i64::try_from(stat.size_bytes) == Ok(file.size_bytes) => {
            Ok((stat.size_bytes, stat.mtime_us))
        }
        Ok(_) => Err(written_to(path)),
        Err(error) => {
            check_presence(&ready.tree, &ready.plan.root, ready.limit)?;
            Err(Problem {
                kind: ProblemKind::of(&error),
                path: path.to_path_buf(),
                detail: error.to_string(),
            })
        }
    })
}

fn written_to(path: &Path) -> Problem {
    Problem {
        kind: ProblemKind::ChangedWhileRead,
        path: path.to_path_buf(),
        detail: "it was written to since it was scanned: scan the drive".into(),
    }
}

/// Returns which sound of a file is listened to: the first in the language that is asked for, else the one that is marked as
/// usual, else the first.
fn sound_stream(shard: &Connection, file_id: i64, language: Option<&str>) -> usize {
    let document = facts(shard, file_id)
        .ok()
        .and_then(|facts| facts.media_json)
        .and_then(|text| serde_json::from_str::<Value>(&text).ok());
    let tracks = document
        .as_ref()
        .and_then(|document| document.pointer("/media/track")?.as_array());
    let sounds: Vec<&Value> = tracks
        .into_iter()
        .flatten()
        .filter(|track| track.get("@type").and_then(Value::as_str) == Some("Audio"))
        .collect();
    let says = |track: &Value, key: &str, values: &[String]| {
        let said = track
            .get(key)
            .and_then(Value::as_str)
            .map(str::to_lowercase);
        said.is_some_and(|said| {
            let short = said.split('-').next().unwrap_or_default();
            values.iter().any(|value| value == short)
        })
    };
    let named = |wanted: &str| {
        let wanted = wanted.to_lowercase();
        let codes = languages(wanted.split(['-', '_']).next().unwrap_or_default());
        sounds
            .iter()
            .position(|track| says(track, "Language", &codes))
    };
    let usual = || {
        sounds
            .iter()
            .position(|track| says(track, "Default", &["yes".to_owned()]))
    };
    language.and_then(named).or_else(usual).unwrap_or(0)
}

#[expect(clippy::cast_precision_loss, reason = "a playing time")]
fn seconds(milliseconds: i64) -> f64 {
    milliseconds as f64 / 1_000.0
}
