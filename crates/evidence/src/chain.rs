//! The chain: every record holds the hash of the one before it, and its own.
//!
//! A line is `{"v":1,"seq":…,"id":"…","time":"…",` + what the record says + `,"prev":"…","hash":"…"}`. `hash` is the
//! SHA-256 of the bytes of the line before `,"hash":"`; `prev` is the `hash` of the line before, or 64 zeros in the
//! first one. The members at both ends keep this order and spelling, so that a hash can be checked without a JSON
//! parser and no second spelling of the same record exists.

use sha2::{Digest, Sha256};

use crate::gate::RecordId;
use crate::record::VERSION;
use crate::record::text::{hex_of_hash, write_number};

/// A hash in lower-case hexadecimal.
pub type HashText = [u8; 64];

/// What `prev` says in the first record of a file.
pub const NO_HASH: HashText = [b'0'; 64];

/// Where a chain stands: what the next record gets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chain {
    /// The sequence number of the next record.
    pub(crate) seq: u64,
    /// The hash of the last record.
    pub(crate) prev: HashText,
}

impl Chain {
    pub(crate) const fn genesis() -> Self {
        Self { seq: 0, prev: NO_HASH }
    }

    /// Appends a line to `out` and moves on. `write_time` appends the time's text; `body` begins at `"kind"`.
    pub(crate) fn seal(&mut self, id: RecordId, write_time: impl FnOnce(&mut Vec<u8>), body: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(b"{\"v\":");
        write_number(VERSION, out);
        out.extend_from_slice(b",\"seq\":");
        write_number(self.seq, out);
        out.extend_from_slice(b",\"id\":\"");
        out.extend_from_slice(&id.text());
        out.extend_from_slice(b"\",\"time\":\"");
        write_time(out);
        out.extend_from_slice(b"\",");
        out.extend_from_slice(body);
        out.extend_from_slice(b",\"prev\":\"");
        out.extend_from_slice(&self.prev);
        out.push(b'"');
        self.prev = hash(out.get(start..).unwrap_or_default());
        self.seq += 1;
        out.extend_from_slice(b",\"hash\":\"");
        out.extend_from_slice(&self.prev);
        out.extend_from_slice(b"\"}\n");
    }
}

/// The SHA-256 of some bytes, as text.
pub(crate) fn hash(bytes: &[u8]) -> HashText {
    hex_of_hash(&Sha256::digest(bytes).into())
}

/// A line taken apart at its two ends. Nothing is proven yet.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    /// The sequence number.
    pub seq: u64,
    /// The record id, as text.
    pub id: &'a str,
    /// The time, as text.
    pub time: &'a str,
    /// What the record says, from `"kind"` on, without the braces.
    pub body: &'a [u8],
    /// The hash of the record before, as stated.
    pub prev: &'a [u8],
    /// Its own hash, as stated.
    pub hash: &'a [u8],
    hashed: &'a [u8],
}

impl<'a> Link<'a> {
    /// Takes a line apart (without its line end). `None` if it does not have the form.
    #[must_use]
    pub fn parse(line: &'a [u8]) -> Option<Self> {
        let (hashed, hash) = split_hash(line.strip_suffix(b"\"}")?, b",\"hash\":\"")?;
        let (front, prev) = split_hash(hashed.strip_suffix(b"\"")?, b",\"prev\":\"")?;
        let rest = front.strip_prefix(b"{\"v\":1,\"seq\":")?;
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (seq, rest) = rest.split_at_checked(digits)?;
        let seq: u64 = std::str::from_utf8(seq).ok()?.parse().ok()?;
        let (id, rest) = rest.strip_prefix(b",\"id\":\"")?.split_at_checked(36)?;
        let (time, rest) = rest.strip_prefix(b"\",\"time\":\"")?.split_at_checked(30)?;
        let body = rest.strip_prefix(b"\",")?;
        let (id, time) = (std::str::from_utf8(id).ok()?, std::str::from_utf8(time).ok()?);
        Some(Self { seq, id, time, body, prev, hash, hashed })
    }

    /// What the hash is, computed from the bytes.
    #[must_use]
    pub fn computed_hash(&self) -> HashText {
        hash(self.hashed)
    }

    /// Whether the stated hash is the computed one.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        self.computed_hash() == self.hash
    }

    /// Whether the record is of this kind.
    #[must_use]
    pub fn is_kind(&self, kind: &str) -> bool {
        self.body
            .strip_prefix(b"\"kind\":\"")
            .and_then(|rest| rest.strip_prefix(kind.as_bytes()))
            .is_some_and(|rest| rest.first() == Some(&b'"'))
    }

    /// Whether this record closes its file.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.body.starts_with(CLOSED)
    }
}

/// How the record begins that closes a file.
const CLOSED: &[u8] = b"\"kind\":\"lifecycle\",\"event\":\"closed\",\"last\":true,";

/// Splits `…<label><64 hexadecimal digits>` before the label.
fn split_hash<'a>(text: &'a [u8], label: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let (front, hash) = text.split_at_checked(text.len().checked_sub(64)?)?;
    let is_hash = hash.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_hash.then_some((front.strip_suffix(label)?, hash))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::write_lifecycle;

    fn sealed(chain: &mut Chain, event: &str, last: bool) -> Vec<u8> {
        let mut body = Vec::new();
        write_lifecycle(event, &[("reason", "x")], last, &mut body);
        let mut out = Vec::new();
        chain.seal(RecordId([7; 16]), |out| out.extend_from_slice(b"2026-07-28T12:00:00.000000000Z"), &body, &mut out);
        assert_eq!(out.pop(), Some(b'\n'));
        out
    }

    #[test]
    fn what_is_sealed_can_be_taken_apart() {
        let mut chain = Chain::genesis();
        let first = sealed(&mut chain, "start", false);
        let second = sealed(&mut chain, "closed", true);
        let (first, second) = (Link::parse(&first).unwrap(), Link::parse(&second).unwrap());
        assert!(first.is_intact() && second.is_intact());
        assert_eq!((first.seq, second.seq), (0, 1));
        assert_eq!(first.prev, NO_HASH);
        assert_eq!(second.prev, first.hash);
        assert!(!first.is_last() && second.is_last() && first.is_kind("lifecycle") && !first.is_kind("life"));
        assert_eq!(first.time, "2026-07-28T12:00:00.000000000Z");
    }

    #[test]
    fn an_event_that_is_only_called_closed_does_not_close() {
        let line = sealed(&mut Chain::genesis(), "closed", false);
        assert!(!Link::parse(&line).unwrap().is_last());
    }

    #[test]
    fn no_changed_byte_is_intact() {
        let line = sealed(&mut Chain::genesis(), "start", false);
        for index in 0..line.len() {
            for bit in 0..8 {
                let mut changed = line.clone();
                changed[index] ^= 1 << bit;
                assert!(!Link::parse(&changed).is_some_and(|link| link.is_intact()), "byte {index}, bit {bit}");
            }
        }
    }
}
