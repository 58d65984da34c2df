-- The documented tables. Dropped and made anew whenever a shard's schema is brought up to date.

-- A path with a name that is no UTF-8 is a blob: a text of such bytes would break the reader of every other row.
CREATE VIEW paths AS
SELECT file_id,
       CASE WHEN is_blob THEN CAST(below AS BLOB) ELSE below END AS rel_path,
       CASE WHEN is_blob THEN CAST(mount || replaced AS BLOB) ELSE mount || replaced END AS path
  FROM (SELECT e.id AS file_id,
               'blob' IN (typeof(f.path), typeof(e.name), typeof(r.mount_path)) AS is_blob,
               CASE f.path WHEN '' THEN e.name ELSE f.path || '/' || e.name END AS below,
               CASE f.path WHEN '' THEN e.name
                 ELSE CASE r.separator WHEN '/' THEN f.path ELSE replace(f.path, '/', '\') END || r.separator || e.name
               END AS replaced,
               CASE substr(r.mount_path, -1) WHEN r.separator THEN r.mount_path
                 ELSE r.mount_path || r.separator END AS mount
          FROM entries e JOIN folders f ON f.id = e.folder_id JOIN root r ON r.id = 1);

-- Every known file, deleted ones included.
CREATE VIEW files AS
SELECT e.id AS id,
       r.drive_label AS drive_label,
       p.path AS path,
       e.size_bytes AS size_bytes,
       k.category IN ('video', 'audio') AS is_av,
       CASE WHEN h.stale = 0 THEN lower(hex(h.hash)) END AS hash_blake3,
       m.media_json AS media_json,
       m.integrity_ok AS integrity_ok,
       CASE WHEN e.mtime_us IS NULL THEN NULL ELSE coalesce(
         strftime('%Y-%m-%dT%H:%M:%SZ', (e.mtime_us - ((e.mtime_us % 1000000) + 1000000) % 1000000) / 1000000, 'unixepoch'),
         CASE WHEN e.mtime_us < 0 THEN '0000-01-01T00:00:00Z' ELSE '9999-12-31T23:59:59Z' END) END AS mtime_utc,
       e.deleted_change IS NOT NULL AS deleted,
       (SELECT utc FROM changes WHERE change_id = e.deleted_change) AS deleted_ts,
       (SELECT utc FROM changes WHERE change_id = e.first_change) AS first_seen_utc,
       (SELECT utc FROM changes WHERE change_id = e.change_id) AS updated_utc,
       p.rel_path AS rel_path,
       CASE WHEN h.stale IS NOT 0 THEN NULL WHEN h.legacy THEN 'legacy' ELSE 'ours' END AS hash_origin
  FROM entries e
  JOIN paths p ON p.file_id = e.id
  JOIN root r ON r.id = 1
  JOIN kinds k ON k.id = e.kind_id
  LEFT JOIN hashes h ON h.file_id = e.id
  LEFT JOIN media m ON m.file_id = e.id;

-- The files that are there.
CREATE VIEW inventory AS
SELECT p.path AS path,
       e.size_bytes AS size_bytes,
       CASE WHEN e.mtime_us IS NULL THEN NULL ELSE coalesce(
         strftime('%Y-%m-%dT%H:%M:%SZ', (e.mtime_us - ((e.mtime_us % 1000000) + 1000000) % 1000000) / 1000000, 'unixepoch'),
         CASE WHEN e.mtime_us < 0 THEN '0000-01-01T00:00:00Z' ELSE '9999-12-31T23:59:59Z' END) END AS mtime_utc,
       k.ext AS ext,
       k.mime AS mime,
       k.category AS category,
       r.drive_label AS drive_label,
       r.profile AS drive_type,
       (SELECT utc FROM changes WHERE change_id = e.change_id) AS indexed_utc,
       coalesce(e.name_folded, lower(e.name)) AS name,
       p.rel_path AS rel_path
  FROM entries e
  JOIN paths p ON p.file_id = e.id
  JOIN root r ON r.id = 1
  JOIN kinds k ON k.id = e.kind_id
 WHERE e.deleted_change IS NULL;

CREATE VIEW drives AS
SELECT id, drive_label AS label, mount_path, total_bytes, free_bytes, smart_scan, scanned_at FROM root;

CREATE VIEW features AS
SELECT p.path, t.kind, t.vec, t.dim, t.frames_used, t.updated_utc
  FROM feature_vectors t JOIN paths p USING (file_id);
CREATE VIEW video_fp_tmk AS
SELECT p.path, t.tmk_version, t.duration_seconds, t.sig_bytes, t.updated_utc
  FROM video_signatures t JOIN paths p USING (file_id);
CREATE VIEW audio_fp_chroma AS
SELECT p.path, t.chroma_version, t.duration_seconds, t.fp, t.updated_utc
  FROM audio_fingerprints t JOIN paths p USING (file_id);
CREATE VIEW video_vhash AS
SELECT p.path, t.vhash64, t.updated_utc FROM video_hashes t JOIN paths p USING (file_id);
CREATE VIEW transcripts AS
SELECT p.path, t.content FROM transcript_texts t JOIN paths p USING (file_id);
CREATE VIEW transcript_meta AS
SELECT p.path, t.updated_utc, t.language FROM transcript_texts t JOIN paths p USING (file_id);
CREATE VIEW captions AS
SELECT p.path, t.content FROM caption_texts t JOIN paths p USING (file_id);
CREATE VIEW caption_meta AS
SELECT p.path, t.updated_utc, t.model FROM caption_texts t JOIN paths p USING (file_id);
