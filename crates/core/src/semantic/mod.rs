//! Search by meaning: an index of what is known of every file in words, and of what is said in it.
//!
//! Everything follows from the shards and the transcripts: an index can be deleted and built again, and building it goes on
//! where it was stopped. Searching writes nothing.

mod build;
mod document;
mod embedders;
mod options;
mod place;
mod search;
mod sidecar;

pub use self::build::{BuildStats, What, build};
pub use self::embedders::{
    Embedders, KeptEmbedders, Towers, load_best as load_embedders, open as open_embedders,
};
pub(crate) use self::embedders::{
    find_towers, load as load_embedder, load_text_tower, named_model,
};
pub use self::options::{Gated, Part, SemanticOptions, gate};
pub use self::search::{
    Around, Evidence, IndexStatus, Metadata, Mode, SemanticHit, SemanticQuery, SemanticResult,
    search, status,
};

use crate::catalog::OpenError;
use crate::catalog::lock::LockError;
use crate::catalog::store::StoreError;
use videocatalog_models::runtime::ModelError;

/// Says why no speech was turned into text, and what there is all the same.
pub fn no_speech(reason: &str) -> String {
    format!(
        "no speech was turned into text: {reason}; subtitles beside and inside films can be searched"
    )
}

/// Why something semantic cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum SemanticError {
    /// A setting forbids it.
    #[error(transparent)]
    Gated(#[from] Gated),
    /// The catalogue cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The index cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The index cannot be read or written.
    #[error("the semantic index `{path}`: {source}")]
    Sqlite {
        /// Where it lies.
        path: String,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// A file of ours cannot be read or written.
    #[error("`{path}`: {source}")]
    File {
        /// Where it lies.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The model cannot be used.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// What stands where the index is to be is something else.
    #[error("`{path}` is no semantic index and no empty file; it is left alone")]
    NotAnIndex {
        /// Where it lies.
        path: String,
    },
    /// The index is to lie where it must not.
    #[error("the semantic index cannot be `{path}`: {why}")]
    WrongPlace {
        /// Where it is to lie.
        path: String,
        /// Why not.
        why: String,
    },
    /// The model with which the index was made cannot be used.
    #[error("the index was made with `{model}`, which cannot be used now; it is left as it is")]
    ModelMissing {
        /// The model.
        model: String,
    },
    /// A condition of the query means nothing.
    #[error("{0}")]
    Query(String),
    /// Somebody else builds it.
    #[error(transparent)]
    Busy(#[from] LockError),
}

impl SemanticError {
    /// Returns what to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Gated(gated) => gated.hint(),
            Self::Store(error) => error.hint(),
            Self::Open(error) => error.hint(),
            Self::Sqlite { .. } => {
                "the index can be made again: `videocatalog semantic index rebuild`".into()
            }
            Self::File { .. } => "check the folder and the disk of the working directory".into(),
            Self::Model(_) => {
                "`videocatalog models check` says what is wrong with the models".into()
            }
            Self::Query(_) => "docs/guide/searching.md describes the query language".into(),
            Self::NotAnIndex { .. } | Self::WrongPlace { .. } => {
                "`semantic.index.path` has to name a file of its own: `videocatalog settings set semantic.index.path null` takes the usual one".into()
            }
            Self::ModelMissing { .. } => {
                "`videocatalog models check` says what is wrong; `videocatalog semantic index rebuild` does without it".into()
            }
            Self::Busy(LockError::Io { .. }) => {
                "check the folder of `semantic.index.path` and its disk".into()
            }
            Self::Busy(_) => {
                "wait until it is done; what it has written by then can be searched".into()
            }
        }
    }
}
