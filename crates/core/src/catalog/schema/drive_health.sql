-- What disks said of their own health, one row a disk and look. A drive that lies on several disks has several rows of
-- one time.
CREATE TABLE IF NOT EXISTS drive_health(
  id INTEGER PRIMARY KEY,
  drive_uid TEXT NOT NULL,
  utc TEXT NOT NULL,
  status TEXT NOT NULL,          -- Good, Warning, Failing, Unknown
  temperature_c INTEGER,
  power_on_hours INTEGER,
  reallocated INTEGER,           -- sectors that were replaced by spare ones
  pending INTEGER,               -- sectors that could not be read and wait to be replaced
  uncorrectable INTEGER,         -- reads that failed for good
  wear_percent INTEGER,          -- how much of an SSD's endurance is used
  reasons TEXT,                  -- why it is not Good: a JSON array of sentences
  device TEXT
);
CREATE INDEX IF NOT EXISTS idx_drive_health_drive ON drive_health(drive_uid, id);
