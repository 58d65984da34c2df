//! Searching the index: by meaning, by words, or by both.
//!
//! Scores are stable: `ann` is the cosine of query and text, 0 to 1; `text` is BM25 divided by the best hit's; `hybrid` is
//! the share `w` of the one and `1 − w` of the other where the user set a weight, and else the reciprocals of both ranks
//! (Cormack et al. 2009, k = 60), 1 for what is first in both.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use videocatalog_models::runtime::ModelError;

use super::document::Passage;
use super::{Embedders, SemanticError, SemanticOptions, sidecar};
use crate::catalog::drives::Drive;
use crate::catalog::semantic::{FileRow, Found, Kind, SemanticDb};
use crate::catalog::store::Catalog;
use crate::clock::utc_text;
use crate::report::FilePlace;
use crate::search::Searcher;
use crate::search::query::fields::FIELDS;
use crate::search::query::{self, Context};

/// Where reciprocal ranks begin.
const RRF_K: f64 = 60.0;

/// Documents taken of each kind of search at least, and at most.
const LEAST: usize = 200;
const MOST: usize = 10_000;

/// What is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// By meaning.
    Ann,
    /// By words.
    Text,
    /// By both.
    Hybrid,
}

impl Mode {
    /// Returns the mode of that word.
    pub fn from_name(name: &str) -> Option<Self> {
        match name.trim().to_lowercase().as_str() {
            "ann" | "semantic" => Some(Self::Ann),
            "text" | "keyword" => Some(Self::Text),
            "hybrid" => Some(Self::Hybrid),
            _ => None,
        }
    }

    /// Returns the word that is shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ann => "ann",
            Self::Text => "text",
            Self::Hybrid => "hybrid",
        }
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct SemanticQuery<'q> {
    /// What is looked for: words, and conditions of the query language such as `ext:mkv`.
    pub text: &'q str,
    /// How.
    pub mode: Mode,
    /// Only on the drive with this label.
    pub drive_label: Option<&'q str>,
    /// How many are left out before the first.
    pub offset: usize,
    /// How many are wanted after that.
    pub limit: usize,
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
pub struct SemanticResult {
    /// How it was searched.
    pub mode: Mode,
    /// The best first.
    pub results: Vec<SemanticHit>,
    /// How many files were scored.
    pub total: u64,
    /// Whether there are more.
    pub truncated: bool,
    /// What to know about it: a model that cannot be used, an index that was never built.
    pub warnings: Vec<String>,
}

/// A file that was found.
#[derive(Clone, Debug, Serialize)]
pub struct SemanticHit {
    /// Its place, from 1.
    pub rank: usize,
    /// Where it is.
    #[serde(flatten)]
    pub place: FilePlace,
    /// Its number in the drive's shard.
    pub file_id: i64,
    /// How well it fits, 0 to 1.
    pub score: f64,
    /// What spoke for it.
    pub mode: Mode,
    /// A piece of the text that fits, what matched between `<b>` and `</b>`.
    pub snippet: Option<String>,
    /// What is known of it.
    pub metadata: Metadata,
    /// Why it was found.
    pub why: Vec<Evidence>,
}

/// What is known of a file; the names are those of the older program.
#[derive(Clone, Debug, Serialize)]
pub struct Metadata {
    /// Category.
    pub category: String,
    /// MIME type.
    pub mime: Option<String>,
    /// Extension.
    pub extension: Option<String>,
    /// Length.
    pub size_bytes: Option<i64>,
    /// Last modification.
    pub mtime_utc: Option<String>,
    /// What is said where it was found, if that is why it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transcript: Option<String>,
}

/// Why a file was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Evidence {
    /// Its name, folder or tags have the words.
    Name,
    /// Its name, folder or tags mean something near.
    Meaning {
        /// How near, 0 to 1.
        similarity: f64,
    },
    /// It is said in it.
    Said {
        /// When.
        at: Option<String>,
        /// The same in seconds.
        at_s: Option<i64>,
    },
    /// A caption describes it so.
    Caption,
    /// It is to be seen in it.
    Seen {
        /// How surely, 0 to 1.
        likelihood: f64,
        /// When.
        at: Option<String>,
        /// The same in seconds.
        at_s: Option<i64>,
    },
}

