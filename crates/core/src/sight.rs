//! What is to be seen in images and films: a vector of each image and of frames of each film, by a model that turns texts
//! into such vectors too, so that both can be compared.
//!
//! What was looked at is kept in `data/frames.db`; what is left to do follows from its rows and the shard's, so that a run may
//! be stopped or killed anywhere and the next one goes on.

use std::path::PathBuf;
use std::time::Duration;

use image::RgbImage;
use rusqlite::Connection;
use serde::Serialize;
use videocatalog_models::picture::PictureEmbedder;
use videocatalog_models::runtime::ModelError;

use crate::analysis::{self, AnalysisOptions, Eye};
use crate::catalog::features::{Analysable, AnalysisTask};
use crate::catalog::learnt::{Frame, LearntDb, What, to_look_at};
use crate::catalog::store::Catalog;
use crate::event::{Event, Phase};
use crate::gather::{At, Keeper, Manner, Surface, TakeError, Taker, gather, on_known_drive};
use crate::inference::{self, Card};
use crate::media::{kind_of_name, pictures};
use crate::path::RelPath;
use crate::problem::ProblemCounts;
use crate::scan::{ScanError, ScanOptions, ScanRequest, Surroundings};
use crate::semantic::find_towers;
use crate::settings::{Semantic, Settings};
use crate::tools::Tool;
use crate::watch::{Abandoned, Post};
use crate::workdir::WorkingDir;

/// When a film is looked at whose playing time nobody knows, in seconds.
const BLIND_FRAMES_S: [f64; 2] = [0.0, 1.0];

/// Files per commit: a file is written by itself.
const BATCH_FILES: usize = 1;

/// How it is looked: settings, with what flags made of them.
#[derive(Clone, Debug, PartialEq)]
pub struct SightOptions {
    /// The model that the user named.
    pub model: Option<String>,
    /// Seconds between frames, where that makes no more than `max_frames`.
    pub interval_s: f64,
    /// The most frames of a film.
    pub max_frames: usize,
    /// Pixels of a frame's longer side.
    pub side: u32,
    /// Who computes and decodes.
    pub analysis: AnalysisOptions,
}

impl SightOptions {
    /// Returns what the settings ask for.
    pub fn from_settings(settings: &Settings) -> Self {
        Self::of(&settings.semantic, AnalysisOptions::from_settings(settings))
    }

    pub(crate) fn of(semantic: &Semantic, analysis: AnalysisOptions) -> Self {
        let video = &semantic.video;
        Self {
            model: semantic.models.vision_embedder.clone(),
            interval_s: video.frame_interval_s,
            max_frames: video.max_frames,
            side: u32::try_from(video.thumbnail_size).unwrap_or(u32::MAX),
            analysis,
        }
    }

    /// Returns when frames are taken of a film of so many seconds: in the middles of equal parts.
    fn times(&self, duration_s: Option<f64>) -> Vec<f64> {
        let Some(seconds) = duration_s.filter(|seconds| *seconds > 0.0) else {
            return BLIND_FRAMES_S.into_iter().take(self.max_frames).collect();
        };
        let parts = (seconds / self.interval_s.max(0.1)).ceil();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "at most the most frames"
        )]
        let parts = (parts.clamp(1.0, 10_000.0) as u32)
            .min(u32::try_from(self.max_frames).unwrap_or(u32::MAX))
            .max(1);
        (0..parts)
            .map(|part| (f64::from(part) + 0.5) * seconds / f64::from(parts))
            .collect()
    }
}

/// Returns whether there is a model of pictures and texts, or one is named.
pub fn has_model(named: Option<&str>, workdir: &WorkingDir) -> bool {
    !matches!(find_towers(named, workdir), Ok(None))
}

/// One run, as the user asked for it.
#[derive(Clone, Debug)]
pub struct SightRequest {
    /// The drive's label.
    pub label: String,
    /// A folder below the root: nothing outside it is looked at.
    pub only: Option<PathBuf>,
    /// Whether what was looked at before is looked at again.
    pub again: bool,
    /// How.
    pub sight: SightOptions,
    /// How drives are read.
    pub options: ScanOptions,
}

/// What was looked at; the names are those of `semantic frames --json`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SightCounts {
    /// Images and films that were not looked at yet.
    pub files: u64,
    /// Images that were.
    pub images: u64,
    /// Films that were.
    pub videos: u64,
    /// Frames of those.
    pub frames: u64,
    /// Files that cannot be decoded.
    pub failed: u64,
    /// Files that were left to another run: changed, gone, unreadable.
    pub left: u64,
    /// With what.
    pub model: Option<String>,
    /// Who computed, at the end.
    pub provider: &'static str,
    /// Why nothing was looked at, or nothing more.
    pub message: Option<String>,
}

