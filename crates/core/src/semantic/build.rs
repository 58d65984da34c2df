//! Building the index: only what changed is embedded again, and what is gone is removed.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Serialize;
use videocatalog_models::runtime::ModelError;
use videocatalog_models::text::Hashed;

use super::document::{Passage, describe, passages, timed_lines};
use super::{Embedders, SemanticError, SemanticOptions, place, sidecar};
use crate::cancel::CancelToken;
use crate::catalog::drives::Drive;
use crate::catalog::learnt::{self, Learnt, LearntDb};
use crate::catalog::lock::ShardLock;
use crate::catalog::semantic::Kind;
use crate::catalog::semantic::sources::{self, Beside, SourceRow};
use crate::catalog::semantic::{NewDocument, NewFile, NewFrame, NewTexts, SemanticDb};
use crate::catalog::shard;
use crate::catalog::store::{Catalog, StoreError};
use crate::clock::Clock;
use crate::event::{Event, Phase, Progress, Sink};

/// Another number whenever the texts of files are made otherwise.
const TEXTS_VERSION: u32 = 2;

/// What a build did; the names are those of `/v1/semantic/index`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BuildStats {
    /// Files looked at.
    pub processed: u64,
    /// Files whose texts were embedded.
    pub updated: u64,
    /// Files that were as the index has them.
    pub skipped: u64,
    /// Files that are no more, and were removed.
    pub removed: u64,
    /// Drives read.
    pub shards: u64,
    /// Whether somebody stopped it; another build goes on.
    pub stopped: bool,
    /// With what texts were embedded.
    pub model: String,
    /// Numbers of a vector.
    pub vector_dim: usize,
}

/// What is brought up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What<'w> {
    /// Every drive; drives that were forgotten are removed.
    Everything,
    /// Every drive, after everything was forgotten.
    Anew,
    /// The drive with this uid, and nothing else.
    Drive(&'w str),
}

/// Builds the index.
///
/// # Errors
/// When the catalogue, the index or the model cannot be used. A drive whose shard cannot be read is told of, and left as
/// the index has it.
pub fn build(
    catalog: &Catalog,
    options: &SemanticOptions,
    embedders: &Embedders,
    what: What<'_>,
    cancel: &CancelToken,
    clock: &dyn Clock,
    sink: &dyn Sink,
) -> Result<BuildStats, SemanticError> {
    for warning in &embedders.warnings {
        sink.event(Event::Warning(warning.clone()));
    }
    place::check(catalog, options)?;
    let _lock = ShardLock::acquire(&options.path, "semantic index", clock.now_utc())?;
    place::clear(options, clock, sink)?;
    let uid = catalog.random_key()?;
    let db = SemanticDb::open(&options.path, catalog.journal(), &uid)?;
    let workdir = catalog.workdir();
    let open = |path: PathBuf, what| {
        LearntDb::open_to_read(&path, what).unwrap_or_else(|error| {
            sink.event(Event::Warning(format!("it is left out: {error}")));
            None
        })
    };
    let mut build = Build {
        transcripts: open(workdir.transcripts_db(), learnt::What::Transcripts),
        sights: open(workdir.frames_db(), learnt::What::Frames),
        catalog,
        options,
        embedders,
        cancel,
        sink,
        db: &db,
        model_id: 0,
        unusable: 0,
        stats: BuildStats {
            model: embedders.text.id().to_owned(),
            vector_dim: embedders.text.dim(),
            ..BuildStats::default()
        },
    };
    if what == What::Anew {
        db.clear(&uid).map_err(|source| build.failed(source))?;
    }
    build.refuse_a_worse_model()?;
    build.model_id = db
        .model(embedders.text.id(), embedders.text.dim())
        .map_err(|source| build.failed(source))?;
    let result = build.drives(what);
    build.round_off();
    result?;
    build.stats.stopped = cancel.is_cancelled();
    Ok(build.stats)
}

struct Build<'b> {
    transcripts: Option<LearntDb>,
    sights: Option<LearntDb>,
    catalog: &'b Catalog,
    options: &'b SemanticOptions,
    embedders: &'b Embedders,
    cancel: &'b CancelToken,
    sink: &'b dyn Sink,
    db: &'b SemanticDb,
    model_id: i64,
    /// Texts of which the model made nothing.
    unusable: u64,
    stats: BuildStats,
}

/// What is said and to be seen in the files of a drive.
struct Known {
    beside: Beside,
    transcripts: HashMap<i64, Learnt>,
    sights: HashMap<i64, Learnt>,
}

