-- One drive. Folders once, files as (folder, name); what is known of a file's content hangs on its id.
-- The documented tables (`files`, `inventory`, `drives`, `features`, …) are the views at the end; they are for reading.

CREATE TABLE root(
  id INTEGER PRIMARY KEY CHECK(id = 1),
  drive_uid TEXT NOT NULL,
  drive_label TEXT NOT NULL,     -- a copy: catalog.db is authoritative, opening repairs it
  mount_path NOT NULL,           -- where the root was last; text, or bytes where it is no UTF-8
  separator TEXT NOT NULL,       -- `/` or `\`: the drive's home system
  profile TEXT,
  total_bytes INTEGER,
  free_bytes INTEGER,
  smart_scan TEXT,
  scanned_at TEXT,
  legacy_names INTEGER NOT NULL DEFAULT 0, -- 1: names may be NFC where the disk says otherwise
  change_id INTEGER NOT NULL DEFAULT 0     -- the last one given out
);

-- One row a batch that changed something: when. Rows point here instead of carrying times.
CREATE TABLE changes(
  change_id INTEGER PRIMARY KEY,
  utc TEXT NOT NULL
);

-- What a file is taken for, once for all files alike.
CREATE TABLE kinds(
  id INTEGER PRIMARY KEY,
  ext TEXT,                      -- lower case, no dot; NULL: none
  mime TEXT,
  category TEXT NOT NULL,        -- video, audio, image, document, archive, executable, other
  sniffed INTEGER NOT NULL       -- 1: the content was looked at
);
CREATE UNIQUE INDEX kinds_by_content ON kinds(coalesce(ext, ''), coalesce(mime, ''), category, sniffed);

CREATE TABLE folders(
  id INTEGER PRIMARY KEY,
  parent_id INTEGER REFERENCES folders(id),
  path NOT NULL UNIQUE           -- relative to the root, '' for the root; text, or bytes where it is no UTF-8
);
CREATE INDEX folders_by_parent ON folders(parent_id);

CREATE TABLE entries(
  id INTEGER PRIMARY KEY,        -- stays with the file through moves, deletion and return
  folder_id INTEGER NOT NULL REFERENCES folders(id),
  name NOT NULL,                 -- as the file system has it; text, or bytes where it is no UTF-8
  name_folded TEXT,              -- lower case, only where SQLite's own lower() would differ
  size_bytes INTEGER,            -- NULL: known only from an older program's error row
  mtime_us INTEGER,              -- microseconds since 1970, rounded down
  mtime_whole INTEGER NOT NULL DEFAULT 0, -- 1: older row, known to the second only
  inode INTEGER,                 -- NULL where the file system's numbers do not last
  kind_id INTEGER NOT NULL REFERENCES kinds(id),
  first_change INTEGER NOT NULL, -- the batch that first saw it
  change_id INTEGER NOT NULL,    -- the batch that last changed anything known of it
  deleted_change INTEGER         -- the batch that found it gone; NULL: it is there
);
-- entries_by_place(folder_id, name) is made after a drive's first listing: see entries_index.sql.

CREATE TABLE hashes(
  file_id INTEGER PRIMARY KEY REFERENCES entries(id) ON DELETE CASCADE,
  hash BLOB NOT NULL,            -- 32 bytes of the whole file
  legacy INTEGER NOT NULL,       -- 1: from the older program, may be SHA-256: never compared
  stale INTEGER NOT NULL DEFAULT 0, -- 1: the file changed since; kept to see whether its content did
  change_id INTEGER NOT NULL     -- the batch that wrote it
);
CREATE INDEX hashes_by_hash ON hashes(hash);

-- What a file says of itself. The document is shaped like MediaInfo's; the columns after it are what people filter by.
CREATE TABLE media(
  file_id INTEGER PRIMARY KEY REFERENCES entries(id) ON DELETE CASCADE,
  media_json TEXT,
  integrity_ok INTEGER,          -- 1 sound, 0 not; NULL: not judged
  to_redo INTEGER NOT NULL DEFAULT 0, -- 1: an older program's failure; look again
  source TEXT,                   -- who could read it: native, ffprobe, mediainfo; NULL: nobody so far
  reader INTEGER NOT NULL DEFAULT 0, -- version of our reader that looked last; 0: it never did
  asked INTEGER NOT NULL DEFAULT 0, -- who was asked where our reader knew nothing: 1 ffprobe, 2 MediaInfo, 3 both
  integrity_reason TEXT,
  integrity_level INTEGER NOT NULL DEFAULT 0, -- 0 not judged, 1 structure, 2 both ends decoded, 3 all decoded
  subtitles_read INTEGER NOT NULL DEFAULT 0, -- 1: the text subtitles inside were extracted
  container TEXT,
  duration_s REAL,
  bitrate_bps INTEGER,
  video_codec TEXT,              -- names as ffprobe has them
  width INTEGER,                 -- as shown: after rotation
  height INTEGER,
  frame_rate REAL,
  bit_depth INTEGER,
  hdr TEXT,                      -- words with commas: hdr10, hdr10+, hlg, dv
  audio_codec TEXT,
  audio_channels INTEGER,
  video_streams INTEGER,
  audio_streams INTEGER,
  subtitle_streams INTEGER,
  audio_languages TEXT,          -- with commas, as the file names them
  subtitle_languages TEXT,
  title TEXT,
  created TEXT,                  -- when it was recorded or taken, as the file says
  change_id INTEGER NOT NULL DEFAULT 0 -- the batch that last wrote it
);

-- Texts of subtitles: of a subtitle file (stream -1) or of a stream inside a film. One line a cue: `00:12:31 words`.
CREATE TABLE subtitle_texts(
  file_id INTEGER NOT NULL REFERENCES entries(id) ON DELETE CASCADE,
  stream INTEGER NOT NULL,
  language TEXT,
  content TEXT NOT NULL,
  PRIMARY KEY(file_id, stream)
) WITHOUT ROWID;

CREATE TABLE feature_vectors(
  file_id INTEGER PRIMARY KEY REFERENCES entries(id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK(kind IN ('image', 'video')),
  vec BLOB NOT NULL,             -- dim little-endian float32
  dim INTEGER NOT NULL,
  frames_used INTEGER NOT NULL,
  updated_utc TEXT NOT NULL
);

-- Of which content a feature vector was made or tried, and by which model.
CREATE TABLE analysed(
  file_id INTEGER PRIMARY KEY REFERENCES entries(id) ON DELETE CASCADE,
  size_bytes INTEGER NOT NULL,
  mtime_us INTEGER NOT NULL,
  model TEXT NOT NULL,
  failure TEXT                   -- why there is none
);

CREATE TABLE video_signatures(
  file_id INTEGER PRIMARY KEY REFERENCES entries(id) ON DELETE CASCADE,
  tmk_version TEXT,
  duration_seconds REAL,
  sig_bytes BLOB NOT NULL,       -- a whole .tmk file
  updated_utc TEXT NOT NULL
);
CREATE TABLE audio_fingerprints(
  file_id INTEGER PRIMARY KEY REFERENCES entries(id) ON DELETE CASCADE,
  chroma_version TEXT,
  duration_seconds REAL,
  fp TEXT NOT NULL,              -- fpcalc's compressed form
  updated_utc TEXT NOT NULL
);
CREATE TABLE video_hashes(
  file_id INTEGER PRIMARY KEY REFERENCES entries(id) ON DELETE CASCADE,
  vhash64 TEXT NOT NULL,
  updated_utc TEXT NOT NULL
);
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
  failure TEXT,                  -- why one is missing
  captured_us INTEGER NOT NULL DEFAULT 0 -- when, microseconds since 1970
);
-- A picture of a film about every half second, by which parts of it are found.
CREATE TABLE film_timelines(
  file_id INTEGER PRIMARY KEY REFERENCES entries(id) ON DELETE CASCADE,
  algorithm TEXT NOT NULL,
  timeline BLOB NOT NULL,
  updated_utc TEXT NOT NULL
);

-- Hashes of both ends of files that were hashed no further: another one, and the contents differ.
CREATE TABLE file_ends(
  file_id INTEGER PRIMARY KEY REFERENCES entries(id) ON DELETE CASCADE,
  size_bytes INTEGER NOT NULL,
  mtime_us INTEGER NOT NULL,
  ends BLOB NOT NULL             -- BLAKE3 of the first and the last 16 KiB
);

-- Rows of the older program; ours are in the catalogue's table of this name, as pairs reach over drives.
CREATE TABLE duplicate_candidates(
  path_a TEXT NOT NULL,
  path_b TEXT NOT NULL,
  score REAL NOT NULL,
  reason TEXT NOT NULL,
  created_utc TEXT NOT NULL,
  PRIMARY KEY(path_a, path_b, reason)
);

CREATE TABLE transcript_texts(
  file_id INTEGER PRIMARY KEY REFERENCES entries(id) ON DELETE CASCADE,
  content TEXT NOT NULL,
  language TEXT,
  updated_utc TEXT
);
CREATE TABLE caption_texts(
  file_id INTEGER PRIMARY KEY REFERENCES entries(id) ON DELETE CASCADE,
  content TEXT NOT NULL,
  model TEXT,
  updated_utc TEXT
);

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
  outcome TEXT NOT NULL,         -- other-bytes, unreadable; sound: an earlier finding no longer holds; taken: a full rescan took them
  expected BLOB NOT NULL,        -- BLAKE3 in the catalogue
  found BLOB,                    -- BLAKE3 of what was read; NULL: it could not be read
  detail TEXT
);
CREATE INDEX verify_findings_by_file ON verify_findings(file_id, id);

CREATE TABLE scan_state(key TEXT PRIMARY KEY, value TEXT);
