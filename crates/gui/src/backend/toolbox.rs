//! The other programs that this one uses.

use std::path::{Path, PathBuf};

use videocatalog_core::diagnose::DatabaseFile;

use super::Trouble;
use crate::job::Running;

/// How a tool is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolLine {
    /// Its name.
    pub name: &'static str,
    /// found, missing or broken.
    pub state: &'static str,
    /// Its version, if it says one.
    pub version: String,
    /// Where it is.
    pub path: Option<PathBuf>,
    /// Why it was looked for there.
    pub source: String,
    /// What is wrong with it, or with places where it was looked for.
    pub errors: Vec<String>,
    /// What does not work without it.
    pub lost_without: &'static str,
    /// The command that installs it here, or the page to get it from.
    pub how_to_get: String,
}

/// Everything that is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnosis {
    /// Each tool.
    pub tools: Vec<ToolLine>,
    /// What FFmpeg can do that matters, in a line; empty: there is none.
    pub ffmpeg: String,
    /// The working directory.
    pub workdir: PathBuf,
    /// Size and free room of its disk, in bytes.
    pub room: Option<(u64, u64)>,
    /// What keeps disks from telling of their health, if anything does.
    pub smartctl: Option<&'static str>,
    /// The catalogue and the shards.
    pub databases: Vec<DatabaseFile>,
}

/// The other programs that this one uses.
pub trait Toolbox {
    /// Looks for everything again.
    fn diagnose(&self) -> Diagnosis;

    /// Installs a tool by the system's means, telling what that prints; returns where it is.
    ///
    /// # Errors
    /// When there are no means, they fail, or it is not found afterwards.
    fn install(&self, tool: &str, running: &Running) -> Result<PathBuf, Trouble>;

    /// Remembers where a tool is: a file, or a folder of a portable copy, which is brought into the working directory.
    ///
    /// # Errors
    /// When there is no working one.
    fn locate(&self, tool: &str, path: &Path) -> Result<PathBuf, Trouble>;
}
