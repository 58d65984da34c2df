//! Whether a database is sound: what SQLite says of its pages, and what must be true of our rows.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use serde::Serialize;

use super::identify::{Identity, identify};
use super::interrupt::{interruptible, is_interruption};
use super::open::{Access, OpenError, open_unchecked};
use crate::cancel::CancelToken;

/// How many issues are told one by one.
const SHOWN: usize = 10;

/// How many complaints SQLite is asked for.
const MOST_COMPLAINTS: u32 = 100_000;

/// What was found in one database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Integrity {
    /// Whether nothing was found.
    pub ok: bool,
    /// How many things are wrong.
    pub issue_count: u64,
    /// The first ten of them.
    pub issues: Vec<String>,
}

impl Integrity {
    fn issue(&mut self, text: impl Into<String>) {
        self.issues(1, text);
    }

    fn issues(&mut self, count: u64, text: impl Into<String>) {
        self.issue_count += count;
        if self.issues.len() < SHOWN {
            self.issues.push(text.into());
        }
    }
}

/// Folders once more, for looking parents up. Statistics of a time when there was one folder say that reading all of them
/// is the quickest way to find one; a table without statistics is looked up as it should be.
const PARENTS: &str = "PRAGMA query_only = OFF;
    CREATE TEMP TABLE parents(id INTEGER PRIMARY KEY, path);
    INSERT INTO temp.parents SELECT id, path FROM folders;";

/// What must be true in a shard: how many rows break it, and what is said of them. `%` stands for the number.
const SHARD_LAWS: [(&str, &str); 7] = [
    (
        "SELECT count(*) = 0 AND EXISTS(SELECT 1 FROM entries) FROM root",
        "the row that says whose shard it is is missing",
    ),
    (
        "SELECT count(*) FROM folders WHERE parent_id IS NULL AND path <> ''",
        "% folders lie in no folder",
    ),
    (
        "SELECT EXISTS(SELECT 1 FROM folders) AND NOT EXISTS(SELECT 1 FROM folders WHERE path = '')",
        "the root folder is missing",
    ),
    (
        "SELECT count(*) FROM folders f CROSS JOIN temp.parents p ON p.id = f.parent_id
          WHERE p.path <> ''
            AND substr(CAST(f.path AS BLOB), 1, length(CAST(p.path AS BLOB)) + 1) <> CAST(CAST(p.path AS BLOB) || '/' AS BLOB)",
        "% folders are not below the folder they lie in",
    ),
    (
        "SELECT count(*) FROM entries WHERE change_id > (SELECT change_id FROM root) OR first_change > change_id",
        "% files have the number of a batch that never was",
    ),
    (
        "SELECT count(*) FROM hashes WHERE typeof(hash) <> 'blob' OR length(hash) <> 32",
        "% hashes are not 32 bytes long",
    ),
    (
        "SELECT count(*) FROM entries WHERE typeof(name) NOT IN ('text', 'blob') OR length(name) = 0",
        "% files have no name",
    ),
];

/// The same for the catalogue.
const CATALOG_LAWS: [(&str, &str); 1] = [(
    "SELECT count(*) FROM drives WHERE label = '' OR drive_uid = '' OR shard_file = ''",
    "% drives have no label, no identity or no shard",
)];

/// Checks the database at `path`, which is only read. With `drive_uid`, a shard must be that drive's.
///
/// # Errors
/// When there is no such file, or `cancel` stopped it; everything else that goes wrong is an issue.
pub fn check(
    path: &Path,
    drive_uid: Option<&str>,
    busy_timeout: Duration,
    cancel: &CancelToken,
) -> Result<Integrity, OpenError> {
    let mut found = Integrity::default();
    match look(path, drive_uid, busy_timeout, cancel, &mut found) {
        Ok(()) => {}
        Err(OpenError::Sqlite { source, .. }) if !is_interruption(&source) => {
            found.issue(source.to_string());
        }
        Err(error) => return Err(error),
    }
    found.ok = found.issue_count == 0;
    Ok(found)
}

