//! Pages over adopted databases are what SQL over the documented view says.

use super::reports::adopted;
use super::*;
use crate::browse::{self, InventoryFilter};
use crate::search::Searcher;

#[test]
fn pages_are_what_the_view_says() {
    let (_folder, catalog) = adopted();
    let searcher = Searcher::default();
    for drive in catalog.drives().unwrap() {
        let view = "SELECT path, rel_path, size_bytes, mtime_utc, ext, mime, category, drive_label FROM inventory";
        let expected = dump(&shard(&catalog, &drive.label), view);
        assert!(expected.len() > 3);
        let (mut lines, mut paths) = (Vec::new(), Vec::new());
        while lines.len() < expected.len() {
            let none = InventoryFilter::default();
            let page = browse::inventory(&searcher, &catalog, &drive, &none, lines.len(), 3);
            let page = page.unwrap();
            assert_eq!(page.total, expected.len());
            assert!(!page.rows.is_empty());
            for row in page.rows {
                for path in [&row.path, &row.rel_path] {
                    let file = browse::file(&catalog, &drive, Path::new(path))
                        .unwrap()
                        .unwrap();
                    assert_eq!(
                        (
                            &file.place.path,
                            file.size_bytes,
                            &file.mtime_utc,
                            &file.mime
                        ),
                        (&row.path, row.size_bytes, &row.mtime_utc, &row.mime)
                    );
                }
                let or_null = |text: Option<String>| text.unwrap_or_else(|| "NULL".into());
                let cells = [
                    row.path.clone(),
                    row.rel_path,
                    or_null(row.size_bytes.map(|size| size.to_string())),
                    or_null(row.mtime_utc),
                    or_null(row.ext),
                    or_null(row.mime),
                    row.category,
                    row.drive_label,
                ];
                lines.push(cells.join("|"));
                paths.push(row.path);
            }
        }
        let key = |path: &String| (path.to_ascii_lowercase(), path.clone());
        assert!(paths.is_sorted_by_key(key), "{paths:?}");
        lines.sort();
        assert_eq!(lines, expected);
    }
}
