//! Reading files again to see whether they still hold the bytes that the catalogue knows: what is left to be read, what was
//! found, and what became of earlier findings.

use std::time::Duration;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params};

use super::batch::Batch;
use super::hashing::{self, ReadResult, ReadTask, Totals};
use super::{names, shard};
use crate::clock::Clock;
use crate::path::RelPath;

/// Since when a round of verification has been under way, in microseconds; scans leave it alone.
pub(super) const ROUND_KEY: &str = "verify_since_us";

/// In which order files are verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifyOrder {
    /// Folder by folder, as they lie on the disk: quickest.
    Folders,
    /// Those that were verified longest ago first.
    Oldest,
}

/// Takes up the round of verification that is under way, or begins one; returns since when, in microseconds.
///
/// # Errors
/// What SQLite says.
pub fn begin_round(
    connection: &Connection,
    anew: bool,
    clock: &dyn Clock,
) -> rusqlite::Result<i64> {
    let under_way = shard::state(connection, ROUND_KEY)?.and_then(|text| text.parse().ok());
    if let Some(since_us) = under_way.filter(|_| !anew) {
        return Ok(since_us);
    }
    let since_us = next_round(connection, clock)?;
    shard::set_state(connection, ROUND_KEY, &since_us.to_string())?;
    Ok(since_us)
}

/// Returns when a round that begins now begins: after all earlier ones, even if the machine's clock was set back.
///
/// # Errors
/// What SQLite says.
pub fn next_round(connection: &Connection, clock: &dyn Clock) -> rusqlite::Result<i64> {
    let latest: Option<i64> =
        connection.query_row("SELECT max(verified_us) FROM verified", [], |row| {
            row.get(0)
        })?;
    Ok(clock.now_us().max(latest.map_or(0, |latest| latest + 1)))
}

/// Says that every file was read in the round.
///
/// # Errors
/// What SQLite says.
pub fn end_round(connection: &Connection) -> rusqlite::Result<()> {
    shard::drop_state(connection, ROUND_KEY)
}

/// Fills the queue with the files below a folder that have a valid hash and were not verified since `since_us`; returns how
/// much that is.
///
/// # Errors
/// What SQLite says.
pub fn fill_queue(
    connection: &Connection,
    since_us: i64,
    order: VerifyOrder,
    below: &RelPath,
) -> rusqlite::Result<Totals> {
    hashing::empty_queue(connection)?;
    let below_folder = hashing::below_condition();
    let order = match order {
        VerifyOrder::Folders => "e.folder_id, e.inode, e.id",
        // What was never verified was last read when it was hashed.
        VerifyOrder::Oldest => {
            "v.file_id IS NOT NULL, v.verified_us, h.change_id, e.folder_id, e.inode, e.id"
        }
    };
    connection
        .prepare(&format!(
            "INSERT INTO temp.to_read(file_id, hash, headers, subtitle)
             SELECT e.id, 1, 0, 0 FROM entries e JOIN hashes h ON h.file_id = e.id LEFT JOIN verified v ON v.file_id = e.id
              WHERE e.deleted_change IS NULL AND h.stale = 0 AND coalesce(v.verified_us < ?2, 1) AND {below_folder}
              ORDER BY {order}"
        ))?
        .execute(params![names::to_sql(below.as_bytes()), since_us])?;
    hashing::queue_totals(connection)
}

/// A file's hash as the catalogue has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct KnownHash {
    pub(super) hash: [u8; 32],
    pub(super) legacy: bool,
    pub(super) stale: bool,
}

pub(super) fn hash_of(
    connection: &Connection,
    file_id: i64,
) -> rusqlite::Result<Option<KnownHash>> {
    connection
        .prepare_cached("SELECT hash, legacy, stale FROM hashes WHERE file_id = ?1")?
        .query_row([file_id], |row| {
            Ok(KnownHash {
                hash: row.get(0)?,
                legacy: row.get(1)?,
                stale: row.get(2)?,
            })
        })
        .optional()
}

/// What was found of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// other-bytes; unreadable; sound: an earlier finding no longer holds; taken: a full rescan took the other bytes for
    /// the file's.
    pub outcome: String,
    /// BLAKE3 in the catalogue.
    pub expected: [u8; 32],
    /// BLAKE3 of what was read; `None`: it could not be read.
    pub found: Option<[u8; 32]>,
    /// In the system's words, why it could not be read.
    pub detail: Option<String>,
}

impl Finding {
    /// Returns that a file has other bytes than the catalogue knows.
    pub fn other_bytes(expected: [u8; 32], found: [u8; 32]) -> Self {
        Self {
            outcome: "other-bytes".into(),
            expected,
            found: Some(found),
            detail: None,
        }
    }

    pub(super) fn taken(expected: [u8; 32], found: [u8; 32]) -> Self {
        Self {
            outcome: "taken".into(),
            ..Self::other_bytes(expected, found)
        }
    }

