//! Searches a working directory many times in one process and prints how long that took: part of `scripts/bench/search`.

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use videocatalog_core::cancel::CancelToken;
use videocatalog_core::catalog::store::Catalog;
use videocatalog_core::clock::{Clock, SystemClock};
use videocatalog_core::search::query::{self, Context};
use videocatalog_core::search::{Order, Request, Searcher};
use videocatalog_core::workdir::WorkingDir;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let home = PathBuf::from(arguments.next().ok_or("usage: search HOME ROUNDS QUERY…")?);
    let rounds: usize = arguments.next().ok_or("how many rounds?")?.parse()?;
    let context = Context::new(SystemClock.now_us(), || jiff::tz::TimeZone::UTC);
    let queries = arguments
        .map(|text| query::parse(&text, &context))
        .collect::<Result<Vec<_>, _>>()?;
    let catalog = Catalog::open_read_only(&WorkingDir::new(home), None)?;
    let drives = catalog.drives()?;
    let searcher = Searcher::default();
    let mut took_ms = Vec::new();
    for _ in 0..rounds {
        for query in &queries {
            let request = Request {
                query,
                order: Order::Newest,
                offset: 0,
                limit: 1_000,
            };
            let began = Instant::now();
            searcher.run(&catalog, &drives, &request, &|_| true, &CancelToken::new());
            took_ms.push(began.elapsed().as_secs_f64() * 1e3);
        }
    }
    took_ms.sort_by(f64::total_cmp);
    let at = |share: usize| {
        took_ms
            .get((took_ms.len() * share / 100).min(took_ms.len().saturating_sub(1)))
            .copied()
            .unwrap_or(f64::NAN)
    };
    writeln!(
        std::io::stdout(),
        "{} searches of the newest 1,000: p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms",
        took_ms.len(),
        at(50),
        at(95),
        at(99)
    )?;
    Ok(())
}
