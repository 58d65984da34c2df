//! The rows that files hang on: folders, kinds and the times of changes, made as they are met.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{Connection, params};

use super::super::kinds::{KindId, Kinds};
use super::super::names;
use super::detect::Source;
use crate::clock::{Clock, parse_utc, utc_text};
use crate::media::{Category, Kind, extension, kind_of_name};

/// The folders of a shard; their number is that of the drive's folders, so they are held.
#[derive(Debug, Default)]
pub(super) struct Folders(HashMap<Vec<u8>, i64>);

impl Folders {
    /// Returns a folder's id if it is known.
    pub(super) fn known(&self, path: &[u8]) -> Option<i64> {
        self.0.get(path).copied()
    }

    /// Returns a folder's id, making its row and those above it if need be.
    pub(super) fn make(&mut self, connection: &Connection, path: &[u8]) -> rusqlite::Result<i64> {
        if let Some(id) = self.known(path) {
            return Ok(id);
        }
        let parent = if path.is_empty() {
            None
        } else {
            Some(self.make(connection, split(path).0)?)
        };
        connection
            .prepare_cached("INSERT INTO folders(parent_id, path) VALUES(?1, ?2)")?
            .execute(params![parent, names::to_sql(path)])?;
        let id = connection.last_insert_rowid();
        self.0.insert(path.to_vec(), id);
        Ok(id)
    }
}

/// Returns the folder and the name of a relative path.
pub(super) fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|&byte| byte == b'/') {
        Some(slash) => (
            path.get(..slash).unwrap_or_default(),
            path.get(slash + 1..).unwrap_or_default(),
        ),
        None => (b"", path),
    }
}

/// What an inventory row takes a file for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Taken {
    pub(super) ext: Option<String>,
    pub(super) mime: Option<String>,
    pub(super) category: Option<String>,
}

impl Taken {
    /// Returns the kind; what the row leaves open is told by the name, a category that is none of ours is `other`.
    fn kind(&self, name: &[u8]) -> Kind {
        let by_name = kind_of_name(name);
        let category = match &self.category {
            Some(text) => text
                .trim()
                .to_lowercase()
                .parse()
                .unwrap_or(Category::Other),
            None if by_name.category == Category::Other => self
                .mime
                .as_deref()
                .map_or(Category::Other, Category::of_mime),
            None => by_name.category,
        };
        Kind {
            ext: self.ext.as_ref().map(|ext| ext.to_lowercase()),
            mime: self.mime.clone().map(Into::into),
            category,
            sniffed: false,
        }
    }
}

/// The kinds of a shard.
pub(super) struct KindRows {
    kinds: Kinds,
    taken: HashMap<(Taken, Option<String>), KindId>,
}

impl KindRows {
    /// A drive full of made-up extensions must not fill the memory.
    const MOST_CACHED: usize = 65_536;

    pub(super) fn new(connection: &Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            kinds: Kinds::load(connection)?,
            taken: HashMap::new(),
        })
    }

    /// Returns the row of what the name says.
    pub(super) fn of_name(
        &mut self,
        connection: &Connection,
        name: &[u8],
    ) -> rusqlite::Result<i64> {
        Ok(self.kinds.of_name(connection, name)?.0)
    }

    /// Returns the row of what an inventory row says.
    pub(super) fn of_taken(
        &mut self,
        connection: &Connection,
        name: &[u8],
        taken: Taken,
    ) -> rusqlite::Result<i64> {
        if taken.ext.is_none() && taken.mime.is_none() && taken.category.is_none() {
            return self.of_name(connection, name);
        }
        // With a category of its own the name adds nothing.
        let suffix = match taken.category {
            Some(_) => None,
            None => extension(name).map(std::borrow::Cow::into_owned),
        };
        let kind = taken.kind(name);
        let key = (taken, suffix);
        if let Some(id) = self.taken.get(&key) {
            return Ok(id.0);
        }
        let id = self.kinds.of(connection, &kind)?;
        if self.taken.len() >= Self::MOST_CACHED {
            self.taken.clear();
        }
        self.taken.insert(key, id);
        Ok(id.0)
    }
}

/// Stands for "at a time nobody wrote down" until [`Changes::settle`].
pub(super) const UNTIMED: i64 = 0;

/// The times at which files were indexed or found gone: one row of `changes` each, in their order.
#[derive(Debug)]
pub(super) struct Changes {
    by_text: HashMap<String, i64>,
    last: i64,
}

impl Changes {
    /// Collects the times in these (table, column) and makes their rows.
    pub(super) fn collect(
        target: &Connection,
        source: &Source<'_>,
        columns: &[(&str, &str)],
    ) -> rusqlite::Result<Self> {
        let mut times: BTreeMap<i64, Vec<String>> = BTreeMap::new();
        for (table, column) in columns {
            if !super::detect::contains(&source.columns(table)?, column) {
                continue;
            }
            let mut select = source.connection.prepare(&format!(
                "SELECT DISTINCT {column} FROM {} WHERE {column} IS NOT NULL",
                source.name(table)
            ))?;
            let mut rows = select.query([])?;
            while let Some(row) = rows.next()? {
                if let Some(text) = super::rows::text(row, 0)?
                    && let Some(us) = parse_utc(&text)
                {
                    times
                        .entry(us.div_euclid(1_000_000))
                        .or_default()
                        .push(text);
                }
            }
        }
        let mut by_text = HashMap::new();
        let mut last = UNTIMED;
        for (seconds, texts) in times {
            last += 1;
            insert_change(target, last, &utc_text(seconds * 1_000_000))?;
            by_text.extend(texts.into_iter().map(|text| (text, last)));
        }
        Ok(Self { by_text, last })
    }

    /// Returns the change of a time as it is written, [`UNTIMED`] if it is none.
    pub(super) fn at(&self, text: Option<&str>) -> i64 {
        text.and_then(|text| self.by_text.get(text))
            .copied()
            .unwrap_or(UNTIMED)
    }

    /// Gives rows without a time one change, now, and returns the last change.
    pub(super) fn settle(self, target: &Connection, clock: &dyn Clock) -> rusqlite::Result<i64> {
        let now = self.last + 1;
        let untimed = target.execute(
            "UPDATE entries SET first_change = ?1, change_id = ?1 WHERE change_id = 0",
            [now],
        )? + target.execute(
            "UPDATE entries SET change_id = ?1, deleted_change = ?1 WHERE deleted_change = 0",
            [now],
        )?;
        target.execute(
            "UPDATE hashes SET change_id = (SELECT change_id FROM entries WHERE id = file_id)",
            [],
        )?;
        // A shard without files begins with a change as well: everything in it has a time.
        if untimed == 0 && self.last > 0 {
            return Ok(self.last);
        }
        insert_change(target, now, &clock.now_utc())?;
        Ok(now)
    }
}

fn insert_change(target: &Connection, id: i64, utc: &str) -> rusqlite::Result<()> {
    target
        .prepare_cached("INSERT INTO changes(change_id, utc) VALUES(?1, ?2)")?
        .execute(params![id, utc])
        .map(|_| ())
}

/// Returns the earlier of two changes, an unknown one being none.
pub(super) fn earlier(a: i64, b: i64) -> i64 {
    match (a, b) {
        (UNTIMED, known) | (known, UNTIMED) => known,
        _ => a.min(b),
    }
}
