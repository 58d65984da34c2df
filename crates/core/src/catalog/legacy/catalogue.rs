//! Catalogues of the older program: drives, jobs and inventory statistics, in whichever columns they had.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

use super::super::lock::ShardLock;
use super::super::names;
use super::super::open::{Access, Journal, OpenError, create_catalog_schema, open_unchecked};
use super::claim::plan;
use super::convert::{Conversion, in_place};
use super::detect::{self, CATALOG_TABLES, Layout, SHARD_TABLES, Source};
use super::{LegacyError, rows};
use crate::clock::Clock;
use crate::workdir::WorkingDir;

/// Converts the catalogue at `path` if it is the older program's; does nothing where there is none, or it is ours.
///
/// # Errors
/// When it is the older program's and cannot be converted: it is as it was then.
pub fn prepare_catalog(
    path: &Path,
    workdir: &WorkingDir,
    _journal: Journal,
    clock: &dyn Clock,
    notices: &mut Vec<String>,
) -> Result<(), LegacyError> {
    if !path.exists() {
        return Ok(());
    }
    let layout = {
        let connection = open_unchecked(path, Access::Read)?;
        detect::layout(&connection).map_err(|source| OpenError::Sqlite {
            path: path.to_path_buf(),
            source,
        })?
    };
    if layout != Layout::Legacy {
        return Ok(());
    }
    let conversion = convert_catalog(path, workdir, clock)?;
    if let Some(copy) = conversion.backup {
        notices.push(format!(
            "`{}` was brought into the present form; the older one is kept as `{}`",
            path.display(),
            copy.display()
        ));
    }
    Ok(())
}

/// Converts the catalogue at `path` where it lies, in one transaction, after a backup. Files that the earliest builds
/// kept in it stay in tables of their own until [`adopt`](fn@super::adopt) has made shards of them.
///
/// # Errors
/// When somebody else works on it, it cannot be backed up or written: it is as it was then.
pub fn convert_catalog(
    path: &Path,
    workdir: &WorkingDir,
    clock: &dyn Clock,
) -> Result<Conversion, LegacyError> {
    let _lock = ShardLock::acquire(path, "convert", clock.now_utc())?;
    let mut connection = open_unchecked(path, Access::Write)?;
    let backups = workdir.backups();
    in_place(&mut connection, path, &backups, clock, |catalog| {
        let mut tables: Vec<&str> = SHARD_TABLES.into();
        tables.extend(CATALOG_TABLES.iter().filter(|table| **table != "drives"));
        detect::set_aside(catalog, &tables)?;
        detect::drop_indexes_aside(catalog, &tables)?;
        create_catalog_schema(catalog)?;
        let older = Source::aside(catalog);
        merge(catalog, &older, workdir, Repeated::Kept)?;
        if older.has_rows("files")? || older.has_rows("inventory")? {
            // `drives` says where they were mounted.
            detect::drop_aside(catalog, &["jobs", "inventory_stats"])?;
        } else {
            detect::drop_aside(catalog, &tables)?;
        }
        Ok(Conversion::default())
    })
}

/// What becomes of a job or statistic that is there already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeated {
    /// It is another one.
    Kept,
    /// It came from the same database before.
    Left,
}

/// Takes the drives, jobs and statistics of `source` into the catalogue, inside the caller's transaction.
pub(super) fn merge(
    catalog: &Connection,
    source: &Source<'_>,
    workdir: &WorkingDir,
    repeated: Repeated,
) -> rusqlite::Result<()> {
    merge_drives(catalog, source, workdir)?;
    merge_jobs(catalog, source, repeated)?;
    merge_statistics(catalog, source, repeated)?;
    link_history(catalog)
}

