//! The `drives` table of the catalogue.

use rusqlite::{Connection, OptionalExtension, Row, named_params};
use serde::Serialize;

use super::names;

/// One drive: a root inside a volume, under a label.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Drive {
    /// Row id.
    pub id: i64,
    /// The user's name for it; unique.
    pub label: String,
    /// Where its root was mounted last, as text; bytes that are no UTF-8 are replaced.
    pub mount_path: String,
    /// The same without loss.
    #[serde(skip)]
    pub mount_bytes: Vec<u8>,
    /// File system, such as `ext4`.
    pub fs_format: Option<String>,
    /// Size of the volume in bytes.
    pub total_bytes: Option<i64>,
    /// Free space in bytes when it was last seen.
    pub free_bytes: Option<i64>,
    /// When it was last scanned, ISO.
    pub scanned_at: Option<String>,
    /// The user's words for what it is.
    pub drive_type: Option<String>,
    /// The user's notes: shelf, box, owner.
    pub notes: Option<String>,
    /// Mode of the last scan.
    pub scan_mode: Option<String>,
    /// Serial number of the disk.
    pub serial: Option<String>,
    /// Model of the disk.
    pub model: Option<String>,
    /// Random and lasting; everything else refers to it.
    pub drive_uid: String,
    /// The shard, relative to the working directory unless it lies elsewhere.
    pub shard_file: String,
    /// How far the identity can be trusted: strong, share or weak.
    pub volume_tier: Option<String>,
    /// The identity of the volume.
    pub volume_id: Option<String>,
    /// The root's path inside the volume.
    #[serde(skip)]
    pub volume_root: Option<Vec<u8>>,
    /// The label the volume itself carries.
    pub volume_label: Option<String>,
    /// Performance profile of the last scan.
    pub profile: Option<String>,
}

/// Returns every drive, by label.
///
/// # Errors
/// What SQLite says.
pub fn list(catalog: &Connection) -> rusqlite::Result<Vec<Drive>> {
    catalog
        .prepare_cached("SELECT * FROM drives ORDER BY label")?
        .query_map([], read)?
        .collect()
}

/// Returns the drive of that label.
///
/// # Errors
/// What SQLite says.
pub fn find(catalog: &Connection, label: &str) -> rusqlite::Result<Option<Drive>> {
    catalog
        .prepare_cached("SELECT * FROM drives WHERE label = ?1")?
        .query_row([label], read)
        .optional()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Drive> {
    let mount_bytes = names::from_sql(row.get_ref("mount_path")?).to_vec();
    Ok(Drive {
        id: row.get("id")?,
        label: row.get("label")?,
        mount_path: String::from_utf8_lossy(&mount_bytes).into_owned(),
        mount_bytes,
        fs_format: row.get("fs_format")?,
        total_bytes: row.get("total_bytes")?,
        free_bytes: row.get("free_bytes")?,
        scanned_at: row.get("scanned_at")?,
        drive_type: row.get("drive_type")?,
        notes: row.get("notes")?,
        scan_mode: row.get("scan_mode")?,
        serial: row.get("serial")?,
        model: row.get("model")?,
        drive_uid: row.get("drive_uid")?,
        shard_file: row.get("shard_file")?,
        volume_tier: row.get("volume_tier")?,
        volume_id: row.get("volume_id")?,
        volume_root: match row.get_ref("volume_root")? {
            rusqlite::types::ValueRef::Null => None,
            value => Some(names::from_sql(value).to_vec()),
        },
        volume_label: row.get("volume_label")?,
        profile: row.get("profile")?,
    })
}

/// Returns a new random drive id, 32 hexadecimal digits.
///
/// # Errors
/// What SQLite says.
pub fn new_uid(catalog: &Connection) -> rusqlite::Result<String> {
    catalog.query_row("SELECT lower(hex(randomblob(16)))", [], |row| row.get(0))
}

/// Inserts a drive, or updates the row with its `drive_uid`; notes and type are left as they are.
///
/// # Errors
/// What SQLite says; a label or shard file that another drive has is a constraint violation.
pub fn save(catalog: &Connection, drive: &Drive) -> rusqlite::Result<()> {
    catalog
        .prepare_cached(
            "INSERT INTO drives(label, mount_path, fs_format, total_bytes, free_bytes, scanned_at, drive_type, notes,
                                scan_mode, serial, model, drive_uid, shard_file, volume_tier, volume_id, volume_root,
                                volume_label, profile)
             VALUES(:label, :mount_path, :fs_format, :total_bytes, :free_bytes, :scanned_at, :drive_type, :notes,
                    :scan_mode, :serial, :model, :drive_uid, :shard_file, :volume_tier, :volume_id, :volume_root,
                    :volume_label, :profile)
             ON CONFLICT(drive_uid) DO UPDATE SET
               shard_file = excluded.shard_file,
               mount_path = excluded.mount_path, fs_format = excluded.fs_format, total_bytes = excluded.total_bytes,
               free_bytes = excluded.free_bytes, scanned_at = excluded.scanned_at, scan_mode = excluded.scan_mode,
               serial = excluded.serial, model = excluded.model, volume_tier = excluded.volume_tier,
               volume_id = excluded.volume_id, volume_root = excluded.volume_root,
               volume_label = excluded.volume_label, profile = excluded.profile",
        )?
        .execute(named_params! {
            ":label": drive.label,
            ":mount_path": names::to_sql(&drive.mount_bytes),
            ":fs_format": drive.fs_format,
            ":total_bytes": drive.total_bytes,
            ":free_bytes": drive.free_bytes,
            ":scanned_at": drive.scanned_at,
            ":drive_type": drive.drive_type,
            ":notes": drive.notes,
            ":scan_mode": drive.scan_mode,
            ":serial": drive.serial,
            ":model": drive.model,
            ":drive_uid": drive.drive_uid,
            ":shard_file": drive.shard_file,
            ":volume_tier": drive.volume_tier,
            ":volume_id": drive.volume_id,
            ":volume_root": drive.volume_root.as_deref().map(names::to_sql),
            ":volume_label": drive.volume_label,
            ":profile": drive.profile,
        })
        .map(|_| ())
}

