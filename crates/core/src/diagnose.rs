//! Is everything there that should be? Looks, and changes nothing.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use crate::catalog::{SchemaState, schema_state};
use crate::tools::{Tool, Toolbox, is_privileged};
use crate::workdir::WorkingDir;
use crate::{volume, watch};

/// How long the working directory's disk may take to say how much room it has.
const LOOK: Duration = Duration::from_secs(5);

/// More shards than this are not looked at one by one.
const MOST_SHARDS: usize = 1_000;

/// One database file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DatabaseFile {
    /// Where it is.
    #[serde(serialize_with = "lossy")]
    pub path: PathBuf,
    /// Its length in bytes; `None`: it is not there.
    pub size_bytes: Option<u64>,
    /// Whether it can be used.
    #[serde(flatten)]
    pub schema: SchemaState,
}

fn lossy<S: serde::Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

/// Returns the catalogue and the shards that lie where shards lie.
pub fn databases(workdir: &WorkingDir, catalog: &Path) -> Vec<DatabaseFile> {
    let mut shards: Vec<PathBuf> = fs_err::read_dir(workdir.shards())
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "db"))
        .take(MOST_SHARDS)
        .collect();
    shards.sort();
    std::iter::once(catalog.to_path_buf())
        .chain(shards)
        .map(|path| DatabaseFile {
            size_bytes: fs_err::metadata(&path).ok().map(|facts| facts.len()),
            schema: schema_state(&path),
            path,
        })
        .collect()
}

/// Returns what keeps `smartctl` from being of use, if anything does.
pub fn smartctl_note(toolbox: &Toolbox) -> Option<&'static str> {
    match (toolbox.need(Tool::Smartctl), is_privileged()) {
        (Ok(_), Some(false)) => Some(
            "smartctl is there, but disks tell of their health only to the administrator: scan as root to have it noted",
        ),
        (Ok(_), None) => Some("disks tell of their health only to an administrator"),
        _ => None,
    }
}

/// Returns size and free space, in bytes, of the disk that a folder, or the next one above that exists, lies on.
pub fn room(folder: &Path) -> Option<(u64, u64)> {
    let there = folder
        .ancestors()
        .find(|ancestor| ancestor.exists())?
        .to_path_buf();
    let volume = watch::call(LOOK, move || volume::system().probe(&there))?.ok()?;
    Some((volume.total_bytes?, volume.free_bytes?))
}
