//! The graph of a model: which inputs it takes, and one run of it over one window. It never looks at a text.

use std::path::Path;
use std::sync::Arc;

use rten::{Dimension, Model, ModelOptions, NodeId, RunOptions, ThreadPool, Value, ValueOrView};

use crate::files::{Contents, OpenError};
use crate::tokens::Window;

/// A graph that was read, with the threads that run it.
pub(crate) struct Graph {
    model: Model,
    inputs: Vec<(NodeId, Input)>,
    output: NodeId,
    /// The length that every window must have, where the graph says one.
    pub(crate) fixed_length: Option<usize>,
    options: RunOptions,
}

/// What an input of the graph is given.
#[derive(Debug, Clone, Copy)]
enum Input {
    /// The numbers of the tokens.
    Ids,
    /// One for every token, zero for what only fills the window.
    Mask,
    /// Zeros: there is only one text.
    Types,
    /// The places of the tokens, from zero.
    Places,
}

impl Input {
    fn named(name: &str) -> Option<Self> {
        match name {
            "input_ids" => Some(Self::Ids),
            "attention_mask" => Some(Self::Mask),
            "token_type_ids" => Some(Self::Types),
            "position_ids" => Some(Self::Places),
            _ => None,
        }
    }
}

impl Graph {
    pub(crate) fn read(path: &Path, contents: Contents, threads: usize) -> Result<Self, OpenError> {
        let invalid = |cause: String| OpenError::Invalid { path: path.to_owned(), what: "ONNX model", cause };
        let mut options = ModelOptions::with_all_ops();
        options.prepack_weights(true);
        let model = options.load(contents.bytes).map_err(|error| invalid(error.to_string()))?;
        let mut inputs = Vec::new();
        let mut fixed_length = None;
        for (index, id) in model.input_ids().iter().enumerate() {
            let about = model.node_info(*id);
            let name = about.as_ref().and_then(|about| about.name()).unwrap_or_default();
            let input = Input::named(name).ok_or_else(|| {
                invalid(format!(
                    "it wants an input `{name}`; a sequence classifier takes `input_ids`, `attention_mask`, \
                     `token_type_ids` and `position_ids`"
                ))
            })?;
            if let Some([_, Dimension::Fixed(length)]) = model.input_shape(index).as_deref() {
                fixed_length = Some(*length);
            }
            inputs.push((*id, input));
        }
        if !inputs.iter().any(|(_, input)| matches!(input, Input::Ids)) {
            return Err(invalid("it has no input `input_ids`".to_owned()));
        }
        let logits = model.find_node("logits").filter(|id| model.output_ids().contains(id));
        let output = logits.or_else(|| model.output_ids().first().copied());
        let output = output.ok_or_else(|| invalid("it has no output".to_owned()))?;
        let pool = Arc::new(ThreadPool::with_num_threads(threads));
        let options = RunOptions::default().with_thread_pool(Some(pool));
        Ok(Self { model, inputs, output, fixed_length, options })
    }

    /// The scores of one window, one for each label. `padding` fills it where its length is fixed.
    ///
    /// # Errors
    /// The graph cannot be run over it, or gives what are no scores: a sentence.
    pub(crate) fn run(&self, window: &Window, padding: u32) -> Result<Vec<f32>, String> {
        let length = self.fixed_length.unwrap_or(window.ids.len());
        let filling = length.saturating_sub(window.ids.len());
        let mut inputs = Vec::with_capacity(self.inputs.len());
        for (id, input) in &self.inputs {
            let values: Vec<i32> = match input {
                Input::Ids => {
                    let ids = window.ids.iter().copied().chain(std::iter::repeat_n(padding, filling));
                    ids.map(i32::try_from).collect::<Result<_, _>>().map_err(|error| error.to_string())?
                }
                Input::Mask => {
                    std::iter::repeat_n(1, window.ids.len()).chain(std::iter::repeat_n(0, filling)).collect()
                }
                Input::Types => vec![0; length],
                Input::Places => (0..length).map_while(|place| i32::try_from(place).ok()).collect(),
            };
            let value = Value::from_shape([1, length], values).map_err(|error| error.to_string())?;
            inputs.push((*id, ValueOrView::from(value)));
        }
        let outputs = self.model.run(inputs, &[self.output], Some(self.options.clone()));
        let output = outputs.map_err(|error| error.to_string())?.into_iter().next().ok_or("it gave nothing")?;
        let (shape, scores) = output.into_shape_vec::<f32, 2>().map_err(|error| error.to_string())?;
        if shape.first() != Some(&1) {
            return Err(format!("it gave scores of the shape {shape:?}, not one row"));
        }
        match scores.iter().all(|score| score.is_finite()) {
            true => Ok(scores),
            false => Err("it gave scores that are no numbers".to_owned()),
        }
    }
}