/// Jobs and statistics name a drive by its label; from here on by its lasting id as well.
pub(super) fn link_history(catalog: &Connection) -> rusqlite::Result<()> {
    for table in ["jobs", "inventory_stats"] {
        catalog.execute(
            &format!(
                "UPDATE {table} SET drive_uid = (SELECT d.drive_uid FROM drives d WHERE d.label = drive_label)
                  WHERE drive_uid IS NULL AND drive_label IN (SELECT label FROM drives)"
            ),
            [],
        )?;
    }
    Ok(())
}

fn each(
    source: &Source<'_>,
    table: &str,
    columns: &[&str],
    order: &str,
    mut take: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    if let Some(sql) = source.select(table, columns, order)? {
        let mut select = source.connection.prepare(&sql)?;
        let mut found = select.query([])?;
        while let Some(row) = found.next()? {
            take(row)?;
        }
    }
    Ok(())
}

fn merge_drives(
    catalog: &Connection,
    source: &Source<'_>,
    workdir: &WorkingDir,
) -> rusqlite::Result<()> {
    let columns = [
        "label",
        "id",
        "mount_path",
        "fs_format",
        "total_bytes",
        "free_bytes",
        "smart_scan",
        "scanned_at",
        "drive_type",
        "notes",
        "scan_mode",
        "serial",
        "model",
    ];
    // The newest row of a label comes first: it stays, the others fill what it leaves open.
    let order = if detect::contains(&source.columns("drives")?, "scanned_at") {
        "ORDER BY scanned_at DESC, rowid DESC"
    } else {
        "ORDER BY rowid DESC"
    };
    each(source, "drives", &columns, order, |row| {
        let Some(label) = rows::words(row, 0)? else {
            return Ok(());
        };
        let mount = rows::bytes(row, 2)?.unwrap_or_default();
        catalog
            .prepare_cached(
                "INSERT INTO drives(id, label, mount_path, fs_format, total_bytes, free_bytes, smart_scan, scanned_at,
                                    drive_type, notes, scan_mode, serial, model, drive_uid, shard_file)
                 VALUES(CASE WHEN EXISTS(SELECT 1 FROM drives WHERE id = :id) THEN NULL ELSE :id END,
                        :label, :mount, :format, :total, :free, :smart, :scanned, :type, :notes, :mode, :serial, :model,
                        lower(hex(randomblob(16))), :file)
                 ON CONFLICT(label) DO UPDATE SET
                   mount_path = CASE mount_path WHEN '' THEN excluded.mount_path ELSE mount_path END,
                   fs_format = coalesce(fs_format, excluded.fs_format),
                   total_bytes = coalesce(total_bytes, excluded.total_bytes),
                   free_bytes = coalesce(free_bytes, excluded.free_bytes),
                   smart_scan = coalesce(smart_scan, excluded.smart_scan),
                   scanned_at = coalesce(scanned_at, excluded.scanned_at),
                   drive_type = coalesce(drive_type, excluded.drive_type),
                   notes = coalesce(notes, excluded.notes),
                   scan_mode = coalesce(scan_mode, excluded.scan_mode),
                   serial = coalesce(serial, excluded.serial),
                   model = coalesce(model, excluded.model)",
            )?
            .execute(named_params! {
                ":id": rows::integer(row, 1)?,
                ":label": label,
                ":mount": names::to_sql(&mount),
                ":format": rows::words(row, 3)?,
                ":total": rows::integer(row, 4)?,
                ":free": rows::integer(row, 5)?,
                ":smart": rows::words(row, 6)?,
                ":scanned": rows::utc(row, 7)?,
                ":type": rows::words(row, 8)?,
                ":notes": rows::words(row, 9)?,
                ":mode": rows::words(row, 10)?,
                ":serial": rows::words(row, 11)?,
                ":model": rows::words(row, 12)?,
                ":file": plan(catalog, workdir, &label)?,
            })
            .map(|_| ())
    })
}

