//! What rules match, what fails closed, and what the protocol gets without asking.

mod arguments;
mod attacks;
mod detection;
mod language;
mod messages;
mod properties;

use gatehold_inspect::Severity;

use crate::scene::{Scene, finding, policy};
use crate::{Mode, Policy, Verdict};

/// A policy of one rule, with default deny.
fn one_rule(action: &str, conditions: &str) -> Policy {
    policy(&format!("version: 1\nrules:\n  - name: one\n    action: {action}\n    match: {conditions}\n"))
}

/// A policy of one deny rule, with default allow.
fn deny_only(conditions: &str) -> Policy {
    policy(&format!("version: 1\ndefault: allow\nrules:\n  - name: one\n    action: deny\n    match: {conditions}\n"))
}

#[test]
fn without_a_policy_everything_is_allowed() {
    let none = Policy::none();
    let decision = Scene::call("rm", "{}").decide(&none);
    assert_eq!((decision.verdict, decision.mode, &*decision.policy), (Verdict::Allow, Mode::Enforce, "none"));
    assert_eq!(&*decision.reasons[0].rule, "no-policy");
    assert_eq!(Scene::request("sampling/createMessage").verdict(&none), "allow no-policy");
}

#[test]
fn a_detector_that_failed_denies_under_every_policy() {
    let lenient = policy(
        "version: 1\ndefault: allow\nrules:\n  - {name: all, action: allow}\nfindings:\n  - {id: \"*\", action: audit}\n",
    );
    for id in ["GH001", "GH002"] {
        for policy in [&Policy::none(), &lenient] {
            let decision = Scene::call("x", "{}").decide_with(policy, &finding(id, Severity::Info));
            assert_eq!(decision.verdict, Verdict::Deny);
            assert_eq!(*decision.reasons[0].rule, *format!("finding:{id}"));
            assert!(!decision.hidden);
        }
    }
    let observing = policy("version: 1\nmode: audit\ndefault: allow\n");
    let decision = Scene::call("x", "{}").decide_with(&observing, &finding("GH001", Severity::Critical));
    assert_eq!((decision.verdict, decision.mode), (Verdict::Deny, Mode::Audit));
}

#[test]
fn other_findings_deny_only_where_the_policy_says_so() {
    let strict = policy(
        "version: 1\ndefault: allow\nfindings:\n  - {id: TP009, action: audit}\n  - {id: \"TP*\", at_least: high, action: deny, reason: Poisoned}\n",
    );
    let scene = Scene::call("x", "{}");
    let verdict = |policy: &Policy, id, severity| {
        let decision = scene.decide_with(policy, &finding(id, severity));
        format!("{} {}", decision.verdict.name(), decision.reasons[0].rule)
    };
    assert_eq!(verdict(&Policy::none(), "TP001", Severity::Critical), "allow no-policy");
    assert_eq!(verdict(&strict, "TP001", Severity::Critical), "deny finding:TP001");
    assert_eq!(verdict(&strict, "TP001", Severity::High), "deny finding:TP001");
    assert_eq!(verdict(&strict, "TP001", Severity::Medium), "allow default");
    assert_eq!(verdict(&strict, "TP009", Severity::Critical), "allow default");
    assert_eq!(verdict(&strict, "XX001", Severity::Critical), "allow default");
    let decision = scene.decide_with(&strict, &finding("TP001", Severity::High));
    assert_eq!(decision.reasons[0].text.as_deref(), Some("Poisoned"));
}

#[test]
fn a_finding_adds_to_a_denial_and_does_not_lift_it() {
    let policy = policy(
        "version: 1\nfindings:\n  - {id: \"*\", action: audit}\nrules:\n  - {name: no, action: deny, match: {tool: x}}\n",
    );
    let decision = Scene::call("x", "{}").decide_with(&policy, &finding("GH001", Severity::Info));
    let reasons: Vec<_> = decision.reasons.iter().map(|reason| &*reason.rule).collect();
    assert_eq!((decision.verdict, reasons), (Verdict::Deny, vec!["no", "finding:GH001"]));
    assert!(decision.hidden, "a hidden thing stays hidden");
}

#[test]
fn the_first_rule_that_matches_decides() {
    let policy = policy(
        "version: 1
rules:
  - {name: first, action: deny, match: {tool: read_secret}}
  - {name: second, action: allow, match: {tool: [\"read_*\", list]}}
  - {name: third, action: audit, match: {tool: \"write_?\"}}
",
    );
    assert_eq!(Scene::call("read_secret", "{}").verdict(&policy), "deny first hidden");
    assert_eq!(Scene::call("read_file", "{}").verdict(&policy), "allow second");
    assert_eq!(Scene::call("list", "{}").verdict(&policy), "allow second");
    assert_eq!(Scene::call("write_a", "{}").verdict(&policy), "allow audit:third");
    assert_eq!(Scene::call("write_ab", "{}").verdict(&policy), "deny default hidden");
    assert_eq!(Scene::call("List", "{}").verdict(&policy), "deny default hidden");
}

#[test]
fn every_named_condition_must_hold() {
    let policy = one_rule("allow", "{method: tools/call, server: \"no*\", tool: x}");
    assert_eq!(Scene::call("x", "{}").verdict(&policy), "allow one");
    assert_eq!(Scene::call("y", "{}").verdict(&policy), "deny default hidden");
    let other = one_rule("allow", "{server: fs, tool: x}");
    assert_eq!(Scene::call("x", "{}").verdict(&other), "deny default hidden");
}

#[test]
fn the_digest_is_of_the_file_as_it_is() {
    let one = policy("version: 1\n").digest().clone();
    assert_eq!(&*one, "09bfcc6a14b83e2192b8673677725c84883ee9cd0c70e45c9ec09daa8f2b2847");
    assert_ne!(one, *policy("version: 1 \n").digest());
    let scene = Scene::call("x", "{}");
    assert_eq!(scene.decide(&policy("version: 1\n")).policy, one);
}
