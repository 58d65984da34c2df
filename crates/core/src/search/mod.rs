//! Finding files over every drive, plugged in or not.
//!
//! Each drive's shard has an [`index`] beside it. A [`query`] is made ready for each (`plan`), every block of files is
//! narrowed down on as many threads as there are processors, hits are counted and the first of them kept (`best`).
//! While a scan is writing, what it changed since the index was made is read from the shard.

mod best;
pub(crate) mod bits;
pub mod fold;
pub mod index;
pub mod listing;
mod live;
mod mark;
mod plan;
pub mod query;
pub mod sums;

use std::collections::HashMap;
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering as Atomic};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rusqlite::Connection;
use serde::Serialize;

use self::best::{Best, Place};
use self::bits::Places;
use self::index::fresh::{Part, Snapshot};
use self::mark::Mark;
use self::plan::{Facts, FilePath, Node};
use self::query::{Condition, Expr, Query};
use crate::cancel::CancelToken;
use crate::catalog::drives::Drive;
use crate::catalog::indexing;
use crate::catalog::store::Catalog;
use crate::clock::{Clock, SystemClock, utc_text};
use crate::path::bytes_to_os;
use crate::path::display::printable;

/// The order of results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Last modified first.
    #[default]
    Newest,
    /// First modified first.
    Oldest,
    /// Largest first.
    Largest,
    /// Smallest first.
    Smallest,
    /// By name, case and accents aside.
    Name,
    /// By path.
    Path,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// What files must be like.
    pub query: &'a Query,
    /// Which come first.
    pub order: Order,
    /// How many are left out before the first.
    pub offset: usize,
    /// How many are wanted after that.
    pub limit: usize,
}

/// One file that was found; the names are those of `search --json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// Its drive.
    pub drive_label: String,
    /// Its number in the drive's shard; it stays through moves, deletion and return.
    pub file_id: i64,
    /// Absolute path at the drive's last known mount; bytes that are no UTF-8 are replaced.
    pub path: String,
    /// Path relative to the drive's root.
    pub rel_path: String,
    /// The relative path's bytes in base64, where they are no UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_b64: Option<String>,
    /// Name as stored.
    pub name: String,
    /// Extension, lower case, no dot.
    pub ext: Option<String>,
    /// MIME type.
    pub mime: Option<String>,
    /// Category.
    pub category: String,
    /// Length; `None` for rows an older program failed on.
    pub size_bytes: Option<i64>,
    /// Last modification, ISO.
    pub mtime_utc: Option<String>,
    /// Whether it was gone at the last scan.
    pub deleted: bool,
}

impl Hit {
    /// Returns the path relative to the drive's root without loss, as the catalogue has it.
    pub fn relative_bytes(&self) -> Vec<u8> {
        let bytes = self.path_b64.as_ref();
        let bytes = bytes.and_then(|text| STANDARD.decode(text).ok());
        bytes.unwrap_or_else(|| self.rel_path.clone().into_bytes())
    }

    /// Returns the path relative to the drive's root without loss.
    pub fn relative(&self) -> PathBuf {
        let bytes = self.path_b64.as_ref();
        let bytes = bytes.and_then(|text| STANDARD.decode(text).ok());
        bytes.map_or_else(
            || PathBuf::from(&self.rel_path),
            |bytes| bytes_to_os(&bytes).into(),
        )
    }
}

/// What a search found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Found {
    /// How many files match.
    pub total_matched: u64,
    /// Whether there are more than are listed.
    pub truncated: bool,
    /// The first of them.
    pub results: Vec<Hit>,
    /// Drives that could not be searched, and why.
    pub unsearched: Vec<String>,
}

/// Searches, and remembers the indexes it opened: one for a process.
#[derive(Debug, Default)]
pub struct Searcher {
    known: Mutex<HashMap<String, Known>>,
    /// Of each drive: whose turn it is to read what changed.
    turns: Mutex<HashMap<String, Arc<Mutex<()>>>>,
    listings: listing::Listings,
    /// How many threads may search at once; asked for at the first search.
    threads: OnceLock<usize>,
}

