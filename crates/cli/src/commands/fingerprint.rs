//! `fingerprint`.

use std::time::Duration;

use videocatalog_core::fingerprint::{
    self, FingerprintCounts, FingerprintOptions, FingerprintRequest, FingerprintSummary,
};
use videocatalog_core::scan::ScanOptions;
use videocatalog_core::search::shown;

use super::{print_json, scan};
use crate::args::ProgressStyle;
use crate::context::Context;
use crate::failure::{Failure, code};
use crate::fingerprint_args::FingerprintArgs;
use crate::table;

pub(crate) fn fingerprint(context: &Context, args: &FingerprintArgs) -> Result<(), Failure> {
    let request = request(context, args)?;
    let summary = run(context, &request, args.progress)?;
    if args.output.json {
        print_json(&summary)?;
    } else {
        print(&summary);
    }
    if let Some((tool, files)) = summary.counts.tool_missing {
        return Err(Failure::new(
            code::MISSING,
            format!("without {tool} no fingerprints can be captured ({files} files wait)"),
            format!("`videocatalog tools install {tool}`"),
        ));
    }
    if summary.stopped {
        return Err(Failure::stopped());
    }
    Ok(())
}

fn request(context: &Context, args: &FingerprintArgs) -> Result<FingerprintRequest, Failure> {
    let settings = &context.loaded.settings;
    let mut options = ScanOptions::from_settings(settings);
    scan::set_performance(&mut options, &args.performance)?;
    if let Some(seconds) = args.op_timeout {
        options.time_limit = Duration::from_secs(seconds.max(1));
    }
    let mut fingerprints = FingerprintOptions::from_settings(settings);
    args.apply(&mut fingerprints);
    if fingerprints.kinds.is_empty() {
        return Err(Failure::usage(
            "nothing is left to be captured",
            "leave `--no-prefilter` out, or add `--video-tmk` or `--audio-chroma`",
        ));
    }
    Ok(FingerprintRequest {
        label: args.label.clone(),
        mount: args
            .mount
            .as_ref()
            .map(|mount| context.environment.absolute(mount)),
        only: args.only.clone(),
        again: args.again,
        accept_drive: args.accept_drive,
        fingerprints,
        options,
    })
}

fn run(
    context: &Context,
    request: &FingerprintRequest,
    style: ProgressStyle,
) -> Result<FingerprintSummary, Failure> {
    super::watched(
        context,
        style,
        &format!("fingerprinting of `{}`", request.label),
        fingerprint::run,
        request,
        |summary| format!("{} of {} files", summary.counts.done, summary.counts.files),
    )
}

fn print(summary: &FingerprintSummary) {
    let state = if summary.stopped { "Stopped" } else { "Done" };
    let counts = &summary.counts;
    table::line(format_args!(
        "{state}: {} of {} files without fingerprints, in {}",
        table::count(counts.done),
        table::count(counts.files),
        table::duration(summary.duration_seconds)
    ));
    print_counts(counts);
    let has = &summary.coverage;
    table::line(format_args!(
        "  `{}` has {} video signatures, {} audio fingerprints, {} prefilter hashes",
        shown(&summary.drive_label),
        table::count(has.video),
        table::count(has.sound),
        table::count(has.keyframes)
    ));
    scan::print_problems(&summary.problems);
}

/// One line of what was captured, and one of what could not be.
pub(super) fn print_counts(counts: &FingerprintCounts) {
    if counts.files == 0 {
        return;
    }
    table::line(format_args!(
        "  fingerprints: {} video signatures, {} audio fingerprints, {} prefilter hashes",
        table::count(counts.video),
        table::count(counts.sound),
        table::count(counts.keyframes)
    ));
    let others = [
        (counts.failed, "cannot be decoded"),
        (counts.left, "left to another run"),
    ];
    for (number, words) in others.iter().filter(|(number, _)| *number > 0) {
        table::line(format_args!("  {} files {words}", table::count(*number)));
    }
    if let Some((tool, files)) = &counts.tool_missing {
        table::line(format_args!(
            "  waiting for {tool}: {} files",
            table::count(*files)
        ));
    }
}
