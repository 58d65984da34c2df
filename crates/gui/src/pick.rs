//! Choosing a file or a folder in the system's own dialog.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};

use eframe::egui::{Button, Ui};

use crate::job::spawn;

/// What is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A file that is there.
    File,
    /// A folder.
    Folder,
}

/// A dialog of the system that may be open.
#[derive(Default)]
pub(crate) struct Pick {
    choice: Option<Receiver<PathBuf>>,
}

impl Pick {
    /// Draws the button that opens it.
    pub(crate) fn button(&mut self, ui: &mut Ui, what: What) {
        let words = match what {
            What::File => "Choose a file…",
            What::Folder => "Choose a folder…",
        };
        let button = ui.add_enabled(self.choice.is_none(), Button::new(words));
        if !button.clicked() {
            return;
        }
        let (chosen, choice) = sync_channel(1);
        self.choice = Some(choice);
        let context = ui.ctx().clone();
        // It waits for the user, so that it has a thread of its own.
        spawn("choice", move || {
            let dialog = rfd::FileDialog::new();
            let path = match what {
                What::File => dialog.pick_file(),
                What::Folder => dialog.pick_folder(),
            };
            // What asked may be gone.
            path.and_then(|path| chosen.send(path).ok());
            drop(chosen);
            context.request_repaint();
        });
    }

    /// Returns what was chosen, once.
    pub(crate) fn take(&mut self) -> Option<PathBuf> {
        match self.choice.as_ref()?.try_recv() {
            Ok(path) => {
                self.choice = None;
                Some(path)
            }
            Err(TryRecvError::Disconnected) => {
                self.choice = None;
                None
            }
            Err(TryRecvError::Empty) => None,
        }
    }
}