/// A drive as it was read last.
#[derive(Clone, Debug)]
struct Known {
    snapshot: Arc<Snapshot>,
    /// As long as the shard's files are these, it is as it was; `None`: that cannot be told from them.
    mark: Option<Mark>,
}

/// One drive being searched.
struct Searched<'a> {
    drive: &'a Drive,
    snapshot: Arc<Snapshot>,
    /// The files of every hash that the query names.
    hashed: Vec<(String, Vec<i64>)>,
}

/// A part of a drive's index, and the query made ready for it.
struct Task<'a> {
    searched: &'a Searched<'a>,
    part: &'a Part,
    node: Node,
}

impl Searcher {
    /// Searches drives. `is_online` says of a drive whether it is there now; it is asked only if the query does.
    ///
    /// A drive whose shard cannot be read is named in the result, and the others are searched.
    pub fn run(
        &self,
        catalog: &Catalog,
        drives: &[Drive],
        request: &Request<'_>,
        is_online: &dyn Fn(&Drive) -> bool,
        cancel: &CancelToken,
    ) -> Found {
        let mut found = Found::default();
        let searched = self.open(catalog, drives, &request.query.expr, &mut found.unsearched);
        let shared = if request
            .query
            .expr
            .asks(&|condition| matches!(condition, Condition::Duplicate(_)))
        {
            self.shared_hashes(catalog)
        } else {
            Vec::new()
        };
        let tasks: Vec<Task<'_>> = searched
            .iter()
            .flat_map(|searched| ready(searched, request.query, is_online, &shared))
            .collect();
        let threads = *self
            .threads
            .get_or_init(|| thread::available_parallelism().map_or(1, NonZero::get));
        let (best, matched) = scan(&tasks, request, cancel, threads);
        found.total_matched = matched;
        found.results = best
            .into_sorted()
            .iter()
            .skip(request.offset)
            .filter_map(|ranked| hit(&tasks, ranked.at))
            .collect();
        let end = request.offset as u64 + found.results.len() as u64;
        found.truncated = found.total_matched > end;
        found
    }

    /// Returns the numbers of the files of one drive that match, ascending.
    ///
    /// # Errors
    /// Why the drive could not be searched.
    pub fn matching(
        &self,
        catalog: &Catalog,
        drive: &Drive,
        query: &Query,
        is_online: &dyn Fn(&Drive) -> bool,
    ) -> Result<Vec<i64>, String> {
        let searched = self.snapshot(catalog, drive, &query.expr)?;
        let shared = self.shared_hashes(catalog);
        let mut ids = Vec::new();
        for task in ready(&searched, query, is_online, &shared) {
            for place in 0..task.part.index.blocks() {
                let Some(block) = task.part.index.block(place) else {
                    continue;
                };
                let found = task.matches(place, &block);
                found.each(|place| ids.extend(block.ids().get(place)));
            }
        }
        ids.sort_unstable();
        Ok(ids)
    }

