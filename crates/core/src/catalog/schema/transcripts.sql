-- What is said in films and recordings. It took long to find out, so it lies by itself: making an index anew leaves it alone.

CREATE TABLE transcripts(
  id INTEGER PRIMARY KEY,
  drive_uid TEXT NOT NULL,
  file_id INTEGER NOT NULL,      -- its number in the drive's shard
  size_bytes INTEGER NOT NULL,   -- of what the transcript was made: another file, and it is made again
  mtime_us INTEGER NOT NULL,
  model TEXT NOT NULL,           -- who listened, and how
  language TEXT,
  heard_ms INTEGER NOT NULL,     -- how far it was listened to
  is_complete INTEGER NOT NULL,  -- 1: to the end
  failure TEXT,                  -- why there is nothing
  updated_utc TEXT NOT NULL,
  version INTEGER NOT NULL,      -- grows with every change
  UNIQUE(drive_uid, file_id)
);

CREATE TABLE segments(
  transcript_id INTEGER NOT NULL REFERENCES transcripts(id) ON DELETE CASCADE,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  text TEXT NOT NULL,
  words TEXT                     -- JSON: [[start_ms, end_ms, word], …]
);
CREATE INDEX segments_by_transcript ON segments(transcript_id, start_ms);
