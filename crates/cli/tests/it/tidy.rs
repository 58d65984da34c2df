//! What compilers and lints do not check: headers, leftovers, sizes, lists that are kept by hand, and the layers.

use std::path::{Path, PathBuf};

const LONGEST_FILE_LINES: usize = 900;

/// Files that quote what other programs write with tabs.
const TABS_BELONG: [&str; 1] = ["crates/core/src/volume/plist.rs"];

struct Source {
    /// Relative to the repository, `/` between names.
    path: String,
    text: String,
}

fn repository() -> PathBuf {
    std::fs::canonicalize(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap()
}

/// Returns the repository's files with one of these extensions, but not what was built.
fn sources(extensions: &[&str]) -> Vec<Source> {
    let root = repository();
    let (mut found, mut folders) = (Vec::new(), vec![root.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if name != "target" && !name.starts_with('.') {
                    folders.push(path);
                }
            } else if extensions
                .iter()
                .any(|ext| path.extension().is_some_and(|e| e == *ext))
            {
                let relative = path.strip_prefix(&root).unwrap().to_string_lossy();
                found.push(Source {
                    path: relative.replace('\\', "/"),
                    text: std::fs::read_to_string(&path).unwrap(),
                });
            }
        }
    }
    assert!(!found.is_empty());
    found
}

fn read(path: &str) -> String {
    std::fs::read_to_string(repository().join(path)).unwrap()
}

/// Fails with all complaints at once.
fn report(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// Gathers a complaint for each line of `sources` that `is_wrong`.
fn lines(sources: &[Source], what: &str, is_wrong: impl Fn(&str) -> bool) -> Vec<String> {
    let of_source = |source: &Source| {
        let numbered = source.text.lines().enumerate();
        numbered
            .filter(|(_, line)| is_wrong(line))
            .map(|(index, line)| format!("{}:{}: {what}: {line}", source.path, index + 1))
            .collect::<Vec<_>>()
    };
    sources.iter().flat_map(of_source).collect()
}

/// Unit tests in a file of their own belong to the module above, which has the header.
fn is_unit_test(path: &str) -> bool {
    path.contains("/src/") && (path.ends_with("/tests.rs") || path.contains("/tests/"))
}

#[test]
fn every_file_begins_with_what_it_is_for() {
    let complaints: Vec<String> = sources(&["rs"])
        .iter()
        .filter(|source| !is_unit_test(&source.path) && !source.text.starts_with("//! "))
        .map(|source| format!("{}: begins without `//!`", source.path))
        .collect();
    report(&complaints);
}

#[test]
fn nothing_is_left_over() {
    // Taken apart, so that they are not found here.
    let leftovers = [
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
        concat!("dbg", "!("),
    ];
    let sources = sources(&["rs"]);
    report(&lines(&sources, "left over", |line| {
        leftovers.iter().any(|leftover| line.contains(leftover))
    }));
    let ignore = concat!("#[", "ignore");
    report(&lines(&sources, "ignored without a reason", |line| {
        line.split_once(ignore)
            .is_some_and(|(_, rest)| !rest.starts_with(" = \""))
    }));
}

#[test]
fn files_can_be_read_in_one_sitting() {
    let complaints: Vec<String> = sources(&["rs"])
        .iter()
        .map(|source| (source, source.text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST_FILE_LINES)
        .map(|(source, lines)| format!("{}: {lines} lines", source.path))
        .collect();
    report(&complaints);
}

#[test]
fn no_tabs_and_no_spaces_at_the_end() {
    let mut sources = sources(&["rs", "md"]);
    sources.retain(|source| !TABS_BELONG.contains(&source.path.as_str()));
    report(&lines(&sources, "tab or space at the end", |line| {
        line.contains('\t') || line.trim_end() != line
    }));
}

#[test]
fn every_dependency_has_its_reason() {
    let manifest = read("Cargo.toml");
    let (_, table) = manifest.split_once("[workspace.dependencies]").unwrap();
    let table = table.split("\n[").next().unwrap();
    let named: Vec<&str> = table
        .lines()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_alphabetic()))
        .map(|line| line.split([' ', '=', '.']).next().unwrap())
        .filter(|name| !name.starts_with("videocatalog-"))
        .collect();
    assert!(named.len() > 20, "{named:?}");
    let page = read("docs/reference/dependencies.md");
    let explained: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" |").next())
        .flat_map(|cell| cell.split(", "))
        .collect();
    let complaints: Vec<String> = named
        .iter()
        .filter(|name| !explained.contains(name))
        .map(|name| format!("docs/reference/dependencies.md: no line for `{name}`"))
        .collect();
    report(&complaints);
    let complaints: Vec<String> = explained
        .iter()
        .filter(|name| **name != "crate" && !named.contains(name))
        .map(|name| format!("docs/reference/dependencies.md: `{name}` is no dependency any more"))
        .collect();
    report(&complaints);
}

#[test]
fn every_decision_is_listed() {
    let list = read("docs/decisions/README.md");
    let records = std::fs::read_dir(repository().join("docs/decisions")).unwrap();
    let complaints: Vec<String> = records
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "README.md" && !list.contains(&format!("({name})")))
        .map(|name| format!("docs/decisions/README.md: `{name}` is not listed"))
        .collect();
    report(&complaints);
}

/// Returns a line without its comment.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap()
}

#[test]
fn sql_is_written_in_the_catalogue_alone() {
    // Others hand connections on and say what went wrong.
    let types = [
        "rusqlite::Error",
        "rusqlite::Result",
        "rusqlite::Connection",
    ];
    let outside: Vec<Source> = sources(&["rs"])
        .into_iter()
        .filter(|source| is_program(&source.path))
        .filter(|source| !source.path.starts_with("crates/core/src/catalog/"))
        .collect();
    report(&lines(&outside, "SQLite outside core::catalog", |line| {
        let mut rest = code(line).to_owned();
        for name in types {
            rest = rest.replace(name, "");
        }
        rest.contains("rusqlite")
    }));
    for word in ["SELECT ", "INSERT INTO ", "DELETE FROM ", "PRAGMA "] {
        report(&lines(&outside, "SQL outside core::catalog", |line| {
            code(line).contains(word)
        }));
    }
}

#[test]
fn processes_are_started_by_tools_alone() {
    let outside: Vec<Source> = sources(&["rs"])
        .into_iter()
        .filter(|source| is_program(&source.path))
        .filter(|source| !source.path.starts_with("crates/core/src/tools/"))
        .collect();
    let start = concat!("Command", "::new");
    report(&lines(&outside, "a process outside core::tools", |line| {
        code(line).contains(start)
    }));
}

/// The program itself, without tests and test kit.
fn is_program(path: &str) -> bool {
    path.starts_with("crates/") && path.contains("/src/") && !path.starts_with("crates/testkit/")
}
