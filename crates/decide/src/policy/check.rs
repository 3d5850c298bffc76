//! The conditions of a rule, one by one: each knows its key and whether it holds for a subject.
//!
//! What cannot be told is an `Outcome::Error`; what that means for the verdict is decided by the rule's stance. What is
//! not known yet (the arguments of a call that a list only offers) never makes a rule that restricts match, and never
//! keeps a rule that permits from matching.

use std::sync::Arc;

use gatehold_inspect::{Finding, Severity};
use gatehold_session::{Proof, Transport};
use gatehold_wire::{Kind, Method};

use super::argument::{Bound, Condition, Outcome, Quantifier};
use super::expression::Expression;
use super::glob::Glob;
use super::number::Number;
use super::subject::{Arguments, Named, Subject};
use super::window::Window;
use crate::situation::Tally;

/// Any of these patterns.
#[derive(Debug, Clone)]
pub(crate) struct Patterns(pub(crate) Box<[Glob]>);

impl Patterns {
    /// Whether one of them matches.
    pub(crate) fn any(&self, text: &str) -> bool {
        self.0.iter().any(|glob| glob.matches(text))
    }

    fn any_of(&self, texts: &[Box<str>]) -> bool {
        texts.iter().any(|text| self.any(text))
    }
}

/// One condition of a rule.
#[derive(Debug, Clone)]
pub(crate) enum Check {
    /// `method`.
    Method(Patterns),
    /// `server`.
    Server(Patterns),
    /// `tool`.
    Tool(Patterns),
    /// `prompt`.
    Prompt(Patterns),
    /// `resource`.
    Resource(Patterns),
    /// `principal`.
    Principal(Patterns),
    /// `role`.
    Role(Patterns),
    /// The one role that an entry of `roles` is about.
    RoleIs(Box<str>),
    /// `group`.
    Group(Patterns),
    /// `scope`.
    Scope(Patterns),
    /// `label`: every one must be there and match.
    Label(Box<[(Box<str>, Patterns)]>),
    /// `tenant`.
    Tenant(Patterns),
    /// `proof`.
    Proof(Box<[Proof]>),
    /// `client`, as verified.
    Client(Patterns),
    /// `client_claimed`, as the client says of itself.
    ClientClaimed(Patterns),
    /// `transport`.
    Transport(Box<[Transport]>),
    /// `revision`.
    Revision(Patterns),
    /// `time`.
    Time(Window),
    /// `hints`.
    Hints(Wanted),
    /// `findings`: one finding suffices.
    Findings(Box<[FindingTest]>),
    /// `risk`.
    Risk(Box<[(Bound, Number)]>),
    /// `tally`.
    Tally(Box<[(Counter, Bound, Number)]>),
    /// `arguments`.
    Arguments(Box<[Condition]>),
    /// `when`.
    When(Arc<Expression>),
}

/// Annotations of a tool that a rule asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) read_only: Option<bool>,
    pub(crate) destructive: Option<bool>,
    pub(crate) idempotent: Option<bool>,
    pub(crate) open_world: Option<bool>,
}

/// Findings that a rule asks for.
#[derive(Debug, Clone)]
pub(crate) struct FindingTest {
    pub(crate) ids: Patterns,
    pub(crate) at_least: Severity,
}

impl FindingTest {
    fn concerns(&self, finding: &Finding) -> bool {
        finding.severity >= self.at_least && self.ids.any(finding.id)
    }
}

/// A counter of the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counter {
    Requests,
    Calls,
    Denied,
    Alarming,
}

impl Counter {
    const fn of(self, tally: Tally) -> u32 {
        match self {
            Self::Requests => tally.requests,
            Self::Calls => tally.calls,
            Self::Denied => tally.denied,
            Self::Alarming => tally.alarming,
        }
    }
}

