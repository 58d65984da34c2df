//! Searching the index: by meaning, by words, or by both.
//!
//! Scores are stable: `ann` is the cosine of query and text, 0 to 1; `text` is BM25 divided by the best hit's; `hybrid` is
//! the share `w` of the one and `1 − w` of the other where the user set a weight, and else the reciprocals of both ranks
//! (Cormack et al. 2009, k = 60), 1 for what is first in both.

mod among;
mod look;
mod rank;
mod words;

use std::fmt;

use serde::Serialize;
use videocatalog_models::runtime::ModelError;

use self::among::{allowed, behind};
use self::look::Look;
use self::rank::{Near, rank, together};
use self::words::words;
use super::{Embedders, SemanticError, SemanticOptions};
use crate::catalog::drives::Drive;
use crate::catalog::semantic::{Kind, SemanticDb};
use crate::catalog::store::Catalog;
use crate::clock::utc_text;
use crate::report::FilePlace;
use crate::search::Searcher;
use crate::search::query::{self, Context, QueryError};

/// Files that each of two ways to search gives, where both are put together. It is the same for every page: what is on one
/// must not depend on which was asked for before.
const POOL: usize = 200;

/// Files of one way to search that can be paged through.
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
    /// Only on the drives with these labels; none: on all.
    pub drive_labels: &'q [String],
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

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => f.write_str("name"),
            Self::Meaning { similarity } => write!(f, "meaning {similarity:.2}"),
            Self::Said { at: Some(at), .. } => write!(f, "said at {at}"),
            Self::Said { at: None, .. } => f.write_str("said"),
            Self::Caption => f.write_str("caption"),
            Self::Seen { at: Some(at), .. } => write!(f, "seen at {at}"),
            Self::Seen { at: None, .. } => f.write_str("seen"),
        }
    }
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
    let model = db.main_model(Kind::Documents).map_err(&failed)?;
    Ok(IndexStatus {
        documents: size.documents,
        files: size.files,
        spoken_files: db.spoken_files().map_err(&failed)?,
        seen_files: db.seen_files().map_err(&failed)?,
        latest_updated_utc: db.newest_us().map_err(&failed)?.map(utc_text),
        vector_dim: model.as_ref().map_or(options.vector_dim, |model| model.dim),
        model: model.map(|model| model.name),
    })
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
    let split = query::split(request.text, around.when).map_err(|error| told(&error))?;
    let mut result = SemanticResult {
        mode: request.mode,
        results: Vec::new(),
        total: 0,
        truncated: false,
        warnings: embedders.warnings.clone(),
    };
    let drives = catalog.drives()?;
    let wanted_drives = catalog.select(request.drive_labels)?;
    if split.meant.is_empty() {
        if !split.conditions.is_empty() {
            result.warnings.push(format!(
                "`{}` says what is allowed, and nothing of what is meant; `videocatalog search` lists files by conditions",
                split.conditions
            ));
        }
        return Ok(result);
    }
    let Some(db) = SemanticDb::open_to_read(&around.options.path)? else {
        result.warnings.push(
            "there is no semantic index yet: `videocatalog semantic index build` makes one".into(),
        );
        return Ok(result);
    };
    let failed = failed(&db);
    db.begin_reading().map_err(&failed)?;
    let size = db.size().map_err(&failed)?;
    let indexed = db.drives().map_err(&failed)?;
    result
        .warnings
        .extend(behind(catalog, &wanted_drives, &indexed)?);
    let allowed = allowed(
        around,
        &db,
        &indexed,
        &wanted_drives,
        &split.conditions,
        &mut result.warnings,
    )?;
    let look = Look {
        db: &db,
        documents: size.documents,
        embedders,
        meant: &split.meant,
        words: words(&split.meant),
        is_stopped: around.is_stopped,
    };
    let counts = |file: i64| {
        allowed.as_ref().is_none_or(|allowed| {
            let place = usize::try_from(file);
            place.is_ok_and(|place| allowed.contains(place))
        })
    };
    let wanted = request.offset.saturating_add(request.limit);
    let weight = around.options.hybrid_weight;
    let ways = Ways::of(request.mode, weight, wanted);
    let near = if ways.is_near {
        near(
            &look,
            request.mode,
            &counts,
            ways.most,
            &drives,
            &mut result,
        )?
    } else {
        Vec::new()
    };
    let (worded, matched) = if ways.is_worded {
        look.worded(&counts, ways.most)?
    } else {
        (Vec::new(), 0)
    };
    let ranked = rank(request.mode, weight, &near, &worded);
    result.total = match (&allowed, ways.is_near) {
        (_, false) => matched,
        (Some(allowed), true) => allowed.len() as u64,
        (None, true) => size.files,
    };
    result.total = result.total.max(ranked.len() as u64);
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

/// Which ways a search goes.
struct Ways {
    is_near: bool,
    is_worded: bool,
    /// The most files of each.
    most: usize,
}

impl Ways {
    fn of(mode: Mode, weight: Option<f64>, wanted: usize) -> Self {
        let (is_near, is_worded) = match mode {
            Mode::Ann => (true, false),
            Mode::Text => (false, true),
            // What counts for nothing is not asked.
            Mode::Hybrid => (weight != Some(0.0), weight != Some(1.0)),
        };
        let most = if is_near && is_worded {
            POOL
        } else {
            wanted.saturating_add(1).min(MOST)
        };
        Self {
            is_near,
            is_worded,
            most,
        }
    }
}

/// Returns what is near, texts and frames. Where words are searched as well a model that fails is told of, and no more.
fn near(
    look: &Look<'_>,
    mode: Mode,
    counts: &(dyn Fn(i64) -> bool + Sync),
    most: usize,
    drives: &[Drive],
    result: &mut SemanticResult,
) -> Result<Vec<Near>, SemanticError> {
    let texts = match look.near(counts, most, drives, &mut result.warnings) {
        Err(SemanticError::Model(error))
            if mode == Mode::Hybrid && !matches!(error, ModelError::Stopped) =>
        {
            result
                .warnings
                .push(format!("only words are searched: {error}"));
            Vec::new()
        }
        texts => texts?,
    };
    let frames = look.seen(counts, most, &mut result.warnings)?;
    let mut near = together(texts, frames);
    near.truncate(most);
    Ok(near)
}

fn told(error: &QueryError) -> SemanticError {
    SemanticError::Query(format!("{error}; {}", error.hint))
}

fn failed(db: &SemanticDb) -> impl Fn(rusqlite::Error) -> SemanticError {
    let path = db.path().display().to_string();
    move |source| SemanticError::Sqlite {
        path: path.clone(),
        source,
    }
}
