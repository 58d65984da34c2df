//! Scans of real folders, mounts and file systems that misbehave.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::result_large_err,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::type_complexity,
    clippy::large_stack_arrays,
    reason = "tests"
)]

mod analysis;
mod changes;
#[cfg(unix)]
mod duplicates;
mod events;
mod export;
mod faults;
#[cfg(unix)]
mod fingerprints;
mod guard;
#[cfg(unix)]
mod health;
mod identity;
mod import;
mod kill;
mod lab;
mod legacy;
mod media;
mod oracle;
mod reading;
mod resume;
mod semantic;
mod sight;
mod storage;
mod transcripts;
mod verify;
