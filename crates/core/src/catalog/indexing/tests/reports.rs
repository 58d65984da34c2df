//! The five reports are what SQL says, also while rows change under the index.

use super::*;
use crate::report::{self, Params};

/// What a `SELECT` of two numbers behind a text gives, as the reports have it.
fn sums_of(connection: &Connection, sql: &str) -> BTreeMap<String, (u64, u64)> {
    let mut select = connection.prepare(sql).unwrap();
    let rows = select.query_map([], |row| {
        let number = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
        let name = String::from_utf8_lossy(names::from_sql(row.get_ref(0)?)).into_owned();
        Ok((name, (number(1)?, number(2)?)))
    });
    rows.unwrap().collect::<rusqlite::Result<_>>().unwrap()
}

/// The reports of one drive are what SQL says of its shard.
fn check_reports(lab: &Lab, searcher: &Searcher, shard: &Shard) {
    let params = Params {
        top_n: 1_000,
        folder_depth: 1,
        recent_days: 100,
        largest_limit: 25,
    };
    let drives = std::slice::from_ref(&shard.drive);
    let now_us = 300 * DAY_US;
    let cancel = CancelToken::new();
    let bundle = report::bundle(searcher, &lab.catalog, drives, params, now_us, &cancel).unwrap();
    let live =
        "FROM entries e JOIN kinds k ON k.id = e.kind_id JOIN folders f ON f.id = e.folder_id
                WHERE e.deleted_change IS NULL";
    let of = |name: &str| {
        let sql =
            format!("SELECT {name}, count(*), coalesce(sum(e.size_bytes), 0) {live} GROUP BY 1");
        sums_of(&shard.connection, &sql)
    };
    let all = of("'all'").remove("all").unwrap_or_default();
    let overview = &bundle.overview;
    assert_eq!((overview.total_files, overview.total_size), all);
    assert_eq!(overview.average_size, all.1.checked_div(all.0).unwrap_or(0));
    let found: BTreeMap<_, _> = overview
        .categories
        .iter()
        .filter(|entry| entry.files > 0)
        .map(|entry| (entry.category.clone(), (entry.files, entry.bytes)))
        .collect();
    assert_eq!(found, of("k.category"));
    assert_eq!(overview.categories.len(), 7);
    let found: BTreeMap<_, _> = bundle
        .top_extensions
        .entries
        .iter()
        .map(|entry| (entry.extension.clone(), (entry.files, entry.bytes)))
        .collect();
    assert_eq!(found, of("coalesce('.' || k.ext, '')"));
    let found: BTreeMap<_, _> = bundle
        .heaviest_folders
        .iter()
        .map(|entry| {
            let below = entry.folder.strip_prefix(&shard.drive.mount_path).unwrap();
            (
                below.trim_start_matches('/').to_owned(),
                (entry.files, entry.bytes),
            )
        })
        .collect();
    let first = "CASE instr(f.path, '/') WHEN 0 THEN f.path ELSE substr(f.path, 1, instr(f.path, '/') - 1) END";
    // No folder at this depth has a name that is no UTF-8.
    assert_eq!(found, of(&format!("CAST({first} AS TEXT)")));
    let found: Vec<_> = bundle
        .largest_files
        .iter()
        .map(|file| (file.rel_path.clone(), file.size_bytes))
        .collect();
    let path = "CAST(CASE f.path WHEN '' THEN e.name ELSE f.path || '/' || e.name END AS BLOB)";
    let sql = format!(
        "SELECT {path}, e.size_bytes {live} ORDER BY e.size_bytes IS NULL, e.size_bytes DESC, 1 LIMIT 25"
    );
    let mut select = shard.connection.prepare(&sql).unwrap();
    let expected: Vec<(String, Option<i64>)> = select
        .query_map([], |row| {
            let path = names::from_sql(row.get_ref(0)?);
            Ok((String::from_utf8_lossy(path).into_owned(), row.get(1)?))
        })
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap();
    assert_eq!(found, expected);
    let since = now_us - 100 * DAY_US;
    let sql = format!("SELECT count(*) {live} AND e.mtime_us >= {since}");
    let recent: i64 = shard
        .connection
        .query_row(&sql, [], |row| row.get(0))
        .unwrap();
    assert_eq!(bundle.recent_changes.total, recent.unsigned_abs());
    assert_eq!(
        bundle.recent_changes.rows.len() as u64,
        recent.unsigned_abs().min(1_000)
    );
}

