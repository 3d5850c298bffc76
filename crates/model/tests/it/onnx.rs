//! Writes ONNX files: just enough of the format's Protocol Buffers for the graphs of tests. It reads nothing.

/// A graph that is being written.
#[derive(Default)]
pub(crate) struct Onnx {
    nodes: Vec<u8>,
    constants: Vec<u8>,
    inputs: Vec<u8>,
    outputs: Vec<u8>,
}

/// What an attribute of a node holds.
pub(crate) enum Attribute<'a> {
    /// A whole number.
    Int(i64),
    /// Several of them.
    Ints(&'a [i64]),
    /// A number.
    Float(f32),
}

/// Types of elements, by their numbers in the format.
const FLOAT: u64 = 1;
const INT64: u64 = 7;

impl Onnx {
    /// An input of whole numbers; a dimension is a size or has a name.
    pub(crate) fn input(&mut self, name: &str, shape: &[Result<i64, &str>]) {
        message(&mut self.inputs, 11, &value(name, INT64, shape));
    }

    /// The output.
    pub(crate) fn output(&mut self, name: &str) {
        message(&mut self.outputs, 12, &value(name, FLOAT, &[Err("batch"), Err("labels")]));
    }

    /// A constant of numbers.
    pub(crate) fn floats(&mut self, name: &str, shape: &[usize], values: &[f32]) {
        assert_eq!(shape.iter().product::<usize>(), values.len(), "{name}");
        let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(name, FLOAT, shape, &raw);
    }

    /// A constant of whole numbers.
    pub(crate) fn ints(&mut self, name: &str, shape: &[usize], values: &[i64]) {
        let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(name, INT64, shape, &raw);
    }

    fn constant(&mut self, name: &str, kind: u64, shape: &[usize], raw: &[u8]) {
        let mut tensor = Vec::new();
        for size in shape {
            number(&mut tensor, 1, *size as u64);
        }
        number(&mut tensor, 2, kind);
        message(&mut tensor, 8, name.as_bytes());
        message(&mut tensor, 9, raw);
        message(&mut self.constants, 5, &tensor);
    }

    /// A node with one output.
    pub(crate) fn node(&mut self, kind: &str, inputs: &[&str], output: &str, attributes: &[(&str, Attribute<'_>)]) {
        self.node_of(kind, inputs, &[output], attributes);
    }

    /// A node with several outputs. The first is also its name.
    pub(crate) fn node_of(
        &mut self,
        kind: &str,
        inputs: &[&str],
        outputs: &[&str],
        attributes: &[(&str, Attribute<'_>)],
    ) {
        let mut node = Vec::new();
        for input in inputs {
            message(&mut node, 1, input.as_bytes());
        }
        for output in outputs {
            message(&mut node, 2, output.as_bytes());
        }
        message(&mut node, 3, outputs[0].as_bytes());
        message(&mut node, 4, kind.as_bytes());
        for (name, attribute) in attributes {
            message(&mut node, 5, &attribute.written(name));
        }
        message(&mut self.nodes, 1, &node);
    }

    /// The file.
    pub(crate) fn bytes(self) -> Vec<u8> {
        let mut graph = self.nodes;
        message(&mut graph, 2, b"made by a test");
        graph.extend(self.constants);
        graph.extend(self.inputs);
        graph.extend(self.outputs);
        let mut operators = Vec::new();
        number(&mut operators, 2, 17);
        let mut model = Vec::new();
        number(&mut model, 1, 8);
        message(&mut model, 7, &graph);
        message(&mut model, 8, &operators);
        model
    }
}

impl Attribute<'_> {
    fn written(&self, name: &str) -> Vec<u8> {
        let mut attribute = Vec::new();
        message(&mut attribute, 1, name.as_bytes());
        match self {
            Self::Int(value) => {
                number(&mut attribute, 3, value.cast_unsigned());
                number(&mut attribute, 20, 2);
            }
            Self::Ints(values) => {
                for value in *values {
                    number(&mut attribute, 8, value.cast_unsigned());
                }
                number(&mut attribute, 20, 7);
            }
            Self::Float(value) => {
                varint(&mut attribute, 2 << 3 | 5);
                attribute.extend(value.to_le_bytes());
                number(&mut attribute, 20, 1);
            }
        }
        attribute
    }
}

fn value(name: &str, kind: u64, shape: &[Result<i64, &str>]) -> Vec<u8> {
    let mut dimensions = Vec::new();
    for size in shape {
        let mut dimension = Vec::new();
        match size {
            Ok(size) => number(&mut dimension, 1, size.cast_unsigned()),
            Err(name) => message(&mut dimension, 2, name.as_bytes()),
        }
        message(&mut dimensions, 1, &dimension);
    }
    let mut tensor = Vec::new();
    number(&mut tensor, 1, kind);
    message(&mut tensor, 2, &dimensions);
    let mut of_tensor = Vec::new();
    message(&mut of_tensor, 1, &tensor);
    let mut value = Vec::new();
    message(&mut value, 1, name.as_bytes());
    message(&mut value, 2, &of_tensor);
    value
}

/// A field that holds bytes.
fn message(out: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    varint(out, field << 3 | 2);
    varint(out, bytes.len() as u64);
    out.extend(bytes);
}

/// A field that holds a number.
fn number(out: &mut Vec<u8>, field: u64, value: u64) {
    varint(out, field << 3);
    varint(out, value);
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
