//! Gatehold between real clients and real servers: what arrives must be what was sent. Each test runs a counterpart
//! directly and then through the `gatehold` binary and compares the bytes. Except for `wire`, the tests need what
//! `cargo xtask setup` installs; they fail without it, unless GATEHOLD_SKIP_REAL is set, and then say so.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod fixtures;
mod running;

mod script;
mod servers;
mod stdio;

mod http;
mod remote;

mod clients;
mod proxied;
mod served;
mod signing_in;
mod wire;
mod wrapped;
