-- Contents whose fingerprints were compared with those of all others. A content is `b3:` and its hash, or, where it was not
-- hashed, `file:` and which file it was when.
CREATE TABLE IF NOT EXISTS compared(
  content TEXT PRIMARY KEY,
  stamp TEXT NOT NULL            -- which fingerprints, and how they were compared
) WITHOUT ROWID;

-- Pairs of contents that look or sound alike, and what was measured; `duplicates` judges by these. All can be made again.
CREATE TABLE IF NOT EXISTS duplicate_candidates(
  content_a TEXT NOT NULL,
  content_b TEXT NOT NULL,       -- after content_a
  score REAL,                    -- as judged with the settings of then; NULL: not enough
  reason TEXT,                   -- consensus, video, audio, clip
  created_utc TEXT NOT NULL,
  are_films INTEGER NOT NULL,    -- 1: both
  keyframes REAL,                -- likeness, 0 to 1
  laid TEXT,                     -- how one has to be laid to look like the other, if not as it is
  is_still INTEGER NOT NULL,     -- 1: one is nearly the same picture all the time
  tmk REAL,
  sound REAL,                    -- share of bits that are equal
  shift_s REAL,
  part TEXT,                     -- a or b: that one is a part of the other
  part_from_s REAL,              -- where it is in the other
  part_to_s REAL,
  part_share REAL,               -- how much of it is there
  PRIMARY KEY(content_a, content_b)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS duplicate_candidates_by_b ON duplicate_candidates(content_b);

-- Pairs that a person said are no duplicates.
CREATE TABLE IF NOT EXISTS not_duplicates(
  content_a TEXT NOT NULL,
  content_b TEXT NOT NULL,
  created_utc TEXT NOT NULL,
  names TEXT NOT NULL,           -- the two files as they were called then
  PRIMARY KEY(content_a, content_b)
) WITHOUT ROWID;
