//! `semantic`, and the same by the older program's flags.

use std::collections::BTreeSet;
use std::num::NonZero;
use std::sync::Arc;

use serde_json::json;
use videocatalog_core::human;
use videocatalog_core::online::OnlineState;
use videocatalog_core::scan::ScanOptions;
use videocatalog_core::search::query::Context as When;
use videocatalog_core::search::{Searcher, shown};
use videocatalog_core::semantic::{
    self, BuildStats, Embedders, Mode, Part, SemanticHit, SemanticOptions, SemanticQuery,
    SemanticResult, What,
};
use videocatalog_core::sight::{self, SightOptions, SightRequest, SightSummary};
use videocatalog_core::transcripts::{
    self, TranscribeOptions, TranscribeRequest, TranscribeSummary,
};

use super::print_json;
use crate::args::{Output, ProgressStyle};
use crate::context::Context;
use crate::failure::{Failure, code};
use crate::flat::SemanticFlags;
use crate::progress::{Display, Lines};
use crate::semantic_args::{IndexArgs, IndexWhat, LearnArgs, QueryArgs, QueryMode, SemanticAction};
use crate::signal::cancel_on_interrupt;
use crate::table;

/// Files that the older program's query shows.
const DOCUMENTED_LIMIT: usize = 25;

pub(crate) fn semantic(context: &Context, action: SemanticAction) -> Result<(), Failure> {
    match action {
        SemanticAction::Index(args) => index(context, &args),
        SemanticAction::Query(args) => query(context, &args),
        SemanticAction::Transcribe(args) => transcribe(context, &args),
        SemanticAction::Transcript(args) => super::transcript::transcript(context, &args),
        SemanticAction::Frames(args) => frames(context, &args),
    }
}

/// What the older program's flags ask for instead of a scan.
pub(crate) enum Operation {
    Index { from_scratch: bool },
    Query { text: String, hybrid: bool },
    Transcribe,
}

/// Returns what the flags ask for; `None`: a scan.
pub(crate) fn documented(flags: &SemanticFlags) -> Option<Operation> {
    if let Some(mode) = &flags.semantic_index {
        return Some(Operation::Index {
            from_scratch: mode == "rebuild",
        });
    }
    if let Some(text) = &flags.semantic_query {
        return Some(Operation::Query {
            text: text.clone(),
            hybrid: flags.hybrid,
        });
    }
    flags.transcribe.then_some(Operation::Transcribe)
}

/// Does what the older program's flags ask for.
pub(crate) fn operate(
    context: &Context,
    operation: Operation,
    label: Option<&str>,
) -> Result<(), Failure> {
    let labels: Vec<String> = label.map(str::to_owned).into_iter().collect();
    match operation {
        Operation::Index { from_scratch } => {
            let stats = build(context, from_scratch, ProgressStyle::None)?;
            print_stats(&stats);
            stopped(&stats)
        }
        Operation::Query { text, hybrid } => {
            let found = find(
                context,
                &text,
                hybrid.then_some(Mode::Hybrid),
                &labels,
                0,
                DOCUMENTED_LIMIT,
            )?;
            print_found(context, &found);
            Ok(())
        }
        Operation::Transcribe => transcribe(
            context,
            &LearnArgs {
                label: labels,
                only: None,
                again: false,
                progress: ProgressStyle::None,
                output: Output { json: false },
            },
        ),
    }
}

fn options(context: &Context) -> SemanticOptions {
    SemanticOptions::from_settings(&context.loaded.settings.semantic, &context.workdir)
}

/// Returns the embedder, on as many threads as there are processors.
fn embedders(context: &Context, options: &SemanticOptions) -> Embedders {
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    semantic::load_embedders(options, &context.workdir, &context.toolbox(), threads)
}

fn index(context: &Context, args: &IndexArgs) -> Result<(), Failure> {
    if args.what == IndexWhat::Status {
        let status = semantic::status(&options(context))?;
        if args.output.json {
            return print_json(&status);
        }
        table::line(format_args!(
            "{} texts of {}, vectors of {} numbers by {}",
            table::count(status.documents),
            human::files(status.files),
            status.vector_dim,
            status.model.as_deref().unwrap_or("nothing so far")
        ));
        return Ok(());
    }
    let stats = build(context, args.what == IndexWhat::Rebuild, args.progress)?;
    if args.output.json {
        print_json(&stats)?;
    } else {
        print_stats(&stats);
    }
    stopped(&stats)
}

fn build(
    context: &Context,
    from_scratch: bool,
    style: ProgressStyle,
) -> Result<BuildStats, Failure> {
    let allowed = semantic::gate(&context.loaded.settings, Part::Index);
    allowed.map_err(semantic::SemanticError::from)?;
    let catalog = context.catalog()?;
    let options = options(context);
    let embedders = embedders(context, &options);
    let display = Arc::new(Display::new(
        style,
        Lines::Off,
        false,
        Arc::clone(&context.log),
    ));
    let stats = semantic::build(
        &catalog,
        &options,
        &embedders,
        if from_scratch {
            What::Anew
        } else {
            What::Everything
        },
        &cancel_on_interrupt(),
        context.clock.as_ref(),
        display.as_ref(),
    );
    display.finish();
    match &stats {
        Ok(stats) => context.log.line(&format!(
            "semantic index: {} files looked at, {} embedded",
            stats.processed, stats.updated
        )),
        Err(error) => context.log.line(&format!("semantic index failed: {error}")),
    }
    Ok(stats?)
}

