//! Copies that are not the same byte for byte: groups, and the files of one side by side.

use std::borrow::Cow;

use eframe::egui::{self, RichText, TextureHandle, Ui, vec2};
use videocatalog_core::duplicates::{NearDuplicates, NearFile, NearGroup, Reason};
use videocatalog_core::human;
use videocatalog_core::path::display::printable_path;
use videocatalog_core::search::shown;

use super::Page;
use crate::backend::Trouble;
use crate::backend::browse::Bitmap;
use crate::backend::duplicates::Duplicates as Backend;
use crate::command::{Command, Tab};
use crate::job::Job;
use crate::latest::Latest;
use crate::news::{Level, News};
use crate::shell::Shell;
use crate::theme::Palette;
use crate::widgets;
use crate::widgets::table::{Column, DataTable, TableState};

const COLUMNS: [Column; 5] = [
    Column::number("Could go", 92.0),
    Column::text("By", 96.0),
    Column::number("Score", 64.0),
    Column::number("Files", 56.0),
    Column::text("Best", 500.0),
];

const KINDS: [(&str, Option<Reason>); 4] = [
    ("All", None),
    ("Picture and sound", Some(Reason::Consensus)),
    ("Picture", Some(Reason::Video)),
    ("Sound", Some(Reason::Audio)),
];

/// Width of a file's card in points.
const CARD: f32 = 260.0;
/// The table's share of the height.
const TABLE: f32 = 0.4;

/// The page.
pub(crate) struct Duplicates {
    kind: usize,
    looking: Option<Job<Option<NearDuplicates>>>,
    found: Option<Result<NearDuplicates, Trouble>>,
    table: TableState,
    asking: Latest<Vec<NearFile>, Vec<Option<Bitmap>>>,
    /// What came and is no texture yet.
    arrived: Vec<Option<Bitmap>>,
    pictures: Vec<Option<TextureHandle>>,
}

impl Duplicates {
    pub(crate) fn new(shell: &Shell) -> Self {
        Self {
            kind: 0,
            looking: None,
            found: None,
            table: TableState::default(),
            asking: shell
                .latest(|backend, files: &Vec<NearFile>, _| Backend::pictures(backend, files)),
            arrived: Vec::new(),
            pictures: Vec::new(),
        }
    }

    fn look(&mut self, shell: &mut Shell) {
        let reason = KINDS.get(self.kind).and_then(|(_, reason)| *reason);
        self.looking = Some(shell.start("Looking for copies", move |backend, running| {
            Backend::near(backend, reason, running)
        }));
    }

    /// Shows the pictures of a group.
    fn choose(&mut self, row: usize) {
        self.table.chosen.alone(row);
        self.pictures.clear();
        self.arrived.clear();
        if let Some(Ok(found)) = &self.found
            && let Some(group) = found.groups.get(row)
        {
            self.asking.ask(group.files.clone());
        }
    }

    fn head(&mut self, ui: &mut Ui, shell: &mut Shell) {
        ui.horizontal_wrapped(|ui| {
            let look = widgets::accent(ui, "Look for copies");
            if ui.add_enabled(self.looking.is_none(), look).clicked() {
                self.look(shell);
            }
            for (index, (words, _)) in KINDS.iter().enumerate() {
                if ui.radio_value(&mut self.kind, index, *words).changed() && self.found.is_some() {
                    self.look(shell);
                }
            }
            if let Some(Ok(found)) = &self.found
                && !found.groups.is_empty()
            {
                let hover = "Write scripts that move what could go aside, on each drive. They are run by you, or not at all.";
                if ui.button("Write a plan").on_hover_text(hover).clicked() {
                    plan(found.clone(), shell);
                }
                let groups = human::count(found.total_groups);
                let bytes = human::size(found.reclaimable_bytes);
                widgets::dim(ui, format!("{groups} groups, {bytes} could go"));
            }
        });
        ui.add_space(8.0);
    }

    fn groups(&mut self, ui: &mut Ui) {
        let Some(Ok(found)) = &self.found else {
            return;
        };
        let groups = &found.groups;
        let size = vec2(ui.available_width(), ui.available_height() * TABLE);
        let mut state = std::mem::take(&mut self.table);
        let drawn = ui.allocate_ui(size, |ui| {
            ui.set_min_size(size);
            DataTable {
                name: "Groups",
                columns: &COLUMNS,
                rows: groups.len(),
                sorted: None,
            }
            .show(ui, &mut state, |row, column| {
                groups.get(row).map(|group| cell(group, column))
            })
        });
        self.table = state;
        if let Some(row) = self.table.chosen.at().filter(|_| drawn.inner.is_moved) {
            self.choose(row);
        }
    }

    fn files(&mut self, ui: &mut Ui, shell: &mut Shell) {
        let arrived = std::mem::take(&mut self.arrived);
        if !arrived.is_empty() {
            let texture = |bitmap: Option<Bitmap>| Some(bitmap?.texture(ui.ctx()));
            self.pictures = arrived.into_iter().map(texture).collect();
        }
        let row = self.table.chosen.at();
        let Some(group) = row.and_then(|row| match &self.found {
            Some(Ok(found)) => found.groups.get(row),
            _ => None,
        }) else {
            return;
        };
        let Some(best) = group.files.first() else {
            return;
        };
        ui.add_space(8.0);
        let why = format!("The best by {}", group.why);
        widgets::dim(ui, shown(&why));
        egui::ScrollArea::both().auto_shrink(false).show(ui, |ui| {
            ui.horizontal_top(|ui| {
                for (index, file) in group.files.iter().enumerate() {
                    let picture = self.pictures.get(index).and_then(Option::as_ref);
                    let size = vec2(CARD, ui.available_height());
                    let down = egui::Layout::top_down(egui::Align::Min);
                    ui.allocate_ui_with_layout(size, down, |ui| {
                        ui.set_width(CARD);
                        ui.push_id(index, |ui| card(file, best, picture, ui, shell));
                    });
                }
            });
        });
    }
}

