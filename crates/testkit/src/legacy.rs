//! Databases as the older Python program left them, in every layout it had, written by plain SQL.
//!
//! A test makes an empty database in a layout, adds tables that other builds added, and inserts rows; a column that the
//! layout does not have is left out. [`sample_files`] are rows with one of each oddity.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, Result, params, params_from_iter};

mod ddl;

/// The `files` tables there were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Command line and inventory scans: `drives`, `files` with labels, `inventory`, `scan_state`.
    DialectA,
    /// The window's scans: `files` without labels, with `is_av` and a unique path; `scan_state`.
    DialectB,
    /// An earlier window: `files` as in dialect B without deletion, paths possibly twice.
    MiddleWindow,
    /// The earliest window: `files` as in dialect A without deletion, nothing else.
    EarliestWindow,
    /// The earliest command line: `drives` and `files` in one catalogue.
    EarliestCommandLine,
    /// The window's catalogue: `drives` and `jobs`, columns in the order they were added.
    Catalog,
    /// The catalogue of shipped samples: other column order, `total_files` and `done_files`.
    SampleCatalog,
    /// A catalogue of the command line: `inventory_stats` alone.
    StatisticsOnly,
    /// Nothing yet.
    Bare,
}

/// A legacy database being written.
#[derive(Debug)]
pub struct LegacyDb {
    connection: Connection,
}

/// A row of `files`.
#[derive(Clone, Debug, PartialEq)]
pub struct FileRow {
    /// `drive_label`.
    pub label: String,
    /// Absolute path.
    pub path: String,
    /// Size in bytes, `None` in an error row.
    pub size: Option<i64>,
    /// As it is written.
    pub mtime: Option<String>,
    /// As it is written.
    pub hash: Option<String>,
    /// The document.
    pub media_json: Option<String>,
    /// 1, 0 or not known.
    pub integrity_ok: Option<i64>,
    /// Whether a scan missed it.
    pub deleted: bool,
    /// When it missed it.
    pub deleted_ts: Option<String>,
}

impl FileRow {
    /// A sound file of that size, modified at a fixed time.
    pub fn new(label: &str, path: &str, size: i64) -> Self {
        Self {
            label: label.into(),
            path: path.into(),
            size: Some(size),
            mtime: Some("2021-06-15T12:34:56Z".into()),
            hash: None,
            media_json: None,
            integrity_ok: Some(1),
            deleted: false,
            deleted_ts: None,
        }
    }
}

/// A row of `inventory`.
#[derive(Clone, Debug, PartialEq)]
pub struct InventoryRow {
    /// `drive_label`.
    pub label: String,
    /// Absolute path, composed.
    pub path: String,
    /// Size in bytes.
    pub size: i64,
    /// As it is written.
    pub mtime: String,
    /// Extension.
    pub ext: Option<String>,
    /// MIME type.
    pub mime: Option<String>,
    /// Category.
    pub category: Option<String>,
    /// Performance profile.
    pub drive_type: Option<String>,
    /// As it is written.
    pub indexed: String,
}

impl InventoryRow {
    /// A file of that size, indexed at a fixed time, taken for a video.
    pub fn new(label: &str, path: &str, size: i64) -> Self {
        Self {
            label: label.into(),
            path: path.into(),
            size,
            mtime: "2021-06-15T12:34:56Z".into(),
            ext: Some("mp4".into()),
            mime: Some("video/mp4".into()),
            category: Some("video".into()),
            drive_type: Some("HDD".into()),
            indexed: "2022-01-02T03:04:05Z".into(),
        }
    }
}