    pub(super) fn save(
        &self,
        connection: &Connection,
        file_id: i64,
        utc: &str,
    ) -> rusqlite::Result<()> {
        connection
            .prepare_cached(
                "INSERT INTO verify_findings(file_id, utc, outcome, expected, found, detail) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                file_id,
                utc,
                self.outcome,
                self.expected,
                self.found,
                self.detail
            ])
            .map(|_| ())
    }

    fn latest(connection: &Connection, file_id: i64) -> rusqlite::Result<Option<Self>> {
        connection
            .prepare_cached(
                "SELECT outcome, expected, found, detail FROM verify_findings WHERE file_id = ?1 ORDER BY id DESC LIMIT 1",
            )?
            .query_row([file_id], |row| {
                Ok(Self {
                    outcome: row.get(0)?,
                    expected: row.get(1)?,
                    found: row.get(2)?,
                    detail: row.get(3)?,
                })
            })
            .optional()
    }

    fn is_open(&self) -> bool {
        matches!(self.outcome.as_str(), "other-bytes" | "unreadable")
    }
}

/// What verifying a file showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its bytes are those that the catalogue knows.
    Sound,
    /// The catalogue had a hash of the older program's only, which may be of another kind; from now on it has ours.
    FirstHash,
    /// It was written to since the last scan: its size or time says so.
    Changed,
    /// Its bytes are others, though nothing says that it was written to.
    OtherBytes {
        /// BLAKE3 in the catalogue.
        expected: [u8; 32],
        /// BLAKE3 of what was read.
        found: [u8; 32],
    },
}

/// Writes what verification finds, in batches.
pub struct VerifyWriter<'c> {
    connection: &'c Connection,
    clock: &'c dyn Clock,
    batch: Batch<'c>,
    since_us: i64,
    coarse_mtime: bool,
}

impl<'c> VerifyWriter<'c> {
    /// Begins; files are verified at `since_us` at the earliest. `coarse_mtime`: as in
    /// [`ListingRules`](super::listing::ListingRules).
    pub fn new(
        connection: &'c Connection,
        since_us: i64,
        coarse_mtime: bool,
        clock: &'c dyn Clock,
    ) -> Self {
        Self {
            connection,
            clock,
            batch: Batch::new(connection, clock),
            since_us,
            coarse_mtime,
        }
    }

    /// Judges a file that was read, and writes that down.
    ///
    /// # Errors
    /// What SQLite says; what was committed before stays.
    pub fn take(&mut self, task: &ReadTask, result: &ReadResult) -> rusqlite::Result<Verdict> {
        self.batch.begin_row()?;
        let (connection, file_id) = (self.connection, task.file_id);
        let stamp = hashing::stamp_of(connection, file_id)?;
        let known = hash_of(connection, file_id)?;
        let (Some(stamp), Some(known), Some(found)) = (stamp, known, result.hash) else {
            return Ok(Verdict::Changed);
        };
        if !stamp.is_of(&result.stat, self.coarse_mtime) {
            return Ok(Verdict::Changed);
        }
        let latest = Finding::latest(connection, file_id)?;
        // What a full rescan took for the file's new bytes was damage, and somebody put the file back.
        let is_back = latest
            .as_ref()
            .is_some_and(|latest| latest.outcome == "taken" && latest.expected == found);
        if known.hash != found && !known.legacy && !is_back {
            return self.other_bytes(file_id, &known, found, latest.as_ref());
        }
        if known.hash != found || known.legacy {
            self.set_hash(file_id, &found)?;
        }
        if is_back || latest.is_some_and(|latest| latest.is_open()) {
            let sound = Finding {
                outcome: "sound".into(),
                ..Finding::other_bytes(found, found)
            };
            sound.save(connection, file_id, &self.clock.now_utc())?;
        }
        connection
            .prepare_cached("INSERT OR REPLACE INTO verified(file_id, verified_us) VALUES(?1, ?2)")?
            .execute([file_id, self.clock.now_us().max(self.since_us)])?;
        if known.legacy && known.hash != found {
            return Ok(Verdict::FirstHash);
        }
        Ok(Verdict::Sound)
    }

    fn other_bytes(
        &self,
        file_id: i64,
        known: &KnownHash,
        found: [u8; 32],
        latest: Option<&Finding>,
    ) -> rusqlite::Result<Verdict> {
        let finding = Finding::other_bytes(known.hash, found);
        // It is told every time, and written down once.
        if latest != Some(&finding) {
            finding.save(self.connection, file_id, &self.clock.now_utc())?;
        }
        Ok(Verdict::OtherBytes {
            expected: known.hash,
            found,
        })
    }

