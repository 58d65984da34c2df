//! Finds the working directory: what the user asked for, then what earlier settings say, then the customary places.

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{WorkingDir, create_folder, expand, is_windows_path};
use crate::environment::{Environment, Platform};
use crate::json;
use crate::path::display::printable_path;

/// The folder's name on systems that write names in capitals.
const FOLDER: &str = "VideoCatalog";

/// A working directory that proved usable, and what was wrong with the places that were preferred to it.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The folder.
    pub dir: WorkingDir,
    /// Sentences for the user about places he named that could not be used.
    pub warnings: Vec<String>,
}

/// Why a folder cannot be the working directory, or a part of it cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} `{}`: {error}", printable_path(path))]
pub struct Unusable {
    action: &'static str,
    path: PathBuf,
    error: io::Error,
}

impl Unusable {
    pub(super) fn new(action: &'static str, path: &Path, error: io::Error) -> Self {
        Self {
            action,
            path: path.to_path_buf(),
            error,
        }
    }
}

/// Why there is no working directory.
#[derive(Debug, thiserror::Error)]
pub enum WorkDirError {
    /// The folder named on the command line cannot be used.
    #[error(
        "`{}` (from `--home`) cannot be the working directory: {reason}",
        printable_path(path)
    )]
    Flag {
        /// The folder, absolute.
        path: PathBuf,
        /// What failed.
        reason: Unusable,
    },
    /// No folder was named, and no customary one can be used.
    #[error("no folder can be the working directory{}", listed(tried))]
    NoneUsable {
        /// What failed in each place, in the order they were tried; empty if not even a home folder is known.
        tried: Vec<Unusable>,
    },
}

impl WorkDirError {
    /// Returns what the user can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Flag { .. } => "name a folder that can be created and written to",
            Self::NoneUsable { .. } => {
                "name a writable folder with `--home DIR` or the variable VIDEOCATALOG_HOME"
            }
        }
    }
}

fn listed(tried: &[Unusable]) -> String {
    if tried.is_empty() {
        return ": the user's home folder is not known".to_owned();
    }
    tried.iter().fold(String::new(), |mut text, reason| {
        text.push_str(if text.is_empty() { ": " } else { "; " });
        text.push_str(&reason.to_string());
        text
    })
}

/// Who proposed a place.
#[derive(Debug)]
enum Origin {
    Variable,
    SettingsFile(PathBuf),
    Earlier,
    Customary,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable => f.write_str("from VIDEOCATALOG_HOME"),
            Self::SettingsFile(file) => write!(f, "named in `{}`", printable_path(file)),
            Self::Earlier => f.write_str("where an earlier version kept its catalogue"),
            Self::Customary => f.write_str("which holds a catalogue"),
        }
    }
}

#[derive(Debug)]
struct Candidate {
    path: PathBuf,
    origin: Origin,
}

/// Returns the working directory, creating it and its `data` folder.
///
/// `home_flag` is binding. Without it the first usable one wins of: the variable `VIDEOCATALOG_HOME`; the folder named
/// in a `settings.json` of `%ProgramData%\VideoCatalog` or beside the executable; `%ProgramData%\VideoCatalog` and
/// `%LOCALAPPDATA%\VideoCatalog` where these variables are set; on other systems a folder in which an earlier version
/// kept its catalogue, then the platform's folder for data. A place counts as usable when it can be created and written
/// to and holds a folder `data` or lets one be created.
///
/// # Errors
///
/// When the flag's folder cannot be used, or nothing can.
pub fn resolve(
    environment: &Environment,
    home_flag: Option<&Path>,
) -> Result<Resolved, WorkDirError> {
    if let Some(named) = home_flag {
        let path = absolute(&environment.current_dir, &home_expanded(environment, named));
        return match probe(&path) {
            Ok(()) => Ok(Resolved {
                dir: WorkingDir::new(path),
                warnings: Vec::new(),
            }),
            Err(reason) => Err(WorkDirError::Flag { path, reason }),
        };
    }
    let mut warnings = Vec::new();
    let mut tried = Vec::new();
    for Candidate { path, origin } in candidates(environment) {
        match probe(&path) {
            Ok(()) => {
                return Ok(Resolved {
                    dir: WorkingDir::new(path),
                    warnings,
                });
            }
            Err(reason) => {
                // Moving on to the next customary place is no news, unless a catalogue stays behind.
                if !matches!(origin, Origin::Customary) || holds_catalogue(&path) {
                    warnings.push(format!(
                        "`{}` ({origin}) cannot be the working directory: {reason}",
                        printable_path(&path)
                    ));
                }
                tried.push(reason);
            }
        }
    }
    Err(WorkDirError::NoneUsable { tried })
}

