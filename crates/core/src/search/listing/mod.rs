//! A drive's files in the order of their paths, page by page: any page costs as much as the first.
//!
//! What is found out about a drive's files is kept for the next page: their order (four bytes a file) and what the last
//! filters left (an eighth of a byte a file each). Rows that changed since the index was made are put in between.

mod chosen;
pub mod filter;
mod order;
mod text;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use self::chosen::Chosen;
use self::filter::Filter;
use self::order::{PathParts, path_order, split};
pub(crate) use self::text::lowered;
use super::bits::Places;
use super::index::Index;
use super::index::fresh::Snapshot;
use super::query::Expr;
use super::{Hit, Place, Searcher, hit_of};
use crate::catalog::drives::Drive;
use crate::catalog::store::Catalog;

/// What different filters leave that is kept of a drive.
const FILTERS_KEPT: usize = 16;

/// Files whose order is kept, of all drives together; the drive that was asked for last is always kept.
const FILES_KEPT: u64 = 16 << 20;

/// Some files of a drive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// How many there are in all.
    pub total: usize,
    /// The ones that were asked for.
    pub rows: Vec<Hit>,
}

/// The drives of which pages were asked for, the last one at the end.
#[derive(Debug, Default)]
pub(super) struct Listings(Mutex<Vec<Arc<Listing>>>);

/// The files of one drive as they stood at one batch.
#[derive(Debug)]
struct Listing {
    snapshot: Arc<Snapshot>,
    order: Arc<OrderOf>,
    /// The files that changed since the index was made, in the order of their paths.
    changed: OnceLock<Vec<Changed>>,
    /// What filters left, the one used last at the end.
    kept: Mutex<Vec<Arc<Filtered>>>,
}

/// The order of an index's files; it stays while what changed since does not.
#[derive(Debug)]
struct OrderOf {
    index: Arc<Index>,
    separator: char,
    order: OnceLock<Vec<u32>>,
}

/// A file that is not in the index.
#[derive(Clone, Copy, Debug)]
struct Changed {
    /// How many files of the index come before it.
    before: u32,
    part: u32,
    number: u32,
}

/// What a filter leaves.
#[derive(Debug)]
struct Filtered {
    filter: Filter,
    /// Texts are looked for in absolute paths.
    mount_path: String,
    list: OnceLock<List>,
}

/// Files in the order of their paths.
#[derive(Debug, Default)]
struct List {
    /// Places in the order of the index.
    chosen: Chosen,
    /// Files that are not in the index, each with its place in this list.
    changed: Vec<(usize, Changed)>,
}

impl Searcher {
    /// Returns the files of one drive that are there and match, in the order of their paths without case: `limit` of them
    /// after the first `offset`.
    ///
    /// # Errors
    /// Why the drive cannot be read.
    pub fn page(
        &self,
        catalog: &Catalog,
        drive: &Drive,
        filter: &Filter,
        offset: usize,
        limit: usize,
    ) -> Result<Page, String> {
        let snapshot = self.snapshot(catalog, drive, &Expr::Everything)?.snapshot;
        let Some(listing) = self.listings.of(&snapshot) else {
            return Ok(Page::default());
        };
        let filtered = listing.filtered(drive, filter);
        let list = filtered.list.get_or_init(|| listing.list(drive, filter));
        let entries = listing.entries(list, offset).take(limit);
        Ok(Page {
            total: list.len(),
            rows: entries
                .filter_map(|(part, number)| {
                    let (block, file) = split(number);
                    let place = Place::new(part, block, file);
                    hit_of(drive, &snapshot, snapshot.parts.get(part as usize)?, place)
                })
                .collect(),
        })
    }
}

impl Listings {
    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Listing>>> {
        // What is in it is right even if somebody died while adding to it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the listing of a snapshot; of a drive that has no index there is none.
    fn of(&self, snapshot: &Arc<Snapshot>) -> Option<Arc<Listing>> {
        let index = &snapshot.parts.first()?.index;
        let mut kept = self.lock();
        let known = kept
            .iter()
            .position(|known| known.snapshot.root.drive_uid == snapshot.root.drive_uid);
        let known = known.map(|place| kept.remove(place));
        let listing = match known {
            Some(known) if Arc::ptr_eq(&known.snapshot, snapshot) => known,
            known => {
                let separator = snapshot.root.separator;
                let order = known.map(|known| Arc::clone(&known.order)).filter(|order| {
                    Arc::ptr_eq(&order.index, index) && order.separator == separator
                });
                Arc::new(Listing::new(snapshot, index, order))
            }
        };
        kept.push(Arc::clone(&listing));
        let mut files: u64 = kept.iter().map(|kept| kept.order.index.len()).sum();
        while files > FILES_KEPT && kept.len() > 1 {
            files -= kept.remove(0).order.index.len();
        }
        Some(listing)
    }
}

impl Listing {
    fn new(snapshot: &Arc<Snapshot>, index: &Arc<Index>, order: Option<Arc<OrderOf>>) -> Self {
        let fresh = || OrderOf {
            index: Arc::clone(index),
            separator: snapshot.root.separator,
            order: OnceLock::new(),
        };
        Self {
            snapshot: Arc::clone(snapshot),
            order: order.unwrap_or_else(|| Arc::new(fresh())),
            changed: OnceLock::new(),
            kept: Mutex::default(),
        }
    }

