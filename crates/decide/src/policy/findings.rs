//! What findings do to a decision: the verdict is the more severe of rules and findings.
//!
//! That a detector failed, or that a message could not be read, denies under every policy and without one; no rule
//! can lift that. What the silence of the second tier comes to is its operator's word, and no policy makes it milder. A policy that acts on findings also denies where so many were reported that some may have been
//! dropped: harmless ones could be made to crowd out the one that matters.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use gatehold_inspect::detectors::sets::{self, Set};
use gatehold_inspect::finding::{INSPECTOR_FAILED, TIER_FAILED, UNREADABLE};
use gatehold_inspect::{Finding, Findings, Flow, Severity};
use gatehold_session::Direction;
use gatehold_wire::json::{self, Type};
use gatehold_wire::{Limits, Message};
use sha2::{Digest, Sha256};

use super::Policy;
use super::argument::{Path, Step};
use super::check::Patterns;
use crate::decision::{Decision, Reason, Verdict};
use crate::lists;
use crate::obligation::{ApprovalDemand, Demand};
use crate::redact::{Replacement, Target};

/// How long an approval is waited for where a policy does not say.
pub(crate) const APPROVAL_WAIT: Duration = Duration::from_secs(5 * 60);

/// One entry of the `findings` section; the first that concerns a finding decides about it.
#[derive(Debug, Clone)]
pub(crate) struct FindingRule {
    pub(crate) ids: Patterns,
    /// Only what belongs to this set.
    pub(crate) set: Option<&'static Set>,
    pub(crate) at_least: Severity,
    /// Only what is milder than this.
    pub(crate) under: Option<Severity>,
    pub(crate) direction: Option<Direction>,
    pub(crate) server: Option<Patterns>,
    pub(crate) tool: Option<Patterns>,
    pub(crate) parameter: Option<Path>,
    pub(crate) phrase: Option<Phrase>,
    pub(crate) action: Response,
    pub(crate) text: Option<Arc<str>>,
    pub(crate) tags: Arc<[Box<str>]>,
    /// Which layer it stands in, from 0 for the policy itself.
    pub(crate) layer: usize,
}

/// What happens with a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Response {
    /// It is recorded.
    Audit,
    /// It is taken out.
    Redact(Replacement),
    /// Somebody is asked.
    Hold,
    /// The message is not sent.
    Deny,
}

impl Response {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Redact(_) => "redact",
            Self::Hold => "hold",
            Self::Deny => "deny",
        }
    }
}

/// The exact text that an entry is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Phrase {
    /// As it is, unescaped.
    Text(Box<str>),
    /// By its SHA-256, for texts that should not stand in a policy.
    Digest([u8; 32]),
}

impl Phrase {
    fn is(&self, text: &str) -> bool {
        match self {
            Self::Text(expected) => **expected == *text,
            Self::Digest(expected) => Sha256::digest(text.as_bytes()).as_slice() == expected,
        }
    }
}

impl FindingRule {
    fn concerns(&self, finding: &Finding, flow: Flow<'_>) -> bool {
        let facts = flow.facts;
        finding.severity >= self.at_least
            && self.under.is_none_or(|under| finding.severity < under)
            && self.ids.any(finding.id)
            && self.set.is_none_or(|set| sets::holds(set, finding.id, &finding.rule))
            && self.direction.is_none_or(|direction| direction == facts.direction)
            && self.server.as_ref().is_none_or(|server| server.any(&facts.origin.server))
            && self.tool.as_ref().is_none_or(|tool| facts.tool.as_deref().is_some_and(|name| tool.any(name)))
            && self.parameter.as_ref().is_none_or(|path| stands_at(finding, flow.message, path))
            && self.phrase.as_ref().is_none_or(|phrase| self.is_about(phrase, finding, flow.message))
    }

    /// Whether the finding is about exactly this text. Where the text cannot be told, an exception does not apply and
    /// a stricter entry does.
    fn is_about(&self, phrase: &Phrase, finding: &Finding, message: &Message) -> bool {
        match found_text(finding, message) {
            Some(text) => phrase.is(&text),
            None => self.action != Response::Audit,
        }
    }
}

/// The text that a finding means, unescaped.
fn found_text(finding: &Finding, message: &Message) -> Option<String> {
    let bytes = message.bytes().get(finding.span.clone())?;
    let quoted = if bytes.first() == Some(&b'"') { bytes.to_vec() } else { [b"\"", bytes, b"\""].concat() };
    let raw = json::check(&quoted, &Limits::default()).ok()?;
    raw.as_str().map(Cow::into_owned)
}

