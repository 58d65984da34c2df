//! One file a command.

mod diagnose;
mod drives;
mod duplicates;
mod export;
mod fingerprint;
mod gui;
mod health;
mod import;
mod info;
mod jobs;
mod maintain;
mod reference;
mod report;
mod scan;
mod search;
mod serve;
mod settings;
mod tools;
mod verify;

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
        Command::Serve(args) | Command::Api(args) => {
            serve::serve(&Context::new(&cli.global)?, &args)
        }
        Command::Gui => gui::gui(&cli.global),
        Command::ScanDrive(args) => scan::scan_drive(cli.global, *args),
        Command::Search(args) => search::search(&Context::new(&cli.global)?, &args),
        Command::Info(args) => info::info(&Context::new(&cli.global)?, &args),
        Command::Report(args) => report::report(&Context::new(&cli.global)?, &args),
        Command::Export(args) => export::export(&Context::new(&cli.global)?, args.action),
        Command::Import(args) => import::import(&Context::new(&cli.global)?, args),
        Command::Duplicates(args) => duplicates::duplicates(&Context::new(&cli.global)?, &args),
        Command::Fingerprint(args) => fingerprint::fingerprint(&Context::new(&cli.global)?, &args),
        Command::Verify(args) => verify::verify(&Context::new(&cli.global)?, &args),
        Command::Drives(args) => drives::drives(&Context::new(&cli.global)?, args),
        Command::Jobs(args) => jobs::jobs(&Context::new(&cli.global)?, &args),
        Command::Diagnose(args) => diagnose::diagnose(&Context::new(&cli.global)?, &args),
        Command::Tools(args) => tools::tools(&Context::new(&cli.global)?, args),
        Command::Maintain(args) => maintain::maintain(&Context::new(&cli.global)?, args.action),
        Command::Settings(args) => settings::settings(&Context::new(&cli.global)?, args.action),
    }
}

/// Prints one JSON document.
pub(crate) fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    table::line(format_args!("{}", serde_json::to_string_pretty(value)?));
    Ok(())
}
