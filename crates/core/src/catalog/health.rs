//! The `drive_health` table of the catalogue: what disks said of themselves, look by look.

use rusqlite::{Connection, Row, named_params};
use serde::Serialize;

use super::open::has_table;

/// What one disk said at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// When, ISO.
    pub utc: String,
    /// Good, Warning, Failing or Unknown.
    pub status: String,
    /// Degrees Celsius.
    pub temperature_c: Option<i64>,
    /// Hours it was switched on.
    pub power_on_hours: Option<i64>,
    /// Sectors that were replaced.
    pub reallocated: Option<i64>,
    /// Sectors that wait to be replaced.
    pub pending: Option<i64>,
    /// Reads that failed for good.
    pub uncorrectable: Option<i64>,
    /// How much of an SSD's endurance is used, in percent.
    pub wear_percent: Option<i64>,
    /// Why the status is not Good.
    pub reasons: Vec<String>,
    /// The disk's device at that time.
    pub device: Option<String>,
}

/// Makes the table in a catalogue that has none; for new catalogues and for migration.
///
/// # Errors
/// What SQLite says.
pub(crate) fn add_drive_health(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(include_str!("schema/drive_health.sql"))
}

/// Writes down what a look at a drive's disks gave: a row a disk, and the documents of `smartctl` as the documented
/// `drives.smart_scan`; all or nothing.
///
/// # Errors
/// What SQLite says.
pub fn insert(
    catalog: &Connection,
    drive_uid: &str,
    entries: &[Entry],
    smart_scan: &str,
) -> rusqlite::Result<()> {
    let transaction = catalog.unchecked_transaction()?;
    for entry in entries {
        transaction
            .prepare_cached(
                "INSERT INTO drive_health(drive_uid, utc, status, temperature_c, power_on_hours, reallocated, pending,
                                          uncorrectable, wear_percent, reasons, device)
                 VALUES(:drive_uid, :utc, :status, :temperature_c, :power_on_hours, :reallocated, :pending,
                        :uncorrectable, :wear_percent, :reasons, :device)",
            )?
            .execute(named_params! {
                ":drive_uid": drive_uid,
                ":utc": entry.utc,
                ":status": entry.status,
                ":temperature_c": entry.temperature_c,
                ":power_on_hours": entry.power_on_hours,
                ":reallocated": entry.reallocated,
                ":pending": entry.pending,
                ":uncorrectable": entry.uncorrectable,
                ":wear_percent": entry.wear_percent,
                ":reasons": serde_json::to_string(&entry.reasons).ok(),
                ":device": entry.device,
            })?;
    }
    transaction.execute(
        "UPDATE drives SET smart_scan = ?2 WHERE drive_uid = ?1",
        [drive_uid, smart_scan],
    )?;
    transaction.commit()
}

/// Returns what the disks of a drive said when they were last asked; empty if they never were.
///
/// # Errors
/// What SQLite says.
pub fn latest(catalog: &Connection, drive_uid: &str) -> rusqlite::Result<Vec<Entry>> {
    let mut entries = history(catalog, drive_uid, 64)?;
    if let Some(newest) = entries.first().map(|entry| entry.utc.clone()) {
        entries.retain(|entry| entry.utc == newest);
    }
    Ok(entries)
}

/// Returns what the disks of a drive said, newest first, at most `limit` rows.
///
/// # Errors
/// What SQLite says.
pub fn history(
    catalog: &Connection,
    drive_uid: &str,
    limit: usize,
) -> rusqlite::Result<Vec<Entry>> {
    // A catalogue that an older version made and that may only be read has no such table.
    if !has_table(catalog, "drive_health")? {
        return Ok(Vec::new());
    }
    catalog
        .prepare_cached(
            "SELECT * FROM drive_health WHERE drive_uid = ?1 ORDER BY id DESC LIMIT ?2",
        )?
        .query_map(
            rusqlite::params![drive_uid, i64::try_from(limit).unwrap_or(i64::MAX)],
            read,
        )?
        .collect()
}

