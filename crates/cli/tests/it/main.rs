//! The program as its users run it: arguments in; stdout, stderr, exit code and files out. And checks of the repository.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests"
)]

mod analysis;
mod codes;
mod drives;
mod duplicates;
mod export;
mod fingerprint;
mod gui;
mod info;
mod lab;
mod legacy;
mod maintain;
mod old_flags;
mod reference;
mod report;
mod scan;
mod search;
mod serve;
mod settings;
mod sight;
#[cfg(unix)]
mod signals;
mod tidy;
#[cfg(unix)]
mod tools;
mod transcribe;
mod verify;
mod wrapper;
