//! Copies that are not the same byte for byte: groups, and the files of one side by side.

use std::borrow::Cow;

use eframe::egui::{self, Key, RichText, TextureHandle, Ui, vec2};
use videocatalog_core::duplicates::{Clip, NearDuplicates, NearFile, NearGroup, Reason};
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

const KINDS: [(&str, Option<Reason>); 5] = [
    ("All", None),
    ("Picture and sound", Some(Reason::Consensus)),
    ("Picture", Some(Reason::Video)),
    ("Sound", Some(Reason::Audio)),
    ("Parts of others", Some(Reason::Clip)),
];

/// Keys for the files of a group, in order.
const NUMBERS: [Key; 9] = [
    Key::Num1,
    Key::Num2,
    Key::Num3,
    Key::Num4,
    Key::Num5,
    Key::Num6,
    Key::Num7,
    Key::Num8,
    Key::Num9,
];

/// What can be decided of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    /// It stays, or could go after all.
    Toggle,
    /// It is no duplicate of the first.
    Ignore,
}

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
    /// What was decided of a card while it was drawn.
    decided: Option<(usize, Decision)>,
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
            decided: None,
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
                    plan(found, shell);
                }
                let groups = match found.groups.len() {
                    1 => "1 group".to_owned(),
                    many => format!("{} groups", human::count(many as u64)),
                };
                let bytes = found.groups.iter().map(|group| group.reclaimable_bytes);
                let bytes = human::size(bytes.sum());
                widgets::dim(ui, format!("{groups}, {bytes} could go"));
            }
        });
        ui.add_space(8.0);
    }

    /// Decides on a file of the group that is shown.
    fn decide(&mut self, index: usize, decision: Decision, shell: &mut Shell) {
        let (Some(row), Some(Ok(found))) = (self.table.chosen.at(), &mut self.found) else {
            return;
        };
        let Some(group) = found.groups.get_mut(row) else {
            return;
        };
        match decision {
            Decision::Toggle => {
                let kept = group.files.iter().filter(|file| file.keep).count();
                if let Some(file) = group.files.get_mut(index)
                    && (kept > 1 || !file.keep)
                {
                    file.keep = !file.keep;
                }
                let goes = group.files.iter().filter(|file| !file.keep);
                group.reclaimable_bytes = goes.map(|file| file.size_bytes).sum();
            }
            Decision::Ignore => {
                let Some(first) = group.files.first().cloned().filter(|_| index > 0) else {
                    return;
                };
                if index >= group.files.len() {
                    return;
                }
                let other = group.files.remove(index);
                let is_empty = group.files.len() < 2;
                if !other.keep {
                    group.reclaimable_bytes -= other.size_bytes.min(group.reclaimable_bytes);
                }
                shell.chore("Remembering", move |backend, _| {
                    Backend::ignore(backend, &first, &other)?;
                    let name = shown(&other.place.rel_path);
                    let says = format!("`{name}` will not be shown as a copy of that again");
                    Ok(News::new(Level::Success, says))
                });
                if is_empty {
                    found.groups.remove(row);
                }
                let last = found.groups.len().checked_sub(1);
                match last {
                    Some(last) => self.choose(row.min(last)),
                    None => self.table.rewind(),
                }
            }
        }
    }

    /// Numbers keep or drop the files of a group; with Shift they say that it is no duplicate.
    fn keys(&mut self, ui: &Ui, shell: &mut Shell) {
        if ui.ctx().egui_wants_keyboard_input() {
            return;
        }
        for (index, key) in NUMBERS.into_iter().enumerate() {
            let (plain, shifted) = ui.input_mut(|input| {
                let shifted = input.consume_key(egui::Modifiers::SHIFT, key);
                (input.consume_key(egui::Modifiers::NONE, key), shifted)
            });
            if plain {
                self.decide(index, Decision::Toggle, shell);
            } else if shifted {
                self.decide(index, Decision::Ignore, shell);
            }
        }
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
        let is_part = group.reason == Reason::Clip;
        let why = if is_part {
            "A part is no copy: nothing is planned for it".to_owned()
        } else {
            format!("The best by {}", group.why)
        };
        widgets::dim(ui, shown(&why));
        let mut decided = None;
        egui::ScrollArea::both().auto_shrink(false).show(ui, |ui| {
            ui.horizontal_top(|ui| {
                for (index, file) in group.files.iter().enumerate() {
                    let picture = self.pictures.get(index).and_then(Option::as_ref);
                    let size = vec2(CARD, ui.available_height());
                    let down = egui::Layout::top_down(egui::Align::Min);
                    ui.allocate_ui_with_layout(size, down, |ui| {
                        ui.set_width(CARD);
                        let shown = Card {
                            number: index + 1,
                            file,
                            best,
                            picture,
                            is_part,
                        };
                        let decision = ui.push_id(index, |ui| shown.draw(ui, shell)).inner;
                        decided = decision.map(|decision| (index, decision)).or(decided);
                    });
                }
            });
        });
        self.decided = decided;
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
                let mut found = found;
                let parts = std::mem::take(&mut found.clips);
                found.groups.extend(parts.into_iter().map(as_group));
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
                self.keys(ui, shell);
                self.groups(ui);
                self.files(ui, shell);
                if let Some((index, decision)) = self.decided.take() {
                    self.decide(index, decision, shell);
                }
            }
        }
    }
}

