//! What runs models here: an ONNX Runtime where one is found, else what is part of the program.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use videocatalog_models::manifest::{Model, Role, discover};
use videocatalog_models::picture::PictureEmbedder;
use videocatalog_models::runtime::onnx::Library;
use videocatalog_models::runtime::{ModelError, Provider, Runtime, Session};
use videocatalog_models::service::Falling;
use videocatalog_models::speech::voice::{self, Voice};
use videocatalog_models::speech::{self, Hearing};

use crate::event::{Event, Sink};
use crate::gpu::{self, Capabilities, GpuWishes};
use crate::semantic;
use crate::settings::{GpuPolicy, Settings};
use crate::tools::{Tool, Toolbox};
use crate::workdir::WorkingDir;

/// Returns what runs models, and what to know if it is not what was named.
pub fn runtime(tools: &Toolbox, threads: usize) -> (Runtime, Option<String>) {
    let embedded = Runtime::embedded(threads);
    let Ok(found) = tools.need(Tool::OnnxRuntime) else {
        return (embedded, None);
    };
    let library = fs_err::canonicalize(&found.path)
        .map_err(|error| error.to_string())
        .and_then(|path| Library::open(&path).map_err(|error| error.to_string()));
    match library {
        Ok(library) => (Runtime::onnx(library, Provider::Cpu, threads), None),
        Err(message) => (
            embedded,
            Some(format!("{message}; models are run by the embedded runtime")),
        ),
    }
}

/// The same with a graphics card, where one can be used and is allowed; and what is to be told of it.
pub fn runtime_by(tools: &Toolbox, wishes: &GpuWishes) -> (Runtime, Vec<String>) {
    let (runtime, warning) = runtime(tools, 1);
    let mut messages: Vec<String> = warning.into_iter().collect();
    // Without a library no card can be used, whatever there is.
    let asks = wishes.policy != GpuPolicy::CpuOnly && !gpu::has_failed();
    let found = if asks && tools.need(Tool::OnnxRuntime).is_ok() {
        gpu::known(tools)
    } else {
        Capabilities::default()
    };
    let decision = gpu::decide(wishes, &found, gpu::has_failed());
    messages.extend(decision.messages);
    (runtime.with_provider(decision.provider), messages)
}

/// How often a card's memory is looked at while it computes.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// The graphics card of one run: all sessions leave it together, for the rest of the run, and that is told once.
pub(crate) struct Card {
    provider: Provider,
    min_free_vram_mb: u64,
    sink: Arc<dyn Sink>,
    is_left: AtomicBool,
    /// When its memory was looked at last.
    looked: Mutex<Option<Instant>>,
}

impl Card {
    /// Returns the card, or the processor, that a run begins with.
    pub(crate) fn new(runtime: &Runtime, min_free_vram_mb: u64, sink: &Arc<dyn Sink>) -> Arc<Self> {
        Arc::new(Self {
            provider: runtime.provider(),
            min_free_vram_mb,
            sink: Arc::clone(sink),
            is_left: AtomicBool::new(false),
            looked: Mutex::new(None),
        })
    }

    /// Returns who computes now.
    pub(crate) fn provider(&self) -> Provider {
        if self.is_left.load(Ordering::Relaxed) {
            Provider::Cpu
        } else {
            self.provider
        }
    }

    /// Leaves it because it cannot do what the processor can. It is not tried again before somebody wants that.
    fn fail(&self, error: &dyn std::fmt::Display) {
        gpu::note_failure();
        self.leave(error);
    }

    fn leave(&self, reason: &dyn std::fmt::Display) {
        // Each session finds out by itself; only the first is news.
        if !self.is_left.swap(true, Ordering::Relaxed) {
            self.sink.event(Event::Warning(format!(
                "GPU: the graphics card is left ({reason}) — using CPU"
            )));
        }
    }

    /// Returns whether it was left, or is to be left now as others need its memory.
    fn is_left(&self, free_bytes: impl Fn() -> Option<u64>) -> bool {
        // Only CUDA's cards say how much memory they have.
        if self.provider() == Provider::Cuda
            && self.is_time_to_look()
            && let Some(reason) = gpu::too_little_memory(free_bytes(), self.min_free_vram_mb)
        {
            self.leave(&reason);
        }
        self.provider() == Provider::Cpu
    }

    fn is_time_to_look(&self) -> bool {
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        // It was looked at when the run began.
        let before = looked.get_or_insert(now);
        let is_time = now.duration_since(*before) >= LOOK_AGAIN;
        if is_time {
            *looked = Some(now);
        }
        is_time
    }
}

