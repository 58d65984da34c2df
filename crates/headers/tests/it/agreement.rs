//! Do we say what ffprobe says? Over a part of the library that is quick to make; all of it is compared by
//! `cargo run --release -p videocatalog-headers --example compare -- FOLDER` (see docs/reference/media.md).

use crate::compare::{self, Row, report};
use videocatalog_testkit::media::{self, Choice};

/// Containers whose reader is not written yet.
const PENDING: &[&str] = &[];

/// Files compared in an ordinary test run.
const FILES: usize = 64;

/// Percent of facts that have to agree.
const BAR: f64 = 99.0;

#[test]
fn we_agree_with_ffprobe() {
    let folder = tempfile::tempdir().unwrap();
    let choice = Choice {
        count: Some(FILES),
        quick: true,
        ..Choice::default()
    };
    let made = media::corpus(folder.path(), &choice).unwrap();
    let paths: Vec<_> = made
        .iter()
        .filter(|made| made.skipped.is_none())
        .map(|made| made.path.clone())
        .collect();
    assert!(paths.len() * 10 >= FILES * 9, "{made:?}");
    let rows = compare::files(folder.path(), &paths);
    println!("{}", report::markdown(&rows));
    let read = compare::bytes_read(folder.path(), &paths);
    println!("{}", report::reading(&read));
    let ready: Vec<Row> = rows
        .into_iter()
        .filter(|row| !PENDING.contains(&row.container()))
        .collect();
    let all = report::total(&ready);
    assert!(
        ready.is_empty() || all.percent() >= BAR,
        "{} of {} facts disagree ({:.2} % agree, {BAR} % wanted)",
        all.open,
        all.total(),
        all.percent()
    );
}