/// Removes what is known of a drive's disks, inside the caller's transaction.
pub(super) fn forget(catalog: &Connection, drive_uid: &str) -> rusqlite::Result<()> {
    if has_table(catalog, "drive_health")? {
        catalog.execute("DELETE FROM drive_health WHERE drive_uid = ?1", [drive_uid])?;
    }
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let reasons: Option<String> = row.get("reasons")?;
    Ok(Entry {
        utc: row.get("utc")?,
        status: row.get("status")?,
        temperature_c: row.get("temperature_c")?,
        power_on_hours: row.get("power_on_hours")?,
        reallocated: row.get("reallocated")?,
        pending: row.get("pending")?,
        uncorrectable: row.get("uncorrectable")?,
        wear_percent: row.get("wear_percent")?,
        reasons: reasons
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default(),
        device: row.get("device")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::drives::{self, Drive};
    use crate::catalog::{Access, Database, Journal, open};

    fn catalog() -> (tempfile::TempDir, Connection) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("catalog.db");
        let connection = open(&path, Database::Catalog, Access::Create, Journal::Wal).unwrap();
        let drive = Drive {
            label: "A".into(),
            drive_uid: "uid".into(),
            shard_file: "a.db".into(),
            ..Drive::default()
        };
        drives::save(&connection, &drive).unwrap();
        (folder, connection)
    }

    fn entry(utc: &str, device: &str) -> Entry {
        Entry {
            utc: utc.into(),
            status: "Warning".into(),
            reallocated: Some(8),
            reasons: vec!["8 sectors were replaced".into()],
            device: Some(device.into()),
            ..Entry::default()
        }
    }

    #[test]
    fn looks_are_kept_newest_first() {
        let (_folder, mut catalog) = catalog();
        assert_eq!(latest(&catalog, "uid").unwrap(), []);
        insert(&catalog, "uid", &[entry("2026-01-01", "sda")], "{}").unwrap();
        let pair = [entry("2026-01-02", "sda"), entry("2026-01-02", "sdb")];
        insert(&catalog, "uid", &pair, r#"{"scan":null}"#).unwrap();
        let newest = latest(&catalog, "uid").unwrap();
        assert_eq!(newest.len(), 2);
        assert!(newest.contains(&pair[0]) && newest.contains(&pair[1]));
        assert_eq!(history(&catalog, "uid", 10).unwrap().len(), 3);
        assert_eq!(history(&catalog, "uid", 1).unwrap().len(), 1);
        assert_eq!(history(&catalog, "other", 10).unwrap(), []);
        let scan: String = catalog
            .query_row("SELECT smart_scan FROM drives", [], |row| row.get(0))
            .unwrap();
        assert_eq!(scan, r#"{"scan":null}"#);
        drives::forget(&mut catalog, "uid").unwrap();
        assert_eq!(history(&catalog, "uid", 10).unwrap(), []);
    }

    #[test]
    fn a_catalogue_without_the_table_has_no_history_and_can_get_it() {
        let (_folder, catalog) = catalog();
        catalog.execute_batch("DROP TABLE drive_health").unwrap();
        assert_eq!(latest(&catalog, "uid").unwrap(), []);
        add_drive_health(&catalog).unwrap();
        add_drive_health(&catalog).unwrap();
        insert(&catalog, "uid", &[entry("2026-01-01", "sda")], "{}").unwrap();
        assert_eq!(latest(&catalog, "uid").unwrap().len(), 1);
    }

    #[test]
    fn looking_back_uses_the_index() {
        let (_folder, catalog) = catalog();
        let plan: String = catalog
            .query_row(
                "EXPLAIN QUERY PLAN SELECT * FROM drive_health WHERE drive_uid = 'x' ORDER BY id DESC LIMIT 5",
                [],
                |row| row.get("detail"),
            )
            .unwrap();
        assert!(plan.contains("idx_drive_health_drive"), "{plan}");
    }
}
