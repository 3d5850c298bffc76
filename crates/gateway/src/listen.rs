//! Where clients reach us: HTTP in its two shapes, standard streams, Unix sockets.

pub(crate) mod http;
pub(crate) mod stdio;
pub(crate) mod tls;
pub(crate) mod unix;

pub(crate) mod request;
pub(crate) mod streamable;

pub(crate) mod forward;

pub(crate) mod deferred;

pub(crate) mod explicit;
mod prefixed;

pub(crate) mod events;
pub(crate) mod muxed;

pub(crate) mod legacy_sse;
