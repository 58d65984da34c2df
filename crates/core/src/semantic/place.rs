//! Where an index lies: nothing else is overwritten, and what stands in its place is kept.

use std::ffi::OsStr;
use std::path::Path;

use super::{SemanticError, SemanticOptions};
use crate::catalog::files;
use crate::catalog::semantic::{SemanticDb, Standing};
use crate::catalog::store::Catalog;
use crate::clock::{Clock, file_stamp};
use crate::event::{Event, Sink};

/// An index lies where nothing else is looked for: not among the databases of drives, and on no drive that is scanned, as
/// nothing is ever written there.
pub(super) fn check(catalog: &Catalog, options: &SemanticOptions) -> Result<(), SemanticError> {
    let path = options.path.as_path();
    let refused = |why: String| {
        Err(SemanticError::WrongPlace {
            path: path.display().to_string(),
            why,
        })
    };
    if SemanticDb::standing(path)? == Standing::Foreign {
        return Err(SemanticError::NotAnIndex {
            path: path.display().to_string(),
        });
    }
    let workdir = catalog.workdir();
    if path.starts_with(workdir.shards()) {
        return refused("only drives have their databases there".into());
    }
    if matches!(
        path.extension().and_then(OsStr::to_str),
        Some("vectors" | "frames")
    ) {
        return refused("so are the vectors called that lie beside it".into());
    }
    if path.starts_with(workdir.root()) {
        return Ok(());
    }
    let drives = catalog.drives()?;
    let on = drives.iter().find(|drive| {
        !drive.mount_path.is_empty() && path.starts_with(Path::new(&drive.mount_path))
    });
    on.map_or(Ok(()), |drive| {
        refused(format!(
            "it lies on `{}`, and nothing is written to a drive that is scanned",
            drive.label
        ))
    })
}

/// Puts an index aside that an older program made, or that is damaged.
pub(super) fn clear(
    options: &SemanticOptions,
    clock: &dyn Clock,
    sink: &dyn Sink,
) -> Result<(), SemanticError> {
    if SemanticDb::standing(&options.path)? != Standing::Other {
        return Ok(());
    }
    let stamp = file_stamp(clock.now_us());
    let aside = files::beside(&options.path, &format!(".{stamp}.bak"));
    files::rename_with_companions(&options.path, &aside).map_err(|source| SemanticError::File {
        path: options.path.display().to_string(),
        source,
    })?;
    sink.event(Event::Notice(format!(
        "`{}` was made by another program; it was kept as `{}`, and an index is built anew",
        options.path.display(),
        aside.display()
    )));
    Ok(())
}
