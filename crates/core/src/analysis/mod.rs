//! Light analysis: a vector of each image and film by a small model of pictures, by which look-alikes are found.
//!
//! What is left to do follows from the rows of a shard, so that a run may be stopped or killed anywhere and the next one
//! goes on; a scan does the same for what it found. Without a model nothing is done, and that is said.

mod eye;
mod similar;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use image::RgbImage;
use rusqlite::Connection;
use serde::Serialize;
use videocatalog_models::manifest::Model;
use videocatalog_models::picture::PictureEmbedder;
use videocatalog_models::runtime::{ModelError, Runtime};

pub(crate) use self::eye::Eye;
pub use self::similar::{Look, SimilarError, SimilarFile, similar};
use crate::catalog::features::{self as rows, Analysable, Analysed, AnalysisTask, FeatureCoverage};
use crate::catalog::store::Catalog;
use crate::event::{AnalysisStatus, Event, Phase};
use crate::gather::{
    At, Keeper, Lacking, Manner, Surface, TakeError, Taker, Task, gather, on_known_drive,
};
use crate::gpu::{self, GpuWishes, Hwaccel, Provider};
use crate::inference::{self, Card};
use crate::path::RelPath;
use crate::problem::ProblemCounts;
use crate::profile::Profile;
use crate::scan::{ScanError, ScanOptions, ScanRequest, Surroundings};
use crate::settings::Settings;
use crate::tools::{Limits, Tool};
use crate::watch::{Abandoned, Post};
use crate::workdir::WorkingDir;

/// Where the model lies in the folder of models, if the settings do not say.
const MODEL: &str = "mobilenetv3-small.onnx";

/// Pixels of the longer side of a frame: more than any model of this kind sees.
const FRAME_SIDE: u32 = 512;

/// Where the frames of a film are taken: a look early on, one in the middle, then between those.
const FIRST_FRAMES: [f64; 2] = [0.05, 0.5];

/// Where frames are taken of a film whose length nobody knows, in seconds.
const BLIND_FRAMES_S: [f64; 2] = [0.0, 1.0];

/// The most frames of one film.
const MOST_FRAMES: usize = 32;

/// Rest after a batch on network and USB drives.
const REST: Duration = Duration::from_millis(20);

/// Files per commit.
const BATCH_FILES: usize = 48;

/// How light analysis is done: settings, with what flags made of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnalysisOptions {
    /// Whether a scan does it.
    pub enabled: bool,
    /// The model; `None`: the customary one.
    pub model: Option<PathBuf>,
    /// Frames of a film.
    pub max_frames: usize,
    /// Whether the graphics card may decode, for pictures as well.
    pub hwaccel: bool,
    /// Who may compute; where only the processor may, it decodes too.
    pub gpu: GpuWishes,
}

impl AnalysisOptions {
    /// Returns the options that the settings ask for.
    pub fn from_settings(settings: &Settings) -> Self {
        let wanted = &settings.light_analysis;
        Self {
            enabled: wanted.enabled_default,
            model: wanted.model_path.clone(),
            max_frames: wanted.max_video_frames.clamp(1, MOST_FRAMES),
            hwaccel: settings.gpu.allow_hwaccel_video,
            gpu: GpuWishes::from_settings(settings),
        }
    }

    fn model_path(&self, workdir: &WorkingDir) -> PathBuf {
        match &self.model {
            Some(path) => workdir.root().join(path),
            None => workdir.models().join(MODEL),
        }
    }
}

/// One run, as the user asked for it.
#[derive(Clone, Debug)]
pub struct AnalysisRequest {
    /// The drive's label.
    pub label: String,
    /// The folder that is its root, absolute; `None`: where the drive is mounted now.
    pub mount: Option<PathBuf>,
    /// A folder below the root: nothing outside it is looked at.
    pub only: Option<PathBuf>,
    /// Whether what was analysed before is analysed again.
    pub again: bool,
    /// The user says that this is the drive, whatever its identity.
    pub accept_drive: bool,
    /// How.
    pub analysis: AnalysisOptions,
    /// How drives are read.
    pub options: ScanOptions,
}

