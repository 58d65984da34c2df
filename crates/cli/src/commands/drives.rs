//! `drives`.

use std::io::{BufRead, IsTerminal};

use serde_json::json;
use videocatalog_core::catalog::drives::Drive;
use videocatalog_core::catalog::store::Catalog;
use videocatalog_core::home::Home;
use videocatalog_core::online::OnlineState;
use videocatalog_core::scan;
use videocatalog_core::search::shown;

use super::health::Known;
use super::print_json;
use crate::args::{DrivesAction, DrivesArgs};
use crate::context::Context;
use crate::failure::Failure;
use crate::table::{self, Align};

pub(crate) fn drives(context: &Context, args: DrivesArgs) -> Result<(), Failure> {
    match args.action.unwrap_or(DrivesAction::List) {
        DrivesAction::List => list(&context.catalog_to_read()?, args.output.json),
        DrivesAction::Show { label } => show(&context.catalog_to_read()?, &label, args.output.json),
        DrivesAction::Rename { label, new } => Ok(context.catalog()?.rename(&label, &new)?),
        DrivesAction::Set {
            label,
            drive_type,
            notes,
            root,
        } => {
            let catalog = context.catalog()?;
            let drive = catalog.drive(&label)?;
            catalog.annotate(&drive, drive_type.as_deref(), notes.as_deref())?;
            if let Some(root) = root {
                scan::set_root(
                    &catalog,
                    drive,
                    &context.environment.absolute(&root),
                    &Home::probe(),
                )?;
            }
            Ok(())
        }
        DrivesAction::Forget { label, yes } => forget(context, &label, yes),
    }
}

fn list(catalog: &Catalog, as_json: bool) -> Result<(), Failure> {
    let drives = catalog.drives()?;
    let online = OnlineState::default();
    if as_json {
        let documents: Vec<_> = drives
            .iter()
            .map(|drive| document(drive, &online))
            .collect::<Result<_, _>>()?;
        return print_json(&documents);
    }
    let rows: Vec<Vec<String>> = drives
        .iter()
        .map(|drive| {
            let bytes = |bytes: Option<i64>| {
                bytes.map_or_else(|| "?".into(), |bytes| table::size(bytes.unsigned_abs()))
            };
            vec![
                shown(&drive.label),
                if online.is_online(drive) {
                    "online".into()
                } else {
                    "offline".into()
                },
                bytes(drive.total_bytes),
                bytes(drive.free_bytes),
                drive.scanned_at.clone().unwrap_or_else(|| "never".into()),
                shown(&drive.mount_path),
                shown(
                    &[drive.drive_type.as_deref(), drive.notes.as_deref()]
                        .into_iter()
                        .flatten()
                        .collect::<Vec<_>>()
                        .join("; "),
                ),
                inside(drive, &drives).unwrap_or_default(),
            ]
        })
        .collect();
    let headings = [
        ("DRIVE", Align::Left),
        ("STATE", Align::Left),
        ("SIZE", Align::Right),
        ("FREE", Align::Right),
        ("SCANNED", Align::Left),
        ("AT", Align::Left),
        ("NOTES", Align::Left),
        ("", Align::Left),
    ];
    table::print(&headings, &rows);
    Ok(())
}

/// Returns a remark if the drive's root lies inside another drive's.
fn inside(drive: &Drive, all: &[Drive]) -> Option<String> {
    let root = drive.volume_root.as_deref()?;
    let outer = all.iter().find(|other| {
        other.drive_uid != drive.drive_uid
            && other.volume_id.is_some()
            && other.volume_id == drive.volume_id
            && other.volume_root.as_deref().is_some_and(|outer| {
                outer != root
                    && (outer.is_empty()
                        || (root.starts_with(outer) && root.get(outer.len()) == Some(&b'/')))
            })
    })?;
    Some(format!("inside `{}`", shown(&outer.label)))
}

fn show(catalog: &Catalog, label: &str, as_json: bool) -> Result<(), Failure> {
    let drive = catalog.drive(label)?;
    let online = OnlineState::default();
    let mut document = document(&drive, &online)?;
    let health = Known::of(catalog, &drive.drive_uid)?;
    if as_json {
        if let Some(object) = document.as_object_mut() {
            object.insert("health".into(), health.document());
        }
        return print_json(&document);
    }
    for (key, value) in document.as_object().into_iter().flatten() {
        let text = match value {
            serde_json::Value::Null => continue,
            serde_json::Value::String(text) => shown(text),
            value => value.to_string(),
        };
        table::line(format_args!("{key:<14} {text}"));
    }
    for (index, line) in health.lines().iter().enumerate() {
        let key = if index == 0 { "health" } else { "" };
        table::line(format_args!("{key:<14} {}", shown(line)));
    }
    Ok(())
}

fn document(drive: &Drive, online: &OnlineState) -> Result<serde_json::Value, Failure> {
    let mut value = serde_json::to_value(drive)?;
    if let Some(object) = value.as_object_mut() {
        object.insert("online".into(), json!(online.is_online(drive)));
        let root = drive
            .volume_root
            .as_deref()
            .map(|root| String::from_utf8_lossy(root).into_owned());
        object.insert("volume_root".into(), json!(root));
    }
    Ok(value)
}

fn forget(context: &Context, label: &str, yes: bool) -> Result<(), Failure> {
    let mut catalog = context.catalog()?;
    catalog.drive(label)?;
    if !yes {
        if !std::io::stdin().is_terminal() {
            return Err(Failure::usage(
                format!("forgetting `{label}` removes all that is known of it"),
                "say `--yes` if that is meant",
            ));
        }
        eprint!(
            "Forget `{label}` and all that is known of its files? The drive itself is not touched. [y/N] "
        );
        let mut answer = String::new();
        let read = std::io::stdin().lock().read_line(&mut answer);
        if read.is_err() || !matches!(answer.trim(), "y" | "Y" | "yes") {
            return Err(Failure::usage("nothing was changed", ""));
        }
    }
    Ok(catalog.forget(label, context.clock.now_utc())?)
}
