//! Fingerprints in a shard: which files lack which, and writing what was captured.

use rusqlite::{Connection, Row, named_params, params};
use serde::Serialize;
use videocatalog_fingerprint::{keyframes, timeline};

use super::hashing::below_condition;
use super::names;
use crate::fingerprint::{Captured, Kinds};
use crate::gather::Lacking;
use crate::path::RelPath;

/// What is written of who made a signature of ours.
const MADE_BY: &str = concat!("videocatalog ", env!("CARGO_PKG_VERSION"));

/// One file that lacks fingerprints.
#[derive(Clone, Debug, PartialEq)]
pub struct FingerprintTask {
    /// The file.
    pub file: Lacking,
    /// What it lacks.
    pub wanted: Kinds,
    /// Whether it has sound; `None`: nobody knows.
    pub has_sound: Option<bool>,
    /// Width and height of its picture.
    pub size: Option<(u32, u32)>,
}

/// Fills the queue of files below a folder that lack some of the wanted fingerprints, and returns their number. With
/// `again`, what was captured before is captured again.
///
/// Rows of the older program count, as their content is the file's; what was tried and failed is tried again only when
/// the file changes.
///
/// # Errors
/// What SQLite says.
pub fn fill_queue(
    connection: &Connection,
    wanted: Kinds,
    again: bool,
    below: &RelPath,
) -> rusqlite::Result<u64> {
    connection.execute_batch(
        "DROP TABLE IF EXISTS temp.to_fingerprint;
         CREATE TEMP TABLE to_fingerprint(seq INTEGER PRIMARY KEY, file_id INTEGER NOT NULL, kinds INTEGER NOT NULL);",
    )?;
    let tried = if again {
        "0"
    } else {
        "CASE WHEN t.size_bytes <> e.size_bytes OR t.mtime_us <> e.mtime_us THEN 0
              ELSE coalesce(t.kinds, 0)
                 | EXISTS(SELECT 1 FROM video_signatures s WHERE s.file_id = e.id)
                 | EXISTS(SELECT 1 FROM audio_fingerprints s WHERE s.file_id = e.id) * 2 END"
    };
    connection
        .prepare(&format!(
            "INSERT INTO temp.to_fingerprint(file_id, kinds)
             SELECT id, kinds FROM (
               SELECT e.id,
                      {wanted} & ~({tried})
                      & CASE k.category WHEN 'audio' THEN 2
                             ELSE (m.source IS NULL OR m.video_streams > 0) * 5 + (m.source IS NULL OR m.audio_streams > 0) * 2 END AS kinds
                 FROM entries e JOIN kinds k ON k.id = e.kind_id
                 LEFT JOIN media m ON m.file_id = e.id
                 LEFT JOIN hashes h ON h.file_id = e.id
                 LEFT JOIN fingerprinted t ON t.file_id = e.id
                WHERE k.category IN ('video', 'audio') AND e.deleted_change IS NULL AND coalesce(h.stale, 0) = 0
                  AND e.size_bytes > 0 AND e.mtime_us IS NOT NULL AND {below}
                ORDER BY e.folder_id, e.name)
              WHERE kinds <> 0",
            wanted = wanted.bits(),
            below = below_condition(),
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
) -> rusqlite::Result<Vec<FingerprintTask>> {
    connection
        .prepare_cached(
            "SELECT q.seq, q.file_id, f.path, e.name, e.size_bytes, e.mtime_us, q.kinds, m.duration_s, m.audio_streams,
                    m.source, m.width, m.height
               FROM temp.to_fingerprint q JOIN entries e ON e.id = q.file_id JOIN folders f ON f.id = e.folder_id
               LEFT JOIN media m ON m.file_id = e.id
              WHERE q.seq > ?1 ORDER BY q.seq LIMIT ?2",
        )?
        .query_map(params![after, limit], |row| {
            let is_known = row.get::<_, Option<String>>("source")?.is_some();
            let streams: Option<i64> = row.get("audio_streams")?;
            let (width, height): (Option<u32>, Option<u32>) =
                (row.get("width")?, row.get("height")?);
            Ok(FingerprintTask {
                file: lacking(row)?,
                wanted: Kinds::from_bits(row.get("kinds")?),
                has_sound: streams.filter(|_| is_known).map(|streams| streams > 0),
                size: width.zip(height),
            })
        })?
        .collect()
}

/// Returns the file of a row of a queue: `seq`, `file_id`, `path` of its folder, `name`, `size_bytes`, `mtime_us`, `duration_s`.
pub(super) fn lacking(row: &Row<'_>) -> rusqlite::Result<Lacking> {
    let folder = RelPath::from_bytes(names::from_sql(row.get_ref("path")?).to_vec());
    Ok(Lacking {
        seq: row.get("seq")?,
        file_id: row.get("file_id")?,
        path: folder.child(names::from_sql(row.get_ref("name")?)),
        size_bytes: row.get("size_bytes")?,
        mtime_us: row.get("mtime_us")?,
        duration_s: row.get("duration_s")?,
    })
}

/// Writes what was captured of a file, and that it was tried.
///
/// # Errors
/// What SQLite says.
pub fn save(
    connection: &Connection,
    task: &FingerprintTask,
    captured: &Captured,
    now_utc: &str,
    now_us: i64,
) -> rusqlite::Result<()> {
    let file_id = task.file.file_id;
    if task.wanted.video {
        forget(connection, "video_signatures", file_id)?;
        forget(connection, "film_timelines", file_id)?;
    }
    if let Some(tmk) = &captured.tmk {
        connection
            .prepare_cached(
                "INSERT INTO video_signatures(file_id, tmk_version, duration_seconds, sig_bytes, updated_utc)
                 VALUES(?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                file_id,
                captured.tmk_by.as_deref().unwrap_or(MADE_BY),
                task.file.duration_s.unwrap_or_else(|| tmk.duration_s()),
                tmk.to_bytes(),
                now_utc
            ])?;
    }
    if let Some(timeline) = &captured.timeline {
        connection
            .prepare_cached(
                "INSERT INTO film_timelines(file_id, algorithm, timeline, updated_utc) VALUES(?1, ?2, ?3, ?4)",
            )?
            .execute(params![
                file_id,
                timeline::ALGORITHM,
                timeline.to_bytes(),
                now_utc
            ])?;
    }
    if task.wanted.sound {
        forget(connection, "audio_fingerprints", file_id)?;
    }
    if let Some(sound) = &captured.sound {
        #[expect(clippy::cast_precision_loss, reason = "two minutes at most")]
        let heard_s = sound.heard_ms as f64 / 1_000.0;
        connection
            .prepare_cached(
                "INSERT INTO audio_fingerprints(file_id, chroma_version, duration_seconds, fp, updated_utc)
                 VALUES(?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                file_id,
                captured.sound_by.as_deref().unwrap_or(MADE_BY),
                task.file.duration_s.unwrap_or(heard_s),
                sound.text,
                now_utc
            ])?;
    }
    if task.wanted.keyframes {
        forget(connection, "keyframe_signatures", file_id)?;
        forget(connection, "video_hashes", file_id)?;
    }
    if let Some(signature) = &captured.keyframes {
        connection
            .prepare_cached(
                "INSERT INTO keyframe_signatures(file_id, algorithm, duration_seconds, signature, updated_utc)
                 VALUES(?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                file_id,
                keyframes::ALGORITHM,
                task.file.duration_s,
                signature.to_bytes(),
                now_utc
            ])?;
        connection
            .prepare_cached(
                "INSERT INTO video_hashes(file_id, vhash64, updated_utc) VALUES(?1, ?2, ?3)",
            )?
            .execute(params![
                file_id,
                format!("{:016x}", signature.bits()),
                now_utc
            ])?;
    }
    tried(connection, task, captured.failure.as_deref(), now_us)
}

/// What was captured of the file as it was goes, also where nothing comes in its place.
fn forget(connection: &Connection, table: &str, file_id: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(&format!("DELETE FROM {table} WHERE file_id = ?1"))?
        .execute([file_id])
        .map(drop)
}

/// Writes that a file was tried, and why something is missing.
fn tried(
    connection: &Connection,
    task: &FingerprintTask,
    failure: Option<&str>,
    now_us: i64,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO fingerprinted(file_id, size_bytes, mtime_us, kinds, failure, captured_us)
             VALUES(:file_id, :size, :mtime, :kinds, :failure, :captured)
             ON CONFLICT(file_id) DO UPDATE SET
               kinds = CASE WHEN size_bytes = excluded.size_bytes AND mtime_us = excluded.mtime_us
                            THEN kinds | excluded.kinds ELSE excluded.kinds END,
               size_bytes = excluded.size_bytes, mtime_us = excluded.mtime_us, failure = excluded.failure,
               captured_us = excluded.captured_us",
        )?
        .execute(named_params! {
            ":file_id": task.file.file_id,
            ":size": task.file.size_bytes,
            ":mtime": task.file.mtime_us,
            ":kinds": task.wanted.bits(),
            ":failure": failure,
            ":captured": now_us,
        })
        .map(drop)
}

/// How many files have what, of those that are there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// TMK signatures.
    pub video: u64,
    /// Fingerprints of sound.
    pub sound: u64,
    /// Signatures of keyframes.
    pub keyframes: u64,
}

/// Returns how many files have what.
///
/// # Errors
/// What SQLite says.
pub fn coverage(connection: &Connection) -> rusqlite::Result<Coverage> {
    let count = |table: &str| -> rusqlite::Result<u64> {
        connection
            .prepare_cached(&format!(
                "SELECT count(*) FROM {table} t JOIN entries e ON e.id = t.file_id WHERE e.deleted_change IS NULL"
            ))?
            .query_row([], |row| row.get::<_, i64>(0))
            .map(i64::unsigned_abs)
    };
    Ok(Coverage {
        video: count("video_signatures")?,
        sound: count("audio_fingerprints")?,
        keyframes: count("keyframe_signatures")?,
    })
}
