//! `VideoCatalog` over HTTP: what core knows, read-only, for whoever has the key.
//!
//! The only crate that knows an async runtime. Requests are checked ([`Config`] says how), turned into core's requests,
//! done on a bounded number of threads that may block, and answered as JSON. Nothing here speaks SQL, nothing writes to
//! the catalogue, and no path that a client names touches the file system.

mod answer;
mod config;
mod drives;
mod guard;
mod openapi;
mod page;
mod parameters;
mod pool;
mod problem;
mod routes;
mod server;
mod stall;
mod state;
mod work;

pub use config::{Config, Limits};
pub use openapi::document as openapi;
pub use server::{ServeError, Server, Stop};
