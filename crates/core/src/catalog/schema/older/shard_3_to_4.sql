-- A few keyframes of a film in one signature, by which films that look alike are found.
CREATE TABLE keyframe_signatures(
  file_id INTEGER PRIMARY KEY REFERENCES entries(id) ON DELETE CASCADE,
  algorithm TEXT NOT NULL,
  duration_seconds REAL,
  signature BLOB NOT NULL,
  updated_utc TEXT NOT NULL
);

-- Of which content fingerprints were taken or tried: bits of 1 TMK, 2 sound, 4 keyframes.
CREATE TABLE fingerprinted(
  file_id INTEGER PRIMARY KEY REFERENCES entries(id) ON DELETE CASCADE,
  size_bytes INTEGER NOT NULL,
  mtime_us INTEGER NOT NULL,
  kinds INTEGER NOT NULL,
  failure TEXT                   -- why one is missing
);
