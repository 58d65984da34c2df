//! Other catalogues beside ours: their drives and history are merged, and files that one of the earliest kind holds
//! itself become shards.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, params};

use super::super::super::drives;
use super::super::super::open::{Access, is_damage, open_unchecked};
use super::super::LegacyError;
use super::super::catalogue::{Repeated, merge};
use super::super::detect::{self, CATALOG_TABLES, Layout, SHARD_TABLES, Source};
use super::super::labels::{labels_of, shares};
use super::{Run, databases, header_says_ours, stem_of};
use crate::workdir::WorkingDir;

/// A database beside the catalogue.
pub(super) struct Other {
    /// Relative to the working directory.
    name: String,
    path: PathBuf,
    signature: String,
}

impl Other {
    /// Returns whether it is one of ours, or was merged as it is now.
    pub(super) fn is_known(&self, catalog: &Connection) -> rusqlite::Result<bool> {
        let known: Option<String> = catalog
            .prepare_cached("SELECT signature FROM merged_databases WHERE path = ?1")?
            .query_row([&self.name], |row| row.get(0))
            .optional()?;
        Ok(known.as_ref() == Some(&self.signature) || header_says_ours(&self.path))
    }
}

/// Returns the databases where older programs kept catalogues, but for ours, which is `own`.
pub(super) fn beside(workdir: &WorkingDir, own: &Path) -> Result<Vec<Other>, LegacyError> {
    let mut others = Vec::new();
    for (folder, prefix) in [
        (workdir.root().to_path_buf(), ""),
        (workdir.data(), "data/"),
    ] {
        for path in databases(&folder)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name == "semantic_index.db" || is_same_file(&path, own) {
                continue;
            }
            others.push(Other {
                name: format!("{prefix}{name}"),
                signature: signature(&path),
                path,
            });
        }
    }
    Ok(others)
}

/// Returns whether the catalogue holds files of its own from before it was converted.
pub(super) fn is_any_aside(catalog: &Connection) -> rusqlite::Result<bool> {
    let aside = Source::aside(catalog);
    Ok(aside.has("files")? || aside.has("inventory")?)
}

impl Run<'_> {
    pub(super) fn merge_others(&mut self) -> Result<Vec<Other>, LegacyError> {
        let mut merged = Vec::new();
        for other in beside(self.workdir, &self.own)? {
            if self.merge_other(&other)? {
                merged.push(other);
            }
        }
        Ok(merged)
    }

    fn merge_other(&mut self, other: &Other) -> Result<bool, LegacyError> {
        let is_known = other.is_known(self.catalog);
        if is_known.map_err(|source| self.failed(source))? {
            return Ok(false);
        }
        let connection = match open_unchecked(&other.path, Access::Read) {
            Ok(connection) => connection,
            Err(error) => {
                self.refuse(&other.path, &error);
                return Ok(false);
            }
        };
        let source = Source::of(&connection);
        let attempt = || -> rusqlite::Result<bool> {
            if detect::layout(&connection)? != Layout::Legacy {
                return Ok(false);
            }
            let mut has_any = false;
            for table in CATALOG_TABLES {
                has_any |= source.has(table)?;
            }
            if has_any {
                let transaction = self.catalog.unchecked_transaction()?;
                merge(&transaction, &source, self.workdir, Repeated::Left)?;
                transaction.commit()?;
            }
            Ok(has_any)
        };
        match attempt() {
            Ok(true) => {
                self.adoption.merged.push(other.path.clone());
                Ok(true)
            }
            Ok(false) => Ok(false),
            Err(source) if is_damage(&source) => {
                self.refuse(&other.path, &source);
                Ok(false)
            }
            Err(source) => Err(self.failed(source)),
        }
    }

    /// Makes shards of the files that a catalogue of the earliest kind holds itself, then remembers that it was taken.
    pub(super) fn take_rows_of(&mut self, other: &Other) -> Result<(), LegacyError> {
        let connection = match open_unchecked(&other.path, Access::Read) {
            Ok(connection) => connection,
            Err(error) => {
                self.refuse(&other.path, &error);
                return Ok(());
            }
        };
        let stem = stem_of(&other.path);
        if self.take_rows(Source::of(&connection), &stem, &other.path)? {
            self.catalog
                .execute(
                    "INSERT OR REPLACE INTO merged_databases(path, signature, merged_utc) VALUES(?1, ?2, ?3)",
                    params![other.name, other.signature, self.clock.now_utc()],
                )
                .map_err(|source| self.failed(source))?;
        }
        Ok(())
    }

    /// The same for files that the catalogue itself held before it was converted; their tables go when they are taken.
    pub(super) fn take_rows_set_aside(&mut self) -> Result<(), LegacyError> {
        if !is_any_aside(self.catalog).map_err(|source| self.failed(source))? {
            return Ok(());
        }
        let aside = Source::aside(self.catalog);
        let own = self.own.clone();
        if self.take_rows(aside, &stem_of(&own), &own)? {
            let transaction = self
                .catalog
                .unchecked_transaction()
                .map_err(|source| self.failed(source))?;
            detect::drop_aside(&transaction, &SHARD_TABLES)
                .and_then(|()| transaction.commit())
                .map_err(|source| self.failed(source))?;
        }
        Ok(())
    }

    /// Returns whether all rows found their shard, or one that is newer.
    fn take_rows(
        &mut self,
        source: Source<'_>,
        stem: &str,
        path: &Path,
    ) -> Result<bool, LegacyError> {
        let shares = (|| {
            if !source.has_rows("files")? && !source.has_rows("inventory")? {
                return Ok(Vec::new());
            }
            labels_of(&source, stem, &[]).map(|labels| shares(&labels))
        })();
        let shares = match shares {
            Ok(shares) => shares,
            Err(error) => {
                self.refuse(path, &error);
                return Ok(false);
            }
        };
        let mut all = true;
        for (label, rows) in shares {
            let drive = drives::find(self.catalog, &label).map_err(|source| self.failed(source))?;
            if let Some(drive) = drive
                && self.workdir.root().join(&drive.shard_file).exists()
            {
                self.notices.push(format!(
                    "the files of `{label}` in `{}` were not taken over: the drive has a newer shard, `{}`",
                    path.display(),
                    drive.shard_file
                ));
                continue;
            }
            all &= self.make_shard(source, &label, &rows, path)?;
        }
        Ok(all)
    }
}

fn is_same_file(a: &Path, b: &Path) -> bool {
    match (fs_err::canonicalize(a), fs_err::canonicalize(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => a == b,
    }
}

/// Returns size and time of change of a database and of its log, by which another version of it is told.
fn signature(path: &Path) -> String {
    let of = |path: &Path| {
        let metadata = fs_err::metadata(path).ok()?;
        let changed = metadata.modified().map_or(0, crate::clock::system_time_us);
        (metadata.len() > 0).then(|| format!("{}:{changed}", metadata.len()))
    };
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    [of(path), of(log.as_ref())]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("+")
}
