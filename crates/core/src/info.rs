//! Everything that is known of one file, whether its drive is there or not.

mod lines;

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde::Serialize;
use serde_json::Value;

use crate::catalog::drives::Drive;
use crate::catalog::lookup::{self, KnownFile};
use crate::catalog::media::{self, MediaRow};
use crate::catalog::pictures::Pictures;
use crate::catalog::store::{Catalog, StoreError};
use crate::catalog::{Access, shard, verify};
use crate::clock::utc_text;
use crate::media::pictures::{Picture, PictureKind};
use crate::media::sidecar::{self, Sidecar};
use crate::media::{Facts, Verdict};
use crate::path::{RelPath, absolute_text, os_to_bytes};
use crate::transcripts::{self, Transcript};
use crate::verify::DamagedFile;

/// Files of a folder that are looked through for what belongs to a film.
const MOST_NEIGHBOURS: i64 = 10_000;

/// Everything known of a file; the names are those of `info --json`.
#[derive(Clone, Debug, Serialize)]
pub struct Info {
    /// Its drive.
    pub drive_label: String,
    /// Absolute path at the drive's last known mount.
    pub path: String,
    /// Path relative to the drive's root.
    pub rel_path: String,
    /// Name as stored.
    pub name: String,
    /// Length in bytes.
    pub size_bytes: Option<i64>,
    /// Last modification.
    pub mtime_utc: Option<String>,
    /// Extension.
    pub ext: Option<String>,
    /// MIME type.
    pub mime: Option<String>,
    /// Category.
    pub category: String,
    /// BLAKE3 of the whole file.
    pub hash_blake3: Option<String>,
    /// `ours`, or `legacy`: of the older program, and perhaps of another kind.
    pub hash_origin: Option<&'static str>,
    /// When its bytes were last read again and were the same.
    pub verified_utc: Option<String>,
    /// What verification found of it otherwise, latest first.
    pub verify_findings: Vec<DamagedFile>,
    /// Whether it was gone at the last scan.
    pub deleted: bool,
    /// When it was gone.
    pub deleted_ts: Option<String>,
    /// When it was first seen.
    pub first_seen_utc: Option<String>,
    /// When anything known of it last changed.
    pub updated_utc: Option<String>,
    /// Whether it is sound, and why not.
    pub integrity: Option<Verdict>,
    /// Who read its headers.
    pub media_source: Option<String>,
    /// What people filter by.
    pub media: Option<Facts>,
    /// Everything its headers say, shaped as MediaInfo writes it.
    pub media_json: Option<Value>,
    /// Files that stand next to it and belong to it.
    pub sidecars: Vec<NamedSidecar>,
    /// Subtitles that can be searched.
    pub subtitles: Vec<SubtitleInfo>,
    /// What was heard in it.
    pub transcript: Option<Transcript>,
    /// Pictures that are kept of it.
    pub pictures: Vec<PictureInfo>,
    /// Why there are none.
    pub pictures_missing: Option<String>,
}

/// A file that belongs to another.
#[derive(Clone, Debug, Serialize)]
pub struct NamedSidecar {
    /// Path relative to the drive's root.
    pub rel_path: String,
    /// What it is.
    #[serde(flatten)]
    pub sidecar: Sidecar,
}

/// Subtitles of a file.
#[derive(Clone, Debug, Serialize)]
pub struct SubtitleInfo {
    /// Where they are: a stream of the film, or a file beside it.
    pub from: String,
    /// Their language.
    pub language: Option<String>,
    /// How many lines.
    pub lines: usize,
    /// The lines.
    pub content: String,
}

/// A picture that is kept.
#[derive(Clone, Debug, Serialize)]
pub struct PictureInfo {
    /// What it shows.
    pub kind: PictureKind,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Length of the WebP file.
    pub bytes: usize,
    /// The times of a film's frames, in seconds.
    pub times_s: Vec<f64>,
}

/// Why nothing can be said.
#[derive(Debug, thiserror::Error)]
pub enum InfoError {
    /// The catalogue or the shard cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file is not in the catalogue.
    #[error("`{path}` is not in the catalogue of `{label}`")]
    Unknown {
        /// The path.
        path: String,
        /// The drive.
        label: String,
    },
}

