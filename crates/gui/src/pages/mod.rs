//! The pages of the window, and the panes beside them.

pub(crate) mod details;
pub(crate) mod drives;
pub(crate) mod duplicates;
pub(crate) mod export;
mod gallery;
pub(crate) mod home;
pub(crate) mod jobs;
pub(crate) mod log;
pub(crate) mod preview;
pub(crate) mod reports;
pub(crate) mod scan;
pub(crate) mod search;
pub(crate) mod tools;

use eframe::egui::Ui;

use crate::shell::Shell;

/// A page.
pub(crate) trait Page {
    /// Takes answers that came; every frame, whether the page is shown or not.
    fn poll(&mut self, _shell: &mut Shell) {}

    /// It is shown from now on.
    fn opened(&mut self) {}

    /// Asks again for what it shows: it is opened, or the catalogue changed.
    fn refresh(&mut self, _shell: &mut Shell) {}

    /// Looks again at what is outside of the catalogue as well: somebody wants that.
    fn look_again(&mut self, shell: &mut Shell) {
        self.refresh(shell);
    }

    /// Draws it.
    fn show(&mut self, ui: &mut Ui, shell: &mut Shell);
}
