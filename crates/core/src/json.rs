//! Reads a JSON object from a file, forgiving the byte order mark that some editors of Windows write.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::path::display::printable_path;

/// A JSON object whose keys keep their order.
pub(crate) type Object = Map<String, Value>;

/// Why a file gave no JSON object.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// There is no such file.
    #[error("`{}` does not exist", printable_path(file))]
    Missing { file: PathBuf },
    /// The file is there and could not be read.
    #[error("`{}` cannot be read: {error}", printable_path(file))]
    Unreadable { file: PathBuf, error: io::Error },
    /// The file is not JSON; `what` tells line and column.
    #[error("`{}` is not valid JSON: {what}", printable_path(file))]
    Corrupt { file: PathBuf, what: String },
}

/// Returns the object that `file` holds.
///
/// # Errors
///
/// When the file is missing, unreadable, not JSON in UTF-8, or holds something else than an object.
pub(crate) fn read_object(file: &Path) -> Result<Object, ReadError> {
    let bytes = fs::read(file).map_err(|error| match error.kind() {
        // A parent that is a file or is missing means the same to whoever looks for settings.
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ReadError::Missing {
            file: file.to_path_buf(),
        },
        _ => ReadError::Unreadable {
            file: file.to_path_buf(),
            error,
        },
    })?;
    let corrupt = |what: String| ReadError::Corrupt {
        file: file.to_path_buf(),
        what,
    };
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    match serde_json::from_slice(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(corrupt(
            "line 1 column 1 does not begin an object `{…}`".to_owned(),
        )),
        Err(error) => Err(corrupt(error.to_string())),
    }
}
