//! A file's picture as large as there is room, until Space or Escape.

use eframe::egui::{self, Key, Modifiers, TextureHandle, Ui};
use videocatalog_core::search::{Hit, shown};

use crate::backend::Trouble;
use crate::backend::browse;
use crate::dialog::{Dialog, Stay};
use crate::job::Job;
use crate::shell::Shell;
use crate::widgets;

/// The picture of a file.
pub(crate) struct Preview {
    name: String,
    asking: Job<browse::Details>,
    told: Option<Result<Option<TextureHandle>, Trouble>>,
}

impl Preview {
    /// Asks for the picture of a file.
    pub(crate) fn new(hit: Hit, shell: &Shell) -> Self {
        Self {
            name: shown(&hit.name),
            asking: shell.beside("Reading a picture", move |backend, _| backend.details(&hit)),
            told: None,
        }
    }
}

impl Dialog for Preview {
    fn title(&self) -> String {
        self.name.clone()
    }

    fn width(&self) -> f32 {
        1_600.0
    }

    fn show(&mut self, ui: &mut Ui, _shell: &mut Shell) -> Stay {
        if let Some(details) = self.asking.poll() {
            let texture = |details: browse::Details| Some(details.picture?.texture(ui.ctx()));
            self.told = Some(details.map(texture));
        }
        match &self.told {
            None => {
                widgets::dim(ui, "Reading…");
            }
            Some(Err(trouble)) => widgets::trouble(ui, trouble),
            Some(Ok(None)) => {
                widgets::dim(
                    ui,
                    "There is no picture of this file. A scan that reads media files makes one of films and pictures.",
                );
            }
            Some(Ok(Some(picture))) => {
                // Room for the title above and the button below.
                let most = egui::vec2(
                    ui.available_width(),
                    ui.ctx().content_rect().height() - 180.0,
                );
                let image = egui::Image::new(picture).max_size(most);
                ui.vertical_centered(|ui| {
                    ui.add(
                        image
                            .fit_to_original_size(8.0)
                            .corner_radius(6.0)
                            .alt_text("Picture of the file"),
                    );
                });
            }
        }
        ui.add_space(8.0);
        let is_done = ui.button("Close").clicked()
            || ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Space));
        if is_done { Stay::Closed } else { Stay::Open }
    }
}
