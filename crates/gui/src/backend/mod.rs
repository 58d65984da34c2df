//! What the window asks of the program: traits, one for each part of the window, so that tests answer in its place.

pub mod browse;
pub mod core;
pub mod databases;
pub mod duplicates;
pub mod graphics;
pub mod meaning;
pub mod reporting;
pub mod scanning;
pub mod server;
pub mod settings;
pub mod toolbox;

/// Why something could not be done, and what to do about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trouble {
    /// What happened.
    pub message: String,
    /// What to do next.
    pub hint: String,
}

impl Trouble {
    /// Returns one from an error and its hint.
    pub fn new(message: impl std::fmt::Display, hint: impl Into<String>) -> Self {
        Self {
            message: message.to_string(),
            hint: hint.into(),
        }
    }

    /// Returns one for work that panicked.
    pub(crate) fn bug(what: &str) -> Self {
        Self::new(
            format!("{what}: the program made a mistake"),
            "the log says more; please report it",
        )
    }

    /// Returns both in one text.
    pub fn sentence(&self) -> String {
        if self.hint.is_empty() {
            self.message.clone()
        } else {
            format!("{}. Hint: {}", self.message, self.hint)
        }
    }
}

/// Answers the window's questions; every call may take long, so that none is made by the thread that draws, but for
/// [`Backend::take_notices`].
pub trait Backend:
    browse::Browse
    + reporting::Reporting
    + scanning::Scanning
    + databases::Databases
    + duplicates::Duplicates
    + graphics::Graphics
    + meaning::Meaning
    + toolbox::Toolbox
    + settings::Settings
    + server::Server
    + Send
    + Sync
    + 'static
{
    /// Returns what is to be told since the last call, such as databases that were taken over.
    fn take_notices(&self) -> Vec<String>;
}