fn merge_jobs(
    catalog: &Connection,
    source: &Source<'_>,
    repeated: Repeated,
) -> rusqlite::Result<()> {
    let columns = [
        "drive_label",
        "id",
        "started_at",
        "status",
        "finished_at",
        "total_av",
        "total_files",
        "total_all",
        "done_av",
        "done_files",
        "duration_sec",
        "message",
    ];
    each(source, "jobs", &columns, "ORDER BY rowid", |row| {
        let label = rows::text(row, 0)?.unwrap_or_default();
        let started = rows::utc(row, 2)?.unwrap_or_default();
        let status = rows::text(row, 3)?.unwrap_or_default();
        let same = "SELECT 1 FROM jobs WHERE drive_label = ?1 AND started_at = ?2 AND status = ?3";
        if repeated == Repeated::Left && has(catalog, same, params![label, started, status])? {
            return Ok(());
        }
        catalog
            .prepare_cached(
                "INSERT INTO jobs(id, drive_label, started_at, status, finished_at, total_av, total_all, done_av,
                                  duration_sec, message)
                 VALUES(CASE WHEN EXISTS(SELECT 1 FROM jobs WHERE id = :id) THEN NULL ELSE :id END,
                        :label, :started, :status, :finished, :total_av, :total_all, :done_av, :duration, :message)",
            )?
            .execute(named_params! {
                ":id": rows::integer(row, 1)?,
                ":label": label,
                ":started": started,
                ":status": status,
                ":finished": rows::utc(row, 4)?,
                ":total_av": rows::integer(row, 5)?.or(rows::integer(row, 6)?),
                ":total_all": rows::integer(row, 7)?,
                ":done_av": rows::integer(row, 8)?.or(rows::integer(row, 9)?),
                ":duration": rows::integer(row, 10)?,
                ":message": rows::text(row, 11)?,
            })
            .map(|_| ())
    })
}

fn merge_statistics(
    catalog: &Connection,
    source: &Source<'_>,
    repeated: Repeated,
) -> rusqlite::Result<()> {
    let columns = [
        "drive_label",
        "id",
        "scan_ts_utc",
        "total_files",
        "by_video",
        "by_audio",
        "by_image",
        "by_document",
        "by_archive",
        "by_executable",
        "by_other",
    ];
    each(
        source,
        "inventory_stats",
        &columns,
        "ORDER BY rowid",
        |row| {
            let label = rows::text(row, 0)?.unwrap_or_default();
            let scanned = rows::utc(row, 2)?.unwrap_or_default();
            let same = "SELECT 1 FROM inventory_stats WHERE drive_label = ?1 AND scan_ts_utc = ?2";
            if repeated == Repeated::Left && has(catalog, same, params![label, scanned])? {
                return Ok(());
            }
            let number = |column| rows::integer(row, column).map(Option::unwrap_or_default);
            catalog
            .prepare_cached(
                "INSERT INTO inventory_stats(id, drive_label, scan_ts_utc, total_files, by_video, by_audio, by_image,
                                             by_document, by_archive, by_executable, by_other)
                 VALUES(CASE WHEN EXISTS(SELECT 1 FROM inventory_stats WHERE id = :id) THEN NULL ELSE :id END,
                        :label, :scanned, :total, :video, :audio, :image, :document, :archive, :executable, :other)",
            )?
            .execute(named_params! {
                ":id": rows::integer(row, 1)?,
                ":label": label,
                ":scanned": scanned,
                ":total": number(3)?,
                ":video": number(4)?,
                ":audio": number(5)?,
                ":image": number(6)?,
                ":document": number(7)?,
                ":archive": number(8)?,
                ":executable": number(9)?,
                ":other": number(10)?,
            })
            .map(|_| ())
        },
    )
}

fn has(catalog: &Connection, sql: &str, values: impl rusqlite::Params) -> rusqlite::Result<bool> {
    Ok(catalog
        .prepare_cached(sql)?
        .query_row(values, |_| Ok(()))
        .optional()?
        .is_some())
}
