//! One shard of the older program becomes one of ours: in place, or as a new file beside its source.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, TransactionBehavior, named_params};

use super::super::backup::backup;
use super::super::files::remove_with_companions;
use super::super::lock::ShardLock;
use super::super::names;
use super::super::open::{Access, create_entries_index, create_shard_schema, open_unchecked};
use super::LegacyError;
use super::detect::{self, Layout, SHARD_TABLES, Source};
use super::drive_row::DriveRow;
use super::fill::Filler;
use super::labels::Rows;
use super::reroot::{Reroot, Survey};
use crate::clock::Clock;

/// What the catalogue knows of a shard's drive, which the shard itself may not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShardFacts {
    /// The drive's label.
    pub label: String,
    /// The drive's lasting id.
    pub drive_uid: String,
    /// Where the catalogue saw it mounted, as bytes; asked only where the shard says nothing that fits.
    pub mount_path: Option<Vec<u8>>,
    /// Separator of the system the drive was scanned on, if the caller knows; asked only where no path tells.
    pub separator: Option<char>,
}

/// What a conversion kept, joined and could not use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conversion {
    /// Entries, deleted ones included.
    pub files: u64,
    /// Folders, the root included.
    pub folders: u64,
    /// Rows that fell together with another one of the same table.
    pub merged_rows: u64,
    /// Hashes.
    pub hashes: u64,
    /// Media documents.
    pub media: u64,
    /// Feature vectors.
    pub features: u64,
    /// Video signatures, audio fingerprints and video hashes together.
    pub fingerprints: u64,
    /// Transcripts.
    pub transcripts: u64,
    /// Captions.
    pub captions: u64,
    /// Rows that tell of a failure and have to be made again.
    pub redo: u64,
    /// Entries that do not lie below the drive's root.
    pub outside_root: u64,
    /// Entries of which only the name is known: no file row spoke of them.
    pub known_by_name: u64,
    /// Hashes that were none.
    pub dropped_hashes: u64,
    /// Features that no reader could use.
    pub dropped_features: u64,
    /// File rows without a usable path.
    pub dropped_rows: u64,
    /// The copy that was made beforehand; `None` where the source was left as it is.
    pub backup: Option<PathBuf>,
}

/// Converts the shard at `path` where it lies, in one transaction, after a backup into `backup_folder` that is never
/// rotated away. Whenever this ends, however it ends, the file is either the older database or ours.
///
/// # Errors
/// When somebody else works on it, it cannot be backed up, or SQLite cannot write (a read-only or full disk): it is as
/// it was then, and can still be searched by path.
pub fn convert_shard(
    path: &Path,
    facts: &ShardFacts,
    backup_folder: &Path,
    clock: &dyn Clock,
) -> Result<Conversion, LegacyError> {
    convert_rows(path, facts, &Rows::All, backup_folder, clock)
}

/// The same for a shard of which only some rows are the drive's; the others are no longer in it afterwards.
pub(super) fn convert_rows(
    path: &Path,
    facts: &ShardFacts,
    rows: &Rows,
    backup_folder: &Path,
    clock: &dyn Clock,
) -> Result<Conversion, LegacyError> {
    let _lock = ShardLock::acquire(path, "convert", clock.now_utc())?;
    let mut connection = open_unchecked(path, Access::Write)?;
    convert_open(&mut connection, path, facts, rows, backup_folder, clock)
}

/// Converts the shard that `connection` has open.
pub(super) fn convert_open(
    connection: &mut Connection,
    path: &Path,
    facts: &ShardFacts,
    rows: &Rows,
    backup_folder: &Path,
    clock: &dyn Clock,
) -> Result<Conversion, LegacyError> {
    in_place(connection, path, backup_folder, clock, |connection| {
        detect::set_aside(connection, &SHARD_TABLES)?;
        create_shard_schema(connection)?;
        let conversion = fill(connection, Source::aside(connection), facts, rows, clock)?;
        detect::drop_aside(connection, &SHARD_TABLES)?;
        Ok(conversion)
    })
}

