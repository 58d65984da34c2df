//! Verifying a drive: its files are read again and compared with their hashes. Disks lose bytes without a word; what has
//! other bytes though its size and time are the same was not written to by anybody.
//!
//! A round goes on until every file was read, over as many runs as that takes; the next one begins from the front.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use serde::Serialize;

use crate::catalog::drives::Drive;
use crate::catalog::lock::ShardLock;
use crate::catalog::store::{Catalog, StoreError};
use crate::catalog::verify::{self as rows, FileFinding, VerifyOrder};
use crate::catalog::{Access, shard, tune_for_writing};
use crate::clock::utc_text;
use crate::event::Event;
use crate::path::RelPath;
use crate::problem::ProblemCounts;
use crate::report::FilePlace;
use crate::scan::pump::Pump;
use crate::scan::{self, ScanError, ScanOptions, ScanRequest, Surroundings};
use crate::tree::Tree;

mod feed;

use feed::{Surface, VerifyFeed};

/// One verification, as the user asked for it.
#[derive(Clone, Debug)]
pub struct VerifyRequest {
    /// The drive's label.
    pub label: String,
    /// The folder that is its root, absolute; `None`: where the drive is mounted now.
    pub mount: Option<PathBuf>,
    /// A folder below the root: it alone is read, all of it, whatever the round says.
    pub only: Option<PathBuf>,
    /// In which order.
    pub order: VerifyOrder,
    /// Whether a round that is under way is given up for a new one.
    pub anew: bool,
    /// After so long no more files are begun.
    pub time_budget: Option<Duration>,
    /// After so many bytes no more files are begun.
    pub byte_budget: Option<u64>,
    /// The user says that this is the drive, whatever its identity.
    pub accept_drive: bool,
    /// How drives are read.
    pub options: ScanOptions,
}

/// How a verification ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum VerifyStatus {
    /// Everything was read.
    Done,
    /// The budget was used up.
    OutOfBudget,
    /// The user stopped it.
    Stopped,
}

/// What a verification found; the names are those of `verify --json`.
#[derive(Clone, Debug, Serialize)]
pub struct VerifySummary {
    /// The drive.
    pub drive_label: String,
    /// How it ended.
    pub status: VerifyStatus,
    /// Since when the round has been under way.
    pub round_started_utc: String,
    /// Files read to their end.
    pub read_files: u64,
    /// Bytes read.
    pub read_bytes: u64,
    /// Files whose bytes are those that the catalogue knows.
    pub sound: u64,
    /// Files of which the catalogue had a hash of the older program only, and has ours from now on.
    pub first_hashes: u64,
    /// Files that were written to since the last scan.
    pub changed: u64,
    /// Files that were not there.
    pub missing: u64,
    /// Files with other bytes though nothing says that they were written to.
    pub other_bytes: u64,
    /// Files that the drive could not read.
    pub unreadable: u64,
    /// Files that the round has still to read.
    pub left_files: u64,
    /// Bytes that the round has still to read.
    pub left_bytes: u64,
    /// The damaged files, at most [`MOST_TOLD`].
    pub findings: Vec<DamagedFile>,
    /// What else went wrong, by kind.
    pub problems: ProblemCounts,
    /// How long it took.
    pub duration_seconds: f64,
}

/// So many damaged files are told one by one; the shard has all.
pub const MOST_TOLD: usize = 1_000;

impl VerifySummary {
    /// Returns whether any file is damaged.
    pub fn any_damage(&self) -> bool {
        self.other_bytes + self.unreadable > 0
    }
}

/// A damaged file, and what was found of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DamagedFile {
    /// Where it is.
    #[serde(flatten)]
    pub place: FilePlace,
    /// When.
    pub utc: String,
    /// other-bytes, unreadable, sound or taken.
    pub outcome: String,
    /// BLAKE3 in the catalogue, in hexadecimal.
    pub expected: String,
    /// BLAKE3 of what was read.
    pub found: Option<String>,
    /// Why it could not be read.
    pub detail: Option<String>,
    /// Whether it holds still.
    pub open: bool,
}

impl DamagedFile {
    pub(crate) fn new(drive: &Drive, separator: char, file: FileFinding) -> Self {
        let hex = |hash: [u8; 32]| blake3::Hash::from_bytes(hash).to_hex().to_string();
        Self {
            place: FilePlace::new(drive, separator, &file.path),
            utc: file.utc,
            outcome: file.finding.outcome,
            expected: hex(file.finding.expected),
            found: file.finding.found.map(hex),
            detail: file.finding.detail,
            open: file.is_open,
        }
    }
}

/// Verifies a drive.
///
/// # Errors
/// When the drive is not the one expected, does not answer, or its shard cannot be written; a bad file is a finding.
pub fn run(
    request: &VerifyRequest,
    catalog: &Catalog,
    outside: &Surroundings,
) -> Result<VerifySummary, ScanError> {
    // An unknown label is no new drive here.
    catalog.drive(&request.label)?;
    let scan_request = as_scan(request);
    let plan = scan::plan(
        &scan_request,
        catalog,
        &outside.probe,
        outside.sink.as_ref(),
    )?;
    let tree = scan::open_tree(&plan, &request.options)?;
    run_on(request, catalog, outside, &plan, &tree)
}

