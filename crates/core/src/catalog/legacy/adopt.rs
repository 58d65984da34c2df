//! Everything that older programs left in a working directory becomes part of the catalogue, once.
//!
//! Runs whenever the catalogue is opened for writing. What was taken over before is told by the catalogue alone or by
//! the first bytes of a file; a run that finds nothing new writes nothing.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, params};

use super::super::drives::{self, Drive};
use super::super::open::{
    APPLICATION_ID, Access, Database, Journal, is_damage, open, open_unchecked,
};
use super::super::shard;
use super::catalogue::{Repeated, link_history, merge};
use super::claim::{by_file, by_uid, claim, fill_from_shard, plan};
use super::convert::{Conversion, DriveRow, Rows, ShardFacts, convert_rows, create_shard};
use super::detect::{self, CATALOG_TABLES, Layout, SHARD_TABLES, Source};
use super::labels::{labels_of, shares};
use super::{LegacyError, OpenError};
use crate::clock::Clock;
use crate::workdir::WorkingDir;

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

struct Run<'a> {
    workdir: &'a WorkingDir,
    catalog: &'a Connection,
    clock: &'a dyn Clock,
    notices: &'a mut Vec<String>,
    adoption: Adoption,
    own: PathBuf,
}

/// A shard that is not the catalogue's yet, or not in our form.
struct Found {
    file: String,
    path: PathBuf,
    /// Labels of its rows; `None`: it is ours.
    labels: Option<Vec<String>>,
}

/// A database beside the catalogue.
struct Other {
    /// Relative to the working directory.
    name: String,
    path: PathBuf,
    signature: String,
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

    // Other catalogues.

    fn merge_others(&mut self) -> Result<Vec<Other>, LegacyError> {
        let mut merged = Vec::new();
        for (folder, prefix) in [
            (self.workdir.root().to_path_buf(), ""),
            (self.workdir.data(), "data/"),
        ] {
            for path in databases(&folder)? {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                if name == "semantic_index.db" || is_same_file(&path, &self.own) {
                    continue;
                }
                let other = Other {
                    name: format!("{prefix}{name}"),
                    signature: signature(&path),
                    path,
                };
                if self.merge_other(&other)? {
                    merged.push(other);
                }
            }
        }
        Ok(merged)
    }

    fn merge_other(&mut self, other: &Other) -> Result<bool, LegacyError> {
        let known: Option<String> = self
            .catalog
            .prepare_cached("SELECT signature FROM merged_databases WHERE path = ?1")
            .and_then(|mut select| select.query_row([&other.name], |row| row.get(0)).optional())
            .map_err(|source| self.failed(source))?;
        if known.as_ref() == Some(&other.signature) || header_says_ours(&other.path) {
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
    fn take_rows_of(&mut self, other: &Other) -> Result<(), LegacyError> {
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
    fn take_rows_set_aside(&mut self) -> Result<(), LegacyError> {
        let aside = Source::aside(self.catalog);
        let holds = |table| aside.has(table).map_err(|source| self.failed(source));
        if !holds("files")? && !holds("inventory")? {
            return Ok(());
        }
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

    // Shards.

    fn take_shards(&mut self) -> Result<(), LegacyError> {
        let mut found = Vec::new();
        for (folder, prefix) in [
            (self.workdir.shards(), "data/shards/"),
            (self.workdir.root().join("shards"), "shards/"),
        ] {
            for path in databases(&folder)? {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let file = format!("{prefix}{name}");
                found.extend(self.look_at(file, path)?);
            }
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
    use std::io::Read;
    let mut header = [0; 72];
    let read = fs_err::File::open(path).and_then(|mut file| file.read_exact(&mut header));
    read.is_ok()
        && header.starts_with(b"SQLite format 3\0")
        && header.ends_with(&APPLICATION_ID.to_be_bytes())
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
