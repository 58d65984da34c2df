//! What is left to be read on a drive, in which order, and what reading found.

use std::borrow::Cow;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use super::batch::Batch;
use super::kinds::Kinds;
use super::listing::{ListedFile, Stamp};
use super::verify::{self, Finding};
use super::{events, media, names, sizes};
use crate::clock::Clock;
use crate::media::{Category, Kind, Understanding};
use crate::path::RelPath;

/// The tables that hang on a file's content.
pub(super) const CONTENT_TABLES: [&str; 15] = [
    "hashes",
    "media",
    "subtitle_texts",
    "feature_vectors",
    "analysed",
    "video_signatures",
    "audio_fingerprints",
    "video_hashes",
    "keyframe_signatures",
    "fingerprinted",
    "film_timelines",
    "file_ends",
    "transcript_texts",
    "caption_texts",
    "verified",
];

/// Why files are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pending {
    /// What is not known, or no longer: hashes, and headers where wanted.
    New {
        /// Whether headers of media, and texts of subtitles, are read.
        headers: bool,
    },
    /// The same, and everything read up to that batch again.
    Again {
        /// The last batch before the scan that trusts nothing.
        since_change: i64,
        /// As in [`Pending::New`].
        headers: bool,
    },
    /// To be looked at: the name does not say what it is.
    Sniff,
}

/// In which order files of one folder are read; folders go by their newest file, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadOrder {
    /// By inode: about the order on a spinning disk.
    Inode,
    /// Newest first.
    Newest,
}

/// How much there is to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Files.
    pub files: u64,
    /// Audio and video among them.
    pub av_files: u64,
    /// Bytes of all.
    pub bytes: u64,
}

/// One file to read.
#[derive(Clone, Debug)]
pub struct ReadTask {
    /// Place in the queue.
    pub seq: i64,
    /// The file.
    pub file_id: i64,
    /// Where it is.
    pub path: RelPath,
    /// Its size when it was listed.
    pub size_bytes: i64,
    /// What it is taken for.
    pub kind: Kind,
    /// Whether the whole of it is read and hashed.
    pub hash: bool,
    /// Whether its headers are read.
    pub headers: bool,
    /// Whether it is read as subtitles.
    pub subtitle: bool,
    /// Whether, if it is not hashed, both its ends are.
    pub ends: bool,
}

/// What reading a file found.
#[derive(Clone, Debug)]
pub struct ReadResult {
    /// BLAKE3 of the whole file; `None` if only a part was looked at.
    pub hash: Option<[u8; 32]>,
    /// BLAKE3 of both its ends, if these were looked at.
    pub ends: Option<[u8; 32]>,
    /// What the system said of the file that was read.
    pub stat: ListedFile,
    /// What its first bytes say it is.
    pub content_mime: Option<&'static str>,
    /// What its headers say; `None` if they were not read.
    pub media: Option<Understanding>,
    /// The lines of its subtitles; `None` if it was not read as such.
    pub subtitle: Option<String>,
}

/// What writing a result did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// The row was brought up to date.
    Updated,
    /// The file is one that was missing elsewhere: its row moved here.
    Moved,
    /// The content differs though size and time do not.
    SilentlyChanged,
}

/// Fills the queue of what is left to read below a folder and returns how much that is.
///
/// # Errors
/// What SQLite says.
pub fn fill_queue(
    connection: &Connection,
    pending: Pending,
    order: ReadOrder,
    below: &RelPath,
) -> rusqlite::Result<Totals> {
    let (hash, headers) = match pending {
        Pending::New { headers } => ("(h.file_id IS NULL OR h.stale)".to_owned(), headers),
        Pending::Again {
            since_change,
            headers,
        } => (
            format!("(h.file_id IS NULL OR h.stale OR h.change_id <= {since_change})"),
            headers,
        ),
        Pending::Sniff => ("0".to_owned(), false),
    };
    let media = match pending {
        Pending::Again { since_change, .. } if headers => format!(
            "({} OR m.change_id <= {since_change})",
            media::headers_condition()
        ),
        _ if headers => media::headers_condition(),
        _ => "0".to_owned(),
    };
    let subtitle = if headers {
        media::subtitle_condition()
    } else {
        "0".to_owned()
    };
    let sniff = if pending == Pending::Sniff {
        "k.sniffed = 0 AND k.mime IS NULL AND e.size_bytes > 0"
    } else {
        "0"
    };
    let below_folder = below_condition();
    let within = match order {
        ReadOrder::Inode => "e.inode, e.id",
        ReadOrder::Newest => "e.mtime_us DESC, e.id",
    };
    empty_queue(connection)?;
    let mut fill = connection.prepare(&format!(
        "INSERT INTO temp.to_read(file_id, hash, headers, subtitle)
         WITH pending AS MATERIALIZED (
           SELECT e.id, e.folder_id, e.mtime_us, e.inode, {hash} AS wants_hash, {media} AS wants_headers,
                  {subtitle} AS wants_subtitle, {sniff} AS wants_sniff
             FROM entries e JOIN kinds k ON k.id = e.kind_id LEFT JOIN hashes h ON h.file_id = e.id
             LEFT JOIN media m ON m.file_id = e.id
            WHERE e.deleted_change IS NULL AND (wants_hash OR wants_headers OR wants_subtitle OR wants_sniff) AND {below_folder}),
         newest AS MATERIALIZED (SELECT folder_id, max(mtime_us) AS mtime_us FROM pending GROUP BY folder_id)
         -- A name without an extension makes a condition on it unknown, which is no.
         SELECT e.id, coalesce(e.wants_hash, 0), coalesce(e.wants_headers, 0), coalesce(e.wants_subtitle, 0) FROM pending e JOIN newest f ON f.folder_id = e.folder_id
          ORDER BY f.mtime_us DESC, e.folder_id, {within}"
    ))?;
    fill.execute([names::to_sql(below.as_bytes())])?;
    queue_totals(connection)
}

