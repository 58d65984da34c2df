//! `search`.

use std::io::Write;
use std::time::Instant;

use serde_json::json;
use videocatalog_core::online::OnlineState;
use videocatalog_core::search::query::{self, Query};
use videocatalog_core::search::{self, Order, Request, Searcher};

use super::print_json;
use crate::args::{SearchArgs, Sort};
use crate::context::Context;
use crate::failure::Failure;
use crate::signal::cancel_on_interrupt;
use crate::table::{self, Align};

pub(crate) fn search(context: &Context, args: &SearchArgs) -> Result<(), Failure> {
    let catalog = context.catalog_to_look_up()?;
    let drives = catalog.select(&args.label)?;
    let text = args.query.join(" ");
    let order = match args.sort {
        Sort::Newest => Order::Newest,
        Sort::Oldest => Order::Oldest,
        Sort::Largest => Order::Largest,
        Sort::Smallest => Order::Smallest,
        Sort::Name => Order::Name,
        Sort::Path => Order::Path,
    };
    let began = Instant::now();
    let query = understood(context, &text)?;
    let request = Request {
        query: &query,
        order,
        offset: args.offset,
        limit: args.limit,
    };
    let online = OnlineState::default();
    let cancel = cancel_on_interrupt();
    let found = Searcher::default().run(
        &catalog,
        &drives,
        &request,
        &|drive| online.is_online(drive),
        &cancel,
    );
    if cancel.is_cancelled() {
        return Err(Failure::stopped());
    }
    let elapsed_ms = began.elapsed().as_secs_f64() * 1_000.0;
    for reason in &found.unsearched {
        context.warn(&format!("not searched: {reason}"));
    }
    let results = found.results.iter().map(|hit| {
        let mut value = serde_json::to_value(hit)?;
        if let Some(object) = value.as_object_mut() {
            let drive = drives.iter().find(|drive| drive.label == hit.drive_label);
            let is_online = drive.is_some_and(|drive| online.is_online(drive));
            object.insert("online".into(), is_online.into());
        }
        Ok::<_, serde_json::Error>(value)
    });
    if args.jsonl {
        let mut out = std::io::stdout().lock();
        for result in results {
            if writeln!(out, "{}", result?).is_err() {
                break;
            }
        }
        return Ok(());
    }
    if args.output.json {
        return print_json(&json!({
            "query": text,
            "total_matched": found.total_matched,
            "truncated": found.truncated,
            "elapsed_ms": elapsed_ms,
            "results": results.collect::<Result<Vec<_>, _>>()?,
        }));
    }
    let rows: Vec<Vec<String>> = found
        .results
        .iter()
        .map(|hit| {
            vec![
                search::shown(&hit.drive_label),
                hit.category.clone(),
                hit.size_bytes
                    .map_or_else(|| "?".into(), |bytes| table::size(bytes.unsigned_abs())),
                hit.mtime_utc.clone().unwrap_or_default(),
                search::shown(&hit.path),
            ]
        })
        .collect();
    let headings = [
        ("DRIVE", Align::Left),
        ("CATEGORY", Align::Left),
        ("SIZE", Align::Right),
        ("MODIFIED", Align::Left),
        ("PATH", Align::Left),
    ];
    table::print(&headings, &rows);
    let shown = found.results.len() as u64;
    let more = if found.truncated {
        format!(", the first {} shown", table::count(shown))
    } else {
        String::new()
    };
    eprintln!(
        "{} found{more}, {elapsed_ms:.0} ms",
        table::count(found.total_matched)
    );
    Ok(())
}

/// Returns what a query means; what is wrong with it is shown at its place.
pub(crate) fn understood(context: &Context, text: &str) -> Result<Query, Failure> {
    let when = query::Context::new(context.clock.now_us(), jiff::tz::TimeZone::system);
    query::parse(text, &when)
        .map_err(|error| Failure::usage(format!("{error}\n{}", error.pointing(text)), error.hint))
}
