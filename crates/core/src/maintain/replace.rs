//! Putting a database that was prepared beside another in its place.
//!
//! The one that is replaced is kept among the backups first, under a second name, so that at every moment there is a
//! database in the place and nothing is lost: a process that ends in between leaves the old one where it was.

use std::path::{Path, PathBuf};

use super::target::{Kind, Target};
use super::{MaintainError, Surroundings};
use crate::catalog::files::{self, Settled};
use crate::catalog::pictures::{Pictures, path_beside};
use crate::catalog::{Journal, optimise};
use crate::clock::file_stamp;
use crate::search::index::fresh::path_of;

/// Puts `new` in the place of `target`, whose locks are held, and returns where the old one is kept, if there was one.
pub(super) fn replace(
    target: &Target,
    new: &Path,
    outside: &Surroundings<'_>,
) -> Result<Option<PathBuf>, MaintainError> {
    let path = &target.path;
    files::sync(new).map_err(MaintainError::file("write", new))?;
    let settled = files::settle(path);
    let kept = match settled {
        Settled::Missing => None,
        Settled::InUse => return Err(MaintainError::InUse { path: path.clone() }),
        Settled::Whole | Settled::Unreadable => {
            let stamp = file_stamp(outside.clock.now_us());
            let stem = format!("{stamp}_{}", optimise::tag("replaced", path));
            let folder = outside.workdir.backups();
            let kept = files::set_aside(path, &folder, &stem)
                .map_err(MaintainError::file("keep a copy of", path))?;
            Some(kept)
        }
    };
    if let Err(error) = files::put_in_place(new, path) {
        if let (Some(kept), Settled::Whole) = (&kept, settled) {
            // Still in its place: a second name for it would be taken for a copy.
            let _tidied = files::remove_with_companions(kept);
        }
        return Err(MaintainError::file("replace", path)(error));
    }
    if let (Kind::Shard { .. }, Some(drive_uid)) = (&target.kind, target.drive_uid()) {
        forget_derived(path, drive_uid);
    }
    Ok(kept)
}

/// Pictures of files that the shard no longer knows go: their numbers may be given to others. What cannot be removed is
/// made anew by the next scan, which compares size and time.
fn forget_derived(shard: &Path, drive_uid: &str) {
    // Of a shard that went another way; if it cannot be removed, a search notices and makes another.
    let _made_anew = fs_err::remove_file(path_of(shard));
    if path_beside(shard).exists() {
        let _next_scan = Pictures::open(shard, drive_uid, Journal::Delete)
            .map(|pictures| pictures.forget_unknown(shard));
    }
}
