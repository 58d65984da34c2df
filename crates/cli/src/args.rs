//! The command line, declared once: subcommands, shared flags, and the old flat flags.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::export_args::{ExportArgs, ImportArgs};
use videocatalog_core::report::document::Subject;
use videocatalog_core::search::query::fields::FIELDS;

use crate::analysis_args::{AnalyzeArgs, GpuArgs, GpuFlags, SimilarArgs};
use crate::fingerprint_args::{FingerprintArgs, FingerprintFlags};
use crate::flat::FlatArgs;
use crate::semantic_args::{ModelsArgs, SemanticArgs};
use crate::verify_args::VerifyArgs;

/// Knows every file on every drive you own, plugged in or not.
#[derive(Debug, Parser)]
#[command(name = "videocatalog", version, about, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags of every command.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Global {
    /// Working directory; else `VIDEOCATALOG_HOME`, else the platform's data folder
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,
    /// Catalogue database; else the setting `catalog_db`, else `data/catalog.db` in the working directory
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) catalog_db: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Scan a drive: list it, then read what is new or changed
    Scan(Box<ScanArgs>),
    /// Find files by name over all drives, plugged in or not
    Search(SearchArgs),
    /// Show what the files add up to: totals, extensions, folders, the largest and the latest
    Report(ReportArgs),
    /// Show everything known of one file, whether its drive is there or not
    Info(InfoArgs),
    /// Write what is known of files into a file, for other programs
    Export(ExportArgs),
    /// Read files again and compare them with their hashes: finds what a disk has lost
    Verify(Box<VerifyArgs>),
    /// Capture fingerprints of films and sound, by which copies are found that are not the same byte for byte
    Fingerprint(Box<FingerprintArgs>),
    /// Give images and films a vector by a model of pictures, as far as they have none
    Analyze(Box<AnalyzeArgs>),
    /// Show files that look like one, over all drives
    Similar(SimilarArgs),
    /// Show files that are the same to people, by picture and sound, or byte for byte, over all drives
    Duplicates(DuplicatesArgs),
    /// Find files by what they are about and what is said in them
    Semantic(SemanticArgs),
    /// Show and check the models that are installed
    Models(ModelsArgs),
    /// Make a drive of a list of files: Everything's, or an export of this program
    Import(ImportArgs),
    /// Show and manage drives
    Drives(DrivesArgs),
    /// Show what was done
    Jobs(JobsArgs),
    /// Show and change settings
    Settings(SettingsArgs),
    /// Show the health of the installation: tools, working directory, databases
    Diagnose(DiagnoseArgs),
    /// Show, install and locate tools that make more possible
    Tools(ToolsArgs),
    /// Show the graphics card, who computes models, and what is missing for it
    Gpu(GpuArgs),
    /// Look after the databases: check, optimise, compact, back up, restore, salvage
    Maintain(MaintainArgs),
    /// Answer requests over HTTP, read-only, for whoever has the key
    Serve(ServeArgs),
    /// The same under the name of the older program
    #[command(name = "api", alias = "videocatalog_api")]
    Api(ServeArgs),
    /// Open the window
    Gui,
    /// Scan with the flags of the older program
    #[command(name = "scan-drive", alias = "scan_drive")]
    ScanDrive(Box<FlatArgs>),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write manual pages into a folder
    Man {
        /// The folder
        dir: PathBuf,
    },
}

/// `serve`.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// The name or address to listen at; else the setting `api.host`
    #[arg(long, value_name = "HOST")]
    pub(crate) host: Option<String>,
    /// The port; 0: any that is free; else the setting `api.port`
    #[arg(long, value_name = "PORT")]
    pub(crate) port: Option<u16>,
    /// The key that requests must show; others can see it in the list of processes
    #[arg(long, value_name = "KEY")]
    pub(crate) api_key: Option<String>,
    /// A file with the key; after `--api-key` and `VIDEOCATALOG_API_KEY`, before the setting `api.api_key`
    #[arg(long, value_name = "FILE")]
    pub(crate) api_key_file: Option<PathBuf>,
    /// Let web pages of this origin read answers; takes the place of the setting `api.cors_origins`; repeatable
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) cors: Vec<String>,
    /// Print a line for every request to stderr; the log has it anyway
    #[arg(long)]
    pub(crate) verbose: bool,
    /// End when standard input does: for programs that start this one
    #[arg(long, hide = true)]
    pub(crate) until_stdin_closes: bool,
}

