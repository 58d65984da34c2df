//! The real thing: answers from a catalogue on this computer.

mod browse;
mod databases;
mod duplicates;
mod graphics;
mod meaning;
mod reporting;
mod scanning;
mod server;
mod settings;
mod toolbox;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use videocatalog_core::catalog::store::{Catalog, StoreError};
use videocatalog_core::environment::Environment;
use videocatalog_core::home::{Home, HomeError};
use videocatalog_core::search::Searcher;
use videocatalog_core::semantic::KeptEmbedders;
use videocatalog_core::tools::Toolbox;
use videocatalog_core::workdir::WorkingDir;

use super::{Backend, Trouble};

/// Answers from a catalogue.
pub struct CoreBackend {
    home: RwLock<Arc<Home>>,
    /// The catalogue that was named at the start; the settings' otherwise.
    named: Mutex<Option<PathBuf>>,
    searcher: Searcher,
    /// Tools that were looked for: it takes the start of a process each.
    tools: Mutex<Option<Arc<Toolbox>>>,
    /// What turns texts into vectors: it takes the loading of a model.
    embedders: KeptEmbedders,
    /// Held while databases may be made or taken over.
    opening: Mutex<()>,
    notices: Mutex<Vec<String>>,
}

impl CoreBackend {
    /// Finds the working directory and the catalogue as every face of the program does.
    ///
    /// # Errors
    /// When there is no working directory that can be used.
    pub fn new(
        environment: Environment,
        root: Option<&Path>,
        catalog_db: Option<&Path>,
    ) -> Result<Self, Trouble> {
        let (home, warnings) = Home::find(environment, root, catalog_db)
            .map_err(|error| Trouble::new(&error, error.hint()))?;
        Ok(Self {
            home: RwLock::new(Arc::new(home)),
            named: Mutex::new(catalog_db.map(Path::to_path_buf)),
            searcher: Searcher::default(),
            tools: Mutex::default(),
            embedders: KeptEmbedders::default(),
            opening: Mutex::new(()),
            notices: Mutex::new(warnings),
        })
    }

    /// Returns the working directory.
    pub fn workdir(&self) -> WorkingDir {
        self.home().workdir.clone()
    }

    fn home(&self) -> Arc<Home> {
        Arc::clone(&self.home.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the tools as they were when they were last looked for.
    fn tools(&self) -> Arc<Toolbox> {
        let mut tools = self.tools.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(tools.get_or_insert_with(|| Arc::new(self.home().toolbox())))
    }

    /// Has the tools looked for again.
    fn forget_tools(&self) {
        *self.tools.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Reads the settings again.
    fn reload(&self) {
        self.forget_tools();
        self.embedders.forget();
        let named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.home();
        let (environment, workdir) = (before.environment.clone(), before.workdir.clone());
        let (home, warnings) = Home::at(environment, workdir, named.as_deref());
        *self.home.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(home);
        self.notice(warnings);
    }

    /// Uses a catalogue until the window is closed, whatever the settings say.
    fn use_catalogue(&self, path: &Path) {
        *self.named.lock().unwrap_or_else(PoisonError::into_inner) = Some(path.to_path_buf());
        self.reload();
    }

    fn notice(&self, notices: impl IntoIterator<Item = String>) {
        self.notices
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(notices);
    }

    /// Opens the catalogue for looking; one of the older program is taken over first.
    fn reading(&self) -> Result<Catalog, Trouble> {
        let _turn = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        let home = self.home();
        self.noting(|notices| home.catalog_to_look_up(notices))
    }

    /// Opens the catalogue for writing.
    fn writing(&self) -> Result<Catalog, Trouble> {
        let _turn = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        let home = self.home();
        self.noting(|notices| home.catalog(notices))
    }

    fn noting<T>(
        &self,
        open: impl FnOnce(&mut Vec<String>) -> Result<T, HomeError>,
    ) -> Result<T, Trouble> {
        let mut notices = Vec::new();
        let opened = open(&mut notices);
        self.notice(notices);
        Ok(opened?)
    }
}

impl Backend for CoreBackend {
    fn take_notices(&self) -> Vec<String> {
        std::mem::take(&mut *self.notices.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::new(&error, error.hint())
    }
}

impl From<HomeError> for Trouble {
    fn from(error: HomeError) -> Self {
        Self::new(&error, error.hint())
    }
}