/// Returns everything known of the file at `path`: absolute below the drive's present or last mount, or relative to its
/// root.
///
/// # Errors
/// When the shard cannot be read, or does not know the file.
pub fn of(
    catalog: &Catalog,
    drive: &Drive,
    path: &Path,
    mounts: &[PathBuf],
) -> Result<Info, InfoError> {
    let connection = catalog.open_shard(drive, Access::Read)?;
    let failed = |source| StoreError::Sqlite {
        path: catalog.shard_path(drive),
        source,
    };
    let separator = shard::root(&connection)
        .map_err(failed)?
        .map_or('/', |root| root.separator);
    for rel_path in candidates(drive, path, separator, mounts) {
        if let Some(file) = lookup::file_at(&connection, &rel_path).map_err(failed)? {
            let pictures = Pictures::open_to_read(&catalog.shard_path(drive), &drive.drive_uid);
            // One that cannot be read keeps nothing else from being told.
            let transcript = transcripts::of_file(catalog, drive, file.file_id).unwrap_or_default();
            let about = About {
                connection: &connection,
                drive,
                separator,
                rel_path: &rel_path,
                file: &file,
            };
            let mut info = about.info(pictures.as_ref()).map_err(failed)?;
            info.transcript = transcript;
            return Ok(info);
        }
    }
    Err(InfoError::Unknown {
        path: path.display().to_string(),
        label: drive.label.clone(),
    })
}

/// Returns the pictures of the file at `path`.
///
/// # Errors
/// As [`of`].
pub fn pictures(catalog: &Catalog, drive: &Drive, info: &Info) -> Result<Vec<Picture>, InfoError> {
    let shard_path = catalog.shard_path(drive);
    let failed = |source| StoreError::Sqlite {
        path: shard_path.clone(),
        source,
    };
    let connection = catalog.open_shard(drive, Access::Read)?;
    let rel_path = RelPath::from_bytes(info.rel_path.clone().into_bytes());
    let Some(file) = lookup::file_at(&connection, &rel_path).map_err(failed)? else {
        return Ok(Vec::new());
    };
    match Pictures::open_to_read(&shard_path, &drive.drive_uid) {
        Some(pictures) => pictures.of(file.file_id).map_err(|source| {
            StoreError::Sqlite {
                path: pictures.path().to_path_buf(),
                source,
            }
            .into()
        }),
        None => Ok(Vec::new()),
    }
}

/// The relative paths that a path may mean.
pub(crate) fn candidates(
    drive: &Drive,
    path: &Path,
    separator: char,
    mounts: &[PathBuf],
) -> Vec<RelPath> {
    let mut found: Vec<RelPath> = mounts
        .iter()
        .filter_map(|mount| RelPath::below(mount, path))
        .collect();
    let bytes = os_to_bytes(path.as_os_str());
    let plain = |bytes: &[u8]| {
        // The drive's home system may be another one than this.
        let text: Vec<u8> = bytes
            .iter()
            .map(|&byte| if byte == separator as u8 { b'/' } else { byte })
            .collect();
        let start = text.iter().take_while(|byte| **byte == b'/').count();
        RelPath::from_bytes(text.get(start..).unwrap_or_default().to_vec())
    };
    if let Some(below) = bytes.strip_prefix(drive.mount_bytes.as_slice()) {
        found.push(plain(below));
    }
    found.push(plain(bytes.strip_prefix(b"./").unwrap_or(&bytes)));
    found
}

impl Info {
    /// Returns what is said in it, as lines with times: its first subtitles, else what was heard.
    pub fn said(&self) -> String {
        let subtitles = self.subtitles.iter().find(|one| !one.content.is_empty());
        match (subtitles, &self.transcript) {
            (Some(subtitles), _) => subtitles.content.clone(),
            (None, Some(transcript)) => transcript.lines(),
            (None, None) => String::new(),
        }
    }
}

/// A file that was found.
struct About<'a> {
    connection: &'a Connection,
    drive: &'a Drive,
    separator: char,
    rel_path: &'a RelPath,
    file: &'a KnownFile,
}

