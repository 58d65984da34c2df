//! Every setting: what it is for, what it takes, and its value, checked as it is written.

use std::collections::BTreeMap;

use eframe::egui::{self, RichText, Ui};
use videocatalog_core::path::display::printable_path;
use videocatalog_core::settings::Kind;

use crate::backend::settings::{AllSettings, Setting};
use crate::latest::Latest;
use crate::news::{Level, News};
use crate::pages::Page;
use crate::shell::Shell;
use crate::theme::Palette;
use crate::widgets;

/// Width of what is written into.
const WIDTH: f32 = 260.0;

/// The page of settings.
pub(crate) struct Settings {
    asking: Latest<(), AllSettings>,
    all: Option<AllSettings>,
    filter: String,
    /// What is being written, by path, until it is saved.
    drafts: BTreeMap<&'static str, String>,
}

impl Settings {
    pub(crate) fn new(shell: &Shell) -> Self {
        Self {
            asking: shell.latest(|backend, (), _| backend.settings()),
            all: None,
            filter: String::new(),
            drafts: BTreeMap::new(),
        }
    }

    fn is_wanted(&self, setting: &Setting) -> bool {
        let about = format!("{} {}", setting.key.path(), setting.key.doc()).to_lowercase();
        let mut words = self.filter.split_whitespace();
        words.all(|word| about.contains(&word.to_lowercase()))
    }

    fn head(&mut self, all: &AllSettings, ui: &mut Ui) {
        let palette = Palette::shown(ui);
        ui.horizontal_wrapped(|ui| {
            let filter = egui::TextEdit::singleline(&mut self.filter)
                .hint_text("Find a setting by its name or what it is for")
                .desired_width(320.0);
            let filter = ui.add(filter);
            widgets::named(ui, &filter, "Find a setting");
            let file = all.file.as_deref().map(printable_path);
            widgets::dim(
                ui,
                file.unwrap_or_else(|| "Nothing is saved yet: all is as usual".into()),
            );
        });
        for warning in &all.warnings {
            let warning = RichText::new(warning).color(palette.warn);
            ui.add(egui::Label::new(warning).wrap());
        }
        ui.add_space(8.0);
    }

    fn section(&mut self, name: &str, settings: &[&Setting], ui: &mut Ui, shell: &mut Shell) {
        widgets::card(ui, |ui| {
            widgets::title(ui, name);
            for setting in settings {
                self.setting(setting, ui, shell);
                ui.add_space(8.0);
            }
        });
        ui.add_space(12.0);
    }

    fn setting(&mut self, setting: &Setting, ui: &mut Ui, shell: &mut Shell) {
        let palette = Palette::shown(ui);
        let (path, key) = (setting.key.path(), &setting.key);
        let is_usual = setting.text == setting.default;
        ui.horizontal_wrapped(|ui| {
            let name = RichText::new(path).strong();
            ui.label(if is_usual {
                name
            } else {
                name.color(palette.accent)
            });
            if !is_usual
                && ui
                    .small_button("Reset")
                    .on_hover_text(reset(setting))
                    .clicked()
            {
                self.drafts.remove(path);
                let usual = if key.is_optional() {
                    "null"
                } else {
                    &setting.default
                };
                save(path, usual.to_owned(), shell);
            }
        });
        widgets::dim(ui, key.doc());
        match key.kind() {
            Kind::Boolean { .. } => {
                let mut is_on = setting.text == "true";
                let word = if is_on { "on" } else { "off" };
                let switch = ui.checkbox(&mut is_on, word);
                widgets::named(ui, &switch, path);
                if switch.changed() {
                    save(path, is_on.to_string(), shell);
                }
            }
            Kind::Choice { names, .. } => {
                ui.horizontal_wrapped(|ui| {
                    for name in names {
                        let is_chosen = setting.text.eq_ignore_ascii_case(name);
                        let radio = ui.radio(is_chosen, *name);
                        widgets::named(ui, &radio, &format!("{path}: {name}"));
                        if radio.clicked() && !is_chosen {
                            save(path, (*name).to_owned(), shell);
                        }
                    }
                });
            }
            _ => self.text(setting, ui, shell),
        }
    }

    fn text(&mut self, setting: &Setting, ui: &mut Ui, shell: &mut Shell) {
        let palette = Palette::shown(ui);
        let (path, key) = (setting.key.path(), &setting.key);
        let before = if key.is_secret() { "" } else { &setting.text };
        let mut draft = self
            .drafts
            .get(path)
            .map_or_else(|| before.to_owned(), Clone::clone);
        let hint = match (key.is_secret(), setting.text.is_empty()) {
            (true, true) => "not set".into(),
            (true, false) => "set; write another one to replace it".into(),
            (false, _) => key.kind().to_string(),
        };
        let field = egui::TextEdit::singleline(&mut draft)
            .password(key.is_secret())
            .hint_text(hint)
            .desired_width(WIDTH);
        let field = ui.add(field);
        widgets::named(ui, &field, path);
        if draft == before {
            self.drafts.remove(path);
            return;
        }
        if field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Escape)) {
            self.drafts.remove(path);
            return;
        }
        self.drafts.insert(path, draft.clone());
        let text = if draft.trim().is_empty() && key.is_optional() {
            "null"
        } else {
            &draft
        };
        match key.parse(path, text) {
            Err(error) => {
                let error = RichText::new(error.to_string()).color(palette.error);
                ui.add(egui::Label::new(error).wrap());
            }
            Ok(_) if field.lost_focus() => {
                save(path, text.to_owned(), shell);
                // Others stay until what is saved is the same: if it cannot be saved, what was written is not lost.
                if key.is_secret() {
                    self.drafts.remove(path);
                }
            }
            Ok(_) => {
                widgets::dim(ui, "Enter saves it");
            }
        }
    }
}

fn reset(setting: &Setting) -> String {
    if setting.default.is_empty() {
        "Back to no value".into()
    } else {
        format!("Back to {}", setting.default)
    }
}

fn save(path: &'static str, text: String, shell: &mut Shell) {
    shell.chore("Saving a setting", move |backend, _| {
        backend.set(path, &text)?;
        Ok(News::new(Level::Success, format!("`{path}` is saved")))
    });
}

impl Page for Settings {
    fn poll(&mut self, _shell: &mut Shell) {
        if let Some(((), all)) = self.asking.poll() {
            self.all = Some(all);
        }
    }

    fn refresh(&mut self, _shell: &mut Shell) {
        self.asking.ask(());
    }

    fn show(&mut self, ui: &mut Ui, shell: &mut Shell) {
        let Some(all) = self.all.take() else {
            widgets::dim(ui, "Reading the settings…");
            return;
        };
        self.head(&all, ui);
        let wanted: Vec<&Setting> = all
            .settings
            .iter()
            .filter(|setting| self.is_wanted(setting))
            .collect();
        egui::ScrollArea::vertical()
            .auto_shrink(false)
            .show(ui, |ui| {
                if wanted.is_empty() {
                    widgets::dim(ui, "No setting is called that.");
                }
                for part in wanted.chunk_by(|a, b| section(a) == section(b)) {
                    let name = part.first().map_or("", |setting| section(setting));
                    self.section(name, part, ui, shell);
                }
            });
        self.all = Some(all);
    }
}

fn section(setting: &Setting) -> &'static str {
    let path = setting.key.path();
    path.split_once('.')
        .map_or("general", |(section, _)| section)
}