impl LegacyDb {
    /// Makes a database in that layout, and the folders above it.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn create(path: &Path, layout: Layout) -> Result<Self> {
        if let Some(folder) = path.parent() {
            fs_err::create_dir_all(folder)
                .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        }
        let db = Self::open(path)?;
        db.sql(match layout {
            Layout::DialectA => ddl::DIALECT_A,
            Layout::DialectB => ddl::DIALECT_B,
            Layout::MiddleWindow => ddl::MIDDLE_WINDOW,
            Layout::EarliestWindow => ddl::EARLIEST_WINDOW,
            Layout::EarliestCommandLine => ddl::EARLIEST_COMMAND_LINE,
            Layout::Catalog => ddl::CATALOG,
            Layout::SampleCatalog => ddl::SAMPLE_CATALOG,
            Layout::StatisticsOnly => ddl::STATISTICS,
            Layout::Bare => "",
        })?;
        Ok(db)
    }

    /// Opens a database that is there.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn open(path: &Path) -> Result<Self> {
        #[expect(
            clippy::disallowed_methods,
            reason = "the test kit writes what the program under test did not"
        )]
        let connection = Connection::open(path)?;
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        connection.pragma_update(None, "synchronous", "OFF")?;
        Ok(Self { connection })
    }

    /// Runs any SQL.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn sql(&self, sql: &str) -> Result<()> {
        self.connection.execute_batch(sql)
    }

    /// What a window's scan added to a shard of dialect A before it failed.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn add_is_av(&self) -> Result<()> {
        self.sql(
            "ALTER TABLE files ADD COLUMN is_av INTEGER;
             CREATE UNIQUE INDEX uq_files_path ON files(path);
             CREATE INDEX idx_files_deleted ON files(deleted);",
        )
    }

    /// What an inventory scan left in a shard of dialect B before it failed.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn add_half_made_drives(&self) -> Result<()> {
        self.sql(ddl::SHARD_DRIVES)
    }

    /// What the first quick search added.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn add_inventory_names(&self) -> Result<()> {
        self.sql(
            "ALTER TABLE inventory ADD COLUMN name TEXT;
             CREATE INDEX idx_inventory_name ON inventory(name);",
        )
    }

    /// The tables of features, fingerprints and texts.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn add_enrichments(&self) -> Result<()> {
        self.sql(ddl::ENRICHMENTS)
    }

    /// The table of inventory summaries.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn add_statistics(&self) -> Result<()> {
        self.sql(ddl::STATISTICS)
    }

    /// Inserts a row of `drives`, with what every layout has.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn drive(&self, label: &str, mount: &str, scanned_at: &str) -> Result<()> {
        self.insert(
            "drives",
            &[
                ("label", label.to_owned().into()),
                ("mount_path", mount.to_owned().into()),
                ("total_bytes", 1_000.into()),
                ("free_bytes", 400.into()),
                (
                    "smart_scan",
                    r#"{"scan": "", "details": []}"#.to_owned().into(),
                ),
                ("scanned_at", scanned_at.to_owned().into()),
                ("drive_type", "HDD 3.5".to_owned().into()),
                ("notes", "shelf 2".to_owned().into()),
                ("scan_mode", "Delta".to_owned().into()),
            ],
        )
    }

    /// Inserts a row of `jobs`.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn job(&self, label: &str, started_at: &str, status: &str) -> Result<()> {
        self.insert(
            "jobs",
            &[
                ("drive_label", label.to_owned().into()),
                ("started_at", started_at.to_owned().into()),
                ("status", status.to_owned().into()),
                ("finished_at", started_at.to_owned().into()),
                ("total_files", 12.into()),
                ("done_files", 11.into()),
                ("total_all", 30.into()),
                ("duration_sec", 5.into()),
                ("message", "Completed".to_owned().into()),
            ],
        )
    }

    /// Inserts a row of `inventory_stats`.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn statistic(&self, label: &str, scanned_at: &str, total: i64) -> Result<()> {
        self.connection
            .execute(
                "INSERT INTO inventory_stats(scan_ts_utc, drive_label, total_files, by_video, by_audio, by_image,
                                             by_document, by_archive, by_executable, by_other)
                 VALUES(?1, ?2, ?3, ?3, 0, 0, 0, 0, 0, 0)",
                params![scanned_at, label, total],
            )
            .map(|_| ())
    }

    /// Inserts a row of `files`.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn file(&self, row: &FileRow) -> Result<()> {
        self.insert(
            "files",
            &[
                ("drive_label", row.label.clone().into()),
                ("path", row.path.clone().into()),
                ("size_bytes", row.size.into()),
                ("hash_blake3", row.hash.clone().into()),
                ("media_json", row.media_json.clone().into()),
                ("integrity_ok", row.integrity_ok.into()),
                ("mtime_utc", row.mtime.clone().into()),
                ("deleted", i64::from(row.deleted).into()),
                ("deleted_ts", row.deleted_ts.clone().into()),
                ("is_av", i64::from(row.media_json.is_some()).into()),
            ],
        )
    }

    /// Inserts a row of `inventory`.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn inventory(&self, row: &InventoryRow) -> Result<()> {
        self.insert(
            "inventory",
            &[
                ("path", row.path.clone().into()),
                ("size_bytes", row.size.into()),
                ("mtime_utc", row.mtime.clone().into()),
                ("ext", row.ext.clone().into()),
                ("mime", row.mime.clone().into()),
                ("category", row.category.clone().into()),
                ("drive_label", row.label.clone().into()),
                ("drive_type", row.drive_type.clone().into()),
                ("indexed_utc", row.indexed.clone().into()),
            ],
        )
    }

    /// Inserts a feature, a fingerprint of each sort, a transcript and a caption of `path`.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn enrich(&self, path: &str) -> Result<()> {
        let time = "2023-04-05T06:07:08Z";
        self.connection.execute(
            "INSERT INTO features VALUES(?1, 'video', ?2, 2, 3, ?3)",
            params![path, [0_u8, 0, 128, 63, 0, 0, 0, 64], time],
        )?;
        self.connection.execute(
            "INSERT INTO video_fp_tmk VALUES(?1, 'tmk 1', 10.5, ?2, ?3)",
            params![path, [1_u8, 0, 0, 2], time],
        )?;
        self.connection.execute(
            "INSERT INTO audio_fp_chroma VALUES(?1, 'fpcalc 1.5.1', 11.25, 'AQAAQ1qUKEmW7Og', ?2)",
            params![path, time],
        )?;
        self.connection.execute(
            "INSERT INTO video_vhash VALUES(?1, '00ff00ff00ff00ff', ?2)",
            params![path, time],
        )?;
        self.connection.execute(
            "INSERT INTO transcripts(path, content) VALUES(?1, 'hello world')",
            params![path],
        )?;
        self.connection.execute(
            "INSERT INTO transcript_meta VALUES(?1, ?2, 'en')",
            params![path, time],
        )?;
        self.connection.execute(
            "INSERT INTO captions(path, content) VALUES(?1, 'a test card')",
            params![path],
        )?;
        self.connection
            .execute(
                "INSERT INTO caption_meta VALUES(?1, ?2, 'model')",
                params![path, time],
            )
            .map(|_| ())
    }

    /// Inserts what the table has columns for.
    fn insert(&self, table: &str, values: &[(&str, Value)]) -> Result<()> {
        let columns: Vec<String> = self
            .connection
            .prepare_cached("SELECT name FROM pragma_table_info(?1)")?
            .query_map([table], |row| row.get(0))?
            .collect::<Result<_>>()?;
        let known: Vec<&(&str, Value)> = values
            .iter()
            .filter(|(name, _)| columns.iter().any(|column| column == name))
            .collect();
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        let marks = vec!["?"; names.len()].join(", ");
        self.connection
            .prepare_cached(&format!(
                "INSERT INTO {table}({}) VALUES({marks})",
                names.join(", ")
            ))?
            .execute(params_from_iter(known.iter().map(|(_, value)| value)))
            .map(|_| ())
    }
}

