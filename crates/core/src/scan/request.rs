//! What a scan is asked to do, and why it may refuse.

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use crate::analysis::AnalysisOptions;
use crate::catalog::lock::LockError;
use crate::catalog::{OpenError, sqlite_hint};
use crate::catalog::{backup::BackupError, backups::Keep, store::StoreError};
use crate::fingerprint::FingerprintOptions;
use crate::media::Level;
use crate::media::pictures::Style;
use crate::path::label::LabelError;
use crate::profile::Overrides;
use crate::profile::Profile;
use crate::scan::filter::PatternError;
use crate::settings::{
    IntegrityLevel, LongPaths, MediaLevel, Performance, ProfileChoice, Semantic, Settings,
    SubtitleMode,
};

/// What a scan does with the files that it lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Reads what is new or changed.
    Delta,
    /// Reads everything again.
    Full,
    /// Reads nothing but the beginnings of files whose name says nothing.
    Inventory,
}

impl Mode {
    /// Returns the word that is stored in jobs and checkpoints.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delta => "delta",
            Self::Full => "full",
            Self::Inventory => "inventory",
        }
    }

    /// Returns the documented word of `drives.scan_mode`.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Delta => "Delta",
            Self::Full => "Full",
            Self::Inventory => "Inventory",
        }
    }
}

/// One scan, as the user asked for it.
#[derive(Clone, Debug)]
pub struct ScanRequest {
    /// The drive's label.
    pub label: String,
    /// The folder that is its root, absolute; `None`: where the drive is mounted now.
    pub mount: Option<PathBuf>,
    /// A folder below the root; nothing outside it is touched.
    pub only: Option<PathBuf>,
    /// What to do.
    pub mode: Mode,
    /// Whether an interrupted scan of the same mode is gone on with.
    pub resume: bool,
    /// The user says that this is the drive, whatever its identity.
    pub accept_drive: bool,
    /// The user says that what is missing was deleted.
    pub accept_missing: bool,
    /// The shard, where it does not lie where shards lie.
    pub shard_file: Option<PathBuf>,
    /// How.
    pub options: ScanOptions,
}

impl ScanRequest {
    /// Returns a request by which a drive that is known is found, for reading what its catalogue already has.
    pub(crate) fn of_known_drive(
        label: &str,
        mount: Option<PathBuf>,
        only: Option<PathBuf>,
        accept_drive: bool,
        options: ScanOptions,
    ) -> Self {
        Self {
            label: label.to_owned(),
            mount,
            only,
            mode: Mode::Delta,
            resume: true,
            accept_drive,
            accept_missing: false,
            shard_file: None,
            options,
        }
    }
}

/// How a scan works: settings, with what flags made of them.
#[derive(Clone, Debug, PartialEq)]
pub struct ScanOptions {
    /// Flags on performance.
    pub performance_flags: Overrides,
    /// Settings on performance.
    pub performance_settings: Overrides,
    /// Files per commit.
    pub batch_files: u64,
    /// Longest time between commits.
    pub batch_interval: Duration,
    /// Files that may wait between walk and writer.
    pub queue_max: usize,
    /// Leave hidden files out.
    pub skip_hidden: bool,
    /// Leave out what matches these.
    pub skip: Vec<String>,
    /// Enter links to folders.
    pub follow_symlinks: bool,
    /// The `\\?\` prefix of Windows.
    pub long_paths: LongPaths,
    /// Time limit of one call.
    pub time_limit: Duration,
    /// Share of known files that may be missing.
    pub max_missing_percent: u64,
    /// Whether an inventory looks into files whose name says nothing.
    pub sniff_unknown: bool,
    /// Time between checkpoints.
    pub checkpoint_interval: Duration,
    /// A pause of 10 ms at each file, for trying things out.
    pub slow_walk: bool,
    /// What is learnt of media files.
    pub media: MediaOptions,
    /// Whether the semantic index is brought up to date, and how.
    pub semantic: Semantic,
    /// Whether images and films are analysed, and how.
    pub analysis: AnalysisOptions,
    /// Which fingerprints are captured, and when.
    pub fingerprints: FingerprintOptions,
    /// Compact the shard afterwards if that frees so many bytes; `None`: do not.
    pub vacuum_above_bytes: Option<u64>,
    /// Which backups are kept when that made another one.
    pub keep_backups: Keep,
}

