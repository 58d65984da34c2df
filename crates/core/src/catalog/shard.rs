//! A shard's own row about its drive, and where a scan of it stands.

use rusqlite::{Connection, OptionalExtension, named_params, params};

use super::{names, verify};

/// What a shard says of its drive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// The drive it belongs to.
    pub drive_uid: String,
    /// A copy of the drive's label.
    pub drive_label: String,
    /// Where the root was last, as bytes.
    pub mount_path: Vec<u8>,
    /// `/` or `\`.
    pub separator: char,
    /// The last batch of changes.
    pub change_id: i64,
}

/// Returns the shard's root row; `None` in a shard that was just made.
///
/// # Errors
/// What SQLite says.
pub fn root(connection: &Connection) -> rusqlite::Result<Option<Root>> {
    connection
        .prepare_cached("SELECT drive_uid, drive_label, mount_path, separator, change_id FROM root WHERE id = 1")?
        .query_row([], |row| {
            Ok(Root {
                drive_uid: row.get(0)?,
                drive_label: row.get(1)?,
                mount_path: names::from_sql(row.get_ref(2)?).to_vec(),
                separator: row.get::<_, String>(3)?.chars().next().unwrap_or('/'),
                change_id: row.get(4)?,
            })
        })
        .optional()
}

/// Returns when a batch was; `None` if there was none of that number.
///
/// # Errors
/// What SQLite says.
pub fn change_utc(connection: &Connection, change_id: i64) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached("SELECT utc FROM changes WHERE change_id = ?1")?
        .query_row([change_id], |row| row.get(0))
        .optional()
}

/// What a scan knows of the drive before it begins.
#[derive(Clone, Debug)]
pub struct RootFacts<'a> {
    /// The drive.
    pub drive_uid: &'a str,
    /// Its label.
    pub drive_label: &'a str,
    /// Where it is mounted now.
    pub mount_path: &'a [u8],
    /// Separator of this system.
    pub separator: char,
    /// Performance profile in force.
    pub profile: &'a str,
    /// Size of the volume.
    pub total_bytes: Option<i64>,
    /// Free space on it.
    pub free_bytes: Option<i64>,
    /// Now.
    pub scanned_at: &'a str,
}

/// Writes the shard's root row.
///
/// # Errors
/// What SQLite says.
pub fn save_root(connection: &Connection, facts: &RootFacts<'_>) -> rusqlite::Result<()> {
    connection
        .execute(
            "INSERT INTO root(id, drive_uid, drive_label, mount_path, separator, profile, total_bytes, free_bytes, scanned_at)
             VALUES(1, :uid, :label, :mount, :separator, :profile, :total, :free, :now)
             ON CONFLICT(id) DO UPDATE SET
               drive_uid = excluded.drive_uid, drive_label = excluded.drive_label, mount_path = excluded.mount_path,
               separator = excluded.separator, profile = excluded.profile, total_bytes = excluded.total_bytes,
               free_bytes = excluded.free_bytes, scanned_at = excluded.scanned_at",
            named_params! {
                ":uid": facts.drive_uid,
                ":label": facts.drive_label,
                ":mount": names::to_sql(facts.mount_path),
                ":separator": facts.separator.to_string(),
                ":profile": facts.profile,
                ":total": facts.total_bytes,
                ":free": facts.free_bytes,
                ":now": facts.scanned_at,
            },
        )
        .map(|_| ())
}

/// Brings the shard's copy of the label up to date.
///
/// # Errors
/// What SQLite says.
pub fn set_label(connection: &Connection, label: &str) -> rusqlite::Result<()> {
    connection
        .execute(
            "UPDATE root SET drive_label = ?1 WHERE drive_label <> ?1",
            [label],
        )
        .map(|_| ())
}

/// Makes the shard that drive's, under that label.
///
/// # Errors
/// What SQLite says.
pub fn set_owner(connection: &Connection, drive_uid: &str, label: &str) -> rusqlite::Result<()> {
    connection
        .execute(
            "UPDATE root SET drive_uid = ?1, drive_label = ?2 WHERE drive_uid <> ?1 OR drive_label <> ?2",
            [drive_uid, label],
        )
        .map(|_| ())
}

/// Where an interrupted scan stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// delta, full or inventory.
    pub mode: String,
    /// The last batch before the scan began.
    pub since_change: i64,
}

/// Returns where the last scan stands, if it did not end.
///
/// # Errors
/// What SQLite says.
pub fn checkpoint(connection: &Connection) -> rusqlite::Result<Option<Checkpoint>> {
    let (mode, since) = (
        state(connection, "mode")?,
        state(connection, "since_change")?,
    );
    Ok(mode.zip(since).and_then(|(mode, since)| {
        Some(Checkpoint {
            mode,
            since_change: since.parse().ok()?,
        })
    }))
}

/// Writes one piece of where the scan stands; `scan_state` is the documented table, `phase`, `timestamp` and
/// `last_path_processed` the documented keys.
///
/// # Errors
/// What SQLite says.
pub fn set_state(connection: &Connection, key: &str, value: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT INTO scan_state(key, value) VALUES(?1, ?2) ON CONFLICT(key) DO UPDATE SET value = excluded.value")?
        .execute(params![key, value])
        .map(|_| ())
}

/// Returns one piece of state.
///
/// # Errors
/// What SQLite says.
pub fn state(connection: &Connection, key: &str) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached("SELECT value FROM scan_state WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()
}

/// Forgets one piece of state.
///
/// # Errors
/// What SQLite says.
pub fn drop_state(connection: &Connection, key: &str) -> rusqlite::Result<()> {
    connection
        .execute("DELETE FROM scan_state WHERE key = ?1", [key])
        .map(|_| ())
}

/// Forgets where the scan stood: it ended, or is to begin anew. A round of verification goes on all the same.
///
/// # Errors
/// What SQLite says.
pub fn clear_state(connection: &Connection) -> rusqlite::Result<()> {
    connection
        .execute(
            "DELETE FROM scan_state WHERE key <> ?1",
            [verify::ROUND_KEY],
        )
        .map(|_| ())
}

/// Returns up to `wanted` known files spread evenly over the shard, as paths.
///
/// # Errors
/// What SQLite says.
pub fn sample(connection: &Connection, wanted: i64) -> rusqlite::Result<Vec<crate::path::RelPath>> {
    let last: i64 =
        connection.query_row("SELECT coalesce(max(id), 0) FROM entries", [], |row| {
            row.get(0)
        })?;
    let step = (last / wanted).max(1);
    let mut select = connection.prepare(
        "SELECT f.path, e.name FROM entries e JOIN folders f ON f.id = e.folder_id
          WHERE e.id >= ?1 AND e.deleted_change IS NULL
            -- Older rows may be composed where the disk is not: only plain names say whether a file is there.
            AND ((SELECT legacy_names FROM root) = 0 OR (f.path || e.name) NOT GLOB '*[^ -~]*')
          ORDER BY e.id LIMIT 1",
    )?;
    let mut paths = Vec::new();
    for number in 0..wanted.min(last) {
        let path = select
            .query_row([number * step + 1], |row| {
                let folder =
                    crate::path::RelPath::from_bytes(names::from_sql(row.get_ref(0)?).to_vec());
                Ok(folder.child(names::from_sql(row.get_ref(1)?)))
            })
            .optional()?;
        if paths.last() != path.as_ref() {
            paths.extend(path);
        }
    }
    Ok(paths)
}
