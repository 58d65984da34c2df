//! What is said of a file in words, and how what is said in it is cut into passages.

use std::fmt::Write;

use serde_json::Value;
use videocatalog_models::text::words;

use crate::catalog::semantic::sources::{Facts, SourceRow};
use crate::human;
use crate::path::display::printable;

/// Letters kept of one tag: descriptions can be novels.
const LONGEST_TAG: usize = 400;

/// A passage is about as long as this, in seconds and in words.
const PASSAGE_S: i64 = 45;
const PASSAGE_WORDS: usize = 80;

/// Tags of the whole file that say what it is about.
const TAGS: [&str; 9] = [
    "Title",
    "Album",
    "Performer",
    "Album_Performer",
    "Composer",
    "Genre",
    "Collection",
    "Description",
    "Comment",
];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A passage of what is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Passage {
    /// When it begins.
    pub(super) start_ms: Option<i64>,
    /// The words.
    pub(super) text: String,
}

/// Returns what is known of a file in words: its name, its folders, its tags, what it is.
pub(super) fn describe(row: &SourceRow, facts: &Facts) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut names: Vec<String> = row
        .path
        .names()
        .map(|name| printable(name).into_owned())
        .collect();
    let name = names.pop().unwrap_or_default();
    let stem = match name.rsplit_once('.') {
        Some((stem, ext)) if !stem.is_empty() && ext.len() <= 5 => stem,
        _ => &name,
    };
    parts.push(readable(stem));
    // The nearest folders say most; what stands far above says nothing of one file.
    parts.extend(names.iter().rev().take(4).map(|name| readable(name)));
    parts.extend(tags(facts));
    parts.push(what_it_is(row, facts));
    let mut seen = Vec::new();
    parts.retain(|part| {
        let folded = part.to_lowercase();
        let is_new = !part.is_empty() && !seen.contains(&folded);
        seen.push(folded);
        is_new
    });
    parts.join(" · ")
}

/// Returns a name as a person would write it: joints become spaces.
fn readable(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 8);
    let mut before = ' ';
    for c in name.chars() {
        let c = if matches!(c, '_' | '.' | '-' | '+' | '(' | ')' | '[' | ']' | '{' | '}') {
            ' '
        } else {
            c
        };
        let is_joint = (before.is_lowercase() && c.is_uppercase())
            || (before.is_alphabetic() && c.is_ascii_digit())
            || (before.is_ascii_digit() && c.is_alphabetic());
        if is_joint || (c == ' ' && before == ' ') {
            if c == ' ' {
                continue;
            }
            text.push(' ');
        }
        text.push(c);
        before = c;
    }
    text.trim().to_owned()
}

fn tags(facts: &Facts) -> Vec<String> {
    let mut tags: Vec<String> = facts.title.iter().map(|title| cut(title)).collect();
    let Some(Ok(document)) = facts
        .media_json
        .as_deref()
        .map(serde_json::from_str::<Value>)
    else {
        return tags;
    };
    let tracks = document.pointer("/media/track").and_then(Value::as_array);
    let general = tracks.and_then(|tracks| tracks.first());
    for name in TAGS {
        if let Some(text) = general.and_then(|track| track.get(name)?.as_str()) {
            tags.push(cut(text));
        }
    }
    tags
}

fn cut(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.chars().take(LONGEST_TAG).collect()
}

fn what_it_is(row: &SourceRow, facts: &Facts) -> String {
    let mut parts = vec![row.category.clone()];
    parts.extend(row.ext.clone());
    parts.extend(facts.video_codec.clone());
    if let Some((width, height)) = facts.size.filter(|_| row.category == "video") {
        let lines = height.min(width).max(width.max(height) * 9 / 16);
        let name = match lines {
            2_000.. => "4k",
            1_400..2_000 => "1440p",
            1_000..1_400 => "1080p",
            700..1_000 => "720p",
            _ => "sd",
        };
        parts.push(name.into());
    }
    parts.extend(facts.hdr.clone().map(|kinds| kinds.replace(',', " ")));
    // When it was recorded, as people say it; when it was copied says nothing.
    if let Some((year, rest)) = facts
        .created
        .as_deref()
        .and_then(|text| text.split_once('-'))
    {
        let month = rest.get(..2).and_then(|month| month.parse::<usize>().ok());
        let name = month.and_then(|month| MONTHS.get(month.checked_sub(1)?));
        if year.len() == 4 {
            parts.extend(name.map(|name| format!("{name} {year}")));
        }
    }
    parts.join(" ")
}

