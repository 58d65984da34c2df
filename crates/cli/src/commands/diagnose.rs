//! `diagnose`: is everything there that should be? Looks, and changes nothing.

use serde_json::{Value, json};
use videocatalog_core::catalog::SchemaState;
use videocatalog_core::diagnose::{DatabaseFile, databases, room, smartctl_note};
use videocatalog_core::tools::{
    FfmpegAbilities, OF_INTEREST_DECODERS, OF_INTEREST_ENCODERS, Tool, Toolbox, is_privileged,
};

use super::print_json;
use super::tools::{self, path_text};
use crate::args::DiagnoseArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::{self, Align};

pub(crate) fn diagnose(context: &Context, args: &DiagnoseArgs) -> Result<(), Failure> {
    let toolbox = context.toolbox();
    let files = databases(&context.workdir, context.catalog_path());
    let room = room(context.workdir.root());
    if args.output.json {
        return print_json(&document(context, &toolbox, &files, room));
    }
    tools::print(context, &toolbox, &Tool::ALL);
    if let Ok(abilities) = toolbox.ffmpeg() {
        print_abilities(abilities);
    }
    if let Some(note) = smartctl_note(&toolbox) {
        heading("DISK HEALTH");
        table::line(format_args!("{note}"));
    }
    heading("WORKING DIRECTORY");
    table::line(format_args!("{}", path_text(context.workdir.root())));
    if let Some((total, free)) = room {
        let text = format!("{} free of {}", table::size(free), table::size(total));
        let text = if free < 1_000_000_000 {
            context.alarming(&text)
        } else {
            text
        };
        table::line(format_args!("{text}"));
    }
    table::line(format_args!("settings: {}", settings_text(context)));
    table::line(format_args!(""));
    print_databases(context, &files);
    Ok(())
}

fn heading(text: &str) {
    table::line(format_args!("\n{text}"));
}

fn print_abilities(abilities: &FfmpegAbilities) {
    heading("FFMPEG");
    let list = |names: &[&str]| {
        if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        }
    };
    let hwaccels: Vec<&str> = abilities.hwaccels.iter().map(String::as_str).collect();
    table::line(format_args!(
        "hardware decoding built in: {}",
        videocatalog_core::search::shown(&list(&hwaccels))
    ));
    let lacks = |names: &[&'static str], has: &dyn Fn(&str) -> bool| -> Vec<&'static str> {
        names.iter().copied().filter(|name| !has(name)).collect()
    };
    let decoders = lacks(&OF_INTEREST_DECODERS, &|name| abilities.decodes(name));
    let encoders = lacks(&OF_INTEREST_ENCODERS, &|name| abilities.encodes(name));
    table::line(format_args!(
        "decoders that are lacking: {}",
        list(&decoders)
    ));
    table::line(format_args!(
        "encoders that are lacking: {}",
        list(&encoders)
    ));
}

fn settings_text(context: &Context) -> String {
    match &context.loaded.source {
        Some(file) => path_text(file),
        None => "none saved yet, the defaults hold".into(),
    }
}

fn print_databases(context: &Context, files: &[DatabaseFile]) {
    let rows: Vec<Vec<String>> = files
        .iter()
        .map(|file| {
            vec![
                path_text(&file.path),
                file.size_bytes.map(table::size).unwrap_or_default(),
                file.schema.text(),
            ]
        })
        .collect();
    let headings = [
        ("DATABASE", Align::Left),
        ("SIZE", Align::Right),
        ("STATE", Align::Left),
    ];
    table::print(&headings, &rows);
    for file in files {
        if let SchemaState::Unreadable { reason } = &file.schema {
            let line = format!(
                "{}: {}",
                path_text(&file.path),
                videocatalog_core::search::shown(reason)
            );
            table::line(format_args!("{}", context.alarming(&line)));
        }
    }
}

fn document(
    context: &Context,
    toolbox: &Toolbox,
    files: &[DatabaseFile],
    room: Option<(u64, u64)>,
) -> Value {
    let tools: Vec<Value> = Tool::ALL
        .iter()
        .map(|tool| tools::document(context, toolbox.probe(*tool)))
        .collect();
    let (total, free) = room.unzip();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "tools": tools,
        "ffmpeg": toolbox.ffmpeg().ok().map(abilities),
        "smartctl": {
            "may_ask_disks": is_privileged(),
            "note": smartctl_note(toolbox),
        },
        "working_directory": {
            "path": context.workdir.root().to_string_lossy(),
            "total_bytes": total,
            "free_bytes": free,
        },
        "settings": {
            "path": context.loaded.source.as_ref().map(|file| file.to_string_lossy()),
            "warnings": context.loaded.warnings,
        },
        "databases": files,
    })
}

/// The lists are long; what is of interest is said by name.
fn abilities(abilities: &FfmpegAbilities) -> Value {
    let by_name = |names: &[&'static str], has: &dyn Fn(&str) -> bool| -> Value {
        names
            .iter()
            .map(|name| ((*name).to_owned(), Value::Bool(has(name))))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    json!({
        "hwaccels": abilities.hwaccels,
        "decoders": by_name(&OF_INTEREST_DECODERS, &|name| abilities.decodes(name)),
        "encoders": by_name(&OF_INTEREST_ENCODERS, &|name| abilities.encodes(name)),
    })
}
