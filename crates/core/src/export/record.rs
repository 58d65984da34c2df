//! One file as every form of export has it: the documented columns, and what stands beside them.

use std::borrow::Cow;

use crate::catalog::drives::Drive;
use crate::catalog::export::{FileRow, MediaRow};
use crate::catalog::shard::Root;
use crate::media::documented::{MediaColumns, codec_name};

/// The documented columns, in their order.
pub const COLUMNS: [&str; 17] = [
    "drive_label",
    "path",
    "size_bytes",
    "is_av",
    "hash_blake3",
    "mtime_utc",
    "codec_video",
    "width",
    "height",
    "codec_audio",
    "audio_streams",
    "video_streams",
    "duration_seconds",
    "integrity_ok",
    "deleted",
    "first_seen_utc",
    "updated_utc",
];

/// One file.
#[derive(Clone, Debug)]
pub struct Record<'r> {
    /// Its drive.
    pub drive_label: &'r str,
    /// Absolute path at the drive's last known mount, as bytes.
    pub path: &'r [u8],
    /// Path relative to the drive's root, as bytes.
    pub rel_path: &'r [u8],
    /// Length in bytes.
    pub size_bytes: Option<i64>,
    /// Whether it is audio or video.
    pub is_av: bool,
    /// Hash of the whole file.
    pub hash: Option<[u8; 32]>,
    /// Whether the hash is the older program's, which may be of another kind.
    pub is_legacy_hash: bool,
    /// Last modification, microseconds since 1970.
    pub mtime_us: Option<i64>,
    /// What is known of it as media.
    pub media: MediaColumns<'r>,
    /// Whether it is sound; `None`: not judged.
    pub integrity_ok: Option<bool>,
    /// Whether it is gone.
    pub deleted: bool,
    /// When it was first seen.
    pub first_seen_utc: Option<&'r str>,
    /// When anything known of it last changed.
    pub updated_utc: Option<&'r str>,
}

impl<'r> Record<'r> {
    pub(super) fn of(drive: &'r Drive, path: &'r [u8], file: &FileRow<'r>) -> Self {
        Self {
            drive_label: &drive.label,
            path,
            rel_path: file.rel_path,
            size_bytes: file.size_bytes,
            is_av: matches!(file.category, "video" | "audio"),
            hash: file.hash,
            is_legacy_hash: file.is_legacy_hash,
            mtime_us: file.mtime_us,
            media: media(file.media, file.category == "image"),
            integrity_ok: file.integrity_ok,
            deleted: file.deleted,
            first_seen_utc: file.first_seen_utc,
            updated_utc: file.updated_utc,
        }
    }

    /// Returns the path as text; bytes that are no UTF-8 are replaced.
    pub fn path_text(&self) -> Cow<'r, str> {
        String::from_utf8_lossy(self.path)
    }

    /// Returns the relative path as text; bytes that are no UTF-8 are replaced.
    pub fn rel_path_text(&self) -> Cow<'r, str> {
        String::from_utf8_lossy(self.rel_path)
    }

    /// Returns whether the texts of the paths say less than their bytes.
    pub fn is_lossy(&self) -> bool {
        std::str::from_utf8(self.path).is_err()
    }

    /// Returns whose hash it is: `ours` or `legacy`.
    pub fn hash_origin(&self) -> Option<&'static str> {
        self.hash.map(|_| {
            if self.is_legacy_hash {
                "legacy"
            } else {
                "ours"
            }
        })
    }

    /// Returns the playing time in seconds, rounded to milliseconds.
    pub fn duration_s(&self) -> Option<f64> {
        self.media
            .duration_s
            .filter(|seconds| seconds.is_finite())
            .map(|seconds| (seconds * 1_000.0).round() / 1_000.0)
    }
}

/// A photograph has a size, but no streams and no codec of a film.
fn media(row: MediaRow<'_>, is_image: bool) -> MediaColumns<'_> {
    match row {
        MediaRow::None => MediaColumns::default(),
        MediaRow::Document(json) => MediaColumns::of_document(json),
        MediaRow::Typed {
            video_codec,
            width,
            height,
            audio_codec,
            audio_streams,
            video_streams,
            duration_s,
        } => MediaColumns {
            codec_video: video_codec.filter(|_| !is_image).map(codec_name),
            width,
            height,
            codec_audio: audio_codec.map(codec_name),
            audio_streams,
            video_streams: video_streams.map(|streams| if is_image { 0 } else { streams }),
            duration_s,
        },
    }
}

/// Where a drive's paths begin.
pub(super) struct Place {
    mount: Vec<u8>,
    separator: u8,
}

impl Place {
    pub(super) fn new(drive: &Drive, root: Option<&Root>) -> Self {
        let separator = root.map_or('/', |root| root.separator);
        let mount = if drive.mount_bytes.is_empty() {
            root.map(|root| root.mount_path.clone()).unwrap_or_default()
        } else {
            drive.mount_bytes.clone()
        };
        Self {
            mount,
            separator: if separator == '/' { b'/' } else { b'\\' },
        }
    }

    pub(super) fn separator(&self) -> char {
        char::from(self.separator)
    }

    /// Returns the absolute path as views show it, without loss.
    pub(super) fn absolute(&self, relative: &[u8]) -> Vec<u8> {
        let mut path = Vec::with_capacity(self.mount.len() + 1 + relative.len());
        path.extend_from_slice(&self.mount);
        if path.last() != Some(&self.separator) {
            path.push(self.separator);
        }
        let separator = self.separator;
        path.extend(
            relative
                .iter()
                .map(|&byte| if byte == b'/' { separator } else { byte }),
        );
        path
    }
}
