//! Bringing a shard up to date with what a walk finds, folder by folder.
//!
//! One connection, one thread. A folder's listing is compared with its rows as both stand in the same order; only what
//! differs is written, so a rescan of an unchanged drive writes nothing. Rows that were not met again are gathered in a
//! temporary table for [`super::missing`] to judge.

use std::collections::HashMap;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};
use unicode_normalization::UnicodeNormalization;

use super::batch::Batch;
use super::bits::Bits;
use super::jobs::CategoryCounts;
use super::kinds::{KindId, Kinds};
use super::{events, names};
use crate::clock::Clock;
use crate::path::RelPath;
use crate::tree::FileStat;

/// What a walk says of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedFile {
    /// Length in bytes.
    pub size_bytes: i64,
    /// Last modification, microseconds since 1970.
    pub mtime_us: i64,
    /// Number within the volume, where it lasts.
    pub inode: Option<i64>,
}

impl ListedFile {
    /// Returns what the catalogue keeps of what the system says; the inode only where it lasts.
    pub fn of(stat: &FileStat, keep_inode: bool) -> Self {
        Self {
            size_bytes: i64::try_from(stat.size_bytes).unwrap_or(i64::MAX),
            mtime_us: stat.mtime_us,
            inode: (keep_inode && stat.inode != 0).then_some(stat.inode.cast_signed()),
        }
    }
}

/// Some entries of one folder. Subfolders that are entered are not among them.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// The folder.
    pub folder: RelPath,
    names: Vec<u8>,
    entries: Vec<ChunkEntry>,
    /// Whether this is the folder's first chunk.
    pub first: bool,
    /// Whether this is the folder's last chunk.
    pub last: bool,
    /// Whether entries may be absent that are there.
    pub incomplete: bool,
}

/// What is said of an entry.
#[derive(Clone, Copy, Debug)]
enum Listed {
    File(ListedFile),
    /// Something of this name is there, and that is all that is known now: left out, unreadable.
    Present,
    /// A link or the like: no file, but a folder of this name may have been reached through it.
    NoFile,
}

impl Listed {
    const fn file(&self) -> Option<&ListedFile> {
        match self {
            Self::File(file) => Some(file),
            Self::Present | Self::NoFile => None,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct ChunkEntry {
    start: u32,
    end: u32,
    what: Listed,
}

impl Chunk {
    /// Returns an empty chunk that begins a folder.
    pub fn first(folder: RelPath) -> Self {
        Self {
            folder,
            names: Vec::new(),
            entries: Vec::new(),
            first: true,
            last: false,
            incomplete: false,
        }
    }

    /// Returns an empty chunk that goes on after `before`.
    #[must_use]
    pub fn following(before: &Self) -> Self {
        Self {
            first: false,
            last: false,
            ..Self::first(before.folder.clone())
        }
    }

    /// Returns what is said of a folder that could not be listed at all.
    pub fn failed(folder: RelPath) -> Self {
        Self {
            last: true,
            incomplete: true,
            ..Self::first(folder)
        }
    }

    /// Adds a file.
    pub fn push_file(&mut self, name: &[u8], file: ListedFile) {
        self.push(name, Listed::File(file));
    }

    /// Adds something that is there but is no file for the catalogue, now: left out, unreadable, a link.
    pub fn push_present(&mut self, name: &[u8]) {
        self.push(name, Listed::Present);
    }

    /// Adds something that is not, or no longer, a file.
    pub fn push_no_file(&mut self, name: &[u8]) {
        self.push(name, Listed::NoFile);
    }

    fn push(&mut self, name: &[u8], what: Listed) {
        let offset = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let start = offset(self.names.len());
        self.names.extend_from_slice(name);
        self.entries.push(ChunkEntry {
            start,
            end: offset(self.names.len()),
            what,
        });
    }

    /// Returns how many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns how many of the entries are files.
    pub fn files(&self) -> usize {
        self.entries
            .iter()
            .filter(|entry| entry.what.file().is_some())
            .count()
    }

    fn name(&self, entry: &ChunkEntry) -> &[u8] {
        self.names
            .get(entry.start as usize..entry.end as usize)
            .unwrap_or_default()
    }
}

/// How the listing of a drive is to be compared and written.
#[derive(Clone, Copy, Debug)]
pub struct ListingRules {
    /// Times are good to 2 s and may shift by an hour (FAT).
    pub coarse_mtime: bool,
    /// Rows per transaction.
    pub batch_files: u64,
    /// Longest time between commits.
    pub batch_interval: Duration,
}

/// What a listing found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListingCounts {
    /// Files never seen before.
    pub new: u64,
    /// Files whose size or time differs.
    pub changed: u64,
    /// Files as they were.
    pub unchanged: u64,
    /// Files that were gone at an earlier scan and are there again.
    pub restored: u64,
    /// All of them by category.
    pub categories: CategoryCounts,
}

impl ListingCounts {
    /// Returns how many files were listed.
    pub fn total(&self) -> u64 {
        self.categories.total()
    }
}

/// A row as the comparison needs it.
#[derive(Clone, Copy, Debug)]
struct Known {
    id: i64,
    size_bytes: Option<i64>,
    mtime_us: Option<i64>,
    mtime_whole: bool,
    inode: Option<i64>,
    kind: KindId,
    deleted: bool,
}

const KNOWN_COLUMNS: &str =
    "id, name, size_bytes, mtime_us, mtime_whole, inode, kind_id, deleted_change IS NOT NULL";

impl Known {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            size_bytes: row.get(2)?,
            mtime_us: row.get(3)?,
            mtime_whole: row.get(4)?,
            inode: row.get(5)?,
            kind: KindId(row.get(6)?),
            deleted: row.get(7)?,
        })
    }

    fn stamp(&self) -> Stamp {
        Stamp {
            size_bytes: self.size_bytes,
            mtime_us: self.mtime_us,
            mtime_whole: self.mtime_whole,
        }
    }
}

