//! Looking after databases, by core's maintenance.

use std::path::{Path, PathBuf};

use videocatalog_core::catalog::backups::Backup;
use videocatalog_core::catalog::lock::{LockError, ShardLock};
use videocatalog_core::export::copy_catalogue;
use videocatalog_core::home::Home;
use videocatalog_core::human;
use videocatalog_core::maintain::{
    self, Action, MaintainError, Options, Outcome, Places, Status, Surroundings, Target,
};
use videocatalog_core::settings;

use super::CoreBackend;
use crate::backend::Trouble;
use crate::backend::databases::{DatabaseLine, Databases};
use crate::job::Running;

impl Databases for CoreBackend {
    fn databases(&self) -> Vec<DatabaseLine> {
        let home = self.home();
        targets(&home, "all")
            .unwrap_or_default()
            .into_iter()
            .map(|target| line(&target))
            .collect()
    }

    fn maintain(
        &self,
        action: Action,
        target: &str,
        running: &Running,
    ) -> Result<Vec<Outcome>, Trouble> {
        let home = self.home();
        let targets = targets(&home, target)?;
        let options = Options {
            // Who presses a button means it.
            force: action == Action::Vacuum,
            ..Options::from_settings(&home.loaded.settings)
        };
        let outcomes = with(&home, running, |outside| {
            maintain::run(action, &targets, &options, outside)
        });
        for outcome in &outcomes {
            home.log.line(&outcome.sentence());
        }
        let is = |status| outcomes.iter().any(|outcome| outcome.status == status);
        if is(Status::Done) || is(Status::Damaged) {
            let sound = (action == Action::Integrity).then_some(!is(Status::Damaged));
            let (clock, environment) = (home.clock.as_ref(), &home.environment);
            maintain::note_run(&home.workdir, environment, clock, sound)
                .map_err(|error| Trouble::new(&error, error.hint()))?;
            self.reload();
        }
        Ok(outcomes)
    }

    fn backups(&self, target: &str) -> Result<Vec<Backup>, Trouble> {
        let home = self.home();
        let target = single(&home, target)?;
        Ok(maintain::backups_of(&target, &home.workdir.backups()))
    }

    fn restore(&self, target: &str, backup: &Path, running: &Running) -> Result<String, Trouble> {
        let home = self.home();
        let target = single(&home, target)?;
        let restored = with(&home, running, |outside| {
            maintain::restore(&target, backup, false, outside)
        })?;
        let kept = restored.replaced.map_or_else(String::new, |kept| {
            format!("; what was there is kept as {}", kept.display())
        });
        let name = restored.backup.file_name().unwrap_or_default();
        let says = format!(
            "{}: restored from {}{kept}",
            restored.database,
            name.to_string_lossy()
        );
        home.log.line(&says);
        Ok(says)
    }

    fn salvage(&self, target: &str, running: &Running) -> Result<String, Trouble> {
        let home = self.home();
        let target = single(&home, target)?;
        let options = Options::from_settings(&home.loaded.settings);
        let salvaged = with(&home, running, |outside| {
            maintain::salvage(&target, true, &options, outside)
        })?;
        let says = format!(
            "{}: {} salvaged; a scan of the drive fills in what is missing",
            salvaged.database,
            human::files(salvaged.files())
        );
        home.log.line(&says);
        Ok(says)
    }

    fn catalogue(&self) -> PathBuf {
        self.home().catalog_path().to_path_buf()
    }

    fn switch(&self, catalogue: &Path) -> Result<(), Trouble> {
        let before = self.home();
        let (environment, workdir) = (before.environment.clone(), before.workdir.clone());
        let (other, _) = Home::at(environment, workdir, Some(catalogue));
        let mut notices = Vec::new();
        drop(other.catalog(&mut notices)?);
        let path = other.catalog_path().to_string_lossy().into_owned();
        let (clock, environment) = (before.clock.as_ref(), &before.environment);
        settings::set(&before.workdir, environment, clock, "catalog_db", &path)
            .map_err(|error| Trouble::new(&error, error.hint().unwrap_or_default()))?;
        self.use_catalogue(other.catalog_path());
        self.notice(notices);
        Ok(())
    }

    fn reset(&self, running: &Running) -> Result<PathBuf, Trouble> {
        let home = self.home();
        let all = targets(&home, "all")?;
        let options = Options::from_settings(&home.loaded.settings);
        let outcomes = with(&home, running, |outside| {
            maintain::run(Action::Backup, &all, &options, outside)
        });
        // A shard that stayed would bring its drive back at the next start.
        if let Some(failed) = outcomes
            .iter()
            .find(|outcome| !matches!(outcome.status, Status::Done | Status::Missing))
        {
            return Err(Trouble::new(
                format!("nothing was removed: {}", failed.sentence()),
                failed.hint.clone().unwrap_or_default(),
            ));
        }
        let mut catalog = self.writing()?;
        for drive in catalog.drives()? {
            catalog.forget(&drive.label, home.clock.now_utc())?;
        }
        home.log.line("the catalogue was reset");
        Ok(home.workdir.backups())
    }

    fn export_catalogue(&self, running: &Running) -> Result<PathBuf, Trouble> {
        // Older ones are brought up to date first, and one that is missing is no empty copy.
        drop(self.reading()?);
        let home = self.home();
        copy_catalogue(
            home.catalog_path(),
            None,
            &home.workdir.exports(),
            home.clock.as_ref(),
            &running.cancel,
        )
        .map(|copy| copy.path)
        .map_err(|error| Trouble::new(&error, error.hint()))
    }
}

fn targets(home: &Home, text: &str) -> Result<Vec<Target>, Trouble> {
    let places = Places {
        workdir: &home.workdir,
        catalog_db: home.catalog_path(),
        environment: &home.environment,
    };
    maintain::resolve(text, &places).map_err(|error| Trouble::new(&error, error.hint()))
}

fn single(home: &Home, text: &str) -> Result<Target, Trouble> {
    let mut found = targets(home, text)?;
    found.pop().ok_or_else(|| {
        Trouble::new(
            format!("`{text}` is no database to look after"),
            "look again",
        )
    })
}

fn with<T>(home: &Home, running: &Running, work: impl FnOnce(&Surroundings<'_>) -> T) -> T {
    work(&Surroundings {
        workdir: &home.workdir,
        clock: home.clock.as_ref(),
        cancel: &running.cancel,
        progress: &|database, step| running.tell(format!("{database}: {}", step.doing()), None),
    })
}

fn line(target: &Target) -> DatabaseLine {
    let size = |path: &Path| std::fs::metadata(path).map(|facts| facts.len()).ok();
    let beside = |ending: &str| {
        let mut name = target.path.clone().into_os_string();
        name.push(ending);
        size(Path::new(&name)).unwrap_or(0)
    };
    let is_shard = target.drive_label().is_some();
    let in_use = if is_shard && target.path.exists() {
        match ShardLock::acquire(&target.path, "look", String::new()) {
            Err(LockError::Held { holder, .. }) => Some(holder.operation),
            Ok(_) | Err(_) => None,
        }
    } else {
        None
    };
    DatabaseLine {
        name: target.name.clone(),
        target: target
            .drive_label()
            .map_or_else(|| "catalog".into(), |label| format!("shard:{label}")),
        path: target.path.clone(),
        bytes: size(&target.path).map(|bytes| bytes + beside("-wal") + beside("-shm")),
        in_use,
    }
}

impl From<MaintainError> for Trouble {
    fn from(error: MaintainError) -> Self {
        Self::new(&error, error.hint())
    }
}
