//! Reading the fingerprints of a shard, to compare them.

use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension};
use videocatalog_fingerprint::chromaprint::Fingerprint;
use videocatalog_fingerprint::keyframes::Signature;
use videocatalog_fingerprint::timeline::Timeline;
use videocatalog_fingerprint::tmk::Tmk;

use super::names;

/// A file that is there and has fingerprints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedFile {
    /// Its number in the shard.
    pub file_id: i64,
    /// Length in bytes.
    pub size_bytes: i64,
    /// Last modification, microseconds since 1970.
    pub mtime_us: i64,
    /// Number within the volume; links to the same file share it.
    pub inode: Option<i64>,
    /// BLAKE3 of the whole file, if it is ours and holds.
    pub hash: Option<[u8; 32]>,
    /// Which fingerprints it has: bits of 1 TMK, 2 sound, 4 keyframes, 8 timeline.
    pub kinds: u32,
    /// When they were captured, microseconds since 1970; 0 for those of the older program.
    pub captured_us: i64,
}

/// Returns the files of a shard that have any fingerprint.
///
/// # Errors
/// What SQLite says.
pub fn signed_files(shard: &Connection) -> rusqlite::Result<Vec<SignedFile>> {
    // No column after a long one is read: SQLite would walk through all of it.
    shard
        .prepare_cached(
            "SELECT e.id, e.size_bytes, e.mtime_us, e.inode, h.hash, coalesce(t.captured_us, 0) AS captured_us,
                    (v.file_id IS NOT NULL) + 2 * (a.file_id IS NOT NULL) + 4 * (s.file_id IS NOT NULL)
                    + 8 * (l.file_id IS NOT NULL) AS kinds
               FROM (SELECT file_id FROM keyframe_signatures UNION SELECT file_id FROM audio_fingerprints
                     UNION SELECT file_id FROM video_signatures) u
               JOIN entries e ON e.id = u.file_id
               LEFT JOIN hashes h ON h.file_id = e.id AND h.legacy = 0 AND h.stale = 0
               LEFT JOIN fingerprinted t ON t.file_id = e.id
               LEFT JOIN keyframe_signatures s ON s.file_id = e.id
               LEFT JOIN audio_fingerprints a ON a.file_id = e.id
               LEFT JOIN video_signatures v ON v.file_id = e.id
               LEFT JOIN film_timelines l ON l.file_id = e.id
              WHERE e.deleted_change IS NULL AND e.size_bytes > 0",
        )?
        .query_map([], |row| {
            Ok(SignedFile {
                file_id: row.get("id")?,
                size_bytes: row.get("size_bytes")?,
                mtime_us: row.get::<_, Option<i64>>("mtime_us")?.unwrap_or(0),
                inode: row.get("inode")?,
                hash: row.get("hash")?,
                kinds: row.get("kinds")?,
                captured_us: row.get("captured_us")?,
            })
        })?
        .collect()
}

/// What of a file's fingerprints is compared with all others'. One that cannot be read is none.
#[derive(Clone, Debug)]
pub struct Signed {
    /// Its number in the shard.
    pub file_id: i64,
    /// Whether it is a film.
    pub is_film: bool,
    /// Playing time in seconds.
    pub duration_s: Option<f64>,
    /// The signature of keyframes.
    pub keyframes: Option<Signature>,
    /// The fingerprint of sound.
    pub sound: Option<Fingerprint>,
    /// The course of the film.
    pub timeline: Option<Timeline>,
}

/// Reads the fingerprints of all files of a shard but TMK, one after the other.
///
/// # Errors
/// What SQLite says.
pub fn each_signed(shard: &Connection, mut take: impl FnMut(Signed)) -> rusqlite::Result<()> {
    let mut statement = shard.prepare_cached(
        "SELECT e.id, k.category = 'video' AS is_film, m.duration_s, s.duration_seconds AS seen_s, s.signature,
                a.duration_seconds AS heard_s, a.fp, l.timeline
           FROM (SELECT file_id FROM keyframe_signatures UNION SELECT file_id FROM audio_fingerprints
                 UNION SELECT file_id FROM video_signatures) u
           JOIN entries e ON e.id = u.file_id JOIN kinds k ON k.id = e.kind_id
           LEFT JOIN media m ON m.file_id = e.id
           LEFT JOIN keyframe_signatures s ON s.file_id = e.id
           LEFT JOIN audio_fingerprints a ON a.file_id = e.id
           LEFT JOIN film_timelines l ON l.file_id = e.id
          WHERE e.deleted_change IS NULL AND e.size_bytes > 0",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (known, seen, heard): (Option<f64>, Option<f64>, Option<f64>) = (
            row.get("duration_s")?,
            row.get("seen_s")?,
            row.get("heard_s")?,
        );
        let signature: Option<Vec<u8>> = row.get("signature")?;
        let sound: Option<String> = row.get("fp")?;
        let timeline: Option<Vec<u8>> = row.get("timeline")?;
        take(Signed {
            file_id: row.get("id")?,
            is_film: row.get("is_film")?,
            duration_s: known.or(seen).or(heard),
            keyframes: signature.and_then(|bytes| Signature::from_bytes(&bytes).ok()),
            sound: sound.and_then(|text| Fingerprint::from_text(&text).ok()),
            timeline: timeline.and_then(|bytes| Timeline::from_bytes(&bytes).ok()),
        });
    }
    Ok(())
}

