//! Reports as files: a CSV for each and one JSON for all, under the documented names.

use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tempfile::NamedTempFile;

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

/// Writes the five reports into a folder. Returns the files.
///
/// # Errors
/// When one cannot be written; it is not there then.
pub fn write(bundle: &Bundle, target: Target<'_>) -> Result<Vec<PathBuf>, WriteError> {
    write_tables(&sections(bundle), bundle, target)
}

/// Writes tables, and the document that has all of them, into a folder as [`write()`] does.
///
/// # Errors
/// When one cannot be written; it is not there then.
pub fn write_tables(
    tables: &[Table],
    document: &impl Serialize,
    target: Target<'_>,
) -> Result<Vec<PathBuf>, WriteError> {
    let Target {
        folder,
        stamp,
        safe_cells,
    } = target;
    let failed = |path: &Path| {
        let path = path.to_path_buf();
        move |source| WriteError { path, source }
    };
    fs_err::create_dir_all(folder).map_err(failed(folder))?;
    let mut written = Vec::new();
    let mut settle = |name: String, fill: &dyn Fn(&NamedTempFile) -> io::Result<()>| {
        let path = folder.join(name);
        let file = NamedTempFile::new_in(folder).map_err(failed(&path))?;
        fill(&file).map_err(failed(&path))?;
        let kept = file.persist(&path);
        kept.map_err(|error| failed(&path)(error.error))?;
        written.push(path);
        Ok(())
    };
    for Table { section, rows } in tables {
        settle(format!("reports_{section}_{stamp}.csv"), &|file| {
            let mut csv = csv::Writer::from_writer(file);
            for row in rows {
                for cell in row {
                    let cell = if safe_cells {
                        neutral(cell)
                    } else {
                        cell.into()
                    };
                    csv.write_field(cell.as_bytes())?;
                }
                csv.write_record(None::<&[u8]>)?;
            }
            csv.flush()
        })?;
    }
    settle(format!("reports_{stamp}.json"), &|file| {
        serde_json::to_writer_pretty(file, document).map_err(io::Error::from)
    })?;
    Ok(written)
}

type Rows = Vec<Vec<String>>;

/// Returns each report as rows, its heading first.
fn sections(bundle: &Bundle) -> [Table; 5] {
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
