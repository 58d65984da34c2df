use std::collections::BTreeMap;
use std::time::SystemTime;

use super::*;

const SPEC: TreeSpec = TreeSpec {
    files: 6_000,
    folders: 150,
    seed: 7,
};

/// Relative path → size and time of change, of every file; and how many folders there are, and how deep.
fn walk(root: &Path) -> (BTreeMap<PathBuf, (u64, SystemTime)>, u64, usize) {
    let (mut files, mut folders, mut deepest) = (BTreeMap::new(), 0, 0);
    let mut open = vec![(root.to_path_buf(), 0)];
    while let Some((folder, depth)) = open.pop() {
        deepest = deepest.max(depth);
        for entry in std::fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            let facts = entry.metadata().unwrap();
            if facts.is_dir() {
                folders += 1;
                open.push((entry.path(), depth + 1));
            } else {
                let path = entry.path().strip_prefix(root).unwrap().to_path_buf();
                files.insert(path, (facts.len(), facts.modified().unwrap()));
            }
        }
    }
    (files, folders, deepest)
}

#[test]
fn the_facts_are_what_a_walk_finds() {
    let folder = tempfile::tempdir().unwrap();
    let facts = build(folder.path(), &SPEC).unwrap();
    let (files, folders, deepest) = walk(folder.path());
    assert_eq!((facts.files, facts.folders), (SPEC.files, SPEC.folders));
    assert_eq!(files.len() as u64, SPEC.files);
    assert_eq!(folders, SPEC.folders);
    assert!((2..=MAX_DEPTH).contains(&deepest), "{deepest}");
    assert_eq!(
        files.values().map(|(size, _)| size).sum::<u64>(),
        facts.bytes
    );
    let empty = files.values().filter(|(size, _)| *size == 0).count() as u64;
    assert_eq!(empty, facts.empty_files);
    assert!((5_500..5_900).contains(&empty), "{empty}");
    let odd = files.keys().filter(|path| path.to_str().is_none()).count() as u64;
    assert_eq!(odd, facts.names_not_unicode);
    assert!(odd > 0 || !TAKES_ANY_BYTES);
    let has_part_of_a_second = |(_, time): &&(u64, SystemTime)| {
        time.duration_since(UNIX_EPOCH).unwrap().subsec_nanos() % 1_000_000 != 0
    };
    assert!(files.values().filter(has_part_of_a_second).count() > 5_000);
}

#[test]
fn a_seed_decides_everything() {
    let [first, second, other] = [7, 7, 8].map(|seed| {
        let folder = tempfile::tempdir().unwrap();
        build(folder.path(), &TreeSpec { seed, ..SPEC }).unwrap();
        walk(folder.path()).0
    });
    assert!(first == second);
    assert!(first != other);
}

#[test]
fn small_and_empty_trees() {
    for (files, folders) in [(0, 0), (5, 0), (0, 5), (3, 10)] {
        let folder = tempfile::tempdir().unwrap();
        let spec = TreeSpec {
            files,
            folders,
            seed: 1,
        };
        let facts = build(folder.path(), &spec).unwrap();
        let (found, found_folders, _) = walk(folder.path());
        assert_eq!((facts.files, facts.folders), (files, folders));
        assert_eq!((found.len() as u64, found_folders), (files, folders));
    }
}
