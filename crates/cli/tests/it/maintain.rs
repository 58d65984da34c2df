//! `maintain`: what it finds, makes and brings back, and `scan-drive --maint-action`.

use std::path::{Path, PathBuf};

use videocatalog_core::catalog::lock::ShardLock;

use crate::lab::Lab;

/// A scanned drive of some thousand files.
fn scanned() -> Lab {
    let lab = Lab::new();
    for number in 0..3_000 {
        let path = lab.drive.join(format!(
            "{:02}/a film with a name {number}.mkv",
            number / 100
        ));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "").unwrap();
    }
    lab.scan(&["--inventory-only"]);
    lab
}

fn shard(lab: &Lab) -> PathBuf {
    lab.home.join("data/shards/Test.db")
}

fn backups(lab: &Lab) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(lab.home.join("backups/sqlite"))
        .map(|entries| {
            entries
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect()
        })
        .unwrap_or_default();
    names.sort();
    names
}

fn tags(lab: &Lab) -> Vec<String> {
    let names = backups(lab);
    let mut tags: Vec<String> = names.iter().map(|name| name[17..].to_owned()).collect();
    // The seconds that they were made in are not the tests'.
    tags.sort();
    tags
}

/// Every row of a shard's files.
fn rows(lab: &Lab) -> Vec<String> {
    let shard = lab.shard();
    let mut select = shard
        .prepare("SELECT id || '|' || rel_path || '|' || size_bytes || '|' || mtime_utc FROM files ORDER BY id")
        .unwrap();
    let rows = select.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Overwrites a page in the middle of the files' table.
fn damage(lab: &Lab) {
    let connection = lab.shard();
    connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    let page: i64 = connection
        .query_row(
            "SELECT pageno FROM dbstat WHERE name = 'entries' AND pagetype = 'leaf' ORDER BY pageno LIMIT 1 OFFSET 5",
            [],
            |row| row.get(0),
        )
        .unwrap();
    drop(connection);
    let mut bytes = std::fs::read(shard(lab)).unwrap();
    let start = (usize::try_from(page).unwrap() - 1) * 4_096;
    for (index, byte) in bytes[start..start + 4_096].iter_mut().enumerate() {
        *byte = index.wrapping_mul(2_654_435_761).to_le_bytes()[2];
    }
    std::fs::write(shard(lab), bytes).unwrap();
}

#[test]
fn a_damaged_page_is_found_and_a_backup_brings_everything_back() {
    let lab = scanned();
    let before = rows(&lab);
    let ran = lab.ok(&["maintain", "integrity", "--target", "all"]);
    assert!(ran.stdout.contains("Catalog: integrity ok"), "{ran:?}");
    assert!(ran.stdout.contains("Shard Test: integrity ok"), "{ran:?}");
    lab.ok(&["maintain", "backup", "--target", "shard:Test"]);
    assert_eq!(tags(&lab), ["manual_Test.db.bak"]);

    damage(&lab);
    let ran = lab.run(&["maintain", "integrity", "--target", "all", "--json"]);
    assert_eq!(ran.code, Some(6), "{ran:?}");
    let document = ran.json();
    assert_eq!(document["results"][0]["status"], "done");
    assert_eq!(document["results"][1]["status"], "damaged");
    let found = &document["results"][1]["integrity"];
    assert!(found["issue_count"].as_u64().unwrap() > 0);
    assert!(found["issues"].as_array().unwrap().len() <= 10);
    let settings = lab.ok(&["settings", "get", "maintenance.last_integrity_ok"]);
    assert_eq!(settings.stdout.trim(), "false");

    let ran = lab.ok(&["maintain", "restore", "latest", "--target", "shard:Test"]);
    assert!(ran.stdout.contains("Shard Test: restored from"), "{ran:?}");
    assert_eq!(rows(&lab), before);
    assert_eq!(tags(&lab), ["manual_Test.db.bak", "replaced_Test.db.bak"]);
    lab.ok(&["maintain", "integrity", "--target", "Test"]);
    let settings = lab.ok(&["settings", "get", "maintenance.last_integrity_ok"]);
    assert_eq!(settings.stdout.trim(), "true");
    lab.scan(&["--inventory-only"]);
}

#[test]
fn files_that_are_cut_off_or_wiped_are_found_and_replaced() {
    let lab = scanned();
    let before = rows(&lab);
    lab.ok(&["maintain", "backup", "--target", "Test"]);
    let whole = std::fs::read(shard(&lab)).unwrap();
    let mut wiped = whole.clone();
    wiped[..100].fill(0);
    for (bytes, what) in [
        (whole[..whole.len() / 2].to_vec(), "cut off"),
        (wiped, "header"),
        (Vec::new(), "empty"),
        (vec![9; 20_000], "garbage"),
    ] {
        std::fs::write(shard(&lab), bytes).unwrap();
        let ran = lab.run(&["maintain", "integrity", "--target", "shard:Test"]);
        assert_eq!(ran.code, Some(6), "{what}: {ran:?}");
        lab.ok(&["maintain", "restore", "latest", "--target", "shard:Test"]);
        assert_eq!(rows(&lab), before, "{what}");
    }
    std::fs::remove_file(shard(&lab)).unwrap();
    let ran = lab.run(&["maintain", "integrity", "--target", "shard:Test"]);
    assert_eq!(ran.code, Some(5), "{ran:?}");
    lab.ok(&["maintain", "restore", "latest", "--target", "shard:Test"]);
    assert_eq!(rows(&lab), before);
}

#[test]
fn what_is_readable_of_a_damaged_shard_is_salvaged() {
    let lab = scanned();
    let before = rows(&lab);
    damage(&lab);
    let damaged = std::fs::read(shard(&lab)).unwrap();
    let ran = lab.ok(&["maintain", "salvage", "--target", "shard:Test"]);
    assert!(ran.stdout.contains("say `--yes`"), "{ran:?}");
    assert_eq!(std::fs::read(shard(&lab)).unwrap(), damaged);
    let document = lab
        .ok(&[
            "maintain",
            "salvage",
            "--target",
            "shard:Test",
            "--yes",
            "--json",
        ])
        .json();
    let entries = &document["tables"]
        .as_array()
        .unwrap()
        .iter()
        .find(|table| table["table"] == "entries")
        .unwrap()
        .clone();
    assert_eq!(entries["rows"], 3_000, "{document}");
    let rebuilt = entries["rebuilt"].as_u64().unwrap();
    assert!((1..200).contains(&rebuilt), "{document}");
    assert_eq!(document["in_place"], true);
    assert_eq!(tags(&lab), ["replaced_Test.db.bak"]);
    lab.ok(&["maintain", "integrity", "--target", "shard:Test"]);
    // What the page held is filled in by a scan; nothing is taken for new or deleted.
    let scanned = lab
        .ok(&lab.scan_arguments(&["--inventory-only", "--json"]))
        .json();
    assert_eq!(
        (&scanned["new"], &scanned["deleted"]),
        (&0.into(), &0.into())
    );
    assert_eq!(rows(&lab), before);
}

#[test]
fn optimising_and_compacting_leave_a_backup_and_say_what_was_done() {
    let lab = scanned();
    let before = rows(&lab);
    let ran = lab.ok(&["maintain", "vacuum", "--target", "all"]);
    assert!(ran.stdout.contains("VACUUM skipped (threshold)"), "{ran:?}");
    assert_eq!(backups(&lab), [""; 0], "a skipped one leaves no backup");
    let ran = lab.ok(&["maintain", "quick", "--target", "shard:Test"]);
    assert!(ran.stdout.contains("indexes made anew"), "{ran:?}");
    let ran = lab.ok(&["maintain", "full"]);
    assert!(ran.stdout.starts_with("Catalog: full done"), "{ran:?}");
    assert_eq!(tags(&lab), ["full_catalog.db.bak", "quick_Test.db.bak"]);
    lab.shard()
        .execute_batch(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
             INSERT INTO scan_state SELECT 'key ' || i, 'a value that takes room' FROM n;
             DELETE FROM scan_state;",
        )
        .unwrap();
    let ran = lab.ok(&["maintain", "vacuum", "--force", "--target", "all-shards"]);
    assert!(ran.stdout.contains("Total reclaimed: "), "{ran:?}");
    assert!(tags(&lab).contains(&"vacuum_Test.db.bak".to_owned()));
    assert_eq!(rows(&lab), before);
    let when = lab.ok(&["settings", "get", "maintenance.last_run_utc"]);
    assert!(when.stdout.contains('T'), "{when:?}");
    let checked = lab.ok(&["settings", "get", "maintenance.last_integrity_ok"]);
    assert_eq!(checked.stdout.trim(), "null", "only a check says so");
}

#[test]
fn nothing_is_done_with_what_is_in_use() {
    let lab = scanned();
    let _held = ShardLock::acquire(&shard(&lab), "scan", "2026-01-01T00:00:00Z".into()).unwrap();
    for (action, target) in [
        ("quick", "shard:Test"),
        ("integrity", "shard:Test"),
        ("vacuum", "all-shards"),
        ("full", "catalog"),
    ] {
        let ran = lab.run(&["maintain", action, "--target", target]);
        assert_eq!(ran.code, Some(5), "{ran:?}");
        assert!(
            ran.stderr.contains("scan") && ran.stderr.contains("since 2026-01-01T00:00:00Z"),
            "{ran:?}"
        );
        assert!(ran.stderr.contains("hint: wait"), "{ran:?}");
    }
    assert_eq!(backups(&lab), [""; 0]);
    lab.ok(&["maintain", "integrity"]);
    lab.ok(&["maintain", "backup"]);
    let ran = lab.run(&["maintain", "restore", "latest"]);
    assert_eq!(ran.code, Some(5), "{ran:?}");
    let ran = lab.run(&["maintain", "salvage", "--target", "Test", "--yes"]);
    assert_eq!(ran.code, Some(5), "{ran:?}");
    // The others are still looked after.
    let ran = lab.run(&["maintain", "integrity", "--target", "all"]);
    assert!(ran.stdout.contains("Catalog: integrity ok"), "{ran:?}");
    assert_eq!(ran.code, Some(5), "{ran:?}");
}

#[test]
fn backups_are_listed_and_must_be_of_the_same_drive() {
    let lab = scanned();
    lab.file("other/b.mkv", b"x");
    let other = lab.drive.join("other");
    lab.ok(&[
        "scan",
        "--label",
        "Other",
        "--mount",
        other.to_str().unwrap(),
        "--inventory-only",
    ]);
    lab.ok(&["maintain", "backup", "--target", "all"]);
    assert_eq!(
        tags(&lab),
        [
            "manual_Other.db.bak",
            "manual_Test.db.bak",
            "manual_catalog.db.bak"
        ]
    );
    let document = lab
        .ok(&["maintain", "restore", "--target", "shard:Other", "--json"])
        .json();
    let listed = document["backups"].as_array().unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["identity"]["drive_label"], "Other");
    let table = lab.ok(&["maintain", "restore", "--target", "shard:Other"]);
    assert!(table.stdout.starts_with("MADE"), "{table:?}");
    let of = |tag: &str| {
        let names = backups(&lab);
        names.into_iter().find(|name| name.contains(tag)).unwrap()
    };
    let foreign = of("manual_Other");
    let said = lab.fails(2, &["maintain", "restore", &foreign, "--target", "Test"]);
    assert!(said.contains("another drive (`Other`)"), "{said}");
    let said = lab.fails(2, &["maintain", "restore", &foreign]);
    assert!(said.contains("it is the shard of a drive"), "{said}");
    let said = lab.fails(2, &["maintain", "restore", "nothing", "--target", "Test"]);
    assert!(said.contains("no backup `nothing`"), "{said}");
    lab.ok(&[
        "maintain", "restore", &foreign, "--target", "Test", "--force",
    ]);
    assert_eq!(lab.search(&["b.mkv"])["total_matched"], 2);
    lab.ok(&["maintain", "integrity", "--target", "all"]);

    // A shard is restored under the label that its drive has now.
    lab.ok(&["drives", "rename", "Test", "New"]);
    let mine = of("manual_Test");
    lab.ok(&["maintain", "restore", &mine, "--target", "New"]);
    let label: String = lab
        .shard()
        .query_row("SELECT drive_label FROM root", [], |row| row.get(0))
        .unwrap();
    assert_eq!(label, "New");
    lab.ok(&["maintain", "restore", "latest"]);
    let drives = lab.ok(&["drives"]);
    assert!(
        drives.stdout.contains("Test") && !drives.stdout.contains("New"),
        "{drives:?}"
    );
}

