//! Files with the same content, on one drive or on several, and what deleting all but one of each would free.
//!
//! They are gathered by the first eight bytes of their hash and their length; those that are listed are compared by the
//! whole hash.

use std::collections::{BTreeMap, HashMap, HashSet};

use rusqlite::Connection;
use serde::Serialize;

use super::place::FilePlace;
use super::read::{ReadDrive, Source};
use crate::catalog::drives::Drive;
use crate::catalog::{Access, contents, sizes};
use crate::search::sums::Sum;

/// Groups of files with the same content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DuplicatesReport {
    /// All groups together.
    pub total: DuplicateSums,
    /// Groups whose files are all on one drive.
    pub within_a_drive: DuplicateSums,
    /// Groups with files on several drives.
    pub across_drives: DuplicateSums,
    /// Files that were not hashed, or whose length is not known: nobody knows of these.
    pub unhashed_files: u64,
    /// Their bytes.
    pub unhashed_bytes: u64,
    /// The groups that free most, first.
    pub groups: Vec<DuplicateGroup>,
    /// Drives that could not be read, and why.
    pub unread: Vec<String>,
}

/// Groups added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DuplicateSums {
    /// Groups.
    pub groups: u64,
    /// Files in them.
    pub files: u64,
    /// Bytes of all but one file of each.
    pub reclaimable_bytes: u64,
}

/// Files with the same content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DuplicateGroup {
    /// BLAKE3, hexadecimal.
    pub hash: String,
    /// Length of each.
    pub size_bytes: u64,
    /// How many.
    pub copies: u64,
    /// On how many drives.
    pub drives: u64,
    /// Bytes of all but one.
    pub reclaimable_bytes: u64,
    /// Where they are.
    pub places: Vec<FilePlace>,
    /// Further names (hard links) of these files: to remove one frees nothing.
    pub links: Vec<FileLink>,
}

/// Another name of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct FileLink {
    /// The name.
    #[serde(flatten)]
    pub place: FilePlace,
    /// Which of the group's places it is another name of, counted from 0.
    pub of: usize,
}

/// A file, ordered by content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Copy {
    hash: u64,
    size: u64,
    /// Place among the drives that could be read.
    drive: usize,
    id: i64,
}

impl DuplicateSums {
    fn add(&mut self, copies: &[Copy]) {
        self.groups += 1;
        self.files += copies.len() as u64;
        self.reclaimable_bytes = self.reclaimable_bytes.saturating_add(reclaimable(copies));
    }
}

fn reclaimable(copies: &[Copy]) -> u64 {
    let size = copies.first().map_or(0, |copy| copy.size);
    size.saturating_mul((copies.len() as u64).saturating_sub(1))
}

/// Returns the files of some drives that have the same content, the `top_n` groups that free most with all their places.
/// `None` if it was cancelled.
pub fn duplicates(source: Source<'_>, drives: &[Drive], top_n: usize) -> Option<DuplicatesReport> {
    let mut report = DuplicatesReport::default();
    let read = source.read(drives, &mut report.unread);
    let (mut copies, unhashed) = gather(source, &read);
    report.unhashed_files = unhashed.files;
    report.unhashed_bytes = unhashed.bytes;
    if source.cancel.is_cancelled() {
        return None;
    }
    copies.sort_unstable();
    let shards: Vec<Option<Connection>> = read
        .iter()
        .map(|one| source.catalog.open_shard(one.drive, Access::Read).ok())
        .collect();
    let mut groups: Vec<Group> = copies
        .chunk_by(|a, b| (a.hash, a.size) == (b.hash, b.size))
        .filter(|copies| copies.len() > 1)
        .map(|copies| Group::new(copies, &shards))
        .filter(|group| group.copies.len() > 1)
        .collect();
    for group in &groups {
        let copies = &group.copies;
        report.total.add(copies);
        let is_within =
            copies.first().map(|copy| copy.drive) == copies.last().map(|copy| copy.drive);
        if is_within {
            report.within_a_drive.add(copies);
        } else {
            report.across_drives.add(copies);
        }
    }
    groups.sort_by_key(|group| {
        let first = group.copies.first().map(|copy| (copy.hash, copy.size));
        (std::cmp::Reverse(reclaimable(&group.copies)), first)
    });
    for group in &groups {
        if report.groups.len() >= top_n || source.cancel.is_cancelled() {
            break;
        }
        report.groups.extend(confirmed(&read, &shards, group));
    }
    report.groups.truncate(top_n);
    source.unless_cancelled(report)
}

