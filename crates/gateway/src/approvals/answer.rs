//! What people say about a held message, and what comes of it.
//!
//! An answer says who gave it and by which way. Whoever takes it in (the host's files, the admin API, a webhook's
//! token, the client's elicitation) has verified that; the desk decides whether it counts.

use std::fmt;
use std::time::Duration;

use gatehold_decide::obligation::Way;
use gatehold_evidence::LedgerError;
use gatehold_inspect::finding::{Finding, HOLD_FLOOD, Severity};

/// The longest time that an approval may cover calls like the one that was approved.
pub const STANDING_MAX: Duration = Duration::from_secs(8 * 60 * 60);

/// One person's answer to one hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Who answers, as verified by the way that brought it.
    pub by: Box<str>,
    /// The roles of whoever answers.
    pub roles: Box<[Box<str>]>,
    /// The way by which it came.
    pub way: Way,
    /// Yes, for how much, or no.
    pub choice: Choice,
    /// For `Session` and `For`: whether other arguments are approved too. Without it only calls with the very same
    /// ones are.
    pub any_arguments: bool,
    /// A sentence for the record; of a denial also for the client.
    pub reason: Option<Box<str>>,
}

/// Yes, for how much, or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// This message, once.
    Once,
    /// This message, and calls like it to the end of the session: same principal, server, tool and rule.
    Session,
    /// This message, and calls like it for this time, at most `STANDING_MAX`, in any session of this gateway.
    For(Duration),
    /// No.
    Deny,
}

impl Choice {
    /// The stable name, as it stands in records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Session => "session",
            Self::For(_) => "time",
            Self::Deny => "deny",
        }
    }
}

/// How far an approval reaches. With two people, as far as both allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scope {
    /// Calls like it in this session are approved too.
    pub session: bool,
    /// Calls like it are approved for this time.
    pub time: Option<Duration>,
    /// Also with other arguments.
    pub any_arguments: bool,
}

impl Scope {
    /// What one answer approves.
    pub(super) const fn of(answer: &Answer) -> Self {
        let (session, time) = match answer.choice {
            Choice::Once | Choice::Deny => (false, None),
            Choice::Session => (true, None),
            Choice::For(time) => (false, Some(time)),
        };
        Self { session, time, any_arguments: answer.any_arguments && (session || time.is_some()) }
    }

    /// Whether nothing but the message itself is approved.
    #[must_use]
    pub const fn is_once(self) -> bool {
        !self.session && self.time.is_none()
    }

    /// What both allow: only the message itself if one of them allowed no more.
    pub(super) fn and(self, other: Self) -> Self {
        if self.is_once() || other.is_once() {
            return Self::default();
        }
        Self {
            session: self.session || other.session,
            time: match (self.time, other.time) {
                (Some(one), Some(two)) => Some(one.min(two)),
                (one, two) => one.or(two),
            },
            any_arguments: self.any_arguments && other.any_arguments,
        }
    }
}

/// How a hold ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was approved. Pass the message through the gate again: `Desk::satisfied` then lets it through, once.
    Approved {
        /// Who approved; for a second factor the principal itself.
        by: Box<[Box<str>]>,
        /// How far it reaches.
        scope: Scope,
    },
    /// Somebody said no.
    Denied {
        /// Who.
        by: Box<str>,
        /// Why, for the client.
        reason: Option<Box<str>>,
    },
    /// Nobody answered in time, or the gateway ends.
    Expired,
}

/// What an answer did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// The hold is over.
    Settled(Outcome),
    /// So many more people must approve.
    Waiting(u8),
}

/// Why an answer does not count. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnswerError {
    /// There is no such hold: it was never opened, is settled, or has expired.
    Unknown,
    /// The policy does not ask by this way.
    NotAsked(Way),
    /// Whoever answers has none of the roles that are needed.
    Role(Box<[Box<str>]>),
    /// Two people are needed, and whoever makes the call is none of them.
    OwnCall,
    /// The same person has approved already.
    Twice,
    /// It waits for a second factor, which no approval replaces.
    NeedsCode,
    /// The time is zero or longer than `STANDING_MAX`.
    Time,
    /// The answer was given to something else than what is held.
    OtherMessage,
    /// It could not be recorded, and what is not recorded does not happen.
    Unrecorded(LedgerError),
}

impl AnswerError {
    /// The stable name, as it stands in records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::NotAsked(_) => "not_asked",
            Self::Role(_) => "role",
            Self::OwnCall => "own_call",
            Self::Twice => "twice",
            Self::NeedsCode => "needs_code",
            Self::Time => "time",
            Self::OtherMessage => "other_message",
            Self::Unrecorded(_) => "unrecorded",
        }
    }
}

impl fmt::Display for AnswerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("nothing of this id waits: it was answered, has expired, or was never held"),
            Self::NotAsked(way) => write!(f, "the policy does not ask for this approval by way of `{}`", way.name()),
            Self::Role(roles) => write!(f, "one of these roles is needed: {}", roles.join(", ")),
            Self::OwnCall => f.write_str("two people are needed, and whoever makes the call is none of them"),
            Self::Twice => f.write_str("you have approved it already; another person is needed"),
            Self::NeedsCode => f.write_str("it waits for a code of the principal's second factor, not for an approval"),
            Self::Time => f.write_str("the time is from 1 second to 8 hours"),
            Self::OtherMessage => f.write_str("the answer was given to another message than the one that waits"),
            Self::Unrecorded(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for AnswerError {}

/// Why a message cannot be held. It is denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotOpened {
    /// The decision demands nothing that somebody could give.
    NoDemand,
    /// The decision's edits do not fit the message.
    Uneditable,
    /// It is too long to be shown whole (`hold::SHOWN_BYTES_MAX`).
    TooLong,
    /// So much waits already, of this principal or in all, that nobody could judge it.
    Flooded,
    /// A person has denied the same call a moment ago.
    JustDenied,
    /// It could not be recorded, or not be written where people see it.
    Failed(String),
}

impl NotOpened {
    /// The stable name, as it stands in records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NoDemand => "no_demand",
            Self::Uneditable => "uneditable",
            Self::TooLong => "too_long",
            Self::Flooded => "flooded",
            Self::JustDenied => "just_denied",
            Self::Failed(_) => "failed",
        }
    }

    /// A sentence for the peer.
    #[must_use]
    pub const fn text(&self) -> &'static str {
        match self {
            Self::NoDemand | Self::Uneditable | Self::Failed(_) => {
                "This call needs an approval that cannot be asked for."
            }
            Self::TooLong => "This call needs an approval, and it is too long for a person to judge.",
            Self::Flooded => "This call needs an approval, and too many wait already.",
            Self::JustDenied => "This call was denied a moment ago.",
        }
    }

    /// The finding that goes into the record: a flood of holds is itself one.
    #[must_use]
    pub fn finding(&self) -> Option<Finding> {
        (*self == Self::Flooded).then(|| Finding {
            id: HOLD_FLOOD,
            rule: "flood".into(),
            severity: Severity::High,
            confidence: 1.0,
            pointer: "".into(),
            span: 0..0,
            detail: "more calls wait for approval than a person can judge".into(),
        })
    }
}