impl ScanOptions {
    /// Returns the options that the settings ask for.
    pub fn from_settings(settings: &Settings) -> Self {
        let robust = &settings.robust;
        Self {
            performance_flags: Overrides::default(),
            performance_settings: overrides(&settings.performance),
            batch_files: robust.batch_files as u64,
            batch_interval: Duration::from_secs_f64(robust.batch_seconds),
            queue_max: robust.queue_max,
            skip_hidden: robust.skip_hidden,
            skip: robust
                .ignore
                .iter()
                .chain(&robust.skip_globs)
                .cloned()
                .collect(),
            follow_symlinks: robust.follow_symlinks,
            long_paths: robust.long_paths,
            time_limit: Duration::from_secs(robust.op_timeout_s),
            max_missing_percent: robust.max_missing_percent,
            sniff_unknown: robust.sniff_unknown,
            checkpoint_interval: Duration::from_secs(robust.checkpoint_seconds),
            slow_walk: false,
            media: MediaOptions::from_settings(settings),
            semantic: settings.semantic.clone(),
            analysis: AnalysisOptions::from_settings(settings),
            fingerprints: FingerprintOptions::from_settings(settings),
            vacuum_above_bytes: settings
                .maintenance
                .auto_vacuum_after_scan
                .then_some(settings.maintenance.vacuum_free_bytes_min),
            keep_backups: Keep::from_settings(&settings.maintenance),
        }
    }
}

/// What a scan learns of media files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaOptions {
    /// Read headers.
    pub headers: bool,
    /// Ask other programs where they are needed.
    pub tools: bool,
    /// How thoroughly films are checked.
    pub check: Level,
    /// Which subtitles are read.
    pub subtitles: SubtitleMode,
    /// Make pictures; `None`: do not.
    pub pictures: Option<Style>,
    /// The most bytes of one drive's pictures.
    pub pictures_max_bytes: u64,
    /// Time limit of another program for one file.
    pub tool_timeout: Duration,
}

impl MediaOptions {
    fn from_settings(settings: &Settings) -> Self {
        let (media, pictures) = (&settings.media, &settings.pictures);
        let mut options = Self {
            headers: true,
            tools: true,
            check: match media.integrity {
                IntegrityLevel::Off => Level::Structure,
                IntegrityLevel::Quick => Level::Ends,
                IntegrityLevel::Full => Level::Full,
            },
            subtitles: media.subtitles,
            pictures: pictures.enabled.then_some(Style {
                longest: pictures.longest_side,
                quality: pictures.quality,
            }),
            pictures_max_bytes: pictures.max_mb.saturating_mul(1 << 20),
            tool_timeout: Duration::from_secs(media.tool_timeout_s),
        };
        options.set_level(media.level);
        options
    }

    /// Sets how much is learnt.
    pub fn set_level(&mut self, level: MediaLevel) {
        self.headers = level != MediaLevel::Off;
        self.tools = level == MediaLevel::Full;
    }
}

fn overrides(performance: &Performance) -> Overrides {
    let profile = match performance.profile {
        ProfileChoice::Auto => None,
        ProfileChoice::Ssd => Some(Profile::Ssd),
        ProfileChoice::Hdd => Some(Profile::Hdd),
        ProfileChoice::Usb => Some(Profile::Usb),
        ProfileChoice::Network => Some(Profile::Network),
    };
    Overrides {
        profile,
        worker_threads: performance.worker_threads,
        hash_chunk_bytes: performance.hash_chunk_bytes,
        ffmpeg_parallel: performance.ffmpeg_parallel,
        gentle_io: performance.gentle_io,
    }
}

