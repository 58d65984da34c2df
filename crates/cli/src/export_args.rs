//! The flags of exports and of `import`; the filters are shared with the older program's `scan-drive`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use videocatalog_core::catalog::export::Wanted;
use videocatalog_core::clock::parse_utc;

use crate::args::Output;
use crate::failure::Failure;

/// `export`.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    #[command(subcommand)]
    pub(crate) action: ExportAction,
}

/// What to write.
#[derive(Debug, Subcommand)]
pub(crate) enum ExportAction {
    /// The documented columns as CSV, for spreadsheets and scripts
    Csv {
        #[command(flatten)]
        what: ExportWhat,
        /// Put a `'` before texts that a spreadsheet would take for a formula
        #[arg(long)]
        safe_cells: bool,
    },
    /// One JSON object a line
    Jsonl {
        #[command(flatten)]
        what: ExportWhat,
    },
    /// Parquet with typed columns, for `DuckDB`, pandas and Spark
    #[cfg(feature = "parquet")]
    Parquet {
        #[command(flatten)]
        what: ExportWhat,
    },
    /// A checked, compact copy of the catalogue database
    Catalog {
        /// A file or folder; else `exports/catalog_<time>.db` in the working directory
        path: Option<PathBuf>,
        #[command(flatten)]
        output: Output,
    },
}

/// Which files, and where to.
#[derive(Debug, Args)]
pub(crate) struct ExportWhat {
    /// A file or folder, `-` for standard output; else `exports/export_<label>_<time>` in the working directory
    pub(crate) path: Option<PathBuf>,
    /// Only this drive; repeatable; else all
    #[arg(long)]
    pub(crate) label: Vec<String>,
    #[command(flatten)]
    pub(crate) filters: ExportFilters,
    /// Only what this query finds
    #[arg(long, value_name = "TEXT")]
    pub(crate) query: Option<String>,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// Which files are exported.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ExportFilters {
    /// Export deleted files too
    #[arg(long)]
    pub(crate) include_deleted: bool,
    /// Export audio and video only
    #[arg(long)]
    pub(crate) av_only: bool,
    /// Export what was modified then or later: `2024-01-31`, `2024-01-31T12:00:00Z`; UTC where no offset is given
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
}

impl ExportFilters {
    pub(crate) fn wanted(&self) -> Result<Wanted, Failure> {
        let since_us = match &self.since {
            None => None,
            Some(text) => Some(parse_utc(text).ok_or_else(|| {
                Failure::usage(
                    format!("--since: `{}` is no time", text.escape_debug()),
                    "such as 2024-01-31, 2024-01-31T12:00:00Z or 2024-01-31T12:00:00+01:00",
                )
            })?),
        };
        Ok(Wanted {
            include_deleted: self.include_deleted,
            av_only: self.av_only,
            since_us,
        })
    }
}

/// The exports after a scan with the flags of the older program; a flag without a path has an empty one.
#[derive(Debug, Args)]
pub(crate) struct ScanExports {
    /// Export the drive as CSV after the scan
    #[arg(long, value_name = "PATH", num_args = 0..=1, default_missing_value = "")]
    pub(crate) export_csv: Option<OsString>,
    /// Export the drive as JSON lines after the scan
    #[arg(long, value_name = "PATH", num_args = 0..=1, default_missing_value = "")]
    pub(crate) export_jsonl: Option<OsString>,
    #[command(flatten)]
    pub(crate) filters: ExportFilters,
}

/// `import`.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// A list of Everything (`.efu`), or a CSV or JSON lines export of this program
    pub(crate) file: PathBuf,
    /// The label of the drive to make; there must be none of that name
    #[arg(long)]
    pub(crate) label: String,
    /// The folder that is the drive's root, as the list names it; else the one that all paths share
    #[arg(long, value_name = "PATH")]
    pub(crate) root: Option<PathBuf>,
    /// Only the rows of this drive, from an export of several
    #[arg(long, value_name = "LABEL")]
    pub(crate) from: Option<String>,
    /// The hashes of a CSV are BLAKE3; else they are kept, but nothing is compared with them
    #[arg(long)]
    pub(crate) trust_hashes: bool,
    #[command(flatten)]
    pub(crate) output: Output,
}
