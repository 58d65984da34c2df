//! What files say of themselves, in a shard: written as they are read, and what is left to be asked of other programs.

use rusqlite::{Connection, OptionalExtension, named_params, params};

use super::hashing::below_condition;
use super::names;
use crate::media::embedded::{TextStream, text_streams};
use crate::media::{Facts, Level, READER_VERSION, Reader, Understanding, Verdict};
use crate::path::RelPath;

/// Which files' headers a scan reads: audio, video and images that nobody has read, that changed, or that an older version
/// of our reader read. Rows: `e` entries, `k` kinds, `h` hashes, `m` media.
pub(super) fn headers_condition() -> String {
    format!(
        "(k.category IN ('video', 'audio', 'image')
          AND (m.file_id IS NULL OR m.to_redo OR m.reader < {READER_VERSION} OR coalesce(h.stale, 0)))"
    )
}

/// Which files a scan reads as subtitles.
pub(super) fn subtitle_condition() -> String {
    let extensions = crate::media::subtitle::EXTENSIONS
        .map(|extension| format!("'{extension}'"))
        .join(", ");
    format!(
        "(k.ext IN ({extensions}) AND e.size_bytes <= {}
          AND (coalesce(h.stale, 0) OR NOT EXISTS (SELECT 1 FROM subtitle_texts t WHERE t.file_id = e.id AND t.stream = -1)))",
        crate::media::subtitle::LONGEST_BYTES
    )
}

/// Writes what a file says of itself. What another program said stays where ours knows nothing: a document of the older
/// program is MediaInfo's own as long as the file is the same.
///
/// # Errors
/// What SQLite says.
pub fn save(
    connection: &Connection,
    file_id: i64,
    read: &Understanding,
    change: i64,
) -> rusqlite::Result<()> {
    let facts = &read.facts;
    connection
        .prepare_cached(
            "INSERT INTO media(file_id, media_json, integrity_ok, to_redo, source, reader, asked, integrity_reason,
                               integrity_level, subtitles_read, container, duration_s, bitrate_bps, video_codec, width,
                               height, frame_rate, bit_depth, hdr, audio_codec, audio_channels, video_streams,
                               audio_streams, subtitle_streams, audio_languages, subtitle_languages, title, created,
                               change_id)
             VALUES(:file_id, :media_json, :integrity_ok, 0, :source, :reader, :asked, :reason, :level, 0, :container,
                    :duration_s, :bitrate_bps, :video_codec, :width, :height, :frame_rate, :bit_depth, :hdr,
                    :audio_codec, :audio_channels, :video_streams, :audio_streams, :subtitle_streams,
                    :audio_languages, :subtitle_languages, :title, :created, :change_id)
             ON CONFLICT(file_id) DO UPDATE SET
               media_json = CASE WHEN reader = 0 AND to_redo = 0 THEN coalesce(media_json, excluded.media_json)
                            ELSE excluded.media_json END,
               integrity_ok = excluded.integrity_ok, to_redo = 0, source = excluded.source, reader = excluded.reader,
               asked = excluded.asked, integrity_reason = excluded.integrity_reason,
               integrity_level = excluded.integrity_level, subtitles_read = 0, container = excluded.container,
               duration_s = excluded.duration_s, bitrate_bps = excluded.bitrate_bps, video_codec = excluded.video_codec,
               width = excluded.width, height = excluded.height, frame_rate = excluded.frame_rate,
               bit_depth = excluded.bit_depth, hdr = excluded.hdr, audio_codec = excluded.audio_codec,
               audio_channels = excluded.audio_channels, video_streams = excluded.video_streams,
               audio_streams = excluded.audio_streams, subtitle_streams = excluded.subtitle_streams,
               audio_languages = excluded.audio_languages, subtitle_languages = excluded.subtitle_languages,
               title = excluded.title, created = excluded.created, change_id = excluded.change_id",
        )?
        .execute(named_params! {
            ":file_id": file_id,
            ":media_json": read.document,
            ":integrity_ok": read.verdict.ok,
            ":source": read.reader.map(Reader::name),
            ":reader": READER_VERSION,
            ":asked": read.reader.map_or(0, Reader::asked_bit),
            ":reason": read.verdict.reason,
            ":level": read.verdict.level.number(),
            ":container": facts.container,
            ":duration_s": facts.duration_s,
            ":bitrate_bps": facts.bitrate_bps.and_then(|bits| i64::try_from(bits).ok()),
            ":video_codec": facts.video_codec,
            ":width": facts.width,
            ":height": facts.height,
            ":frame_rate": facts.frame_rate,
            ":bit_depth": facts.bit_depth,
            ":hdr": facts.hdr,
            ":audio_codec": facts.audio_codec,
            ":audio_channels": facts.audio_channels,
            ":video_streams": facts.video_streams,
            ":audio_streams": facts.audio_streams,
            ":subtitle_streams": facts.subtitle_streams,
            ":audio_languages": facts.audio_languages,
            ":subtitle_languages": facts.subtitle_languages,
            ":title": facts.title,
            ":created": facts.created,
            ":change_id": change,
        })?;
    touch(connection, file_id, change)
}

