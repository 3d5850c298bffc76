//! From one message to a ruling: which subjects a message has, which rule decides about each, and what is allowed
//! because the protocol needs it.
//!
//! A message that stands for several requests (a subscription to many resources, a result that asks the client for
//! input) is denied when any of them is.

use gatehold_inspect::Flow;
use gatehold_session::Direction;
use gatehold_wire::json::{Raw, Type};
use gatehold_wire::{Era, Kind, Method};

use super::argument::Outcome;
use super::rule::{Action, Rule};
use super::subject::{Arguments, Named, Subject};
use super::{Policy, Standing};
use crate::decision::{Decision, Reason, Verdict};

/// The JSON-RPC error by which a server of 2025-11-25 demands elicitation by URL.
const URL_ELICITATION_REQUIRED: i64 = -32042;

/// What decided about one subject.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ruling<'p> {
    pub(crate) verdict: Verdict,
    pub(crate) reason: &'p Reason,
    /// A rule that could not be evaluated and had a part in this.
    failed: Option<&'p Rule>,
}

impl Ruling<'_> {
    /// Whether the subject may pass.
    pub(crate) fn is_allowed(self) -> bool {
        self.verdict != Verdict::Deny
    }
}

/// What the default does where no rule matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fallback {
    /// The default of the policy.
    Default,
    /// Allowed: the protocol needs it, or it answers what was allowed.
    Protocol,
}

/// Decides about one message by rules alone.
pub(super) fn message(policy: &Policy, flow: Flow<'_>) -> Decision {
    let facts = flow.facts;
    let subject = Subject::of(flow);
    let ruling = rule_on(policy, &subject, fallback(facts.direction, facts.kind, facts.method));
    if !ruling.is_allowed() {
        return decision(policy, ruling, is_hidden(policy, &subject, facts.method));
    }
    let embedded = match (facts.direction, facts.kind) {
        (Direction::FromClient, Kind::Request | Kind::Notification) => listened(policy, flow, &subject),
        (Direction::FromServer, Kind::Result | Kind::Error | Kind::Notification) => asked(policy, flow, &subject),
        (Direction::FromClient, Kind::Result | Kind::Error) | (Direction::FromServer, Kind::Request) => None,
    };
    match embedded {
        Some((denied, hidden)) => decision(policy, denied, hidden),
        None => decision(policy, ruling, false),
    }
}

/// Decides about an entry of a list as about a use of it with arguments that are not known.
pub(crate) fn entry<'p>(policy: &'p Policy, server: &str, method: Method<'_>, name: &str) -> Ruling<'p> {
    let mut subject = Subject::bare(Direction::FromClient, Kind::Request, server, Named::Is(method.name()));
    match method {
        Method::PromptsGet => subject.prompt = Named::Is(name),
        Method::ResourcesRead => subject = subject.with_resource(Named::Is(name)),
        _ => subject.tool = Named::Is(name),
    }
    subject.arguments = match method {
        Method::ResourcesRead => Arguments::Inapplicable,
        _ => Arguments::Unknown,
    };
    rule_on(policy, &subject, Fallback::Default)
}

/// The first rule that concerns the subject.
fn rule_on<'p>(policy: &'p Policy, subject: &Subject<'_>, fallback: Fallback) -> Ruling<'p> {
    let mut failed = None;
    for rule in &policy.rules {
        let verdict = match (rule.concerns(subject), rule.action) {
            (Outcome::No, _) => continue,
            (Outcome::Yes, Action::Allow | Action::Audit) => Verdict::Allow,
            (Outcome::Yes, Action::Deny) => Verdict::Deny,
            (Outcome::Error, Action::Deny) => {
                return Ruling { verdict: Verdict::Deny, reason: &policy.standing.error, failed: Some(rule) };
            }
            (Outcome::Error, Action::Allow | Action::Audit) => {
                failed = failed.or(Some(rule));
                continue;
            }
        };
        return Ruling { verdict, reason: &rule.reason, failed: None };
    }
    let Standing { default, protocol, .. } = &policy.standing;
    match fallback {
        Fallback::Protocol => Ruling { verdict: Verdict::Allow, reason: protocol, failed: None },
        Fallback::Default => Ruling { verdict: policy.default, reason: default, failed },
    }
}

/// Whether a list would hide what was denied.
fn is_hidden(policy: &Policy, subject: &Subject<'_>, method: Option<Method<'_>>) -> bool {
    if subject.direction != Direction::FromClient || matches!(subject.kind, Kind::Result | Kind::Error) {
        return false;
    }
    let used = match method {
        Some(Method::ToolsCall) => Some((Method::ToolsCall, subject.tool)),
        Some(Method::PromptsGet) => Some((Method::PromptsGet, subject.prompt)),
        Some(Method::ResourcesRead | Method::ResourcesSubscribe | Method::ResourcesUnsubscribe) => {
            Some((Method::ResourcesRead, subject.resource))
        }
        Some(Method::Complete) => match subject.prompt {
            Named::Is(_) => Some((Method::PromptsGet, subject.prompt)),
            Named::Absent | Named::Unreadable => Some((Method::ResourcesRead, subject.resource)),
        },
        _ => None,
    };
    match used {
        Some((method, Named::Is(name))) => !entry(policy, subject.server, method, name).is_allowed(),
        Some((_, Named::Absent | Named::Unreadable)) | None => false,
    }
}

