//! Reading the fingerprints of a shard, to compare them.

use rusqlite::{Connection, OptionalExtension};
use videocatalog_fingerprint::chromaprint::Fingerprint;
use videocatalog_fingerprint::keyframes::Signature;
use videocatalog_fingerprint::tmk::Tmk;

use super::names;

/// A file that is there and has fingerprints.
#[derive(Clone, Debug)]
pub struct SignedFile {
    /// Its number in the shard.
    pub file_id: i64,
    /// Path relative to the drive's root.
    pub path: Vec<u8>,
    /// Length in bytes.
    pub size_bytes: u64,
    /// BLAKE3 of the whole file, if it is ours and holds.
    pub hash: Option<[u8; 32]>,
    /// Whether it is a film.
    pub is_video: bool,
    /// Playing time in seconds.
    pub duration_s: Option<f64>,
    /// Width and height of the picture in pixels.
    pub size: Option<(u32, u32)>,
    /// Bits a second.
    pub bitrate_bps: Option<u64>,
    /// Kind of high dynamic range.
    pub hdr: Option<String>,
    /// Sound tracks.
    pub audio_streams: u32,
    /// The signature of keyframes; one that cannot be read is none.
    pub keyframes: Option<Signature>,
    /// The fingerprint of sound; one that cannot be read is none.
    pub sound: Option<Fingerprint>,
    /// Whether there is a TMK signature.
    pub has_tmk: bool,
}

/// Returns the files of a shard that have any fingerprint.
///
/// # Errors
/// What SQLite says.
pub fn signed_files(shard: &Connection) -> rusqlite::Result<Vec<SignedFile>> {
    shard
        .prepare_cached(
            "SELECT e.id, f.path, e.name, e.size_bytes, k.category, h.hash, m.duration_s, m.width, m.height, m.bitrate_bps,
                    m.hdr, m.audio_streams, s.signature, s.duration_seconds AS seen_s, a.fp, a.duration_seconds AS heard_s,
                    v.file_id IS NOT NULL AS has_tmk
               FROM (SELECT file_id FROM keyframe_signatures UNION SELECT file_id FROM audio_fingerprints
                     UNION SELECT file_id FROM video_signatures) u
               JOIN entries e ON e.id = u.file_id JOIN folders f ON f.id = e.folder_id JOIN kinds k ON k.id = e.kind_id
               LEFT JOIN hashes h ON h.file_id = e.id AND h.legacy = 0 AND h.stale = 0
               LEFT JOIN media m ON m.file_id = e.id
               LEFT JOIN keyframe_signatures s ON s.file_id = e.id
               LEFT JOIN audio_fingerprints a ON a.file_id = e.id
               LEFT JOIN video_signatures v ON v.file_id = e.id
              WHERE e.deleted_change IS NULL AND e.size_bytes > 0",
        )?
        .query_map([], |row| {
            let (width, height): (Option<u32>, Option<u32>) = (row.get("width")?, row.get("height")?);
            let signature: Option<Vec<u8>> = row.get("signature")?;
            let sound: Option<String> = row.get("fp")?;
            let bitrate: Option<i64> = row.get("bitrate_bps")?;
            let (known, seen, heard): (Option<f64>, Option<f64>, Option<f64>) =
                (row.get("duration_s")?, row.get("seen_s")?, row.get("heard_s")?);
            Ok(SignedFile {
                file_id: row.get("id")?,
                path: names::below(
                    names::from_sql(row.get_ref("path")?),
                    names::from_sql(row.get_ref("name")?),
                ),
                size_bytes: row.get::<_, i64>("size_bytes")?.unsigned_abs(),
                hash: row.get("hash")?,
                is_video: row.get::<_, String>("category")? == "video",
                duration_s: known.or(seen).or(heard),
                size: width.zip(height),
                bitrate_bps: bitrate.map(i64::unsigned_abs),
                hdr: row.get("hdr")?,
                audio_streams: row
                    .get::<_, Option<u32>>("audio_streams")?
                    .unwrap_or_default(),
                keyframes: signature.and_then(|bytes| Signature::from_bytes(&bytes).ok()),
                sound: sound.and_then(|text| Fingerprint::from_text(&text).ok()),
                has_tmk: row.get("has_tmk")?,
            })
        })?
        .collect()
}

/// Returns the TMK signature of a file; one that cannot be read is none.
///
/// # Errors
/// What SQLite says.
pub fn tmk_of(shard: &Connection, file_id: i64) -> rusqlite::Result<Option<Tmk>> {
    let bytes: Option<Vec<u8>> = shard
        .prepare_cached("SELECT sig_bytes FROM video_signatures WHERE file_id = ?1")?
        .query_row([file_id], |row| row.get(0))
        .optional()?;
    Ok(bytes.and_then(|bytes| Tmk::from_bytes(&bytes).ok()))
}
