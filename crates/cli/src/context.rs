//! What every command needs: the working directory with its settings and catalogue, and a terminal.

use std::io::IsTerminal;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

use videocatalog_core::catalog::store::Catalog;
use videocatalog_core::environment::{Environment, Platform};
use videocatalog_core::event::Sink;
use videocatalog_core::home::{Home, HomeError};
use videocatalog_core::scan::Surroundings;

use crate::args::Global;
use crate::failure::Failure;
use crate::fingerprint_args::ToolPlaces;
use crate::signal::cancel_on_interrupt;

/// The surroundings of one command: a [`Home`] that says on standard error what there is to be said.
pub(crate) struct Context(Home);

impl Deref for Context {
    type Target = Home;

    fn deref(&self) -> &Home {
        &self.0
    }
}

impl Context {
    /// Finds the working directory and reads the settings; warnings go to stderr.
    pub(crate) fn new(global: &Global) -> Result<Self, Failure> {
        let (home, catalog_db) = (global.home.as_deref(), global.catalog_db.as_deref());
        let (home, warnings) = Home::find(environment(), home, catalog_db)
            .map_err(|error| Failure::storage(error.to_string(), error.hint()))?;
        let context = Self(home);
        for warning in warnings {
            context.warn(&warning);
        }
        Ok(context)
    }

    /// The same with programs that flags name instead of the settings.
    pub(crate) fn with_tools(global: &Global, places: &ToolPlaces) -> Result<Self, Failure> {
        let mut context = Self::new(global)?;
        let absolute = |path: &PathBuf| context.environment.absolute(path);
        let (tmk, fpcalc) = (
            places.tmk_bin.as_ref().map(absolute),
            places.fpcalc.as_ref().map(absolute),
        );
        let settings = &mut context.0.loaded.settings.fingerprints;
        settings.tmk_bin_path = tmk.or(settings.tmk_bin_path.take());
        settings.fpcalc_path = fpcalc.or(settings.fpcalc_path.take());
        Ok(context)
    }

    /// Prints a warning and logs it.
    pub(crate) fn warn(&self, text: &str) {
        eprintln!("warning: {text}");
        self.log.line(&format!("warning: {text}"));
    }

    /// Opens the catalogue for writing; older databases are taken over.
    pub(crate) fn catalog(&self) -> Result<Catalog, Failure> {
        opened(|notices| self.0.catalog(notices))
    }

    /// Opens the catalogue for commands that only look.
    pub(crate) fn catalog_to_read(&self) -> Result<Catalog, Failure> {
        opened(|notices| self.0.catalog_to_read(notices))
    }

    /// Opens the catalogue for commands that are over in no time.
    pub(crate) fn catalog_to_look_up(&self) -> Result<Catalog, Failure> {
        opened(|notices| self.0.catalog_to_look_up(notices))
    }

    /// Returns what scanning and verifying need; Ctrl+C stops them.
    pub(crate) fn surroundings(&self, sink: Arc<dyn Sink>) -> Surroundings {
        self.0.surroundings(sink, cancel_on_interrupt())
    }

    /// Returns a text that stands out on a terminal that shows colours.
    pub(crate) fn alarming(&self, text: &str) -> String {
        if self.shows_colours() {
            format!("\u{1b}[31m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    /// Returns a text in which what stands between `<b>` and `</b>` is bold on a terminal; elsewhere, for programs, it stays.
    pub(crate) fn marked(&self, text: &str) -> String {
        if self.shows_colours() {
            text.replace("<b>", "\u{1b}[1m")
                .replace("</b>", "\u{1b}[22m")
        } else {
            text.to_owned()
        }
    }

    fn shows_colours(&self) -> bool {
        std::io::stdout().is_terminal() && self.environment.var("NO_COLOR").is_none()
    }
}

/// Opens a catalogue and says what was done to it.
fn opened(
    open: impl FnOnce(&mut Vec<String>) -> Result<Catalog, HomeError>,
) -> Result<Catalog, Failure> {
    let mut notices = Vec::new();
    let catalog = open(&mut notices);
    for notice in notices {
        eprintln!("{notice}");
    }
    Ok(catalog?)
}

/// The environment is read here, once.
pub(crate) fn environment() -> Environment {
    Environment {
        variables: std::env::vars_os().collect(),
        executable_dir: std::env::current_exe()
            .ok()
            .and_then(|path| path.parent().map(PathBuf::from)),
        current_dir: std::env::current_dir().unwrap_or_default(),
        platform: Platform::current(),
    }
}