/// Gives a drive another label, everywhere at once.
///
/// # Errors
/// What SQLite says; a label that another drive has is a constraint violation. Nothing is changed then.
pub fn rename(catalog: &mut Connection, drive_uid: &str, label: &str) -> rusqlite::Result<()> {
    let transaction =
        catalog.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let old: String = transaction.query_row(
        "SELECT label FROM drives WHERE drive_uid = ?1",
        [drive_uid],
        |row| row.get(0),
    )?;
    transaction.execute(
        "UPDATE drives SET label = ?2 WHERE drive_uid = ?1",
        [drive_uid, label],
    )?;
    for table in ["jobs", "inventory_stats"] {
        transaction.execute(
            &format!("UPDATE {table} SET drive_label = ?2 WHERE drive_uid = ?1 OR (drive_uid IS NULL AND drive_label = ?3)"),
            [drive_uid, label, &old],
        )?;
    }
    transaction.commit()
}

/// Sets the user's own words on a drive; `None` leaves a field as it is, an empty text clears it.
///
/// # Errors
/// What SQLite says.
pub fn annotate(
    catalog: &Connection,
    drive_uid: &str,
    drive_type: Option<&str>,
    notes: Option<&str>,
) -> rusqlite::Result<()> {
    catalog
        .execute(
            "UPDATE drives SET drive_type = nullif(coalesce(?2, drive_type), ''), notes = nullif(coalesce(?3, notes), '')
             WHERE drive_uid = ?1",
            rusqlite::params![drive_uid, drive_type, notes],
        )
        .map(|_| ())
}

/// Removes a drive, its jobs and statistics from the catalogue; the shard file is the caller's.
///
/// # Errors
/// What SQLite says.
pub fn forget(catalog: &mut Connection, drive_uid: &str) -> rusqlite::Result<()> {
    let transaction =
        catalog.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    for table in ["jobs", "inventory_stats", "drives"] {
        transaction.execute(
            &format!("DELETE FROM {table} WHERE drive_uid = ?1"),
            [drive_uid],
        )?;
    }
    super::health::forget(&transaction, drive_uid)?;
    transaction.commit()
}
