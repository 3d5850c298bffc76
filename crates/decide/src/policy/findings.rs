//! What findings do to a decision: the verdict is the more severe of rules and findings.
//!
//! That a detector failed, or that a message could not be read, denies under every policy and without one; no rule
//! can lift that. A policy that denies by findings also denies where so many were reported that some may have been
//! dropped: harmless ones could be made to crowd out the one that matters. It never looks at the message again.

use gatehold_inspect::finding::{INSPECTOR_FAILED, UNREADABLE};
use gatehold_inspect::{Finding, Findings, Severity};

use super::Policy;
use super::glob::Glob;
use crate::decision::{Decision, Reason, Verdict};

/// One entry of the `findings` section; the first that concerns a finding decides about it.
#[derive(Debug, Clone)]
pub(crate) struct FindingRule {
    pub(crate) ids: Box<[Glob]>,
    pub(crate) at_least: Severity,
    /// `Deny`, or `Allow` to record only.
    pub(crate) verdict: Verdict,
    pub(crate) text: Option<std::sync::Arc<str>>,
}

/// Raises the decision to what the findings demand.
pub(super) fn apply(policy: &Policy, findings: &Findings, decision: &mut Decision) {
    let mut denied: Vec<Reason> = Vec::new();
    for finding in findings.as_slice() {
        let Some(text) = denies(policy, finding) else { continue };
        let rule = format!("finding:{}", finding.id);
        if !denied.iter().any(|reason| *reason.rule == *rule) {
            denied.push(Reason { rule: rule.into(), text });
        }
    }
    // What was dropped for want of room could have been what this policy denies.
    let may_miss = findings.as_slice().len() >= Findings::COUNT_MAX
        && policy.findings.iter().any(|rule| rule.verdict == Verdict::Deny);
    if denied.is_empty() && may_miss {
        let text = Some("more was found in this message than can be judged".into());
        denied.push(Reason { rule: format!("finding:{INSPECTOR_FAILED}").into(), text });
    }
    if denied.is_empty() {
        return;
    }
    if decision.verdict < Verdict::Deny {
        // What was allowed or filtered before is overruled: nothing is sent, so nothing is edited.
        decision.verdict = Verdict::Deny;
        decision.edits.clear();
        denied.append(&mut decision.reasons);
        decision.reasons = denied;
    } else {
        decision.reasons.append(&mut denied);
    }
}

/// Whether the finding denies, with the text that may be shown.
fn denies(policy: &Policy, finding: &Finding) -> Option<Option<std::sync::Arc<str>>> {
    if finding.id == INSPECTOR_FAILED || finding.id == UNREADABLE {
        return Some(None);
    }
    let concerns =
        |rule: &&FindingRule| finding.severity >= rule.at_least && rule.ids.iter().any(|glob| glob.matches(finding.id));
    let rule = policy.findings.iter().find(concerns)?;
    (rule.verdict == Verdict::Deny).then(|| rule.text.clone())
}
