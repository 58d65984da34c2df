//! The working directory: where the catalogue, its settings, logs and exports live.
//!
//! [`WorkingDir`] says which file is where, [`resolve`] finds the folder. Nothing here reads settings but the one hint
//! at the folder itself.

mod expand;
mod resolve;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::environment::{Environment, Platform};

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
mod tests;
