//! How things stand: what is catalogued, and what deserves a look.

use eframe::egui::{self, RichText, Ui};
use videocatalog_core::human;
use videocatalog_core::search::shown;

use super::Page;
use super::drives::about;
use crate::backend::Trouble;
use crate::backend::scanning::Standing;
use crate::command::{Command, Section, Tab};
use crate::latest::Latest;
use crate::shell::Shell;
use crate::theme::Palette;
use crate::widgets;

/// The first page.
pub(crate) struct Home {
    asking: Latest<(), Result<Standing, Trouble>>,
    standing: Option<Result<Standing, Trouble>>,
}

impl Home {
    pub(crate) fn new(shell: &Shell) -> Self {
        Self {
            asking: shell.latest(|backend, (), cancel| backend.standing(cancel)),
            standing: None,
        }
    }
}

impl Page for Home {
    fn poll(&mut self, _shell: &mut Shell) {
        if let Some(((), standing)) = self.asking.poll() {
            self.standing = Some(standing);
        }
    }

    fn refresh(&mut self, _shell: &mut Shell) {
        self.asking.ask(());
    }

    fn show(&mut self, ui: &mut Ui, shell: &mut Shell) {
        egui::ScrollArea::vertical()
            .auto_shrink(false)
            .show(ui, |ui| match &self.standing {
                None => {
                    widgets::dim(ui, "Reading the catalogue…");
                }
                Some(Err(trouble)) => widgets::trouble(ui, trouble),
                Some(Ok(standing)) if standing.drives.is_empty() => first_run(ui, shell),
                Some(Ok(standing)) => {
                    figures(standing, ui, shell);
                    ui.add_space(12.0);
                    problems(standing, ui, shell);
                    ui.add_space(12.0);
                    categories(standing, ui, shell);
                    ui.add_space(12.0);
                    drives(standing, ui, shell);
                }
            });
    }
}

fn first_run(ui: &mut Ui, shell: &mut Shell) {
    widgets::card(ui, |ui| {
        widgets::title(ui, "Welcome");
        ui.add(
            egui::Label::new(
                "VideoCatalog knows every file on every drive you own, plugged in or not. Scan a drive once: \
                 its files are found in no time from then on, also while it lies on a shelf.",
            )
            .wrap(),
        );
        widgets::dim(
            ui,
            "Nothing is ever written to a drive that is scanned, and nothing leaves this computer.",
        );
        ui.add_space(8.0);
        if ui
            .add(widgets::accent(ui, "Scan the first drive"))
            .clicked()
        {
            shell.wish(Command::Show(Tab::Scan));
        }
    });
}

fn figures(standing: &Standing, ui: &mut Ui, shell: &mut Shell) {
    let online = standing.drives.iter().filter(|line| line.is_online).count();
    let overview = &standing.overview;
    let of_kind = |name: &str| {
        let kinds = overview.categories.iter();
        kinds
            .filter(|entry| entry.category == name)
            .map(|entry| entry.files)
            .sum::<u64>()
    };
    let figures = [
        (
            human::count(overview.total_files),
            "files",
            Command::Show(Tab::Search),
        ),
        (
            human::size(overview.total_size),
            "in all",
            Command::Show(Tab::Reports),
        ),
        (
            format!("{online} of {}", standing.drives.len()),
            "drives are there",
            Command::Refresh,
        ),
        (
            human::count(of_kind("video")),
            "films and clips",
            Command::Query("category:video".into()),
        ),
        (
            human::count(of_kind("audio")),
            "pieces of sound",
            Command::Query("category:audio".into()),
        ),
    ];
    let palette = Palette::shown(ui);
    ui.horizontal_wrapped(|ui| {
        for (figure, what, wish) in figures {
            let text = egui::Button::new((
                RichText::new(figure).size(22.0).strong(),
                RichText::new(what).color(palette.dim),
            ));
            let button = text.min_size(egui::vec2(150.0, 56.0)).fill(palette.panel);
            if ui.add(button).clicked() {
                shell.wish(wish);
            }
        }
    });
}

fn problems(standing: &Standing, ui: &mut Ui, shell: &mut Shell) {
    let mut problems: Vec<(String, &str, Command)> = Vec::new();
    for line in &standing.drives {
        if let Some(health) = &line.health {
            let label = &line.drive.label;
            let text = format!("The disk of `{}`: {}", shown(label), shown(health));
            problems.push((text, "Show its files", Command::Within(Some(label.clone()))));
        }
    }
    for label in &standing.interrupted {
        let text = format!(
            "The last scan of `{}` did not come to its end",
            shown(label)
        );
        problems.push((text, "Go on with it", Command::ScanDrive(label.clone())));
    }
    for reason in &standing.unread {
        let text = format!("Not counted: {}", shown(reason));
        problems.push((
            text,
            "Look after databases",
            Command::OpenTool(Section::Maintenance),
        ));
    }
    for (tool, lost) in &standing.missing_tools {
        let text = format!("{tool} is missing: {lost}");
        problems.push((text, "Install it", Command::OpenTool(Section::Diagnostics)));
    }
    if problems.is_empty() {
        return;
    }
    let palette = Palette::shown(ui);
    widgets::card(ui, |ui| {
        widgets::title(ui, "Deserves a look");
        for (text, button, wish) in problems {
            ui.horizontal_wrapped(|ui| {
                ui.label(RichText::new(text).color(palette.warn));
                if ui.small_button(button).clicked() {
                    shell.wish(wish);
                }
            });
        }
    });
}

fn categories(standing: &Standing, ui: &mut Ui, shell: &mut Shell) {
    let overview = &standing.overview;
    if overview.total_size == 0 {
        return;
    }
    let palette = Palette::shown(ui);
    widgets::card(ui, |ui| {
        widgets::title(ui, "What there is");
        for entry in overview.categories.iter().filter(|entry| entry.files > 0) {
            ui.horizontal(|ui| {
                let name = egui::Button::new(&entry.category).min_size(egui::vec2(96.0, 0.0));
                if ui.add(name).on_hover_text("Show these files").clicked() {
                    shell.wish(Command::Query(format!("category:{}", entry.category)));
                }
                let share = widgets::ratio(entry.bytes, overview.total_size);
                widgets::share(ui, share, 220.0, palette.accent);
                let text = format!(
                    "{}, {}",
                    human::files(entry.files),
                    human::size(entry.bytes)
                );
                ui.label(RichText::new(text).color(palette.dim));
            });
        }
    });
}

fn drives(standing: &Standing, ui: &mut Ui, shell: &mut Shell) {
    let palette = Palette::shown(ui);
    widgets::card(ui, |ui| {
        widgets::title(ui, "Drives");
        egui::Grid::new("home drives")
            .num_columns(4)
            .show(ui, |ui| {
                for line in &standing.drives {
                    let drive = &line.drive;
                    ui.label(RichText::new(shown(&drive.label)).strong());
                    ui.label(RichText::new(about(line)).color(palette.dim));
                    let scanned = drive.scanned_at.as_deref();
                    let scanned = scanned.map_or_else(
                        || "never scanned".into(),
                        |when| format!("scanned {}", human::minute(when)),
                    );
                    ui.label(RichText::new(scanned).color(palette.dim));
                    ui.horizontal(|ui| {
                        if ui.small_button("Scan").clicked() {
                            shell.wish(Command::ScanDrive(drive.label.clone()));
                        }
                        if ui.small_button("Edit").clicked() {
                            shell.wish(Command::EditDrive(drive.label.clone()));
                        }
                    });
                    ui.end_row();
                }
            });
    });
}
