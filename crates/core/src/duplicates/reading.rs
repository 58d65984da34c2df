//! Reading what tells files apart that have the same length: first both ends of each, then all of those whose ends are equal.
//! What was hashed before is not read again, and drives that are away take part by what is known of them.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use rusqlite::Connection;
use serde::Serialize;

use crate::catalog::drives::Drive;
use crate::catalog::hashing::{self, Queue, ReadTask, ReadWriter, Totals};
use crate::catalog::lock::ShardLock;
use crate::catalog::sizes::{self, SizedFile};
use crate::catalog::store::Catalog;
use crate::catalog::{Access, tune_for_writing};
use crate::event::{Event, Phase, Progress};
use crate::problem::{Problem, ProblemCounts};
use crate::profile::{Performance, Profile};
use crate::scan::pump::{Feed, Pump, TASKS_AHEAD, TICK};
use crate::scan::read::Outcome;
use crate::scan::{self, Plan, ScanError, ScanOptions, ScanRequest, Surroundings, guard, pacing};
use crate::tree::Tree;

/// Which drives are read, and how.
#[derive(Clone, Debug)]
pub struct ReadingRequest {
    /// Their labels; none: all.
    pub labels: Vec<String>,
    /// How drives are read.
    pub options: ScanOptions,
}

/// What was read; the names are those of `duplicates --read --json`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ReadingSummary {
    /// Files of which both ends were read.
    pub ends_read: u64,
    /// Files that were hashed.
    pub files_hashed: u64,
    /// Bytes read.
    pub bytes_read: u64,
    /// Files that may be copies, on drives that are away or could not be read.
    pub files_left: u64,
    /// Drives that were away, or could not be read, and why.
    pub drives_left: Vec<String>,
    /// What went wrong, by kind.
    pub problems: ProblemCounts,
    /// Whether the user stopped it; the next one goes on.
    pub stopped: bool,
}

/// A file of some drive.
#[derive(Clone, Copy, Debug)]
struct Known {
    drive: usize,
    file: SizedFile,
}

/// Says which files are to be read, none of those on drives that are away.
type Wants = for<'k> fn(&'k [Known], &HashSet<usize>) -> Vec<&'k Known>;

/// A drive that was found, and how hard it is worked.
struct Opened {
    plan: Plan,
    tree: Arc<dyn Tree>,
    performance: Performance,
}

impl Opened {
    fn find(
        drive: &Drive,
        catalog: &Catalog,
        options: &ScanOptions,
        outside: &Surroundings,
    ) -> Result<Self, ScanError> {
        let request = ScanRequest::of_known_drive(&drive.label, None, None, false, options.clone());
        let plan = scan::plan(&request, catalog, &outside.probe, outside.sink.as_ref())?;
        let tree = scan::open_tree(&plan, options)?;
        let performance = scan::tune(&request, &plan, outside);
        Ok(Self {
            plan,
            tree,
            performance,
        })
    }
}

/// What is to be read on a drive.
struct Batch<'b> {
    drive: &'b Drive,
    on: &'b Opened,
    files: &'b [SizedFile],
    /// All of each file, not only its ends.
    whole: bool,
}

/// Reads what is needed to tell which files of some drives have the same bytes.
///
/// # Errors
/// When a shard cannot be written; a drive that is away or does not answer is told of.
pub fn read(
    request: &ReadingRequest,
    catalog: &Catalog,
    outside: &Surroundings,
) -> Result<ReadingSummary, ScanError> {
    let (drives, options) = (&catalog.select(&request.labels)?[..], &request.options);
    let mut summary = ReadingSummary::default();
    // Drives that are away are known by that their root is not found.
    let mut away: HashSet<usize> = HashSet::new();
    let steps: [(Wants, bool); 2] = [(ends_wanted, false), (hashes_wanted, true)];
    let mut opened: HashMap<usize, Opened> = HashMap::new();
    let mut files = known_files(catalog, drives, &mut away, &mut summary);
    for (wanted, whole) in steps {
        let mut by_drive: HashMap<usize, Vec<SizedFile>> = HashMap::new();
        for known in wanted(&files, &away) {
            by_drive.entry(known.drive).or_default().push(known.file);
        }
        let reads = !by_drive.is_empty();
        for (drive, one) in drives.iter().enumerate() {
            let Some(files) = by_drive.remove(&drive) else {
                continue;
            };
            let found = match opened.entry(drive) {
                Entry::Occupied(known) => Ok(known.into_mut()),
                Entry::Vacant(none) => {
                    Opened::find(one, catalog, options, outside).map(|found| none.insert(found))
                }
            };
            let read = found.and_then(|on| {
                let batch = Batch {
                    drive: one,
                    on,
                    files: &files,
                    whole,
                };
                read_drive(catalog, &batch, options, outside, &mut summary)
            });
            match read {
                Ok(()) => {}
                Err(error @ ScanError::Write { .. }) => return Err(error),
                Err(error) => {
                    away.insert(drive);
                    summary
                        .drives_left
                        .push(format!("`{}`: {error}", one.label));
                }
            }
            if outside.cancel.is_cancelled() {
                summary.stopped = true;
                return Ok(summary);
            }
        }
        if reads {
            files = known_files(catalog, drives, &mut away, &mut summary);
        }
    }
    let nowhere = HashSet::new();
    let waits = hashes_wanted(&files, &nowhere);
    summary.files_left = waits.len() as u64;
    summary.drives_left.sort();
    summary.drives_left.dedup();
    Ok(summary)
}

