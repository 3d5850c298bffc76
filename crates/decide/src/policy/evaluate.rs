//! From one message to a ruling: which subjects a message has, which rule decides about each, and what is allowed
//! because the protocol needs it.
//!
//! A message that stands for several requests (a subscription to many resources, a result that asks the client for
//! input) gets the most severe of what they get: it is denied when any of them is.

use gatehold_inspect::Flow;
use gatehold_session::{Direction, ToolHints};
use gatehold_wire::json::{Raw, Type};
use gatehold_wire::{Era, Kind, Method};

use super::Policy;
use super::argument::Outcome;
use super::rule::{Action, Rule, Shown, Stance};
use super::subject::{Arguments, Around, Named, Subject};
use crate::decision::{Decision, Reason, Verdict};
use crate::grant::{Grant, Granted};
use crate::redact::Redaction;

/// The JSON-RPC error by which a server of 2025-11-25 demands elicitation by URL.
const URL_ELICITATION_REQUIRED: i64 = -32042;

/// How many requests that are embedded in one message are judged; a message with more is denied.
pub(super) const EMBEDDED_MAX: usize = 1024;

/// What decided about one subject.
#[derive(Debug, Clone)]
pub(crate) struct Ruling<'p> {
    pub(crate) verdict: Verdict,
    pub(crate) reason: Reason,
    shown: Shown,
    /// The rule that decided, if one did.
    rule: Option<&'p Rule>,
    /// A rule that could not be evaluated and had a part in this.
    failed: Option<&'p Rule>,
    /// Rules that had their effect before, in order: limits, marks, and what is taken out.
    passed: Vec<&'p Rule>,
}

/// A decision by rules alone, with what is still to be taken out of the message.
pub(super) struct Judged<'p> {
    pub(super) decision: Decision,
    pub(super) redactions: Vec<&'p Redaction>,
}

impl<'p> Ruling<'p> {
    fn new(verdict: Verdict, reason: &Reason) -> Self {
        let reason = reason.clone();
        Self { verdict, reason, shown: Shown::AsListed, rule: None, failed: None, passed: Vec::new() }
    }

    /// Whether the subject may pass, be it after somebody was asked.
    pub(crate) fn is_allowed(&self) -> bool {
        self.verdict != Verdict::Deny
    }

    /// Whether a list goes on showing what this is about.
    pub(crate) fn is_listed(&self) -> bool {
        self.is_allowed() || self.shown == Shown::Visible
    }

    /// The more severe of two, with what both order beside their verdict.
    fn and(self, other: Self) -> Self {
        let (mut worse, milder) = if other.verdict > self.verdict { (other, self) } else { (self, other) };
        worse.passed.extend(milder.passed);
        worse.passed.extend(milder.rule.filter(|rule| matches!(rule.action, Action::Redact(_))));
        worse
    }
}

/// What the default does where no rule matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fallback {
    /// The default of the policy.
    Default,
    /// Allowed: the protocol needs it, or it answers what was allowed.
    Protocol,
}

/// Decides about one message by rules alone.
pub(super) fn message<'p>(policy: &'p Policy, around: &Around<'_>, flow: Flow<'_>) -> Judged<'p> {
    let facts = flow.facts;
    let subject = Subject::of(around, flow);
    let ruling = rule_on(policy, &subject, fallback(facts.direction, facts.kind, facts.method));
    if !ruling.is_allowed() {
        let hidden = is_hidden(policy, &ruling, &subject, facts.method);
        return decision(policy, ruling, hidden);
    }
    let embedded = match (facts.direction, facts.kind) {
        (Direction::FromClient, Kind::Request | Kind::Notification) => listened(policy, flow, &subject),
        (Direction::FromServer, Kind::Result | Kind::Error | Kind::Notification) => asked(policy, flow, &subject),
        (Direction::FromClient, Kind::Result | Kind::Error) | (Direction::FromServer, Kind::Request) => None,
    };
    match embedded {
        Some((embedded, hidden)) => {
            let denied = !embedded.is_allowed();
            decision(policy, ruling.and(embedded), denied && hidden)
        }
        None => decision(policy, ruling, false),
    }
}

