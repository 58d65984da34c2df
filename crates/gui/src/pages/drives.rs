//! The drives, on the left: which are there, how full, in what health, and where they lie.

use std::path::PathBuf;

use eframe::egui::{self, RichText, Role, Sense, Ui, WidgetInfo, vec2};
use videocatalog_core::human;
use videocatalog_core::search::shown;

use super::Page;
use crate::backend::Trouble;
use crate::backend::browse::DriveLine;
use crate::backend::scanning::DriveEdit;
use crate::command::{Command, Tab};
use crate::dialog::{self, Dialog, Stay};
use crate::latest::Latest;
use crate::news::{Level, News};
use crate::shell::Shell;
use crate::theme::Palette;
use crate::widgets;

/// The drives.
pub(crate) struct Drives {
    /// The one that is searched.
    pub(crate) within: Option<String>,
    asking: Latest<(), Result<Vec<DriveLine>, Trouble>>,
    lines: Option<Result<Vec<DriveLine>, Trouble>>,
}

impl Drives {
    pub(crate) fn new(shell: &Shell) -> Self {
        Self {
            within: None,
            asking: shell.latest(|backend, (), _| backend.drives()),
            lines: None,
        }
    }

    /// Returns a drive by its label.
    pub(crate) fn get(&self, label: &str) -> Option<&DriveLine> {
        let lines = self.lines.as_ref()?.as_ref().ok()?;
        lines.iter().find(|line| line.drive.label == label)
    }

    /// Opens the dialog that changes what is known of a drive.
    pub(crate) fn edit(&self, label: &str, shell: &mut Shell) {
        if let Some(line) = self.get(label) {
            shell.ask(Edit::of(line));
        }
    }
}

impl Page for Drives {
    fn poll(&mut self, _shell: &mut Shell) {
        if let Some(((), lines)) = self.asking.poll() {
            self.lines = Some(lines);
        }
    }

    fn refresh(&mut self, _shell: &mut Shell) {
        self.asking.ask(());
    }

    fn show(&mut self, ui: &mut Ui, shell: &mut Shell) {
        let palette = Palette::shown(ui);
        ui.horizontal(|ui| {
            ui.label(RichText::new("DRIVES").small().color(palette.dim));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let again = ui.small_button("Refresh");
                if again
                    .on_hover_text("Look which drives are there (F5)")
                    .clicked()
                {
                    shell.wish(Command::Refresh);
                }
                if ui
                    .small_button("Add")
                    .on_hover_text("Scan a drive")
                    .clicked()
                {
                    shell.wish(Command::Show(Tab::Scan));
                }
            });
        });
        match &self.lines {
            None => {
                widgets::dim(ui, "Looking…");
            }
            Some(Ok(lines)) if lines.is_empty() => {
                widgets::dim(ui, "None yet");
            }
            Some(Ok(lines)) => {
                egui::ScrollArea::vertical().show(ui, |ui| {
                    for line in lines {
                        let is_chosen = self.within.as_ref() == Some(&line.drive.label);
                        card(line, is_chosen, ui, shell);
                    }
                });
            }
            Some(Err(trouble)) => widgets::trouble(ui, trouble),
        }
    }
}

fn card(line: &DriveLine, is_chosen: bool, ui: &mut Ui, shell: &mut Shell) {
    let palette = Palette::shown(ui);
    let drive = &line.drive;
    let id = ui.scope_id().with(&drive.drive_uid);
    let place = ui.available_rect_before_wrap();
    let place = egui::Rect::from_min_size(place.min, vec2(place.width(), 44.0));
    let response = ui.interact(place, id, Sense::click());
    let state = if line.is_online { "online" } else { "offline" };
    let label = shown(&drive.label);
    response.widget_info(|| {
        let said = format!("{label}, {state}");
        WidgetInfo::selected(Role::Button, true, is_chosen, said)
    });
    if response.clicked() {
        response.request_focus();
        shell.wish(Command::Within((!is_chosen).then(|| drive.label.clone())));
    }
    let ground = match (is_chosen, response.hovered() || response.has_focus()) {
        (true, _) => ui.visuals().selection.bg_fill,
        (false, true) => palette.card,
        (false, false) => egui::Color32::TRANSPARENT,
    };
    ui.painter().rect_filled(place, 6.0, ground);
    let dot = place.left_center() + vec2(12.0, -9.0);
    match (&line.health, line.is_online) {
        (Some(_), _) => ui.painter().circle_filled(dot, 4.0, palette.error),
        (None, true) => ui.painter().circle_filled(dot, 4.0, palette.ok),
        (None, false) => {
            let ring = egui::Stroke::new(1.5, palette.dim);
            ui.painter().circle_stroke(dot, 3.5, ring)
        }
    };
    let inside = place.shrink2(vec2(24.0, 3.0));
    let words = egui::UiBuilder::new().max_rect(inside);
    ui.scope_builder(words, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.add(egui::Label::new(label).truncate());
        let about = RichText::new(about(line)).small().color(palette.dim);
        ui.add(egui::Label::new(about).truncate());
    });
    ui.advance_cursor_after_rect(place);
    response.context_menu(|ui| menu(line, ui, shell));
    if let Some(health) = &line.health {
        response.on_hover_text(shown(health));
    }
}

