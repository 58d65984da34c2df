//! Looking after the databases: checking, optimising, compacting and copying them, and bringing back what was lost.
//!
//! What changes a database is done under its lock and after a checked backup, which is made once it is clear that there
//! is something to do. The catalogue counts as in use while anybody holds the lock of a shard. Databases of any layout
//! can be looked after, also where the catalogue cannot be read.

mod error;
mod locks;
mod replace;
mod restore;
mod salvage;
mod target;
mod words;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::json;

use crate::cancel::CancelToken;
use crate::catalog::backup::backup_unless;
use crate::catalog::backups::{self, Keep, Owner};
use crate::catalog::identify::identify;
use crate::catalog::integrity::{self, Integrity};
use crate::catalog::optimise::{self, Compaction};
use crate::clock::Clock;
use crate::environment::Environment;
use crate::settings::{self, SaveError, Settings};
use crate::workdir::WorkingDir;

pub use error::MaintainError;
pub use restore::{Restored, backups_of, restore};
pub use salvage::{Salvaged, salvage};
pub use target::{Places, Target, TargetError, resolve};

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Indexes and statistics anew.
    Quick,
    /// A check that only reads.
    Integrity,
    /// The same as quick, then compacting where it pays.
    Full,
    /// Compacting where it pays.
    Vacuum,
    /// A copy.
    Backup,
}

impl Action {
    /// The names of all actions.
    pub const NAMES: [&str; 5] = ["quick", "integrity", "full", "vacuum", "backup"];

    /// Returns the action of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "quick" => Self::Quick,
            "integrity" => Self::Integrity,
            "full" => Self::Full,
            "vacuum" => Self::Vacuum,
            "backup" => Self::Backup,
            _ => return None,
        })
    }

    /// Returns its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Integrity => "integrity",
            Self::Full => "full",
            Self::Vacuum => "vacuum",
            Self::Backup => "backup",
        }
    }

    /// Returns whether it writes into the database.
    pub const fn writes(self) -> bool {
        matches!(self, Self::Quick | Self::Full | Self::Vacuum)
    }

    /// What its backups are called.
    const fn purpose(self) -> &'static str {
        match self {
            Self::Backup | Self::Integrity => "manual",
            other => other.name(),
        }
    }
}

/// How it is done.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Compact whatever that frees.
    pub force: bool,
    /// Bytes that compacting must free to be worth the while.
    pub vacuum_free_bytes_min: u64,
    /// How long another writer is waited for.
    pub busy_timeout: Duration,
    /// Which backups are kept when another one was made.
    pub keep: Keep,
}

impl Options {
    /// Returns what the settings ask for.
    pub fn from_settings(settings: &Settings) -> Self {
        let maintenance = &settings.maintenance;
        Self {
            force: false,
            vacuum_free_bytes_min: maintenance.vacuum_free_bytes_min,
            busy_timeout: Duration::from_millis(maintenance.busy_timeout_ms),
            keep: Keep::from_settings(maintenance),
        }
    }
}

/// A part of the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// A copy is made and checked.
    Backup,
    /// The database is checked.
    Check,
    /// Indexes and statistics are made anew.
    Index,
    /// The database is compacted.
    Compact,
    /// A backup is brought into place.
    Restore,
    /// Rows are fetched out of a damaged database.
    Salvage,
}

/// What maintenance needs from outside.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// Where the databases and backups are.
    pub workdir: &'a WorkingDir,
    /// The time.
    pub clock: &'a dyn Clock,
    /// The user's wish to stop.
    pub cancel: &'a CancelToken,
    /// Is told the name of the database and what begins with it.
    pub progress: &'a dyn Fn(&str, Step),
}

/// How it went with one database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Done.
    Done,
    /// The check found damage.
    Damaged,
    /// It failed; the database is as it was.
    Failed,
    /// Somebody works on it.
    Refused,
    /// There is no such file.
    Missing,
    /// The user stopped it.
    Stopped,
}