    fn open<'a>(
        &self,
        catalog: &Catalog,
        drives: &'a [Drive],
        expr: &Expr,
        unsearched: &mut Vec<String>,
    ) -> Vec<Searched<'a>> {
        let mut searched = Vec::new();
        for drive in drives {
            match self.snapshot(catalog, drive, expr) {
                Ok(one) => searched.push(one),
                Err(reason) => unsearched.push(format!("`{}`: {reason}", drive.label)),
            }
        }
        searched
    }

    /// Returns a drive's files as they are now.
    fn snapshot<'a>(
        &self,
        catalog: &Catalog,
        drive: &'a Drive,
        expr: &Expr,
    ) -> Result<Searched<'a>, String> {
        let shard_path = catalog.shard_path(drive);
        let asks_hashes = expr.asks(&|condition| matches!(condition, Condition::Hash(_)));
        let unchanged = || {
            let known = self.known().get(&drive.drive_uid).cloned()?;
            let is_it = !asks_hashes && known.mark.is_some() && known.mark == Mark::of(&shard_path);
            is_it.then_some(Searched {
                drive,
                snapshot: known.snapshot,
                hashed: Vec::new(),
            })
        };
        if let Some(searched) = unchanged() {
            return Ok(searched);
        }
        // Of many who find it changed one reads what changed, or makes the index, and the others have it too.
        let turn = self.turn(drive);
        let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(searched) = unchanged() {
            return Ok(searched);
        }
        // Taken before the shard is read: what is written meanwhile gives it another.
        let mark = Mark::settled(&shard_path, SystemClock.now_us());
        let known = self.known().get(&drive.drive_uid).cloned();
        let known = known.map(|known| known.snapshot);
        let (snapshot, hashed) = catalog
            .with_shard(drive, |connection| {
                Snapshot::take(connection, &shard_path, known.as_ref())
                    .map(|snapshot| (snapshot, hashed(connection, expr)))
            })
            .map_err(|error| error.to_string())?
            .map_err(|error| error.to_string())?;
        let known = Known {
            snapshot: Arc::clone(&snapshot),
            mark,
        };
        self.known().insert(drive.drive_uid.clone(), known);
        Ok(Searched {
            drive,
            snapshot,
            hashed,
        })
    }

    fn turn(&self, drive: &Drive) -> Arc<Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(drive.drive_uid.clone()).or_default())
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<String, Known>> {
        // What is in it is right even if somebody died while adding to it.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the first eight bytes of the hashes that several files have, on whatever drives, ascending. Empty files are
    /// all alike and no duplicates.
    fn shared_hashes(&self, catalog: &Catalog) -> Vec<u64> {
        let mut hashes = Vec::new();
        let drives = catalog.drives().unwrap_or_default();
        for searched in self.open(catalog, &drives, &Expr::Everything, &mut Vec::new()) {
            searched.snapshot.each_live(&CancelToken::new(), |file| {
                if file.size().is_some_and(|size| size > 0) {
                    hashes.extend(file.hash());
                }
            });
        }
        hashes.sort_unstable();
        let mut shared: Vec<u64> = hashes
            .windows(2)
            .filter_map(|pair| match pair {
                [a, b] if a == b => Some(*a),
                _ => None,
            })
            .collect();
        shared.dedup();
        shared
    }
}

impl Part {
    /// Returns the files of a block that count.
    fn there(&self, block: usize, files: usize) -> Places {
        let mut there = Places::all(files);
        there.keep_bits(self.masked(block), false);
        there
    }
}

impl Task<'_> {
    fn matches(&self, number: usize, block: &index::Block<'_>) -> Places {
        let mut found = self.part.there(number, block.files);
        self.node.narrow(&self.part.index, block, &mut found);
        found
    }
}

/// Makes a query ready for each part of a drive's index; parts in which nothing can match are left out.
fn ready<'a>(
    searched: &'a Searched<'a>,
    query: &Query,
    is_online: &dyn Fn(&Drive) -> bool,
    shared: &[u64],
) -> Vec<Task<'a>> {
    let (drive, snapshot) = (searched.drive, &searched.snapshot);
    let facts = Facts {
        label: &fold::fold(drive.label.as_bytes()),
        mount: &plan::folded_mount(&drive.mount_path, snapshot.root.separator),
        is_online: query
            .expr
            .asks(&|condition| matches!(condition, Condition::Online(_)))
            && is_online(drive),
        shared_hashes: shared,
        hashed: &searched.hashed,
    };
    snapshot
        .parts
        .iter()
        .filter_map(|part| {
            let asked = Node::new(&query.expr, &part.index, &facts);
            let node = if query.mentions_deleted {
                asked
            } else {
                let there = Expr::Is(Condition::Deleted(false));
                Node::all([Node::new(&there, &part.index, &facts), asked].into_iter())
            };
            (!matches!(node, Node::Nothing)).then_some(Task {
                searched,
                part,
                node,
            })
        })
        .collect()
}

