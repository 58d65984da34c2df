//! Reads and saves `settings.json`.
//!
//! Reading writes nothing. Saving happens under a lock between processes, on a fresh copy of the file, and replaces it
//! in one step, so that programs that save at the same time lose nothing of each other and a crash leaves the file
//! either old or new.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::document::{UnknownKey, back_fill};
use super::{Document, Settings, ValueError, find, tree};
use crate::clock::{Clock, file_stamp};
use crate::environment::Environment;
use crate::json::{self, ReadError};
use crate::path::display::printable_path;
use crate::workdir::{WorkingDir, settings_elsewhere};

/// How long a save waits for another program's save; each takes milliseconds.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// How often it looks again.
const LOCK_PAUSE: Duration = Duration::from_millis(5);

/// The settings in force, and where they come from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The checked values.
    pub settings: Settings,
    /// The file's content; empty if there is none.
    pub document: Document,
    /// Sentences for the user about files and values that could not be used.
    pub warnings: Vec<String>,
    /// The file it was read from; `None` if there is none and the defaults hold.
    pub source: Option<PathBuf>,
}

/// Why the settings were not saved; the file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// The present file cannot be read, so that it must not be replaced.
    #[error("the settings were not saved: {0}")]
    Unreadable(String),
    /// Another program holds the lock.
    #[error("the settings were not saved: another program has been saving them for {} seconds (`{}`)", LOCK_TIMEOUT.as_secs(), printable_path(lock))]
    Locked {
        /// The lock's file.
        lock: PathBuf,
    },
    /// A file or folder could not be written.
    #[error(
        "the settings were not saved: cannot {action} `{}`: {error}",
        printable_path(path)
    )]
    Write {
        /// What was being done.
        action: &'static str,
        /// To what.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

impl SaveError {
    fn write(action: &'static str, path: &Path) -> impl Fn(io::Error) -> Self + use<> {
        let path = path.to_path_buf();
        move |error| Self::Write {
            action,
            path: path.clone(),
            error,
        }
    }

    /// Returns what the user can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "make the file readable, or move it away",
            Self::Locked { .. } => "try again when the other program is done",
            Self::Write { .. } => "check that the working directory can be written to and has room",
        }
    }
}

/// Why a setting was not changed.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    /// There is no such key.
    #[error(transparent)]
    Unknown(#[from] UnknownKey),
    /// The key does not take the value.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// The file could not be saved.
    #[error(transparent)]
    Save(#[from] SaveError),
}

impl SetError {
    /// Returns what the user can do about it, if there is more to say than the message does.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown(error) => Some(error.hint()),
            Self::Value(_) => None,
            Self::Save(error) => Some(error.hint().to_owned()),
        }
    }
}

/// Returns the settings: of the working directory's file, else of the one in `%ProgramData%\VideoCatalog`, else of the
/// one beside the executable. The first that holds an object wins whole; files are not mixed.
pub fn load(workdir: &WorkingDir, environment: &Environment) -> Loaded {
    Found::new(workdir, environment).loaded()
}

/// Changes the settings file by `patch`, fills in missing keys, and returns the new settings.
///
/// `patch` gets the document as it stands in the file at that moment; it is called while other programs wait. A file
/// that holds no JSON object is kept beside the new one as `settings.json.corrupt-<time>`.
///
/// # Errors
///
/// When the file cannot be read, locked or written.
pub fn update(
    workdir: &WorkingDir,
    environment: &Environment,
    clock: &dyn Clock,
    patch: impl FnOnce(&mut Document),
) -> Result<Loaded, SaveError> {
    let file = workdir.settings_file();
    fs::create_dir_all(workdir.root()).map_err(SaveError::write("create", workdir.root()))?;
    let _lock = lock(&file.with_added_extension("lock"))?;
    let mut found = Found::new(workdir, environment);
    if let Some(problem) = found.unreadable.take() {
        return Err(SaveError::Unreadable(problem));
    }
    let is_own = found.source.as_ref() == Some(&file);
    let mut document = found.document.clone();
    if !is_own {
        // What another folder's file says of the working directory is not true of this one.
        document.shift_remove("working_dir");
    }
    patch(&mut document);
    back_fill(&mut document, workdir);
    if !is_own || document != found.document {
        if found.is_corrupt {
            let kept = keep_aside(&file, clock)?;
            found.warnings = vec![format!(
                "`{}` was not valid JSON; it is kept as `{}`",
                printable_path(&file),
                printable_path(&kept)
            )];
        }
        replace(&file, &document)?;
    }
    found.document = document;
    found.source = Some(file);
    Ok(found.loaded())
}

/// Sets the key at `path` to what `text` stands for and returns the new settings.
///
/// # Errors
///
/// When there is no such key, when it does not take the value, or when the file cannot be saved.
pub fn set(
    workdir: &WorkingDir,
    environment: &Environment,
    clock: &dyn Clock,
    path: &str,
    text: &str,
) -> Result<Loaded, SetError> {
    let key = find(path).ok_or_else(|| UnknownKey::new(path))?;
    let value = key.parse(path, text)?;
    Ok(update(workdir, environment, clock, |document| {
        if value == Value::Null && !key.is_back_filled() {
            tree::remove(document, path);
        } else {
            tree::put(document, path, value);
        }
    })?)
}

