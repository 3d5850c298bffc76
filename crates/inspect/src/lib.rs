//! Detectors. Each looks at one message with its facts and reports what it found, where, and how sure it is. A
//! detector cannot name a verdict: that type lives in a crate that this one cannot see.
//!
//! Nothing here performs I/O, reads a clock, or remembers anything between two messages.

pub mod finding;

pub mod inspector;

pub mod surface;

pub mod joints;

pub mod signals;

pub mod normalise;

pub mod phrases;

pub mod text;

pub mod detectors;

pub mod registry;

pub mod passages;

pub mod catalogue;

pub use finding::{Finding, Severity};
pub use inspector::{Card, Findings, Flow, Inspector, Maturity};
pub use registry::{Budget, Registry};
pub use text::TextKind;
