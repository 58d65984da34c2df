//! Shards that the catalogue does not know, or that are not in our form.

use std::path::PathBuf;

use super::super::super::drives::{self, Drive};
use super::super::super::open::{Access, Database, Journal, open, open_unchecked};
use super::super::super::shard;
use super::super::claim::{by_file, by_uid, claim, fill_from_shard};
use super::super::convert::convert_rows;
use super::super::detect::{self, Layout, Source};
use super::super::drive_row::DriveRow;
use super::super::labels::{labels_of, shares};
use super::super::{LegacyError, OpenError};
use super::{Run, databases, facts, header_says_ours, stem_of};
use crate::workdir::WorkingDir;

/// A shard that is not the catalogue's yet, or not in our form.
struct Found {
    file: String,
    path: PathBuf,
    /// Labels of its rows; `None`: it is ours.
    labels: Option<Vec<String>>,
}

/// Returns every database in the folders of shards, with the name that a drive has it under.
pub(super) fn in_folders(workdir: &WorkingDir) -> Result<Vec<(String, PathBuf)>, LegacyError> {
    let mut files = Vec::new();
    for (folder, prefix) in [
        (workdir.shards(), "data/shards/"),
        (workdir.root().join("shards"), "shards/"),
    ] {
        for path in databases(&folder)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            files.push((format!("{prefix}{name}"), path));
        }
    }
    Ok(files)
}

impl Run<'_> {
    pub(super) fn take_shards(&mut self) -> Result<(), LegacyError> {
        let mut found = Vec::new();
        for (file, path) in in_folders(self.workdir)? {
            found.extend(self.look_at(file, path)?);
        }
        for shard in &found {
            match &shard.labels {
                Some(labels) => self.take_legacy(shard, labels, &found)?,
                None => self.register(shard)?,
            }
        }
        Ok(())
    }

    /// Returns a shard that there is something to do about.
    fn look_at(&mut self, file: String, path: PathBuf) -> Result<Option<Found>, LegacyError> {
        let claimed = by_file(self.catalog, &file).map_err(|source| self.failed(source))?;
        if claimed.is_some() && header_says_ours(&path) {
            return Ok(None);
        }
        let labels = self.drive_labels(claimed.as_ref())?;
        let look = || -> Result<_, OpenError> {
            let connection = open_unchecked(&path, Access::Read)?;
            let sqlite = |source| OpenError::Sqlite {
                path: path.clone(),
                source,
            };
            Ok(match detect::layout(&connection).map_err(sqlite)? {
                Layout::Ours(Database::Shard) => Some(None),
                Layout::Legacy => Some(Some(
                    labels_of(&Source::of(&connection), &stem_of(&path), &labels)
                        .map_err(sqlite)?,
                )),
                Layout::Ours(Database::Catalog) | Layout::Empty | Layout::Foreign => None,
            })
        };
        match look() {
            Ok(None) => Ok(None),
            Ok(Some(None)) if claimed.is_some() => Ok(None),
            Ok(Some(labels)) => Ok(Some(Found { file, path, labels })),
            Err(error) => {
                self.refuse(&path, &error);
                Ok(None)
            }
        }
    }

    /// Returns the labels of the catalogue, that of `first` in front.
    fn drive_labels(&self, first: Option<&Drive>) -> Result<Vec<String>, LegacyError> {
        let all = drives::list(self.catalog).map_err(|source| self.failed(source))?;
        Ok(first
            .cloned()
            .into_iter()
            .chain(all)
            .map(|drive| drive.label)
            .collect())
    }

    fn take_legacy(
        &mut self,
        shard: &Found,
        labels: &[String],
        found: &[Found],
    ) -> Result<(), LegacyError> {
        let is_whose = |drive: &Drive| {
            let says_otherwise = found.iter().any(|other| {
                other.file == drive.shard_file
                    && other
                        .labels
                        .as_ref()
                        .is_some_and(|labels| !labels.contains(&drive.label))
            });
            !says_otherwise && self.workdir.root().join(&drive.shard_file).exists()
        };
        let connection = match open_unchecked(&shard.path, Access::Read) {
            Ok(connection) => connection,
            Err(error) => {
                self.refuse(&shard.path, &error);
                return Ok(());
            }
        };
        let source = Source::of(&connection);
        let shares = shares(labels);
        let Some(((label, rows), others)) = shares.split_first() else {
            return Ok(());
        };
        let row = match DriveRow::of(&source, label) {
            Ok(row) => row,
            Err(error) => {
                self.refuse(&shard.path, &error);
                return Ok(());
            }
        };
        let drive = claim(
            self.catalog,
            self.workdir,
            label,
            &shard.file,
            &row,
            None,
            &is_whose,
        )
        .map_err(|source| self.failed(source))?;
        if drive.label != *label {
            self.notices.push(format!(
                "`{}` is another shard of `{label}`; it became the drive `{}`",
                shard.path.display(),
                drive.label
            ));
        }
        // The rows of the other drives are theirs before they leave this file.
        for (label, rows) in others {
            let known = drives::find(self.catalog, label).map_err(|source| self.failed(source))?;
            let is_made =
                known.is_some_and(|drive| self.workdir.root().join(&drive.shard_file).exists());
            if !is_made && !self.make_shard(source, label, rows, &shard.path)? {
                return Ok(());
            }
        }
        drop(connection);
        let backups = self.workdir.backups();
        let converted = convert_rows(&shard.path, &facts(&drive), rows, &backups, self.clock);
        self.settle(&drive, shard.path.clone(), converted)
            .map(|_| ())
    }

    /// Enters a shard of ours that was copied in from elsewhere, or whose file was renamed.
    fn register(&mut self, shard: &Found) -> Result<(), LegacyError> {
        let root = open(&shard.path, Database::Shard, Access::Read, Journal::Wal)
            .map_err(|error| error.to_string())
            .and_then(|connection| {
                let root = shard::root(&connection).map_err(|error| error.to_string())?;
                let row = DriveRow::of_ours(&connection).map_err(|error| error.to_string())?;
                Ok(root.zip(row))
            });
        let (root, row) = match root {
            Ok(Some(both)) => both,
            // A scan that was stopped before it began.
            Ok(None) => return Ok(()),
            Err(reason) => {
                self.refuse(&shard.path, &reason);
                return Ok(());
            }
        };
        let exists = |drive: &Drive| self.workdir.root().join(&drive.shard_file).exists();
        let known = by_uid(self.catalog, &root.drive_uid).map_err(|source| self.failed(source))?;
        let label = match &known {
            Some(drive) if exists(drive) => {
                let reason = format!("it is a copy of the shard of `{}`", drive.label);
                self.refuse(&shard.path, &reason);
                return Ok(());
            }
            Some(drive) => drive.label.clone(),
            None => root.drive_label,
        };
        let drive = claim(
            self.catalog,
            self.workdir,
            &label,
            &shard.file,
            &row,
            Some(&root.drive_uid),
            &exists,
        )
        .map_err(|source| self.failed(source))?;
        fill_from_shard(self.catalog, self.workdir, &drive)
            .map_err(|source| self.failed(source))?;
        self.notices.push(format!(
            "`{}` was entered as the drive `{}`",
            shard.path.display(),
            drive.label
        ));
        self.adoption.registered.push(drive.label);
        Ok(())
    }
}
