//! Asks for pages of a working directory's drives in one running process and prints how long they took: what is left of a
//! request without HTTP and JSON.

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use videocatalog_core::browse::{self, InventoryFilter};
use videocatalog_core::catalog::store::Catalog;
use videocatalog_core::search::Searcher;
use videocatalog_core::workdir::WorkingDir;

const LIMIT: usize = 100;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let home = PathBuf::from(arguments.next().ok_or("usage: pages HOME ROUNDS")?);
    let rounds: usize = arguments.next().ok_or("how many rounds?")?.parse()?;
    let catalog = Catalog::open_read_only(&WorkingDir::new(home), None)?;
    let mut out = std::io::stdout();
    for drive in catalog.drives()? {
        let searcher = Searcher::default();
        let filters = [
            ("every file", InventoryFilter::default()),
            (
                "a text",
                InventoryFilter {
                    q: "2160p".into(),
                    ..InventoryFilter::default()
                },
            ),
            (
                "a category",
                InventoryFilter {
                    category: "video".into(),
                    ..InventoryFilter::default()
                },
            ),
        ];
        for (name, filter) in filters {
            let began = Instant::now();
            let ask =
                |offset| browse::inventory(&searcher, &catalog, &drive, &filter, offset, LIMIT);
            let total = ask(0)?.total;
            let new_ms = began.elapsed().as_secs_f64() * 1e3;
            let mut took_us = Vec::with_capacity(rounds);
            for round in 0..rounds {
                // Pages all over the list, by a step that has no common factor with it.
                let offset = round * 7_919 * LIMIT % total.max(1);
                let began = Instant::now();
                ask(offset)?;
                took_us.push(began.elapsed().as_secs_f64() * 1e6);
            }
            took_us.sort_by(f64::total_cmp);
            let at = |share: usize| took_us.get(took_us.len() * share / 100).copied();
            writeln!(
                out,
                "{}: {name}, {total} files: the first time {new_ms:.1} ms; a page of {LIMIT}: p50 {:.0} µs, p99 {:.0} µs",
                drive.label,
                at(50).unwrap_or(f64::NAN),
                at(99).unwrap_or(f64::NAN),
            )?;
        }
    }
    Ok(())
}
