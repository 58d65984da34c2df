//! Which folder is the root of a list's paths, and what lies below it. Separators are the list's own, not this system's.

use std::path::Path;

use super::ImportError;
use super::source::Entry;
use crate::catalog::legacy::{Parsed, Root, Start, Style, beginning, is_same};
use crate::path::display::printable;

/// Looks at every path before anything is written.
pub(super) struct Survey {
    named: Option<Root>,
    default_style: Style,
    common: Option<Root>,
    /// A path that has no root in common with those before.
    stranger: Option<Vec<u8>>,
}

impl Survey {
    /// Begins; `named`: the root that the user names.
    pub(super) fn new(named: Option<&[u8]>, default_style: Style) -> Self {
        let separator = match default_style {
            Style::Posix => '/',
            Style::Windows => '\\',
        };
        Self {
            named: named.map(|root| Root::of_mount(root, Some(separator))),
            default_style,
            common: None,
            stranger: None,
        }
    }

    /// Looks at one path.
    pub(super) fn see(&mut self, entry: &Entry) {
        if self.named.is_some() || self.stranger.is_some() {
            return;
        }
        let style = style_of(&entry.path, self.default_style);
        // Some lists say where the root is.
        let (parsed, folders) = if let Some(root) = &entry.root {
            let parsed = Parsed::of(root, style);
            let folders = parsed.names.clone();
            (parsed, folders)
        } else {
            let mut parsed = Parsed::of(&entry.path, style);
            parsed.names.pop();
            let folders = parsed.names.clone();
            (parsed, folders)
        };
        match &mut self.common {
            None => {
                self.common = Some(Root {
                    style,
                    start: parsed.start,
                    names: folders.into_iter().map(<[u8]>::to_vec).collect(),
                });
            }
            Some(common)
                if common.style == style && is_same_start(&common.start, &parsed.start) =>
            {
                let shared = common
                    .names
                    .iter()
                    .zip(&folders)
                    .take_while(|(known, name)| is_same_name(known, name, style))
                    .count();
                common.names.truncate(shared);
            }
            Some(_) => self.stranger = Some(entry.path.clone()),
        }
    }

    /// Decides the root.
    pub(super) fn decide(self, file: &Path) -> Result<ListRoot, ImportError> {
        let Some(root) = self.named.or(self.common) else {
            return Err(ImportError::Empty {
                path: file.to_path_buf(),
            });
        };
        if let Some(stranger) = self.stranger {
            return Err(ImportError::SeveralRoots {
                path: file.to_path_buf(),
                first: printable(&root.text()).into_owned(),
                second: printable(&stranger).into_owned(),
            });
        }
        Ok(ListRoot {
            root,
            default_style: self.default_style,
        })
    }
}

/// The root of a list's paths.
pub(super) struct ListRoot {
    root: Root,
    default_style: Style,
}

impl ListRoot {
    /// Returns the root as a mount is written.
    pub(super) fn text(&self) -> Vec<u8> {
        self.root.text()
    }

    /// Returns the separator of the system that the list is of.
    pub(super) fn separator(&self) -> char {
        match self.root.style {
            Style::Posix => '/',
            Style::Windows => '\\',
        }
    }

    /// Returns a path below the root, relative to it and with `/` between its names, or why there is none.
    pub(super) fn relative(&self, path: &[u8]) -> Result<Vec<u8>, &'static str> {
        let style = style_of(path, self.default_style);
        let parsed = Parsed::of(path, style);
        if style != self.root.style || !is_same_start(&self.root.start, &parsed.start) {
            return Err("lies outside the root");
        }
        let (own, rest) = parsed
            .names
            .split_at_checked(self.root.names.len())
            .ok_or("lies outside the root")?;
        let is_below = own
            .iter()
            .zip(&self.root.names)
            .all(|(name, wanted)| is_same_name(wanted, name, style));
        if !is_below || rest.is_empty() {
            return Err("lies outside the root");
        }
        if rest.iter().any(|name| *name == b".." || name.contains(&0)) {
            return Err("is no path of a file");
        }
        Ok(rest.join(&b'/'))
    }
}

fn style_of(path: &[u8], default: Style) -> Style {
    beginning(path).style().unwrap_or(default)
}

/// Drive letters and servers are the same whatever their case; unlike drives that move, a list has all of them at once.
fn is_same_start(a: &Start, b: &Start) -> bool {
    match (a, b) {
        (Start::Drive(a), Start::Drive(b)) => a.eq_ignore_ascii_case(b),
        (Start::Share(server, share), Start::Share(other_server, other_share)) => {
            is_same(server, other_server, Style::Windows)
                && is_same(share, other_share, Style::Windows)
        }
        (a, b) => a == b,
    }
}

/// Elsewhere than on Windows names are bytes, and two that look alike are two folders.
fn is_same_name(a: &[u8], b: &[u8], style: Style) -> bool {
    match style {
        Style::Posix => a == b,
        Style::Windows => is_same(a, b, style),
    }
}
