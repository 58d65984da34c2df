//! Values as the older program left them: any type in any column, two forms of time, failures written as results.

use std::borrow::Cow;

use rusqlite::Row;
use rusqlite::types::ValueRef;

use crate::clock::{parse_utc, utc_text};

/// Returns the bytes of a text or blob, `None` for NULL, and a number as it is written.
pub(super) fn bytes<'r>(
    row: &'r Row<'_>,
    column: usize,
) -> rusqlite::Result<Option<Cow<'r, [u8]>>> {
    Ok(match row.get_ref(column)? {
        ValueRef::Null => None,
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(Cow::Borrowed(bytes)),
        ValueRef::Integer(number) => Some(Cow::Owned(number.to_string().into_bytes())),
        ValueRef::Real(number) => Some(Cow::Owned(number.to_string().into_bytes())),
    })
}

/// Returns a text; bytes that are no UTF-8 are replaced.
pub(super) fn text(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<String>> {
    Ok(bytes(row, column)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

/// Returns a text that says something.
pub(super) fn words(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<String>> {
    Ok(text(row, column)?.filter(|text| !text.trim().is_empty()))
}

/// Returns a whole number, also from a fraction or from text; `None` if it is none.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a float becomes the nearest integer there is"
)]
pub(super) fn integer(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<i64>> {
    Ok(match row.get_ref(column)? {
        ValueRef::Integer(number) => Some(number),
        ValueRef::Real(number) if number.is_finite() => Some(number as i64),
        ValueRef::Text(text) => std::str::from_utf8(text)
            .ok()
            .and_then(|text| text.trim().parse().ok()),
        _ => None,
    })
}

/// Returns microseconds since 1970 from a column in either form of time.
pub(super) fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<i64>> {
    Ok(text(row, column)?.and_then(|text| parse_utc(&text)))
}

/// Returns a time in our own form; a text that is no time stays as it is.
pub(super) fn utc(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<String>> {
    Ok(words(row, column)?.map(|text| parse_utc(&text).map_or(text, utc_text)))
}

/// Returns the 32 bytes of a hash written as 64 hexadecimal digits.
pub(super) fn hash(text: &str) -> Option<[u8; 32]> {
    let digits = text.trim().as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut hash = [0; 32];
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        for digit in pair {
            let value = char::from(*digit).to_digit(16)?;
            *byte = *byte << 4 | u8::try_from(value).ok()?;
        }
    }
    Some(hash)
}

/// What a row says of a file's content as media.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Media {
    /// The document.
    pub(super) json: Option<String>,
    /// 1: found sound, 0: found damaged.
    pub(super) integrity_ok: Option<i64>,
    /// Whether it has to be looked at again.
    pub(super) to_redo: bool,
    /// Whether the document tells of a failure and nothing else.
    failed: bool,
}

impl Media {
    /// Takes what a row holds; the oldest builds' mark for "not looked at" is no document.
    pub(super) fn new(json: Option<String>, integrity_ok: Option<i64>) -> Self {
        let (json, failed) = match json {
            Some(json) => match Document::of(&json) {
                Document::Skipped => (None, false),
                Document::Failure => (Some(json), true),
                Document::Real => (Some(json), false),
            },
            None => (None, false),
        };
        Self {
            json,
            integrity_ok,
            to_redo: failed,
            failed,
        }
    }

    /// Returns whether there is anything to store.
    pub(super) fn says_something(&self) -> bool {
        self.json.is_some() || self.integrity_ok.is_some() || self.to_redo
    }

    /// Returns the two rows of one path as one. `same_file`: both saw the file with the same size and time.
    pub(super) fn merged(self, older: Self, same_file: bool) -> Self {
        let is_real = |media: &Self| media.json.is_some() && !media.failed;
        let integrity_ok = self.integrity_ok.or(older.integrity_ok);
        if is_real(&older) && !is_real(&self) {
            return Self {
                integrity_ok,
                to_redo: older.to_redo || !same_file,
                ..older
            };
        }
        if self.json.is_some() {
            return Self {
                integrity_ok,
                ..self
            };
        }
        Self {
            integrity_ok,
            to_redo: self.to_redo || older.failed,
            ..older
        }
    }
}

enum Document {
    Real,
    Failure,
    Skipped,
}

impl Document {
    /// Only documents that begin like the small ones are parsed: real ones are large and many.
    fn of(json: &str) -> Self {
        let first_key = json
            .trim_start()
            .strip_prefix('{')
            .and_then(|rest| rest.trim_start().strip_prefix('"'))
            .and_then(|rest| rest.split('"').next());
        if !matches!(first_key, Some("error" | "mediainfo_error" | "skipped")) {
            return Self::Real;
        }
        let Ok(serde_json::Value::Object(members)) = serde_json::from_str(json) else {
            return Self::Real;
        };
        if members
            .keys()
            .all(|key| key == "error" || key == "mediainfo_error")
        {
            Self::Failure
        } else if members.len() == 1 && members.get("skipped").is_some_and(|why| why == "non_av") {
            Self::Skipped
        } else {
            Self::Real
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes() {
        assert_eq!(hash(&"aB".repeat(32)), Some([0xAB; 32]));
        for unusable in ["", "ab", &"g".repeat(64), &"é".repeat(32)] {
            assert_eq!(hash(unusable), None, "{unusable}");
        }
    }

    #[test]
    fn documents() {
        for (json, kept, to_redo) in [
            (r#"{"error": "mediainfo_timeout"}"#, true, true),
            (r#" { "mediainfo_error" : "x" }"#, true, true),
            (r#"{"error": "x", "media": {}}"#, true, false),
            (r#"{"skipped": "non_av"}"#, false, false),
            (r#"{"skipped": "later"}"#, true, false),
            (r#"{"media": {"track": []}}"#, true, false),
            (r#"{"error": broken"#, true, false),
            ("garbage", true, false),
        ] {
            let media = Media::new(Some(json.into()), None);
            assert_eq!(
                (media.json.is_some(), media.to_redo),
                (kept, to_redo),
                "{json}"
            );
        }
    }

    #[test]
    fn a_real_document_outlives_a_failure() {
        let real = || Media::new(Some(r#"{"media":1}"#.into()), Some(1));
        let failure = || Media::new(Some(r#"{"error":"x"}"#.into()), Some(0));
        let merged = failure().merged(real(), true);
        assert_eq!(
            (merged.json.as_deref(), merged.to_redo),
            (Some(r#"{"media":1}"#), false)
        );
        assert_eq!(merged.integrity_ok, Some(0));
        assert!(failure().merged(real(), false).to_redo);
        assert_eq!(real().merged(failure(), false), real());
        assert_eq!(
            Media::default().merged(Media::default(), false),
            Media::default()
        );
    }
}
