//! What is to be scanned, and how.

use std::path::PathBuf;

use eframe::egui::{self, RichText, Ui};
use videocatalog_core::profile::Profile;
use videocatalog_core::scan::{Mode, ScanOptions, ScanRequest};
use videocatalog_core::search::shown;
use videocatalog_core::settings::{GpuPolicy, MediaLevel, PhaseMode};

use crate::backend::browse::DriveLine;
use crate::backend::scanning::{DriveEdit, Place, ScanSetup};
use crate::news::{Level, News};
use crate::pick::{Pick, What};
use crate::shell::Shell;
use crate::theme::Palette;
use crate::widgets;

/// Most threads that can be asked for.
const MOST_THREADS: usize = 64;

/// The profiles, by detection first.
const PROFILES: [(&str, Option<Profile>); 5] = [
    ("Automatic", None),
    ("SSD", Some(Profile::Ssd)),
    ("Hard disk", Some(Profile::Hdd)),
    ("USB", Some(Profile::Usb)),
    ("Network", Some(Profile::Network)),
];

const LEVELS: [(&str, &str, MediaLevel); 3] = [
    (
        "Everything",
        "Headers, pictures, checks and subtitles, with the help of FFmpeg and MediaInfo",
        MediaLevel::Full,
    ),
    (
        "Headers",
        "Lengths, codecs, sizes and tags, read without other programs",
        MediaLevel::Headers,
    ),
    (
        "Nothing",
        "Names, sizes, times and hashes alone",
        MediaLevel::Off,
    ),
];

const PHASES: [(PhaseMode, &str); 3] = [
    (PhaseMode::PostScan, "After everything else"),
    (PhaseMode::DuringScan, "Before pictures and checks"),
    (PhaseMode::Off, "Not now"),
];

/// The form.
#[derive(Default)]
pub(super) struct Form {
    folder: String,
    label: String,
    drive_type: String,
    notes: String,
    mode: Option<Mode>,
    is_from_scratch: bool,
    threads: usize,
    is_gentle: Option<bool>,
    profile: usize,
    level: Option<usize>,
    patterns: String,
    /// A folder below the drive's that alone is scanned; empty: all.
    only: String,
    accept_drive: bool,
    accept_missing: bool,
    /// The user said to go on without tools.
    pub(super) is_without_tools: bool,
    options: Option<ScanOptions>,
    /// What the settings say, of which those were made.
    settled: Option<ScanOptions>,
    drive_types: Vec<String>,
    places: Vec<Place>,
    missing: Vec<(&'static str, &'static str)>,
    pick: Pick,
    is_focus_wanted: bool,
}

impl Form {
    /// Takes what the settings say, and which drives are there.
    pub(super) fn take(&mut self, setup: ScanSetup) {
        self.drive_types = setup.drive_types;
        self.places = setup.places;
        self.missing = setup.missing_tools;
        if self.options.is_none() {
            self.patterns = setup.options.skip.join("\n");
        }
        // What was ticked here stays, unless the settings are others now.
        if self.settled.as_ref() != Some(&setup.options) {
            self.options = Some(setup.options.clone());
            self.settled = Some(setup.options);
        }
    }

    /// Begins to write where something is missing, the next time it is drawn.
    pub(super) fn want_focus(&mut self) {
        self.is_focus_wanted = self.folder.is_empty();
    }

    /// Fills it with what is known of a drive.
    pub(super) fn fill(&mut self, line: &DriveLine) {
        let drive = &line.drive;
        self.folder.clone_from(&drive.mount_path);
        self.label.clone_from(&drive.label);
        self.drive_type = drive.drive_type.clone().unwrap_or_default();
        self.notes = drive.notes.clone().unwrap_or_default();
    }

    /// Returns tools that this scan would miss.
    pub(super) fn missing_for(&self, request: &ScanRequest) -> Vec<(&'static str, &'static str)> {
        if request.mode == Mode::Inventory || !request.options.media.tools {
            return Vec::new();
        }
        self.missing.clone()
    }

    /// Returns what the user says of the drive.
    pub(super) fn said(&self) -> DriveEdit {
        let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        DriveEdit {
            label: self.label.trim().to_owned(),
            drive_type: given(&self.drive_type),
            notes: given(&self.notes),
            ..DriveEdit::default()
        }
    }