/// Returns a part and its whole as a group of which nothing could go.
fn as_group(clip: Clip) -> NearGroup {
    let evidence = clip.clip.evidence.as_ref();
    NearGroup {
        reason: Reason::Clip,
        score: evidence.map_or(0.0, |evidence| evidence.score),
        reclaimable_bytes: 0,
        why: String::new(),
        files: vec![clip.of, clip.clip],
    }
}

fn plan(found: &NearDuplicates, shell: &mut Shell) {
    let mut found = found.clone();
    found.groups.retain(|group| group.reason != Reason::Clip);
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
        Reason::Clip => "a part",
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

/// A file of the group that is shown.
struct Card<'c> {
    /// Its number, from 1, by which keys mean it.
    number: usize,
    file: &'c NearFile,
    best: &'c NearFile,
    picture: Option<&'c TextureHandle>,
    /// Whether the group is a whole and a part of it.
    is_part: bool,
}

impl Card<'_> {
    /// Draws it; what differs from the best stands out.
    fn draw(&self, ui: &mut Ui, shell: &mut Shell) -> Option<Decision> {
        let palette = Palette::shown(ui);
        let file = self.file;
        let mut decision = None;
        widgets::card(ui, |ui| {
            if let Some(picture) = self.picture {
                let image = egui::Image::new(picture).max_width(CARD - 24.0);
                ui.add(image.corner_radius(6.0).alt_text("Frames of the file"));
            }
            let (words, colour) = match &file.evidence {
                None if self.is_part => ("The whole".to_owned(), palette.ok),
                None => ("The best".to_owned(), palette.ok),
                Some(evidence) => (evidence.words(), palette.dim),
            };
            ui.add(egui::Label::new(RichText::new(words).color(colour)).wrap());
            let drive = RichText::new(shown(&file.place.drive_label)).strong();
            ui.label(drive);
            ui.add(egui::Label::new(shown(&file.place.rel_path)).wrap());
            for (one, of_best) in facts(file).into_iter().zip(facts(self.best)) {
                let colour = if one == of_best {
                    palette.dim
                } else {
                    palette.warn
                };
                ui.label(RichText::new(one).color(colour));
            }
            if !self.is_part {
                let mut keep = file.keep;
                let says = format!("Keep {}", self.number);
                let hover = "What is not kept is in the plan. The number key does the same";
                if ui.checkbox(&mut keep, says).on_hover_text(hover).changed() {
                    decision = Some(Decision::Toggle);
                }
            }
            ui.horizontal_wrapped(|ui| {
                if self.number > 1 {
                    let hover = "It is remembered for ever. Shift and the number key do the same";
                    let button = ui.button("No duplicate").on_hover_text(hover);
                    if button.clicked() {
                        decision = Some(Decision::Ignore);
                    }
                }
                if ui.button("Open folder").clicked() {
                    shell.wish(Command::Reveal((&file.place.path).into()));
                }
                if ui.button("Copy path").clicked() {
                    shell.wish(Command::Copy(file.place.path.clone()));
                }
            });
        });
        decision
    }
}

/// What is known of a file, the same things in the same order of each.
fn facts(file: &NearFile) -> [String; 5] {
    let unknown = || "?".to_owned();
    let size = file.width.zip(file.height);
    [
        human::size(file.size_bytes),
        file.duration_s.map_or_else(unknown, human::duration),
        size.map_or_else(unknown, |(width, height)| format!("{width} × {height}")),
        file.bitrate_bps.map_or_else(unknown, |bits| {
            format!("{} kbit/s", human::count(bits / 1_000))
        }),
        file.codec.clone().unwrap_or_else(unknown),
    ]
}