/// A file's size and time, as its row has them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stamp {
    pub(super) size_bytes: Option<i64>,
    pub(super) mtime_us: Option<i64>,
    /// Whether the time is known to the second only.
    pub(super) mtime_whole: bool,
}

impl Stamp {
    /// Returns whether a file is, by its size and time, the one of the row; `coarse`: as [`ListingRules::coarse_mtime`].
    pub(super) fn is_of(&self, listed: &ListedFile, coarse: bool) -> bool {
        let (Some(size), Some(mtime_us)) = (self.size_bytes, self.mtime_us) else {
            return false;
        };
        let second = |us: i64| us.div_euclid(1_000_000);
        size == listed.size_bytes
            && (mtime_us == listed.mtime_us
                || (self.mtime_whole && second(mtime_us) == second(listed.mtime_us))
                || (coarse && is_coarsely_equal(mtime_us, listed.mtime_us)))
    }
}

/// How a listed file relates to its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    Same,
    /// The same file, of which the row can be told more precisely.
    SamePrecisely,
    Changed,
}

/// Returns whether the file is the one that was known. Size and time decide; the inode does not, since copying a drive
/// back gives every file another.
fn relate(known: &Known, listed: &ListedFile, rules: &ListingRules) -> Relation {
    if !known.stamp().is_of(listed, rules.coarse_mtime) {
        return Relation::Changed;
    }
    if known.mtime_whole || (listed.inode.is_some() && listed.inode != known.inode) {
        return Relation::SamePrecisely;
    }
    Relation::Same
}

/// FAT keeps local time in steps of 2 s: the same file may appear up to 2 s off, and an hour off in the other half of
/// the year.
fn is_coarsely_equal(a_us: i64, b_us: i64) -> bool {
    const STEP_US: u64 = 2_000_000;
    const HOUR_US: u64 = 3_600_000_000;
    let apart = a_us.abs_diff(b_us);
    apart < STEP_US || apart.abs_diff(HOUR_US) < STEP_US
}

/// A shard being brought up to date.
pub struct Listing<'c> {
    pub(super) connection: &'c Connection,
    rules: ListingRules,
    pub(super) batch: Batch<'c>,
    kinds: Kinds,
    legacy_names: bool,
    /// Whether every row was made by this listing.
    fresh: bool,
    /// Folders made by this listing: nothing in them needs to be looked up, unless they are listed once more.
    made: Bits,
    relisted: Bits,
    counts: ListingCounts,
    /// Folders that were visited, and those among them that are not complete.
    pub(super) visited: Bits,
    pub(super) incomplete: Bits,
    /// Known folders that are there but were not entered.
    pub(super) shadowed: Bits,
    /// Rows met in a folder that came in several chunks.
    seen: Bits,
}