    /// Returns the scan, if the form says enough.
    pub(super) fn request(&self) -> Option<ScanRequest> {
        let (folder, label) = (self.folder.trim(), self.label.trim());
        let mut options = self.options.clone()?;
        if folder.is_empty() || label.is_empty() {
            return None;
        }
        let flags = &mut options.performance_flags;
        flags.profile = PROFILES.get(self.profile).and_then(|(_, profile)| *profile);
        flags.worker_threads = (self.threads > 0).then_some(self.threads);
        flags.gentle_io = self.is_gentle;
        if let Some((_, _, level)) = self.level.and_then(|index| LEVELS.get(index)) {
            options.media.set_level(*level);
        }
        options.skip = self
            .patterns
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect();
        Some(ScanRequest {
            label: label.to_owned(),
            mount: Some(PathBuf::from(folder)),
            only: Some(self.only.trim())
                .filter(|only| !only.is_empty())
                .map(PathBuf::from),
            mode: self.mode.unwrap_or(Mode::Delta),
            resume: !self.is_from_scratch,
            accept_drive: self.accept_drive,
            accept_missing: self.accept_missing,
            shard_file: None,
            options,
        })
    }

    /// Draws it.
    pub(super) fn show(&mut self, ui: &mut Ui, shell: &mut Shell) {
        if let Some(folder) = self.pick.take() {
            self.choose(folder.to_string_lossy().into_owned(), None);
        }
        widgets::card(ui, |ui| {
            widgets::title(ui, "Which drive");
            self.places(ui);
            self.which(ui, shell);
        });
        ui.add_space(12.0);
        widgets::card(ui, |ui| {
            widgets::title(ui, "How");
            self.how(ui);
        });
        ui.add_space(12.0);
        widgets::card(ui, |ui| self.options(ui));
    }

    fn choose(&mut self, folder: String, label: Option<String>) {
        let name = std::path::Path::new(&folder).file_name();
        let usual = name.map(|name| name.to_string_lossy().into_owned());
        if let Some(label) = label {
            self.label = label;
        } else if self.label.is_empty() {
            self.label = usual.unwrap_or_default();
        }
        self.folder = folder;
    }

    fn places(&mut self, ui: &mut Ui) {
        if self.places.is_empty() {
            return;
        }
        let mut chosen = None;
        widgets::dim(ui, "There now:");
        ui.horizontal_wrapped(|ui| {
            for place in &self.places {
                let folder = place.folder.to_string_lossy();
                let name = place.label.as_deref().unwrap_or(&folder);
                let hover = format!("{} ({})", shown(&folder), shown(&place.about));
                if ui.button(shown(name)).on_hover_text(hover).clicked() {
                    chosen = Some((folder.into_owned(), place.label.clone()));
                }
            }
        });
        if let Some((folder, label)) = chosen {
            self.choose(folder, label);
        }
    }

    fn which(&mut self, ui: &mut Ui, shell: &mut Shell) {
        ui.columns(2, |columns| {
            if let [left, right] = columns {
                self.place(left);
                self.said_of_it(right, shell);
            }
        });
    }

    fn place(&mut self, ui: &mut Ui) {
        let hint = "/media/films, D:\\, \\\\server\\share";
        let folder = widgets::field(ui, "Folder", &mut self.folder, hint);
        if std::mem::take(&mut self.is_focus_wanted) {
            folder.request_focus();
        }
        self.pick.button(ui, What::Folder);
        let hint = "What the drive is called, such as Films B";
        widgets::field(ui, "Label", &mut self.label, hint);
    }

    fn said_of_it(&mut self, ui: &mut Ui, shell: &mut Shell) {
        widgets::field(ui, "Kind of drive", &mut self.drive_type, "Optional");
        ui.horizontal_wrapped(|ui| {
            for kind in &self.drive_types {
                if ui.small_button(kind).clicked() {
                    self.drive_type.clone_from(kind);
                }
            }
            let kind = self.drive_type.trim().to_owned();
            let is_new = !kind.is_empty() && !self.drive_types.contains(&kind);
            let save = egui::Button::new("Save this kind").small();
            if ui.add_enabled(is_new, save).clicked() {
                shell.chore("Saving a kind of drive", move |backend, _| {
                    backend.save_drive_type(&kind)?;
                    let says = format!("`{kind}` is offered from now on");
                    Ok(News::new(Level::Success, says))
                });
            }
        });
        widgets::field(ui, "Notes", &mut self.notes, "Shelf, box, owner");
    }

    fn how(&mut self, ui: &mut Ui) {
        let mode = self.mode.get_or_insert(Mode::Delta);
        let modes = [
            (
                Mode::Delta,
                "Delta",
                "Reads what is new or changed (recommended)",
            ),
            (Mode::Full, "Full", "Reads and hashes everything again"),
            (
                Mode::Inventory,
                "Inventory only",
                "Names, sizes and times; reads no file: quick, and gentle with the drive",
            ),
        ];
        for (one, name, about) in modes {
            ui.horizontal(|ui| {
                ui.radio_value(mode, one, name);
                widgets::dim(ui, about);
            });
        }
        let mut resumes = !self.is_from_scratch;
        ui.checkbox(&mut resumes, "Go on with an interrupted scan");
        self.is_from_scratch = !resumes;
    }

