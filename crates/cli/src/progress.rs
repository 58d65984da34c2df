//! Showing how far a scan is: bars on a terminal, JSON lines on request, nothing on a pipe.

use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle as BarStyle};
use videocatalog_core::event::{Event, HEARTBEAT, HEARTBEAT_AFTER, Phase, Progress, Sink};
use videocatalog_core::logfile::LogFile;

use crate::args::ProgressStyle;
use crate::table;

/// Documented progress lines come at most this often.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// How many problems are shown one by one before only the count goes on.
const PROBLEMS_SHOWN: u64 = 20;

/// Where the documented JSON lines go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lines {
    /// Nowhere.
    Off,
    /// `--progress json`.
    Stderr,
    /// The old entry point.
    Stdout,
}

/// Shows the events of a scan.
pub(crate) struct Display {
    bar: ProgressBar,
    lines: Lines,
    is_verbose: bool,
    log: Arc<LogFile>,
    state: Mutex<State>,
}

struct State {
    phase: Option<Phase>,
    items: (u64, u64, u64),
    moved_at: Instant,
    is_waiting: bool,
    line_at: Option<(Phase, Instant)>,
    problems: u64,
}

impl Display {
    pub(crate) fn new(
        style: ProgressStyle,
        lines: Lines,
        is_verbose: bool,
        log: Arc<LogFile>,
    ) -> Self {
        let draws =
            style == ProgressStyle::Auto && lines == Lines::Off && std::io::stderr().is_terminal();
        let target = if draws {
            ProgressDrawTarget::stderr_with_hz(10)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        bar.enable_steady_tick(Duration::from_millis(250));
        Self {
            bar,
            lines,
            is_verbose,
            log,
            state: Mutex::new(State {
                phase: None,
                items: (0, 0, 0),
                moved_at: Instant::now(),
                is_waiting: false,
                line_at: None,
                problems: 0,
            }),
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn say(&self, text: &str) {
        self.bar.suspend(|| eprintln!("{text}"));
    }

    fn progress(&self, progress: &Progress) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.phase != Some(progress.phase) {
            state.phase = Some(progress.phase);
            self.bar.set_style(style_of(progress));
        }
        self.bar.set_position(progress.bytes_done);
        if let Some(total) = progress.bytes_total {
            self.bar.set_length(total);
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a playing time"
        )]
        let heard_s = progress.sound.map_or(0, |sound| sound.heard_s as u64);
        let items = (
            progress.dirs_scanned,
            progress.files_seen,
            progress.bytes_done + heard_s,
        );
        if items != state.items {
            state.items = items;
            state.moved_at = Instant::now();
            state.is_waiting = false;
        } else if state.moved_at.elapsed() >= HEARTBEAT_AFTER && !state.is_waiting {
            state.is_waiting = true;
            self.say(HEARTBEAT);
            self.log.line(HEARTBEAT);
        }
        self.bar.set_message(message_of(progress));
        let is_due = state
            .line_at
            .is_none_or(|(phase, at)| phase != progress.phase || at.elapsed() >= LINE_EVERY);
        if self.lines != Lines::Off && is_due {
            state.line_at = Some((progress.phase, Instant::now()));
            self.line("progress", serde_json::to_value(progress));
        }
    }

    fn line(&self, kind: &str, value: serde_json::Result<serde_json::Value>) {
        let Ok(serde_json::Value::Object(fields)) = value else {
            return;
        };
        let mut object = serde_json::Map::new();
        object.insert("type".into(), kind.into());
        object.extend(fields);
        let line = serde_json::Value::Object(object);
        match self.lines {
            Lines::Off => {}
            Lines::Stderr => eprintln!("{line}"),
            Lines::Stdout => table::line(format_args!("{line}")),
        }
    }
}

impl Sink for Display {
    fn event(&self, event: Event) {
        match event {
            Event::Progress(progress) => self.progress(&progress),
            Event::Problem(problem) => {
                let text = problem.sentence();
                let shown = {
                    let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
                    state.problems += 1;
                    state.problems
                };
                if self.is_verbose || shown <= PROBLEMS_SHOWN {
                    self.bar.suspend(|| eprintln!("problem: {text}"));
                } else if shown == PROBLEMS_SHOWN + 1 {
                    self.bar
                        .suspend(|| eprintln!("more problems: see the log and the summary"));
                }
            }
            Event::Notice(text) => self.say(&text),
            Event::Warning(text) => self.say(&format!("warning: {text}")),
            Event::LightAnalysis(status) => {
                self.line("light_analysis_status", serde_json::to_value(status));
            }
            Event::Performance(performance) => {
                self.bar.set_prefix(performance.profile.name());
                self.line("performance", serde_json::to_value(performance));
            }
        }
    }
}

fn style_of(progress: &Progress) -> BarStyle {
    let template = if progress.bytes_total.is_some() {
        "[{prefix}] reading {wide_bar} {bytes}/{total_bytes} {bytes_per_sec}, {eta} left  {msg}"
    } else {
        "[{prefix}] {spinner} {msg}"
    };
    BarStyle::with_template(template).unwrap_or_else(|_| BarStyle::default_bar())
}

fn message_of(progress: &Progress) -> String {
    match progress.phase {
        Phase::Enumerating => {
            #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
            let rate = progress.files_total as f64 / progress.elapsed_s.max(0.001);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a rate for people"
            )]
            let rate = rate as u64;
            format!(
                "listing: {} files in {} folders, {} audio/video, {}/s",
                table::count(progress.files_total),
                table::count(progress.dirs_scanned),
                table::count(progress.total_av),
                table::count(rate)
            )
        }
        Phase::Hashing | Phase::Verifying => of_files(progress),
        Phase::Media => format!("pictures, checks, subtitles: {}", of_files(progress)),
        Phase::Fingerprinting => format!("fingerprints: {}", of_files(progress)),
        Phase::Analysing => format!("light analysis: {}", of_files(progress)),
        Phase::Transcribing => progress.listening().unwrap_or_else(|| of_files(progress)),
        Phase::Indexing => format!(
            "indexing by meaning: {} files",
            table::count(progress.files_seen)
        ),
        Phase::Finalizing => "finishing".into(),
    }
}

fn of_files(progress: &Progress) -> String {
    format!(
        "{} of {} files",
        table::count(progress.files_seen),
        table::count(progress.phase_files.unwrap_or(0))
    )
}

/// A bar for what is counted, on a terminal only.
pub(crate) struct Meter(ProgressBar);

impl Meter {
    pub(crate) fn new(what: &'static str) -> Self {
        let target = if std::io::stderr().is_terminal() {
            ProgressDrawTarget::stderr_with_hz(10)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(0), target).with_message(what);
        if let Ok(style) = BarStyle::with_template("{msg} {wide_bar} {pos} of {len}, {eta} left") {
            bar.set_style(style);
        }
        Self(bar)
    }

    pub(crate) fn tell(&self, done: u64, all: u64) {
        self.0.set_length(all);
        self.0.set_position(done);
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
