CREATE UNIQUE INDEX IF NOT EXISTS entries_by_place ON entries(folder_id, name);
-- What changed since something was derived from the rows.
CREATE INDEX IF NOT EXISTS entries_by_change ON entries(change_id);