/// What was done with one database.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// `Catalog`, `Shard LABEL`, or the file that was named.
    pub database: String,
    /// The file.
    pub path: PathBuf,
    /// What was to be done.
    pub action: Action,
    /// How it went.
    pub status: Status,
    /// How long it took.
    pub seconds: f64,
    /// The backup that was made.
    pub backup: Option<PathBuf>,
    /// Older backups that were removed.
    pub removed_backups: Vec<PathBuf>,
    /// Indexes that were made anew.
    pub indexes: Option<u64>,
    /// What the check found.
    pub integrity: Option<Integrity>,
    /// What compacting brought.
    pub vacuum: Option<Compaction>,
    /// Why it failed.
    pub error: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Outcome {
    fn new(target: &Target, action: Action) -> Self {
        Self {
            database: target.name.clone(),
            path: target.path.clone(),
            action,
            status: Status::Done,
            seconds: 0.0,
            backup: None,
            removed_backups: Vec::new(),
            indexes: None,
            integrity: None,
            vacuum: None,
            error: None,
            hint: None,
        }
    }

    /// Returns how many bytes smaller the database became.
    pub fn reclaimed_bytes(&self) -> u64 {
        self.vacuum.as_ref().map_or(0, Compaction::reclaimed_bytes)
    }
}

/// Does `action` with each database, whatever became of the one before, until the user stops it.
pub fn run(
    action: Action,
    targets: &[Target],
    options: &Options,
    outside: &Surroundings<'_>,
) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for target in targets {
        let began = Instant::now();
        let mut outcome = Outcome::new(target, action);
        let done = one(&mut outcome, target, options, outside);
        outcome.seconds = began.elapsed().as_secs_f64();
        if let Err(error) = done {
            outcome.status = match &error {
                _ if outside.cancel.is_cancelled() => Status::Stopped,
                MaintainError::Locked(_) => Status::Refused,
                error if error.is_missing() => Status::Missing,
                _ => Status::Failed,
            };
            outcome.error = Some(error.to_string());
            outcome.hint = Some(error.hint());
        }
        outcomes.push(outcome);
        if outside.cancel.is_cancelled() {
            break;
        }
    }
    outcomes
}

fn one(
    outcome: &mut Outcome,
    target: &Target,
    options: &Options,
    outside: &Surroundings<'_>,
) -> Result<(), MaintainError> {
    let action = outcome.action;
    if !target.path.exists() {
        return Err(MaintainError::missing(&target.path));
    }
    let _locks = locks::take(target, action.name(), action.writes(), outside.clock)?;
    match action {
        Action::Integrity => {
            (outside.progress)(&target.name, Step::Check);
            let found = integrity::check(
                &target.path,
                target.drive_uid(),
                options.busy_timeout,
                outside.cancel,
            )?;
            if !found.ok {
                outcome.status = Status::Damaged;
            }
            outcome.integrity = Some(found);
            Ok(())
        }
        Action::Backup => copy(outcome, target, options, outside),
        Action::Quick => index(outcome, target, options, outside),
        Action::Full => {
            index(outcome, target, options, outside)?;
            compact(outcome, target, options, outside)
        }
        Action::Vacuum => compact(outcome, target, options, outside),
    }
}

/// Makes the backup, once for all that is done, and lets older ones go.
fn copy(
    outcome: &mut Outcome,
    target: &Target,
    options: &Options,
    outside: &Surroundings<'_>,
) -> Result<(), MaintainError> {
    if outcome.backup.is_some() {
        return Ok(());
    }
    (outside.progress)(&target.name, Step::Backup);
    let folder = outside.workdir.backups();
    let tag = optimise::tag(outcome.action.purpose(), &target.path);
    let copy = backup_unless(&target.path, &folder, &tag, outside.clock, outside.cancel)?;
    outcome.backup = Some(copy);
    let stem = target.stem();
    let identity = identify(&target.path)?;
    let owner = Owner {
        database: identity.database(),
        drive_uid: identity.drive_uid(),
        stem: &stem,
    };
    outcome.removed_backups = backups::rotate(&folder, &owner, options.keep, outside.clock);
    Ok(())
}

