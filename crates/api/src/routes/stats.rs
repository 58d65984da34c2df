//! How many files a drive has.

use std::collections::BTreeMap;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use videocatalog_core::catalog::drives::Drive;
use videocatalog_core::report;
use videocatalog_core::search::sums::Sums;

use crate::answer::Answer;
use crate::drives::DriveOnly;
use crate::parameters::Asked;
use crate::problem::Problem;
use crate::state::Api;
use crate::work::Work;

/// The files of a drive, counted.
#[derive(Serialize, ToSchema)]
pub(crate) struct Stats {
    drive_label: String,
    totals: Totals,
}

/// Counts.
#[derive(Serialize, ToSchema)]
struct Totals {
    /// Files that are there.
    total_files: u64,
    /// Files of each category; all seven are named.
    by_category: BTreeMap<String, u64>,
    /// When the drive was last scanned.
    scanned_at_utc: Option<String>,
}

/// Counts the files of a drive
#[utoipa::path(get, path = "/v1/stats", params(DriveOnly), responses((status = 200, body = Stats)))]
pub(crate) async fn stats(
    State(api): State<Api>,
    asked: Asked<DriveOnly>,
) -> Result<Answer, Problem> {
    api.of_drive(asked, |work, drive, _| {
        let overview = report::overview(&[sums(work, drive)?]);
        let by_category = overview.categories.into_iter();
        Ok(Stats {
            drive_label: drive.label.clone(),
            totals: Totals {
                total_files: overview.total_files,
                by_category: by_category
                    .map(|entry| (entry.category, entry.files))
                    .collect(),
                scanned_at_utc: drive.scanned_at.clone(),
            },
        })
    })
    .await
}

/// Adds up the files of a drive.
pub(super) fn sums(work: &Work<'_>, drive: &Drive) -> Result<Sums, Problem> {
    let unread = |reason| Problem::internal(format!("`{}`: {reason}", drive.label));
    work.api.searcher.sums(work.catalog, drive).map_err(unread)
}
