//! Features, fingerprints and texts of the older program, moved from paths to the entries they speak of.

use rusqlite::types::Value;
use rusqlite::{Row, params, params_from_iter};

use super::fill::Filler;
use super::rows;
use crate::clock::{parse_utc, utc_text};

/// One older table and where its rows go. The first column is the path, the last the time, which decides between two
/// rows of one file.
struct Table {
    from: &'static str,
    columns: &'static [&'static str],
    insert: &'static str,
    judge: fn(&[Value]) -> Verdict,
}

/// Whether a row can be used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Keep,
    /// It says nothing that a reader could use.
    Drop,
    /// It was written before there was anything to write, and has to be made again.
    Redo,
}

const FEATURES: Table = Table {
    from: "features",
    columns: &["path", "kind", "vec", "dim", "frames_used", "updated_utc"],
    insert: "INSERT INTO feature_vectors(file_id, kind, vec, dim, frames_used, updated_utc)
             VALUES(?1, ?2, ?3, ?4, coalesce(?5, 0), ?6)
             ON CONFLICT(file_id) DO UPDATE SET kind = excluded.kind, vec = excluded.vec, dim = excluded.dim,
               frames_used = excluded.frames_used, updated_utc = excluded.updated_utc
              WHERE excluded.updated_utc >= updated_utc",
    judge: |values| match values {
        [Value::Text(kind), Value::Blob(vec), Value::Integer(dim), ..]
            if (kind == "image" || kind == "video") && !vec.is_empty() && *dim > 0 =>
        {
            Verdict::Keep
        }
        _ => Verdict::Drop,
    },
};