/// Fills the queue with files in this order, each to be hashed (`true`) or, of long ones, both ends of it.
///
/// # Errors
/// What SQLite says.
pub fn fill_queue_with(connection: &Connection, files: &[(i64, bool)]) -> rusqlite::Result<Totals> {
    empty_queue(connection)?;
    let transaction = connection.unchecked_transaction()?;
    for (file_id, hash) in files {
        transaction
            .prepare_cached(
                "INSERT INTO temp.to_read(file_id, hash, headers, subtitle, ends) VALUES(?1, ?2, 0, 0, NOT ?2)",
            )?
            .execute(params![file_id, hash])?;
    }
    transaction.commit()?;
    queue_totals(connection)
}

/// Makes the queue, with nothing in it.
pub(super) fn empty_queue(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "DROP TABLE IF EXISTS temp.to_read;
         CREATE TEMP TABLE to_read(seq INTEGER PRIMARY KEY, file_id INTEGER NOT NULL, hash, headers, subtitle, ends);",
    )
}

/// Returns how much the queue holds.
pub(super) fn queue_totals(connection: &Connection) -> rusqlite::Result<Totals> {
    connection.query_row(
        "SELECT count(*), coalesce(sum(k.category IN ('video', 'audio')), 0), coalesce(sum(e.size_bytes) FILTER (WHERE q.hash), 0)
           FROM temp.to_read q JOIN entries e ON e.id = q.file_id JOIN kinds k ON k.id = e.kind_id",
        [],
        |row| {
            let count = |index| row.get::<_, i64>(index).map(|count| u64::try_from(count).unwrap_or(0));
            Ok(Totals { files: count(0)?, av_files: count(1)?, bytes: count(2)? })
        },
    )
}

/// Where a row `e` of entries lies below the folder that is the statement's first parameter; the empty one is the root.
pub(super) fn below_condition() -> String {
    let below = names::BELOW;
    format!(
        "(length(?1) = 0 OR EXISTS (SELECT 1 FROM folders f WHERE f.id = e.folder_id AND {below}))"
    )
}

/// The queue, read page by page.
#[derive(Debug, Default)]
pub struct Queue {
    page: std::vec::IntoIter<ReadTask>,
    after: i64,
}

impl Queue {
    /// Returns the next file; `None`: it was the last.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn next(&mut self, connection: &Connection) -> rusqlite::Result<Option<ReadTask>> {
        const PAGE: i64 = 256;
        if self.page.len() == 0 {
            self.page = next_tasks(connection, self.after, PAGE)?.into_iter();
        }
        let task = self.page.next();
        self.after = task.as_ref().map_or(self.after, |task| task.seq);
        Ok(task)
    }
}

