//! Search by meaning, its index, look-alikes and transcripts, by core.

use std::num::NonZero;
use std::sync::Arc;
use std::time::Instant;

use videocatalog_core::analysis::{self, Look, SimilarError};
use videocatalog_core::cancel::CancelToken;
use videocatalog_core::catalog::store::Catalog;
use videocatalog_core::event::{Event, Sink};
use videocatalog_core::human;
use videocatalog_core::online::OnlineState;
use videocatalog_core::scan::ScanOptions;
use videocatalog_core::search::query::Context;
use videocatalog_core::search::{Hit, shown};
use videocatalog_core::semantic::{
    self, Around, Embedders, IndexStatus, Mode, Part, SemanticError, SemanticHit, SemanticOptions,
    SemanticQuery, What,
};
use videocatalog_core::sight::{self, SightOptions, SightRequest};
use videocatalog_core::transcripts::{self, TranscribeOptions, TranscribeRequest};

use super::CoreBackend;
use crate::backend::Trouble;
use crate::backend::browse::{Asked, Fit, Likeness, Page};
use crate::backend::meaning::Meaning;
use crate::job::Running;

/// Least likeness of what is shown as a look-alike.
const LEAST_LIKENESS: f32 = 0.5;

/// Tells in the bottom bar how far something is.
struct Telling(Arc<Running>);

impl Sink for Telling {
    fn event(&self, event: Event) {
        match event {
            Event::Progress(progress) => {
                let line = progress.listening();
                let line = line.unwrap_or_else(|| human::files(progress.files_seen));
                self.0.tell(line, None);
            }
            Event::Notice(text) | Event::Warning(text) => self.0.tell(text, None),
            _ => {}
        }
    }
}

impl CoreBackend {
    /// Searches by meaning, or by meaning and words.
    pub(super) fn meant(
        &self,
        asked: &Asked,
        mode: Mode,
        cancel: &CancelToken,
    ) -> Result<Page, Trouble> {
        let began = Instant::now();
        let home = self.home();
        semantic::gate(&home.loaded.settings, Part::Search).map_err(SemanticError::from)?;
        let catalog = self.reading()?;
        let options = self.semantic_options();
        let embedders = self.embedders(&options);
        let online = OnlineState::default();
        let around = Around {
            catalog: &catalog,
            searcher: &self.searcher,
            options: &options,
            embedders: &embedders,
            when: &Context::new(home.clock.now_us(), jiff::tz::TimeZone::system),
            is_online: &|drive| online.is_online(drive),
            is_stopped: &|| cancel.is_cancelled(),
        };
        let query = SemanticQuery {
            text: &asked.text,
            mode,
            drive_labels: &asked.labels,
            offset: asked.offset,
            limit: asked.limit,
        };
        let found = semantic::search(&around, &query)?;
        let (hits, fits): (Vec<Hit>, Vec<Fit>) = found.results.into_iter().map(told).unzip();
        Ok(Page {
            total: hits.len() as u64,
            hits,
            fits,
            notes: found.warnings,
            unsearched: Vec::new(),
            elapsed_ms: began.elapsed().as_secs_f64() * 1_000.0,
        })
    }

    /// Finds what looks like a file.
    pub(super) fn alike(
        &self,
        asked: &Asked,
        like: &Likeness,
        cancel: &CancelToken,
    ) -> Result<Page, Trouble> {
        let began = Instant::now();
        let catalog = self.reading()?;
        let drive = catalog.drive(&like.drive_label)?;
        let among = catalog.select(&asked.labels)?;
        let look = Look {
            drive: &drive,
            path: &like.path,
            among: &among,
            kind: None,
            least: LEAST_LIKENESS,
            most: asked.offset + asked.limit,
        };
        let (found, unsearched) = analysis::similar(&catalog, &look, cancel).map_err(|error| {
            let hint = match &error {
                SimilarError::Failed { .. } => {
                    "full scans with light analysis try it once more".into()
                }
                SimilarError::NotAnalysed(_) => {
                    "scan its drive with light analysis; the page Scan has it among its options"
                        .into()
                }
                SimilarError::Store(error) => error.hint(),
            };
            Trouble::new(&error, hint)
        })?;
        let (hits, fits): (Vec<Hit>, Vec<Fit>) = found
            .into_iter()
            .skip(asked.offset)
            .map(|file| {
                let fit = Fit {
                    score: f64::from(file.similarity),
                    why: "looks like it".into(),
                };
                let name = name_of(&file.place.rel_path);
                let hit = Hit {
                    ext: name.rsplit_once('.').map(|(_, ext)| ext.to_lowercase()),
                    name,
                    drive_label: file.place.drive_label,
                    file_id: file.file_id,
                    path: file.place.path,
                    rel_path: file.place.rel_path,
                    path_b64: file.place.path_b64,
                    mime: None,
                    category: file.kind,
                    size_bytes: None,
                    mtime_utc: None,
                    deleted: false,
                };
                (hit, fit)
            })
            .unzip();
        Ok(Page {
            total: (asked.offset + hits.len()) as u64,
            hits,
            fits,
            unsearched,
            notes: Vec::new(),
            elapsed_ms: began.elapsed().as_secs_f64() * 1_000.0,
        })
    }

