//! Rehearsals are what real messages would be, and a description that is not understood is refused.

use gatehold_inspect::Registry;

use crate::diagnostic::Source;
use crate::scene::policy;
use crate::suite::Suite;

fn suite(cases: &str) -> Result<Suite, Vec<String>> {
    let source = Source::new("suite.yaml", &format!("cases:\n{cases}"));
    Suite::read(&source).map_err(|errors| errors.into_iter().map(|error| error.message).collect())
}

const POLICY: &str = "
version: 1
rules:
  - {name: reads, action: allow, match: {tool: 'read_*', arguments: {path: '/srv/**'}}}
  - {name: results, action: deny, match: {direction: from_server, tool: payroll}, reason: Not for agents.}
  - {name: pay, action: allow, match: {tool: payroll}}
  - {name: open, action: allow, match: {method: 'x/*'}}
findings:
  - {id: 'SE*', at_least: high, action: deny, reason: A secret.}
";

#[test]
fn cases_are_decided_like_messages() {
    let cases = "
  - {name: a, call: read_file, arguments: {path: /srv/a}, expect: {verdict: allow, rule: reads, hidden: false}}
  - {name: b, call: read_file, arguments: {path: /etc}, expect: deny}
  - {name: c, call: payroll, expect: allow}
  - {name: d, call: payroll, result: {content: []}, expect: {verdict: deny, rule: results, reason: Not for agents}}
  - {name: e, method: x/y, params: {a: [1, 2.5, null, true]}, expect: allow}
  - {name: f, call: payroll, findings: [{id: SE001}], expect: {verdict: deny, rule: 'finding:SE001'}}
  - {name: g, call: payroll, findings: [{id: SE001, severity: low}], expect: allow}
  - {name: h, call: payroll, arguments: {x: AKIAIOSFODNN7EXAMPLE, y: 'api_key=kZ8vR2mQ7pL4xT9cB1nD6wF3sG5h'}, detect: true, expect: {verdict: deny, finding: SE001}}
  - {name: i, method: initialize, expect: {verdict: allow, rule: protocol}}
  - {name: j, message: {jsonrpc: '2.0', id: 1, method: sampling/createMessage}, direction: from_server, expect: deny}
";
    let policy = policy(POLICY);
    let registry = Registry::standard();
    for case in suite(cases).unwrap().cases {
        let ran = case.run(&policy, Some(&registry));
        assert!(ran.differences.is_empty(), "{}: {:?}", case.name, ran.differences);
    }
}

#[test]
fn what_differs_is_said() {
    let policy = policy(POLICY);
    let case = "  - {name: a, call: read_file, expect: {verdict: allow, rule: reads, reason: x, hidden: false, tags: [t], limits: [l], finding: SE001, edits: true}}\n";
    let ran = suite(case).unwrap().cases.remove(0).run(&policy, None);
    let said = ran.differences.join("\n");
    for part in [
        "expected allow, decided deny by default",
        "expected the rule reads, decided by default",
        "expected a reason with \"x\"",
        "expected the tag t",
        "expected the limit l",
        "expected SE001 to be found",
        "expected edits, it has no edits",
    ] {
        assert!(said.contains(part), "{part} in\n{said}");
    }
}

#[test]
fn a_case_that_tests_less_than_it_says_is_refused() {
    let refused = |case: &str| suite(&format!("  - {{name: a, {case}}}\n")).unwrap_err().join("; ");
    assert!(refused("expect: deny").contains("no message"));
    assert!(refused("call: a, read: b, expect: deny").contains("two"));
    assert!(refused("call: a").contains("expects nothing"));
    assert!(refused("call: a, expect: {}").contains("empty"));
    assert!(refused("call: a, expect: {verdict: block}").contains("`block`"));
    assert!(refused("call: a, expect: denied").contains("`denied`"));
    assert!(refused("call: a, argument: {}, expect: deny").contains("no key `argument`"));
    assert!(refused("method: x, arguments: {}, expect: deny").contains("arguments"));
    assert!(refused("call: a, params: {}, expect: deny").contains("params"));
    assert!(refused("call: a, findings: [{id: XX999}], expect: deny").contains("XX999"));
    assert!(refused("call: a, at: noon, expect: deny").contains("no time"));
    assert!(refused("call: a, as: {role: x}, expect: deny").contains("no key `role`"));
    assert!(refused("call: a, tally: {calls: -1}, expect: deny").contains("whole"));
    assert!(refused("message: '[]', expect: deny").contains("refuse to read"));
    assert!(suite("  []\n").unwrap_err().join("").contains("0 cases"));
}
