//! How many files of each category a drive has, as its last scan counted them.

use serde::Serialize;

use super::BrowseError;
use crate::catalog::drives::Drive;
use crate::catalog::jobs::{self, CategoryCounts};
use crate::catalog::store::Catalog;
use crate::clock::{parse_utc, utc_text};
use crate::media::Category;
use crate::search::Searcher;

/// What `/v1/stats` says of a drive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DriveStats {
    /// The drive.
    pub drive_label: String,
    /// Its files.
    pub totals: Totals,
}

/// Files, counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// All of them.
    pub total_files: u64,
    /// Each category, in the documented order; those without files are named too.
    pub by_category: CategoryCounts,
    /// When the scan was that counted them, `2026-01-31 12:00:00` in UTC; `None`: never.
    pub scanned_at_utc: Option<String>,
}

/// Returns what the drive's last scan counted, or the files that are there where no scan left its counts.
///
/// # Errors
/// When the catalogue or the shard cannot be read.
pub fn stats(
    searcher: &Searcher,
    catalog: &Catalog,
    drive: &Drive,
) -> Result<DriveStats, BrowseError> {
    let counted = jobs::last_stats(catalog.connection(), &drive.drive_uid);
    let totals = match counted.map_err(|error| catalog.failed(error))? {
        Some(counted) => Totals {
            total_files: counted.total_files,
            by_category: counted.categories,
            scanned_at_utc: Some(sql_text(&counted.scanned_at)),
        },
        None => count(searcher, catalog, drive)?,
    };
    Ok(DriveStats {
        drive_label: drive.label.clone(),
        totals,
    })
}

fn count(searcher: &Searcher, catalog: &Catalog, drive: &Drive) -> Result<Totals, BrowseError> {
    let sums = searcher.sums(catalog, drive);
    let sums = sums.map_err(|reason| BrowseError::unread(drive, reason))?;
    let mut by_category = CategoryCounts::default();
    for ((_, category), sum) in sums.kinds() {
        by_category.add(category.parse().unwrap_or(Category::Other), sum.files);
    }
    Ok(Totals {
        total_files: sums.all().files,
        by_category,
        scanned_at_utc: drive.scanned_at.as_deref().map(sql_text),
    })
}

/// Returns a time as SQLite writes it, which is how this one always was.
fn sql_text(time: &str) -> String {
    parse_utc(time).map_or_else(
        || time.to_owned(),
        |time_us| utc_text(time_us).replace('T', " ").replace('Z', ""),
    )
}
