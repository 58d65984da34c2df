//! Reports, of one drive or of several together; the names are those of `report --json`. The five documented ones are here
//! and come as one [`Bundle`]; each other one has a file of its own.
//!
//! They are of the files that are there: deleted ones are in none of them.

pub mod changes;
pub mod days;
pub mod document;
pub mod duplicates;
pub mod files;
pub mod media;
mod place;
mod read;
pub mod singles;
pub mod space;
mod tables;

use std::collections::HashMap;
use std::ops::Bound;
use std::time::Instant;

use serde::Serialize;

pub use self::place::FilePlace;
pub use self::read::Source;

use crate::cancel::CancelToken;
use crate::catalog::drives::Drive;
use crate::catalog::store::Catalog;
use crate::media::Category;
use crate::path::absolute_text;
use crate::search::query::{Condition, Expr, Interval, Query};
use crate::search::sums::{Sum, Sums};
use crate::search::{Hit, Order, Request, Searcher};

/// Microseconds of a day.
const DAY_US: i64 = 86_400_000_000;

/// Extensions up to this length are shown with a dot, as they always were.
const LONGEST_DOTTED: usize = 6;

/// How long the lists are, and what they look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Params {
    /// Entries of top extensions, heaviest folders and recent changes.
    pub top_n: usize,
    /// Folders are added up so many names below the drive's root; 0: every folder by itself.
    pub folder_depth: usize,
    /// How far back recent changes go.
    pub recent_days: u32,
    /// Entries of largest files.
    pub largest_limit: usize,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            top_n: 20,
            folder_depth: 2,
            recent_days: 30,
            largest_limit: 100,
        }
    }
}

/// All five reports.
#[derive(Clone, Debug, Serialize)]
pub struct Bundle {
    /// The drive; `None`: several together.
    pub drive_label: Option<String>,
    /// How long it took.
    pub elapsed_ms: f64,
    /// What was asked for.
    pub params: Params,
    /// Totals.
    pub overview: Overview,
    /// By extension.
    pub top_extensions: TopExtensions,
    /// The largest files.
    pub largest_files: Vec<FileEntry>,
    /// The folders with most bytes.
    pub heaviest_folders: Vec<FolderEntry>,
    /// What was written to of late.
    pub recent_changes: RecentChanges,
    /// Drives that could not be read, and why.
    pub unread: Vec<String>,
}

/// Totals, and each category.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Overview {
    /// Files.
    pub total_files: u64,
    /// Their bytes.
    pub total_size: u64,
    /// Bytes a file, rounded down.
    pub average_size: u64,
    /// Where the counts are from: always the inventory.
    pub source: &'static str,
    /// Each category, the one with most files first.
    pub categories: Vec<CategoryEntry>,
}

/// A category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CategoryEntry {
    /// Its name.
    pub category: String,
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Extensions that are in front by count or by bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TopExtensions {
    /// Up to twice as many as were asked for.
    pub entries: Vec<ExtensionEntry>,
}

/// An extension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExtensionEntry {
    /// With its dot; empty: none.
    pub extension: String,
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Place by count; `None`: not in front.
    pub rank_count: Option<u64>,
    /// Place by bytes.
    pub rank_size: Option<u64>,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileEntry {
    /// Absolute, at the drive's last mount.
    pub path: String,
    /// Relative to the drive's root.
    pub rel_path: String,
    /// Its drive.
    pub drive_label: String,
    /// Length in bytes.
    pub size_bytes: Option<i64>,
    /// Last modification.
    pub mtime_utc: Option<String>,
    /// Category.
    pub category: String,
}

/// A folder, with what lies below it from the depth that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FolderEntry {
    /// Absolute, at the drive's last mount.
    pub folder: String,
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Files that were written to of late.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RecentChanges {
    /// How many there are.
    pub total: u64,
    /// The newest of them.
    pub rows: Vec<FileEntry>,
}

