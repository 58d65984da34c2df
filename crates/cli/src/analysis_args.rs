//! The arguments of `analyze` and `similar`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use videocatalog_core::analysis::AnalysisOptions;
use videocatalog_core::settings::GpuPolicy;

use crate::args::{Output, PerformanceFlags, ProgressStyle};

/// What the graphics card may do.
#[derive(Clone, Debug, Args)]
pub(crate) struct GpuFlags {
    /// The graphics card may decode films
    #[arg(long, overrides_with = "no_gpu_hwaccel")]
    pub(crate) gpu_hwaccel: bool,
    /// It may not
    #[arg(long)]
    pub(crate) no_gpu_hwaccel: bool,
    /// Who computes models: the graphics card where that is safe, that or a warning, or the processor
    #[arg(long, value_name = "POLICY", value_parser = ["AUTO", "FORCE_GPU", "CPU_ONLY"], ignore_case = true)]
    pub(crate) gpu_policy: Option<String>,
}

impl GpuFlags {
    /// Puts what was asked for over what the settings say.
    pub(crate) fn apply(&self, options: &mut AnalysisOptions) {
        let policy = self.gpu_policy.as_deref().map(str::to_uppercase);
        if let Some(policy) = policy.as_deref().and_then(GpuPolicy::from_name) {
            options.gpu.policy = policy;
        }
        if self.gpu_hwaccel || self.no_gpu_hwaccel {
            options.hwaccel = self.gpu_hwaccel;
        }
    }
}

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
    pub(crate) gpu: GpuFlags,
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
