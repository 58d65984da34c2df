//! How the API is served: what settings say, and what flags say instead.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use videocatalog_core::clock::Clock;
use videocatalog_core::duplicates::Thresholds;
use videocatalog_core::settings::{Api, Settings};
use videocatalog_core::tools::Toolbox;
use videocatalog_core::workdir::WorkingDir;

/// Everything a server needs to know.
#[derive(Clone)]
pub struct Config {
    /// Where the catalogue's shards and the rest lie.
    pub workdir: WorkingDir,
    /// The catalogue.
    pub catalog_db: PathBuf,
    /// The name or address to listen at.
    pub host: String,
    /// The port; 0 lets the system choose.
    pub port: u16,
    /// What requests must show; `None` or blank: all are refused.
    pub api_key: Option<String>,
    /// Origins of web pages that may read answers; `*`: all.
    pub cors_origins: Vec<String>,
    /// Names, besides its own, under which it may be addressed.
    pub allowed_hosts: Vec<String>,
    /// Rows of a page when a request names no number.
    pub default_limit: usize,
    /// The most rows of a page.
    pub max_page_size: usize,
    /// From when on files count as the same.
    pub thresholds: Thresholds,
    /// All settings, as they were when the server was started.
    pub settings: Arc<Settings>,
    /// The programs and libraries of this machine.
    pub tools: Arc<Toolbox>,
    /// How much it takes on.
    pub limits: Limits,
    /// Who knows the time.
    pub clock: Arc<dyn Clock>,
    /// In which times of queries are meant that name no zone.
    pub zone: jiff::tz::TimeZone,
    /// Gets one line a request.
    pub log: Arc<dyn Fn(&str) + Send + Sync>,
}

/// How much a server takes on at once, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Open connections; more wait until one ends.
    pub connections: usize,
    /// Requests that are worked on; more wait for their turn.
    pub at_work: usize,
    /// How long a request may take, its turn included.
    pub request: Duration,
    /// How long a client may take to say what it wants, and to say it again on an open connection.
    pub header: Duration,
    /// How long a client may read nothing of its answer.
    pub stall: Duration,
    /// How long requests under way may go on after the server was stopped.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // Two thousand idle ones take about 30 MiB, and leave room below the usual 4,096 open files or more.
            connections: 2_000,
            at_work: std::thread::available_parallelism().map_or(2, std::num::NonZero::get),
            request: Duration::from_mins(1),
            header: Duration::from_secs(10),
            stall: Duration::from_secs(30),
            grace: Duration::from_secs(5),
        }
    }
}

impl Config {
    /// Takes over what settings say.
    pub fn apply(&mut self, settings: &Api) {
        self.host.clone_from(&settings.host);
        self.port = settings.port;
        self.api_key = settings.api_key.as_ref().map(|key| key.expose().to_owned());
        self.cors_origins.clone_from(&settings.cors_origins);
        self.allowed_hosts.clone_from(&settings.allowed_hosts);
        self.default_limit = settings.default_limit;
        self.max_page_size = settings.max_page_size;
    }
}
