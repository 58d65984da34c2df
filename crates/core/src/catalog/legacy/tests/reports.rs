//! Reports over adopted databases are what SQL over the documented views says.

use videocatalog_testkit::legacy::{InventoryRow, sample_files};

use super::*;
use crate::cancel::CancelToken;
use crate::report::{self, Params, Source, duplicates::duplicates, media::media};
use crate::search::Searcher;

pub(super) fn adopted() -> (tempfile::TempDir, Catalog) {
    let folder = tempfile::tempdir().unwrap();
    let workdir = WorkingDir::new(folder.path().join("home"));
    let data = workdir.root().join("data");
    std::fs::create_dir_all(data.join("shards")).unwrap();
    let catalog = LegacyDb::create(&data.join("catalog.db"), Layout::Catalog).unwrap();
    let mounts = [("Unix", "/mnt/u", '/'), ("Windows", "E:\\", '\\')];
    for ((label, mount, separator), layout) in
        mounts.into_iter().zip([Layout::DialectA, Layout::DialectB])
    {
        catalog.drive(label, mount, "2023-01-01T00:00:00Z").unwrap();
        let path = data.join(format!("shards/{label}.db"));
        let shard = LegacyDb::create(&path, layout).unwrap();
        for row in sample_files(label, mount.trim_end_matches('\\'), separator) {
            shard.file(&row).unwrap();
        }
        if layout == Layout::DialectA {
            let row = InventoryRow::new(label, "/mnt/u/only listed.mp4", 5);
            shard.inventory(&row).unwrap();
        }
    }
    drop(catalog);
    let (catalog, _) = adopt_all(&workdir);
    (folder, catalog)
}

fn numbers(shard: &Connection, sql: &str) -> Vec<(String, u64, u64)> {
    let mut select = shard.prepare(sql).unwrap();
    let mut found: Vec<(String, u64, u64)> = select
        .query_map([], |row| {
            let number = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
            Ok((row.get(0)?, number(1)?, number(2)?))
        })
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap();
    found.sort();
    found
}

#[test]
fn they_are_what_the_views_say() {
    let (_folder, catalog) = adopted();
    let searcher = Searcher::default();
    let cancel = CancelToken::new();
    let drives = catalog.drives().unwrap();
    assert_eq!(drives.len(), 2);
    for drive in &drives {
        let shard = shard(&catalog, &drive.label);
        let one = std::slice::from_ref(drive);
        let params = Params {
            top_n: 1_000,
            largest_limit: 1_000,
            ..Params::default()
        };
        let bundle = report::bundle(&searcher, &catalog, one, params, NOW, &cancel).unwrap();
        assert!(bundle.unread.is_empty(), "{:?}", bundle.unread);
        let live = "FROM files f JOIN entries e ON e.id = f.id JOIN kinds k ON k.id = e.kind_id WHERE f.deleted = 0";
        let all = numbers(
            &shard,
            &format!("SELECT '', count(*), coalesce(sum(f.size_bytes), 0) {live}"),
        );
        let overview = &bundle.overview;
        assert_eq!(
            (overview.total_files, overview.total_size),
            (all[0].1, all[0].2)
        );
        assert!(overview.total_files > 0);
        let categories = format!(
            "SELECT k.category, count(*), coalesce(sum(f.size_bytes), 0) {live} GROUP BY 1"
        );
        let mut found: Vec<(String, u64, u64)> = overview
            .categories
            .iter()
            .filter(|entry| entry.files > 0)
            .map(|entry| (entry.category.clone(), entry.files, entry.bytes))
            .collect();
        found.sort();
        assert_eq!(found, numbers(&shard, &categories));
        let mut largest: Vec<String> = bundle
            .largest_files
            .iter()
            .map(|file| {
                format!(
                    "{}|{}",
                    file.path,
                    file.size_bytes
                        .map_or("NULL".into(), |size| size.to_string())
                )
            })
            .collect();
        largest.sort();
        let listed = dump(
            &shard,
            "SELECT path, size_bytes FROM files WHERE deleted = 0",
        );
        assert_eq!(largest, listed);
        let bytes: u64 = bundle
            .heaviest_folders
            .iter()
            .map(|folder| folder.bytes)
            .sum();
        assert_eq!(bytes, overview.total_size, "each file counts in one folder");
    }
    let source = Source {
        searcher: &searcher,
        catalog: &catalog,
        cancel: &cancel,
    };
    let duplicates = duplicates(source, &drives, 20).unwrap();
    assert_eq!(duplicates.total.groups, 0, "older hashes prove nothing");
    let containers = media(source, &drives).unwrap().containers;
    let films: u64 = containers.iter().map(|entry| entry.files).sum();
    let expected: u64 = drives
        .iter()
        .map(|drive| {
            let sql = "SELECT '', count(*), 0 FROM files WHERE is_av AND deleted = 0";
            numbers(&shard(&catalog, &drive.label), sql)[0].1
        })
        .sum();
    assert_eq!(films, expected);
}
