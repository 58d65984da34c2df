//! The files of an index in the order of their full paths: letters of ASCII without case, as SQLite's `NOCASE` has it, and
//! bytes where that leaves two alike.
//!
//! Sorting a million paths takes seconds. So the folders are sorted, each folder's files by their names, and the files of
//! a folder are put in between the folders that lie in it.

use std::cmp::Ordering;
use std::ops::Range;

use crate::search::index::{Block, Folders, Index};

/// A file's number in an index: its block, and its place there in the lowest sixteen bits.
pub(super) const fn split(number: u32) -> (usize, usize) {
    ((number >> 16) as usize, (number & 0xFFFF) as usize)
}

/// A file's folder and name, on a drive where this stands between names.
#[derive(Clone, Copy)]
pub(super) struct PathParts<'a> {
    folder: &'a [u8],
    name: &'a [u8],
    separator: u8,
}

impl<'a> PathParts<'a> {
    /// Returns those of a file of an index.
    pub(super) fn of(index: &'a Index, number: u32, separator: u8) -> Option<Self> {
        let (block, file) = split(number);
        let block = index.block(block)?;
        let folder = *block.folders().get(file)? as usize;
        Some(Self {
            folder: index.folders()?.path(folder),
            name: block.name(file),
            separator,
        })
    }

    /// Compares whole paths.
    pub(super) fn compare(self, other: Self) -> Ordering {
        self.bytes()
            .map(lower)
            .cmp(other.bytes().map(lower))
            .then_with(|| self.bytes().cmp(other.bytes()))
    }

    fn bytes(self) -> impl Iterator<Item = u8> + 'a {
        let separator = self.separator;
        folder_bytes(self.folder, separator).chain(self.name.iter().copied())
    }
}

const fn lower(byte: u8) -> u8 {
    byte.to_ascii_lowercase()
}

/// Returns a folder's path with a separator at its end; the root's is empty.
fn folder_bytes(path: &[u8], separator: u8) -> impl Iterator<Item = u8> {
    let end = (!path.is_empty()).then_some(separator);
    let shown = move |byte: &u8| if *byte == b'/' { separator } else { *byte };
    path.iter().map(shown).chain(end)
}

/// Returns the numbers of all files of an index, deleted ones included, in the order of their paths.
pub(super) fn path_order(index: &Index, separator: u8) -> Vec<u32> {
    let Some(folders) = index.folders() else {
        return Vec::new();
    };
    let groups = Groups::of(&folders, separator);
    let blocks: Vec<Block<'_>> = (0..index.blocks())
        .filter_map(|at| index.block(at))
        .collect();
    let files = Files {
        blocks,
        folders,
        separator,
    };
    let (mut numbers, ranges) = files.by_group(&groups);
    for range in &ranges {
        if let Some(own) = numbers.get_mut(range.clone()) {
            files.sort(own);
        }
    }
    files.interleave(&groups, &numbers, &ranges)
}

/// Folders by their paths in lower case, those that are alike then together.
struct Groups {
    /// Of each folder, by its place in the index.
    group: Vec<usize>,
    /// All paths in lower case, a separator at the end of each.
    arena: Vec<u8>,
    /// Where a group's path lies there, in the order of the paths: what lies below a folder follows it at once.
    paths: Vec<Range<usize>>,
}

impl Groups {
    fn of(folders: &Folders<'_>, separator: u8) -> Self {
        let mut arena = Vec::with_capacity(folders.folded_arena().len());
        let mut own: Vec<(Range<usize>, usize)> = Vec::with_capacity(folders.count);
        for place in 0..folders.count {
            let start = arena.len();
            arena.extend(folder_bytes(folders.path(place), separator).map(lower));
            own.push((start..arena.len(), place));
        }
        let path = |range: &Range<usize>| arena.get(range.clone()).unwrap_or_default();
        own.sort_unstable_by(|(a, _), (b, _)| path(a).cmp(path(b)));
        let mut group = vec![0; own.len()];
        let mut paths: Vec<Range<usize>> = Vec::with_capacity(own.len());
        for (range, place) in own {
            if paths.last().is_none_or(|last| path(last) != path(&range)) {
                paths.push(range);
            }
            if let Some(group) = group.get_mut(place) {
                *group = paths.len() - 1;
            }
        }
        Self {
            group,
            arena,
            paths,
        }
    }

    fn path(&self, group: usize) -> &[u8] {
        let range = self.paths.get(group).cloned();
        range
            .and_then(|range| self.arena.get(range))
            .unwrap_or_default()
    }
}

