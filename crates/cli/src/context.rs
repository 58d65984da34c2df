//! What every command needs: environment, working directory, settings, log, catalogue.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use videocatalog_core::catalog::Journal;
use videocatalog_core::catalog::store::Catalog;
use videocatalog_core::clock::{Clock, SystemClock};
use videocatalog_core::environment::{Environment, Platform};
use videocatalog_core::logfile::LogFile;
use videocatalog_core::settings::{self, Loaded};
use videocatalog_core::tools::Toolbox;
use videocatalog_core::volume::{self, VolumeProbe};
use videocatalog_core::watch;
use videocatalog_core::workdir::{self, WorkingDir};

use crate::args::Global;
use crate::failure::Failure;

/// The surroundings of one command.
pub(crate) struct Context {
    pub(crate) environment: Environment,
    pub(crate) workdir: WorkingDir,
    pub(crate) loaded: Loaded,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) log: Arc<LogFile>,
    catalog_db: PathBuf,
}

impl Context {
    /// Finds the working directory and reads the settings; warnings go to stderr.
    pub(crate) fn new(global: &Global) -> Result<Self, Failure> {
        let environment = environment();
        let resolved = workdir::resolve(&environment, global.home.as_deref())
            .map_err(|error| Failure::storage(error.to_string(), error.hint()))?;
        let workdir = resolved.dir;
        let loaded = settings::load(&workdir, &environment);
        let settings = &loaded.settings;
        let (catalog_db, catalog_warning) = match &global.catalog_db {
            Some(path) => (environment.absolute(path), None),
            None => workdir.find_catalog(
                &environment,
                settings.catalog_db.as_deref(),
                settings.working_dir.as_deref(),
            ),
        };
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let logs = &loaded.settings.logs;
        let log = Arc::new(LogFile::new(
            &workdir.logs(),
            logs.max_bytes,
            logs.keep_files,
            Arc::clone(&clock),
        ));
        let context = Self {
            environment,
            workdir,
            loaded,
            clock,
            log,
            catalog_db,
        };
        for warning in resolved
            .warnings
            .iter()
            .chain(&context.loaded.warnings)
            .chain(&catalog_warning)
        {
            context.warn(warning);
        }
        Ok(context)
    }

    /// Prints a warning and logs it.
    pub(crate) fn warn(&self, text: &str) {
        eprintln!("warning: {text}");
        self.log.line(&format!("warning: {text}"));
    }

    /// Opens the catalogue for writing; older databases are taken over.
    pub(crate) fn catalog(&self) -> Result<Catalog, Failure> {
        self.workdir.create_layout().map_err(|error| {
            Failure::storage(
                error.to_string(),
                "choose another working directory with `--home` or VIDEOCATALOG_HOME",
            )
        })?;
        let mut notices = Vec::new();
        let opened = Catalog::open(
            &self.workdir,
            Some(&self.catalog_db),
            self.journal(),
            self.clock.as_ref(),
            &mut notices,
        );
        for notice in notices {
            eprintln!("{notice}");
            self.log.line(&notice);
        }
        Ok(opened?)
    }

    /// Opens the catalogue for commands that are over in no time: if there is nothing to be taken over first, for reading,
    /// without looking at the disk that it lies on.
    pub(crate) fn catalog_to_look_up(&self) -> Result<Catalog, Failure> {
        match Catalog::open_settled(&self.workdir, &self.catalog_db) {
            Some(catalog) => Ok(catalog),
            None => self.catalog_to_read(),
        }
    }

    /// Opens the catalogue for commands that only look: where nothing may be written, as it stands.
    pub(crate) fn catalog_to_read(&self) -> Result<Catalog, Failure> {
        match self.catalog() {
            Ok(catalog) => Ok(catalog),
            Err(failure) => {
                Catalog::open_read_only(&self.workdir, Some(&self.catalog_db)).map_err(|_| failure)
            }
        }
    }

    /// WAL needs shared memory, which network shares do not give.
    fn journal(&self) -> Journal {
        let root = self.workdir.root().to_path_buf();
        let probed = watch::call(std::time::Duration::from_secs(5), move || {
            volume::system().is_network(&root)
        });
        if probed == Some(true) {
            Journal::Delete
        } else {
            Journal::Wal
        }
    }

    /// Returns the tools, none of them looked for yet.
    pub(crate) fn toolbox(&self) -> Toolbox {
        Toolbox::new(&self.loaded.settings, &self.environment, &self.workdir)
    }

    /// Returns where the catalogue is, or would be.
    pub(crate) fn catalog_path(&self) -> &Path {
        &self.catalog_db
    }

    /// Returns a text that stands out on a terminal that shows colours.
    pub(crate) fn alarming(&self, text: &str) -> String {
        if std::io::stdout().is_terminal() && self.environment.var("NO_COLOR").is_none() {
            format!("\u{1b}[31m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    /// Returns who knows the disks.
    pub(crate) fn probe() -> Arc<dyn VolumeProbe> {
        Arc::from(volume::system())
    }
}

/// The environment is read here, once.
fn environment() -> Environment {
    Environment {
        variables: std::env::vars_os().collect(),
        executable_dir: std::env::current_exe()
            .ok()
            .and_then(|path| path.parent().map(PathBuf::from)),
        current_dir: std::env::current_dir().unwrap_or_default(),
        platform: Platform::current(),
    }
}
