//! The fuzz targets, as ordinary tests: each replays its corpus, then runs changed seeds for a second.
//! `cargo xtask fuzz --seconds N` gives each longer, and `cargo bolero test` runs one with coverage guidance.
//! A failure prints `BOLERO_RANDOM_SEED`; with that variable set, the same input comes first.

#[cfg(test)]
mod decoders;
#[cfg(test)]
mod headers;
#[cfg(test)]
mod json;
#[cfg(test)]
mod lines;
#[cfg(test)]
mod message;
#[cfg(test)]
mod policy;
#[cfg(test)]
mod readings;
#[cfg(test)]
mod redaction;
#[cfg(test)]
mod sse;

/// How long a target runs when no variable says otherwise.
#[cfg(test)]
const SHORT_RUN: std::time::Duration = std::time::Duration::from_secs(1);