fn menu(line: &DriveLine, ui: &mut Ui, shell: &mut Shell) {
    let label = &line.drive.label;
    let items = [
        ("Scan…", true, Command::ScanDrive(label.clone())),
        ("Edit…", true, Command::EditDrive(label.clone())),
        (
            "Open folder",
            line.is_online,
            Command::Reveal((&line.drive.mount_path).into()),
        ),
        ("Forget…", true, Command::AskForget(label.clone())),
    ];
    for (text, is_possible, wish) in items {
        if ui
            .add_enabled(is_possible, egui::Button::new(text))
            .clicked()
        {
            shell.wish(wish);
            ui.close();
        }
    }
}

/// Returns how full it is, how large, and where it lies.
pub(super) fn about(line: &DriveLine) -> String {
    let drive = &line.drive;
    let mut parts = Vec::new();
    if !line.is_online {
        parts.push("offline".to_owned());
    }
    let bytes = |bytes: Option<i64>| bytes.and_then(|bytes| u64::try_from(bytes).ok());
    if let Some(total) = bytes(drive.total_bytes).filter(|total| *total > 0) {
        if let Some(free) = bytes(drive.free_bytes) {
            let used = u128::from(total.saturating_sub(free));
            parts.push(format!("{}% full", used * 100 / u128::from(total)));
        }
        parts.push(human::size(total));
    }
    parts.extend(drive.notes.as_deref().map(shown));
    parts.join(" · ")
}

/// Changes what is known of a drive.
struct Edit {
    label: String,
    new_label: String,
    drive_type: String,
    notes: String,
    root: String,
    root_before: String,
}

impl Edit {
    fn of(line: &DriveLine) -> Self {
        let drive = &line.drive;
        Self {
            label: drive.label.clone(),
            new_label: drive.label.clone(),
            drive_type: drive.drive_type.clone().unwrap_or_default(),
            notes: drive.notes.clone().unwrap_or_default(),
            root: drive.mount_path.clone(),
            root_before: drive.mount_path.clone(),
        }
    }

    fn edit(&self) -> DriveEdit {
        DriveEdit {
            label: self.label.clone(),
            new_label: (self.new_label != self.label).then(|| self.new_label.trim().to_owned()),
            drive_type: Some(self.drive_type.clone()),
            notes: Some(self.notes.clone()),
            root: (self.root != self.root_before).then(|| PathBuf::from(&self.root)),
        }
    }
}

impl Dialog for Edit {
    fn title(&self) -> String {
        format!("Drive `{}`", shown(&self.label))
    }

    fn show(&mut self, ui: &mut Ui, shell: &mut Shell) -> Stay {
        widgets::field(ui, "Label", &mut self.new_label, "");
        widgets::field(
            ui,
            "Kind of drive",
            &mut self.drive_type,
            "HDD 3.5, SSD SATA…",
        );
        widgets::field(ui, "Notes", &mut self.notes, "Shelf, box, owner");
        widgets::field(ui, "Folder", &mut self.root, "Where it is mounted");
        match dialog::buttons(ui, "Save", !self.new_label.trim().is_empty()) {
            Some(true) => {
                let edit = self.edit();
                let says = format!("`{}` is saved", shown(&self.new_label));
                shell.chore("Saving a drive", move |backend, _| {
                    backend.edit_drive(&edit)?;
                    Ok(News::new(Level::Success, says))
                });
                Stay::Closed
            }
            Some(false) => Stay::Closed,
            None => Stay::Open,
        }
    }
}