    /// Looks at images and films of the drives that are there, if there is a model that finds them by texts.
    fn look(&self, catalog: &Catalog, running: &Arc<Running>) -> Result<(), Trouble> {
        let home = self.home();
        let settings = &home.loaded.settings;
        let sight = SightOptions::from_settings(settings);
        if !sight::has_model(sight.model.as_deref(), &home.workdir) {
            return Ok(());
        }
        let online = OnlineState::default();
        for drive in catalog.drives()? {
            if running.cancel.is_cancelled() || !online.is_online(&drive) {
                continue;
            }
            let request = SightRequest {
                label: drive.label,
                only: None,
                again: false,
                sight: sight.clone(),
                options: ScanOptions::from_settings(settings),
            };
            let sink: Arc<dyn Sink> = Arc::new(Telling(Arc::clone(running)));
            let outside = home.surroundings(sink, running.cancel.clone());
            // One drive that is being scanned must not keep the others from being found.
            if let Err(error) = sight::run_on_drive(&request, catalog, &outside) {
                let label = shown(&request.label);
                self.notice(vec![format!("`{label}` was not looked at: {error}")]);
            }
        }
        Ok(())
    }

    fn semantic_options(&self) -> SemanticOptions {
        let home = self.home();
        SemanticOptions::from_settings(&home.loaded.settings.semantic, &home.workdir)
    }

    fn embedders(&self, options: &SemanticOptions) -> Arc<Embedders> {
        let (home, tools) = (self.home(), self.tools());
        self.embedders
            .get(options, &home.workdir, &tools, threads())
    }
}

impl Meaning for CoreBackend {
    fn index_status(&self) -> Result<IndexStatus, Trouble> {
        Ok(semantic::status(&self.semantic_options())?)
    }

    fn build_index(&self, running: &Arc<Running>) -> Result<String, Trouble> {
        let home = self.home();
        semantic::gate(&home.loaded.settings, Part::Index).map_err(SemanticError::from)?;
        let catalog = self.writing()?;
        let options = self.semantic_options();
        self.look(&catalog, running)?;
        let stats = semantic::build(
            &catalog,
            &options,
            &self.embedders(&options),
            What::Everything,
            &running.cancel,
            home.clock.as_ref(),
            &Telling(Arc::clone(running)),
        )?;
        let state = if stats.stopped {
            "Stopped; the next time goes on"
        } else {
            "The index is up to date"
        };
        Ok(format!(
            "{state}: {} looked at, {} embedded",
            human::files(stats.processed),
            human::count(stats.updated)
        ))
    }

    fn transcribe(&self, running: &Arc<Running>) -> Result<String, Trouble> {
        let home = self.home();
        let settings = &home.loaded.settings;
        semantic::gate(settings, Part::Transcribe).map_err(SemanticError::from)?;
        let catalog = self.writing()?;
        let request = TranscribeRequest {
            labels: Vec::new(),
            only: None,
            again: false,
            transcribe: TranscribeOptions::from_settings(&settings.semantic, threads()),
            options: ScanOptions::from_settings(settings),
        };
        let sink: Arc<dyn Sink> = Arc::new(Telling(Arc::clone(running)));
        let outside = home.surroundings(sink, running.cancel.clone());
        let heard = transcripts::run(&request, &catalog, &outside)
            .map_err(|error| Trouble::new(&error, error.hint()))?;
        if running.cancel.is_cancelled() {
            return Ok("Stopped; what was heard is kept, and the next time goes on there".into());
        }
        let built = match semantic::gate(settings, Part::Index) {
            Ok(()) => self.build_index(running)?,
            Err(gated) => format!("It is not found yet: {gated}"),
        };
        if let Some(reason) = heard.iter().find_map(|drive| drive.message.as_deref()) {
            return Err(Trouble::new(
                semantic::no_speech(reason),
                "docs/guide/meaning.md says what it takes",
            ));
        }
        let (done, spoken) = heard.iter().fold((0, 0), |(done, spoken), drive| {
            (done + drive.done, spoken + drive.with_speech)
        });
        Ok(format!(
            "{} listened to, {} of them with speech. {built}",
            human::files(done),
            human::count(spoken)
        ))
    }
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// Returns a hit as the table has it, and why it was found.
fn told(hit: SemanticHit) -> (Hit, Fit) {
    let mut reasons: Vec<String> = hit.why.iter().map(ToString::to_string).collect();
    let snippet = hit.snippet.unwrap_or_default();
    let snippet = snippet.replace("<b>", "").replace("</b>", "");
    if !snippet.is_empty() {
        reasons.push(format!("“{}”", shown(&snippet)));
    }
    let fit = Fit {
        score: hit.score,
        why: reasons.join(" · "),
    };
    let hit = Hit {
        name: name_of(&hit.place.rel_path),
        drive_label: hit.place.drive_label,
        file_id: hit.file_id,
        path: hit.place.path,
        rel_path: hit.place.rel_path,
        path_b64: hit.place.path_b64,
        ext: hit.metadata.extension,
        mime: hit.metadata.mime,
        category: hit.metadata.category,
        size_bytes: hit.metadata.size_bytes,
        mtime_utc: hit.metadata.mtime_utc,
        deleted: false,
    };
    (hit, fit)
}

fn name_of(rel_path: &str) -> String {
    let name = rel_path.rsplit(['/', '\\']).next();
    name.unwrap_or(rel_path).to_owned()
}

impl From<SemanticError> for Trouble {
    fn from(error: SemanticError) -> Self {
        Self::new(&error, error.hint())
    }
}
