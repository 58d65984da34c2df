//! Known keys in a document: looking up, changing, filling in what is missing.

use serde_json::Value;

use super::sections::{ANY_NAME, WORKING_DIR};
use super::{Document, find, keys, suggest, tree};
use crate::workdir::WorkingDir;

/// A path that is no setting.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no setting `{path}`")]
pub struct UnknownKey {
    path: String,
    nearest: Option<&'static str>,
}

impl UnknownKey {
    pub(super) fn new(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            nearest: suggest::nearest(path),
        }
    }

    /// Returns what the user can do about it; names the setting he may have meant.
    pub fn hint(&self) -> String {
        match self.nearest {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => "`settings show` lists every setting".to_owned(),
        }
    }
}

/// Returns the value in force at `path`: the one in the document if it can be used, else the default. A section gives
/// an object with all its keys; an unknown key is returned as it stands.
///
/// # Errors
///
/// When `path` is neither a setting nor in the document.
pub fn get(document: &Document, path: &str) -> Result<Value, UnknownKey> {
    if let Some(key) = find(path) {
        return Ok(match tree::lookup(document, path) {
            Some(found) => key.check(path, found).0,
            None => key.default_value(),
        });
    }
    let found = tree::lookup(document, path);
    let mut section = match found {
        Some(Value::Object(section)) => section.clone(),
        _ => Document::new(),
    };
    let mut is_section = false;
    for key in keys() {
        let below = key.path().strip_prefix(path);
        let Some(name) = below.and_then(|below| below.strip_prefix('.')) else {
            continue;
        };
        is_section = true;
        if !key.path().contains(ANY_NAME) {
            tree::put(&mut section, name, get(document, key.path())?);
        }
    }
    match found {
        _ if is_section => Ok(section.into()),
        Some(found) => Ok(found.clone()),
        None => Err(UnknownKey::new(path)),
    }
}

/// Puts `value` at `path`, names joined by dots, whatever is there. Nothing is checked: for code that knows its key.
pub fn put(document: &mut Document, path: &str, value: Value) {
    tree::put(document, path, value);
}

/// Writes the default of every missing key into `document`, except the keys whose presence means something.
///
/// A section that is no object stays as it is: it is the user's to repair.
pub fn back_fill(document: &mut Document, workdir: &WorkingDir) {
    for key in keys().filter(|key| key.is_back_filled()) {
        tree::put_if_missing(document, key.path(), key.default_value());
    }
    if let Some(root) = workdir.root().to_str() {
        tree::put_if_missing(document, WORKING_DIR.path(), root.into());
    }
}