/// `scan`.
#[derive(Debug, Args)]
pub(crate) struct ScanArgs {
    /// The drive's label: your name for it
    #[arg(long)]
    pub(crate) label: String,
    /// The folder that is the drive's root; may be left out for a drive that is known
    #[arg(long, value_name = "FOLDER")]
    pub(crate) mount: Option<PathBuf>,
    /// Scan only this folder below the root; nothing outside it is touched
    #[arg(long, value_name = "SUBDIR")]
    pub(crate) only: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) flags: ScanFlags,
    #[command(flatten)]
    pub(crate) output: Output,
    /// How to show progress on stderr
    #[arg(long, value_enum, default_value_t = ProgressStyle::Auto)]
    pub(crate) progress: ProgressStyle,
}

/// Flags that both ways to scan have.
#[derive(Clone, Debug, Args)]
pub(crate) struct ScanFlags {
    /// The shard database; else one named after the label
    #[arg(long, value_name = "FILE")]
    pub(crate) shard_db: Option<PathBuf>,
    /// Read every file again, changed or not
    #[arg(long)]
    pub(crate) full_rescan: bool,
    /// List only: path, size, times, type; no file is read as a whole
    #[arg(long, conflicts_with = "full_rescan")]
    pub(crate) inventory_only: bool,
    /// Begin anew instead of going on with an interrupted scan
    #[arg(long)]
    pub(crate) no_resume: bool,
    /// Seconds between checkpoints
    #[arg(long, value_name = "N")]
    pub(crate) checkpoint_seconds: Option<u64>,
    /// This is the drive, whatever its identity says: a copy, or formatted anew
    #[arg(long)]
    pub(crate) accept_drive: bool,
    /// What is missing was really deleted, however much it is
    #[arg(long)]
    pub(crate) accept_missing: bool,
    /// Files per commit
    #[arg(long, value_name = "N")]
    pub(crate) batch_files: Option<u64>,
    /// Seconds after which a smaller batch is committed too
    #[arg(long, value_name = "N")]
    pub(crate) batch_seconds: Option<f64>,
    /// Files that may wait between listing and storing
    #[arg(long, value_name = "N")]
    pub(crate) queue_max: Option<usize>,
    /// Leave hidden and system files out
    #[arg(long)]
    pub(crate) skip_hidden: bool,
    /// Leave out what matches; takes the place of the setting `robust.skip_globs`; repeatable
    #[arg(long, value_name = "PATTERN")]
    pub(crate) skip_glob: Vec<String>,
    /// Enter symbolic links and junctions to folders
    #[arg(long)]
    pub(crate) follow_symlinks: bool,
    /// The `\\?\` prefix of Windows
    #[arg(long, value_name = "MODE", value_parser = ["auto", "force", "off"])]
    pub(crate) long_paths: Option<String>,
    /// Seconds that one call to the drive may take before it is abandoned
    #[arg(long, value_name = "N")]
    pub(crate) op_timeout: Option<u64>,
    #[command(flatten)]
    pub(crate) performance: PerformanceFlags,
    /// Processes of ffmpeg at once
    #[arg(long, value_name = "N")]
    pub(crate) perf_ffmpeg: Option<usize>,
    /// How much is learnt of media files: nothing, their headers, or all with the help of other programs
    #[arg(long, value_name = "LEVEL", value_parser = ["off", "headers", "full"])]
    pub(crate) media: Option<String>,
    #[command(flatten)]
    pub(crate) gpu: GpuFlags,
    /// Give images and films a vector by a model of pictures, by which look-alikes are found
    #[arg(long, overrides_with = "no_light_analysis")]
    pub(crate) light_analysis: bool,
    /// Do not, whatever the settings say
    #[arg(long, hide = true)]
    pub(crate) no_light_analysis: bool,
    #[command(flatten)]
    pub(crate) fingerprints: FingerprintFlags,
    /// Log every problem to stderr as it comes
    #[arg(long, help_heading = "Options")]
    pub(crate) verbose: bool,
    /// Pause 10 ms at each file that is listed
    #[arg(long, help_heading = "Options", alias = "debug-slow-enumeration")]
    pub(crate) debug: bool,
}