/// Cuts lines such as `00:12:31 words` into passages; a text without times makes passages without.
pub(super) fn passages(content: &str) -> Vec<Passage> {
    let mut passages: Vec<Passage> = Vec::new();
    let mut count = 0;
    for line in content.lines() {
        let (time, text) = timed(line);
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        let is_far = |passage: &Passage| match (passage.start_ms, time) {
            (Some(start), Some(time)) => time - start >= PASSAGE_S * 1_000 || time < start,
            _ => false,
        };
        match passages.last_mut() {
            Some(passage) if count < PASSAGE_WORDS && !is_far(passage) => {
                passage.text.push(' ');
                passage.text.push_str(text);
            }
            _ => {
                count = 0;
                passages.push(Passage {
                    start_ms: time,
                    text: text.to_owned(),
                });
            }
        }
        count += text.split_whitespace().count();
    }
    passages.retain(|passage| !words::words(&passage.text).is_empty());
    passages
}

/// Writes what is said, by milliseconds, as [`passages`] reads it.
pub(super) fn timed_lines(segments: &[(i64, String)]) -> String {
    let mut lines = String::new();
    for (start_ms, text) in segments {
        let text = text.replace(['\n', '\r'], " ");
        // Writing to a text cannot fail.
        let _written = writeln!(lines, "{} {text}", human::clock(*start_ms));
    }
    lines
}

/// Returns the time at which a line begins, in milliseconds, and the rest of it.
fn timed(line: &str) -> (Option<i64>, &str) {
    let Some((time, rest)) = line.split_once(' ') else {
        return (None, line);
    };
    let mut parts = time.split(':');
    let mut next = || parts.next()?.parse::<u32>().ok().map(i64::from);
    match (next(), next(), next(), parts.next()) {
        (Some(hours), Some(minutes), Some(seconds), None) if time.len() >= 8 => {
            let seconds = (hours * 60 + minutes) * 60 + seconds;
            (Some(seconds * 1_000), rest)
        }
        _ => (None, line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::RelPath;

    #[test]
    fn a_file_is_described_as_people_speak() {
        let row = SourceRow {
            path: RelPath::from_bytes(b"Movies/Italy_2019/HolidayInRome.IMG1234.mkv".to_vec()),
            category: "video".into(),
            ext: Some("mkv".into()),
            ..SourceRow::default()
        };
        let facts = Facts {
            media_json: Some(
                r#"{"media":{"track":[{"@type":"General","Title":"Rome","Comment":"by  Anna"}]}}"#
                    .into(),
            ),
            title: Some("Rome".into()),
            created: Some("2019-07-14T10:00:00".into()),
            video_codec: Some("hevc".into()),
            size: Some((3_840, 1_600)),
            hdr: None,
        };
        assert_eq!(
            describe(&row, &facts),
            "Holiday In Rome IMG 1234 · Italy 2019 · Movies · Rome · by Anna · video mkv hevc 4k July 2019"
        );
        assert_eq!(describe(&SourceRow::default(), &Facts::default()), "");
    }

    #[test]
    fn what_is_said_is_cut_into_passages() {
        let passages = passages(
            "00:00:01 Hello there.\n00:00:04 How are you?\n00:01:00 Later.\n\n[music]\n00:02:30 !\n",
        );
        let expected = [
            (Some(1_000), "Hello there. How are you?"),
            (Some(60_000), "Later. [music]"),
        ];
        let seen: Vec<_> = passages
            .iter()
            .map(|passage| (passage.start_ms, passage.text.as_str()))
            .collect();
        assert_eq!(seen, expected);
        assert_eq!(super::passages("no times here")[0].start_ms, None);
        assert_eq!(super::passages(&"word ".repeat(5)).len(), 1);
        let long = "ten words are in this line of text for you\n".repeat(30);
        assert_eq!(super::passages(&long).len(), 4);
    }
}
