//! The gateway: everything that touches network, processes and time. Listeners and upstreams move bytes; every message
//! passes the one gate in `pipeline` on its way.
//!
//! It never decides (that is `decide`), never parses by itself (`wire`), and never starts a program that a message
//! named.

pub mod config;
mod doors;

mod serve;
mod watch;
mod worker;
pub mod wrap;

pub mod identity;

pub mod admin;
mod body;
mod gateway;
mod listen;
mod servers;
mod sessions;

pub mod approvals;
pub mod grants;
pub mod mfa;
pub mod state;

mod conversation;
mod holding;
pub mod limits;
pub mod pipeline;
pub mod second_tier;

pub mod fetch;
mod secrets;

mod blocking;
mod channel;
mod relay;
mod upstream;

pub use config::{Config, ConfigError};
pub use pipeline::{Detectors, Pipeline};
pub use secrets::Secret;
pub use serve::{Reload, ServeError, Started, bridge, serve};
pub use sessions::SessionLimits;
pub use upstream::child::{ChildSpec, SpawnError};
pub use upstream::resilience::{BreakerConfig, Resilience, RetryConfig};
