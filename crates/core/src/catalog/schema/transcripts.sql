-- What is said.

CREATE TABLE segments(
  learnt_id INTEGER NOT NULL REFERENCES learnt(id),
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  language TEXT,
  text TEXT NOT NULL,
  words TEXT                     -- JSON: [{"start_ms", "end_ms", "text"}], where that was asked for
);
CREATE INDEX segments_by_file ON segments(learnt_id, start_ms);