/// `duplicates`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct DuplicatesArgs {
    #[command(subcommand)]
    pub(crate) action: Option<DuplicatesAction>,
    /// Only groups for which this speaks; else all but those of the same bytes alone
    #[arg(long, value_enum)]
    pub(crate) kind: Option<DuplicatesKind>,
    #[command(flatten)]
    pub(crate) selection: DuplicatesSelection,
    /// First read what tells files of the same length apart that were not hashed: both ends, then all of those that may be
    /// copies; with `--kind exact`
    #[arg(long)]
    pub(crate) read: bool,
    /// How progress is shown
    #[arg(long, value_enum, default_value_t = ProgressStyle::Auto)]
    pub(crate) progress: ProgressStyle,
    /// Groups
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub(crate) top_n: usize,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// Which files are looked at.
#[derive(Debug, Args)]
pub(crate) struct DuplicatesSelection {
    /// Only this drive; repeatable; else all together
    #[arg(long)]
    pub(crate) label: Vec<String>,
    /// Only files with at least this score, 0 to 1
    #[arg(long, default_value_t = 0.0, value_name = "S")]
    pub(crate) min_score: f64,
}

/// What else is done with duplicates.
#[derive(Debug, Subcommand)]
pub(crate) enum DuplicatesAction {
    /// Write what could go: a document, and for each drive a script that moves files aside after looking at each again
    Plan(DuplicatesPlanArgs),
    /// Remember for ever that files are no duplicates of each other, however alike they are
    Ignore(DuplicatesIgnoreArgs),
    /// Look whether a file is still what a plan says; for its scripts
    #[command(hide = true)]
    Check(DuplicatesCheckArgs),
}

