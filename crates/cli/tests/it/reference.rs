//! `docs/reference` says what the program says: pages are rendered from its declarations and compared with the files.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, Command};
use videocatalog_core::settings::{self, Key};

const UPDATE: &str = "UPDATE_REFERENCE=1 cargo test -p videocatalog --test it reference";

/// Compares a page with its file, or writes the file if asked to.
fn check(name: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs/reference")
        .join(name);
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        std::fs::write(&path, expected).unwrap();
        return;
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found.replace("\r\n", "\n") == expected,
        "docs/reference/{name} is not what the program says; run `{UPDATE}` and commit the result"
    );
}

fn generated(title: &str, what: &str) -> String {
    format!("# {title}\n\n<!-- Generated: {UPDATE} -->\n\n{what}\n")
}

/// Makes a text fit for a cell of a table.
fn cell(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|")
}

#[test]
fn commands_and_flags() {
    let mut command = videocatalog::command();
    command.build();
    let mut page = generated(
        "Commands",
        "Every command and flag. What they mean for a drive is in [scanning](../guide/scanning.md) and\n\
         [drives](../guide/drives.md); exit codes are in the [README](../../README.md#exit-codes).",
    );
    page.push_str("\n## Flags of every command\n\n");
    arguments(
        &mut page,
        command.get_arguments().filter(|arg| is_common(arg)),
    );
    for command in command.get_subcommands() {
        describe(&mut page, command, "videocatalog", 2);
    }
    check("cli.md", &page);
}

fn is_common(arg: &Arg) -> bool {
    arg.is_global_set() || matches!(arg.get_id().as_str(), "help" | "version")
}

fn describe(page: &mut String, command: &Command, parent: &str, level: usize) {
    if command.get_name() == "help" || command.is_hide_set() {
        return;
    }
    let name = format!("{parent} {}", command.get_name());
    let about = command
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default();
    writeln!(page, "\n{} {name}\n\n{about}.", "#".repeat(level)).unwrap();
    let aliases: Vec<&str> = command.get_all_aliases().collect();
    if !aliases.is_empty() {
        writeln!(page, "Also: `{}`.", aliases.join("`, `")).unwrap();
    }
    let own = || {
        command
            .get_arguments()
            .filter(|arg| !is_common(arg) && !arg.is_hide_set())
    };
    if own().next().is_some() {
        page.push('\n');
        arguments(page, own());
    }
    for command in command.get_subcommands() {
        describe(page, command, &name, level + 1);
    }
}

fn arguments<'a>(page: &mut String, arguments: impl Iterator<Item = &'a Arg>) {
    page.push_str("| flag | default | |\n|---|---|---|\n");
    for arg in arguments {
        let default: Vec<_> = arg
            .get_default_values()
            .iter()
            .map(|value| format!("`{}`", value.to_string_lossy()))
            .collect();
        let default = if takes_value(arg) {
            default.join(", ")
        } else {
            String::new()
        };
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        writeln!(
            page,
            "| `{}` | {} | {}{} |",
            cell(&written(arg)),
            cell(&default),
            cell(&help),
            cell(&choices(arg))
        )
        .unwrap();
    }
}

/// Returns an argument as it is written, with what stands for its value.
fn written(arg: &Arg) -> String {
    let mut names: Vec<String> = Vec::new();
    names.extend(arg.get_short().map(|short| format!("-{short}")));
    names.extend(arg.get_long().map(|long| format!("--{long}")));
    for alias in arg.get_visible_aliases().unwrap_or_default() {
        names.push(format!("--{alias}"));
    }
    let values = arg.get_value_names().unwrap_or_default();
    let value = values
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" ");
    let may_be_left_out = arg
        .get_num_args()
        .is_some_and(|range| range.min_values() == 0);
    let value = if may_be_left_out && !names.is_empty() {
        format!("[{value}]")
    } else {
        value
    };
    match (names.is_empty(), takes_value(arg)) {
        (true, _) if arg.is_required_set() => value,
        (true, _) => format!("[{value}]"),
        (false, false) => names.join(", "),
        (false, true) => format!("{} {value}", names.join(", ")),
    }
}

fn takes_value(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Set | ArgAction::Append)
}

