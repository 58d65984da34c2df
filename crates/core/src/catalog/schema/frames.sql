-- What is to be seen.

CREATE TABLE frames(
  learnt_id INTEGER NOT NULL REFERENCES learnt(id),
  start_ms INTEGER,              -- when it is shown; NULL: the file is an image
  vec BLOB NOT NULL              -- little-endian float32, of length one
);
CREATE INDEX frames_by_file ON frames(learnt_id, start_ms);
