//! One file, read by us and by ffprobe, field by field.
//!
//! Only what ffprobe answers is compared. Times may differ by 0.05 s or 1 %, rates by 2 %; everything else is equal or
//! not. Disagreements with a reason are listed in [`explained`] and counted apart.

mod explained;
mod fields;
mod pixel;
pub(crate) mod report;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use videocatalog_headers::{Limits, Media, Source, probe};
use videocatalog_testkit::media;

/// One fact in two versions.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// `container/file.extension`.
    pub(crate) file: String,
    /// `codec`, `format duration`, `tag title`, …
    pub(crate) field: String,
    /// What the stream carries, in ffprobe's words; empty for facts of the whole file.
    pub(crate) kind: String,
    /// Which stream or chapter, from 0.
    pub(crate) index: Option<usize>,
    /// What we read, if anything.
    pub(crate) ours: Option<String>,
    /// What ffprobe prints.
    pub(crate) theirs: String,
    /// Whether the two agree within the field's tolerance.
    pub(crate) equal: bool,
    /// Why they may differ.
    pub(crate) explained: Option<&'static str>,
}

impl Row {
    /// Returns the folder's name.
    pub(crate) fn container(&self) -> &str {
        self.file.split('/').next().unwrap_or_default()
    }

    /// Returns whether this is a disagreement that nobody accounts for.
    pub(crate) fn is_open(&self) -> bool {
        !self.equal && self.explained.is_none()
    }

    /// Returns one line: where, what, ours, theirs.
    pub(crate) fn line(&self) -> String {
        let index = self
            .index
            .map(|index| format!("[{index}]"))
            .unwrap_or_default();
        format!(
            "{}: {}{index}: ours {}, ffprobe {}",
            self.file,
            self.field,
            self.ours.as_deref().unwrap_or("nothing"),
            self.theirs
        )
    }
}

/// A file behind [`Source`].
pub(crate) struct FileSource {
    file: File,
    length: u64,
}

impl FileSource {
    /// Opens it.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok(Self { file, length })
    }
}

impl Source for FileSource {
    fn len(&self) -> u64 {
        self.length
    }

    #[cfg(unix)]
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.file, buffer, offset)
    }

    #[cfg(not(unix))]
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        use std::io::{Read, Seek, SeekFrom};
        self.file.seek(SeekFrom::Start(offset))?;
        self.file.read(buffer)
    }
}

/// Reads a file natively; the error is text, for reports.
pub(crate) fn read(path: &Path) -> Result<Media, String> {
    let mut source = FileSource::open(path).map_err(|error| error.to_string())?;
    let extension = path
        .extension()
        .map(|extension| extension.to_string_lossy().to_lowercase());
    probe(&mut source, extension.as_deref(), Limits::default()).map_err(|error| error.to_string())
}

/// Compares one file. Where we cannot read it at all, every field is a disagreement.
pub(crate) fn file(root: &Path, path: &Path) -> io::Result<Vec<Row>> {
    let json = media::ffprobe(path)?;
    let theirs = serde_json::from_str(&json).map_err(io::Error::other)?;
    let name = path.strip_prefix(root).unwrap_or(path).to_string_lossy();
    let name = name.replace('\\', "/");
    let ours = read(path).ok();
    let mut rows = fields::rows(&name, ours.as_ref(), &theirs);
    if let Some(ours) = ours {
        // What is compared was made by an encoder that ended well.
        let faulty = ours.structure.is_faulty();
        rows.push(Row {
            file: name,
            field: "structure".into(),
            kind: String::new(),
            index: None,
            ours: Some(if faulty {
                format!("{:?}", ours.structure)
            } else {
                "sound".into()
            }),
            theirs: "sound".into(),
            equal: !faulty,
            explained: None,
        });
    }
    for row in &mut rows {
        if !row.equal {
            row.explained = explained::reason(row);
        }
    }
    Ok(rows)
}

/// Compares many files, two at a time; a file that ffprobe refuses is left out.
pub(crate) fn files(root: &Path, paths: &[PathBuf]) -> Vec<Row> {
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Ok(rows) = file(root, path) {
                        found.lock().unwrap().push((path, rows));
                    }
                }
            });
        }
    });
    let mut found = found.into_inner().unwrap();
    found.sort_by_key(|(path, _)| *path);
    found.into_iter().flat_map(|(_, rows)| rows).collect()
}

/// Returns how many bytes we read of each file that we know.
pub(crate) fn bytes_read(root: &Path, paths: &[PathBuf]) -> Vec<(String, u64)> {
    paths
        .iter()
        .filter_map(|path| {
            let name = path.strip_prefix(root).unwrap_or(path).to_string_lossy();
            Some((name.into_owned(), read(path).ok()?.bytes_read))
        })
        .collect()
}
