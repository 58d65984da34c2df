//! One file a command.

mod diagnose;
mod drives;
mod health;
mod info;
mod jobs;
mod reference;
mod scan;
mod search;
mod settings;
mod tools;

use crate::args::{Cli, Command};
use crate::context::Context;
use crate::failure::Failure;
use crate::table;

/// Does what the arguments ask for.
pub(crate) fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        Command::Completions { shell } => {
            reference::completions(shell);
            Ok(())
        }
        Command::Man { dir } => reference::man(&dir),
        Command::Scan(args) => scan::scan(&Context::new(&cli.global)?, &args),
        Command::ScanDrive(args) => scan::scan_drive(cli.global, *args),
        Command::Search(args) => search::search(&Context::new(&cli.global)?, &args),
        Command::Info(args) => info::info(&Context::new(&cli.global)?, &args),
        Command::Drives(args) => drives::drives(&Context::new(&cli.global)?, args),
        Command::Jobs(args) => jobs::jobs(&Context::new(&cli.global)?, &args),
        Command::Diagnose(args) => diagnose::diagnose(&Context::new(&cli.global)?, &args),
        Command::Tools(args) => tools::tools(&Context::new(&cli.global)?, args),
        Command::Settings(args) => settings::settings(&Context::new(&cli.global)?, args.action),
    }
}

/// Prints one JSON document.
pub(crate) fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    table::line(format_args!("{}", serde_json::to_string_pretty(value)?));
    Ok(())
}
