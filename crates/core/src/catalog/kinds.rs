//! The `kinds` table: what files are taken for, once for all files alike.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use crate::media::{Category, Kind, kind_of_name};

/// Row id of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct KindId(pub(crate) i64);

/// A drive full of made-up extensions must not fill the memory.
const MOST_CACHED: usize = 65_536;

/// The kinds of one shard, made as they are met.
#[derive(Debug, Default)]
pub(crate) struct Kinds {
    /// By the bytes after the last dot, as they are.
    by_suffix: HashMap<Vec<u8>, KindId>,
    categories: HashMap<i64, Category>,
}

impl Kinds {
    /// Reads the categories of the kinds there are.
    ///
    /// # Errors
    /// What SQLite says.
    pub(crate) fn load(connection: &Connection) -> rusqlite::Result<Self> {
        let categories = connection
            .prepare("SELECT id, category FROM kinds")?
            .query_map([], |row| {
                Ok((row.get(0)?, parse(&row.get::<_, String>(1)?)))
            })?
            .collect::<rusqlite::Result<_>>()?;
        Ok(Self {
            by_suffix: HashMap::new(),
            categories,
        })
    }

    /// Returns the category of a kind.
    pub(crate) fn category(&self, id: KindId) -> Category {
        self.categories
            .get(&id.0)
            .copied()
            .unwrap_or(Category::Other)
    }

    /// Returns the kind of a file by its name alone, making its row if need be.
    ///
    /// # Errors
    /// What SQLite says.
    pub(crate) fn of_name(
        &mut self,
        connection: &Connection,
        name: &[u8],
    ) -> rusqlite::Result<KindId> {
        let suffix = match name.iter().rposition(|&byte| byte == b'.') {
            Some(dot) if dot > 0 => name.get(dot + 1..).unwrap_or_default(),
            _ => b"",
        };
        if let Some(&id) = self.by_suffix.get(suffix) {
            return Ok(id);
        }
        let id = self.of(connection, &kind_of_name(name))?;
        if self.by_suffix.len() >= MOST_CACHED {
            self.by_suffix.clear();
        }
        self.by_suffix.insert(suffix.to_vec(), id);
        Ok(id)
    }

    /// Returns the row of a kind, making it if need be.
    ///
    /// # Errors
    /// What SQLite says.
    pub(crate) fn of(&mut self, connection: &Connection, kind: &Kind) -> rusqlite::Result<KindId> {
        let values = params![
            kind.ext,
            kind.mime.as_deref(),
            kind.category.name(),
            kind.sniffed
        ];
        let found = connection
            .prepare_cached(
                "SELECT id FROM kinds WHERE coalesce(ext, '') = coalesce(?1, '') AND coalesce(mime, '') = coalesce(?2, '')
                                        AND category = ?3 AND sniffed = ?4",
            )?
            .query_row(values, |row| row.get(0))
            .optional()?;
        let id = if let Some(id) = found {
            id
        } else {
            connection
                .prepare_cached(
                    "INSERT INTO kinds(ext, mime, category, sniffed) VALUES(?1, ?2, ?3, ?4)",
                )?
                .execute(values)?;
            connection.last_insert_rowid()
        };
        self.categories.insert(id, kind.category);
        Ok(KindId(id))
    }
}

fn parse(category: &str) -> Category {
    category.parse().unwrap_or(Category::Other)
}
