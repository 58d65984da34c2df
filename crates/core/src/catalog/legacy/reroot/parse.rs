//! A path taken apart.

use super::{Start, Style};

/// How a path begins, which is all that tells its style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beginning {
    /// `/`.
    Slash,
    /// `X:\`, `X:/` or `X:` alone.
    Drive,
    /// Two backslashes.
    Share,
    /// One backslash: a share that lost the other one, on Windows.
    Backslash,
    /// A name.
    Name,
}

impl Beginning {
    /// Returns the style that the beginning alone tells.
    pub(crate) fn style(self) -> Option<Style> {
        match self {
            Self::Slash => Some(Style::Posix),
            Self::Drive | Self::Share | Self::Backslash => Some(Style::Windows),
            Self::Name => None,
        }
    }

    /// Returns the style of a path that begins so on a drive of that style.
    pub(crate) fn style_in(self, drive: Style) -> Style {
        match self {
            Self::Slash => Style::Posix,
            Self::Drive | Self::Share => Style::Windows,
            Self::Backslash | Self::Name => drive,
        }
    }
}

pub(crate) fn beginning(path: &[u8]) -> Beginning {
    match path {
        [b'/', ..] => Beginning::Slash,
        [b'\\', b'\\', ..] => Beginning::Share,
        [b'\\', ..] => Beginning::Backslash,
        [letter, b':'] | [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic() => {
            Beginning::Drive
        }
        _ => Beginning::Name,
    }
}

/// What a path hangs on, and its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parsed<'p> {
    pub(crate) start: Start,
    pub(crate) names: Vec<&'p [u8]>,
}

impl<'p> Parsed<'p> {
    pub(crate) fn of(path: &'p [u8], style: Style) -> Self {
        match style {
            Style::Posix => Self {
                start: if path.first() == Some(&b'/') {
                    Start::Slash
                } else {
                    Start::Relative
                },
                names: names(path, |byte| byte == b'/'),
            },
            Style::Windows => Self::of_windows(path),
        }
    }

    fn of_windows(path: &'p [u8]) -> Self {
        let is_separator = |byte: u8| byte == b'\\' || byte == b'/';
        let unprefixed = path.strip_prefix(br"\\?\");
        let path = match unprefixed {
            Some(rest) => rest
                .strip_prefix(b"UNC")
                .filter(|rest| rest.first() == Some(&b'\\'))
                .unwrap_or(rest),
            None => path,
        };
        match (beginning(path), path) {
            (Beginning::Drive, [letter, b':', rest @ ..]) => Self {
                start: Start::Drive(*letter),
                names: names(rest, is_separator),
            },
            (Beginning::Share | Beginning::Backslash, _) => {
                let mut all = names(path, is_separator).into_iter();
                let mut part = || all.next().unwrap_or_default().to_vec();
                let start = Start::Share(part(), part());
                Self {
                    start,
                    names: all.collect(),
                }
            }
            (Beginning::Slash, _) => Self {
                start: Start::Slash,
                names: names(path, is_separator),
            },
            _ => Self {
                start: Start::Relative,
                names: names(path, is_separator),
            },
        }
    }

    /// Returns the whole path with `/` between its names, without the separators it begins with.
    pub(crate) fn whole(&self) -> Vec<u8> {
        let mut all: Vec<&[u8]> = Vec::with_capacity(self.names.len() + 2);
        let drive;
        match &self.start {
            Start::Relative | Start::Slash => {}
            Start::Drive(letter) => {
                drive = [*letter, b':'];
                all.push(&drive);
            }
            Start::Share(server, share) => all.extend([server.as_slice(), share]),
        }
        if self.names.is_empty() {
            return Vec::new();
        }
        all.extend(&self.names);
        all.join(&b'/')
    }
}

fn names(path: &[u8], is_separator: impl Fn(u8) -> bool) -> Vec<&[u8]> {
    path.split(|&byte| is_separator(byte))
        .filter(|name| !name.is_empty() && *name != b".")
        .collect()
}
