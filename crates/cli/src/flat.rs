//! The flat flags of the older program: those of a scan are shared.

use std::path::PathBuf;

use clap::Args;
use videocatalog_core::maintain::Action;

use crate::args::ScanFlags;
use crate::export_args::ScanExports;

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
    pub(crate) semantic: SemanticFlags,
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

/// Search by meaning instead of a scan.
#[derive(Debug, Args)]
pub(crate) struct SemanticFlags {
    /// Build or rebuild the semantic index
    #[arg(long, value_name = "MODE", value_parser = ["build", "rebuild"], group = "semantic")]
    pub(crate) semantic_index: Option<String>,
    /// Search by meaning
    #[arg(long, value_name = "QUERY", group = "semantic")]
    pub(crate) semantic_query: Option<String>,
    /// Meaning and words together
    #[arg(long, requires = "semantic_query")]
    pub(crate) hybrid: bool,
    /// Make what is said in files searchable
    #[arg(long, group = "semantic")]
    pub(crate) transcribe: bool,
}