#[test]
fn a_damaged_backup_is_passed_over_and_never_put_into_place() {
    let lab = scanned();
    let before = rows(&lab);
    lab.ok(&["maintain", "backup", "--target", "Test"]);
    lab.ok(&["maintain", "quick", "--target", "Test"]);
    let folder = lab.home.join("backups/sqlite");
    let names = backups(&lab);
    let newest = names.iter().find(|name| name.contains("quick")).unwrap();
    // Made in the same second or later: the name alone decides.
    let later = folder.join("20990101_000000Z_manual_Test.db.bak");
    let mut bytes = std::fs::read(folder.join(newest)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8_192].fill(0xee);
    std::fs::write(&later, bytes).unwrap();
    let ran = lab.run(&[
        "maintain",
        "restore",
        later.to_str().unwrap(),
        "--target",
        "Test",
    ]);
    assert_eq!(ran.code, Some(5), "{ran:?}");
    assert_eq!(rows(&lab), before);
    let ran = lab.ok(&["maintain", "restore", "latest", "--target", "Test"]);
    assert!(ran.stderr.contains("passed over"), "{ran:?}");
    assert_eq!(rows(&lab), before);
    assert!(!Path::new(&format!("{}.restored", shard(&lab).display())).exists());
}

#[test]
fn old_backups_go_when_the_settings_say_so() {
    let lab = scanned();
    for _ in 0..3 {
        lab.ok(&["maintain", "backup", "--target", "Test"]);
    }
    assert_eq!(backups(&lab).len(), 3, "{:?}", backups(&lab));
    let folder = lab.home.join("backups/sqlite");
    let one = folder.join(&backups(&lab)[0]);
    let kept = folder.join("20200101_000000Z_premigration_v1_Test.db.bak");
    std::fs::copy(one, &kept).unwrap();
    lab.ok(&["settings", "set", "maintenance.backup_keep_count", "2"]);
    lab.ok(&["maintain", "quick", "--target", "Test"]);
    assert_eq!(backups(&lab).len(), 4, "{:?}", backups(&lab));
    let ran = lab.ok(&["maintain", "backup", "--target", "Test"]);
    assert!(ran.stdout.contains("older backups removed"), "{ran:?}");
    assert_eq!(backups(&lab).len(), 4, "{:?}", backups(&lab));
    assert!(kept.exists());
}