/// How large an index is; the names are those of `/v1/semantic/index`.
#[derive(Clone, Debug, Serialize)]
pub struct IndexStatus {
    /// Texts in it.
    pub documents: u64,
    /// Files in it.
    pub files: u64,
    /// Files of which words that are said are searched.
    pub spoken_files: u64,
    /// Files of which it is searched what is to be seen.
    pub seen_files: u64,
    /// The newest time of a file.
    pub latest_updated_utc: Option<String>,
    /// Numbers of a vector; of the built-in embedder where there is no index.
    pub vector_dim: usize,
    /// With what vectors were made.
    pub model: Option<String>,
}

/// Returns how large the index is.
///
/// # Errors
/// When it is there and cannot be read.
pub fn status(options: &SemanticOptions) -> Result<IndexStatus, SemanticError> {
    let empty = IndexStatus {
        documents: 0,
        files: 0,
        spoken_files: 0,
        seen_files: 0,
        latest_updated_utc: None,
        vector_dim: options.vector_dim,
        model: None,
    };
    let Some(db) = SemanticDb::open_to_read(&options.path)? else {
        return Ok(empty);
    };
    let failed = failed(&db);
    let size = db.size().map_err(&failed)?;
    let model = db.models().map_err(&failed)?.into_iter().next();
    let model = model.filter(|(_, _, vectors)| *vectors > 0);
    Ok(IndexStatus {
        documents: size.documents,
        files: size.files,
        spoken_files: db.spoken_files().map_err(&failed)?,
        seen_files: db.seen_files().map_err(&failed)?,
        latest_updated_utc: size.newest_us.map(utc_text),
        vector_dim: model
            .as_ref()
            .map_or(options.vector_dim, |(_, dim, _)| *dim),
        model: model.map(|(name, _, _)| name),
    })
}

/// Splits a query into what is meant and the conditions of the query language, such as `size:>1gb` or `-ext:mkv`.
pub fn split_filters(text: &str) -> (String, String) {
    let (mut meant, mut filters) = (Vec::new(), Vec::new());
    for word in quoted_words(text) {
        let name = word.trim_start_matches('-').split(':').next().unwrap_or("");
        let is_field = word.contains(':')
            && FIELDS.iter().any(|field| {
                field.name.eq_ignore_ascii_case(name)
                    || field
                        .aliases
                        .iter()
                        .any(|other| other.eq_ignore_ascii_case(name))
            });
        if is_field {
            filters.push(word);
        } else {
            meant.push(word);
        }
    }
    (meant.join(" "), filters.join(" "))
}

