//! Which embedder is used: the one that the settings name, else the best of the folder of models, else the built-in one.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use videocatalog_models::manifest::{Model, Role, discover};
use videocatalog_models::runtime::{ModelError, Runtime};
use videocatalog_models::text::sentence::Usage;
use videocatalog_models::text::{Hashed, Sentence, Table, TextEmbedder};

use super::SemanticOptions;
use crate::inference;
use crate::tools::Toolbox;
use crate::workdir::WorkingDir;

/// Tokens of a text that a sentence model sees, where its manifest does not say.
const MOST_TOKENS: usize = 256;

/// Tokens that the text half of a model of pictures and texts sees: CLIP knows no more.
const TOWER_TOKENS: usize = 77;

/// The cosines of CLIP: of a picture and a text that has nothing to do with it, and of one that describes it.
const LIKENESS: [f32; 2] = [0.18, 0.32];

/// What turns texts into vectors, and what was not used and why.
pub struct Embedders {
    /// The embedder of texts.
    pub text: Box<dyn TextEmbedder>,
    /// Its name, for people.
    pub name: String,
    /// What finds frames by texts, if there is a model for that.
    pub towers: Option<Towers>,
    /// Whether the built-in embedder is used though nobody asked for it: a model is missing, or cannot be used.
    pub is_stand_in: bool,
    /// What could not be used, and why.
    pub warnings: Vec<String>,
}

/// Embedders that a program which runs for long keeps, and loads anew when the models have changed.
#[derive(Default)]
pub struct KeptEmbedders(Mutex<Option<(blake3::Hash, Arc<Embedders>)>>);

impl KeptEmbedders {
    /// Returns those that are kept, or loads them.
    pub fn get(
        &self,
        options: &SemanticOptions,
        workdir: &WorkingDir,
        tools: &Toolbox,
        threads: usize,
    ) -> Arc<Embedders> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let state = state_of(options, workdir);
        match kept.as_ref() {
            Some((known, embedders)) if *known == state => Arc::clone(embedders),
            _ => {
                let found = Arc::new(load_best(options, workdir, tools, threads));
                *kept = Some((state, Arc::clone(&found)));
                found
            }
        }
    }

    /// Lets go of them, as something else runs models from now on.
    pub fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Finds and loads the embedders, with what runs models on this machine.
pub fn load_best(
    options: &SemanticOptions,
    workdir: &WorkingDir,
    tools: &Toolbox,
    threads: usize,
) -> Embedders {
    let (runtime, warning) = inference::runtime(tools, threads);
    let mut found = open(options, workdir, &runtime);
    found.warnings.extend(warning);
    found
}

/// Returns what is another one whenever other models may be found: names, sizes and times of what is in the folder of
/// models, and what the settings say.
fn state_of(options: &SemanticOptions, workdir: &WorkingDir) -> blake3::Hash {
    let mut state = blake3::Hasher::new();
    state.update(format!("{options:?}").as_bytes());
    let mut folders = vec![workdir.models()];
    while let Some(folder) = folders.pop() {
        let mut entries: Vec<_> = fs_err::read_dir(&folder)
            .into_iter()
            .flatten()
            .flatten()
            .collect();
        entries.sort_by_key(fs_err::DirEntry::path);
        for entry in entries {
            let path = entry.path();
            let Ok(about) = fs_err::metadata(&path) else {
                continue;
            };
            // A model is a file, or files in one folder.
            if about.is_dir() && folder == workdir.models() {
                folders.push(path);
                continue;
            }
            let about = (&path, about.len(), about.modified().ok());
            state.update(format!("{about:?}").as_bytes());
        }
    }
    state.finalize()
}

/// A model of pictures and texts; what it needs for texts is loaded when something is looked for.
pub struct Towers {
    /// Its name, for people.
    pub name: String,
    /// What is written beside each vector that it makes.
    pub id: String,
    /// The cosine of what has nothing to do with one another, and of what surely has.
    pub likeness: [f32; 2],
    text: OnceLock<Result<Box<dyn TextEmbedder>, String>>,
    model: Model,
    runtime: Runtime,
}

impl Towers {
    fn new(model: Model, runtime: &Runtime) -> Result<Self, ModelError> {
        Ok(Self {
            name: model.name.clone(),
            id: model.id()?,
            likeness: model.manifest.likeness.unwrap_or(LIKENESS),
            text: OnceLock::new(),
            model,
            runtime: runtime.clone(),
        })
    }

    /// Returns what turns texts into vectors that can be compared with frames'.
    ///
    /// # Errors
    /// Why it cannot be loaded.
    pub fn text(&self) -> Result<&dyn TextEmbedder, String> {
        let loaded = self.text.get_or_init(|| {
            load_text_tower(&self.model, &self.runtime).map_err(|error| error.to_string())
        });
        match loaded {
            Ok(text) => Ok(text.as_ref()),
            Err(message) => Err(message.clone()),
        }
    }

    /// Returns how surely a frame shows what is looked for, 0 to 1.
    pub fn likelihood(&self, cosine: f64) -> f64 {
        let [nothing, surely] = self.likeness.map(f64::from);
        ((cosine - nothing) / (surely - nothing).max(1e-6)).clamp(0.0, 1.0)
    }
}

