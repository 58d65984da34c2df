//! What is seen of a scan while it runs.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use eframe::egui::{self, RichText, Ui};
use videocatalog_core::event::{
    AnalysisStatus, Event, HEARTBEAT, HEARTBEAT_AFTER, Phase, Progress, Sink,
};
use videocatalog_core::human;
use videocatalog_core::profile::Performance;
use videocatalog_core::search::shown;

use super::skipped;
use crate::job::Running;
use crate::news::{Level, News};
use crate::theme::Palette;
use crate::widgets;

/// Problems that are shown; the log has all.
const PROBLEMS: usize = 5;

/// Everything that was seen of a scan so far.
#[derive(Default)]
struct Seen {
    progress: Option<Progress>,
    performance: Option<Performance>,
    notices: Vec<String>,
    /// What kept light analysis back, and was not told yet.
    analysis: Vec<AnalysisStatus>,
    problems: u64,
    last_problems: Vec<String>,
    /// When something was found last.
    moved_at: Option<Instant>,
    items: (u64, u64, u64),
    /// When the phase began.
    phase_at: Option<(Phase, Instant)>,
}

/// Takes what a scan tells.
#[derive(Default)]
pub(super) struct Observer(Mutex<Seen>);

impl Observer {
    /// Looks at what was seen.
    fn with<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns what kept light analysis back since this was asked last.
    pub(super) fn take_banners(&self) -> Vec<News> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let statuses = std::mem::take(&mut seen.analysis);
        statuses.iter().map(banner).collect()
    }

    fn take(&self, event: Event) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Progress(progress) => {
                let items = (
                    progress.dirs_scanned,
                    progress.files_seen,
                    progress.bytes_done,
                );
                if seen.items != items || seen.moved_at.is_none() {
                    seen.items = items;
                    seen.moved_at = Some(Instant::now());
                }
                if seen
                    .phase_at
                    .is_none_or(|(phase, _)| phase != progress.phase)
                {
                    seen.phase_at = Some((progress.phase, Instant::now()));
                }
                seen.progress = Some(progress);
            }
            Event::Performance(performance) => seen.performance = Some(performance),
            Event::Notice(text) | Event::Warning(text) => seen.notices.push(text),
            Event::LightAnalysis(status) => seen.analysis.push(status),
            Event::Problem(problem) => {
                seen.problems += 1;
                seen.last_problems.push(problem.sentence());
                if seen.last_problems.len() > PROBLEMS {
                    seen.last_problems.remove(0);
                }
            }
        }
    }
}

/// Red where nothing is analysed, yellow where some of it is not.
fn banner(status: &AnalysisStatus) -> News {
    let level = if status.status == "error" {
        Level::Error
    } else {
        Level::Warning
    };
    News::new(level, format!("Light analysis: {}", shown(&status.message)))
}

/// Tells the page and the bottom bar.
pub(super) struct Telling {
    observer: Arc<Observer>,
    running: Arc<Running>,
}

impl Telling {
    pub(super) fn new(observer: Arc<Observer>, running: &Arc<Running>) -> Arc<Self> {
        Arc::new(Self {
            observer,
            running: Arc::clone(running),
        })
    }
}

impl Sink for Telling {
    fn event(&self, event: Event) {
        self.observer.take(event);
        let (line, share) = self.observer.with(|seen| (line(seen), share_of(seen)));
        self.running.tell(line, share);
    }
}

/// Returns how much of the phase is done: by bytes where they are known, else by files.
fn share_of(seen: &Seen) -> Option<f32> {
    let progress = seen.progress.as_ref()?;
    let by_bytes = progress
        .bytes_total
        .filter(|total| *total > 0)
        .map(|total| (progress.bytes_done, total));
    let by_files = progress
        .phase_files
        .filter(|total| *total > 0)
        .map(|total| (progress.files_seen, total));
    let (done, total) = match progress.phase {
        Phase::Hashing | Phase::Verifying => by_bytes.or(by_files)?,
        _ => by_files?,
    };
    Some(widgets::ratio(done, total))
}

const fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Enumerating => "Listing files",
        Phase::Hashing => "Reading files",
        Phase::Media => "Pictures, checks, subtitles",
        Phase::Verifying => "Comparing files",
        Phase::Fingerprinting => "Fingerprints",
        Phase::Analysing => "Light analysis",
        Phase::Transcribing => "Transcripts",
        Phase::Indexing => "Indexing by meaning",
        Phase::Finalizing => "Finishing",
    }
}

/// Returns files or bytes a second, and how long the phase still takes at that rate.
fn pace(seen: &Seen) -> Option<(String, Option<f64>)> {
    let progress = seen.progress.as_ref()?;
    let (_, since) = seen.phase_at?;
    let seconds = since.elapsed().as_secs_f64().max(0.001);
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let number = |count: u64| count as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate for people"
    )]
    let whole = |rate: f64| rate as u64;
    if let (Phase::Hashing, Some(total)) = (progress.phase, progress.bytes_total) {
        let rate = number(progress.bytes_done) / seconds;
        let left = number(total.saturating_sub(progress.bytes_done)) / rate.max(1.0);
        return Some((format!("{}/s", human::size(whole(rate))), Some(left)));
    }
    let done = match progress.phase {
        Phase::Enumerating => progress.files_total,
        _ => progress.files_seen,
    };
    let rate = number(done) / seconds;
    let left = progress
        .phase_files
        .filter(|_| rate > 0.0)
        .map(|total| number(total.saturating_sub(done)) / rate);
    Some((format!("{} files/s", human::count(whole(rate))), left))
}