/// What light analysis did; the names are those of `scan --json`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AnalysisCounts {
    /// ok, skipped or error; empty: it was not asked for.
    pub status: &'static str,
    /// Files that had no vector.
    pub files: u64,
    /// Images that were given one.
    pub images: u64,
    /// Films that were given one.
    pub videos: u64,
    /// The mean of their dimensions.
    pub avg_dim: u64,
    /// Files that cannot be decoded.
    pub failed: u64,
    /// Files that were left to another run: changed, gone, unreadable.
    pub left: u64,
    /// Who computed, at the end.
    pub provider: &'static str,
    /// What runs the model.
    pub runtime: String,
    /// Whether the graphics card decodes.
    pub hwaccel: bool,
    /// What was not done, and why.
    pub message: Option<String>,
    #[serde(skip)]
    dims: u64,
    #[serde(skip)]
    model: String,
}

/// What a run did; the names are those of `analyze --json`.
#[derive(Clone, Debug, Serialize)]
pub struct AnalysisSummary {
    /// The drive.
    pub drive_label: String,
    /// Whether the user stopped it.
    pub stopped: bool,
    /// What was analysed.
    #[serde(flatten)]
    pub counts: AnalysisCounts,
    /// What the drive has now.
    pub coverage: FeatureCoverage,
    /// What went wrong, by kind.
    pub problems: ProblemCounts,
    /// How long it took.
    pub duration_seconds: f64,
}

/// Analyses what has no vector yet.
///
/// # Errors
/// When the drive is not the one expected, does not answer, or its shard cannot be written; a bad file is a problem in the
/// summary, and a missing model a message in it.
pub fn run_on_drive(
    request: &AnalysisRequest,
    catalog: &Catalog,
    outside: &Surroundings,
) -> Result<AnalysisSummary, ScanError> {
    let as_scan = ScanRequest::of_known_drive(
        &request.label,
        request.mount.clone(),
        request.only.clone(),
        request.accept_drive,
        request.options.clone(),
    );
    on_known_drive(&as_scan, "analyze", catalog, outside, |on, below| {
        let workdir = catalog.workdir();
        let (counts, problems) = take(on, &request.analysis, workdir, request.again, below)?;
        Ok(AnalysisSummary {
            drive_label: on.plan.drive.label.clone(),
            stopped: outside.cancel.is_cancelled(),
            counts,
            coverage: rows::coverage(on.connection).map_err(|source| on.write(source))?,
            problems,
            duration_seconds: on.began.elapsed().as_secs_f64(),
        })
    })
}

