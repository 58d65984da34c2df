//! Asking other programs about one media file at a time, on watched threads.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};

use crate::cancel::CancelToken;
use crate::catalog::media::MediaTask;
use crate::gpu::{self, Hwaccel};
use crate::media::embedded::PictureFile;
use crate::media::frames::{self, Decoding, Plan, Shots};
use crate::media::pictures::{self, Picture, PictureKind, Style};
use crate::media::{Level, Reader, Understanding, Verdict, check, embedded, fallback};
use crate::path::join;
use crate::problem::{Problem, ProblemKind};
use crate::settings::GpuPolicy;
use crate::tools::{Limits, StreamError, Tool, ToolError, Toolbox};
use crate::tree::Tree;
use crate::watch::{self, Abandoned, Post, Work};

/// How files are asked about.
#[derive(Clone, Debug)]
pub(crate) struct AskingPlan {
    /// Where the root is mounted.
    pub(crate) root: PathBuf,
    /// How thoroughly films are checked.
    pub(crate) check: Level,
    /// How pictures look; `None`: none are made.
    pub(crate) pictures: Option<Style>,
    /// Time limit of one program for one file.
    pub(crate) timeout: Duration,
    /// Whether the graphics card may decode.
    pub(crate) hwaccel: bool,
    /// Whether it may do anything.
    pub(crate) policy: GpuPolicy,
    /// Whether others go first.
    pub(crate) is_gentle: bool,
}

/// What asking gave.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// Which programs were asked for the headers, and answered: their bits.
    pub(crate) asked: i64,
    /// What it knew.
    pub(crate) read: Option<Understanding>,
    /// What decoding came to.
    pub(crate) verdict: Option<Verdict>,
    /// Subtitles inside: stream, language, lines.
    pub(crate) subtitles: Option<Vec<(i64, Option<String>, String)>>,
    /// Pictures, or why there are none.
    pub(crate) pictures: Option<Result<Vec<Picture>, String>>,
    /// Tools that would have been needed.
    pub(crate) missing: Vec<Tool>,
    /// What went wrong.
    pub(crate) problem: Option<Problem>,
}

/// The asking itself; [`crate::watch::run`] gives it threads.
pub(crate) struct Asking {
    plan: AskingPlan,
    toolbox: Arc<Toolbox>,
    /// How the graphics card decodes, once that was asked.
    hwaccel: OnceLock<Option<Hwaccel>>,
    tree: Arc<dyn Tree>,
    tasks: Receiver<MediaTask>,
    answers: Sender<(MediaTask, Answer)>,
    cancel: CancelToken,
    gave_up: AtomicBool,
    stopped: AtomicBool,
}

impl Asking {
    /// Prepares the asking about what comes through `tasks`; each is answered once through `answers`.
    pub(crate) fn new(
        plan: AskingPlan,
        toolbox: Arc<Toolbox>,
        tree: Arc<dyn Tree>,
        tasks: Receiver<MediaTask>,
        answers: Sender<(MediaTask, Answer)>,
        cancel: CancelToken,
    ) -> Self {
        Self {
            plan,
            toolbox,
            hwaccel: OnceLock::new(),
            tree,
            tasks,
            answers,
            cancel,
            gave_up: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
        }
    }

    /// Returns whether the volume stopped answering.
    pub(crate) fn gave_up(&self) -> bool {
        self.gave_up.load(Ordering::Relaxed)
    }

