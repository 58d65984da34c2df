//! The tools of this machine: each is looked for and tried once, when it is first asked for.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use serde::Serialize;

use super::Tool;
use super::ffmpeg::FfmpegAbilities;
use super::run::run;
use super::search::{self, Source};
use super::version::{self, Version};
use crate::environment::{Environment, Platform};
use crate::path::display::printable;
use crate::settings::Settings;
use crate::workdir::WorkingDir;

/// How long a tool may take to say its version: one that lies on a disk that sleeps needs a while.
const VERSION_TIMEOUT: Duration = Duration::from_secs(10);

/// A tool that works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// Which.
    pub tool: Tool,
    /// Its file, absolute.
    #[serde(serialize_with = "lossy")]
    pub path: PathBuf,
    /// The line in which it says its version.
    pub version_line: Option<String>,
    /// The version, where it is made of numbers.
    pub version: Option<Version>,
    /// Where it was found.
    pub source: Source,
}

/// A tool that is not there, or does not work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Missing {
    /// Which.
    pub tool: Tool,
    /// What was wrong with those that were there.
    pub errors: Vec<String>,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Tool missing: {} — {}; `{}`",
            self.tool.name(),
            self.tool.lost_without(),
            self.remedy()
        )
    }
}

impl Missing {
    /// Returns the command that brings it.
    pub fn remedy(&self) -> String {
        let name = self.tool.name();
        if super::install::is_packaged(self.tool) {
            format!("videocatalog tools install {name}")
        } else {
            format!("videocatalog tools locate {name} PATH")
        }
    }
}

/// How it stands with a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It works.
    Found,
    /// There is none.
    Missing,
    /// There is one, but it does not work.
    Broken,
}

impl State {
    /// Returns its word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Missing => "missing",
            Self::Broken => "broken",
        }
    }
}

impl Found {
    /// Returns its version as it says it itself, where that is not made of numbers; empty: it says none.
    pub fn version_text(&self) -> String {
        self.version.as_ref().map_or_else(
            || {
                let line = self.version_line.as_deref().unwrap_or_default();
                printable(line.as_bytes()).into_owned()
            },
            ToString::to_string,
        )
    }
}

/// What looking for a tool gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Which.
    pub tool: Tool,
    /// The one that works.
    pub result: Result<Found, Missing>,
    /// What was wrong with others that came before it.
    pub errors: Vec<String>,
    /// Places named by settings that hold no working tool: (setting, place).
    pub failed_settings: Vec<(String, PathBuf)>,
}

impl Probe {
    /// Returns how it stands.
    pub fn state(&self) -> State {
        match &self.result {
            Ok(_) => State::Found,
            Err(missing) if missing.errors.is_empty() => State::Missing,
            Err(_) => State::Broken,
        }
    }
}

/// The tools of this machine, for as long as the value lives.
///
/// Asking is cheap after the first time and may happen from several threads at once. After an installation, or a change
/// of settings, make a new one or [`refresh`](Self::refresh) it.
#[derive(Debug)]
pub struct Toolbox {
    places: Option<Places>,
    probes: [OnceLock<Probe>; Tool::ALL.len()],
    ffmpeg: OnceLock<FfmpegAbilities>,
}

#[derive(Debug)]
struct Places {
    environment: Environment,
    workdir: WorkingDir,
    /// Tool, setting, value as it is written.
    named: Vec<(Tool, String, PathBuf)>,
}

impl Toolbox {
    /// Returns a toolbox that looks where settings, environment and working directory say.
    pub fn new(settings: &Settings, environment: &Environment, workdir: &WorkingDir) -> Self {
        Self {
            places: Some(Places {
                environment: environment.clone(),
                workdir: workdir.clone(),
                named: named_places(settings),
            }),
            ..Self::empty()
        }
    }

    /// Returns a toolbox with nothing in it.
    pub fn empty() -> Self {
        Self {
            places: None,
            probes: [const { OnceLock::new() }; Tool::ALL.len()],
            ffmpeg: OnceLock::new(),
        }
    }

    /// Returns a tool that works.
    ///
    /// # Errors
    /// [`Missing`] says what is lost without it and how to get it.
    pub fn need(&self, tool: Tool) -> Result<&Found, Missing> {
        self.probe(tool).result.as_ref().map_err(Clone::clone)
    }

    /// Returns everything that looking for a tool gave.
    #[expect(clippy::indexing_slicing, reason = "there is a cell for every tool")]
    pub fn probe(&self, tool: Tool) -> &Probe {
        self.probes[tool.index()].get_or_init(|| match &self.places {
            Some(places) => look(places, tool, || self.need(Tool::Ffmpeg).ok().cloned()),
            None => nothing(tool),
        })
    }

    /// Returns where a program of ours is: beside the running one.
    pub fn beside(&self, name: &str) -> Option<PathBuf> {
        super::sibling::beside(&self.places.as_ref()?.environment, name)
    }

    /// Returns what the FFmpeg that was found can do.
    ///
    /// # Errors
    /// [`Missing`] when there is none.
    pub fn ffmpeg(&self) -> Result<&FfmpegAbilities, Missing> {
        let found = self.need(Tool::Ffmpeg)?;
        Ok(self
            .ffmpeg
            .get_or_init(|| FfmpegAbilities::ask(&found.path)))
    }

    /// Forgets what was found, so that everything is looked for again.
    pub fn refresh(&mut self) {
        self.probes = [const { OnceLock::new() }; Tool::ALL.len()];
        self.ffmpeg = OnceLock::new();
    }
}

