//! Finding files by name over every drive, plugged in or not.
//!
//! Deliberately simple: every shard is read from end to end and each name folded to lower case. It needs no index and
//! is always right, also while a scan is writing.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rusqlite::Connection;
use serde::Serialize;

use crate::catalog::drives::Drive;
use crate::catalog::store::{Catalog, StoreError};
use crate::catalog::{Access, search as rows};
use crate::clock::utc_text;
use crate::path::{absolute_text, display::printable};

/// The order of results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Last modified first.
    #[default]
    Newest,
    /// Largest first.
    Largest,
    /// By path.
    Path,
}

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Words that must all be in the path relative to the root; case does not count.
    pub words: Vec<String>,
    /// How many results are wanted.
    pub limit: usize,
    /// Which come first.
    pub order: Order,
}

impl Query {
    /// Returns the query for the words of `text`; an empty text finds everything.
    pub fn parse(text: &str, limit: usize, order: Order) -> Self {
        Self {
            words: text
                .to_lowercase()
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
            limit,
            order,
        }
    }

    fn matches(&self, path: &[u8]) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let folded = String::from_utf8_lossy(path).to_lowercase();
        self.words.iter().all(|word| folded.contains(word.as_str()))
    }
}

/// One file that was found; the names are those of `search --json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// Its drive.
    pub drive_label: String,
    /// Absolute path at the drive's last known mount; bytes that are no UTF-8 are replaced.
    pub path: String,
    /// Path relative to the drive's root.
    pub rel_path: String,
    /// Name as stored.
    pub name: String,
    /// Category.
    pub category: String,
    /// Length; `None` for rows an older program failed on.
    pub size_bytes: Option<i64>,
    /// Last modification, ISO.
    pub mtime_utc: Option<String>,
    /// Whether it was gone at the last scan.
    pub deleted: bool,
}

/// What a search found.
#[derive(Clone, Debug, Serialize)]
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

/// Searches drives by their files' paths.
///
/// # Errors
/// When the catalogue cannot be read; a drive whose shard cannot is named in the result.
pub fn run(catalog: &Catalog, drives: &[Drive], query: &Query) -> Result<Found, StoreError> {
    let mut best = BinaryHeap::new();
    let mut found = Found {
        total_matched: 0,
        truncated: false,
        results: Vec::new(),
        unsearched: Vec::new(),
    };
    for drive in drives {
        let searched = catalog
            .open_shard(drive, Access::Read)
            .map_err(|error| error.to_string())
            .and_then(|shard| {
                search_shard(&shard, drive, query, &mut best).map_err(|error| error.to_string())
            });
        match searched {
            Ok(matched) => found.total_matched += matched,
            Err(reason) => found
                .unsearched
                .push(format!("`{}`: {reason}", drive.label)),
        }
    }
    found.results = best
        .into_sorted_vec()
        .into_iter()
        .map(|Ranked { hit, .. }| hit)
        .collect();
    found.truncated = found.total_matched > found.results.len() as u64;
    Ok(found)
}

/// A hit with its place in the order; the greatest is the first to be dropped.
struct Ranked {
    rank: (Reverse<i64>, Vec<u8>),
    hit: Hit,
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank
    }
}

impl Eq for Ranked {}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.rank.cmp(&other.rank)
    }
}

fn search_shard(
    shard: &Connection,
    drive: &Drive,
    query: &Query,
    best: &mut BinaryHeap<Ranked>,
) -> rusqlite::Result<u64> {
    let separator = crate::catalog::shard::root(shard)?.map_or('/', |root| root.separator);
    let mut matched = 0;
    rows::each_live_file(shard, |file| {
        if !query.matches(file.rel_path) {
            return;
        }
        matched += 1;
        let key = match query.order {
            Order::Newest => file.mtime_us.unwrap_or(i64::MIN),
            Order::Largest => file.size_bytes.unwrap_or(-1),
            Order::Path => 0,
        };
        let absolute = absolute_text(&drive.mount_path, separator, file.rel_path);
        let rank = (Reverse(key), absolute);
        if best.len() >= query.limit && best.peek().is_none_or(|worst| worst.rank <= rank) {
            return;
        }
        let hit = Hit {
            drive_label: drive.label.clone(),
            path: String::from_utf8_lossy(&rank.1).into_owned(),
            rel_path: String::from_utf8_lossy(file.rel_path).into_owned(),
            name: String::from_utf8_lossy(file.name).into_owned(),
            category: file.category.to_owned(),
            size_bytes: file.size_bytes,
            mtime_utc: file.mtime_us.map(utc_text),
            deleted: false,
        };
        best.push(Ranked { rank, hit });
        if best.len() > query.limit {
            best.pop();
        }
    })?;
    Ok(matched)
}

/// Returns a path for people to read: nothing in it steers a terminal.
pub fn shown(path: &str) -> String {
    printable(path.as_bytes()).into_owned()
}
