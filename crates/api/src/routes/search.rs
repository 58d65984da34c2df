//! Searching over all drives, with the query language.

use axum::extract::State;
use serde::Serialize;
use utoipa::openapi::schema::Schema;
use utoipa::{IntoParams, ToSchema};
use videocatalog_core::online::OnlineState;
use videocatalog_core::search::query::{self, Query};
use videocatalog_core::search::{Found, Hit, Order, Request};

use super::page::Page;
use crate::answer::Answer;
use crate::parameters::{Asked, Parameters, Read, one_of};
use crate::problem::{Detail, Problem};
use crate::state::Api;

/// Rows that may be left out before the first: all of them are kept in memory to know which comes next.
const LARGEST_OFFSET: usize = 1_000_000;

/// The orders and their names, as on the command line.
const ORDERS: [(&str, Order); 6] = [
    ("newest", Order::Newest),
    ("oldest", Order::Oldest),
    ("largest", Order::Largest),
    ("smallest", Order::Smallest),
    ("name", Order::Name),
    ("path", Order::Path),
];

/// What is searched for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Search {
    /// Words, "phrases", -not, OR, and fields such as `size:>4gb`; empty: everything.
    #[param(required = false, value_type = String)]
    q: String,
    /// Search only this drive; may be given several times.
    #[param(required = false, value_type = Vec<String>, style = Form, explode)]
    drive: Vec<String>,
    #[param(required = false, schema_with = order_names)]
    sort: Order,
    /// Rows of a page; at most the largest page.
    #[param(required = false, minimum = 1)]
    limit: usize,
    /// Rows to leave out before the first.
    #[param(required = false, minimum = 0, maximum = 1_000_000, default = 0)]
    offset: usize,
}

fn order_names() -> Schema {
    one_of("Which results come first.", &ORDERS)
}

impl Read for Search {
    fn read(query: &mut Parameters, api: &Api) -> Self {
        let q = query.text("q").unwrap_or_default();
        let drive = query.texts("drive");
        let sort = query.choice("sort", &ORDERS).unwrap_or_default();
        let Page { limit, offset } = Page::read(query, api);
        query.at_most(
            "offset",
            offset,
            LARGEST_OFFSET,
            "say more of what you look for",
        );
        Self {
            q,
            drive,
            sort,
            limit,
            offset,
        }
    }
}

/// A page of what was found.
#[derive(Serialize, ToSchema)]
pub(crate) struct SearchPage {
    /// What was searched for.
    query: String,
    limit: usize,
    offset: usize,
    /// Where the next page begins; null: there is none.
    next_offset: Option<usize>,
    /// How many files match.
    total_estimate: u64,
    results: Vec<SearchRow>,
    /// Drives that could not be searched, and why.
    unsearched: Vec<String>,
}

/// A file that was found.
#[derive(Serialize, ToSchema)]
struct SearchRow {
    drive_label: String,
    /// Its number on its drive, for `/v1/thumb`.
    file_id: i64,
    /// Absolute, at the drive's last mount.
    path: String,
    /// Relative to the drive's root.
    rel_path: String,
    /// The relative path's bytes in base64, where they are no UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    path_b64: Option<String>,
    name: String,
    category: String,
    size_bytes: Option<i64>,
    mtime_utc: Option<String>,
    ext: Option<String>,
    mime: Option<String>,
    /// Whether it was gone at the last scan.
    deleted: bool,
    /// Whether its drive is there now.
    online: bool,
}

/// Finds files on all drives, plugged in or not
#[utoipa::path(get, path = "/v1/search", params(Search), responses((status = 200, body = SearchPage)))]
pub(crate) async fn search(
    State(api): State<Api>,
    asked: Asked<Search>,
) -> Result<Answer, Problem> {
    api.of_all(asked, |work, asked| {
        let query = understood(work.api, &asked.q)?;
        let drives = work.catalog.select(&asked.drive)?;
        let request = Request {
            query: &query,
            order: asked.sort,
            offset: asked.offset,
            limit: asked.limit,
        };
        let online = work.api.online();
        let found = work.api.searcher.run(
            work.catalog,
            &drives,
            &request,
            &|drive| online.is_online(drive),
            work.cancel,
        );
        let online_labels: Vec<&str> = shown_drives(&found, &drives, &online);
        Ok(page(asked, found, &online_labels))
    })
    .await
}

/// Returns the labels of the drives that are on the page and online.
fn shown_drives<'d>(
    found: &Found,
    drives: &'d [videocatalog_core::catalog::drives::Drive],
    online: &OnlineState,
) -> Vec<&'d str> {
    drives
        .iter()
        .filter(|drive| {
            found
                .results
                .iter()
                .any(|hit| hit.drive_label == drive.label)
        })
        .filter(|drive| online.is_online(drive))
        .map(|drive| &*drive.label)
        .collect()
}

fn page(asked: &Search, found: Found, online: &[&str]) -> SearchPage {
    let page = Page::new(asked.limit, asked.offset);
    // The total of a search counts what stands behind the offset too.
    let has_more = found.truncated && !found.results.is_empty();
    SearchPage {
        query: asked.q.clone(),
        limit: asked.limit,
        offset: asked.offset,
        next_offset: page.next(found.results.len(), has_more),
        total_estimate: found.total_matched,
        results: found
            .results
            .into_iter()
            .map(|hit| row(hit, online))
            .collect(),
        unsearched: found.unsearched,
    }
}

fn row(hit: Hit, online: &[&str]) -> SearchRow {
    SearchRow {
        online: online.contains(&&*hit.drive_label),
        drive_label: hit.drive_label,
        file_id: hit.file_id,
        path: hit.path,
        rel_path: hit.rel_path,
        path_b64: hit.path_b64,
        name: hit.name,
        category: hit.category,
        size_bytes: hit.size_bytes,
        mtime_utc: hit.mtime_utc,
        ext: hit.ext,
        mime: hit.mime,
        deleted: hit.deleted,
    }
}

fn understood(api: &Api, text: &str) -> Result<Query, Problem> {
    let zone = api.config.zone.clone();
    let when = query::Context::new(api.config.clock.now_us(), || zone);
    query::parse(text, &when).map_err(|error| {
        let detail = Detail {
            r#type: "query",
            loc: ["query".into(), "q".into()],
            msg: format!("{error}\n{}", error.pointing(text)),
            input: text.get(error.at.clone()).map(str::to_owned),
        };
        Problem::parameters(vec![detail]).hint(error.hint)
    })
}
