//! Tests with what other programs decode and print. ffmpeg makes and decodes the files, and fpcalc is Debian's: Linux only.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests"
)]

mod fpcalc;
