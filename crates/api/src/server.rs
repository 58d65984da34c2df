//! The socket: bound first, said second, served until it is stopped.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tower::ServiceExt;

use crate::config::{Config, Limits};
use crate::guard::requests::Client;
use crate::routes;
use crate::stall::Stalling;
use crate::state::Api;

/// The most bytes that the first lines of a request may have, its target included.
const HEADER_BYTES: usize = 64 * 1_024;

/// How long nothing is accepted after the system said that there are too many open files.
const BREATH: Duration = Duration::from_millis(100);

/// How long work is waited for that was told to end.
const LAST_WORK: Duration = Duration::from_secs(2);

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be listened at.
    #[error("cannot listen at {host} port {port}: {source}")]
    Bind {
        /// What was asked for.
        host: String,
        /// What was asked for.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// An origin cannot be one.
    #[error("`{origin}` is no origin of a web page")]
    Origin {
        /// What was given.
        origin: String,
    },
    /// The system gives no threads or timers.
    #[error("cannot start: {0}")]
    System(#[from] io::Error),
}

impl ServeError {
    /// Returns what to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Bind { source, .. } if source.kind() == io::ErrorKind::AddrInUse => {
                "another program listens there; choose another port with `--port`, or 0 for any that is free".into()
            }
            Self::Bind { .. } => {
                "check `--host` and `--port`; `127.0.0.1` is this machine alone".into()
            }
            Self::Origin { .. } => "write it as `https://name` or `http://name:port`".into(),
            Self::System(_) => "free some memory, or end other programs".into(),
        }
    }
}

/// A bound server.
pub struct Server {
    runtime: Runtime,
    listener: TcpListener,
    router: Router,
    host: String,
    address: SocketAddr,
    limits: Limits,
    stop: Stop,
    log: Arc<dyn Fn(&str) + Send + Sync>,
}

/// Stops a server; any thread may.
#[derive(Clone)]
pub struct Stop(Arc<watch::Sender<bool>>);

impl Stop {
    /// Lets requests under way end, and takes no more.
    pub fn now(&self) {
        self.0.send_replace(true);
    }
}

impl Server {
    /// Binds the socket; requests wait until [`Server::run`].
    ///
    /// # Errors
    /// When the address cannot be listened at, or the configuration makes no sense.
    pub fn bind(config: Config) -> Result<Self, ServeError> {
        let limits = with_open_files(config.limits);
        let router = routes::router(Api::new(config.clone()))
            .map_err(|origin| ServeError::Origin { origin })?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .thread_name("api")
            .max_blocking_threads(limits.at_work.max(1) + 1)
            .enable_io()
            .enable_time()
            .build()?;
        let host = bare(&config.host).to_owned();
        let bound = runtime.block_on(async {
            let listener = TcpListener::bind((host.as_str(), config.port)).await?;
            let address = listener.local_addr()?;
            Ok((listener, address))
        });
        let (listener, address) = bound.map_err(|source| ServeError::Bind {
            host: config.host.clone(),
            port: config.port,
            source,
        })?;
        Ok(Self {
            runtime,
            listener,
            router,
            host,
            address,
            limits,
            stop: Stop(Arc::new(watch::Sender::new(false))),
            log: config.log,
        })
    }

    /// Returns the address to write into a browser: the name it was bound to and the real port.
    pub fn url(&self) -> String {
        let port = self.address.port();
        if self.host.contains(':') {
            format!("http://[{}]:{port}", self.host)
        } else {
            format!("http://{}:{port}", self.host)
        }
    }

    /// Returns whether only this machine can reach it.
    pub fn is_local(&self) -> bool {
        self.address.ip().is_loopback()
    }

    /// Returns what stops it.
    pub fn stop(&self) -> Stop {
        self.stop.clone()
    }

    /// Serves until it is stopped.
    pub fn run(self) {
        let Self {
            runtime,
            listener,
            router,
            limits,
            stop,
            log,
            ..
        } = self;
        runtime.block_on(serve(listener, router, limits, stop.0.subscribe(), &*log));
        // Requests that are still under way are dropped with it, which tells their work to end.
        runtime.shutdown_timeout(LAST_WORK);
    }
}

/// Returns an address without the brackets that URLs have around IPv6.
fn bare(host: &str) -> &str {
    let host = host.trim();
    host.strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host)
}

async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    mut stopped: watch::Receiver<bool>,
    log: &(dyn Fn(&str) + Send + Sync),
) {
    let slots = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    loop {
        let next = async {
            // The slot first: who finds none waits in the system's queue.
            let slot = Arc::clone(&slots).acquire_owned().await;
            (slot, listener.accept().await)
        };
        let (slot, accepted) = tokio::select! {
            next = next => next,
            _ = stopped.wait_for(|is_stopped| *is_stopped) => break,
        };
        match (slot, accepted) {
            (Ok(slot), Ok((stream, peer))) => {
                connected(stream, peer, slot, &router, limits, &graceful);
            }
            (_, Err(error)) => {
                log(&format!(
                    "[WARNING] a connection could not be accepted: {error}"
                ));
                tokio::time::sleep(BREATH).await;
            }
            (Err(_), _) => break,
        }
    }
    drop(listener);
    // What is left after that ends with the runtime.
    let _unfinished = tokio::time::timeout(limits.grace, graceful.shutdown()).await;
}

fn connected(
    stream: TcpStream,
    peer: SocketAddr,
    slot: OwnedSemaphorePermit,
    router: &Router,
    limits: Limits,
    graceful: &GracefulShutdown,
) {
    // Only speed is lost where it cannot be set.
    let _delayed = stream.set_nodelay(true);
    let router = router.clone();
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(Client(peer));
        let router = router.clone();
        async move {
            Ok::<_, Infallible>(
                router
                    .oneshot(request)
                    .await
                    .unwrap_or_else(|never| match never {}),
            )
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header)
        .max_buf_size(HEADER_BYTES)
        .serve_connection(Stalling::new(TokioIo::new(stream), limits.stall), service);
    let watched = graceful.watch(connection);
    tokio::spawn(async move {
        // How a connection ends is its client's business; requests were logged.
        let _ended = watched.await;
        drop(slot);
    });
}

/// Asks the system for as many open files as connections need, and takes fewer connections where it gives fewer.
fn with_open_files(limits: Limits) -> Limits {
    // Databases, indexes and the log want some too.
    const OTHERS: usize = 256;
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let wanted = (limits.connections + OTHERS) as u64;
        let now = getrlimit(Resource::Nofile);
        let current = match now.current {
            Some(current) if current < wanted => {
                let raised = now.maximum.map_or(wanted, |most| most.min(wanted));
                let asked = Rlimit {
                    current: Some(raised),
                    maximum: now.maximum,
                };
                if setrlimit(Resource::Nofile, asked).is_ok() {
                    raised
                } else {
                    current
                }
            }
            _ => wanted,
        };
        let current = usize::try_from(current).unwrap_or(usize::MAX);
        Limits {
            connections: limits
                .connections
                .min(current.saturating_sub(OTHERS).max(16)),
            ..limits
        }
    }
    #[cfg(not(unix))]
    limits
}
