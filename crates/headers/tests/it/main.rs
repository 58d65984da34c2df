//! Tests of the header readers on real files, and on real files that were damaged.
//!
//! ffmpeg makes the files, and its encoders differ between systems: Linux only, as its test machine has them all.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::too_many_lines,
    clippy::trivially_copy_pass_by_ref,
    reason = "tests"
)]

mod agreement;
mod compare;
mod corrupt;
mod memory;
