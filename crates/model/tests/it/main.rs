//! The engine with models that the tests make themselves: what it finds, what it does not, and what is refused.
#![cfg(feature = "engine")]
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod onnx;
mod tiny;

mod operators;

mod opening;
mod scoring;
