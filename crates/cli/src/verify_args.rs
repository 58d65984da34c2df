//! The arguments of `verify`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use videocatalog_core::search::query::{parse_duration, parse_size};

use crate::args::{Output, PerformanceFlags, ProgressStyle};

/// `verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The drive's label
    #[arg(long, required_unless_present = "report")]
    pub(crate) label: Option<String>,
    /// The folder that is the drive's root, if it is not where it was
    #[arg(long, value_name = "FOLDER", conflicts_with = "report")]
    pub(crate) mount: Option<PathBuf>,
    /// Verify only this folder below the root: all of it, whatever was verified lately
    #[arg(long, value_name = "SUBDIR", conflicts_with = "report")]
    pub(crate) only: Option<PathBuf>,
    /// Begin with the files that were verified longest ago; else folder by folder, which is quicker. A budget implies it
    #[arg(long)]
    pub(crate) oldest_first: bool,
    /// Begin no more files after so long, such as `2h` or `90m`; the next run goes on
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub(crate) budget: Option<Duration>,
    /// Begin no more files after so much was read, such as `500gb`
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub(crate) budget_bytes: Option<u64>,
    /// Begin a new round instead of going on with the one under way
    #[arg(long, conflicts_with = "only")]
    pub(crate) anew: bool,
    /// Read nothing; show how far drives are verified and what was found on them so far
    #[arg(long)]
    pub(crate) report: bool,
    /// This is the drive, whatever its identity says
    #[arg(long)]
    pub(crate) accept_drive: bool,
    /// Seconds that one call to the drive may take before it is abandoned
    #[arg(long, value_name = "N")]
    pub(crate) op_timeout: Option<u64>,
    #[command(flatten)]
    pub(crate) performance: PerformanceFlags,
    #[command(flatten)]
    pub(crate) output: Output,
    /// How to show progress on stderr
    #[arg(long, value_enum, default_value_t = ProgressStyle::Auto)]
    pub(crate) progress: ProgressStyle,
}