fn look(
    path: &Path,
    drive_uid: Option<&str>,
    busy_timeout: Duration,
    cancel: &CancelToken,
    found: &mut Integrity,
) -> Result<(), OpenError> {
    let mut connection = open_unchecked(path, Access::Read)?;
    let sqlite = |source| OpenError::Sqlite {
        path: path.to_path_buf(),
        source,
    };
    connection.busy_timeout(busy_timeout).map_err(sqlite)?;
    interruptible(&mut connection, cancel).map_err(sqlite)?;
    let mut complaints = Vec::new();
    gather(&connection, "quick_check", &mut complaints).map_err(sqlite)?;
    if !complaints.is_empty() {
        // The thorough one finds at least as much, unless it gives up.
        let mut thorough = Vec::new();
        let outcome = gather(&connection, "integrity_check", &mut thorough);
        if outcome.as_ref().is_err_and(is_interruption) {
            return outcome.map_err(sqlite);
        }
        if thorough.len() >= complaints.len() {
            complaints = thorough;
        }
    }
    for complaint in complaints {
        found.issue(complaint);
    }
    references(&connection, found).map_err(sqlite)?;
    match identify(path)? {
        Identity::Catalog { .. } => laws(&connection, &CATALOG_LAWS, found).map_err(sqlite)?,
        Identity::Shard {
            drive_uid: owner, ..
        } => {
            connection.execute_batch(PARENTS).map_err(sqlite)?;
            laws(&connection, &SHARD_LAWS, found).map_err(sqlite)?;
            if let (Some(expected), Some(owner)) = (drive_uid, owner)
                && expected != owner
            {
                found.issue("it is the shard of another drive than the catalogue says");
            }
        }
        Identity::Empty => found.issue("it is empty: there are no tables in it"),
        Identity::Legacy | Identity::Foreign => {}
    }
    Ok(())
}