#[test]
fn reports_are_what_sql_says() {
    let mut lab = Lab::new(11, &[400, 0, 90]);
    let searcher = Searcher::default();
    for _ in 0..4 {
        for shard in &lab.shards {
            check_reports(&lab, &searcher, shard);
        }
        lab.change_some(80);
    }
    let drives: Vec<Drive> = lab.shards.iter().map(|shard| shard.drive.clone()).collect();
    let cancel = CancelToken::new();
    let together = report::bundle(
        &searcher,
        &lab.catalog,
        &drives,
        Params::default(),
        0,
        &cancel,
    )
    .unwrap();
    let live = lab
        .shards
        .iter()
        .flat_map(|shard| shard.rows.values())
        .filter(|file| !file.deleted);
    assert_eq!(together.overview.total_files, live.count() as u64);
    assert_eq!(together.drive_label, None);
    std::fs::remove_file(lab.catalog.shard_path(&drives[2])).unwrap();
    let without = report::bundle(
        &searcher,
        &lab.catalog,
        &drives,
        Params::default(),
        0,
        &cancel,
    )
    .unwrap();
    assert!(without.unread[0].contains("Drive 2"));
    assert!(without.overview.total_files < together.overview.total_files);
    cancel.cancel();
    assert!(
        report::bundle(
            &searcher,
            &lab.catalog,
            &drives,
            Params::default(),
            0,
            &cancel
        )
        .is_none()
    );
}

/// A file of one gigabyte at a place, of a kind.
fn film(folder: usize, name: &str, kind: usize) -> File {
    File {
        folder,
        name: name.as_bytes().to_vec(),
        kind,
        size: Some(1_000_000_000),
        time: Some(DAY_US),
        ..File::default()
    }
}

#[test]
fn what_is_equal_stands_in_the_documented_order() {
    let mut lab = Lab::new(1, &[0]);
    let shard = &mut lab.shards[0];
    shard.next_change();
    // One file of each kind but the last, in four folders.
    let files = [(4, "b", 2), (1, "a", 1), (3, "c", 3), (0, "d", 0)];
    for (id, (folder, name, kind)) in (1..).zip(files) {
        shard.put(id, film(folder, name, kind));
    }
    let shard = &lab.shards[0];
    let params = Params {
        folder_depth: 0,
        ..Params::default()
    };
    let drives = std::slice::from_ref(&shard.drive);
    let cancel = CancelToken::new();
    let searcher = Searcher::default();
    let bundle = report::bundle(&searcher, &lab.catalog, drives, params, 0, &cancel).unwrap();
    let categories: Vec<_> = bundle
        .overview
        .categories
        .iter()
        .map(|one| &one.category)
        .collect();
    assert_eq!(
        categories,
        [
            "audio",
            "image",
            "other",
            "video",
            "archive",
            "document",
            "executable"
        ],
        "files, then name"
    );
    let extensions: Vec<_> = bundle
        .top_extensions
        .entries
        .iter()
        .map(|one| (one.extension.as_str(), one.rank_count, one.rank_size))
        .collect();
    let ranked = ["", ".jpg", ".mkv", ".mp3"].into_iter().zip(1_u64..);
    let expected: Vec<_> = ranked
        .map(|(name, rank)| (name, Some(rank), Some(rank)))
        .collect();
    assert_eq!(extensions, expected);
    let largest: Vec<_> = bundle
        .largest_files
        .iter()
        .map(|one| &one.rel_path)
        .collect();
    assert_eq!(largest, ["Films/1999 (old)/c", "Films/a", "d", "music/b"]);
    let folders: Vec<_> = bundle
        .heaviest_folders
        .iter()
        .map(|one| &one.folder)
        .collect();
    assert_eq!(
        folders,
        [
            "/mnt/d0",
            "/mnt/d0/Films",
            "/mnt/d0/Films/1999 (old)",
            "/mnt/d0/music"
        ]
    );
    assert_eq!(bundle.recent_changes.total, 4, "times to come count too");
}
