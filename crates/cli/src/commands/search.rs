//! `search`.

use std::io::Write;
use std::time::Instant;

use serde_json::json;
use videocatalog_core::search::{self, Order, Query};

use super::drives::OnlineState;
use super::print_json;
use crate::args::{SearchArgs, Sort};
use crate::context::Context;
use crate::failure::Failure;
use crate::table::{self, Align};

pub(crate) fn search(context: &Context, args: &SearchArgs) -> Result<(), Failure> {
    let catalog = context.catalog_to_read()?;
    let drives = catalog.select(&args.label)?;
    let text = args.query.join(" ");
    let order = match args.sort {
        Sort::Newest => Order::Newest,
        Sort::Largest => Order::Largest,
        Sort::Path => Order::Path,
    };
    let began = Instant::now();
    let found = search::run(&catalog, &drives, &Query::parse(&text, args.limit, order))?;
    let elapsed_ms = began.elapsed().as_secs_f64() * 1_000.0;
    for reason in &found.unsearched {
        context.warn(&format!("not searched: {reason}"));
    }
    let online = OnlineState::of(&drives);
    let results = found.results.iter().map(|hit| {
        let mut value = serde_json::to_value(hit)?;
        if let Some(object) = value.as_object_mut() {
            object.insert("online".into(), online.is_online(&hit.drive_label).into());
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