/// Verifies a drive that was found, through any tree: faults can be put in between.
///
/// # Errors
/// As [`run`].
pub fn run_on(
    request: &VerifyRequest,
    catalog: &Catalog,
    outside: &Surroundings,
    plan: &scan::Plan,
    tree: &Arc<dyn Tree>,
) -> Result<VerifySummary, ScanError> {
    let shard_path = catalog.shard_path(&plan.drive);
    let _lock = ShardLock::acquire(&shard_path, "verify", outside.clock.now_utc())?;
    let connection = catalog.open_shard(&plan.drive, Access::Write)?;
    let failed = |source| ScanError::Write {
        path: shard_path.clone(),
        source,
    };
    tune_for_writing(&connection).map_err(failed)?;
    let (since_us, below) = round(request, &connection, &plan.root, outside, &failed)?;
    let totals = rows::fill_queue(&connection, since_us, request.order, &below).map_err(failed)?;
    let performance = scan::tune(&as_scan(request), plan, outside);
    outside.sink.event(Event::Performance(performance.clone()));
    let pump = Pump {
        plan,
        tree: Arc::clone(tree),
        performance: &performance,
        headers: false,
        past_cache: true,
        // What was given out is read to its end, whatever the budget.
        ahead: performance.worker_threads.max(1),
        time_limit: request.options.time_limit,
        cancel: outside.cancel.clone(),
    };
    let separator = shard::root(&connection)
        .map_err(failed)?
        .map_or('/', |root| root.separator);
    let mut feed = VerifyFeed::new(
        Surface {
            request,
            outside,
            plan,
            tree,
            performance: &performance,
            connection: &connection,
            shard_path: &shard_path,
        },
        since_us,
        totals,
    );
    let done = pump.run(&mut feed);
    let summary = feed.finish(done, separator)?;
    if summary.status == VerifyStatus::Done && request.only.is_none() {
        rows::end_round(&connection).map_err(failed)?;
    }
    // First hashes can be searched for, and make duplicates.
    scan::refresh_index(&connection, &shard_path, outside.sink.as_ref());
    Ok(summary)
}

/// Since when a file counts as verified, and where the files are.
fn round(
    request: &VerifyRequest,
    connection: &Connection,
    root: &Path,
    outside: &Surroundings,
    failed: &dyn Fn(rusqlite::Error) -> ScanError,
) -> Result<(i64, RelPath), ScanError> {
    let clock = outside.clock.as_ref();
    let Some(only) = &request.only else {
        let since_us = rows::begin_round(connection, request.anew, clock).map_err(failed)?;
        return Ok((since_us, RelPath::root()));
    };
    let since_us = rows::next_round(connection, clock).map_err(failed)?;
    Ok((since_us, scan::start_below(root, only)?))
}

fn as_scan(request: &VerifyRequest) -> ScanRequest {
    ScanRequest::of_known_drive(
        &request.label,
        request.mount.clone(),
        request.only.clone(),
        request.accept_drive,
        request.options.clone(),
    )
}

/// How far a drive is verified, and what was found; the names are those of `verify --report --json`.
#[derive(Clone, Debug, Serialize)]
pub struct VerifyHistory {
    /// The drive.
    pub drive_label: String,
    /// Files whose bytes can be compared.
    pub files: u64,
    /// Those that were compared, and were the same.
    pub verified_files: u64,
    /// When the first of them was.
    pub oldest_utc: Option<String>,
    /// When the last of them was.
    pub newest_utc: Option<String>,
    /// Everything that was found, latest first.
    pub findings: Vec<DamagedFile>,
}

/// Returns how far a drive is verified, and what was found on it; the drive need not be there.
///
/// # Errors
/// When its shard cannot be read.
pub fn history(catalog: &Catalog, drive: &Drive) -> Result<VerifyHistory, StoreError> {
    let connection = catalog.open_shard(drive, Access::Read)?;
    let failed = |source| StoreError::Sqlite {
        path: catalog.shard_path(drive),
        source,
    };
    let separator = shard::root(&connection)
        .map_err(failed)?
        .map_or('/', |root| root.separator);
    let verified = rows::verified(&connection).map_err(failed)?;
    let findings = rows::findings(&connection, None).map_err(failed)?;
    Ok(VerifyHistory {
        drive_label: drive.label.clone(),
        files: verified.files,
        verified_files: verified.verified,
        oldest_utc: verified.oldest_us.map(utc_text),
        newest_utc: verified.newest_us.map(utc_text),
        findings: findings
            .into_iter()
            .map(|file| DamagedFile::new(drive, separator, file))
            .collect(),
    })
}
