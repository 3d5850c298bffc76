//! Expressions: what they see, what is refused when they are read, and that they cannot be made to run long.

use std::time::{Duration, Instant};

use crate::policy::expression::Expression;
use crate::scene::{Scene, finding, policy};
use crate::{Policy, Verdict};

fn rule(action: &str, when: &str) -> Policy {
    let default = if action == "allow" { "deny" } else { "allow" };
    policy(&format!(
        "version: 1\ndefault: {default}\nrules:\n  - name: one\n    action: {action}\n    match: {{method: tools/call}}\n    when: '{}'\n",
        when.replace('\'', "''")
    ))
}

fn verdict(action: &str, when: &str, arguments: &str) -> String {
    let verdict = Scene::call("x", arguments).verdict(&rule(action, when));
    verdict.trim_end_matches(" hidden").to_owned()
}

#[test]
fn expressions_see_the_facts() {
    let cases = [
        (r#"args.amount <= 100 && principal.name == "ada""#, true),
        (r#"args.amount > 100"#, false),
        (r#"tool == "x" && server == "notes" && method == "tools/call""#, true),
        (r#"direction == "from_client" && transport == "stdio" && principal.proof == "local""#, true),
        (r#"args.tags.exists(tag, tag.startsWith("b"))"#, true),
        (r#"args.tags.all(tag, tag.matches("^[a-z]$"))"#, true),
        (r#"args.tags.all(tag, args.tags.exists(other, other == tag))"#, true),
        (r#"has(args.missing)"#, false),
        (r#"has(args.nested.deep) && args.nested.deep == null"#, true),
        (r#"size(args.tags) == 2 && "a" in args.tags && !("z" in args.tags)"#, true),
        (r#"args["amount"] == 50.0"#, true),
        (r#"prompt == "" && resource == "" && revision == """#, true),
        (r#"now == 0 && tally.calls == 0 && risk == 0.0 && size(findings) == 0"#, true),
        (r#""admin" in principal.roles || "ops" in principal.groups"#, false),
        (r#"args.tags.filter(t, t != "a").size() == 1"#, true),
        (r#"args.name.contains("é") && args.name.endsWith("!")"#, true),
    ];
    let arguments = r#"{"amount":50,"tags":["a","b"],"nested":{"deep":null},"name":"caf\u00e9!"}"#;
    for (when, expected) in cases {
        assert_eq!(verdict("allow", when, arguments) == "allow one", expected, "{when}");
        assert_eq!(verdict("deny", when, arguments) == "deny one", expected, "{when}");
    }
}

#[test]
fn an_expression_that_errors_denies() {
    let cases = [
        (r#"args.amount > 100"#, r#"{}"#),
        (r#"args.amount > 100"#, r#"{"amount":"200"}"#),
        (r#"args.amount > 100"#, r#"{"amount":[200]}"#),
        (r#"args.amount / args.zero > 1"#, r#"{"amount":1,"zero":0}"#),
        (r#"args.amount + 9223372036854775807 > 1"#, r#"{"amount":1}"#),
        (r#"args.path.startsWith("/etc")"#, r#"{"path":["/etc/passwd"]}"#),
        (r#"args.list[9] == 1"#, r#"{"list":[]}"#),
        (r#"args.amount == 1"#, r#"[1]"#),
    ];
    for (when, arguments) in cases {
        assert_eq!(verdict("deny", when, arguments), "deny policy-error", "{when} {arguments}");
        assert_eq!(verdict("hold", when, arguments), "deny policy-error", "{when} {arguments}");
        let decision = Scene::call("x", arguments).decide(&rule("allow", when));
        let reasons: Vec<&str> = decision.reasons.iter().map(|reason| &*reason.rule).collect();
        assert_eq!((decision.verdict, reasons), (Verdict::Deny, vec!["default", "policy-error", "one"]), "{when}");
    }
    assert_eq!(verdict("deny", r#"tool == "x" || args.amount > 1"#, "{}"), "deny one", "what is surely so outweighs");
    let bare = policy("version: 1\ndefault: allow\nrules: [{name: one, action: deny, when: 'args.amount > 1'}]\n");
    assert_eq!(Scene::request("initialize").verdict(&bare), "allow protocol", "it is about calls");
    assert_eq!(Scene::read("file:///x").verdict(&bare), "allow default");
}

#[test]
fn other_spellings_of_a_uri_do_not_walk_around_an_expression() {
    let with = |action: &str| {
        let default = if action == "allow" { "deny" } else { "allow" };
        policy(&format!(
            "version: 1\ndefault: {default}\nrules: [{{name: one, action: {action}, when: 'resource.startsWith(\"file:///srv/\")'}}]\n"
        ))
    };
    assert_eq!(Scene::read("file:///srv/a").verdict(&with("allow")), "allow one");
    assert_eq!(Scene::read("file:///srv/../etc/passwd").verdict(&with("allow")), "deny default hidden");
    assert_eq!(Scene::read("file:///x/../srv/a").verdict(&with("deny")), "deny one hidden");
}

#[test]
fn what_is_only_offered_is_neither_hidden_nor_refused_by_what_is_not_known_yet() {
    let list = || Scene::list("tools/list", r#"{"tools":[{"name":"x"},{"name":"y"}]}"#);
    assert_eq!(list().decide(&rule("allow", "args.amount < 1")).verdict, Verdict::Allow);
    assert_eq!(list().decide(&rule("deny", "args.amount < 1")).verdict, Verdict::Allow);
    assert_eq!(list().decide(&rule("deny", r#"tool == "x""#)).edits.len(), 1, "what is known hides");
}

#[test]
fn hints_in_expressions_never_let_anything_pass() {
    assert!(Policy::load("p", "version: 1\nrules: [{name: a, action: allow, when: hints.read_only}]\n").is_err());
    let policy = policy("version: 1\nrules: [{name: a, action: audit, when: '!hints.read_only'}]\n");
    assert_eq!(Scene::call("x", "{}").verdict(&policy), "deny default hidden");
}

#[test]
fn findings_and_risk_make_the_detectors_run() {
    let policy = rule("deny", r#"findings.exists(f, f.id.startsWith("PI") && f.confidence > 0.5) || risk >= 0.9"#);
    assert!(policy.wants_findings());
    let with = |id| Scene::call("x", "{}").decide_with(&policy, &finding(id, gatehold_inspect::Severity::High)).verdict;
    assert_eq!(with("PI001"), Verdict::Deny);
    assert!(!rule("deny", "size(tool) > 9").wants_findings());
}

fn fault(when: &str) -> String {
    match Expression::read(when) {
        Ok(_) => panic!("{when} must be refused"),
        Err(faults) => {
            let at = faults[0].span.clone().map_or("", |span| &when[span]);
            format!("{} at `{at}`: {}", faults[0].message, faults[0].help)
        }
    }
}

#[test]
fn mistakes_are_found_when_the_policy_is_read() {
    for (when, expected) in [
        ("tol == \"x\"", "no fact is called `tol` at `tol`: did you mean `tool`?"),
        ("principal.nam == \"x\"", "`principal` has no `nam` at `nam`: did you mean `name`?"),
        ("tool.startWith(\"x\")", "there is no function `startWith`"),
        ("tool == 1", "a text never equals a whole number"),
        ("tool < 1", "a text cannot be compared with a whole number"),
        ("risk + 1 > 2.0", "there is no such sum of a number and a whole number"),
        ("tool", "the expression is a text, and must be true or false"),
        ("tool && true", "expected true or false, found a text at `tool`"),
        ("1 in principal.roles", "a whole number is never in a list"),
        ("tool.matches(args.pattern)", "the pattern of `matches` is a text in quotes"),
        ("tool.matches(\"(\")", "not a regular expression"),
        ("tool.matches(\"(a{1000}){1000}\")", "not a regular expression"),
        ("size(now) > 1", "`size` is of"),
        ("tool.all(x, true)", "a text holds nothing to go through"),
        ("findings.exists(f, f.rule == \"x\")", "`finding` has no `rule`"),
        ("args.a.all(a, args.b.all(b, args.c.all(c, true)))", "comprehensions stand too deep"),
        ("tool ==", "not readable as CEL"),
        ("", "the expression is empty or too long"),
        ("duration(\"1h\") == now", "there is no function `duration`"),
        ("google.protobuf.Duration{seconds: 1} == now", ""),
        ("tool.?x == 1", ""),
    ] {
        let found = fault(when);
        assert!(found.contains(expected), "{when}: {found}");
    }
    let error = Policy::load(
        "p.yaml",
        "version: 1\nrules:\n  - {name: a, action: deny, when: 'args.x == 1 && tol == \"x\"'}\n",
    )
    .unwrap_err()
    .to_string();
    assert!(error.contains("p.yaml:3:51"), "the place is the word's: {error}");
}

#[test]
fn hostile_expressions_end() {
    let begun = Instant::now();
    let deep = |open: &str, close: &str| format!("{}1{} == 1", open.repeat(900), close.repeat(900));
    for when in [
        deep("(", ")"),
        deep("[", "]"),
        "!".repeat(4000) + "true",
        format!("{}1 == 1", "-".repeat(4000)),
        format!("true{}", " && true".repeat(500)),
        "a".repeat(5000),
        format!("tool == \"{}", "\\".repeat(4000)),
        format!("{}tool", "tool.".repeat(800)),
        "{".repeat(4000),
    ] {
        let _ = Expression::read(&when);
    }
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
}

#[test]
fn hostile_arguments_cannot_make_an_expression_run_long() {
    let list = format!("[{}]", vec!["\"aaaaaaaaaaaaaaaaaaaa\""; 16_000].join(","));
    let text = "a".repeat(900_000);
    let nested = format!("{}1{}", "[".repeat(60), "]".repeat(60));
    let cases = [
        (r#"args.list.all(a, args.list.exists(b, a == b))"#, format!(r#"{{"list":{list}}}"#)),
        (r#"args.list.all(a, args.text.contains(a + "b"))"#, format!(r#"{{"list":{list},"text":"{text}"}}"#)),
        (r#"args.list.map(a, args.list.map(b, a + b)).size() > 0"#, format!(r#"{{"list":{list}}}"#)),
        (r#"args.text.matches("(a*)*b$")"#, format!(r#"{{"text":"{text}"}}"#)),
        (r#"(args.list + args.list + args.list).all(a, a != "b")"#, format!(r#"{{"list":{list}}}"#)),
        (r#"args.nested == args.nested"#, format!(r#"{{"nested":{nested}}}"#)),
        (r#"args.big.size() > 0"#, format!(r#"{{"big":[{}]}}"#, vec!["1"; 60_000].join(","))),
    ];
    for (when, arguments) in cases {
        let policy = rule("deny", when);
        let scene = Scene::call("x", &arguments);
        let begun = Instant::now();
        let decision = scene.decide(&policy);
        assert!(begun.elapsed() < Duration::from_secs(5), "{when}: {:?}", begun.elapsed());
        let is_over = decision.reasons[0].rule.starts_with("policy-error");
        assert!(is_over || decision.verdict == Verdict::Allow || when.contains("nested"), "{when}: {decision:?}");
    }
}