/// Whether a finding stands at this path of the arguments, or below it.
fn stands_at(finding: &Finding, message: &Message, path: &Path) -> bool {
    let Some(pointer) = finding.pointer.strip_prefix("/params/arguments/") else { return false };
    let (Some(mut value), mut steps) = (message.arguments(), path.0.iter()) else { return false };
    let mut expected = steps.next();
    for token in pointer.split('/') {
        let Some(step) = expected else { return true };
        let token = token.replace("~1", "/").replace("~0", "~");
        let kind = value.kind();
        let next = match kind {
            Type::Object => value.get(&token),
            Type::Array => token.parse::<usize>().ok().and_then(|index| value.items().nth(index)),
            Type::Null | Type::Bool | Type::Number | Type::String => None,
        };
        match step {
            Step::Each => expected = steps.next(),
            Step::Member(name) if kind == Type::Object && **name == *token => expected = steps.next(),
            // Lists hide nothing: the path goes on in every element.
            Step::Member(_) if kind == Type::Array => {}
            Step::Member(_) => return false,
        }
        let Some(next) = next else { return expected.is_none() };
        value = next;
    }
    expected.is_none()
}

/// Raises the decision to what the findings demand, and adds what is to be taken out. A finding that denies and stands
/// in one entry of a list does not deny the list: what comes back are those entries, which have to be taken out.
pub(super) fn apply(
    policy: &Policy,
    flow: Flow<'_>,
    findings: &Findings,
    decision: &mut Decision,
    targets: &mut Vec<Target>,
) -> Vec<Poisoned> {
    let mut spoken: Vec<(Response, Reason, Option<&FindingRule>)> = Vec::new();
    let mut poisoned: Vec<Poisoned> = Vec::new();
    let gone = taken_out(policy, flow, findings);
    for finding in findings.as_slice() {
        let rule = rule_for(policy, finding, flow);
        let (response, text) = match rule {
            Found::Always(response) => (response, None),
            Found::Rule(rule) => (rule.action, rule.text.clone()),
            Found::Nothing => continue,
        };
        if let Response::Redact(with) = response {
            targets.push(Target::of(finding, with));
        }
        if response == Response::Audit {
            continue;
        }
        let name = format!("finding:{}", finding.id);
        if response == Response::Deny
            && let Found::Rule(rule) = rule
            && let Some(index) = lists::entry_of(flow, finding)
        {
            let reason = Reason { rule: name.into(), text };
            let is_new = |known: &Poisoned| known.index != index || known.reason != reason;
            if poisoned.iter().all(is_new) {
                poisoned.push(Poisoned { index, reason, tags: rule.tags.clone() });
            }
            continue;
        }
        // Nobody needs to be asked about an entry that nobody gets.
        if response == Response::Hold
            && !gone.is_empty()
            && matches!(rule, Found::Rule(_))
            && lists::entry_of(flow, finding).is_some_and(|index| gone.contains(&index))
        {
            continue;
        }
        let rule = if let Found::Rule(rule) = rule { Some(rule) } else { None };
        if !spoken.iter().any(|(_, reason, _)| *reason.rule == *name) {
            spoken.push((response, Reason { rule: name.into(), text }, rule));
        } else if let Some(entry) = spoken
            .iter_mut()
            .find(|(before, reason, _)| *reason.rule == *name && before.severity() < response.severity())
        {
            *entry = (response, Reason { rule: name.into(), text }, rule);
        }
    }
    let denies = spoken.iter().any(|(response, ..)| *response == Response::Deny);
    // What was dropped for want of room could have been what this policy acts on.
    let may_miss = findings.as_slice().len() >= Findings::COUNT_MAX
        && policy.findings.iter().any(|rule| rule.action != Response::Audit);
    if !denies && may_miss {
        let text = Some("more was found in this message than can be judged".into());
        let reason = Reason { rule: format!("finding:{INSPECTOR_FAILED}").into(), text };
        spoken.push((Response::Deny, reason, None));
    }
    raise(decision, spoken);
    poisoned
}

