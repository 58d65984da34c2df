//! `logs/scanner.log`: one line a sentence, the same file for every face, kept from growing for ever.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::clock::{Clock, utc_text};
use crate::path::display::printable;

/// The log; writing to it never fails a job.
pub struct LogFile {
    path: PathBuf,
    max_bytes: u64,
    keep_files: usize,
    clock: Arc<dyn Clock>,
    file: Mutex<Option<File>>,
}

impl LogFile {
    /// Returns the log at `folder/scanner.log`, which is moved to `scanner.1.log` (and so on, `keep_files` of them) when
    /// it exceeds `max_bytes`.
    pub fn new(folder: &Path, max_bytes: u64, keep_files: usize, clock: Arc<dyn Clock>) -> Self {
        Self {
            path: folder.join("scanner.log"),
            max_bytes,
            keep_files,
            clock,
            file: Mutex::new(None),
        }
    }

    /// Appends `[YYYY-MM-DD HH:MM:SSZ] text`; control characters are escaped, so that a file name cannot fake a line.
    pub fn line(&self, text: &str) {
        let stamp = utc_text(self.clock.now_us()).replace('T', " ");
        let line = format!("[{stamp}] {}\n", printable(text.as_bytes()));
        let mut held = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // A log that cannot be written must not stop a scan; the face shows the same sentences.
        let _unlogged = self.append(&mut held, line.as_bytes());
    }

    /// Returns its last lines, oldest first; none where it cannot be read.
    pub fn tail(&self, lines: usize) -> Vec<String> {
        /// Enough for a few thousand lines, and read in no time.
        const MOST: u64 = 1 << 20;
        let read = || -> std::io::Result<Vec<u8>> {
            let mut file = File::open(&self.path)?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(MOST)))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        let bytes = read().unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let all: Vec<&str> = text.lines().collect();
        let from = all.len().saturating_sub(lines);
        all.iter().skip(from).map(|&line| line.to_owned()).collect()
    }

    fn append(&self, held: &mut Option<File>, line: &[u8]) -> std::io::Result<()> {
        let file = match held {
            Some(file) => file,
            None => held.insert(self.open()?),
        };
        if file.metadata()?.len() + line.len() as u64 > self.max_bytes {
            *held = None;
            self.rotate()?;
            return held.insert(self.open()?).write_all(line);
        }
        file.write_all(line)
    }

    fn open(&self) -> std::io::Result<File> {
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.path)
    }

    fn rotate(&self) -> std::io::Result<()> {
        let numbered = |number: usize| self.path.with_file_name(format!("scanner.{number}.log"));
        if self.keep_files == 0 {
            return std::fs::remove_file(&self.path);
        }
        for number in (1..self.keep_files).rev() {
            if numbered(number).exists() {
                std::fs::rename(numbered(number), numbered(number + 1))?;
            }
        }
        std::fs::rename(&self.path, numbered(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::TestClock;

    #[test]
    fn lines_are_stamped_and_files_rotate() {
        let folder = tempfile::tempdir().unwrap();
        let log = LogFile::new(folder.path(), 100, 2, Arc::new(TestClock::at(0)));
        log.line("first\nfaked");
        let text = std::fs::read_to_string(folder.path().join("scanner.log")).unwrap();
        assert_eq!(text, "[1970-01-01 00:00:00Z] first\\nfaked\n");
        for number in 0..20 {
            log.line(&format!("a line that is a bit longer, number {number}"));
        }
        let mut names: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        assert_eq!(names, ["scanner.1.log", "scanner.2.log", "scanner.log"]);
    }
}
