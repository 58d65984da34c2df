//! Pages of a drive's files joined together are the naive list, also while rows change.

use std::thread;

use unicode_normalization::UnicodeNormalization;

use super::{DAY_US, KINDS, Lab, Shard};
use crate::browse::{self, BrowseError, InventoryFilter};
use crate::catalog::drives;
use crate::catalog::store::Catalog;
use crate::clock::utc_text;
use crate::path::absolute_text;
use crate::search::Searcher;

fn filter(q: &str, category: &str, ext: &str, since: &str) -> InventoryFilter {
    InventoryFilter {
        q: q.into(),
        category: category.into(),
        ext: ext.into(),
        since: since.into(),
        ..InventoryFilter::default()
    }
}

fn mime(mime: &str) -> InventoryFilter {
    InventoryFilter {
        mime: mime.into(),
        ..InventoryFilter::default()
    }
}

fn lower(text: &str) -> String {
    text.to_lowercase().nfc().collect()
}

/// Absolute and relative paths that a filter leaves, in the documented order.
fn naive(shard: &Shard, filter: &InventoryFilter) -> Vec<(String, String)> {
    let mount = &shard.drive.mount_path;
    let separator = if mount.contains(':') { '\\' } else { '/' };
    let ext = filter.ext.trim_start_matches('.').to_lowercase();
    let mut paths: Vec<(Vec<u8>, Vec<u8>, Vec<u8>)> = Vec::new();
    for file in shard.rows.values() {
        let (own_ext, category) = KINDS[file.kind];
        let own_mime = own_ext.map_or(String::new(), |ext| format!("{category}/X-{ext}"));
        let time = file.time.map(utc_text).unwrap_or_default();
        let rel_path = file.path();
        let path = absolute_text(mount, separator, &rel_path);
        if !file.deleted
            && lower(&String::from_utf8_lossy(&path)).contains(&lower(&filter.q))
            && (filter.category.is_empty() || filter.category.eq_ignore_ascii_case(category))
            && (ext.is_empty() || own_ext == Some(ext.as_str()))
            && own_mime
                .to_lowercase()
                .starts_with(&filter.mime.to_lowercase())
            && (filter.since.is_empty() || (file.time.is_some() && time >= filter.since))
        {
            paths.push((path.to_ascii_lowercase(), path, rel_path));
        }
    }
    paths.sort();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let paths = paths.iter();
    paths
        .map(|(_, path, rel_path)| (text(path), text(rel_path)))
        .collect()
}

fn check(catalog: &Catalog, searcher: &Searcher, shard: &Shard, filter: &InventoryFilter) -> usize {
    let expected = naive(shard, filter);
    for size in [7, 1_000] {
        let mut found = Vec::new();
        loop {
            let page =
                browse::inventory(searcher, catalog, &shard.drive, filter, found.len(), size)
                    .unwrap();
            assert_eq!(page.total, expected.len(), "{filter:?}");
            for row in &page.rows {
                let is_text = !row.rel_path.contains('\u{fffd}');
                assert_eq!(row.path_b64.is_none(), is_text, "{row:?}");
                assert!(row.rel_path.ends_with(&row.name) && !row.deleted);
            }
            let is_last = page.rows.len() < size;
            found.extend(page.rows.into_iter().map(|row| (row.path, row.rel_path)));
            if is_last {
                break;
            }
        }
        assert_eq!(found, expected, "{filter:?}");
    }
    expected.len()
}

fn filters() -> Vec<InventoryFilter> {
    let since = utc_text(200 * DAY_US);
    let mut filters: Vec<InventoryFilter> = [
        "capek",
        "ČAPEK",
        "C\u{30c}apek",
        "straße",
        "FILMS/",
        "films/č",
        "s/1999 (OLD)/f",
        "d0/films",
        "/MNT/d0/",
        "0/",
        "/",
        "%",
        "x%y",
        "_",
        "mnt",
        "\n",
        "\u{202e}",
        "9.MKV",
        "nowhere",
        "\0",
        "é",
    ]
    .map(|q| filter(q, "", "", ""))
    .into();
    filters.extend([
        InventoryFilter::default(),
        filter("", "VIDEO", "", ""),
        filter("", "nonsense", "", ""),
        filter("", "", ".Mp3", ""),
        filter("", "", "", &since),
        filter("b", "audio", "mp3", &since),
        mime("VIDEO/x"),
        mime("o"),
    ]);
    filters
}

#[test]
fn pages_are_those_of_a_naive_list_while_rows_change() {
    for seed in 0..2 {
        let mut lab = Lab::new(seed, &[400, 0]);
        let searcher = Searcher::default();
        for _ in 0..3 {
            for shard in &lab.shards {
                let filters = filters();
                let found = filters
                    .iter()
                    .map(|filter| check(&lab.catalog, &searcher, shard, filter));
                assert!(found.sum::<usize>() > 1_000 || shard.rows.len() < 100);
            }
            lab.change_some(60);
        }
    }
}

#[test]
fn a_drive_of_windows_is_in_the_order_of_its_own_paths() {
    let mut lab = Lab::new(5, &[400]);
    let shard = &mut lab.shards[0];
    shard.drive.mount_path = "D:\\".into();
    shard.drive.mount_bytes = shard.drive.mount_path.clone().into_bytes();
    drives::save(lab.catalog.connection(), &shard.drive).unwrap();
    let move_root = "UPDATE root SET mount_path = 'D:\\', separator = '\\'";
    shard.connection.execute_batch(move_root).unwrap();
    let searcher = Searcher::default();
    for _ in 0..2 {
        let shard = &lab.shards[0];
        for q in [
            "",
            "D:\\films",
            "d:\\",
            "\\1999",
            "FILMS\\1999 (old)\\film",
            "capek",
        ] {
            check(&lab.catalog, &searcher, shard, &filter(q, "", "", ""));
        }
        lab.change_some(60);
    }
}

