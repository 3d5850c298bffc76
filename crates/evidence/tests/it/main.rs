//! The ledger from outside: many writers side by side, killed writers, and the published form of a record.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails by panicking is a test that works; the exemption for tests does not reach their helpers"
)]

mod samples;

mod writers;

mod schema;
