//! Exports of this program, and CSV exports of the older one, which have the same columns.
//!
//! The documented CSV does not say whose a hash is: the older program wrote SHA-256 into the same column where BLAKE3 was
//! missing. JSON lines say it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::source::{Entry, Line, cell, number, text};
use crate::catalog::import::ListedFile;
use crate::clock::parse_utc;
use crate::media::documented::MediaColumns;

/// Where the columns are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    path: usize,
    others: Vec<(&'static str, usize)>,
}

impl Columns {
    /// Returns the places of the columns, if the line names those that matter.
    pub(super) fn of(header: &csv::ByteRecord) -> Option<Self> {
        let find = |name: &str| header.iter().position(|cell| cell == name.as_bytes());
        let path = find("path")?;
        find("size_bytes")?;
        Some(Self {
            path,
            others: crate::export::COLUMNS
                .into_iter()
                .filter_map(|name| Some((name, find(name)?)))
                .collect(),
        })
    }

    fn of_name(&self, wanted: &str) -> Option<usize> {
        self.others
            .iter()
            .find(|(name, _)| *name == wanted)
            .map(|(_, column)| *column)
    }
}

/// Returns what a line of a CSV says.
pub(super) fn csv_line(columns: &Columns, row: &csv::ByteRecord, trust_hashes: bool) -> Line {
    match read_csv(columns, row, trust_hashes) {
        Ok(entry) => Line::File(Box::new(entry)),
        Err(reason) => Line::Bad(reason),
    }
}

fn read_csv(columns: &Columns, row: &csv::ByteRecord, trust_hashes: bool) -> Result<Entry, String> {
    let path = cell(row, Some(columns.path)).ok_or("there is no path")?;
    let integer = |name: &str| number::<i64>(row, columns.of_name(name), name);
    let words = |name: &str| text(row, columns.of_name(name));
    let flag = |name: &str| Ok::<_, String>(integer(name)?.map(|value| value != 0));
    let codec = |name: &str| words(name).map(|codec| codec.to_owned().into());
    let duration: Option<f64> =
        number(row, columns.of_name("duration_seconds"), "duration_seconds")?;
    Ok(Entry {
        path: path.to_vec(),
        label: words("drive_label").map(str::to_owned),
        root: None,
        file: ListedFile {
            size_bytes: integer("size_bytes")?.filter(|size| *size >= 0),
            mtime_us: time(words("mtime_utc"))?,
            mtime_whole: true,
            hash: hash(words("hash_blake3"))?,
            is_legacy_hash: !trust_hashes,
            integrity_ok: flag("integrity_ok")?,
            deleted: flag("deleted")?.unwrap_or(false),
            media: MediaColumns {
                codec_video: codec("codec_video"),
                width: integer("width")?,
                height: integer("height")?,
                codec_audio: codec("codec_audio"),
                audio_streams: integer("audio_streams")?,
                video_streams: integer("video_streams")?,
                duration_s: duration,
            },
        },
    })
}

/// One line of JSON; keys that are not needed are not looked at.
#[derive(Deserialize)]
struct JsonLine {
    drive_label: Option<String>,
    path: String,
    path_b64: Option<String>,
    rel_path: Option<String>,
    size_bytes: Option<i64>,
    hash_blake3: Option<String>,
    hash_origin: Option<String>,
    mtime_utc: Option<String>,
    codec_video: Option<String>,
    width: Option<i64>,
    height: Option<i64>,
    codec_audio: Option<String>,
    audio_streams: Option<i64>,
    video_streams: Option<i64>,
    duration_seconds: Option<f64>,
    integrity_ok: Option<u8>,
    deleted: Option<u8>,
}

/// Returns what a line of JSON says.
pub(super) fn json_line(text: &[u8]) -> Line {
    match read_json(text) {
        Ok(entry) => Line::File(Box::new(entry)),
        Err(reason) => Line::Bad(reason),
    }
}

fn read_json(text: &[u8]) -> Result<Entry, String> {
    let line: JsonLine = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    let path = match &line.path_b64 {
        Some(encoded) => STANDARD
            .decode(encoded)
            .map_err(|error| format!("path_b64: {error}"))?,
        None => line.path.clone().into_bytes(),
    };
    if path.is_empty() {
        return Err("there is no path".into());
    }
    Ok(Entry {
        root: line
            .rel_path
            .as_ref()
            .and_then(|relative| root_of(&line.path, relative)),
        path,
        label: line.drive_label,
        file: ListedFile {
            size_bytes: line.size_bytes.filter(|size| *size >= 0),
            mtime_us: time(line.mtime_utc.as_deref())?,
            mtime_whole: true,
            hash: hash(line.hash_blake3.as_deref())?,
            is_legacy_hash: line.hash_origin.as_deref() != Some("ours"),
            integrity_ok: line.integrity_ok.map(|ok| ok != 0),
            deleted: line.deleted.unwrap_or(0) != 0,
            media: MediaColumns {
                codec_video: line.codec_video.map(Into::into),
                width: line.width,
                height: line.height,
                codec_audio: line.codec_audio.map(Into::into),
                audio_streams: line.audio_streams,
                video_streams: line.video_streams,
                duration_s: line.duration_seconds,
            },
        },
    })
}

/// Returns what of a path stands before its relative form.
fn root_of(path: &str, relative: &str) -> Option<Vec<u8>> {
    let root = path.get(..path.len().checked_sub(relative.len())?)?;
    // A root that is no UTF-8 has no text to be told by.
    (!root.contains('\u{fffd}')).then(|| root.as_bytes().to_vec())
}

fn time(text: Option<&str>) -> Result<Option<i64>, String> {
    match text {
        None => Ok(None),
        Some(text) => parse_utc(text)
            .map(Some)
            .ok_or_else(|| "mtime_utc is no time".to_owned()),
    }
}

fn hash(text: Option<&str>) -> Result<Option<[u8; 32]>, String> {
    match text {
        None => Ok(None),
        Some(text) => blake3::Hash::from_hex(text)
            .map(|hash| Some(*hash.as_bytes()))
            .map_err(|_| "hash_blake3 is no hash".to_owned()),
    }
}