/// Decides about an entry of a list as about a use of it with arguments that are not known.
pub(crate) fn entry<'p>(
    policy: &'p Policy,
    around: &Around<'_>,
    method: Method<'_>,
    name: &str,
    hints: Option<ToolHints>,
) -> Ruling<'p> {
    rule_on(policy, &offered(around, method, name, hints), Fallback::Default)
}

/// What a list offers, as a subject.
pub(super) fn offered<'a>(
    around: &'a Around<'a>,
    method: Method<'_>,
    name: &'a str,
    hints: Option<ToolHints>,
) -> Subject<'a> {
    let (method, arguments) = match method {
        Method::PromptsGet => (Method::PromptsGet, Arguments::Unknown),
        Method::ResourcesRead => (Method::ResourcesRead, Arguments::Inapplicable),
        _ => (Method::ToolsCall, Arguments::Unknown),
    };
    let mut subject = Subject::bare(around, Direction::FromClient, Kind::Request, Named::Is(method.name()));
    match method {
        Method::PromptsGet => subject.prompt = Named::Is(name),
        Method::ResourcesRead => subject = subject.with_resource(Named::Is(name)),
        _ => subject.tool = Named::Is(name),
    }
    Subject { is_offered: true, arguments, hints, ..subject }
}

/// What decides about the subject: what is forbidden, then grants, then the first rule that concerns it, then the
/// default.
fn rule_on<'p>(policy: &'p Policy, subject: &Subject<'_>, fallback: Fallback) -> Ruling<'p> {
    let mut walk = Walk { failed: None, passed: Vec::new() };
    let candidates = policy.index.candidates(subject);
    let mut candidates = candidates.iter().peekable();
    while let Some(index) = candidates.next_if(|index| *index < policy.forbids) {
        let rule = policy.rules.get(index);
        if let Some(ruling) = rule.and_then(|rule| walk.step(policy, rule, subject)) {
            return ruling;
        }
    }
    if let Some(grant) = granted(subject) {
        let reason = Reason { rule: format!("grant:{}", grant.id).into(), text: None };
        return Ruling::new(Verdict::Allow, &reason);
    }
    let mut rules = candidates.filter_map(|index| policy.rules.get(index));
    if let Some(ruling) = rules.find_map(|rule| walk.step(policy, rule, subject)) {
        return further_limits(policy, subject, ruling, rules);
    }
    let ruling = match fallback {
        Fallback::Protocol => {
            return Ruling { passed: walk.passed, ..Ruling::new(Verdict::Allow, &policy.standing.protocol) };
        }
        Fallback::Default => Ruling::new(policy.default, &policy.standing.default),
    };
    Ruling { failed: walk.failed, passed: walk.passed, ..ruling }
}

/// The ruling with the limits of the layers below the one that it comes from: who extends a policy may allow more than
/// it does, but not more often. A limit that cannot be evaluated denies.
fn further_limits<'p>(
    policy: &'p Policy,
    subject: &Subject<'_>,
    ruling: Ruling<'p>,
    rest: impl Iterator<Item = &'p Rule>,
) -> Ruling<'p> {
    let Some(layer) = ruling.rule.filter(|_| ruling.verdict != Verdict::Deny).map(|rule| rule.place.layer) else {
        return ruling;
    };
    if layer + 1 >= policy.layers().len() {
        return ruling;
    }
    let mut walk = Walk { failed: None, passed: Vec::new() };
    let mut limits = rest.filter(|rule| rule.place.layer > layer && matches!(rule.action, Action::Limit(_)));
    if let Some(denied) = limits.find_map(|rule| walk.step(policy, rule, subject)) {
        return denied;
    }
    let mut ruling = ruling;
    ruling.passed.append(&mut walk.passed);
    ruling
}

/// One walk through rules in their order.
struct Walk<'p> {
    failed: Option<&'p Rule>,
    passed: Vec<&'p Rule>,
}

