//! `compare FOLDER`: compares what we read of every file in a folder with ffprobe, and prints a report in Markdown.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a program for us, that shares its code with the tests"
)]

#[path = "../tests/it/compare/mod.rs"]
mod compare;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(root) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: compare FOLDER");
        return ExitCode::from(2);
    };
    let mut paths = Vec::new();
    gather(&root, &mut paths);
    paths.sort();
    if paths.is_empty() {
        eprintln!("error: no files in `{}`", root.display());
        return ExitCode::FAILURE;
    }
    let read = compare::bytes_read(&root, &paths);
    println!("{}", compare::report::reading(&read));
    let rows = compare::files(&root, &paths);
    println!("{}", compare::report::markdown(&rows));
    ExitCode::SUCCESS
}

/// Gathers the files of a folder and the folders in it, but hidden ones.
fn gather(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if path.is_dir() {
            gather(&path, paths);
        } else {
            paths.push(path);
        }
    }
}
