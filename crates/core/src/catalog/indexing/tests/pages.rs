//! Pages of a drive's files joined together are the naive list, also while rows change.

use super::{DAY_US, File, KINDS, Lab, Shard, fold};
use crate::browse::{self, BrowseError, InventoryFilter};
use crate::clock::utc_text;
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

/// Paths that a filter leaves, in the documented order.
fn naive(shard: &Shard, filter: &InventoryFilter) -> Vec<String> {
    let folded = fold::fold(filter.q.as_bytes());
    let ext = filter.ext.trim_start_matches('.').to_lowercase();
    let is_wanted = |file: &&File| {
        let (own_ext, category) = KINDS[file.kind];
        let path = fold::fold(&file.path());
        let time = file.time.map(utc_text).unwrap_or_default();
        !file.deleted
            && (folded.is_empty() || path.windows(folded.len()).any(|part| part == folded))
            && (filter.category.is_empty() || filter.category.eq_ignore_ascii_case(category))
            && (ext.is_empty() || own_ext == Some(ext.as_str()))
            && (filter.since.is_empty() || (file.time.is_some() && time >= filter.since))
    };
    let mut paths: Vec<Vec<u8>> = shard
        .rows
        .values()
        .filter(is_wanted)
        .map(File::path)
        .collect();
    paths.sort_by_key(|path| (path.to_ascii_lowercase(), path.clone()));
    let paths = paths
        .iter()
        .map(|path| String::from_utf8_lossy(path).into_owned());
    paths.collect()
}

fn check(lab: &Lab, searcher: &Searcher, shard: &Shard, filter: &InventoryFilter) -> usize {
    let expected = naive(shard, filter);
    for size in [7, 1_000] {
        let mut found = Vec::new();
        loop {
            let page = browse::inventory(
                searcher,
                &lab.catalog,
                &shard.drive,
                filter,
                found.len(),
                size,
            )
            .unwrap();
            assert_eq!(page.total, expected.len(), "{filter:?}");
            for row in &page.rows {
                assert_eq!(
                    row.path,
                    format!("{}/{}", shard.drive.mount_path, row.rel_path)
                );
                let is_text = !row.rel_path.contains('\u{fffd}');
                assert_eq!(row.path_b64.is_none(), is_text, "{row:?}");
                assert!(row.rel_path.ends_with(&row.name));
            }
            let is_last = page.rows.len() < size;
            found.extend(page.rows.into_iter().map(|row| row.rel_path));
            if is_last {
                break;
            }
        }
        assert_eq!(found, expected, "{filter:?}");
    }
    expected.len()
}

#[test]
fn pages_are_those_of_a_naive_list_while_rows_change() {
    let since = utc_text(200 * DAY_US);
    let filters = [
        InventoryFilter::default(),
        filter("capek", "", "", ""),
        filter("FILMS/", "", "", ""),
        filter("%", "", "", ""),
        filter("", "VIDEO", "", ""),
        filter("", "", ".Mp3", ""),
        filter("", "", "", &since),
        filter("b", "audio", "mp3", &since),
    ];
    for seed in 0..2 {
        let mut lab = Lab::new(seed, &[400, 0]);
        let searcher = Searcher::default();
        for _ in 0..3 {
            for shard in &lab.shards {
                let found = filters
                    .iter()
                    .map(|filter| check(&lab, &searcher, shard, filter));
                assert!(found.sum::<usize>() > 100 || shard.rows.len() < 100);
            }
            lab.change_some(60);
        }
    }
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
    assert_eq!(page(&filter("", "nonsense", "", ""), 0).unwrap().total, 0);
    assert!(matches!(
        page(&filter("", "", "", "yesterday"), 0),
        Err(BrowseError::Since { .. })
    ));
    let mime = InventoryFilter {
        mime: "video/".into(),
        ..InventoryFilter::default()
    };
    assert_eq!(page(&mime, 0).unwrap().total, 0);
}

#[test]
fn several_blocks_are_in_one_order() {
    let lab = Lab::new(9, &[70_000]);
    let shard = &lab.shards[0];
    let expected = naive(shard, &InventoryFilter::default());
    let searcher = Searcher::default();
    for offset in [0, 31_000, expected.len() - 50] {
        let none = InventoryFilter::default();
        let page = browse::inventory(&searcher, &lab.catalog, &shard.drive, &none, offset, 100);
        let found: Vec<String> = page
            .unwrap()
            .rows
            .into_iter()
            .map(|row| row.rel_path)
            .collect();
        assert_eq!(found, expected[offset..(offset + 100).min(expected.len())]);
    }
}
