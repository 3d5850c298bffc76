//! How earlier gateways were walked around, each as a case.

use gatehold_inspect::{Findings, Severity};

use super::{deny_only, one_rule};
use crate::Policy;
use crate::scene::{Scene, finding, policy};

#[test]
fn padding_does_not_make_a_rule_stop_looking() {
    let padding = "a".repeat(1 << 20);
    let policy = deny_only("{tool: run, arguments: {command: [\"*rm -rf*\"]}}");
    let command = format!(r#"{{"command":"{padding} rm -rf / {padding}"}}"#);
    assert_eq!(Scene::call("run", &command).verdict(&policy), "deny one");
    let by_regex = deny_only("{tool: run, arguments: {command: {regex: \"rm -rf\"}}}");
    assert_eq!(Scene::call("run", &command).verdict(&by_regex), "deny one");
    let padded_tool = format!("delete_{padding}");
    assert_eq!(Scene::call(&padded_tool, "{}").verdict(&deny_only("{tool: \"delete_*\"}")), "deny one hidden");
}

#[test]
fn a_long_pattern_works_as_a_short_one() {
    let name = "n".repeat(100_000);
    let policy = deny_only(&format!("{{tool: \"{name}*\"}}"));
    assert_eq!(Scene::call(&format!("{name}x"), "{}").verdict(&policy), "deny one hidden");
    assert_eq!(Scene::call("n", "{}").verdict(&policy), "allow default");
}

#[test]
fn nesting_beyond_any_depth_denies() {
    let policy = deny_only("{arguments: {path: \"/etc/*\"}}");
    // As deep as the parser lets through, with the value at the bottom.
    let (open, close) = ("[".repeat(60), "]".repeat(60));
    let arguments = format!(r#"{{"path":{open}"/etc/passwd"{close}}}"#);
    assert_eq!(Scene::call("x", &arguments).verdict(&policy), "deny one");
}

#[test]
fn empty_lists_are_refused_at_load() {
    for conditions in [
        "{tool: []}",
        "{method: []}",
        "{arguments: {p: []}}",
        "{arguments: {p: {one_of: []}}}",
        "{arguments: {p: {glob: []}}}",
    ] {
        let text = format!("version: 1\nrules:\n  - name: one\n    action: allow\n    match: {conditions}\n");
        let error = Policy::load("p.yaml", &text).unwrap_err().to_string();
        assert!(error.contains("an empty list matches nothing"), "{error}");
    }
}

#[test]
fn a_deny_rule_that_errors_denies() {
    let policy = policy(
        "version: 1
default: allow
rules:
  - {name: big, action: deny, match: {tool: pay, arguments: {amount: {above: 100}}}}
  - {name: all, action: allow}
",
    );
    assert_eq!(Scene::call("pay", r#"{"amount":5}"#).verdict(&policy), "allow all");
    assert_eq!(Scene::call("pay", r#"{"amount":101}"#).verdict(&policy), "deny big");
    for amount in ["1e999999999999999999999", "\"a lot\"", "{\"a\":\"b\"}", "true"] {
        let scene = Scene::call("pay", &format!(r#"{{"amount":{amount}}}"#));
        assert_eq!(scene.verdict(&policy), "deny policy-error", "{amount}");
    }
}

#[test]
fn a_name_that_is_no_string_cannot_slip_past_a_rule() {
    for name in [r#"["delete"]"#, "null", "7", r#"{"toString":"delete"}"#] {
        let json = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":{name}}}}}"#);
        let scene = Scene::from_client(&json);
        assert_eq!(scene.verdict(&deny_only("{tool: delete}")), "deny policy-error", "{name}");
        assert_eq!(scene.verdict(&one_rule("allow", "{tool: \"*\"}")), "deny default", "{name}");
    }
    let positional = r#"{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":["file:///etc/passwd"]}}"#;
    let policy = deny_only("{resource: \"file:///etc/**\"}");
    assert_eq!(Scene::from_client(positional).verdict(&policy), "deny policy-error");
}

#[test]
fn other_spellings_of_a_uri_do_not_walk_around_a_rule() {
    let deny = deny_only("{resource: \"file:///etc/**\"}");
    for uri in [
        "file:///etc/passwd",
        "file:///srv/../etc/passwd",
        "file:///%65tc/passwd",
        "file:///%2e%2e/etc/passwd",
        "FILE:///etc/passwd",
        "file:/etc/passwd",
        "file://localhost/etc/passwd",
        "file:////etc/passwd",
        "file:///etc/./passwd",
        "file:///etc\\passwd",
    ] {
        assert_eq!(Scene::read(uri).verdict(&deny), "deny one hidden", "{uri}");
    }
    assert_eq!(Scene::read("file:///srv/x").verdict(&deny), "allow default");
    let allow = one_rule("allow", "{resource: \"file:///srv/**\"}");
    assert_eq!(Scene::read("file:///srv/a%20b").verdict(&allow), "allow one");
    for uri in ["file:///srv/../etc/passwd", "file:///srv/%2e%2e/etc/passwd", "file:///srv/..%2fetc/passwd"] {
        assert_eq!(Scene::read(uri).verdict(&allow), "deny default hidden", "{uri}");
    }
}

#[test]
fn a_name_in_another_case_or_with_a_space_is_another_name() {
    let allow = one_rule("allow", "{tool: read}");
    for tool in ["Read", "read ", " read", "read\u{200b}", "re\u{0430}d", "read\n", ""] {
        assert_eq!(Scene::call(tool, "{}").verdict(&allow), "deny default hidden", "{tool:?}");
    }
}

#[test]
fn escaped_names_are_compared_unescaped() {
    let json = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"d\u0065lete","arguments":{}}}"#;
    assert_eq!(Scene::from_client(json).verdict(&deny_only("{tool: delete}")), "deny one hidden");
}

#[test]
fn escaped_methods_are_compared_unescaped_or_refused() {
    let json = r#"{"jsonrpc":"2.0","id":1,"method":"tools\/c\u0061ll","params":{"name":"delete","arguments":{}}}"#;
    let limits = gatehold_wire::Limits::default();
    if gatehold_wire::Message::parse(bytes::Bytes::from(json), &limits).is_ok() {
        assert!(Scene::from_client(json).verdict(&deny_only("{tool: delete}")).starts_with("deny"));
        assert!(Scene::from_client(json).verdict(&deny_only("{method: tools/call}")).starts_with("deny"));
    }
}

#[test]
fn a_search_through_too_much_denies_and_ends() {
    let item = format!("\"{}\"", "a".repeat(1000));
    let items = vec![item; 5_000].join(",");
    let arguments = format!(r#"{{"path":{}{items}{}}}"#, "[".repeat(40), "]".repeat(40));
    let scene = Scene::call("x", &arguments);
    assert_eq!(scene.verdict(&deny_only("{arguments: {path: \"/etc/**\"}}")), "deny policy-error");
    assert_eq!(scene.verdict(&one_rule("allow", "{arguments: {path: \"a*\"}}")), "deny default");
}

#[test]
fn a_result_of_an_unreadable_call_is_not_waved_through() {
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":["x"]}}"#;
    let scene = Scene::answer(call, r#"{"jsonrpc":"2.0","id":1,"result":{}}"#);
    assert_eq!(scene.verdict(&deny_only("{direction: from_server, tool: x}")), "deny policy-error");
}

#[test]
fn harmless_findings_cannot_crowd_out_the_one_that_matters() {
    let mut flood = Findings::default();
    for _ in 0..Findings::COUNT_MAX {
        flood.push(finding("XX001", Severity::Info).as_slice()[0].clone());
    }
    flood.push(finding("TP001", Severity::Critical).as_slice()[0].clone());
    let strict = policy("version: 1\ndefault: allow\nfindings:\n  - {id: \"TP*\", action: deny}\n");
    let scene = Scene::call("x", "{}");
    let decision = scene.decide_with(&strict, &flood);
    assert_eq!((decision.verdict.name(), &*decision.reasons[0].rule), ("deny", "finding:TP001"));
    assert_eq!(scene.decide_with(&Policy::none(), &flood).verdict.name(), "allow");
    // One that is as harmless as the others may have been dropped.
    let strict = policy("version: 1\ndefault: allow\nfindings:\n  - {id: \"ZZ*\", action: deny}\n");
    let decision = scene.decide_with(&strict, &flood);
    assert_eq!((decision.verdict.name(), &*decision.reasons[0].rule), ("deny", "finding:GH001"));
}
