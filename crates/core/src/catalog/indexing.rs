//! The rows of a shard as a search index holds them: all of them, or those that changed since a batch.

use rusqlite::fallible_streaming_iterator::FallibleStreamingIterator;
use rusqlite::{Connection, Row, Rows, Statement};

use super::names;

/// One file. What is unknown of it is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileRow<'a> {
    /// Its number in the shard.
    pub id: i64,
    /// Its folder's number.
    pub folder_id: i64,
    /// Its kind's number.
    pub kind_id: i64,
    /// Its name.
    pub name: &'a [u8],
    /// Length in bytes.
    pub size_bytes: Option<i64>,
    /// Last modification, microseconds since 1970.
    pub mtime_us: Option<i64>,
    /// Whether it was gone at the last scan.
    pub deleted: bool,
    /// The first eight bytes of its BLAKE3, where it is valid and ours.
    pub hash: Option<u64>,
    /// What its headers say.
    pub media: Option<MediaFacts>,
}

/// What is filtered by, of a file's headers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MediaFacts {
    /// Playing time in seconds.
    pub duration_s: Option<f64>,
    /// Bits a second.
    pub bitrate_bps: Option<i64>,
    /// Frames a second.
    pub frame_rate: Option<f64>,
    /// Width as shown.
    pub width: Option<u32>,
    /// Height as shown.
    pub height: Option<u32>,
    /// Channels of the main sound.
    pub audio_channels: Option<u32>,
    /// How many streams of subtitles.
    pub subtitle_streams: Option<u32>,
    /// Whether it is sound.
    pub integrity_ok: Option<bool>,
    /// Words, in the order of [`WORDS`].
    pub words: [Option<String>; WORDS.len()],
}

/// The columns of `media` that hold words.
pub const WORDS: [&str; 6] = [
    "video_codec",
    "audio_codec",
    "container",
    "hdr",
    "audio_languages",
    "subtitle_languages",
];

/// Calls `visit` for every file, or for those that changed after the batch `since`, by their numbers.
///
/// # Errors
/// What SQLite says, or `visit`.
pub fn each_file<E: From<rusqlite::Error>>(
    shard: &Connection,
    since: Option<i64>,
    mut visit: impl FnMut(&FileRow<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let (which, parameters) = match since {
        Some(change) => (
            "IN (SELECT id FROM entries WHERE change_id > ?1)",
            vec![change],
        ),
        None => ("IS NOT NULL", Vec::new()),
    };
    let bind = || rusqlite::params_from_iter(parameters.iter());
    let mut entries = shard.prepare(&format!(
        "SELECT id, folder_id, kind_id, size_bytes, mtime_us, deleted_change IS NOT NULL, name
           FROM entries WHERE id {which} ORDER BY id"
    ))?;
    let mut hashes = shard.prepare(&format!(
        "SELECT file_id, hash FROM hashes WHERE file_id {which} AND legacy = 0 AND stale = 0 ORDER BY file_id"
    ))?;
    let mut media = shard.prepare(&format!(
        "SELECT file_id, duration_s, bitrate_bps, frame_rate, width, height, audio_channels, subtitle_streams,
                integrity_ok, {} FROM media WHERE file_id {which} ORDER BY file_id",
        WORDS.join(", ")
    ))?;
    let mut hashes = Follower::new(&mut hashes, bind())?;
    let mut media = Follower::new(&mut media, bind())?;
    let mut rows = entries.query(bind())?;
    while let Some(row) = rows.next()? {
        let id = row.get(0)?;
        let hash = hashes.at(id, |row| {
            let hash = row.get_ref(1)?;
            Ok(hash
                .as_blob()
                .ok()
                .and_then(|hash| hash.first_chunk::<8>())
                .map(|first| u64::from_be_bytes(*first)))
        })?;
        visit(&FileRow {
            id,
            folder_id: row.get(1)?,
            kind_id: row.get(2)?,
            size_bytes: row.get(3)?,
            mtime_us: row.get(4)?,
            deleted: row.get(5)?,
            name: names::from_sql(row.get_ref(6)?),
            hash: hash.flatten(),
            media: media.at(id, facts)?,
        })?;
    }
    Ok(())
}

/// Rows that are read along with others, both by file number.
struct Follower<'s> {
    rows: Rows<'s>,
    next: Option<i64>,
}

impl<'s> Follower<'s> {
    fn new(
        statement: &'s mut Statement<'_>,
        parameters: impl rusqlite::Params,
    ) -> rusqlite::Result<Self> {
        let mut rows = statement.query(parameters)?;
        let next = next_id(&mut rows)?;
        Ok(Self { rows, next })
    }

