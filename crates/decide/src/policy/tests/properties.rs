//! What must hold for all patterns, policies and messages.

use std::cmp::Ordering;

use gatehold_session::principal::Attributes;
use gatehold_session::{Principal, Proof};
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

prop_compose! {
    fn conditions()(
        action in "allow|deny|audit|hold",
        keys in prop::collection::btree_map("tool|server|method|resource|role|principal", "[ab*?]{1,3}|tools/call|\\*|resources/\\*|file:///a\\*", 1..4),
    ) -> (String, Vec<String>) {
        (action, keys.into_iter().map(|(key, pattern)| format!("{key}: \"{pattern}\"")).collect())
    }
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
    fn the_index_changes_nothing(
        parts in prop::collection::vec(conditions(), 0..24), default in "allow|deny",
        tool in "[ab]{0,3}", server in "[ab]{1,2}", uri in "file:///(a|b|\\.\\.|%61|/){0,4}", roles in prop::collection::vec("[ab]{1,2}", 0..3),
        kind in 0_usize..5,
    ) {
        let mut text = format!("version: 1\ndefault: {default}\nrules:\n  - {{name: none, action: audit, match: {{tool: zzz}}}}\n");
        for (index, (action, keys)) in parts.iter().enumerate() {
            text.push_str(&format!("  - {{name: r{index}, action: {action}, match: {{{}}}}}\n", keys.join(", ")));
        }
        let scene = match kind {
            0 => Scene::call(&tool, "{}"),
            1 => Scene::read(&uri),
            2 => Scene::list("tools/list", &format!(r#"{{"tools":[{{"name":"{tool}"}},{{"name":"ab"}}]}}"#)),
            3 => Scene::from_client(r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":7}}"#),
            _ => Scene::on_uri("resources/subscribe", &uri),
        };
        let roles = roles.iter().map(|role| role.as_str().into()).collect();
        let principal = Principal::new("ab", Proof::LocalUser).with_attributes(Attributes { roles, ..Attributes::default() });
        let scene = scene.by(principal).at(&server);
        let (indexed, linear) = (policy(&text), policy(&text).linear());
        let (one, two) = (scene.decide(&indexed), scene.decide(&linear));
        prop_assert_eq!(one.verdict, two.verdict);
        prop_assert_eq!(one.reasons, two.reasons);
        prop_assert_eq!(one.hidden, two.hidden);
        prop_assert_eq!(one.edits, two.edits);
    }

    #[test]
    fn what_is_forbidden_stays_forbidden(rules in rules(), default in "allow|deny", tool in "[ab]{1,2}", forbidden in "[ab*?]{1,3}") {
        let scene = Scene::call(&tool, "{}");
        let text = written(&default, &rules);
        let with = format!("{text}forbid: [{{name: never, match: {{tool: \"{forbidden}\"}}}}]\n");
        let after = policy(&with);
        if Glob::new(&forbidden).unwrap().matches(&tool) {
            prop_assert!(is_denied(&after, &scene));
        } else {
            prop_assert_eq!(scene.decide(&after).verdict, scene.decide(&policy(&text)).verdict);
        }
    }

    #[test]
    fn a_layer_decides_as_if_its_rules_stood_at_the_end(above in rules(), below in rules(), tool in "[ab]{1,2}", value in "[ab]{0,2}") {
        let joined: Vec<_> = above.iter().chain(&below).cloned().collect();
        let one = policy(&written("deny", &joined));
        let top = format!("extends: [below]\n{}", written("deny", &above));
        let below = written("deny", &below);
        let two = Policy::load_with("top", &top, &|_, name| Ok((name.to_owned(), below.clone()))).unwrap();
        let scene = Scene::call(&tool, &format!(r#"{{"a":"{value}"}}"#));
        prop_assert_eq!(scene.decide(&one).verdict, scene.decide(&two).verdict);
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