/// Returns one line on how things stand.
fn line(seen: &Seen) -> String {
    let Some(progress) = &seen.progress else {
        return "Preparing".into();
    };
    let mut parts = vec![phase_name(progress.phase).to_owned()];
    if progress.phase == Phase::Enumerating {
        let files = human::count(progress.files_total);
        parts.push(format!("{files} files so far"));
    }
    if let Some((rate, left)) = pace(seen) {
        parts.push(rate);
        parts.extend(left.map(|left| format!("{} left", human::duration(left))));
    }
    parts.join(" · ")
}

/// Draws how things stand.
pub(super) fn show(observer: &Observer, ui: &mut Ui) {
    observer.with(|seen| draw(seen, ui));
}

fn draw(seen: &Seen, ui: &mut Ui) {
    let palette = Palette::shown(ui);
    if let Some(tuned) = &seen.performance {
        let gentle = if tuned.gentle_io { ", gentle" } else { "" };
        let text = format!(
            "Profile {}{gentle} · {} threads · {} at once · {} ffmpeg",
            tuned.profile.name(),
            tuned.worker_threads,
            human::size(tuned.hash_chunk_bytes as u64),
            tuned.ffmpeg_parallel
        );
        ui.label(RichText::new(text).color(palette.dim));
    }
    let share = share_of(seen);
    ui.horizontal(|ui| {
        if let Some(share) = share {
            ui.label(RichText::new(percent(share)).size(28.0).strong());
        }
        ui.label(line(seen));
    });
    let Some(progress) = &seen.progress else {
        return;
    };
    let files = progress.phase_files.unwrap_or(progress.files_total);
    bar(ui, "All files", progress.files_seen, files);
    bar(ui, "Audio and video", progress.av_seen, progress.total_av);
    let skips = skipped(
        progress.skipped_perm,
        progress.skipped_toolong,
        progress.skipped_ignored,
    );
    let elapsed = human::duration(progress.elapsed_s);
    let text = format!("Skipped: {skips} · {elapsed} so far");
    ui.label(RichText::new(text).color(palette.dim));
    let is_waiting = seen
        .moved_at
        .is_some_and(|since| since.elapsed() >= HEARTBEAT_AFTER);
    if is_waiting {
        ui.label(RichText::new(HEARTBEAT).color(palette.warn));
    }
    for notice in seen.notices.iter().rev().take(3) {
        ui.label(RichText::new(notice).color(palette.dim));
    }
    if seen.problems > 0 {
        let text = format!(
            "{} problems; the log has all of them",
            human::count(seen.problems)
        );
        ui.label(RichText::new(text).color(palette.warn));
        for problem in &seen.last_problems {
            let problem = RichText::new(problem).small().color(palette.dim);
            ui.add(egui::Label::new(problem).truncate());
        }
    }
}

fn percent(share: f32) -> String {
    format!("{:.0}%", f64::from(share) * 100.0)
}

fn bar(ui: &mut Ui, name: &str, done: u64, total: u64) {
    let palette = Palette::shown(ui);
    let share = widgets::ratio(done, total);
    let colour = if share >= 1.0 {
        palette.ok
    } else {
        palette.accent
    };
    ui.horizontal(|ui| {
        ui.add_sized([120.0, 20.0], egui::Label::new(name));
        widgets::share(ui, share, 280.0, colour);
        let text = format!(
            "{} · {} of {}",
            percent(share),
            human::count(done),
            human::count(total)
        );
        ui.label(RichText::new(text).color(palette.dim));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(phase: Phase, done: u64, total: Option<u64>) -> Event {
        Event::Progress(Progress {
            phase,
            elapsed_s: 1.0,
            dirs_scanned: 1,
            files_total: 10,
            files_seen: done,
            av_seen: 0,
            total_av: 0,
            phase_files: total,
            bytes_done: 0,
            bytes_total: None,
            skipped_perm: 0,
            skipped_toolong: 0,
            skipped_ignored: 0,
            sound: None,
        })
    }

    #[test]
    fn what_keeps_light_analysis_back_is_told_once_in_its_colour() {
        let observer = Observer::default();
        for (status, message) in [("error", "no model"), ("warning", "only images")] {
            observer.take(Event::LightAnalysis(AnalysisStatus {
                status,
                message: message.into(),
            }));
        }
        let told = observer.take_banners();
        let expected = [
            News::new(Level::Error, "Light analysis: no model"),
            News::new(Level::Warning, "Light analysis: only images"),
        ];
        assert_eq!(told, expected);
        assert!(observer.take_banners().is_empty());
    }

    #[test]
    fn the_share_is_that_of_the_phase() {
        let observer = Observer::default();
        assert_eq!(observer.with(share_of), None);
        observer.take(progress(Phase::Enumerating, 3, None));
        assert_eq!(observer.with(share_of), None);
        assert!(
            observer
                .with(line)
                .starts_with("Listing files · 10 files so far")
        );
        observer.take(progress(Phase::Media, 3, Some(12)));
        assert_eq!(observer.with(share_of), Some(0.25));
        observer.take(progress(Phase::Media, 12, Some(12)));
        assert_eq!(percent(observer.with(share_of).unwrap()), "100%");
    }
}
