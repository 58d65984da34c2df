//! What the files of a drive add up to, by kind and by folder: from the index's own sums, less the rows that no longer count.

use std::collections::HashMap;

use super::Searcher;
use super::index::fresh::Part;
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
    /// By folder, relative to the root; only files directly in it.
    pub folders: HashMap<Vec<u8>, Sum>,
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
        let mut sums = Sums {
            kinds: HashMap::new(),
            folders: HashMap::new(),
            separator: searched.snapshot.root.separator,
        };
        for part in &searched.snapshot.parts {
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

    fn take(&mut self, part: &Part) {
        let Some(folders) = part.index.folders() else {
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
        for (place, sum) in by_folder.into_iter().enumerate() {
            if sum.files > 0 {
                let path = folders.path(place).to_vec();
                self.folders.entry(path).or_default().add(sum);
            }
        }
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
