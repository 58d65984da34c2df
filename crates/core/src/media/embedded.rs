//! What lies inside a file and is wanted by itself: the bytes of an image or a cover, the texts of subtitles.

use std::ffi::OsString;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use videocatalog_headers::{Cover, Media, ProbeError};

use super::pictures::PictureKind;
use super::{probe_file, subtitle};
use crate::path::RelPath;
use crate::tools::{Limits, StreamError, run_streaming};
use crate::tree::{OpenFile, Tree};
use crate::watch::{Abandoned, Post};

/// The longest image that is read as a whole.
const LONGEST_IMAGE: u64 = 128 << 20;

/// The longest cover that is read.
const LONGEST_COVER: u64 = 32 << 20;

/// The slowest disk that a film is expected on, in bytes a second: reading all of it takes its time.
const SLOWEST_DISK: u64 = 5 << 20;

/// Bytes of a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// A whole image file.
    pub bytes: Vec<u8>,
    /// Thumbnail or cover.
    pub kind: PictureKind,
    /// Clockwise degrees for looking at it.
    pub turned: u16,
}

/// A file in which a picture is looked for.
#[derive(Clone, Copy, Debug)]
pub struct PictureFile<'a> {
    /// Where it is.
    pub path: &'a RelPath,
    /// Its length.
    pub size_bytes: i64,
    /// Whether it is an image, and no piece of music.
    pub is_image: bool,
}

/// Reads an image, or the cover inside a piece of music; `None` if there is none, or it is too large.
///
/// # Errors
/// [`Abandoned`] when a call hung; inside, what the system said.
pub fn read(
    tree: &dyn Tree,
    of: PictureFile<'_>,
    post: &Post,
) -> Result<io::Result<Option<Found>>, Abandoned> {
    let mut file = match post.call(|| tree.open_file(of.path))? {
        Ok(file) => file,
        Err(error) => return Ok(Err(error)),
    };
    let found = read_open(file.as_mut(), of, post)?;
    // Closing is a call as well, and on some file systems one that waits.
    post.call(move || drop(file))?;
    Ok(found)
}

fn read_open(
    file: &mut dyn OpenFile,
    of: PictureFile<'_>,
    post: &Post,
) -> Result<io::Result<Option<Found>>, Abandoned> {
    let length = u64::try_from(of.size_bytes).unwrap_or(0);
    let media = match probe_file(file, post, length, extension(of.path).as_deref())? {
        Ok(media) => media,
        // That says nothing of the file: another time it may be read.
        Err(ProbeError::Io(error)) => return Ok(Err(error)),
        Err(_) => return Ok(Ok(None)),
    };
    let (offset, size, kind) = if of.is_image {
        if length > LONGEST_IMAGE {
            return Ok(Ok(None));
        }
        (0, length, PictureKind::Thumbnail)
    } else {
        match front_cover(&media) {
            Some(cover) => (cover.offset, cover.size_bytes, PictureKind::Cover),
            None => return Ok(Ok(None)),
        }
    };
    let turned = media
        .video()
        .and_then(|stream| stream.video.as_ref())
        .map_or(0, |video| video.rotation_deg);
    let bytes = read_range(file, offset, size.min(length.saturating_sub(offset)), post)?;
    Ok(bytes.map(|bytes| {
        Some(Found {
            bytes,
            kind,
            turned: if kind == PictureKind::Thumbnail {
                turned
            } else {
                0
            },
        })
    }))
}

fn front_cover(media: &Media) -> Option<&Cover> {
    let usable = || {
        media
            .covers
            .iter()
            .filter(|cover| cover.size_bytes > 0 && cover.size_bytes <= LONGEST_COVER)
    };
    usable()
        .find(|cover| cover.front)
        .or_else(|| usable().next())
}

fn extension(path: &RelPath) -> Option<String> {
    super::extension(path.split()?.1).map(std::borrow::Cow::into_owned)
}

/// Reads `size` bytes from `offset`, fewer at the end of the file.
pub(crate) fn read_range(
    file: &mut dyn OpenFile,
    offset: u64,
    size: u64,
    post: &Post,
) -> Result<io::Result<Vec<u8>>, Abandoned> {
    let mut bytes = vec![0; usize::try_from(size).unwrap_or(0)];
    let mut done = 0;
    while let Some(rest) = bytes.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match post.call(|| file.read_at(offset + done as u64, rest))? {
            Ok(0) => break,
            Ok(count) => done += count,
            Err(error) => return Ok(Err(error)),
        }
    }
    bytes.truncate(done);
    Ok(Ok(bytes))
}

