//! The window on real catalogues, found by role and label as a screen reader finds it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests"
)]

mod databases;
#[cfg(unix)]
mod diagnostics;
mod drives;
#[cfg(unix)]
mod duplicates;
mod fake;
mod graphics;
mod home;
mod kit;
mod meaning;
mod odd;
mod reports;
mod scan;
#[cfg(unix)]
mod search;
#[cfg(unix)]
mod server;
mod settings;
mod shell;
mod states;
