//! Makes the five reports of a working directory in one running process, one bundle for each line `DEPTH NOW_US` that it
//! reads, and prints each as a line of JSON with how long it took: part of `scripts/bench/reports`.

use std::error::Error;
use std::io::{BufRead, Write};
use std::path::PathBuf;

use videocatalog_core::cancel::CancelToken;
use videocatalog_core::catalog::store::Catalog;
use videocatalog_core::report::{self, Params};
use videocatalog_core::search::Searcher;
use videocatalog_core::workdir::WorkingDir;

fn main() -> Result<(), Box<dyn Error>> {
    let home = std::env::args().nth(1).ok_or("usage: reports HOME")?;
    let catalog = Catalog::open_read_only(&WorkingDir::new(PathBuf::from(home)), None)?;
    let drives = catalog.drives()?;
    let searcher = Searcher::default();
    let cancel = CancelToken::new();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (depth, now_us) = line.split_once(' ').ok_or("a line is `DEPTH NOW_US`")?;
        let params = Params {
            folder_depth: depth.parse()?,
            ..Params::default()
        };
        let now_us = now_us.parse()?;
        let bundle = report::bundle(&searcher, &catalog, &drives, params, now_us, &cancel)
            .ok_or("cancelled")?;
        let mut out = std::io::stdout().lock();
        serde_json::to_writer(&mut out, &bundle)?;
        out.write_all(b"\n")?;
        out.flush()?;
    }
    Ok(())
}