    fn options(&mut self, ui: &mut Ui) {
        let palette = Palette::shown(ui);
        ui.collapsing("Performance", |ui| {
            ui.horizontal_wrapped(|ui| {
                for (index, (name, _)) in PROFILES.iter().enumerate() {
                    ui.radio_value(&mut self.profile, index, *name);
                }
            });
            ui.horizontal(|ui| {
                ui.name_inputs("Worker threads", |ui| {
                    let threads = egui::DragValue::new(&mut self.threads);
                    ui.add(threads.range(0..=MOST_THREADS));
                });
                ui.label("threads; 0: as the profile has it");
            });
            let mut is_gentle = self.is_gentle.unwrap_or(false);
            let gentle = ui.checkbox(&mut is_gentle, "Pause for the sake of other programs");
            if gentle.changed() {
                self.is_gentle = Some(is_gentle);
            }
        });
        ui.collapsing("What is learnt of media files", |ui| {
            let usual = self.options.as_ref().map_or(0, |options| {
                match (options.media.headers, options.media.tools) {
                    (true, true) => 0,
                    (true, false) => 1,
                    (false, _) => 2,
                }
            });
            let mut level = self.level.unwrap_or(usual);
            for (index, (name, about, _)) in LEVELS.iter().enumerate() {
                ui.horizontal(|ui| {
                    if ui.radio_value(&mut level, index, *name).clicked() {
                        self.level = Some(index);
                    }
                    widgets::dim(ui, *about);
                });
            }
            if let Some(options) = &mut self.options {
                let is_allowed = options.analysis.gpu.policy != GpuPolicy::CpuOnly;
                let hwaccel = &mut options.analysis.hwaccel;
                let may = egui::Checkbox::new(hwaccel, "The graphics card may decode");
                let why = "`gpu.policy` leaves everything to the processor";
                ui.add_enabled(is_allowed, may).on_disabled_hover_text(why);
            }
        });
        ui.collapsing("Fingerprints", |ui| {
            widgets::dim(ui, "By these copies are found that are not the same byte for byte. ffmpeg decodes for them.");
            if let Some(options) = &mut self.options {
                let wanted = &mut options.fingerprints;
                ui.checkbox(&mut wanted.kinds.keyframes, "Films, quickly: a few keyframes of each");
                ui.checkbox(&mut wanted.kinds.sound, "Sound, also of films: the first two minutes");
                ui.checkbox(&mut wanted.kinds.video, "Films, thoroughly: every frame, which takes long");
                ui.horizontal_wrapped(|ui| {
                    for (phase, words) in PHASES {
                        ui.radio_value(&mut wanted.phase, phase, words);
                    }
                });
            }
        });
        ui.collapsing("Light analysis and search by meaning", |ui| {
            if let Some(options) = &mut self.options {
                let analysis = &mut options.analysis.enabled;
                ui.checkbox(analysis, "Look at pictures and films, to find look-alikes");
                widgets::dim(ui, "With a model in the folder `models`; without one it is said, and the scan goes on.");
                let meaning = &mut options.semantic;
                ui.checkbox(&mut meaning.enabled_default, "Index what is found, to search it by meaning");
                ui.horizontal_wrapped(|ui| {
                    for (phase, words) in PHASES {
                        ui.radio_value(&mut meaning.phase_mode, phase, words);
                    }
                });
            }
        });
        ui.collapsing("What is left out", |ui| {
            let hint = "Films/1999; empty: the whole drive";
            widgets::field(ui, "Only this folder of the drive", &mut self.only, hint);
            if let Some(options) = &mut self.options {
                ui.checkbox(&mut options.skip_hidden, "Leave hidden files out");
                ui.checkbox(&mut options.follow_symlinks, "Follow links to folders");
            }
            let text = "Patterns, one a line, such as *.tmp or */cache/*";
            ui.label(RichText::new(text).color(palette.dim));
            ui.name_inputs("Patterns that are left out", |ui| {
                let patterns = egui::TextEdit::multiline(&mut self.patterns).desired_rows(3);
                ui.add(patterns.desired_width(f32::INFINITY));
            });
        });
        ui.collapsing("When the drive is not as it was", |ui| {
            ui.checkbox(
                &mut self.accept_drive,
                "This is the drive, though it looks like another",
            );
            ui.checkbox(&mut self.accept_missing, "Whatever is missing was deleted");
        });
    }
}