impl Check {
    /// The key under which the condition stands in a policy.
    pub(crate) const fn key(&self) -> &'static str {
        match self {
            Self::Method(_) => "method",
            Self::Server(_) => "server",
            Self::Tool(_) => "tool",
            Self::Prompt(_) => "prompt",
            Self::Resource(_) => "resource",
            Self::Principal(_) => "principal",
            Self::Role(_) | Self::RoleIs(_) => "role",
            Self::Group(_) => "group",
            Self::Scope(_) => "scope",
            Self::Label(_) => "label",
            Self::Tenant(_) => "tenant",
            Self::Proof(_) => "proof",
            Self::Client(_) => "client",
            Self::ClientClaimed(_) => "client_claimed",
            Self::Transport(_) => "transport",
            Self::Revision(_) => "revision",
            Self::Time(_) => "time",
            Self::Hints(_) => "hints",
            Self::Findings(_) => "findings",
            Self::Risk(_) => "risk",
            Self::Tally(_) => "tally",
            Self::Arguments(_) => "arguments",
            Self::When(_) => "when",
        }
    }

    /// Whether the condition looks at findings, so that detectors have to run.
    pub(crate) fn wants_findings(&self) -> bool {
        match self {
            Self::Findings(_) | Self::Risk(_) => true,
            Self::When(expression) => expression.uses("findings") || expression.uses("risk"),
            _ => false,
        }
    }

    /// Whether the condition rests on what a server says of its tools.
    pub(crate) fn rests_on_hints(&self) -> bool {
        match self {
            Self::Hints(_) => true,
            Self::When(expression) => expression.uses("hints"),
            _ => false,
        }
    }

    /// Whether the condition holds.
    pub(crate) fn holds(&self, subject: &Subject<'_>, quantifier: Quantifier) -> Outcome {
        let facts = subject.around.facts;
        let attributes = facts.principal.attributes();
        match self {
            Self::Method(patterns) => method_holds(patterns, subject),
            Self::Server(patterns) => patterns.any(subject.server).into(),
            Self::Tool(patterns) => name_holds(patterns, subject.tool),
            Self::Prompt(patterns) => name_holds(patterns, subject.prompt),
            Self::Resource(patterns) => resource_holds(patterns, subject, quantifier),
            Self::Principal(patterns) => patterns.any(facts.principal.name()).into(),
            Self::Role(patterns) => patterns.any_of(&attributes.roles).into(),
            Self::RoleIs(role) => attributes.roles.contains(role).into(),
            Self::Group(patterns) => patterns.any_of(&attributes.groups).into(),
            Self::Scope(patterns) => patterns.any_of(&attributes.scopes).into(),
            Self::Label(labels) => labels
                .iter()
                .all(|(name, patterns)| {
                    attributes.labels.iter().any(|(label, value)| label == name && patterns.any(value))
                })
                .into(),
            Self::Tenant(patterns) => attributes.tenant.as_deref().is_some_and(|tenant| patterns.any(tenant)).into(),
            Self::Proof(proofs) => proofs.contains(&facts.principal.proof()).into(),
            Self::Client(patterns) => facts.principal.client().is_some_and(|client| patterns.any(client)).into(),
            Self::ClientClaimed(patterns) => {
                facts.client_claimed.as_deref().is_some_and(|claimed| patterns.any(claimed)).into()
            }
            Self::Transport(transports) => transports.contains(&facts.origin.transport).into(),
            Self::Revision(patterns) => revision_holds(patterns, subject),
            Self::Time(window) => window.holds(subject.around.situation.now).map_or(Outcome::Error, Outcome::from),
            Self::Hints(wanted) => hints_hold(*wanted, subject),
            Self::Findings(tests) => findings_hold(tests, subject, quantifier),
            Self::Risk(bounds) => risk_holds(bounds, subject, quantifier),
            Self::Tally(bounds) => {
                let tally = subject.around.situation.tally;
                all(bounds
                    .iter()
                    .map(|(counter, bound, number)| compared(*bound, number, &counter.of(tally).to_string())))
            }
            Self::Arguments(conditions) => arguments_hold(conditions, subject, quantifier),
            Self::When(expression) => expression.holds(subject, quantifier),
        }
    }
}

