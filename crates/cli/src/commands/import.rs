//! `import`.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::ProgressBar;
use serde_json::json;
use videocatalog_core::import::{self, ImportError, LineProblem, Request, Summary};
use videocatalog_core::path::{display::printable, os_to_bytes};
use videocatalog_core::search::shown;

use super::print_json;
use crate::context::Context;
use crate::export_args::ImportArgs;
use crate::failure::{Failure, code};
use crate::{signal, table};

/// How many problems are shown one by one before only the count goes on.
const PROBLEMS_SHOWN: u64 = 20;

pub(crate) fn import(context: &Context, args: ImportArgs) -> Result<(), Failure> {
    let catalog = context.catalog()?;
    let request = Request {
        file: context.environment.absolute(&args.file),
        label: args.label,
        root: args
            .root
            .map(|root| os_to_bytes(root.as_os_str()).into_owned()),
        from: args.from,
        trust_hashes: args.trust_hashes,
    };
    let bar = if std::io::stderr().is_terminal() {
        ProgressBar::new_spinner()
    } else {
        ProgressBar::hidden()
    };
    bar.enable_steady_tick(Duration::from_millis(250));
    let mut problems = 0;
    let done = import::run(
        &catalog,
        &request,
        context.clock.as_ref(),
        &signal::cancel_on_interrupt(),
        &mut |files| bar.set_message(format!("{} files", table::count(files))),
        &mut |problem: &LineProblem| {
            let text = format!("line {}: {}", problem.line, shown(&problem.reason));
            context.log.line(&text);
            problems += 1;
            if problems <= PROBLEMS_SHOWN {
                bar.suspend(|| eprintln!("problem: {text}"));
            } else if problems == PROBLEMS_SHOWN + 1 {
                bar.suspend(|| eprintln!("more problems: see the log"));
            }
        },
    );
    bar.finish_and_clear();
    let summary = done?;
    context.log.line(&sentence(&summary));
    if args.output.json {
        return print_json(&json!({
            "drive_label": summary.drive_label,
            "root": String::from_utf8_lossy(&summary.root),
            "files": summary.files,
            "folders": summary.folders,
            "left_out": summary.left_out,
            "problems": summary.problems,
        }));
    }
    table::line(format_args!("{}", sentence(&summary)));
    Ok(())
}

fn sentence(summary: &Summary) -> String {
    let mut text = format!(
        "{} files imported as `{}`, root {}",
        table::count(summary.files),
        shown(&summary.drive_label),
        printable(&summary.root)
    );
    for (number, what) in [
        (summary.folders, "lines were folders"),
        (summary.left_out, "lines were of other drives"),
        (summary.problems, "lines could not be used"),
    ] {
        if number > 0 {
            text.extend(["; ", &table::count(number), " ", what]);
        }
    }
    text
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        let code = match &error {
            ImportError::Cancelled => return Self::stopped(),
            ImportError::Read { .. }
            | ImportError::Unknown { .. }
            | ImportError::Empty { .. }
            | ImportError::SeveralRoots { .. }
            | ImportError::SeveralDrives { .. } => code::USAGE,
            ImportError::Store(_) | ImportError::Write { .. } | ImportError::Place { .. } => {
                code::STORAGE
            }
        };
        let hint = error.hint();
        match error {
            ImportError::Store(store) => {
                let mut failure = Self::from(store);
                failure.set_hint(hint);
                failure
            }
            error => Self::new(code, shown(&error.to_string()), hint),
        }
    }
}
