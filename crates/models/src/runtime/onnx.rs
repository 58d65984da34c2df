//! Models run by an ONNX Runtime that lies on the machine.
//!
//! A process can load one such library, and keeps it. Asking it whether a provider is there only says what was compiled in,
//! and it goes on silently on the processor where CUDA's own libraries are missing; so a provider is always demanded, and
//! its failure is told.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use ort::environment::Environment;
use ort::ep;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};
use ort::session::{self as loaded, SessionInputValue};
use ort::value::{DynValue, Outlet, TensorElementType, ValueType};

use super::{ModelError, Provider, Session, in_order};
use crate::tensor::{Data, Port, Tensor};

/// The library of this process: where it was loaded from, and its environment.
static LOADED: OnceLock<(PathBuf, Environment)> = OnceLock::new();

/// Two threads must not load it at once.
static LOADING: Mutex<()> = Mutex::new(());

/// A library that was loaded.
#[derive(Clone, Debug)]
pub struct Library {
    version: String,
}

impl Library {
    /// Loads an ONNX Runtime by its absolute path. It stays loaded, and no other one can be in this process.
    ///
    /// # Errors
    /// When it is missing, too old, no ONNX Runtime, or another one was loaded before.
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        let library = |message: String| ModelError::Library {
            path: path.to_path_buf(),
            message,
        };
        if !path.is_absolute() {
            return Err(library("its path has to be absolute".into()));
        }
        let _turn = LOADING.lock().unwrap_or_else(PoisonError::into_inner);
        if LOADED.get().is_none() {
            let builder = ort::init_from(path).map_err(|error| library(error.to_string()))?;
            let environment = builder
                .with_name("videocatalog")
                .with_telemetry(false)
                .build()
                .map_err(|error| library(error.to_string()))?;
            // Nobody else can have set it, as it is our turn.
            LOADED.get_or_init(|| (path.to_path_buf(), environment));
        }
        match LOADED.get() {
            Some((at, _)) if at == path => Ok(Self {
                version: version(path),
            }),
            at => Err(library(format!(
                "`{}` is loaded already; start the program again",
                at.map_or(path, |(at, _)| at).display()
            ))),
        }
    }

    /// Returns its version, such as `1.24.1`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Loads a model on a provider, and on nothing else.
    pub(super) fn load(
        &self,
        path: &Path,
        provider: Provider,
        threads: usize,
    ) -> Result<Box<dyn Session>, ModelError> {
        let bytes = fs_err::read(path).map_err(|source| ModelError::Read {
            path: path.to_path_buf(),
            source,
        })?;
        self.load_bytes(&bytes, provider, threads)
            .map_err(|message| ModelError::Unusable {
                path: path.to_path_buf(),
                message,
            })
    }

    /// Loads a model from memory on a provider, and on nothing else.
    ///
    /// # Errors
    /// What the library says: of the model, or of the provider.
    pub fn load_bytes(
        &self,
        bytes: &[u8],
        provider: Provider,
        threads: usize,
    ) -> Result<Box<dyn Session>, String> {
        let Some((_, environment)) = LOADED.get() else {
            return Err("the library is not loaded".into());
        };
        let session = builder(environment, provider, threads)?
            .commit_from_memory(bytes)
            .map_err(|error| error.to_string())?;
        let ports = |outlets: &[Outlet]| outlets.iter().map(port).collect::<Vec<_>>();
        let (inputs, outputs) = (ports(session.inputs()), ports(session.outputs()));
        Ok(Box::new(Onnx {
            session,
            inputs,
            outputs,
            provider,
        }))
    }
}

fn builder(
    environment: &Environment,
    provider: Provider,
    threads: usize,
) -> Result<SessionBuilder, String> {
    let builder = loaded::Session::builder(environment)
        .map_err(|error| error.to_string())?
        .with_intra_threads(threads.max(1))
        .map_err(|error| error.to_string())?
        .with_optimization_level(GraphOptimizationLevel::All)
        .map_err(|error| error.to_string())?;
    let demanded = match provider {
        Provider::Cpu => return Ok(builder),
        Provider::Cuda => ep::CUDA::default().build(),
        Provider::Dml => ep::DirectML::default().build(),
    };
    builder
        .with_execution_providers([demanded.error_on_failure()])
        .map_err(|error| error.to_string())
}

/// Returns the version that the file is named after, such as `libonnxruntime.so.1.24.1`: the library itself tells of its
/// commit alone.
fn version(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let version: Vec<&str> = name
        .split(['.', '_', '-'])
        .filter(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
        .collect();
    if version.is_empty() {
        return "of unknown version".into();
    }
    version.join(".")
}

struct Onnx {
    session: loaded::Session,
    inputs: Vec<Port>,
    outputs: Vec<Port>,
    provider: Provider,
}

impl Session for Onnx {
    fn inputs(&self) -> &[Port] {
        &self.inputs
    }

    fn outputs(&self) -> &[Port] {
        &self.outputs
    }

    fn provider(&self) -> Provider {
        self.provider
    }

    fn run(&mut self, inputs: Vec<(String, Tensor)>) -> Result<Vec<Tensor>, ModelError> {
        let given = in_order(&self.inputs, inputs)?;
        let failed = |error: ort::Error| ModelError::Run(error.to_string());
        let mut values: Vec<(String, SessionInputValue<'_>)> = Vec::with_capacity(given.len());
        for (name, tensor) in given {
            let value = match tensor.data {
                Data::Float(data) => ort::value::Tensor::from_array((tensor.shape, data))
                    .map(ort::value::Value::into_dyn),
                Data::Whole(data) => ort::value::Tensor::from_array((tensor.shape, data))
                    .map(ort::value::Value::into_dyn),
            };
            values.push((name, value.map_err(failed)?.into()));
        }
        let outputs = self.session.run(values).map_err(failed)?;
        self.outputs
            .iter()
            .map(|port| {
                let value = outputs
                    .get(&port.name)
                    .ok_or_else(|| ModelError::Output(format!("no output `{}`", port.name)))?;
                floats(value)
            })
            .collect()
    }
}

fn port(outlet: &Outlet) -> Port {
    let shape = match outlet.dtype() {
        ValueType::Tensor { shape, .. } => shape
            .iter()
            .map(|side| usize::try_from(*side).ok())
            .collect(),
        _ => Vec::new(),
    };
    Port {
        name: outlet.name().to_owned(),
        shape,
    }
}

fn floats(value: &DynValue) -> Result<Tensor, ModelError> {
    let other = || ModelError::Output("something other than numbers".into());
    let ValueType::Tensor { ty, .. } = value.dtype() else {
        return Err(other());
    };
    let sides = |shape: &ort::value::Shape| -> Vec<usize> {
        shape
            .iter()
            .map(|side| usize::try_from(*side).unwrap_or(0))
            .collect()
    };
    let failed = |error: ort::Error| ModelError::Output(error.to_string());
    #[expect(
        clippy::cast_precision_loss,
        reason = "what models give as whole numbers is small"
    )]
    match ty {
        TensorElementType::Float32 => {
            let (shape, data) = value.try_extract_tensor::<f32>().map_err(failed)?;
            Ok(Tensor::floats(sides(shape), data.to_vec()))
        }
        TensorElementType::Int64 => {
            let (shape, data) = value.try_extract_tensor::<i64>().map_err(failed)?;
            let data = data.iter().map(|number| *number as f32).collect();
            Ok(Tensor::floats(sides(shape), data))
        }
        _ => Err(other()),
    }
}
