//! The files of a shard in the order of their paths, without sorting them.
//!
//! Folders are few: SQLite sorts them, each with its separator behind it, which is the order of a walk that enters every
//! folder where its name stands among the files. Between two folders the files come from the index over (folder, name),
//! range by range, so memory does not grow with the drive. Names that are no UTF-8 are blobs and stand behind all texts in
//! that index: folders that have such names are read as two ranges merged.

use std::collections::HashMap;
use std::ops::ControlFlow;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, Statement, params};

use super::names;
use crate::cancel::CancelToken;

/// Which files are wanted; all of them by default but those that are gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Those that are gone too.
    pub include_deleted: bool,
    /// Audio and video only.
    pub av_only: bool,
    /// Only what was modified at this time or later, microseconds since 1970.
    pub since_us: Option<i64>,
}

/// One file; times of batches are texts as stored.
#[derive(Clone, Copy, Debug)]
pub struct FileRow<'r> {
    /// Its number in the shard.
    pub file_id: i64,
    /// Path relative to the root.
    pub rel_path: &'r [u8],
    /// Length in bytes.
    pub size_bytes: Option<i64>,
    /// Last modification, microseconds since 1970.
    pub mtime_us: Option<i64>,
    /// Category.
    pub category: &'r str,
    /// Hash of the whole file, as far as it still holds.
    pub hash: Option<[u8; 32]>,
    /// Whether the hash is the older program's, which may be of another kind.
    pub is_legacy_hash: bool,
    /// What is known of the content as media.
    pub media: MediaRow<'r>,
    /// Whether it is sound; `None`: not judged.
    pub integrity_ok: Option<bool>,
    /// Whether it is gone.
    pub deleted: bool,
    /// When it was first seen.
    pub first_seen_utc: Option<&'r str>,
    /// When anything known of it last changed.
    pub updated_utc: Option<&'r str>,
}

/// What a shard knows of a file as media.
#[derive(Clone, Copy, Debug)]
pub enum MediaRow<'r> {
    /// Nothing.
    None,
    /// Only the document of an older program.
    Document(&'r str),
    /// The typed columns.
    Typed {
        /// In ffprobe's name.
        video_codec: Option<&'r str>,
        /// As shown, in pixels.
        width: Option<i64>,
        /// As shown, in pixels.
        height: Option<i64>,
        /// In ffprobe's name.
        audio_codec: Option<&'r str>,
        /// Streams with sound.
        audio_streams: Option<i64>,
        /// Streams with pictures.
        video_streams: Option<i64>,
        /// Playing time in seconds.
        duration_s: Option<f64>,
    },
}

const COLUMNS: &str = "e.id, e.name, e.size_bytes, e.mtime_us, k.category,
    CASE WHEN h.stale = 0 THEN h.hash END, h.legacy, m.integrity_ok, e.deleted_change IS NOT NULL, e.first_change,
    e.change_id, m.source IS NOT NULL, CASE WHEN m.source IS NULL THEN m.media_json END, m.video_codec, m.width, m.height,
    m.audio_codec, m.audio_streams, m.video_streams, m.duration_s";

const JOINS: &str = "JOIN kinds k ON k.id = e.kind_id LEFT JOIN hashes h ON h.file_id = e.id LEFT JOIN media m ON m.file_id = e.id";

impl Wanted {
    fn condition(&self) -> String {
        let mut conditions = vec!["TRUE".to_owned()];
        if !self.include_deleted {
            conditions.push("e.deleted_change IS NULL".into());
        }
        if self.av_only {
            conditions.push("k.category IN ('video', 'audio')".into());
        }
        if let Some(since_us) = self.since_us {
            conditions.push(format!("e.mtime_us >= {since_us}"));
        }
        conditions.join(" AND ")
    }

    /// Returns the query for a folder's files: parameter 1 the folder, 2 the first name, 3 the one to stop before.
    fn range(&self, has_blobs: bool, is_bounded: bool) -> String {
        let part = |bounds: &str| {
            format!(
                "SELECT {COLUMNS}, CAST(e.name AS BLOB) FROM entries e INDEXED BY entries_by_place {JOINS}
                  WHERE e.folder_id = ?1 AND {bounds} AND {}",
                self.condition()
            )
        };
        match (has_blobs, is_bounded) {
            (false, false) => part("e.name >= ?2") + " ORDER BY e.name",
            (false, true) => part("e.name >= ?2 AND e.name < ?3") + " ORDER BY e.name",
            (true, false) => format!(
                "{} UNION ALL {} ORDER BY 21",
                part("e.name >= ?2 AND e.name < x''"),
                part("e.name >= CAST(?2 AS BLOB)")
            ),
            (true, true) => format!(
                "{} UNION ALL {} ORDER BY 21",
                part("e.name >= ?2 AND e.name < ?3"),
                part("e.name >= CAST(?2 AS BLOB) AND e.name < CAST(?3 AS BLOB)")
            ),
        }
    }
}