const FINGERPRINTS: [Table; 3] = [
    Table {
        from: "video_fp_tmk",
        columns: &["path", "tmk_version", "duration_seconds", "sig_bytes", "updated_utc"],
        insert: "INSERT INTO video_signatures(file_id, tmk_version, duration_seconds, sig_bytes, updated_utc)
                 VALUES(?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT(file_id) DO UPDATE SET tmk_version = excluded.tmk_version,
                   duration_seconds = excluded.duration_seconds, sig_bytes = excluded.sig_bytes,
                   updated_utc = excluded.updated_utc
                  WHERE excluded.updated_utc >= updated_utc",
        judge: |values| match values {
            [_, _, Value::Blob(signature), ..] if signature.iter().any(|&byte| byte != 0) => {
                Verdict::Keep
            }
            _ => Verdict::Redo,
        },
    },
    Table {
        from: "audio_fp_chroma",
        columns: &["path", "chroma_version", "duration_seconds", "fp", "updated_utc"],
        insert: "INSERT INTO audio_fingerprints(file_id, chroma_version, duration_seconds, fp, updated_utc)
                 VALUES(?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT(file_id) DO UPDATE SET chroma_version = excluded.chroma_version,
                   duration_seconds = excluded.duration_seconds, fp = excluded.fp, updated_utc = excluded.updated_utc
                  WHERE excluded.updated_utc >= updated_utc",
        judge: |values| match values {
            [_, _, Value::Text(fingerprint), ..] if !fingerprint.trim().is_empty() => Verdict::Keep,
            _ => Verdict::Redo,
        },
    },
    Table {
        from: "video_vhash",
        columns: &["path", "vhash64", "updated_utc"],
        insert: "INSERT INTO video_hashes(file_id, vhash64, updated_utc) VALUES(?1, ?2, ?3)
                 ON CONFLICT(file_id) DO UPDATE SET vhash64 = excluded.vhash64, updated_utc = excluded.updated_utc
                  WHERE excluded.updated_utc >= updated_utc",
        judge: |values| match values {
            [Value::Text(hash), ..] if !hash.trim().is_empty() => Verdict::Keep,
            _ => Verdict::Redo,
        },
    },
];

/// A full-text table, the table beside it, the column that says in which language or by which model, and where the
/// rows go. Two texts of one file: the last one written stays.
const TEXTS: [(&str, &str, &str, &str); 2] = [
    (
        "transcripts",
        "transcript_meta",
        "language",
        "INSERT OR REPLACE INTO transcript_texts(file_id, content, language, updated_utc) VALUES(?1, ?2, ?3, ?4)",
    ),
    (
        "captions",
        "caption_meta",
        "model",
        "INSERT OR REPLACE INTO caption_texts(file_id, content, model, updated_utc) VALUES(?1, ?2, ?3, ?4)",
    ),
];

impl Filler<'_> {
    /// Takes everything that hangs on paths besides the files themselves.
    pub(super) fn take_enrichments(&mut self, now_utc: &str) -> rusqlite::Result<()> {
        self.take_table(&FEATURES, now_utc)?;
        for table in &FINGERPRINTS {
            self.take_table(table, now_utc)?;
        }
        for (table, meta, about, insert) in TEXTS {
            self.take_texts(table, meta, about, insert)?;
        }
        self.take_candidates(now_utc)
    }

    fn take_table(&mut self, table: &Table, now_utc: &str) -> rusqlite::Result<()> {
        let source = self.source;
        let Some(sql) = source.select(table.from, table.columns, "")? else {
            return Ok(());
        };
        let mut select = source.connection.prepare(&sql)?;
        let mut found = select.query([])?;
        while let Some(row) = found.next()? {
            let values = values(row, table.columns.len(), now_utc)?;
            match (table.judge)(&values) {
                Verdict::Keep => {}
                Verdict::Drop => {
                    self.counts.dropped_features += 1;
                    continue;
                }
                Verdict::Redo => {
                    self.counts.redo += 1;
                    continue;
                }
            }
            let path = rows::bytes(row, 0)?.unwrap_or_default();
            let Some(file) = self.attach(&path)? else {
                continue;
            };
            self.target
                .prepare_cached(table.insert)?
                .execute(params_from_iter(
                    std::iter::once(Value::Integer(file)).chain(values),
                ))?;
        }
        Ok(())
    }

    fn take_texts(
        &mut self,
        table: &str,
        meta: &str,
        about: &str,
        insert: &str,
    ) -> rusqlite::Result<()> {
        let source = self.source;
        let Some(sql) = source.select(table, &["path", "content"], "")? else {
            return Ok(());
        };
        let meta = source.select(meta, &["path", about, "updated_utc"], "WHERE path = ?1")?;
        let mut select = source.connection.prepare(&sql)?;
        let mut found = select.query([])?;
        while let Some(row) = found.next()? {
            let path = rows::bytes(row, 0)?.unwrap_or_default();
            let Some(content) = rows::text(row, 1)? else {
                continue;
            };
            let (mut said_of, mut updated) = (None, None);
            if let Some(meta) = &meta {
                let mut select = source.connection.prepare_cached(meta)?;
                let mut found = select.query([row.get::<_, Value>(0)?])?;
                if let Some(row) = found.next()? {
                    said_of = rows::words(row, 1)?;
                    updated = rows::utc(row, 2)?;
                }
            }
            if let Some(file) = self.attach(&path)? {
                self.target
                    .prepare_cached(insert)?
                    .execute(params![file, content, said_of, updated])?;
            }
        }
        Ok(())
    }

    /// Pairs keep the paths they were written with.
    fn take_candidates(&mut self, now_utc: &str) -> rusqlite::Result<()> {
        let columns = ["path_a", "path_b", "score", "reason", "created_utc"];
        let source = self.source;
        let Some(sql) = source.select("duplicate_candidates", &columns, "")? else {
            return Ok(());
        };
        let mut select = source.connection.prepare(&sql)?;
        let mut found = select.query([])?;
        while let Some(row) = found.next()? {
            // A split shard has no way to tell whose pair it was: each keeps those it can.
            self.target
                .prepare_cached(
                    "INSERT OR IGNORE INTO duplicate_candidates(path_a, path_b, score, reason, created_utc)
                     VALUES(?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(params![
                    row.get::<_, Value>(0)?,
                    row.get::<_, Value>(1)?,
                    row.get::<_, Value>(2)?,
                    row.get::<_, Value>(3)?,
                    rows::utc(row, 4)?.as_deref().unwrap_or(now_utc),
                ])?;
        }
        Ok(())
    }
}

/// Returns a row's values without the path; the last one becomes a time in our form, now if it is none.
fn values(row: &Row<'_>, count: usize, now_utc: &str) -> rusqlite::Result<Vec<Value>> {
    let mut values = (1..count)
        .map(|column| row.get(column))
        .collect::<rusqlite::Result<Vec<Value>>>()?;
    if let Some(last) = values.last_mut() {
        let time = match last {
            Value::Text(text) => parse_utc(text),
            _ => None,
        };
        *last = Value::Text(time.map_or_else(|| now_utc.to_owned(), utc_text));
    }
    Ok(values)
}
