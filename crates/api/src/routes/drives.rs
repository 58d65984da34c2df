//! Which drives there are.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use videocatalog_core::catalog::drives::Drive;

use crate::answer::Answer;
use crate::parameters::Asked;
use crate::problem::Problem;
use crate::state::Api;
use crate::work::Work;

/// All drives, by label.
#[derive(Serialize, ToSchema)]
pub(crate) struct Drives {
    results: Vec<DriveRow>,
}

/// A drive.
#[derive(Serialize, ToSchema)]
struct DriveRow {
    /// Its name.
    label: String,
    /// What its owner says it is.
    r#type: Option<String>,
    /// When it was last scanned.
    last_scan_utc: Option<String>,
    /// Where its shard lies on the server.
    shard_path: String,
    /// Where its root was mounted last.
    mount_path: String,
    /// Whether it is there now.
    online: bool,
    /// Its size.
    total_bytes: Option<i64>,
    /// Free space when it was last seen.
    free_bytes: Option<i64>,
    /// File system.
    fs_format: Option<String>,
    /// Mode of the last scan.
    scan_mode: Option<String>,
    /// Model of the disk.
    model: Option<String>,
    /// Its owner's notes.
    notes: Option<String>,
}

/// Lists the drives, plugged in or not
#[utoipa::path(get, path = "/v1/drives", responses((status = 200, body = Drives)))]
pub(crate) async fn drives(State(api): State<Api>, asked: Asked<()>) -> Result<Answer, Problem> {
    api.of_all(asked, |work, ()| {
        let mut drives = work.catalog.drives()?;
        drives.sort_by_cached_key(|drive| (drive.label.to_lowercase(), drive.label.clone()));
        let online = work.api.online();
        let results = drives.into_iter().map(|drive| {
            let is_online = online.is_online(&drive);
            row(work, drive, is_online)
        });
        Ok(Drives {
            results: results.collect(),
        })
    })
    .await
}

fn row(work: &Work<'_>, drive: Drive, online: bool) -> DriveRow {
    let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    DriveRow {
        shard_path: work
            .catalog
            .shard_path(&drive)
            .to_string_lossy()
            .into_owned(),
        label: drive.label,
        r#type: filled(drive.drive_type),
        last_scan_utc: filled(drive.scanned_at),
        mount_path: drive.mount_path,
        online,
        total_bytes: drive.total_bytes,
        free_bytes: drive.free_bytes,
        fs_format: filled(drive.fs_format),
        scan_mode: filled(drive.scan_mode),
        model: filled(drive.model),
        notes: filled(drive.notes),
    }
}
