//! Parquet: typed columns in groups of bounded size, compressed by zstd.
//!
//! Encodings are the plain ones that every reader knows. Where a path is no UTF-8 its bytes stand in `path_bytes`.

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::{Compression, ZstdLevel};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type,
};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;

use super::{Record, RecordWriter};
use crate::clock::parse_utc;

/// Rows of a group: enough for readers to skip by, little enough to hold.
const GROUP_ROWS: usize = 65_536;

/// Bytes of texts after which a group ends earlier.
const GROUP_TEXT_BYTES: usize = 16 * 1024 * 1024;

/// The documented columns, then what only this form and JSON lines have.
const SCHEMA: &str = "message file {
    REQUIRED BYTE_ARRAY drive_label (STRING);
    REQUIRED BYTE_ARRAY path (STRING);
    OPTIONAL INT64 size_bytes;
    REQUIRED BOOLEAN is_av;
    OPTIONAL BYTE_ARRAY hash_blake3 (STRING);
    OPTIONAL INT64 mtime_utc (TIMESTAMP(MICROS, true));
    OPTIONAL BYTE_ARRAY codec_video (STRING);
    OPTIONAL INT32 width;
    OPTIONAL INT32 height;
    OPTIONAL BYTE_ARRAY codec_audio (STRING);
    OPTIONAL INT32 audio_streams;
    OPTIONAL INT32 video_streams;
    OPTIONAL DOUBLE duration_seconds;
    OPTIONAL BOOLEAN integrity_ok;
    REQUIRED BOOLEAN deleted;
    OPTIONAL INT64 first_seen_utc (TIMESTAMP(MICROS, true));
    OPTIONAL INT64 updated_utc (TIMESTAMP(MICROS, true));
    REQUIRED BYTE_ARRAY rel_path (STRING);
    OPTIONAL BYTE_ARRAY hash_origin (STRING);
    OPTIONAL BYTE_ARRAY path_bytes;
}";

/// Values that differ from row to row: a dictionary of them would only be made to be thrown away.
const UNIQUE: [&str; 4] = ["path", "hash_blake3", "rel_path", "path_bytes"];

/// The values of one column in the group being gathered.
#[derive(Default)]
struct Column<T> {
    values: Vec<T>,
    /// 1 where there is a value.
    levels: Vec<i16>,
}

impl<T> Column<T> {
    fn push(&mut self, value: Option<T>) {
        self.levels.push(value.is_some().into());
        self.values.extend(value);
    }

    fn write<D: DataType<T = T>>(
        &mut self,
        column: &mut SerializedColumnWriter<'_>,
        is_required: bool,
    ) -> Result<(), ParquetError> {
        let levels = (!is_required).then_some(self.levels.as_slice());
        column
            .typed::<D>()
            .write_batch(&self.values, levels, None)?;
        self.values.clear();
        self.levels.clear();
        Ok(())
    }
}

/// A group of rows, column by column, in the order of the schema within each type.
#[derive(Default)]
struct Group {
    rows: usize,
    text_bytes: usize,
    texts: [Column<ByteArray>; 8],
    longs: [Column<i64>; 4],
    ints: [Column<i32>; 4],
    flags: [Column<bool>; 3],
    seconds: Column<f64>,
}

impl Group {
    fn push(&mut self, record: &Record<'_>) {
        let media = &record.media;
        let hash = record
            .hash
            .map(|hash| blake3::Hash::from_bytes(hash).to_hex());
        let (path, rel_path) = (record.path_text(), record.rel_path_text());
        let texts = [
            Some(record.drive_label.as_bytes()),
            Some(path.as_bytes()),
            hash.as_ref().map(|hash| hash.as_bytes()),
            media.codec_video.as_ref().map(|codec| codec.as_bytes()),
            media.codec_audio.as_ref().map(|codec| codec.as_bytes()),
            Some(rel_path.as_bytes()),
            record.hash_origin().map(str::as_bytes),
            record.is_lossy().then_some(record.path),
        ];
        for (column, text) in self.texts.iter_mut().zip(texts) {
            self.text_bytes += text.map_or(0, <[u8]>::len);
            column.push(text.map(|text| ByteArray::from(text.to_vec())));
        }
        let longs = [
            record.size_bytes,
            record.mtime_us.map(shown),
            record.first_seen_utc.and_then(parse_utc),
            record.updated_utc.and_then(parse_utc),
        ];
        for (column, long) in self.longs.iter_mut().zip(longs) {
            column.push(long);
        }
        let ints = [
            media.width,
            media.height,
            media.audio_streams,
            media.video_streams,
        ];
        for (column, int) in self.ints.iter_mut().zip(ints) {
            column.push(int.and_then(|int| i32::try_from(int).ok()));
        }
        let flags = [
            Some(record.is_av),
            record.integrity_ok,
            Some(record.deleted),
        ];
        for (column, flag) in self.flags.iter_mut().zip(flags) {
            column.push(flag);
        }
        self.seconds.push(record.duration_s());
        self.rows += 1;
    }

