//! Building what is searched by meaning, and listening to what is said: the only routes that write, and only into the semantic
//! index and the transcripts.

use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Json;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use videocatalog_core::cancel::CancelToken;
use videocatalog_core::event::{Event, Sink};
use videocatalog_core::scan::{ScanError, ScanOptions, Surroundings};
use videocatalog_core::semantic::{self, BuildStats, Part, What};
use videocatalog_core::transcripts::{
    self, TranscribeOptions, TranscribeRequest, TranscribeSummary,
};
use videocatalog_core::volume;

use super::{allowed, busy, embedders, options};
use crate::parameters::{Asked, Parameters, Read};
use crate::problem::{Detail, ErrorBody, Problem};
use crate::state::Api;
use crate::work::Work;

/// Bytes of a document that is sent to us.
const LONGEST_BODY: usize = 16 * 1024;

/// Warnings that are told of one order.
const MOST_WARNINGS: usize = 50;

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
    #[serde(default = "usual_mode")]
    mode: String,
}

fn usual_mode() -> String {
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
    /// What to know about it: a model that cannot be used, a drive that was left out.
    warnings: Vec<String>,
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
    /// running, stopping, done, stopped or failed.
    state: &'static str,
    /// Where to ask after it.
    poll: String,
    /// Why it failed.
    error: Option<String>,
    /// What it amounts to.
    stats: Option<WorkStats>,
    /// What to know about it.
    warnings: Vec<String>,
}

/// The last job that went on by itself, and what stops it.
#[derive(Default)]
pub(crate) struct Jobs {
    next: AtomicU64,
    last: Mutex<Option<(SemanticJob, CancelToken)>>,
}

impl Jobs {
    fn last(&self) -> MutexGuard<'_, Option<(SemanticJob, CancelToken)>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps what is warned of.
#[derive(Default)]
struct Warnings(Mutex<Vec<String>>);

impl Warnings {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Sink for Warnings {
    fn event(&self, event: Event) {
        if let Event::Warning(text) = event {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() < MOST_WARNINGS && !kept.contains(&text) {
                kept.push(text);
            }
        }
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
    responses((status = 200, body = SemanticDone), (status = 202, body = SemanticJob),
        (status = 408, body = ErrorBody, description = "The document did not arrive in time"),
        (status = 413, body = ErrorBody, description = "The document is too long")))]
pub(crate) async fn transcribe(
    State(api): State<Api>,
    asked: Asked<HowToBuild>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    allowed(&api, Part::Transcribe)?;
    let body = read_body(&api, &headers, body).await?;
    if !matches!(body.trim_ascii(), b"" | b"{}") {
        return Err(Problem::bad("nothing can be said of how it is done")
            .hint("send no document: every drive that is there is listened to"));
    }
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
    known_job(&api, asked.parameters.id).map(|(job, _)| Json(job).into_response())
}

/// Stops a job that goes on by itself; what it has done is kept, and another one goes on there
#[utoipa::path(delete, path = "/v1/semantic/jobs", params(OneJob), responses((status = 200, body = SemanticJob)))]
pub(crate) async fn stop(
    State(api): State<Api>,
    asked: Asked<OneJob>,
) -> Result<Response, Problem> {
    let (_, cancel) = known_job(&api, asked.parameters.id)?;
    cancel.cancel();
    if let Some((job, _)) = api.jobs.last().as_mut()
        && job.state == "running"
    {
        job.state = "stopping";
    }
    known_job(&api, asked.parameters.id).map(|(job, _)| Json(job).into_response())
}

fn known_job(api: &Api, id: usize) -> Result<(SemanticJob, CancelToken), Problem> {
    let last = api.jobs.last().clone();
    last.filter(|(job, _)| job.id == id as u64)
        .ok_or_else(|| Problem::missing("no such job").hint("only the last one is remembered"))
}

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
    let cancel = CancelToken::new();
    if !by_itself {
        let work = move |work: &Work<'_>| perform(work, action);
        let done = api.patiently(cancel, work).await?;
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
        warnings: Vec::new(),
    };
    {
        let mut last = api.jobs.last();
        if last
            .as_ref()
            .is_some_and(|(job, _)| matches!(job.state, "running" | "stopping"))
        {
            return Err(busy("another job is running"));
        }
        *last = Some((job.clone(), cancel.clone()));
    }
    let background = api.clone();
    tokio::spawn(async move {
        let work = move |work: &Work<'_>| perform(work, action);
        let done = background.patiently(cancel.clone(), work).await;
        if let Some((job, _)) = background.jobs.last().as_mut() {
            match done {
                Ok(done) => {
                    (job.state, job.stats) = ("done", Some(done.stats));
                    job.warnings = done.warnings;
                }
                Err(problem) => {
                    let state = if cancel.is_cancelled() {
                        "stopped"
                    } else {
                        "failed"
                    };
                    (job.ok, job.state, job.error) = (false, state, Some(problem.text()));
                }
            }
        }
    });
    Ok((StatusCode::ACCEPTED, Json(job)).into_response())
}

fn perform(work: &Work<'_>, action: &'static str) -> Result<SemanticDone, Problem> {
    let warnings = Arc::new(Warnings::default());
    let stopped = || Problem::busy("it was stopped half-way; another one goes on");
    let stats = if action == "transcribe" {
        let heard = listen(work, &warnings)?;
        if work.cancel.is_cancelled() {
            return Err(stopped());
        }
        if let Err(gated) = semantic::gate(&work.api.config.settings, Part::Index) {
            let text = format!("what was heard is kept, and not found yet: {gated}");
            warnings.event(Event::Warning(text));
        } else if build(work, What::Everything, &warnings)?.stopped {
            return Err(stopped());
        }
        let reason = heard.iter().find_map(|drive| drive.message.as_deref());
        WorkStats::Transcribed {
            transcribed: semantic::status(&options(work.api))?.spoken_files,
            heard: heard.iter().map(|drive| drive.done).sum(),
            warning: reason.map(semantic::no_speech),
        }
    } else {
        let what = if action == "rebuild" {
            What::Anew
        } else {
            What::Everything
        };
        let stats = build(work, what, &warnings)?;
        if stats.stopped {
            return Err(stopped());
        }
        WorkStats::Build {
            processed: stats.processed,
            updated: stats.updated,
            skipped: stats.skipped,
            removed: stats.removed,
            shards: stats.shards,
        }
    };
    Ok(SemanticDone {
        ok: true,
        action,
        stats,
        warnings: warnings.take(),
    })
}

fn build(work: &Work<'_>, what: What<'_>, sink: &Arc<Warnings>) -> Result<BuildStats, Problem> {
    let options = options(work.api);
    let built = semantic::build(
        work.catalog,
        &options,
        &embedders(work.api, &options),
        what,
        work.cancel,
        work.api.config.clock.as_ref(),
        sink.as_ref(),
    );
    Ok(built?)
}

/// Listens to what is said on the drives that are there.
fn listen(work: &Work<'_>, sink: &Arc<Warnings>) -> Result<Vec<TranscribeSummary>, Problem> {
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
        sink: Arc::clone(sink) as Arc<dyn Sink>,
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
