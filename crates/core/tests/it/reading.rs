//! Reading what tells files of the same length apart: what is read, what is found, what is not read again.

use videocatalog_core::cancel::CancelToken;
use videocatalog_core::duplicates::plan::{Planner, Reference};
use videocatalog_core::duplicates::reading::{ReadingRequest, ReadingSummary, read};
use videocatalog_core::report::Source;
use videocatalog_core::report::duplicates::{DuplicatesReport, duplicates};
use videocatalog_core::scan::Mode;
use videocatalog_core::search::Searcher;

use super::lab::{Lab, set_mtime};

/// Bytes that look like none other.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    let mut bytes = vec![0; length];
    hasher.finalize_xof().fill(&mut bytes);
    bytes
}

/// Copies, and files of the same length that are none: different at an end, and only in the middle.
fn files(lab: &Lab) {
    let film = noise(1, 200_000);
    let mut other_end = film.clone();
    other_end[199_999] ^= 1;
    let mut other_middle = film.clone();
    other_middle[100_000] ^= 1;
    lab.file("a/film.bin", &film);
    lab.file("b/copy.bin", &film);
    lab.file("b/other end.bin", &other_end);
    lab.file("b/other middle.bin", &other_middle);
    lab.file("a/alone.bin", &noise(2, 70_000));
    lab.file("a/small.txt", b"hello");
    lab.file("b/small.txt", b"hello");
    lab.file("b/small other.txt", b"hallo");
    lab.file("b/empty", b"");
    lab.file("a/empty", b"");
    std::fs::hard_link(lab.drive.join("a/film.bin"), lab.drive.join("a/link.bin")).unwrap();
    lab.file("a/linked.bin", &noise(3, 90_000));
    std::fs::hard_link(lab.drive.join("a/linked.bin"), lab.drive.join("a/l.bin")).unwrap();
}

fn reading(lab: &Lab) -> ReadingSummary {
    let request = ReadingRequest {
        labels: Vec::new(),
        options: lab.request(Mode::Inventory).options,
    };
    read(&request, &lab.catalog(), &lab.outside()).unwrap()
}

fn found(lab: &Lab) -> DuplicatesReport {
    let catalog = lab.catalog();
    let source = Source {
        searcher: &Searcher::default(),
        catalog: &catalog,
        cancel: &CancelToken::new(),
    };
    duplicates(source, &catalog.drives().unwrap(), 100).unwrap()
}

/// Returns the names in each group, and further names of these.
fn groups(found: &DuplicatesReport) -> Vec<(Vec<&str>, Vec<&str>)> {
    let mut groups: Vec<_> = found
        .groups
        .iter()
        .map(|group| {
            let places = group.places.iter().map(|place| &*place.rel_path);
            let links = group.links.iter().map(|link| &*link.place.rel_path);
            (places.collect(), links.collect())
        })
        .collect();
    groups.sort();
    groups
}

#[test]
fn only_what_may_be_a_copy_is_read_and_only_once() {
    let lab = Lab::new();
    files(&lab);
    lab.scan(Mode::Inventory);
    assert!(found(&lab).groups.is_empty(), "nothing was hashed");

    let first = reading(&lab);
    // Both ends of four, of which one is under two names; small ones are read as a whole at once.
    assert_eq!(
        (first.ends_read, first.files_hashed),
        (4, 3 + 3),
        "{first:?}"
    );
    assert!(
        first.bytes_read < 4 * 32_768 + 3 * 200_000 + 100,
        "{first:?}"
    );
    let report = found(&lab);
    let expected = [
        (vec!["a/film.bin", "b/copy.bin"], vec!["a/link.bin"]),
        (vec!["a/small.txt", "b/small.txt"], vec![]),
    ];
    assert_eq!(groups(&report), expected);
    assert_eq!(report.total.reclaimable_bytes, 200_000 + 5);

    let again = reading(&lab);
    assert_eq!(
        (again.ends_read, again.files_hashed, again.bytes_read),
        (0, 0, 0)
    );

    // As if everything had been hashed.
    let whole = Lab::new();
    files(&whole);
    whole.scan(Mode::Delta);
    let report_of_whole = found(&whole);
    assert_eq!(groups(&report_of_whole), groups(&report));

    // A new copy, and a copy that was written to.
    lab.file("c/new.bin", &noise(1, 200_000));
    lab.file("b/copy.bin", &noise(4, 200_000));
    set_mtime(&lab.drive.join("b/copy.bin"), 1_700_000_000_000_000);
    lab.scan(Mode::Inventory);
    let third = reading(&lab);
    assert_eq!((third.ends_read, third.files_hashed), (2, 1), "{third:?}");
    let expected = [
        (vec!["a/film.bin", "c/new.bin"], vec!["a/link.bin"]),
        (vec!["a/small.txt", "b/small.txt"], vec![]),
    ];
    assert_eq!(groups(&found(&lab)), expected);
}

#[test]
fn plans_take_nothing_from_references_and_no_file_with_further_names() {
    let lab = Lab::new();
    files(&lab);
    lab.scan(Mode::Delta);
    let (report, catalog) = (found(&lab), lab.catalog());
    let plan = |references: &[Reference]| {
        let planner = Planner::new(&catalog, catalog.drives().unwrap(), references);
        let plan = planner.of_exact(&report, "2026-11-24T00:00:00Z").unwrap();
        let mut gone: Vec<String> = plan
            .groups
            .iter()
            .flat_map(|group| group.go.iter().map(|file| file.place.rel_path.clone()))
            .collect();
        gone.sort();
        (gone, plan.left.len())
    };
    let all = ["b/copy.bin", "b/small.txt"].map(str::to_owned);
    assert_eq!(plan(&[]), (all.to_vec(), 0));
    let of_b = lab.drive.join("b").to_string_lossy().into_owned();
    // `a/film.bin` is under two names: to move one would free nothing.
    assert_eq!(
        plan(&[Reference::Folder(of_b)]),
        (vec!["a/small.txt".to_owned()], 1)
    );
    let label = report.groups[0].places[0].drive_label.clone();
    assert_eq!(plan(&[Reference::Drive(label)]).0, Vec::<String>::new());
}

#[test]
fn what_cannot_be_read_is_told_and_read_another_time() {
    let lab = Lab::new();
    files(&lab);
    lab.scan(Mode::Inventory);
    std::fs::remove_file(lab.drive.join("b/copy.bin")).unwrap();
    let first = reading(&lab);
    assert_eq!(first.problems.values().sum::<u64>(), 2, "{first:?}");
    assert_eq!(first.files_left, 1, "{first:?}");
    lab.file("b/copy.bin", &noise(1, 200_000));
    lab.scan(Mode::Inventory);
    assert_eq!(reading(&lab).files_left, 0);
    assert_eq!(groups(&found(&lab)).len(), 2);
}
