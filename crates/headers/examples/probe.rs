//! `probe [--print] FILE...`: reads the headers of files, for benchmarks; says how many were read and what that took.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for us"
)]

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use videocatalog_headers::{Limits, Media, Source, probe};

struct FileSource {
    file: File,
    length: u64,
}

impl Source for FileSource {
    fn len(&self) -> u64 {
        self.length
    }

    #[cfg(unix)]
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.file, buffer, offset)
    }

    #[cfg(not(unix))]
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        use std::io::{Read, Seek, SeekFrom};
        self.file.seek(SeekFrom::Start(offset))?;
        self.file.read(buffer)
    }
}

fn main() -> ExitCode {
    let mut files: Vec<OsString> = std::env::args_os().skip(1).collect();
    let print = files.first().is_some_and(|first| first == "--print");
    if print {
        files.remove(0);
    }
    if files.is_empty() {
        eprintln!("usage: probe [--print] FILE...");
        return ExitCode::from(2);
    }
    let (mut known, mut bytes) = (0_usize, 0);
    for file in &files {
        match read(Path::new(file)) {
            Ok(media) => {
                known += 1;
                bytes += media.bytes_read;
                if print {
                    println!("{media:#?}");
                }
            }
            Err(error) if print => println!("{}: {error}", Path::new(file).display()),
            Err(_) => {}
        }
    }
    println!("{known} of {} files known, {bytes} bytes read", files.len());
    ExitCode::SUCCESS
}

fn read(path: &Path) -> Result<Media, Box<dyn std::error::Error>> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let extension = path
        .extension()
        .map(|extension| extension.to_string_lossy().to_lowercase());
    let mut source = FileSource { file, length };
    Ok(probe(&mut source, extension.as_deref(), Limits::default())?)
}