/// Loads a model to be run so many times at once. If it is for a graphics card and that fails, at once or while it computes,
/// or has too little memory left, the processor goes on, and that is told.
///
/// # Errors
/// When the file cannot be read or is no model that can be run.
pub(crate) fn sessions(
    runtime: &Runtime,
    file: &Path,
    sessions: usize,
    card: &Arc<Card>,
) -> Result<Vec<Box<dyn Session>>, ModelError> {
    if runtime.provider() == Provider::Cpu {
        return runtime.load_many(file, sessions);
    }
    (0..sessions)
        .map(|_| session(runtime, file, card))
        .collect()
}

fn session(
    runtime: &Runtime,
    file: &Path,
    card: &Arc<Card>,
) -> Result<Box<dyn Session>, ModelError> {
    let on_processor = runtime.clone().with_provider(Provider::Cpu);
    if card.provider() == Provider::Cpu {
        return on_processor.load(file);
    }
    let session = match runtime.load(file) {
        Ok(session) => session,
        Err(error @ ModelError::Unusable { .. }) => {
            // What the processor cannot load either is no model.
            let session = on_processor.load(file)?;
            card.fail(&error);
            return Ok(session);
        }
        Err(error) => return Err(error),
    };
    let path = file.to_path_buf();
    let load_other = move || on_processor.load(&path);
    let (failing, asked) = (Arc::clone(card), Arc::clone(card));
    let tell = move |error: &ModelError| failing.fail(error);
    let is_left = move || asked.is_left(gpu::free_bytes);
    Ok(Box::new(Falling::new(session, load_other, tell, is_left)))
}

/// The models of the working directory.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    /// Those that were recognised.
    pub models: Vec<ListedModel>,
    /// What is there and cannot be read.
    pub problems: Vec<String>,
}

/// A model of the working directory.
#[derive(Clone, Debug, Serialize)]
pub struct ListedModel {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub role: &'static str,
    /// Its main file.
    pub file: PathBuf,
    /// Size of that.
    pub size_bytes: u64,
    /// Its licence, as its manifest says.
    pub licence: Option<String>,
    /// What came of trying it; `None`: nobody tried.
    pub tried: Option<String>,
    /// Why it cannot be used.
    pub error: Option<String>,
}

/// Lists the models of the working directory and those that settings name elsewhere; `tries_on`: each is loaded and run once.
pub fn models(workdir: &WorkingDir, settings: &Settings, tries_on: Option<&Runtime>) -> Listed {
    let mut unread = Vec::new();
    let mut found = discover(&workdir.models(), &mut unread);
    let mut problems: Vec<String> = unread.iter().map(ToString::to_string).collect();
    for (key, named) in named_models(settings, workdir) {
        match semantic::named_model(&named, workdir) {
            Ok(model) if found.iter().any(|known| known.file == model.file) => {}
            Ok(model) => found.push(model),
            Err(message) => problems.push(format!("`{key}`: {message}")),
        }
    }
    let models = found.into_iter().map(|model| {
        let tried = tries_on.map(|runtime| try_model(&model, runtime));
        let (tried, error) = match tried {
            None => (None, None),
            Some(Ok(tried)) => (Some(tried), None),
            Some(Err(error)) => (None, Some(error)),
        };
        ListedModel {
            size_bytes: fs_err::metadata(&model.file).map_or(0, |metadata| metadata.len()),
            role: model.role.name(),
            licence: model.manifest.licence.clone(),
            name: model.name,
            file: model.file,
            tried,
            error,
        }
    });
    Listed {
        models: models.collect(),
        problems,
    }
}

/// Returns the models that settings name, each with its key.
fn named_models(settings: &Settings, workdir: &WorkingDir) -> Vec<(&'static str, String)> {
    let models = &settings.semantic.models;
    let of_pictures = settings.light_analysis.model_path.as_ref();
    let absolute = |path: &PathBuf| workdir.root().join(path).to_string_lossy().into_owned();
    let named = [
        ("light_analysis.model_path", of_pictures.map(absolute)),
        (
            "semantic.models.text_embedder",
            models.text_embedder.clone(),
        ),
        (
            "semantic.models.vision_embedder",
            models.vision_embedder.clone(),
        ),
        ("semantic.models.transcriber", models.transcriber.clone()),
    ];
    let named = named.into_iter().filter_map(|(key, named)| {
        let named = named?.trim().to_owned();
        (!matches!(named.as_str(), "" | "built-in")).then_some((key, named))
    });
    named.collect()
}