/// What is derived from the rows looks for new batches in one place.
fn touch(connection: &Connection, file_id: i64, change: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE entries SET change_id = ?2 WHERE id = ?1 AND change_id < ?2")?
        .execute([file_id, change])
        .map(|_| ())
}

/// Notes which other programs were asked about a file that ours could not read, and knew nothing either.
///
/// # Errors
/// What SQLite says.
pub fn save_asked(connection: &Connection, file_id: i64, asked: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE media SET asked = asked | ?2 WHERE file_id = ?1")?
        .execute([file_id, asked])
        .map(|_| ())
}

/// A file nobody could read so far, though it is not plainly broken. Rows: `e` entries, `m` media.
const UNREAD: &str =
    "m.source IS NULL AND e.size_bytes > 0 AND m.integrity_ok IS NOT 0 AND m.to_redo = 0";

/// Returns how many files nobody could read so far of which a program was not asked yet.
///
/// # Errors
/// What SQLite says.
pub fn unread(connection: &Connection, program: Reader) -> rusqlite::Result<u64> {
    connection.query_row(
        &format!(
            "SELECT count(*) FROM media m JOIN entries e ON e.id = m.file_id
              WHERE {UNREAD} AND e.deleted_change IS NULL AND m.asked & ?1 = 0"
        ),
        [program.asked_bit()],
        |row| {
            row.get::<_, i64>(0)
                .map(|count| u64::try_from(count).unwrap_or(0))
        },
    )
}

/// Writes a verdict that decoding came to. Decoding never makes a file sound whose structure is not.
///
/// # Errors
/// What SQLite says.
pub fn save_verdict(
    connection: &Connection,
    file_id: i64,
    verdict: &Verdict,
    change: i64,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE media SET integrity_level = max(integrity_level, ?4),
                    integrity_reason = CASE WHEN integrity_ok = 0 THEN integrity_reason ELSE ?3 END,
                    integrity_ok = CASE WHEN integrity_ok = 0 THEN 0 ELSE ?2 END, change_id = ?5
              WHERE file_id = ?1",
        )?
        .execute(params![
            file_id,
            verdict.ok,
            verdict.reason,
            verdict.level.number(),
            change
        ])?;
    touch(connection, file_id, change)
}

/// Writes the text of a subtitle file, or of a stream inside a film.
///
/// # Errors
/// What SQLite says.
pub fn save_subtitle(
    connection: &Connection,
    file_id: i64,
    stream: i64,
    language: Option<&str>,
    content: &str,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO subtitle_texts(file_id, stream, language, content) VALUES(?1, ?2, ?3, ?4)")?
        .execute(params![file_id, stream, language, content])
        .map(|_| ())
}

/// Notes that a film's subtitles were extracted.
///
/// # Errors
/// What SQLite says.
pub fn save_subtitles_read(connection: &Connection, file_id: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE media SET subtitles_read = 1 WHERE file_id = ?1")?
        .execute([file_id])
        .map(|_| ())
}

/// What a scan asks other programs for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Headers that ours could not read, from these programs: their bits.
    pub fallback: i64,
    /// How thoroughly films are checked.
    pub check: Level,
    /// Texts of subtitles inside films.
    pub subtitles: bool,
}

