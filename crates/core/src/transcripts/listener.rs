//! What listens: the models of speech and of voices that are used, and what is to be known of them.

use crossbeam_channel::{Receiver, Sender, bounded};
use videocatalog_models::manifest::{Model, Role, discover};
use videocatalog_models::runtime::ModelError;
use videocatalog_models::speech::voice::Voice;
use videocatalog_models::speech::{self, Heard, Transcriber};

use super::TranscribeOptions;
use crate::inference;
use crate::scan::Surroundings;
use crate::semantic::named_model;
use crate::tools::make_thread_gentle;
use crate::workdir::WorkingDir;

/// What listens.
pub struct Listener {
    /// Turns speech into text.
    pub transcriber: Box<dyn Transcriber>,
    /// Tells speech from silence.
    pub voice: Voice,
    /// What is written beside each transcript.
    pub model: String,
    /// What was not found or not obeyed.
    pub warnings: Vec<String>,
}

/// Transcribes on a thread of its own that lets others go first; what it starts for its arithmetic does the same.
struct Gentle {
    /// Whether another sound begins, and what is to be heard.
    windows: Sender<(bool, Vec<f32>)>,
    is_another: bool,
    answers: Receiver<Result<Heard, ModelError>>,
}

impl Gentle {
    fn start(mut transcriber: Box<dyn Transcriber>) -> std::io::Result<Self> {
        let (windows, to_hear) = bounded::<(bool, Vec<f32>)>(1);
        let (heard, answers) = bounded(1);
        std::thread::Builder::new()
            .name("listen".into())
            .spawn(move || {
                make_thread_gentle();
                while let Ok((is_another, window)) = to_hear.recv() {
                    if is_another {
                        transcriber.begin();
                    }
                    // Nobody waits any more once the other half is gone.
                    if heard.send(transcriber.transcribe(&window)).is_err() {
                        return;
                    }
                }
            })?;
        Ok(Self {
            windows,
            is_another: true,
            answers,
        })
    }
}

impl Transcriber for Gentle {
    fn begin(&mut self) {
        self.is_another = true;
    }

    fn transcribe(&mut self, samples: &[f32]) -> Result<Heard, ModelError> {
        let gone = || ModelError::Run("what listens broke off".into());
        let window = (std::mem::take(&mut self.is_another), samples.to_vec());
        self.windows.send(window).map_err(|_| gone())?;
        self.answers.recv().map_err(|_| gone())?
    }
}

/// Finds and loads the models.
///
/// # Errors
/// Why nothing listens, in words.
pub fn open_listener(
    options: &TranscribeOptions,
    workdir: &WorkingDir,
    outside: &Surroundings,
) -> Result<Listener, String> {
    let mut warnings = Vec::new();
    let model = find_model(options, workdir, &mut warnings)?;
    let digest = model.digest().map_err(|error| error.to_string())?;
    let cancel = outside.cancel.clone();
    let is_stopped = Box::new(move || cancel.is_cancelled());
    let transcriber = speech::load(&model.file, &options.hearing, is_stopped)
        .map_err(|error| error.to_string())?;
    let transcriber = Gentle::start(transcriber).map_err(|error| error.to_string())?;
    let voice = voice(workdir, outside, &mut warnings);
    let short = digest.to_hex();
    Ok(Listener {
        transcriber: Box::new(transcriber),
        voice,
        model: format!("{} {}", model.name, short.get(..12).unwrap_or_default()),
        warnings,
    })
}

/// Returns the model that is named, else the one of the size that is asked for, else the only one of another size.
fn find_model(
    options: &TranscribeOptions,
    workdir: &WorkingDir,
    warnings: &mut Vec<String>,
) -> Result<Model, String> {
    if !speech::IS_BUILT_IN {
        return Err(
            "this program was built without what turns speech into text (the cargo feature `whisper`)"
                .into(),
        );
    }
    if let Some(named) = options
        .transcriber
        .as_deref()
        .map(str::trim)
        .filter(|named| !named.is_empty())
    {
        let model = named_model(named, workdir)
            .map_err(|message| format!("`semantic.models.transcriber`: {message}"))?;
        return match model.role {
            Role::Speech => Ok(model),
            _ => Err(format!(
                "`semantic.models.transcriber`: `{}` is no model of speech (a `ggml-*.bin` of whisper.cpp)",
                model.file.display()
            )),
        };
    }
    let mut problems = Vec::new();
    let mut models = discover(&workdir.models(), &mut problems);
    warnings.extend(problems.iter().map(ToString::to_string));
    models.retain(|model| model.role == Role::Speech);
    let size = options.size.trim().to_lowercase();
    let fits = |model: &&Model| {
        let name = model.name.to_lowercase();
        let name = name.trim_start_matches("ggml-");
        // `small` is also `small.en` and `small-q5_1`, and not `smaller`.
        name.strip_prefix(size.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']))
    };
    if let Some(model) = models.iter().find(fits) {
        return Ok(model.clone());
    }
    let Some(other) = models.into_iter().next() else {
        return Err(format!(
            "there is no model of speech in `{}`: put `ggml-{}.bin` of whisper.cpp there",
            workdir.models().display(),
            options.size
        ));
    };
    warnings.push(format!(
        "there is no model of the size `{}` (`semantic.transcribe.model`); `{}` is used",
        options.size, other.name
    ));
    Ok(other)
}

/// Returns what tells speech from silence: the model, if there is one that can be used.
fn voice(workdir: &WorkingDir, outside: &Surroundings, warnings: &mut Vec<String>) -> Voice {
    let models = discover(&workdir.models(), &mut Vec::new());
    let Some(model) = models
        .into_iter()
        .find(|model| model.role == Role::VoiceActivity)
    else {
        warnings.push(format!(
            "there is no model of voices (`silero_vad.onnx`) in `{}`: whatever is loud enough is listened to, music too",
            workdir.models().display()
        ));
        return Voice::Loudness;
    };
    let (runtime, warning) = inference::runtime(&outside.tools, 1);
    warnings.extend(warning);
    let loaded = runtime.load(&model.file).and_then(Voice::silero);
    loaded.unwrap_or_else(|error| {
        warnings.push(format!(
            "`{}` cannot be used ({error}); whatever is loud enough is listened to",
            model.file.display()
        ));
        Voice::Loudness
    })
}