/// Runs a conversion in one transaction that begins before the backup, so that nobody writes in between. A backup of a
/// conversion that failed is removed: the database itself is as it was.
pub(super) fn in_place(
    connection: &mut Connection,
    path: &Path,
    backup_folder: &Path,
    clock: &dyn Clock,
    convert: impl FnOnce(&Connection) -> rusqlite::Result<Conversion>,
) -> Result<Conversion, LegacyError> {
    let failed = |source| LegacyError::Convert {
        path: path.to_path_buf(),
        source,
    };
    // Views that people made over the old tables speak of ours afterwards.
    connection
        .pragma_update(None, "legacy_alter_table", true)
        .map_err(failed)?;
    connection
        .pragma_update(None, "cache_size", -65_536)
        .map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(64);
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    if detect::layout(&transaction).map_err(failed)? != Layout::Legacy {
        return Err(LegacyError::NotLegacy {
            path: path.to_path_buf(),
        });
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let copy =
        backup(path, backup_folder, &format!("premigration_{stem}"), clock).map_err(|source| {
            LegacyError::Backup {
                path: path.to_path_buf(),
                source,
            }
        })?;
    let converted = convert(&transaction).and_then(|conversion| {
        transaction.commit()?;
        Ok(conversion)
    });
    match converted {
        Ok(conversion) => Ok(Conversion {
            backup: Some(copy),
            ..conversion
        }),
        Err(source) => {
            let _spare = fs_err::remove_file(&copy);
            Err(failed(source))
        }
    }
}

/// Makes a new shard at `path` from the rows of a database that is only read. The file appears whole or not at all.
pub(super) fn create_shard(
    path: &Path,
    source: Source<'_>,
    facts: &ShardFacts,
    rows: &Rows,
    clock: &dyn Clock,
) -> Result<Conversion, LegacyError> {
    let io = |path: &Path| {
        let path = path.to_path_buf();
        move |source| LegacyError::Io { path, source }
    };
    if let Some(folder) = path.parent() {
        fs_err::create_dir_all(folder).map_err(io(folder))?;
    }
    let _lock = ShardLock::acquire(path, "convert", clock.now_utc())?;
    let part = path.with_extension("db.part");
    remove_with_companions(&part).map_err(io(&part))?;
    let made = create_part(&part, source, facts, rows, clock).map_err(|error| match error {
        LegacyError::Convert { source, .. } => LegacyError::Convert {
            path: path.to_path_buf(),
            source,
        },
        other => other,
    });
    if made.is_err() {
        // It may be what filled the disk.
        let _leftover = remove_with_companions(&part);
    } else if path.exists() {
        return Err(io(path)(std::io::ErrorKind::AlreadyExists.into()));
    } else {
        fs_err::rename(&part, path).map_err(io(path))?;
    }
    made
}

fn create_part(
    part: &Path,
    source: Source<'_>,
    facts: &ShardFacts,
    rows: &Rows,
    clock: &dyn Clock,
) -> Result<Conversion, LegacyError> {
    let mut connection = open_unchecked(part, Access::Create)?;
    connection.set_prepared_statement_cache_capacity(64);
    let mut make = || {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        create_shard_schema(&transaction)?;
        let conversion = fill(&transaction, source, facts, rows, clock)?;
        transaction.commit()?;
        Ok(conversion)
    };
    make().map_err(|source| LegacyError::Convert {
        path: part.to_path_buf(),
        source,
    })
}

/// Fills a shard's empty schema inside the caller's transaction.
fn fill(
    target: &Connection,
    source: Source<'_>,
    facts: &ShardFacts,
    rows: &Rows,
    clock: &dyn Clock,
) -> rusqlite::Result<Conversion> {
    // Rows of one path find each other by it.
    create_entries_index(target)?;
    let drive = DriveRow::of(&source, &facts.label)?;
    let reroot = survey(&source, &drive, facts, rows)?;
    let mut filler = Filler::new(target, source, rows, &reroot)?;
    filler.take_files()?;
    filler.take_enrichments(&clock.now_utc())?;
    let profile = filler.profile().map(str::to_owned);
    let Filler {
        changes, counts, ..
    } = filler;
    let last_change = changes.settle(target, clock)?;
    // Everything of which size or time is not known has to be looked at again.
    target.execute(
        "INSERT INTO media(file_id, to_redo) SELECT id, 1 FROM entries WHERE size_bytes IS NULL OR mtime_us IS NULL
         ON CONFLICT(file_id) DO UPDATE SET to_redo = 1",
        [],
    )?;
    target.execute(
        "INSERT INTO root(id, drive_uid, drive_label, mount_path, separator, profile, total_bytes, free_bytes,
                          smart_scan, scanned_at, legacy_names, change_id)
         VALUES(1, :uid, :label, :mount, :separator, :profile, :total, :free, :smart, :scanned, 1, :change)",
        named_params! {
            ":uid": facts.drive_uid,
            ":label": facts.label,
            ":mount": names::to_sql(&reroot.mount_path()),
            ":separator": reroot.separator().to_string(),
            ":profile": profile,
            ":total": drive.total_bytes,
            ":free": drive.free_bytes,
            ":smart": drive.smart_scan,
            ":scanned": drive.scanned_at,
            ":change": last_change,
        },
    )?;
    target.execute_batch("DROP TABLE temp.composed")?;
    count(target, counts)
}

fn survey(
    source: &Source<'_>,
    drive: &DriveRow,
    facts: &ShardFacts,
    rows: &Rows,
) -> rusqlite::Result<Reroot> {
    let mounts = [drive.mount_path.as_deref(), facts.mount_path.as_deref()];
    let mut survey = Survey::new(mounts.into_iter().flatten(), facts.separator);
    for table in ["files", "inventory"] {
        let Some(sql) = source.select(table, &["path", "drive_label"], "")? else {
            continue;
        };
        let mut select = source.connection.prepare(&sql)?;
        let mut found = select.query([])?;
        while let Some(row) = found.next()? {
            if rows.take(super::rows::text(row, 1)?.as_deref())
                && let Some(path) = super::rows::bytes(row, 0)?
            {
                survey.see(&path);
            }
        }
    }
    Ok(survey.decide())
}

fn count(target: &Connection, counts: Conversion) -> rusqlite::Result<Conversion> {
    let rows = |what: &str| -> rusqlite::Result<u64> {
        let count: i64 = target.query_row(&format!("SELECT count(*) FROM {what}"), [], |row| {
            row.get(0)
        })?;
        Ok(count.unsigned_abs())
    };
    Ok(Conversion {
        files: rows("entries")?,
        folders: rows("folders")?,
        hashes: rows("hashes")?,
        media: rows("media WHERE media_json IS NOT NULL")?,
        features: rows("feature_vectors")?,
        fingerprints: rows("video_signatures")?
            + rows("audio_fingerprints")?
            + rows("video_hashes")?,
        transcripts: rows("transcript_texts")?,
        captions: rows("caption_texts")?,
        redo: counts.redo + rows("media WHERE to_redo")?,
        ..counts
    })
}
