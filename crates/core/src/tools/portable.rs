//! Tools that are brought as files: a portable copy in the working directory's `bin`, or a place that the user points at.
//!
//! A copy is tried before it takes the place of an earlier one. What a tool needs is found without asking the system's
//! loader, which would run it: the libraries beside it, or in `../lib`, where portable builds have them.

use std::io;
use std::path::{Path, PathBuf};

use super::Tool;
use super::search::{self, Source};
use super::toolbox::{Found, try_place};
use crate::clock::Clock;
use crate::environment::{Environment, Platform};
use crate::settings::{self, SetError};
use crate::workdir::WorkingDir;

/// More libraries than this are a system's, not a portable tool's.
const MOST_LIBRARIES: usize = 400;

/// More than this is no tool.
const MOST_BYTES: u64 = 4 << 30;

/// Why a tool could not be brought.
#[derive(Debug, thiserror::Error)]
pub enum BringError {
    /// It does not work there.
    #[error("{reason}")]
    Unusable {
        /// Why, as a sentence.
        reason: String,
    },
    /// What lies there is too much to be a portable copy.
    #[error("`{}` does not look like a portable copy: {what}", folder.display())]
    NotPortable {
        /// The folder.
        folder: PathBuf,
        /// Why.
        what: String,
    },
    /// A file could not be copied.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Copy {
        /// What was tried.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The path cannot stand in the settings.
    #[error("`{}` is not valid Unicode and cannot be kept in the settings", path.display())]
    NotText {
        /// The path.
        path: PathBuf,
    },
    /// The settings could not be saved.
    #[error(transparent)]
    Settings(#[from] SetError),
}

impl BringError {
    /// Returns what to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Unusable { .. } => {
                "name the program itself, or the folder it lies in; it must run on this system"
                    .into()
            }
            Self::NotPortable { .. } => {
                "use it where it is with `videocatalog tools locate NAME PATH`".into()
            }
            Self::Copy { .. } => {
                "check that the working directory can be written to and has room".into()
            }
            Self::NotText { .. } => "give the folder another name".into(),
            Self::Settings(error) => error.hint().unwrap_or_default(),
        }
    }
}

/// Where things are, for what is brought.
#[derive(Clone, Copy)]
pub struct Home<'a> {
    /// The working directory.
    pub workdir: &'a WorkingDir,
    /// The process's surroundings.
    pub environment: &'a Environment,
    /// The time, for the settings file.
    pub clock: &'a dyn Clock,
}

/// Tries the tool at `place` (a file or folder, absolute) and remembers it in the settings.
///
/// # Errors
/// When it does not work, or the settings cannot be saved.
pub fn locate(tool: Tool, place: &Path, home: Home<'_>) -> Result<Found, BringError> {
    let found = try_place(
        place,
        tool,
        home.environment.platform,
        Source::Setting(tool.setting()),
    )
    .map_err(|reason| BringError::Unusable { reason })?;
    remember(&found, home)?;
    Ok(found)
}

/// Saves the place of a tool in the settings.
///
/// # Errors
/// When they cannot be saved.
pub fn remember(found: &Found, home: Home<'_>) -> Result<(), BringError> {
    let text = found.path.to_str().ok_or_else(|| BringError::NotText {
        path: found.path.clone(),
    })?;
    settings::set(
        home.workdir,
        home.environment,
        home.clock,
        &found.tool.setting(),
        text,
    )?;
    Ok(())
}

/// Copies a tool with the libraries it needs from `folder` into the working directory's `bin`, tries the copy, lets it
/// take the place of an earlier one, and remembers it in the settings.
///
/// # Errors
/// When there is no such tool, when the copy does not work, or something cannot be written; an earlier copy is left as it
/// is then.
pub fn copy(tool: Tool, folder: &Path, home: Home<'_>) -> Result<Found, BringError> {
    let platform = home.environment.platform;
    let parts = parts(tool, folder, platform)?;
    let bin = home.workdir.bin();
    fs_err::create_dir_all(&bin).map_err(copying("create", &bin))?;
    let new = tempfile::Builder::new()
        .prefix(".new-")
        .tempdir_in(&bin)
        .map_err(copying("create", &bin))?;
    for (from, to) in &parts.files {
        let target = new.path().join(to);
        if let Some(parent) = target.parent() {
            fs_err::create_dir_all(parent).map_err(copying("create", parent))?;
        }
        fs_err::copy(from, &target).map_err(copying("copy", from))?;
    }
    let source = Source::Setting(tool.setting());
    try_place(
        &new.path().join(&parts.program),
        tool,
        platform,
        source.clone(),
    )
    .map_err(|reason| BringError::Unusable { reason })?;
    let target = bin.join(tool.name());
    let new = new.keep();
    if let Err(error) = replace(&new, &target) {
        let _unused = fs_err::remove_dir_all(&new);
        return Err(error);
    }
    let found = try_place(&target.join(&parts.program), tool, platform, source)
        .map_err(|reason| BringError::Unusable { reason })?;
    remember(&found, home)?;
    Ok(found)
}

