//! The arguments of `semantic` and `models`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::args::{Output, ProgressStyle};

/// `semantic`.
#[derive(Debug, Args)]
pub(crate) struct SemanticArgs {
    #[command(subcommand)]
    pub(crate) action: SemanticAction,
}

/// What is done.
#[derive(Debug, Subcommand)]
pub(crate) enum SemanticAction {
    /// Build the index, or show how large it is
    Index(IndexArgs),
    /// Find files: what is meant, and conditions of the query language such as `ext:mkv`
    Query(QueryArgs),
    /// Make what is said in films and recordings searchable: by subtitles, else by listening
    Transcribe(LearnArgs),
    /// Print what was heard in a film or recording
    Transcript(TranscriptArgs),
    /// Look at images and frames of films, so that they are found by what is to be seen
    Frames(LearnArgs),
}

/// `semantic index`.
#[derive(Debug, Args)]
pub(crate) struct IndexArgs {
    /// What is done with it
    #[arg(value_enum)]
    pub(crate) what: IndexWhat,
    /// How progress is shown
    #[arg(long, value_enum, default_value_t = ProgressStyle::Auto)]
    pub(crate) progress: ProgressStyle,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// What is done with the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum IndexWhat {
    /// Bring it up to date: what is new or changed is embedded, what is gone is removed
    Build,
    /// Forget it and build it anew
    Rebuild,
    /// Show how large it is
    Status,
}

/// `semantic query`.
#[derive(Debug, Args)]
pub(crate) struct QueryArgs {
    /// What is meant
    #[arg(required = true, value_name = "QUERY")]
    pub(crate) query: Vec<String>,
    /// Meaning and words together
    #[arg(long, conflicts_with = "mode")]
    pub(crate) hybrid: bool,
    /// By meaning, by words, or by both; else by meaning, or by both where `semantic.hybrid_weight` is set
    #[arg(long, value_enum)]
    pub(crate) mode: Option<QueryMode>,
    /// Only on these drives
    #[arg(long, value_name = "LABEL")]
    pub(crate) label: Vec<String>,
    /// Files shown
    #[arg(long, default_value_t = 25, value_name = "N")]
    pub(crate) limit: usize,
    /// Files left out before the first
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) offset: usize,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// How it is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum QueryMode {
    /// By meaning
    Ann,
    /// By words
    Text,
    /// By both
    Hybrid,
}

/// `semantic transcribe` and `semantic frames`.
#[derive(Debug, Args)]
pub(crate) struct LearnArgs {
    /// Only on these drives; else on all that are there
    #[arg(long, value_name = "LABEL")]
    pub(crate) label: Vec<String>,
    /// Only below this folder of the drive
    #[arg(long, value_name = "FOLDER", requires = "label")]
    pub(crate) only: Option<PathBuf>,
    /// Again what was done before, or could not be
    #[arg(long)]
    pub(crate) again: bool,
    /// How progress is shown
    #[arg(long, value_enum, default_value_t = ProgressStyle::Auto)]
    pub(crate) progress: ProgressStyle,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// `semantic transcript`.
#[derive(Debug, Args)]
pub(crate) struct TranscriptArgs {
    /// The file: absolute, or relative to the root of its drive
    pub(crate) path: PathBuf,
    /// Its drive; else the first that has it
    #[arg(long)]
    pub(crate) label: Option<String>,
    /// As lines with times, as subtitles, or as a document with the time of each word
    #[arg(long, value_enum, default_value_t = TranscriptFormat::Text)]
    pub(crate) format: TranscriptFormat,
}

/// How a transcript is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TranscriptFormat {
    /// Lines: `00:12:31 words`
    Text,
    /// `SubRip` subtitles
    Srt,
    /// `WebVTT` subtitles
    Vtt,
    /// A JSON document
    Json,
}

/// `models`.
#[derive(Debug, Args)]
pub(crate) struct ModelsArgs {
    #[command(subcommand)]
    pub(crate) action: ModelsAction,
}

/// What is done with models.
#[derive(Debug, Subcommand)]
pub(crate) enum ModelsAction {
    /// Show what is in the folder of models, and what runs it
    List {
        #[command(flatten)]
        output: Output,
    },
    /// Load and try each model
    Check {
        #[command(flatten)]
        output: Output,
    },
}
