//! One JSON object a line: the documented keys first, then what no CSV column has room for.

use std::borrow::Cow;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::{Record, RecordWriter};
use crate::clock::utc_text;

/// One line.
#[derive(Serialize)]
struct Line<'r> {
    drive_label: &'r str,
    path: Cow<'r, str>,
    size_bytes: Option<i64>,
    is_av: u8,
    hash_blake3: Option<&'r str>,
    mtime_utc: Option<String>,
    codec_video: Option<&'r str>,
    width: Option<i64>,
    height: Option<i64>,
    codec_audio: Option<&'r str>,
    audio_streams: Option<i64>,
    video_streams: Option<i64>,
    duration_seconds: Option<f64>,
    integrity_ok: Option<u8>,
    deleted: u8,
    first_seen_utc: Option<&'r str>,
    updated_utc: Option<&'r str>,
    // Not among the documented ones.
    rel_path: Cow<'r, str>,
    hash_origin: Option<&'static str>,
    /// The bytes of `path`, where they are no UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    path_b64: Option<String>,
}

pub(super) struct JsonlWriter<W: Write> {
    out: W,
}

impl<W: Write> JsonlWriter<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out }
    }
}

impl<W: Write> RecordWriter for JsonlWriter<W> {
    fn write(&mut self, record: &Record<'_>) -> io::Result<()> {
        let hash = record
            .hash
            .map(|hash| blake3::Hash::from_bytes(hash).to_hex());
        let media = &record.media;
        let line = Line {
            drive_label: record.drive_label,
            path: record.path_text(),
            size_bytes: record.size_bytes,
            is_av: record.is_av.into(),
            hash_blake3: hash.as_deref(),
            mtime_utc: record.mtime_us.map(utc_text),
            codec_video: media.codec_video.as_deref(),
            width: media.width,
            height: media.height,
            codec_audio: media.codec_audio.as_deref(),
            audio_streams: media.audio_streams,
            video_streams: media.video_streams,
            duration_seconds: record.duration_s(),
            integrity_ok: record.integrity_ok.map(u8::from),
            deleted: record.deleted.into(),
            first_seen_utc: record.first_seen_utc,
            updated_utc: record.updated_utc,
            rel_path: record.rel_path_text(),
            hash_origin: record.hash_origin(),
            path_b64: record.is_lossy().then(|| STANDARD.encode(record.path)),
        };
        serde_json::to_writer(&mut self.out, &line)?;
        self.out.write_all(b"\n")
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}
