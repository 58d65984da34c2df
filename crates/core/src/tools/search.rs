//! Where tools are looked for: pure path work and a look at files, nothing is started.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::Tool;
use crate::environment::{Environment, Platform};
use crate::workdir::WorkingDir;

/// Entries of a folder that are looked at when libraries or tool folders are searched.
const MOST_ENTRIES: usize = 4_096;

/// Where a tool was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "setting")]
pub enum Source {
    /// Named by a setting.
    Setting(String),
    /// In the folder of the FFmpeg that was found.
    BesideFfmpeg,
    /// In a folder of the variable `PATH`.
    Path,
    /// In the working directory's `bin`.
    WorkingDirectory,
    /// Where the system's installers put it, though `PATH` does not say so.
    Customary,
}

impl Source {
    /// Returns it in words.
    pub fn describe(&self) -> String {
        match self {
            Self::Setting(key) => format!("setting `{key}`"),
            Self::BesideFfmpeg => "beside ffmpeg".into(),
            Self::Path => "PATH".into(),
            Self::WorkingDirectory => "working directory".into(),
            Self::Customary => "customary place".into(),
        }
    }
}

/// Returns the files that may be the tool in a file or folder that somebody named: the file itself, or those of its name
/// in the folder and in its `bin` (libraries: `lib`).
pub(super) fn named(place: &Path, tool: Tool, platform: Platform) -> Result<PathBuf, String> {
    match fs_err::metadata(place) {
        Err(error) => Err(format!("`{}`: {}", place.display(), plain(&error))),
        Ok(facts) if facts.is_dir() => in_folder(place, tool, platform)
            .or_else(|| in_folder(&place.join("bin"), tool, platform))
            .or_else(|| in_folder(&place.join("lib"), tool, platform).filter(|_| tool.is_library()))
            .ok_or_else(|| {
                format!(
                    "`{}` holds no `{}`",
                    place.display(),
                    tool.file_names(platform).join("` or `")
                )
            }),
        Ok(_) => Ok(place.to_path_buf()),
    }
}

/// Returns the system's words without the path that `fs_err` puts before them.
fn plain(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => "does not exist".into(),
        ErrorKind::PermissionDenied => "may not be looked at".into(),
        kind => kind.to_string(),
    }
}

/// Returns the tool's file in a folder.
pub(super) fn in_folder(folder: &Path, tool: Tool, platform: Platform) -> Option<PathBuf> {
    let usual = tool
        .file_names(platform)
        .into_iter()
        .map(|name| folder.join(name))
        .find(|path| path.is_file());
    if usual.is_some() || !tool.is_library() {
        return usual;
    }
    let mut versions: Vec<PathBuf> = fs_err::read_dir(folder)
        .ok()?
        .take(MOST_ENTRIES)
        .filter_map(Result::ok)
        .filter(|entry| {
            entry
                .file_name()
                .to_str()
                .is_some_and(|name| tool.is_named(name, platform))
        })
        .map(|entry| entry.path())
        .collect();
    versions.sort();
    versions.pop()
}

/// Returns the folders of `PATH`. Relative ones are left out: what they mean changes with the current folder, and
/// whoever can write there could have his program run.
pub(super) fn path_folders(environment: &Environment) -> Vec<PathBuf> {
    environment
        .var("PATH")
        .map(|value| std::env::split_paths(value).collect::<Vec<_>>())
        .unwrap_or_default()
        .into_iter()
        .filter(|folder| folder.is_absolute())
        .collect()
}

/// Returns `bin` of the working directory, the folders in it, and their `bin`.
pub(super) fn own_folders(workdir: &WorkingDir) -> Vec<PathBuf> {
    let bin = workdir.bin();
    let mut inside: Vec<PathBuf> = fs_err::read_dir(&bin)
        .into_iter()
        .flatten()
        .take(MOST_ENTRIES)
        .filter_map(Result::ok)
        .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    inside.sort();
    let deeper: Vec<PathBuf> = inside
        .iter()
        .flat_map(|folder| [folder.join("bin"), folder.join("lib")])
        .collect();
    std::iter::once(bin).chain(inside).chain(deeper).collect()
}

/// Returns the folders that installers use and `PATH` may not name: a user's `PATH` on Linux often lacks `sbin`, and on
/// Windows a running program does not learn what an installer added.
pub(super) fn customary_folders(tool: Tool, environment: &Environment) -> Vec<PathBuf> {
    let below = |variable: &str, rest: &str| {
        environment
            .var(variable)
            .map(|folder| Path::new(folder).join(rest))
            .filter(|folder| folder.is_absolute())
    };
    match (environment.platform, tool.is_library()) {
        (Platform::Windows, _) => [
            below("LOCALAPPDATA", r"Microsoft\WinGet\Links"),
            below("ProgramFiles", r"WinGet\Links"),
            below("ProgramFiles", r"smartmontools\bin"),
            below("ProgramFiles", r"ffmpeg\bin"),
            below("ProgramFiles", "MediaInfo"),
        ]
        .into_iter()
        .flatten()
        .collect(),
        (Platform::MacOs, false) => folders(&["/opt/homebrew/bin", "/usr/local/bin"]),
        (Platform::MacOs, true) => folders(&["/opt/homebrew/lib", "/usr/local/lib"]),
        (Platform::Unix, false) => folders(&["/usr/local/sbin", "/usr/sbin", "/sbin"]),
        (Platform::Unix, true) => folders(&[
            "/usr/local/lib",
            "/usr/lib/x86_64-linux-gnu",
            "/usr/lib/aarch64-linux-gnu",
            "/usr/lib64",
            "/usr/lib",
        ]),
    }
}

fn folders(paths: &[&str]) -> Vec<PathBuf> {
    paths.iter().map(PathBuf::from).collect()
}

/// Returns why a file cannot be run or loaded, as far as that shows without trying.
pub(super) fn check_file(path: &Path, tool: Tool) -> Result<(), String> {
    let facts = fs_err::metadata(path)
        .map_err(|error| format!("`{}`: {}", path.display(), plain(&error)))?;
    if !facts.is_file() {
        return Err(format!("`{}` is not a file", path.display()));
    }
    if tool.is_library() {
        return check_library(path);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if facts.permissions().mode() & 0o111 == 0 {
            return Err(format!("`{}` may not be executed", path.display()));
        }
    }
    Ok(())
}

/// A library is not loaded just to look at it: that would run code. Its first bytes say whether it can be one.
fn check_library(path: &Path) -> Result<(), String> {
    use std::io::Read;
    let mut magic = [0_u8; 4];
    let read = fs_err::File::open(path).and_then(|mut file| file.read_exact(&mut magic));
    let is_library = matches!(
        magic,
        [0x7F, b'E', b'L', b'F']
            | [b'M', b'Z', _, _]
            | [0xCF | 0xCE, 0xFA, 0xED, 0xFE]
            | [0xCA, 0xFE, 0xBA, 0xBE]
    );
    if read.is_ok() && is_library {
        Ok(())
    } else {
        Err(format!("`{}` is not a library", path.display()))
    }
}
