//! The order of a walk equals the order of sorted paths, whatever the names; filters equal the views' conditions.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::catalog::open::{Access, Database, Journal, create_entries_index, open};

/// A shard in memory's stead, with the files at these paths.
struct Shard {
    _folder: tempfile::TempDir,
    connection: Connection,
}

impl Shard {
    fn new(separator: char, has_index: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        let connection = open(&path, Database::Shard, Access::Create, Journal::Delete).unwrap();
        connection
            .pragma_update(None, "synchronous", "OFF")
            .unwrap();
        if has_index {
            create_entries_index(&connection).unwrap();
        }
        let mount = if separator == '/' { "/mnt/x" } else { "E:" };
        connection
            .execute(
                "INSERT INTO root(id, drive_uid, drive_label, mount_path, separator) VALUES(1, 'u', 'L', ?1, ?2)",
                [mount, &separator.to_string()],
            )
            .unwrap();
        connection
            .execute_batch(
                "INSERT INTO folders(path) VALUES('');
                 INSERT INTO changes(change_id, utc) VALUES(1, '2026-01-01T00:00:00Z'), (2, '2026-02-01T00:00:00Z');
                 INSERT INTO kinds(ext, mime, category, sniffed) VALUES('mkv', NULL, 'video', 0), ('txt', NULL, 'document', 0);",
            )
            .unwrap();
        Self {
            _folder: folder,
            connection,
        }
    }

    fn folder(&self, path: &[u8]) -> i64 {
        let known = self
            .connection
            .query_row(
                "SELECT id FROM folders WHERE path = ?1",
                [names::to_sql(path)],
                |row| row.get(0),
            )
            .optional()
            .unwrap();
        known.unwrap_or_else(|| {
            let parent = path.iter().rposition(|&byte| byte == b'/').unwrap_or(0);
            let parent = self.folder(&path[..parent]);
            self.connection
                .execute(
                    "INSERT INTO folders(parent_id, path) VALUES(?1, ?2)",
                    params![parent, names::to_sql(path)],
                )
                .unwrap();
            self.connection.last_insert_rowid()
        })
    }

    fn file(&self, path: &[u8], number: i64) {
        let (folder, name) = match path.iter().rposition(|&byte| byte == b'/') {
            Some(slash) => (&path[..slash], &path[slash + 1..]),
            None => (&b""[..], path),
        };
        let folder = self.folder(folder);
        self.connection
            .execute(
                "INSERT INTO entries(folder_id, name, size_bytes, mtime_us, kind_id, first_change, change_id, deleted_change)
                 VALUES(?1, ?2, ?3, ?4, ?5, 1, 2, ?6)",
                params![
                    folder,
                    names::to_sql(name),
                    number,
                    (number % 7 != 0).then_some(number * 1_000_000),
                    1 + number % 2,
                    (number % 3 == 0).then_some(2),
                ],
            )
            .unwrap();
    }

    fn walked(&self, separator: char, wanted: &Wanted) -> Vec<Vec<u8>> {
        let mut paths = Vec::new();
        let ended = each_file(
            &self.connection,
            separator,
            wanted,
            &CancelToken::new(),
            &mut |file| {
                paths.push(file.rel_path.to_vec());
                ControlFlow::Continue(())
            },
        );
        assert!(ended.unwrap().is_continue());
        paths
    }

    /// The same by SQL over the documented view.
    fn sorted(&self, condition: &str) -> Vec<Vec<u8>> {
        self.connection
            .prepare(&format!(
                "SELECT rel_path FROM files WHERE {condition} ORDER BY CAST(path AS BLOB)"
            ))
            .unwrap()
            .query_map([], |row| Ok(names::from_sql(row.get_ref(0)?).to_vec()))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap()
    }
}

/// Names whose bytes stand before, at and behind both separators, and some that are no UTF-8.
fn name() -> impl Strategy<Value = Vec<u8>> {
    let part = prop::sample::select(vec![
        &b"a"[..],
        b"B",
        b".",
        b"!",
        b"0",
        b"]",
        b"[",
        b"\xff",
        b"\x80",
        "é".as_bytes(),
        b"\n",
        b"-",
    ]);
    prop::collection::vec(part, 1..4).prop_map(|parts| parts.concat())
}

fn paths() -> impl Strategy<Value = BTreeSet<Vec<u8>>> {
    let path = prop::collection::vec(name(), 1..5).prop_map(|names| names.join(&b'/'));
    prop::collection::btree_set(path, 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_walk_meets_files_in_the_order_of_their_paths(
        paths in paths(),
        is_windows in any::<bool>(),
        has_index in prop::sample::select(vec![true, true, true, false]),
    ) {
        let separator = if is_windows { '\\' } else { '/' };
        let shard = Shard::new(separator, has_index);
        for (number, path) in paths.iter().enumerate() {
            shard.file(path, i64::try_from(number).unwrap());
        }
        let everything = Wanted { include_deleted: true, ..Wanted::default() };
        let walked = shard.walked(separator, &everything);
        prop_assert_eq!(walked.len(), paths.len());
        prop_assert_eq!(walked, shard.sorted("TRUE"));
        let av = Wanted { av_only: true, ..Wanted::default() };
        prop_assert_eq!(shard.walked(separator, &av), shard.sorted("is_av AND NOT deleted"));
        let since = Wanted { since_us: Some(20_000_000), include_deleted: true, ..Wanted::default() };
        prop_assert_eq!(
            shard.walked(separator, &since),
            shard.sorted("mtime_utc >= '1970-01-01T00:00:20Z'")
        );
    }
}

#[test]
fn files_of_a_folder_come_from_the_index_unsorted() {
    let shard = Shard::new('/', true);
    for is_bounded in [false, true] {
        let sql = Wanted::default().range(false, is_bounded);
        let plan: Vec<String> = shard
            .connection
            .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
            .unwrap()
            .query_map(
                rusqlite::params_from_iter(vec!["1"; 2 + usize::from(is_bounded)]),
                |row| row.get(3),
            )
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap();
        let plan = plan.join("; ");
        assert!(
            plan.contains("USING INDEX entries_by_place (folder_id=? AND name>"),
            "{plan}"
        );
        assert!(!plan.contains("B-TREE"), "{plan}");
    }
}

#[test]
fn it_stops_when_asked() {
    let shard = Shard::new('/', true);
    for number in 0..50 {
        shard.file(format!("{}/{number}", number % 5).as_bytes(), 1);
    }
    let run = |cancel: &CancelToken, most: usize| {
        let mut seen = 0;
        let ended = each_file(
            &shard.connection,
            '/',
            &Wanted::default(),
            cancel,
            &mut |_| {
                seen += 1;
                if seen == most {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            },
        );
        (ended.unwrap().is_break(), seen)
    };
    assert_eq!(run(&CancelToken::new(), 7), (true, 7));
    assert_eq!(run(&CancelToken::new(), 51), (false, 50));
    let cancel = CancelToken::new();
    cancel.cancel();
    assert_eq!(run(&cancel, 51), (true, 0));
}
