//! The query language, the same for every face: text in, a meaning or an error that points at the place out.
//!
//! `docs/guide/searching.md` describes it. [`fields::FIELDS`] is the one list of fields: the parser, the guide's table and
//! completions come from it.

mod ast;
pub mod fields;
mod lexer;
mod parse;
mod split;
#[cfg(test)]
mod tests;
mod times;
mod values;
mod wildcard;

use std::cell::LazyCell;
use std::fmt;
use std::ops::Range;
use std::time::Duration;

use jiff::tz::TimeZone;

pub use self::ast::{Condition, Expr, Health, Interval, Query, Text};
pub use self::parse::parse;
pub use self::split::{Split, split};
pub(crate) use self::values::languages;
pub use self::wildcard::Wildcard;
use crate::path::display::is_hostile;

/// What a query is read against.
#[derive(Debug)]
pub struct Context {
    now_us: i64,
    zone: LazyCell<TimeZone, Box<dyn FnOnce() -> TimeZone>>,
}

impl Context {
    /// Now is `now_us` microseconds after 1970, and times without a zone are meant in `zone`, which is asked for only by a
    /// query that has such a time: finding out the system's takes longer than many a search.
    pub fn new(now_us: i64, zone: impl FnOnce() -> TimeZone + 'static) -> Self {
        Self {
            now_us,
            zone: LazyCell::new(Box::new(zone)),
        }
    }
}

/// Why a query means nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct QueryError {
    /// What is wrong.
    pub message: String,
    /// Where: bytes of the query.
    pub at: Range<usize>,
    /// What to write instead.
    pub hint: String,
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Returns the query for what lies below a folder, given by its absolute path.
pub fn below(folder: &str) -> String {
    // A `\` is a `/` to a query, but before a quotation mark it would be a sign.
    let folder = folder.replace('\\', "/").replace('"', "\\\"");
    format!("path:\"{}/\"", folder.trim_end_matches('/'))
}

/// Reads a size as queries have it, such as `4gb` or `1.5TiB`. Returns bytes.
///
/// # Errors
/// What is wrong with it.
pub fn parse_size(text: &str) -> Result<u64, String> {
    values::size(text.trim()).map(|size| size.point.unwrap_or(size.low))
}

/// Reads a duration as queries have it, such as `2h`, `1h30m` or `1:30:00`.
///
/// # Errors
/// What is wrong with it.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let seconds = values::duration(text.trim())?;
    let seconds = seconds.point.unwrap_or(seconds.low);
    Duration::try_from_secs_f64(seconds).map_err(|_| format!("`{text}` is no duration"))
}

impl QueryError {
    pub(self) fn new(
        message: impl Into<String>,
        at: Range<usize>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            message: message.into(),
            at,
            hint: hint.into(),
        }
    }

    /// Returns the part of the query around the place, and a line below with marks under it.
    pub fn pointing(&self, query: &str) -> String {
        const AROUND: usize = 40;
        let shown = |c: char| {
            if is_hostile(c) || c.is_control() {
                '\u{fffd}'
            } else {
                c
            }
        };
        let before: Vec<char> = query
            .get(..self.at.start)
            .unwrap_or(query)
            .chars()
            .map(shown)
            .collect();
        let inside: Vec<char> = query
            .get(self.at.clone())
            .unwrap_or_default()
            .chars()
            .map(shown)
            .collect();
        let after = query
            .get(self.at.end..)
            .unwrap_or_default()
            .chars()
            .map(shown);
        let cut = before.len().saturating_sub(AROUND);
        let lead: String = before.iter().skip(cut).collect();
        let place: String = inside.iter().take(AROUND).collect();
        let rest: String = if inside.len() > AROUND {
            "…".into()
        } else {
            after.take(AROUND).collect()
        };
        let dots = if cut > 0 { "…" } else { "" };
        let width = |text: &str| unicode_width::UnicodeWidthStr::width(text);
        format!(
            "{dots}{lead}{place}{rest}\n{}{}",
            " ".repeat(width(dots) + width(&lead)),
            "^".repeat(width(&place).max(1))
        )
    }
}