/// Analyses what files below a folder lack.
///
/// # Errors
/// As [`run_on_drive`].
pub(crate) fn take(
    on: &Surface<'_>,
    options: &AnalysisOptions,
    workdir: &WorkingDir,
    again: bool,
    below: &RelPath,
) -> Result<(AnalysisCounts, ProblemCounts), ScanError> {
    let mut counts = AnalysisCounts::default();
    let threads = on.performance.ffmpeg_parallel.max(1);
    let model = match find_model(options, workdir) {
        Ok(model) => model,
        Err(message) => return Ok(off(on, message, counts)),
    };
    let (runtime, messages) = inference::runtime_by(&on.outside.tools, &options.gpu);
    for message in messages {
        on.sink.event(Event::Warning(message));
    }
    counts.status = "ok";
    counts.runtime = runtime.describe();
    counts.provider = runtime.provider().name();
    counts.model.clone_from(&model.id);
    let ffmpeg = match on.outside.tools.need(Tool::Ffmpeg) {
        Ok(found) => Some(found.path.clone()),
        Err(missing) => {
            let message = format!("{missing}; only images are analysed");
            tell(on, "warning", &message, message.clone());
            counts.message = Some(message);
            None
        }
    };
    let what = Analysable {
        images: true,
        films: ffmpeg.is_some(),
    };
    counts.files = rows::fill_queue(on.connection, &model.id, what, again, below)
        .map_err(|source| on.write(source))?;
    if counts.files == 0 {
        return Ok((counts, ProblemCounts::default()));
    }
    // Only now: most scans find nothing new, and loading takes its time.
    let card = Card::new(&runtime, options.gpu.min_free_vram_mb, &on.outside.sink);
    let embedder = match load(on, options, &runtime, &model.model, threads, &card) {
        Ok(embedder) => embedder,
        Err(ModelError::Stopped) => return Ok((counts, ProblemCounts::default())),
        Err(error) => return Ok(off(on, error.to_string(), counts)),
    };
    let is_gentle = matches!(on.performance.profile, Profile::Usb | Profile::Network);
    let looker = Looker {
        embedder,
        eye: Eye {
            ffmpeg,
            hwaccel: decoding(on, options),
            side: FRAME_SIDE,
        },
        frames: if is_gentle { 1 } else { options.max_frames },
    };
    counts.hwaccel = looker.eye.hwaccel.is_some();
    let manner = Manner {
        name: "analysis",
        phase: Phase::Analysing,
        files: counts.files,
        threads,
        batch_files: if is_gentle { 1 } else { BATCH_FILES },
        rest: if is_gentle { REST } else { Duration::ZERO },
    };
    let gathered = gather(on, looker, &mut counts, &manner)?;
    counts.provider = card.provider().name();
    counts.files = counts.files.saturating_sub(gathered.hidden);
    counts.left = gathered.left;
    counts.avg_dim = counts
        .dims
        .checked_div(counts.images + counts.videos)
        .unwrap_or(0);
    if let Some(reason) = gathered.broken {
        let (counts, _) = off(on, reason, counts);
        return Ok((counts, gathered.problems));
    }
    Ok((counts, gathered.problems))
}

/// Tells that nothing is analysed, or nothing more, and why.
fn off(
    on: &Surface<'_>,
    message: String,
    mut counts: AnalysisCounts,
) -> (AnalysisCounts, ProblemCounts) {
    let told = format!("light analysis is off: {message}");
    tell(on, "error", &message, told);
    counts.status = "error";
    counts.message = Some(message);
    (counts, ProblemCounts::default())
}

/// Tells people and programs what keeps light analysis back.
fn tell(on: &Surface<'_>, status: &'static str, message: &str, sentence: String) {
    on.sink.event(Event::Warning(sentence));
    on.sink.event(Event::LightAnalysis(AnalysisStatus {
        status,
        message: message.to_owned(),
    }));
}

/// Returns how the graphics card decodes, if settings and machine let it.
pub(crate) fn decoding(on: &Surface<'_>, options: &AnalysisOptions) -> Option<Hwaccel> {
    gpu::hwaccel(options.hwaccel, options.gpu.policy, &on.outside.tools)
}

/// The model, and what is written beside its vectors.
struct Found {
    model: Model,
    id: String,
}

fn find_model(options: &AnalysisOptions, workdir: &WorkingDir) -> Result<Found, String> {
    let path = options.model_path(workdir);
    let told = |error: ModelError| error.to_string();
    let model = Model::at(&path).map_err(told)?.ok_or_else(|| {
        format!(
            "there is no model at `{}` (an ONNX file of MobileNetV3-Small, or another named by `light_analysis.model_path`)",
            path.display()
        )
    })?;
    let id = model.id().map_err(told)?;
    Ok(Found { model, id })
}

/// Loads a model of pictures for so many threads, and has it look at one: what cannot do that is found before any file is
/// decoded for it.
pub(crate) fn load(
    on: &Surface<'_>,
    options: &AnalysisOptions,
    runtime: &Runtime,
    model: &Model,
    threads: usize,
    card: &Arc<Card>,
) -> Result<PictureEmbedder, ModelError> {
    // More computations at once than its memory holds make a card slower, not quicker.
    let sessions = match runtime.provider() {
        Provider::Cpu => threads,
        Provider::Cuda | Provider::Dml => threads.min(options.gpu.max_workers.max(1)),
    };
    let sessions = inference::sessions(runtime, &model.file, sessions, card)?;
    let preprocessing = model.manifest.preprocessing.unwrap_or_default();
    let embedder = PictureEmbedder::new(sessions, preprocessing)?;
    embedder.try_out(&|| on.outside.cancel.is_cancelled())?;
    Ok(embedder)
}