/// `duplicates plan`.
#[derive(Debug, Args)]
pub(crate) struct DuplicatesPlanArgs {
    /// What speaks for the files being the same
    #[arg(long, value_enum, default_value_t = DuplicatesKind::Exact)]
    pub(crate) kind: DuplicatesKind,
    #[command(flatten)]
    pub(crate) selection: DuplicatesSelection,
    /// A drive, or a folder at its drive's last mount, that nothing is taken from; repeatable
    #[arg(long, value_name = "LABEL|FOLDER")]
    pub(crate) keep_on: Vec<String>,
    /// The folder to write into; else one of its own among the exports
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// `duplicates ignore`.
#[derive(Debug, Args)]
pub(crate) struct DuplicatesIgnoreArgs {
    /// Two files or more, as `info` takes them; none: show what is remembered
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The drive of each file, in the same order; else all are looked through
    #[arg(long)]
    pub(crate) label: Vec<String>,
    /// Forget it: they may be duplicates after all
    #[arg(long)]
    pub(crate) undo: bool,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// `duplicates check`.
#[derive(Debug, Args)]
pub(crate) struct DuplicatesCheckArgs {
    /// The file
    pub(crate) file: PathBuf,
    /// Its length in bytes
    #[arg(long, value_name = "BYTES")]
    pub(crate) size: u64,
    /// Its last modification, microseconds since 1970
    #[arg(long, value_name = "US", allow_negative_numbers = true)]
    pub(crate) mtime_us: i64,
    /// BLAKE3 of its content
    #[arg(long)]
    pub(crate) hash: String,
}

/// What speaks for files being the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DuplicatesKind {
    /// Their bytes
    Exact,
    /// The picture
    Video,
    /// The sound
    Audio,
    /// Picture and sound
    Consensus,
    /// One is a part of the other
    Clip,
}

/// How hard a drive is worked.
#[derive(Clone, Debug, Args)]
pub(crate) struct PerformanceFlags {
    /// Performance profile: AUTO, SSD, HDD, USB or NETWORK
    #[arg(long, value_name = "PROFILE")]
    pub(crate) perf_profile: Option<String>,
    /// Worker threads
    #[arg(long, value_name = "N")]
    pub(crate) perf_threads: Option<usize>,
    /// Bytes read at once
    #[arg(long, value_name = "BYTES")]
    pub(crate) perf_chunk: Option<usize>,
    /// Small pauses keep the drive responsive for others
    #[arg(long, overrides_with = "no_perf_gentle_io")]
    pub(crate) perf_gentle_io: bool,
    /// No such pauses
    #[arg(long)]
    pub(crate) no_perf_gentle_io: bool,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(crate) struct Output {
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProgressStyle {
    /// Bars on a terminal, nothing on a pipe
    Auto,
    /// One JSON object a line
    Json,
    /// Nothing
    None,
}

/// `search`.
#[derive(Debug, Args)]
pub(crate) struct SearchArgs {
    /// Words, "phrases", -not, OR, and fields such as `size:>4gb`: see the guide on searching
    #[arg(value_parser = QueryWords, hide_possible_values = true)]
    pub(crate) query: Vec<String>,
    /// Search only this drive; repeatable
    #[arg(long)]
    pub(crate) label: Vec<String>,
    /// Results to print
    #[arg(long, default_value_t = 1_000, value_name = "N")]
    pub(crate) limit: usize,
    /// Results to leave out before the first
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) offset: usize,
    /// Which results come first
    #[arg(long, value_enum, default_value_t = Sort::Newest)]
    pub(crate) sort: Sort,
    #[command(flatten)]
    pub(crate) output: Output,
    /// Print one JSON object a result
    #[arg(long, conflicts_with = "json")]
    pub(crate) jsonl: bool,
}

/// `report`.
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// Which report
    #[arg(value_enum, default_value_t = Section::All)]
    pub(crate) section: Section,
    /// Only this drive; repeatable; else all together
    #[arg(long)]
    pub(crate) label: Vec<String>,
    /// Entries of top extensions, heaviest folders and recent changes; groups of duplicates; scans of changes
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub(crate) top_n: usize,
    /// Entries of largest files; files of each scan of changes
    #[arg(long, default_value_t = 100, value_name = "N")]
    pub(crate) largest: usize,
    /// Add folders up so many names below the drive's root; 0: every folder by itself
    #[arg(long, default_value_t = 2, value_name = "D")]
    pub(crate) depth: usize,
    /// How many days recent changes go back
    #[arg(long, default_value_t = 30, value_name = "X")]
    pub(crate) days: u32,
    /// With `space`: where so many bytes would fit, such as `40gb`
    #[arg(long, value_name = "SIZE", value_parser = videocatalog_core::search::query::parse_size)]
    pub(crate) fit: Option<u64>,
    /// Write CSV and JSON files, into `exports/reports` or this folder: all five, or another report that is named
    #[arg(long, value_name = "DIR", num_args = 0..=1)]
    #[expect(
        clippy::option_option,
        reason = "the flag with and without a value, or not at all"
    )]
    pub(crate) csv: Option<Option<PathBuf>>,
    /// Put a `'` before texts in CSV files that a spreadsheet would take for a formula
    #[arg(long, requires = "csv")]
    pub(crate) safe_cells: bool,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// The reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Section {
    /// All five
    All,
    /// Totals, and each category
    Overview,
    /// Extensions in front by count or by size
    TopExtensions,
    /// The largest files
    LargestFiles,
    /// The folders with most bytes
    HeaviestFolders,
    /// What was written to of late
    Recent,
    /// Films and sound by codec, size of the picture, HDR and container
    Media,
    /// Files with the same content, and what their copies take up
    Duplicates,
    /// What is on no other drive, and lost if this one dies
    SingleCopies,
    /// How full drives are, and where more would fit
    Space,
    /// What scans did
    Changes,
}

