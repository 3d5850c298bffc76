//! What is recognised, and what is refused. What translations decide stands in `tests/compatible`.

use super::*;
use crate::diagnostic::Source;
use crate::writing;

fn translated(text: &str) -> Result<Option<Translation>, Vec<Diagnostic>> {
    translate(&Source::new("policy.yaml", text))
}

#[test]
fn formats_are_recognised_by_their_shape_alone() {
    let format = |text: &str| translated(text).unwrap().map(|translation| translation.format);
    assert_eq!(format("version: v1\nrules: []\n"), Some(Format::Mcpgw));
    assert_eq!(format("version: 'v1'\n"), Some(Format::Mcpgw));
    assert_eq!(format("principals: {}\n"), Some(Format::Aegis));
    for ours in ["version: 1\nrules: []\n", "", "[]\n", "version: \"1\"\n", "principals: [a]\n", "version: v2\n", ": :"]
    {
        assert_eq!(format(ours), None, "{ours}");
    }
}

#[test]
fn what_the_original_would_pass_over_is_an_error() {
    let refused = |text: &str| translated(text).unwrap_err().remove(0).message;
    assert!(refused("version: v1\nrule: []\n").contains("no key `rule`"));
    assert!(refused("version: v1\nrules: [{name: a, action: block}]\n").contains("`block`"));
    assert!(refused("version: v1\nrules: [{name: a}]\n").contains("`action` is missing"));
    assert!(refused("version: v1\nrules: [{name: a, action: deny, match: {tool: x}}]\n").contains("no key `tool`"));
    assert!(refused("version: v1\nrules: [{name: a, action: deny, match: {tools: {x: y}}}]\n").contains("a text"));
    assert!(refused("version: v1\nmode: observe\n").contains("`observe`"));
    assert!(refused("version: v1\nresponse_patterns: ['x']\n").contains("response_patterns"));
    assert!(refused("principals: {ada: {deny: [x]}}\n").contains("no key `deny`"));
    assert!(refused("principals: {ada: {tools: [{actions: [execute]}]}}\n").contains("`pattern` is missing"));
}

#[test]
fn nothing_in_a_foreign_file_becomes_more_than_a_text() {
    let text = "version: v1\nrules:\n  - name: \"x\\\"\\n    action: allow # \"\n    action: deny\n    match: {methods: [\"a\\\"]}\\n  - {\"]}\n";
    let translation = translated(text).unwrap().unwrap();
    let policy =
        crate::Policy::load("t", &translation.text).unwrap_or_else(|error| panic!("{error}\n{}", translation.text));
    assert_eq!(policy.rule_count(), 2, "{}", translation.text);
}

#[test]
fn names_are_adapted_and_stay_apart() {
    assert_eq!(writing::adapted("a:b\tc"), "a-b-c");
    assert_eq!(writing::adapted("  "), "unnamed");
    assert_eq!(writing::adapted("protocol"), "protocol rule");
    assert_eq!(writing::adapted(&"x".repeat(500)).len(), 112);
    let text = "version: v1\nrules:\n  - {name: \"a!\", action: deny}\n  - {name: \"a?\", action: allow}\n";
    let translation = translated(text).unwrap().unwrap();
    assert!(translation.text.contains("\"a-\"") && translation.text.contains("\"a- 2\""), "{}", translation.text);
}
