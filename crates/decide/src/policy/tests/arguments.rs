//! Conditions on arguments: paths, quantifiers, comparisons, and which way each fails closed.

use super::{deny_only, one_rule};
use crate::scene::Scene;

/// Whether a deny rule and an allow rule with this condition match these arguments.
fn matches(condition: &str, arguments: &str) -> (bool, bool) {
    let conditions = format!("{{arguments: {{{condition}}}}}");
    let scene = Scene::call("x", arguments);
    let denied = scene.verdict(&deny_only(&conditions)).starts_with("deny");
    let allowed = scene.verdict(&one_rule("allow", &conditions)).starts_with("allow");
    (denied, allowed)
}

const BOTH: (bool, bool) = (true, true);
const NEITHER: (bool, bool) = (false, false);
const DENY_ONLY: (bool, bool) = (true, false);

#[test]
fn table_of_conditions() {
    let table = [
        ("path: {glob: \"/etc/**\"}", r#"{"path":"/etc/passwd"}"#, BOTH),
        ("path: {glob: \"/etc/**\"}", r#"{"path":"/srv/passwd"}"#, NEITHER),
        ("path: {glob: \"/etc/**\"}", r#"{"path":"\u002fetc\/passwd"}"#, BOTH),
        ("path: {glob: \"/etc/**\"}", r#"{"other":"/etc/passwd"}"#, NEITHER),
        ("path: \"/etc/**\"", r#"{"p\u0061th":"/etc/passwd"}"#, BOTH),
        ("path: [\"/etc/**\", \"/root/**\"]", r#"{"path":"/root/x"}"#, BOTH),
        ("path: {glob: [\"/etc/**\", \"/root/**\"]}", r#"{"path":"/root/x"}"#, BOTH),
        ("\"filter.owner\": {regex: \"(?i)root\"}", r#"{"filter":{"owner":"xROOTx"}}"#, BOTH),
        ("\"filter.owner\": {regex: \"^root$\"}", r#"{"filter":{"owner":"xroot"}}"#, NEITHER),
        ("filter.owner: root", r#"{"filter":"root"}"#, NEITHER),
        ("\"a\\\\.b\": x", r#"{"a.b":"x"}"#, BOTH),
        ("\"a\\\\.b\": x", r#"{"a":{"b":"x"}}"#, NEITHER),
        ("\"\\\\*\": x", r#"{"*":"x"}"#, BOTH),
        ("\"\\\\*\": x", r#"{"y":"x"}"#, NEITHER),
        ("\"*\": x", r#"{"y":"x"}"#, BOTH),
        ("\"*\": x", r#"{"y":"x","z":"w"}"#, DENY_ONLY),
        ("\"*\": x", "{}", NEITHER),
        ("\"tags.*\": {one_of: [a, b]}", r#"{"tags":["a","b"]}"#, BOTH),
        ("\"tags.*\": {one_of: [a, b]}", r#"{"tags":["a","c"]}"#, DENY_ONLY),
        ("\"tags.*\": {one_of: [a, b]}", r#"{"tags":{"k":"a"}}"#, BOTH),
        ("\"tags.*\": {one_of: [a, b]}", r#"{"tags":[]}"#, NEITHER),
        ("\"tags.*\": {one_of: [a, b]}", r#"{"tags":"a"}"#, NEITHER),
        ("tags: {one_of: [\"a*\"]}", r#"{"tags":"ab"}"#, NEITHER),
        ("flag: {equals: true}", r#"{"flag":true}"#, BOTH),
        ("flag: true", r#"{"flag":false}"#, NEITHER),
        ("flag: true", r#"{"flag":"True"}"#, DENY_ONLY),
        ("token: {absent: true}", "{}", BOTH),
        ("token: {absent: true}", r#"{"token":"x"}"#, NEITHER),
        ("token: {absent: true}", r#"{"token":null}"#, DENY_ONLY),
        ("token: {absent: false}", r#"{"token":null}"#, DENY_ONLY),
        ("token: {absent: false}", r#"{"token":0}"#, BOTH),
        ("token: {absent: false}", "{}", NEITHER),
        ("token: {absent: true}", "null", BOTH),
    ];
    for (condition, arguments, expected) in table {
        assert_eq!(matches(condition, arguments), expected, "{condition} on {arguments}");
    }
}

#[test]
fn lists_and_nesting_hide_nothing() {
    let condition = "path: {glob: \"/etc/**\"}";
    for arguments in [
        r#"{"path":["/srv/a","/etc/passwd"]}"#,
        r#"{"path":[["/srv/a"],[[["/etc/passwd"]]]]}"#,
        r#"{"path":{"deep":{"er":"/etc/passwd"}}}"#,
        r#"{"path":[{"x":"/etc/passwd"}]}"#,
    ] {
        assert_eq!(matches(condition, arguments), DENY_ONLY, "{arguments}");
    }
    assert_eq!(matches(condition, r#"{"path":["/etc/a","/etc/b"]}"#), BOTH);
    assert_eq!(matches(condition, r#"{"path":[]}"#), NEITHER);
    assert_eq!(matches(condition, r#"{"path":["/etc/a",null]}"#), DENY_ONLY);
    let inner = "items.owner: root";
    assert_eq!(matches(inner, r#"{"items":[{"owner":"a"},{"owner":"root"}]}"#), DENY_ONLY);
    assert_eq!(matches(inner, r#"{"items":[{"owner":"root"},{"owner":"root"}]}"#), BOTH);
    assert_eq!(matches(inner, r#"{"items":[[{"owner":"root"}],{"owner":"root"}]}"#), BOTH);
    // A branch without the value is not covered by an allow rule.
    assert_eq!(matches(inner, r#"{"items":[{"owner":"root"},{}]}"#), DENY_ONLY);
    assert_eq!(matches("items.owner: {absent: true}", r#"{"items":[{"owner":"root"},{}]}"#), DENY_ONLY);
}

#[test]
fn numbers_are_compared_as_written() {
    let table = [
        ("n: {above: 10, at_most: 100}", "10", NEITHER),
        ("n: {above: 10, at_most: 100}", "10.000000000000000000001", BOTH),
        ("n: {above: 10, at_most: 100}", "100", BOTH),
        ("n: {above: 10, at_most: 100}", "1e2", BOTH),
        ("n: {above: 10, at_most: 100}", "100.00000000000000000000000001", NEITHER),
        ("n: {at_most: 9007199254740992}", "9007199254740993", NEITHER),
        ("n: {equals: 9007199254740993}", "9007199254740992", NEITHER),
        ("n: {equals: 9007199254740993}", "9007199254740993.0", BOTH),
        ("n: {below: 1e400}", "1e399", BOTH),
        ("n: {below: 1e400}", "1e401", NEITHER),
        ("n: {above: 1000000}", "1e400", BOTH),
        ("n: {above: 1000000}", "-1e400", NEITHER),
        ("n: {at_least: 0}", "-0.0", BOTH),
        ("n: {at_least: 18446744073709551616}", "18446744073709551615", NEITHER),
        ("n: 5", "5.0", BOTH),
        ("n: 0.1", "1e-1", BOTH),
        // What cannot be compared denies and does not allow.
        ("n: {above: 10}", "1e99999999999999999999", DENY_ONLY),
        ("n: {below: 10}", "1e99999999999999999999", DENY_ONLY),
        ("n: {above: 10}", "\"many\"", DENY_ONLY),
        ("n: {above: 10}", "true", DENY_ONLY),
        ("n: {above: 10}", "\" 11 \"", DENY_ONLY),
        ("n: {above: 10}", "\"9\"", NEITHER),
        ("n: {above: 10}", "null", NEITHER),
        ("n: {above: 10}", "[1, [11]]", DENY_ONLY),
        ("n: {one_of: [1, 2]}", "2", BOTH),
        ("n: {one_of: [1, 2]}", "\"2\"", DENY_ONLY),
        ("n: {one_of: [\"1\", \"2\"]}", "2", DENY_ONLY),
    ];
    for (condition, number, expected) in table {
        assert_eq!(matches(condition, &format!("{{\"n\":{number}}}")), expected, "{condition} on {number}");
    }
}

#[test]
fn other_spellings_of_a_path_do_not_walk_around_a_rule() {
    let deny = "path: {glob: \"/etc/**\"}";
    for path in
        ["/srv/../etc/passwd", "/etc//passwd", "/./etc/passwd", "//etc/passwd", "/%65tc/passwd", "\\\\etc\\\\passwd"]
    {
        assert!(matches(deny, &format!(r#"{{"path":"{path}"}}"#)).0, "{path}");
    }
    let allow = "path: {glob: \"/srv/**\"}";
    for path in ["/srv/../etc/passwd", "/srv/a/../../etc", "/srv/%2e%2e/etc", "/srv/..\\\\etc"] {
        assert!(!matches(allow, &format!(r#"{{"path":"{path}"}}"#)).1, "{path}");
    }
    for path in ["/srv/a", "/srv/a/../b", "/srv/a..b", "/srv/100%"] {
        assert!(matches(allow, &format!(r#"{{"path":"{path}"}}"#)).1, "{path}");
    }
}

#[test]
fn arguments_that_are_no_object_cannot_be_evaluated() {
    for arguments in ["\"/etc/passwd\"", "[]", "7", "true"] {
        assert_eq!(matches("path: x", arguments), DENY_ONLY, "{arguments}");
        assert_eq!(matches("path: {absent: true}", arguments), DENY_ONLY, "{arguments}");
    }
    let scene = Scene::call("x", "[]");
    let decision = scene.decide(&deny_only("{tool: x, arguments: {path: y}}"));
    let reasons: Vec<_> = decision.reasons.iter().map(|reason| &*reason.rule).collect();
    assert_eq!(reasons, ["policy-error", "one"]);
    let decision = scene.decide(&one_rule("allow", "{arguments: {path: y}}"));
    let reasons: Vec<_> = decision.reasons.iter().map(|reason| &*reason.rule).collect();
    assert_eq!(reasons, ["default", "policy-error", "one"]);
    // What surely does not hold outweighs what cannot be told.
    assert_eq!(scene.verdict(&deny_only("{tool: y, arguments: {path: y}}")), "allow default");
}

#[test]
fn rules_about_arguments_concern_only_what_has_arguments() {
    let policy = deny_only("{arguments: {token: {absent: true}}}");
    assert_eq!(Scene::request("ping").verdict(&policy), "allow protocol");
    assert_eq!(Scene::request("tools/list").verdict(&policy), "allow protocol");
    assert_eq!(Scene::read("x:y").verdict(&policy), "allow default");
    assert_eq!(Scene::call("x", "{}").verdict(&policy), "deny one");
    let prompt = r#"{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"p"}}"#;
    assert_eq!(Scene::from_client(prompt).verdict(&policy), "deny one");
    assert_eq!(Scene::request("made/up").verdict(&policy), "deny one");
}