/// Returns the settings files outside the working directory, which are read and never written.
pub(crate) fn settings_elsewhere(environment: &Environment) -> Vec<PathBuf> {
    let shared = system_folder(environment, "ProgramData");
    shared
        .into_iter()
        .chain(environment.executable_dir.clone())
        .map(|folder| folder.join("settings.json"))
        .collect()
}

fn candidates(environment: &Environment) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut add = |origin, path: PathBuf| found.push(Candidate { path, origin });
    if let Some(named) = environment.var("VIDEOCATALOG_HOME") {
        let path = expand(environment, named);
        add(Origin::Variable, absolute(&environment.current_dir, &path));
    }
    for file in settings_elsewhere(environment) {
        if let Some(path) = named_in(environment, &file) {
            add(Origin::SettingsFile(file), path);
        }
    }
    for variable in ["ProgramData", "LOCALAPPDATA"] {
        if let Some(path) = system_folder(environment, variable) {
            add(Origin::Customary, path);
        }
    }
    let Some(home) = environment.home_dir() else {
        return found;
    };
    for path in [home.join(".videocatalog").join(FOLDER), home.join(FOLDER)] {
        if environment.platform != Platform::Windows && holds_catalogue(&path) {
            add(Origin::Earlier, path);
        }
    }
    add(Origin::Customary, data_folder(environment, &home));
    found
}

/// Returns our folder below the one that a variable names. A value that this system does not understand as an absolute
/// path, such as one of Windows handed to a Linux guest, counts as not set.
fn system_folder(environment: &Environment, variable: &str) -> Option<PathBuf> {
    let folder = Path::new(environment.var(variable)?);
    folder.is_absolute().then(|| folder.join(FOLDER))
}

/// Returns the platform's folder for the data of programs.
fn data_folder(environment: &Environment, home: &Path) -> PathBuf {
    match environment.platform {
        Platform::Windows => home.join("AppData").join("Local").join(FOLDER),
        Platform::MacOs => home
            .join("Library")
            .join("Application Support")
            .join(FOLDER),
        Platform::Unix => environment
            .var("XDG_DATA_HOME")
            .map(PathBuf::from)
            // The XDG base directory specification has relative values ignored.
            .filter(|folder| folder.is_absolute())
            .unwrap_or_else(|| home.join(".local").join("share"))
            .join("videocatalog"),
    }
}

/// Returns the working directory that a settings file names, directly or by the place of its catalogue.
///
/// A file that cannot be read names nothing; loading the settings reports it.
fn named_in(environment: &Environment, file: &Path) -> Option<PathBuf> {
    let settings = json::read_object(file).ok()?;
    let text = |key: &str| {
        let text = settings.get(key).and_then(Value::as_str)?.trim();
        let is_foreign = environment.platform != Platform::Windows && is_windows_path(text);
        (!text.is_empty() && !is_foreign).then(|| expand(environment, text.as_ref()))
    };
    if let Some(path) = text("working_dir") {
        return Some(absolute(file.parent()?, &path));
    }
    // A relative catalogue lies below the working directory, so it cannot tell where that is.
    let catalog = text("catalog_db").filter(|path| path.is_absolute())?;
    let folder = catalog.parent()?;
    let is_data = folder
        .file_name()
        .is_some_and(|name| name.eq_ignore_ascii_case("data"));
    Some(if is_data { folder.parent()? } else { folder }.to_path_buf())
}

/// Returns whether an earlier version was at work in `folder`.
fn holds_catalogue(folder: &Path) -> bool {
    ["settings.json", "catalog.db", "data", "shards"]
        .iter()
        .any(|name| folder.join(name).exists())
}

/// Returns `path` below `base` unless it is absolute, without `.` and doubled separators.
fn absolute(base: &Path, path: &Path) -> PathBuf {
    base.join(path).components().collect()
}

/// Returns `path` with a leading `~` replaced, which a shell leaves alone in `--home=~/x`. Variables are the shell's.
fn home_expanded(environment: &Environment, path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), environment.home_dir()) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_path_buf(),
    }
}

/// Creates `folder`, writes a file into it and removes it again, and creates `data`.
fn probe(folder: &Path) -> Result<(), Unusable> {
    create_folder(folder)?;
    let written = |error| Unusable::new("write to", folder, error);
    let mut file = tempfile::Builder::new()
        .prefix(".write_test_")
        .tempfile_in(folder)
        .map_err(written)?;
    file.write_all(b"VideoCatalog").map_err(written)?;
    file.close()
        .map_err(|error| Unusable::new("remove a file from", folder, error))?;
    let data = folder.join("data");
    create_folder(&data)?;
    // A link to nowhere or an unreadable folder shows here rather than in the middle of a scan.
    fs::read_dir(&data).map_err(|error| Unusable::new("read", &data, error))?;
    Ok(())
}
