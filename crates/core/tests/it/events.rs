//! What a scan did to known files is kept, file by file.

use videocatalog_core::scan::Mode;

use crate::lab::{Lab, set_mtime};

/// Returns the events after a batch: what happened, to which path, where or how large it was before.
fn events(lab: &Lab, since: i64) -> Vec<(String, Option<String>, Option<String>)> {
    lab.shard()
        .prepare(
            "SELECT v.what, f.rel_path, coalesce(v.before_path, v.before_size) FROM file_events v
               LEFT JOIN files f ON f.id = v.file_id WHERE v.change_id > ?1 ORDER BY v.what, f.rel_path",
        )
        .unwrap()
        .query_map([since], |row| {
            let before: rusqlite::types::Value = row.get(2)?;
            let before = match before {
                rusqlite::types::Value::Text(text) => Some(text),
                rusqlite::types::Value::Integer(number) => Some(number.to_string()),
                _ => None,
            };
            Ok((row.get(0)?, row.get(1)?, before))
        })
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap()
}

fn expected(
    rows: &[(&str, Option<&str>, Option<&str>)],
) -> Vec<(String, Option<String>, Option<String>)> {
    rows.iter()
        .map(|(what, path, before)| ((*what).into(), path.map(Into::into), before.map(Into::into)))
        .collect()
}

#[test]
fn changes_moves_deletions_and_returns_are_kept() {
    let lab = Lab::new();
    for name in ["same", "changed", "gone", "moved", "copied"] {
        lab.file(&format!("{name}.mkv"), name.as_bytes());
    }
    lab.scan(Mode::Delta);
    let first = lab.number("SELECT change_id FROM root");
    assert_eq!(events(&lab, 0), [], "new files are no events");

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
    // Another file with the same content: found only when it is read.
    lab.file("folder/copied.mkv", b"copied");
    std::fs::remove_file(lab.drive.join("copied.mkv")).unwrap();
    lab.scan(Mode::Delta);
    assert_eq!(
        events(&lab, first),
        expected(&[
            ("changed", Some("changed.mkv"), Some("7")),
            ("deleted", Some("gone.mkv"), None),
            ("merged", None, None),
            ("merged", None, None),
            ("moved", Some("folder/copied.mkv"), Some("copied.mkv")),
            ("moved", Some("folder/new.mkv"), Some("moved.mkv")),
        ])
    );
    let second = lab.number("SELECT change_id FROM root");

    std::fs::write(&gone, kept).unwrap();
    lab.scan(Mode::Delta);
    let back = events(&lab, second);
    assert!(
        back.contains(&("restored".into(), Some("gone.mkv".into()), None)),
        "{back:?}"
    );
    let third = lab.number("SELECT change_id FROM root");
    lab.scan(Mode::Delta);
    assert_eq!(events(&lab, third), [], "nothing happened");
}
