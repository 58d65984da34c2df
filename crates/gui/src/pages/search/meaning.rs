//! Ways to search other than by words: by meaning, by both, by looks; and the index that meaning needs.

use eframe::egui::{RichText, Ui};
use videocatalog_core::human;
use videocatalog_core::search::shown;
use videocatalog_core::semantic::IndexStatus;

use crate::backend::Trouble;
use crate::backend::browse::How;
use crate::backend::meaning::Meaning;
use crate::command::Command;
use crate::latest::Latest;
use crate::shell::Shell;
use crate::theme::Palette;
use crate::widgets;

/// The ways that can be chosen.
const WAYS: [(&str, &str, How); 3] = [
    (
        "Words",
        "Every word is in the path, and every condition holds",
        How::Words,
    ),
    (
        "Meaning",
        "What files are about and what is said in them, the nearest first",
        How::Meaning,
    ),
    (
        "Both",
        "By meaning and by words at once: names, tags, subtitles and transcripts",
        How::Both,
    ),
];

/// Draws the ways to search; returns whether another was chosen.
pub(super) fn ways(ui: &mut Ui, how: &mut How) -> bool {
    let before = how.clone();
    for (name, about, way) in WAYS {
        let chosen = ui.selectable_label(*how == way, name);
        if chosen.on_hover_text(about).clicked() {
            *how = way;
        }
    }
    if let How::Like(like) = how {
        let chip = ui.button(format!("Looks like {} ×", shown(&like.name)));
        if chip.on_hover_text("Search by words again").clicked() {
            *how = How::Words;
        }
    }
    *how != before
}

/// Draws what is shown where nothing was found.
pub(super) fn nothing(ui: &mut Ui, how: &How, text: &str) {
    let sentence = match how {
        How::Like(_) => "Only what was looked at by light analysis can look like something.",
        _ if text.trim().is_empty() => {
            "Say what you look for: a film, an event, words that are said in it."
        }
        _ => "The index knows what scans have found; bring it up to date after them.",
    };
    let heading = if text.trim().is_empty() && !matches!(how, How::Like(_)) {
        "What do you mean?"
    } else {
        "Nothing found"
    };
    widgets::empty(ui, heading, sentence, "");
}

/// The index that is searched by meaning.
pub(super) struct Index {
    asking: Latest<(), Result<IndexStatus, Trouble>>,
    status: Option<Result<IndexStatus, Trouble>>,
}

impl Index {
    pub(super) fn new(shell: &Shell) -> Self {
        Self {
            asking: shell.latest(|backend, (), _| Meaning::index_status(backend)),
            status: None,
        }
    }

    pub(super) fn poll(&mut self) {
        if let Some(((), status)) = self.asking.poll() {
            self.status = Some(status);
        }
    }

    pub(super) fn refresh(&mut self) {
        self.asking.ask(());
    }

    /// Draws how large it is, and what can be done for it.
    pub(super) fn show(&self, ui: &mut Ui, shell: &mut Shell) {
        let palette = Palette::shown(ui);
        ui.horizontal_wrapped(|ui| {
            let build = ui.button("Bring the index up to date");
            let hover = "Embeds what scans have found since; what is unchanged is left alone";
            if build.on_hover_text(hover).clicked() {
                shell.wish(Command::BuildIndex);
            }
            let listen = ui.button("Listen to what is said");
            let hover = "Makes transcripts of films and recordings without subtitles on the drives that are here. It takes long, can be stopped, and goes on where it was";
            if listen.on_hover_text(hover).clicked() {
                shell.wish(Command::Transcribe);
            }
            match &self.status {
                None => {
                    ui.label(RichText::new("Looking at the index…").color(palette.dim));
                }
                Some(Ok(status)) => {
                    let words = words(status);
                    ui.label(RichText::new(words).color(palette.dim));
                }
                Some(Err(trouble)) => {
                    ui.label(RichText::new(trouble.sentence()).color(palette.error));
                }
            }
        });
    }
}

fn words(status: &IndexStatus) -> String {
    if status.documents == 0 {
        return "The index is empty".into();
    }
    format!(
        "{} in the index, {} of them with words that are said; {}",
        human::files(status.files),
        human::count(status.spoken_files),
        status.model.as_deref().unwrap_or("no vectors")
    )
}