/// Cuts a text at its spaces; between quotation marks there are none.
fn quoted_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut is_quoted) = (String::new(), false);
    for c in text.chars() {
        if c == '"' {
            is_quoted = !is_quoted;
        }
        if c.is_whitespace() && !is_quoted {
            words.push(std::mem::take(&mut word));
        } else {
            word.push(c);
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// What a search works with.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// The catalogue.
    pub catalog: &'a Catalog,
    /// What knows which files match a condition.
    pub searcher: &'a Searcher,
    /// What the settings say.
    pub options: &'a SemanticOptions,
    /// What turns the query into a vector.
    pub embedders: &'a Embedders,
    /// What times in the query are read against.
    pub when: &'a Context,
    /// Says of a drive whether it is there now.
    pub is_online: &'a dyn Fn(&Drive) -> bool,
    /// Says whether nobody waits for it any more.
    pub is_stopped: &'a dyn Fn() -> bool,
}

/// Searches the index.
///
/// # Errors
/// When it cannot be read, a condition means nothing or there is no such drive. An index that was never built finds
/// nothing, and says so.
pub fn search(
    around: &Around<'_>,
    request: &SemanticQuery<'_>,
) -> Result<SemanticResult, SemanticError> {
    let (catalog, embedders) = (around.catalog, around.embedders);
    let (meant, filters) = split_filters(request.text);
    let mut result = SemanticResult {
        mode: request.mode,
        results: Vec::new(),
        total: 0,
        truncated: false,
        warnings: embedders.warnings.clone(),
    };
    let drives = catalog.drives()?;
    if let Some(label) = request.drive_label {
        catalog.drive(label)?;
    }
    if meant.trim().is_empty() {
        return Ok(result);
    }
    let Some(db) = SemanticDb::open_to_read(&around.options.path)? else {
        result.warnings.push(
            "there is no semantic index yet: `videocatalog semantic index build` makes one".into(),
        );
        return Ok(result);
    };
    let failed = failed(&db);
    let size = db.size().map_err(&failed)?;
    let look = Look {
        db: &db,
        documents: size.documents,
        embedders,
        meant: &meant,
        expression: expression(&meant),
        is_stopped: around.is_stopped,
    };
    let allowed = allowed(around, &db, &drives, request, &filters)?;
    let counts = |file: i64| {
        allowed
            .as_ref()
            .is_none_or(|allowed| allowed.contains(&file))
    };
    let wanted = request.offset.saturating_add(request.limit);
    let most = wanted.saturating_mul(4).clamp(LEAST, MOST);
    let near = match request.mode {
        Mode::Text => Vec::new(),
        Mode::Ann | Mode::Hybrid => {
            let near = look.near(&counts, most, &mut result.warnings)?;
            let seen = look.seen(&counts, most, &mut result.warnings)?;
            together(near, seen)
        }
    };
    let (worded, matched) = match request.mode {
        Mode::Ann => (Vec::new(), 0),
        Mode::Text | Mode::Hybrid => look.worded(&counts, most)?,
    };
    let scored = match (&allowed, request.mode) {
        (_, Mode::Text) => matched,
        (Some(allowed), _) => allowed.len() as u64,
        (None, _) => size.files,
    };
    let ranked = rank(request.mode, around.options.hybrid_weight, &near, &worded);
    result.total = scored.max(ranked.len() as u64);
    result.truncated = ranked.len() > wanted;
    for (place, ranked) in ranked
        .into_iter()
        .enumerate()
        .skip(request.offset)
        .take(request.limit)
    {
        if let Some(hit) = look.hit(place + 1, &ranked, &drives)? {
            result.results.push(hit);
        }
    }
    Ok(result)
}

fn failed(db: &SemanticDb) -> impl Fn(rusqlite::Error) -> SemanticError {
    let path = db.path().display().to_string();
    move |source| SemanticError::Sqlite {
        path: path.clone(),
        source,
    }
}

/// Returns the files of the index that the conditions allow; `None`: all.
fn allowed(
    around: &Around<'_>,
    db: &SemanticDb,
    drives: &[Drive],
    request: &SemanticQuery<'_>,
    filters: &str,
) -> Result<Option<HashSet<i64>>, SemanticError> {
    if filters.is_empty() && request.drive_label.is_none() {
        return Ok(None);
    }
    let query = query::parse(filters, around.when)
        .map_err(|error| SemanticError::Query(format!("{error}; {}", error.hint)))?;
    let mut allowed = HashSet::new();
    for drive in drives {
        if request
            .drive_label
            .is_some_and(|label| label != drive.label)
        {
            continue;
        }
        let known = db.files_of_drive(&drive.drive_uid).map_err(failed(db))?;
        if filters.is_empty() {
            allowed.extend(known.into_values());
            continue;
        }
        let matching = around
            .searcher
            .matching(around.catalog, drive, &query, around.is_online)
            .map_err(SemanticError::Query)?;
        allowed.extend(matching.iter().filter_map(|file_id| known.get(file_id)));
    }
    Ok(Some(allowed))
}

/// Returns words in FTS5's language: any of them, each as it stands. `None` if there is no word.
fn expression(text: &str) -> Option<String> {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| format!("\"{word}\""))
        .collect();
    (!words.is_empty()).then(|| words.join(" OR "))
}

/// What is near: a text, or a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Near {
    found: Found,
    kind: Kind,
}

/// A file with the document that speaks most for it, and how much.
#[derive(Clone, Debug)]
struct Ranked {
    file: i64,
    score: f64,
    mode: Mode,
    near: Option<Near>,
    worded: Option<Found>,
}