impl<'c> Listing<'c> {
    /// Begins: makes the temporary table of what is missing, and looks at what there is.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn begin(
        connection: &'c Connection,
        rules: ListingRules,
        clock: &'c dyn Clock,
    ) -> rusqlite::Result<Self> {
        connection.execute_batch(
            "DROP TABLE IF EXISTS temp.missing;
             CREATE TEMP TABLE missing(id INTEGER PRIMARY KEY);",
        )?;
        let has_rows: bool =
            connection.query_row("SELECT EXISTS(SELECT 1 FROM entries)", [], |row| row.get(0))?;
        if has_rows {
            super::open::create_entries_index(connection)?;
        }
        let legacy_names =
            connection.query_row("SELECT legacy_names FROM root", [], |row| row.get(0))?;
        Ok(Self {
            connection,
            rules,
            batch: Batch::new(connection, clock),
            kinds: Kinds::load(connection)?,
            legacy_names,
            fresh: !has_rows,
            made: Bits::default(),
            relisted: Bits::default(),
            counts: ListingCounts::default(),
            visited: Bits::default(),
            incomplete: Bits::default(),
            shadowed: Bits::default(),
            seen: Bits::default(),
        })
    }

    /// Returns what was found so far.
    pub fn counts(&self) -> &ListingCounts {
        &self.counts
    }

    /// Returns whether any folder could not be listed completely.
    pub fn any_incomplete(&self) -> bool {
        self.incomplete.any()
    }

    /// Returns whether this folder could not be listed completely, or was not reached.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn is_incomplete(&self, folder: &RelPath) -> rusqlite::Result<bool> {
        let id = find_folder(self.connection, folder.as_bytes())?;
        Ok(id.is_none_or(|id| !self.visited.get(id) || self.incomplete.get(id)))
    }

    /// Takes one chunk; commits when a batch is full or old enough.
    ///
    /// # Errors
    /// What SQLite says; what was committed before stays.
    pub fn take(&mut self, chunk: &Chunk) -> rusqlite::Result<()> {
        self.batch.begin()?;
        let folder = self.folder(&chunk.folder)?;
        if chunk.first && self.visited.get(folder) {
            // An entry hung, and the walk comes again; what it sent before is looked up, so that it counts once.
            self.relisted.set(folder);
            super::open::create_entries_index(self.connection)?;
        }
        self.visited.set(folder);
        if chunk.incomplete {
            self.incomplete.set(folder);
        }
        if self.relisted.get(folder) {
            self.merge_part(folder, chunk)?;
        } else if self.made.get(folder) {
            self.insert_all(folder, chunk)?;
        } else if chunk.first && chunk.last {
            self.merge_whole(folder, chunk)?;
        } else {
            self.merge_part(folder, chunk)?;
        }
        self.note_shadowed(chunk)?;
        self.commit_if_due()
    }

    /// Commits if a batch is full or old enough.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn commit_if_due(&mut self) -> rusqlite::Result<()> {
        self.batch
            .commit_if(self.rules.batch_files, self.rules.batch_interval)
    }

    /// Ends the listing: everything is committed and the index over names is there.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn end(&mut self) -> rusqlite::Result<ListingCounts> {
        self.batch.commit()?;
        super::open::create_entries_index(self.connection)?;
        Ok(self.counts)
    }

    /// Returns the folder's id, making its row if need be.
    fn folder(&mut self, path: &RelPath) -> rusqlite::Result<i64> {
        if let Some(id) = find_folder(self.connection, path.as_bytes())? {
            return Ok(id);
        }
        if self.legacy_names
            && let Some(id) = self.adopt_folder(path)?
        {
            return Ok(id);
        }
        let parent = match path.split() {
            Some((parent, _)) => Some(self.folder(&parent)?),
            None => None,
        };
        self.batch.change()?;
        self.connection
            .prepare_cached("INSERT INTO folders(parent_id, path) VALUES(?1, ?2)")?
            .execute(params![parent, names::to_sql(path.as_bytes())])?;
        let id = self.connection.last_insert_rowid();
        self.made.set(id);
        Ok(id)
    }

    /// An older program stored NFC; the folder's true name takes its place, in its descendants too.
    fn adopt_folder(&mut self, path: &RelPath) -> rusqlite::Result<Option<i64>> {
        // The parent has its true name already, and so have the beginnings of the paths below it.
        let Some((parent, name)) = path.split() else {
            return Ok(None);
        };
        let Some(composed) = composed(name) else {
            return Ok(None);
        };
        let stored = parent.child(composed.as_bytes());
        let Some(id) = find_folder(self.connection, stored.as_bytes())? else {
            return Ok(None);
        };
        if self.visited.get(id) {
            return Ok(None);
        }
        self.batch.change()?;
        let below: Vec<(i64, Vec<u8>)> = self
            .connection
            .prepare_cached(&format!(
                "SELECT f.id, f.path FROM folders f WHERE {}",
                names::BELOW
            ))?
            .query_map([names::to_sql(stored.as_bytes())], |row| {
                Ok((row.get(0)?, names::from_sql(row.get_ref(1)?).to_vec()))
            })?
            .collect::<rusqlite::Result<_>>()?;
        for (descendant, old) in below {
            let mut renamed = path.as_bytes().to_vec();
            renamed.extend_from_slice(old.get(stored.as_bytes().len()..).unwrap_or_default());
            self.connection
                .prepare_cached("UPDATE folders SET path = ?2 WHERE id = ?1")?
                .execute(params![descendant, names::to_sql(&renamed)])?;
        }
        Ok(Some(id))
    }

    fn insert_all(&mut self, folder: i64, chunk: &Chunk) -> rusqlite::Result<()> {
        let mut insert = self.connection.prepare_cached(INSERT_ENTRY)?;
        for entry in &chunk.entries {
            if let Some(file) = entry.what.file() {
                let change = self.batch.change()?;
                let (name, kind) = (
                    chunk.name(entry),
                    self.kinds.of_name(self.connection, chunk.name(entry))?,
                );
                if !insert_entry(&mut insert, folder, name, file, kind, change)? {
                    continue;
                }
                self.counts.new += 1;
                self.counts.categories.add(self.kinds.category(kind), 1);
                if !chunk.last {
                    self.seen.set(self.connection.last_insert_rowid());
                }
            }
        }
        Ok(())
    }

    /// A folder that came whole: its rows stream by in the order of the sorted listing.
    fn merge_whole(&mut self, folder: i64, chunk: &Chunk) -> rusqlite::Result<()> {
        let mut order: Vec<(bool, &[u8], Option<&ListedFile>)> = chunk
            .entries
            .iter()
            .filter(|entry| !matches!(entry.what, Listed::NoFile))
            .map(|entry| (chunk.name(entry), entry))
            .map(|(name, entry)| {
                (
                    matches!(
                        names::to_sql(name),
                        rusqlite::types::ToSqlOutput::Borrowed(rusqlite::types::ValueRef::Blob(_))
                    ),
                    name,
                    entry.what.file(),
                )
            })
            .collect();
        // SQLite's order: texts before blobs, each byte by byte.
        order.sort_unstable_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        order.dedup_by(|a, b| (a.0, a.1) == (b.0, b.1));
        let mut actions: Vec<(Known, &ListedFile, &[u8])> = Vec::new();
        let mut unmatched_rows: Vec<(Known, Vec<u8>)> = Vec::new();
        let mut unmatched_files: Vec<(&[u8], &ListedFile)> = Vec::new();
        let mut listed = order.into_iter().peekable();
        let mut select = self.connection.prepare_cached(&format!(
            "SELECT {KNOWN_COLUMNS} FROM entries WHERE folder_id = ?1 ORDER BY folder_id, name"
        ))?;
        let mut rows = select.query([folder])?;
        while let Some(row) = rows.next()? {
            let value = row.get_ref(1)?;
            let key = (
                matches!(value, rusqlite::types::ValueRef::Blob(_)),
                names::from_sql(value),
            );
            while let Some((_, name, file)) = listed.next_if(|entry| (entry.0, entry.1) < key) {
                unmatched_files.extend(file.map(|file| (name, file)));
            }
            let known = Known::read(row)?;
            match listed.next_if(|entry| (entry.0, entry.1) == key) {
                Some((_, name, Some(file))) => {
                    if known.deleted || relate(&known, file, &self.rules) != Relation::Same {
                        actions.push((known, file, name));
                    } else {
                        self.counts.unchanged += 1;
                        self.counts
                            .categories
                            .add(self.kinds.category(known.kind), 1);
                    }
                }
                Some((_, _, None)) => {}
                None if known.deleted => {}
                None => unmatched_rows.push((known, key.1.to_vec())),
            }
        }
        drop(rows);
        drop(select);
        unmatched_files.extend(listed.filter_map(|(_, name, file)| file.map(|file| (name, file))));
        if self.legacy_names && !unmatched_rows.is_empty() {
            self.match_composed(&mut unmatched_rows, &mut unmatched_files)?;
        }
        for (known, file, name) in actions {
            self.update(&known, name, file)?;
        }
        for (name, file) in unmatched_files {
            self.insert(folder, name, file)?;
        }
        if !chunk.incomplete {
            for (known, _) in unmatched_rows {
                self.note_missing(known.id)?;
            }
        }
        Ok(())
    }

    /// A folder too large to hold: each name is looked up, and rows met are remembered by a bit.
    fn merge_part(&mut self, folder: i64, chunk: &Chunk) -> rusqlite::Result<()> {
        let connection = self.connection;
        let mut find = connection.prepare_cached(&format!(
            "SELECT {KNOWN_COLUMNS} FROM entries WHERE folder_id = ?1 AND name = ?2"
        ))?;
        let listed = chunk
            .entries
            .iter()
            .filter(|entry| !matches!(entry.what, Listed::NoFile));
        for entry in listed {
            let name = chunk.name(entry);
            let known = find
                .query_row(params![folder, names::to_sql(name)], Known::read)
                .optional()?;
            match (known, entry.what.file()) {
                (Some(known), _) if self.seen.get(known.id) => {}
                (Some(known), Some(file)) => {
                    self.seen.set(known.id);
                    self.update(&known, name, file)?;
                }
                (Some(known), None) => self.seen.set(known.id),
                (None, Some(file)) => {
                    if self.insert(folder, name, file)? {
                        self.seen.set(self.connection.last_insert_rowid());
                    }
                }
                (None, None) => {}
            }
        }
        if chunk.last && !self.incomplete.get(folder) && !self.made.get(folder) {
            let mut select = self.connection.prepare_cached(
                "SELECT id FROM entries WHERE folder_id = ?1 AND deleted_change IS NULL",
            )?;
            let mut rows = select.query([folder])?;
            while let Some(row) = rows.next()? {
                let id = row.get(0)?;
                if !self.seen.get(id) {
                    self.note_missing(id)?;
                }
            }
        }
        Ok(())
    }

    /// Matches rows that an older program composed (NFC) with files whose names are not.
    fn match_composed(
        &mut self,
        rows: &mut Vec<(Known, Vec<u8>)>,
        files: &mut Vec<(&[u8], &ListedFile)>,
    ) -> rusqlite::Result<()> {
        let by_composed: HashMap<Vec<u8>, usize> = files
            .iter()
            .enumerate()
            .filter_map(|(index, (name, _))| composed(name).map(|name| (name.into_bytes(), index)))
            .collect();
        let mut taken = Vec::new();
        let mut left = Vec::new();
        for (known, row_name) in rows.drain(..) {
            let found = by_composed
                .get(&row_name)
                .and_then(|&index| files.get(index).map(|file| (index, *file)));
            let Some((index, (name, file))) = found else {
                left.push((known, row_name));
                continue;
            };
            self.batch.change()?;
            self.connection
                .prepare_cached("UPDATE entries SET name = ?2, name_folded = ?3 WHERE id = ?1")?
                .execute(params![known.id, names::to_sql(name), names::folded(name)])?;
            self.update(&known, name, file)?;
            taken.push(index);
        }
        *rows = left;
        taken.sort_unstable_by(|a, b| b.cmp(a));
        for index in taken {
            files.swap_remove(index);
        }
        Ok(())
    }

    /// Returns whether there is a new row: a name that was listed twice makes one.
    fn insert(&mut self, folder: i64, name: &[u8], file: &ListedFile) -> rusqlite::Result<bool> {
        let change = self.batch.change()?;
        let kind = self.kinds.of_name(self.connection, name)?;
        let mut insert = self.connection.prepare_cached(INSERT_ENTRY)?;
        let is_new = insert_entry(&mut insert, folder, name, file, kind, change)?;
        if is_new {
            self.counts.new += 1;
            self.counts.categories.add(self.kinds.category(kind), 1);
        }
        Ok(is_new)
    }

    /// Brings the row of a file that is there up to date and counts it.
    fn update(&mut self, known: &Known, name: &[u8], file: &ListedFile) -> rusqlite::Result<()> {
        let relation = relate(known, file, &self.rules);
        let kind = if relation == Relation::Changed {
            self.kinds.of_name(self.connection, name)?
        } else {
            known.kind
        };
        self.counts.categories.add(self.kinds.category(kind), 1);
        match relation {
            Relation::Changed => self.counts.changed += 1,
            _ if known.deleted => self.counts.restored += 1,
            _ => self.counts.unchanged += 1,
        }
        if relation == Relation::Same && !known.deleted {
            return Ok(());
        }
        let change = self.batch.change()?;
        if known.deleted {
            events::restored(self.connection, known.id, change)?;
        }
        if relation == Relation::Changed {
            events::changed(self.connection, known.id, change)?;
        }
        self.connection
            .prepare_cached(
                "UPDATE entries SET size_bytes = ?2, mtime_us = ?3, mtime_whole = 0, inode = ?4, kind_id = ?5,
                                    change_id = ?6, deleted_change = NULL WHERE id = ?1",
            )?
            .execute(params![known.id, file.size_bytes, file.mtime_us, file.inode, kind.0, change])?;
        if relation == Relation::Changed {
            // What is known of the content is kept until the content was read: it may be the same.
            self.connection
                .prepare_cached("UPDATE hashes SET stale = 1 WHERE file_id = ?1")?
                .execute([known.id])?;
            self.connection
                .prepare_cached("UPDATE media SET to_redo = 1 WHERE file_id = ?1")?
                .execute([known.id])?;
        }
        Ok(())
    }

    /// Notes a row whose file was not met again.
    pub(super) fn note_missing(&self, id: i64) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached("INSERT OR IGNORE INTO temp.missing(id) VALUES(?1)")?
            .execute([id])
            .map(|_| ())
    }

    /// Notes the known folders among the entries of a chunk that are there but not entered.
    fn note_shadowed(&mut self, chunk: &Chunk) -> rusqlite::Result<()> {
        if self.fresh {
            return Ok(());
        }
        for entry in chunk
            .entries
            .iter()
            .filter(|entry| entry.what.file().is_none())
        {
            let path = chunk.folder.child(chunk.name(entry));
            if let Some(id) = find_folder(self.connection, path.as_bytes())? {
                self.shadowed.set(id);
            }
        }
        Ok(())
    }
}