/// Calls `visit` for the wanted files in the order of their paths, byte by byte with the drive's separator between names,
/// as they stand at one moment. Returns whether it came to the end: `visit` or the token may stop it.
///
/// # Errors
/// What SQLite says.
pub fn each_file(
    shard: &Connection,
    separator: char,
    wanted: &Wanted,
    cancel: &CancelToken,
    visit: &mut dyn FnMut(&FileRow<'_>) -> ControlFlow<()>,
) -> rusqlite::Result<ControlFlow<()>> {
    let snapshot = shard.unchecked_transaction()?;
    let has_index: bool = snapshot.query_row(
        "SELECT EXISTS(SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = 'entries_by_place')",
        [],
        |row| row.get(0),
    )?;
    let mut teller = Teller {
        times: Times::new(&snapshot)?,
        visit,
    };
    if has_index {
        Walk::new(&snapshot, separator, wanted)?.run(cancel, &mut teller)
    } else {
        // A first listing is under way, or was broken off.
        each_sorted(&snapshot, separator, wanted, cancel, &mut teller)
    }
}

/// Returns the expression that orders folders as a walk meets them.
fn folder_order(separator: char) -> String {
    match separator {
        '/' => "CASE f.path WHEN '' THEN x'' ELSE CAST(f.path || '/' AS BLOB) END".into(),
        _ => {
            r"CASE f.path WHEN '' THEN x'' ELSE CAST(replace(f.path, '/', '\') || '\' AS BLOB) END"
                .into()
        }
    }
}

/// The same without an index, at the price of sorting every row.
fn each_sorted(
    shard: &Connection,
    separator: char,
    wanted: &Wanted,
    cancel: &CancelToken,
    teller: &mut Teller<'_, '_>,
) -> rusqlite::Result<ControlFlow<()>> {
    let mut select = shard.prepare(&format!(
        "SELECT {COLUMNS}, f.path FROM entries e JOIN folders f ON f.id = e.folder_id {JOINS}
          WHERE {} ORDER BY CAST({} || e.name AS BLOB)",
        wanted.condition(),
        folder_order(separator)
    ))?;
    let mut rows = select.query([])?;
    let mut path = Vec::new();
    while let Some(row) = rows.next()? {
        path.clear();
        path.extend_from_slice(names::from_sql(row.get_ref(20)?));
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(names::from_sql(row.get_ref(1)?));
        if cancel.is_cancelled() || teller.tell(row, &path)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// A folder whose files are not all told yet.
struct Level {
    folder_id: i64,
    path: Vec<u8>,
    has_blobs: bool,
    /// The first name that may come next.
    next: Vec<u8>,
}

impl Level {
    /// Returns what stands before the names of this folder's entries.
    fn prefix_bytes(&self) -> usize {
        match self.path.len() {
            0 => 0,
            length => length + 1,
        }
    }

    /// Returns the rest of `path`, if it lies below this folder.
    fn below<'p>(&self, path: &'p [u8]) -> Option<&'p [u8]> {
        if self.path.is_empty() {
            return Some(path);
        }
        path.strip_prefix(self.path.as_slice())?.strip_prefix(b"/")
    }
}

struct Walk<'s> {
    separator: u8,
    folders: Statement<'s>,
    has_blobs: Statement<'s>,
    files: Files<'s>,
}