impl Section {
    /// Returns the document that it is, or is in.
    pub(crate) fn subject(self) -> Subject {
        match self {
            Self::Media => Subject::Media,
            Self::Duplicates => Subject::Duplicates,
            Self::SingleCopies => Subject::SingleCopies,
            Self::Space => Subject::Space,
            Self::Changes => Subject::Changes,
            _ => Subject::Five,
        }
    }
}

/// Takes any text; completions are offered the names of the fields.
#[derive(Clone, Debug)]
struct QueryWords;

impl TypedValueParser for QueryWords {
    type Value = String;

    fn parse_ref(
        &self,
        _: &clap::Command,
        _: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        Ok(value.to_string_lossy().into_owned())
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let names = FIELDS.iter().map(|field| format!("{}:", field.name));
        Some(Box::new(names.map(PossibleValue::new)))
    }
}

/// `info`.
#[derive(Debug, Args)]
pub(crate) struct InfoArgs {
    /// The file: absolute, or relative to the drive's root
    pub(crate) path: PathBuf,
    /// Its drive; may be left out for an absolute path
    #[arg(long)]
    pub(crate) label: Option<String>,
    /// Write the file's pictures into this folder, as WebP
    #[arg(long, value_name = "FOLDER")]
    pub(crate) pictures: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// Order of search results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Sort {
    /// Last modified first
    Newest,
    /// First modified first
    Oldest,
    /// Largest first
    Largest,
    /// Smallest first
    Smallest,
    /// By name
    Name,
    /// By path
    Path,
}