impl Page for Duplicates {
    fn poll(&mut self, shell: &mut Shell) {
        if let Some((_, pictures)) = self.asking.poll() {
            self.arrived = pictures;
        }
        let Some(ended) = self.looking.as_ref().and_then(Job::poll) else {
            return;
        };
        self.looking = None;
        match ended {
            // Stopped: what was found before stays.
            Ok(None) => {}
            Ok(Some(found)) => {
                for reason in &found.unread {
                    let text = format!("Not compared: {}", shown(reason));
                    shell.news.banner(News::new(Level::Warning, text));
                }
                let has_groups = !found.groups.is_empty();
                self.found = Some(Ok(found));
                self.table.rewind();
                if has_groups {
                    self.choose(0);
                }
            }
            Err(trouble) => self.found = Some(Err(trouble)),
        }
    }

    fn show(&mut self, ui: &mut Ui, shell: &mut Shell) {
        self.head(ui, shell);
        let is_looking = self.looking.is_some();
        match &self.found {
            _ if is_looking => {
                widgets::dim(ui, "Comparing films and sound of all drives…");
            }
            None => {
                let sentence = "Films and sound that are the same to people, on any drive, plugged in or not. Copies of the same bytes are \
                                among the reports.";
                widgets::empty(ui, "Nothing was looked for yet", sentence, "");
            }
            Some(Err(trouble)) => widgets::trouble(ui, trouble),
            Some(Ok(found)) if found.compared_files == 0 => {
                let sentence = "A scan captures them if that is ticked under Fingerprints.";
                if widgets::empty(ui, "No file has fingerprints yet", sentence, "Scan a drive") {
                    shell.wish(Command::Show(Tab::Scan));
                }
            }
            Some(Ok(found)) if found.groups.is_empty() => {
                let files = human::files(found.compared_files);
                let sentence = format!("{files} with fingerprints were compared.");
                widgets::empty(ui, "No copies", &sentence, "");
            }
            Some(Ok(_)) => {
                self.groups(ui);
                self.files(ui, shell);
            }
        }
    }
}

fn plan(found: NearDuplicates, shell: &mut Shell) {
    shell.chore("Writing a plan", move |backend, _| {
        let planned = Backend::plan(backend, &found)?;
        let (files, bytes) = (human::files(planned.files), human::size(planned.bytes));
        let folder = printable_path(&planned.folder);
        let says =
            format!("{files}, {bytes}, could go; nothing was done. Read the scripts: {folder}");
        let news = News::new(Level::Success, says);
        Ok(news.with("Open folder", Command::Reveal(planned.folder)))
    });
}

const fn kind(reason: Reason) -> &'static str {
    match reason {
        Reason::Exact => "the bytes",
        Reason::Consensus => "both",
        Reason::Video => "picture",
        Reason::Audio => "sound",
    }
}

fn cell(group: &NearGroup, column: usize) -> Cow<'static, str> {
    Cow::Owned(match column {
        0 => human::size(group.reclaimable_bytes),
        1 => kind(group.reason).to_owned(),
        2 => format!("{:.2}", group.score),
        3 => group.files.len().to_string(),
        _ => group
            .files
            .first()
            .map(|file| {
                format!(
                    "{}: {}",
                    shown(&file.place.drive_label),
                    shown(&file.place.rel_path)
                )
            })
            .unwrap_or_default(),
    })
}

/// Draws a file; what differs from the best stands out.
fn card(
    file: &NearFile,
    best: &NearFile,
    picture: Option<&TextureHandle>,
    ui: &mut Ui,
    shell: &mut Shell,
) {
    let palette = Palette::shown(ui);
    widgets::card(ui, |ui| {
        if let Some(picture) = picture {
            let image = egui::Image::new(picture).max_width(CARD - 24.0);
            ui.add(image.corner_radius(6.0).alt_text("Frames of the file"));
        }
        let (words, colour) = match &file.evidence {
            None => ("The best".to_owned(), palette.ok),
            Some(evidence) => (evidence.words(), palette.dim),
        };
        ui.add(egui::Label::new(RichText::new(words).color(colour)).wrap());
        let drive = RichText::new(shown(&file.place.drive_label)).strong();
        ui.label(drive);
        ui.add(egui::Label::new(shown(&file.place.rel_path)).wrap());
        for (one, of_best) in facts(file).into_iter().zip(facts(best)) {
            let colour = if one == of_best {
                palette.dim
            } else {
                palette.warn
            };
            ui.label(RichText::new(one).color(colour));
        }
        ui.horizontal_wrapped(|ui| {
            if ui.button("Open folder").clicked() {
                shell.wish(Command::Reveal((&file.place.path).into()));
            }
            if ui.button("Copy path").clicked() {
                shell.wish(Command::Copy(file.place.path.clone()));
            }
        });
    });
}

/// What is known of a file, the same things in the same order of each.
fn facts(file: &NearFile) -> [String; 4] {
    let unknown = || "?".to_owned();
    let size = file.width.zip(file.height);
    [
        human::size(file.size_bytes),
        file.duration_s.map_or_else(unknown, human::duration),
        size.map_or_else(unknown, |(width, height)| format!("{width} × {height}")),
        file.bitrate_bps.map_or_else(unknown, |bits| {
            format!("{} kbit/s", human::count(bits / 1_000))
        }),
    ]
}
