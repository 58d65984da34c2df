//! Conditions on names and paths.

use std::ops::Range;

use memchr::memmem::Finder;
use regex::bytes::Regex;

use super::super::bits::Places;
use super::super::index::grams::Wanted;
use super::super::index::{Block, Folders, Index};
use super::super::query::Wildcard;

/// With fewer candidates than one in so many each is looked at by itself; else all names are searched as one text.
const FEW: usize = 16;

/// A text somewhere in the name.
pub(in crate::search) struct NameTest {
    finder: Finder<'static>,
    wanted: Wanted,
}

impl NameTest {
    pub(in crate::search) fn new(text: &[u8]) -> Self {
        Self {
            finder: Finder::new(text).into_owned(),
            wanted: Wanted::of(text),
        }
    }

    pub(in crate::search) fn narrow(&self, block: &Block<'_>, candidates: &mut Places) {
        if candidates.len() <= block.files / FEW {
            candidates.retain(|place| self.finder.find(block.folded(place)).is_some());
            return;
        }
        let mut found = Places::none(block.files);
        for places in self.wanted.ranges(block.grams(), block.files) {
            let (arena, starts) = (block.folded_arena(), block.folded_starts());
            each_holder(&self.finder, arena, starts, places, |place| {
                found.insert(place);
            });
        }
        candidates.keep(&found);
    }
}

/// Visits the texts of an arena that hold what is looked for, among those at some places.
fn each_holder<T: Copy + Into<u64>>(
    finder: &Finder<'_>,
    arena: &[u8],
    starts: &[T],
    places: Range<usize>,
    mut visit: impl FnMut(usize),
) {
    // No name holds it, but two with what ends the first.
    if finder.needle().contains(&0) {
        return;
    }
    let start = |place: usize| {
        let start = starts.get(place).map(|start| (*start).into());
        start.and_then(|start| usize::try_from(start).ok())
    };
    let (Some(mut from), Some(end)) = (start(places.start), start(places.end)) else {
        return;
    };
    let mut place = places.start;
    while let Some(at) = arena.get(from..end).and_then(|rest| finder.find(rest)) {
        let at = from + at;
        place = holder(start, place, at);
        visit(place);
        // Once is enough: on with the next one.
        place += 1;
        match start(place) {
            Some(next) if next > at => from = next,
            _ => break,
        }
    }
}

