ALTER TABLE fingerprinted ADD COLUMN captured_us INTEGER NOT NULL DEFAULT 0;

-- A picture of a film about every half second, by which parts of it are found.
CREATE TABLE film_timelines(
  file_id INTEGER PRIMARY KEY REFERENCES entries(id) ON DELETE CASCADE,
  algorithm TEXT NOT NULL,
  timeline BLOB NOT NULL,
  updated_utc TEXT NOT NULL
);

-- Hashes of both ends of files: another one, and the contents differ.
CREATE TABLE file_ends(
  file_id INTEGER PRIMARY KEY REFERENCES entries(id) ON DELETE CASCADE,
  size_bytes INTEGER NOT NULL,
  mtime_us INTEGER NOT NULL,
  ends BLOB NOT NULL
);
