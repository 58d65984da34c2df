//! A table's rows around what cannot be read: forwards from the beginning, backwards from the end, and into the gap
//! between by halves.

use std::collections::VecDeque;

use rusqlite::types::{Value, ValueRef};
use rusqlite::{CachedStatement, Connection, params_from_iter};

use super::super::interrupt::is_interruption;
use super::Table;

/// How often a gap is looked into before the rest of a table counts as lost.
const MOST_PROBES: u32 = 100_000;

/// What is missing of a table.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lost {
    /// Rows that were read but cannot be right.
    pub(super) refused: u64,
    /// Rows that were not read, at most; `None`: nobody can say.
    pub(super) at_most: Option<u64>,
}

/// A range of keys, both ends included.
#[derive(Clone, Copy, Debug)]
struct Range {
    first: i64,
    last: i64,
}

impl Range {
    const fn is_empty(self) -> bool {
        self.first > self.last
    }

    fn length(self) -> u64 {
        if self.is_empty() {
            0
        } else {
            self.last.abs_diff(self.first).saturating_add(1)
        }
    }
}

/// How far a walk came.
enum Reached {
    /// To the end of its range.
    End,
    /// To something that cannot be read, after the row of this key; `None`: it met it at once.
    Damage(Option<i64>),
}

/// Copies what can be read of a table.
pub(super) fn copy(
    damaged: &Connection,
    new: &Connection,
    table: &Table,
) -> rusqlite::Result<Lost> {
    let mut walk = Walk::new(damaged, new, table)?;
    let whole = Range {
        first: i64::MIN,
        last: i64::MAX,
    };
    let Reached::Damage(before) = walk.forwards(whole)? else {
        return Ok(walk.lost(Some(0)));
    };
    // Rows of one key can lie on both sides of the damage.
    let overlap = i64::from(!table.key_repeats);
    let first = before.map_or(i64::MIN, |key| key.saturating_add(overlap));
    let after = match walk.backwards(Range {
        first,
        last: i64::MAX,
    })? {
        Reached::End => return Ok(walk.lost(Some(0))),
        Reached::Damage(after) => after,
    };
    let first = before.map_or(1, |key| key.saturating_add(1));
    // Numbers are given out one after the other, and a row takes more than a byte.
    let gap = Range {
        first,
        last: after.map_or(first.saturating_add(walk.file_bytes), |key| {
            key.saturating_sub(1)
        }),
    };
    let unread = walk.search_gap(gap)?;
    Ok(walk.lost(after.map(|_| unread)))
}

struct Walk<'c> {
    forwards: CachedStatement<'c>,
    backwards: CachedStatement<'c>,
    insert: CachedStatement<'c>,
    types: Vec<Declared>,
    file_bytes: i64,
    refused: u64,
}

impl<'c> Walk<'c> {
    fn new(damaged: &'c Connection, new: &'c Connection, table: &Table) -> rusqlite::Result<Self> {
        let names: Vec<String> = table
            .columns
            .iter()
            .map(|(column, _)| format!("\"{column}\""))
            .collect();
        let (name, key, names) = (&table.name, &table.key, names.join(", "));
        let select = |direction: &str| {
            // In the order of the table itself: an index would lead through other pages.
            damaged.prepare_cached(&format!(
                "SELECT {key}, {names} FROM \"{name}\" NOT INDEXED WHERE {key} >= ?1 AND {key} <= ?2 ORDER BY {key} {direction}"
            ))
        };
        let places = vec!["?"; table.columns.len()].join(", ");
        Ok(Self {
            forwards: select("ASC")?,
            backwards: select("DESC")?,
            insert: new.prepare_cached(&format!(
                "INSERT OR IGNORE INTO \"{name}\"({names}) VALUES({places})"
            ))?,
            types: table
                .columns
                .iter()
                .map(|(_, declared)| Declared::of(declared))
                .collect(),
            file_bytes: damaged.query_row(
                "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
                [],
                |row| row.get(0),
            )?,
            refused: 0,
        })
    }

    fn lost(&self, at_most: Option<u64>) -> Lost {
        Lost {
            refused: self.refused,
            at_most,
        }
    }

    fn forwards(&mut self, range: Range) -> rusqlite::Result<Reached> {
        let Self {
            forwards,
            insert,
            types,
            refused,
            ..
        } = self;
        rows(forwards, insert, types, refused, range)
    }