/// Returns the files of all drives whose shards can be read, by length.
fn known_files(
    catalog: &Catalog,
    drives: &[Drive],
    away: &mut HashSet<usize>,
    summary: &mut ReadingSummary,
) -> Vec<Known> {
    let mut files = Vec::new();
    for (drive, one) in drives.iter().enumerate() {
        let sized = catalog
            .open_shard(one, Access::Read)
            .map_err(|error| error.to_string())
            .and_then(|shard| sizes::sized_files(&shard).map_err(|error| error.to_string()));
        match sized {
            Ok(sized) => files.extend(sized.into_iter().map(|file| Known { drive, file })),
            Err(reason) => {
                away.insert(drive);
                summary
                    .drives_left
                    .push(format!("`{}`: {reason}", one.label));
            }
        }
    }
    files.sort_unstable_by_key(|known| (known.file.size_bytes, known.drive, known.file.file_id));
    files
}

/// Returns the files of one length that are not only links to one file, if one of them was not hashed.
fn in_doubt(files: &[Known]) -> impl Iterator<Item = &[Known]> {
    let same = files.chunk_by(|one, other| one.file.size_bytes == other.file.size_bytes);
    same.filter(|same| {
        same.len() > 1
            && same.iter().any(|known| !known.file.is_hashed)
            && distinct(same.iter()) > 1
    })
}

/// Returns how many files there are; links to one count once.
fn distinct<'k>(files: impl Iterator<Item = &'k Known>) -> usize {
    let mut seen = HashSet::new();
    let mut others = 0;
    for known in files {
        match known.file.inode {
            Some(inode) => drop(seen.insert((known.drive, inode))),
            None => others += 1,
        }
    }
    seen.len() + others
}

/// Returns the files of which both ends are to be read.
fn ends_wanted<'k>(files: &'k [Known], away: &HashSet<usize>) -> Vec<&'k Known> {
    in_doubt(files)
        .flatten()
        .filter(|known| known.file.ends.is_none() && !away.contains(&known.drive))
        .collect()
}

/// Returns the files that are to be hashed: those whose ends are another's, or of which one of the same length was hashed and
/// its ends are not known.
fn hashes_wanted<'k>(files: &'k [Known], away: &HashSet<usize>) -> Vec<&'k Known> {
    let mut wanted = Vec::new();
    for same in in_doubt(files) {
        let is_unknown = same
            .iter()
            .any(|known| known.file.is_hashed && known.file.ends.is_none());
        let mut by_ends: HashMap<Option<[u8; 32]>, Vec<&Known>> = HashMap::new();
        for known in same {
            by_ends.entry(known.file.ends).or_default().push(known);
        }
        for (ends, alike) in by_ends {
            if is_unknown || ends.is_none() || distinct(alike.iter().copied()) > 1 {
                let open = alike.into_iter().filter(|known| !known.file.is_hashed);
                wanted.extend(open.filter(|known| !away.contains(&known.drive)));
            }
        }
    }
    wanted
}

