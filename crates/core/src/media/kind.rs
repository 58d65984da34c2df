//! Category and MIME type from a file's name, and the one list of extensions behind them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The seven categories of the inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Moving pictures.
    Video,
    /// Sound.
    Audio,
    /// Still pictures.
    Image,
    /// Text, sheets, slides.
    Document,
    /// Packed files and disk images.
    Archive,
    /// Programs and scripts.
    Executable,
    /// Everything else.
    Other,
}

impl Category {
    /// Every category, in the order of the documented statistics.
    pub const ALL: [Self; 7] = [
        Self::Video,
        Self::Audio,
        Self::Image,
        Self::Document,
        Self::Archive,
        Self::Executable,
        Self::Other,
    ];

    /// Returns the name that is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Image => "image",
            Self::Document => "document",
            Self::Archive => "archive",
            Self::Executable => "executable",
            Self::Other => "other",
        }
    }

    /// Returns whether files of this category count as audio/video (`is_av`).
    pub const fn is_av(self) -> bool {
        matches!(self, Self::Video | Self::Audio)
    }

    /// Returns the category that a MIME type belongs to, by the documented rules.
    pub fn of_mime(mime: &str) -> Self {
        match mime.split_once('/').map_or("", |(top, _)| top) {
            "video" => return Self::Video,
            "audio" => return Self::Audio,
            "image" => return Self::Image,
            "text" => return Self::Document,
            _ => {}
        }
        match mime {
            "application/pdf"
            | "application/msword"
            | "application/rtf"
            | "application/epub+zip"
            | "application/vnd.ms-powerpoint"
            | "application/vnd.ms-excel" => Self::Document,
            "application/zip"
            | "application/x-7z-compressed"
            | "application/x-rar"
            | "application/vnd.rar"
            | "application/x-rar-compressed"
            | "application/x-tar"
            | "application/gzip"
            | "application/x-bzip2"
            | "application/zstd"
            | "application/x-xz" => Self::Archive,
            "application/vnd.android.package-archive"
            | "application/vnd.microsoft.portable-executable"
            | "application/x-dosexec"
            | "application/x-executable"
            | "application/x-mach-binary"
            | "application/x-msi"
            | "application/x-sh" => Self::Executable,
            _ if mime.starts_with("application/vnd.openxmlformats-officedocument.")
                || mime.starts_with("application/vnd.oasis.opendocument.") =>
            {
                Self::Document
            }
            _ => Self::Other,
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Category {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|category| category.name() == text)
            .ok_or(())
    }
}

/// What a file is taken for; all files with the same three share one row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Kind {
    /// Extension, lower case without the dot; `None` if the name has none.
    pub ext: Option<String>,
    /// MIME type; `None` if unknown.
    pub mime: Option<Cow<'static, str>>,
    /// The category.
    pub category: Category,
    /// Whether the content was looked at.
    pub sniffed: bool,
}

impl Kind {
    /// Returns what this kind becomes once the content said what it is (`None`: it said nothing).
    ///
    /// The content's MIME type wins, but for the containers that many formats share, which say less than the extension
    /// does. The category stays the extension's where that is known: a picture named `.mp4` is filed as its owner did.
    #[must_use]
    pub fn with_content(&self, found: Option<&'static str>) -> Self {
        let says_less = |mime: &str| {
            matches!(
                mime,
                "application/zip"
                    | "application/x-ole-storage"
                    | "application/gzip"
                    | "text/plain"
                    | "text/xml"
                    | "application/x-tar"
            )
        };
        let mime = match (found, &self.mime) {
            (Some(found), Some(known)) if says_less(found) => Some(known.clone()),
            (Some(found), _) => Some(Cow::Borrowed(found)),
            (None, known) => known.clone(),
        };
        let category = match (self.category, &mime) {
            (Category::Other, Some(mime)) => Category::of_mime(mime),
            (category, _) => category,
        };
        Self {
            ext: self.ext.clone(),
            mime,
            category,
            sniffed: true,
        }
    }
}

/// Returns the extension of a file name: what follows the last dot, lower case. A leading dot is no extension, and
/// bytes that are no UTF-8 are none either.
pub fn extension(name: &[u8]) -> Option<Cow<'_, str>> {
    let dot = name.iter().rposition(|&byte| byte == b'.')?;
    let suffix = name.get(dot + 1..)?;
    if dot == 0 || suffix.is_empty() {
        return None;
    }
    let text = std::str::from_utf8(suffix).ok()?;
    if text
        .bytes()
        .all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase())
    {
        return Some(Cow::Borrowed(text));
    }
    Some(Cow::Owned(text.to_lowercase()))
}

/// Returns what a file is taken for by its name alone.
pub fn kind_of_name(name: &[u8]) -> Kind {
    let ext = extension(name).map(Cow::into_owned);
    let (listed, mime) = match ext.as_deref() {
        Some(ext) => (listed_category(ext), mime_of_extension(ext)),
        None => (None, None),
    };
    let category = listed.unwrap_or_else(|| mime.map_or(Category::Other, Category::of_mime));
    Kind {
        ext,
        mime: mime.map(Cow::Borrowed),
        category,
        sniffed: false,
    }
}