/// Tries the tool at `place`, a file or a folder that holds it.
///
/// # Errors
/// Why it does not work, as a sentence.
pub(super) fn try_place(
    place: &Path,
    tool: Tool,
    platform: Platform,
    source: Source,
) -> Result<Found, String> {
    let path = search::named(place, tool, platform)?;
    try_file(path, tool, source)
}

fn named_places(settings: &Settings) -> Vec<(Tool, String, PathBuf)> {
    let fingerprints = &settings.fingerprints;
    let mut named: Vec<(Tool, String, PathBuf)> = settings
        .tools
        .iter()
        .filter_map(|(name, place)| {
            Some((
                Tool::from_name(name)?,
                format!("tools.{name}.path"),
                place.clone(),
            ))
        })
        .collect();
    for (tool, place) in [
        (Tool::Fpcalc, &fingerprints.fpcalc_path),
        (Tool::Tmk, &fingerprints.tmk_bin_path),
    ] {
        if let (Some(key), Some(place)) = (tool.older_setting(), place) {
            named.push((tool, key.to_owned(), place.clone()));
        }
    }
    named
}

fn nothing(tool: Tool) -> Probe {
    Probe {
        tool,
        result: Err(Missing {
            tool,
            errors: Vec::new(),
        }),
        errors: Vec::new(),
        failed_settings: Vec::new(),
    }
}

/// Looks for a tool: settings, beside FFmpeg, `PATH`, the working directory, customary places.
fn look(places: &Places, tool: Tool, ffmpeg: impl Fn() -> Option<Found>) -> Probe {
    let platform = places.environment.platform;
    let mut probe = nothing(tool);
    let named = places.named.iter().filter(|(of, ..)| *of == tool);
    for (_, setting, written) in named {
        let source = Source::Setting(setting.clone());
        let tried = places
            .workdir
            .locate(&places.environment, written)
            .ok_or_else(|| format!("`{}` is no path of this system", written.display()))
            .and_then(|place| try_place(&place, tool, platform, source));
        match tried {
            Ok(found) => {
                probe.result = Ok(found);
                return probe;
            }
            Err(error) => {
                probe.errors.push(format!("setting `{setting}`: {error}"));
                probe
                    .failed_settings
                    .push((setting.clone(), written.clone()));
            }
        }
    }
    if probe.failed_settings.is_empty() || tool.falls_back() {
        search_folders(places, tool, ffmpeg, &mut probe);
    }
    if let Err(missing) = &mut probe.result {
        missing.errors.clone_from(&probe.errors);
    }
    probe
}

fn search_folders(
    places: &Places,
    tool: Tool,
    ffmpeg: impl Fn() -> Option<Found>,
    probe: &mut Probe,
) {
    let beside_ffmpeg = (tool == Tool::Ffprobe)
        .then(ffmpeg)
        .flatten()
        .and_then(|found| found.path.parent().map(Path::to_path_buf));
    let groups = [
        (Source::BesideFfmpeg, beside_ffmpeg.into_iter().collect()),
        (Source::Path, search::path_folders(&places.environment)),
        (
            Source::WorkingDirectory,
            search::own_folders(&places.workdir),
        ),
        (
            Source::Customary,
            search::customary_folders(tool, &places.environment),
        ),
    ];
    let mut tried: Vec<PathBuf> = Vec::new();
    for (source, folders) in groups {
        for folder in folders {
            let Some(path) = search::in_folder(&folder, tool, places.environment.platform) else {
                continue;
            };
            if tried.contains(&path) {
                continue;
            }
            tried.push(path.clone());
            match try_file(path, tool, source.clone()) {
                Ok(found) => {
                    probe.result = Ok(found);
                    return;
                }
                Err(error) => probe.errors.push(error),
            }
        }
    }
}

/// Runs a tool to see whether it works, and which it is.
fn try_file(path: PathBuf, tool: Tool, source: Source) -> Result<Found, String> {
    search::check_file(&path, tool)?;
    let version_line = match tool.version_argument() {
        Some(argument) => ask_version(&path, tool, argument, VERSION_TIMEOUT)?,
        None => library_version(&path),
    };
    Ok(Found {
        tool,
        version: version_line.as_deref().and_then(Version::find),
        version_line,
        path,
        source,
    })
}

fn ask_version(
    path: &Path,
    tool: Tool,
    argument: &str,
    limit: Duration,
) -> Result<Option<String>, String> {
    let output = run(path, [argument], limit).map_err(|error| {
        let cause = std::error::Error::source(&error)
            .map(|source| format!(": {source}"))
            .unwrap_or_default();
        format!("{error}{cause}")
    })?;
    let (stdout, stderr) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    let line = version::line(&stdout).or_else(|| version::line(&stderr));
    if output.status.success() {
        return line
            .map(Some)
            .ok_or_else(|| format!("`{}` says nothing to `{argument}`", path.display()));
    }
    let explains_itself = |text: &str| text.to_lowercase().contains("usage");
    if tool.may_lack_version() && (explains_itself(&stdout) || explains_itself(&stderr)) {
        return Ok(None);
    }
    let said = line.map(|line| format!(" ({line})")).unwrap_or_default();
    Err(format!(
        "`{}` fails: {}{said}",
        path.display(),
        output.status
    ))
}

/// A library has its version in its name, or in the name of the file that it is a link to.
fn library_version(path: &Path) -> Option<String> {
    let name = |path: &Path| Some(path.file_name()?.to_str()?.to_owned());
    let real = fs_err::canonicalize(path).ok();
    let name = real.as_deref().and_then(name).or_else(|| name(path))?;
    let digits = name.find(|character: char| character.is_ascii_digit())?;
    name.get(digits..).map(str::to_owned)
}

fn lossy<S: serde::Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
