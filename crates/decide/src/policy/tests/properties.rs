//! What must hold for all patterns, policies and messages.

use std::cmp::Ordering;

use proptest::prelude::*;

use crate::policy::glob::Glob;
use crate::policy::number::Decimal;
use crate::scene::{Scene, policy};
use crate::{Policy, Verdict};

/// The obvious matcher: exponential, and right.
fn naive(pattern: &[char], subject: &[char]) -> bool {
    match pattern.split_first() {
        None => subject.is_empty(),
        Some(('*', rest)) => (0..=subject.len()).any(|skipped| naive(rest, &subject[skipped..])),
        Some(('?', rest)) => subject.split_first().is_some_and(|(_, after)| naive(rest, after)),
        Some(('\\', rest)) => match (rest.split_first(), subject.split_first()) {
            (Some((expected, rest)), Some((found, after))) => expected == found && naive(rest, after),
            _ => false,
        },
        Some((expected, rest)) => {
            subject.split_first().is_some_and(|(found, after)| expected == found && naive(rest, after))
        }
    }
}

/// Rules as text, over few words so that they often match.
fn rule(index: usize, action: &str, tool: &str, argument: Option<&str>) -> String {
    let argument = argument.map(|value| format!(", arguments: {{a: \"{value}\"}}")).unwrap_or_default();
    format!("  - {{name: r{index}, action: {action}, match: {{tool: \"{tool}\"{argument}}}}}\n")
}

prop_compose! {
    fn rules()(parts in prop::collection::vec(
        ("allow|deny|audit", "[ab*?]{1,3}", prop::option::of("[ab*?]{1,2}")), 0..5,
    )) -> Vec<(String, String, Option<String>)> { parts }
}

fn written(default: &str, rules: &[(String, String, Option<String>)]) -> String {
    let mut text = format!("version: 1\ndefault: {default}\n");
    if !rules.is_empty() {
        text.push_str("rules:\n");
    }
    for (index, (action, tool, argument)) in rules.iter().enumerate() {
        text.push_str(&rule(index, action, tool, argument.as_deref()));
    }
    text
}

fn is_denied(policy: &Policy, scene: &Scene) -> bool {
    scene.decide(policy).verdict == Verdict::Deny
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn a_glob_matches_as_the_obvious_matcher_does(pattern in r"[abé*?]{0,8}|(\\[*?a]|[ab*?]){0,6}", subject in "[abé*?]{0,10}") {
        let (letters, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), subject.chars().collect());
        prop_assert_eq!(Glob::new(&pattern).unwrap().matches(&subject), naive(&letters, &text));
    }

    #[test]
    fn padding_never_makes_a_glob_stop_matching(core in "[ab]{0,4}", pattern in "[ab?*]{0,4}") {
        let glob = Glob::new(&format!("*{pattern}*")).unwrap();
        let padding = "x".repeat(100 * 1024);
        if glob.matches(&core) {
            let padded = format!("{padding}{core}{padding}");
            prop_assert!(glob.matches(&padded));
        }
    }

    #[test]
    fn a_deny_rule_in_front_never_allows_what_was_denied(
        rules in rules(), default in "allow|deny", tool in "[ab]{1,2}", value in "[ab]{0,2}",
        added in "[ab*?]{1,3}", argument in prop::option::of("[ab*?]{1,2}"),
    ) {
        let scene = Scene::call(&tool, &format!(r#"{{"a":["{value}"]}}"#));
        let before = policy(&written(&default, &rules));
        let mut more = rules.clone();
        more.insert(0, ("deny".to_owned(), added, argument));
        let after = policy(&written(&default, &more));
        prop_assert!(!is_denied(&before, &scene) || is_denied(&after, &scene));
    }

    #[test]
    fn what_a_list_hides_cannot_be_called(rules in rules(), default in "allow|deny", tool in "[ab]{1,2}", value in "[ab]{0,2}") {
        let policy = policy(&written(&default, &rules));
        let list = Scene::list("tools/list", &format!(r#"{{"tools":[{{"name":"{tool}"}}]}}"#));
        let is_listed = list.decide(&policy).verdict == Verdict::Allow;
        let decision = Scene::call(&tool, &format!(r#"{{"a":"{value}"}}"#)).decide(&policy);
        if decision.verdict == Verdict::Deny {
            prop_assert_eq!(decision.hidden, !is_listed);
        } else {
            prop_assert!(is_listed);
        }
    }

    #[test]
    fn numbers_compare_as_integers_do(one in any::<i64>(), two in any::<i64>(), zeros in 0_usize..4) {
        let spelled = format!("{two}.{}", "0".repeat(zeros + 1));
        let (first, second) = (one.to_string(), format!("{spelled}e0"));
        let order = Decimal::read(&first).unwrap().compare(Decimal::read(&second).unwrap());
        prop_assert_eq!(order, one.cmp(&two));
    }

    #[test]
    fn shifting_the_point_changes_nothing(digits in "[1-9][0-9]{0,6}", shift in 0_usize..9) {
        let scaled = format!("{digits}{}e-{shift}", "0".repeat(shift));
        let small = format!("0.{}{digits}e{}", "0".repeat(shift), shift + digits.len());
        let value = Decimal::read(&digits).unwrap();
        prop_assert_eq!(value.compare(Decimal::read(&scaled).unwrap()), Ordering::Equal);
        prop_assert_eq!(value.compare(Decimal::read(&small).unwrap()), Ordering::Equal);
    }

    #[test]
    fn loading_any_text_ends_in_a_policy_or_an_error(text in "(version: 1\n)?[ -~\n]{0,200}") {
        if let Err(error) = Policy::load("p.yaml", &text) {
            prop_assert!(!error.diagnostics().is_empty());
            let is_coloured = error.to_string().contains('\u{1b}');
            prop_assert!(!is_coloured);
        }
    }
}
