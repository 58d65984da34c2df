//! The files of one drive: page by page, and single ones.

use axum::extract::State;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use videocatalog_core::browse::{self, BrowseError, FileRow, InventoryFilter};
use videocatalog_core::search::Hit;

use super::page::{Page, estimate};
use crate::answer::Answer;
use crate::drives::OfDrive;
use crate::parameters::{Asked, FilePath, Parameters, Read};
use crate::problem::Problem;
use crate::state::Api;

/// Which files.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Inventory {
    /// The drive.
    drive_label: String,
    /// Somewhere in the absolute path, case aside.
    #[param(required = false, value_type = String)]
    q: String,
    /// The category, whatever the case.
    #[param(required = false, value_type = String)]
    category: String,
    /// The extension, whatever the case.
    #[param(required = false, value_type = String)]
    ext: String,
    /// How the MIME type begins.
    #[param(required = false, value_type = String)]
    mime: String,
    /// Modified then or later, as ISO 8601; without a zone: UTC.
    #[param(required = false, value_type = String)]
    since: String,
    /// Rows of a page; at most the largest page.
    #[param(required = false, minimum = 1)]
    limit: usize,
    /// Rows to leave out before the first.
    #[param(required = false, minimum = 0, default = 0)]
    offset: usize,
}

impl Read for Inventory {
    fn read(query: &mut Parameters, api: &Api) -> Self {
        let drive_label = query.required_text("drive_label");
        let mut text = |name| query.text(name).unwrap_or_default();
        let (q, category, ext) = (text("q"), text("category"), text("ext"));
        let (mime, since) = (text("mime"), text("since"));
        let Page { limit, offset } = Page::read(query, api);
        Self {
            drive_label,
            q,
            category,
            ext,
            mime,
            since,
            limit,
            offset,
        }
    }
}

impl OfDrive for Inventory {
    fn drive_label(&self) -> &str {
        &self.drive_label
    }
}

/// One file.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OneFile {
    /// The drive.
    drive_label: String,
    /// The file's path: absolute at the drive's last mount, or relative to its root.
    #[param(value_type = String)]
    path: FilePath,
}

impl Read for OneFile {
    fn read(query: &mut Parameters, _: &Api) -> Self {
        Self {
            drive_label: query.required_text("drive_label"),
            path: query.required_path("path"),
        }
    }
}

impl OfDrive for OneFile {
    fn drive_label(&self) -> &str {
        &self.drive_label
    }
}

/// A page of a drive's files, by path, case aside.
#[derive(Serialize, ToSchema)]
pub(crate) struct InventoryPage {
    limit: usize,
    offset: usize,
    /// Where the next page begins; null: there is none.
    next_offset: Option<usize>,
    /// How many files match; null: more than 10,000.
    total_estimate: Option<usize>,
    results: Vec<InventoryRow>,
}

/// A file.
#[derive(Serialize, ToSchema)]
struct InventoryRow {
    /// Absolute, at the drive's last mount.
    path: String,
    /// Name as stored.
    name: String,
    category: String,
    size_bytes: Option<i64>,
    mtime_utc: Option<String>,
    drive_label: String,
    ext: Option<String>,
    mime: Option<String>,
    /// Relative to the drive's root.
    rel_path: String,
    /// The relative path's bytes in base64, where they are no UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    path_b64: Option<String>,
    /// Its number on its drive, for `/v1/thumb`.
    file_id: i64,
}

/// What is known of a file.
#[derive(Serialize, ToSchema)]
pub(crate) struct FileDocument {
    /// Absolute, at the drive's last mount.
    path: String,
    size_bytes: Option<i64>,
    mtime_utc: Option<String>,
    ext: Option<String>,
    mime: Option<String>,
    category: String,
    drive_label: String,
    /// What the drive's owner says it is.
    drive_type: Option<String>,
    /// When anything known of it last changed.
    indexed_utc: Option<String>,
    /// Relative to the drive's root.
    rel_path: String,
    /// The relative path's bytes in base64, where they are no UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    path_b64: Option<String>,
    /// Its number on its drive, for `/v1/thumb`.
    file_id: i64,
}

/// Lists the files of a drive
#[utoipa::path(get, path = "/v1/inventory", params(Inventory), responses((status = 200, body = InventoryPage)))]
pub(crate) async fn inventory(
    State(api): State<Api>,
    asked: Asked<Inventory>,
) -> Result<Answer, Problem> {
    api.of_drive(asked, |work, drive, asked| {
        let filter = InventoryFilter {
            q: asked.q.clone(),
            category: asked.category.clone(),
            ext: asked.ext.clone(),
            mime: asked.mime.clone(),
            since: asked.since.clone(),
        };
        let (searcher, page) = (&work.api.searcher, Page::new(asked.limit, asked.offset));
        let found = browse::inventory(
            searcher,
            work.catalog,
            drive,
            &filter,
            page.offset,
            page.limit,
        )?;
        let has_more = page.offset.saturating_add(found.rows.len()) < found.total;
        Ok(InventoryPage {
            limit: page.limit,
            offset: page.offset,
            next_offset: page.next(found.rows.len(), has_more),
            total_estimate: estimate(found.total),
            results: found.rows.into_iter().map(InventoryRow::from).collect(),
        })
    })
    .await
}

/// Shows what is known of a file
#[utoipa::path(get, path = "/v1/file", params(OneFile), responses((status = 200, body = FileDocument)))]
pub(crate) async fn file(State(api): State<Api>, asked: Asked<OneFile>) -> Result<Answer, Problem> {
    api.of_drive(asked, |work, drive, asked| {
        let found = browse::file(work.catalog, drive, &asked.path)?;
        found
            .map(FileDocument::from)
            .ok_or_else(|| Problem::missing("file not found"))
    })
    .await
}

impl From<Hit> for InventoryRow {
    fn from(hit: Hit) -> Self {
        Self {
            path: hit.path,
            name: hit.name,
            category: hit.category,
            size_bytes: hit.size_bytes,
            mtime_utc: hit.mtime_utc,
            drive_label: hit.drive_label,
            ext: hit.ext,
            mime: hit.mime,
            rel_path: hit.rel_path,
            path_b64: hit.path_b64,
            file_id: hit.file_id,
        }
    }
}

impl From<FileRow> for FileDocument {
    fn from(file: FileRow) -> Self {
        Self {
            path: file.place.path,
            size_bytes: file.size_bytes,
            mtime_utc: file.mtime_utc,
            ext: file.ext,
            mime: file.mime,
            category: file.category,
            drive_label: file.place.drive_label,
            drive_type: file.drive_type,
            indexed_utc: file.indexed_utc,
            rel_path: file.place.rel_path,
            path_b64: file.place.path_b64,
            file_id: file.file_id,
        }
    }
}

impl From<BrowseError> for Problem {
    fn from(error: BrowseError) -> Self {
        match error {
            BrowseError::Since { .. } => Self::bad(error.to_string()),
            BrowseError::Unread { .. } => Self::internal(error.to_string()),
            BrowseError::Store(error) => error.into(),
        }
    }
}