/// The queries for a folder's files.
struct Files<'s> {
    /// Names that are texts: to the end, and up to a name.
    texts: [Statement<'s>; 2],
    /// Names of both sorts: to the end, and up to a name.
    mixed: [Statement<'s>; 2],
}

impl<'s> Walk<'s> {
    fn new(shard: &'s Connection, separator: char, wanted: &Wanted) -> rusqlite::Result<Self> {
        let files = |has_blobs| -> rusqlite::Result<_> {
            Ok([
                shard.prepare(&wanted.range(has_blobs, false))?,
                shard.prepare(&wanted.range(has_blobs, true))?,
            ])
        };
        Ok(Self {
            separator: if separator == '/' { b'/' } else { b'\\' },
            folders: shard.prepare(&format!(
                "SELECT f.id, f.path FROM folders f ORDER BY {}",
                folder_order(separator)
            ))?,
            has_blobs: shard.prepare(
                "SELECT EXISTS(SELECT 1 FROM entries WHERE folder_id = ?1 AND name >= x'')",
            )?,
            files: Files {
                texts: files(false)?,
                mixed: files(true)?,
            },
        })
    }

    fn run(
        &mut self,
        cancel: &CancelToken,
        teller: &mut Teller<'_, '_>,
    ) -> rusqlite::Result<ControlFlow<()>> {
        let mut open: Vec<Level> = Vec::new();
        let mut folders = self.folders.query([])?;
        while let Some(row) = folders.next()? {
            if cancel.is_cancelled() {
                return Ok(ControlFlow::Break(()));
            }
            let folder_id: i64 = row.get(0)?;
            let path = names::from_sql(row.get_ref(1)?).to_vec();
            while let Some(level) = open.last_mut() {
                let Some(rest) = level.below(&path) else {
                    if self.files.tell(level, None, teller)?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                    open.pop();
                    continue;
                };
                let mut stop: Vec<u8> = rest
                    .iter()
                    .map(|&byte| if byte == b'/' { self.separator } else { byte })
                    .collect();
                stop.push(self.separator);
                if self.files.tell(level, Some(&stop), teller)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
                level.next = stop;
                break;
            }
            open.push(Level {
                folder_id,
                has_blobs: self.has_blobs.query_row([folder_id], |row| row.get(0))?,
                path,
                next: Vec::new(),
            });
        }
        while let Some(level) = open.pop() {
            if cancel.is_cancelled() || self.files.tell(&level, None, teller)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

impl Files<'_> {
    /// Tells a folder's files from the one that comes next up to `stop`.
    fn tell(
        &mut self,
        level: &Level,
        stop: Option<&[u8]>,
        teller: &mut Teller<'_, '_>,
    ) -> rusqlite::Result<ControlFlow<()>> {
        let [to_the_end, up_to] = if level.has_blobs {
            &mut self.mixed
        } else {
            &mut self.texts
        };
        let mut rows = match stop {
            None => to_the_end.query(params![level.folder_id, as_text(&level.next)])?,
            Some(stop) => up_to.query(params![
                level.folder_id,
                as_text(&level.next),
                as_text(stop)
            ])?,
        };
        let mut path = level.path.clone();
        if !path.is_empty() {
            path.push(b'/');
        }
        while let Some(row) = rows.next()? {
            path.truncate(level.prefix_bytes());
            path.extend_from_slice(names::from_sql(row.get_ref(1)?));
            if teller.tell(row, &path)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// A bound between names: compared byte by byte, UTF-8 or not.
fn as_text(bytes: &[u8]) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(ValueRef::Text(bytes))
}

/// Makes rows of what SQLite gives.
struct Teller<'c, 'v> {
    times: Times<'c>,
    visit: &'v mut dyn FnMut(&FileRow<'_>) -> ControlFlow<()>,
}

impl Teller<'_, '_> {
    fn tell(&mut self, row: &Row<'_>, rel_path: &[u8]) -> rusqlite::Result<ControlFlow<()>> {
        let (first, last) = (row.get(9)?, row.get(10)?);
        self.times.load(first, last)?;
        let file = FileRow {
            file_id: row.get(0)?,
            rel_path,
            size_bytes: row.get(2)?,
            mtime_us: row.get(3)?,
            category: text(row, 4)?.unwrap_or_default(),
            hash: row.get(5)?,
            is_legacy_hash: row.get::<_, Option<bool>>(6)?.unwrap_or(false),
            media: media(row)?,
            integrity_ok: row.get::<_, Option<i64>>(7)?.map(|ok| ok != 0),
            deleted: row.get(8)?,
            first_seen_utc: self.times.of(first),
            updated_utc: self.times.of(last),
        };
        Ok((self.visit)(&file))
    }
}

fn media<'r>(row: &'r Row<'_>) -> rusqlite::Result<MediaRow<'r>> {
    if !row.get::<_, bool>(11)? {
        return Ok(text(row, 12)?.map_or(MediaRow::None, MediaRow::Document));
    }
    Ok(MediaRow::Typed {
        video_codec: text(row, 13)?,
        width: row.get(14)?,
        height: row.get(15)?,
        audio_codec: text(row, 16)?,
        audio_streams: row.get(17)?,
        video_streams: row.get(18)?,
        duration_s: row.get(19)?,
    })
}

/// Returns a text; what is none, or no UTF-8, is nothing.
fn text<'r>(row: &'r Row<'_>, column: usize) -> rusqlite::Result<Option<&'r str>> {
    Ok(match row.get_ref(column)? {
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok(),
        _ => None,
    })
}

/// The times of batches; files of one batch mostly stand together.
struct Times<'c> {
    select: Statement<'c>,
    known: HashMap<i64, Option<String>>,
}

impl<'c> Times<'c> {
    /// A drive that was scanned every day for a century has fewer batches that matter at a time.
    const MOST_KEPT: usize = 65_536;

    fn new(connection: &'c Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            select: connection.prepare("SELECT utc FROM changes WHERE change_id = ?1")?,
            known: HashMap::new(),
        })
    }

    fn load(&mut self, first: i64, last: i64) -> rusqlite::Result<()> {
        if self.known.len() >= Self::MOST_KEPT {
            self.known.clear();
        }
        for change in [first, last] {
            if let std::collections::hash_map::Entry::Vacant(vacant) = self.known.entry(change) {
                let utc = self
                    .select
                    .query_row([change], |row| row.get(0))
                    .optional()?;
                vacant.insert(utc);
            }
        }
        Ok(())
    }

    fn of(&self, change: i64) -> Option<&str> {
        self.known.get(&change)?.as_deref()
    }
}

#[cfg(test)]
mod tests;
