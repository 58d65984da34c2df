//! What a shard knows of its files in words.

use std::collections::{HashMap, HashSet};

use rusqlite::Connection;

use crate::catalog::names;
use crate::media::sidecar::{self, Relation, Sidecar};
use crate::path::RelPath;

/// A file, as far as its row goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SourceRow {
    /// Its number in the shard.
    pub file_id: i64,
    /// Where it is.
    pub path: RelPath,
    /// Category.
    pub category: String,
    /// MIME type.
    pub mime: Option<String>,
    /// Extension, lower case, no dot.
    pub ext: Option<String>,
    /// Length.
    pub size_bytes: Option<i64>,
    /// Last modification, microseconds since 1970.
    pub mtime_us: Option<i64>,
    /// The batch that last wrote what is known of its content; 0: nothing is.
    pub media_change: i64,
    /// Bytes of the texts that it has: subtitles and captions.
    pub texts: i64,
}

/// What a file says of itself, as far as words go.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The document of its headers.
    pub media_json: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// When it was recorded.
    pub created: Option<String>,
    /// Codec of the picture.
    pub video_codec: Option<String>,
    /// Lines and columns of the picture.
    pub size: Option<(u32, u32)>,
    /// Kinds of HDR.
    pub hdr: Option<String>,
}

/// A text with times: one line a cue, `00:12:31 words`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimedText {
    /// Language as the file names it.
    pub language: Option<String>,
    /// Its lines.
    pub content: String,
}

/// Calls `take` for every file that is there, by number.
///
/// # Errors
/// What SQLite says, or `take` does.
pub fn each<E: From<rusqlite::Error>>(
    connection: &Connection,
    mut take: impl FnMut(SourceRow) -> Result<(), E>,
) -> Result<(), E> {
    let mut statement = connection.prepare_cached(
        "SELECT e.id, f.path, e.name, e.size_bytes, e.mtime_us, k.category, k.mime, k.ext, coalesce(m.change_id, 0) AS media_change,
                (SELECT coalesce(sum(length(s.content)), 0) FROM subtitle_texts s WHERE s.file_id = e.id)
                + (SELECT coalesce(sum(length(c.content)), 0) FROM caption_texts c WHERE c.file_id = e.id)
                + (SELECT coalesce(sum(length(t.content)), 0) FROM transcript_texts t WHERE t.file_id = e.id) AS texts
           FROM entries e JOIN folders f ON f.id = e.folder_id JOIN kinds k ON k.id = e.kind_id
           LEFT JOIN media m ON m.file_id = e.id
          WHERE e.deleted_change IS NULL ORDER BY e.id",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let folder =
            RelPath::from_bytes(names::from_sql(row.get_ref("path").map_err(E::from)?).to_vec());
        take(SourceRow {
            file_id: row.get("id")?,
            path: folder.child(names::from_sql(row.get_ref("name").map_err(E::from)?)),
            category: row.get("category")?,
            mime: row.get("mime")?,
            ext: row.get("ext")?,
            size_bytes: row.get("size_bytes")?,
            mtime_us: row.get("mtime_us")?,
            media_change: row.get("media_change")?,
            texts: row.get("texts")?,
        })?;
    }
    Ok(())
}

/// Returns what a file says of itself.
///
/// # Errors
/// What SQLite says.
pub fn facts(connection: &Connection, file_id: i64) -> rusqlite::Result<Facts> {
    let mut statement = connection.prepare_cached(
        "SELECT media_json, title, created, video_codec, width, height, hdr FROM media WHERE file_id = ?1",
    )?;
    let mut rows = statement.query([file_id])?;
    let Some(row) = rows.next()? else {
        return Ok(Facts::default());
    };
    let (width, height): (Option<u32>, Option<u32>) = (row.get("width")?, row.get("height")?);
    Ok(Facts {
        media_json: row.get("media_json")?,
        title: row.get("title")?,
        created: row.get("created")?,
        video_codec: row.get("video_codec")?,
        size: width.zip(height),
        hdr: row.get("hdr")?,
    })
}

/// Returns the subtitles of a file.
///
/// # Errors
/// What SQLite says.
pub fn subtitles(connection: &Connection, file_id: i64) -> rusqlite::Result<Vec<TimedText>> {
    Ok(crate::catalog::media::subtitles(connection, file_id)?
        .into_iter()
        .map(|(_, language, content)| TimedText { language, content })
        .collect())
}

/// Returns what an older program wrote of a file: its caption, and its transcript, which has no times.
///
/// # Errors
/// What SQLite says.
pub fn older_texts(
    connection: &Connection,
    file_id: i64,
) -> rusqlite::Result<Vec<(&'static str, String)>> {
    connection
        .prepare_cached(
            "SELECT 'caption' AS kind, content FROM caption_texts WHERE file_id = ?1
             UNION ALL SELECT 'transcript', content FROM transcript_texts WHERE file_id = ?1",
        )?
        .query_map([file_id], |row| {
            let kind: String = row.get(0)?;
            let kind = if kind == "caption" {
                "caption"
            } else {
                "transcript"
            };
            Ok((kind, row.get(1)?))
        })?
        .collect()
}

