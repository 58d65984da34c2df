//! Where every face of the program starts from: a working directory, its settings, its log and its catalogue.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::cancel::CancelToken;
use crate::catalog::Journal;
use crate::catalog::store::{Catalog, StoreError};
use crate::clock::{Clock, SystemClock};
use crate::environment::Environment;
use crate::event::{Event, Sink};
use crate::logfile::LogFile;
use crate::scan::Surroundings;
use crate::settings::{self, Loaded};
use crate::tools::Toolbox;
use crate::volume::{self, VolumeProbe};
use crate::watch;
use crate::workdir::{self, Unusable, WorkDirError, WorkingDir};

/// How long the working directory's disk may take to say whether it is a share.
const LOOK: Duration = Duration::from_secs(5);

/// A working directory with what belongs to it.
pub struct Home {
    /// What the process was started with.
    pub environment: Environment,
    /// The folder.
    pub workdir: WorkingDir,
    /// Its settings.
    pub loaded: Loaded,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Its log.
    pub log: Arc<LogFile>,
    catalog_db: PathBuf,
}

/// Why a catalogue could not be opened for writing.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// A folder of the working directory cannot be made.
    #[error(transparent)]
    Layout(#[from] Unusable),
    /// The catalogue cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl HomeError {
    /// Returns what to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Layout(_) => {
                "choose another working directory with `--home` or VIDEOCATALOG_HOME".into()
            }
            Self::Store(error) => error.hint(),
        }
    }
}

impl Home {
    /// Finds the working directory, `root` if one is named, and reads its settings; `catalog_db` is a catalogue other than
    /// theirs. Returns warnings with it.
    ///
    /// # Errors
    /// When no folder can be the working directory.
    pub fn find(
        environment: Environment,
        root: Option<&Path>,
        catalog_db: Option<&Path>,
    ) -> Result<(Self, Vec<String>), WorkDirError> {
        let resolved = workdir::resolve(&environment, root)?;
        let mut warnings = resolved.warnings;
        let (home, more) = Self::at(environment, resolved.dir, catalog_db);
        warnings.extend(more);
        Ok((home, warnings))
    }

    /// Reads the settings of a working directory. Returns warnings with them.
    pub fn at(
        environment: Environment,
        workdir: WorkingDir,
        catalog_db: Option<&Path>,
    ) -> (Self, Vec<String>) {
        let loaded = settings::load(&workdir, &environment);
        let settings = &loaded.settings;
        let (catalog_db, warning) = match catalog_db {
            Some(path) => (environment.absolute(path), None),
            None => workdir.find_catalog(
                &environment,
                settings.catalog_db.as_deref(),
                settings.working_dir.as_deref(),
            ),
        };
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let logs = &settings.logs;
        let log = Arc::new(LogFile::new(
            &workdir.logs(),
            logs.max_bytes,
            logs.keep_files,
            Arc::clone(&clock),
        ));
        let mut warnings = loaded.warnings.clone();
        warnings.extend(warning);
        let home = Self {
            environment,
            workdir,
            loaded,
            clock,
            log,
            catalog_db,
        };
        (home, warnings)
    }

    /// Returns where the catalogue is, or would be.
    pub fn catalog_path(&self) -> &Path {
        &self.catalog_db
    }

    /// Opens the catalogue for writing; older databases are taken over, of which `notices` tells.
    ///
    /// # Errors
    /// When it cannot be made, opened or taken over.
    pub fn catalog(&self, notices: &mut Vec<String>) -> Result<Catalog, HomeError> {
        self.workdir.create_layout()?;
        let already = notices.len();
        let opened = Catalog::open(
            &self.workdir,
            Some(&self.catalog_db),
            self.journal(),
            self.clock.as_ref(),
            notices,
        );
        for notice in notices.iter().skip(already) {
            self.log.line(notice);
        }
        Ok(opened?)
    }

    /// Opens the catalogue for what only looks: where nothing may be written, as it stands.
    ///
    /// # Errors
    /// When it can be opened in neither way.
    pub fn catalog_to_read(&self, notices: &mut Vec<String>) -> Result<Catalog, HomeError> {
        self.catalog(notices).or_else(|error| {
            Catalog::open_read_only(&self.workdir, Some(&self.catalog_db)).map_err(|_| error)
        })
    }

    /// Opens the catalogue for what is over in no time: if there is nothing to be taken over first, for reading, without
    /// looking at the disk that it lies on.
    ///
    /// # Errors
    /// When it can be opened in no way.
    pub fn catalog_to_look_up(&self, notices: &mut Vec<String>) -> Result<Catalog, HomeError> {
        match Catalog::open_settled(&self.workdir, &self.catalog_db) {
            Some(catalog) => Ok(catalog),
            None => self.catalog_to_read(notices),
        }
    }

    /// WAL needs shared memory, which network shares do not give.
    fn journal(&self) -> Journal {
        let root = self.workdir.root().to_path_buf();
        let probed = watch::call(LOOK, move || volume::system().is_network(&root));
        if probed == Some(true) {
            Journal::Delete
        } else {
            Journal::Wal
        }
    }

    /// Returns the tools, none of them looked for yet.
    pub fn toolbox(&self) -> Toolbox {
        Toolbox::new(&self.loaded.settings, &self.environment, &self.workdir)
    }

    /// Returns what scanning and verifying need; what they tell goes into the log, then to `sink`.
    pub fn surroundings(&self, sink: Arc<dyn Sink>, cancel: CancelToken) -> Surroundings {
        let log = Arc::clone(&self.log);
        Surroundings {
            probe: Self::probe(),
            clock: Arc::clone(&self.clock),
            sink: Arc::new(Logged { log, sink }),
            cancel,
            tools: Arc::new(self.toolbox()),
        }
    }

    /// Returns who knows the disks.
    pub fn probe() -> Arc<dyn VolumeProbe> {
        Arc::from(volume::system())
    }
}

/// Writes down what is told, but for progress, and passes everything on.
struct Logged {
    log: Arc<LogFile>,
    sink: Arc<dyn Sink>,
}

impl Sink for Logged {
    fn event(&self, event: Event) {
        match &event {
            Event::Progress(_) | Event::LightAnalysis(_) => {}
            Event::Problem(problem) => self.log.line(&problem.sentence()),
            Event::Notice(text) => self.log.line(text),
            Event::Warning(text) => self.log.line(&format!("warning: {text}")),
            Event::Performance(performance) => {
                let profile = performance.profile.name();
                self.log.line(&format!("profile {profile}"));
            }
        }
        self.sink.event(event);
    }
}