/// Returns the next files of the queue after place `after`, at most `limit`.
fn next_tasks(connection: &Connection, after: i64, limit: i64) -> rusqlite::Result<Vec<ReadTask>> {
    connection
        .prepare_cached(
            "SELECT q.seq, e.id, f.path, e.name, e.size_bytes, k.ext, k.mime, k.category, k.sniffed,
                    q.hash, q.headers, q.subtitle, coalesce(q.ends, 0)
               FROM temp.to_read q JOIN entries e ON e.id = q.file_id JOIN folders f ON f.id = e.folder_id
               JOIN kinds k ON k.id = e.kind_id
              WHERE q.seq > ?1 ORDER BY q.seq LIMIT ?2",
        )?
        .query_map(params![after, limit], |row| {
            let folder = RelPath::from_bytes(names::from_sql(row.get_ref(2)?).to_vec());
            Ok(ReadTask {
                seq: row.get(0)?,
                file_id: row.get(1)?,
                path: folder.child(names::from_sql(row.get_ref(3)?)),
                size_bytes: row.get::<_, Option<i64>>(4)?.unwrap_or(0),
                kind: Kind {
                    ext: row.get(5)?,
                    mime: row.get::<_, Option<String>>(6)?.map(Cow::Owned),
                    category: row.get::<_, String>(7)?.parse().unwrap_or(Category::Other),
                    sniffed: row.get(8)?,
                },
                hash: row.get(9)?,
                headers: row.get(10)?,
                subtitle: row.get(11)?,
                ends: row.get(12)?,
            })
        })?
        .collect()
}

/// Returns the size and time that a file has in the catalogue.
pub(super) fn stamp_of(connection: &Connection, file_id: i64) -> rusqlite::Result<Option<Stamp>> {
    connection
        .prepare_cached("SELECT size_bytes, mtime_us, mtime_whole FROM entries WHERE id = ?1")?
        .query_row([file_id], |row| {
            Ok(Stamp {
                size_bytes: row.get(0)?,
                mtime_us: row.get(1)?,
                mtime_whole: row.get(2)?,
            })
        })
        .optional()
}

/// Writes what reading found, in batches.
pub struct ReadWriter<'c> {
    connection: &'c Connection,
    clock: &'c dyn Clock,
    batch: Batch<'c>,
    kinds: Kinds,
    since_change: i64,
    coarse_mtime: bool,
    any_gone: bool,
}

impl<'c> ReadWriter<'c> {
    /// Begins; files first seen and files found missing after `since_change` may be one and the same. `coarse_mtime`: as in
    /// [`ListingRules`](super::listing::ListingRules).
    ///
    /// # Errors
    /// What SQLite says.
    pub fn begin(
        connection: &'c Connection,
        since_change: i64,
        coarse_mtime: bool,
        clock: &'c dyn Clock,
    ) -> rusqlite::Result<Self> {
        // Only what went missing is looked at for each new file: contents that many files share, such as none at all,
        // would else be compared with all of them. Empty files are all alike, and so is nothing told by them.
        connection.execute_batch(
            "DROP TABLE IF EXISTS temp.gone;
             CREATE TEMP TABLE gone(hash BLOB NOT NULL, size_bytes INTEGER NOT NULL, id INTEGER NOT NULL);",
        )?;
        let gone = connection.execute(
            "INSERT INTO temp.gone
             SELECT h.hash, e.size_bytes, e.id FROM entries e JOIN hashes h ON h.file_id = e.id
              WHERE e.deleted_change > ?1 AND e.size_bytes > 0 AND h.stale = 0",
            [since_change],
        )?;
        connection.execute_batch("CREATE INDEX temp.gone_by_hash ON gone(hash, size_bytes, id)")?;
        Ok(Self {
            connection,
            clock,
            batch: Batch::new(connection, clock),
            kinds: Kinds::load(connection)?,
            since_change,
            coarse_mtime,
            any_gone: gone > 0,
        })
    }

    /// Writes one result.
    ///
    /// # Errors
    /// What SQLite says; what was committed before stays.
    pub fn take(&mut self, task: &ReadTask, result: &ReadResult) -> rusqlite::Result<Written> {
        let change = self.batch.change()?;
        let kind = self.kinds.of(
            self.connection,
            &task.kind.with_content(result.content_mime),
        )?;
        let stamp = stamp_of(self.connection, task.file_id)?;
        if stamp.is_some_and(|stamp| !stamp.is_of(&result.stat, self.coarse_mtime)) {
            // Written to since it was listed: what is known of its content may no longer hold.
            self.connection
                .prepare_cached("UPDATE hashes SET stale = 1 WHERE file_id = ?1")?
                .execute([task.file_id])?;
        }
        self.connection
            .prepare_cached(
                "UPDATE entries SET size_bytes = ?2, mtime_us = ?3, mtime_whole = 0, inode = ?4, kind_id = ?5,
                                    change_id = ?6 WHERE id = ?1",
            )?
            .execute(params![
                task.file_id,
                result.stat.size_bytes,
                result.stat.mtime_us,
                result.stat.inode,
                kind.0,
                change
            ])?;
        let (written, file_id) = match result.hash {
            Some(hash) => self.write_hash(task.file_id, &hash, result.stat.size_bytes, change)?,
            None => (Written::Updated, task.file_id),
        };
        if let Some(ends) = &result.ends {
            sizes::save_ends(self.connection, file_id, ends, &result.stat)?;
        }
        if let Some(read) = &result.media {
            media::save(self.connection, file_id, read, change)?;
        }
        if let Some(lines) = &result.subtitle {
            media::save_subtitle(self.connection, file_id, -1, None, lines)?;
        }
        Ok(written)
    }