/// An index's columns that the order needs, taken out once.
struct Files<'a> {
    blocks: Vec<Block<'a>>,
    folders: Folders<'a>,
    separator: u8,
}

impl<'a> Files<'a> {
    fn name(&self, number: u32) -> &'a [u8] {
        let (block, file) = split(number);
        let block = self.blocks.get(block);
        block.map_or(&[], |block| block.name(file))
    }

    fn parts(&self, number: u32) -> PathParts<'a> {
        let (block, file) = split(number);
        let folder = self
            .blocks
            .get(block)
            .and_then(|block| block.folders().get(file))
            .map_or(usize::MAX, |folder| *folder as usize);
        PathParts {
            folder: self.folders.path(folder),
            name: self.name(number),
            separator: self.separator,
        }
    }

    /// Returns all files by their groups, and where each group's lie.
    fn by_group(&self, groups: &Groups) -> (Vec<u32>, Vec<Range<usize>>) {
        let mut ends = vec![0_usize; groups.paths.len()];
        self.each(groups, |_, group| {
            if let Some(files) = ends.get_mut(group) {
                *files += 1;
            }
        });
        let mut start = 0;
        for end in &mut ends {
            // Where its files begin; every file that is put there moves it on.
            start += std::mem::replace(end, start);
        }
        let mut numbers = vec![0; start];
        let starts = ends.clone();
        self.each(groups, |number, group| {
            if let Some(end) = ends.get_mut(group) {
                if let Some(slot) = numbers.get_mut(*end) {
                    *slot = number;
                }
                *end += 1;
            }
        });
        let ranges = starts.into_iter().zip(ends);
        (numbers, ranges.map(|(start, end)| start..end).collect())
    }

    fn each(&self, groups: &Groups, mut visit: impl FnMut(u32, usize)) {
        for (at, block) in (0_u32..).zip(&self.blocks) {
            for (file, folder) in (0_u32..).zip(block.folders()) {
                if let Some(group) = groups.group.get(*folder as usize) {
                    visit(at << 16 | file, *group);
                }
            }
        }
    }

    /// Sorts the files of one group.
    fn sort(&self, numbers: &mut [u32]) {
        let mut keyed: Vec<(u64, u32)> = numbers
            .iter()
            .map(|number| (beginning(self.name(*number)), *number))
            .collect();
        keyed.sort_unstable_by(|a, b| {
            a.0.cmp(&b.0).then_with(|| {
                let names = compare_names(self.name(a.1), self.name(b.1));
                names.then_with(|| self.parts(a.1).compare(self.parts(b.1)))
            })
        });
        for (slot, (_, number)) in numbers.iter_mut().zip(keyed) {
            *slot = number;
        }
    }

    /// Puts the files of folders in between the folders that lie in them.
    fn interleave(&self, groups: &Groups, numbers: &[u32], ranges: &[Range<usize>]) -> Vec<u32> {
        let mut order = Vec::with_capacity(numbers.len());
        // The folders that the present one lies in, each with those of its files that come later.
        let mut above: Vec<(usize, &[u32])> = Vec::new();
        for (group, range) in ranges.iter().enumerate() {
            let path = groups.path(group);
            while let Some((last, left)) = above.last_mut() {
                if let Some(below) = path.strip_prefix(groups.path(*last)) {
                    let before = left
                        .partition_point(|number| compare_names(self.name(*number), below).is_lt());
                    let (done, later) = left.split_at(before);
                    order.extend_from_slice(done);
                    *left = later;
                    break;
                }
                order.extend_from_slice(left);
                above.pop();
            }
            above.push((group, numbers.get(range.clone()).unwrap_or_default()));
        }
        for (_, left) in above.iter().rev() {
            order.extend_from_slice(left);
        }
        order
    }
}

/// Returns the first eight bytes in lower case as a number that compares as they do. A name that is shorter compares as if
/// it went on with NUL, which no name holds.
fn beginning(name: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    for (to, from) in bytes.iter_mut().zip(name) {
        *to = lower(*from);
    }
    u64::from_be_bytes(bytes)
}

fn compare_names(a: &[u8], b: &[u8]) -> Ordering {
    let differ = a.iter().zip(b).map(|(a, b)| lower(*a).cmp(&lower(*b)));
    differ
        .filter(|order| order.is_ne())
        .chain([a.len().cmp(&b.len())])
        .next()
        .unwrap_or(Ordering::Equal)
}
