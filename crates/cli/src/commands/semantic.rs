//! `semantic`, and the same by the older program's flags.

use std::num::NonZero;
use std::sync::Arc;

use serde_json::json;
use videocatalog_core::inference;
use videocatalog_core::online::OnlineState;
use videocatalog_core::search::query::Context as When;
use videocatalog_core::search::{Searcher, shown};
use videocatalog_core::semantic::{
    self, BuildStats, Embedders, Evidence, Mode, Part, SemanticHit, SemanticOptions, SemanticQuery,
    SemanticResult, What,
};

use super::print_json;
use crate::args::ProgressStyle;
use crate::context::Context;
use crate::failure::Failure;
use crate::flat::SemanticFlags;
use crate::progress::{Display, Lines};
use crate::semantic_args::{IndexArgs, IndexWhat, QueryArgs, QueryMode, SemanticAction};
use crate::signal::cancel_on_interrupt;
use crate::table;

/// Files that the older program's query shows.
const DOCUMENTED_LIMIT: usize = 25;

pub(crate) fn semantic(context: &Context, action: SemanticAction) -> Result<(), Failure> {
    match action {
        SemanticAction::Index(args) => index(context, &args),
        SemanticAction::Query(args) => query(context, &args),
        SemanticAction::Transcribe(args) => transcribe(context, args.progress, args.output.json),
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
                label,
                0,
                DOCUMENTED_LIMIT,
            )?;
            print_found(context, &found);
            Ok(())
        }
        Operation::Transcribe => transcribe(context, ProgressStyle::None, false),
    }
}

fn options(context: &Context) -> SemanticOptions {
    SemanticOptions::from_settings(&context.loaded.settings.semantic, &context.workdir)
}

/// Returns the embedder, on as many threads as there are processors.
fn embedders(context: &Context, options: &SemanticOptions) -> Embedders {
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let (runtime, warning) = inference::runtime(&context.toolbox(), threads);
    let mut embedders = semantic::open_embedders(options, &context.workdir, &runtime);
    embedders.warnings.extend(warning);
    embedders
}

fn index(context: &Context, args: &IndexArgs) -> Result<(), Failure> {
    if args.what == IndexWhat::Status {
        let status = semantic::status(&options(context))?;
        if args.output.json {
            return print_json(&status);
        }
        table::line(format_args!(
            "{} texts of {} files, vectors of {} numbers by {}",
            table::count(status.documents),
            table::count(status.files),
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
    table::line(format_args!(
        "{state}: {} files of {} drives, {} embedded, {} as they were, {} removed; vectors of {} numbers by {}",
        table::count(stats.processed),
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

fn transcribe(context: &Context, style: ProgressStyle, json: bool) -> Result<(), Failure> {
    let allowed = semantic::gate(&context.loaded.settings, Part::Transcribe);
    allowed.map_err(semantic::SemanticError::from)?;
    let stats = build(context, false, style)?;
    context.warn(semantic::NO_SPEECH);
    let spoken = semantic::status(&options(context))?.spoken_files;
    if json {
        return print_json(&json!({ "transcribed": spoken }));
    }
    table::line(format_args!(
        "{} files have words that can be searched",
        table::count(spoken)
    ));
    stopped(&stats)
}

fn query(context: &Context, args: &QueryArgs) -> Result<(), Failure> {
    let mode = match args.mode {
        Some(QueryMode::Ann) => Some(Mode::Ann),
        Some(QueryMode::Text) => Some(Mode::Text),
        Some(QueryMode::Hybrid) => Some(Mode::Hybrid),
        None => args.hybrid.then_some(Mode::Hybrid),
    };
    let text = args.query.join(" ");
    let label = args.label.as_deref();
    let found = find(context, &text, mode, label, args.offset, args.limit)?;
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
    label: Option<&str>,
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
        drive_label: label,
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
        "{}: {} of {} files",
        found.mode.name(),
        found.results.len(),
        table::count(found.total)
    ));
    for hit in &found.results {
        table::line(format_args!("{}", line(hit)));
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
    let said = hit.why.iter().find_map(|why| match why {
        Evidence::Said { at: Some(at), .. } => Some(format!("said at {at}: ")),
        _ => None,
    });
    let snippet = hit.snippet.as_deref().unwrap_or_default();
    format!(
        "[{}] {:.3} {} :: {} ({}) — {}{}",
        hit.rank,
        hit.score,
        shown(&hit.place.drive_label),
        shown(&hit.place.path),
        known.join("|"),
        said.unwrap_or_default(),
        shown(snippet)
    )
}