/// Why a scan did not go on: the drive is not the one expected, or does not look like it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Another disk is mounted there.
    #[error("`{label}` is another disk: the catalogue knows it as {known}, but {found} is mounted at `{}`", mount.display())]
    OtherVolume {
        /// The label.
        label: String,
        /// Identity in the catalogue.
        known: String,
        /// Identity found.
        found: String,
        /// Where.
        mount: PathBuf,
        /// The label under which the found disk is known.
        known_as: Option<String>,
    },
    /// It is the disk, but another folder of it.
    #[error("`{label}` is the folder `/{known}` of this disk, not `/{found}`")]
    OtherRoot {
        /// The label.
        label: String,
        /// Path of its root inside the volume.
        known: String,
        /// Path that was asked for.
        found: String,
    },
    /// The very same root is catalogued already.
    #[error("this is the drive `{known_as}`, already in the catalogue")]
    KnownAs {
        /// Its label.
        known_as: String,
    },
    /// Nothing is there.
    #[error("`{}` is empty, but the catalogue knows {known} files of `{label}`", mount.display())]
    Empty {
        /// The label.
        label: String,
        /// Where.
        mount: PathBuf,
        /// Files known.
        known: u64,
    },
    /// Too much is missing.
    #[error("{missing} of {known} known files of `{label}` are not there")]
    MostlyMissing {
        /// The label.
        label: String,
        /// How many are missing.
        missing: u64,
        /// Of how many.
        known: u64,
    },
    /// The drive went away during the scan.
    #[error("`{}` went away during the scan", mount.display())]
    WentAway {
        /// Where it was.
        mount: PathBuf,
    },
    /// The drive stopped answering.
    #[error("`{}` does not answer any more", mount.display())]
    Hung {
        /// Where it is.
        mount: PathBuf,
    },
    /// The drive is nowhere.
    #[error("`{label}` is not mounted anywhere")]
    NotMounted {
        /// The label.
        label: String,
        /// Where it was last.
        last: String,
    },
}

impl Refusal {
    /// Returns the choices there are.
    pub fn hint(&self) -> String {
        match self {
            Self::OtherVolume { known_as: Some(other), .. } => {
                format!("scan it under its own label, `--label {other}`, or say `--accept-drive` if it took the other's place")
            }
            Self::OtherVolume { .. } => {
                "scan it under a new label, or say `--accept-drive` if it is a copy or was formatted anew".into()
            }
            Self::OtherRoot { label, .. } => format!(
                "give this folder a label of its own, or move the drive's root with `videocatalog drives set {label} --root FOLDER`"
            ),
            Self::KnownAs { known_as } => format!(
                "scan it with `--label {known_as}`, rename it with `videocatalog drives rename {known_as} NEW`, or say `--accept-drive` for a second catalogue of it"
            ),
            Self::Empty { .. } | Self::MostlyMissing { .. } => {
                "is the right disk mounted? Nothing was marked as deleted. If the files are really gone, say `--accept-missing`".into()
            }
            Self::WentAway { .. } => "plug it in and scan again; what was done is kept, nothing was marked as deleted".into(),
            Self::Hung { .. } => {
                "check the cable, the disk or the server, then scan again; what was done is kept, nothing was marked as deleted".into()
            }
            Self::NotMounted { last, .. } => format!("plug it in, or say where it is with `--mount` (it was at `{last}`)"),
        }
    }
}

/// Why a scan failed.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The folder to scan cannot be.
    #[error("cannot scan `{}`: {reason}", mount.display())]
    Mount {
        /// The folder.
        mount: PathBuf,
        /// Why.
        reason: String,
    },
    /// The label cannot be one.
    #[error(transparent)]
    Label(#[from] LabelError),
    /// A pattern is none.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// The scan refused to go on.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Another scan is at work.
    #[error(transparent)]
    Locked(#[from] LockError),
    /// The catalogue or shard cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A shard cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Writing failed.
    #[error("writing to `{}` failed: {source}", path.display())]
    Write {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The system refused something the program cannot do without.
    #[error("cannot {what}: {source}")]
    System {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// The backup before compacting failed.
    #[error(transparent)]
    Backup(#[from] BackupError),
}

impl ScanError {
    /// Returns what to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Mount { .. } => {
                "check that the drive is mounted and the folder can be listed".into()
            }
            Self::Label(error) => error.hint().to_owned(),
            Self::Pattern(_) => "patterns know `*`, `?`, `[abc]` and `[!abc]`".into(),
            Self::Refused(refusal) => refusal.hint(),
            Self::Locked(_) => {
                "wait until it is done; one program writes to a drive's database at a time".into()
            }
            Self::Store(error) => error.hint(),
            Self::Open(error) => error.hint(),
            Self::Write { path, source } => {
                format!("{}; what was committed is kept", sqlite_hint(source, path))
            }
            Self::System { .. } => {
                "check that the working directory may be written and its disk has space".into()
            }
            Self::Backup(error) => error.hint(),
        }
    }
}