/// Puts the folder `new` in the place of `target`; what was there goes only once the new one is there.
fn replace(new: &Path, target: &Path) -> Result<(), BringError> {
    let old = target.with_file_name(format!(
        ".old-{}",
        target.file_name().unwrap_or_default().to_string_lossy()
    ));
    // Of an attempt that was killed.
    let _leftover = fs_err::remove_dir_all(&old);
    let had_one = target.exists();
    if had_one {
        fs_err::rename(target, &old).map_err(copying("move away", target))?;
    }
    if let Err(error) = fs_err::rename(new, target) {
        if had_one {
            let _back = fs_err::rename(&old, target);
        }
        return Err(copying("create", target)(error));
    }
    // A program that still runs cannot be removed on Windows; the next copy tries again.
    let _leftover = fs_err::remove_dir_all(&old);
    Ok(())
}

fn copying(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> BringError + use<> {
    let path = path.to_path_buf();
    move |source| BringError::Copy {
        action,
        path,
        source,
    }
}

/// What a portable copy consists of.
#[derive(Debug, PartialEq, Eq)]
struct Parts {
    /// The tool inside the copy.
    program: PathBuf,
    /// Files, and where they go inside the copy.
    files: Vec<(PathBuf, PathBuf)>,
}

/// Finds the tool in a folder or its `bin`, and what belongs to it.
fn parts(tool: Tool, folder: &Path, platform: Platform) -> Result<Parts, BringError> {
    let program =
        search::named(folder, tool, platform).map_err(|reason| BringError::Unusable { reason })?;
    let home = program.parent().unwrap_or(folder).to_path_buf();
    let libraries_apart = match (home.parent(), home.file_name()) {
        (Some(above), Some(name)) if name == "bin" && platform != Platform::Windows => {
            libraries(&above.join("lib"), platform)?
        }
        _ => Vec::new(),
    };
    // Programs look for libraries relative to themselves, so the two folders keep their places.
    let inside = if libraries_apart.is_empty() {
        PathBuf::new()
    } else {
        PathBuf::from("bin")
    };
    let mut sources = vec![program.clone()];
    for sibling in siblings(tool) {
        sources.extend(search::in_folder(&home, *sibling, platform));
    }
    if tool == Tool::Tmk {
        sources.extend(tmk_helpers(&home, platform));
    }
    sources.extend(libraries(&home, platform)?);
    sources.sort();
    sources.dedup();
    let mut files: Vec<(PathBuf, PathBuf)> = Vec::new();
    for (sources, place) in [
        (sources, inside.as_path()),
        (libraries_apart, Path::new("lib")),
    ] {
        files.extend(sources.into_iter().filter_map(|from| {
            let to = place.join(from.file_name()?);
            Some((from, to))
        }));
    }
    check_size(folder, &files)?;
    Ok(Parts {
        program: inside.join(program.file_name().unwrap_or_default()),
        files,
    })
}

/// Tools that come and go together.
const fn siblings(tool: Tool) -> &'static [Tool] {
    match tool {
        Tool::Ffmpeg => &[Tool::Ffprobe],
        Tool::Ffprobe => &[Tool::Ffmpeg],
        _ => &[],
    }
}

fn tmk_helpers(folder: &Path, platform: Platform) -> impl Iterator<Item = PathBuf> {
    let suffix = if platform == Platform::Windows {
        ".exe"
    } else {
        ""
    };
    ["tmk-compare-post", "tmk-extract-frame"]
        .map(|name| folder.join(format!("{name}{suffix}")))
        .into_iter()
        .filter(|path| path.is_file())
}

/// Returns the shared libraries in a folder; none if there is no such folder.
fn libraries(folder: &Path, platform: Platform) -> Result<Vec<PathBuf>, BringError> {
    let mut found = Vec::new();
    for entry in fs_err::read_dir(folder).into_iter().flatten() {
        let Ok(entry) = entry else { continue };
        let path = entry.path();
        if is_library(&entry.file_name().to_string_lossy(), platform) && path.is_file() {
            found.push(path);
        }
        if found.len() > MOST_LIBRARIES {
            return Err(BringError::NotPortable {
                folder: folder.to_path_buf(),
                what: format!("it holds more than {MOST_LIBRARIES} libraries"),
            });
        }
    }
    found.sort();
    Ok(found)
}

fn is_library(name: &str, platform: Platform) -> bool {
    let name = name.to_lowercase();
    let ends = |extension: &str| name.ends_with(extension);
    match platform {
        Platform::Windows => ends(".dll"),
        Platform::MacOs => ends(".dylib"),
        Platform::Unix => ends(".so") || name.contains(".so."),
    }
}

fn check_size(folder: &Path, files: &[(PathBuf, PathBuf)]) -> Result<(), BringError> {
    let bytes = files
        .iter()
        .filter_map(|(from, _)| fs_err::metadata(from).ok())
        .fold(0_u64, |sum, facts| sum.saturating_add(facts.len()));
    if bytes > MOST_BYTES {
        return Err(BringError::NotPortable {
            folder: folder.to_path_buf(),
            what: "it is larger than 4 GiB".into(),
        });
    }
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
