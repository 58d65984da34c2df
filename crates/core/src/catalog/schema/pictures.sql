-- Pictures of one drive's files: everything here can be made again, and the file may be deleted.

CREATE TABLE about(
  id INTEGER PRIMARY KEY CHECK(id = 1),
  drive_uid TEXT NOT NULL        -- the drive whose file numbers these are
);

CREATE TABLE pictures(
  file_id INTEGER NOT NULL,
  kind TEXT NOT NULL,            -- sheet, poster, thumbnail, cover
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  times_s TEXT,                  -- JSON: the times of a film's frames, in seconds
  webp BLOB NOT NULL,
  PRIMARY KEY(file_id, kind)
) WITHOUT ROWID;

-- Of which files pictures were made, or could not be, and of which state of them.
CREATE TABLE pictured(
  file_id INTEGER PRIMARY KEY,
  size_bytes INTEGER NOT NULL,
  mtime_us INTEGER NOT NULL,
  change_id INTEGER NOT NULL,    -- the shard's last change when they were made
  failure TEXT                   -- why there are none
);
