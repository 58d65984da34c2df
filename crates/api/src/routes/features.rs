//! What light analysis knows of a drive's pictures and films.

use axum::extract::State;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use videocatalog_core::browse::{self, FeatureEntry, FeatureFilter};

use super::page::{Page, estimate};
use crate::answer::Answer;
use crate::parameters::{Asked, FilePath, Parameters, Read};
use crate::problem::Problem;
use crate::state::Api;

/// Longer vectors have to be asked for explicitly.
const LONGEST_VECTOR: usize = 2_048;

/// Which feature vectors.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Features {
    /// The drive.
    drive_label: String,
    /// Somewhere in the path, whatever the case.
    #[param(required = false, value_type = String)]
    path: String,
    /// `image` or `video`, whatever the case.
    #[param(required = false, value_type = String)]
    kind: String,
    /// Rows of a page; at most the largest page.
    #[param(required = false, minimum = 1)]
    limit: usize,
    /// Rows to leave out before the first.
    #[param(required = false, minimum = 0, default = 0)]
    offset: usize,
}

impl Read for Features {
    fn read(query: &mut Parameters, api: &Api) -> Self {
        let Page { limit, offset } = Page::read(query, api);
        Self {
            drive_label: query.required_text("drive_label"),
            path: query.text("path").unwrap_or_default(),
            kind: query.text("kind").unwrap_or_default(),
            limit,
            offset,
        }
    }
}

/// One feature vector.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OneFeature {
    /// The drive.
    drive_label: String,
    /// The file's path: absolute at the drive's last mount, or relative to its root.
    #[param(value_type = String)]
    path: FilePath,
    /// Whether vectors of more than 2,048 numbers are wanted too.
    #[param(required = false, default = false)]
    raw: bool,
}

impl Read for OneFeature {
    fn read(query: &mut Parameters, _: &Api) -> Self {
        Self {
            drive_label: query.required_text("drive_label"),
            path: query.required_path("path"),
            raw: query.flag("raw"),
        }
    }
}

/// A page of feature vectors, by path, case aside.
#[derive(Serialize, ToSchema)]
pub(crate) struct FeaturesPage {
    limit: usize,
    offset: usize,
    /// Where the next page begins; null: there is none.
    next_offset: Option<usize>,
    /// How many match; null: more than 10,000.
    total_estimate: Option<usize>,
    results: Vec<FeatureRow>,
}

/// What a feature vector is of.
#[derive(Serialize, ToSchema)]
struct FeatureRow {
    /// Absolute, at the drive's last mount.
    path: String,
    /// `image` or `video`.
    kind: String,
    /// How many numbers it has.
    dim: i64,
    /// Pictures it is the mean of.
    frames_used: i64,
    updated_utc: String,
    /// Relative to the drive's root.
    rel_path: String,
}

/// A feature vector.
#[derive(Serialize, ToSchema)]
pub(crate) struct FeatureDocument {
    /// Absolute, at the drive's last mount.
    path: String,
    /// How many numbers it has.
    dim: usize,
    /// `image` or `video`.
    kind: String,
    vector: Vec<f32>,
    /// Relative to the drive's root.
    rel_path: String,
}

/// Lists which feature vectors a drive has
#[utoipa::path(get, path = "/v1/features", params(Features), responses((status = 200, body = FeaturesPage)))]
pub(crate) async fn features(
    State(api): State<Api>,
    asked: Asked<Features>,
) -> Result<Answer, Problem> {
    // Analysis leaves the drive's files as they were, so that their version says too little.
    api.of_all(asked, |work, asked| {
        let drive = work.catalog.drive(&asked.drive_label)?;
        let filter = FeatureFilter {
            path: &asked.path,
            kind: &asked.kind,
        };
        let page = Page::new(asked.limit, asked.offset);
        let (total, rows) =
            browse::feature_list(work.catalog, &drive, filter, page.offset, page.limit)?;
        let total = usize::try_from(total).unwrap_or(usize::MAX);
        let has_more = page.offset.saturating_add(rows.len()) < total;
        Ok(FeaturesPage {
            limit: page.limit,
            offset: page.offset,
            next_offset: page.next(rows.len(), has_more),
            total_estimate: estimate(total),
            results: rows.into_iter().map(FeatureRow::from).collect(),
        })
    })
    .await
}

/// Sends a file's feature vector
#[utoipa::path(get, path = "/v1/features/vector", params(OneFeature), responses((status = 200, body = FeatureDocument)))]
pub(crate) async fn vector(
    State(api): State<Api>,
    asked: Asked<OneFeature>,
) -> Result<Answer, Problem> {
    api.of_all(asked, |work, asked| {
        let drive = work.catalog.drive(&asked.drive_label)?;
        let found = browse::feature(work.catalog, &drive, &asked.path)?;
        let found = found.ok_or_else(|| Problem::missing("feature not found"))?;
        let dim = found.vector.len();
        if dim > LONGEST_VECTOR && !asked.raw {
            let text = format!("the vector has {dim} numbers, more than {LONGEST_VECTOR}");
            return Err(Problem::bad(text).hint("ask with `raw=true` for all of them"));
        }
        Ok(FeatureDocument {
            path: found.place.path,
            dim,
            kind: found.kind,
            vector: found.vector,
            rel_path: found.place.rel_path,
        })
    })
    .await
}

impl From<FeatureEntry> for FeatureRow {
    fn from(entry: FeatureEntry) -> Self {
        Self {
            path: entry.place.path,
            kind: entry.kind,
            dim: entry.dim,
            frames_used: entry.frames_used,
            updated_utc: entry.updated_utc,
            rel_path: entry.place.rel_path,
        }
    }
}
