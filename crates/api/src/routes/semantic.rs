//! Search by meaning, and building what it searches. The only routes that write, and only into the semantic index and the
//! transcripts.

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Json;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::Schema;
use utoipa::{IntoParams, ToSchema};
use videocatalog_core::event::NullSink;
use videocatalog_core::inference;
use videocatalog_core::scan::{ScanError, ScanOptions, Surroundings};
use videocatalog_core::search::query::Context;
use videocatalog_core::semantic::{
    self, Around, BuildStats, Embedders, Evidence, Mode, Part, SemanticError, SemanticHit,
    SemanticOptions, SemanticQuery, What,
};
use videocatalog_core::transcripts::{
    self, TranscribeOptions, TranscribeRequest, TranscribeSummary,
};
use videocatalog_core::volume;

use super::page::Page;
use crate::answer::Answer;
use crate::parameters::{Asked, Parameters, Read, one_of};
use crate::problem::{Detail, ErrorBody, Problem};
use crate::state::Api;
use crate::work::Work;

/// Hits that may be left out before the first.
const LARGEST_OFFSET: usize = 10_000;

/// Bytes of a document that is sent to us.
const LONGEST_BODY: usize = 16 * 1024;

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
        let request = SemanticQuery {
            text: &asked.q,
            mode,
            drive_label: asked.drive_label.as_deref(),
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

/// How something is to be done.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct HowToBuild {
    /// Answer at once with a job to ask after, instead of when it is done.
    #[param(required = false, default = false)]
    r#async: bool,
}

impl Read for HowToBuild {
    fn read(query: &mut Parameters, _: &Api) -> Self {
        Self {
            r#async: query.flag("async"),
        }
    }
}

/// What is to be done with the index.
#[derive(Deserialize, ToSchema)]
pub(crate) struct IndexOrder {
    /// `build`: bring it up to date; `rebuild`: forget it first.
    #[serde(default = "build")]
    mode: String,
}

fn build() -> String {
    "build".into()
}

/// What was done.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct SemanticDone {
    ok: bool,
    /// build, rebuild or transcribe.
    action: &'static str,
    /// What it amounts to.
    stats: WorkStats,
}

/// What it amounts to.
#[derive(Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum WorkStats {
    /// Of a build.
    Build {
        /// Files looked at.
        processed: u64,
        /// Files whose texts were embedded.
        updated: u64,
        /// Files that were as the index has them.
        skipped: u64,
        /// Files that are no more.
        removed: u64,
        /// Drives read.
        shards: u64,
    },
    /// Of transcribing.
    Transcribed {
        /// Files of which words that are said can be searched.
        transcribed: u64,
        /// Files that were listened to now, to their end.
        heard: u64,
        /// Why speech was not turned into text, where it was not.
        warning: Option<String>,
    },
}

/// A job that goes on by itself.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct SemanticJob {
    ok: bool,
    /// build, rebuild or transcribe.
    action: &'static str,
    id: u64,
    /// running, done or failed.
    state: &'static str,
    /// Where to ask after it.
    poll: String,
    /// Why it failed.
    error: Option<String>,
    /// What it amounts to.
    stats: Option<WorkStats>,
}

/// The last job that went on by itself.
#[derive(Default)]
pub(crate) struct Jobs {
    next: AtomicU64,
    last: std::sync::Mutex<Option<SemanticJob>>,
}

impl Jobs {
    fn last(&self) -> std::sync::MutexGuard<'_, Option<SemanticJob>> {
        self.last
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Brings the semantic index up to date, or builds it anew
#[utoipa::path(post, path = "/v1/semantic/index", params(HowToBuild), request_body = IndexOrder,
    responses((status = 200, body = SemanticDone), (status = 202, body = SemanticJob),
        (status = 408, body = ErrorBody, description = "The document did not arrive in time"),
        (status = 413, body = ErrorBody, description = "The document is too long")))]
pub(crate) async fn index(
    State(api): State<Api>,
    asked: Asked<HowToBuild>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    allowed(&api, Part::Index)?;
    let order = order(&read_body(&api, &headers, body).await?)?;
    let action = match order.mode.as_str() {
        "build" => "build",
        "rebuild" => "rebuild",
        _ => return Err(Problem::bad("mode must be build or rebuild")),
    };
    carry_out(api, action, asked.parameters.r#async).await
}

/// Makes what is said in files searchable
#[utoipa::path(post, path = "/v1/semantic/transcribe", params(HowToBuild),
    responses((status = 200, body = SemanticDone), (status = 202, body = SemanticJob)))]
pub(crate) async fn transcribe(
    State(api): State<Api>,
    asked: Asked<HowToBuild>,
) -> Result<Response, Problem> {
    allowed(&api, Part::Transcribe)?;
    allowed(&api, Part::Index)?;
    carry_out(api, "transcribe", asked.parameters.r#async).await
}

/// Which job.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OneJob {
    /// The job's number.
    #[param(minimum = 0)]
    id: usize,
}

impl Read for OneJob {
    fn read(query: &mut Parameters, _: &Api) -> Self {
        Self {
            id: query.required_number("id"),
        }
    }
}

/// How a job stands that goes on by itself
#[utoipa::path(get, path = "/v1/semantic/jobs", params(OneJob), responses((status = 200, body = SemanticJob)))]
pub(crate) async fn job(State(api): State<Api>, asked: Asked<OneJob>) -> Result<Response, Problem> {
    let last = api.jobs.last().clone();
    match last.filter(|job| job.id == asked.parameters.id as u64) {
        Some(job) => Ok(Json(job).into_response()),
        None => Err(Problem::missing("no such job").hint("only the last one is remembered")),
    }
}

