-- What is searched by meaning: the files of all drives as texts, and vectors of those. All of it can be made again.

CREATE TABLE about(
  id INTEGER PRIMARY KEY CHECK(id = 1),
  index_uid TEXT NOT NULL,       -- which index this is: a sidecar of another one is not used
  documents INTEGER NOT NULL DEFAULT 0, -- how many there are, and of how many files: counting a million takes longer than searching them
  files INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE models(
  model_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,     -- with what vectors were made
  dim INTEGER NOT NULL
);

CREATE TABLE drives(
  drive_id INTEGER PRIMARY KEY,
  drive_uid TEXT NOT NULL UNIQUE,
  drive_label TEXT NOT NULL,     -- copies of what the catalogue says
  mount_path TEXT NOT NULL,
  separator TEXT NOT NULL,
  state TEXT,                    -- what all of it was made of; NULL: some of it is missing or old
  model_id INTEGER REFERENCES models(model_id), -- with what all of it was embedded; NULL: not all of it was
  change_id INTEGER              -- the shard's last change then
);

-- A number is never given twice: a search that a build overtakes names no other file.
CREATE TABLE files(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  drive_id INTEGER NOT NULL REFERENCES drives(drive_id),
  file_id INTEGER NOT NULL,      -- its number in the drive's shard
  rel_path NOT NULL,             -- text, or bytes where it is no UTF-8
  category TEXT NOT NULL,
  mime TEXT,
  ext TEXT,
  size_bytes INTEGER,
  mtime_us INTEGER,
  mark BLOB NOT NULL,            -- of what its documents follow from: the same, and nothing has to be looked at
  digest BLOB NOT NULL,          -- of its documents themselves and the models: the same, and nothing has to be embedded
  UNIQUE(drive_id, file_id)
);

-- Texts of a file. A number is never given twice, so that what was derived from the rows knows what is new.
CREATE TABLE documents(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  file INTEGER NOT NULL REFERENCES files(id),
  kind TEXT NOT NULL,            -- inventory: names and what is known; subtitle, transcript: what is said; caption
  start_ms INTEGER,              -- when it is said
  content TEXT NOT NULL
);
CREATE INDEX documents_by_file ON documents(file);
CREATE INDEX documents_said ON documents(kind, file) WHERE kind <> 'inventory';

CREATE TABLE embeddings(
  document_id INTEGER PRIMARY KEY REFERENCES documents(id),
  model_id INTEGER NOT NULL REFERENCES models(model_id),
  vec BLOB NOT NULL              -- dim little-endian float32, of length one; all zeros: it says nothing
);
CREATE INDEX embeddings_by_model ON embeddings(model_id);

-- What is to be seen in a file, at a time: what a model of pictures and texts made of it.
CREATE TABLE frames(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  file INTEGER NOT NULL REFERENCES files(id),
  start_ms INTEGER,              -- NULL: the file is an image
  model_id INTEGER NOT NULL REFERENCES models(model_id),
  vec BLOB NOT NULL
);
CREATE INDEX frames_by_file ON frames(file);
CREATE INDEX frames_by_model ON frames(model_id);

CREATE VIRTUAL TABLE semantic_documents_fts USING fts5(
  content, content = 'documents', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE words USING fts5vocab(semantic_documents_fts, 'row');
CREATE TRIGGER documents_added AFTER INSERT ON documents BEGIN
  INSERT INTO semantic_documents_fts(rowid, content) VALUES(new.id, new.content);
END;
CREATE TRIGGER documents_gone AFTER DELETE ON documents BEGIN
  INSERT INTO semantic_documents_fts(semantic_documents_fts, rowid, content) VALUES('delete', old.id, old.content);
END;

-- The documented table, for reading.
CREATE VIEW semantic_documents AS
SELECT d.id, r.drive_label,
       rtrim(r.mount_path, r.separator) || r.separator || CAST(f.rel_path AS TEXT) AS path,
       d.content, e.vec AS embedding, m.dim, 1.0 AS embedding_norm, d.kind,
       strftime('%Y-%m-%dT%H:%M:%SZ', f.mtime_us / 1000000, 'unixepoch') AS updated_utc,
       json_object('category', f.category, 'mime', f.mime, 'extension', f.ext, 'size_bytes', f.size_bytes,
                   'start_ms', d.start_ms) AS metadata
  FROM documents d JOIN files f ON f.id = d.file JOIN drives r ON r.drive_id = f.drive_id
  LEFT JOIN embeddings e ON e.document_id = d.id LEFT JOIN models m ON m.model_id = e.model_id;
