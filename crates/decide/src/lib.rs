//! Findings, facts and policy become a decision: a value with reasons and obligations, never a bare yes or no.
//!
//! Pure: no I/O, no clock, no detector code. A policy that cannot be evaluated denies. Only this crate orders edits of
//! a message, and only this crate words the answer that a peer gets for a refusal.

pub mod decision;

pub mod grant;
pub mod obligation;
pub mod rate;
pub mod situation;

pub mod standard;

pub mod diagnostic;
pub mod document;
pub mod policy;

pub mod compatible;
pub mod presets;
pub mod writing;

pub mod lint;
pub mod rehearsal;
pub mod suite;

pub mod lists;

pub mod redact;

pub mod answer;

pub use decision::{Decision, Mode, Reason, Verdict};
pub use grant::Grant;
pub use policy::{LoadError, Policy};
pub use situation::Situation;

#[cfg(test)]
mod scene;
