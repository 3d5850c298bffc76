//! What a decision orders beside its verdict: whom to ask, which limits to charge. Values only; they are carried out by
//! the gateway, and what it cannot carry out is a denial.

use std::sync::Arc;
use std::time::Duration;

/// What a held message waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Demand {
    /// Somebody's approval.
    Approval(ApprovalDemand),
    /// A second factor of the principal itself.
    StepUp(StepUpDemand),
}

/// Somebody must approve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalDemand {
    /// How many different people must approve: 1 or 2. With 2, the principal of the call is never one of them.
    pub people: u8,
    /// Approvers must have one of these roles; empty means the role `approver`.
    pub roles: Box<[Box<str>]>,
    /// How long to wait. Afterwards it is denied.
    pub wait: Duration,
    /// Where to ask, in this order of preference; empty for all that there are.
    pub ask: Box<[Way]>,
}

/// The principal must show a second factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepUpDemand {
    /// How long to wait for the code. Afterwards it is denied.
    pub wait: Duration,
    /// How long a code that was given serves the same principal.
    pub lasts: Duration,
}

/// A way to ask a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// The client's own elicitation.
    Client,
    /// The admin API.
    Admin,
    /// A signed webhook.
    Webhook,
    /// `gatehold approvals` on the host.
    Host,
}

impl Way {
    /// All ways, in the order of preference.
    pub const ALL: [Self; 4] = [Self::Client, Self::Admin, Self::Webhook, Self::Host];

    /// The stable name, as it stands in policies and records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Admin => "admin",
            Self::Webhook => "webhook",
            Self::Host => "host",
        }
    }
}

/// A limit that a message is charged against before it goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// Its name, as it stands in reasons (`limit:<name>`), keys and records; unique in a configuration.
    pub name: Arc<str>,
    /// How many, in which time.
    pub rate: Rate,
    /// What is counted apart. Empty: everything together.
    pub per: Box<[Dimension]>,
    /// A sentence for whoever passes it.
    pub text: Option<Arc<str>>,
}

/// How much, in which time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Messages, at least 1.
    pub count: u32,
    /// In this time, at least a millisecond.
    pub per: Duration,
    /// How many may come at once; only for the bucket. At least 1.
    pub burst: u32,
    /// How it is counted.
    pub manner: Manner,
}

/// How a rate is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Manner {
    /// A token bucket (GCRA): refills evenly.
    Bucket,
    /// Windows that begin at multiples of the time.
    Fixed,
    /// A window that ends now, by weighing the previous fixed one.
    Sliding,
}

/// What a limit is counted by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Dimension {
    /// The principal.
    Principal,
    /// The verified client, or what the client claims to be.
    Client,
    /// The tenant.
    Tenant,
    /// The session.
    Session,
    /// The server.
    Server,
    /// The method.
    Method,
    /// The tool.
    Tool,
    /// The value of the principal's label of this name.
    Label(Box<str>),
}
