//! Which drive of the catalogue a shard file belongs to. Names of files lose information, so what a shard says of itself
//! counts more than a name that was only planned.

use rusqlite::{Connection, OptionalExtension, named_params, params};

use super::super::drives::{self, Drive};
use super::super::names;
use super::super::{Access, Database, Journal, open, shard};
use super::drive_row::DriveRow;
use crate::path::label::{shard_stem, unique_stem};
use crate::workdir::WorkingDir;

/// Returns a shard file for `label` that no drive has; one that is there already may be it, if it has the label's own
/// name.
pub(super) fn plan(
    catalog: &Connection,
    workdir: &WorkingDir,
    label: &str,
) -> rusqlite::Result<String> {
    let taken: Vec<String> = drives::list(catalog)?
        .into_iter()
        .map(|drive| drive.shard_file.to_lowercase())
        .collect();
    let own = shard_stem(label).to_ascii_lowercase();
    let stem = unique_stem(label, |stem| {
        let file = format!("{stem}.db");
        taken
            .iter()
            .any(|shard| shard.rsplit('/').next() == Some(file.as_str()))
            || (stem != own && workdir.shards().join(&file).exists())
    });
    Ok(format!("data/shards/{stem}.db"))
}

/// Makes `file` the shard of the drive `label`, entering the drive if it is new, and returns the drive. What the shard
/// knows of the drive fills what the catalogue does not.
///
/// `is_whose`: whether a shard file that a drive claims is there and really that drive's. If the drive has one, the file
/// becomes the shard of another drive, `label (2)`.
pub(super) fn claim(
    catalog: &Connection,
    workdir: &WorkingDir,
    label: &str,
    file: &str,
    row: &DriveRow,
    uid: Option<&str>,
    is_whose: &dyn Fn(&Drive) -> bool,
) -> rusqlite::Result<Drive> {
    let mut label = label.to_owned();
    if let Some(other) = by_file(catalog, file)?
        && other.label != label
    {
        if is_copy_of(&other.label, &label) {
            label = other.label;
        } else {
            catalog.execute(
                "UPDATE drives SET shard_file = ?2 WHERE id = ?1",
                params![other.id, plan(catalog, workdir, &other.label)?],
            )?;
        }
    }
    if let Some(drive) = drives::find(catalog, &label)?
        && drive.shard_file != file
    {
        if is_whose(&drive) {
            label = free_copy(catalog, &label)?;
        } else {
            catalog.execute(
                "UPDATE drives SET shard_file = ?2 WHERE id = ?1",
                params![drive.id, file],
            )?;
        }
    }
    save(catalog, &label, file, row, uid)?;
    drives::find(catalog, &label)?.ok_or(rusqlite::Error::QueryReturnedNoRows)
}

fn save(
    catalog: &Connection,
    label: &str,
    file: &str,
    row: &DriveRow,
    uid: Option<&str>,
) -> rusqlite::Result<()> {
    catalog
        .prepare_cached(
            "INSERT INTO drives(label, mount_path, total_bytes, free_bytes, smart_scan, scanned_at, drive_uid, shard_file)
             VALUES(:label, :mount, :total, :free, :smart, :scanned, coalesce(:uid, lower(hex(randomblob(16)))), :file)
             ON CONFLICT(label) DO UPDATE SET
               mount_path = CASE mount_path WHEN '' THEN excluded.mount_path ELSE mount_path END,
               total_bytes = coalesce(total_bytes, excluded.total_bytes),
               free_bytes = coalesce(free_bytes, excluded.free_bytes),
               smart_scan = coalesce(smart_scan, excluded.smart_scan),
               scanned_at = coalesce(scanned_at, excluded.scanned_at),
               drive_uid = coalesce(:uid, drive_uid)
              WHERE (mount_path = '' AND excluded.mount_path <> '')
                 OR (total_bytes IS NULL AND excluded.total_bytes IS NOT NULL)
                 OR (free_bytes IS NULL AND excluded.free_bytes IS NOT NULL)
                 OR (smart_scan IS NULL AND excluded.smart_scan IS NOT NULL)
                 OR (scanned_at IS NULL AND excluded.scanned_at IS NOT NULL)
                 OR drive_uid <> :uid",
        )?
        .execute(named_params! {
            ":label": label,
            ":mount": names::to_sql(row.mount_path.as_deref().unwrap_or_default()),
            ":total": row.total_bytes,
            ":free": row.free_bytes,
            ":smart": row.smart_scan,
            ":scanned": row.scanned_at,
            ":uid": uid,
            ":file": file,
        })
        .map(|_| ())
}

/// Fills what the catalogue does not know of a drive from its shard, which is one of ours by now.
pub(super) fn fill_from_shard(
    catalog: &Connection,
    workdir: &WorkingDir,
    drive: &Drive,
) -> rusqlite::Result<()> {
    let path = workdir.root().join(&drive.shard_file);
    let Ok(shard) = open(&path, Database::Shard, Access::Read, Journal::Wal) else {
        return Ok(());
    };
    let Some(root) = shard::root(&shard)? else {
        return Ok(());
    };
    let profile: Option<String> =
        shard.query_row("SELECT profile FROM root WHERE id = 1", [], |row| {
            row.get(0)
        })?;
    catalog
        .execute(
            "UPDATE drives SET mount_path = CASE mount_path WHEN '' THEN ?2 ELSE mount_path END,
                               profile = coalesce(profile, ?3)
              WHERE id = ?1 AND (mount_path = '' OR profile IS NULL)",
            params![drive.id, names::to_sql(&root.mount_path), profile],
        )
        .map(|_| ())
}

/// Returns the drive that claims `file`.
pub(super) fn by_file(catalog: &Connection, file: &str) -> rusqlite::Result<Option<Drive>> {
    let label: Option<String> = catalog
        .prepare_cached("SELECT label FROM drives WHERE shard_file = ?1")?
        .query_row([file], |row| row.get(0))
        .optional()?;
    match label {
        Some(label) => drives::find(catalog, &label),
        None => Ok(None),
    }
}

/// Returns the drive with that lasting id.
pub(super) fn by_uid(catalog: &Connection, uid: &str) -> rusqlite::Result<Option<Drive>> {
    Ok(drives::list(catalog)?
        .into_iter()
        .find(|drive| drive.drive_uid == uid))
}

fn is_copy_of(copy: &str, label: &str) -> bool {
    copy.strip_prefix(label)
        .and_then(|rest| rest.strip_prefix(" ("))
        .and_then(|rest| rest.strip_suffix(')'))
        .is_some_and(|number| number.parse::<u32>().is_ok())
}

fn free_copy(catalog: &Connection, label: &str) -> rusqlite::Result<String> {
    let mut number = 2_u32;
    loop {
        let copy = format!("{label} ({number})");
        if drives::find(catalog, &copy)?.is_none() {
            return Ok(copy);
        }
        number += 1;
    }
}
