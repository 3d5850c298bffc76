//! The decision: what is to happen to a message, why, and under which policy.

use std::sync::Arc;
use std::time::Duration;

use gatehold_wire::edit::Edit;

use crate::obligation::{Demand, Limit};

/// What is to happen. Ordered by severity: combining takes the maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Send it as it is.
    Allow,
    /// Send it with the decision's edits.
    Redact,
    /// Ask somebody first.
    Hold,
    /// Do not send it.
    Deny,
}

impl Verdict {
    /// The stable name, as it stands in records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Redact => "redact",
            Self::Hold => "hold",
            Self::Deny => "deny",
        }
    }
}

/// Whether decisions are carried out. Observing is not a verdict: the decision is computed and recorded as always, and
/// the message is cleared with the mark that it was not enforced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Decisions are carried out.
    Enforce,
    /// Decisions are recorded only. What cannot be parsed is refused all the same: there is nothing safe to forward.
    Audit,
}

impl Mode {
    /// The stable name, as it stands in records and configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Audit => "audit",
        }
    }
}

/// One reason of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// What decided: a rule's name (`audit:<name>` for a rule that allows and marks), `role:<name>` (an entry of
    /// `roles`), `grant:<id>`, `default` (no rule matched), `protocol` (no rule matched, and the protocol needs it),
    /// `policy-error` (a condition could not be evaluated; the rule's name follows as the next reason), `edit-failed`
    /// (what had to be taken out could not be), `no-policy`, `limit:<name>`, `state:unavailable`, or
    /// `finding:<id>`. Rule names never hold a colon.
    pub rule: Arc<str>,
    /// A sentence that may be shown to the peer; the rule's `reason`, if it has one.
    pub text: Option<Arc<str>>,
}

impl Reason {
    /// What stands in `rule` when a limit could not be counted, since the shared store is out of reach.
    pub const STATE_UNAVAILABLE: &'static str = "state:unavailable";
    /// What stands in `rule` when a condition could not be evaluated.
    pub const POLICY_ERROR: &'static str = "policy-error";
    /// What stands in `rule` when a message could not be changed as it had to be.
    pub const EDIT_FAILED: &'static str = "edit-failed";
    /// What stands in `rule` when vault tokens became their values again.
    pub const VAULT: &'static str = "vault";
    /// Names that no rule may have, since reasons use them.
    pub const RESERVED: [&'static str; 7] =
        ["default", "no-policy", Self::POLICY_ERROR, "protocol", Self::EDIT_FAILED, "own", Self::VAULT];
}

/// The decision about one message.
#[derive(Debug, Clone)]
#[must_use]
pub struct Decision {
    /// What is to happen.
    pub verdict: Verdict,
    /// Whether it is carried out.
    pub mode: Mode,
    /// For a denial: whether the thing must look as if it did not exist (its list hides it too).
    pub hidden: bool,
    /// Why, the decisive reason first. Never empty.
    pub reasons: Vec<Reason>,
    /// What is changed in the message before it goes on: with `Redact` at once, with `Hold` once it may go.
    pub edits: Vec<Edit>,
    /// For `Hold`: what it waits for. Without one a held message is denied.
    pub demand: Option<Arc<Demand>>,
    /// Limits that are charged before the message goes on; one that is passed denies.
    pub limits: Vec<Arc<Limit>>,
    /// For a denial by a limit: how long until trying again may help.
    pub retry_after: Option<Duration>,
    /// Tags of the rule that decided, for instance `owasp-asi-2026:ASI02`.
    pub tags: Arc<[Box<str>]>,
    /// SHA-256 of the policy, in lower-case hexadecimal; `none` without one.
    pub policy: Arc<str>,
}

impl Decision {
    /// Denies what was milder so far, for this reason. Nothing is sent then, so nothing is edited, charged or asked.
    pub(crate) fn deny(&mut self, reason: Reason) {
        self.verdict = Verdict::Deny;
        self.edits.clear();
        self.limits.clear();
        self.demand = None;
        self.reasons.insert(0, reason);
    }
}