/// Looks up the files of every hash that the query names.
fn hashed(connection: &Connection, expr: &Expr) -> Vec<(String, Vec<i64>)> {
    let mut found = Vec::new();
    expr.each(&mut |condition| {
        if let Condition::Hash(digits) = condition {
            let ids = indexing::files_of_hash(connection, digits).unwrap_or_default();
            found.push((digits.clone(), ids));
        }
    });
    found
}

/// Goes through all blocks of all parts, on several threads if there are several blocks.
fn scan(
    tasks: &[Task<'_>],
    request: &Request<'_>,
    cancel: &CancelToken,
    threads: usize,
) -> (Best, u64) {
    let jobs: Vec<(usize, usize)> = tasks
        .iter()
        .enumerate()
        .flat_map(|(number, task)| (0..task.part.index.blocks()).map(move |block| (number, block)))
        .collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut best = Best::new(request.order, request.limit.saturating_add(request.offset));
        let mut matched = 0;
        while let Some((number, block)) = jobs.get(next.fetch_add(1, Atomic::Relaxed)).copied() {
            if cancel.is_cancelled() {
                break;
            }
            matched += search_block(tasks, number, block, &mut best);
        }
        (best, matched)
    };
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(jobs.len()))
            .filter_map(|_| {
                thread::Builder::new()
                    .name("search".into())
                    .spawn_scoped(scope, work)
                    .ok()
            })
            .collect();
        let (mut best, mut matched) = work();
        for other in others {
            if let Ok((others, count)) = other.join() {
                best.merge(others);
                matched += count;
            }
        }
        (best, matched)
    })
}

fn search_block(tasks: &[Task<'_>], number: usize, block_number: usize, best: &mut Best) -> u64 {
    let Some(task) = tasks.get(number) else {
        return 0;
    };
    let Some(block) = task.part.index.block(block_number) else {
        return 0;
    };
    let found = task.matches(block_number, &block);
    let mut path = FilePath::new(&task.part.index);
    let part = u32::try_from(number).unwrap_or(u32::MAX);
    best.take(&block, &found, &mut path, |place| {
        Place::new(part, block_number, place)
    });
    found.len() as u64
}

/// Returns what is said of a hit.
fn hit(tasks: &[Task<'_>], at: Place) -> Option<Hit> {
    let task = tasks.get(at.part as usize)?;
    hit_of(task.searched.drive, &task.searched.snapshot, task.part, at)
}

fn hit_of(drive: &Drive, snapshot: &Snapshot, part: &Part, at: Place) -> Option<Hit> {
    let index = &part.index;
    let block = index.block(at.block as usize)?;
    let place = at.file as usize;
    let mut path = FilePath::new(index);
    let rel_path = path.stored(&block, place);
    let separator = snapshot.root.separator;
    let absolute = plan::absolute(&drive.mount_path, separator, rel_path);
    let kind = index.kinds().get(*block.kinds().get(place)? as usize)?;
    Some(Hit {
        drive_label: drive.label.clone(),
        file_id: *block.ids().get(place)?,
        path: text(absolute),
        path_b64: std::str::from_utf8(rel_path)
            .is_err()
            .then(|| STANDARD.encode(rel_path)),
        rel_path: text(rel_path.to_vec()),
        name: text(block.name(place).to_vec()),
        ext: kind.ext.clone(),
        mime: kind.mime.clone(),
        category: kind.category.clone(),
        size_bytes: block.sizes().get(place).copied().filter(|size| *size >= 0),
        mtime_utc: block
            .times()
            .get(place)
            .copied()
            .filter(|time| *time != index::NO_TIME)
            .map(utc_text),
        deleted: block.is_deleted(place),
    })
}

/// Returns bytes as text; what is no UTF-8 is replaced. Nearly everything is, and then this is quicker than to look for what
/// is not.
fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Returns a path for people to read: nothing in it steers a terminal.
pub fn shown(path: &str) -> String {
    printable(path.as_bytes()).into_owned()
}
