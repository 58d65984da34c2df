//! `info`.

use std::path::{Path, PathBuf};

use serde_json::json;
use videocatalog_core::catalog::drives::Drive;
use videocatalog_core::catalog::store::Catalog;
use videocatalog_core::info::{self, Info, InfoError};
use videocatalog_core::online::OnlineState;
use videocatalog_core::search::shown;

use super::print_json;
use crate::args::InfoArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::table;

pub(crate) fn info(context: &Context, args: &InfoArgs) -> Result<(), Failure> {
    let catalog = context.catalog_to_look_up()?;
    let (drive, info) = find(context, &catalog, &args.path, args.label.as_ref())?;
    let online = OnlineState::default().is_online(&drive);
    if let Some(folder) = &args.pictures {
        write_pictures(&catalog, &drive, &info, folder)?;
    }
    if args.output.json {
        let mut document = serde_json::to_value(&info)?;
        if let Some(object) = document.as_object_mut() {
            object.insert("online".into(), json!(online));
        }
        return print_json(&document);
    }
    for (name, value) in info.lines(&drive, online) {
        table::line(format_args!("{name:<14} {}", shown(&value)));
    }
    Ok(())
}

/// Looks in the drive that was named, else in all of them.
pub(super) fn find(
    context: &Context,
    catalog: &Catalog,
    path: &Path,
    label: Option<&String>,
) -> Result<(Drive, Info), Failure> {
    let labels: Vec<String> = label.into_iter().cloned().collect();
    let absolute = context.environment.absolute(path);
    let mut unknown = None;
    for drive in catalog.select(&labels)? {
        let mounts = [PathBuf::from(&drive.mount_path)];
        // A relative path is below the drive's root first, and only then below the current folder.
        for path in [path, &absolute] {
            match info::of(catalog, &drive, path, &mounts) {
                Ok(info) => return Ok((drive, info)),
                Err(InfoError::Unknown { .. }) => unknown = Some(drive.label.clone()),
                Err(InfoError::Store(error)) if label.is_some() => return Err(error.into()),
                Err(InfoError::Store(error)) => context.warn(&error.to_string()),
            }
        }
    }
    let of = match (label, unknown) {
        (Some(label), _) => format!(" of `{label}`"),
        (None, Some(_)) => String::new(),
        (None, None) => {
            return Err(Failure::usage(
                "no drive was scanned yet",
                "videocatalog scan --label NAME --mount FOLDER",
            ));
        }
    };
    Err(Failure::usage(
        format!("`{}` is not in the catalogue{of}", path.display()),
        "`videocatalog search WORDS` finds files by their names",
    ))
}

fn write_pictures(
    catalog: &Catalog,
    drive: &Drive,
    info: &Info,
    folder: &Path,
) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(
            crate::failure::code::EXPORT,
            error.to_string(),
            "choose a folder that may be written",
        )
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let pictures = info::pictures(catalog, drive, info).map_err(|error| match error {
        InfoError::Store(error) => Failure::from(error),
        InfoError::Unknown { .. } => Failure::usage(error.to_string(), ""),
    })?;
    for picture in &pictures {
        let path = folder.join(format!("{}.webp", picture.kind.name()));
        std::fs::write(&path, &picture.webp).map_err(failed)?;
        eprintln!("wrote {}", path.display());
    }
    if pictures.is_empty() {
        eprintln!("there are no pictures of it");
    }
    Ok(())
}