/// What a run did.
#[derive(Clone, Debug, Serialize)]
pub struct SightSummary {
    /// The drive.
    pub drive_label: String,
    /// Whether the user stopped it.
    pub stopped: bool,
    /// What was looked at.
    #[serde(flatten)]
    pub counts: SightCounts,
    /// What went wrong, by kind.
    pub problems: ProblemCounts,
    /// How long it took.
    pub duration_seconds: f64,
}

/// Looks at what nobody has looked at on a drive.
///
/// # Errors
/// When the drive is not the one expected, does not answer, or nothing can be written; a bad file is a problem in the
/// summary, and a missing model a message.
pub fn run_on_drive(
    request: &SightRequest,
    catalog: &Catalog,
    outside: &Surroundings,
) -> Result<SightSummary, ScanError> {
    let as_scan = ScanRequest::of_known_drive(
        &request.label,
        None,
        request.only.clone(),
        false,
        request.options.clone(),
    );
    on_known_drive(
        &as_scan,
        "looking at frames",
        catalog,
        outside,
        |on, below| {
            let (counts, problems) = take(on, &request.sight, catalog, request.again, below)?;
            Ok(SightSummary {
                drive_label: on.plan.drive.label.clone(),
                stopped: outside.cancel.is_cancelled(),
                counts,
                problems,
                duration_seconds: on.began.elapsed().as_secs_f64(),
            })
        },
    )
}

/// Looks at what nobody has looked at below a folder.
///
/// # Errors
/// As [`run_on_drive`].
pub(crate) fn take(
    on: &Surface<'_>,
    options: &SightOptions,
    catalog: &Catalog,
    again: bool,
    below: &RelPath,
) -> Result<(SightCounts, ProblemCounts), ScanError> {
    let mut counts = SightCounts::default();
    let off = |message: String, mut counts: SightCounts| {
        counts.message = Some(message);
        Ok((counts, ProblemCounts::default()))
    };
    let workdir = catalog.workdir();
    let model = match find_towers(options.model.as_deref(), workdir) {
        Ok(Some(model)) => model,
        Ok(None) => {
            let folder = workdir.models();
            return off(
                format!(
                    "there is no model of pictures and texts in `{}` (a folder with `vision.onnx`, `text.onnx` and `tokenizer.json`)",
                    folder.display()
                ),
                counts,
            );
        }
        Err(message) => return off(message, counts),
    };
    let id = match model.id() {
        Ok(id) => id,
        Err(error) => return off(error.to_string(), counts),
    };
    let ffmpeg = on.outside.tools.need(Tool::Ffmpeg).ok();
    let ffmpeg = ffmpeg.map(|found| found.path.clone());
    let what = Analysable {
        images: true,
        films: ffmpeg.is_some(),
    };
    let db = LearntDb::open(&workdir.frames_db(), What::Frames, catalog.journal())?;
    let uid = on.plan.drive.drive_uid.clone();
    // What is written goes there and not into the shard.
    let frames_path = db.path().to_path_buf();
    let on = &Surface {
        shard_path: &frames_path,
        ..*on
    };
    let known = db.of_drive(&uid).map_err(|source| on.write(source))?;
    let mut tasks = to_look_at(on.connection, what, below).map_err(|source| on.write(source))?;
    tasks.retain(|task| {
        if on.filter.hides(&task.file.path) || (ffmpeg.is_none() && needs_ffmpeg(task)) {
            return false;
        }
        let learnt = known.get(&task.file.file_id);
        again
            || !learnt.is_some_and(|learnt| {
                learnt.is_of(Some(task.file.size_bytes), Some(task.file.mtime_us))
                    && learnt.model == id
            })
    });
    for (seq, task) in (1..).zip(&mut tasks) {
        task.file.seq = seq;
    }
    counts.files = tasks.len() as u64;
    counts.model = Some(model.name.clone());
    if tasks.is_empty() {
        return Ok((counts, ProblemCounts::default()));
    }
    let (runtime, messages) = inference::runtime_by(&on.outside.tools, &options.analysis.gpu);
    for message in messages {
        on.sink.event(Event::Warning(message));
    }
    let threads = on.performance.ffmpeg_parallel.max(1);
    let wishes = &options.analysis;
    let card = Card::new(&runtime, wishes.gpu.min_free_vram_mb, &on.outside.sink);
    let embedder = match analysis::load(on, wishes, &runtime, &model, threads, &card) {
        Ok(embedder) => embedder,
        Err(ModelError::Stopped) => return Ok((counts, ProblemCounts::default())),
        Err(error) => return off(error.to_string(), counts),
    };
    let looker = Looker {
        embedder,
        eye: Eye {
            ffmpeg,
            hwaccel: analysis::decoding(on, wishes),
            side: options.side,
        },
        options: options.clone(),
    };
    let mut shelf = Shelf {
        db,
        uid,
        id,
        tasks,
        counts,
    };
    let manner = Manner {
        name: "sight",
        phase: Phase::Analysing,
        files: shelf.counts.files,
        threads,
        batch_files: BATCH_FILES,
        rest: Duration::ZERO,
    };
    let gathered = gather(on, looker, &mut shelf, &manner)?;
    shelf.counts.provider = card.provider().name();
    shelf.counts.left = gathered.left;
    shelf.counts.message = gathered.broken;
    Ok((shelf.counts, gathered.problems))
}