fn all(outcomes: impl IntoIterator<Item = Outcome>) -> Outcome {
    let mut joined = Outcome::Yes;
    for outcome in outcomes {
        joined = joined.and(outcome);
        if joined == Outcome::No {
            break;
        }
    }
    joined
}

fn compared(bound: Bound, number: &Number, written: &str) -> Outcome {
    number.order_of(written).map_or(Outcome::Error, |order| bound.admits(order).into())
}

fn name_holds(patterns: &Patterns, name: Named<'_>) -> Outcome {
    match name {
        Named::Absent => Outcome::No,
        Named::Unreadable => Outcome::Error,
        Named::Is(name) => patterns.any(name).into(),
    }
}

fn method_holds(patterns: &Patterns, subject: &Subject<'_>) -> Outcome {
    match subject.follows {
        Some(followed) if patterns.any(followed) => Outcome::Yes,
        Some(_) | None => name_holds(patterns, subject.method),
    }
}

fn resource_holds(patterns: &Patterns, subject: &Subject<'_>, quantifier: Quantifier) -> Outcome {
    let written = name_holds(patterns, subject.resource);
    let Some(plain) = subject.resource_plain.as_deref() else { return written };
    let plain = patterns.any(plain).into();
    match quantifier {
        Quantifier::Any => written.or(plain),
        Quantifier::Every => written.and(plain),
    }
}

/// Before a session has agreed on a revision only `initialize` and `ping` are sent; a request that comes without one
/// all the same cannot be judged by it.
fn revision_holds(patterns: &Patterns, subject: &Subject<'_>) -> Outcome {
    let facts = subject.around.facts;
    match facts.revision {
        Some(revision) => patterns.any(revision.name()).into(),
        None if facts.kind != Kind::Request => Outcome::No,
        None if matches!(facts.method, Some(Method::Initialize | Method::Ping)) => Outcome::No,
        None => Outcome::Error,
    }
}

/// What a server does not say of a tool is as the protocol has it by default.
fn hints_hold(wanted: Wanted, subject: &Subject<'_>) -> Outcome {
    if matches!(subject.tool, Named::Absent) {
        return Outcome::No;
    }
    let presumed = subject.hints.unwrap_or_default().by_default();
    let agrees = |wanted: Option<bool>, presumed: bool| wanted.is_none_or(|wanted| wanted == presumed);
    let holds = agrees(wanted.read_only, presumed.read_only)
        && agrees(wanted.destructive, presumed.destructive)
        && agrees(wanted.idempotent, presumed.idempotent)
        && agrees(wanted.open_world, presumed.open_world);
    holds.into()
}

fn findings_hold(tests: &[FindingTest], subject: &Subject<'_>, quantifier: Quantifier) -> Outcome {
    let Some(findings) = subject.findings() else { return unknown(quantifier) };
    if findings.as_slice().iter().any(|finding| tests.iter().any(|test| test.concerns(finding))) {
        return Outcome::Yes;
    }
    // What was dropped for want of room could have been what is asked for.
    if findings.as_slice().len() >= gatehold_inspect::Findings::COUNT_MAX { Outcome::Error } else { Outcome::No }
}

fn risk_holds(bounds: &[(Bound, Number)], subject: &Subject<'_>, quantifier: Quantifier) -> Outcome {
    let Some(risk) = subject.risk() else { return unknown(quantifier) };
    let written = format!("{risk:.6}");
    all(bounds.iter().map(|(bound, number)| compared(*bound, number, &written)))
}

/// What is asked of something that is not known yet.
fn unknown(quantifier: Quantifier) -> Outcome {
    (quantifier == Quantifier::Every).into()
}

fn arguments_hold(conditions: &[Condition], subject: &Subject<'_>, quantifier: Quantifier) -> Outcome {
    let arguments = match subject.arguments {
        Arguments::Inapplicable => return Outcome::No,
        Arguments::Malformed => return Outcome::Error,
        Arguments::Unknown => return unknown(quantifier),
        Arguments::Empty => None,
        Arguments::Object(arguments) => Some(arguments),
    };
    all(conditions.iter().map(|condition| condition.holds(arguments, quantifier)))
}
