//! Working directories that the older program really wrote. They are not part of the sources; where they are not
//! present these tests say so and skip.

use super::*;

const FOLDERS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../../shared/fixtures/legacy"
);

#[expect(clippy::print_stderr, reason = "a skipped test says so")]
/// Returns a copy of one of the folders, its older databases aside for comparing; `None` where there are none.
fn copy_of(name: &str) -> Option<(tempfile::TempDir, PathBuf)> {
    let source = Path::new(FOLDERS).join(name);
    if !source.is_dir() {
        eprintln!("skipped: `{}` is not here", source.display());
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    for target in ["work", "before"] {
        copy_folder(&source, &folder.path().join(target));
    }
    let before = folder.path().join("before");
    Some((folder, before))
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            std::fs::write(&target, std::fs::read(&path).unwrap()).unwrap();
        }
    }
}

/// Returns the rows of an older table; one that lacks the columns or is not there has none.
fn older(path: &Path, sql: &str) -> Vec<String> {
    let connection = open_unchecked(path, Access::Read).unwrap();
    if connection.prepare(sql).is_err() {
        return Vec::new();
    }
    dump(&connection, sql)
}

/// Compares one older database with the shard that it became.
fn check_shard(before: &Path, shard: &Connection, files: usize, inventory: usize) {
    let name = before.display();
    let files_sql = "SELECT path, size_bytes, mtime_utc, hash_blake3, media_json, integrity_ok, {deleted} FROM files";
    let expected = {
        let with = older(before, &files_sql.replace("{deleted}", "deleted"));
        if with.is_empty() {
            older(before, &files_sql.replace("{deleted}", "0"))
        } else {
            with
        }
    };
    assert_eq!(expected.len(), files, "{name}");
    if files > 0 {
        assert_eq!(
            dump(shard, &files_sql.replace("{deleted}", "deleted")),
            expected,
            "{name}"
        );
    }
    let inventory_sql = "SELECT path, size_bytes, mtime_utc, ext, mime, category, drive_label, drive_type, indexed_utc FROM inventory";
    let expected = older(before, inventory_sql);
    assert_eq!(expected.len(), inventory, "{name}");
    if inventory > 0 {
        assert_eq!(dump(shard, inventory_sql), expected, "{name}");
    }
    let names_sql = "SELECT path, name FROM inventory";
    let expected = older(before, names_sql);
    if !expected.is_empty() {
        assert_eq!(dump(shard, names_sql), expected, "{name}");
    }
    for sql in [
        "SELECT path, kind, vec, dim, frames_used, updated_utc FROM features",
        "SELECT path, tmk_version, duration_seconds, sig_bytes, updated_utc FROM video_fp_tmk
          WHERE sig_bytes <> zeroblob(length(sig_bytes))",
        "SELECT path, chroma_version, duration_seconds, fp, updated_utc FROM audio_fp_chroma",
        "SELECT path, vhash64, updated_utc FROM video_vhash",
        "SELECT path, content FROM transcripts",
        "SELECT path, updated_utc, language FROM transcript_meta",
        "SELECT path, content FROM captions",
        "SELECT path, updated_utc, model FROM caption_meta",
        "SELECT * FROM duplicate_candidates",
    ] {
        assert_eq!(dump(shard, sql), older(before, sql), "{name}: {sql}");
    }
}

/// One folder: its shards as (label, older file, rows of `files`, rows of `inventory`), and its jobs and statistics.
fn check(name: &str, shards: &[(&str, &str, usize, usize)], jobs: usize, statistics: usize) {
    let Some((folder, before)) = copy_of(name) else {
        return;
    };
    let workdir = WorkingDir::new(folder.path().join("work"));
    let (catalog, notices) = adopt_all(&workdir);
    assert_eq!(drive_files(&catalog).len(), shards.len(), "{notices:?}");
    for (label, file, files, inventory) in shards {
        check_shard(
            &before.join(file),
            &shard(&catalog, label),
            *files,
            *inventory,
        );
    }
    let count = |table: &str| {
        dump(
            catalog.connection(),
            &format!("SELECT id FROM {table} WHERE drive_uid IS NOT NULL"),
        )
        .len()
    };
    assert_eq!(
        (count("jobs"), count("inventory_stats")),
        (jobs, statistics)
    );
    for notice in &notices {
        assert!(!notice.contains("left as it is"), "{notice}");
    }
}

#[test]
fn command_line_inventories() {
    let shards = [
        ("Media", "data/shards/Media.db", 0, 393),
        ("Disk 2 (été)", "data/shards/Disk_2_t_.db", 0, 394),
        ("Follow", "data/shards/Follow.db", 0, 369),
    ];
    check("31fa272-cli-inventory", &shards, 0, 4);
    check("31fa272-features-fingerprints-by-writers", &shards, 0, 4);
}

#[test]
fn window_scans() {
    check(
        "31fa272-gui-scan",
        &[("Media", "data/shards/Media.db", 394, 0)],
        1,
        0,
    );
    check(
        "31fa272-gui-shard-after-failed-inventory",
        &[
            ("Media", "data/shards/Media.db", 394, 0),
            ("Inv", "data/shards/Inv.db", 0, 393),
        ],
        1,
        1,
    );
}

#[test]
fn earlier_builds() {
    check("190cc4c-gui", &[("Small", "shards/Small.db", 153, 0)], 1, 0);
    check(
        "860a33d-inventory-and-gui",
        &[
            ("Small", "data/shards/Small.db", 0, 152),
            ("SmallGui", "data/shards/SmallGui.db", 153, 0),
        ],
        1,
        1,
    );
    check("e0ba7c6-cli", &[("Small", "catalog.db", 153, 0)], 0, 0);
    check(
        "31fa272-inventory-with-name-column",
        &[("Media", "Media.db", 0, 393)],
        0,
        0,
    );
}

#[test]
fn an_inventory_over_an_accented_disk_and_its_scan_agree() {
    // The inventory stored composed names: one row fewer than the scan of the same disk, in which both forms exist.
    let Some((folder, _)) = copy_of("31fa272-gui-shard-after-failed-inventory") else {
        return;
    };
    let (catalog, _) = adopt_all(&WorkingDir::new(folder.path().join("work")));
    let scanned = dump(&shard(&catalog, "Media"), "SELECT rel_path FROM files");
    let listed = dump(&shard(&catalog, "Inv"), "SELECT rel_path FROM files");
    let missing: Vec<&String> = listed
        .iter()
        .filter(|path| !scanned.contains(path))
        .collect();
    assert_eq!(scanned.len() - listed.len(), 1);
    assert!(missing.iter().all(|path| !path.is_ascii()), "{missing:?}");
}