    /// Sends every worker home.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    fn is_stopping(&self) -> bool {
        self.cancel.is_cancelled() || self.gave_up() || self.stopped.load(Ordering::Relaxed)
    }

    fn hwaccel(&self) -> Option<Hwaccel> {
        *self
            .hwaccel
            .get_or_init(|| gpu::hwaccel(self.plan.hwaccel, self.plan.policy, &self.toolbox))
    }

    fn limits(&self) -> Limits {
        Limits {
            timeout: self.plan.timeout,
            cancel: self.cancel.clone(),
            is_gentle: self.plan.is_gentle,
        }
    }

    fn ask(&self, task: &MediaTask, post: &Post) -> Result<Answer, Abandoned> {
        let mut answer = Answer::default();
        if task.fallback {
            self.ask_headers(task, &mut answer);
        }
        if task.category == "video" {
            if task.pictures || task.check && self.plan.check == Level::Ends {
                self.ask_frames(task, &mut answer);
            }
        } else if task.pictures {
            self.picture_of_file(task, post, &mut answer)?;
        }
        if task.check && self.plan.check == Level::Full {
            self.ask_full(task, &mut answer);
        }
        if task.subtitles {
            self.ask_subtitles(task, &mut answer);
        }
        answer.missing.sort_unstable_by_key(|tool| tool.name());
        answer.missing.dedup();
        Ok(answer)
    }

    /// Returns a tool, or notes that it is missing.
    fn tool(&self, tool: Tool, answer: &mut Answer) -> Option<PathBuf> {
        if let Ok(found) = self.toolbox.need(tool) {
            return Some(found.path.clone());
        }
        answer.missing.push(tool);
        None
    }

    fn ask_headers(&self, task: &MediaTask, answer: &mut Answer) {
        let file = join(&self.plan.root, &task.path);
        let size = u64::try_from(task.size_bytes).unwrap_or(0);
        for (tool, reader) in [
            (Tool::Ffprobe, Reader::Ffprobe),
            (Tool::MediaInfo, Reader::MediaInfo),
        ] {
            if task.asked & reader.asked_bit() != 0 || answer.read.is_some() {
                continue;
            }
            let Some(program) = self.tool(tool, answer) else {
                continue;
            };
            let read = match reader {
                Reader::MediaInfo => fallback::mediainfo(&program, &file, &self.limits()),
                _ => fallback::ffprobe(&program, &file, size, &self.limits()),
            };
            match read {
                Ok(read) => {
                    answer.asked |= reader.asked_bit();
                    answer.read = read;
                }
                // One that hangs at a file would hang at it for ever.
                Err(error) if self.note(task, &error, answer) => {
                    answer.asked |= reader.asked_bit();
                }
                Err(_) => {}
            }
        }
    }

    fn ask_frames(&self, task: &MediaTask, answer: &mut Answer) {
        let Some(ffmpeg) = self.tool(Tool::Ffmpeg, answer) else {
            return;
        };
        let mut plan = Plan::default();
        let is_checked = task.check && self.plan.check == Level::Ends;
        let ends = is_checked.then(|| check::want_ends(&mut plan, task.known.duration_s));
        let style = self.plan.pictures.filter(|_| task.pictures);
        let sheet = style.map(|_| plan.want(pictures::sheet_times(task.known.duration_s)));
        let longest = style.map_or(64, |style| style.longest);
        let decoding = Decoding::fitting(
            task.known.width.zip(task.known.height),
            longest,
            self.hwaccel(),
        );
        let file = join(&self.plan.root, &task.path);
        let shots = match frames::take(&ffmpeg, &file, &plan, decoding, &self.limits()) {
            Ok(shots) => shots,
            Err(error) => {
                self.note(task, &error, answer);
                if is_timeout(&error) {
                    answer.pictures = style.map(|_| Err(error.to_string()));
                }
                return;
            }
        };
        if self.is_drives_fault(task, &shots, answer) {
            return;
        }
        answer.verdict = ends.map(|ticket| check::ends(&shots, &ticket));
        if let (Some(style), Some(sheet)) = (style, sheet) {
            answer.pictures = Some(pictures::of_film(&shots, &sheet, style).ok_or_else(|| {
                shots
                    .complaints
                    .first()
                    .cloned()
                    .unwrap_or_else(|| "no picture could be decoded".to_owned())
            }));
        }
    }

    /// Pictures of images and of music are read here, and by ffmpeg where we do not know their format.
    fn picture_of_file(
        &self,
        task: &MediaTask,
        post: &Post,
        answer: &mut Answer,
    ) -> Result<(), Abandoned> {
        let Some(style) = self.plan.pictures else {
            return Ok(());
        };
        let of = PictureFile {
            path: &task.path,
            size_bytes: task.size_bytes,
            is_image: task.category == "image",
        };
        let made = match embedded::read(self.tree.as_ref(), of, post)? {
            Ok(Some(found)) => pictures::of_image(&found.bytes, found.kind, found.turned, style)
                .map(|picture| vec![picture]),
            // Music without a cover.
            Ok(None) if task.category == "audio" => Ok(Vec::new()),
            Ok(None) => Err("it is too large to be decoded".to_owned()),
            Err(error) => {
                answer.problem = Some(Problem {
                    kind: ProblemKind::of(&error),
                    path: join(&self.plan.root, &task.path),
                    detail: error.to_string(),
                });
                return Ok(());
            }
        };
        if made.is_err() && task.category == "image" {
            self.ask_still(task, style, answer);
        } else {
            answer.pictures = Some(made);
        }
        Ok(())
    }

    /// HEIC, AVIF and whatever else ffmpeg can show.
    fn ask_still(&self, task: &MediaTask, style: Style, answer: &mut Answer) {
        let Some(ffmpeg) = self.tool(Tool::Ffmpeg, answer) else {
            return;
        };
        let mut plan = Plan::default();
        let ticket = plan.want([0.0]);
        let size = task.known.width.zip(task.known.height);
        let decoding = Decoding::fitting(size, style.longest, None);
        let file = join(&self.plan.root, &task.path);
        match frames::take(&ffmpeg, &file, &plan, decoding, &self.limits()) {
            Ok(shots) if self.is_drives_fault(task, &shots, answer) => {}
            Ok(shots) => {
                let made = pictures::of_film(&shots, &ticket, style).map(|mut pictures| {
                    for picture in &mut pictures {
                        picture.kind = PictureKind::Thumbnail;
                        picture.times_s.clear();
                    }
                    pictures
                });
                answer.pictures =
                    Some(made.ok_or_else(|| "the picture cannot be decoded".to_owned()));
            }
            Err(error) => {
                self.note(task, &error, answer);
            }
        }
    }

    fn ask_full(&self, task: &MediaTask, answer: &mut Answer) {
        let Some(ffmpeg) = self.tool(Tool::Ffmpeg, answer) else {
            return;
        };
        let file = join(&self.plan.root, &task.path);
        match check::full(&ffmpeg, &file, task.known.duration_s, &self.limits()) {
            Ok(verdict) => answer.verdict = Some(verdict),
            Err(error) => {
                self.note(task, &error, answer);
            }
        }
    }

    fn ask_subtitles(&self, task: &MediaTask, answer: &mut Answer) {
        if task.known.text_streams.is_empty() {
            answer.subtitles = Some(Vec::new());
            return;
        }
        let Some(ffmpeg) = self.tool(Tool::Ffmpeg, answer) else {
            return;
        };
        let file = join(&self.plan.root, &task.path);
        let size = u64::try_from(task.size_bytes).unwrap_or(0);
        let streams = &task.known.text_streams;
        match embedded::subtitles(&ffmpeg, &file, size, streams, &self.limits()) {
            Ok(texts) => answer.subtitles = Some(texts),
            Err(error) => {
                self.note(task, &error, answer);
            }
        }
    }

    /// Notes that the drive kept a film from being decoded: another time it may be.
    fn is_drives_fault(&self, task: &MediaTask, shots: &Shots, answer: &mut Answer) -> bool {
        let Some(complaint) = shots.fault_of_drive() else {
            return false;
        };
        answer.problem = Some(Problem {
            kind: ProblemKind::Io,
            path: join(&self.plan.root, &task.path),
            detail: complaint.to_owned(),
        });
        true
    }

    /// Notes that a program did not answer; returns whether it will not at another time either.
    fn note(&self, task: &MediaTask, error: &StreamError, answer: &mut Answer) -> bool {
        if matches!(error, StreamError::Cancelled { .. }) {
            return false;
        }
        answer.problem = Some(Problem {
            kind: if is_timeout(error) {
                ProblemKind::Hung
            } else {
                ProblemKind::Other
            },
            path: join(&self.plan.root, &task.path),
            detail: error.to_string(),
        });
        is_timeout(error)
    }

    fn broken(&self, task: &MediaTask) -> Answer {
        let reason = "it breaks what reads it";
        Answer {
            pictures: task.pictures.then(|| Err(reason.to_owned())),
            problem: Some(Problem {
                kind: ProblemKind::Other,
                path: join(&self.plan.root, &task.path),
                detail: reason.to_owned(),
            }),
            ..Answer::default()
        }
    }

    fn answer(&self, task: MediaTask, answer: Answer) {
        // A writer that failed no longer listens; the channel of tasks ends with it.
        let _nobody_listens = self.answers.send((task, answer));
    }
}

