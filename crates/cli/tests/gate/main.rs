//! The built binary under attack: clients that split hairs, servers that lie, peers that guess, and an operator who
//! pulls plugs. The peers are scripted byte by byte in `running`, `http`, `upstream`, `answers` and `client`; the other
//! modules are the attacks.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod roles;
mod running;

mod http;

mod answers;
mod upstream;

mod children;

mod client;

mod bodies;
mod framing;
mod headers;

mod dying;
mod liars;
mod slow;

mod authority;
mod credentials;
mod keys;
mod mtls;
mod principals;
mod tokens;

mod failures;
mod holds;
mod lifecycle;
mod management;
mod redaction;
mod reload;
mod sessions;
mod startup;
mod wrapped;

mod eras;
mod every;
mod explicit;

mod addresses;
mod approvals;
mod asked;
mod grants;
mod mfa;

mod aggregated;
mod limits;
mod policy;
mod second_tier;
