//! The command line of `VideoCatalog`: arguments in, tables and exit codes out. What it does is in `videocatalog-core`.

#![expect(clippy::print_stderr, reason = "a command line prints")]

mod analysis_args;
mod args;
mod commands;
mod context;
mod export_args;
mod failure;
mod fingerprint_args;
mod flat;
mod progress;
mod semantic_args;
mod signal;
mod table;
mod verify_args;

use std::ffi::OsString;
use std::process::ExitCode;

pub use args::command;

/// Runs the program with the arguments and environment of this process.
pub fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let parsed = args::parse(&arguments);
    let code = match commands::run(parsed) {
        Ok(()) => 0,
        Err(failure) => failure.report(),
    };
    // A thread may be stuck in a call that never returns; leaving `main` would not wait for it either, but said so.
    std::process::exit(code)
}