/// One file of which other programs are to be asked something.
#[derive(Clone, Debug, PartialEq)]
pub struct MediaTask {
    /// Place in the queue.
    pub seq: i64,
    /// The file.
    pub file_id: i64,
    /// Where it is.
    pub path: RelPath,
    /// Its size.
    pub size_bytes: i64,
    /// Its time of change.
    pub mtime_us: i64,
    /// Video, audio or image.
    pub category: String,
    /// Whether its headers are to be read.
    pub fallback: bool,
    /// Who was asked already.
    pub asked: i64,
    /// Whether it is to be decoded, in whole or in part.
    pub check: bool,
    /// Whether its subtitles are to be extracted.
    pub subtitles: bool,
    /// Whether it lacks its pictures.
    pub pictures: bool,
    /// What is known of it.
    pub known: Known,
}

/// What is known of a file that decoding needs to know.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// Playing time in seconds.
    pub duration_s: Option<f64>,
    /// Codec of the picture.
    pub video_codec: Option<String>,
    /// Codec of the sound.
    pub audio_codec: Option<String>,
    /// Width as shown.
    pub width: Option<u32>,
    /// Height as shown.
    pub height: Option<u32>,
    /// Whether its structure is sound.
    pub integrity_ok: Option<bool>,
    /// Its subtitles that are text, where they are to be extracted.
    pub text_streams: Vec<TextStream>,
}

/// Fills the queue of files below a folder that other programs are to be asked about, and returns their number. Files in
/// `pictured` (a table of the file ids whose pictures are up to date) need no pictures; `None`: nobody wants any.
///
/// # Errors
/// What SQLite says.
pub fn fill_queue(
    connection: &Connection,
    wanted: Wanted,
    pictured: Option<&str>,
    below: &RelPath,
) -> rusqlite::Result<u64> {
    let level = wanted.check.number();
    let programs = wanted.fallback;
    let fallback = format!("({UNREAD} AND m.asked & {programs} <> {programs})");
    let check = if wanted.check >= Level::Ends {
        // A piece of music has no pictures at its ends; it is decoded as a whole or not at all.
        let kinds = if wanted.check == Level::Full {
            "k.category IN ('video', 'audio')"
        } else {
            "k.category = 'video' AND m.video_streams > 0"
        };
        format!("{kinds} AND m.source IS NOT NULL AND m.integrity_level < {level}")
    } else {
        "0".to_owned()
    };
    let subtitles = if wanted.subtitles {
        "m.subtitle_streams > 0 AND m.subtitles_read = 0"
    } else {
        "0"
    };
    let pictures = match pictured {
        Some(table) => format!(
            "(m.video_streams > 0 OR k.category = 'audio') AND NOT EXISTS (
               SELECT 1 FROM {table} p WHERE p.file_id = e.id AND p.size_bytes = e.size_bytes AND p.mtime_us = e.mtime_us)"
        ),
        None => "0".to_owned(),
    };
    connection.execute_batch(
        "DROP TABLE IF EXISTS temp.to_ask;
         CREATE TEMP TABLE to_ask(seq INTEGER PRIMARY KEY, file_id INTEGER NOT NULL, fallback, checking, subtitles, pictures);",
    )?;
    connection
        .prepare(&format!(
            "INSERT INTO temp.to_ask(file_id, fallback, checking, subtitles, pictures)
             SELECT * FROM (
               SELECT e.id, {fallback} AS a, {check} AS b, {subtitles} AS c, {pictures} AS d
                 FROM entries e JOIN kinds k ON k.id = e.kind_id JOIN media m ON m.file_id = e.id
                 LEFT JOIN hashes h ON h.file_id = e.id
                WHERE e.deleted_change IS NULL AND m.to_redo = 0 AND coalesce(h.stale, 0) = 0 AND e.mtime_us IS NOT NULL
                  AND {}
                ORDER BY e.folder_id, e.name)
              WHERE a OR b OR c OR d",
            below_condition()
        ))?
        .execute([names::to_sql(below.as_bytes())])
        .map(|rows| rows as u64)
}

