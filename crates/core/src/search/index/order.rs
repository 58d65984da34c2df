//! The files of an index in the order of their paths: letters of ASCII without case, as SQLite's `NOCASE` has it, and bytes
//! where that leaves two alike.

use std::cmp::Ordering;

use super::view::{Block, Folders, Index};

/// A file's folder and name.
#[derive(Clone, Copy)]
pub(crate) struct PathParts<'a> {
    folder: &'a [u8],
    name: &'a [u8],
}

impl<'a> PathParts<'a> {
    /// Compares whole paths.
    pub(crate) fn compare(self, other: PathParts<'_>) -> Ordering {
        let lower = |byte: u8| byte.to_ascii_lowercase();
        self.bytes()
            .map(lower)
            .cmp(other.bytes().map(lower))
            .then_with(|| self.bytes().cmp(other.bytes()))
    }

    fn bytes(self) -> impl Iterator<Item = u8> + 'a {
        let slash: &[u8] = if self.folder.is_empty() { b"" } else { b"/" };
        [self.folder, slash, self.name]
            .into_iter()
            .flatten()
            .copied()
    }
}

/// Where a folder stands among all: its place in the order, and the end of those below it.
#[derive(Clone, Copy, Default)]
struct Rank {
    at: u32,
    end: u32,
}

/// An index's columns that the order needs, taken out once.
struct Columns<'a> {
    blocks: Vec<Block<'a>>,
    folders: Option<Folders<'a>>,
}

impl<'a> Columns<'a> {
    fn of(index: &'a Index) -> Self {
        Self {
            blocks: (0..index.blocks())
                .filter_map(|at| index.block(at))
                .collect(),
            folders: index.folders(),
        }
    }

    /// Returns the place of a file's folder, and the file's name.
    fn get(&self, number: u32) -> (usize, &'a [u8]) {
        let (block, file) = split(number);
        let Some(block) = self.blocks.get(block) else {
            return (usize::MAX, &[]);
        };
        let folder = block
            .folders()
            .get(file)
            .map_or(usize::MAX, |folder| *folder as usize);
        (folder, block.name(file))
    }

    fn parts(&self, (folder, name): (usize, &'a [u8])) -> PathParts<'a> {
        let folder = self
            .folders
            .as_ref()
            .map_or(&[][..], |folders| folders.path(folder));
        PathParts { folder, name }
    }
}

/// A file's number in an index: its block, and its place there in the lowest sixteen bits.
pub(crate) const fn split(number: u32) -> (usize, usize) {
    ((number >> 16) as usize, (number & 0xFFFF) as usize)
}

/// Returns the folder and name of a file.
pub(crate) fn parts_of(index: &Index, number: u32) -> PathParts<'_> {
    let (block, file) = split(number);
    let none = PathParts {
        folder: &[],
        name: &[],
    };
    let Some(block) = index.block(block) else {
        return none;
    };
    let folder = block
        .folders()
        .get(file)
        .map_or(usize::MAX, |folder| *folder as usize);
    PathParts {
        folder: index.folders().map_or(&[], |folders| folders.path(folder)),
        name: block.name(file),
    }
}

/// Returns the numbers of all files of an index, deleted ones included, in the order of their paths.
pub(super) fn path_order(index: &Index) -> Vec<u32> {
    let columns = Columns::of(index);
    let ranks = columns.folders.as_ref().map(ranks).unwrap_or_default();
    let rank = |folder: usize| ranks.get(folder).copied().unwrap_or_default();
    let mut order = Vec::with_capacity(usize::try_from(index.len()).unwrap_or(0));
    for (number, block) in (0_u32..).zip(&columns.blocks) {
        let files = u32::try_from(block.files).unwrap_or(0);
        order.extend((0..files).map(|file| number << 16 | file));
    }
    order.sort_unstable_by(|&a, &b| {
        let (a, b) = (columns.get(a), columns.get(b));
        let (folder_a, folder_b) = (rank(a.0), rank(b.0));
        let is_below = |one: Rank, other: Rank| one.at <= other.at && other.at < one.end;
        if is_below(folder_a, folder_b) || is_below(folder_b, folder_a) {
            columns.parts(a).compare(columns.parts(b))
        } else {
            folder_a.at.cmp(&folder_b.at)
        }
    });
    order
}

/// Ranks folders by their paths with a slash at the end, so that whatever lies below one follows it at once.
fn ranks(folders: &Folders<'_>) -> Vec<Rank> {
    let prefix = |place: usize| {
        let path = folders.path(place);
        let slash: &[u8] = if path.is_empty() { b"" } else { b"/" };
        [path, slash]
            .into_iter()
            .flatten()
            .map(u8::to_ascii_lowercase)
    };
    let count = folders.ids().len();
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_unstable_by(|&a, &b| prefix(a).cmp(prefix(b)));
    let mut ranks = vec![Rank::default(); count];
    // The folders that the present one may lie below.
    let mut above: Vec<usize> = Vec::new();
    let end = |ranks: &mut Vec<Rank>, place: usize, at: u32| {
        if let Some(rank) = ranks.get_mut(place) {
            rank.end = at;
        }
    };
    let mut at = 0;
    for place in order {
        while let Some(&last) = above.last() {
            let mut path = prefix(place);
            if prefix(last).all(|byte| path.next() == Some(byte)) {
                break;
            }
            end(&mut ranks, last, at);
            above.pop();
        }
        if let Some(rank) = ranks.get_mut(place) {
            rank.at = at;
        }
        above.push(place);
        at += 1;
    }
    for place in above {
        end(&mut ranks, place, at);
    }
    ranks
}
