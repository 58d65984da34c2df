//! What the program was started with, as a value: variables, places and platform.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// The families of systems whose customary folders differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// Microsoft Windows.
    Windows,
    /// Apple macOS.
    MacOs,
    /// Linux and everything else with XDG folders.
    Unix,
}

impl Platform {
    /// Returns the platform this program was built for.
    pub const fn current() -> Self {
        if cfg!(windows) {
            Self::Windows
        } else if cfg!(target_os = "macos") {
            Self::MacOs
        } else {
            Self::Unix
        }
    }
}

/// Everything that core may know of the process it runs in; a face fills it once.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The environment variables.
    pub variables: HashMap<OsString, OsString>,
    /// The folder of the running executable, when it could be found out.
    pub executable_dir: Option<PathBuf>,
    /// The folder that relative paths of the user refer to.
    pub current_dir: PathBuf,
    /// The platform whose conventions hold.
    pub platform: Platform,
}

impl Environment {
    /// Returns the value of a variable; an empty one counts as not set. On Windows the case of the name is ignored.
    pub fn var(&self, name: &str) -> Option<&OsStr> {
        self.variables
            .get(OsStr::new(name))
            .or_else(|| self.var_in_any_case(name))
            .map(OsString::as_os_str)
            .filter(|value| !value.is_empty())
    }

    fn var_in_any_case(&self, name: &str) -> Option<&OsString> {
        (self.platform == Platform::Windows)
            .then(|| {
                self.variables
                    .iter()
                    .find(|(known, _)| known.eq_ignore_ascii_case(name))
            })
            .flatten()
            .map(|(_, value)| value)
    }

    /// Returns the user's home folder (`HOME`, on Windows `USERPROFILE`).
    pub fn home_dir(&self) -> Option<PathBuf> {
        let name = if self.platform == Platform::Windows {
            "USERPROFILE"
        } else {
            "HOME"
        };
        self.var(name).map(PathBuf::from)
    }

    /// Returns `path` made absolute against the current folder; nothing is looked up on disk.
    pub fn absolute(&self, path: &Path) -> PathBuf {
        self.current_dir.join(path)
    }
}
