//! Building the index: only what changed is embedded again, and what is gone is removed.

use std::collections::HashMap;
use std::path::PathBuf;

use serde::Serialize;
use videocatalog_models::runtime::ModelError;

use super::document::{Passage, describe, passages, timed_lines};
use super::{Embedders, SemanticError, SemanticOptions, sidecar};
use crate::cancel::CancelToken;
use crate::catalog::drives::Drive;
use crate::catalog::files;
use crate::catalog::learnt::{self, Learnt, LearntDb};
use crate::catalog::lock::ShardLock;
use crate::catalog::semantic::Kind;
use crate::catalog::semantic::sources::{self, Beside, SourceRow};
use crate::catalog::semantic::{NewDocument, NewFile, NewFrame, NewTexts, SemanticDb, Standing};
use crate::catalog::shard;
use crate::catalog::store::Catalog;
use crate::clock::{Clock, file_stamp};
use crate::event::{Event, Phase, Progress, Sink};

/// Another number whenever the texts of files are made otherwise.
const TEXTS_VERSION: u32 = 1;

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
    let _lock = ShardLock::acquire(&options.path, "semantic index", clock.now_utc())?;
    put_aside(options, clock, sink)?;
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
        stats: BuildStats {
            model: embedders.text.id().to_owned(),
            vector_dim: embedders.text.dim(),
            ..BuildStats::default()
        },
    };
    if what == What::Anew {
        db.clear(&uid).map_err(|source| build.failed(source))?;
    }
    build.model_id = db
        .model(embedders.text.id(), embedders.text.dim())
        .map_err(|source| build.failed(source))?;
    let drives = catalog.drives()?;
    let uids: Vec<&str> = drives
        .iter()
        .map(|drive| drive.drive_uid.as_str())
        .collect();
    if !matches!(what, What::Drive(_)) {
        build.stats.removed += db
            .remove_other_drives(&uids, options.chunk)
            .map_err(|source| build.failed(source))?;
    }
    let is_wanted = |drive: &&Drive| match what {
        What::Drive(uid) => drive.drive_uid == uid,
        What::Everything | What::Anew => true,
    };
    for drive in drives.iter().filter(is_wanted) {
        if cancel.is_cancelled() {
            break;
        }
        match build.drive(drive) {
            Ok(()) => build.stats.shards += 1,
            Err(SemanticError::Store(error)) => sink.event(Event::Warning(format!(
                "`{}` was left as it is in the index: {error}",
                drive.label
            ))),
            Err(SemanticError::Model(ModelError::Stopped)) => break,
            Err(error) => return Err(error),
        }
    }
    build.stats.stopped = cancel.is_cancelled();
    if build.stats.updated + build.stats.removed > 0 {
        db.optimise().map_err(|source| build.failed(source))?;
    }
    sidecar::refresh(&db, Kind::Documents, build.model_id, embedders.text.dim())?;
    if let Some((model_id, dim)) = db.frame_model().map_err(|source| build.failed(source))? {
        sidecar::refresh(&db, Kind::Frames, model_id, dim)?;
    }
    Ok(build.stats)
}

