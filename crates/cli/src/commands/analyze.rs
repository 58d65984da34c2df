//! `analyze`.

use videocatalog_core::analysis::{
    self, AnalysisCounts, AnalysisOptions, AnalysisRequest, AnalysisSummary,
};
use videocatalog_core::scan::ScanOptions;
use videocatalog_core::search::shown;

use super::{print_json, scan};
use crate::analysis_args::AnalyzeArgs;
use crate::context::Context;
use crate::failure::{Failure, code};
use crate::table;

pub(crate) fn analyze(context: &Context, args: &AnalyzeArgs) -> Result<(), Failure> {
    let mut summaries = Vec::new();
    let named: Vec<String> = args.label.iter().cloned().collect();
    for label in super::online_labels(context, &named)? {
        let summary = super::watched(
            context,
            args.progress,
            &format!("light analysis of `{label}`"),
            analysis::run_on_drive,
            &request(context, args, label)?,
            |summary| {
                format!(
                    "{} of {} files",
                    summary.counts.images + summary.counts.videos,
                    summary.counts.files
                )
            },
        )?;
        if !args.output.json {
            print(&summary);
        }
        let is_over = summary.stopped || summary.counts.status == "error";
        summaries.push(summary);
        if is_over {
            break;
        }
    }
    if args.output.json {
        print_json(&summaries)?;
    }
    match summaries.last() {
        Some(summary) if summary.counts.status == "error" => Err(Failure::new(
            code::MISSING,
            summary.counts.message.clone().unwrap_or_default(),
            "put the model there, or name another: `videocatalog settings set light_analysis.model_path FILE`",
        )),
        Some(summary) if summary.stopped => Err(Failure::stopped()),
        _ => Ok(()),
    }
}

fn request(
    context: &Context,
    args: &AnalyzeArgs,
    label: String,
) -> Result<AnalysisRequest, Failure> {
    let settings = &context.loaded.settings;
    let mut options = ScanOptions::from_settings(settings);
    scan::set_performance(&mut options, &args.performance)?;
    let mut analysis = AnalysisOptions::from_settings(settings);
    args.gpu.apply(&mut analysis);
    Ok(AnalysisRequest {
        label,
        mount: args
            .mount
            .as_ref()
            .map(|mount| context.environment.absolute(mount)),
        only: args.only.clone(),
        again: args.again,
        accept_drive: args.accept_drive,
        analysis,
        options,
    })
}

fn print(summary: &AnalysisSummary) {
    let state = if summary.stopped { "Stopped" } else { "Done" };
    let counts = &summary.counts;
    table::line(format_args!(
        "{state}: {} of {} files without a vector, in {}",
        table::count(counts.images + counts.videos),
        table::count(counts.files),
        table::duration(summary.duration_seconds)
    ));
    print_counts(counts);
    table::line(format_args!(
        "  `{}` has vectors of {} images and {} videos",
        shown(&summary.drive_label),
        table::count(summary.coverage.images),
        table::count(summary.coverage.videos)
    ));
    scan::print_problems(&summary.problems);
}

/// The documented line, where light analysis was asked for.
pub(super) fn print_counts(counts: &AnalysisCounts) {
    if counts.status.is_empty() {
        return;
    }
    let message = counts.message.as_deref().map(shown).unwrap_or_default();
    let is_ok = counts.status == "ok";
    if !is_ok && counts.images + counts.videos + counts.failed == 0 {
        table::line(format_args!("  light analysis: skipped — {message}"));
        return;
    }
    table::line(format_args!(
        "  light analysis: {} images, {} videos, average dimension {} (provider: {}, {}, hwaccel {})",
        table::count(counts.images),
        table::count(counts.videos),
        counts.avg_dim,
        counts.provider,
        counts.runtime,
        if counts.hwaccel { "on" } else { "off" }
    ));
    let others = [
        (counts.failed, "cannot be decoded"),
        (counts.left, "left to another run"),
    ];
    for (number, words) in others.iter().filter(|(number, _)| *number > 0) {
        table::line(format_args!("  {} files {words}", table::count(*number)));
    }
    if !message.is_empty() {
        let word = if is_ok { "warning" } else { "broken off" };
        table::line(format_args!("  {word}: {message}"));
    }
}