/// Makes all five reports of some drives. A drive whose shard cannot be read is named, and the others are reported on.
/// `None` if it was cancelled.
pub fn bundle(
    searcher: &Searcher,
    catalog: &Catalog,
    drives: &[Drive],
    params: Params,
    now_us: i64,
    cancel: &CancelToken,
) -> Option<Bundle> {
    let began = Instant::now();
    let (mut read, mut unread, mut sums) = (Vec::new(), Vec::new(), Vec::new());
    for drive in drives {
        match searcher.sums(catalog, drive) {
            Ok(own) => {
                read.push(drive.clone());
                sums.push(own);
            }
            Err(reason) => unread.push(format!("`{}`: {reason}", drive.label)),
        }
        if cancel.is_cancelled() {
            return None;
        }
    }
    let source = Source {
        searcher,
        catalog,
        cancel,
    };
    let (largest, gone) = first_files(
        source,
        &read,
        Expr::Everything,
        Order::Largest,
        params.largest_limit,
    );
    unread.extend(gone);
    let since = modified_since(now_us, params.recent_days);
    let (recent, gone) = first_files(source, &read, since, Order::Newest, params.top_n);
    unread.extend(gone);
    let bundle = Bundle {
        drive_label: match drives {
            [drive] => Some(drive.label.clone()),
            _ => None,
        },
        params,
        overview: overview(&sums),
        top_extensions: top_extensions(&sums, params.top_n),
        largest_files: largest.rows,
        heaviest_folders: heaviest_folders(&read, &sums, params.folder_depth, params.top_n),
        recent_changes: recent,
        unread,
        elapsed_ms: began.elapsed().as_secs_f64() * 1e3,
    };
    (!cancel.is_cancelled()).then_some(bundle)
}

/// Returns totals and categories.
pub fn overview(sums: &[Sums]) -> Overview {
    let mut all = Sum::default();
    let mut categories: HashMap<&str, Sum> = Category::ALL
        .into_iter()
        .map(|category| (category.name(), Sum::default()))
        .collect();
    for ((_, category), sum) in sums.iter().flat_map(Sums::kinds) {
        all.add(*sum);
        categories.entry(category).or_default().add(*sum);
    }
    let mut entries: Vec<CategoryEntry> = categories
        .into_iter()
        .map(|(category, sum)| CategoryEntry {
            category: category.to_owned(),
            files: sum.files,
            bytes: sum.bytes,
        })
        .collect();
    entries.sort_by(|a, b| (b.files, &a.category).cmp(&(a.files, &b.category)));
    Overview {
        total_files: all.files,
        total_size: all.bytes,
        average_size: all.bytes.checked_div(all.files).unwrap_or(0),
        source: "inventory",
        categories: entries,
    }
}

/// Returns the extensions that are among the first by count or by bytes.
pub fn top_extensions(sums: &[Sums], top_n: usize) -> TopExtensions {
    let mut by_extension: HashMap<&str, Sum> = HashMap::new();
    for ((extension, _), sum) in sums.iter().flat_map(Sums::kinds) {
        by_extension.entry(extension.trim()).or_default().add(*sum);
    }
    let ranks = |key: fn(&Sum) -> u64| -> HashMap<&str, u64> {
        let mut order: Vec<(&str, u64)> = by_extension
            .iter()
            .map(|(extension, sum)| (*extension, key(sum)))
            .collect();
        order.sort_by(|a, b| (b.1, a.0).cmp(&(a.1, b.0)));
        let first = order.into_iter().take(top_n);
        first
            .zip(1..)
            .map(|((extension, _), rank)| (extension, rank))
            .collect()
    };
    let (by_count, by_size) = (ranks(|sum| sum.files), ranks(|sum| sum.bytes));
    let mut entries: Vec<ExtensionEntry> = by_extension
        .iter()
        .filter(|(extension, _)| {
            by_count.contains_key(*extension) || by_size.contains_key(*extension)
        })
        .map(|(extension, sum)| ExtensionEntry {
            extension: dotted(extension),
            files: sum.files,
            bytes: sum.bytes,
            rank_count: by_count.get(extension).copied(),
            rank_size: by_size.get(extension).copied(),
        })
        .collect();
    let place = |rank: Option<u64>| rank.unwrap_or(u64::MAX);
    entries.sort_by(|a, b| {
        (place(a.rank_count), place(a.rank_size), &a.extension).cmp(&(
            place(b.rank_count),
            place(b.rank_size),
            &b.extension,
        ))
    });
    TopExtensions { entries }
}

