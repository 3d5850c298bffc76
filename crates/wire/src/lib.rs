//! Bytes to typed messages. This crate parses what a peer sent, strictly and once, and hands out views into the
//! very bytes that were parsed, so that what is inspected is what is forwarded.
//!
//! It never performs I/O, never reads a clock, never re-serialises a message, and never guesses: what two parsers
//! could read differently is refused.

pub mod limits;
pub mod refusal;

pub mod lines;
pub mod sse;

pub mod json;
pub mod message;
pub mod methods;
pub mod revision;

pub mod headers;

pub mod edit;

pub use limits::Limits;
pub use message::{Batch, Id, Kind, Message};
pub use methods::Method;
pub use refusal::{Refusal, RefusalCode};
pub use revision::{Era, Revision};