#[test]
fn the_older_programs_flags_need_neither_label_nor_folder() {
    let lab = scanned();
    for action in ["quick", "integrity", "full", "vacuum", "backup"] {
        let ran = lab.ok(&["scan-drive", "--maint-action", action]);
        assert!(ran.stdout.starts_with("Catalog: "), "{ran:?}");
    }
    for (target, expected) in [
        ("catalog", 1),
        ("catalog.db", 1),
        ("all-shards", 1),
        ("all", 2),
        ("shard:Test", 1),
        ("Test", 1),
        ("home/data/shards/Test.db", 1),
    ] {
        let arguments = [
            "scan-drive",
            "--maint-action",
            "integrity",
            "--maint-target",
            target,
        ];
        let ran = lab.ok(&arguments);
        assert_eq!(ran.stdout.lines().count(), expected, "{ran:?}");
    }
    let forced = [
        "scan-drive",
        "--maint-action",
        "vacuum",
        "--maint-target",
        "Test",
        "--maint-force",
    ];
    let ran = lab.ok(&forced);
    assert!(
        ran.stdout.starts_with("Shard Test: vacuum done, reclaimed"),
        "{ran:?}"
    );
    let said = lab.fails(
        1,
        &[
            "scan-drive",
            "--maint-action",
            "quick",
            "--maint-target",
            "shard:No",
        ],
    );
    assert!(
        said.contains("`shard:No`") && said.contains("known drives: Test"),
        "{said}"
    );
    std::fs::remove_file(shard(&lab)).unwrap();
    let ran = lab.run(&[
        "scan-drive",
        "--maint-action",
        "integrity",
        "--maint-target",
        "all",
    ]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stdout.contains("Catalog: integrity ok"), "{ran:?}");
    std::fs::write(shard(&lab), vec![1; 9_000]).unwrap();
    let ran = lab.run(&[
        "scan-drive",
        "--maint-action",
        "integrity",
        "--maint-target",
        "all",
    ]);
    assert_eq!(ran.code, Some(6), "{ran:?}");
}

