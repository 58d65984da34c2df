//! File rows of the older tables become entries of ours, one for each distinct path.

use rusqlite::{Connection, Row};

use super::super::bits::Bits;
use super::convert::Conversion;
use super::detect::Source;
use super::labels::Rows;
use super::places::{Changes, Folders, KindRows, Taken, UNTIMED, split};
use super::reroot::{Placed, Reroot};
use super::rows::{self, Media};

/// What a row says of a file itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    pub(super) size_bytes: Option<i64>,
    pub(super) mtime_us: Option<i64>,
    /// The change that found it gone.
    pub(super) deleted: Option<i64>,
    /// The change that saw it.
    pub(super) seen: i64,
    pub(super) kind: i64,
}

impl Facts {
    /// Orders rows of one path: a file that is there counts more than one that is not, then the newer one.
    fn rank(&self) -> (bool, Option<i64>, bool) {
        (
            self.deleted.is_none(),
            self.mtime_us,
            self.size_bytes.is_some(),
        )
    }

    /// Returns whether nothing that both rows know of the file differs: what one says of the content holds for the other.
    fn agrees(&self, other: &Self) -> bool {
        fn differ(a: Option<i64>, b: Option<i64>) -> bool {
            a.zip(b).is_some_and(|(a, b)| a != b)
        }
        !differ(self.size_bytes, other.size_bytes) && !differ(self.mtime_us, other.mtime_us)
    }
}

/// An entry that is there already.
pub(super) struct Known {
    pub(super) id: i64,
    pub(super) first: i64,
    pub(super) change: i64,
    pub(super) facts: Facts,
}

/// Which rows a walk over the tables takes; those outside the root come last, so that they can give way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Inside,
    Outside,
}

/// A shard being filled.
pub(super) struct Filler<'a> {
    pub(super) target: &'a Connection,
    pub(super) source: Source<'a>,
    pub(super) rows: &'a Rows,
    pub(super) counts: Conversion,
    pub(super) changes: Changes,
    reroot: &'a Reroot,
    pub(super) folders: Folders,
    kinds: KindRows,
    /// Entries that an inventory row speaks of.
    inventoried: Bits,
    /// The last entry inside the root, once those outside are under way.
    pub(super) last_inside: Option<i64>,
    some_outside: bool,
    /// Profile named by the newest inventory row that names one.
    profile: Option<(i64, String)>,
}

impl<'a> Filler<'a> {
    pub(super) fn new(
        target: &'a Connection,
        source: Source<'a>,
        rows: &'a Rows,
        reroot: &'a Reroot,
    ) -> rusqlite::Result<Self> {
        target.execute_batch(
            "DROP TABLE IF EXISTS temp.composed;
             CREATE TEMP TABLE composed(path PRIMARY KEY, file_id INTEGER NOT NULL) WITHOUT ROWID;",
        )?;
        let times = [("inventory", "indexed_utc"), ("files", "deleted_ts")];
        Ok(Self {
            target,
            source,
            rows,
            counts: Conversion::default(),
            changes: Changes::collect(target, &source, &times)?,
            reroot,
            folders: Folders::default(),
            kinds: KindRows::new(target)?,
            inventoried: Bits::default(),
            last_inside: None,
            some_outside: false,
            profile: None,
        })
    }

    /// Returns the profile that the inventory was made with.
    pub(super) fn profile(&self) -> Option<&str> {
        self.profile.as_ref().map(|(_, profile)| profile.as_str())
    }

    /// Takes every row of `files` and `inventory`.
    pub(super) fn take_files(&mut self) -> rusqlite::Result<()> {
        self.folders.make(self.target, b"")?;
        self.walk(Side::Inside)?;
        self.last_inside = Some(self.target.query_row(
            "SELECT coalesce(max(id), 0) FROM entries",
            [],
            |row| row.get(0),
        )?);
        if self.some_outside {
            self.walk(Side::Outside)?;
        }
        Ok(())
    }

    fn walk(&mut self, side: Side) -> rusqlite::Result<()> {
        let files = [
            "path",
            "drive_label",
            "size_bytes",
            "mtime_utc",
            "deleted",
            "deleted_ts",
            "hash_blake3",
            "media_json",
            "integrity_ok",
        ];
        self.each("files", &files, side, Self::take_file)?;
        let inventory = [
            "path",
            "drive_label",
            "size_bytes",
            "mtime_utc",
            "ext",
            "mime",
            "category",
            "drive_type",
            "indexed_utc",
        ];
        self.each("inventory", &inventory, side, Self::take_inventory)
    }

    fn each(
        &mut self,
        table: &str,
        columns: &[&str],
        side: Side,
        take: impl Fn(&mut Self, &Row<'_>, &[u8]) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        let source = self.source;
        let Some(sql) = source.select(table, columns, "")? else {
            return Ok(());
        };
        let mut select = source.connection.prepare(&sql)?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            if !self.rows.take(rows::text(row, 1)?.as_deref()) {
                continue;
            }
            let path = rows::bytes(row, 0)?.unwrap_or_default();
            match (self.reroot.place(&path), side) {
                (Placed::Inside(relative), Side::Inside)
                | (Placed::Outside(relative), Side::Outside) => take(self, row, &relative)?,
                (Placed::Outside(_), Side::Inside) => self.some_outside = true,
                (Placed::Nowhere, Side::Inside) => self.counts.dropped_rows += 1,
                (Placed::Inside(_) | Placed::Nowhere, Side::Outside) => {}
            }
        }
        Ok(())
    }

