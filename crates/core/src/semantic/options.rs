//! What the settings say of semantic work, and what they forbid.

use std::path::PathBuf;

use super::Mode;
use crate::settings::{Gate, Semantic, Settings};
use crate::workdir::WorkingDir;

/// The work that a setting may forbid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Building the index.
    Index,
    /// Searching it.
    Search,
    /// Making transcripts.
    Transcribe,
}

/// A setting forbids it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{key}` is off: {what}")]
pub struct Gated {
    /// The setting.
    pub key: &'static str,
    /// What is not done.
    pub what: &'static str,
}

impl Gated {
    /// Returns what to do about it.
    pub fn hint(&self) -> String {
        format!("`videocatalog settings set {} manual`", self.key)
    }
}

/// Returns whether something may be done.
///
/// # Errors
/// When a setting forbids it.
pub fn gate(settings: &Settings, part: Part) -> Result<(), Gated> {
    let semantic = &settings.semantic;
    let (gate, key, what) = match part {
        Part::Index => (
            semantic.index_phase,
            "semantic.index_phase",
            "the semantic index is not built",
        ),
        Part::Search => (
            semantic.search_phase,
            "semantic.search_phase",
            "nothing is searched by meaning",
        ),
        Part::Transcribe => (
            semantic.transcribe_phase,
            "semantic.transcribe_phase",
            "no transcripts are made",
        ),
    };
    if gate == Gate::Off {
        return Err(Gated { key, what });
    }
    Ok(())
}

/// How the index is built and searched.
#[derive(Clone, Debug, PartialEq)]
pub struct SemanticOptions {
    /// Where the index lies.
    pub path: PathBuf,
    /// Numbers of a vector of the built-in embedder.
    pub vector_dim: usize,
    /// The share of meaning in a hybrid search, if the user set one.
    pub hybrid_weight: Option<f64>,
    /// Files per commit.
    pub chunk: usize,
    /// Texts embedded at once.
    pub batch: usize,
    /// The embedder of texts that the user named.
    pub text_embedder: Option<String>,
    /// The model of pictures and texts that the user named.
    pub vision_embedder: Option<String>,
    /// What of the settings is not obeyed, and why.
    pub warnings: Vec<String>,
}

impl SemanticOptions {
    /// Reads the settings, and says which of them mean nothing to this program.
    pub fn from_settings(semantic: &Semantic, workdir: &WorkingDir) -> Self {
        let mut warnings = Vec::new();
        let mut only = |key: &str, value: &str, accepted: &[&str]| {
            if !accepted.contains(&value.to_lowercase().as_str()) {
                warnings.push(format!(
                    "`{key}` is `{value}`, which is not known here; taken for `{}` (accepted: {})",
                    accepted.first().unwrap_or(&""),
                    accepted.join(", ")
                ));
            }
        };
        only(
            "semantic.index.provider",
            &semantic.index.provider,
            &["sqlite"],
        );
        only("semantic.index.metric", &semantic.index.metric, &["cosine"]);
        only(
            "semantic.transcribe.engine",
            &semantic.transcribe.engine,
            &["whisper"],
        );
        if !semantic.index.normalize_vectors {
            warnings.push(
                "`semantic.index.normalize_vectors` is false; a cosine needs vectors of length one, so they are".into(),
            );
        }
        if !semantic.video.prefer_ffmpeg {
            warnings
                .push("`semantic.video.prefer_ffmpeg` is false; ffmpeg is the only decoder".into());
        }
        let models = &semantic.models;
        for (key, named, why) in [
            (
                "video_embedder",
                &models.video_embedder,
                "films are embedded by the pictures' model",
            ),
            (
                "audio_embedder",
                &models.audio_embedder,
                "there is nothing that embeds sound",
            ),
            (
                "reranker",
                &models.reranker,
                "there is nothing that reorders results",
            ),
        ] {
            if let Some(named) = named {
                warnings.push(format!(
                    "`semantic.models.{key}` is `{named}`, which is not used: {why}"
                ));
            }
        }
        let path = semantic
            .index
            .path
            .clone()
            .unwrap_or_else(|| crate::catalog::semantic::FILE_NAME.into());
        Self {
            path: workdir.root().join(path),
            vector_dim: semantic.vector_dim,
            hybrid_weight: semantic.hybrid_weight,
            chunk: semantic.rebuild_chunk,
            batch: semantic.index.batch_size,
            text_embedder: models.text_embedder.clone(),
            vision_embedder: models.vision_embedder.clone(),
            warnings,
        }
    }

    /// Returns how a query is searched that does not say how.
    pub fn plain_mode(&self) -> Mode {
        if self.hybrid_weight.is_some() {
            Mode::Hybrid
        } else {
            Mode::Ann
        }
    }
}