fn print_stats(stats: &BuildStats) {
    let state = if stats.stopped { "Stopped" } else { "Done" };
    let drives = if stats.shards == 1 { "drive" } else { "drives" };
    table::line(format_args!(
        "{state}: {} of {} {drives}, {} embedded, {} as they were, {} removed; vectors of {} numbers by {}",
        human::files(stats.processed),
        table::count(stats.shards),
        table::count(stats.updated),
        table::count(stats.skipped),
        table::count(stats.removed),
        stats.vector_dim,
        stats.model
    ));
}

fn stopped(stats: &BuildStats) -> Result<(), Failure> {
    if stats.stopped {
        return Err(Failure::stopped());
    }
    Ok(())
}

fn transcribe(context: &Context, args: &LearnArgs) -> Result<(), Failure> {
    let settings = &context.loaded.settings;
    semantic::gate(settings, Part::Transcribe).map_err(semantic::SemanticError::from)?;
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let request = TranscribeRequest {
        labels: args.label.clone(),
        only: args.only.clone(),
        again: args.again,
        transcribe: TranscribeOptions::from_settings(&settings.semantic, threads),
        options: ScanOptions::from_settings(settings),
    };
    let heard = super::watched(
        context,
        args.progress,
        "transcribing",
        transcripts::run,
        &request,
        |heard| {
            let done: u64 = heard.iter().map(|drive| drive.done).sum();
            format!("{done} files")
        },
    )?;
    let reasons: BTreeSet<&String> = heard
        .iter()
        .filter_map(|drive| drive.message.as_ref())
        .collect();
    for reason in reasons {
        context.warn(&semantic::no_speech(reason));
    }
    if !args.output.json {
        for drive in &heard {
            print_heard(drive);
        }
    }
    if heard.iter().any(|drive| drive.stopped) {
        if args.output.json {
            print_json(&json!({ "drives": heard }))?;
        } else {
            table::line(format_args!(
                "What was heard is kept, and another run{} goes on there; `videocatalog semantic index build` makes it searchable.",
                if args.again { " with `--again`" } else { "" }
            ));
        }
        return Err(Failure::stopped());
    }
    let stats = match semantic::gate(settings, Part::Index) {
        Ok(()) => Some(build(context, false, args.progress)?),
        Err(gated) => {
            context.warn(&format!(
                "what was heard is kept, and not found yet: {gated}"
            ));
            None
        }
    };
    let spoken = semantic::status(&options(context))?.spoken_files;
    if args.output.json {
        print_json(&json!({ "transcribed": spoken, "drives": heard }))?;
    } else {
        table::line(format_args!(
            "{} with words that can be searched",
            human::files(spoken)
        ));
    }
    stats.as_ref().map_or(Ok(()), stopped)
}

fn frames(context: &Context, args: &LearnArgs) -> Result<(), Failure> {
    let settings = &context.loaded.settings;
    semantic::gate(settings, Part::Index).map_err(semantic::SemanticError::from)?;
    let labels = super::online_labels(context, &args.label)?;
    let mut seen: Vec<SightSummary> = Vec::new();
    let mut nothing = "nothing was looked at".to_owned();
    for label in labels {
        let request = SightRequest {
            label,
            only: args.only.clone(),
            again: args.again,
            sight: SightOptions::from_settings(settings),
            options: ScanOptions::from_settings(settings),
        };
        let summary = super::watched(
            context,
            args.progress,
            &format!("looking at frames of `{}`", request.label),
            sight::run_on_drive,
            &request,
            |summary| format!("{} frames", summary.counts.frames),
        );
        let summary = match summary {
            Err(failure) if args.label.is_empty() => {
                let (label, why) = (shown(&request.label), failure.message());
                context.warn(&format!("`{label}` was not looked at: {why}"));
                continue;
            }
            summary => summary?,
        };
        let has_seen = summary.counts.frames > 0;
        if let Some(reason) = &summary.counts.message {
            nothing = format!("nothing was looked at: {reason}");
            if has_seen {
                context.warn(&format!("not everything was looked at: {reason}"));
            }
        }
        let is_end = summary.stopped || summary.counts.message.is_some();
        if has_seen || summary.counts.message.is_none() {
            if !args.output.json {
                print_seen(&summary);
            }
            seen.push(summary);
        }
        // What keeps one drive from being looked at keeps the others as well.
        if is_end {
            break;
        }
    }
    if args.output.json {
        print_json(&seen)?;
    }
    if seen.iter().any(|drive| drive.stopped) {
        return Err(Failure::stopped());
    }
    if seen.is_empty() {
        return Err(Failure::new(
            code::MISSING,
            nothing,
            "docs/guide/meaning.md says what it takes",
        ));
    }
    stopped(&build(context, false, args.progress)?)
}

