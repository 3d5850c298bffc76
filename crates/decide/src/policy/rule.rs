//! A compiled rule: whom it concerns and what it orders.
//!
//! Conditions are tried from cheap to dear, and the first that surely does not hold ends the rule. A condition that
//! cannot be evaluated is an `Outcome::Error`; what that means for the verdict is decided by the caller.

use gatehold_session::Direction;
use gatehold_wire::Kind;

use super::argument::{Condition, Outcome, Quantifier};
use super::glob::Glob;
use super::subject::{Arguments, Named, Subject};
use crate::decision::Reason;

/// What a rule orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// Send it.
    Allow,
    /// Do not send it.
    Deny,
    /// Send it, and let it stand out in the record.
    Audit,
}

impl Action {
    /// Which way conditions fail closed.
    pub(crate) const fn quantifier(self) -> Quantifier {
        match self {
            Self::Deny => Quantifier::Any,
            Self::Allow | Self::Audit => Quantifier::Every,
        }
    }
}

/// Any of these patterns.
#[derive(Debug, Clone)]
pub(crate) struct Patterns(pub(crate) Box<[Glob]>);

impl Patterns {
    fn any(&self, text: &str) -> bool {
        self.0.iter().any(|glob| glob.matches(text))
    }
}

/// The conditions of a rule; all that are given must hold.
#[derive(Debug, Clone, Default)]
pub(crate) struct Match {
    pub(crate) direction: Option<Direction>,
    pub(crate) method: Option<Patterns>,
    pub(crate) server: Option<Patterns>,
    pub(crate) tool: Option<Patterns>,
    pub(crate) prompt: Option<Patterns>,
    pub(crate) resource: Option<Patterns>,
    pub(crate) arguments: Box<[Condition]>,
}

/// A compiled rule.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) action: Action,
    /// The reason that decisions by this rule carry.
    pub(crate) reason: Reason,
    pub(crate) conditions: Match,
}

impl Rule {
    /// Whether the rule concerns the subject.
    pub(crate) fn concerns(&self, subject: &Subject<'_>) -> Outcome {
        let conditions = &self.conditions;
        let is_answer = matches!(subject.kind, Kind::Result | Kind::Error);
        match conditions.direction {
            // A rule that names no direction is about what is asked for, never about answers.
            None if is_answer => return Outcome::No,
            Some(direction) if direction != subject.direction => return Outcome::No,
            None | Some(_) => {}
        }
        let mut outcome = method_holds(conditions.method.as_ref(), subject);
        if outcome != Outcome::No {
            outcome = outcome.and(conditions.server.as_ref().is_none_or(|server| server.any(subject.server)).into());
        }
        if outcome != Outcome::No {
            outcome = outcome.and(name_holds(conditions.tool.as_ref(), subject.tool));
        }
        if outcome != Outcome::No {
            outcome = outcome.and(name_holds(conditions.prompt.as_ref(), subject.prompt));
        }
        if outcome != Outcome::No {
            outcome = outcome.and(self.resource_holds(subject));
        }
        if outcome != Outcome::No && !conditions.arguments.is_empty() {
            outcome = outcome.and(self.arguments_hold(subject));
        }
        outcome
    }

    fn resource_holds(&self, subject: &Subject<'_>) -> Outcome {
        let written = name_holds(self.conditions.resource.as_ref(), subject.resource);
        let (Some(patterns), Some(plain)) = (&self.conditions.resource, subject.resource_plain.as_deref()) else {
            return written;
        };
        let plain = patterns.any(plain).into();
        match self.action.quantifier() {
            Quantifier::Any => written.or(plain),
            Quantifier::Every => written.and(plain),
        }
    }

    fn arguments_hold(&self, subject: &Subject<'_>) -> Outcome {
        let quantifier = self.action.quantifier();
        let arguments = match subject.arguments {
            Arguments::Inapplicable => return Outcome::No,
            Arguments::Malformed => return Outcome::Error,
            Arguments::Unknown => return (quantifier == Quantifier::Every).into(),
            Arguments::Empty => None,
            Arguments::Object(arguments) => Some(arguments),
        };
        let mut outcome = Outcome::Yes;
        for condition in &self.conditions.arguments {
            outcome = outcome.and(condition.holds(arguments, quantifier));
            if outcome == Outcome::No {
                break;
            }
        }
        outcome
    }
}

fn method_holds(patterns: Option<&Patterns>, subject: &Subject<'_>) -> Outcome {
    match (patterns, subject.follows) {
        (Some(patterns), Some(followed)) if patterns.any(followed) => Outcome::Yes,
        (patterns, _) => name_holds(patterns, subject.method),
    }
}

fn name_holds(patterns: Option<&Patterns>, name: Named<'_>) -> Outcome {
    match (patterns, name) {
        (None, _) => Outcome::Yes,
        (Some(_), Named::Absent) => Outcome::No,
        (Some(_), Named::Unreadable) => Outcome::Error,
        (Some(patterns), Named::Is(name)) => patterns.any(name).into(),
    }
}