/// Reads files of one drive, each only once if several names lead to it.
fn read_drive(
    catalog: &Catalog,
    batch: &Batch<'_>,
    options: &ScanOptions,
    outside: &Surroundings,
    summary: &mut ReadingSummary,
) -> Result<(), ScanError> {
    let drive = batch.drive;
    let Opened {
        plan,
        tree,
        performance,
    } = batch.on;
    let shard_path = catalog.shard_path(drive);
    let _lock = ShardLock::acquire(&shard_path, "duplicates", outside.clock.now_utc())?;
    let connection = catalog.open_shard(drive, Access::Write)?;
    let failed = |source| ScanError::Write {
        path: shard_path.clone(),
        source,
    };
    tune_for_writing(&connection).map_err(failed)?;
    let mut order: Vec<&SizedFile> = batch.files.iter().collect();
    match performance.profile {
        // About the order on a spinning disk.
        Profile::Hdd | Profile::Usb => order.sort_by_key(|file| (file.inode, file.file_id)),
        Profile::Ssd | Profile::Network => order.sort_by_key(|file| file.file_id),
    }
    let mut first_of: HashMap<i64, i64> = HashMap::new();
    let (mut to_read, mut links) = (Vec::new(), Vec::new());
    for file in order {
        let first = file.inode.map_or(file.file_id, |inode| {
            *first_of.entry(inode).or_insert(file.file_id)
        });
        if first == file.file_id {
            to_read.push((file.file_id, batch.whole));
        } else {
            links.push((first, file.file_id));
        }
    }
    let totals = hashing::fill_queue_with(&connection, &to_read).map_err(failed)?;
    // Nothing that went missing is looked for: no batch is later than this.
    let coarse = plan.volume.coarse_mtime;
    let writer = ReadWriter::begin(&connection, i64::MAX, coarse, outside.clock.as_ref());
    let pump = Pump {
        plan,
        tree: Arc::clone(tree),
        performance,
        headers: false,
        past_cache: false,
        ahead: TASKS_AHEAD,
        time_limit: options.time_limit,
        cancel: outside.cancel.clone(),
    };
    let mut feed = ReadingFeed {
        plan,
        tree,
        connection: &connection,
        shard_path: &shard_path,
        options,
        outside,
        profile: performance.profile,
        writer: writer.map_err(failed)?,
        queue: Queue::default(),
        totals,
        seen: 0,
        bytes: 0,
        began: Instant::now(),
        shown: Instant::now(),
        summary,
    };
    let done = pump.run(&mut feed);
    feed.writer.commit().map_err(failed)?;
    feed.summary.bytes_read += feed.bytes;
    drop(feed);
    sizes::share_with_links(&connection, &links).map_err(failed)?;
    // What was hashed can be searched for, and makes duplicates.
    scan::refresh_index(&connection, &shard_path, outside.sink.as_ref());
    done
}

/// Gives out what is to be read on a drive, and writes what came of it.
struct ReadingFeed<'r> {
    plan: &'r Plan,
    tree: &'r Arc<dyn Tree>,
    connection: &'r Connection,
    shard_path: &'r Path,
    options: &'r ScanOptions,
    outside: &'r Surroundings,
    profile: Profile,
    writer: ReadWriter<'r>,
    queue: Queue,
    totals: Totals,
    seen: u64,
    bytes: u64,
    began: Instant,
    shown: Instant,
    summary: &'r mut ReadingSummary,
}

impl ReadingFeed<'_> {
    fn write(&self, source: rusqlite::Error) -> ScanError {
        ScanError::Write {
            path: PathBuf::from(self.shard_path),
            source,
        }
    }

    fn problem(&mut self, problem: Problem) {
        *self.summary.problems.entry(problem.kind).or_default() += 1;
        self.outside.sink.event(Event::Problem(problem));
    }
}

impl Feed for ReadingFeed<'_> {
    fn next(&mut self) -> Result<Option<ReadTask>, ScanError> {
        self.queue
            .next(self.connection)
            .map_err(|error| self.write(error))
    }

    fn take(&mut self, task: &ReadTask, outcome: Outcome) -> Result<(), ScanError> {
        self.seen += 1;
        match outcome {
            Outcome::Cancelled => {}
            Outcome::Failed(problem) => self.problem(problem),
            Outcome::Read(result) => {
                self.summary.ends_read += u64::from(result.ends.is_some());
                self.summary.files_hashed += u64::from(result.hash.is_some());
                self.writer
                    .take(task, &result)
                    .map_err(|error| self.write(error))?;
            }
        }
        Ok(())
    }

    fn check_presence(&mut self) -> Result<(), ScanError> {
        self.writer.commit().map_err(|error| self.write(error))?;
        guard::check_presence(self.tree, &self.plan.root, self.options.time_limit)
    }

    fn tick(&mut self, bytes: u64) -> Result<(), ScanError> {
        let interval = pacing::batch_interval(self.options.batch_interval, self.profile);
        self.writer
            .commit_if(self.options.batch_files, interval)
            .map_err(|error| self.write(error))?;
        self.bytes = bytes;
        if self.shown.elapsed() >= 4 * TICK {
            self.shown = Instant::now();
            self.outside.sink.event(Event::Progress(Progress {
                elapsed_s: self.began.elapsed().as_secs_f64(),
                files_seen: self.seen,
                total_av: self.totals.av_files,
                bytes_done: self.bytes,
                bytes_total: (self.totals.bytes > 0).then_some(self.totals.bytes),
                ..Progress::begun(Phase::Hashing, self.totals.files)
            }));
        }
        Ok(())
    }
}
