//! What the files of a drive add up to, by kind and by folder: from the index's own sums, less the rows that no longer count.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use foldhash::fast::RandomState;

use super::Searcher;
use super::index::fresh::{Part, Snapshot};
use super::query::Expr;
use crate::catalog::drives::Drive;
use crate::catalog::store::Catalog;

/// Depths whose sums are kept for the next report.
const DEPTHS_KEPT: usize = 4;

/// How many files, and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Files.
    pub files: u64,
    /// Bytes of all of them.
    pub bytes: u64,
}

impl Sum {
    /// Adds another.
    pub fn add(&mut self, other: Self) {
        self.files = self.files.saturating_add(other.files);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }

    fn remove(&mut self, other: Self) {
        self.files = self.files.saturating_sub(other.files);
        self.bytes = self.bytes.saturating_sub(other.bytes);
    }
}

/// The files of one drive that are there, added up.
#[derive(Clone, Debug)]
pub struct Sums {
    totals: Arc<Totals>,
    snapshot: Arc<Snapshot>,
    /// What stands between names on the drive's home system.
    pub separator: char,
}

/// What the files of a snapshot add up to.
#[derive(Debug, Default)]
struct Totals {
    /// By extension (lower case, no dot, empty for none) and category.
    kinds: HashMap<(String, String), Sum>,
    /// By part of the index and by folder there; only files directly in it.
    folders: Vec<Vec<Sum>>,
}

/// A folder: its part of the index, its place there, and how many bytes of its path count.
#[derive(Clone, Copy, Debug)]
struct FolderAt {
    part: usize,
    place: usize,
    length: usize,
}

type FolderSums = Arc<Vec<(FolderAt, Sum)>>;

/// Sums that were asked for; they stay right as long as the snapshot does.
#[derive(Debug, Default)]
pub(crate) struct KeptSums {
    totals: OnceLock<Arc<Totals>>,
    by_depth: Mutex<Vec<(usize, FolderSums)>>,
}

impl Searcher {
    /// Adds up the files of a drive.
    ///
    /// # Errors
    /// Why its shard cannot be read.
    pub fn sums(&self, catalog: &Catalog, drive: &Drive) -> Result<Sums, String> {
        let searched = self.snapshot(catalog, drive, &Expr::Everything)?;
        let snapshot = searched.snapshot;
        let totals = snapshot.sums.totals.get_or_init(|| {
            let mut totals = Totals::default();
            for part in &snapshot.parts {
                totals.take(part);
            }
            Arc::new(totals)
        });
        Ok(Sums {
            totals: Arc::clone(totals),
            separator: snapshot.root.separator,
            snapshot,
        })
    }
}

impl Sums {
    /// Returns the sums by extension (lower case, no dot, empty for none) and category.
    pub fn kinds(&self) -> &HashMap<(String, String), Sum> {
        &self.totals.kinds
    }

    /// Returns all files together.
    pub fn all(&self) -> Sum {
        let mut all = Sum::default();
        self.totals.kinds.values().for_each(|sum| all.add(*sum));
        all
    }

    /// Returns the folders with most bytes, relative to the root, in no order. They are added up so many names below the root;
    /// 0: each by itself. There are more than `most` of them if some have as many bytes as the last.
    pub fn heaviest_folders(&self, depth: usize, most: usize) -> Vec<(&[u8], Sum)> {
        let folders = self.added_up(depth);
        let mut bytes: Vec<u64> = folders.iter().map(|(_, sum)| sum.bytes).collect();
        let least = match most.checked_sub(1) {
            None => return Vec::new(),
            Some(last) if last < bytes.len() => {
                *bytes.select_nth_unstable_by(last, |a, b| b.cmp(a)).1
            }
            Some(_) => 0,
        };
        let heaviest = folders.iter().filter(|(_, sum)| sum.bytes >= least);
        let named = heaviest.map(|(at, sum)| (self.path(*at), *sum));
        named.collect()
    }

    fn path(&self, at: FolderAt) -> &[u8] {
        let part = self.snapshot.parts.get(at.part);
        let folders = part.and_then(|part| part.index.folders());
        let path = folders.map_or(&[][..], |folders| folders.path(at.place));
        path.get(..at.length).unwrap_or(path)
    }