/// Puts texts and frames together: of each file what is nearer, the nearest first.
fn together(texts: Vec<Found>, frames: Vec<Found>) -> Vec<Near> {
    let near = |kind| move |found| Near { found, kind };
    let texts = texts.into_iter().map(near(Kind::Documents));
    let mut all: Vec<Near> = texts
        .chain(frames.into_iter().map(near(Kind::Frames)))
        .collect();
    all.sort_by(|a, b| b.found.score.total_cmp(&a.found.score));
    let mut seen = HashSet::new();
    all.retain(|near| seen.insert(near.found.file));
    all
}

/// Keeps the best document of each file, in order.
fn by_file(found: Vec<Found>) -> Vec<Found> {
    let mut seen = HashSet::new();
    found
        .into_iter()
        .filter(|found| seen.insert(found.file))
        .collect()
}

fn rank(mode: Mode, weight: Option<f64>, near: &[Near], worded: &[Found]) -> Vec<Ranked> {
    let mut ranked: HashMap<i64, Ranked> = HashMap::new();
    let best = worded.first().map_or(1.0, |found| found.score);
    let mut add = |found: &Found, near: Option<Near>, score: f64| {
        let entry = ranked.entry(found.file).or_insert(Ranked {
            file: found.file,
            score: 0.0,
            mode: if near.is_some() {
                Mode::Ann
            } else {
                Mode::Text
            },
            near: None,
            worded: None,
        });
        entry.score += score;
        match near {
            Some(near) => entry.near = Some(near),
            None => entry.worded = Some(*found),
        }
        if entry.near.is_some() && entry.worded.is_some() {
            entry.mode = Mode::Hybrid;
        }
    };
    #[expect(clippy::cast_precision_loss, reason = "ten thousand at most")]
    let reciprocal = |place: usize| (RRF_K + 1.0) / (RRF_K + 1.0 + place as f64) / 2.0;
    for (place, near) in near.iter().enumerate() {
        let similarity = near.found.score.clamp(0.0, 1.0);
        let score = match (mode, weight) {
            (Mode::Hybrid, Some(weight)) => weight * similarity,
            (Mode::Hybrid, None) => reciprocal(place),
            _ => similarity,
        };
        add(&near.found, Some(*near), score);
    }
    for (place, found) in worded.iter().enumerate() {
        // BM25 is negative, and more so for what fits better.
        let share = if best < 0.0 {
            (found.score / best).clamp(0.0, 1.0)
        } else {
            1.0
        };
        let score = match (mode, weight) {
            (Mode::Hybrid, Some(weight)) => (1.0 - weight) * share,
            (Mode::Hybrid, None) => reciprocal(place),
            _ => share,
        };
        add(found, None, score);
    }
    let mut ranked: Vec<Ranked> = ranked.into_values().collect();
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.file.cmp(&b.file)));
    ranked
}

/// What one search looks up.
struct Look<'l> {
    db: &'l SemanticDb,
    /// How many it has.
    documents: u64,
    embedders: &'l Embedders,
    meant: &'l str,
    expression: Option<String>,
    is_stopped: &'l dyn Fn() -> bool,
}