    fn take_file(&mut self, row: &Row<'_>, relative: &[u8]) -> rusqlite::Result<()> {
        let deleted = (rows::integer(row, 4)?.unwrap_or(0) != 0)
            .then_some(rows::text(row, 5)?)
            .map(|time| self.changes.at(time.as_deref()));
        let facts = Facts {
            size_bytes: rows::integer(row, 2)?.filter(|&size| size >= 0),
            mtime_us: rows::time(row, 3)?,
            deleted,
            seen: deleted.unwrap_or(UNTIMED),
            kind: self.kinds.of_name(self.target, split(relative).1)?,
        };
        let hash = self.hash(rows::words(row, 6)?);
        let media = Media::new(rows::words(row, 7)?, rows::integer(row, 8)?);
        let relative = self.place_of(relative)?;
        match self.find(&relative)? {
            None => {
                let id = self.insert(&relative, &facts)?;
                self.put_hash(id, hash, false, true)?;
                self.put_media(id, &media)?;
                self.note_composed(&relative, id)
            }
            Some(known) => {
                self.counts.merged_rows += 1;
                let wins = facts.rank() >= known.facts.rank();
                let same = facts.agrees(&known.facts);
                if wins {
                    self.update(&known, &facts)?;
                    if !same {
                        self.mark_stale(known.id)?;
                    }
                }
                self.put_hash(known.id, hash, !wins && !same, wins)?;
                let older = self.media_of(known.id)?;
                let merged = if wins {
                    media.merged(older, same)
                } else {
                    older.merged(media, same)
                };
                self.put_media(known.id, &merged)
            }
        }
    }

    fn take_inventory(&mut self, row: &Row<'_>, relative: &[u8]) -> rusqlite::Result<()> {
        let taken = Taken {
            ext: rows::words(row, 4)?,
            mime: rows::words(row, 5)?,
            category: rows::words(row, 6)?,
        };
        let facts = Facts {
            size_bytes: rows::integer(row, 2)?.filter(|&size| size >= 0),
            mtime_us: rows::time(row, 3)?,
            deleted: None,
            seen: self.changes.at(rows::text(row, 8)?.as_deref()),
            kind: self.kinds.of_taken(self.target, split(relative).1, taken)?,
        };
        self.note_profile(rows::words(row, 7)?, facts.seen);
        let relative = self.place_of(relative)?;
        let Some(known) = self.find_either_form(&relative)? else {
            let id = self.insert(&relative, &facts)?;
            self.inventoried.set(id);
            return self.note_composed(&relative, id);
        };
        if self.inventoried.get(known.id) {
            self.counts.merged_rows += 1;
        }
        self.inventoried.set(known.id);
        let is_newer = facts.mtime_us > known.facts.mtime_us || known.facts.size_bytes.is_none();
        let mut joined = if is_newer { facts } else { known.facts };
        joined.kind = facts.kind;
        joined.seen = facts.seen;
        // An inventory made after the file was missed saw it again; it never says itself that a file is gone.
        joined.deleted = known
            .facts
            .deleted
            .filter(|&gone| gone == UNTIMED || facts.seen <= gone);
        self.update(&known, &joined)?;
        if is_newer && !facts.agrees(&known.facts) {
            self.mark_stale(known.id)?;
        }
        Ok(())
    }

    fn note_profile(&mut self, profile: Option<String>, seen: i64) {
        let Some(profile) = profile.map(|text| text.trim().to_uppercase()) else {
            return;
        };
        let is_newest = self
            .profile
            .as_ref()
            .is_none_or(|(newest, _)| seen >= *newest);
        if is_newest && matches!(profile.as_str(), "SSD" | "HDD" | "USB" | "NETWORK") {
            self.profile = Some((seen, profile));
        }
    }

    /// Returns the entry that an enrichment's path belongs to, making one that is known by name alone if there is none;
    /// `None` if the path is none, or another shard's.
    pub(super) fn attach(&mut self, path: &[u8]) -> rusqlite::Result<Option<i64>> {
        let (relative, outside) = match self.reroot.place(path) {
            Placed::Inside(relative) => (relative, false),
            Placed::Outside(relative) => (relative, true),
            Placed::Nowhere => return Ok(None),
        };
        let relative = if outside {
            self.place_of(&relative)?.into_owned()
        } else {
            relative
        };
        if let Some(known) = self.find_either_form(&relative)? {
            return Ok(Some(known.id));
        }
        if !self.rows.takes_unknown(&self.source, path)? {
            return Ok(None);
        }
        let facts = Facts {
            size_bytes: None,
            mtime_us: None,
            deleted: None,
            seen: UNTIMED,
            kind: self.kinds.of_name(self.target, split(&relative).1)?,
        };
        self.counts.known_by_name += 1;
        self.insert(&relative, &facts).map(Some)
    }
}
