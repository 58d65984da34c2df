//! `make-tree --files N --folders N --seed N ROOT`: builds a tree for benchmarks and prints what it built.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program")]

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use videocatalog_testkit::tree::{self, TreeSpec};

const USAGE: &str = "usage: make-tree [--files N] [--folders N] [--seed N] ROOT
  defaults: 10000 files, a folder for every 50 of them, seed 1; ROOT should not exist yet or be empty";

fn main() -> ExitCode {
    let (root, spec) = match parse(std::env::args_os().skip(1)) {
        Ok(parsed) => parsed,
        Err(message) => {
            eprintln!("error: {message}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let began = Instant::now();
    match tree::build(&root, &spec) {
        Ok(facts) => {
            println!(
                "{} files ({} empty, {} with names that are no UTF-8), {} folders, {} bytes, in {:.1} s",
                facts.files,
                facts.empty_files,
                facts.names_not_unicode,
                facts.folders,
                facts.bytes,
                began.elapsed().as_secs_f64()
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<(PathBuf, TreeSpec), String> {
    let (mut root, mut files, mut folders, mut seed) = (None, 10_000, None, 1);
    while let Some(argument) = arguments.next() {
        let mut number = |name: &str| {
            arguments
                .next()
                .and_then(|value| value.to_str()?.parse::<u64>().ok())
                .ok_or_else(|| format!("{name} takes a whole number"))
        };
        match argument.to_str() {
            Some("--files") => files = number("--files")?,
            Some("--folders") => folders = Some(number("--folders")?),
            Some("--seed") => seed = number("--seed")?,
            Some(flag) if flag.starts_with("--") => return Err(format!("unknown flag {flag}")),
            _ if root.is_some() => return Err("one ROOT only".into()),
            _ => root = Some(PathBuf::from(argument)),
        }
    }
    let spec = TreeSpec {
        files,
        folders: folders.unwrap_or(files / 50),
        seed,
    };
    Ok((root.ok_or("ROOT is missing")?, spec))
}
