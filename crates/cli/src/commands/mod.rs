//! One file a command.

mod analyze;
mod diagnose;
mod drives;
mod duplicates;
mod export;
mod fingerprint;
mod gpu;
mod gui;
mod health;
mod import;
mod info;
mod jobs;
mod maintain;
mod models;
mod reference;
mod report;
mod scan;
mod search;
mod semantic;
mod serve;
mod settings;
mod similar;
mod tools;
mod transcript;
mod verify;

use std::sync::Arc;

use videocatalog_core::catalog::store::Catalog;
use videocatalog_core::online::OnlineState;
use videocatalog_core::scan::{ScanError, Surroundings};

use crate::args::{Cli, Command, ProgressStyle};
use crate::context::Context;
use crate::failure::Failure;
use crate::progress::{Display, Lines};
use crate::table;

/// Does what the arguments ask for.
pub(crate) fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        Command::Completions { shell } => {
            reference::completions(shell);
            Ok(())
        }
        Command::Man { dir } => reference::man(&dir),
        Command::Scan(args) => {
            let places = &args.flags.fingerprints.places;
            scan::scan(&Context::with_tools(&cli.global, places)?, &args)
        }
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
        Command::Fingerprint(args) => {
            let context = Context::with_tools(&cli.global, &args.places)?;
            fingerprint::fingerprint(&context, &args)
        }
        Command::Semantic(args) => semantic::semantic(&Context::new(&cli.global)?, args.action),
        Command::Models(args) => models::models(&Context::new(&cli.global)?, &args.action),
        Command::Analyze(args) => analyze::analyze(&Context::new(&cli.global)?, &args),
        Command::Gpu(args) => match args.try_provider.as_deref() {
            Some([name, library]) => gpu::try_provider(name, library.as_ref()),
            _ => gpu::gpu(&Context::new(&cli.global)?, &args),
        },
        Command::Similar(args) => similar::similar(&Context::new(&cli.global)?, &args),
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

/// Does something with a drive while its progress is shown, and writes in the log that it began and how it ended.
fn watched<R, T>(
    context: &Context,
    style: ProgressStyle,
    what: &str,
    run: fn(&R, &Catalog, &Surroundings) -> Result<T, ScanError>,
    request: &R,
    told: impl FnOnce(&T) -> String,
) -> Result<T, Failure> {
    let catalog = context.catalog()?;
    let lines = if style == ProgressStyle::Json {
        Lines::Stderr
    } else {
        Lines::Off
    };
    let display = Arc::new(Display::new(style, lines, false, Arc::clone(&context.log)));
    let outside = context.surroundings(Arc::<Display>::clone(&display));
    context.log.line(&format!("{what} begins"));
    let result = run(request, &catalog, &outside);
    display.finish();
    match &result {
        Ok(done) => context.log.line(&format!("{what} ended: {}", told(done))),
        Err(error) => context.log.line(&format!("{what} failed: {error}")),
    }
    Ok(result?)
}

/// Returns the drives that were named, else all that are there.
fn online_labels(context: &Context, named: &[String]) -> Result<Vec<String>, Failure> {
    if !named.is_empty() {
        return Ok(named.to_vec());
    }
    let online = OnlineState::default();
    let drives = context.catalog_to_read()?.drives()?;
    let labels: Vec<String> = drives
        .into_iter()
        .filter(|drive| online.is_online(drive))
        .map(|drive| drive.label)
        .collect();
    if labels.is_empty() {
        return Err(Failure::usage(
            "no drive is there that was scanned",
            "plug one in, or scan one: `videocatalog scan --label NAME --mount FOLDER`",
        ));
    }
    Ok(labels)
}