/// Looks at images and films.
struct Looker {
    embedder: PictureEmbedder,
    eye: Eye,
    frames: usize,
}

/// Returns when frames are taken of a film of so many seconds.
fn frame_times(duration_s: Option<f64>, frames: usize) -> Vec<f64> {
    let Some(seconds) = duration_s.filter(|seconds| *seconds > 0.0) else {
        return BLIND_FRAMES_S.into_iter().take(frames).collect();
    };
    // 5 %, 50 %, and then the middles of what lies between.
    let mut shares: Vec<f64> = FIRST_FRAMES.to_vec();
    let mut parts = 4_u32;
    while shares.len() < frames {
        let next = (1..parts)
            .step_by(2)
            .map(|part| f64::from(part) / f64::from(parts));
        shares.extend(next);
        parts *= 2;
    }
    shares.truncate(frames);
    shares.into_iter().map(|share| share * seconds).collect()
}

impl Task for AnalysisTask {
    fn lacking(&self) -> &Lacking {
        &self.file
    }
}

impl Taker for Looker {
    type Task = AnalysisTask;
    type Taken = Analysed;

    fn take(
        &self,
        at: &At<'_>,
        task: &AnalysisTask,
        post: &Post,
    ) -> Result<Result<Analysed, TakeError>, Abandoned> {
        let times = frame_times(task.file.duration_s, self.frames);
        let images: Vec<RgbImage> = match self.eye.look(at, task, times, post)? {
            Ok(seen) => seen.into_iter().map(|(_, image)| image).collect(),
            Err(Ok(error)) => return Ok(Err(error)),
            Err(Err(reason)) => return Ok(Ok(self.failed(reason))),
        };
        let Limits { cancel, .. } = at.limits;
        let vectors = match self.embedder.embed(&images, &|| cancel.is_cancelled()) {
            Ok(vectors) => vectors,
            Err(error) => {
                return Ok(
                    TakeError::of_model(error).map_or_else(|reason| Ok(self.failed(reason)), Err)
                );
            }
        };
        let vector = videocatalog_models::mean(&vectors)
            .map(|vector| (vector, images.len()))
            .map_err(str::to_owned);
        Ok(Ok(Analysed { vector }))
    }

    fn failed(&self, reason: String) -> Analysed {
        Analysed {
            vector: Err(reason),
        }
    }
}

impl Keeper for AnalysisCounts {
    type Task = AnalysisTask;
    type Taken = Analysed;

    fn next(
        &self,
        connection: &Connection,
        after: i64,
        limit: i64,
    ) -> rusqlite::Result<Vec<AnalysisTask>> {
        rows::next_tasks(connection, after, limit)
    }

    fn save(
        &mut self,
        connection: &Connection,
        task: &AnalysisTask,
        analysed: &Analysed,
        now_utc: &str,
        _now_us: i64,
    ) -> rusqlite::Result<()> {
        rows::save(connection, task, analysed, &self.model, now_utc)?;
        match &analysed.vector {
            Ok((vector, _)) => {
                self.dims += vector.len() as u64;
                self.images += u64::from(!task.is_film);
                self.videos += u64::from(task.is_film);
            }
            Err(_) => self.failed += 1,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::frame_times;

    #[test]
    fn frames_lie_inside_the_film() {
        let check = |duration, frames, expected: &[f64]| {
            assert_eq!(frame_times(duration, frames), expected);
        };
        check(Some(100.0), 1, &[5.0]);
        check(Some(100.0), 2, &[5.0, 50.0]);
        check(Some(100.0), 5, &[5.0, 50.0, 25.0, 75.0, 12.5]);
        check(None, 1, &[0.0]);
        check(None, 9, &[0.0, 1.0]);
        check(Some(0.0), 2, &[0.0, 1.0]);
    }
}
