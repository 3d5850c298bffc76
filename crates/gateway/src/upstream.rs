//! How we reach servers: HTTP, HTTP+SSE, children, and all of them at once.

pub(crate) mod answer;
pub(crate) mod child;
pub(crate) mod connection;
pub(crate) mod credentials;
pub(crate) mod http;
pub(crate) mod resilience;

pub(crate) mod aggregate;
pub(crate) mod bridge;
pub(crate) mod connect;
pub(crate) mod legacy_sse;
pub(crate) mod log;
pub(crate) mod mux;