/// The entries of a list that findings take out of it.
fn taken_out(policy: &Policy, flow: Flow<'_>, findings: &Findings) -> Vec<usize> {
    let denied = |finding: &Finding| matches!(rule_for(policy, finding, flow), Found::Rule(rule) if rule.action == Response::Deny);
    findings
        .as_slice()
        .iter()
        .filter(|finding| denied(finding))
        .filter_map(|finding| lists::entry_of(flow, finding))
        .collect()
}

/// An entry of a list that a finding takes out of it.
#[derive(Debug, Clone)]
pub(crate) struct Poisoned {
    /// Which entry, from 0.
    pub(crate) index: usize,
    /// What was found.
    pub(crate) reason: Reason,
    /// The tags of what decided so.
    pub(crate) tags: Arc<[Box<str>]>,
}

/// Raises the verdict to the most severe response, its reasons first.
fn raise(decision: &mut Decision, mut spoken: Vec<(Response, Reason, Option<&FindingRule>)>) {
    spoken.sort_by_key(|(response, ..)| std::cmp::Reverse(response.severity()));
    let Some((worst, _, rule)) = spoken.first() else { return };
    let worst = *worst;
    if worst.severity() <= decision.verdict {
        decision.reasons.extend(spoken.into_iter().map(|(_, reason, _)| reason));
        return;
    }
    if let Some(rule) = rule {
        decision.tags = rule.tags.clone();
    }
    let mut reasons: Vec<Reason> = Vec::new();
    match worst {
        Response::Deny => {
            // What was allowed before is overruled: nothing is sent, so nothing is edited, charged or asked.
            decision.edits.clear();
            decision.limits.clear();
            decision.demand = None;
            reasons.extend(
                spoken.iter().filter(|(response, ..)| *response == Response::Deny).map(|(_, reason, _)| reason.clone()),
            );
            reasons.append(&mut decision.reasons);
            let milder = spoken.into_iter().filter(|(response, ..)| *response != Response::Deny);
            reasons.extend(milder.map(|(_, reason, _)| reason));
        }
        Response::Hold | Response::Redact(_) | Response::Audit => {
            if worst == Response::Hold {
                decision.demand = Some(Arc::new(Demand::Approval(ApprovalDemand {
                    people: 1,
                    roles: Box::default(),
                    wait: APPROVAL_WAIT,
                    ask: Box::default(),
                })));
            }
            reasons.extend(spoken.into_iter().map(|(_, reason, _)| reason));
            reasons.append(&mut decision.reasons);
        }
    }
    decision.verdict = worst.severity();
    decision.reasons = reasons;
}

impl Response {
    pub(super) const fn severity(self) -> Verdict {
        match self {
            Self::Audit => Verdict::Allow,
            Self::Redact(_) => Verdict::Redact,
            Self::Hold => Verdict::Hold,
            Self::Deny => Verdict::Deny,
        }
    }
}

/// What decides about a finding.
#[derive(Clone, Copy)]
pub(super) enum Found<'p> {
    /// It comes to this under every policy.
    Always(Response),
    /// This entry.
    Rule(&'p FindingRule),
    /// Nothing: it is recorded.
    Nothing,
}

/// What decides about a finding.
pub(super) fn rule_for<'p>(policy: &'p Policy, finding: &Finding, flow: Flow<'_>) -> Found<'p> {
    if finding.id == INSPECTOR_FAILED || finding.id == UNREADABLE {
        return Found::Always(Response::Deny);
    }
    let rule = policy.findings.iter().find(|rule| rule.concerns(finding, flow));
    let least = if finding.id == TIER_FAILED { silence(finding.severity) } else { Response::Audit };
    match rule {
        Some(rule) if rule.action.severity() >= least.severity() => Found::Rule(rule),
        _ if least != Response::Audit => Found::Always(least),
        _ => Found::Nothing,
    }
}

/// What the silence of the second tier comes to at least.
const fn silence(severity: Severity) -> Response {
    match severity {
        Severity::Info | Severity::Low => Response::Audit,
        Severity::Medium => Response::Hold,
        Severity::High | Severity::Critical => Response::Deny,
    }
}

/// Reads `sha256:` and 64 hexadecimal digits.
pub(crate) fn read_digest(text: &str) -> Option<[u8; 32]> {
    let digits = text.strip_prefix("sha256:")?;
    if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let mut digest = [0; 32];
    for (index, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(index * 2..index * 2 + 2)?, 16).ok()?;
    }
    Some(digest)
}
