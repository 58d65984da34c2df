use super::super::integrity;
use super::super::open::{Database, Journal, open};
use super::*;
use std::time::Duration;

const FILES: i64 = 20_000;

fn facts() -> RootFacts<'static> {
    RootFacts {
        drive_uid: "u",
        drive_label: "L",
        mount_path: b"/m",
        separator: '/',
        profile: "SSD",
        total_bytes: None,
        free_bytes: None,
        scanned_at: "2026-01-01T00:00:00Z",
    }
}

/// A shard with files in two hundred folders, each file with a hash.
fn shard(folder: &Path) -> PathBuf {
    let path = folder.join("x.db");
    let connection = open(&path, Database::Shard, Access::Create, Journal::Delete).unwrap();
    create_entries_index(&connection).unwrap();
    shard::save_root(&connection, &facts()).unwrap();
    connection
        .execute_batch(&format!(
            "UPDATE root SET change_id = 9;
             INSERT INTO changes VALUES(9, '2026-01-01T00:00:00Z');
             INSERT INTO kinds VALUES(1, 'mkv', 'video/x-matroska', 'video', 0), (2, NULL, NULL, 'other', 0);
             INSERT INTO folders VALUES(1, NULL, '');
             WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 201)
             INSERT INTO folders SELECT i, 1, 'a folder of films ' || i FROM n;
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {FILES})
             INSERT INTO entries(id, folder_id, name, size_bytes, mtime_us, kind_id, first_change, change_id)
             SELECT i, 2 + i % 200, 'a film with a name ' || i || '.mkv', i * 7, i * 1000000, 1, 9, 9 FROM n;
             INSERT INTO hashes SELECT id, CAST(substr('h' || id || '................................', 1, 32) AS BLOB), 0, 0, 9 FROM entries;"
        ))
        .unwrap();
    path
}

/// Everything that is known of the files, as lines.
fn rows(path: &Path) -> Vec<String> {
    let connection = open_unchecked(path, Access::Read).unwrap();
    let mut select = connection
        .prepare(
            "SELECT e.id || '|' || f.path || '|' || e.name || '|' || coalesce(e.size_bytes, 0) || '|' || coalesce(e.mtime_us, 0) || '|' || k.category
                    || '|' || e.change_id || '|' || coalesce(hex(h.hash), '')
               FROM entries e JOIN folders f ON f.id = e.folder_id JOIN kinds k ON k.id = e.kind_id
               LEFT JOIN hashes h ON h.file_id = e.id ORDER BY e.id",
        )
        .unwrap();
    let rows = select.query_map([], |row| row.get(0)).unwrap();
    rows.collect::<rusqlite::Result<_>>().unwrap()
}

/// Pages of a table or index: all that are no root, leaves last.
fn pages(path: &Path, name: &str, kind: &str) -> Vec<u64> {
    let connection = open_unchecked(path, Access::Read).unwrap();
    let mut select = connection
        .prepare("SELECT pageno FROM dbstat WHERE name = ?1 AND pagetype = ?2 ORDER BY pageno")
        .unwrap();
    let pages = select
        .query_map([name, kind], |row| row.get::<_, i64>(0))
        .unwrap();
    pages.map(|page| page.unwrap().unsigned_abs()).collect()
}

fn overwrite(path: &Path, page: u64, byte: u8) {
    use std::io::{Seek, SeekFrom, Write};
    let mut file = std::fs::File::options().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start((page - 1) * 4_096)).unwrap();
    file.write_all(&[byte; 4_096]).unwrap();
}

fn salvaged(path: &Path) -> (PathBuf, Vec<TableSalvage>) {
    let before = std::fs::read(path).unwrap();
    let target = path.with_extension("new");
    let outcomes = salvage(path, &target, &facts(), &CancelToken::new()).unwrap();
    assert_eq!(
        std::fs::read(path).unwrap(),
        before,
        "the damaged one is only read"
    );
    let sound = integrity::check(
        &target,
        Some("u"),
        Duration::from_secs(1),
        &CancelToken::new(),
    );
    assert!(sound.as_ref().unwrap().ok, "{sound:?}");
    (target, outcomes)
}