const INSERT_ENTRY: &str =
    "INSERT OR IGNORE INTO entries(folder_id, name, name_folded, size_bytes, mtime_us, inode, kind_id,
                                               first_change, change_id)
                            VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)";

fn insert_entry(
    insert: &mut rusqlite::CachedStatement<'_>,
    folder: i64,
    name: &[u8],
    file: &ListedFile,
    kind: KindId,
    change: i64,
) -> rusqlite::Result<bool> {
    let folded = names::folded(name);
    let name = names::to_sql(name);
    let values: [&dyn ToSql; 8] = [
        &folder,
        &name,
        &folded,
        &file.size_bytes,
        &file.mtime_us,
        &file.inode,
        &kind.0,
        &change,
    ];
    // Broken file systems list a name twice; one row is enough.
    insert.execute(values).map(|rows| rows == 1)
}

fn find_folder(connection: &Connection, path: &[u8]) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT id FROM folders WHERE path = ?1")?
        .query_row([names::to_sql(path)], |row| row.get(0))
        .optional()
}

/// Returns the composed form (NFC) of a name, if it is another one.
fn composed(name: &[u8]) -> Option<String> {
    if name.is_ascii() {
        return None;
    }
    let text = std::str::from_utf8(name).ok()?;
    let composed: String = text.nfc().collect();
    (composed != text).then_some(composed)
}
