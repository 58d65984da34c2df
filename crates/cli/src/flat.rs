//! The flat flags of the older program: those of a scan are shared, the others say which later part they wait for.

use std::path::PathBuf;

use clap::{ArgAction, Args};
use videocatalog_core::maintain::Action;

use crate::args::ScanFlags;
use crate::export_args::ScanExports;
use crate::failure::Failure;

/// `scan-drive`.
#[derive(Debug, Args)]
pub(crate) struct FlatArgs {
    /// The drive's label
    #[arg(long)]
    pub(crate) label: Option<String>,
    /// The folder to scan
    #[arg(long, value_name = "FOLDER")]
    pub(crate) mount: Option<PathBuf>,
    /// Label, folder and catalogue, as far as not given by flags
    #[arg(value_name = "LABEL MOUNT CATALOG", num_args = 0..=3)]
    pub(crate) positional: Vec<String>,
    #[command(flatten)]
    pub(crate) flags: ScanFlags,
    #[command(flatten)]
    pub(crate) exports: ScanExports,
    #[command(flatten)]
    pub(crate) maintenance: MaintenanceFlags,
    #[command(flatten)]
    pub(crate) later: LaterFlags,
}

/// Maintenance instead of a scan.
#[derive(Debug, Args)]
pub(crate) struct MaintenanceFlags {
    /// Maintenance instead of a scan
    #[arg(long = "maint-action", value_name = "ACTION", value_parser = Action::NAMES)]
    pub(crate) action: Option<String>,
    /// What maintenance is for: catalog, shard:LABEL, all-shards, all, or the path of a database
    #[arg(
        long = "maint-target",
        value_name = "TARGET",
        default_value = "catalog"
    )]
    pub(crate) target: String,
    /// VACUUM whatever it frees
    #[arg(long = "maint-force")]
    pub(crate) force: bool,
}

/// Documented flags whose part of the program is not built yet.
#[derive(Debug, Args)]
pub(crate) struct LaterFlags {
    /// GPU policy
    #[arg(long, value_name = "POLICY")]
    gpu_policy: Option<String>,
    /// Light analysis
    #[arg(long)]
    light_analysis: bool,
    /// No light analysis
    #[arg(long, hide = true)]
    no_light_analysis: bool,
    /// Build or rebuild the semantic index
    #[arg(long, value_name = "MODE", value_parser = ["build", "rebuild"])]
    semantic_index: Option<String>,
    /// Search by meaning
    #[arg(long, value_name = "QUERY")]
    semantic_query: Option<String>,
    /// Meaning and words together
    #[arg(long)]
    hybrid: bool,
    /// Transcribe
    #[arg(long, action = ArgAction::SetTrue)]
    transcribe: bool,
}

impl LaterFlags {
    /// Refuses what would be the whole point of the call, and returns what a scan can go on without.
    pub(crate) fn check(&self) -> Result<Vec<String>, Failure> {
        let instead_of_a_scan = [
            (
                self.semantic_index.is_some(),
                "--semantic-index",
                "semantic search",
            ),
            (
                self.semantic_query.is_some() || self.hybrid,
                "--semantic-query",
                "semantic search",
            ),
            (self.transcribe, "--transcribe", "speech recognition"),
        ];
        if let Some((_, flag, part)) = instead_of_a_scan.iter().find(|(is_given, ..)| *is_given) {
            return Err(Failure::usage(
                format!(
                    "`{flag}` waits for a later part of the program ({part}) and cannot be used yet"
                ),
                "leave the flag out; scanning, searching by name, drives, jobs and settings work",
            ));
        }
        let besides = [
            (
                self.light_analysis && !self.no_light_analysis,
                "--light-analysis",
                "light analysis",
            ),
            (self.gpu_policy.is_some(), "--gpu-policy", "GPU use"),
        ];
        Ok(besides
            .iter()
            .filter(|(is_given, ..)| *is_given)
            .map(|(_, flag, part)| format!("{flag}: waits for a later part of the program ({part}); the scan goes on without"))
            .collect())
    }
}
