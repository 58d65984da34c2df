//! Reports as files: a CSV for each and one JSON for all, under the documented names.

use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::document::Document;
use super::{Bundle, FileEntry};
use crate::export::csv::neutral;

/// Why reports could not be written. Those written before stay.
#[derive(Debug, thiserror::Error)]
#[error("cannot write `{}`: {source}", path.display())]
pub struct WriteError {
    /// The file or folder.
    pub path: PathBuf,
    /// What the system or the writer says.
    pub source: io::Error,
}

/// A report as rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What stands for it in names of files.
    pub section: &'static str,
    /// Its rows, the heading first.
    pub rows: Vec<Vec<String>>,
}

/// Where reports go, and how.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The folder, made if need be.
    pub folder: &'a Path,
    /// Ends the names of the files.
    pub stamp: &'a str,
    /// Whether texts that a spreadsheet would take for a formula get a `'` before them.
    pub safe_cells: bool,
}

/// Writes a document into a folder: a CSV for each report in it, and one JSON. Returns the files.
///
/// # Errors
/// When one cannot be written; it is not there then.
pub fn write(document: &Document, target: Target<'_>) -> Result<Vec<PathBuf>, WriteError> {
    let mut written = write_csv(document, target)?;
    written.push(write_json(document, target)?);
    Ok(written)
}

/// Writes a CSV for each report of a document into a folder. Returns the files.
///
/// # Errors
/// As [`write()`].
pub fn write_csv(document: &Document, target: Target<'_>) -> Result<Vec<PathBuf>, WriteError> {
    let one = |Table { section, rows }: Table| {
        let name = format!("reports_{section}_{}.csv", target.stamp);
        settle(target.folder, &name, |file| {
            let mut csv = csv::Writer::from_writer(file);
            for cells in rows {
                for cell in cells {
                    let cell = if target.safe_cells {
                        neutral(&cell)
                    } else {
                        cell.into()
                    };
                    csv.write_field(cell.as_bytes())?;
                }
                csv.write_record(None::<&[u8]>)?;
            }
            csv.flush()
        })
    };
    document.tables().into_iter().map(one).collect()
}

/// Writes a document into a folder as `report --json` prints it. Returns the file.
///
/// # Errors
/// As [`write()`].
pub fn write_json(document: &Document, target: Target<'_>) -> Result<PathBuf, WriteError> {
    let name = format!("reports_{}.json", target.stamp);
    settle(target.folder, &name, |file| {
        serde_json::to_writer_pretty(file, document).map_err(io::Error::from)
    })
}

/// Has a file filled and puts it in its place once it is whole.
fn settle(
    folder: &Path,
    name: &str,
    fill: impl FnOnce(&NamedTempFile) -> io::Result<()>,
) -> Result<PathBuf, WriteError> {
    let path = folder.join(name);
    let settled = || {
        fs_err::create_dir_all(folder)?;
        let file = NamedTempFile::new_in(folder)?;
        fill(&file)?;
        file.persist(&path).map_err(|error| error.error)?;
        Ok(())
    };
    match settled() {
        Ok(()) => Ok(path),
        Err(source) => Err(WriteError { path, source }),
    }
}

type Rows = Vec<Vec<String>>;

/// Returns each report as rows, its heading first.
pub(super) fn sections(bundle: &Bundle) -> [Table; 5] {
    let heading = |names: &[&str]| vec![names.iter().map(|name| (*name).to_owned()).collect()];
    let number = |number: u64| number.to_string();
    let overview = &bundle.overview;
    let mut totals: Rows = heading(&["label", "files", "size_bytes", "average_size_bytes"]);
    totals.push(vec![
        "Totals".into(),
        number(overview.total_files),
        number(overview.total_size),
        number(overview.average_size),
    ]);
    totals.extend(overview.categories.iter().map(|entry| {
        let mut name = entry.category.clone();
        if let Some(first) = name.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        vec![name, number(entry.files), number(entry.bytes), "0".into()]
    }));
    let mut extensions: Rows = heading(&["extension", "files", "bytes", "rank_count", "rank_size"]);
    let rank = |rank: Option<u64>| rank.map(number).unwrap_or_default();
    extensions.extend(bundle.top_extensions.entries.iter().map(|entry| {
        vec![
            entry.extension.clone(),
            number(entry.files),
            number(entry.bytes),
            rank(entry.rank_count),
            rank(entry.rank_size),
        ]
    }));
    let mut folders: Rows = heading(&["folder", "files", "bytes"]);
    folders.extend(bundle.heaviest_folders.iter().map(|entry| {
        vec![
            entry.folder.clone(),
            number(entry.files),
            number(entry.bytes),
        ]
    }));
    let files = |entries: &[FileEntry]| {
        let mut rows: Rows = heading(&["path", "size_bytes", "mtime_utc", "category"]);
        rows.extend(entries.iter().map(|file| {
            vec![
                file.path.clone(),
                file.size_bytes
                    .map(|size| size.to_string())
                    .unwrap_or_default(),
                file.mtime_utc.clone().unwrap_or_default(),
                file.category.clone(),
            ]
        }));
        rows
    };
    [
        ("overview", totals),
        ("top_extensions", extensions),
        ("largest_files", files(&bundle.largest_files)),
        ("heaviest_folders", folders),
        ("recent_changes", files(&bundle.recent_changes.rows)),
    ]
    .map(|(section, rows)| Table { section, rows })
}
