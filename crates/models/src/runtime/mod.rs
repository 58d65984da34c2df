//! What runs a model: one trait, two ways.
//!
//! [`embedded`] is part of the program and needs nothing. [`onnx`] uses an ONNX Runtime that lies on the machine: quicker,
//! and the only way onto a graphics card.

pub mod embedded;
pub mod onnx;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::tensor::{Port, Tensor};

/// The largest file of a model that is loaded.
pub const MOST_BYTES: u64 = 4 << 30;

/// Who computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Provider {
    /// An NVIDIA card.
    Cuda,
    /// A card by Windows' own interface.
    Dml,
    /// The processor.
    #[default]
    Cpu,
}

impl Provider {
    /// Returns the word that is shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cuda => "CUDA",
            Self::Dml => "DML",
            Self::Cpu => "CPU",
        }
    }
}

/// Why a model could not be loaded or run.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// There is no such file, or it cannot be read.
    #[error("`{}` cannot be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// It is larger than anything that is loaded.
    #[error("`{}` is too large to be loaded ({size_bytes} bytes)", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        size_bytes: u64,
    },
    /// It is no model, or one that cannot be understood.
    #[error("`{}` is not a usable model: {message}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// The library that is to run it does not load.
    #[error("the ONNX Runtime `{}` cannot be used: {message}", path.display())]
    Library {
        /// The library.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// It failed while it ran.
    #[error("the model failed: {0}")]
    Run(String),
    /// It gave something else than it should.
    #[error("the model gave {0}")]
    Output(String),
    /// It took too long.
    #[error("the model took longer than {0} s")]
    TooLong(u64),
    /// Somebody stopped it.
    #[error("stopped")]
    Stopped,
}

/// A model that is loaded.
pub trait Session: Send {
    /// What goes in.
    fn inputs(&self) -> &[Port];

    /// What comes out.
    fn outputs(&self) -> &[Port];

    /// Who computes.
    fn provider(&self) -> Provider;

    /// Runs it: each input by name, all outputs in the order of [`Self::outputs`]. Outputs that are no numbers with
    /// fractions are turned into such.
    ///
    /// # Errors
    /// When an input is missing or has the wrong shape, or the model fails.
    fn run(&mut self, inputs: Vec<(String, Tensor)>) -> Result<Vec<Tensor>, ModelError>;
}

/// How models are run.
#[derive(Clone, Debug)]
pub struct Runtime {
    onnx: Option<onnx::Library>,
    provider: Provider,
    threads: usize,
}

impl Runtime {
    /// Runs models by what is part of the program, on so many threads.
    pub fn embedded(threads: usize) -> Self {
        Self {
            onnx: None,
            provider: Provider::Cpu,
            threads: threads.max(1),
        }
    }

    /// Runs models by an ONNX Runtime, on a provider that was found to work.
    pub fn onnx(library: onnx::Library, provider: Provider, threads: usize) -> Self {
        Self {
            onnx: Some(library),
            provider,
            threads: threads.max(1),
        }
    }

    /// Returns the same with another provider.
    #[must_use]
    pub fn with_provider(mut self, provider: Provider) -> Self {
        self.provider = provider;
        self
    }

    /// Returns who computes.
    pub const fn provider(&self) -> Provider {
        self.provider
    }

    /// Returns what runs models, in words.
    pub fn describe(&self) -> String {
        match &self.onnx {
            None => "embedded".into(),
            Some(library) => format!("ONNX Runtime {}", library.version()),
        }
    }

    /// Loads a model.
    ///
    /// # Errors
    /// When the file cannot be read or is no model that can be run.
    pub fn load(&self, path: &Path) -> Result<Box<dyn Session>, ModelError> {
        size_of(path)?;
        match &self.onnx {
            None => embedded::Loaded::read(path).map(|model| model.session(self.threads)),
            Some(library) => library.load(path, self.provider, self.threads),
        }
    }

    /// Loads a model to be run so many times at once; where the runtime can share it, it is in memory once.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_many(
        &self,
        path: &Path,
        sessions: usize,
    ) -> Result<Vec<Box<dyn Session>>, ModelError> {
        if self.onnx.is_some() {
            return (0..sessions).map(|_| self.load(path)).collect();
        }
        size_of(path)?;
        let model = embedded::Loaded::read(path)?;
        Ok((0..sessions).map(|_| model.session(self.threads)).collect())
    }
}

/// Returns the size of a model's file, and refuses one that is larger than anything that is loaded.
pub(crate) fn size_of(path: &Path) -> Result<u64, ModelError> {
    let read = |source| ModelError::Read {
        path: path.to_path_buf(),
        source,
    };
    let size_bytes = fs_err::metadata(path).map_err(read)?.len();
    if size_bytes > MOST_BYTES {
        return Err(ModelError::TooLarge {
            path: path.to_path_buf(),
            size_bytes,
        });
    }
    Ok(size_bytes)
}

/// Checks the inputs against what a model says of itself, and brings them into its order.
fn in_order(
    ports: &[Port],
    mut inputs: Vec<(String, Tensor)>,
) -> Result<Vec<(String, Tensor)>, ModelError> {
    let mut ordered = Vec::with_capacity(ports.len());
    for port in ports {
        let place = inputs
            .iter()
            .position(|(name, _)| *name == port.name)
            .ok_or_else(|| ModelError::Run(format!("its input `{}` was not given", port.name)))?;
        let (name, tensor) = inputs.swap_remove(place);
        let fits = port.shape.len() == tensor.shape.len()
            && port
                .shape
                .iter()
                .zip(&tensor.shape)
                .all(|(wanted, given)| wanted.is_none_or(|wanted| wanted == *given));
        // A model that says nothing of its shapes has none.
        if !(fits || port.shape.is_empty()) || !tensor.is_consistent() {
            return Err(ModelError::Run(format!(
                "its input `{name}` wants the shape {:?}, not {:?}",
                port.shape, tensor.shape
            )));
        }
        ordered.push((name, tensor));
    }
    Ok(ordered)
}
