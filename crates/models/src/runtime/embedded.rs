//! Models run by the program itself, with nothing to install.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use rten::{Dimension, Model, NodeId, RunOptions, ThreadPool, Value, ValueOrView};
use rten_tensor::{AsView, Layout};

use super::{ModelError, Provider, Session, in_order};
use crate::tensor::{Data, Port, Tensor};

/// A model in memory, from which any number of sessions can be made.
pub(super) struct Loaded {
    model: Arc<Model>,
    inputs: Vec<Port>,
    outputs: Vec<Port>,
}

impl Loaded {
    /// Reads a model.
    pub(super) fn read(path: &Path) -> Result<Self, ModelError> {
        let unusable = |message: String| ModelError::Unusable {
            path: path.to_path_buf(),
            message,
        };
        let bytes = fs_err::read(path).map_err(|source| ModelError::Read {
            path: path.to_path_buf(),
            source,
        })?;
        // A file made to break its reader must break no more than itself.
        let model = catch_unwind(AssertUnwindSafe(|| Model::load(bytes)))
            .map_err(|_| unusable("it breaks its reader".into()))?
            .map_err(|error| unusable(error.to_string()))?;
        let (inputs, outputs) = (
            ports(&model, model.input_ids()),
            ports(&model, model.output_ids()),
        );
        if inputs.is_empty() || outputs.is_empty() {
            return Err(unusable("it has no inputs or no outputs".into()));
        }
        Ok(Self {
            model: Arc::new(model),
            inputs,
            outputs,
        })
    }

    /// Returns a session that computes on so many threads.
    pub(super) fn session(&self, threads: usize) -> Box<dyn Session> {
        Box::new(Embedded {
            model: Arc::clone(&self.model),
            pool: Arc::new(ThreadPool::with_num_threads(threads)),
            inputs: self.inputs.clone(),
            outputs: self.outputs.clone(),
        })
    }
}

fn ports(model: &Model, ids: &[NodeId]) -> Vec<Port> {
    ids.iter()
        .filter_map(|id| model.node_info(*id))
        .map(|node| Port {
            name: node.name().unwrap_or_default().to_owned(),
            shape: node
                .shape()
                .unwrap_or_default()
                .into_iter()
                .map(|side| match side {
                    Dimension::Fixed(side) => Some(side),
                    Dimension::Symbolic(_) => None,
                })
                .collect(),
        })
        .collect()
}

struct Embedded {
    model: Arc<Model>,
    pool: Arc<ThreadPool>,
    inputs: Vec<Port>,
    outputs: Vec<Port>,
}

impl Session for Embedded {
    fn inputs(&self) -> &[Port] {
        &self.inputs
    }

    fn outputs(&self) -> &[Port] {
        &self.outputs
    }

    fn provider(&self) -> Provider {
        Provider::Cpu
    }

    fn run(&mut self, inputs: Vec<(String, Tensor)>) -> Result<Vec<Tensor>, ModelError> {
        let given = in_order(&self.inputs, inputs)?;
        let mut values: Vec<(NodeId, ValueOrView<'_>)> = Vec::with_capacity(given.len());
        for (id, (_, tensor)) in self.model.input_ids().iter().zip(given) {
            values.push((*id, value(tensor)?.into()));
        }
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&self.pool)));
        let ran = catch_unwind(AssertUnwindSafe(|| {
            self.model
                .run(values, self.model.output_ids(), Some(options))
        }))
        .map_err(|_| ModelError::Run("it broke off".into()))?
        .map_err(|error| ModelError::Run(error.to_string()))?;
        ran.into_iter().map(tensor).collect()
    }
}

fn value(tensor: Tensor) -> Result<Value, ModelError> {
    let failed = |error: &dyn std::error::Error| ModelError::Run(error.to_string());
    match tensor.data {
        Data::Float(data) => Value::from_shape(&tensor.shape, data).map_err(|error| failed(&error)),
        Data::Whole(data) => {
            let narrow: Result<Vec<i32>, _> = data.into_iter().map(i32::try_from).collect();
            let narrow = narrow.map_err(|_| ModelError::Run("a token is too large".into()))?;
            Value::from_shape(&tensor.shape, narrow).map_err(|error| failed(&error))
        }
    }
}

fn tensor(value: Value) -> Result<Tensor, ModelError> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "what models give as whole numbers is small"
    )]
    match value {
        Value::FloatTensor(given) => Ok(Tensor::floats(given.shape().to_vec(), given.into_data())),
        Value::Int32Tensor(given) => Ok(Tensor::floats(
            given.shape().to_vec(),
            given.iter().map(|number| *number as f32).collect(),
        )),
        _ => Err(ModelError::Output("something other than numbers".into())),
    }
}
