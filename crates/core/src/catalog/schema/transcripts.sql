-- What is said in the files of all drives. It took long to hear: nothing but the user's wish, or a changed file, makes it anew.

CREATE TABLE transcripts(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  drive_uid TEXT NOT NULL,
  file_id INTEGER NOT NULL,      -- its number in the drive's shard
  size_bytes INTEGER NOT NULL,   -- of the file that was heard, and its time of change
  mtime_us INTEGER NOT NULL,
  model TEXT NOT NULL,           -- with what
  heard_ms INTEGER NOT NULL,     -- so far: a later run goes on here
  is_complete INTEGER NOT NULL,
  failure TEXT,                  -- why there is nothing to be heard
  change_id INTEGER NOT NULL,    -- rises with everything that is written: who made something of it knows what is new
  updated_utc TEXT NOT NULL,
  UNIQUE(drive_uid, file_id)
);
CREATE INDEX transcripts_by_change ON transcripts(drive_uid, change_id);

CREATE TABLE segments(
  transcript_id INTEGER NOT NULL REFERENCES transcripts(id) ON DELETE CASCADE,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  language TEXT,
  text TEXT NOT NULL,
  words TEXT                     -- JSON: [{"start_ms", "end_ms", "text"}], where that was asked for
);
CREATE INDEX segments_by_transcript ON segments(transcript_id, start_ms);
