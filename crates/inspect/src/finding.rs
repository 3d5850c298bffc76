//! What a detector reports.

use std::ops::Range;

/// How bad it is if the finding is true. Ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Unusual.
    Low,
    /// Dangerous together with something else.
    Medium,
    /// Dangerous.
    High,
    /// An attack, or a failure of the gate itself.
    Critical,
}

impl Severity {
    /// The stable name, as it stands in records and policy.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// One finding: what, where, how sure, why.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The stable id of what was found, for instance `TP001`.
    pub id: &'static str,
    /// The rule within the detector, for people who tune it.
    pub rule: Box<str>,
    /// How bad it is.
    pub severity: Severity,
    /// How sure the detector is, from 0 to 1.
    pub confidence: f32,
    /// RFC 6901 pointer to the value in the message; empty for the whole message.
    pub pointer: Box<str>,
    /// The bytes in the message that are meant.
    pub span: Range<usize>,
    /// A sentence for people. It never repeats a secret.
    pub detail: Box<str>,
}

/// The finding for a detector that panicked or ran out of its budget. Its default is deny.
pub const INSPECTOR_FAILED: &str = "GH001";
/// The finding for a session, a stream or a task that somebody else than its owner has named.
pub const FOREIGN_HANDLE: &str = "AU001";
/// The finding for a client's token that was not meant for the gateway and was not passed on.
pub const TOKEN_WITHHELD: &str = "AU002";
/// The finding for a message that does not parse or passes a limit. Its default is deny.
pub const UNREADABLE: &str = "GH002";
/// The finding for a text that the model of the second tier takes for an attack.
pub const MODEL_SAYS: &str = "PI004";
/// The finding for a message of which the second tier says nothing: it failed, was late, or had no place left. What
/// happens then stands in its severity: `low` is only recorded, `medium` is held and `critical` denied, under every policy.
pub const TIER_FAILED: &str = "GH003";
/// The finding for calls that wait for approval in such numbers that nobody could judge them. Its default is deny.
pub const HOLD_FLOOD: &str = "AP001";
