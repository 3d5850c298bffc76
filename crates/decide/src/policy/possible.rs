//! What a policy may decide about a message of which not everything is known, such as one that only stands in a ledger:
//! arguments are kept there as digests, roles and labels not at all. A rule that asks for what is not known both
//! concerns the message and does not.
//!
//! It never guesses: where the answer depends on what is not known, it has more than one.

use std::sync::Arc;

use gatehold_inspect::{Findings, Flow};

use super::Policy;
use super::argument::Outcome;
use super::evaluate::{self, Fallback};
use super::findings::{self, Found};
use super::rule::{Action, Rule, Stance};
use super::subject::{Around, Subject};
use crate::decision::Verdict;
use crate::situation::Situation;

/// One of the decisions that are possible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Possible {
    /// What would happen.
    pub verdict: Verdict,
    /// By which rule, as in reasons.
    pub rule: Arc<str>,
}

impl Policy {
    /// Every decision that is possible when what `unknown` names (keys of `match`, such as `arguments` or `role`) could
    /// be anything; one where it does not matter. In the order of the rules, never empty. Requests that are embedded
    /// in the message are not looked at, nor are edits.
    #[must_use]
    pub fn possible(
        &self,
        flow: Flow<'_>,
        findings: &Findings,
        situation: &Situation<'_>,
        unknown: &[&str],
    ) -> Vec<Possible> {
        let around = Around::new(flow.facts, findings, situation);
        let subject = Subject::of(&around, flow);
        let mut all = Vec::new();
        let mut push = |verdict: Verdict, rule: &Arc<str>| {
            let raised = self.raised(verdict, rule, findings, flow);
            if !all.contains(&raised) {
                all.push(raised);
            }
        };
        for rule in &self.rules {
            let (outcome, depends) = assumed(rule, &subject, unknown);
            let verdict = match (outcome, rule.action.stance()) {
                (Outcome::No, _) => continue,
                (Outcome::Yes, _) if rule.goes_on => continue,
                (Outcome::Error, Stance::Permit) => continue,
                (Outcome::Error, Stance::Restrict | Stance::Both) => Verdict::Deny,
                (Outcome::Yes, _) => match &rule.action {
                    Action::Allow | Action::Audit | Action::Limit(_) => Verdict::Allow,
                    Action::Redact(_) => Verdict::Redact,
                    Action::Hold(_) => Verdict::Hold,
                    Action::Deny(_) => Verdict::Deny,
                },
            };
            push(verdict, &rule.reason.rule);
            if !depends {
                return all;
            }
        }
        match evaluate::fallback(flow.facts.direction, flow.facts.kind, flow.facts.method) {
            Fallback::Protocol => push(Verdict::Allow, &self.standing.protocol.rule),
            Fallback::Default if self.is_ruled => push(self.default, &self.standing.default.rule),
            Fallback::Default => push(Verdict::Allow, &self.standing.none.rule),
        }
        all
    }

    /// The decision of a rule with what the findings make of it.
    fn raised(&self, verdict: Verdict, rule: &Arc<str>, findings: &Findings, flow: Flow<'_>) -> Possible {
        let mut raised = Possible { verdict, rule: rule.clone() };
        for finding in findings.as_slice() {
            let found = match findings::rule_for(self, finding, flow) {
                Found::Always(least) => least.severity(),
                Found::Nothing => continue,
                Found::Rule(rule) => match rule.action.name() {
                    "deny" => Verdict::Deny,
                    "hold" => Verdict::Hold,
                    "redact" => Verdict::Redact,
                    _ => Verdict::Allow,
                },
            };
            if found > raised.verdict {
                raised = Possible { verdict: found, rule: format!("finding:{}", finding.id).into() };
            }
        }
        raised
    }
}

/// Whether the rule concerns the subject if what is not known were as it asks, and whether it asks for any of that.
fn assumed(rule: &Rule, subject: &Subject<'_>, unknown: &[&str]) -> (Outcome, bool) {
    let is_unknown = |key: &str| unknown.contains(&key);
    if !rule.checks.iter().any(|check| is_unknown(check.key())) {
        return (rule.concerns(subject), false);
    }
    let known =
        Rule { checks: rule.checks.iter().filter(|check| !is_unknown(check.key())).cloned().collect(), ..rule.clone() };
    (known.concerns(subject), true)
}