impl<'p> Walk<'p> {
    /// What a rule decides, or nothing: the walk goes on.
    fn step(&mut self, policy: &'p Policy, rule: &'p Rule, subject: &Subject<'_>) -> Option<Ruling<'p>> {
        match rule.concerns(subject) {
            Outcome::No => None,
            Outcome::Yes if rule.goes_on => {
                self.passed.push(rule);
                None
            }
            Outcome::Yes => {
                let (verdict, shown) = match &rule.action {
                    Action::Allow | Action::Audit | Action::Redact(_) | Action::Limit(_) => {
                        (Verdict::Allow, Shown::AsListed)
                    }
                    Action::Hold(_) => (Verdict::Hold, Shown::AsListed),
                    Action::Deny(shown) => (Verdict::Deny, *shown),
                };
                let passed = std::mem::take(&mut self.passed);
                Some(Ruling { shown, rule: Some(rule), passed, ..Ruling::new(verdict, &rule.reason) })
            }
            Outcome::Error => match (rule.action.stance(), rule.goes_on) {
                // A mark that may have been meant is set.
                (Stance::Permit, true) => {
                    self.passed.push(rule);
                    None
                }
                (Stance::Permit, false) => {
                    self.failed = self.failed.or(Some(rule));
                    None
                }
                (Stance::Restrict | Stance::Both, _) => {
                    Some(Ruling { failed: Some(rule), ..Ruling::new(Verdict::Deny, &policy.standing.error) })
                }
            },
        }
    }
}

/// The first grant that covers what the subject asks for.
pub(super) fn granted<'a>(subject: &Subject<'a>) -> Option<&'a Grant> {
    let situation = subject.around.situation;
    if situation.grants.is_empty() || subject.direction != Direction::FromClient || subject.kind != Kind::Request {
        return None;
    }
    let Named::Is(method) = subject.method else { return None };
    let covers: Vec<Granted<'_>> = match Method::known(subject.follows.unwrap_or(method))? {
        Method::ToolsCall => vec![Granted::Tool(subject.tool.known()?)],
        Method::PromptsGet => vec![Granted::Prompt(subject.prompt.known()?)],
        Method::ResourcesRead => {
            let plain = subject.resource_plain.as_deref().map(Granted::Resource);
            std::iter::once(Granted::Resource(subject.resource.known()?)).chain(plain).collect()
        }
        _ => return None,
    };
    let principal = subject.around.facts.principal;
    situation
        .grants
        .iter()
        .find(|grant| covers.iter().all(|what| grant.covers(principal, subject.server, *what, situation.now)))
}

/// Whether a denial looks as if the thing did not exist: its rule says so, or its list would not show it.
fn is_hidden(policy: &Policy, ruling: &Ruling<'_>, subject: &Subject<'_>, method: Option<Method<'_>>) -> bool {
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
    let Some((method, Named::Is(name))) = used else { return false };
    match ruling.shown {
        Shown::Hidden => true,
        Shown::Visible => false,
        Shown::AsListed => !entry(policy, subject.around, method, name, subject.hints).is_listed(),
    }
}

/// What the resources of a `subscriptions/listen` come to, and whether a denied one is hidden.
fn listened<'p>(policy: &'p Policy, flow: Flow<'_>, subject: &Subject<'_>) -> Option<(Ruling<'p>, bool)> {
    if flow.facts.method != Some(Method::SubscriptionsListen) {
        return None;
    }
    let uris = flow.message.param("notifications")?.get("resourceSubscriptions")?;
    let judge = |resource: Named<'_>| {
        let mut one = subject.clone().with_resource(resource);
        one.follows = Some(Method::ResourcesRead.name());
        let ruling = rule_on(policy, &one, Fallback::Default);
        let hidden = match (resource, ruling.shown) {
            (Named::Is(_), Shown::Hidden) => true,
            (Named::Is(uri), Shown::AsListed) => {
                !entry(policy, subject.around, Method::ResourcesRead, uri, None).is_listed()
            }
            (Named::Is(_), Shown::Visible) | (Named::Absent | Named::Unreadable, _) => false,
        };
        (ruling, hidden)
    };
    match uris.kind() {
        Type::Null => None,
        Type::Array => worst(policy, uris.items().map(|uri| judge(Named::required(uri.as_str().as_deref())))),
        Type::Bool | Type::Number | Type::String | Type::Object => Some(judge(Named::Unreadable)),
    }
}