/// Reads a short document; who sends more, or takes too long over it, is not waited for.
async fn read_body(api: &Api, headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    let too_long = || Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "the document is too long");
    let said = headers.get(CONTENT_LENGTH);
    let said = said.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if said.is_some_and(|length| length > LONGEST_BODY as u64) {
        return Err(too_long());
    }
    let read = tokio::time::timeout(api.config.limits.header, to_bytes(body, LONGEST_BODY));
    match read.await {
        Ok(read) => read.map_err(|_| too_long()),
        Err(_) => Err(Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            "the document did not arrive in time",
        )),
    }
}

fn order(body: &Bytes) -> Result<IndexOrder, Problem> {
    let wrong = |r#type, msg: String, input: Option<String>| {
        Problem::parameters(vec![Detail {
            r#type,
            loc: ["body".into(), "mode".into()],
            msg,
            input,
        }])
        .hint("send `{\"mode\": \"build\"}` or `{\"mode\": \"rebuild\"}`")
    };
    if body.is_empty() {
        return Err(wrong("missing", "Field required".into(), None));
    }
    let document = serde_json::from_slice::<serde_json::Map<_, _>>(body);
    let order = document.and_then(|document| serde_json::from_value(document.into()));
    order.map_err(|error| {
        let shown: String = String::from_utf8_lossy(body).chars().take(200).collect();
        wrong("json_invalid", error.to_string(), Some(shown))
    })
}

async fn carry_out(api: Api, action: &'static str, by_itself: bool) -> Result<Response, Problem> {
    if !by_itself {
        let done = api.patiently(move |work| perform(work, action)).await?;
        return Ok(Json(done).into_response());
    }
    let id = api.jobs.next.fetch_add(1, Ordering::Relaxed) + 1;
    let job = SemanticJob {
        ok: true,
        action,
        id,
        state: "running",
        poll: format!("/v1/semantic/jobs?id={id}"),
        error: None,
        stats: None,
    };
    {
        let mut last = api.jobs.last();
        if last.as_ref().is_some_and(|job| job.state == "running") {
            return Err(busy("another job is running"));
        }
        *last = Some(job.clone());
    }
    let background = api.clone();
    tokio::spawn(async move {
        let done = background
            .patiently(move |work| perform(work, action))
            .await;
        if let Some(job) = background.jobs.last().as_mut() {
            match done {
                Ok(done) => (job.state, job.stats) = ("done", Some(done.stats)),
                Err(problem) => {
                    (job.ok, job.state, job.error) = (false, "failed", Some(problem.text()));
                }
            }
        }
    });
    Ok((StatusCode::ACCEPTED, Json(job)).into_response())
}

fn perform(work: &Work<'_>, action: &'static str) -> Result<SemanticDone, Problem> {
    let heard = if action == "transcribe" {
        listen(work)?
    } else {
        Vec::new()
    };
    let options = options(work.api);
    let embedders = embedders(work.api, &options);
    let stats = semantic::build(
        work.catalog,
        &options,
        &embedders,
        if action == "rebuild" {
            What::Anew
        } else {
            What::Everything
        },
        work.cancel,
        work.api.config.clock.as_ref(),
        &NullSink,
    )?;
    if stats.stopped {
        return Err(Problem::busy(
            "it was stopped half-way; another build goes on",
        ));
    }
    let stats = if action == "transcribe" {
        WorkStats::Transcribed {
            transcribed: semantic::status(&options)?.spoken_files,
            heard: heard.iter().map(|drive| drive.done).sum(),
            warning: heard
                .iter()
                .find_map(|drive| drive.message.as_deref())
                .map(semantic::no_speech),
        }
    } else {
        let BuildStats {
            processed,
            updated,
            skipped,
            removed,
            shards,
            ..
        } = stats;
        WorkStats::Build {
            processed,
            updated,
            skipped,
            removed,
            shards,
        }
    };
    Ok(SemanticDone {
        ok: true,
        action,
        stats,
    })
}

/// Listens to what is said on the drives that are there.
fn listen(work: &Work<'_>) -> Result<Vec<TranscribeSummary>, Problem> {
    let config = &work.api.config;
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let request = TranscribeRequest {
        labels: Vec::new(),
        only: None,
        again: false,
        transcribe: TranscribeOptions::from_settings(&config.settings.semantic, threads),
        options: ScanOptions::from_settings(&config.settings),
    };
    let outside = Surroundings {
        probe: Arc::from(volume::system()),
        clock: Arc::clone(&config.clock),
        sink: Arc::new(NullSink),
        cancel: work.cancel.clone(),
        tools: Arc::clone(&config.tools),
    };
    transcripts::run(&request, work.catalog, &outside).map_err(|error| {
        let hint = error.hint();
        match error {
            ScanError::Store(error) => error.into(),
            ScanError::Locked(error) => busy(error.to_string()),
            error => Problem::internal(error.to_string()).hint(hint),
        }
    })
}

fn options(api: &Api) -> SemanticOptions {
    SemanticOptions::from_settings(&api.config.settings.semantic, &api.config.workdir)
}

/// Returns the embedder, which is loaded once.
fn embedders(api: &Api, options: &SemanticOptions) -> Arc<Embedders> {
    let embedders = api.embedders.get_or_init(|| {
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
        let (runtime, warning) = inference::runtime(&api.config.tools, threads);
        let mut embedders = semantic::open_embedders(options, &api.config.workdir, &runtime);
        embedders.warnings.extend(warning);
        Arc::new(embedders)
    });
    Arc::clone(embedders)
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
