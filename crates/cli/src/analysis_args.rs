//! The arguments of `analyze` and `similar`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::args::{Output, PerformanceFlags, ProgressStyle};

/// `analyze`.
#[derive(Debug, Args)]
pub(crate) struct AnalyzeArgs {
    /// The drive's label; without it every drive that is there
    #[arg(long)]
    pub(crate) label: Option<String>,
    /// The folder that is the drive's root, if it is not where it was
    #[arg(long, value_name = "FOLDER", requires = "label")]
    pub(crate) mount: Option<PathBuf>,
    /// Only this folder below the root
    #[arg(long, value_name = "SUBDIR", requires = "label")]
    pub(crate) only: Option<PathBuf>,
    /// Analyse again what was analysed before
    #[arg(long)]
    pub(crate) again: bool,
    /// This is the drive, whatever its identity says
    #[arg(long, requires = "label")]
    pub(crate) accept_drive: bool,
    #[command(flatten)]
    pub(crate) performance: PerformanceFlags,
    #[command(flatten)]
    pub(crate) output: Output,
    /// How to show progress on stderr
    #[arg(long, value_enum, default_value_t = ProgressStyle::Auto)]
    pub(crate) progress: ProgressStyle,
}

/// `similar`.
#[derive(Debug, Args)]
pub(crate) struct SimilarArgs {
    /// The file, as `info` takes it
    #[arg(value_name = "FILE")]
    pub(crate) path: PathBuf,
    /// Its drive; else all are looked through for it
    #[arg(long)]
    pub(crate) label: Option<String>,
    /// Look only among these
    #[arg(long, value_enum)]
    pub(crate) kind: Option<SimilarKind>,
    /// Only what is at least as similar, 0 to 1
    #[arg(long, default_value_t = 0.0, value_name = "S")]
    pub(crate) min_score: f32,
    /// Files shown
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// Among what look-alikes are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SimilarKind {
    /// Images
    Image,
    /// Films
    Video,
}

/// `gpu`.
#[derive(Debug, Args)]
pub(crate) struct GpuArgs {
    /// Try a way onto a card by a library, in this process
    #[arg(long, hide = true, value_names = ["PROVIDER", "LIBRARY"], num_args = 2)]
    pub(crate) try_provider: Option<Vec<String>>,
    #[command(flatten)]
    pub(crate) output: Output,
}