/// Files with the same content.
struct Group {
    copies: Vec<Copy>,
    /// Further names of some of them: place among the copies, and the name.
    links: Vec<(usize, Copy)>,
}

impl Group {
    /// Tells names of the same file from files. Copies come by drive.
    fn new(all: &[Copy], shards: &[Option<Connection>]) -> Self {
        let mut group = Self {
            copies: Vec::new(),
            links: Vec::new(),
        };
        for on_drive in all.chunk_by(|a, b| a.drive == b.drive) {
            let mut seen: HashMap<i64, usize> = HashMap::new();
            for copy in on_drive {
                let shard = shards.get(copy.drive).and_then(Option::as_ref);
                let inode = shard
                    .filter(|_| on_drive.len() > 1)
                    .and_then(|shard| sizes::inode_of(shard, copy.id).ok().flatten());
                let place = group.copies.len();
                match inode.map(|inode| *seen.entry(inode).or_insert(place)) {
                    Some(first) if first != place => group.links.push((first, *copy)),
                    _ => group.copies.push(*copy),
                }
            }
        }
        group
    }
}

/// Returns the hashed files that are there and not empty, and what the others add up to.
fn gather(source: Source<'_>, read: &[ReadDrive<'_>]) -> (Vec<Copy>, Sum) {
    let (mut copies, mut unhashed) = (Vec::new(), Sum::default());
    for (drive, one) in read.iter().enumerate() {
        one.files.each_live(source.cancel, |file| {
            let size = file.size();
            match (file.hash(), size) {
                (_, Some(0)) => {}
                (Some(hash), Some(size)) => copies.push(Copy {
                    hash,
                    size,
                    drive,
                    id: file.id(),
                }),
                _ => unhashed.add(Sum {
                    files: 1,
                    bytes: size.unwrap_or(0),
                }),
            }
        });
    }
    (copies, unhashed)
}

/// Returns the files of a group by their whole hash. Those that are no longer as they were, or alone with their hash, are
/// left out.
fn confirmed(
    read: &[ReadDrive<'_>],
    shards: &[Option<Connection>],
    group: &Group,
) -> Vec<DuplicateGroup> {
    let size_bytes = group.copies.first().map_or(0, |copy| copy.size);
    let place = |copy: &Copy| -> Option<([u8; 32], FilePlace)> {
        let (one, shard) = (read.get(copy.drive)?, shards.get(copy.drive)?.as_ref()?);
        // A row that cannot be read now is no proof of a copy.
        let content = contents::content_of(shard, copy.id).ok().flatten()?;
        let separator = one.files.root.separator;
        let place = FilePlace::new(one.drive, separator, &content.path);
        (u64::try_from(content.size_bytes) == Ok(size_bytes)).then_some((content.hash, place))
    };
    let mut by_hash: BTreeMap<[u8; 32], Vec<(FilePlace, Vec<FilePlace>)>> = BTreeMap::new();
    for (number, copy) in group.copies.iter().enumerate() {
        let Some((hash, file)) = place(copy) else {
            continue;
        };
        let links = group.links.iter().filter(|(of, _)| *of == number);
        let links = links.filter_map(|(_, link)| place(link).map(|(_, place)| place));
        by_hash
            .entry(hash)
            .or_default()
            .push((file, links.collect()));
    }
    by_hash
        .into_iter()
        .filter(|(_, files)| files.len() > 1)
        .map(|(hash, mut files)| {
            files.sort();
            let labels: HashSet<&str> = files.iter().map(|(file, _)| &*file.drive_label).collect();
            let (copies, drives) = (files.len() as u64, labels.len() as u64);
            let mut group = DuplicateGroup {
                hash: blake3::Hash::from(hash).to_hex().to_string(),
                size_bytes,
                copies,
                drives,
                reclaimable_bytes: size_bytes.saturating_mul(copies - 1),
                places: Vec::new(),
                links: Vec::new(),
            };
            for (of, (file, links)) in files.into_iter().enumerate() {
                group.places.push(file);
                let links = links.into_iter().map(|place| FileLink { place, of });
                group.links.extend(links);
            }
            group
        })
        .collect()
}
