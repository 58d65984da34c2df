//! `verify`.

use std::time::Duration;

use videocatalog_core::catalog::verify::VerifyOrder;
use videocatalog_core::scan::ScanOptions;
use videocatalog_core::search::shown;
use videocatalog_core::verify::{
    self, DamagedFile, VerifyHistory, VerifyRequest, VerifyStatus, VerifySummary,
};

use super::{print_json, scan};
use crate::args::ProgressStyle;
use crate::context::Context;
use crate::failure::{Failure, code};
use crate::table;
use crate::verify_args::VerifyArgs;

pub(crate) fn verify(context: &Context, args: &VerifyArgs) -> Result<(), Failure> {
    if args.report {
        return report(context, args);
    }
    let request = request(context, args)?;
    let summary = run(context, &request, args.progress)?;
    if args.output.json {
        print_json(&summary)?;
    } else {
        print(&summary);
    }
    if summary.any_damage() {
        return Err(Failure::new(
            code::DAMAGED,
            damage(&summary),
            "`videocatalog search hash:HASH` with the hash that was expected finds other copies; \
             `videocatalog verify --report` lists what was found",
        ));
    }
    if summary.status == VerifyStatus::Stopped {
        return Err(Failure::stopped());
    }
    Ok(())
}

fn request(context: &Context, args: &VerifyArgs) -> Result<VerifyRequest, Failure> {
    let mut options = ScanOptions::from_settings(&context.loaded.settings);
    scan::set_performance(&mut options, &args.performance)?;
    if let Some(seconds) = args.op_timeout {
        options.time_limit = Duration::from_secs(seconds.max(1));
    }
    let has_budget = args.budget.is_some() || args.budget_bytes.is_some();
    Ok(VerifyRequest {
        label: args.label.clone().unwrap_or_default(),
        mount: args
            .mount
            .as_ref()
            .map(|mount| context.environment.absolute(mount)),
        only: args.only.clone(),
        order: if args.oldest_first || has_budget {
            VerifyOrder::Oldest
        } else {
            VerifyOrder::Folders
        },
        anew: args.anew,
        time_budget: args.budget,
        byte_budget: args.budget_bytes,
        accept_drive: args.accept_drive,
        options,
    })
}

fn run(
    context: &Context,
    request: &VerifyRequest,
    style: ProgressStyle,
) -> Result<VerifySummary, Failure> {
    super::watched(
        context,
        style,
        &format!("verification of `{}`", request.label),
        verify::run,
        request,
        |summary| {
            format!(
                "{} sound, {} with other bytes, {} unreadable",
                summary.sound, summary.other_bytes, summary.unreadable
            )
        },
    )
}

fn damage(summary: &VerifySummary) -> String {
    let number = summary.other_bytes + summary.unreadable;
    let is = if number == 1 { "is" } else { "are" };
    let label = shown(&summary.drive_label);
    format!("{} on `{label}` {is} damaged", files(number))
}

fn files(number: u64) -> String {
    let word = if number == 1 { "file" } else { "files" };
    format!("{} {word}", table::count(number))
}

fn print(summary: &VerifySummary) {
    let state = match summary.status {
        VerifyStatus::Done => "Done",
        VerifyStatus::OutOfBudget => "Budget used up",
        VerifyStatus::Stopped => "Stopped",
    };
    table::line(format_args!(
        "{state}: {} read, {}, in {}",
        files(summary.read_files),
        table::size(summary.read_bytes),
        table::duration(summary.duration_seconds)
    ));
    for (number, words) in [
        (summary.sound, "sound"),
        (
            summary.first_hashes,
            "hashed for the first time by this program: nothing to compare with",
        ),
        (
            summary.changed,
            "written to since the last scan: scan the drive",
        ),
        (summary.missing, "not there: scan the drive"),
        (
            summary.other_bytes,
            "WITH OTHER BYTES, though size and time are the same",
        ),
        (summary.unreadable, "UNREADABLE"),
    ] {
        if number > 0 {
            table::line(format_args!("  {} {words}", table::count(number)));
        }
    }
    for damaged in &summary.findings {
        print_damaged(damaged);
    }
    scan::print_problems(&summary.problems);
    if summary.left_files > 0 {
        table::line(format_args!(
            "  {} left in this round, {}: the next run goes on",
            files(summary.left_files),
            table::size(summary.left_bytes)
        ));
    }
}

fn print_damaged(damaged: &DamagedFile) {
    table::line(format_args!(
        "  {}  {}  {}",
        damaged.utc,
        describe(&damaged.outcome),
        shown(&damaged.place.path)
    ));
    table::line(format_args!("    expected {}", damaged.expected));
    if let Some(found) = damaged
        .found
        .as_ref()
        .filter(|_| damaged.outcome != "sound")
    {
        table::line(format_args!("    found    {found}"));
    }
    if let Some(detail) = &damaged.detail {
        table::line(format_args!("    {}", shown(detail)));
    }
}

fn describe(outcome: &str) -> &str {
    match outcome {
        "other-bytes" => "other bytes",
        "sound" => "sound again",
        "taken" => "other bytes, taken by a full rescan",
        other => other,
    }
}

fn report(context: &Context, args: &VerifyArgs) -> Result<(), Failure> {
    let catalog = context.catalog_to_read()?;
    let labels: Vec<String> = args.label.iter().cloned().collect();
    let mut histories = Vec::new();
    for drive in catalog.select(&labels)? {
        match verify::history(&catalog, &drive) {
            Ok(history) => histories.push(history),
            Err(error) if args.label.is_some() => return Err(error.into()),
            Err(error) => context.warn(&error.to_string()),
        }
    }
    if args.output.json {
        return print_json(&histories);
    }
    for history in &histories {
        print_history(history);
    }
    Ok(())
}

fn print_history(history: &VerifyHistory) {
    let label = shown(&history.drive_label);
    let (all, verified) = (
        table::count(history.files),
        table::count(history.verified_files),
    );
    match (&history.oldest_utc, &history.newest_utc) {
        (Some(oldest), Some(newest)) => table::line(format_args!(
            "{label}: {verified} of {all} files verified, from {oldest} to {newest}"
        )),
        _ => table::line(format_args!("{label}: none of {all} files verified yet")),
    }
    for open in [true, false] {
        let found = history.findings.iter().filter(|found| found.open == open);
        for (number, damaged) in found.enumerate() {
            if number == 0 {
                let title = if open { "damaged now" } else { "before" };
                table::line(format_args!("  {title}:"));
            }
            print_damaged(damaged);
        }
    }
}
