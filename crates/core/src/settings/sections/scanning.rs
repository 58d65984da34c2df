//! Settings of scans and of the databases they fill.

use super::section;
use crate::settings::choices::{
    IntegrityLevel, LongPaths, MediaLevel, ProfileChoice, SubtitleMode,
};
use crate::settings::key::{Key, Kind, Rule, positive, within};

section! {
    /// How hard drives are worked; what is not set follows the drive's profile.
    Performance at "performance." {
        /// The profile; AUTO leaves it to detection.
        profile: ProfileChoice = Rule::choice("AUTO", ProfileChoice::NAMES),
        /// Threads that work on files.
        worker_threads: Option<usize> = Rule::optional(positive(1, 64)).kept_only(),
        /// Bytes read at once while hashing.
        hash_chunk_bytes: Option<usize> = Rule::optional(positive(65_536, 268_435_456)).kept_only(),
        /// Processes of ffmpeg at once; never more than worker threads.
        ffmpeg_parallel: Option<usize> = Rule::optional(positive(1, 64)).kept_only(),
        /// Whether small pauses keep the drive responsive for others.
        gentle_io: Option<bool> = Rule::optional(Kind::Boolean { words: true }).kept_only(),
    }
}

section! {
    /// How a scan walks, waits and saves.
    Robust at "robust." {
        /// Files per commit.
        batch_files: usize = Rule::integer(1_000, within(1, 1_000_000)),
        /// Seconds after which a smaller batch is committed too; 1 to 3 on network drives.
        batch_seconds: f64 = Rule::number(2.0, 0.5, 3_600.0),
        /// Files that may wait for being read before the walk pauses.
        queue_max: usize = Rule::integer(10_000, within(100, 1_000_000)),
        /// Whether hidden and system files are left out.
        skip_hidden: bool = Rule::boolean(false),
        /// Patterns of files and folders to leave out.
        ignore: Vec<String> = Rule::texts(&[]),
        /// More patterns of files and folders to leave out; `--skip-glob` takes their place.
        skip_globs: Vec<String> = Rule::texts(&[]),
        /// Whether symbolic links and junctions are followed.
        follow_symlinks: bool = Rule::boolean(false),
        /// Whether paths get the prefix that lifts the length limit of Windows.
        long_paths: LongPaths = Rule::choice("auto", LongPaths::NAMES),
        /// Seconds that one call to the file system may take before it is given up.
        op_timeout_s: u64 = Rule::integer(30, within(5, 86_400)),
        /// Percentage of a drive's known files that may be missing before a scan asks instead of marking them deleted.
        max_missing_percent: u64 = Rule::integer(30, within(0, 100)),
        /// Whether an inventory reads the first bytes of files whose extension says nothing.
        sniff_unknown: bool = Rule::boolean(true),
        /// Seconds between the points from which an interrupted scan goes on.
        checkpoint_seconds: u64 = Rule::integer(5, within(1, 3_600)),
    }
}

section! {
    /// What a scan learns of media files.
    Media at "media." {
        /// How much: off, headers, or full with the help of other programs.
        level: MediaLevel = Rule::choice("full", MediaLevel::NAMES),
        /// How thoroughly films are checked: off (structure alone), quick (both ends decoded), full (all decoded).
        integrity: IntegrityLevel = Rule::choice("quick", IntegrityLevel::NAMES),
        /// Which subtitles are read for search.
        subtitles: SubtitleMode = Rule::choice("auto", SubtitleMode::NAMES),
        /// Seconds that another program may take for one file; decoding all of a film may take longer.
        tool_timeout_s: u64 = Rule::integer(120, within(5, 86_400)),
    }
}

section! {
    /// Pictures of films, images and music, kept beside the catalogue for when the drive is not there.
    Pictures at "pictures." {
        /// Whether they are made.
        enabled: bool = Rule::boolean(true),
        /// Pixels of the longer side of a poster or thumbnail; a contact sheet is twice as wide.
        longest_side: u32 = Rule::integer(480, within(64, 2_048)),
        /// Quality of the compression, 1 to 100.
        quality: u32 = Rule::integer(60, within(1, 100)),
        /// The most megabytes of one drive's pictures; then no more are made.
        max_mb: u64 = Rule::integer(2_048, within(1, 1_000_000)),
    }
}

section! {
    /// How the databases are looked after.
    Maintenance at "maintenance." {
        /// Milliseconds to wait for a database that another program is writing.
        busy_timeout_ms: u64 = Rule::integer(5_000, within(0, 3_600_000)),
        /// Bytes that compacting a database must free for it to be worth the while.
        vacuum_free_bytes_min: u64 = Rule::integer(67_108_864, within(0, i64::MAX)),
        /// Whether a scan compacts the drive's database afterwards, with a fresh backup.
        auto_vacuum_after_scan: bool = Rule::boolean(false),
        /// Backups to keep of each database; 0 keeps all.
        backup_keep_count: usize = Rule::integer(0, within(0, 1_000_000)),
        /// Days to keep backups; 0 keeps them for good.
        backup_keep_days: u64 = Rule::integer(0, within(0, 1_000_000)),
        /// When maintenance last ran, in UTC; written by the program.
        last_run_utc: Option<String> = Rule::optional(Kind::Text).kept_only(),
        /// Whether the last check found the databases intact; written by the program.
        last_integrity_ok: Option<bool> = Rule::optional(Kind::Boolean { words: false }).kept_only(),
    }
}
