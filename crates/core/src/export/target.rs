//! Where an export goes: a file that appears whole or not at all, or a stream.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};

use tempfile::NamedTempFile;

use super::ExportError;
use crate::clock::file_stamp;
use crate::path::label::shard_stem;

/// Bytes gathered before they are written.
const BUFFER_BYTES: usize = 256 * 1024;

/// Where to write.
pub enum Target<'t> {
    /// Here: a file, or a folder in which it gets the name that is given second. `None`: the folder given first.
    File {
        /// What the user named.
        named: Option<PathBuf>,
        /// Where exports go if nothing is named.
        folder: PathBuf,
        /// The file's name in a folder.
        name: String,
    },
    /// Into a stream.
    Stream(&'t mut (dyn Write + Send)),
}

/// Returns the documented name of an export of one drive, or of all, made at a time in microseconds since 1970.
pub fn default_name(label: Option<&str>, extension: &str, now_us: i64) -> String {
    let whose = label.map_or_else(|| "all".to_owned(), shard_stem);
    format!("export_{whose}_{}.{extension}", file_stamp(now_us))
}

impl<'t> Target<'t> {
    /// Makes what is written to; nothing of the target itself is touched yet.
    pub(super) fn open(self) -> Result<Output<'t>, ExportError> {
        let counter = Counter::default();
        let (path, place) = match self {
            Self::Stream(stream) => ("standard output".into(), Place::Stream(stream)),
            Self::File {
                named,
                folder,
                name,
            } => place_for(named, &folder, &name)?,
        };
        Ok(Output {
            path,
            place,
            counter,
        })
    }
}

fn place_for<'t>(
    named: Option<PathBuf>,
    folder: &Path,
    name: &str,
) -> Result<(PathBuf, Place<'t>), ExportError> {
    let path = match named {
        None => free_name(folder, name),
        Some(path) if path.is_dir() || ends_with_separator(&path) => free_name(&path, name),
        // A link, as people use for files that they keep elsewhere, stays one.
        Some(path) => std::fs::canonicalize(&path).unwrap_or(path),
    };
    let write = |source| ExportError::Write {
        path: path.clone(),
        source,
    };
    let existing = std::fs::metadata(&path).ok();
    if existing.as_ref().is_some_and(|facts| !facts.is_file()) {
        // A device or a pipe is written to: putting a file in its place would take it away.
        let file = std::fs::File::options().write(true).open(&path);
        return Ok((path.clone(), Place::Special(file.map_err(write)?)));
    }
    let folder = folder_of(&path);
    std::fs::create_dir_all(folder).map_err(|source| ExportError::Folder {
        path: folder.to_path_buf(),
        source,
    })?;
    let new = beside(folder).map_err(write)?;
    if let Some(facts) = existing {
        std::fs::set_permissions(new.path(), facts.permissions()).map_err(write)?;
    }
    Ok((path, Place::File(Box::new(new))))
}

/// Makes a file that is removed unless it is put in its place, with the rights that new files have.
pub(super) fn beside(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".export-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn ends_with_separator(path: &Path) -> bool {
    path.as_os_str()
        .as_encoded_bytes()
        .last()
        .is_some_and(|&byte| std::path::is_separator(char::from(byte)))
}

/// Two exports in one second are two files.
pub(super) fn free_name(folder: &Path, name: &str) -> PathBuf {
    let first = folder.join(name);
    if !first.exists() {
        return first;
    }
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    (2..u32::MAX)
        .map(|number| folder.join(format!("{stem}-{number}.{extension}")))
        .find(|path| !path.exists())
        .unwrap_or(first)
}

/// Puts a finished file in its place and sees to it that it lasts.
pub(super) fn settle(new: NamedTempFile, path: &Path) -> io::Result<()> {
    new.as_file().sync_all()?;
    new.persist(path).map_err(|error| error.error)?;
    if cfg!(unix) {
        // The new name lasts through a power cut only when its folder is written too; not every file system can.
        let _written_later = std::fs::File::open(folder_of(path)).and_then(|it| it.sync_all());
    }
    Ok(())
}

/// Returns what to do about a target that cannot be written.
pub(super) fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "the disk is full; nothing was left behind. Free some space, or name a file on another disk"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "it may not be written there; name a file or folder elsewhere"
        }
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            "a part of that path is a file; name another place"
        }
        _ => "check the place, or name another file or folder",
    }
}

/// What is written to.
pub(super) struct Output<'t> {
    path: PathBuf,
    place: Place<'t>,
    counter: Counter,
}

enum Place<'t> {
    File(Box<NamedTempFile>),
    Special(std::fs::File),
    Stream(&'t mut (dyn Write + Send)),
}

impl Output<'_> {
    /// Returns where it goes, for messages.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns a handle on how much was written.
    pub(super) fn counter(&self) -> Counter {
        self.counter.clone()
    }

    pub(super) fn writer(&mut self) -> BufWriter<Counted<'_>> {
        let out: &mut (dyn Write + Send) = match &mut self.place {
            Place::File(file) => file.as_file_mut(),
            Place::Special(file) => file,
            Place::Stream(stream) => *stream,
        };
        let counted = Counted {
            out,
            counter: self.counter.clone(),
        };
        BufWriter::with_capacity(BUFFER_BYTES, counted)
    }

    /// Puts the file in its place and returns where that is; a stream has none.
    pub(super) fn finish(self) -> Result<Option<PathBuf>, ExportError> {
        let path = self.path;
        match self.place {
            Place::File(new) => match settle(*new, &path) {
                Ok(()) => Ok(Some(path)),
                Err(source) => Err(ExportError::Write { path, source }),
            },
            Place::Special(_) => Ok(Some(path)),
            Place::Stream(_) => Ok(None),
        }
    }
}

/// How many bytes left the writer, and why no more did.
#[derive(Clone, Debug, Default)]
pub(super) struct Counter(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    bytes: AtomicU64,
    /// The system's number of the first error; 0: none.
    error: AtomicI32,
    broken: AtomicBool,
}

impl Counter {
    pub(super) fn get(&self) -> u64 {
        self.0.bytes.load(Ordering::Relaxed)
    }

    /// Returns what the system said, which a library may have made a text of.
    pub(super) fn cause(&self, told: io::Error) -> io::Error {
        match self.0.error.load(Ordering::Relaxed) {
            0 => told,
            number => io::Error::from_raw_os_error(number),
        }
    }
}

/// A writer that counts, and that after an error writes nothing more: what is flushed when it is dropped would only
/// fail again.
pub(super) struct Counted<'o> {
    out: &'o mut (dyn Write + Send),
    counter: Counter,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let counts = &self.counter.0;
        if counts.broken.load(Ordering::Relaxed) {
            return Err(self.counter.cause(io::ErrorKind::BrokenPipe.into()));
        }
        let written = self.out.write(bytes).inspect_err(|error| {
            if error.kind() != io::ErrorKind::Interrupted {
                counts.broken.store(true, Ordering::Relaxed);
                let number = error.raw_os_error().unwrap_or(0);
                counts.error.store(number, Ordering::Relaxed);
            }
        })?;
        counts.bytes.fetch_add(written as u64, Ordering::Relaxed);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