impl Known {
    /// Returns the transcript of a file as it is now.
    fn transcript(&self, row: &SourceRow) -> Option<&Learnt> {
        of_file(&self.transcripts, row)
    }

    /// Returns what is to be seen in a file as it is now.
    fn sight(&self, row: &SourceRow) -> Option<&Learnt> {
        of_file(&self.sights, row)
    }
}

fn of_file<'l>(learnt: &'l HashMap<i64, Learnt>, row: &SourceRow) -> Option<&'l Learnt> {
    let known = learnt.get(&row.file_id);
    known.filter(|known| known.is_of(row.size_bytes, row.mtime_us))
}

/// A file whose texts wait to be embedded.
struct Waiting {
    file: NewFile,
    documents: Vec<Text>,
}

/// A text of a file, with its kind.
type Text = (&'static str, Passage);

impl Build<'_> {
    fn failed(&self, source: rusqlite::Error) -> SemanticError {
        SemanticError::Sqlite {
            path: self.db.path().display().to_string(),
            source,
        }
    }

    /// A model that cannot be used today must not cost what it made before.
    fn refuse_a_worse_model(&self) -> Result<(), SemanticError> {
        if !self.embedders.is_stand_in {
            return Ok(());
        }
        let main = self.db.main_model(Kind::Documents);
        match main.map_err(|source| self.failed(source))? {
            Some(main) if !main.name.starts_with(Hashed::FAMILY) => {
                Err(SemanticError::ModelMissing { model: main.name })
            }
            _ => Ok(()),
        }
    }

    fn drives(&mut self, what: What<'_>) -> Result<(), SemanticError> {
        let drives = self.catalog.drives()?;
        let uids: Vec<&str> = drives
            .iter()
            .map(|drive| drive.drive_uid.as_str())
            .collect();
        if !matches!(what, What::Drive(_)) {
            self.stats.removed += self
                .db
                .remove_other_drives(&uids, self.options.chunk)
                .map_err(|source| self.failed(source))?;
        }
        let is_wanted = |drive: &&Drive| match what {
            What::Drive(uid) => drive.drive_uid == uid,
            What::Everything | What::Anew => true,
        };
        for drive in drives.iter().filter(is_wanted) {
            if self.cancel.is_cancelled() {
                break;
            }
            match self.drive(drive) {
                Ok(()) => self.stats.shards += 1,
                Err(SemanticError::Store(error)) => self.sink.event(Event::Warning(format!(
                    "`{}` was left as it is in the index: {error}",
                    drive.label
                ))),
                Err(SemanticError::Model(ModelError::Stopped)) => break,
                Err(error) => return Err(error),
            }
            self.freshen();
        }
        Ok(())
    }

    /// Does what makes searching quick, whatever became of the build.
    fn round_off(&self) {
        let (written, all) = (
            self.stats.updated + self.stats.removed,
            self.stats.processed,
        );
        let tidied = self.db.count().and_then(|()| {
            if written == 0 {
                return Ok(());
            }
            self.db.optimise(written > all / 10)
        });
        if let Err(source) = tidied {
            self.sink
                .event(Event::Warning(self.failed(source).to_string()));
        }
        self.freshen();
        if self.unusable > 0 {
            self.sink.event(Event::Warning(format!(
                "the model made nothing of {} texts; they are found by their words alone",
                self.unusable
            )));
        }
    }

    /// Brings the vectors beside the index up to date; without them searching is slow, and right.
    fn freshen(&self) {
        let dim = self.embedders.text.dim();
        let documents = sidecar::refresh(self.db, Kind::Documents, self.model_id, dim);
        let frames = self.db.main_model(Kind::Frames);
        let frames = frames.map_err(|source| self.failed(source));
        let frames = frames.and_then(|model| match model {
            Some(model) => sidecar::refresh(self.db, Kind::Frames, model.id, model.dim),
            None => Ok(()),
        });
        if let Err(error) = documents.and(frames) {
            self.sink.event(Event::Warning(format!(
                "searching by meaning is slow until the next build: {error}"
            )));
        }
    }

    fn drive(&mut self, drive: &Drive) -> Result<(), SemanticError> {
        let shard = self
            .catalog
            .open_shard(drive, crate::catalog::Access::Read)?;
        let shard_path = self.catalog.shard_path(drive);
        let unreadable = |source| unreadable(&shard_path, source);
        let root = shard::root(&shard).map_err(unreadable)?;
        let separator = root.map_or('/', |root| root.separator);
        let change = sources::last_change(&shard).map_err(unreadable)?;
        let (drive_id, known_state) = self
            .db
            .drive(&drive.drive_uid, &drive.label, &drive.mount_path, separator)
            .map_err(|source| self.failed(source))?;
        let last = |db: &Option<LearntDb>| match db {
            Some(db) => db
                .last_change(&drive.drive_uid)
                .map_err(|source| unreadable_learnt(db, source)),
            None => Ok(0),
        };
        let (heard, seen) = (last(&self.transcripts)?, last(&self.sights)?);
        let model = self.embedders.text.id();
        let state = format!("{TEXTS_VERSION} {model} {change} {heard} {seen}");
        if known_state.as_deref() == Some(&state) {
            let files = self.db.count_of_drive(drive_id);
            let files = files.map_err(|source| self.failed(source))?;
            self.stats.processed += files;
            self.stats.skipped += files;
            return Ok(());
        }
        self.db
            .begin_drive(drive_id)
            .map_err(|source| self.failed(source))?;
        let learnt = |db: &Option<LearntDb>| match db {
            Some(db) => db
                .of_drive(&drive.drive_uid)
                .map_err(|source| unreadable_learnt(db, source)),
            None => Ok(HashMap::new()),
        };
        let said = Known {
            beside: Beside::read(&shard).map_err(unreadable)?,
            transcripts: learnt(&self.transcripts)?,
            sights: learnt(&self.sights)?,
        };
        let mut known = Vec::new();
        let mut waiting = Vec::new();
        let mut texts = 0;
        let result = sources::each(&shard, |row| {
            if self.cancel.is_cancelled() {
                return Err(Stop::Failed(SemanticError::Model(ModelError::Stopped)));
            }
            known.push(row.file_id);
            if let Some(changed) = self.look(drive_id, row, &shard, &said)? {
                texts += changed.documents.len().max(1);
                waiting.push(changed);
            }
            if texts >= self.options.chunk.max(1) {
                self.write(drive_id, &mut waiting)?;
                texts = 0;
            }
            Ok(())
        });
        match result {
            Ok(()) => {}
            Err(Stop::Shard(source)) => return Err(unreadable(source)),
            Err(Stop::Failed(error)) => return Err(error),
        }
        self.write(drive_id, &mut waiting)?;
        self.stats.removed += self
            .db
            .remove_others(drive_id, &known, self.options.chunk)
            .map_err(|source| self.failed(source))?;
        self.db
            .end_drive(drive_id, &state, self.model_id, change)
            .map_err(|source| self.failed(source))
    }

    /// Looks whether a file is in the index as it is now; if not, gathers what has changed of it.
    fn look(
        &mut self,
        drive_id: i64,
        row: SourceRow,
        shard: &rusqlite::Connection,
        said: &Known,
    ) -> Result<Option<Waiting>, Stop> {
        self.stats.processed += 1;
        if self.stats.processed.is_multiple_of(1_024) {
            self.tell();
        }
        let mark = self.mark(&row, said, shard)?;
        let known = self
            .db
            .indexed(drive_id, row.file_id)
            .map_err(|source| Stop::Failed(self.failed(source)))?;
        if known.is_some_and(|known| known.mark == mark) {
            self.stats.skipped += 1;
            return Ok(None);
        }
        let documents = self.texts(&row, shard, said)?;
        let digest = self.digest(&documents, said.sight(&row));
        let has_same_texts = known.is_some_and(|known| known.digest == digest);
        let mut file = NewFile {
            row,
            mark,
            digest,
            texts: None,
        };
        if has_same_texts {
            self.stats.skipped += 1;
            return Ok(Some(Waiting {
                file,
                documents: Vec::new(),
            }));
        }
        file.texts = Some(NewTexts {
            documents: Vec::new(),
            frames: self.frames(&file.row, said)?,
        });
        Ok(Some(Waiting { file, documents }))
    }

    /// Returns what is another one whenever a file's texts may be others. It is cheap, so that a million files are soon seen
    /// to be as they were.
    fn mark(
        &self,
        row: &SourceRow,
        said: &Known,
        shard: &rusqlite::Connection,
    ) -> Result<[u8; 16], Stop> {
        let mut digest = Digest::new(self.embedders.text.id());
        digest.put(row.path.as_bytes());
        digest.put(row.category.as_bytes());
        digest.put(row.mime.as_deref().unwrap_or_default().as_bytes());
        digest.put(row.ext.as_deref().unwrap_or_default().as_bytes());
        for number in [row.size_bytes, row.mtime_us] {
            digest.number(number.unwrap_or(i64::MIN));
        }
        digest.number(row.media_change);
        digest.number(row.texts);
        for learnt in [said.transcript(row), said.sight(row)] {
            digest.learnt(learnt);
        }
        digest.put(&[u8::from(said.beside.has_film(row.file_id))]);
        for subtitle in said.beside.of(row.file_id) {
            for text in sources::subtitles(shard, *subtitle)? {
                digest.put(text.content.as_bytes());
            }
        }
        Ok(digest.end())
    }

    /// Returns what is another one whenever something of a file is to be embedded again.
    fn digest(&self, documents: &[Text], sight: Option<&Learnt>) -> [u8; 16] {
        let mut digest = Digest::new(self.embedders.text.id());
        for (kind, passage) in documents {
            digest.put(kind.as_bytes());
            digest.number(passage.start_ms.unwrap_or(-1));
            digest.put(passage.text.as_bytes());
        }
        digest.learnt(sight);
        digest.end()
    }

    /// Returns a file's texts: what is known of it, and what is said in it. Subtitles are better than a transcript.
    fn texts(
        &self,
        row: &SourceRow,
        shard: &rusqlite::Connection,
        said: &Known,
    ) -> Result<Vec<Text>, Stop> {
        let facts = if row.media_change > 0 {
            sources::facts(shard, row.file_id)?
        } else {
            sources::Facts::default()
        };
        let known = Passage {
            start_ms: None,
            text: describe(row, &facts),
        };
        let mut spoken = Vec::new();
        let mut is_told = said.beside.tells(row.file_id);
        if !said.beside.has_film(row.file_id) {
            for text in sources::subtitles(shard, row.file_id)? {
                is_told |= !text.content.is_empty();
                spoken.push(("subtitle", text.content));
            }
        }
        for holder in said.beside.of(row.file_id) {
            for text in sources::subtitles(shard, *holder)? {
                spoken.push(("subtitle", text.content));
            }
        }
        let mut older = sources::older_texts(shard, row.file_id)?;
        older.retain(|(_, content)| !is_placeholder(content));
        let has_older = older.iter().any(|(kind, _)| *kind == "transcript");
        if let (false, Some(transcript), Some(db)) =
            (is_told, said.transcript(row), &self.transcripts)
        {
            let segments = db.segments(transcript.id);
            let segments =
                segments.map_err(|source| Stop::Failed(unreadable_learnt(db, source)))?;
            // A transcript that has only begun says less than a whole one of the older program.
            if !segments.is_empty() && (transcript.is_complete || !has_older) {
                spoken.push(("transcript", timed_lines(&segments)));
                is_told = true;
            }
        }
        older.retain(|(kind, _)| !(is_told && *kind == "transcript"));
        spoken.extend(older);
        let mut texts = vec![("inventory", known)];
        for (kind, content) in &spoken {
            let passages = passages(content).into_iter();
            texts.extend(passages.map(|passage| (*kind, passage)));
        }
        Ok(texts)
    }

    /// Returns what is to be seen in a file.
    fn frames(&self, row: &SourceRow, said: &Known) -> Result<Vec<NewFrame>, Stop> {
        let (Some(sight), Some(db)) = (said.sight(row), &self.sights) else {
            return Ok(Vec::new());
        };
        let frames = db.frames(sight.id);
        let frames = frames.map_err(|source| Stop::Failed(unreadable_learnt(db, source)))?;
        let mut new = Vec::with_capacity(frames.len());
        for frame in frames {
            let model_id = self.db.model(&sight.model, frame.vector.len());
            new.push(NewFrame {
                start_ms: frame.start_ms,
                model_id: model_id.map_err(|source| Stop::Failed(self.failed(source)))?,
                vector: frame.vector,
            });
        }
        Ok(new)
    }

    /// Embeds what waits, and writes it in one transaction. What a file had before keeps its vector.
    fn write(&mut self, drive_id: i64, waiting: &mut Vec<Waiting>) -> Result<(), SemanticError> {
        if waiting.is_empty() {
            return Ok(());
        }
        let mut known = Vec::with_capacity(waiting.len());
        for waiting in waiting
            .iter()
            .filter(|waiting| waiting.file.texts.is_some())
        {
            let vectors =
                self.db
                    .vectors_of_file(drive_id, waiting.file.row.file_id, self.model_id);
            known.push(vectors.map_err(|source| self.failed(source))?);
        }
        let changed = waiting
            .iter()
            .filter(|waiting| waiting.file.texts.is_some());
        let texts: Vec<String> = changed
            .zip(&known)
            .flat_map(|(waiting, known)| waiting.documents.iter().map(move |one| (one, known)))
            .filter(|((_, passage), known)| !known.contains_key(&passage.text))
            .map(|((_, passage), _)| passage.text.clone())
            .collect();
        let mut vectors = Vec::with_capacity(texts.len());
        for batch in texts.chunks(self.options.batch.max(1)) {
            vectors.extend(self.embed(batch)?);
        }
        let (mut vectors, mut known) = (vectors.into_iter(), known.into_iter());
        let mut files = Vec::with_capacity(waiting.len());
        for mut waiting in waiting.drain(..) {
            if let Some(texts) = &mut waiting.file.texts {
                self.stats.updated += 1;
                let known = known.next().unwrap_or_default();
                for (kind, passage) in waiting.documents {
                    let vector = match known.get(&passage.text) {
                        Some(vector) => vector.clone(),
                        None => vectors.next().unwrap_or_default(),
                    };
                    texts.documents.push(NewDocument {
                        kind,
                        start_ms: passage.start_ms,
                        content: passage.text,
                        vector,
                    });
                }
            }
            files.push(waiting.file);
        }
        self.db
            .save(drive_id, self.model_id, &files)
            .map_err(|source| self.failed(source))?;
        self.tell();
        Ok(())
    }

    /// Embeds texts. One of which the model makes nothing costs only itself, unless it makes nothing of any.
    fn embed(&mut self, texts: &[String]) -> Result<Vec<Vec<f32>>, SemanticError> {
        let is_stopped = || self.cancel.is_cancelled();
        let model = &self.embedders.text;
        match model.embed(texts, &is_stopped) {
            Err(ModelError::Output(_)) if texts.len() > 1 => {}
            made => return Ok(made?),
        }
        let mut vectors = Vec::with_capacity(texts.len());
        let mut failures = 0;
        for text in texts {
            vectors.extend(match model.embed(std::slice::from_ref(text), &is_stopped) {
                Err(error @ ModelError::Output(_)) => {
                    failures += 1;
                    if failures == texts.len() {
                        return Err(error.into());
                    }
                    vec![vec![0.0; model.dim()]]
                }
                made => made?,
            });
        }
        self.unusable += failures as u64;
        Ok(vectors)
    }

    fn tell(&self) {
        self.sink.event(Event::Progress(Progress {
            files_seen: self.stats.processed,
            phase_files: None,
            ..Progress::begun(Phase::Indexing, self.stats.processed)
        }));
    }
}

