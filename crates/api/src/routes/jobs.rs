//! What was done.

use axum::extract::State;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use videocatalog_core::catalog::jobs::{self, Job};

use super::page::Page;
use crate::answer::Answer;
use crate::parameters::{Asked, Parameters, Read};
use crate::problem::Problem;
use crate::state::Api;

/// Whose jobs, and which of them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Jobs {
    /// Only this drive's.
    #[param(required = false, value_type = String)]
    drive_label: Option<String>,
    /// Rows of a page; at most the largest page.
    #[param(required = false, minimum = 1)]
    limit: usize,
    /// Rows to leave out before the first.
    #[param(required = false, minimum = 0, default = 0)]
    offset: usize,
}

impl Read for Jobs {
    fn read(query: &mut Parameters, api: &Api) -> Self {
        let Page { limit, offset } = Page::read(query, api);
        Self {
            drive_label: query.text("drive_label"),
            limit,
            offset,
        }
    }
}

/// A page of jobs, the newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct JobsPage {
    limit: usize,
    offset: usize,
    /// Where the next page begins; null: there is none.
    next_offset: Option<usize>,
    total_estimate: usize,
    results: Vec<JobRow>,
}

/// A job.
#[derive(Serialize, ToSchema)]
struct JobRow {
    id: i64,
    drive_label: String,
    /// delta, full or inventory; older ones have none.
    mode: Option<String>,
    /// Running, Done, Stopped, Error; older programs had other words.
    status: String,
    started_at: String,
    finished_at: Option<String>,
    /// Files on the drive.
    total_all: Option<i64>,
    /// Audio and video files on the drive.
    total_av: Option<i64>,
    /// Audio and video files that were worked on.
    done_av: Option<i64>,
    duration_sec: Option<i64>,
    message: Option<String>,
}

/// Lists what was done, the newest first
#[utoipa::path(get, path = "/v1/jobs", params(Jobs), responses((status = 200, body = JobsPage)))]
pub(crate) async fn jobs(State(api): State<Api>, asked: Asked<Jobs>) -> Result<Answer, Problem> {
    api.of_all(asked, |work, asked| {
        let label = asked.drive_label.as_deref();
        if let Some(label) = label {
            work.catalog.drive(label)?;
        }
        let unread = |error| Problem::busy(format!("the catalogue cannot be read: {error}"));
        let all = jobs::list(work.catalog.connection(), label).map_err(unread)?;
        let page = Page::new(asked.limit, asked.offset);
        let total = all.len();
        let results: Vec<JobRow> = all
            .into_iter()
            .skip(page.offset)
            .take(page.limit)
            .map(row)
            .collect();
        let has_more = page.offset.saturating_add(results.len()) < total && !results.is_empty();
        Ok(JobsPage {
            limit: page.limit,
            offset: page.offset,
            next_offset: page.next(results.len(), has_more),
            total_estimate: total,
            results,
        })
    })
    .await
}

fn row(job: Job) -> JobRow {
    JobRow {
        id: job.id,
        drive_label: job.drive_label,
        mode: job.mode,
        status: job.status,
        started_at: job.started_at,
        finished_at: job.finished_at,
        total_all: job.total_all,
        total_av: job.total_av,
        done_av: job.done_av,
        duration_sec: job.duration_sec,
        message: job.message,
    }
}