/// Loads a model and runs it once; returns what it gave.
fn try_model(model: &Model, runtime: &Runtime) -> Result<String, String> {
    let told = |error: ModelError| error.to_string();
    match model.role {
        Role::Text | Role::Table => {
            let embedder = semantic::load_embedder(model, runtime).map_err(told)?;
            Ok(format!("vectors of {} numbers", embedder.dim()))
        }
        Role::Picture => {
            let numbers = try_pictures(model, runtime).map_err(told)?;
            Ok(format!("vectors of {numbers} numbers"))
        }
        Role::Speech => {
            model.digest().map_err(told)?;
            let hearing = Hearing {
                language: None,
                temperature: 0.0,
                has_words: false,
                threads: 1,
            };
            let header = speech::ggml::read(&model.file).map_err(told)?;
            speech::load(&model.file, &hearing, Box::new(|| false)).map_err(told)?;
            Ok(if header.is_multilingual {
                "knows many languages".into()
            } else {
                "knows English".into()
            })
        }
        Role::VoiceActivity => {
            model.digest().map_err(told)?;
            let mut voice =
                Voice::silero(runtime.load(&model.file).map_err(told)?).map_err(told)?;
            let silence = voice.likelihood(&[0.0; voice::FRAME]).map_err(told)?;
            Ok(format!(
                "silence is speech with a likelihood of {silence:.3}"
            ))
        }
        Role::TwoTower => {
            let text = semantic::load_text_tower(model, runtime).map_err(told)?;
            let numbers = try_pictures(model, runtime).map_err(told)?;
            if numbers != text.dim() {
                return Err(format!(
                    "its vectors of texts have {} numbers, those of pictures {numbers}",
                    text.dim()
                ));
            }
            Ok(format!("vectors of {numbers} numbers"))
        }
    }
}

/// Has a model look at a picture; returns how many numbers it gives.
fn try_pictures(model: &Model, runtime: &Runtime) -> Result<usize, ModelError> {
    model.digest()?;
    let session = runtime.load(&model.file)?;
    let preprocessing = model.manifest.preprocessing.unwrap_or_default();
    PictureEmbedder::new(vec![session], preprocessing)?.try_out(&|| false)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Remembers what was told.
    #[derive(Default)]
    struct Told(Mutex<Vec<String>>);

    impl Sink for Told {
        fn event(&self, event: Event) {
            if let Event::Warning(text) = event {
                self.0.lock().unwrap().push(text);
            }
        }
    }

    fn card(provider: Provider) -> (Arc<Card>, Arc<Told>) {
        let told = Arc::new(Told::default());
        let sink: Arc<dyn Sink> = Arc::<Told>::clone(&told);
        let runtime = Runtime::embedded(1).with_provider(provider);
        (Card::new(&runtime, 512, &sink), told)
    }

    fn look_now(card: &Card) {
        *card.looked.lock().unwrap() = Instant::now().checked_sub(LOOK_AGAIN);
    }

    #[test]
    fn a_card_without_memory_is_left_by_all_and_told_of_once() {
        let (nvidia, told) = card(Provider::Cuda);
        let full = || Some(100 << 20);
        // It was looked at a moment ago.
        assert!(!nvidia.is_left(full));
        look_now(&nvidia);
        assert!(!nvidia.is_left(|| Some(512 << 20)));
        look_now(&nvidia);
        assert!(nvidia.is_left(full));
        assert!(nvidia.is_left(|| Some(4 << 30)), "for the rest of the run");
        nvidia.leave(&"another session");
        assert_eq!(nvidia.provider(), Provider::Cpu);
        let said = told.0.lock().unwrap().join("; ");
        assert!(
            said.contains("only 100 MB") && !said.contains("another"),
            "{said}"
        );

        // Windows' interface does not say whose memory is short.
        let (other, told) = card(Provider::Dml);
        look_now(&other);
        assert!(!other.is_left(full));
        assert!(told.0.lock().unwrap().is_empty());
    }

    #[test]
    fn a_file_that_is_no_model_is_not_the_cards_fault() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.onnx");
        fs_err::write(&file, b"no model").unwrap();
        let (nvidia, told) = card(Provider::Cuda);
        let runtime = Runtime::embedded(1).with_provider(Provider::Cuda);
        assert!(sessions(&runtime, &file, 2, &nvidia).is_err());
        assert_eq!(nvidia.provider(), Provider::Cuda);
        assert!(told.0.lock().unwrap().is_empty());
    }
}