fn index(
    outcome: &mut Outcome,
    target: &Target,
    options: &Options,
    outside: &Surroundings<'_>,
) -> Result<(), MaintainError> {
    copy(outcome, target, options, outside)?;
    (outside.progress)(&target.name, Step::Index);
    let connection =
        optimise::open_to_maintain(&target.path, options.busy_timeout, outside.cancel)?;
    let indexes = optimise::thorough(&connection)
        .map_err(|source| MaintainError::sqlite(&target.path, source))?;
    outcome.indexes = Some(indexes);
    Ok(())
}

fn compact(
    outcome: &mut Outcome,
    target: &Target,
    options: &Options,
    outside: &Surroundings<'_>,
) -> Result<(), MaintainError> {
    let connection =
        optimise::open_to_maintain(&target.path, options.busy_timeout, outside.cancel)?;
    let threshold = (!options.force).then_some(options.vacuum_free_bytes_min);
    let compaction = optimise::compact(&connection, &target.path, threshold, || {
        copy(outcome, target, options, outside)?;
        (outside.progress)(&target.name, Step::Compact);
        Ok::<(), MaintainError>(())
    })?;
    outcome.vacuum = Some(compaction);
    Ok(())
}

/// Writes into the settings that maintenance ran, what a check found, and the options that were not there yet.
///
/// # Errors
/// When the settings cannot be saved.
pub fn note_run(
    workdir: &WorkingDir,
    environment: &Environment,
    clock: &dyn Clock,
    integrity_ok: Option<bool>,
) -> Result<(), SaveError> {
    let now = clock.now_utc();
    settings::update(workdir, environment, clock, |document| {
        settings::put(document, "maintenance.last_run_utc", json!(now));
        if let Some(ok) = integrity_ok {
            settings::put(document, "maintenance.last_integrity_ok", json!(ok));
        }
    })
    .map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Access, Database, Journal, open};
    use crate::clock::TestClock;
    use crate::environment::Platform;

    #[test]
    fn stopping_ends_the_work_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let workdir = WorkingDir::new(folder.path());
        workdir.create_layout().unwrap();
        let catalog_db = workdir.catalog_db();
        drop(open(&catalog_db, Database::Catalog, Access::Create, Journal::Wal).unwrap());
        let environment = Environment {
            variables: std::collections::HashMap::default(),
            executable_dir: None,
            current_dir: folder.path().into(),
            platform: Platform::current(),
        };
        let targets = resolve(
            "all",
            &Places {
                workdir: &workdir,
                catalog_db: &catalog_db,
                environment: &environment,
            },
        )
        .unwrap();
        let before = std::fs::read(&catalog_db).unwrap();
        let cancel = CancelToken::new();
        cancel.cancel();
        let outside = Surroundings {
            workdir: &workdir,
            clock: &TestClock::at(0),
            cancel: &cancel,
            progress: &|_, _| {},
        };
        let options = Options {
            force: true,
            ..Options::from_settings(&Settings::default())
        };
        for name in Action::NAMES {
            let action = Action::from_name(name).unwrap();
            assert_eq!(action.name(), name);
            let outcomes = run(action, &targets, &options, &outside);
            assert_eq!(outcomes.len(), 1);
            assert_eq!(outcomes[0].status, Status::Stopped, "{:?}", outcomes[0]);
        }
        let left = std::fs::read_dir(workdir.backups()).map_or(0, Iterator::count);
        assert_eq!(left, 0);
        assert_eq!(std::fs::read(&catalog_db).unwrap(), before);
    }
}
