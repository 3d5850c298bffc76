//! The benchmark's own programs, kept so small that what is measured is the target and not the measuring: a fixture
//! upstream that answers from one thread, a closed-loop load generator, and the reading of the kernel's own accounting.
//!
//! Nothing here uses a crate of the product, so that a fault of the product cannot hide in its own benchmark. Only
//! loopback addresses are ever bound or dialled, except those that the user names with `--also`.

pub mod connection;
pub mod http;
pub mod mcp;

pub mod histogram;
pub mod process;

pub mod load;
pub mod round_trip;
pub mod session;
pub mod start;
pub mod upstream;
