//! `export`, and the exports after a scan with the older program's flags.

use std::ffi::OsStr;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;

use indicatif::ProgressBar;
use serde_json::json;
use videocatalog_core::cancel::CancelToken;
use videocatalog_core::catalog::drives::Drive;
use videocatalog_core::catalog::export::Wanted;
use videocatalog_core::catalog::store::Catalog;
use videocatalog_core::export::{
    self, ExportError, Format, Only, Request, Summary, Target, default_name,
};
use videocatalog_core::path::display::printable_path;
use videocatalog_core::search::{Searcher, shown};

use super::print_json;
use super::search::understood;
use crate::context::Context;
use crate::export_args::{ExportAction, ExportWhat, ScanExports};
use crate::failure::{Failure, code};
use crate::{signal, table};

pub(crate) fn export(context: &Context, action: ExportAction) -> Result<(), Failure> {
    match action {
        ExportAction::Csv { what, safe_cells } => files(context, Format::Csv, safe_cells, &what),
        ExportAction::Jsonl { what } => files(context, Format::Jsonl, false, &what),
        #[cfg(feature = "parquet")]
        ExportAction::Parquet { what } => files(context, Format::Parquet, false, &what),
        ExportAction::Catalog { path, output } => catalogue(context, path, output.json),
    }
}

/// What `scan-drive` exports when its scan is done: CSV first, then JSON lines.
pub(crate) fn after_scan(
    context: &Context,
    label: &str,
    exports: &ScanExports,
    wanted: Wanted,
) -> Result<(), Failure> {
    let asked = [
        (Format::Csv, &exports.export_csv),
        (Format::Jsonl, &exports.export_jsonl),
    ];
    let mut first_failure = Ok(());
    for (format, path) in asked {
        let Some(path) = path else { continue };
        let named = (!path.is_empty()).then_some(Path::new(path));
        let done = after_scan_as(context, label, format, named, wanted);
        if first_failure.is_ok() {
            first_failure = done;
        }
    }
    first_failure
}

fn after_scan_as(
    context: &Context,
    label: &str,
    format: Format,
    named: Option<&Path>,
    wanted: Wanted,
) -> Result<(), Failure> {
    let catalog = context.catalog_to_read()?;
    let drives = [catalog.drive(label)?];
    let request = Request {
        wanted,
        ..Request::new(format)
    };
    let target = target(context, Some(label), format, named);
    let Some(summary) = run(context, &catalog, &drives, &request, target)? else {
        return Ok(());
    };
    // Standard output holds the older program's lines.
    eprintln!("{}", sentence(&summary));
    judge(context, &summary, drives.len())
}

fn files(
    context: &Context,
    format: Format,
    safe_cells: bool,
    what: &ExportWhat,
) -> Result<(), Failure> {
    let wanted = what.filters.wanted()?;
    let is_stream = what.path.as_deref() == Some(Path::new("-"));
    if is_stream {
        check_stream(format, what)?;
    }
    let catalog = context.catalog_to_read()?;
    let drives = catalog.select(&what.label)?;
    if drives.is_empty() {
        return Err(Failure::usage(
            "there is no drive to export",
            "scan one first: `videocatalog scan --label NAME --mount FOLDER`",
        ));
    }
    let only = match &what.query {
        Some(text) => Some(resolve_query(context, &catalog, &drives, text)?),
        None => None,
    };
    let request = Request {
        format,
        wanted,
        only: only.as_deref(),
        safe_cells,
    };
    let mut stdout = std::io::stdout();
    let target = if is_stream {
        Target::Stream(&mut stdout)
    } else {
        let label = what.label.first().filter(|_| drives.len() == 1);
        target(
            context,
            label.map(String::as_str),
            format,
            what.path.as_deref(),
        )
    };
    let Some(summary) = run(context, &catalog, &drives, &request, target)? else {
        return Ok(());
    };
    if what.output.json {
        print_json(&document(&summary))?;
    } else if is_stream {
        eprintln!("{}", sentence(&summary));
    } else {
        table::line(format_args!("{}", sentence(&summary)));
    }
    judge(context, &summary, drives.len())
}

/// Returns which files a query finds.
fn resolve_query(
    context: &Context,
    catalog: &Catalog,
    drives: &[Drive],
    text: &str,
) -> Result<Box<Only<'static>>, Failure> {
    let query = understood(context, text)?;
    // Nothing is written yet: an interrupt ends the program.
    let never = CancelToken::new();
    let (only, unsearched) =
        export::found_by(&Searcher::default(), catalog, drives, &query, &never);
    for reason in unsearched {
        context.warn(&format!("not searched: {reason}"));
    }
    Ok(only)
}

