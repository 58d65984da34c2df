CREATE UNIQUE INDEX IF NOT EXISTS entries_by_place ON entries(folder_id, name);
