//! Where a file is: on which drive, and at which path there.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use crate::catalog::drives::Drive;
use crate::path::absolute_text;

/// A file's drive and path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct FilePlace {
    /// Its drive.
    pub drive_label: String,
    /// Absolute, at the drive's last mount; bytes that are no UTF-8 are replaced.
    pub path: String,
    /// Relative to the drive's root.
    pub rel_path: String,
    /// The relative path's bytes in base64, where they are no UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_b64: Option<String>,
}

impl FilePlace {
    pub(crate) fn new(drive: &Drive, separator: char, rel_path: &[u8]) -> Self {
        let absolute = absolute_text(&drive.mount_path, separator, rel_path);
        Self {
            drive_label: drive.label.clone(),
            path: String::from_utf8_lossy(&absolute).into_owned(),
            rel_path: String::from_utf8_lossy(rel_path).into_owned(),
            path_b64: std::str::from_utf8(rel_path)
                .is_err()
                .then(|| STANDARD.encode(rel_path)),
        }
    }
}
