//! Tests of the wire crate through its public face: tables of hostile texts, comparisons with another parser, and
//! properties that hold for every input.

#[cfg(test)]
mod differential;
#[cfg(test)]
mod edits;
#[cfg(test)]
mod folded_keys;
#[cfg(test)]
mod framing;
#[cfg(test)]
mod headers;
#[cfg(test)]
mod json;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod navigation;
