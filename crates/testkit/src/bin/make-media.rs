//! `make-media [--count N] [--only CONTAINER] [--quick] [--seeds] FOLDER`: makes a library of small real media files.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program")]

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use videocatalog_testkit::media::{self, Choice};

const USAGE: &str = "usage: make-media [--count N] [--only CONTAINER]... [--quick] [--seeds] FOLDER
  all files by default; --count takes that many, evenly from the containers; --quick leaves out slow encoders;
  --seeds makes one tiny file a format instead, for fuzzing. Files that are there already are kept.";

struct Options {
    folder: PathBuf,
    choice: Choice,
    seeds: bool,
}

fn main() -> ExitCode {
    let options = match parse(std::env::args_os().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("error: {message}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let began = Instant::now();
    let made = if options.seeds {
        media::seeds(&options.folder)
    } else {
        media::corpus(&options.folder, &options.choice)
    };
    match made {
        Ok(made) => {
            let (skipped, there): (Vec<_>, Vec<_>) =
                made.iter().partition(|made| made.skipped.is_some());
            for made in &skipped {
                let why = made.skipped.as_deref().unwrap_or_default();
                eprintln!("skipped {}: {why}", made.name);
            }
            println!(
                "{} files, {} skipped, in {:.1} s",
                there.len(),
                skipped.len(),
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

fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Options, String> {
    let (mut folder, mut choice, mut seeds) = (None, Choice::default(), false);
    while let Some(argument) = arguments.next() {
        let mut value = |name: &str| {
            arguments
                .next()
                .and_then(|value| value.into_string().ok())
                .ok_or_else(|| format!("{name} takes a value"))
        };
        match argument.to_str() {
            Some("--count") => {
                let count = value("--count")?;
                choice.count = Some(
                    count
                        .parse()
                        .map_err(|_| format!("--count takes a whole number, not `{count}`"))?,
                );
            }
            Some("--only") => choice.containers.push(value("--only")?),
            Some("--quick") => choice.quick = true,
            Some("--seeds") => seeds = true,
            Some(flag) if flag.starts_with("--") => return Err(format!("unknown flag {flag}")),
            _ if folder.is_some() => return Err("one FOLDER only".into()),
            _ => folder = Some(PathBuf::from(argument)),
        }
    }
    Ok(Options {
        folder: folder.ok_or("FOLDER is missing")?,
        choice,
        seeds,
    })
}
