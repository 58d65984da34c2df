//! The local API.

use videocatalog_core::cancel::CancelToken;

use super::Trouble;

/// What is known of the API before it is started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerSetup {
    /// Where it will listen.
    pub address: String,
    /// Whether requests can show a key.
    pub has_key: bool,
    /// Whether the window starts it.
    pub is_automatic: bool,
}

/// The local API.
pub trait Server {
    /// Returns what is known of it before it is started.
    fn server(&self) -> ServerSetup;

    /// Runs it until `cancel` is raised; `listening` gets its address once it answers.
    ///
    /// # Errors
    /// When it cannot be started, or ends by itself.
    fn serve(&self, listening: &dyn Fn(&str), cancel: &CancelToken) -> Result<(), Trouble>;

    /// Makes a key, saves it, and returns it: the only time that it is shown.
    ///
    /// # Errors
    /// When it cannot be saved.
    fn make_key(&self) -> Result<String, Trouble>;
}