fn check_stream(format: Format, what: &ExportWhat) -> Result<(), Failure> {
    if what.output.json {
        return Err(Failure::usage(
            "`-` and `--json` would both write to standard output",
            "leave one of them out",
        ));
    }
    if !matches!(format, Format::Csv | Format::Jsonl) {
        return Err(Failure::usage(
            "Parquet cannot be written to standard output",
            "name a file",
        ));
    }
    if std::io::stdout().is_terminal() {
        // Names of files are data in an export, and could steer the terminal.
        return Err(Failure::usage(
            "an export is not written to a terminal",
            "name a file, or pipe it into another program",
        ));
    }
    Ok(())
}

fn target<'t>(
    context: &Context,
    label: Option<&str>,
    format: Format,
    named: Option<&Path>,
) -> Target<'t> {
    Target::File {
        named: named.map(|path| absolute(context, path)),
        folder: context.workdir.exports(),
        name: default_name(label, format.extension(), context.clock.now_us()),
    }
}

/// A separator at the end says that a folder is meant, and must not get lost.
fn absolute(context: &Context, path: &Path) -> PathBuf {
    let absolute = context.environment.absolute(path);
    let bytes = path.as_os_str().as_encoded_bytes();
    if bytes
        .last()
        .is_some_and(|&byte| std::path::is_separator(byte.into()))
    {
        absolute.join("")
    } else {
        absolute
    }
}

/// Runs an export; `None` if whoever reads the stream has seen enough, as in `export csv - | head`.
fn run(
    context: &Context,
    catalog: &Catalog,
    drives: &[Drive],
    request: &Request<'_>,
    target: Target<'_>,
) -> Result<Option<Summary>, Failure> {
    let bar = if std::io::stderr().is_terminal() {
        ProgressBar::new_spinner()
    } else {
        ProgressBar::hidden()
    };
    bar.enable_steady_tick(Duration::from_millis(250));
    let cancel = signal::cancel_on_interrupt();
    let done = export::run(catalog, drives, request, target, &cancel, &mut |progress| {
        bar.set_message(format!(
            "{} files, {}, {:.0}/s",
            table::count(progress.rows),
            table::size(progress.bytes),
            progress.rate()
        ));
    });
    bar.finish_and_clear();
    match done {
        Ok(summary) => {
            context.log.line(&sentence(&summary));
            Ok(Some(summary))
        }
        Err(error) if error.is_hang_up() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Names the drives that are missing; an export that is not whole is no success.
fn judge(context: &Context, summary: &Summary, drives: usize) -> Result<(), Failure> {
    let Some(first) = summary.failed.first() else {
        return Ok(());
    };
    for drive in &summary.failed {
        let label = shown(&drive.label);
        let reason = shown(&drive.reason);
        context.warn(&match drive.rows {
            0 => format!("`{label}` is not in the export: {reason}"),
            rows => format!(
                "of `{label}` only the first {} files are in the export: {reason}",
                table::count(rows)
            ),
        });
    }
    Err(Failure::new(
        code::EXPORT,
        format!(
            "{} of {drives} drives could not be exported; the export has what could be read",
            summary.failed.len()
        ),
        first.hint.clone(),
    ))
}

fn sentence(summary: &Summary) -> String {
    let progress = &summary.progress;
    let written = format!(
        "{} files, {}, in {:.1} s",
        table::count(progress.rows),
        table::size(progress.bytes),
        progress.elapsed.as_secs_f64()
    );
    match &summary.path {
        Some(path) => format!("{written}: {}", printable_path(path)),
        None => written,
    }
}

fn document(summary: &Summary) -> serde_json::Value {
    json!({
        "path": summary.path.as_ref().map(|path| path.to_string_lossy()),
        "rows": summary.progress.rows,
        "bytes": summary.progress.bytes,
        "seconds": summary.progress.elapsed.as_secs_f64(),
        "failed": summary.failed.iter().map(|drive| json!({
            "drive_label": drive.label,
            "reason": drive.reason,
            "rows": drive.rows,
        })).collect::<Vec<_>>(),
    })
}

fn catalogue(context: &Context, path: Option<PathBuf>, as_json: bool) -> Result<(), Failure> {
    if path.as_deref().map(Path::as_os_str) == Some(OsStr::new("-")) {
        return Err(Failure::usage(
            "the catalogue cannot be written to standard output",
            "name a file",
        ));
    }
    // Older catalogues are brought up to date first, and one that is missing is no empty copy.
    drop(context.catalog_to_read()?);
    let copy = export::copy_catalogue(
        context.catalog_path(),
        path.map(|path| absolute(context, &path)),
        &context.workdir.exports(),
        context.clock.as_ref(),
        &signal::cancel_on_interrupt(),
    )?;
    if as_json {
        return print_json(&json!({"path": copy.path.to_string_lossy(), "bytes": copy.bytes}));
    }
    table::line(format_args!(
        "{}: {}",
        table::size(copy.bytes),
        printable_path(&copy.path)
    ));
    Ok(())
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Cancelled => Self::stopped(),
            error => Self::new(code::EXPORT, shown(&error.to_string()), error.hint()),
        }
    }
}