/// Returns whether an image is, by its name, of a kind that only ffmpeg decodes: it is not read without.
fn needs_ffmpeg(task: &AnalysisTask) -> bool {
    let name = task.file.path.split().map_or(&[][..], |(_, name)| name);
    let mime = kind_of_name(name).mime;
    !task.is_film && mime.is_some_and(|mime| !pictures::DECODED.contains(&&*mime))
}

/// Looks at images and films.
struct Looker {
    embedder: PictureEmbedder,
    eye: Eye,
    options: SightOptions,
}

impl Looker {
    fn frames(
        &self,
        images: &[(Option<f64>, RgbImage)],
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<Vec<Frame>, ModelError> {
        let pictures: Vec<RgbImage> = images.iter().map(|(_, image)| image.clone()).collect();
        let vectors = self.embedder.embed(&pictures, is_stopped)?;
        let frames = images.iter().zip(vectors).map(|((time, _), vector)| {
            #[expect(clippy::cast_possible_truncation, reason = "a playing time")]
            let start_ms = time.map(|seconds| (seconds * 1_000.0) as i64);
            Frame { start_ms, vector }
        });
        Ok(frames.collect())
    }
}

impl Taker for Looker {
    type Task = AnalysisTask;
    type Taken = Result<Vec<Frame>, String>;

    fn take(
        &self,
        at: &At<'_>,
        task: &AnalysisTask,
        post: &Post,
    ) -> Result<Result<Self::Taken, TakeError>, Abandoned> {
        let times = self.options.times(task.file.duration_s);
        let images = match self.eye.look(at, task, times, post)? {
            Ok(images) => images,
            Err(Ok(error)) => return Ok(Err(error)),
            Err(Err(reason)) => return Ok(Ok(Err(reason))),
        };
        let cancel = &at.limits.cancel;
        let frames = self.frames(&images, &|| cancel.is_cancelled());
        Ok(match frames.map_err(TakeError::of_model) {
            Ok(frames) => Ok(Ok(frames)),
            Err(Ok(error)) => Err(error),
            Err(Err(reason)) => Ok(Err(reason)),
        })
    }

    fn failed(&self, reason: String) -> Self::Taken {
        Err(reason)
    }
}

/// What is left to be looked at, and where it is kept what was seen.
struct Shelf {
    db: LearntDb,
    uid: String,
    id: String,
    tasks: Vec<AnalysisTask>,
    counts: SightCounts,
}

impl Keeper for Shelf {
    type Task = AnalysisTask;
    type Taken = Result<Vec<Frame>, String>;

    fn next(
        &self,
        _connection: &Connection,
        after: i64,
        limit: i64,
    ) -> rusqlite::Result<Vec<AnalysisTask>> {
        let (after, limit) = (
            usize::try_from(after).unwrap_or(0),
            usize::try_from(limit).unwrap_or(0),
        );
        Ok(self.tasks.iter().skip(after).take(limit).cloned().collect())
    }

    fn save(
        &mut self,
        _connection: &Connection,
        task: &AnalysisTask,
        seen: &Result<Vec<Frame>, String>,
        now_utc: &str,
        _now_us: i64,
    ) -> rusqlite::Result<()> {
        let (id, _) = self
            .db
            .begin(&self.uid, &task.file, None, &self.id, true, now_utc)?;
        match seen {
            Ok(frames) => {
                self.db.add_frames(id, frames, now_utc)?;
                self.counts.images += u64::from(!task.is_film);
                self.counts.videos += u64::from(task.is_film);
                self.counts.frames += frames.len() as u64;
            }
            Err(_) => self.counts.failed += 1,
        }
        let failure = seen.as_ref().err().map(String::as_str);
        self.db.finish(id, failure, now_utc)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_taken_as_often_as_settings_say() {
        let options = |interval_s, max_frames| SightOptions {
            interval_s,
            max_frames,
            ..SightOptions::from_settings(&Settings::default())
        };
        let times =
            |interval_s, max_frames, duration| options(interval_s, max_frames).times(duration);
        assert_eq!(times(30.0, 12, Some(60.0)), [15.0, 45.0]);
        assert_eq!(times(30.0, 12, Some(10.0)), [5.0]);
        assert_eq!(times(30.0, 2, Some(7_200.0)), [1_800.0, 5_400.0]);
        assert_eq!(times(30.0, 12, None), [0.0, 1.0]);
        assert_eq!(times(0.1, 3, Some(1e9)).len(), 3);
    }
}
