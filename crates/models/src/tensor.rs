//! What goes into a model and what comes out.

/// Numbers in a shape, the last dimension together in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// The dimensions; their product is the number of numbers.
    pub shape: Vec<usize>,
    /// The numbers.
    pub data: Data,
}

/// Numbers of one kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// With fractions.
    Float(Vec<f32>),
    /// Whole ones, such as tokens.
    Whole(Vec<i64>),
}

impl Tensor {
    /// Makes one of numbers with fractions.
    pub fn floats(shape: Vec<usize>, data: Vec<f32>) -> Self {
        Self {
            shape,
            data: Data::Float(data),
        }
    }

    /// Makes one of whole numbers.
    pub fn whole(shape: Vec<usize>, data: Vec<i64>) -> Self {
        Self {
            shape,
            data: Data::Whole(data),
        }
    }

    /// Returns whether there are as many numbers as the shape says.
    pub fn is_consistent(&self) -> bool {
        let wanted = self
            .shape
            .iter()
            .try_fold(1_usize, |product, side| product.checked_mul(*side));
        let count = match &self.data {
            Data::Float(data) => data.len(),
            Data::Whole(data) => data.len(),
        };
        wanted == Some(count)
    }

    /// Returns the numbers with fractions.
    pub fn as_floats(&self) -> Option<&[f32]> {
        match &self.data {
            Data::Float(data) => Some(data),
            Data::Whole(_) => None,
        }
    }
}

/// An input or output of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// Its dimensions; `None` where the caller says how many.
    pub shape: Vec<Option<usize>>,
}