/// A stream of subtitles that is text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextStream {
    /// Its place among all streams of the file.
    pub index: u32,
    /// Its language.
    pub language: Option<String>,
}

/// Returns the streams of subtitles with text that a document of a file names.
pub fn text_streams(document: &str) -> Vec<TextStream> {
    let document: Value = serde_json::from_str(document).unwrap_or_default();
    let tracks = document
        .pointer("/media/track")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let text =
        |track: &Value, name: &str| track.get(name).and_then(Value::as_str).map(str::to_owned);
    tracks
        .iter()
        .filter(|track| text(track, "@type").as_deref() == Some("Text"))
        .filter(|track| {
            matches!(
                text(track, "Format").as_deref(),
                Some("UTF-8" | "ASS" | "SSA" | "WebVTT" | "Timed Text")
            )
        })
        .filter_map(|track| {
            Some(TextStream {
                index: text(track, "StreamOrder")?.parse().ok()?,
                language: text(track, "Language"),
            })
        })
        .collect()
}

/// Extracts the texts of streams: stream, language, lines. Reads all of the film once.
///
/// # Errors
/// When ffmpeg cannot be started, takes far too long or is stopped.
pub fn subtitles(
    ffmpeg: &Path,
    film: &Path,
    size_bytes: u64,
    streams: &[TextStream],
    limits: &Limits,
) -> Result<Vec<(i64, Option<String>, String)>, StreamError> {
    // Never beside the film: nothing is written to a scanned drive.
    let Some(folder) = tempfile::tempdir().ok().filter(|_| !streams.is_empty()) else {
        return Ok(Vec::new());
    };
    let mut name = OsString::from("file:");
    name.push(film);
    let mut arguments: Vec<OsString> = ["-nostdin", "-v", "error", "-y", "-i"]
        .map(OsString::from)
        .to_vec();
    arguments.push(name);
    let file_of = |stream: &TextStream| folder.path().join(format!("{}.srt", stream.index));
    for stream in streams {
        arguments.extend(["-map", &format!("0:{}", stream.index), "-f", "srt"].map(OsString::from));
        arguments.push(file_of(stream).into());
    }
    let limits = Limits {
        timeout: limits.timeout + Duration::from_secs(size_bytes / SLOWEST_DISK),
        ..limits.clone()
    };
    run_streaming(ffmpeg, arguments, &limits, |_| ControlFlow::Continue(()))?;
    let mut texts = Vec::new();
    for stream in streams {
        let Ok(bytes) = std::fs::read(file_of(stream)) else {
            continue;
        };
        let lines = subtitle::lines(&bytes);
        if !lines.is_empty() {
            texts.push((i64::from(stream.index), stream.language.clone(), lines));
        }
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{FileStat, Folder};

    /// A drive that opens files and cannot read them.
    struct Unreadable;

    impl Tree for Unreadable {
        fn open_folder(&self, _path: &RelPath, _follow: bool) -> io::Result<Box<dyn Folder>> {
            Err(io::Error::from_raw_os_error(5))
        }
        fn open_file(&self, _path: &RelPath) -> io::Result<Box<dyn OpenFile>> {
            Ok(Box::new(Self))
        }
        fn stat(&self, _path: &RelPath) -> io::Result<FileStat> {
            Err(io::Error::from_raw_os_error(5))
        }
        fn is_still_there(&self) -> bool {
            true
        }
    }

    impl OpenFile for Unreadable {
        fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::from_raw_os_error(5))
        }
        fn read_at(&mut self, _offset: u64, _buffer: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::from_raw_os_error(5))
        }
        fn stat(&self) -> io::Result<FileStat> {
            Err(io::Error::from_raw_os_error(5))
        }
    }

    #[test]
    fn a_drive_that_cannot_be_read_is_no_image_without_a_picture() {
        let path = RelPath::from_bytes(b"a.png".to_vec());
        let of = PictureFile {
            path: &path,
            size_bytes: 1_000,
            is_image: true,
        };
        let read = read(&Unreadable, of, &Post::default()).unwrap();
        assert!(read.is_err(), "{read:?}");
    }

    #[test]
    fn only_texts_are_extracted() {
        let document = r#"{"media": {"track": [
            {"@type": "Text", "Format": "PGS", "StreamOrder": "2"},
            {"@type": "Text", "Format": "ASS", "StreamOrder": "3", "Language": "de"},
            {"@type": "Audio", "Format": "AAC", "StreamOrder": "1"}]}}"#;
        assert_eq!(
            text_streams(document),
            [TextStream {
                index: 3,
                language: Some("de".into())
            }]
        );
        assert_eq!(text_streams("rubbish"), []);
    }
}
