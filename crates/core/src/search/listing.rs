//! A drive's files in the order of their paths, page by page: any page costs as much as the first.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::bits::Places;
use super::index::fresh::Snapshot;
use super::index::order::{parts_of, split};
use super::query::Query;
use super::{Hit, Place, Searcher, hit_of, ready};
use crate::catalog::drives::Drive;
use crate::catalog::store::Catalog;

/// Lists of what different filters leave that are kept for the next page.
const LISTS_KEPT: usize = 8;

/// Some files of a drive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// How many there are in all.
    pub total: usize,
    /// The ones that were asked for.
    pub rows: Vec<Hit>,
}

/// The part in which a file is, and its number there.
type Entry = (u32, u32);

/// What was found out about the order of a snapshot's files; it stays right as long as the snapshot does.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    live: OnceLock<Arc<Vec<Entry>>>,
    filtered: Mutex<Vec<(String, Arc<Vec<Entry>>)>>,
}

impl Searcher {
    /// Returns the files of one drive that match, in the order of their paths without case: `limit` of them after the first
    /// `offset`.
    ///
    /// # Errors
    /// Why the drive cannot be read.
    pub fn page(
        &self,
        catalog: &Catalog,
        drive: &Drive,
        query: &Query,
        offset: usize,
        limit: usize,
    ) -> Result<Page, String> {
        let searched = self.snapshot(catalog, drive, &query.expr)?;
        let snapshot = &searched.snapshot;
        let entries = match &query.expr {
            super::query::Expr::Everything if !query.mentions_deleted => snapshot.live(),
            _ => snapshot.filtered(format!("{query:?}"), || {
                let tasks = ready(&searched, query, &|_| false, &[]);
                let mut found: Vec<Vec<Places>> = vec![Vec::new(); snapshot.parts.len()];
                for task in &tasks {
                    let index = &task.part.index;
                    let blocks = (0..index.blocks()).map(|at| {
                        let block = index.block(at);
                        block.map_or_else(|| Places::none(0), |block| task.matches(at, &block))
                    });
                    if let Some(found) = found.get_mut(task.number) {
                        *found = blocks.collect();
                    }
                }
                found
            }),
        };
        let rows = entries.iter().skip(offset).take(limit);
        Ok(Page {
            total: entries.len(),
            rows: rows
                .filter_map(|&(part, number)| {
                    let (block, file) = split(number);
                    hit_of(
                        drive,
                        snapshot,
                        snapshot.parts.get(part as usize)?,
                        Place::new(part, block, file),
                    )
                })
                .collect(),
        })
    }
}

impl Snapshot {
    /// Returns the files that are there.
    fn live(&self) -> Arc<Vec<Entry>> {
        let live = || {
            Arc::new(self.merged(|part, number| {
                let (block, file) = split(number);
                let Some(part) = self.parts.get(part as usize) else {
                    return false;
                };
                let masked = part.masked(block).get(file / 64).copied().unwrap_or(0);
                masked >> (file % 64) & 1 == 0
                    && part
                        .index
                        .block(block)
                        .is_some_and(|block| !block.is_deleted(file))
            }))
        };
        Arc::clone(self.lists.live.get_or_init(live))
    }

    /// Returns the files that a filter leaves, which `find` finds if nobody asked for them before.
    fn filtered(&self, filter: String, find: impl FnOnce() -> Vec<Vec<Places>>) -> Arc<Vec<Entry>> {
        let kept = || {
            self.lists
                .filtered
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some((_, entries)) = kept().iter().find(|(kept, _)| *kept == filter) {
            return Arc::clone(entries);
        }
        let found = find();
        let entries = Arc::new(self.merged(|part, number| {
            let (block, file) = split(number);
            let places = found.get(part as usize).and_then(|part| part.get(block));
            places.is_some_and(|places| places.contains(file))
        }));
        let mut kept = kept();
        kept.truncate(LISTS_KEPT - 1);
        kept.insert(0, (filter, Arc::clone(&entries)));
        entries
    }

    /// Returns the files of all parts that `counts`, in the order of their paths.
    fn merged(&self, counts: impl Fn(u32, u32) -> bool) -> Vec<Entry> {
        let mut merged: Vec<Entry> = Vec::new();
        for (number, part) in (0_u32..).zip(&self.parts) {
            let order = part.index.path_order().iter().map(|file| (number, *file));
            let own = order.filter(|(part, file)| counts(*part, *file));
            if merged.is_empty() {
                merged = own.collect();
            } else {
                merged = self.merge(&merged, own);
            }
        }
        merged
    }

    fn merge(&self, first: &[Entry], second: impl Iterator<Item = Entry>) -> Vec<Entry> {
        let parts = |(part, number): Entry| {
            let part = self.parts.get(part as usize)?;
            Some(parts_of(&part.index, number))
        };
        let mut merged = Vec::with_capacity(first.len());
        let mut rest = first;
        for entry in second {
            let Some(path) = parts(entry) else { continue };
            // Few come in between many.
            let before = rest.partition_point(|other| {
                parts(*other).is_some_and(|other| other.compare(path).is_lt())
            });
            let (done, left) = rest.split_at(before);
            merged.extend_from_slice(done);
            merged.push(entry);
            rest = left;
        }
        merged.extend_from_slice(rest);
        merged
    }
}
