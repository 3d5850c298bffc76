//! The record: what was asked, by whom, what was decided and why, in an append-only chain that verifies offline.
//!
//! A message can leave the process only as `Cleared`, and only the ledger makes one, after the record was written.
//! Bodies are kept as digests: a secret never reaches the record.

pub mod clock;

pub mod record;

pub mod chain;

pub mod gate;

pub mod ledger;

pub mod verify;

pub mod tail;

pub use gate::{Blocked, Cleared, Gate, RecordId};
pub use ledger::{Durability, Entry, Ledger, LedgerError, Options, Pending};