/// Gathers what one of SQLite's own checks complains of.
fn gather(
    connection: &Connection,
    check: &str,
    complaints: &mut Vec<String>,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(&format!("PRAGMA {check}({MOST_COMPLAINTS})"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let text: String = row.get(0)?;
        // Several lines may come as one row.
        complaints.extend(
            text.lines()
                .filter(|line| *line != "ok" && !line.starts_with("*** in database"))
                .map(str::to_owned),
        );
    }
    Ok(())
}

/// Counts rows that refer to rows that are not there, by table.
fn references(connection: &Connection, found: &mut Integrity) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(
        "SELECT \"table\", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2 ORDER BY 1, 2",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (table, parent, count): (String, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        found.issues(
            count.unsigned_abs(),
            format!("{count} rows of `{table}` refer to rows of `{parent}` that are not there"),
        );
    }
    Ok(())
}

/// Holds the rows to laws. A table that an earlier version had not cannot break one.
fn laws(
    connection: &Connection,
    laws: &[(&str, &str)],
    found: &mut Integrity,
) -> rusqlite::Result<()> {
    for (query, text) in laws {
        let broken: i64 = connection.query_row(query, [], |row| row.get(0))?;
        if broken > 0 {
            found.issues(
                broken.unsigned_abs(),
                text.replace('%', &broken.to_string()),
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::open::{Database, Journal, open};
    use super::*;

    fn of(rows: &str, drive_uid: Option<&str>) -> Integrity {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        let shard = open(&path, Database::Shard, Access::Create, Journal::Wal).unwrap();
        shard.pragma_update(None, "foreign_keys", false).unwrap();
        shard.execute_batch(rows).unwrap();
        drop(shard);
        check(
            &path,
            drive_uid,
            Duration::from_secs(1),
            &CancelToken::new(),
        )
        .unwrap()
    }

    const SOUND: &str = "
        INSERT INTO root(id, drive_uid, drive_label, mount_path, separator, change_id) VALUES(1, 'u', 'L', '/m', '/', 5);
        INSERT INTO folders VALUES(1, NULL, ''), (2, 1, 'a'), (3, 2, 'a/b'), (4, 2, CAST('a/' || x'ff' AS BLOB));
        INSERT INTO kinds VALUES(1, NULL, NULL, 'other', 0);
        INSERT INTO entries(id, folder_id, name, kind_id, first_change, change_id) VALUES(1, 3, 'x', 1, 1, 5);";

    #[test]
    fn laws_of_our_own_are_checked() {
        let sound = of(SOUND, Some("u"));
        assert!(sound.ok, "{sound:?}");
        for (damage, expected) in [
            (
                "UPDATE entries SET folder_id = 99",
                "1 rows of `entries` refer to rows of `folders`",
            ),
            (
                "UPDATE entries SET kind_id = 99",
                "1 rows of `entries` refer to rows of `kinds`",
            ),
            (
                "UPDATE folders SET parent_id = 99 WHERE id = 3",
                "of `folders` refer to rows of `folders`",
            ),
            (
                "UPDATE folders SET parent_id = NULL WHERE id = 2",
                "1 folders lie in no folder",
            ),
            (
                "UPDATE folders SET path = 'c/b' WHERE id = 3",
                "1 folders are not below",
            ),
            ("DELETE FROM root", "whose shard"),
            ("UPDATE root SET drive_uid = 'v'", "another drive"),
            ("UPDATE root SET change_id = 4", "1 files have the number"),
            ("INSERT INTO hashes VALUES(1, x'00', 0, 0, 1)", "1 hashes"),
            ("UPDATE entries SET name = ''", "1 files have no name"),
        ] {
            let found = of(&format!("{SOUND}{damage}"), Some("u"));
            assert!(!found.ok, "{damage}");
            assert!(
                found.issues.iter().any(|issue| issue.contains(expected)),
                "{damage}: {found:?}"
            );
        }
    }

    #[test]
    fn old_statistics_do_not_make_it_slow() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        let shard = open(&path, Database::Shard, Access::Create, Journal::Wal).unwrap();
        shard
            .execute_batch(&format!(
                "{SOUND} DELETE FROM entries; DELETE FROM folders WHERE id > 1; ANALYZE;"
            ))
            .unwrap();
        drop(shard);
        let connection = open_unchecked(&path, Access::Read).unwrap();
        connection.execute_batch(PARENTS).unwrap();
        for (query, _) in SHARD_LAWS {
            let plan: Vec<String> = connection
                .prepare(&format!("EXPLAIN QUERY PLAN {query}"))
                .unwrap()
                .query_map([], |row| row.get(3))
                .unwrap()
                .collect::<rusqlite::Result<_>>()
                .unwrap();
            if query.contains("parents") {
                assert!(
                    plan.contains(&"SEARCH p USING INTEGER PRIMARY KEY (rowid=?)".to_owned()),
                    "{plan:?}"
                );
            }
        }
    }

    #[test]
    fn only_ten_are_told_but_all_are_counted() {
        let found = of(
            &format!(
                "{SOUND}
                 WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 59)
                 INSERT INTO entries(id, folder_id, name, kind_id, first_change, change_id)
                 SELECT i, 99, 'n' || i, 1, 1, 5 FROM n"
            ),
            None,
        );
        assert_eq!(found.issue_count, 50);
        assert!(found.issues.len() <= SHOWN);
    }

    #[test]
    fn files_that_are_no_database_are_issues_and_missing_ones_errors() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        let look = || check(&path, None, Duration::from_secs(1), &CancelToken::new());
        assert!(matches!(look(), Err(OpenError::Missing { .. })));
        for content in [vec![], vec![9; 5_000]] {
            std::fs::write(&path, content).unwrap();
            let found = look().unwrap();
            assert_eq!((found.ok, found.issue_count), (false, 1), "{found:?}");
        }
    }

    #[test]
    fn it_can_be_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        let shard = open(&path, Database::Shard, Access::Create, Journal::Wal).unwrap();
        shard
            .execute_batch(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
                 INSERT INTO changes SELECT i, 'then' FROM n",
            )
            .unwrap();
        let cancel = CancelToken::new();
        cancel.cancel();
        let stopped = check(&path, None, Duration::from_secs(1), &cancel);
        assert!(
            matches!(&stopped, Err(OpenError::Sqlite { source, .. }) if is_interruption(source)),
            "{stopped:?}"
        );
    }
}
