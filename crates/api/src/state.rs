//! What all requests share.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use videocatalog_core::online::OnlineState;
use videocatalog_core::search::Searcher;
use videocatalog_core::semantic::KeptEmbedders;

use crate::config::Config;
use crate::guard::key::Key;
use crate::pool::Pool;
use crate::routes::semantic::orders::Jobs;

/// How long it is remembered which drives are there.
const ONLINE_FOR: Duration = Duration::from_secs(10);

/// The one state of a server.
#[derive(Clone)]
pub(crate) struct Api(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) key: Key,
    pub(crate) pool: Arc<Pool>,
    pub(crate) searcher: Searcher,
    /// What turns texts into vectors, once somebody asked for it.
    pub(crate) embedders: KeptEmbedders,
    pub(crate) jobs: Jobs,
    /// Turns to work on something that may block.
    pub(crate) turns: Arc<Semaphore>,
    /// The turn of what may take hours; it takes none of the others.
    pub(crate) long_turn: Arc<Semaphore>,
    online: Mutex<Option<(Instant, Arc<OnlineState>)>>,
}

impl Api {
    pub(crate) fn new(config: Config) -> Self {
        Self(Arc::new(Shared {
            key: Key::new(config.api_key.as_deref()),
            pool: Arc::new(Pool::new(config.workdir.clone(), config.catalog_db.clone())),
            searcher: Searcher::default(),
            embedders: KeptEmbedders::default(),
            jobs: Jobs::default(),
            turns: Arc::new(Semaphore::new(config.limits.at_work.max(1))),
            long_turn: Arc::new(Semaphore::new(1)),
            online: Mutex::new(None),
            config,
        }))
    }

    /// Returns which drives are there, as it was found lately.
    pub(crate) fn online(&self) -> Arc<OnlineState> {
        let mut known = self.online.lock().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            Some((since, state)) if since.elapsed() < ONLINE_FOR => Arc::clone(state),
            _ => {
                let state = Arc::new(OnlineState::default());
                *known = Some((Instant::now(), Arc::clone(&state)));
                state
            }
        }
    }
}

impl std::ops::Deref for Api {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::path::Path;

    use videocatalog_core::catalog::Journal;
    use videocatalog_core::catalog::store::Catalog;
    use videocatalog_core::clock::TestClock;
    use videocatalog_core::duplicates::Thresholds;
    use videocatalog_core::settings::Settings;
    use videocatalog_core::tools::Toolbox;
    use videocatalog_core::workdir::WorkingDir;

    use super::*;
    use crate::config::Limits;

    /// The state over an empty catalogue in that folder, if there is such a folder.
    pub(crate) fn api(folder: &Path) -> Api {
        let workdir = WorkingDir::new(folder);
        let clock = Arc::new(TestClock::at(0));
        if folder.is_dir() {
            workdir.create_layout().unwrap();
            Catalog::open(&workdir, None, Journal::Wal, &*clock, &mut Vec::new()).unwrap();
        }
        Api::new(Config {
            catalog_db: workdir.catalog_db(),
            workdir,
            host: String::new(),
            port: 0,
            api_key: None,
            cors_origins: Vec::new(),
            allowed_hosts: Vec::new(),
            default_limit: 1,
            max_page_size: 1,
            thresholds: Thresholds::from_settings(&Settings::default().fingerprints),
            settings: Arc::default(),
            tools: Arc::new(Toolbox::empty()),
            limits: Limits::default(),
            clock,
            zone: jiff::tz::TimeZone::UTC,
            log: Arc::new(|_| ()),
        })
    }
}