    fn backwards(&mut self, range: Range) -> rusqlite::Result<Reached> {
        let Self {
            backwards,
            insert,
            types,
            refused,
            ..
        } = self;
        rows(backwards, insert, types, refused, range)
    }

    /// Looks for readable islands in a gap whose ends cannot be read, the middle of the largest first, and returns how
    /// many keys stay unread.
    fn search_gap(&mut self, gap: Range) -> rusqlite::Result<u64> {
        let mut gaps = VecDeque::from([gap]);
        let mut unread: u64 = 0;
        let mut probes = 0;
        while let Some(gap) = gaps.pop_front() {
            if gap.is_empty() {
                continue;
            }
            probes += 1;
            if probes > MOST_PROBES {
                unread = unread.saturating_add(gap.length());
                continue;
            }
            let middle = gap.first.midpoint(gap.last);
            let left = Range {
                first: gap.first,
                last: middle.saturating_sub(1),
            };
            let right = Range {
                first: middle,
                last: gap.last,
            };
            match self.forwards(right)? {
                Reached::Damage(None) => {
                    // The row in the middle, at least, cannot be read.
                    unread = unread.saturating_add(1);
                    gaps.push_back(left);
                    gaps.push_back(Range {
                        first: middle.saturating_add(1),
                        last: gap.last,
                    });
                    continue;
                }
                Reached::Damage(Some(key)) => gaps.push_back(Range {
                    first: key.saturating_add(1),
                    last: gap.last,
                }),
                Reached::End => {}
            }
            match self.backwards(left)? {
                Reached::End => {}
                Reached::Damage(key) => gaps.push_back(Range {
                    first: left.first,
                    last: key.map_or(left.last, |key| key.saturating_sub(1)),
                }),
            }
        }
        Ok(unread)
    }
}

/// Copies the rows of a range until its end or something that cannot be read.
fn rows(
    select: &mut CachedStatement<'_>,
    insert: &mut CachedStatement<'_>,
    types: &[Declared],
    refused: &mut u64,
    range: Range,
) -> rusqlite::Result<Reached> {
    if range.is_empty() {
        return Ok(Reached::End);
    }
    let mut last = None;
    let mut rows = select.query([range.first, range.last])?;
    loop {
        let row = match rows.next() {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(Reached::End),
            Err(error) if is_interruption(&error) => return Err(error),
            Err(_) => return Ok(Reached::Damage(last)),
        };
        let Ok(key) = row.get(0) else {
            return Ok(Reached::Damage(last));
        };
        last = Some(key);
        let mut values = Vec::with_capacity(types.len());
        for (index, declared) in types.iter().enumerate() {
            match row.get_ref(index + 1) {
                Ok(value) if declared.takes(value) => values.push(Value::from_ref(value)),
                _ => break,
            }
        }
        if values.len() < types.len() {
            *refused += 1;
            continue;
        }
        insert.execute(params_from_iter(values))?;
    }
}

/// What a column is declared to hold.
#[derive(Clone, Copy, Debug)]
enum Declared {
    Integer,
    Real,
    Text,
    Blob,
    Name,
}

impl Declared {
    fn of(text: &str) -> Self {
        match text {
            "INTEGER" => Self::Integer,
            "REAL" => Self::Real,
            "TEXT" => Self::Text,
            "BLOB" => Self::Blob,
            // Without a type: names and paths, text or bytes.
            _ => Self::Name,
        }
    }

    /// Returns whether a value can be one of this column: SQLite itself would store a text as a number's.
    fn takes(self, value: ValueRef<'_>) -> bool {
        match (self, value) {
            (_, ValueRef::Null)
            | (Self::Integer, ValueRef::Integer(_))
            | (Self::Real, ValueRef::Real(_) | ValueRef::Integer(_))
            | (Self::Blob | Self::Name, ValueRef::Blob(_)) => true,
            (Self::Text | Self::Name, ValueRef::Text(text)) => std::str::from_utf8(text).is_ok(),
            _ => false,
        }
    }
}

trait FromRef {
    fn from_ref(value: ValueRef<'_>) -> Self;
}

impl FromRef for Value {
    fn from_ref(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Integer(number),
            ValueRef::Real(number) => Self::Real(number),
            ValueRef::Text(text) => Self::Text(String::from_utf8_lossy(text).into_owned()),
            ValueRef::Blob(bytes) => Self::Blob(bytes.to_vec()),
        }
    }
}
