//! A list as a sequence of lines, whatever its form; never more than a line of it in memory.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::rc::Rc;

use super::{ImportError, Request, efu, own};
use crate::catalog::import::ListedFile;
use crate::catalog::legacy::Style;

/// The longest line; a quote that is never closed would otherwise take the rest of the file for one cell.
const LONGEST_LINE_BYTES: usize = 1024 * 1024;

/// What one line says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Line {
    File(Box<Entry>),
    Folder,
    /// Nothing usable, and why.
    Bad(String),
}

/// A file of a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Entry {
    /// The whole path as the list has it.
    pub(super) path: Vec<u8>,
    /// The drive it is of, where the list says so.
    pub(super) label: Option<String>,
    /// The drive's root, where the list says so.
    pub(super) root: Option<Vec<u8>>,
    pub(super) file: ListedFile,
}

/// The form of a list, by its beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    /// Everything's: the places of its columns.
    Efu(efu::Columns),
    /// Our CSV: the places of its columns.
    Csv(own::Columns),
    /// Our JSON lines.
    Jsonl,
}

/// A list that was recognised.
pub(super) struct Source {
    path: PathBuf,
    form: Form,
    trust_hashes: bool,
    /// 1 where lines end in CRLF: a record then ends before its LF, which the reader counts with the next one.
    late_lines: u64,
}

impl Source {
    /// Recognises the list.
    pub(super) fn open(request: &Request) -> Result<Self, ImportError> {
        let path = request.file.clone();
        let unknown = |reason: &str| ImportError::Unknown {
            path: path.clone(),
            reason: reason.to_owned(),
        };
        let read = |source| ImportError::Read {
            path: path.clone(),
            source,
        };
        if !std::fs::metadata(&path).map_err(read)?.is_file() {
            return Err(unknown("it is no regular file"));
        }
        let mut start = Vec::new();
        let file = File::open(&path).map_err(read)?;
        file.take(4_096).read_to_end(&mut start).map_err(read)?;
        if start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") {
            return Err(unknown("it is UTF-16; save it as UTF-8"));
        }
        let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&start);
        let form = if text.first() == Some(&b'{') {
            Form::Jsonl
        } else {
            let mut header = csv::ByteRecord::new();
            let mut rows = csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .from_reader(text);
            let _what_there_is = rows.read_byte_record(&mut header);
            efu::Columns::of(&header)
                .map(Form::Efu)
                .or_else(|| own::Columns::of(&header).map(Form::Csv))
                .ok_or_else(|| unknown("its first line names no columns that are known"))?
        };
        Ok(Self {
            path,
            form,
            trust_hashes: request.trust_hashes,
            late_lines: u64::from(
                text.split_inclusive(|&byte| byte == b'\n')
                    .next()
                    .is_some_and(|line| line.ends_with(b"\r\n")),
            ),
        })
    }

    /// Returns how paths are read that begin with a name.
    pub(super) fn default_style(&self) -> Style {
        match self.form {
            Form::Efu(_) => Style::Windows,
            Form::Csv(_) | Form::Jsonl => Style::Posix,
        }
    }

    /// Calls `visit` for every line after the header, with its number.
    pub(super) fn each(
        &self,
        visit: &mut dyn FnMut(u64, Line) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let mut file = File::open(&self.path).map_err(|source| self.failed(source))?;
        let mut mark = [0; 3];
        let has_mark = file.read_exact(&mut mark).is_ok() && mark == *b"\xef\xbb\xbf";
        if !has_mark {
            file.seek(SeekFrom::Start(0))
                .map_err(|source| self.failed(source))?;
        }
        match &self.form {
            Form::Jsonl => self.each_json(file, visit),
            Form::Efu(columns) => self.each_record(file, &|row| efu::line(columns, row), visit),
            Form::Csv(columns) => {
                let trust_hashes = self.trust_hashes;
                let line = |row: &csv::ByteRecord| own::csv_line(columns, row, trust_hashes);
                self.each_record(file, &line, visit)
            }
        }
    }

    fn each_record(
        &self,
        file: File,
        line: &dyn Fn(&csv::ByteRecord) -> Line,
        visit: &mut dyn FnMut(u64, Line) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let since = Rc::new(Cell::new(0));
        let mut rows = csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(Bounded {
                file,
                since: Rc::clone(&since),
            });
        let mut row = csv::ByteRecord::new();
        loop {
            let number = rows.position().line();
            let is_there = rows
                .read_byte_record(&mut row)
                .map_err(|error| self.failed(at_line(number, &error.into())))?;
            if !is_there {
                return Ok(());
            }
            since.set(0);
            let number = row.position().map_or(number, csv::Position::line);
            visit(number + self.late_lines, line(&row))?;
        }
    }

    fn each_json(
        &self,
        file: File,
        visit: &mut dyn FnMut(u64, Line) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let mut reader = BufReader::with_capacity(64 * 1024, file);
        let mut text = Vec::new();
        let mut number = 0;
        loop {
            text.clear();
            number += 1;
            let most = LONGEST_LINE_BYTES as u64;
            let read = (&mut reader)
                .take(most)
                .read_until(b'\n', &mut text)
                .map_err(|source| self.failed(source))?;
            if read == 0 {
                return Ok(());
            }
            if read == LONGEST_LINE_BYTES && text.last() != Some(&b'\n') {
                return Err(self.failed(at_line(number, &too_long())));
            }
            if !text.trim_ascii().is_empty() {
                visit(number, own::json_line(&text))?;
            }
        }
    }

    fn failed(&self, source: io::Error) -> ImportError {
        ImportError::Read {
            path: self.path.clone(),
            source,
        }
    }
}

fn at_line(number: u64, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("line {number}: {error}"))
}

fn too_long() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "it does not end within a mebibyte; is a quote not closed?",
    )
}

/// Ends with an error where a line does not end.
struct Bounded {
    file: File,
    since: Rc<Cell<usize>>,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since.get() > LONGEST_LINE_BYTES {
            return Err(too_long());
        }
        let read = self.file.read(buffer)?;
        self.since.set(self.since.get() + read);
        Ok(read)
    }
}

/// Returns a cell that says something.
pub(super) fn cell(row: &csv::ByteRecord, column: Option<usize>) -> Option<&[u8]> {
    row.get(column?).filter(|cell| !cell.is_empty())
}

/// Returns a cell as text, if it is UTF-8 and says something.
pub(super) fn text(row: &csv::ByteRecord, column: Option<usize>) -> Option<&str> {
    std::str::from_utf8(cell(row, column)?).ok().map(str::trim)
}

/// Returns the number in a cell: `Ok(None)` where there is none, an error where there is something else.
pub(super) fn number<T: std::str::FromStr>(
    row: &csv::ByteRecord,
    column: Option<usize>,
    what: &str,
) -> Result<Option<T>, String> {
    match cell(row, column) {
        None => Ok(None),
        Some(_) => text(row, column)
            .and_then(|text| text.parse().ok())
            .map(Some)
            .ok_or_else(|| format!("{what} is no number")),
    }
}