fn of<'o>(outcomes: &'o [TableSalvage], table: &str) -> &'o TableSalvage {
    outcomes.iter().find(|one| one.table == table).unwrap()
}

#[test]
fn of_a_sound_shard_everything_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = shard(folder.path());
    let (new, outcomes) = salvaged(&path);
    assert_eq!(rows(&new), rows(&path));
    assert!(outcomes.iter().all(TableSalvage::is_whole), "{outcomes:?}");
    assert_eq!(of(&outcomes, "entries").rows, FILES.unsigned_abs());
}

#[test]
fn rows_outside_of_damaged_pages_are_kept_and_names_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = shard(folder.path());
    let all = rows(&path);
    let leaves = pages(&path, "entries", "leaf");
    assert!(leaves.len() > 100);
    // The first, the last, two that are neighbours, and two with a sound one between them.
    let damaged = [
        leaves[0],
        leaves[40],
        leaves[41],
        leaves[60],
        leaves[62],
        leaves[leaves.len() - 1],
    ];
    for page in damaged {
        overwrite(&path, page, 0x5a);
    }
    let (new, outcomes) = salvaged(&path);
    let kept = rows(&new);
    let entries = of(&outcomes, "entries");
    assert_eq!(entries.rows, FILES.unsigned_abs(), "{entries:?}");
    // About ninety rows a page.
    assert!(
        (300..900).contains(&entries.rebuilt),
        "{entries:?}, {} rows",
        kept.len()
    );
    let kept: std::collections::HashSet<&String> = kept.iter().collect();
    let missing = all.iter().filter(|row| !kept.contains(row)).count() as u64;
    assert_eq!(missing, entries.rebuilt, "only rows of the pages changed");
    assert_eq!(
        of(&outcomes, "hashes").rows,
        FILES.unsigned_abs(),
        "hashes hang on the numbers that came back"
    );
}

#[test]
fn an_inner_page_costs_what_is_below_it_at_most() {
    let folder = tempfile::tempdir().unwrap();
    let path = shard(folder.path());
    let inner = pages(&path, "hashes", "internal");
    overwrite(&path, inner[0], 0);
    let (_, outcomes) = salvaged(&path);
    assert!(of(&outcomes, "entries").is_whole());
    assert!(!of(&outcomes, "hashes").is_whole());
}

#[test]
fn folders_and_kinds_come_back_from_indexes_and_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = shard(folder.path());
    let all = rows(&path);
    overwrite(&path, pages(&path, "folders", "leaf")[1], 0xff);
    overwrite(&path, pages(&path, "kinds", "leaf")[0], 0xff);
    let (new, outcomes) = salvaged(&path);
    assert_eq!(rows(&new), all);
    assert!(of(&outcomes, "folders").rebuilt > 20, "{outcomes:?}");
}

#[test]
fn a_shard_that_was_cut_off_gives_what_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = shard(folder.path());
    let length = std::fs::metadata(&path).unwrap().len();
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.set_len(length / 2).unwrap();
    drop(file);
    let (_, outcomes) = salvaged(&path);
    let entries = of(&outcomes, "entries");
    assert!(entries.rows > 1_000, "{entries:?}");
}

#[test]
fn without_a_header_all_the_rest_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = shard(folder.path());
    let all = rows(&path);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[..100].fill(0);
    std::fs::write(&path, bytes).unwrap();
    let (new, outcomes) = salvaged(&path);
    assert_eq!(rows(&new), all);
    assert!(outcomes.iter().all(TableSalvage::is_whole), "{outcomes:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn what_is_no_database_at_all_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    for content in [vec![], vec![7; 50_000]] {
        std::fs::write(&path, content).unwrap();
        let target = path.with_extension("new");
        let outcome = salvage(&path, &target, &facts(), &CancelToken::new());
        let read: u64 = outcome.map_or(0, |tables| {
            tables
                .iter()
                .filter(|table| table.table == "entries")
                .map(|table| table.rows)
                .sum()
        });
        assert_eq!(read, 0);
    }
}
