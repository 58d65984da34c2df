//! Bringing a backup back.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::target::{Kind, Target};
use super::{MaintainError, Step, Surroundings, locks, replace};
use crate::catalog::backup::{BackupError, checked_copy};
use crate::catalog::backups::{self, Backup, Owner};
use crate::catalog::files::{beside, remove_with_companions};
use crate::catalog::identify::{Identity, identify};
use crate::catalog::{Access, Database, OpenError, migrate, open_unchecked, shard};
use crate::path::display::printable_path;

/// What was restored.
#[derive(Clone, Debug, Serialize)]
pub struct Restored {
    /// `Catalog` or `Shard LABEL`.
    pub database: String,
    /// The database.
    pub path: PathBuf,
    /// The backup that is in its place now.
    pub backup: PathBuf,
    /// Where the one that was there is kept; `None` if there was none.
    pub replaced: Option<PathBuf>,
    /// Newer backups that were passed over, and why.
    pub passed_over: Vec<String>,
}

/// Returns the backups of a database, newest first.
pub fn backups_of(target: &Target, folder: &Path) -> Vec<Backup> {
    let stem = target.stem();
    let identity = identify(&target.path).ok();
    let owner = Owner {
        database: match target.kind {
            Kind::Catalog { .. } => Some(Database::Catalog),
            Kind::Shard { .. } => Some(Database::Shard),
            Kind::File => identity.as_ref().and_then(Identity::database),
        },
        drive_uid: target
            .drive_uid()
            .or_else(|| identity.as_ref().and_then(Identity::drive_uid)),
        stem: &stem,
    };
    backups::list(folder, &owner)
}

/// Puts a backup in the place of a database: `which` is a file, its name in the folder of backups, or `latest`, which
/// is the newest that checks out. With `force`, another drive's becomes this drive's.
///
/// The backup is copied, checked, brought up to date and given the drive's label before anything is touched; the
/// database that was there is kept among the backups.
///
/// # Errors
/// When there is no such backup, it does not check out or is of something else, or somebody works on the database.
pub fn restore(
    target: &Target,
    which: &Path,
    force: bool,
    outside: &Surroundings<'_>,
) -> Result<Restored, MaintainError> {
    let _locks = locks::take(target, "restore", true, outside.clock)?;
    let new = beside(&target.path, ".restored");
    let prepared = choose(target, which, force, &new, outside).and_then(|(backup, passed_over)| {
        (outside.progress)(&target.name, Step::Restore);
        let replaced = replace::replace(target, &new, outside)?;
        Ok(Restored {
            database: target.name.clone(),
            path: target.path.clone(),
            backup,
            replaced,
            passed_over,
        })
    });
    if prepared.is_err() {
        let _gone = remove_with_companions(&new);
    }
    prepared
}

/// Prepares the backup that is meant at `new`, and returns which it is and which were passed over.
fn choose(
    target: &Target,
    which: &Path,
    force: bool,
    new: &Path,
    outside: &Surroundings<'_>,
) -> Result<(PathBuf, Vec<String>), MaintainError> {
    (outside.progress)(&target.name, Step::Check);
    let folder = outside.workdir.backups();
    let none = || MaintainError::NoBackup {
        name: printable_path(which),
    };
    if which != Path::new("latest") {
        let named = [
            which.to_path_buf(),
            folder.join(which),
            beside(&folder.join(which), crate::catalog::backup::SUFFIX),
        ];
        let backup = named
            .into_iter()
            .find(|path| path.is_file())
            .ok_or_else(none)?;
        prepare(target, &backup, force, new, outside)?;
        return Ok((backup, Vec::new()));
    }
    let mut passed_over = Vec::new();
    for backup in backups_of(target, &folder) {
        if backup.purpose() == "replaced" {
            continue;
        }
        match prepare(target, &backup.path, force, new, outside) {
            Ok(()) => return Ok((backup.path, passed_over)),
            Err(error) if outside.cancel.is_cancelled() => return Err(error),
            Err(
                error @ (MaintainError::Backup(BackupError::Unsound { .. } | BackupError::Open(_))
                | MaintainError::Open(_)
                | MaintainError::Unfit { .. }),
            ) => passed_over.push(error.to_string()),
            Err(error) if is_damage(&error) => passed_over.push(error.to_string()),
            Err(error) => return Err(error),
        }
    }
    Err(none())
}

/// Copying notices damage as an error of writing the copy.
fn is_damage(error: &MaintainError) -> bool {
    matches!(error, MaintainError::Backup(BackupError::Write { source, .. }) if crate::catalog::is_damage(source))
}

/// Makes at `new` what is to take the place of the database.
fn prepare(
    target: &Target,
    backup: &Path,
    force: bool,
    new: &Path,
    outside: &Surroundings<'_>,
) -> Result<(), MaintainError> {
    let database = judge(target, backup, force)?;
    remove_with_companions(new).map_err(MaintainError::file("remove", new))?;
    checked_copy(backup, new, outside.cancel)?;
    migrate::without_backup(new, database)?;
    if let Some(drive) = target.drive() {
        let connection = open_unchecked(new, Access::Write)?;
        shard::set_owner(&connection, &drive.drive_uid, &drive.label)
            .map_err(|source| MaintainError::sqlite(new, source))?;
    }
    Ok(())
}

/// Returns what the backup is, if it may take the place of the database.
fn judge(target: &Target, backup: &Path, force: bool) -> Result<Database, MaintainError> {
    let identity = identify(backup)?;
    let unfit = |what| MaintainError::Unfit {
        path: backup.to_path_buf(),
        what,
    };
    let Some(database) = identity.database() else {
        return Err(unfit(match identity {
            Identity::Legacy => "a database of the older program, from before it was converted",
            Identity::Empty => "empty",
            _ => "no database of VideoCatalog",
        }));
    };
    let present = identify(&target.path).ok();
    let wanted = match target.kind {
        Kind::Catalog { .. } => Some(Database::Catalog),
        Kind::Shard { .. } => Some(Database::Shard),
        Kind::File => present.as_ref().and_then(Identity::database),
    };
    if wanted.is_some_and(|wanted| wanted != database) {
        return Err(unfit(match database {
            Database::Catalog => "a catalogue",
            Database::Shard => "the shard of a drive",
        }));
    }
    if identity.version() > migrate::newest_version() {
        return Err(OpenError::TooNew {
            path: backup.to_path_buf(),
            found: identity.version(),
        }
        .into());
    }
    let owner = target
        .drive_uid()
        .or_else(|| present.as_ref().and_then(Identity::drive_uid));
    if let (
        Some(owner),
        Identity::Shard {
            drive_uid: Some(found),
            drive_label,
            ..
        },
    ) = (owner, &identity)
        && owner != found
        && !force
    {
        return Err(MaintainError::OtherDrive {
            path: backup.to_path_buf(),
            label: drive_label.clone().unwrap_or_default(),
        });
    }
    Ok(database)
}
