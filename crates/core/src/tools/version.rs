//! Which version a tool says it is.

use std::fmt;

use serde::{Serialize, Serializer};

/// How many lines of a tool's answer are looked at.
const LINES: usize = 5;

/// A version number, as far as it is made of numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    numbers: Vec<u32>,
    text: String,
}

impl Version {
    /// Returns the first thing in a text that looks like a version: numbers with dots between, at the beginning of a
    /// word, perhaps behind a `v` or `n`.
    pub fn find(text: &str) -> Option<Self> {
        text.split(|character: char| {
            character.is_whitespace() || matches!(character, '(' | '[' | ',')
        })
        .find_map(Self::leading)
    }

    /// Returns the number that a word begins with.
    fn leading(word: &str) -> Option<Self> {
        let word = word.strip_prefix(['v', 'V', 'n', 'N']).unwrap_or(word);
        let end = word
            .find(|character: char| !character.is_ascii_digit() && character != '.')
            .unwrap_or(word.len());
        let text = word.get(..end)?.trim_end_matches('.');
        let numbers = text
            .split('.')
            .map(|part| part.parse().ok())
            .collect::<Option<Vec<u32>>>()?;
        (numbers.len() > 1).then(|| Self {
            numbers,
            text: text.to_owned(),
        })
    }

    /// Returns the first number.
    pub fn major(&self) -> u32 {
        self.numbers.first().copied().unwrap_or_default()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Returns the line that names the version: the first that is not empty, or, where that has no number in it, the first
/// one after it that has.
pub(super) fn line(output: &str) -> Option<String> {
    let mut lines = output
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .take(LINES);
    let first = lines.next()?;
    let has_number = |line: &str| line.contains(|character: char| character.is_ascii_digit());
    let chosen = if has_number(first) {
        first
    } else {
        lines.find(|line| has_number(line)).unwrap_or(first)
    };
    Some(chosen.chars().take(200).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_tools_say() {
        fn check(output: &str, expected_line: &str, expected: Option<&str>) {
            let line = line(output).unwrap();
            assert_eq!(line, expected_line);
            assert_eq!(
                Version::find(&line)
                    .map(|version| version.to_string())
                    .as_deref(),
                expected,
                "{line}"
            );
        }
        check(
            "ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026 the FFmpeg developers\nbuilt with gcc 12\n",
            "ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026 the FFmpeg developers",
            Some("5.1.9"),
        );
        check(
            "ffmpeg version n7.1 Copyright",
            "ffmpeg version n7.1 Copyright",
            Some("7.1"),
        );
        check(
            "ffmpeg version N-109542-g1bf1b8d93e Copyright (c) 2000-2023",
            "ffmpeg version N-109542-g1bf1b8d93e Copyright (c) 2000-2023",
            None,
        );
        check(
            "ffprobe version 7.1-full_build-www.gyan.dev Copyright",
            "ffprobe version 7.1-full_build-www.gyan.dev Copyright",
            Some("7.1"),
        );
        check(
            "MediaInfo Command line, \nMediaInfoLib - v23.04\n",
            "MediaInfoLib - v23.04",
            Some("23.04"),
        );
        check(
            "smartctl 7.3 2022-02-28 r5338 [x86_64-linux-6.18.44] (local build)\nCopyright (C) 2002-22",
            "smartctl 7.3 2022-02-28 r5338 [x86_64-linux-6.18.44] (local build)",
            Some("7.3"),
        );
        check(
            "fpcalc version 1.5.1 (FFmpeg Lavc59.18.100)",
            "fpcalc version 1.5.1 (FFmpeg Lavc59.18.100)",
            Some("1.5.1"),
        );
        check("\n\nsomething\nelse", "something", None);
        assert_eq!(line(" \n\n"), None);
        assert_eq!(Version::find("1.99999999999999999999"), None);
    }

    #[test]
    fn versions_are_ordered() {
        let version = |text| Version::find(text).unwrap();
        assert!(version("5.1.9") < version("5.10"));
        assert!(version("10.0") > version("9.9.9"));
        assert_eq!(version("7.1").major(), 7);
    }
}