    /// Returns the place for what a filter leaves, which is filled by the first who needs it while others wait.
    fn filtered(&self, drive: &Drive, filter: &Filter) -> Arc<Filtered> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept
            .iter()
            .position(|known| known.filter == *filter && known.mount_path == drive.mount_path);
        let filtered = match known {
            Some(place) => kept.remove(place),
            None => Arc::new(Filtered {
                filter: filter.clone(),
                mount_path: drive.mount_path.clone(),
                list: OnceLock::new(),
            }),
        };
        if kept.len() >= FILTERS_KEPT {
            kept.remove(0);
        }
        kept.push(Arc::clone(&filtered));
        filtered
    }

    /// Finds the files that match.
    fn list(&self, drive: &Drive, filter: &Filter) -> List {
        let parts = &self.snapshot.parts;
        let places: Vec<Vec<Places>> = parts
            .iter()
            .map(|part| filter.places(drive, &self.snapshot, part))
            .collect();
        let is_in = |part: u32, number: u32| {
            let (block, file) = split(number);
            let part = places.get(part as usize);
            let block = part.and_then(|part| part.get(block));
            block.is_some_and(|block| block.contains(file))
        };
        let chosen = Chosen::of(self.order.get(), |number| is_in(0, *number));
        let changed = self.changed().iter();
        let changed = changed.filter(|one| is_in(one.part, one.number));
        let changed = changed
            .enumerate()
            .map(|(earlier, one)| (earlier + chosen.count_before(one.before as usize), *one));
        List {
            changed: changed.collect(),
            chosen,
        }
    }

    fn changed(&self) -> &[Changed] {
        self.changed.get_or_init(|| {
            let parts = (0_u32..).zip(&self.snapshot.parts).skip(1);
            let mut all: Vec<Changed> = parts
                .flat_map(|(part, own)| {
                    let order = path_order(&own.index, self.separator());
                    self.order.between(&own.index, part, &order)
                })
                .collect();
            // Of one part they are in order already.
            all.sort_by_key(|one| one.before);
            all
        })
    }

    fn separator(&self) -> u8 {
        self.order.separator as u8
    }

    /// Returns the files of a list from a place on: the part of the snapshot, and the number there.
    fn entries(&self, list: &List, offset: usize) -> impl Iterator<Item = (u32, u32)> {
        let earlier = list.changed.partition_point(|(place, _)| *place < offset);
        let order = self.order.get();
        let mut chosen = list.chosen.from(offset - earlier);
        let mut changed = list.changed.iter().skip(earlier).peekable();
        (offset..list.len()).filter_map(move |place| {
            if let Some((_, one)) = changed.next_if(|(at, _)| *at == place) {
                return Some((one.part, one.number));
            }
            Some((0, *order.get(chosen.next()?)?))
        })
    }
}

impl List {
    fn len(&self) -> usize {
        self.chosen.len() + self.changed.len()
    }
}

impl OrderOf {
    fn get(&self) -> &[u32] {
        self.order
            .get_or_init(|| path_order(&self.index, self.separator as u8))
    }

    /// Finds where the files of another index belong, which come in the order of their paths.
    fn between(&self, other: &Index, part: u32, numbers: &[u32]) -> Vec<Changed> {
        let separator = self.separator as u8;
        let order = self.get();
        let mut before = 0;
        let mut found = Vec::with_capacity(numbers.len());
        for number in numbers {
            let Some(path) = PathParts::of(other, *number, separator) else {
                continue;
            };
            let rest = order.get(before..).unwrap_or_default();
            before += rest.partition_point(|own| {
                PathParts::of(&self.index, *own, separator)
                    .is_some_and(|own| own.compare(path).is_lt())
            });
            found.push(Changed {
                before: u32::try_from(before).unwrap_or(u32::MAX),
                part,
                number: *number,
            });
        }
        found
    }
}
