-- Of which content a feature vector was made or tried, and by which model.
CREATE TABLE analysed(
  file_id INTEGER PRIMARY KEY REFERENCES entries(id) ON DELETE CASCADE,
  size_bytes INTEGER NOT NULL,
  mtime_us INTEGER NOT NULL,
  model TEXT NOT NULL,
  failure TEXT                   -- why there is none
);