impl About<'_> {
    fn info(&self, pictures: Option<&Pictures>) -> rusqlite::Result<Info> {
        let file = self.file;
        let media = media::get(self.connection, file.file_id)?;
        let absolute = absolute_text(
            &self.drive.mount_path,
            self.separator,
            self.rel_path.as_bytes(),
        );
        let name = self.rel_path.split().map_or(&b""[..], |(_, name)| name);
        let sidecars = self.sidecars()?;
        let subtitles = self.subtitles(&sidecars)?;
        let (kept, missing) = match pictures {
            // Of an unreadable database of pictures there simply are none.
            Some(pictures) => (
                pictures.of(file.file_id).unwrap_or_default(),
                pictures.failure(file.file_id).unwrap_or_default(),
            ),
            None => (Vec::new(), None),
        };
        let hash = file
            .hash
            .map(|hash| blake3::Hash::from_bytes(hash).to_string());
        Ok(Info {
            drive_label: self.drive.label.clone(),
            path: String::from_utf8_lossy(&absolute).into_owned(),
            rel_path: String::from_utf8_lossy(self.rel_path.as_bytes()).into_owned(),
            name: String::from_utf8_lossy(name).into_owned(),
            size_bytes: file.size_bytes,
            mtime_utc: file.mtime_us.map(utc_text),
            ext: file.ext.clone(),
            mime: file.mime.clone(),
            category: file.category.clone(),
            hash_origin: hash.as_ref().map(|_| {
                if file.is_legacy_hash {
                    "legacy"
                } else {
                    "ours"
                }
            }),
            hash_blake3: hash,
            verified_utc: verify::verified_us(self.connection, file.file_id)?.map(utc_text),
            verify_findings: verify::findings(self.connection, Some(file.file_id))?
                .into_iter()
                .map(|finding| DamagedFile::new(self.drive, self.separator, finding))
                .collect(),
            deleted: file.deleted_utc.is_some(),
            deleted_ts: file.deleted_utc.clone(),
            first_seen_utc: file.first_seen_utc.clone(),
            updated_utc: file.updated_utc.clone(),
            integrity: media.as_ref().map(|media| media.verdict.clone()),
            media_source: media.as_ref().and_then(|media| media.source.clone()),
            media_json: media.as_ref().and_then(document),
            media: media.map(|media| media.facts),
            sidecars: sidecars.into_iter().map(|(_, sidecar)| sidecar).collect(),
            subtitles,
            transcript: None,
            pictures: kept
                .into_iter()
                .map(|picture| PictureInfo {
                    kind: picture.kind,
                    width: picture.width,
                    height: picture.height,
                    bytes: picture.webp.len(),
                    times_s: picture.times_s,
                })
                .collect(),
            pictures_missing: missing,
        })
    }

    /// Files beside a film that are its, with their numbers.
    fn sidecars(&self) -> rusqlite::Result<Vec<(i64, NamedSidecar)>> {
        let Some((folder, name)) = self.rel_path.split() else {
            return Ok(Vec::new());
        };
        if self.file.category != "video" {
            return Ok(Vec::new());
        }
        let film = String::from_utf8_lossy(name).into_owned();
        let neighbours = lookup::files_in(self.connection, &folder, MOST_NEIGHBOURS)?;
        let mut found = Vec::new();
        for (id, other) in &neighbours {
            if let Some(sidecar) = sidecar::relation(&film, other) {
                found.push((*id, named(&folder, other, sidecar)));
            }
        }
        for below in lookup::folders_in(self.connection, &folder, 100)? {
            let Some((_, folder_name)) = below.split() else {
                continue;
            };
            let lower = String::from_utf8_lossy(folder_name).to_lowercase();
            if !sidecar::SUBTITLE_FOLDERS.contains(&lower.as_str()) {
                continue;
            }
            for (id, other) in lookup::files_in(self.connection, &below, 1_000)? {
                let own = sidecar::relation(&film, &other).or_else(|| {
                    sidecar::in_subtitle_folder(&other).filter(|_| is_only_film(&neighbours))
                });
                if let Some(sidecar) = own {
                    found.push((id, named(&below, &other, sidecar)));
                }
            }
        }
        found.sort_by(|(_, a), (_, b)| a.rel_path.cmp(&b.rel_path));
        Ok(found)
    }

    fn subtitles(&self, sidecars: &[(i64, NamedSidecar)]) -> rusqlite::Result<Vec<SubtitleInfo>> {
        let mut found = Vec::new();
        let mut push = |from: String, language, content: String| {
            found.push(SubtitleInfo {
                from,
                language,
                lines: content.lines().count(),
                content,
            });
        };
        for (stream, language, content) in media::subtitles(self.connection, self.file.file_id)? {
            let from = if stream < 0 {
                "this file".to_owned()
            } else {
                format!("stream {stream}")
            };
            push(from, language, content);
        }
        for (id, sidecar) in sidecars {
            for (_, _, content) in media::subtitles(self.connection, *id)? {
                push(
                    sidecar.rel_path.clone(),
                    sidecar.sidecar.language.clone(),
                    content,
                );
            }
        }
        Ok(found)
    }
}

fn is_only_film(neighbours: &[(i64, String)]) -> bool {
    neighbours
        .iter()
        .filter(|(_, name)| {
            crate::media::kind_of_name(name.as_bytes()).category == crate::media::Category::Video
        })
        .count()
        == 1
}

fn named(folder: &RelPath, name: &str, sidecar: Sidecar) -> NamedSidecar {
    let path = folder.child(name.as_bytes());
    NamedSidecar {
        rel_path: String::from_utf8_lossy(path.as_bytes()).into_owned(),
        sidecar,
    }
}

fn document(media: &MediaRow) -> Option<Value> {
    serde_json::from_str(media.document.as_deref()?).ok()
}