    fn added_up(&self, depth: usize) -> FolderSums {
        let kept = || {
            let kept = self.snapshot.sums.by_depth.lock();
            // What is in it is right even if somebody died while adding to it.
            kept.unwrap_or_else(PoisonError::into_inner)
        };
        if let Some((_, folders)) = kept().iter().find(|(known, _)| *known == depth) {
            return Arc::clone(folders);
        }
        let folders = Arc::new(self.add_up(depth));
        let mut kept = kept();
        kept.truncate(DEPTHS_KEPT - 1);
        kept.insert(0, (depth, Arc::clone(&folders)));
        folders
    }

    fn add_up(&self, depth: usize) -> Vec<(FolderAt, Sum)> {
        let mut added: HashMap<&[u8], (FolderAt, Sum), RandomState> = HashMap::default();
        let parts = self.snapshot.parts.iter().zip(&self.totals.folders);
        for (part, (one, sums)) in parts.enumerate() {
            let Some(folders) = one.index.folders() else {
                continue;
            };
            for (place, sum) in sums.iter().enumerate().filter(|(_, sum)| sum.files > 0) {
                let path = cut(folders.path(place), depth);
                let at = FolderAt {
                    part,
                    place,
                    length: path.len(),
                };
                added
                    .entry(path)
                    .or_insert((at, Sum::default()))
                    .1
                    .add(*sum);
            }
        }
        added.into_values().collect()
    }
}

/// Cuts a path to its first `depth` names; 0 leaves it whole.
fn cut(path: &[u8], depth: usize) -> &[u8] {
    let mut slashes = memchr::memchr_iter(b'/', path);
    match slashes.nth(depth.wrapping_sub(1)) {
        Some(at) => path.get(..at).unwrap_or(path),
        None => path,
    }
}

impl Totals {
    fn take(&mut self, part: &Part) {
        let Some(folders) = part.index.folders() else {
            self.folders.push(Vec::new());
            return;
        };
        let mut by_kind: Vec<Sum> = part
            .index
            .kinds()
            .iter()
            .map(|kind| Sum {
                files: kind.files,
                bytes: kind.bytes,
            })
            .collect();
        let mut by_folder: Vec<Sum> = folders
            .files()
            .iter()
            .zip(folders.bytes())
            .map(|(&files, &bytes)| Sum { files, bytes })
            .collect();
        remove_masked(part, &mut by_kind, &mut by_folder);
        for (kind, sum) in part.index.kinds().iter().zip(by_kind) {
            if sum.files > 0 {
                let key = (kind.ext.clone().unwrap_or_default(), kind.category.clone());
                self.kinds.entry(key).or_default().add(sum);
            }
        }
        self.folders.push(by_folder);
    }
}

fn remove_masked(part: &Part, by_kind: &mut [Sum], by_folder: &mut [Sum]) {
    for number in 0..part.index.blocks() {
        if part.masked(number).is_empty() {
            continue;
        }
        let Some(block) = part.index.block(number) else {
            continue;
        };
        let mut gone = super::bits::Places::all(block.files);
        gone.keep_bits(part.masked(number), true);
        gone.keep_bits(block.deleted(), false);
        gone.each(|place| {
            let size = block.sizes().get(place).copied().unwrap_or(0).max(0);
            let one = Sum {
                files: 1,
                bytes: size.unsigned_abs(),
            };
            let kind = block.kinds().get(place).map(|kind| *kind as usize);
            let folder = block.folders().get(place).map(|folder| *folder as usize);
            if let Some(sum) = kind.and_then(|kind| by_kind.get_mut(kind)) {
                sum.remove(one);
            }
            if let Some(sum) = folder.and_then(|folder| by_folder.get_mut(folder)) {
                sum.remove(one);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_cut_below_the_root() {
        for (path, depth, expected) in [
            ("", 2, ""),
            ("a", 2, "a"),
            ("a/b", 2, "a/b"),
            ("a/b/c", 2, "a/b"),
            ("a/b/c", 1, "a"),
            ("a/b/c", 0, "a/b/c"),
            ("a/b/c", 9, "a/b/c"),
        ] {
            assert_eq!(
                cut(path.as_bytes(), depth),
                expected.as_bytes(),
                "{path} {depth}"
            );
        }
    }
}