    fn is_full(&self) -> bool {
        self.rows >= GROUP_ROWS || self.text_bytes >= GROUP_TEXT_BYTES
    }

    /// Writes the group, which is empty afterwards.
    fn write<W: Write + Send>(
        &mut self,
        file: &mut SerializedFileWriter<W>,
    ) -> Result<(), ParquetError> {
        let mut texts = self.texts.iter_mut();
        let mut longs = self.longs.iter_mut();
        let mut ints = self.ints.iter_mut();
        let mut flags = self.flags.iter_mut();
        let descriptions = file.schema_descr().columns().to_vec();
        let mut group = file.next_row_group()?;
        for description in descriptions {
            let Some(mut column) = group.next_column()? else {
                break;
            };
            let is_required = description.max_def_level() == 0;
            // One column of values for each column of the schema: counted by a test that reads them all back.
            match column.untyped() {
                ColumnWriter::ByteArrayColumnWriter(_) => texts
                    .next()
                    .map(|own| own.write::<ByteArrayType>(&mut column, is_required)),
                ColumnWriter::Int64ColumnWriter(_) => longs
                    .next()
                    .map(|own| own.write::<Int64Type>(&mut column, is_required)),
                ColumnWriter::Int32ColumnWriter(_) => ints
                    .next()
                    .map(|own| own.write::<Int32Type>(&mut column, is_required)),
                ColumnWriter::BoolColumnWriter(_) => flags
                    .next()
                    .map(|own| own.write::<BoolType>(&mut column, is_required)),
                _ => Some(self.seconds.write::<DoubleType>(&mut column, is_required)),
            }
            .transpose()?;
            column.close()?;
        }
        group.close()?;
        self.rows = 0;
        self.text_bytes = 0;
        Ok(())
    }
}

/// Readers stumble over years that a date has no room for; the views and CSV say the last second then, and so does this.
fn shown(us: i64) -> i64 {
    const FIRST: i64 = -62_135_596_800_000_000;
    const LAST: i64 = 253_402_300_799_999_999;
    us.clamp(FIRST, LAST)
}

pub(super) struct ParquetWriter<W: Write + Send> {
    file: SerializedFileWriter<W>,
    group: Group,
}

impl<W: Write + Send> ParquetWriter<W> {
    pub(super) fn new(out: W) -> io::Result<Self> {
        let schema = parse_message_type(SCHEMA).map_err(into_io)?;
        let level = ZstdLevel::try_new(3).map_err(into_io)?;
        let mut properties = WriterProperties::builder()
            .set_created_by(concat!("VideoCatalog ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_compression(Compression::ZSTD(level));
        for column in UNIQUE {
            properties = properties.set_column_dictionary_enabled(ColumnPath::from(column), false);
        }
        let file = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties.build()))
            .map_err(into_io)?;
        Ok(Self {
            file,
            group: Group::default(),
        })
    }
}

impl<W: Write + Send> RecordWriter for ParquetWriter<W> {
    fn write(&mut self, record: &Record<'_>) -> io::Result<()> {
        self.group.push(record);
        if self.group.is_full() {
            self.group.write(&mut self.file).map_err(into_io)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        if self.group.rows > 0 {
            self.group.write(&mut self.file).map_err(into_io)?;
        }
        self.file.close().map(|_| ()).map_err(into_io)
    }
}

/// Returns the error of the system that is inside, so that a full disk is told as one.
fn into_io(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(inner) => io::Error::other(inner),
        },
        error => io::Error::other(error),
    }
}
