//! Whether a shard was written to since it was last read, told by its files alone: opening it to ask costs more than a search.

use std::fs::Metadata;
use std::path::Path;

use crate::clock::system_time_us;

/// After so long without a write, the next one gets another time, however coarse the file system's clock is (FAT: 2 s).
const SETTLED_US: i64 = 3_000_000;

/// What the system says of a shard's database and of its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    database: FileMark,
    log: Option<FileMark>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileMark {
    file: (u64, u64),
    bytes: u64,
    modified_us: i64,
}

impl Mark {
    /// Returns the mark of a shard's files as they are now. `None`: one of them cannot be looked at, or was written to so
    /// lately that the next write might not show.
    pub(super) fn settled(shard_path: &Path, now_us: i64) -> Option<Self> {
        let mark = Self::of(shard_path)?;
        let log = mark.log.iter();
        let latest = log
            .map(|log| log.modified_us)
            .fold(mark.database.modified_us, i64::max);
        (latest < now_us.saturating_sub(SETTLED_US)).then_some(mark)
    }

    /// Returns the mark of a shard's files as they are now.
    pub(super) fn of(shard_path: &Path) -> Option<Self> {
        let mut log = shard_path.as_os_str().to_owned();
        log.push("-wal");
        Some(Self {
            database: FileMark::of(&std::fs::metadata(shard_path).ok()?)?,
            log: match std::fs::metadata(log) {
                Ok(facts) => Some(FileMark::of(&facts)?),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
                Err(_) => return None,
            },
        })
    }
}

impl FileMark {
    fn of(facts: &Metadata) -> Option<Self> {
        Some(Self {
            file: identity(facts),
            bytes: facts.len(),
            modified_us: system_time_us(facts.modified().ok()?),
        })
    }
}

#[cfg(unix)]
fn identity(facts: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (facts.dev(), facts.ino())
}

/// The time of its making tells a file from one that took its place.
#[cfg(not(unix))]
fn identity(facts: &Metadata) -> (u64, u64) {
    let made = facts.created().unwrap_or(std::time::SystemTime::UNIX_EPOCH);
    (0, system_time_us(made).unsigned_abs())
}