/// Returns the TMK signature of a file; one that cannot be read is none.
///
/// # Errors
/// What SQLite says.
pub fn tmk_of(shard: &Connection, file_id: i64) -> rusqlite::Result<Option<Tmk>> {
    let sql = "SELECT sig_bytes FROM video_signatures WHERE file_id = ?1";
    let bytes: Option<Vec<u8>> = one(shard, sql, file_id)?;
    Ok(bytes.and_then(|bytes| Tmk::from_bytes(&bytes).ok()))
}

/// Returns the fingerprint of a file's sound; one that cannot be read is none.
///
/// # Errors
/// What SQLite says.
pub fn sound_of(shard: &Connection, file_id: i64) -> rusqlite::Result<Option<Fingerprint>> {
    let sql = "SELECT fp FROM audio_fingerprints WHERE file_id = ?1";
    let text: Option<String> = one(shard, sql, file_id)?;
    Ok(text.and_then(|text| Fingerprint::from_text(&text).ok()))
}

/// Returns the timeline of a film; one that cannot be read is none.
///
/// # Errors
/// What SQLite says.
pub fn timeline_of(shard: &Connection, file_id: i64) -> rusqlite::Result<Option<Timeline>> {
    let sql = "SELECT timeline FROM film_timelines WHERE file_id = ?1";
    let bytes: Option<Vec<u8>> = one(shard, sql, file_id)?;
    Ok(bytes.and_then(|bytes| Timeline::from_bytes(&bytes).ok()))
}

fn one<T: FromSql>(shard: &Connection, sql: &str, file_id: i64) -> rusqlite::Result<Option<T>> {
    shard
        .prepare_cached(sql)?
        .query_row([file_id], |row| row.get(0))
        .optional()
}

/// What people judge a file by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Path relative to the drive's root.
    pub path: Vec<u8>,
    /// Length in bytes.
    pub size_bytes: u64,
    /// Playing time in seconds.
    pub duration_s: Option<f64>,
    /// Width and height of the picture in pixels.
    pub size: Option<(u32, u32)>,
    /// Bits a second.
    pub bitrate_bps: Option<u64>,
    /// Codec of the picture, or of the sound where there is none, as ffprobe names it.
    pub codec: Option<String>,
    /// Kind of high dynamic range.
    pub hdr: Option<String>,
    /// Sound tracks.
    pub audio_streams: u32,
}

/// Returns what people judge a file by; `None` if it is gone.
///
/// # Errors
/// What SQLite says.
pub fn facts_of(shard: &Connection, file_id: i64) -> rusqlite::Result<Option<Facts>> {
    shard
        .prepare_cached(
            "SELECT f.path, e.name, e.size_bytes, m.duration_s, m.width, m.height, m.bitrate_bps, m.hdr, m.audio_streams,
                    coalesce(m.video_codec, m.audio_codec) AS codec
               FROM entries e JOIN folders f ON f.id = e.folder_id LEFT JOIN media m ON m.file_id = e.id
              WHERE e.id = ?1 AND e.deleted_change IS NULL",
        )?
        .query_row([file_id], |row| {
            let (width, height): (Option<u32>, Option<u32>) = (row.get("width")?, row.get("height")?);
            let bitrate: Option<i64> = row.get("bitrate_bps")?;
            Ok(Facts {
                path: names::below(
                    names::from_sql(row.get_ref("path")?),
                    names::from_sql(row.get_ref("name")?),
                ),
                size_bytes: row.get::<_, i64>("size_bytes")?.unsigned_abs(),
                duration_s: row.get("duration_s")?,
                size: width.zip(height),
                bitrate_bps: bitrate.map(i64::unsigned_abs),
                codec: row.get("codec")?,
                hdr: row.get("hdr")?,
                audio_streams: row
                    .get::<_, Option<u32>>("audio_streams")?
                    .unwrap_or_default(),
            })
        })
        .optional()
}
