//! What one search looks up in the index, and what is told of what it finds.

use videocatalog_models::runtime::ModelError;

use super::rank::Ranked;
use super::words::{Wanted, expression, rarity, telling};
use super::{Evidence, Metadata, SemanticHit, failed};
use crate::catalog::drives::Drive;
use crate::catalog::semantic::{FileRow, Found, Kind, SemanticDb};
use crate::clock::utc_text;
use crate::human;
use crate::report::FilePlace;
use crate::semantic::document::Passage;
use crate::semantic::{Embedders, SemanticError, sidecar};

/// What one search looks up.
pub(super) struct Look<'l> {
    pub(super) db: &'l SemanticDb,
    /// How many it has.
    pub(super) documents: u64,
    pub(super) embedders: &'l Embedders,
    pub(super) meant: &'l str,
    pub(super) words: Vec<Wanted>,
    pub(super) is_stopped: &'l dyn Fn() -> bool,
}

impl Look<'_> {
    /// Returns the files whose texts are nearest to what is meant.
    pub(super) fn near(
        &self,
        counts: &(dyn Fn(i64) -> bool + Sync),
        most: usize,
        drives: &[Drive],
        warnings: &mut Vec<String>,
    ) -> Result<Vec<Found>, SemanticError> {
        let failed = failed(self.db);
        let text = &self.embedders.text;
        let Some(model_id) = self.db.find_model(text.id()).map_err(&failed)? else {
            if self
                .db
                .main_model(Kind::Documents)
                .map_err(&failed)?
                .is_none()
            {
                return Ok(Vec::new());
            }
            warnings.push(format!(
                "the index was built with another model than `{}`: `videocatalog semantic index build` brings it up to date",
                self.embedders.name
            ));
            return Ok(Vec::new());
        };
        for indexed in self.db.drives().map_err(&failed)? {
            let drive = drives.iter().find(|drive| drive.drive_uid == indexed.uid);
            if let Some(drive) = drive
                && indexed.is_whole
                && indexed.model_id != Some(model_id)
            {
                warnings.push(format!(
                    "`{}` was indexed with another model than `{}`: `videocatalog semantic index build` brings it up to date",
                    drive.label, self.embedders.name
                ));
            }
        }
        let rarity = |word: &str| rarity(self.db, self.documents, word);
        let query = text.embed_query(self.meant, &rarity, self.is_stopped)?;
        if query.iter().all(|number| *number == 0.0) {
            return Ok(Vec::new());
        }
        if query.iter().any(|number| !number.is_finite()) {
            return Err(ModelError::Output("numbers that are none".into()).into());
        }
        let mut found = sidecar::nearest(self.db, Kind::Documents, model_id, &query, counts, most)
            .map_err(&failed)?;
        found.retain(|found| found.score > 0.0);
        Ok(found)
    }

    /// Returns the files in which something is to be seen that is meant, with how surely as their score.
    pub(super) fn seen(
        &self,
        counts: &(dyn Fn(i64) -> bool + Sync),
        most: usize,
        warnings: &mut Vec<String>,
    ) -> Result<Vec<Found>, SemanticError> {
        let failed = failed(self.db);
        let Some(towers) = &self.embedders.towers else {
            return Ok(Vec::new());
        };
        // Nothing was looked at by this model: it need not be loaded.
        let Some(model_id) = self.db.find_model(&towers.id).map_err(&failed)? else {
            if self.db.main_model(Kind::Frames).map_err(&failed)?.is_some() {
                warnings.push(format!(
                    "frames were looked at by another model than `{}`: `videocatalog semantic frames` looks at them again",
                    towers.name
                ));
            }
            return Ok(Vec::new());
        };
        let text = match towers.text() {
            Ok(text) => text,
            Err(message) => {
                warnings.push(format!("frames are not searched: {message}"));
                return Ok(Vec::new());
            }
        };
        let query = match text.embed_query(self.meant, &|_| 1.0, self.is_stopped) {
            Ok(query) => query,
            Err(ModelError::Stopped) => return Err(ModelError::Stopped.into()),
            // What is known in words is found all the same.
            Err(error) => {
                warnings.push(format!("frames are not searched: {error}"));
                return Ok(Vec::new());
            }
        };
        let found = sidecar::nearest(self.db, Kind::Frames, model_id, &query, counts, most)
            .map_err(&failed)?;
        let likely = found.into_iter().map(|found| Found {
            score: towers.likelihood(found.score),
            ..found
        });
        Ok(likely.filter(|found| found.score > 0.0).collect())
    }

    /// Returns the files whose texts have the words, and how many they are.
    pub(super) fn worded(
        &self,
        counts: &dyn Fn(i64) -> bool,
        most: usize,
    ) -> Result<(Vec<Found>, u64), SemanticError> {
        let Some(expression) = expression(&telling(self.db, self.documents, &self.words)) else {
            return Ok((Vec::new(), 0));
        };
        self.db
            .matching(&expression, counts, most)
            .map_err(failed(self.db))
    }

    /// Returns what is told of a file; `None` where it is no more.
    pub(super) fn hit(
        &self,
        rank: usize,
        ranked: &Ranked,
        drives: &[Drive],
    ) -> Result<Option<SemanticHit>, SemanticError> {
        let failed = failed(self.db);
        let Some(file) = self.db.file(ranked.file).map_err(&failed)? else {
            return Ok(None);
        };
        // One that was forgotten since is not found any more.
        let Some(drive) = drives
            .iter()
            .find(|drive| drive.drive_uid == file.drive_uid)
        else {
            return Ok(None);
        };
        let mut hit = hit_of(rank, ranked, &file, drive);
        let of_kind = |kind: Kind| {
            let near = ranked.near.filter(|near| near.kind == kind);
            near.map(|near| near.found)
        };
        if let Some(found) = of_kind(Kind::Frames) {
            let start_ms = self.db.frame_time(found.document).map_err(&failed)?;
            hit.why.push(Evidence::Seen {
                likelihood: rounded(found.score),
                at: start_ms.map(human::clock),
                at_s: start_ms.map(|ms| ms / 1_000),
            });
        }
        let documents = [ranked.worded, of_kind(Kind::Documents)];
        for (found, is_worded) in documents.into_iter().zip([true, false]) {
            let Some(found) = found else { continue };
            let Some(document) = self.db.document(found.document).map_err(&failed)? else {
                continue;
            };
            if is_worded && let Some(expression) = expression(&self.words) {
                hit.snippet = self
                    .db
                    .snippet(found.document, &expression)
                    .map_err(&failed)?;
            }
            let passage = Passage {
                start_ms: document.start_ms,
                text: document.content,
            };
            let evidence = match document.kind.as_str() {
                "inventory" if is_worded => Evidence::Name,
                "inventory" => Evidence::Meaning {
                    similarity: rounded(found.score),
                },
                "caption" => Evidence::Caption,
                _ => Evidence::Said {
                    at: passage.start_ms.map(human::clock),
                    at_s: passage.start_ms.map(|ms| ms / 1_000),
                },
            };
            if matches!(evidence, Evidence::Said { .. }) && hit.metadata.transcript.is_none() {
                hit.metadata.transcript = Some(passage.text.clone());
            }
            if hit.snippet.is_none() {
                hit.snippet = Some(cut(&passage.text));
            }
            if !hit.why.contains(&evidence) {
                hit.why.push(evidence);
            }
        }
        Ok(Some(hit))
    }
}

fn hit_of(rank: usize, ranked: &Ranked, file: &FileRow, drive: &Drive) -> SemanticHit {
    SemanticHit {
        rank,
        place: FilePlace::new(drive, file.separator, &file.rel_path),
        file_id: file.file_id,
        score: rounded(ranked.score),
        mode: ranked.mode,
        snippet: None,
        metadata: Metadata {
            category: file.category.clone(),
            mime: file.mime.clone(),
            extension: file.ext.clone(),
            size_bytes: file.size_bytes,
            mtime_utc: file.mtime_us.map(utc_text),
            transcript: None,
        },
        why: Vec::new(),
    }
}

fn rounded(score: f64) -> f64 {
    (score * 1e6).round() / 1e6
}

fn cut(text: &str) -> String {
    const LONGEST: usize = 220;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let cut: String = text.chars().take(LONGEST).collect();
    format!("{cut}…")
}