fn dotted(extension: &str) -> String {
    let lower = extension.to_lowercase();
    if lower.is_empty() || lower.len() > LONGEST_DOTTED {
        lower
    } else {
        format!(".{lower}")
    }
}

/// Returns the folders with most bytes, added up at a depth below their drive's root.
pub fn heaviest_folders(
    drives: &[Drive],
    sums: &[Sums],
    depth: usize,
    top_n: usize,
) -> Vec<FolderEntry> {
    let mut entries = Vec::new();
    for (drive, sums) in drives.iter().zip(sums) {
        let folders = sums.heaviest_folders(depth, top_n).into_iter();
        entries.extend(folders.map(|(path, sum)| {
            let absolute = if path.is_empty() {
                drive.mount_path.clone().into_bytes()
            } else {
                absolute_text(&drive.mount_path, sums.separator, path)
            };
            FolderEntry {
                folder: String::from_utf8_lossy(&absolute).into_owned(),
                files: sum.files,
                bytes: sum.bytes,
            }
        }));
    }
    entries.sort_by(|a, b| (b.bytes, &a.folder).cmp(&(a.bytes, &b.folder)));
    entries.truncate(top_n);
    entries
}

/// Returns the largest files of some drives.
///
/// # Errors
/// The drives that could not be read, and why.
pub fn largest_files(
    source: Source<'_>,
    drives: &[Drive],
    limit: usize,
) -> Result<Vec<FileEntry>, Vec<String>> {
    whole(first_files(
        source,
        drives,
        Expr::Everything,
        Order::Largest,
        limit,
    ))
    .map(|found| found.rows)
}

/// Returns the files of some drives that were written to in the last `days`.
///
/// # Errors
/// The drives that could not be read, and why.
pub fn recent_changes(
    source: Source<'_>,
    drives: &[Drive],
    now_us: i64,
    days: u32,
    limit: usize,
) -> Result<RecentChanges, Vec<String>> {
    whole(first_files(
        source,
        drives,
        modified_since(now_us, days),
        Order::Newest,
        limit,
    ))
}

fn modified_since(now_us: i64, days: u32) -> Expr {
    let since = now_us.saturating_sub(i64::from(days).saturating_mul(DAY_US));
    Expr::Is(Condition::ModifiedUs(Interval {
        low: Bound::Included(since),
        high: Bound::Unbounded,
    }))
}

fn whole((found, unread): (RecentChanges, Vec<String>)) -> Result<RecentChanges, Vec<String>> {
    if unread.is_empty() {
        Ok(found)
    } else {
        Err(unread)
    }
}

/// Returns the first files in an order and how many there are, and the drives that could not be read.
fn first_files(
    source: Source<'_>,
    drives: &[Drive],
    expr: Expr,
    order: Order,
    limit: usize,
) -> (RecentChanges, Vec<String>) {
    let query = Query {
        expr,
        mentions_deleted: false,
    };
    let request = Request {
        query: &query,
        order,
        offset: 0,
        limit,
    };
    let never = |_: &Drive| false;
    let found = source
        .searcher
        .run(source.catalog, drives, &request, &never, source.cancel);
    let first = RecentChanges {
        total: found.total_matched,
        rows: found.results.into_iter().map(FileEntry::from).collect(),
    };
    (first, found.unsearched)
}

impl From<Hit> for FileEntry {
    fn from(hit: Hit) -> Self {
        Self {
            path: hit.path,
            rel_path: hit.rel_path,
            drive_label: hit.drive_label,
            size_bytes: hit.size_bytes,
            mtime_utc: hit.mtime_utc,
            category: hit.category,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_extensions_have_a_dot() {
        assert_eq!(dotted("mkv"), ".mkv");
        assert_eq!(dotted("torrent"), "torrent");
        assert_eq!(dotted(""), "");
    }
}
