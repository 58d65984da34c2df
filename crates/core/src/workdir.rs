//! The working directory: where the catalogue, its settings, logs and exports live.
//!
//! [`WorkingDir`] says which file is where, [`resolve`] finds the folder. Nothing here reads settings but the one hint
//! at the folder itself.

mod drive_types;
mod expand;
mod resolve;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::environment::{Environment, Platform};
use crate::path::display::printable_path;

pub use expand::expand;
pub use resolve::{Resolved, Unusable, WorkDirError, resolve};

pub(crate) use resolve::settings_elsewhere;

/// A folder that holds everything `VideoCatalog` keeps; the methods name its parts and touch nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkingDir {
    root: PathBuf,
}

impl WorkingDir {
    /// Returns the working directory at `root`, which should be absolute; whether it is usable is not looked at.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Returns the folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the settings file.
    pub fn settings_file(&self) -> PathBuf {
        self.root.join("settings.json")
    }

    /// Returns the folder of the databases.
    pub fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    /// Returns the folder of the databases of single drives.
    pub fn shards(&self) -> PathBuf {
        self.data().join("shards")
    }

    /// Returns the catalogue's file, unless settings name another.
    pub fn catalog_db(&self) -> PathBuf {
        self.data().join("catalog.db")
    }

    /// Returns what is said in the files of all drives.
    pub fn transcripts_db(&self) -> PathBuf {
        self.data().join("transcripts.db")
    }

    /// Returns what is to be seen in the files of all drives.
    pub fn frames_db(&self) -> PathBuf {
        self.data().join("frames.db")
    }

    /// Returns the folder of the logs.
    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// Returns the folder that exports are written to when no other is named.
    pub fn exports(&self) -> PathBuf {
        self.root.join("exports")
    }

    /// Returns the folder that reports are written to when no other is named.
    pub fn reports(&self) -> PathBuf {
        self.exports().join("reports")
    }

    /// Returns the folder of the database backups.
    pub fn backups(&self) -> PathBuf {
        self.root.join("backups").join("sqlite")
    }

    /// Returns the folder of portable tools, one folder each.
    pub fn bin(&self) -> PathBuf {
        self.root.join("bin")
    }

    /// Returns the folder of the models.
    pub fn models(&self) -> PathBuf {
        self.root.join("models")
    }

    /// Returns the file with the user's own kinds of drive.
    pub fn drive_types_file(&self) -> PathBuf {
        self.root.join("drive_types.json")
    }

    /// Returns the place that a setting names: `~` and variables expanded, a relative path lies in the working
    /// directory. `None` when `named` is blank, or a path of Windows on another system.
    pub fn locate(&self, environment: &Environment, named: &Path) -> Option<PathBuf> {
        let text = named.to_string_lossy();
        let is_foreign = environment.platform != Platform::Windows && is_windows_path(text.trim());
        (!is_foreign && !text.trim().is_empty())
            .then(|| self.root.join(expand(environment, named.as_os_str())))
    }

    /// Returns where the catalogue is, by the setting `catalog_db`, and a sentence for the user if that does not hold.
    ///
    /// The older program wrote the setting at every start, as an absolute path. A working directory that was moved since
    /// still has its catalogue: what the setting says of the old place (`setting_for`, the setting `working_dir`) is true
    /// of this one, and a path that leads nowhere gives way to the usual one.
    pub fn find_catalog(
        &self,
        environment: &Environment,
        setting: Option<&Path>,
        setting_for: Option<&Path>,
    ) -> (PathBuf, Option<String>) {
        let usual = self.catalog_db();
        let Some(named) = setting.and_then(|named| self.locate(environment, named)) else {
            return (usual, None);
        };
        let moved = setting_for
            .filter(|before| *before != self.root)
            .and_then(|before| named.strip_prefix(before).ok())
            .map(|rest| self.root.join(rest));
        if let Some(moved) = moved.filter(|moved| moved.exists()) {
            return (moved, None);
        }
        let leads_somewhere =
            named.exists() || (!usual.exists() && named.parent().is_some_and(Path::is_dir));
        if leads_somewhere {
            return (named, None);
        }
        let warning = format!(
            "`catalog_db` in the settings leads nowhere (`{}`); using `{}`",
            printable_path(&named),
            printable_path(&usual)
        );
        (usual, Some(warning))
    }

    /// Creates the folders that every command may rely on: data, data/shards, logs and exports.
    ///
    /// # Errors
    ///
    /// When one of them cannot be created.
    pub fn create_layout(&self) -> Result<(), Unusable> {
        for folder in [self.shards(), self.logs(), self.exports()] {
            create_folder(&folder)?;
        }
        Ok(())
    }
}

fn create_folder(folder: &Path) -> Result<(), Unusable> {
    fs::create_dir_all(folder).map_err(|error: io::Error| Unusable::new("create", folder, error))
}

/// Returns whether `path` is absolute in the way of Windows: a drive letter (`C:\`, `C:/`) or a share (`\\host\…`).
pub fn is_windows_path(path: &str) -> bool {
    match path.as_bytes() {
        [b'\\', b'\\', ..] => true,
        [letter, b':'] | [letter, b':', b'\\' | b'/', ..] => letter.is_ascii_alphabetic(),
        _ => false,
    }
}

#[cfg(test)]
mod catalog_tests;
#[cfg(test)]
mod tests;