impl Look<'_> {
    /// Returns the files whose texts are nearest to what is meant.
    fn near(
        &self,
        counts: &dyn Fn(i64) -> bool,
        most: usize,
        warnings: &mut Vec<String>,
    ) -> Result<Vec<Found>, SemanticError> {
        let failed = failed(self.db);
        let text = &self.embedders.text;
        let Some(model_id) = self.db.find_model(text.id()).map_err(&failed)? else {
            warnings.push(format!(
                "the index was built with another model than `{}`: `videocatalog semantic index build` brings it up to date",
                self.embedders.name
            ));
            return Ok(Vec::new());
        };
        let rarity = |word: &str| rarity(self.db, self.documents, word);
        let query = text.embed_query(self.meant, &rarity, self.is_stopped)?;
        if query.iter().all(|number| *number == 0.0) {
            return Ok(Vec::new());
        }
        if query.iter().any(|number| !number.is_finite()) {
            return Err(ModelError::Output("numbers that are none".into()).into());
        }
        let found = sidecar::nearest(self.db, Kind::Documents, model_id, &query, counts, most)
            .map_err(&failed)?;
        Ok(by_file(found)
            .into_iter()
            .filter(|found| found.score > 0.0)
            .collect())
    }

    /// Returns the files in which something is to be seen that is meant, with how surely as their score.
    fn seen(
        &self,
        counts: &dyn Fn(i64) -> bool,
        most: usize,
        warnings: &mut Vec<String>,
    ) -> Result<Vec<Found>, SemanticError> {
        let failed = failed(self.db);
        let Some(towers) = &self.embedders.towers else {
            return Ok(Vec::new());
        };
        // Nothing was looked at by this model: it need not be loaded.
        let Some(model_id) = self.db.find_model(&towers.id).map_err(&failed)? else {
            return Ok(Vec::new());
        };
        let text = match towers.text() {
            Ok(text) => text,
            Err(message) => {
                warnings.push(format!("frames are not searched: {message}"));
                return Ok(Vec::new());
            }
        };
        let query = match text.embed_query(self.meant, &|_| 1.0, self.is_stopped) {
            Ok(query) => query,
            Err(ModelError::Stopped) => return Err(ModelError::Stopped.into()),
            // What is known in words is found all the same.
            Err(error) => {
                warnings.push(format!("frames are not searched: {error}"));
                return Ok(Vec::new());
            }
        };
        let found = sidecar::nearest(self.db, Kind::Frames, model_id, &query, counts, most)
            .map_err(&failed)?;
        let likely = by_file(found).into_iter().map(|found| Found {
            score: towers.likelihood(found.score),
            ..found
        });
        Ok(likely.filter(|found| found.score > 0.0).collect())
    }

    /// Returns the files whose texts have the words, and how many they are.
    fn worded(
        &self,
        counts: &dyn Fn(i64) -> bool,
        most: usize,
    ) -> Result<(Vec<Found>, u64), SemanticError> {
        let Some(expression) = &self.expression else {
            return Ok((Vec::new(), 0));
        };
        let (found, total) = self
            .db
            .matching(expression, counts, most)
            .map_err(failed(self.db))?;
        Ok((by_file(found), total))
    }

    fn hit(
        &self,
        rank: usize,
        ranked: &Ranked,
        drives: &[Drive],
    ) -> Result<Option<SemanticHit>, SemanticError> {
        let failed = failed(self.db);
        let Some(file) = self.db.file(ranked.file).map_err(&failed)? else {
            return Ok(None);
        };
        // One that was forgotten since is not found any more.
        let Some(drive) = drives
            .iter()
            .find(|drive| drive.drive_uid == file.drive_uid)
        else {
            return Ok(None);
        };
        let mut hit = hit_of(rank, ranked, &file, drive);
        let of_kind = |kind: Kind| {
            let near = ranked.near.filter(|near| near.kind == kind);
            near.map(|near| near.found)
        };
        if let Some(found) = of_kind(Kind::Frames) {
            let start_ms = self.db.frame_time(found.document).map_err(&failed)?;
            hit.why.push(Evidence::Seen {
                likelihood: rounded(found.score),
                at: start_ms.map(clock_time),
                at_s: start_ms.map(|ms| ms / 1_000),
            });
        }
        let documents = [ranked.worded, of_kind(Kind::Documents)];
        for (found, is_worded) in documents.into_iter().zip([true, false]) {
            let Some(found) = found else { continue };
            let Some(document) = self.db.document(found.document).map_err(&failed)? else {
                continue;
            };
            if is_worded && let Some(expression) = &self.expression {
                hit.snippet = self
                    .db
                    .snippet(found.document, expression)
                    .map_err(&failed)?;
            }
            let passage = Passage {
                start_ms: document.start_ms,
                text: document.content,
            };
            let evidence = match document.kind.as_str() {
                "inventory" if is_worded => Evidence::Name,
                "inventory" => Evidence::Meaning {
                    similarity: rounded(found.score),
                },
                "caption" => Evidence::Caption,
                _ => Evidence::Said {
                    at: passage.start_ms.map(clock_time),
                    at_s: passage.start_ms.map(|ms| ms / 1_000),
                },
            };
            if matches!(evidence, Evidence::Said { .. }) && hit.metadata.transcript.is_none() {
                hit.metadata.transcript = Some(passage.text.clone());
            }
            if hit.snippet.is_none() {
                hit.snippet = Some(cut(&passage.text));
            }
            if !hit.why.contains(&evidence) {
                hit.why.push(evidence);
            }
        }
        Ok(Some(hit))
    }
}

