-- What happened to files that were known; that a file is new follows from entries.first_change.
CREATE TABLE file_events(
  change_id INTEGER NOT NULL,    -- the batch
  file_id INTEGER NOT NULL,
  what TEXT NOT NULL,            -- changed, moved, deleted, restored; merged: the row was a moved file's, and is gone
  before_path,                   -- moved: where it was, relative to the root; text, or bytes where it is no UTF-8
  before_size INTEGER,           -- changed: what it was
  before_mtime_us INTEGER,
  PRIMARY KEY(change_id, file_id, what)
) WITHOUT ROWID;

-- Files whose bytes were read again and were those that the catalogue has; hashes.change_id says when they were first.
CREATE TABLE verified(
  file_id INTEGER PRIMARY KEY REFERENCES entries(id) ON DELETE CASCADE,
  verified_us INTEGER NOT NULL   -- when, microseconds since 1970
);

-- Files that were not as the catalogue has them though nothing says that they were written to.
CREATE TABLE verify_findings(
  id INTEGER PRIMARY KEY,
  file_id INTEGER NOT NULL REFERENCES entries(id) ON DELETE CASCADE,
  utc TEXT NOT NULL,
  outcome TEXT NOT NULL,         -- other-bytes, unreadable; sound: an earlier finding no longer holds
  expected BLOB NOT NULL,        -- BLAKE3 in the catalogue
  found BLOB,                    -- BLAKE3 of what was read; NULL: it could not be read
  detail TEXT
);
CREATE INDEX verify_findings_by_file ON verify_findings(file_id, id);
