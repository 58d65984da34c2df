//! A text somewhere in the absolute path, case aside. Accents count, however they are written: a precomposed letter is the
//! same as one with its accent after it.

use memchr::memmem::Finder;
use unicode_normalization::UnicodeNormalization;

use crate::search::bits::Places;
use crate::search::fold::fold;
use crate::search::index::{Block, Index};
use crate::search::plan::NameTest;

/// A text to be found in the paths of one index.
pub(super) struct PathText {
    /// Folders of which every file counts.
    whole: Places,
    /// What the names must be like in the others.
    name: NameText,
}

enum NameText {
    /// The text holds no separator.
    Holds(Box<Held>),
    /// Up to its last separator it is the end of these folders, and the rest begins the name.
    Begins { parents: Places, rest: Vec<u8> },
}

/// A text that names hold.
struct Held {
    /// What it is quickly told by that a name does not hold it: accents aside.
    likely: Option<NameTest>,
    finder: Finder<'static>,
    /// Whether what is likely is certain where a name is ASCII.
    is_plain: bool,
}

impl PathText {
    /// Makes a text ready for an index of a drive that was last at `mount`.
    pub(super) fn new(text: &str, index: &Index, mount: &str, separator: char) -> Self {
        // Folders are stored with `/` between their names.
        let plain = |text: &str| text.replace(separator, "/");
        let text = plain(text);
        let wanted = lowered(text.as_bytes());
        let mut start = lowered(plain(mount).as_bytes());
        if start.last() != Some(&b'/') {
            start.push(b'/');
        }
        let finder = Finder::new(&wanted).into_owned();
        let whole = folders_where(index, &start, |path| finder.find(path).is_some());
        let name = split_behind_slash(&wanted).map_or_else(
            || NameText::Holds(Box::new(Held::new(&text, finder))),
            |(folder, rest)| NameText::Begins {
                parents: folders_where(index, &start, |path| path.ends_with(folder)),
                rest: rest.to_vec(),
            },
        );
        Self { whole, name }
    }

    /// Keeps the files of a block that hold the text.
    pub(super) fn narrow(&self, block: &Block<'_>, candidates: &mut Places) {
        let folders = block.folders();
        let is_in = |folders_in: &Places, place: usize| {
            let folder = folders.get(place).map(|folder| *folder as usize);
            folder.is_some_and(|folder| folders_in.contains(folder))
        };
        let mut whole = Places::none(0);
        if !self.whole.is_empty() {
            whole = candidates.clone();
            whole.retain(|place| is_in(&self.whole, place));
            candidates.remove(&whole);
        }
        match &self.name {
            NameText::Holds(held) => held.narrow(block, candidates),
            NameText::Begins { parents, rest } => candidates.retain(|place| {
                is_in(parents, place) && lowered(block.name(place)).starts_with(rest)
            }),
        }
        candidates.add(&whole);
    }
}

impl Held {
    fn new(text: &str, finder: Finder<'static>) -> Self {
        let folded = fold(text.as_bytes());
        Self {
            likely: (!folded.is_empty()).then(|| NameTest::new(&folded)),
            finder,
            // A NUL ends each of the names that are looked through as one.
            is_plain: text.is_ascii() && !text.contains('\0'),
        }
    }

    fn narrow(&self, block: &Block<'_>, candidates: &mut Places) {
        if let Some(likely) = &self.likely {
            likely.narrow(block, candidates);
        }
        candidates.retain(|place| {
            let name = block.name(place);
            (self.is_plain && name.is_ascii()) || self.finder.find(&lowered(name)).is_some()
        });
    }
}

fn split_behind_slash(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let slash = text.iter().rposition(|byte| *byte == b'/')?;
    text.split_at_checked(slash + 1)
}

fn folders_where(index: &Index, start: &[u8], is_one: impl Fn(&[u8]) -> bool) -> Places {
    let Some(folders) = index.folders() else {
        return Places::none(0);
    };
    let mut found = Places::none(folders.count);
    let mut path = start.to_vec();
    for place in 0..folders.count {
        let folder = folders.path(place);
        if !folder.is_empty() {
            path.extend(lowered(folder));
            path.push(b'/');
        }
        if is_one(&path) {
            found.insert(place);
        }
        path.truncate(start.len());
    }
    found
}

/// Returns a text in lower case, every letter and its accents as one where that is possible. Bytes that are no UTF-8 stay.
pub(crate) fn lowered(text: &[u8]) -> Vec<u8> {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut lowered = Vec::with_capacity(text.len());
    let mut buffer = [0; 4];
    for chunk in text.utf8_chunks() {
        for letter in chunk.valid().chars().flat_map(char::to_lowercase).nfc() {
            lowered.extend_from_slice(letter.encode_utf8(&mut buffer).as_bytes());
        }
        lowered.extend_from_slice(chunk.invalid());
    }
    lowered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_count_and_accents_do() {
        let same = |a: &str, b: &str| lowered(a.as_bytes()) == lowered(b.as_bytes());
        assert!(same("ČAPEK", "čapek"));
        assert!(same("C\u{30c}apek", "čapek"));
        assert!(!same("Capek", "čapek"));
        assert!(same("ΣΑΣ", "σασ"));
        assert_eq!(lowered(b"Caf\xe9 \xc3\x89"), b"caf\xe9 \xc3\xa9");
    }
}