/// Which subtitle files belong to which films beside them.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    of_film: HashMap<i64, Vec<i64>>,
    with_film: HashSet<i64>,
    told: HashSet<i64>,
}

/// The films of a folder.
#[derive(Default)]
struct Films {
    names: Vec<(i64, String)>,
    by_stem: HashMap<String, Vec<usize>>,
}

impl Films {
    fn of_folder(connection: &Connection, folder: i64) -> rusqlite::Result<Self> {
        let names: Vec<(i64, String)> = connection
            .prepare_cached(
                "SELECT e.id, e.name FROM entries e JOIN kinds k ON k.id = e.kind_id
                  WHERE e.folder_id = ?1 AND k.category = 'video' AND e.deleted_change IS NULL ORDER BY e.id",
            )?
            .query_map([folder], |row| {
                let name = String::from_utf8_lossy(names::from_sql(row.get_ref(1)?)).into_owned();
                Ok((row.get(0)?, name))
            })?
            .collect::<rusqlite::Result<_>>()?;
        let mut by_stem: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, (_, name)) in names.iter().enumerate() {
            let stem = sidecar::stem(name).to_lowercase();
            by_stem.entry(stem).or_default().push(place);
        }
        Ok(Self { names, by_stem })
    }

    /// Returns the films that a subtitle file is of by its name, which begins with theirs.
    fn named_like(&self, name: &str) -> Vec<(i64, Sidecar)> {
        let folded = name.to_lowercase();
        let mut found = Vec::new();
        for (end, _) in folded.char_indices() {
            let stem = folded.get(..end).unwrap_or_default();
            for place in self.by_stem.get(stem).into_iter().flatten() {
                if let Some((film, film_name)) = self.names.get(*place)
                    && let Some(sidecar) = sidecar::relation(film_name, name)
                    && sidecar.relation == Relation::Subtitle
                {
                    found.push((*film, sidecar));
                }
            }
        }
        found
    }
}

impl Beside {
    /// Looks beside every subtitle file that has words.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let mut beside = Self::default();
        let mut statement = connection.prepare_cached(
            "SELECT e.id, e.name, f.id AS folder, f.path, f.parent_id
               FROM subtitle_texts s JOIN entries e ON e.id = s.file_id JOIN folders f ON f.id = e.folder_id
              WHERE s.stream = -1 AND s.content <> '' AND e.deleted_change IS NULL ORDER BY e.folder_id, e.id",
        )?;
        let mut rows = statement.query([])?;
        let mut looked: Option<(i64, Films, Option<Films>)> = None;
        while let Some(row) = rows.next()? {
            let (subtitle, folder): (i64, i64) = (row.get("id")?, row.get("folder")?);
            let name = String::from_utf8_lossy(names::from_sql(row.get_ref("name")?)).into_owned();
            if looked.as_ref().is_none_or(|(known, ..)| *known != folder) {
                let parent: Option<i64> = row.get("parent_id")?;
                let path = RelPath::from_bytes(names::from_sql(row.get_ref("path")?).to_vec());
                let above = match parent.filter(|_| is_for_subtitles(&path)) {
                    Some(parent) => Some(Films::of_folder(connection, parent)?),
                    None => None,
                };
                looked = Some((folder, Films::of_folder(connection, folder)?, above));
            }
            let Some((_, films, above)) = &looked else {
                continue;
            };
            let mut owners = films.named_like(&name);
            if let Some(above) = above {
                owners.extend(above.named_like(&name));
                if let ([(only, _)], true, Some(sidecar)) = (
                    above.names.as_slice(),
                    owners.is_empty(),
                    sidecar::in_subtitle_folder(&name),
                ) {
                    owners.push((*only, sidecar));
                }
            }
            for (film, sidecar) in owners {
                beside.of_film.entry(film).or_default().push(subtitle);
                beside.with_film.insert(subtitle);
                if !sidecar.forced {
                    beside.told.insert(film);
                }
            }
        }
        Ok(beside)
    }

    /// Returns the subtitle files of a film.
    pub fn of(&self, film: i64) -> &[i64] {
        self.of_film.get(&film).map_or(&[], Vec::as_slice)
    }

    /// Returns whether subtitles beside a film have all that is said; forced ones have only what is foreign in it.
    pub fn tells(&self, film: i64) -> bool {
        self.told.contains(&film)
    }

    /// Returns whether a subtitle file belongs to a film.
    pub fn has_film(&self, subtitle: i64) -> bool {
        self.with_film.contains(&subtitle)
    }
}

/// Returns whether a folder holds the subtitles of the films beside it.
fn is_for_subtitles(folder: &RelPath) -> bool {
    folder.split().is_some_and(|(_, name)| {
        let name = String::from_utf8_lossy(name).to_lowercase();
        sidecar::SUBTITLE_FOLDERS.contains(&name.as_str())
    })
}

/// Returns the last change of a shard.
///
/// # Errors
/// What SQLite says.
pub fn last_change(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT change_id FROM root", [], |row| row.get(0))
}