/// The documented extension lists, merged over the program's old faces.
fn listed_category(ext: &str) -> Option<Category> {
    Some(match ext {
        "mp4" | "mkv" | "avi" | "mov" | "wmv" | "m4v" | "ts" | "m2ts" | "webm" | "mpg" | "mpeg"
        | "vob" | "flv" | "3gp" | "ogv" | "mts" | "m2t" => Category::Video,
        "mp3" | "mp2" | "flac" | "aac" | "m4a" | "wav" | "wma" | "ogg" | "opus" | "alac"
        | "aiff" | "ape" | "dsf" | "dff" => Category::Audio,
        "jpg" | "jpeg" | "png" | "gif" | "bmp" | "tif" | "tiff" | "webp" | "heic" => {
            Category::Image
        }
        "pdf" | "doc" | "docx" | "ppt" | "pptx" | "xls" | "xlsx" | "txt" | "rtf" | "odt"
        | "ods" | "odp" => Category::Document,
        "zip" | "rar" | "7z" | "gz" | "bz2" | "xz" | "tar" | "iso" => Category::Archive,
        "exe" | "msi" | "apk" | "bat" | "cmd" | "sh" | "app" | "pkg" => Category::Executable,
        _ => return None,
    })
}

/// The documented extension table, then the common registry.
fn mime_of_extension(ext: &str) -> Option<&'static str> {
    Some(match ext {
        "mp4" => "video/mp4",
        "mkv" => "video/x-matroska",
        "avi" => "video/x-msvideo",
        "mov" => "video/quicktime",
        "wmv" => "video/x-ms-wmv",
        "ts" | "m2ts" | "mts" | "m2t" => "video/mp2t",
        "webm" => "video/webm",
        "mpg" | "mpeg" | "vob" => "video/mpeg",
        "mp3" | "mp2" => "audio/mpeg",
        "flac" => "audio/flac",
        "aac" => "audio/aac",
        "m4a" => "audio/mp4",
        "wav" => "audio/wav",
        "wma" => "audio/x-ms-wma",
        "ogg" => "audio/ogg",
        "opus" => "audio/opus",
        "alac" => "audio/alac",
        "aiff" => "audio/x-aiff",
        "ape" => "audio/ape",
        "dsf" => "audio/x-dsf",
        "dff" => "audio/x-dff",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "bmp" => "image/bmp",
        "tif" | "tiff" => "image/tiff",
        "svg" => "image/svg+xml",
        "heic" => "image/heic",
        "txt" => "text/plain",
        "rtf" => "application/rtf",
        "zip" => "application/zip",
        "rar" => "application/vnd.rar",
        "7z" => "application/x-7z-compressed",
        "gz" => "application/gzip",
        "bz2" => "application/x-bzip2",
        "xz" => "application/x-xz",
        "iso" => "application/x-iso9660-image",
        "exe" => "application/vnd.microsoft.portable-executable",
        "msi" => "application/x-msi",
        "apk" => "application/vnd.android.package-archive",
        _ => return mime_guess::from_ext(ext).first_raw(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions() {
        for (name, expected) in [
            (b"a.MP4".as_slice(), Some("mp4")),
            (b"a.tar.gz", Some("gz")),
            (b".bashrc", None),
            (b".config.json", Some("json")),
            (b"noext", None),
            (b"dot.", None),
            ("x.ÉTÉ".as_bytes(), Some("été")),
            (b"x.\xff", None),
        ] {
            assert_eq!(extension(name).as_deref(), expected, "{name:?}");
        }
    }

    #[test]
    fn categories() {
        for (name, mime, category) in [
            ("a.mkv", Some("video/x-matroska"), Category::Video),
            ("a.m2t", Some("video/mp2t"), Category::Video),
            ("a.mp2", Some("audio/mpeg"), Category::Audio),
            ("a.tif", Some("image/tiff"), Category::Image),
            ("a.svg", Some("image/svg+xml"), Category::Image),
            ("a.srt", Some("application/x-subrip"), Category::Other),
            ("a.md", Some("text/markdown"), Category::Document),
            (
                "a.iso",
                Some("application/x-iso9660-image"),
                Category::Archive,
            ),
            ("a.sh", Some("application/x-sh"), Category::Executable),
            ("a.qqq", None, Category::Other),
            ("Makefile", None, Category::Other),
        ] {
            let kind = kind_of_name(name.as_bytes());
            assert_eq!(
                (kind.mime.as_deref(), kind.category),
                (mime, category),
                "{name}"
            );
        }
    }

    #[test]
    fn content_refines_but_does_not_refile() {
        let kind = kind_of_name(b"photo.mp4").with_content(Some("image/jpeg"));
        assert_eq!(
            (kind.mime.as_deref(), kind.category),
            (Some("image/jpeg"), Category::Video)
        );
        let kind = kind_of_name(b"letter.docx").with_content(Some("application/zip"));
        assert!(kind.mime.unwrap().contains("wordprocessingml"));
        let kind = kind_of_name(b"nameless").with_content(Some("video/mp4"));
        assert_eq!(kind.category, Category::Video);
        assert!(kind_of_name(b"nameless").with_content(None).sniffed);
    }
}