    /// Notes that a file could not be read though the drive is there. Returns the finding; `None`: its row is gone.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn unreadable(
        &mut self,
        task: &ReadTask,
        detail: &str,
    ) -> rusqlite::Result<Option<Finding>> {
        self.batch.begin_row()?;
        let Some(known) = hash_of(self.connection, task.file_id)? else {
            return Ok(None);
        };
        let finding = Finding {
            outcome: "unreadable".into(),
            expected: known.hash,
            found: None,
            detail: Some(detail.to_owned()),
        };
        let latest = Finding::latest(self.connection, task.file_id)?;
        if latest.is_none_or(|latest| latest.outcome != finding.outcome) {
            finding.save(self.connection, task.file_id, &self.clock.now_utc())?;
        }
        Ok(Some(finding))
    }

    /// Makes a hash of ours the file's; reports and searches by content see it from now on.
    fn set_hash(&mut self, file_id: i64, hash: &[u8; 32]) -> rusqlite::Result<()> {
        let change = self.batch.change()?;
        self.connection
            .prepare_cached(
                "UPDATE hashes SET hash = ?2, legacy = 0, change_id = ?3 WHERE file_id = ?1",
            )?
            .execute(params![file_id, hash, change])?;
        self.connection
            .prepare_cached("UPDATE entries SET change_id = ?2 WHERE id = ?1")?
            .execute([file_id, change])
            .map(|_| ())
    }

    /// Commits if the open batch holds `rows` rows or is older than `interval`.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn commit_if(&mut self, rows: u64, interval: Duration) -> rusqlite::Result<()> {
        self.batch.commit_if(rows, interval)
    }

    /// Commits what is open.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn commit(&mut self) -> rusqlite::Result<()> {
        self.batch.commit()
    }
}

/// How far a drive's files are verified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Files whose bytes could be compared: those with a valid hash.
    pub files: u64,
    /// Those that were compared, and were the same.
    pub verified: u64,
    /// When the first of them was, in microseconds.
    pub oldest_us: Option<i64>,
    /// When the last of them was.
    pub newest_us: Option<i64>,
}

/// Returns how far a drive's files are verified.
///
/// # Errors
/// What SQLite says.
pub fn verified(connection: &Connection) -> rusqlite::Result<Verified> {
    connection.query_row(
        "SELECT count(*), count(v.file_id), min(v.verified_us), max(v.verified_us)
           FROM entries e JOIN hashes h ON h.file_id = e.id LEFT JOIN verified v ON v.file_id = e.id
          WHERE e.deleted_change IS NULL AND h.stale = 0",
        [],
        |row| {
            Ok(Verified {
                files: row.get::<_, i64>(0)?.unsigned_abs(),
                verified: row.get::<_, i64>(1)?.unsigned_abs(),
                oldest_us: row.get(2)?,
                newest_us: row.get(3)?,
            })
        },
    )
}

/// When a file was last verified, in microseconds; `None`: never.
///
/// # Errors
/// What SQLite says.
pub fn verified_us(connection: &Connection, file_id: i64) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT verified_us FROM verified WHERE file_id = ?1")?
        .query_row([file_id], |row| row.get(0))
        .optional()
}

/// A finding, and of which file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFinding {
    /// Path relative to the drive's root.
    pub path: Vec<u8>,
    /// When.
    pub utc: String,
    /// What.
    pub finding: Finding,
    /// Whether it holds still: nothing better was found of the file since, and it was not written to or deleted.
    pub is_open: bool,
}

/// Returns the findings of a drive, latest first: of one file, or of all.
///
/// # Errors
/// What SQLite says.
pub fn findings(
    connection: &Connection,
    file_id: Option<i64>,
) -> rusqlite::Result<Vec<FileFinding>> {
    let of_file = file_id.map_or(Value::Null, Value::Integer);
    connection
        .prepare_cached(
            "SELECT f.path, e.name, v.utc, v.outcome, v.expected, v.found, v.detail,
                    v.outcome IN ('other-bytes', 'unreadable') AND e.deleted_change IS NULL
                      AND NOT EXISTS (SELECT 1 FROM verify_findings later WHERE later.file_id = v.file_id AND later.id > v.id)
                      AND EXISTS (SELECT 1 FROM hashes h WHERE h.file_id = v.file_id AND h.hash = v.expected AND h.stale = 0)
               FROM verify_findings v JOIN entries e ON e.id = v.file_id JOIN folders f ON f.id = e.folder_id
              WHERE ?1 IS NULL OR v.file_id = ?1 ORDER BY v.id DESC",
        )?
        .query_map([of_file], |row| {
            Ok(FileFinding {
                path: names::below(names::from_sql(row.get_ref(0)?), names::from_sql(row.get_ref(1)?)),
                utc: row.get(2)?,
                finding: Finding {
                    outcome: row.get(3)?,
                    expected: row.get(4)?,
                    found: row.get(5)?,
                    detail: row.get(6)?,
                },
                is_open: row.get(7)?,
            })
        })?
        .collect()
}
