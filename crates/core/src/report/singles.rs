//! What is lost if a drive dies: files whose content is on no other drive.

use std::collections::HashMap;

use serde::Serialize;

use super::read::{ReadDrive, Source};
use crate::catalog::drives::Drive;
use crate::media::Category;
use crate::search::sums::Sum;

/// Content: the first eight bytes of its hash, and its length.
type Key = (u64, u64);

/// Each drive, and what of it is nowhere else.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SinglesReport {
    /// The drives that were asked for.
    pub drives: Vec<SinglesEntry>,
    /// Drives that could not be read, and why. What is on them as well counts as nowhere else.
    pub unread: Vec<String>,
}

/// A drive, and what of it is nowhere else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SinglesEntry {
    /// The drive.
    pub drive_label: String,
    /// All categories together.
    pub total: SinglesSums,
    /// Each category that has files.
    pub categories: Vec<SinglesCategory>,
}

/// A category of a drive's files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SinglesCategory {
    /// Its name.
    pub category: String,
    /// Its files.
    #[serde(flatten)]
    pub sums: SinglesSums,
}

/// Files by where else their content is. Empty files are in none of these: there is nothing in them to lose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SinglesSums {
    /// Files whose content is on no other drive.
    pub single_files: u64,
    /// Their bytes.
    pub single_bytes: u64,
    /// Files whose content is on another drive too.
    pub elsewhere_files: u64,
    /// Their bytes.
    pub elsewhere_bytes: u64,
    /// Files that were not hashed: nobody knows.
    pub unknown_files: u64,
    /// Their bytes.
    pub unknown_bytes: u64,
}

impl SinglesSums {
    fn add(&mut self, [single, elsewhere, unknown]: [Sum; 3]) {
        self.single_files += single.files;
        self.single_bytes = self.single_bytes.saturating_add(single.bytes);
        self.elsewhere_files += elsewhere.files;
        self.elsewhere_bytes = self.elsewhere_bytes.saturating_add(elsewhere.bytes);
        self.unknown_files += unknown.files;
        self.unknown_bytes = self.unknown_bytes.saturating_add(unknown.bytes);
    }
}

/// Returns what is only on each of some drives; all drives of the catalogue are looked at. `None` if it was cancelled.
pub fn single_copies(
    source: Source<'_>,
    drives: &[Drive],
    all_drives: &[Drive],
) -> Option<SinglesReport> {
    let mut report = SinglesReport::default();
    let read = source.read(all_drives, &mut report.unread);
    let owners = owners(source, &read);
    for (number, one) in read.iter().enumerate() {
        if drives
            .iter()
            .any(|drive| drive.drive_uid == one.drive.drive_uid)
        {
            report.drives.push(entry(source, number, one, &owners));
        }
    }
    source.unless_cancelled(report)
}

/// Returns for each content the drive that has it; `None`: several have.
fn owners(source: Source<'_>, read: &[ReadDrive<'_>]) -> HashMap<Key, Option<usize>> {
    let mut owners: HashMap<Key, Option<usize>> = HashMap::new();
    for (number, one) in read.iter().enumerate() {
        one.files.each_live(source.cancel, |file| {
            if let (Some(hash), Some(size)) = (file.hash(), file.size()) {
                let owner = owners.entry((hash, size)).or_insert(Some(number));
                if *owner != Some(number) {
                    *owner = None;
                }
            }
        });
    }
    owners
}

fn entry(
    source: Source<'_>,
    number: usize,
    one: &ReadDrive<'_>,
    owners: &HashMap<Key, Option<usize>>,
) -> SinglesEntry {
    let mut by_category: HashMap<&str, SinglesSums> = HashMap::new();
    one.files.each_live(source.cancel, |file| {
        let size = file.size();
        if size == Some(0) {
            return;
        }
        let mut sums = [Sum::default(); 3];
        let [single, elsewhere, unknown] = &mut sums;
        let sum = match file.hash().zip(size).and_then(|key| owners.get(&key)) {
            Some(owner) if *owner == Some(number) => single,
            Some(_) => elsewhere,
            None => unknown,
        };
        *sum = Sum {
            files: 1,
            bytes: size.unwrap_or(0),
        };
        by_category.entry(file.category()).or_default().add(sums);
    });
    let mut total = SinglesSums::default();
    let mut categories: Vec<SinglesCategory> = by_category
        .into_iter()
        .map(|(category, sums)| SinglesCategory {
            category: category.to_owned(),
            sums,
        })
        .collect();
    for SinglesCategory { sums, .. } in &categories {
        let sum = |files, bytes| Sum { files, bytes };
        total.add([
            sum(sums.single_files, sums.single_bytes),
            sum(sums.elsewhere_files, sums.elsewhere_bytes),
            sum(sums.unknown_files, sums.unknown_bytes),
        ]);
    }
    categories.sort_by_key(|entry| {
        let place = |category: &Category| category.name() == entry.category;
        Category::ALL.iter().position(place)
    });
    SinglesEntry {
        drive_label: one.drive.label.clone(),
        total,
        categories,
    }
}
