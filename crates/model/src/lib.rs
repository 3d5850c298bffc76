//! The second tier of detection: reads an ONNX sequence classifier (`model.onnx` and `tokenizer.json`) from files and
//! says how sure it is that a text is an attack. Knows nothing of messages, policies and the network: whoever asks brings
//! the text and decides what its answer means.
//!
//! It never fetches anything, never writes, and is empty without the feature `engine`.
#![cfg(feature = "engine")]

mod files;

mod labels;

mod tokens;

mod graph;

mod classifier;

pub use classifier::{Classifier, ScoreError, Scored, Settings};
pub use files::{MODEL_BYTES_MAX, OpenError, TOKENIZER_BYTES_MAX};
