//! Which embedder is used: the one that the settings name, else the best of the folder of models, else the built-in one.

use std::path::{Path, PathBuf};

use videocatalog_models::manifest::{Model, Role, discover};
use videocatalog_models::runtime::{ModelError, Runtime};
use videocatalog_models::text::sentence::Usage;
use videocatalog_models::text::{Hashed, Sentence, Table, TextEmbedder};

use super::SemanticOptions;
use crate::workdir::WorkingDir;

/// Tokens of a text that a sentence model sees, where its manifest does not say.
const MOST_TOKENS: usize = 256;

/// What turns texts into vectors, and what was not used and why.
pub struct Embedders {
    /// The embedder of texts.
    pub text: Box<dyn TextEmbedder>,
    /// Its name, for people.
    pub name: String,
    /// What could not be used, and why.
    pub warnings: Vec<String>,
}

/// Finds and loads the embedder. One that cannot be loaded is told of, and the next is taken: there always is one.
pub fn open(options: &SemanticOptions, workdir: &WorkingDir, runtime: &Runtime) -> Embedders {
    let mut warnings = options.warnings.clone();
    let mut problems = Vec::new();
    let mut models = match options.text_embedder.as_deref().map(str::trim) {
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
    models.retain(|model| matches!(model.role, Role::Text | Role::Table));
    models.sort_by_key(|model| model.role != Role::Text);
    for model in models {
        match load(&model, runtime) {
            Ok(text) => {
                return Embedders {
                    text,
                    name: model.name,
                    warnings,
                };
            }
            Err(error) => warnings.push(error.to_string()),
        }
    }
    Embedders {
        text: Box::new(Hashed::new(options.vector_dim)),
        name: "built-in".into(),
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
