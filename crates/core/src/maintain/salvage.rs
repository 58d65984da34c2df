//! Bringing what can be read of a damaged shard into a new one.

use std::path::PathBuf;

use serde::Serialize;

use super::target::{Kind, Target};
use super::{MaintainError, Options, Step, Surroundings, locks, replace};
use crate::catalog::files::{beside, remove_with_companions};
use crate::catalog::identify::{Identity, identify};
use crate::catalog::integrity;
use crate::catalog::salvage::{TableSalvage, salvage as read_out};
use crate::catalog::shard::RootFacts;

/// What was salvaged.
#[derive(Clone, Debug, Serialize)]
pub struct Salvaged {
    /// `Shard LABEL`.
    pub database: String,
    /// The database.
    pub path: PathBuf,
    /// What became of each table.
    pub tables: Vec<TableSalvage>,
    /// Whether the new one took the place of the damaged one.
    pub in_place: bool,
    /// Where the damaged one is kept then.
    pub replaced: Option<PathBuf>,
}

impl Salvaged {
    /// Returns how many files it knows.
    pub fn files(&self) -> u64 {
        self.tables
            .iter()
            .filter(|table| table.table == "entries")
            .map(|table| table.rows)
            .sum()
    }
}

/// Reads a damaged shard as far as it goes into a new one and checks that. With `put_in_place` the new one takes its
/// place and the damaged one is kept among the backups; else the new one is removed again.
///
/// # Errors
/// When nothing can be read, what was read does not check out, or somebody works on the shard.
pub fn salvage(
    target: &Target,
    put_in_place: bool,
    options: &Options,
    outside: &Surroundings<'_>,
) -> Result<Salvaged, MaintainError> {
    if !matches!(target.kind, Kind::Shard { .. }) {
        return Err(MaintainError::NoShard);
    }
    if !target.path.exists() {
        return Err(MaintainError::missing(&target.path));
    }
    let _locks = locks::take(target, "salvage", true, outside.clock)?;
    (outside.progress)(&target.name, Step::Salvage);
    let new = beside(&target.path, ".salvaged");
    let done = fill(target, &new, put_in_place, options, outside);
    if done.as_ref().map_or(true, |salvaged| !salvaged.in_place) {
        let _gone = remove_with_companions(&new);
    }
    done
}

fn fill(
    target: &Target,
    new: &std::path::Path,
    put_in_place: bool,
    options: &Options,
    outside: &Surroundings<'_>,
) -> Result<Salvaged, MaintainError> {
    let (drive_uid, label) = owner(target)?;
    let now = outside.clock.now_utc();
    let drive = target.drive();
    let facts = RootFacts {
        drive_uid: &drive_uid,
        drive_label: &label,
        mount_path: drive.map_or(b"/".as_slice(), |drive| &drive.mount_bytes),
        separator: std::path::MAIN_SEPARATOR,
        profile: drive
            .and_then(|drive| drive.profile.as_deref())
            .unwrap_or("AUTO"),
        total_bytes: drive.and_then(|drive| drive.total_bytes),
        free_bytes: drive.and_then(|drive| drive.free_bytes),
        scanned_at: &now,
    };
    let mut salvaged = Salvaged {
        database: target.name.clone(),
        path: target.path.clone(),
        tables: read_out(&target.path, new, &facts, outside.cancel)?,
        in_place: false,
        replaced: None,
    };
    if salvaged.files() == 0 {
        return Err(MaintainError::NothingLeft {
            path: target.path.clone(),
        });
    }
    (outside.progress)(&target.name, Step::Check);
    let found = integrity::check(new, Some(&drive_uid), options.busy_timeout, outside.cancel)?;
    if !found.ok {
        return Err(MaintainError::Unsound {
            path: target.path.clone(),
            detail: found.issues.into_iter().next().unwrap_or_default(),
        });
    }
    if put_in_place {
        salvaged.replaced = replace::replace(target, new, outside)?;
        salvaged.in_place = true;
    }
    Ok(salvaged)
}

/// Whose shard it is: by the catalogue, else by the shard itself.
fn owner(target: &Target) -> Result<(String, String), MaintainError> {
    if let Some(drive) = target.drive() {
        return Ok((drive.drive_uid.clone(), drive.label.clone()));
    }
    match identify(&target.path) {
        Ok(Identity::Shard {
            drive_uid: Some(uid),
            drive_label,
            ..
        }) => Ok((uid, drive_label.unwrap_or_default())),
        _ => Err(MaintainError::NoOwner),
    }
}