/// Returns the model of pictures and texts that the settings name, else the first of the folder of models.
///
/// # Errors
/// Why the one that is named is none.
pub(crate) fn find_towers(
    named: Option<&str>,
    workdir: &WorkingDir,
) -> Result<Option<Model>, String> {
    if let Some(named) = named.map(str::trim).filter(|named| !named.is_empty()) {
        let told = |message: String| format!("`semantic.models.vision_embedder`: {message}");
        let model = named_model(named, workdir).map_err(told)?;
        if model.role != Role::TwoTower {
            return Err(told(format!(
                "`{}` is no model of pictures and texts (`vision.onnx`, `text.onnx`, `tokenizer.json`)",
                model.file.display()
            )));
        }
        return Ok(Some(model));
    }
    let models = discover(&workdir.models(), &mut Vec::new());
    let mut towers = models
        .into_iter()
        .filter(|model| model.role == Role::TwoTower);
    Ok(towers.next())
}

/// Loads what a model of pictures and texts needs for texts.
pub(crate) fn load_text_tower(
    model: &Model,
    runtime: &Runtime,
) -> Result<Box<dyn TextEmbedder>, ModelError> {
    let part = |name: &str| {
        model.part(name).ok_or_else(|| ModelError::Unusable {
            path: model.file.clone(),
            message: format!("it has no {name}"),
        })
    };
    let usage = Usage {
        most_tokens: model.manifest.max_tokens.unwrap_or(TOWER_TOKENS),
        query_prefix: model.manifest.query_prefix.clone(),
        text_prefix: model.manifest.text_prefix.clone(),
    };
    let session = runtime.load(part("text.onnx")?)?;
    let text = Sentence::new(model.id()?, vec![session], part("tokenizer.json")?, &usage)?;
    Ok(Box::new(text))
}

/// Finds and loads the embedder. One that cannot be loaded is told of, and the next is taken: there always is one.
pub fn open(options: &SemanticOptions, workdir: &WorkingDir, runtime: &Runtime) -> Embedders {
    let mut warnings = options.warnings.clone();
    let mut problems = Vec::new();
    let named = options.text_embedder.as_deref().map(str::trim);
    let mut models = match named {
        None | Some("") => discover(&workdir.models(), &mut problems),
        Some("built-in") => Vec::new(),
        Some(named) => match named_model(named, workdir) {
            Ok(model) => vec![model],
            Err(message) => {
                warnings.push(format!("`semantic.models.text_embedder`: {message}"));
                Vec::new()
            }
        },
    };
    warnings.extend(problems.iter().map(ToString::to_string));
    let towers = find_towers(options.vision_embedder.as_deref(), workdir).and_then(|model| {
        let towers = model.map(|model| Towers::new(model, runtime)).transpose();
        towers.map_err(|error| error.to_string())
    });
    let towers = towers.unwrap_or_else(|message| {
        warnings.push(message);
        None
    });
    models.retain(|model| matches!(model.role, Role::Text | Role::Table));
    models.sort_by_key(|model| model.role != Role::Text);
    for model in models {
        match load(&model, runtime) {
            Ok(text) => {
                return Embedders {
                    text,
                    name: model.name,
                    towers,
                    is_stand_in: false,
                    warnings,
                };
            }
            Err(error) => warnings.push(error.to_string()),
        }
    }
    Embedders {
        text: Box::new(Hashed::new(options.vector_dim)),
        name: "built-in".into(),
        towers,
        is_stand_in: named != Some("built-in"),
        warnings,
    }
}

/// Loads a model of texts.
pub(crate) fn load(model: &Model, runtime: &Runtime) -> Result<Box<dyn TextEmbedder>, ModelError> {
    let tokenizer = model
        .part("tokenizer.json")
        .ok_or_else(|| ModelError::Unusable {
            path: model.file.clone(),
            message: "it has no tokenizer.json".into(),
        })?;
    let id = model.id()?;
    if model.role == Role::Table {
        return Ok(Box::new(Table::load(id, &model.file, tokenizer)?));
    }
    let usage = Usage {
        most_tokens: model.manifest.max_tokens.unwrap_or(MOST_TOKENS),
        query_prefix: model.manifest.query_prefix.clone(),
        text_prefix: model.manifest.text_prefix.clone(),
    };
    let session = runtime.load(&model.file)?;
    let sentence = Sentence::new(id, vec![session], tokenizer, &usage)?;
    Ok(Box::new(sentence))
}

/// Returns the model that a setting names: a file or folder, absolute or in the folder of models.
pub(crate) fn named_model(named: &str, workdir: &WorkingDir) -> Result<Model, String> {
    if named.contains("://") || named.starts_with("hf:") {
        return Err(format!(
            "`{named}` is an address; nothing is fetched: put the model into `{}` and name its folder",
            workdir.models().display()
        ));
    }
    let candidates: [PathBuf; 3] = [
        workdir.models().join(named),
        workdir.root().join(named),
        Path::new(named).to_path_buf(),
    ];
    let Some(path) = candidates.iter().find(|path| path.exists()) else {
        return Err(format!(
            "`{named}` is neither in `{}` nor elsewhere; nothing is fetched",
            workdir.models().display()
        ));
    };
    Model::at(path)
        .map_err(|error| error.to_string())?
        .ok_or_else(|| format!("`{}` holds no model", path.display()))
}