/// Puts an index aside that is not ours.
fn put_aside(
    options: &SemanticOptions,
    clock: &dyn Clock,
    sink: &dyn Sink,
) -> Result<(), SemanticError> {
    if SemanticDb::standing(&options.path)? != Standing::Other {
        return Ok(());
    }
    let stamp = file_stamp(clock.now_us());
    let aside = files::beside(&options.path, &format!(".{stamp}.bak"));
    files::rename_with_companions(&options.path, &aside).map_err(|source| SemanticError::File {
        path: options.path.display().to_string(),
        source,
    })?;
    sink.event(Event::Notice(format!(
        "`{}` was made by another program; it was kept as `{}`, and an index is built anew",
        options.path.display(),
        aside.display()
    )));
    Ok(())
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
    documents: Vec<(&'static str, Passage)>,
}

impl Build<'_> {
    fn failed(&self, source: rusqlite::Error) -> SemanticError {
        SemanticError::Sqlite {
            path: self.db.path().display().to_string(),
            source,
        }
    }

    fn drive(&mut self, drive: &Drive) -> Result<(), SemanticError> {
        let shard = self
            .catalog
            .open_shard(drive, crate::catalog::Access::Read)?;
        let unreadable = |source| {
            SemanticError::Store(crate::catalog::store::StoreError::Sqlite {
                path: self.catalog.shard_path(drive),
                source,
            })
        };
        let root = shard::root(&shard).map_err(unreadable)?;
        let separator = root.map_or('/', |root| root.separator);
        let change = sources::last_change(&shard).map_err(unreadable)?;
        let (drive_id, known_state) = self
            .db
            .drive(&drive.drive_uid, &drive.label, &drive.mount_path, separator)
            .map_err(|source| self.failed(source))?;
        let last = |db: &Option<LearntDb>| match db {
            Some(db) => db.last_change(&drive.drive_uid).map_err(unread(db)),
            None => Ok(0),
        };
        let (heard, seen) = (last(&self.transcripts)?, last(&self.sights)?);
        let model = self.embedders.text.id();
        let state = format!("{TEXTS_VERSION} {model} {change} {heard} {seen}");
        if known_state.as_deref() == Some(&state) {
            let files = self
                .db
                .files_of_drive(&drive.drive_uid)
                .map_err(|source| self.failed(source))?;
            self.stats.processed += files.len() as u64;
            self.stats.skipped += files.len() as u64;
            return Ok(());
        }
        self.db
            .set_state(drive_id, None)
            .map_err(|source| self.failed(source))?;
        let learnt = |db: &Option<LearntDb>| match db {
            Some(db) => db.of_drive(&drive.drive_uid).map_err(unread(db)),
            None => Ok(HashMap::new()),
        };
        let said = Known {
            beside: Beside::read(&shard).map_err(unreadable)?,
            transcripts: learnt(&self.transcripts)?,
            sights: learnt(&self.sights)?,
        };
        let mut known = Vec::new();
        let mut waiting = Vec::new();
        let result = sources::each(&shard, |row| {
            if self.cancel.is_cancelled() {
                return Err(Stop::Failed(SemanticError::Model(ModelError::Stopped)));
            }
            known.push(row.file_id);
            self.look(drive_id, row, &shard, &said, &mut waiting)?;
            if waiting.len() >= self.options.chunk.max(1) {
                self.write(drive_id, &mut waiting)?;
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
            .set_state(drive_id, Some(&state))
            .map_err(|source| self.failed(source))
    }

    /// Looks whether a file is in the index as it is now, and gathers its texts if not.
    fn look(
        &mut self,
        drive_id: i64,
        row: SourceRow,
        shard: &rusqlite::Connection,
        said: &Known,
        waiting: &mut Vec<Waiting>,
    ) -> Result<(), Stop> {
        self.stats.processed += 1;
        if self.stats.processed.is_multiple_of(1_024) {
            self.tell();
        }
        let digest = self.digest(&row, said, shard)?;
        let known = self
            .db
            .digest(drive_id, row.file_id)
            .map_err(|source| Stop::Failed(self.failed(source)))?;
        let has_same_texts = known.as_ref().is_some_and(|known| known.digest == digest);
        let is_same = known.is_some_and(|known| {
            (known.size_bytes, known.mtime_us) == (row.size_bytes, row.mtime_us)
        });
        if has_same_texts {
            self.stats.skipped += 1;
        }
        if has_same_texts && is_same {
            return Ok(());
        }
        let (mut documents, mut frames) = (Vec::new(), Vec::new());
        if !has_same_texts {
            documents = self.texts(&row, shard, said)?;
            frames = self.frames(&row, said)?;
        }
        waiting.push(Waiting {
            file: NewFile {
                row,
                digest,
                texts: (!has_same_texts).then(|| NewTexts {
                    documents: Vec::new(),
                    frames,
                }),
            },
            documents,
        });
        Ok(())
    }

    /// Returns the digest of everything that a file's texts are made of.
    fn digest(
        &self,
        row: &SourceRow,
        said: &Known,
        shard: &rusqlite::Connection,
    ) -> Result<[u8; 16], Stop> {
        let mut hasher = blake3::Hasher::new();
        let mut put = |bytes: &[u8]| {
            hasher.update(&(bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        };
        put(&TEXTS_VERSION.to_le_bytes());
        put(self.embedders.text.id().as_bytes());
        put(row.path.as_bytes());
        put(row.category.as_bytes());
        put(row.ext.as_deref().unwrap_or_default().as_bytes());
        put(&row.media_change.to_le_bytes());
        put(&row.texts.to_le_bytes());
        for learnt in [said.transcript(row), said.sight(row)] {
            put(&learnt.map_or(0, |learnt| learnt.change_id).to_le_bytes());
        }
        put(&[u8::from(said.beside.has_film(row.file_id))]);
        for subtitle in said.beside.of(row.file_id) {
            for text in sources::subtitles(shard, *subtitle)? {
                put(text.content.as_bytes());
            }
        }
        let mut digest = [0; 16];
        hasher.finalize_xof().fill(&mut digest);
        Ok(digest)
    }

    /// Returns a file's texts: what is known of it, and what is said in it. Subtitles are better than a transcript.
    fn texts(
        &self,
        row: &SourceRow,
        shard: &rusqlite::Connection,
        said: &Known,
    ) -> Result<Vec<(&'static str, Passage)>, Stop> {
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
        let belongs_to_film = said.beside.has_film(row.file_id);
        let own = Some(row.file_id).filter(|_| !belongs_to_film);
        for holder in own.iter().chain(said.beside.of(row.file_id)) {
            for text in sources::subtitles(shard, *holder)? {
                spoken.push(("subtitle", text.content));
            }
        }
        if let (true, Some(transcript), Some(db)) =
            (spoken.is_empty(), said.transcript(row), &self.transcripts)
        {
            let segments = db.segments(transcript.id).map_err(unread(db))?;
            spoken.push(("transcript", timed_lines(&segments)));
        }
        let has_heard = !spoken.is_empty();
        for (kind, content) in sources::older_texts(shard, row.file_id)? {
            let is_better_known = has_heard && kind == "transcript";
            if !(is_placeholder(&content) || is_better_known) {
                spoken.push((kind, content));
            }
        }
        let mut texts = vec![("inventory", known)];
        for (kind, content) in &spoken {
            texts.extend(
                passages(content)
                    .into_iter()
                    .map(|passage| (*kind, passage)),
            );
        }
        Ok(texts)
    }

    /// Returns what is to be seen in a file.
    fn frames(&self, row: &SourceRow, said: &Known) -> Result<Vec<NewFrame>, Stop> {
        let (Some(sight), Some(db)) = (said.sight(row), &self.sights) else {
            return Ok(Vec::new());
        };
        let frames = db.frames(sight.id).map_err(unread(db))?;
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

    /// Embeds what waits, and writes it in one transaction.
    fn write(&mut self, drive_id: i64, waiting: &mut Vec<Waiting>) -> Result<(), SemanticError> {
        let texts: Vec<String> = waiting
            .iter()
            .flat_map(|waiting| &waiting.documents)
            .map(|(_, passage)| passage.text.clone())
            .collect();
        let is_stopped = || self.cancel.is_cancelled();
        let mut vectors = Vec::with_capacity(texts.len());
        for batch in texts.chunks(self.options.batch.max(1)) {
            vectors.extend(self.embedders.text.embed(batch, &is_stopped)?);
        }
        let mut vectors = vectors.into_iter();
        let mut files = Vec::with_capacity(waiting.len());
        for mut waiting in waiting.drain(..) {
            if let Some(texts) = &mut waiting.file.texts {
                self.stats.updated += 1;
                for (kind, passage) in waiting.documents {
                    texts.documents.push(NewDocument {
                        kind,
                        start_ms: passage.start_ms,
                        content: passage.text,
                        vector: vectors.next().unwrap_or_default(),
                    });
                }
            }
            files.push(waiting.file);
        }
        if files.is_empty() {
            return Ok(());
        }
        self.db
            .save(drive_id, self.model_id, &files)
            .map_err(|source| self.failed(source))?;
        self.tell();
        Ok(())
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

/// What is told when it cannot be read what was learnt.
fn unread(db: &LearntDb) -> impl Fn(rusqlite::Error) -> SemanticError {
    |source| SemanticError::Sqlite {
        path: db.path().display().to_string(),
        source,
    }
}

/// Returns whether an older program wrote this in place of a transcript.
fn is_placeholder(content: &str) -> bool {
    content
        .trim_start()
        .starts_with("Transcript placeholder for")
}