fn is_timeout(error: &StreamError) -> bool {
    matches!(error, StreamError::Tool(ToolError::Timeout { .. }))
}

impl Work for Asking {
    type Job = MediaTask;

    fn is_finished(&self) -> bool {
        self.tasks.is_empty() || self.is_stopping()
    }

    fn next(&self) -> Option<MediaTask> {
        watch::next_task(&self.tasks, || self.is_stopping())
    }

    fn run(&self, task: MediaTask, post: &Post) -> Result<(), Abandoned> {
        // Much of what reads a file was written by others; should one break it, it is one file of which nothing is known.
        let asked = catch_unwind(AssertUnwindSafe(|| self.ask(&task, post)));
        let answer = if let Ok(answer) = asked {
            answer?
        } else {
            // It may have been in a call; it is not any more.
            post.call(|| ())?;
            self.broken(&task)
        };
        self.answer(task, answer);
        Ok(())
    }

    fn hung(&self, task: MediaTask, _note: &[u8]) {
        let problem = (!self.cancel.is_cancelled()).then(|| Problem {
            kind: ProblemKind::Hung,
            path: join(&self.plan.root, &task.path),
            detail: "a read did not return within the time limit and was abandoned".into(),
        });
        self.answer(
            task,
            Answer {
                problem,
                ..Answer::default()
            },
        );
    }

    fn given_up(&self) {
        self.gave_up.store(true, Ordering::Relaxed);
    }
}
