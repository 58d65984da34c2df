//! CSV as the older program wrote it: UTF-8 with a byte order mark, CRLF, quotes only where they are needed.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

use csv::{QuoteStyle, Terminator, Writer, WriterBuilder};

use super::{COLUMNS, Record, RecordWriter};
use crate::clock::utc_text;

pub(super) struct CsvWriter<W: Write> {
    rows: Writer<W>,
    safe_cells: bool,
    /// The cell being made.
    cell: String,
}

impl<W: Write> CsvWriter<W> {
    pub(super) fn new(mut out: W, safe_cells: bool) -> io::Result<Self> {
        // Without it spreadsheets take the file for their system's older encoding.
        out.write_all("\u{feff}".as_bytes())?;
        let mut rows = WriterBuilder::new()
            .terminator(Terminator::CRLF)
            .quote_style(QuoteStyle::Necessary)
            .from_writer(out);
        rows.write_record(COLUMNS)?;
        Ok(Self {
            rows,
            safe_cells,
            cell: String::new(),
        })
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        let cell = if self.safe_cells {
            neutral(text)
        } else {
            Cow::Borrowed(text)
        };
        Ok(self.rows.write_field(cell.as_bytes())?)
    }

    fn number(&mut self, number: Option<i64>) -> io::Result<()> {
        self.cell.clear();
        if let Some(number) = number {
            let _never_fails = write!(self.cell, "{number}");
        }
        Ok(self.rows.write_field(&self.cell)?)
    }

    fn flag(&mut self, flag: Option<bool>) -> io::Result<()> {
        let cell = match flag {
            Some(true) => "1",
            Some(false) => "0",
            None => "",
        };
        Ok(self.rows.write_field(cell)?)
    }

    fn plain(&mut self, text: Option<&str>) -> io::Result<()> {
        Ok(self.rows.write_field(text.unwrap_or_default())?)
    }

    fn hash(&mut self, hash: Option<[u8; 32]>) -> io::Result<()> {
        match hash {
            Some(hash) => self.plain(Some(blake3::Hash::from_bytes(hash).to_hex().as_str())),
            None => self.plain(None),
        }
    }

    fn seconds(&mut self, seconds: Option<f64>) -> io::Result<()> {
        self.cell.clear();
        if let Some(seconds) = seconds {
            let _never_fails = write!(self.cell, "{seconds:.3}");
            let length = self.cell.trim_end_matches('0').trim_end_matches('.').len();
            self.cell.truncate(length);
        }
        Ok(self.rows.write_field(&self.cell)?)
    }
}

impl<W: Write> RecordWriter for CsvWriter<W> {
    fn write(&mut self, record: &Record<'_>) -> io::Result<()> {
        self.text(record.drive_label)?;
        self.text(&record.path_text())?;
        self.number(record.size_bytes)?;
        self.flag(Some(record.is_av))?;
        self.hash(record.hash)?;
        self.plain(record.mtime_us.map(utc_text).as_deref())?;
        let media = &record.media;
        self.text(media.codec_video.as_deref().unwrap_or_default())?;
        self.number(media.width)?;
        self.number(media.height)?;
        self.text(media.codec_audio.as_deref().unwrap_or_default())?;
        self.number(media.audio_streams)?;
        self.number(media.video_streams)?;
        self.seconds(record.duration_s())?;
        self.flag(record.integrity_ok)?;
        self.flag(Some(record.deleted))?;
        self.plain(record.first_seen_utc)?;
        self.plain(record.updated_utc)?;
        Ok(self.rows.write_record(None::<&[u8]>)?)
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.rows.flush()
    }
}

/// Returns a text with a `'` before it if a spreadsheet would take it for a formula.
pub(crate) fn neutral(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}
