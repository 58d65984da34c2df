//! What runs models here: an ONNX Runtime where one is found, else what is part of the program.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use image::RgbImage;
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
use crate::settings::GpuPolicy;
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

/// Loads a model. If it is for a graphics card and that fails, at once or while it computes, or has less than so many megabytes
/// of memory left, the processor goes on, for good, and that is told.
///
/// # Errors
/// When the file cannot be read or is no model that can be run.
pub fn session(
    runtime: &Runtime,
    file: &Path,
    min_free_vram_mb: u64,
    sink: &Arc<dyn Sink>,
) -> Result<Box<dyn Session>, ModelError> {
    if runtime.provider() == Provider::Cpu {
        return runtime.load(file);
    }
    let on_processor = runtime.clone().with_provider(Provider::Cpu);
    let (sink, again) = (Arc::clone(sink), on_processor.clone());
    let path = file.to_path_buf();
    let tell = move |error: &ModelError| {
        gpu::note_failure();
        sink.event(Event::Warning(format!(
            "GPU: the graphics card is left ({error}) — using CPU"
        )));
    };
    match runtime.load(file) {
        Ok(session) => {
            let load_other = move || again.load(&path);
            let mut looked = Instant::now();
            let why_leave = move || {
                if looked.elapsed() < LOOK_AGAIN {
                    return None;
                }
                looked = Instant::now();
                let reason = gpu::too_little_memory(gpu::free_bytes(), min_free_vram_mb);
                reason.map(ModelError::Run)
            };
            Ok(Box::new(Falling::new(session, load_other, tell, why_leave)))
        }
        Err(error @ ModelError::Unusable { .. }) => {
            tell(&error);
            on_processor.load(file)
        }
        Err(error) => Err(error),
    }
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

/// Lists the models of the working directory; `tries_on`: each is loaded and run once.
pub fn models(workdir: &WorkingDir, tries_on: Option<&Runtime>) -> Listed {
    let mut problems = Vec::new();
    let found = discover(&workdir.models(), &mut problems);
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
        problems: problems.iter().map(ToString::to_string).collect(),
    }
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
    let embedder = PictureEmbedder::new(vec![session], preprocessing)?;
    let grey = RgbImage::from_fn(64, 64, |x, y| {
        let light = u8::try_from((x * 3 + y) % 256).unwrap_or(0);
        image::Rgb([light, light, 128])
    });
    let vectors = embedder.embed(&[grey], &|| false)?;
    Ok(vectors.first().map_or(0, Vec::len))
}
