//! Everything that older programs left in a working directory becomes part of the catalogue, once.
//!
//! Runs whenever the catalogue is opened for writing. What was taken over before is told by the catalogue alone or by
//! the first bytes of a file; a run that finds nothing new writes nothing.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::super::drives::{self, Drive};
use super::super::open::APPLICATION_ID;
use super::super::peek::peek;
use super::LegacyError;
use super::catalogue::link_history;
use super::claim::{by_file, claim, fill_from_shard, plan};
use super::convert::{Conversion, ShardFacts, create_shard};
use super::detect::Source;
use super::drive_row::DriveRow;
use super::labels::Rows;
use crate::clock::Clock;
use crate::workdir::WorkingDir;

mod others;
mod shards;

/// What was taken over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Adoption {
    /// Databases whose drives, jobs or statistics came into the catalogue.
    pub merged: Vec<PathBuf>,
    /// Shards that were converted or made, with their drives' labels.
    pub converted: Vec<(String, PathBuf, Conversion)>,
    /// Labels of drives whose shards were there and ours, but not in the catalogue.
    pub registered: Vec<String>,
    /// Files that could not be taken over, each told of in a notice; they are tried again next time.
    pub failed: Vec<PathBuf>,
}

/// Takes over what older programs left in `workdir`: rows of other catalogues are merged into `catalog` and those
/// databases left untouched; shards are converted where they lie and get a drive. What could not be taken over is told
/// in `notices`, one sentence each.
///
/// # Errors
/// When the catalogue itself cannot be read or written, or a folder not be listed.
pub fn adopt(
    workdir: &WorkingDir,
    catalog: &Connection,
    clock: &dyn Clock,
    notices: &mut Vec<String>,
) -> Result<Adoption, LegacyError> {
    let mut run = Run {
        workdir,
        catalog,
        clock,
        notices,
        adoption: Adoption::default(),
        own: catalog.path().map(PathBuf::from).unwrap_or_default(),
    };
    let merged = run.merge_others()?;
    run.take_shards()?;
    for other in &merged {
        run.take_rows_of(other)?;
    }
    run.take_rows_set_aside()?;
    if run.adoption != Adoption::default() {
        link_history(catalog).map_err(|source| run.failed(source))?;
    }
    Ok(run.adoption)
}

/// Returns whether [`adopt`] would find nothing new; writes nothing.
///
/// # Errors
/// When the catalogue cannot be read, or a folder not be listed.
pub fn is_all_adopted(workdir: &WorkingDir, catalog: &Connection) -> Result<bool, LegacyError> {
    let own = catalog.path().map(PathBuf::from).unwrap_or_default();
    let failed = |source| LegacyError::Catalogue {
        path: own.clone(),
        source,
    };
    for other in others::beside(workdir, &own)? {
        if !other.is_known(catalog).map_err(failed)? {
            return Ok(false);
        }
    }
    for (file, path) in shards::in_folders(workdir)? {
        if by_file(catalog, &file).map_err(failed)?.is_none() || !header_says_ours(&path) {
            return Ok(false);
        }
    }
    Ok(!others::is_any_aside(catalog).map_err(failed)?)
}

struct Run<'a> {
    workdir: &'a WorkingDir,
    catalog: &'a Connection,
    clock: &'a dyn Clock,
    notices: &'a mut Vec<String>,
    adoption: Adoption,
    own: PathBuf,
}

impl Run<'_> {
    fn failed(&self, source: rusqlite::Error) -> LegacyError {
        LegacyError::Catalogue {
            path: self.own.clone(),
            source,
        }
    }

    fn refuse(&mut self, path: &Path, reason: &dyn std::fmt::Display) {
        self.notices
            .push(format!("`{}` was left as it is: {reason}", path.display()));
        self.adoption.failed.push(path.to_path_buf());
    }

    /// Makes a shard of its own for `label` from rows of `source`; the drive is entered first, so that an interrupted run
    /// goes on under the same id.
    fn make_shard(
        &mut self,
        source: Source<'_>,
        label: &str,
        rows: &Rows,
        path: &Path,
    ) -> Result<bool, LegacyError> {
        let row = match DriveRow::of(&source, label) {
            Ok(row) => row,
            Err(error) => {
                self.refuse(path, &error);
                return Ok(false);
            }
        };
        let drive = (|| {
            let file = match drives::find(self.catalog, label)? {
                Some(drive) => drive.shard_file,
                None => plan(self.catalog, self.workdir, label)?,
            };
            claim(
                self.catalog,
                self.workdir,
                label,
                &file,
                &row,
                None,
                &|_| false,
            )
        })()
        .map_err(|source| self.failed(source))?;
        let target = self.workdir.root().join(&drive.shard_file);
        let made = create_shard(&target, source, &facts(&drive), rows, self.clock);
        self.settle(&drive, target, made)
    }

    /// Notes how a conversion ended; only the catalogue's own failures end the run.
    fn settle(
        &mut self,
        drive: &Drive,
        path: PathBuf,
        result: Result<Conversion, LegacyError>,
    ) -> Result<bool, LegacyError> {
        match result {
            Ok(conversion) => {
                fill_from_shard(self.catalog, self.workdir, drive)
                    .map_err(|source| self.failed(source))?;
                self.notices.push(format!(
                    "`{}` was taken over as the drive `{}`: {} files{}",
                    path.display(),
                    drive.label,
                    conversion.files,
                    match &conversion.backup {
                        Some(copy) =>
                            format!("; the older database is kept as `{}`", copy.display()),
                        None => String::new(),
                    }
                ));
                self.adoption
                    .converted
                    .push((drive.label.clone(), path, conversion));
                Ok(true)
            }
            // Another process was quicker.
            Err(LegacyError::NotLegacy { .. }) => Ok(true),
            Err(error) => {
                self.refuse(&path, &format!("{error} ({})", error.hint()));
                Ok(false)
            }
        }
    }
}

fn facts(drive: &Drive) -> ShardFacts {
    ShardFacts {
        label: drive.label.clone(),
        drive_uid: drive.drive_uid.clone(),
        mount_path: Some(drive.mount_bytes.clone()).filter(|mount| !mount.is_empty()),
        separator: None,
    }
}

fn stem_of(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Returns the databases in a folder, by name; none if there is no such folder.
fn databases(folder: &Path) -> Result<Vec<PathBuf>, LegacyError> {
    let failed = |source| LegacyError::Io {
        path: folder.to_path_buf(),
        source,
    };
    let entries = match fs_err::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        let is_database = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("db"));
        if is_database && path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Returns whether the first bytes of a file say that it is ours; where they do not, it may be all the same, because
/// what was written last can still be in its log.
fn header_says_ours(path: &Path) -> bool {
    let mut header = [0; 72];
    peek(path, 0, &mut header).is_ok()
        && header.starts_with(b"SQLite format 3\0")
        && header.ends_with(&APPLICATION_ID.to_be_bytes())
}
