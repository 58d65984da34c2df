//! The API over real sockets, with a real client and with malformed bytes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests"
)]

mod browser;
mod changes;
mod contract;
mod duplicates;
mod input;
mod lab;
mod limits;
mod page;
mod recorded;
mod routes;
mod security;
mod semantic;
mod stop;
