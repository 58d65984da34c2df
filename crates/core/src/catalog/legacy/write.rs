//! The SQL by which a shard is filled: entries found, made and joined, and what hangs on them.

use std::borrow::Cow;

use rusqlite::{OptionalExtension, Row, named_params, params};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::super::names;
use super::fill::{Facts, Filler, Known};
use super::places::{earlier, split};
use super::rows::{self, Media};

/// Folder for paths outside the root that would fall together with one inside.
const OUTSIDE: &[u8] = b"(outside)/";

const KNOWN: &str = "SELECT id, size_bytes, mtime_us, deleted_change, first_change, change_id, kind_id FROM entries";

fn known(row: &Row<'_>) -> rusqlite::Result<Known> {
    let change = row.get(5)?;
    Ok(Known {
        id: row.get(0)?,
        first: row.get(4)?,
        change,
        facts: Facts {
            size_bytes: row.get(1)?,
            mtime_us: row.get(2)?,
            deleted: row.get(3)?,
            seen: change,
            kind: row.get(6)?,
        },
    })
}

impl Filler<'_> {
    /// Returns where a row lies: a path outside the root gives way to an entry inside that has its place.
    pub(super) fn place_of<'p>(&self, relative: &'p [u8]) -> rusqlite::Result<Cow<'p, [u8]>> {
        let is_taken = match self.last_inside {
            Some(last) => self.find(relative)?.is_some_and(|known| known.id <= last),
            None => false,
        };
        Ok(if is_taken {
            Cow::Owned([OUTSIDE, relative].concat())
        } else {
            Cow::Borrowed(relative)
        })
    }

    /// Returns the entry of a path, byte for byte.
    pub(super) fn find(&self, relative: &[u8]) -> rusqlite::Result<Option<Known>> {
        let (folder, name) = split(relative);
        let Some(folder) = self.folders.known(folder) else {
            return Ok(None);
        };
        self.target
            .prepare_cached(&format!("{KNOWN} WHERE folder_id = ?1 AND name = ?2"))?
            .query_row(params![folder, names::to_sql(name)], known)
            .optional()
    }

    /// Returns the entry of a path, or of one that is the same once accents are composed: the inventory stored that form
    /// of names, the hash scan the one on the disk.
    pub(super) fn find_either_form(&self, relative: &[u8]) -> rusqlite::Result<Option<Known>> {
        let found = self.find(relative)?;
        if found.is_some() || relative.is_ascii() {
            return Ok(found);
        }
        let Ok(text) = std::str::from_utf8(relative) else {
            return Ok(None);
        };
        let composed: String = text.nfc().collect();
        if composed != text {
            let found = self.find(composed.as_bytes())?;
            if found.is_some() {
                return Ok(found);
            }
        }
        self.target
            .prepare_cached(&format!(
                "{KNOWN} WHERE id = (SELECT file_id FROM temp.composed WHERE path = ?1)"
            ))?
            .query_row([composed], known)
            .optional()
    }

    /// Remembers a path that is not composed, so that its other form finds it.
    pub(super) fn note_composed(&self, relative: &[u8], id: i64) -> rusqlite::Result<()> {
        match std::str::from_utf8(relative) {
            Ok(text) if !text.is_ascii() && !is_nfc(text) => self
                .target
                .prepare_cached(
                    "INSERT OR IGNORE INTO temp.composed(path, file_id) VALUES(?1, ?2)",
                )?
                .execute(params![text.nfc().collect::<String>(), id])
                .map(|_| ()),
            _ => Ok(()),
        }
    }

    pub(super) fn insert(&mut self, relative: &[u8], facts: &Facts) -> rusqlite::Result<i64> {
        let (folder, name) = split(relative);
        let folder = self.folders.make(self.target, folder)?;
        self.target
            .prepare_cached(
                "INSERT INTO entries(folder_id, name, name_folded, size_bytes, mtime_us, mtime_whole, kind_id,
                                     first_change, change_id, deleted_change)
                 VALUES(:folder, :name, :folded, :size, :mtime, 1, :kind, :seen, :seen, :deleted)",
            )?
            .execute(named_params! {
                ":folder": folder,
                ":name": names::to_sql(name),
                ":folded": names::folded(name),
                ":size": facts.size_bytes,
                ":mtime": facts.mtime_us,
                ":kind": facts.kind,
                ":seen": facts.seen,
                ":deleted": facts.deleted,
            })?;
        if self.last_inside.is_some() {
            self.counts.outside_root += 1;
        }
        Ok(self.target.last_insert_rowid())
    }

    pub(super) fn update(&self, known: &Known, facts: &Facts) -> rusqlite::Result<()> {
        self.target
            .prepare_cached(
                "UPDATE entries SET size_bytes = :size, mtime_us = :mtime, kind_id = :kind, deleted_change = :deleted,
                                    first_change = :first, change_id = :change
                  WHERE id = :id",
            )?
            .execute(named_params! {
                ":id": known.id,
                ":size": facts.size_bytes,
                ":mtime": facts.mtime_us,
                ":kind": facts.kind,
                ":deleted": facts.deleted,
                ":first": earlier(known.first, facts.seen),
                ":change": known.change.max(facts.seen),
            })
            .map(|_| ())
    }

    /// Returns a row's hash in bytes; what is none is counted.
    pub(super) fn hash(&mut self, text: Option<String>) -> Option<[u8; 32]> {
        let text = text?;
        let hash = rows::hash(&text);
        if hash.is_none() {
            self.counts.dropped_hashes += 1;
        }
        hash
    }

    /// Stores a hash unless there is one that counts more; `stale`: the file was another one then.
    pub(super) fn put_hash(
        &self,
        id: i64,
        hash: Option<[u8; 32]>,
        stale: bool,
        wins: bool,
    ) -> rusqlite::Result<()> {
        let Some(hash) = hash else { return Ok(()) };
        self.target
            .prepare_cached(
                "INSERT INTO hashes(file_id, hash, legacy, stale, change_id) VALUES(?1, ?2, 1, ?3, 0)
                 ON CONFLICT(file_id) DO UPDATE SET hash = excluded.hash, stale = excluded.stale
                  WHERE ?4 OR (stale AND NOT excluded.stale)",
            )?
            .execute(params![id, hash, stale, wins])
            .map(|_| ())
    }

    /// What is known of the content was found when the file had another size or time.
    pub(super) fn mark_stale(&self, id: i64) -> rusqlite::Result<()> {
        self.target
            .prepare_cached("UPDATE hashes SET stale = 1 WHERE file_id = ?1")?
            .execute([id])?;
        self.target
            .prepare_cached("UPDATE media SET to_redo = 1 WHERE file_id = ?1")?
            .execute([id])
            .map(|_| ())
    }

    pub(super) fn media_of(&self, id: i64) -> rusqlite::Result<Media> {
        let stored = self
            .target
            .prepare_cached(
                "SELECT media_json, integrity_ok, to_redo FROM media WHERE file_id = ?1",
            )?
            .query_row([id], |row| {
                Ok((Media::new(row.get(0)?, row.get(1)?), row.get(2)?))
            })
            .optional()?;
        Ok(
            stored.map_or_else(Media::default, |(mut media, to_redo): (Media, bool)| {
                media.to_redo = to_redo;
                media
            }),
        )
    }

    pub(super) fn put_media(&self, id: i64, media: &Media) -> rusqlite::Result<()> {
        if !media.says_something() {
            return Ok(());
        }
        self.target
            .prepare_cached(
                "INSERT INTO media(file_id, media_json, integrity_ok, to_redo) VALUES(?1, ?2, ?3, ?4)
                 ON CONFLICT(file_id) DO UPDATE SET media_json = excluded.media_json,
                   integrity_ok = excluded.integrity_ok, to_redo = excluded.to_redo",
            )?
            .execute(params![id, media.json, media.integrity_ok, media.to_redo])
            .map(|_| ())
    }
}
