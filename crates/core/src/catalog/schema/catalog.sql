-- The catalogue above the shards: which drives there are, what was done to them, what was found.
-- Columns up to the blank comment are the documented ones; scripts read them by these names.

CREATE TABLE drives(
  id INTEGER PRIMARY KEY,
  label TEXT NOT NULL,
  mount_path NOT NULL,           -- where the root was last; text, or bytes where it is no UTF-8
  fs_format TEXT,
  total_bytes INTEGER,
  free_bytes INTEGER,
  smart_scan TEXT,
  scanned_at TEXT,
  drive_type TEXT,               -- the user's own words, such as "HDD 3.5"
  notes TEXT,
  scan_mode TEXT,
  serial TEXT,
  model TEXT,
  --
  drive_uid TEXT NOT NULL UNIQUE,
  shard_file TEXT NOT NULL UNIQUE, -- relative to the working directory, `/` between names; absolute if it lies elsewhere
  volume_tier TEXT,              -- strong, share or weak; NULL until a scan has seen the drive
  volume_id TEXT,
  volume_root,                   -- the root's path inside the volume, `/` between names; text or bytes
  volume_label TEXT,
  profile TEXT                   -- performance profile of the last scan
);
CREATE UNIQUE INDEX idx_drives_label_unique ON drives(label);

CREATE TABLE jobs(
  id INTEGER PRIMARY KEY,
  drive_label TEXT NOT NULL,
  started_at TEXT NOT NULL,
  status TEXT NOT NULL,          -- Running, Done, Stopped, Error
  finished_at TEXT,
  total_av INTEGER,
  total_all INTEGER,
  done_av INTEGER,
  duration_sec INTEGER,
  message TEXT,
  --
  drive_uid TEXT,
  mode TEXT,                     -- delta, full or inventory
  summary_json TEXT,             -- the document that `scan --json` prints
  since_change INTEGER,          -- the shard's last batch before it
  last_change INTEGER            -- the shard's last batch when it ended
);
CREATE INDEX idx_jobs_drive ON jobs(drive_label, id);

CREATE TABLE inventory_stats(
  id INTEGER PRIMARY KEY,
  scan_ts_utc TEXT NOT NULL,
  drive_label TEXT NOT NULL,
  total_files INTEGER NOT NULL,
  by_video INTEGER NOT NULL,
  by_audio INTEGER NOT NULL,
  by_image INTEGER NOT NULL,
  by_document INTEGER NOT NULL,
  by_archive INTEGER NOT NULL,
  by_executable INTEGER NOT NULL,
  by_other INTEGER NOT NULL,
  --
  drive_uid TEXT
);
CREATE INDEX idx_inventory_stats_drive ON inventory_stats(drive_label, id);

-- Older databases whose rows were taken over, so that this happens once.
CREATE TABLE merged_databases(
  path TEXT PRIMARY KEY,         -- relative to the working directory
  signature TEXT NOT NULL,       -- size and time of change; another one means it was written again
  merged_utc TEXT NOT NULL
);
