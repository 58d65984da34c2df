//! What went wrong, what to do about it, and with which code the program ends.

use videocatalog_core::catalog::store::StoreError;
use videocatalog_core::home::HomeError;
use videocatalog_core::maintain::{MaintainError, TargetError};
use videocatalog_core::scan::ScanError;
use videocatalog_core::semantic::SemanticError;
use videocatalog_core::tools::portable::BringError;

/// The documented exit codes.
pub(crate) mod code {
    pub(crate) const USAGE: i32 = 2;
    pub(crate) const MISSING: i32 = 3;
    pub(crate) const STORAGE: i32 = 4;
    pub(crate) const EXPORT: i32 = 5;
    pub(crate) const DAMAGED: i32 = 6;
    pub(crate) const REFUSED: i32 = 7;
    pub(crate) const STOPPED: i32 = 130;
}

/// The end of a command that did not do what was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    code: i32,
    message: String,
    hint: String,
}

impl Failure {
    pub(crate) fn new(code: i32, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: hint.into(),
        }
    }

    pub(crate) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(code::USAGE, message, hint)
    }

    pub(crate) fn storage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(code::STORAGE, message, hint)
    }

    /// The user stopped it; that was said already.
    pub(crate) fn stopped() -> Self {
        Self::new(code::STOPPED, "", "")
    }

    /// Returns what went wrong.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Says something else to do about it.
    pub(crate) fn set_hint(&mut self, hint: String) {
        self.hint = hint;
    }

    /// Prints the message and the hint and returns the exit code.
    pub(crate) fn report(&self) -> i32 {
        if !self.message.is_empty() {
            eprintln!("error: {}", self.message);
        }
        if !self.hint.is_empty() {
            eprintln!("hint: {}", self.hint);
        }
        self.code
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let code = match error {
            StoreError::NoDrive { .. } | StoreError::LabelTaken { .. } | StoreError::Label(_) => {
                code::USAGE
            }
            _ => code::STORAGE,
        };
        Self::new(code, error.to_string(), error.hint())
    }
}

impl From<HomeError> for Failure {
    fn from(error: HomeError) -> Self {
        match error {
            HomeError::Layout(_) => Self::storage(error.to_string(), error.hint()),
            HomeError::Store(error) => error.into(),
        }
    }
}

impl From<ScanError> for Failure {
    fn from(error: ScanError) -> Self {
        let code = match &error {
            ScanError::Mount { .. } | ScanError::Label(_) | ScanError::Pattern(_) => code::USAGE,
            ScanError::Refused(_) => code::REFUSED,
            ScanError::Backup(_) => code::EXPORT,
            ScanError::Store(_)
            | ScanError::Locked(_)
            | ScanError::Open(_)
            | ScanError::Write { .. }
            | ScanError::System { .. } => code::STORAGE,
        };
        let hint = error.hint();
        match error {
            ScanError::Store(store) => store.into(),
            error => Self::new(code, error.to_string(), hint),
        }
    }
}

impl From<MaintainError> for Failure {
    fn from(error: MaintainError) -> Self {
        let code = match &error {
            MaintainError::NoBackup { .. }
            | MaintainError::OtherDrive { .. }
            | MaintainError::Unfit { .. }
            | MaintainError::NoShard => code::USAGE,
            _ => code::EXPORT,
        };
        Self::new(code, error.to_string(), error.hint())
    }
}

impl From<TargetError> for Failure {
    fn from(error: TargetError) -> Self {
        Self::usage(error.to_string(), error.hint())
    }
}

impl From<BringError> for Failure {
    fn from(error: BringError) -> Self {
        let code = match &error {
            BringError::Unusable { .. }
            | BringError::NotPortable { .. }
            | BringError::NotText { .. } => code::USAGE,
            BringError::Copy { .. } | BringError::Settings(_) => code::STORAGE,
        };
        Self::new(code, error.to_string(), error.hint())
    }
}

impl From<SemanticError> for Failure {
    fn from(error: SemanticError) -> Self {
        let hint = error.hint();
        match error {
            SemanticError::Store(store) => store.into(),
            SemanticError::Gated(_) => Self::new(code::MISSING, error.to_string(), hint),
            SemanticError::Query(_) => Self::usage(error.to_string(), hint),
            _ => Self::storage(error.to_string(), hint),
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::new(
            1,
            format!("cannot write JSON: {error}"),
            "this is a bug; please report it",
        )
    }
}