/// `drives`.
#[derive(Debug, Args)]
pub(crate) struct DrivesArgs {
    #[command(subcommand)]
    pub(crate) action: Option<DrivesAction>,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// What to do with drives.
#[derive(Debug, Subcommand)]
pub(crate) enum DrivesAction {
    /// List all drives
    List,
    /// Show everything known of a drive
    Show {
        /// Its label
        label: String,
    },
    /// Give a drive another label
    Rename {
        /// Its label
        label: String,
        /// The new one
        new: String,
    },
    /// Note what a drive is, where it lies, or that its root moved
    Set {
        /// Its label
        label: String,
        /// What it is, such as "HDD 3.5"; an empty text clears it
        #[arg(long = "type", value_name = "TEXT")]
        drive_type: Option<String>,
        /// Shelf, box, owner; an empty text clears it
        #[arg(long, value_name = "TEXT")]
        notes: Option<String>,
        /// The folder that is its root from now on; the files known keep their place below it
        #[arg(long, value_name = "FOLDER")]
        root: Option<PathBuf>,
    },
    /// Forget a drive: its catalogue entry and its shard are removed
    Forget {
        /// Its label
        label: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// `jobs`.
#[derive(Debug, Args)]
pub(crate) struct JobsArgs {
    /// Only this drive's
    #[arg(long)]
    pub(crate) label: Option<String>,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// `settings`.
#[derive(Debug, Args)]
pub(crate) struct SettingsArgs {
    #[command(subcommand)]
    pub(crate) action: SettingsAction,
}

/// What to do with settings.
#[derive(Debug, Subcommand)]
pub(crate) enum SettingsAction {
    /// Print all settings, defaults included
    Show,
    /// Print one
    Get {
        /// Such as `robust.batch_files`
        key: String,
    },
    /// Change one
    Set {
        /// Such as `robust.batch_files`
        key: String,
        /// The value; `null` for "not set"
        #[arg(allow_hyphen_values = true)]
        value: String,
    },
    /// Print the JSON schema
    Schema,
    /// Print where the file is
    Path,
}

/// `diagnose`.
#[derive(Debug, Args)]
pub(crate) struct DiagnoseArgs {
    #[command(flatten)]
    pub(crate) output: Output,
}

/// `tools`.
#[derive(Debug, Args)]
pub(crate) struct ToolsArgs {
    #[command(subcommand)]
    pub(crate) action: Option<ToolsAction>,
}

/// `maintain`.
#[derive(Debug, Args)]
pub(crate) struct MaintainArgs {
    #[command(subcommand)]
    pub(crate) action: MaintainAction,
}

/// Which databases, and how that is printed.
#[derive(Clone, Debug, Args)]
pub(crate) struct MaintainTarget {
    /// catalog, shard:LABEL, all-shards, all, or the path of a database
    #[arg(long, value_name = "TARGET", default_value = "catalog")]
    pub(crate) target: String,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// What to do with databases.
#[derive(Debug, Subcommand)]
pub(crate) enum MaintainAction {
    /// Make indexes and statistics anew, after a backup
    Quick(MaintainTarget),
    /// Check; nothing is written. Exit code 6 if there is damage
    Integrity(MaintainTarget),
    /// Make indexes and statistics anew and compact where it pays, after a backup
    Full {
        #[command(flatten)]
        target: MaintainTarget,
        /// Compact whatever that frees
        #[arg(long)]
        force: bool,
    },
    /// Compact where it pays, after a backup
    Vacuum {
        #[command(flatten)]
        target: MaintainTarget,
        /// Compact whatever that frees
        #[arg(long)]
        force: bool,
    },
    /// Make a compact copy and check it
    Backup(MaintainTarget),
    /// Bring a backup back; without a name, list those there are
    Restore {
        /// Its file or name, or `latest`: the newest that checks out
        backup: Option<PathBuf>,
        #[command(flatten)]
        target: MaintainTarget,
        /// Take another drive's backup for this drive
        #[arg(long)]
        force: bool,
    },
    /// Read what can be read of a damaged shard into a new one
    Salvage {
        #[command(flatten)]
        target: MaintainTarget,
        /// Put the new one in its place; the damaged one is kept among the backups
        #[arg(long)]
        yes: bool,
    },
}

/// Names of tools, as `videocatalog_core::tools::Tool` has them.
pub(crate) const TOOL_NAMES: [&str; 7] = [
    "ffmpeg",
    "ffprobe",
    "mediainfo",
    "smartctl",
    "fpcalc",
    "tmk",
    "onnxruntime",
];

/// What to do with tools.
#[derive(Debug, Subcommand)]
pub(crate) enum ToolsAction {
    /// List all tools: whether they are there, which version, where
    List {
        #[command(flatten)]
        output: Output,
    },
    /// Install a tool with the system's package manager; the command is shown first
    Install {
        /// The tool
        #[arg(value_parser = TOOL_NAMES)]
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        /// Copy it from this folder into the working directory's `bin` instead
        #[arg(long, value_name = "FOLDER")]
        portable: Option<PathBuf>,
        #[command(flatten)]
        output: Output,
    },
    /// Use the tool that is there; it is tried and remembered in the settings
    Locate {
        /// The tool
        #[arg(value_parser = TOOL_NAMES)]
        name: String,
        /// The program, or the folder it lies in
        path: PathBuf,
        #[command(flatten)]
        output: Output,
    },
    /// Look for the tools anew; with a name the exit code says whether that one works
    Recheck {
        /// Only this tool
        #[arg(value_parser = TOOL_NAMES)]
        name: Option<String>,
        #[command(flatten)]
        output: Output,
    },
}

/// Returns the whole command line, for reference pages and completions.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Parses the arguments; a program called by an old name gets that name's flags. Usage errors end the program.
pub(crate) fn parse(arguments: &[OsString]) -> Cli {
    let called_as = arguments
        .first()
        .and_then(|name| Path::new(name).file_stem())
        .map(|stem| stem.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    let mut arguments = arguments.to_vec();
    if matches!(called_as.as_str(), "scan_drive" | "scan-drive") {
        arguments.insert(1, "scan-drive".into());
    }
    if matches!(called_as.as_str(), "videocatalog_api" | "videocatalog-api") {
        arguments.insert(1, "api".into());
    }
    Cli::parse_from(arguments)
}