/// Why going through a shard ended.
enum Stop {
    Shard(rusqlite::Error),
    Failed(SemanticError),
}

impl From<rusqlite::Error> for Stop {
    fn from(source: rusqlite::Error) -> Self {
        Self::Shard(source)
    }
}

impl From<SemanticError> for Stop {
    fn from(error: SemanticError) -> Self {
        Self::Failed(error)
    }
}

/// A digest of what a file's texts follow from.
struct Digest(blake3::Hasher);

impl Digest {
    fn new(model: &str) -> Self {
        let mut digest = Self(blake3::Hasher::new());
        digest.put(&TEXTS_VERSION.to_le_bytes());
        digest.put(model.as_bytes());
        digest
    }

    fn put(&mut self, bytes: &[u8]) {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    fn number(&mut self, number: i64) {
        self.put(&number.to_le_bytes());
    }

    fn learnt(&mut self, learnt: Option<&Learnt>) {
        let learnt = learnt.map_or((0, 0), |learnt| (learnt.id, learnt.change_id));
        self.number(learnt.0);
        self.number(learnt.1);
    }

    fn end(self) -> [u8; 16] {
        let mut digest = [0; 16];
        self.0.finalize_xof().fill(&mut digest);
        digest
    }
}

/// What is told of a drive whose rows cannot be read; the others are indexed all the same.
fn unreadable(path: &Path, source: rusqlite::Error) -> SemanticError {
    SemanticError::Store(StoreError::Sqlite {
        path: path.to_path_buf(),
        source,
    })
}

fn unreadable_learnt(db: &LearntDb, source: rusqlite::Error) -> SemanticError {
    unreadable(db.path(), source)
}

/// Returns whether an older program wrote this in place of a transcript.
fn is_placeholder(content: &str) -> bool {
    content
        .trim_start()
        .starts_with("Transcript placeholder for")
}
