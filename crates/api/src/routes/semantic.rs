//! Search by meaning.

pub(crate) mod orders;
pub(crate) mod transcript;

use std::num::NonZero;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::openapi::schema::Schema;
use utoipa::{IntoParams, ToSchema};
use videocatalog_core::search::query::Context;
use videocatalog_core::semantic::{
    self, Around, Embedders, Evidence, Mode, Part, SemanticError, SemanticHit, SemanticOptions,
    SemanticQuery,
};

use super::page::Page;
use crate::answer::Answer;
use crate::parameters::{Asked, Parameters, Read, one_of};
use crate::problem::Problem;
use crate::state::Api;

/// Hits that may be left out before the first.
const LARGEST_OFFSET: usize = 10_000;

/// How it is searched; `auto`: by meaning, or by both where `semantic.hybrid_weight` is set.
const MODES: [(&str, Option<Mode>); 4] = [
    ("auto", None),
    ("ann", Some(Mode::Ann)),
    ("text", Some(Mode::Text)),
    ("hybrid", Some(Mode::Hybrid)),
];

/// What is looked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Search {
    /// What is meant, in words; and conditions of the query language, such as `ext:mkv`.
    q: String,
    #[param(required = false, schema_with = mode_names)]
    mode: Option<Mode>,
    /// Only on this drive.
    #[param(required = false, value_type = String)]
    drive_label: Option<String>,
    /// By meaning and words together, whatever `mode` says.
    #[param(required = false, default = false)]
    hybrid: bool,
    /// Hits of a page; at most the largest page.
    #[param(required = false, minimum = 1)]
    limit: usize,
    /// Hits to leave out before the first.
    #[param(required = false, minimum = 0, maximum = 10_000, default = 0)]
    offset: usize,
}

fn mode_names() -> Schema {
    one_of(
        "By meaning, by words, or by both; auto: by meaning, or by both where the settings give it a weight.",
        &MODES,
    )
}

impl Read for Search {
    fn read(query: &mut Parameters, api: &Api) -> Self {
        let q = query.required_text("q");
        let mode = query.choice("mode", &MODES).flatten();
        let drive_label = query.text("drive_label").filter(|label| !label.is_empty());
        let hybrid = query.flag("hybrid");
        let Page { limit, offset } = Page::read(query, api);
        query.at_most(
            "offset",
            offset,
            LARGEST_OFFSET,
            "say more of what you look for",
        );
        Self {
            q,
            mode,
            drive_label,
            hybrid,
            limit,
            offset,
        }
    }
}

/// A page of what was found.
#[derive(Serialize, ToSchema)]
pub(crate) struct SemanticPage {
    limit: usize,
    offset: usize,
    /// Where the next page begins; null: there is none.
    next_offset: Option<usize>,
    /// How many files were scored.
    total_estimate: u64,
    /// What was looked for.
    query: String,
    /// How it was searched: ann, text or hybrid.
    mode: &'static str,
    hybrid: bool,
    results: Vec<SemanticRow>,
    /// What to know about it: a model that cannot be used, an index that was never built.
    warnings: Vec<String>,
}

/// A file that was found.
#[derive(Serialize, ToSchema)]
struct SemanticRow {
    /// Its place, from 1.
    rank: usize,
    /// Absolute, at the drive's last mount.
    path: String,
    /// Relative to the drive's root.
    rel_path: String,
    /// The relative path's bytes in base64, where they are no UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    path_b64: Option<String>,
    drive_label: String,
    /// Its number on its drive, for `/v1/thumb`.
    file_id: i64,
    /// How well it fits, 0 to 1.
    score: f64,
    /// What spoke for it: ann, text or hybrid.
    mode: &'static str,
    /// A piece of the text that fits; what matched stands between `<b>` and `</b>`, the rest is as it is in the file.
    snippet: Option<String>,
    metadata: SemanticMetadata,
    /// Why it was found.
    why: Vec<SemanticWhy>,
}

/// What is known of a file.
#[derive(Serialize, ToSchema)]
struct SemanticMetadata {
    category: String,
    mime: Option<String>,
    extension: Option<String>,
    size_bytes: Option<i64>,
    mtime_utc: Option<String>,
    /// What is said where it was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    transcript: Option<String>,
}

/// Why a file was found.
#[derive(Serialize, ToSchema)]
struct SemanticWhy {
    /// name, meaning, said, seen or caption.
    kind: &'static str,
    /// How near the meaning is, or how surely it is to be seen, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    similarity: Option<f64>,
    /// When it is said or seen, such as `00:12:31`.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    /// The same in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    at_s: Option<i64>,
}

impl From<Evidence> for SemanticWhy {
    fn from(evidence: Evidence) -> Self {
        let (kind, similarity, at, at_s) = match evidence {
            Evidence::Name => ("name", None, None, None),
            Evidence::Meaning { similarity } => ("meaning", Some(similarity), None, None),
            Evidence::Said { at, at_s } => ("said", None, at, at_s),
            Evidence::Caption => ("caption", None, None, None),
            Evidence::Seen {
                likelihood,
                at,
                at_s,
            } => ("seen", Some(likelihood), at, at_s),
        };
        Self {
            kind,
            similarity,
            at,
            at_s,
        }
    }
}

