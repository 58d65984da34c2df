//! One look at every path of a shard, from which its root is decided.

use super::parse::{Beginning, Parsed, beginning};
use super::{Reroot, Root, Start, Style, is_same};

/// What the paths of a shard have in common.
#[derive(Debug)]
pub(in super::super) struct Survey {
    hint: Option<char>,
    /// The mounts that databases name, the most trusted first, and how many paths lie below each.
    mounts: Vec<(Root, u64)>,
    posix: Common,
    windows: Common,
    relative_posix: Common,
    relative_windows: Common,
}

/// The longest folder that all paths of one sort share.
#[derive(Debug, Default)]
struct Common {
    paths: u64,
    root: Option<(Start, Vec<Vec<u8>>)>,
}

impl Common {
    fn see(&mut self, parsed: &Parsed<'_>) {
        self.paths += 1;
        let folders = parsed
            .names
            .split_last()
            .map_or(&[] as &[&[u8]], |(_, folders)| folders);
        match &mut self.root {
            Some((_, names)) => {
                let shared = names
                    .iter()
                    .zip(folders)
                    .take_while(|(known, name)| known.as_slice() == **name)
                    .count();
                names.truncate(shared);
            }
            None => {
                self.root = Some((
                    parsed.start.clone(),
                    folders.iter().map(|name| name.to_vec()).collect(),
                ));
            }
        }
    }

    fn names(&self) -> &[Vec<u8>] {
        self.root.as_ref().map_or(&[], |(_, names)| names)
    }

    fn to_root(&self, style: Style) -> Root {
        let (start, names) = self.root.clone().unwrap_or((Start::Relative, Vec::new()));
        Root {
            style,
            start,
            names,
        }
    }
}

impl Survey {
    /// Begins with the mounts that databases name, the most trusted first.
    pub(in super::super) fn new<'m>(
        mounts: impl IntoIterator<Item = &'m [u8]>,
        hint: Option<char>,
    ) -> Self {
        Self {
            hint,
            mounts: mounts
                .into_iter()
                .filter(|mount| !mount.is_empty())
                .map(|mount| (Root::of_mount(mount, hint), 0))
                .collect(),
            posix: Common::default(),
            windows: Common::default(),
            relative_posix: Common::default(),
            relative_windows: Common::default(),
        }
    }

    /// Looks at one path.
    pub(in super::super) fn see(&mut self, path: &[u8]) {
        let begins = beginning(path);
        for (root, hits) in &mut self.mounts {
            let style = begins.style_in(root.style);
            if style == root.style && root.rest(&Parsed::of(path, style)).is_some() {
                *hits += 1;
            }
        }
        match begins {
            Beginning::Slash => self.posix.see(&Parsed::of(path, Style::Posix)),
            Beginning::Name => {
                self.relative_posix.see(&Parsed::of(path, Style::Posix));
                self.relative_windows.see(&Parsed::of(path, Style::Windows));
            }
            Beginning::Drive | Beginning::Share | Beginning::Backslash => {
                self.windows.see(&Parsed::of(path, Style::Windows));
            }
        }
    }

    /// Decides.
    ///
    /// The first absolute mount that any path lies below is the root. Where none is, and the paths are relative, the
    /// mount is what they were relative to. Absolute paths that no mount holds say themselves where the root is.
    pub(in super::super) fn decide(self) -> Reroot {
        let root = self.root();
        let repeated = if root.is_absolute() {
            self.repeated(&root)
        } else {
            0
        };
        Reroot { root, repeated }
    }

    fn root(&self) -> Root {
        let absolute = |(root, _): &&(Root, u64)| root.is_absolute();
        if let Some((root, _)) = self
            .mounts
            .iter()
            .filter(absolute)
            .find(|(_, hits)| *hits > 0)
        {
            return root.clone();
        }
        let named = self.mounts.iter().find(absolute).or(self.mounts.first());
        if self.relative_posix.paths >= self.posix.paths + self.windows.paths {
            return match named {
                Some((root, _)) => root.clone(),
                None if self.hint == Some('\\') => self.relative_windows.to_root(Style::Windows),
                None => self.relative_posix.to_root(Style::Posix),
            };
        }
        let (common, style) = if self.windows.paths > self.posix.paths {
            (&self.windows, Style::Windows)
        } else {
            (&self.posix, Style::Posix)
        };
        let mut root = common.to_root(style);
        // The mount may be known under another parent: a link, or a place it was moved from.
        if let Some(last) = named.and_then(|(named, _)| named.names.last())
            && let Some(place) = root
                .names
                .iter()
                .rposition(|name| is_same(name, last, style))
        {
            root.names.truncate(place + 1);
        }
        root
    }

    /// A mount that was given as `../lib` or `media/lib` is repeated by every relative path; its `..` lead out of a
    /// folder that is not known, the rest is the end of the absolute mount.
    fn repeated(&self, root: &Root) -> usize {
        let common = match root.style {
            Style::Posix => self.relative_posix.names(),
            Style::Windows => self.relative_windows.names(),
        };
        let ups = common.iter().take_while(|name| *name == b"..").count();
        let named = common.get(ups..).unwrap_or_default();
        let longest = (0..=named.len().min(root.names.len()))
            .rev()
            .find(|&length| {
                let end = root
                    .names
                    .get(root.names.len() - length..)
                    .unwrap_or_default();
                end.iter()
                    .zip(named)
                    .all(|(a, b)| is_same(a, b, root.style))
            });
        ups + longest.unwrap_or(0)
    }
}