/// Returns how much a word tells, 0 to 1: one that is everywhere tells nothing, one that is nowhere tells most.
fn rarity(db: &SemanticDb, documents: u64, word: &str) -> f32 {
    let with = db.documents_with(word).unwrap_or(0);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "a weight of three digits"
    )]
    {
        let all = documents.max(1) as f64;
        let tells = (all / (with as f64 + 1.0)).ln().max(0.0) / (all + 1.0).ln();
        (tells as f32).clamp(0.02, 1.0)
    }
}

fn hit_of(rank: usize, ranked: &Ranked, file: &FileRow, drive: &Drive) -> SemanticHit {
    SemanticHit {
        rank,
        place: FilePlace::new(drive, file.separator, &file.rel_path),
        file_id: file.file_id,
        score: rounded(ranked.score),
        mode: ranked.mode,
        snippet: None,
        metadata: Metadata {
            category: file.category.clone(),
            mime: file.mime.clone(),
            extension: file.ext.clone(),
            size_bytes: file.size_bytes,
            mtime_utc: file.mtime_us.map(utc_text),
            transcript: None,
        },
        why: Vec::new(),
    }
}

fn rounded(score: f64) -> f64 {
    (score * 1e6).round() / 1e6
}

fn cut(text: &str) -> String {
    const LONGEST: usize = 220;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let cut: String = text.chars().take(LONGEST).collect();
    format!("{cut}…")
}

/// Returns milliseconds as `00:12:31`.
fn clock_time(ms: i64) -> String {
    let seconds = ms / 1_000;
    format!(
        "{:02}:{:02}:{:02}",
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_told_from_what_is_meant() {
        let check = |text: &str, meant: &str, filters: &str| {
            let expected = (meant.to_owned(), filters.to_owned());
            assert_eq!(split_filters(text), expected);
        };
        check("beach holiday ext:mkv", "beach holiday", "ext:mkv");
        check("-ext:mkv size:>1gb dogs", "dogs", "-ext:mkv size:>1gb");
        check("path:\"My Films/\" war", "war", "path:\"My Films/\"");
        check("star wars: a new hope", "star wars: a new hope", "");
        check("\"ask not\" AND (OR", "\"ask not\" AND (OR", "");
        check("  ", "", "");
    }

    #[test]
    fn words_for_the_index_of_words_are_never_its_language() {
        assert_eq!(
            expression("a\"b* NEAR(c) AND -d").unwrap(),
            "\"a\" OR \"b\" OR \"NEAR\" OR \"c\" OR \"AND\" OR \"d\""
        );
        assert_eq!(expression("\"*()\0"), None);
    }

    #[test]
    fn what_is_first_in_both_comes_first() {
        let found = |file, score| Found {
            document: file,
            file,
            score,
        };
        let texts = vec![found(1, 0.9), found(2, 0.8), found(3, 0.1)];
        let near = together(texts, vec![found(3, 0.05)]);
        let worded = [found(2, -8.0), found(4, -2.0)];
        let files = |mode, weight| -> Vec<i64> {
            rank(mode, weight, &near, &worded)
                .iter()
                .map(|ranked| ranked.file)
                .collect()
        };
        assert_eq!(files(Mode::Hybrid, None), [2, 1, 4, 3]);
        assert_eq!(files(Mode::Hybrid, Some(1.0))[..3], [1, 2, 3]);
        assert_eq!(files(Mode::Hybrid, Some(0.0))[..2], [2, 4]);
        let hybrid = rank(Mode::Hybrid, None, &near[1..2], &worded[..1]);
        assert!((hybrid[0].score - 1.0).abs() < 1e-9 && hybrid[0].mode == Mode::Hybrid);
        let text = rank(Mode::Text, None, &[], &worded);
        assert!((text[0].score - 1.0).abs() < 1e-9 && (text[1].score - 0.25).abs() < 1e-9);
    }
}