/// Returns the last place not before `from` whose text begins at or before `at`: near ones are tried first.
fn holder(start: impl Fn(usize) -> Option<usize>, from: usize, at: usize) -> usize {
    let is_after = |place: usize| start(place).is_none_or(|start| start > at);
    let mut step = 1;
    let mut low = from;
    while !is_after(low + step) {
        low += step;
        step *= 2;
    }
    let mut high = low + step;
    while low + 1 < high {
        let middle = low.midpoint(high);
        if is_after(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    low
}

/// A text somewhere in the path relative to the root.
pub(in crate::search) struct PathTest {
    /// In the name alone; `None` if the text holds a `/`, which no name does.
    name: Option<NameTest>,
    /// Folders of which every file counts.
    whole: Places,
    any_whole: bool,
    /// Folders of which the files count whose names begin with this.
    beginning: Option<(Places, Vec<u8>)>,
}

impl PathTest {
    /// A text that begins with where the drive's root was last is an absolute path, and means what lies at its place.
    pub(super) fn new(text: &[u8], index: &Index, mount: &[u8]) -> Self {
        let below = Some(mount)
            .filter(|mount| !mount.is_empty())
            .and_then(|mount| text.strip_prefix(mount))
            .filter(|below| below.is_empty() || below.starts_with(b"/"));
        match below {
            Some(below) => Self::at(below.strip_prefix(b"/").unwrap_or(below), index),
            None => Self::anywhere(text, index),
        }
    }

    fn anywhere(text: &[u8], index: &Index) -> Self {
        let finder = Finder::new(text);
        let mut whole = Places::none(0);
        if let Some(folders) = index.folders() {
            whole = Places::none(folders.count);
            let (arena, starts) = (folders.folded_arena(), folders.folded_starts());
            each_holder(&finder, arena, starts, 0..folders.count, |place| {
                whole.insert(place);
            });
        }
        let beginning = split(text).map(|(folder, name)| {
            let ends = folders_where(index, |path| !path.is_empty() && path.ends_with(folder));
            (ends, name.to_vec())
        });
        Self {
            name: beginning.is_none().then(|| NameTest::new(text)),
            any_whole: !whole.is_empty(),
            whole,
            beginning,
        }
    }

    fn at(text: &[u8], index: &Index) -> Self {
        let whole = folders_where(index, |path| {
            path.starts_with(text)
                // `films/` begins everything in the folder `films`.
                || text.strip_suffix(b"/").is_some_and(|folder| path == folder)
        });
        let (folder, name) = split(text).unwrap_or((b"", text));
        let parents = folders_where(index, |path| path == folder);
        Self {
            name: None,
            any_whole: !whole.is_empty(),
            whole,
            beginning: Some((parents, name.to_vec())),
        }
    }

    pub(super) fn narrow(&self, block: &Block<'_>, candidates: &mut Places) {
        let folders = block.folders();
        let folder_of = |place: usize| {
            folders
                .get(place)
                .map_or(usize::MAX, |place| *place as usize)
        };
        let mut found = Places::none(0);
        if self.any_whole {
            found = candidates.clone();
            found.retain(|place| self.whole.contains(folder_of(place)));
            candidates.remove(&found);
        }
        if let Some(name) = &self.name {
            name.narrow(block, candidates);
        }
        if let Some((parents, beginning)) = &self.beginning {
            candidates.retain(|place| {
                parents.contains(folder_of(place)) && block.folded(place).starts_with(beginning)
            });
        }
        if self.any_whole {
            candidates.add(&found);
        }
    }
}

/// Splits at the last `/`.
fn split(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let slash = text.iter().rposition(|byte| *byte == b'/')?;
    Some((text.get(..slash)?, text.get(slash + 1..)?))
}

fn folders_where(index: &Index, is_one: impl Fn(&[u8]) -> bool) -> Places {
    let Some(folders) = index.folders() else {
        return Places::none(0);
    };
    let mut found = Places::none(folders.count);
    for place in 0..folders.count {
        if is_one(folders.folded(place)) {
            found.insert(place);
        }
    }
    found
}

/// A pattern over the whole name, or over the whole path.
pub(in crate::search) struct PatternTest {
    pattern: Wildcard,
    is_path: bool,
    /// What the text must hold for the pattern to match at all.
    likely: Option<Likely>,
}

enum Likely {
    Name(NameTest),
    Path(PathTest),
}

impl PatternTest {
    pub(super) fn of_name(pattern: &Wildcard) -> Self {
        let literal = pattern.longest_literal();
        Self {
            pattern: pattern.clone(),
            is_path: false,
            likely: (!literal.is_empty()).then(|| Likely::Name(NameTest::new(literal))),
        }
    }

    pub(super) fn of_path(pattern: &Wildcard, index: &Index) -> Self {
        let literal = pattern.longest_literal();
        Self {
            pattern: pattern.clone(),
            is_path: true,
            likely: (!literal.is_empty()).then(|| Likely::Path(PathTest::anywhere(literal, index))),
        }
    }

    pub(super) fn narrow(&self, index: &Index, block: &Block<'_>, candidates: &mut Places) {
        match &self.likely {
            Some(Likely::Name(test)) => test.narrow(block, candidates),
            Some(Likely::Path(test)) => test.narrow(block, candidates),
            None => {}
        }
        if !self.is_path {
            candidates.retain(|place| self.pattern.matches(block.folded(place)));
            return;
        }
        let mut path = FilePath::new(index);
        candidates.retain(|place| self.pattern.matches(path.folded(block, place)));
    }
}

/// A regular expression over the path as stored.
pub(in crate::search) struct RegexTest {
    regex: Regex,
}

impl RegexTest {
    pub(super) fn new(regex: Regex) -> Self {
        Self { regex }
    }

    pub(super) fn narrow(&self, index: &Index, block: &Block<'_>, candidates: &mut Places) {
        let mut path = FilePath::new(index);
        candidates.retain(|place| self.regex.is_match(path.stored(block, place)));
    }
}

/// Puts paths together, in one buffer.
pub(in crate::search) struct FilePath<'i> {
    folders: Option<Folders<'i>>,
    buffer: Vec<u8>,
}

impl<'i> FilePath<'i> {
    pub(in crate::search) fn new(index: &'i Index) -> Self {
        Self {
            folders: index.folders(),
            buffer: Vec::new(),
        }
    }

    fn join(&mut self, folder: &[u8], name: &[u8]) -> &[u8] {
        self.buffer.clear();
        self.buffer.extend_from_slice(folder);
        if !folder.is_empty() {
            self.buffer.push(b'/');
        }
        self.buffer.extend_from_slice(name);
        &self.buffer
    }

    fn folder(
        &self,
        block: &Block<'_>,
        place: usize,
        text: fn(&Folders<'i>, usize) -> &'i [u8],
    ) -> &'i [u8] {
        let folder = block.folders().get(place).map(|place| *place as usize);
        match (&self.folders, folder) {
            (Some(folders), Some(folder)) => text(folders, folder),
            _ => &[],
        }
    }

    /// Returns the folded path relative to the root.
    fn folded(&mut self, block: &Block<'_>, place: usize) -> &[u8] {
        let folder = self.folder(block, place, Folders::folded);
        self.join(folder, block.folded(place))
    }

    /// Returns the path relative to the root.
    pub(in crate::search) fn stored(&mut self, block: &Block<'_>, place: usize) -> &[u8] {
        let folder = self.folder(block, place, Folders::path);
        self.join(folder, block.name(place))
    }
}