/// Returns the values an argument takes, if they are few.
fn choices(arg: &Arg) -> String {
    let values = arg.get_possible_values();
    if values.is_empty() || !takes_value(arg) {
        return String::new();
    }
    let values: Vec<String> = values
        .iter()
        .map(|value| match value.get_help() {
            Some(help) => format!(
                "`{}` ({})",
                value.get_name(),
                lower_first(&help.to_string())
            ),
            None => format!("`{}`", value.get_name()),
        })
        .collect();
    format!(": {}", values.join(", "))
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    match (characters.next(), characters.clone().next()) {
        // A word of capitals stays one.
        (Some(first), Some(second)) if !second.is_uppercase() => {
            first.to_lowercase().chain(characters).collect()
        }
        _ => text.to_owned(),
    }
}

#[test]
fn settings_keys() {
    let mut page = generated(
        "Settings",
        "The keys of `settings.json` in the working directory, as `videocatalog settings` reads and writes them. A key that is\n\
         missing has its default. Machine-readable: [settings.schema.json](settings.schema.json).",
    );
    let mut section = None;
    for key in settings::keys() {
        let of_key = key
            .path()
            .split_once('.')
            .map_or("", |(section, _)| section);
        if section != Some(of_key) {
            section = Some(of_key);
            let title = if of_key.is_empty() {
                "Top level".into()
            } else {
                format!("`{of_key}`")
            };
            writeln!(
                page,
                "\n## {title}\n\n| key | values | default | |\n|---|---|---|---|"
            )
            .unwrap();
        }
        writeln!(
            page,
            "| `{}` | {} | {} | {} |",
            key.path(),
            cell(&values(key)),
            cell(&default(key)),
            cell(key.doc())
        )
        .unwrap();
    }
    check("settings.md", &page);
}

fn values(key: &Key) -> String {
    let kind = key.kind().to_string();
    if key.is_optional() {
        format!("{kind}, or `null`")
    } else {
        kind
    }
}

fn default(key: &Key) -> String {
    let value = key.default_value();
    if value.is_null() {
        return String::new();
    }
    format!("`{value}`")
}

#[test]
fn settings_schema() {
    let mut text = serde_json::to_string_pretty(&settings::json_schema()).unwrap();
    text.push('\n');
    check("settings.schema.json", &text);
}

#[test]
fn database_schema() {
    let mut page = generated(
        "Schema",
        "What the databases are made with. Scripts read the catalogue's tables and the shards' views by the columns that\n\
         [storage](../guide/storage.md) lists; everything else may change with the next version.",
    );
    for (file, title) in [
        ("catalog.sql", "The catalogue: `data/catalog.db`"),
        ("drive_health.sql", "The catalogue: health of disks"),
        ("candidates.sql", "The catalogue: what was compared"),
        ("shard.sql", "A shard: `data/shards/*.db`"),
        (
            "entries_index.sql",
            "A shard's index, made after the first listing",
        ),
        ("shard_views.sql", "A shard's views"),
        (
            "pictures.sql",
            "A drive's pictures: `data/shards/*.pictures`",
        ),
        (
            "semantic.sql",
            "What is searched by meaning: `semantic_index.db`",
        ),
        (
            "learnt.sql",
            "What models learnt: `data/transcripts.db` and `data/frames.db`",
        ),
        ("transcripts.sql", "What is said: `data/transcripts.db`"),
        ("frames.sql", "What is to be seen: `data/frames.db`"),
    ] {
        let sql = std::fs::read_to_string(schema_folder().join(file)).unwrap();
        let sql = sql.replace("\r\n", "\n");
        writeln!(page, "\n## {title}\n\n```sql\n{}\n```", sql.trim_end()).unwrap();
    }
    check("schema.md", &page);
    let files = std::fs::read_dir(schema_folder())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().path().is_file())
        .count();
    assert_eq!(files, 11, "a schema file is missing from this page");
}

fn schema_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src/catalog/schema")
}

/// The guide's table of search fields is the parser's.
#[test]
fn search_fields() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/searching.md");
    let page = std::fs::read_to_string(&path)
        .unwrap()
        .replace("\r\n", "\n");
    let (before, rest) = page.split_once("<!-- fields:").unwrap();
    let (heading, rest) = rest.split_once("-->\n").unwrap();
    let (_, after) = rest.split_once("<!-- end of fields -->").unwrap();
    let expected = format!(
        "{before}<!-- fields:{heading}-->\n\n{}\n<!-- end of fields -->{after}",
        videocatalog_core::search::query::fields::markdown()
    );
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        std::fs::write(&path, expected).unwrap();
        return;
    }
    assert!(
        page == expected,
        "the table in docs/guide/searching.md is not the program's; run `{UPDATE}`"
    );
}
