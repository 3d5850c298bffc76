//! Why bytes were refused. A refusal is an input of the decision (its default is deny), so it says what happened and
//! where; it never repeats the text of the message, which may hold a secret.

use std::fmt;

/// What was wrong with the bytes. The names are stable: they stand in records and in answers to peers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalCode {
    /// The bytes are not UTF-8, or begin with a byte order mark.
    InvalidUtf8,
    /// The text is not JSON (RFC 8259).
    InvalidJson,
    /// A string escape encodes half of a surrogate pair.
    LoneSurrogate,
    /// An object has the same key twice.
    DuplicateKey,
    /// A key equals a protocol key but for letter case or Unicode folding (CVE-2026-27896).
    FoldedKey,
    /// Bytes follow the message.
    TrailingBytes,
    /// Nested deeper than `depth_max`.
    TooDeep,
    /// Larger than `message_bytes_max` or `event_bytes_max`.
    TooLarge,
    /// More members than `members_max`, or a key longer than `key_bytes_max`.
    TooManyMembers,
    /// The text is JSON but not one JSON-RPC 2.0 message.
    NotJsonRpc,
    /// An array of messages where the revision has no batches, an empty one, or one over `batch_messages_max`.
    Batch,
    /// A mirrored header and the body disagree, or a required one is missing (2026-07-28, `-32020`).
    HeaderMismatch,
    /// A header that must be single occurs twice, or cannot be decoded.
    BadHeader,
}

impl RefusalCode {
    /// The stable name, as it stands in records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidUtf8 => "invalid_utf8",
            Self::InvalidJson => "invalid_json",
            Self::LoneSurrogate => "lone_surrogate",
            Self::DuplicateKey => "duplicate_key",
            Self::FoldedKey => "folded_key",
            Self::TrailingBytes => "trailing_bytes",
            Self::TooDeep => "too_deep",
            Self::TooLarge => "too_large",
            Self::TooManyMembers => "too_many_members",
            Self::NotJsonRpc => "not_json_rpc",
            Self::Batch => "batch",
            Self::HeaderMismatch => "header_mismatch",
            Self::BadHeader => "bad_header",
        }
    }

    /// The JSON-RPC error code a peer is given: `-32700` for what is not JSON, `-32020` for a header that disagrees
    /// with the body (2026-07-28), `-32600` for the rest.
    #[must_use]
    pub const fn json_rpc_code(self) -> i32 {
        match self {
            Self::InvalidUtf8 | Self::InvalidJson | Self::TrailingBytes => -32700,
            Self::HeaderMismatch => -32020,
            Self::LoneSurrogate
            | Self::DuplicateKey
            | Self::FoldedKey
            | Self::TooDeep
            | Self::TooLarge
            | Self::TooManyMembers
            | Self::NotJsonRpc
            | Self::Batch
            | Self::BadHeader => -32600,
        }
    }

    /// The configuration key that raises the limit which was passed, where there is one.
    #[must_use]
    pub const fn limit_key(self) -> Option<&'static str> {
        match self {
            Self::TooDeep => Some("limits.depth_max"),
            Self::TooLarge => Some("limits.message_bytes_max"),
            Self::TooManyMembers => Some("limits.members_max"),
            Self::Batch => Some("limits.batch_messages_max"),
            Self::InvalidUtf8
            | Self::InvalidJson
            | Self::LoneSurrogate
            | Self::DuplicateKey
            | Self::FoldedKey
            | Self::TrailingBytes
            | Self::NotJsonRpc
            | Self::HeaderMismatch
            | Self::BadHeader => None,
        }
    }
}

/// One refusal: the code, the byte offset where reading stopped, and a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What was wrong.
    pub code: RefusalCode,
    /// Byte offset in the message at which it was noticed (0 where there is no message).
    pub offset: usize,
    /// A sentence for people. It names keys and headers of the protocol, never values.
    pub detail: String,
}

impl Refusal {
    /// A refusal at a byte offset.
    #[must_use]
    pub fn new(code: RefusalCode, offset: usize, detail: impl Into<String>) -> Self {
        Self { code, offset, detail: detail.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.detail.trim_end_matches('.'), self.offset)?;
        // One code serves two limits here and there: a detail that names its own knows better.
        match self.code.limit_key() {
            Some(key) if !self.detail.contains("`limits.") => write!(f, " (raise `{key}` to allow it)"),
            Some(_) | None => Ok(()),
        }
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::{Refusal, RefusalCode};

    #[test]
    fn one_limit_is_named_and_it_is_the_right_one() {
        let deep = Refusal::new(RefusalCode::TooDeep, 7, "Nested too deep.");
        assert_eq!(deep.to_string(), "Nested too deep at byte 7 (raise `limits.depth_max` to allow it)");
        let key = Refusal::new(RefusalCode::TooManyMembers, 7, "A key is longer than `limits.key_bytes_max` allows.");
        assert_eq!(key.to_string(), "A key is longer than `limits.key_bytes_max` allows at byte 7");
        let plain = Refusal::new(RefusalCode::InvalidJson, 0, "Expected a JSON value.");
        assert_eq!(plain.to_string(), "Expected a JSON value at byte 0");
    }
}