/// Returns the next files of the queue after place `after`, at most `limit`.
///
/// # Errors
/// What SQLite says.
pub fn next_tasks(
    connection: &Connection,
    after: i64,
    limit: i64,
) -> rusqlite::Result<Vec<MediaTask>> {
    connection
        .prepare_cached(
            "SELECT q.seq, e.id AS file_id, f.path, e.name, e.size_bytes, e.mtime_us, k.category, q.fallback, m.asked, q.checking,
                    q.subtitles, q.pictures, m.duration_s, m.video_codec, m.audio_codec, m.width, m.height, m.integrity_ok,
                    CASE WHEN q.subtitles THEN m.media_json END AS media_json
               FROM temp.to_ask q JOIN entries e ON e.id = q.file_id JOIN folders f ON f.id = e.folder_id
               JOIN kinds k ON k.id = e.kind_id JOIN media m ON m.file_id = e.id
              WHERE q.seq > ?1 ORDER BY q.seq LIMIT ?2",
        )?
        .query_map(params![after, limit], |row| {
            let folder = RelPath::from_bytes(names::from_sql(row.get_ref("path")?).to_vec());
            Ok(MediaTask {
                seq: row.get("seq")?,
                file_id: row.get("file_id")?,
                path: folder.child(names::from_sql(row.get_ref("name")?)),
                size_bytes: row.get::<_, Option<i64>>("size_bytes")?.unwrap_or(0),
                mtime_us: row.get("mtime_us")?,
                category: row.get("category")?,
                fallback: is_true(row, "fallback")?,
                asked: row.get("asked")?,
                check: is_true(row, "checking")?,
                subtitles: is_true(row, "subtitles")?,
                pictures: is_true(row, "pictures")?,
                known: Known {
                    duration_s: row.get("duration_s")?,
                    video_codec: row.get("video_codec")?,
                    audio_codec: row.get("audio_codec")?,
                    width: row.get("width")?,
                    height: row.get("height")?,
                    integrity_ok: row.get("integrity_ok")?,
                    text_streams: row
                        .get::<_, Option<String>>("media_json")?
                        .map(|document| text_streams(&document))
                        .unwrap_or_default(),
                },
            })
        })?
        .collect()
}

/// A condition on columns that are unknown is not met.
fn is_true(row: &rusqlite::Row<'_>, column: &str) -> rusqlite::Result<bool> {
    row.get::<_, Option<bool>>(column)
        .map(Option::unwrap_or_default)
}

/// What is kept of a file's headers, as it stands in the shard.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MediaRow {
    /// The document.
    pub document: Option<String>,
    /// Who read it.
    pub source: Option<String>,
    /// Whether it is sound.
    pub verdict: Verdict,
    /// What people filter by.
    pub facts: Facts,
}

/// Returns what is known of a file; `None` if it was never looked into.
///
/// # Errors
/// What SQLite says.
pub fn get(connection: &Connection, file_id: i64) -> rusqlite::Result<Option<MediaRow>> {
    connection
        .prepare_cached("SELECT * FROM media WHERE file_id = ?1")?
        .query_row([file_id], |row| {
            Ok(MediaRow {
                document: row.get("media_json")?,
                source: row.get("source")?,
                verdict: Verdict {
                    ok: row.get("integrity_ok")?,
                    reason: row.get("integrity_reason")?,
                    level: Level::from_number(row.get("integrity_level")?),
                },
                facts: facts(row)?,
            })
        })
        .optional()
}

fn facts(row: &rusqlite::Row<'_>) -> rusqlite::Result<Facts> {
    let count = |name| {
        row.get::<_, Option<u32>>(name)
            .map(Option::unwrap_or_default)
    };
    Ok(Facts {
        container: row.get("container")?,
        duration_s: row.get("duration_s")?,
        bitrate_bps: row
            .get::<_, Option<i64>>("bitrate_bps")?
            .and_then(|bits| u64::try_from(bits).ok()),
        video_codec: row.get("video_codec")?,
        width: row.get("width")?,
        height: row.get("height")?,
        frame_rate: row.get("frame_rate")?,
        bit_depth: row.get("bit_depth")?,
        hdr: row.get("hdr")?,
        audio_codec: row.get("audio_codec")?,
        audio_channels: row.get("audio_channels")?,
        video_streams: count("video_streams")?,
        audio_streams: count("audio_streams")?,
        subtitle_streams: count("subtitle_streams")?,
        audio_languages: row.get("audio_languages")?,
        subtitle_languages: row.get("subtitle_languages")?,
        title: row.get("title")?,
        created: row.get("created")?,
    })
}

/// Returns the texts of a file's subtitles: stream, language, lines.
///
/// # Errors
/// What SQLite says.
pub fn subtitles(
    connection: &Connection,
    file_id: i64,
) -> rusqlite::Result<Vec<(i64, Option<String>, String)>> {
    connection
        .prepare_cached("SELECT stream, language, content FROM subtitle_texts WHERE file_id = ?1 ORDER BY stream")?
        .query_map([file_id], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?
        .collect()
}