    /// Returns also the row that is the file's from now on.
    fn write_hash(
        &mut self,
        file_id: i64,
        hash: &[u8; 32],
        size: i64,
        change: i64,
    ) -> rusqlite::Result<(Written, i64)> {
        let known = verify::hash_of(self.connection, file_id)?;
        let before = known.map(|known| (known.hash == *hash, known.legacy, known.stale));
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO hashes(file_id, hash, legacy, stale, change_id) VALUES(?1, ?2, 0, 0, ?3)")?
            .execute(params![file_id, hash, change])?;
        if before.is_none()
            && let Some(known) = self.move_here(file_id, hash, size, change)?
        {
            return Ok((Written::Moved, known));
        }
        let written = match before {
            // A legacy hash may be of another kind: that it differs says nothing, unless the file changed as well.
            None | Some((true, _, _) | (false, true, false)) => Written::Updated,
            Some((false, legacy, stale)) => {
                self.forget_content(file_id)?;
                if let Some(known) = known
                    && !(stale || legacy)
                {
                    let found = Finding::taken(known.hash, *hash);
                    found.save(self.connection, file_id, &self.clock.now_utc())?;
                    Written::SilentlyChanged
                } else {
                    Written::Updated
                }
            }
        };
        Ok((written, file_id))
    }

    /// If this new file has the size and content of one that went missing in the same scan, that one's row takes its
    /// place, with everything known of it. Returns that row.
    fn move_here(
        &mut self,
        file_id: i64,
        hash: &[u8; 32],
        size: i64,
        change: i64,
    ) -> rusqlite::Result<Option<i64>> {
        if !self.any_gone {
            return Ok(None);
        }
        let gone: Option<i64> = self
            .connection
            .prepare_cached(
                "SELECT id FROM temp.gone WHERE hash = ?1 AND size_bytes = ?2
                    AND (SELECT first_change FROM entries WHERE id = ?3) > ?4
                  ORDER BY id LIMIT 1",
            )?
            .query_row(params![hash, size, file_id, self.since_change], |row| {
                row.get(0)
            })
            .optional()?;
        let Some(gone) = gone else { return Ok(None) };
        events::moved(self.connection, gone, change)?;
        events::merged(self.connection, file_id, change)?;
        self.connection
            .execute_batch("DROP TABLE IF EXISTS temp.place")?;
        self.connection.execute(
            "CREATE TEMP TABLE place AS SELECT folder_id, name, name_folded, mtime_us, inode, kind_id FROM entries WHERE id = ?1",
            [file_id],
        )?;
        self.connection
            .prepare_cached("DELETE FROM hashes WHERE file_id = ?1")?
            .execute([file_id])?;
        self.connection
            .prepare_cached("DELETE FROM entries WHERE id = ?1")?
            .execute([file_id])?;
        self.connection.execute(
            "UPDATE entries SET folder_id = p.folder_id, name = p.name, name_folded = p.name_folded, inode = p.inode,
                                mtime_us = p.mtime_us, kind_id = p.kind_id, mtime_whole = 0, deleted_change = NULL,
                                change_id = ?2
               FROM temp.place p WHERE entries.id = ?1",
            params![gone, change],
        )?;
        // A digest of the older program that equals one of ours is one of ours.
        self.connection
            .prepare_cached("UPDATE hashes SET legacy = 0, change_id = ?2 WHERE file_id = ?1")?
            .execute(params![gone, change])?;
        self.connection.execute_batch("DROP TABLE temp.place")?;
        Ok(Some(gone))
    }

    /// Removes what was known of a content that is no more.
    fn forget_content(&self, file_id: i64) -> rusqlite::Result<()> {
        for table in CONTENT_TABLES
            .into_iter()
            .filter(|table| *table != "hashes")
        {
            self.connection
                .prepare_cached(&format!("DELETE FROM {table} WHERE file_id = ?1"))?
                .execute([file_id])?;
        }
        Ok(())
    }

    /// Commits if the open batch holds `rows` changes or is older than `interval`.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn commit_if(&mut self, rows: u64, interval: Duration) -> rusqlite::Result<()> {
        self.batch.commit_if(rows, interval)
    }

    /// Commits what is open.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn commit(&mut self) -> rusqlite::Result<()> {
        self.batch.commit()
    }
}
