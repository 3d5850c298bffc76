//! Who speaks, in which era, what was agreed and seen. Sessions are ours, not the protocol's: the stateless revisions
//! have none, and what a peer says of itself is shown as claimed and never trusted.
//!
//! It never performs I/O and never reads a clock: time arrives as an argument.

pub mod abilities;

pub mod principal;

pub mod asked;

pub mod facts;

pub mod tally;

pub mod catalogue;

pub mod session;

pub use abilities::Abilities;
pub use asked::{Asked, Subject};
pub use facts::{Direction, Facts, Origin, ToolHints, Transport};
pub use principal::{Attributes, Principal, Proof};
pub use session::{Observed, Session};
pub use tally::Tally;