#[test]
fn a_drive_that_moved_is_searched_where_it_is() {
    let mut lab = Lab::new(6, &[50]);
    let searcher = Searcher::default();
    let asked = [
        filter("mnt/d0", "", "", ""),
        filter("media/other", "", "", ""),
    ];
    let count = |lab: &Lab| {
        let found = asked.iter();
        let shard = &lab.shards[0];
        found
            .map(|filter| check(&lab.catalog, &searcher, shard, filter))
            .collect::<Vec<_>>()
    };
    let before = count(&lab);
    assert!(before[0] > 0 && before[1] == 0);
    // Only the catalogue knows as yet.
    lab.shards[0].drive.mount_path = "/media/other".into();
    assert_eq!(count(&lab), [0, before[0]]);
}

#[test]
fn many_ask_at_once() {
    let lab = Lab::new(7, &[300]);
    let (shard, workdir) = (&lab.shards[0], lab.catalog.workdir());
    let searcher = Searcher::default();
    let expected: Vec<_> = filters().iter().map(|one| naive(shard, one)).collect();
    let drive = &shard.drive;
    thread::scope(|scope| {
        for first in 0..6 {
            let (searcher, expected) = (&searcher, &expected);
            scope.spawn(move || {
                let catalog = Catalog::open_read_only(workdir, None).unwrap();
                let filters = filters();
                for turn in 0..60 {
                    let which = (first * 3 + turn) % filters.len();
                    let page =
                        browse::inventory(searcher, &catalog, drive, &filters[which], turn, 20);
                    let found = page.unwrap().rows.into_iter();
                    let found: Vec<_> = found.map(|row| (row.path, row.rel_path)).collect();
                    let expected = expected[which].iter().skip(turn).take(20);
                    assert!(found.iter().eq(expected), "{:?}", filters[which]);
                }
            });
        }
    });
}

#[test]
fn an_offset_behind_the_end_is_an_empty_page_and_nonsense_is_told() {
    let lab = Lab::new(3, &[20]);
    let (searcher, drive) = (Searcher::default(), &lab.shards[0].drive);
    let page = |filter: &InventoryFilter, offset| {
        browse::inventory(&searcher, &lab.catalog, drive, filter, offset, 5)
    };
    let none = InventoryFilter::default();
    assert!(page(&none, usize::MAX).unwrap().rows.is_empty());
    let error = page(&filter("", "", "", "yesterday"), 0).unwrap_err();
    assert!(matches!(error, BrowseError::Since { .. }));
    assert!(!error.hint().is_empty());
}

#[test]
fn several_blocks_are_in_one_order() {
    let lab = Lab::new(9, &[70_000]);
    let shard = &lab.shards[0];
    let none = InventoryFilter::default();
    let expected = naive(shard, &none);
    let searcher = Searcher::default();
    for offset in [0, 31_000, expected.len() - 50] {
        let page = browse::inventory(&searcher, &lab.catalog, &shard.drive, &none, offset, 100);
        let rows = page.unwrap().rows.into_iter();
        let found: Vec<_> = rows.map(|row| (row.path, row.rel_path)).collect();
        assert_eq!(found, expected[offset..(offset + 100).min(expected.len())]);
    }
}

/// Names that come before and after whatever stands between names, and such that differ in case alone.
const TREE: [&str; 10] = ["a", "A", "a b", "a-", "a.", "a0", "aZ", "a_", "B", "ä"];

#[test]
fn files_and_folders_are_interleaved_as_their_paths_say() {
    for seed in 0..20 {
        let mut lab = Lab::new(seed, &[0]);
        let mut paths: Vec<String> = Vec::new();
        for _ in 0..80 {
            let depth = lab.random.below(5);
            let names = (0..=depth).map(|_| *lab.pick(&TREE));
            paths.push(names.collect::<Vec<_>>().join("/"));
        }
        paths.sort();
        paths.dedup();
        let is_windows = seed % 2 == 1;
        let shard = &mut lab.shards[0];
        shard.connection.execute_batch("BEGIN").unwrap();
        shard.next_change();
        for path in &paths {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            let connection = &shard.connection;
            let add = "INSERT OR IGNORE INTO folders(path) VALUES(?1)";
            connection.execute(add, [folder]).unwrap();
            let add = "INSERT INTO entries(folder_id, name, kind_id, first_change, change_id)
                       SELECT id, ?2, 1, 1, 1 FROM folders WHERE path = ?1";
            connection.execute(add, [folder, name]).unwrap();
        }
        if is_windows {
            shard.drive.mount_path = "D:\\".into();
            let change = "UPDATE root SET separator = '\\'";
            shard.connection.execute_batch(change).unwrap();
        }
        shard.connection.execute_batch("COMMIT").unwrap();
        let mut expected: Vec<String> = paths;
        let shown = |path: &str| path.replace('/', if is_windows { "\\" } else { "/" });
        expected.sort_by_cached_key(|path| (shown(path).to_ascii_lowercase(), shown(path)));
        let (searcher, none) = (Searcher::default(), InventoryFilter::default());
        let drive = &lab.shards[0].drive;
        let page = browse::inventory(&searcher, &lab.catalog, drive, &none, 0, 1_000).unwrap();
        let found: Vec<String> = page.rows.into_iter().map(|row| row.rel_path).collect();
        assert_eq!(found, expected, "{seed}");
    }
}