/// The first resource of a `subscriptions/listen` that may not be read.
fn listened<'p>(policy: &'p Policy, flow: Flow<'_>, subject: &Subject<'_>) -> Option<(Ruling<'p>, bool)> {
    if flow.facts.method != Some(Method::SubscriptionsListen) {
        return None;
    }
    let uris = flow.message.param("notifications")?.get("resourceSubscriptions")?;
    let judge = |resource: Named<'_>| {
        let mut one = subject.clone().with_resource(resource);
        one.follows = Some(Method::ResourcesRead.name());
        let ruling = rule_on(policy, &one, Fallback::Default);
        let hidden = match resource {
            Named::Is(uri) => !entry(policy, subject.server, Method::ResourcesRead, uri).is_allowed(),
            Named::Absent | Named::Unreadable => false,
        };
        (!ruling.is_allowed()).then_some((ruling, hidden))
    };
    match uris.kind() {
        Type::Null => None,
        Type::Array => uris.items().find_map(|uri| judge(Named::required(uri.as_str().as_deref()))),
        Type::Bool | Type::Number | Type::String | Type::Object => judge(Named::Unreadable),
    }
}

/// The first request to the client, embedded in a message from the server, that may not be asked.
fn asked<'p>(policy: &'p Policy, flow: Flow<'_>, subject: &Subject<'_>) -> Option<(Ruling<'p>, bool)> {
    let judge = |method: Named<'_>| {
        let one = Subject::bare(Direction::FromServer, Kind::Request, subject.server, method);
        let ruling = rule_on(policy, &one, Fallback::Default);
        (!ruling.is_allowed()).then_some((ruling, false))
    };
    let requests = match flow.facts.kind {
        Kind::Error => {
            let code = flow.message.error()?.get("code")?.as_i64();
            return (code == Some(URL_ELICITATION_REQUIRED))
                .then(|| judge(Named::Is(Method::ElicitationCreate.name())))
                .flatten();
        }
        Kind::Result => embedded_in_result(flow)?,
        Kind::Notification if flow.facts.method == Some(Method::TasksChanged) => flow.message.param("inputRequests")?,
        Kind::Notification | Kind::Request => return None,
    };
    match requests.kind() {
        Type::Null => None,
        Type::Object => requests
            .members()
            .find_map(|(_, request)| judge(Named::required(request.get("method").and_then(Raw::as_str).as_deref()))),
        Type::Bool | Type::Number | Type::String | Type::Array => judge(Named::Unreadable),
    }
}

/// `inputRequests` of a result, unless the revision is known to have none and the result does not claim to ask.
fn embedded_in_result<'m>(flow: Flow<'m>) -> Option<Raw<'m>> {
    let result = flow.message.result()?;
    let requests = result.get("inputRequests")?;
    let is_legacy = flow.facts.revision.is_some_and(|revision| revision.era() == Era::Legacy);
    let asks = result.get("resultType").is_some_and(|kind| kind.is_str("input_required"));
    (asks || !is_legacy).then_some(requests)
}

/// What is allowed without a rule. Everything that a rule author would otherwise have to list so that sessions work.
fn fallback(direction: Direction, kind: Kind, method: Option<Method<'_>>) -> Fallback {
    let is_needed = match (kind, method) {
        (Kind::Result | Kind::Error, _) => true,
        (Kind::Request | Kind::Notification, None) => false,
        (Kind::Request | Kind::Notification, Some(method)) => is_housekeeping(direction, kind, method),
    };
    if is_needed { Fallback::Protocol } else { Fallback::Default }
}

fn is_housekeeping(direction: Direction, kind: Kind, method: Method<'_>) -> bool {
    match method {
        Method::Ping
        | Method::TasksGet
        | Method::TasksResult
        | Method::TasksList
        | Method::TasksUpdate
        | Method::TasksCancel => true,
        Method::Initialize
        | Method::Discover
        | Method::ToolsList
        | Method::ResourcesList
        | Method::ResourceTemplatesList
        | Method::PromptsList
        | Method::LoggingSetLevel
        | Method::SubscriptionsListen => direction == Direction::FromClient,
        Method::Initialized
        | Method::Cancelled
        | Method::Progress
        | Method::LogMessage
        | Method::ToolsListChanged
        | Method::ResourcesListChanged
        | Method::ResourcesUpdated
        | Method::PromptsListChanged
        | Method::RootsListChanged
        | Method::TasksStatus
        | Method::TasksChanged
        | Method::ElicitationComplete
        | Method::SubscriptionsAcknowledged => kind == Kind::Notification,
        Method::Other(name) => kind == Kind::Notification && name.starts_with("notifications/"),
        Method::ToolsCall
        | Method::ResourcesRead
        | Method::ResourcesSubscribe
        | Method::ResourcesUnsubscribe
        | Method::PromptsGet
        | Method::Complete
        | Method::SamplingCreateMessage
        | Method::ElicitationCreate
        | Method::RootsList => false,
    }
}

/// The decision that a ruling amounts to.
fn decision(policy: &Policy, ruling: Ruling<'_>, hidden: bool) -> Decision {
    let mut reasons = Vec::with_capacity(1);
    reasons.push(ruling.reason.clone());
    if let Some(rule) = ruling.failed {
        if ruling.reason != &policy.standing.error {
            reasons.push(policy.standing.error.clone());
        }
        reasons.push(rule.reason.clone());
    }
    Decision {
        verdict: ruling.verdict,
        mode: policy.mode,
        hidden,
        reasons,
        edits: Vec::new(),
        demand: None,
        limits: Vec::new(),
        retry_after: None,
        tags: std::sync::Arc::default(),
        policy: policy.digest.clone(),
    }
}