/// Rows of one drive with one of each oddity: plain, hashed, with a document, an error row, a mark of the oldest builds,
/// deleted, both forms of time, no form of time, and names that are not plain ASCII. `mount` ends without a separator.
pub fn sample_files(label: &str, mount: &str, separator: char) -> Vec<FileRow> {
    let file = |relative: &str, size| {
        let path = format!("{mount}/{relative}").replace('/', &separator.to_string());
        FileRow::new(label, &path, size)
    };
    vec![
        file("plain.txt", 10),
        FileRow {
            hash: Some("0123456789abcdef".repeat(4)),
            media_json: Some(r#"{"media": {"track": []}}"#.into()),
            ..file("Films/hashed.mkv", 20)
        },
        FileRow {
            hash: Some("not a hash".into()),
            media_json: Some(r#"{"skipped": "non_av"}"#.into()),
            ..file("Films/skipped.mkv", 30)
        },
        FileRow {
            size: None,
            mtime: None,
            media_json: Some(r#"{"error": "mediainfo_timeout"}"#.into()),
            integrity_ok: Some(0),
            ..file("Films/error.mp4", 0)
        },
        FileRow {
            deleted: true,
            deleted_ts: Some("2022-02-02T02:02:02Z".into()),
            ..file("Films/gone.mp4", 40)
        },
        FileRow {
            mtime: Some("2020-01-02 03:04:05".into()),
            ..file("Films/sqltime.mp4", 50)
        },
        FileRow {
            mtime: Some("yesterday".into()),
            ..file("Films/notime.mp4", 60)
        },
        FileRow {
            mtime: Some("1965-05-05T05:05:05Z".into()),
            integrity_ok: None,
            ..file("Été/Ünïcode 影片.MP4", 70)
        },
    ]
}
