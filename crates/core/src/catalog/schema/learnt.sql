-- Which files models learnt something of. It took long: nothing but the user's wish, or a changed file, makes it anew.

CREATE TABLE learnt(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  drive_uid TEXT NOT NULL,
  file_id INTEGER NOT NULL,      -- its number in the drive's shard
  size_bytes INTEGER NOT NULL,   -- of the file then, and its time of change
  mtime_us INTEGER NOT NULL,
  content BLOB,                  -- hash of its bytes, if they were read: another file of the same need not be treated
  model TEXT NOT NULL,           -- with what
  done_ms INTEGER NOT NULL,      -- how far into the file: a later run goes on here
  is_complete INTEGER NOT NULL,
  failure TEXT,                  -- why there is nothing to be learnt
  change_id INTEGER NOT NULL,    -- rises with everything that is written: who made something of it knows what is new
  updated_utc TEXT NOT NULL,
  is_draft INTEGER NOT NULL,     -- 1: it takes the place of the other one when it is complete
  UNIQUE(drive_uid, file_id, is_draft)
);
CREATE INDEX learnt_by_change ON learnt(drive_uid, change_id);
CREATE INDEX learnt_by_content ON learnt(content) WHERE content IS NOT NULL;