impl From<SemanticHit> for SemanticRow {
    fn from(hit: SemanticHit) -> Self {
        Self {
            rank: hit.rank,
            path: hit.place.path,
            rel_path: hit.place.rel_path,
            path_b64: hit.place.path_b64,
            drive_label: hit.place.drive_label,
            file_id: hit.file_id,
            score: hit.score,
            mode: hit.mode.name(),
            snippet: hit.snippet,
            metadata: SemanticMetadata {
                category: hit.metadata.category,
                mime: hit.metadata.mime,
                extension: hit.metadata.extension,
                size_bytes: hit.metadata.size_bytes,
                mtime_utc: hit.metadata.mtime_utc,
                transcript: hit.metadata.transcript,
            },
            why: hit.why.into_iter().map(SemanticWhy::from).collect(),
        }
    }
}

/// Finds files by what is meant, or by what is said in them
#[utoipa::path(get, path = "/v1/semantic/search", params(Search), responses((status = 200, body = SemanticPage)))]
pub(crate) async fn search(
    State(api): State<Api>,
    asked: Asked<Search>,
) -> Result<Answer, Problem> {
    allowed(&api, Part::Search)?;
    api.of_all(asked, |work, asked| {
        let options = options(work.api);
        let embedders = embedders(work.api, &options);
        let online = work.api.online();
        let zone = work.api.config.zone.clone();
        let mode = if asked.hybrid {
            Mode::Hybrid
        } else {
            asked.mode.unwrap_or(options.plain_mode())
        };
        let around = Around {
            catalog: work.catalog,
            searcher: &work.api.searcher,
            options: &options,
            embedders: &embedders,
            when: &Context::new(work.api.config.clock.now_us(), || zone),
            is_online: &|drive| online.is_online(drive),
            is_stopped: &|| work.cancel.is_cancelled(),
        };
        let labels: Vec<String> = asked.drive_label.iter().cloned().collect();
        let request = SemanticQuery {
            text: &asked.q,
            mode,
            drive_labels: &labels,
            offset: asked.offset,
            limit: asked.limit,
        };
        let found = semantic::search(&around, &request)?;
        let page = Page::new(asked.limit, asked.offset);
        Ok(SemanticPage {
            limit: asked.limit,
            offset: asked.offset,
            next_offset: page.next(found.results.len(), found.truncated),
            total_estimate: found.total,
            query: asked.q.clone(),
            mode: mode.name(),
            hybrid: mode == Mode::Hybrid,
            results: found.results.into_iter().map(SemanticRow::from).collect(),
            warnings: found.warnings,
        })
    })
    .await
}

/// How large the semantic index is.
#[derive(Serialize, ToSchema)]
pub(crate) struct SemanticStatus {
    /// Texts in it.
    documents: u64,
    /// Files in it.
    files: u64,
    /// Files of which words that are said are searched.
    spoken_files: u64,
    /// Files of which it is searched what is to be seen.
    seen_files: u64,
    /// The newest time of a file.
    latest_updated_utc: Option<String>,
    /// Numbers of a vector.
    vector_dim: usize,
    /// With what vectors were made; null: nothing so far.
    model: Option<String>,
}

/// How large the semantic index is
#[utoipa::path(get, path = "/v1/semantic/index", responses((status = 200, body = SemanticStatus)))]
pub(crate) async fn status(State(api): State<Api>, asked: Asked<()>) -> Result<Answer, Problem> {
    api.of_all(asked, |work, ()| {
        let status = semantic::status(&options(work.api))?;
        Ok(SemanticStatus {
            documents: status.documents,
            files: status.files,
            spoken_files: status.spoken_files,
            seen_files: status.seen_files,
            latest_updated_utc: status.latest_updated_utc,
            vector_dim: status.vector_dim,
            model: status.model,
        })
    })
    .await
}

fn options(api: &Api) -> SemanticOptions {
    SemanticOptions::from_settings(&api.config.settings.semantic, &api.config.workdir)
}

/// Returns the embedder, which is loaded once, and again when the models have changed.
fn embedders(api: &Api, options: &SemanticOptions) -> Arc<Embedders> {
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let (workdir, tools) = (&api.config.workdir, &api.config.tools);
    api.embedders.get(options, workdir, tools, threads)
}

fn allowed(api: &Api, part: Part) -> Result<(), Problem> {
    semantic::gate(&api.config.settings, part)
        .map_err(|gated| Problem::new(StatusCode::CONFLICT, gated.to_string()).hint(gated.hint()))
}

fn busy(text: impl Into<String>) -> Problem {
    Problem::new(StatusCode::CONFLICT, text).hint("wait until it is done")
}

impl From<SemanticError> for Problem {
    fn from(error: SemanticError) -> Self {
        let hint = error.hint();
        match error {
            SemanticError::Store(store) => store.into(),
            SemanticError::Query(text) => Self::bad(text).hint(hint),
            SemanticError::Busy(_) => busy(error.to_string()),
            SemanticError::Gated(_) => {
                Self::new(StatusCode::CONFLICT, error.to_string()).hint(hint)
            }
            _ => Self::internal(error.to_string()).hint(hint),
        }
    }
}
