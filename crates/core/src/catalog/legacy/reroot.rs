//! Absolute paths of the older program become paths below a drive's root.
//!
//! It stored whatever the walk from the mount gave: native separators, Windows drive letters that change, shares that
//! lost a backslash, and the relative text of a mount that was given relative. Whether a database speaks of Windows is
//! told by how its mount and its paths begin, never by a backslash inside a name, which elsewhere is a letter like
//! any other.

use unicode_normalization::UnicodeNormalization;

mod parse;
mod survey;

pub(crate) use parse::{Parsed, beginning};
pub(super) use survey::Survey;

/// Whose separators and roots a path has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// `/` alone, and everything hangs below it.
    Posix,
    /// `\` or `/`, drive letters and shares.
    Windows,
}

/// What a path hangs on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// Nothing: the text of a relative mount.
    Relative,
    /// `/`.
    Slash,
    /// A drive letter.
    Drive(u8),
    /// A server and a share.
    Share(Vec<u8>, Vec<u8>),
}

/// Where a row's path lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Placed {
    /// Below the root, relative to it.
    Inside(Vec<u8>),
    /// Elsewhere: the whole path without what it hangs on.
    Outside(Vec<u8>),
    /// The root itself, or no path at all.
    Nowhere,
}

/// A drive's root as paths of the older program name it.
#[derive(Clone, Debug)]
pub(crate) struct Root {
    pub(crate) style: Style,
    pub(crate) start: Start,
    pub(crate) names: Vec<Vec<u8>>,
}

impl Root {
    /// Reads a mount; `hint` is the separator of the system it was given on, for a relative one.
    pub(crate) fn of_mount(mount: &[u8], hint: Option<char>) -> Self {
        let style = beginning(mount).style().unwrap_or(match hint {
            Some('\\') => Style::Windows,
            _ => Style::Posix,
        });
        let parsed = Parsed::of(mount, style);
        Self {
            style,
            names: parsed.names.into_iter().map(<[u8]>::to_vec).collect(),
            start: parsed.start,
        }
    }

    fn is_absolute(&self) -> bool {
        self.start != Start::Relative
    }

    /// Returns the root as a mount is written.
    pub(crate) fn text(&self) -> Vec<u8> {
        let separator: &[u8] = match self.style {
            Style::Posix => b"/",
            Style::Windows => b"\\",
        };
        let mut text = match &self.start {
            Start::Relative if self.names.is_empty() => b".".to_vec(),
            Start::Relative => Vec::new(),
            Start::Slash => b"/".to_vec(),
            Start::Drive(letter) => vec![*letter, b':', b'\\'],
            Start::Share(server, share) => {
                let mut text = [b"\\\\", server.as_slice(), b"\\", share].concat();
                if !self.names.is_empty() {
                    text.push(b'\\');
                }
                text
            }
        };
        text.extend(self.names.join(separator));
        text
    }

    /// Returns what of `path` lies below this root. On Windows the same names below another letter or share do too: a
    /// drive has whatever letter is free.
    fn rest<'p>(&self, path: &Parsed<'p>) -> Option<Vec<&'p [u8]>> {
        let below_same = match (&self.start, &path.start) {
            (Start::Drive(_) | Start::Share(..), Start::Drive(_) | Start::Share(..)) => true,
            (own, other) => own == other,
        };
        (below_same && starts_with(&path.names, &self.names, self.style)).then(|| {
            path.names
                .get(self.names.len()..)
                .unwrap_or_default()
                .to_vec()
        })
    }
}

/// The decision for one shard: its root, and what else its paths begin with.
#[derive(Clone, Debug)]
pub(super) struct Reroot {
    root: Root,
    /// How many names at the beginning of a relative path repeat the end of the absolute root.
    repeated: usize,
}

impl Reroot {
    /// Returns the root as a mount is written.
    pub(super) fn mount_path(&self) -> Vec<u8> {
        self.root.text()
    }

    /// Returns the separator of the drive's home system.
    pub(super) fn separator(&self) -> char {
        match self.root.style {
            Style::Posix => '/',
            Style::Windows => '\\',
        }
    }

    /// Returns where `path` lies.
    pub(super) fn place(&self, path: &[u8]) -> Placed {
        let begins = beginning(path);
        let style = begins.style_in(self.root.style);
        let parsed = Parsed::of(path, style);
        let rest = if parsed.start == Start::Relative && self.root.is_absolute() {
            parsed.names.get(self.repeated..).map(<[_]>::to_vec)
        } else if style == self.root.style {
            self.root.rest(&parsed)
        } else {
            None
        };
        match rest {
            Some(rest) if !rest.is_empty() => Placed::Inside(rest.join(&b'/')),
            Some(_) => Placed::Nowhere,
            None => match parsed.whole() {
                whole if whole.is_empty() => Placed::Nowhere,
                whole => Placed::Outside(whole),
            },
        }
    }
}

fn starts_with(names: &[&[u8]], beginning: &[Vec<u8>], style: Style) -> bool {
    names.len() >= beginning.len()
        && names
            .iter()
            .zip(beginning)
            .all(|(name, wanted)| is_same(name, wanted, style))
}

/// Returns whether two names mean the same folder: Windows ignores case, and one of the older scans composed accents.
pub(crate) fn is_same(a: &[u8], b: &[u8], style: Style) -> bool {
    if a == b {
        return true;
    }
    if style == Style::Posix && a.is_ascii() && b.is_ascii() {
        return false;
    }
    let folded = |name: &[u8]| {
        let composed: String = String::from_utf8_lossy(name).nfc().collect();
        match style {
            Style::Posix => composed,
            Style::Windows => composed.to_lowercase(),
        }
    };
    folded(a) == folded(b)
}

#[cfg(test)]
mod tests;
