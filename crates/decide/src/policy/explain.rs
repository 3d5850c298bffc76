//! Why a message is decided as it is: every rule that was looked at, whether it matched, and the condition that kept it
//! from matching.
//!
//! It tries every rule in its order with the same checks as deciding, without the index; it changes nothing.

use std::ops::Range;
use std::sync::Arc;

use gatehold_inspect::{Findings, Flow};

use super::argument::Outcome;
use super::evaluate::{self, Fallback};
use super::findings::{self, Found};
use super::rule::{Action, Rule, Stance};
use super::subject::{Around, Subject};
use super::{Policy, Section};
use crate::decision::Verdict;
use crate::situation::Situation;

/// What came of one rule, grant or entry for one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Came {
    /// It decided.
    Decided,
    /// It matched and had its effect, and the next ones were tried: a limit, a mark, something to take out.
    Counted,
    /// It did not match.
    Passed,
    /// A condition could not be evaluated. A rule that restricts denied for that; a rule that permits was passed over.
    Failed,
    /// Something before it had decided.
    NotReached,
}

impl Came {
    /// The stable name, for output that machines read.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Decided => "decided",
            Self::Counted => "counted",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotReached => "not_reached",
        }
    }
}

/// One rule, grant, default or entry of `findings` that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Considered {
    /// Its name as in reasons: a rule's name, `role:<name>`, `grant:<id>`, `default`, `protocol`, `finding:<id>`.
    pub rule: Arc<str>,
    /// The section that a rule stands in; `None` for what is no rule.
    pub section: Option<Section>,
    /// The file or preset that it stands in; empty for what stands in none.
    pub layer: Arc<str>,
    /// Where in that file, in bytes; empty for what stands in none.
    pub span: Range<usize>,
    /// What it orders, as in policies: `allow`, `deny`, `hold`, …
    pub action: &'static str,
    /// What came of it.
    pub outcome: Came,
    /// Why: a sentence for people.
    pub why: String,
    /// The key of the condition that kept it from matching, for instance `tool`.
    pub failed: Option<&'static str>,
}

impl Policy {
    /// Every rule in the order of evaluation, with what came of it for this message and why, then the default, then
    /// what the findings did. Requests that are embedded in the message (in a result, in a subscription) are judged
    /// as well when deciding, but are not explained here.
    #[must_use]
    pub fn explain(&self, flow: Flow<'_>, findings: &Findings, situation: &Situation<'_>) -> Vec<Considered> {
        let around = Around::new(flow.facts, findings, situation);
        let subject = Subject::of(&around, flow);
        let mut out = Vec::with_capacity(self.rules.len() + 2);
        let mut is_decided = false;
        if !self.is_ruled {
            out.push(standing("no-policy", "allow", Came::Decided, "there is no policy: everything is allowed"));
            is_decided = true;
        }
        let (forbids, rules) = self.rules.split_at_checked(self.forbids).unwrap_or_default();
        for rule in forbids {
            out.push(self.considered(rule, &subject, &mut is_decided));
        }
        if let Some(grant) = evaluate::granted(&subject) {
            let outcome = if is_decided { Came::NotReached } else { Came::Decided };
            out.push(standing(
                &format!("grant:{}", grant.id),
                "allow",
                outcome,
                "a grant covers it, and it is valid now",
            ));
            is_decided = true;
        }
        let mut allowed_by = None;
        for rule in rules {
            // The limits of the layers below bind whatever a layer above them allows.
            let binds =
                matches!(rule.action, Action::Limit(_)) && allowed_by.is_some_and(|layer| rule.place.layer > layer);
            let was_decided = is_decided;
            is_decided &= !binds;
            let considered = self.considered(rule, &subject, &mut is_decided);
            let allows = considered.outcome == Came::Decided && !matches!(rule.action, Action::Deny(_));
            allowed_by = allowed_by.or_else(|| allows.then_some(rule.place.layer));
            if binds && is_decided {
                // One that cannot be evaluated denies, and nothing after it is looked at.
                allowed_by = None;
            }
            is_decided |= was_decided;
            out.push(considered);
        }
        if self.is_ruled {
            out.push(self.last(flow, is_decided));
        }
        out.extend(findings.as_slice().iter().map(|finding| {
            let name = format!("finding:{}", finding.id);
            match findings::rule_for(self, finding, flow) {
                Found::Always(least) => standing(&name, least.name(), Came::Decided, "this is so under every policy"),
                Found::Nothing => standing(&name, "audit", Came::Passed, "no entry of `findings` concerns it"),
                Found::Rule(rule) => {
                    let layer = self.layers.get(rule.layer).map_or_else(|| Arc::from(""), |layer| layer.name.clone());
                    let why = "the first entry of `findings` that concerns it says so";
                    Considered { layer, ..standing(&name, rule.action.name(), Came::Decided, why) }
                }
            }
        }));
        out
    }

