//! What comes out of the gate: a message that may leave, or one that may not. Values of these types are made by the
//! ledger alone, after the record was written; there is no other way to get one.

use std::fmt;

use bytes::Bytes;
use gatehold_session::Principal;

/// A message that was decided, allowed, edited as ordered, and recorded. The only thing that can be sent.
#[derive(Debug, Clone)]
pub struct Cleared {
    bytes: Bytes,
    record: RecordId,
    speaker: Option<Principal>,
}

/// The id of a record: a UUID of version 7 (RFC 9562). Within a ledger, later records have greater ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(pub [u8; 16]);

/// A message that was decided and recorded, and may not leave. What its sender is told instead can leave.
#[derive(Debug)]
pub struct Blocked {
    record: RecordId,
}

/// What came out of the gate for one message.
#[derive(Debug)]
#[must_use]
pub enum Gate {
    /// It may leave.
    Cleared(Cleared),
    /// It may not.
    Blocked(Blocked),
}

impl Cleared {
    pub(crate) const fn new(bytes: Bytes, record: RecordId) -> Self {
        Self { bytes, record, speaker: None }
    }

    /// An answer that nothing can be recorded. Its record is the nil id.
    pub(crate) const fn unrecorded(bytes: Bytes) -> Self {
        Self { bytes, record: RecordId([0; 16]), speaker: None }
    }

    /// The bytes to send.
    #[must_use]
    pub const fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The record that allows it.
    #[must_use]
    pub const fn record(&self) -> RecordId {
        self.record
    }

    /// The same message with names or ids rewritten for the side it goes to: the prefix of an aggregated tool, or a
    /// request id that would collide with another client's. What it says does not change.
    #[must_use]
    pub fn readdressed(self, bytes: Bytes) -> Self {
        Self { bytes, ..self }
    }

    /// The same message with the principal who said it, for those who judge it again further on (the members of an
    /// aggregate).
    #[must_use]
    pub fn spoken_by(self, principal: &Principal) -> Self {
        Self { speaker: Some(principal.clone()), ..self }
    }

    /// Who said it, where that was noted.
    #[must_use]
    pub const fn speaker(&self) -> Option<&Principal> {
        self.speaker.as_ref()
    }

    /// One message made from parts that were each cleared: an aggregated list.
    #[must_use]
    pub fn merged(parts: &[Cleared], bytes: Bytes) -> Option<Self> {
        parts.first().map(|first| Self { bytes, ..first.clone() })
    }
}

impl Blocked {
    pub(crate) const fn new(record: RecordId) -> Self {
        Self { record }
    }

    /// The record that says why.
    #[must_use]
    pub const fn record(&self) -> RecordId {
        self.record
    }

    /// The answer that tells the peer; it may leave because the refusal is recorded.
    #[must_use]
    pub fn answer(self, bytes: Bytes) -> Cleared {
        Cleared::new(bytes, self.record)
    }
}

impl RecordId {
    /// The hyphenated text, as it stands in records and in answers.
    pub(crate) fn text(self) -> [u8; 36] {
        let mut text = [b'-'; 36];
        let mut places = text.iter_mut();
        for (index, byte) in self.0.into_iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                places.next();
            }
            for nibble in [byte >> 4, byte & 15] {
                if let Some(place) = places.next() {
                    *place = if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
                }
            }
        }
        text
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.text()).unwrap_or_default())
    }
}

/// Makes the ids of one ledger: the time in milliseconds, a counter that keeps them rising also when the clock does
/// not, and a part that is random for the ledger. No system call is made for an id.
#[derive(Debug)]
pub(crate) struct RecordIds {
    /// Milliseconds above twelve bits of counter.
    last: u64,
    ledger: u64,
}

impl RecordIds {
    pub(crate) const fn new(random: u64) -> Self {
        Self { last: 0, ledger: random }
    }

    pub(crate) fn next(&mut self, unix_ms: u64) -> RecordId {
        // A full counter runs over into the milliseconds, as RFC 9562 section 6.2 allows.
        self.last = (unix_ms << 12).max(self.last.wrapping_add(1));
        let time = u128::from(self.last >> 12) & 0xffff_ffff_ffff;
        let counter = u128::from(self.last & 0xfff);
        let ledger = u128::from(self.ledger & 0x3fff_ffff_ffff_ffff);
        RecordId(((time << 80) | (7 << 76) | (counter << 64) | (2 << 62) | ledger).to_be_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_version_7_and_rise_though_the_clock_falls() {
        let mut ids = RecordIds::new(u64::MAX);
        let mut last = ids.next(0x0123_4567_89ab);
        assert_eq!(last.to_string(), "01234567-89ab-7000-bfff-ffffffffffff");
        for step in 0..10_000_u64 {
            let next = ids.next(0x0123_4567_89ab - step.min(5));
            assert!(next > last, "{next} follows {last}");
            assert_eq!(next.0[6] >> 4, 7);
            assert_eq!(next.0[8] >> 6, 2);
            last = next;
        }
    }
}
