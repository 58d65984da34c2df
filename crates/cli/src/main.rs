//! The `videocatalog` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    videocatalog::main()
}
