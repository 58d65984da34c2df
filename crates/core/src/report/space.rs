//! How full drives were when they were last scanned, and where more would fit.

use serde::Serialize;

use super::read::Source;
use crate::catalog::drives::Drive;
use crate::search::sums::Sums;

/// Drives and their space.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SpaceReport {
    /// All drives, the one with least free space first; those of which it is unknown last.
    pub drives: Vec<SpaceEntry>,
    /// How many bytes should fit, if it was asked.
    pub fit_bytes: Option<u64>,
    /// Labels of the drives where they would, the one with least free space first.
    pub fits: Vec<String>,
    /// Drives whose files could not be read, and why. What is said of their space is right nonetheless.
    pub unread: Vec<String>,
}

/// A drive's space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SpaceEntry {
    /// The drive.
    pub drive_label: String,
    /// When its space was looked at, ISO.
    pub scanned_at: Option<String>,
    /// Bytes of its volume.
    pub total_bytes: Option<u64>,
    /// Of these free.
    pub free_bytes: Option<u64>,
    /// Files in the catalogue that are there; `None`: its shard cannot be read.
    pub catalogued_files: Option<u64>,
    /// Their bytes.
    pub catalogued_bytes: Option<u64>,
}

/// Returns how full some drives are, and on which of them `fit_bytes` more would fit; `None` if it was cancelled.
pub fn space(source: Source<'_>, drives: &[Drive], fit_bytes: Option<u64>) -> Option<SpaceReport> {
    let mut report = SpaceReport {
        fit_bytes,
        ..SpaceReport::default()
    };
    for drive in drives {
        if source.cancel.is_cancelled() {
            return None;
        }
        let sums = match source.searcher.sums(source.catalog, drive) {
            Ok(sums) => Some(sums),
            Err(reason) => {
                report.unread.push(format!("`{}`: {reason}", drive.label));
                None
            }
        };
        let all = sums.as_ref().map(Sums::all);
        report.drives.push(SpaceEntry {
            drive_label: drive.label.clone(),
            scanned_at: drive.scanned_at.clone(),
            total_bytes: known(drive.total_bytes),
            free_bytes: known(drive.free_bytes),
            catalogued_files: all.map(|all| all.files),
            catalogued_bytes: all.map(|all| all.bytes),
        });
    }
    report.drives.sort_by(|a, b| {
        let key = |entry: &SpaceEntry| (entry.free_bytes.is_none(), entry.free_bytes);
        (key(a), &a.drive_label).cmp(&(key(b), &b.drive_label))
    });
    if let Some(wanted) = fit_bytes {
        let fits = |entry: &&SpaceEntry| entry.free_bytes.is_some_and(|free| free >= wanted);
        let labels = report.drives.iter().filter(fits);
        report.fits = labels.map(|entry| entry.drive_label.clone()).collect();
    }
    source.unless_cancelled(report)
}

fn known(bytes: Option<i64>) -> Option<u64> {
    bytes.and_then(|bytes| u64::try_from(bytes).ok())
}