    fn considered(&self, rule: &Rule, subject: &Subject<'_>, is_decided: &mut bool) -> Considered {
        let (outcome, why, failed) = self.outcome(rule, subject, is_decided);
        Considered {
            rule: rule.reason.rule.clone(),
            section: Some(rule.place.section),
            layer: self.layers.get(rule.place.layer).map_or_else(|| Arc::from(""), |layer| layer.name.clone()),
            span: rule.place.span.clone(),
            action: rule.action.name(),
            outcome,
            why,
            failed,
        }
    }

    fn outcome(
        &self,
        rule: &Rule,
        subject: &Subject<'_>,
        is_decided: &mut bool,
    ) -> (Came, String, Option<&'static str>) {
        if *is_decided {
            return (Came::NotReached, "something before it decided".to_owned(), None);
        }
        let obstacle = rule.obstacle(subject);
        let key = obstacle.map(|(key, _)| key);
        match rule.concerns(subject) {
            Outcome::Yes if rule.goes_on => {
                (Came::Counted, format!("{}; the next rules are tried", matched(rule)), None)
            }
            Outcome::Yes => {
                *is_decided = true;
                (Came::Decided, matched(rule), None)
            }
            Outcome::No => {
                let key = key.unwrap_or("match");
                (Came::Passed, format!("`{key}` does not match{}", subject.shown(key)), Some(key))
            }
            Outcome::Error => {
                let key = key.unwrap_or("match");
                let what = match rule.action {
                    Action::Redact(_) if !rule.goes_on => "may match, but not beyond doubt",
                    _ => "could not be evaluated for this message",
                };
                let then = match rule.action.stance() {
                    Stance::Permit => "so it does not allow",
                    Stance::Restrict | Stance::Both => {
                        *is_decided = true;
                        "so the message is denied"
                    }
                };
                (Came::Failed, format!("`{key}` {what}, {then}"), Some(key))
            }
        }
    }

    fn last(&self, flow: Flow<'_>, is_decided: bool) -> Considered {
        let facts = flow.facts;
        let (name, action, why) = match evaluate::fallback(facts.direction, facts.kind, facts.method) {
            Fallback::Protocol => ("protocol", "allow", "no rule matched, and the protocol needs it"),
            Fallback::Default if self.default == Verdict::Deny => ("default", "deny", "no rule matched"),
            Fallback::Default => ("default", "allow", "no rule matched"),
        };
        if is_decided {
            return standing(name, action, Came::NotReached, "a rule decided");
        }
        standing(name, action, Came::Decided, why)
    }
}

fn matched(rule: &Rule) -> String {
    if rule.checks.is_empty() { "it concerns every message".to_owned() } else { "all its conditions hold".to_owned() }
}

fn standing(rule: &str, action: &'static str, outcome: Came, why: &str) -> Considered {
    Considered {
        rule: rule.into(),
        section: None,
        layer: Arc::from(""),
        span: 0..0,
        action,
        outcome,
        why: why.to_owned(),
        failed: None,
    }
}