/// What reading the files gave.
struct Found {
    document: Document,
    source: Option<PathBuf>,
    warnings: Vec<String>,
    /// The working directory's own file holds no JSON object.
    is_corrupt: bool,
    /// Why the working directory's own file could not be read at all.
    unreadable: Option<String>,
}

impl Found {
    fn new(workdir: &WorkingDir, environment: &Environment) -> Self {
        let mut found = Self {
            document: Document::new(),
            source: None,
            warnings: Vec::new(),
            is_corrupt: false,
            unreadable: None,
        };
        let own = workdir.settings_file();
        for file in std::iter::once(own.clone()).chain(settings_elsewhere(environment)) {
            let problem = match json::read_object(&file) {
                Ok(document) => {
                    found.document = document;
                    found.source = Some(file);
                    break;
                }
                Err(ReadError::Missing { .. }) => continue,
                Err(problem) => problem,
            };
            if file == own {
                found.is_corrupt = matches!(problem, ReadError::Corrupt { .. });
                found.unreadable = (!found.is_corrupt).then(|| problem.to_string());
            }
            found
                .warnings
                .push(format!("{problem}; its settings are not used"));
        }
        found
    }

    fn loaded(self) -> Loaded {
        let (settings, about_values) = Settings::from_document(&self.document);
        let mut warnings = self.warnings;
        warnings.extend(about_values);
        Loaded {
            settings,
            document: self.document,
            warnings,
            source: self.source,
        }
    }
}

/// Returns the lock, which is free again when the file is dropped. The file itself stays: removing it would let a
/// program that waits for it and one that makes it anew both go on.
fn lock(path: &Path) -> Result<File, SaveError> {
    let failed = SaveError::write("lock", path);
    let file = File::options()
        .create(true)
        .write(true)
        .truncate(false)
        .open(path)
        .map_err(&failed)?;
    let deadline = Instant::now() + LOCK_TIMEOUT;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            // A share that knows no locks: the rename still keeps the file whole.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                return Ok(file);
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                std::thread::sleep(LOCK_PAUSE);
            }
            Err(TryLockError::WouldBlock) => {
                return Err(SaveError::Locked {
                    lock: path.to_path_buf(),
                });
            }
        }
    }
}

/// Copies `file` to a new name with the time in it and returns that.
fn keep_aside(file: &Path, clock: &dyn Clock) -> Result<PathBuf, SaveError> {
    let content = fs::read(file).map_err(SaveError::write("read", file))?;
    let stamped = file.with_added_extension(format!("corrupt-{}", file_stamp(clock.now_us())));
    let mut kept = stamped.clone();
    let mut number = 2_u64;
    loop {
        let failed = SaveError::write("write", &kept);
        match File::create_new(&kept) {
            Ok(mut copy) => {
                copy.write_all(&content)
                    .and_then(|()| copy.sync_all())
                    .map_err(failed)?;
                return Ok(kept);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                kept = stamped.with_added_extension(number.to_string());
                number += 1;
            }
            Err(error) => return Err(failed(error)),
        }
    }
}

/// Writes `document` beside `file` and puts it in its place in one step.
fn replace(file: &Path, document: &Document) -> Result<(), SaveError> {
    // A link, as people use for files that they keep elsewhere, stays one.
    let target = fs::canonicalize(file).unwrap_or_else(|_| file.to_path_buf());
    let failed = SaveError::write("write", &target);
    let mut text = serde_json::to_vec_pretty(document).map_err(|error| failed(error.into()))?;
    text.push(b'\n');
    let folder = target.parent().unwrap_or(Path::new("."));
    let mut new = tempfile::Builder::new()
        .prefix(".settings.json.")
        .tempfile_in(folder)
        .map_err(&failed)?;
    new.write_all(&text).map_err(&failed)?;
    if let Ok(old) = fs::metadata(&target) {
        fs::set_permissions(new.path(), old.permissions()).map_err(&failed)?;
    }
    new.as_file().sync_all().map_err(&failed)?;
    persist(new, &target).map_err(&failed)?;
    if cfg!(unix) {
        // The new name lasts through a power cut only when its folder is written too.
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(&failed)?;
    }
    Ok(())
}

/// Renames `new` to `target`; on Windows patiently, since a program that is just reading the file prevents it there.
fn persist(mut new: tempfile::NamedTempFile, target: &Path) -> io::Result<()> {
    let deadline = Instant::now() + LOCK_TIMEOUT / 10;
    loop {
        let Err(failure) = new.persist(target) else {
            return Ok(());
        };
        let may_pass = cfg!(windows) && failure.error.kind() == io::ErrorKind::PermissionDenied;
        if !may_pass || Instant::now() >= deadline {
            return Err(failure.error);
        }
        new = failure.file;
        std::thread::sleep(LOCK_PAUSE);
    }
}