fn print_seen(drive: &SightSummary) {
    let counts = &drive.counts;
    let state = if drive.stopped { "Stopped" } else { "Done" };
    table::line(format_args!(
        "{state}: `{}`, {} images and {} films looked at, {} frames, in {} (provider: {})",
        shown(&drive.drive_label),
        table::count(counts.images),
        table::count(counts.videos),
        table::count(counts.frames),
        table::duration(drive.duration_seconds),
        counts.provider
    ));
    let others = [
        (counts.failed, "cannot be decoded"),
        (counts.left, "left to another run"),
    ];
    for (number, words) in others.iter().filter(|(number, _)| *number > 0) {
        table::line(format_args!("  {} {words}", human::files(*number)));
    }
    super::scan::print_problems(&drive.problems);
}

fn print_heard(drive: &TranscribeSummary) {
    let Some(model) = &drive.model else {
        return;
    };
    let state = if drive.stopped { "Stopped" } else { "Done" };
    table::line(format_args!(
        "{state}: `{}`, {} of {} files without subtitles listened to, {} of them with speech; {} of sound in {}, by {}",
        shown(&drive.drive_label),
        table::count(drive.done),
        table::count(drive.files),
        table::count(drive.with_speech),
        table::duration(drive.heard_seconds),
        table::duration(drive.duration_seconds),
        shown(model)
    ));
    let others = [
        (
            drive.same,
            "of the same content as others that were listened to",
        ),
        (drive.failed, "without sound that can be decoded"),
        (drive.left, "left to another run"),
    ];
    for (number, words) in others.iter().filter(|(number, _)| *number > 0) {
        table::line(format_args!("  {} {words}", human::files(*number)));
    }
    super::scan::print_problems(&drive.problems);
}

fn query(context: &Context, args: &QueryArgs) -> Result<(), Failure> {
    let mode = match args.mode {
        Some(QueryMode::Ann) => Some(Mode::Ann),
        Some(QueryMode::Text) => Some(Mode::Text),
        Some(QueryMode::Hybrid) => Some(Mode::Hybrid),
        None => args.hybrid.then_some(Mode::Hybrid),
    };
    let text = args.query.join(" ");
    let found = find(context, &text, mode, &args.label, args.offset, args.limit)?;
    if args.output.json {
        return print_json(&found);
    }
    print_found(context, &found);
    Ok(())
}

fn find(
    context: &Context,
    text: &str,
    mode: Option<Mode>,
    labels: &[String],
    offset: usize,
    limit: usize,
) -> Result<SemanticResult, Failure> {
    let allowed = semantic::gate(&context.loaded.settings, Part::Search);
    allowed.map_err(semantic::SemanticError::from)?;
    let catalog = context.catalog_to_look_up()?;
    let options = options(context);
    let embedders = embedders(context, &options);
    let online = OnlineState::default();
    let cancel = cancel_on_interrupt();
    let request = SemanticQuery {
        text,
        mode: mode.unwrap_or(options.plain_mode()),
        drive_labels: labels,
        offset,
        limit,
    };
    let surroundings = semantic::Around {
        catalog: &catalog,
        searcher: &Searcher::default(),
        options: &options,
        embedders: &embedders,
        when: &When::new(context.clock.now_us(), jiff::tz::TimeZone::system),
        is_online: &|drive| online.is_online(drive),
        is_stopped: &|| cancel.is_cancelled(),
    };
    Ok(semantic::search(&surroundings, &request)?)
}

fn print_found(context: &Context, found: &SemanticResult) {
    for warning in &found.warnings {
        context.warn(warning);
    }
    table::line(format_args!(
        "{}: {} of {}",
        found.mode.name(),
        found.results.len(),
        human::files(found.total)
    ));
    for hit in &found.results {
        table::line(format_args!("{}", context.marked(&line(hit))));
    }
    if found.truncated {
        table::line(format_args!(
            "There are more; say more of what you look for."
        ));
    }
}

/// Returns the documented line of a hit, and why it was found.
fn line(hit: &SemanticHit) -> String {
    let known = [
        Some(&hit.metadata.category),
        hit.metadata.mime.as_ref(),
        hit.metadata.extension.as_ref(),
    ];
    let known: Vec<&str> = known.into_iter().flatten().map(String::as_str).collect();
    let why: Vec<String> = hit.why.iter().map(ToString::to_string).collect();
    let snippet = hit.snippet.as_deref().unwrap_or_default();
    format!(
        "[{}] {:.3} {} :: {} ({}) — {}: {}",
        hit.rank,
        hit.score,
        shown(&hit.place.drive_label),
        shown(&hit.place.path),
        known.join("|"),
        why.join(", "),
        shown(snippet)
    )
}