/// What the requests to the client come to that are embedded in a message from the server.
fn asked<'p>(policy: &'p Policy, flow: Flow<'_>, subject: &Subject<'_>) -> Option<(Ruling<'p>, bool)> {
    let judge = |method: Named<'_>| {
        let one = Subject::bare(subject.around, Direction::FromServer, Kind::Request, method);
        (rule_on(policy, &one, Fallback::Default), false)
    };
    let requests = match flow.facts.kind {
        Kind::Error => {
            let code = flow.message.error()?.get("code")?.as_i64();
            return (code == Some(URL_ELICITATION_REQUIRED))
                .then(|| judge(Named::Is(Method::ElicitationCreate.name())));
        }
        Kind::Result => embedded_in_result(flow)?,
        Kind::Notification if flow.facts.method == Some(Method::TasksChanged) => flow.message.param("inputRequests")?,
        Kind::Notification | Kind::Request => return None,
    };
    match requests.kind() {
        Type::Null => None,
        Type::Object => {
            let methods = requests.members().map(|(_, request)| request.get("method").and_then(Raw::as_str));
            worst(policy, methods.map(|method| judge(Named::required(method.as_deref()))))
        }
        Type::Bool | Type::Number | Type::String | Type::Array => Some(judge(Named::Unreadable)),
    }
}

/// The most severe of several rulings, with what all of them order. The first that denies ends it, and so does the one
/// that is too many.
fn worst<'p>(policy: &'p Policy, rulings: impl Iterator<Item = (Ruling<'p>, bool)>) -> Option<(Ruling<'p>, bool)> {
    let mut joined: Option<(Ruling<'p>, bool)> = None;
    for (count, (ruling, hidden)) in rulings.enumerate() {
        if count >= EMBEDDED_MAX {
            return Some((Ruling::new(Verdict::Deny, &policy.standing.error), false));
        }
        if !ruling.is_allowed() {
            return Some((ruling, hidden));
        }
        joined = Some(match joined {
            Some((before, _)) => (before.and(ruling), false),
            None => (ruling, false),
        });
    }
    joined
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
pub(super) fn fallback(direction: Direction, kind: Kind, method: Option<Method<'_>>) -> Fallback {
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
fn decision<'p>(policy: &'p Policy, ruling: Ruling<'p>, hidden: bool) -> Judged<'p> {
    let mut reasons = Vec::with_capacity(1);
    let is_error = ruling.reason == policy.standing.error;
    reasons.push(ruling.reason);
    if let Some(rule) = ruling.failed {
        if !is_error {
            reasons.push(policy.standing.error.clone());
        }
        reasons.push(rule.reason.clone());
    }
    let denied = ruling.verdict == Verdict::Deny;
    let mut tags = ruling.rule.or(ruling.failed).map(|rule| rule.tags.clone()).unwrap_or_default();
    let (mut limits, mut redactions) = (Vec::new(), Vec::new());
    let mut demand = None;
    for rule in ruling.passed.into_iter().chain(ruling.rule) {
        match &rule.action {
            // What is denied is charged for nothing, and nothing is left to take out.
            Action::Limit(_) | Action::Redact(_) | Action::Hold(_) if denied => {}
            Action::Limit(limit) if limits.contains(limit) => {}
            Action::Limit(limit) => limits.push(limit.clone()),
            Action::Redact(redaction) => redactions.push(&**redaction),
            Action::Hold(held) => demand = Some(held.clone()),
            Action::Audit | Action::Allow | Action::Deny(_) => {}
        }
        if rule.goes_on && !matches!(rule.action, Action::Limit(_)) && !reasons.contains(&rule.reason) {
            reasons.push(rule.reason.clone());
            if !rule.tags.is_empty() {
                tags = tags.iter().chain(rule.tags.iter()).cloned().collect();
            }
        }
    }
    let decision = Decision {
        verdict: ruling.verdict,
        mode: policy.mode,
        hidden,
        reasons,
        edits: Vec::new(),
        demand,
        limits,
        retry_after: None,
        tags,
        policy: policy.digest.clone(),
    };
    Judged { decision, redactions }
}
