//! What a shard says of its drive.

use rusqlite::{Connection, OptionalExtension};

use super::super::names;
use super::detect::Source;
use super::rows;

/// What a shard's own `drives` row says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct DriveRow {
    pub(super) label: String,
    pub(super) mount_path: Option<Vec<u8>>,
    pub(super) total_bytes: Option<i64>,
    pub(super) free_bytes: Option<i64>,
    pub(super) smart_scan: Option<String>,
    pub(super) scanned_at: Option<String>,
}

impl DriveRow {
    /// Returns the rows there are, the newest last.
    pub(super) fn all(source: &Source<'_>) -> rusqlite::Result<Vec<Self>> {
        let columns = [
            "label",
            "mount_path",
            "total_bytes",
            "free_bytes",
            "smart_scan",
            "scanned_at",
        ];
        let Some(sql) = source.select("drives", &columns, "ORDER BY rowid")? else {
            return Ok(Vec::new());
        };
        let mut select = source.connection.prepare(&sql)?;
        let mut found = select.query([])?;
        let mut all = Vec::new();
        while let Some(row) = found.next()? {
            let Some(label) = rows::text(row, 0)? else {
                continue;
            };
            all.push(Self {
                label,
                mount_path: rows::bytes(row, 1)?
                    .map(std::borrow::Cow::into_owned)
                    .filter(|mount| !mount.is_empty()),
                total_bytes: rows::integer(row, 2)?,
                free_bytes: rows::integer(row, 3)?,
                smart_scan: rows::words(row, 4)?,
                scanned_at: rows::utc(row, 5)?,
            });
        }
        Ok(all)
    }

    /// Returns the newest row of `label`, the only row there is, or an empty one.
    pub(super) fn of(source: &Source<'_>, label: &str) -> rusqlite::Result<Self> {
        let mut all = Self::all(source)?;
        if let Some(place) = all.iter().rposition(|row| row.label == label) {
            return Ok(all.swap_remove(place));
        }
        match all.len() {
            1 => Ok(all.swap_remove(0)),
            _ => Ok(Self::default()),
        }
    }
    /// Returns what a shard of ours says; `None` if it says nothing yet.
    pub(super) fn of_ours(shard: &Connection) -> rusqlite::Result<Option<Self>> {
        shard
            .query_row(
                "SELECT drive_label, mount_path, total_bytes, free_bytes, smart_scan, scanned_at FROM root WHERE id = 1",
                [],
                |row| {
                    Ok(Self {
                        label: row.get(0)?,
                        mount_path: Some(names::from_sql(row.get_ref(1)?).to_vec()),
                        total_bytes: row.get(2)?,
                        free_bytes: row.get(3)?,
                        smart_scan: row.get(4)?,
                        scanned_at: row.get(5)?,
                    })
                },
            )
            .optional()
    }
}
