//! Each code on a policy that has it, and on the one next to it that does not.

use super::*;

fn codes(text: &str) -> Vec<&'static str> {
    let policy =
        Policy::load_with("policy.yaml", text, &|_, name| presets::layer(name)).unwrap_or_else(|e| panic!("{e}"));
    lint(&policy).iter().map(|lint| lint.code.name()).filter(|code| *code != "GP006").collect()
}

fn rules(rules: &str) -> Vec<&'static str> {
    codes(&format!("version: 1\nrules:\n{rules}"))
}

#[test]
fn rules_after_one_for_everything_are_unreachable() {
    let all = "  - {name: all, action: audit}\n  - {name: x, action: allow, match: {tool: x}}\n";
    assert_eq!(rules(all), ["GP001"]);
    let results =
        "  - {name: all, action: audit}\n  - {name: x, action: deny, match: {direction: from_server}, reason: r}\n";
    assert_eq!(rules(results), Vec::<&str>::new(), "rules without a direction see no results");
    let limit = "  - {name: all, action: limit, limit: {rate: 1/s}}\n  - {name: x, action: allow, match: {tool: x}}\n";
    assert_eq!(rules(limit), Vec::<&str>::new(), "a limit lets evaluation go on");
}

#[test]
fn rules_that_others_cover_are_shadowed() {
    let pair = |before: &str, later: &str| {
        rules(&format!(
            "  - {{name: a, action: deny, reason: r, match: {before}}}\n  - {{name: b, action: allow, match: {later}}}\n"
        ))
    };
    assert_eq!(pair("{tool: 'read_*'}", "{tool: read_file}"), ["GP002"]);
    assert_eq!(pair("{tool: 'read_*'}", "{tool: 'read_f*', server: fs}"), ["GP002"]);
    assert_eq!(pair("{tool: ['a', 'b']}", "{tool: [b, a]}"), ["GP002"]);
    assert_eq!(pair("{tool: '*'}", "{tool: 'x\\*'}"), ["GP002"]);
    for (before, later) in [
        ("{tool: read_file}", "{tool: 'read_*'}"),
        ("{tool: 'read_*', server: fs}", "{tool: read_file}"),
        ("{tool: 'read_*', arguments: {path: x}}", "{tool: read_file}"),
        ("{tool: '*_file'}", "{tool: 'read_*'}"),
        ("{tool: '*a*'}", "{tool: '*b*'}"),
        ("{tool: 'a?'}", "{tool: 'a*'}"),
        ("{tool: 'read_*'}", "{tool: 'read_*', direction: from_server}"),
        ("{resource: 'file:///srv/**'}", "{resource: 'file:///srv/a'}"),
    ] {
        assert_eq!(pair(before, later), Vec::<&str>::new(), "{before} {later}");
    }
}

#[test]
fn what_no_message_has_is_found() {
    let one = |conditions: &str| rules(&format!("  - {{name: a, action: deny, reason: r, match: {conditions}}}\n"));
    assert_eq!(one("{tool: x, resource: 'file:///a'}"), ["GP003"]);
    assert_eq!(one("{tool: x, method: resources/read}"), ["GP003"]);
    assert_eq!(one("{method: tool/call}"), ["GP003"]);
    assert_eq!(one("{resource: 'file:///*', method: 'resources/*'}"), Vec::<&str>::new());
    assert_eq!(one("{prompt: x, method: completion/complete}"), Vec::<&str>::new());
    assert_eq!(one("{method: 'x/*'}"), Vec::<&str>::new());
    assert_eq!(one("{method: acme/search}"), Vec::<&str>::new(), "methods of one's own are no mistake");
}

#[test]
fn what_allows_nearly_everything_is_found() {
    assert_eq!(rules("  - {name: a, action: allow}\n"), ["GP004"]);
    assert_eq!(rules("  - {name: a, action: allow, match: {tool: '*'}}\n"), ["GP004"]);
    assert_eq!(rules("  - {name: a, action: allow, match: {method: tools/call}}\n"), ["GP004"]);
    assert_eq!(rules("  - {name: a, action: allow, match: {method: tools/call, server: fs}}\n"), Vec::<&str>::new());
    assert_eq!(rules("  - {name: a, action: allow, match: {tool: '*', role: admin}}\n"), Vec::<&str>::new());
    assert_eq!(codes("version: 1\nroles: {admin: [{server: '*'}]}\n"), ["GP004"]);
}

#[test]
fn an_expression_narrows_a_rule() {
    let rule = |action: &str| format!("  - {{name: a, action: {action}, reason: r, when: 'server == \"fs\"'}}\n");
    assert_eq!(rules(&rule("allow")), Vec::<&str>::new());
    let later = "  - {name: b, action: allow, match: {tool: x}}\n";
    assert_eq!(rules(&format!("{}{later}", rule("deny"))), Vec::<&str>::new());
}

#[test]
fn refusals_say_why_and_escapes_are_named() {
    assert_eq!(rules("  - {name: a, action: deny, match: {tool: x}}\n"), ["GP005"]);
    assert_eq!(rules("  - {name: a, action: deny, hidden: true, match: {tool: x}}\n"), Vec::<&str>::new());
    assert_eq!(codes("version: 1\nforbid: [{name: a, match: {tool: x}}]\n"), ["GP005"]);
    let by_argument = "  - {name: a, action: deny, reason: r, match: {arguments: {path: x}}}\n";
    assert_eq!(rules(by_argument), ["GP007"]);
    let named = "  - {name: a, action: deny, reason: r, match: {tool: read, arguments: {path: x}}}\n";
    assert_eq!(rules(named), Vec::<&str>::new());
}

#[test]
fn presets_are_not_reported_and_have_nothing_to_report() {
    let policy = Policy::load("x", "version: 1\n").unwrap();
    assert_eq!(lint(&policy).iter().map(|lint| lint.code).collect::<Vec<_>>(), [Code::NoFindings]);
    assert_eq!(codes("version: 1\nextends: [standard]\n"), Vec::<&str>::new());
    for preset in &presets::ALL {
        // Under another name its rules are those of anybody.
        let policy = Policy::load_with("mine.yaml", preset.text, &|_, name| presets::layer(name)).unwrap();
        let lints = lint(&policy);
        assert!(lints.is_empty(), "{}: {lints:?}", preset.name);
    }
}
