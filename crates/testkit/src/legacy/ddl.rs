//! The tables, as the builds of the older program made them.

pub(super) const SHARD_DRIVES: &str = "
CREATE TABLE drives(
  id INTEGER PRIMARY KEY, label TEXT NOT NULL, mount_path TEXT NOT NULL,
  total_bytes INTEGER, free_bytes INTEGER, smart_scan TEXT, scanned_at TEXT NOT NULL);";

pub(super) const DIALECT_A: &str = "
CREATE TABLE drives(
  id INTEGER PRIMARY KEY, label TEXT NOT NULL, mount_path TEXT NOT NULL,
  total_bytes INTEGER, free_bytes INTEGER, smart_scan TEXT, scanned_at TEXT NOT NULL);
CREATE UNIQUE INDEX idx_drives_label_unique ON drives(label);
CREATE TABLE files(
  id INTEGER PRIMARY KEY, drive_label TEXT NOT NULL, path TEXT NOT NULL, size_bytes INTEGER, hash_blake3 TEXT,
  media_json TEXT, integrity_ok INTEGER, mtime_utc TEXT, deleted INTEGER DEFAULT 0, deleted_ts TEXT);
CREATE INDEX idx_files_drive ON files(drive_label);
CREATE INDEX idx_files_hash ON files(hash_blake3);
CREATE INDEX idx_files_path ON files(path);
CREATE TABLE inventory(
  path TEXT PRIMARY KEY, size_bytes INTEGER NOT NULL, mtime_utc TEXT NOT NULL, ext TEXT, mime TEXT, category TEXT,
  drive_label TEXT, drive_type TEXT, indexed_utc TEXT NOT NULL);
CREATE INDEX idx_inventory_ext ON inventory(ext);
CREATE INDEX idx_inventory_mime ON inventory(mime);
CREATE INDEX idx_inventory_category ON inventory(category);
CREATE INDEX idx_inventory_mtime ON inventory(mtime_utc);
CREATE TABLE scan_state(key TEXT PRIMARY KEY, value TEXT);";

pub(super) const DIALECT_B: &str = "
CREATE TABLE files(
  id INTEGER PRIMARY KEY, path TEXT NOT NULL, size_bytes INTEGER, is_av INTEGER, hash_blake3 TEXT, media_json TEXT,
  integrity_ok INTEGER, mtime_utc TEXT, deleted INTEGER DEFAULT 0, deleted_ts TEXT);
CREATE UNIQUE INDEX uq_files_path ON files(path);
CREATE INDEX idx_files_hash ON files(hash_blake3);
CREATE INDEX idx_files_deleted ON files(deleted);
CREATE TABLE scan_state(key TEXT PRIMARY KEY, value TEXT);";

pub(super) const MIDDLE_WINDOW: &str = "
CREATE TABLE files(
  id INTEGER PRIMARY KEY, path TEXT NOT NULL, size_bytes INTEGER, is_av INTEGER, hash_blake3 TEXT, media_json TEXT,
  integrity_ok INTEGER, mtime_utc TEXT);
CREATE INDEX idx_files_path ON files(path);
CREATE INDEX idx_files_hash ON files(hash_blake3);";

pub(super) const EARLIEST_WINDOW: &str = "
CREATE TABLE files(
  id INTEGER PRIMARY KEY, drive_label TEXT NOT NULL, path TEXT NOT NULL, size_bytes INTEGER, hash_blake3 TEXT,
  media_json TEXT, integrity_ok INTEGER, mtime_utc TEXT);
CREATE INDEX idx_files_path ON files(path);";

pub(super) const EARLIEST_COMMAND_LINE: &str = "
CREATE TABLE drives(
  id INTEGER PRIMARY KEY, label TEXT NOT NULL, mount_path TEXT NOT NULL,
  total_bytes INTEGER, free_bytes INTEGER, smart_scan TEXT, scanned_at TEXT NOT NULL);
CREATE TABLE files(
  id INTEGER PRIMARY KEY, drive_label TEXT NOT NULL, path TEXT NOT NULL, size_bytes INTEGER, hash_blake3 TEXT,
  media_json TEXT, integrity_ok INTEGER, mtime_utc TEXT);