    /// Returns what the row of this file holds, if there is one.
    fn at<T>(
        &mut self,
        id: i64,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Option<T>> {
        while self.next.is_some_and(|next| next < id) {
            self.next = next_id(&mut self.rows)?;
        }
        if self.next != Some(id) {
            return Ok(None);
        }
        let read = self.rows.get().map(read).transpose()?;
        self.next = next_id(&mut self.rows)?;
        Ok(read)
    }
}

fn next_id(rows: &mut Rows<'_>) -> rusqlite::Result<Option<i64>> {
    rows.next()?.map(|row| row.get(0)).transpose()
}

fn facts(row: &Row<'_>) -> rusqlite::Result<MediaFacts> {
    let mut facts = MediaFacts {
        duration_s: row.get(1)?,
        bitrate_bps: row.get(2)?,
        frame_rate: row.get(3)?,
        width: row.get(4)?,
        height: row.get(5)?,
        audio_channels: row.get(6)?,
        subtitle_streams: row.get(7)?,
        integrity_ok: row.get(8)?,
        ..MediaFacts::default()
    };
    for (word, column) in facts.words.iter_mut().zip(9..) {
        *word = row.get(column)?;
    }
    Ok(facts)
}

/// Calls `visit` for every folder, by number: its number and its path relative to the root.
///
/// # Errors
/// What SQLite says, or `visit`.
pub fn each_folder<E: From<rusqlite::Error>>(
    shard: &Connection,
    mut visit: impl FnMut(i64, &[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut select = shard.prepare("SELECT id, path FROM folders ORDER BY id")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        visit(row.get(0)?, names::from_sql(row.get_ref(1)?))?;
    }
    Ok(())
}

/// Returns the folders of the files that changed after the batch `since`, as [`each_folder`] gives them.
///
/// # Errors
/// What SQLite says.
pub fn changed_folders(shard: &Connection, since: i64) -> rusqlite::Result<Vec<(i64, Vec<u8>)>> {
    shard
        .prepare(
            "SELECT id, path FROM folders
              WHERE id IN (SELECT folder_id FROM entries WHERE change_id > ?1) ORDER BY id",
        )?
        .query_map([since], |row| {
            Ok((row.get(0)?, names::from_sql(row.get_ref(1)?).to_vec()))
        })?
        .collect()
}

/// What files are taken for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindRow {
    /// Its number.
    pub id: i64,
    /// Extension, lower case, no dot.
    pub ext: Option<String>,
    /// MIME type.
    pub mime: Option<String>,
    /// Category.
    pub category: String,
}

/// Returns every kind, by number.
///
/// # Errors
/// What SQLite says.
pub fn kinds(shard: &Connection) -> rusqlite::Result<Vec<KindRow>> {
    shard
        .prepare("SELECT id, ext, mime, category FROM kinds ORDER BY id")?
        .query_map([], |row| {
            Ok(KindRow {
                id: row.get(0)?,
                ext: row.get(1)?,
                mime: row.get(2)?,
                category: row.get(3)?,
            })
        })?
        .collect()
}

/// Returns how many files changed after the batch `since`, counted no further than `most`.
///
/// # Errors
/// What SQLite says.
pub fn count_changed(shard: &Connection, since: i64, most: i64) -> rusqlite::Result<i64> {
    shard
        .prepare_cached(
            "SELECT count(*) FROM (SELECT 1 FROM entries WHERE change_id > ?1 LIMIT ?2)",
        )?
        .query_row([since, most], |row| row.get(0))
}

/// Returns the numbers of rows that were files' after the batch `since` and are gone: their files turned out to be others'.
///
/// # Errors
/// What SQLite says.
pub fn removed(shard: &Connection, since: i64) -> rusqlite::Result<Vec<i64>> {
    shard
        .prepare_cached(
            "SELECT file_id FROM file_events WHERE change_id > ?1 AND what = 'merged' ORDER BY file_id",
        )?
        .query_map([since], |row| row.get(0))?
        .collect()
}

/// Returns the files whose valid hash begins with these hexadecimal digits, by number.
///
/// # Errors
/// What SQLite says.
pub fn files_of_hash(shard: &Connection, digits: &str) -> rusqlite::Result<Vec<i64>> {
    let bounds = |fill: char| -> Vec<u8> {
        let text: String = digits
            .chars()
            .chain(std::iter::repeat(fill))
            .take(2 * blake3::OUT_LEN)
            .collect();
        blake3::Hash::from_hex(text).map_or_else(|_| Vec::new(), |hash| hash.as_bytes().to_vec())
    };
    let mut ids: Vec<i64> = shard
        .prepare_cached("SELECT file_id FROM hashes WHERE hash BETWEEN ?1 AND ?2 AND stale = 0")?
        .query_map([bounds('0'), bounds('f')], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    ids.sort_unstable();
    Ok(ids)
}

#[cfg(test)]
mod tests;
