//! Models in the ONNX format, written from its structure (protocol buffers, onnx.proto3): small ones that do one thing, and
//! [`mobilenet_v3_small`] with its true architecture and weights from a seed.

mod mobilenet;
mod towers;

pub use self::mobilenet::mobilenet_v3_small;
pub use self::towers::{COLOR_WORDS, color_words, put_color_towers};

/// Numbers of a tensor are these: `TensorProto.DataType.FLOAT`.
const FLOAT: u64 = 1;

/// Or these: `TensorProto.DataType.INT64`.
const INT64: u64 = 7;

/// A message of protocol buffers.
#[derive(Clone, Debug, Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(mut self, field: u64, value: u64) -> Self {
        put_varint(&mut self.0, field << 3);
        put_varint(&mut self.0, value);
        self
    }

    fn bytes(mut self, field: u64, bytes: &[u8]) -> Self {
        put_varint(&mut self.0, field << 3 | 2);
        put_varint(&mut self.0, bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    fn text(self, field: u64, text: &str) -> Self {
        self.bytes(field, text.as_bytes())
    }

    fn message(self, field: u64, inner: &Self) -> Self {
        self.bytes(field, &inner.0)
    }

    fn float(mut self, field: u64, value: f32) -> Self {
        put_varint(&mut self.0, field << 3 | 5);
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }
}

fn put_varint(into: &mut Vec<u8>, mut value: u64) {
    loop {
        let [low, ..] = value.to_le_bytes();
        value >>= 7;
        if value == 0 {
            into.push(low & 0x7f);
            break;
        }
        into.push(low | 0x80);
    }
}

/// An attribute of a node.
#[derive(Clone, Copy, Debug)]
pub enum Attribute<'a> {
    /// A whole number.
    Whole(&'a str, i64),
    /// A number with a fraction.
    Float(&'a str, f32),
    /// Whole numbers.
    Wholes(&'a str, &'a [i64]),
}

impl Attribute<'_> {
    fn message(self) -> Message {
        let (float_type, int_type, ints_type) = (1, 2, 7);
        match self {
            Self::Float(name, value) => Message::default()
                .text(1, name)
                .float(2, value)
                .varint(20, float_type),
            Self::Whole(name, value) => Message::default()
                .text(1, name)
                .varint(3, value.cast_unsigned())
                .varint(20, int_type),
            Self::Wholes(name, values) => {
                let message = Message::default().text(1, name);
                let with = values.iter().fold(message, |message, value| {
                    message.varint(8, value.cast_unsigned())
                });
                with.varint(20, ints_type)
            }
        }
    }
}

/// A model that is being put together.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    message: Message,
    names: usize,
}

impl Graph {
    /// Adds an input of numbers with fractions; a side of `None` is given by whoever runs it.
    #[must_use]
    pub fn input(mut self, name: &str, shape: &[Option<u64>]) -> Self {
        self.message = self.message.message(11, &value_info(name, shape));
        self
    }

    /// Adds an input of whole numbers, such as the tokens of texts.
    #[must_use]
    pub fn whole_input(mut self, name: &str, shape: &[Option<u64>]) -> Self {
        let info = value_info_of(name, shape, INT64);
        self.message = self.message.message(11, &info);
        self
    }

    /// Adds an output.
    #[must_use]
    pub fn output(mut self, name: &str, shape: &[Option<u64>]) -> Self {
        self.message = self.message.message(12, &value_info(name, shape));
        self
    }

    /// Adds numbers that the model brings along, and returns their name.
    pub fn weights(&mut self, shape: &[u64], values: &[f32]) -> String {
        let name = self.name();
        let mut tensor = Message::default();
        for side in shape {
            tensor = tensor.varint(1, *side);
        }
        let raw: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        let tensor = tensor.varint(2, FLOAT).text(8, &name).bytes(9, &raw);
        self.message = std::mem::take(&mut self.message).message(5, &tensor);
        name
    }

