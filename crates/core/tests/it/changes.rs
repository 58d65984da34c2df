//! What scans did, as the report of changes tells it.

use videocatalog_core::report::Source;
use videocatalog_core::report::changes::{ChangesReport, Did, Most, changes};
use videocatalog_core::scan::Mode;
use videocatalog_core::search::Searcher;

use crate::lab::{Lab, set_mtime};

fn report(lab: &Lab, files: usize) -> ChangesReport {
    let catalog = lab.catalog();
    let source = Source {
        searcher: &Searcher::default(),
        catalog: &catalog,
        cancel: &lab.cancel,
    };
    let drives = catalog.drives().unwrap();
    changes(source, &drives, Most { jobs: 20, files }).unwrap()
}

/// Returns what was done to which file, and where it was before.
fn files(did: &Did) -> Vec<(&str, &str, Option<&str>)> {
    did.files
        .iter()
        .map(|file| {
            (
                file.what.as_str(),
                file.place.rel_path.as_str(),
                file.before_path.as_deref(),
            )
        })
        .collect()
}

#[test]
fn each_scan_has_its_own() {
    let lab = Lab::new();
    for name in ["same", "changed", "gone", "moved"] {
        lab.file(&format!("{name}.mkv"), name.as_bytes());
    }
    lab.scan(Mode::Delta);
    lab.file("changed.mkv", b"longer than before");
    set_mtime(&lab.drive.join("changed.mkv"), 1_700_000_000_000_000);
    let gone = lab.drive.join("gone.mkv");
    let kept = std::fs::read(&gone).unwrap();
    std::fs::remove_file(&gone).unwrap();
    std::fs::create_dir(lab.drive.join("folder")).unwrap();
    std::fs::rename(
        lab.drive.join("moved.mkv"),
        lab.drive.join("folder/new.mkv"),
    )
    .unwrap();
    lab.file("added.mkv", b"added");
    lab.scan(Mode::Delta);
    std::fs::write(&gone, kept).unwrap();
    lab.scan(Mode::Delta);
    lab.scan(Mode::Delta);

    let all = report(&lab, 100);
    assert!(all.unread.is_empty());
    let did: Vec<&Did> = all
        .jobs
        .iter()
        .map(|job| job.did.as_ref().unwrap())
        .collect();
    assert_eq!(did.len(), 4, "newest first");
    assert_eq!(*did[0], Did::default(), "nothing happened");
    assert_eq!(did[1].restored, 1);
    assert_eq!(did[1].added, 0, "it was known");
    let second = did[2];
    assert_eq!(
        (
            second.added,
            second.changed,
            second.moved,
            second.deleted,
            second.restored
        ),
        (1, 1, 1, 1, 0)
    );
    assert_eq!(
        files(second),
        [
            ("added", "added.mkv", None),
            ("changed", "changed.mkv", None),
            ("deleted", "gone.mkv", None),
            ("moved", "folder/new.mkv", Some("moved.mkv")),
        ]
    );
    let changed = &second.files[1];
    assert_eq!(
        (changed.before_size_bytes, changed.size_bytes),
        (Some(7), Some(18))
    );
    assert!(!second.truncated);
    assert_eq!(did[3].added, 4);

    let few = report(&lab, 2);
    let second = few.jobs[2].did.as_ref().unwrap();
    assert_eq!((second.files.len(), second.truncated), (2, true));
    assert_eq!(second.deleted, 1, "what is not listed is counted");
}

#[test]
fn a_job_that_was_killed_is_not_known_of() {
    let lab = Lab::new();
    lab.file("a.mkv", b"a");
    lab.scan(Mode::Delta);
    let catalog = lab.catalog();
    let sql = "UPDATE jobs SET since_change = NULL, last_change = NULL";
    catalog.connection().execute(sql, []).unwrap();
    drop(catalog);
    let report = report(&lab, 10);
    assert_eq!(report.jobs.len(), 1);
    assert_eq!(report.jobs[0].did, None);
}
