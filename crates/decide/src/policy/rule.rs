//! A compiled rule: whom it concerns and what it orders.
//!
//! Conditions are tried from cheap to dear, and the first that surely does not hold ends the rule. A condition that
//! cannot be evaluated is an `Outcome::Error`; what that means for the verdict is decided by the caller.

use std::ops::Range;
use std::sync::Arc;

use gatehold_session::Direction;
use gatehold_wire::Kind;

use super::argument::{Outcome, Quantifier};
use super::check::Check;
use super::subject::Subject;
use crate::decision::Reason;
use crate::document::Node;
use crate::obligation::{Demand, Limit};
use crate::redact::Redaction;

/// What a rule orders.
#[derive(Debug, Clone)]
pub(crate) enum Action {
    /// Send it.
    Allow,
    /// Do not send it.
    Deny(Shown),
    /// Send it, and let it stand out in the record.
    Audit,
    /// Send it without what is taken out of it.
    Redact(Arc<Redaction>),
    /// Ask somebody first, or for a second factor.
    Hold(Arc<Demand>),
    /// Charge it, and go on with the next rule.
    Limit(Arc<Limit>),
}

/// How a denial looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// As if the thing did not exist, where its list does not show it.
    AsListed,
    /// As if the thing did not exist.
    Hidden,
    /// As a refusal, and the list goes on showing the thing.
    Visible,
}

/// Which way a rule fails closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stance {
    /// It lets something pass: everything it asks for must be so beyond doubt.
    Permit,
    /// It keeps something from passing as it is: a doubt suffices.
    Restrict,
    /// It lets something pass and changes it: what it may concern, but not beyond doubt, is denied.
    Both,
}

impl Action {
    pub(crate) const fn stance(&self) -> Stance {
        match self {
            Self::Allow | Self::Audit => Stance::Permit,
            Self::Deny(_) | Self::Hold(_) | Self::Limit(_) => Stance::Restrict,
            Self::Redact(_) => Stance::Both,
        }
    }

    /// The word for it in policies.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny(_) => "deny",
            Self::Audit => "audit",
            Self::Redact(_) => "redact",
            Self::Hold(demand) => match **demand {
                Demand::Approval(_) => "hold",
                Demand::StepUp(_) => "step_up",
            },
            Self::Limit(_) => "limit",
        }
    }
}

/// Which section of a policy a rule stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Section {
    /// `forbid`: before everything else.
    Forbid,
    /// `rules`.
    Rules,
    /// `roles`: after the rules of its layer.
    Roles,
}

impl Section {
    /// The key of the section.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Forbid => "forbid",
            Self::Rules => "rules",
            Self::Roles => "roles",
        }
    }
}

/// Where a rule stands, and what is written there.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) section: Section,
    /// Which layer, from 0 for the policy itself.
    pub(crate) layer: usize,
    /// Its name as written; for an entry of `roles`, the role's.
    pub(crate) name: Arc<str>,
    /// Bytes of the layer's text.
    pub(crate) span: Range<usize>,
    /// What stands under `match`, or the entry of `roles`.
    pub(crate) conditions: Option<Node>,
    /// The expression under `when`.
    pub(crate) when: Option<Box<str>>,
}

/// A compiled rule.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) action: Action,
    /// The reason that decisions by this rule carry.
    pub(crate) reason: Reason,
    pub(crate) tags: Arc<[Box<str>]>,
    pub(crate) direction: Option<Direction>,
    /// All must hold; from cheap to dear.
    pub(crate) checks: Box<[Check]>,
    /// Whether evaluation goes on with the next rule after this one had its effect: a limit, and what rests on what a
    /// server says of its tools, which must never let anything pass.
    pub(crate) goes_on: bool,
    pub(crate) place: Place,
}

impl Rule {
    /// Whether the rule depends on what detectors find.
    pub(crate) fn wants_findings(&self) -> bool {
        let takes_out = match &self.action {
            Action::Redact(redaction) => !redaction.findings.is_empty(),
            Action::Allow | Action::Deny(_) | Action::Audit | Action::Hold(_) | Action::Limit(_) => false,
        };
        takes_out || self.checks.iter().any(Check::wants_findings)
    }

    /// Whether the rule concerns the subject.
    pub(crate) fn concerns(&self, subject: &Subject<'_>) -> Outcome {
        if !self.looks_at(subject) {
            return Outcome::No;
        }
        match (self.action.stance(), self.goes_on) {
            (Stance::Permit, false) => self.all(subject, Quantifier::Every),
            // What only marks or changes what others let pass permits nothing: a doubt suffices.
            (Stance::Restrict, _) | (Stance::Permit | Stance::Both, true) => self.all(subject, Quantifier::Any),
            (Stance::Both, false) => match self.all(subject, Quantifier::Every) {
                Outcome::Yes => Outcome::Yes,
                Outcome::No if self.all(subject, Quantifier::Any) == Outcome::No => Outcome::No,
                Outcome::No | Outcome::Error => Outcome::Error,
            },
        }
    }

    /// The first condition that keeps the rule from concerning the subject beyond doubt, with what it came to.
    pub(crate) fn obstacle(&self, subject: &Subject<'_>) -> Option<(&'static str, Outcome)> {
        if !self.looks_at(subject) {
            return Some(("direction", Outcome::No));
        }
        let quantifier = match (self.action.stance(), self.goes_on) {
            (Stance::Permit | Stance::Both, false) => Quantifier::Every,
            (Stance::Restrict, _) | (Stance::Permit | Stance::Both, true) => Quantifier::Any,
        };
        let outcomes = self.checks.iter().map(|check| (check.key(), check.holds(subject, quantifier)));
        let failed: Vec<_> = outcomes.filter(|(_, outcome)| *outcome != Outcome::Yes).collect();
        failed.iter().find(|(_, outcome)| *outcome == Outcome::No).or_else(|| failed.first()).copied()
    }

    /// Whether the rule looks at what travels this way. One that names no direction is about what is asked for, never
    /// about answers.
    fn looks_at(&self, subject: &Subject<'_>) -> bool {
        match self.direction {
            None => !matches!(subject.kind, Kind::Result | Kind::Error),
            Some(direction) => direction == subject.direction,
        }
    }

    fn all(&self, subject: &Subject<'_>, quantifier: Quantifier) -> Outcome {
        let mut outcome = Outcome::Yes;
        for check in &self.checks {
            outcome = outcome.and(check.holds(subject, quantifier));
            if outcome == Outcome::No {
                break;
            }
        }
        outcome
    }
}
