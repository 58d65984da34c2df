//! Reading and changing settings.

use std::path::PathBuf;

use videocatalog_core::settings::Key;

use super::Trouble;

/// A setting as it stands.
#[derive(Clone, Debug)]
pub struct Setting {
    /// What is declared of it.
    pub key: Key,
    /// Its value as it is typed; empty: none. Of a secret: whether there is one, as `set`.
    pub text: String,
    /// The value while nothing is set, as it is typed.
    pub default: String,
}

/// All settings.
#[derive(Clone, Debug, Default)]
pub struct AllSettings {
    /// Each of them, in the order of the file.
    pub settings: Vec<Setting>,
    /// The file they are from, if there is one.
    pub file: Option<PathBuf>,
    /// What could not be used of it.
    pub warnings: Vec<String>,
}

/// Reading and changing settings.
pub trait Settings {
    /// Returns all settings, read again.
    fn settings(&self) -> AllSettings;

    /// Changes a setting to what `text` stands for; `null` unsets what may be unset. Everything uses it from then on.
    ///
    /// # Errors
    /// When the key does not take it, or the file cannot be written.
    fn set(&self, path: &str, text: &str) -> Result<(), Trouble>;
}