CREATE INDEX idx_files_drive ON files(drive_label);
CREATE INDEX idx_files_hash ON files(hash_blake3);";

pub(super) const CATALOG: &str = "
CREATE TABLE drives(
  id INTEGER PRIMARY KEY, label TEXT NOT NULL, mount_path TEXT NOT NULL, fs_format TEXT, total_bytes INTEGER,
  free_bytes INTEGER, smart_scan TEXT, scanned_at TEXT, drive_type TEXT, notes TEXT, scan_mode TEXT, serial TEXT,
  model TEXT);
CREATE UNIQUE INDEX idx_drives_label_unique ON drives(label);
CREATE TABLE jobs(
  id INTEGER PRIMARY KEY, drive_label TEXT NOT NULL, started_at TEXT NOT NULL, status TEXT NOT NULL,
  finished_at TEXT, total_av INTEGER, total_all INTEGER, done_av INTEGER, duration_sec INTEGER, message TEXT);";

pub(super) const SAMPLE_CATALOG: &str = "
CREATE TABLE drives(
  id INTEGER PRIMARY KEY, label TEXT NOT NULL, mount_path TEXT NOT NULL, fs_format TEXT, total_bytes INTEGER,
  free_bytes INTEGER, smart_scan TEXT, scanned_at TEXT NOT NULL, drive_type TEXT, notes TEXT, scan_mode TEXT,
  serial TEXT, model TEXT);
CREATE TABLE jobs(
  id INTEGER PRIMARY KEY, drive_label TEXT NOT NULL, started_at TEXT NOT NULL, finished_at TEXT, status TEXT NOT NULL,
  total_files INTEGER, done_files INTEGER, message TEXT, duration_sec INTEGER, total_av INTEGER, total_all INTEGER);";

pub(super) const STATISTICS: &str = "
CREATE TABLE inventory_stats(
  id INTEGER PRIMARY KEY, scan_ts_utc TEXT NOT NULL, drive_label TEXT NOT NULL, total_files INTEGER NOT NULL,
  by_video INTEGER NOT NULL, by_audio INTEGER NOT NULL, by_image INTEGER NOT NULL, by_document INTEGER NOT NULL,
  by_archive INTEGER NOT NULL, by_executable INTEGER NOT NULL, by_other INTEGER NOT NULL);";

pub(super) const ENRICHMENTS: &str = "
CREATE TABLE features(
  path TEXT PRIMARY KEY, kind TEXT NOT NULL, vec BLOB NOT NULL, dim INTEGER NOT NULL, frames_used INTEGER NOT NULL,
  updated_utc TEXT NOT NULL);
CREATE INDEX idx_features_kind ON features(kind);
CREATE TABLE video_fp_tmk(
  path TEXT PRIMARY KEY, tmk_version TEXT, duration_seconds REAL, sig_bytes BLOB NOT NULL, updated_utc TEXT NOT NULL);
CREATE INDEX idx_video_fp_updated ON video_fp_tmk(updated_utc);
CREATE TABLE audio_fp_chroma(
  path TEXT PRIMARY KEY, chroma_version TEXT, duration_seconds REAL, fp TEXT NOT NULL, updated_utc TEXT NOT NULL);
CREATE INDEX idx_audio_fp_updated ON audio_fp_chroma(updated_utc);
CREATE TABLE video_vhash(path TEXT PRIMARY KEY, vhash64 TEXT NOT NULL, updated_utc TEXT NOT NULL);
CREATE TABLE duplicate_candidates(
  path_a TEXT NOT NULL, path_b TEXT NOT NULL, score REAL NOT NULL, reason TEXT NOT NULL, created_utc TEXT NOT NULL,
  PRIMARY KEY(path_a, path_b, reason));
CREATE VIRTUAL TABLE transcripts USING fts5(path UNINDEXED, content, tokenize='unicode61');
CREATE TABLE transcript_meta(path TEXT PRIMARY KEY, updated_utc TEXT NOT NULL, language TEXT);
CREATE INDEX idx_transcript_meta_lang ON transcript_meta(language);
CREATE VIRTUAL TABLE captions USING fts5(path UNINDEXED, content, tokenize='unicode61');
CREATE TABLE caption_meta(path TEXT PRIMARY KEY, updated_utc TEXT NOT NULL, model TEXT);";
