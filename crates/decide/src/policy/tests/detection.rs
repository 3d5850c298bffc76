//! The `detection` section: families, sensitivity, directions, and what comes first.

use gatehold_inspect::{Finding, Findings, Severity};

use crate::policy::Policy;
use crate::scene::{Scene, policy};

fn found(scene: &Scene, id: &'static str, severity: Severity, text: &str) -> Findings {
    let bytes = std::str::from_utf8(scene.message().bytes()).unwrap();
    let start = bytes.find(text).unwrap();
    let mut findings = Findings::default();
    let (rule, pointer, detail) = ("a-rule".into(), "".into(), "".into());
    findings.push(Finding { id, rule, severity, confidence: 1.0, pointer, span: start..start + text.len(), detail });
    findings
}

fn verdicts(policy: &Policy, id: &'static str, severity: Severity) -> [&'static str; 2] {
    let call = Scene::call("x", r#"{"a":"s3cret"}"#);
    let answer = Scene::answer(
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x"}}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"s3cret"}]}}"#,
    );
    [call, answer].map(|scene| {
        let findings = found(&scene, id, severity, "s3cret");
        scene.decide_with(policy, &findings).verdict.name()
    })
}

#[test]
fn families_act_by_direction_and_sensitivity() {
    let text = "version: 1\ndefault: allow\ndetection:\n  secrets: {sensitivity: high, from_client: block, from_server: redact}\n  \
                personal_data: {from_server: redact, with: mask}\n  injection: {sensitivity: low, from_server: block}\n";
    let strict = policy(text);
    assert_eq!(verdicts(&strict, "SE001", Severity::Low), ["deny", "redact"]);
    assert_eq!(verdicts(&strict, "SE001", Severity::Info), ["allow", "allow"]);
    assert_eq!(verdicts(&strict, "PD001", Severity::Medium), ["allow", "redact"]);
    assert_eq!(verdicts(&strict, "PD003", Severity::Low), ["allow", "allow"]);
    assert_eq!(verdicts(&strict, "PI001", Severity::Medium), ["allow", "allow"]);
    assert_eq!(verdicts(&strict, "PI001", Severity::High), ["allow", "deny"]);
    assert!(strict.wants_findings());
}

#[test]
fn an_entry_of_findings_comes_first_and_low_sensitivity_only_records() {
    let text = "version: 1\ndefault: allow\nfindings:\n  - {id: SE001, at_least: critical, action: audit}\ndetection:\n  \
                secrets: {from_client: block}\n";
    let excepted = policy(text);
    assert_eq!(verdicts(&excepted, "SE001", Severity::Critical)[0], "allow");
    assert_eq!(verdicts(&excepted, "SE001", Severity::High)[0], "deny");
}

#[test]
fn mistakes_are_explained() {
    for (text, words) in [
        ("secret: {from_client: block}", "did you mean `secrets`?"),
        ("secrets: {from_client: deny}", "detect, redact, block"),
        ("secrets: {sensitivity: huge}", "did you mean `high`?"),
        ("secrets: {from_client: block, with: mask}", "nothing is"),
        ("secrets: {}", "says nothing"),
        ("secrets:", "says nothing"),
    ] {
        let text = format!("version: 1\ndetection:\n  {text}\n");
        let error = Policy::load("policy.yaml", &text).expect_err(&text).to_string();
        assert!(error.contains(words), "{text}: {error}");
    }
}

#[test]
fn what_the_silence_of_the_second_tier_comes_to_no_policy_makes_milder() {
    let mild = policy("version: 1\ndefault: allow\nfindings:\n  - {id: '*', action: audit}\n");
    for lenient in [mild, Policy::none()] {
        assert_eq!(verdicts(&lenient, "GH003", Severity::Low), ["allow", "allow"]);
        assert_eq!(verdicts(&lenient, "GH003", Severity::Medium), ["hold", "hold"]);
        assert_eq!(verdicts(&lenient, "GH003", Severity::Critical), ["deny", "deny"]);
    }
    let strict = policy("version: 1\ndefault: allow\nfindings:\n  - {id: GH003, at_least: low, action: deny}\n");
    assert_eq!(verdicts(&strict, "GH003", Severity::Low), ["deny", "deny"]);
    assert_eq!(verdicts(&strict, "GH003", Severity::Medium), ["deny", "deny"]);
}
