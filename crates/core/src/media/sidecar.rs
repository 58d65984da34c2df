//! Files that stand next to a film and belong to it: subtitles, NFO files, posters. Told by their names alone, so that
//! nothing has to be stored and a renamed film finds its own again.

use serde::Serialize;

use super::{extension, subtitle};

/// What a file next to a film is to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// Subtitles.
    Subtitle,
    /// A description for media centres.
    Nfo,
    /// A poster, cover or fan art.
    Picture,
}

/// Subtitles without text of their own.
const SUBTITLES: [&str; 4] = ["sub", "idx", "sup", "smi"];

/// Pictures that belong to everything in their folder.
const FOLDER_PICTURES: [&str; 6] = ["poster", "folder", "cover", "fanart", "movie", "banner"];

/// Folders beside a film in which its subtitles lie.
pub const SUBTITLE_FOLDERS: [&str; 3] = ["subs", "subtitles", "sub"];

/// A file that belongs to a film.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sidecar {
    /// What it is.
    pub relation: Relation,
    /// Language that its name speaks of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Whether its name says that it is forced.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub forced: bool,
}

/// Returns what the file called `name` is to the film called `film` in the same folder, or `None`. Case does not count.
pub fn relation(film: &str, name: &str) -> Option<Sidecar> {
    let (film, name) = (film.to_lowercase(), name.to_lowercase());
    let stem = stem(&film);
    let ext = extension(name.as_bytes())?.into_owned();
    let own = name
        .strip_prefix(stem)
        .and_then(|rest| rest.strip_suffix(ext.as_str())?.strip_suffix('.'))
        // `Film 2.srt` is not of `Film.mkv`.
        .filter(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_', ' ', '(', '[']));
    let plain = |relation| Sidecar {
        relation,
        language: None,
        forced: false,
    };
    let is_picture = matches!(ext.as_str(), "jpg" | "jpeg" | "png" | "webp" | "tbn");
    if let Some(words) = own {
        return if is_subtitle(&ext) {
            Some(subtitle_of(words))
        } else if ext == "nfo" && words.is_empty() {
            Some(plain(Relation::Nfo))
        } else if is_picture
            && (words.is_empty()
                || FOLDER_PICTURES.iter().any(|word| {
                    words.trim_start_matches(['-', '.', '_']) == *word || words == "-thumb"
                }))
        {
            Some(plain(Relation::Picture))
        } else {
            None
        };
    }
    let name_stem = self::stem(&name);
    if ext == "nfo" && name_stem == "movie" {
        return Some(plain(Relation::Nfo));
    }
    (is_picture && FOLDER_PICTURES.contains(&name_stem)).then(|| plain(Relation::Picture))
}

/// Returns what the file called `name` in a folder for subtitles beside the film is to it: all subtitles there are its,
/// whatever their names, if it is the only film in its folder.
pub fn in_subtitle_folder(name: &str) -> Option<Sidecar> {
    let name = name.to_lowercase();
    let ext = extension(name.as_bytes())?;
    is_subtitle(&ext).then(|| subtitle_of(stem(&name)))
}

fn is_subtitle(ext: &str) -> bool {
    subtitle::EXTENSIONS.contains(&ext) || SUBTITLES.contains(&ext)
}

/// Returns a name without its extension.
pub(crate) fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Words between the film's name and the extension: `.en.forced`, `.pt-br`, `_german`.
fn subtitle_of(words: &str) -> Sidecar {
    let parts = || words.split(['.', '_', ' ', '(', ')', '[', ']']);
    Sidecar {
        relation: Relation::Subtitle,
        language: parts()
            .rev()
            .find(|part| is_language(part))
            .map(str::to_owned),
        forced: parts().any(|part| part == "forced"),
    }
}

fn is_language(word: &str) -> bool {
    const NAMES: [&str; 12] = [
        "english",
        "german",
        "deutsch",
        "french",
        "spanish",
        "italian",
        "japanese",
        "chinese",
        "korean",
        "portuguese",
        "russian",
        "dutch",
    ];
    let code = word.split('-').next().unwrap_or_default();
    NAMES.contains(&word)
        || (matches!(code.len(), 2 | 3)
            && code.bytes().all(|byte| byte.is_ascii_lowercase())
            && !matches!(
                code,
                "sdh" | "cc" | "hi" | "forced" | "dts" | "ac3" | "web" | "sub"
            ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_belongs_to_a_film() {
        let subtitle = |language: Option<&str>, forced| {
            Some(Sidecar {
                relation: Relation::Subtitle,
                language: language.map(str::to_owned),
                forced,
            })
        };
        let plain = |relation| {
            Some(Sidecar {
                relation,
                language: None,
                forced: false,
            })
        };
        for (name, expected) in [
            ("Film (2001).srt", subtitle(None, false)),
            ("film (2001).EN.srt", subtitle(Some("en"), false)),
            ("Film (2001).en.forced.ass", subtitle(Some("en"), true)),
            ("Film (2001).pt-BR.vtt", subtitle(Some("pt-br"), false)),
            ("Film (2001)_German.sub", subtitle(Some("german"), false)),
            ("Film (2001).nfo", plain(Relation::Nfo)),
            ("movie.nfo", plain(Relation::Nfo)),
            ("Film (2001)-poster.jpg", plain(Relation::Picture)),
            ("Film (2001).jpg", plain(Relation::Picture)),
            ("folder.jpg", plain(Relation::Picture)),
            ("Film (2001)2.srt", None),
            ("Other.srt", None),
            ("Film (2001).mkv", None),
            ("holiday.jpg", None),
            ("Film (2001)", None),
        ] {
            assert_eq!(relation("Film (2001).mkv", name), expected, "{name}");
        }
        assert_eq!(
            in_subtitle_folder("2_English.srt"),
            subtitle(Some("english"), false)
        );
        assert_eq!(in_subtitle_folder("notes.txt"), None);
    }
}