#[test]
fn without_any_drive_there_is_nothing_to_look_after() {
    let lab = Lab::new();
    let said = lab.fails(2, &["maintain", "integrity", "--target", "all-shards"]);
    assert!(said.contains("no shard"), "{said}");
    lab.fails(
        1,
        &[
            "scan-drive",
            "--maint-action",
            "quick",
            "--maint-target",
            "all-shards",
        ],
    );
    let ran = lab.run(&["scan-drive", "--maint-action", "integrity"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let ran = lab.run(&["maintain", "backup"]);
    assert_eq!(ran.code, Some(5), "{ran:?}");
}

#[test]
fn a_damaged_catalogue_can_be_checked_and_restored() {
    let lab = scanned();
    lab.ok(&["maintain", "backup", "--target", "all"]);
    let catalog = lab.home.join("data/catalog.db");
    std::fs::write(&catalog, vec![3; 30_000]).unwrap();
    let ran = lab.run(&["maintain", "integrity", "--target", "all"]);
    assert_eq!(ran.code, Some(6), "{ran:?}");
    assert!(ran.stdout.contains("Shard Test: integrity ok"), "{ran:?}");
    lab.ok(&["maintain", "restore", "latest"]);
    assert_eq!(lab.search(&["name 2999.mkv"])["total_matched"], 1);
}

#[test]
fn databases_of_the_older_program_are_checked_and_copied_as_they_are() {
    let lab = Lab::new();
    let file = lab.base().join("old.db");
    let old = rusqlite::Connection::open(&file).unwrap();
    old.execute_batch(
        "CREATE TABLE files(id INTEGER PRIMARY KEY, path TEXT, size_bytes INTEGER);
         INSERT INTO files(path, size_bytes) VALUES('/mnt/a.mkv', 7);",
    )
    .unwrap();
    drop(old);
    let before = std::fs::read(&file).unwrap();
    let ran = lab.ok(&["maintain", "integrity", "--target", "old.db"]);
    assert!(ran.stdout.contains("old.db: integrity ok"), "{ran:?}");
    lab.ok(&["maintain", "backup", "--target", "old.db"]);
    assert_eq!(tags(&lab), ["manual_old.db.bak"]);
    assert_eq!(std::fs::read(&file).unwrap(), before);
    let copy = &backups(&lab)[0];
    let said = lab.fails(2, &["maintain", "restore", copy, "--target", "old.db"]);
    assert!(said.contains("of the older program"), "{said}");
}

#[test]
fn a_scan_compacts_afterwards_if_told_to() {
    let lab = scanned();
    lab.ok(&[
        "settings",
        "set",
        "maintenance.auto_vacuum_after_scan",
        "true",
    ]);
    lab.scan(&["--inventory-only"]);
    assert_eq!(backups(&lab), [""; 0], "nothing to gain");
    lab.ok(&["settings", "set", "maintenance.vacuum_free_bytes_min", "0"]);
    lab.scan(&["--inventory-only"]);
    assert_eq!(tags(&lab), ["auto_Test.db.bak"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_of_backups_changes_nothing() {
    let lab = scanned();
    let folder = lab.home.join("backups/sqlite");
    std::fs::create_dir_all(&folder).unwrap();
    let mount = |arguments: &[&str]| {
        std::process::Command::new(arguments[0])
            .args(&arguments[1..])
            .arg(&folder)
            .status()
            .unwrap()
            .success()
    };
    assert!(
        mount(&["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs"]),
        "a tmpfs is needed: run as root"
    );
    let before = std::fs::read(shard(&lab)).unwrap();
    let ran: Vec<_> = ["backup", "quick", "vacuum"]
        .iter()
        .map(|action| {
            let force: &[&str] = if *action == "vacuum" {
                &["--force"]
            } else {
                &[]
            };
            lab.run(&[&["maintain", action, "--target", "Test"], force].concat())
        })
        .collect();
    let left = backups(&lab);
    assert!(mount(&["umount", "-l"]));
    for ran in ran {
        assert_eq!(ran.code, Some(5), "{ran:?}");
        assert!(
            ran.stderr.contains("full") && ran.stderr.contains("hint: "),
            "{ran:?}"
        );
    }
    assert_eq!(left, [""; 0], "no half file is left");
    assert_eq!(std::fs::read(shard(&lab)).unwrap(), before);
}

#[cfg(unix)]
#[test]
fn one_that_ended_between_keeping_and_replacing_is_simply_run_again() {
    let lab = scanned();
    let before = rows(&lab);
    lab.ok(&["maintain", "backup", "--target", "Test"]);
    damage(&lab);
    // What such a process leaves: the damaged one still in its place, a second name of it among the backups, the log
    // gone, and the prepared one beside it.
    let kept = lab
        .home
        .join("backups/sqlite/20990101_000000Z_replaced_Test.db.bak");
    std::fs::hard_link(shard(&lab), &kept).unwrap();
    let half = lab.home.join("data/shards/Test.db.restored");
    std::fs::write(&half, "half of it").unwrap();
    let drives = lab.ok(&["drives"]);
    assert!(drives.stdout.contains("Test"), "{drives:?}");
    lab.ok(&["maintain", "restore", "latest", "--target", "Test"]);
    assert_eq!(rows(&lab), before);
    assert!(!half.exists());
    assert!(kept.exists(), "what was kept is kept");
}
