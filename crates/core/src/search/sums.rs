//! What the files of a drive add up to, by kind and by folder: from the index's own sums, less the rows that no longer count.

use std::collections::HashMap;
use std::sync::Arc;

use super::Searcher;
use super::index::fresh::{Part, Snapshot};
use super::query::Expr;
use crate::catalog::drives::Drive;
use crate::catalog::store::Catalog;

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
    /// By extension (lower case, no dot, empty for none) and category.
    pub kinds: HashMap<(String, String), Sum>,
    /// By part of the index and by folder there; only files directly in it.
    folders: Vec<Vec<Sum>>,
    snapshot: Arc<Snapshot>,
    /// What stands between names on the drive's home system.
    pub separator: char,
}

impl Searcher {
    /// Adds up the files of a drive.
    ///
    /// # Errors
    /// Why its shard cannot be read.
    pub fn sums(&self, catalog: &Catalog, drive: &Drive) -> Result<Sums, String> {
        let searched = self.snapshot(catalog, drive, &Expr::Everything)?;
        let snapshot = searched.snapshot;
        let mut sums = Sums {
            kinds: HashMap::new(),
            folders: Vec::new(),
            separator: snapshot.root.separator,
            snapshot: Arc::clone(&snapshot),
        };
        for part in &snapshot.parts {
            sums.take(part);
        }
        Ok(sums)
    }
}

impl Sums {
    /// Returns all files together.
    pub fn all(&self) -> Sum {
        let mut all = Sum::default();
        self.kinds.values().for_each(|sum| all.add(*sum));
        all
    }

    /// Returns folders, relative to the root, with the sums of the files directly in them. One may come more than once, with
    /// a part of them each time.
    pub fn folders(&self) -> impl Iterator<Item = (&[u8], Sum)> {
        let parts = self.snapshot.parts.iter().zip(&self.folders);
        let folders = parts.filter_map(|(part, sums)| Some((part.index.folders()?, sums)));
        folders.flat_map(|(folders, sums)| {
            let places = sums.iter().copied().enumerate();
            places
                .filter(|(_, sum)| sum.files > 0)
                .map(move |(place, sum)| (folders.path(place), sum))
        })
    }

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
