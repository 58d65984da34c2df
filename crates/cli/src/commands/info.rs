//! `info`.

use std::path::{Path, PathBuf};

use serde_json::json;
use videocatalog_core::catalog::drives::Drive;
use videocatalog_core::catalog::store::Catalog;
use videocatalog_core::info::{self, Info, InfoError};
use videocatalog_core::media::{Facts, Level};
use videocatalog_core::online::OnlineState;
use videocatalog_core::search::shown;

use super::print_json;
use crate::args::InfoArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::table;

pub(crate) fn info(context: &Context, args: &InfoArgs) -> Result<(), Failure> {
    let catalog = context.catalog_to_look_up()?;
    let (drive, info) = find(context, &catalog, args)?;
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
    print(&info, &drive, online);
    Ok(())
}

/// Looks in the drive that was named, else in all of them.
fn find(context: &Context, catalog: &Catalog, args: &InfoArgs) -> Result<(Drive, Info), Failure> {
    let labels: Vec<String> = args.label.iter().cloned().collect();
    let absolute = context.environment.absolute(&args.path);
    let mut unknown = None;
    for drive in catalog.select(&labels)? {
        let mounts = [PathBuf::from(&drive.mount_path)];
        // A relative path is below the drive's root first, and only then below the current folder.
        for path in [&args.path, &absolute] {
            match info::of(catalog, &drive, path, &mounts) {
                Ok(info) => return Ok((drive, info)),
                Err(InfoError::Unknown { .. }) => unknown = Some(drive.label.clone()),
                Err(InfoError::Store(error)) if args.label.is_some() => return Err(error.into()),
                Err(InfoError::Store(error)) => context.warn(&error.to_string()),
            }
        }
    }
    let of = match (&args.label, unknown) {
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
        format!("`{}` is not in the catalogue{of}", args.path.display()),
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

fn row(name: &str, value: &str) {
    if !value.is_empty() {
        table::line(format_args!("{name:<14} {}", shown(value)));
    }
}

fn print(info: &Info, drive: &Drive, online: bool) {
    row("name", &info.name);
    row("path", &info.path);
    let state = if online { "online" } else { "offline" };
    let notes = drive.notes.as_deref().unwrap_or_default();
    let place = if notes.is_empty() {
        format!("{} ({state})", info.drive_label)
    } else {
        format!("{} ({state}; {notes})", info.drive_label)
    };
    row("drive", &place);
    if let Some(bytes) = info.size_bytes {
        let bytes = bytes.unsigned_abs();
        row(
            "size",
            &format!("{} ({} bytes)", table::size(bytes), table::count(bytes)),
        );
    }
    row("modified", info.mtime_utc.as_deref().unwrap_or_default());
    let kind = match &info.mime {
        Some(mime) => format!("{} ({mime})", info.category),
        None => info.category.clone(),
    };
    row("kind", &kind);
    row("blake3", info.hash_blake3.as_deref().unwrap_or_default());
    row("verified", info.verified_utc.as_deref().unwrap_or_default());
    for found in info.verify_findings.iter().filter(|found| found.open) {
        row("DAMAGED", &format!("{} since {}", found.outcome, found.utc));
    }
    row("deleted", info.deleted_ts.as_deref().unwrap_or_default());
    row(
        "first seen",
        info.first_seen_utc.as_deref().unwrap_or_default(),
    );
    if let Some(facts) = &info.media {
        print_facts(facts);
    }
    print_streams(info);
    print_integrity(info);
    for sidecar in &info.sidecars {
        let language = sidecar.sidecar.language.as_deref().unwrap_or_default();
        row(
            "beside it",
            format!("{} {language}", sidecar.rel_path).trim_end(),
        );
    }
    for subtitles in &info.subtitles {
        let language = subtitles
            .language
            .as_deref()
            .map(|language| format!(" ({language})"))
            .unwrap_or_default();
        row(
            "subtitles",
            &format!("{}{language}: {} lines", subtitles.from, subtitles.lines),
        );
    }
    for picture in &info.pictures {
        row(
            "picture",
            &format!(
                "{} {} × {}, {}",
                picture.kind.name(),
                picture.width,
                picture.height,
                table::size(picture.bytes as u64)
            ),
        );
    }
    row(
        "no picture",
        info.pictures_missing.as_deref().unwrap_or_default(),
    );
}

fn print_facts(facts: &Facts) {
    row("container", facts.container.as_deref().unwrap_or_default());
    row("title", facts.title.as_deref().unwrap_or_default());
    if let Some(seconds) = facts.duration_s {
        row("duration", &table::duration(seconds));
    }
    if let Some(bits) = facts.bitrate_bps {
        row(
            "bit rate",
            &format!("{} kbit/s", table::count(bits / 1_000)),
        );
    }
    row("recorded", facts.created.as_deref().unwrap_or_default());
}

/// One line a stream, from the document.
fn print_streams(info: &Info) {
    let tracks = info
        .media_json
        .as_ref()
        .and_then(|document| document.pointer("/media/track")?.as_array())
        .map(Vec::as_slice)
        .unwrap_or_default();
    for track in tracks {
        let text = |name: &str| {
            track
                .get(name)
                .and_then(serde_json::Value::as_str)
                .unwrap_or_default()
        };
        let kind = text("@type").to_lowercase();
        if kind == "menu" {
            print_chapters(track);
        }
        if !matches!(kind.as_str(), "video" | "audio" | "text" | "image") {
            continue;
        }
        let size = match (text("Width"), text("Height")) {
            ("", _) | (_, "") => String::new(),
            (width, height) => format!("{width} × {height}"),
        };
        let unit = |value: &str, unit: &str| {
            if value.is_empty() {
                String::new()
            } else {
                format!("{value} {unit}")
            }
        };
        let parts = [
            text("Format").to_owned(),
            text("Format_Profile").to_owned(),
            size,
            unit(text("FrameRate"), "fps"),
            unit(text("BitDepth"), "bit"),
            text("ChromaSubsampling").to_owned(),
            text("HDR_Format").to_owned(),
            text("ChannelLayout").to_owned(),
            unit(text("SamplingRate"), "Hz"),
            text("Language").to_owned(),
            text("Title").to_owned(),
        ];
        let said: Vec<&str> = parts
            .iter()
            .map(String::as_str)
            .filter(|part| !part.is_empty())
            .collect();
        row(&kind, &said.join(", "));
    }
}

/// The document names a chapter by its time, `_00_12_31_500`.
fn print_chapters(menu: &serde_json::Value) {
    let chapters = menu.get("extra").and_then(serde_json::Value::as_object);
    for (time, title) in chapters.into_iter().flatten() {
        let parts: Vec<&str> = time.trim_start_matches('_').split('_').take(3).collect();
        let title = title.as_str().unwrap_or_default();
        row("chapter", format!("{} {title}", parts.join(":")).trim_end());
    }
}

fn print_integrity(info: &Info) {
    let Some(verdict) = &info.integrity else {
        return;
    };
    let how = match verdict.level {
        Level::None => return,
        Level::Structure => "structure checked",
        Level::Ends => "both ends decoded",
        Level::Full => "all decoded",
    };
    let text = match (verdict.ok, &verdict.reason) {
        (Some(false), Some(reason)) => format!("NOT SOUND: {reason}"),
        (Some(false), None) => "NOT SOUND".to_owned(),
        (Some(true), _) => format!("sound ({how})"),
        (None, _) => return,
    };
    row("integrity", &text);
}