    /// Adds a step, and returns the name of what comes out of it.
    pub fn node(
        &mut self,
        operator: &str,
        inputs: &[&str],
        attributes: &[Attribute<'_>],
    ) -> String {
        let name = self.name();
        self.node_into(operator, inputs, &name, attributes);
        name
    }

    /// Adds a step whose result has a name.
    pub fn node_into(
        &mut self,
        operator: &str,
        inputs: &[&str],
        output: &str,
        attributes: &[Attribute<'_>],
    ) {
        let mut node = Message::default();
        for input in inputs {
            node = node.text(1, input);
        }
        node = node.text(2, output).text(4, operator);
        for attribute in attributes {
            node = node.message(5, &attribute.message());
        }
        self.message = std::mem::take(&mut self.message).message(1, &node);
    }

    /// Returns the file's bytes.
    pub fn finish(self) -> Vec<u8> {
        let (ir_version, opset) = (8, 17);
        let graph = self.message.text(2, "graph");
        let opset = Message::default().text(1, "").varint(2, opset);
        let model = Message::default()
            .varint(1, ir_version)
            .text(2, "videocatalog-testkit")
            .message(7, &graph)
            .message(8, &opset);
        model.0
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("n{}", self.names)
    }
}

fn value_info(name: &str, shape: &[Option<u64>]) -> Message {
    value_info_of(name, shape, FLOAT)
}

fn value_info_of(name: &str, shape: &[Option<u64>], kind: u64) -> Message {
    let mut sides = Message::default();
    for side in shape {
        let side = match side {
            Some(side) => Message::default().varint(1, *side),
            None => Message::default().text(2, "batch"),
        };
        sides = sides.message(1, &side);
    }
    let tensor = Message::default().varint(1, kind).message(2, &sides);
    let kind = Message::default().message(1, &tensor);
    Message::default().text(1, name).message(2, &kind)
}

/// A model of pictures whose vector is the mean of red, green and blue, so that one can tell what comes out.
pub fn mean_color() -> Vec<u8> {
    let mut graph = Graph::default()
        .input("pixels", &[None, Some(3), Some(224), Some(224)])
        .output("vector", &[None, Some(3)]);
    let pooled = graph.node("GlobalAveragePool", &["pixels"], &[]);
    graph.node_into(
        "Flatten",
        &[&pooled],
        "vector",
        &[Attribute::Whole("axis", 1)],
    );
    graph.finish()
}

/// A model of pictures that gives numbers that are none.
pub fn not_a_number() -> Vec<u8> {
    let mut graph = Graph::default()
        .input("pixels", &[None, Some(3), Some(224), Some(224)])
        .output("vector", &[None, Some(3)]);
    let pooled = graph.node("GlobalAveragePool", &["pixels"], &[]);
    let flat = graph.node("Flatten", &[&pooled], &[Attribute::Whole("axis", 1)]);
    let nothing = graph.weights(&[1], &[f32::NAN]);
    graph.node_into("Mul", &[&flat, &nothing], "vector", &[]);
    graph.finish()
}

/// A model of pictures that takes them one by one only, though it says that it takes any number: two at once, and it fails.
pub fn one_at_a_time() -> Vec<u8> {
    let mut graph = Graph::default()
        .input("pixels", &[None, Some(3), Some(224), Some(224)])
        .output("vector", &[None, Some(4)]);
    let pooled = graph.node("GlobalAveragePool", &["pixels"], &[]);
    let flat = graph.node("Flatten", &[&pooled], &[Attribute::Whole("axis", 1)]);
    let one_more = graph.weights(&[1, 1], &[1.0]);
    let axis = [Attribute::Whole("axis", 1)];
    graph.node_into("Concat", &[&flat, &one_more], "vector", &axis);
    graph.finish()
}

/// A model that takes something else than pictures.
pub fn of_something_else() -> Vec<u8> {
    let mut graph = Graph::default()
        .input("numbers", &[None, Some(7)])
        .output("result", &[None, Some(7)]);
    graph.node_into("Relu", &["numbers"], "result", &[]);
    graph.finish()
}
