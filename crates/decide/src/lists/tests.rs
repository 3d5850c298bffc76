//! What is taken out of lists, and that the rest keeps its bytes.

use gatehold_wire::edit;

use crate::scene::{Scene, policy};
use crate::{Mode, Policy, Verdict};

/// The bytes that are sent, and the reasons.
fn sent(policy: &Policy, scene: &Scene) -> (String, Vec<String>) {
    let mut decision = scene.decide(policy);
    let reasons = decision.reasons.iter().map(|reason| reason.rule.to_string()).collect();
    let bytes = edit::apply(scene.message().bytes(), &mut decision.edits).unwrap();
    let is_changed = bytes != *scene.message().bytes();
    assert_eq!(decision.verdict, if is_changed { Verdict::Redact } else { Verdict::Allow });
    let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    assert!(json.get("result").is_some());
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    (text.split_once("\"result\":").unwrap().1.strip_suffix('}').unwrap().to_owned(), reasons)
}

const TOOLS: &str = "version: 1
rules:
  - {name: no-etc, action: deny, match: {tool: read, arguments: {path: \"/etc/*\"}}}
  - {name: no-delete, action: deny, match: {tool: \"delete_*\"}}
  - {name: read, action: allow, match: {tool: read}}
  - {name: some, action: allow, match: {tool: count, arguments: {n: {below: 5}}}}
";

#[test]
fn a_list_shows_what_can_be_called() {
    let policy = policy(TOOLS);
    let scene = Scene::list(
        "tools/list",
        r#"{"tools":[ {"name":"delete_a"} , {"name":"read", "x":[1 ,2]},{"name":"other"},{"name":"count"}, {"name":"del\u0065te_b"}],"nextCursor":"c"}"#,
    );
    let (text, reasons) = sent(&policy, &scene);
    assert_eq!(reasons, ["no-delete", "default", "protocol"]);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let names: Vec<_> = json["tools"].as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["read", "count"]);
    assert!(text.contains(r#"{"name":"read", "x":[1 ,2]}"#), "the rest keeps its bytes: {text}");
    assert!(text.ends_with(r#""nextCursor":"c"}"#), "{text}");
}

#[test]
fn a_list_of_which_nothing_is_taken_out_keeps_every_byte() {
    let policy = policy(TOOLS);
    let list = r#"{ "tools" : [{"name":"read"}], "cacheScope":"public","ttlMs":99999999 }"#;
    let (text, reasons) = sent(&policy, &Scene::list("tools/list", list));
    assert_eq!((&*text, reasons), (list, vec!["protocol".to_owned()]));
    assert_eq!(sent(&policy, &Scene::list("tools/list", r#"{"tools":[]}"#)).0, r#"{"tools":[]}"#);
    assert_eq!(sent(&policy, &Scene::list("tools/list", r#"{"tools":null}"#)).0, r#"{"tools":null}"#);
}

#[test]
fn a_filtered_list_is_not_shared_and_not_kept() {
    let policy = policy("version: 1\n");
    let filtered = |scope: &str, ttl: &str| {
        let list = format!(r#"{{"ttlMs":{ttl},"tools":[{{"name":"x"}}],"cacheScope":"{scope}"}}"#);
        sent(&policy, &Scene::list("tools/list", &list)).0
    };
    assert_eq!(filtered("public", "60001"), r#"{"ttlMs":60000,"tools":[],"cacheScope":"private"}"#);
    assert_eq!(filtered("private", "60000"), r#"{"ttlMs":60000,"tools":[],"cacheScope":"private"}"#);
    assert_eq!(filtered("private", "0"), r#"{"ttlMs":0,"tools":[],"cacheScope":"private"}"#);
    assert_eq!(filtered("public", "1e300"), r#"{"ttlMs":60000,"tools":[],"cacheScope":"private"}"#);
    assert_eq!(filtered("public", "1e99999999999999999999"), r#"{"ttlMs":60000,"tools":[],"cacheScope":"private"}"#);
}

#[test]
fn prompts_resources_and_templates_are_filtered_too() {
    let policy = policy(
        "version: 1
rules:
  - {name: prompts, action: allow, match: {method: prompts/get, prompt: greet}}
  - {name: secret, action: deny, match: {resource: \"note://secret/**\"}}
  - {name: notes, action: allow, match: {method: resources/read, resource: \"note://**\"}}
",
    );
    let prompts = Scene::list("prompts/list", r#"{"prompts":[{"name":"greet"},{"name":"other"}]}"#);
    assert_eq!(sent(&policy, &prompts).0, r#"{"prompts":[{"name":"greet"}]}"#);
    let resources = Scene::list(
        "resources/list",
        r#"{"resources":[{"uri":"note://a"},{"uri":"note://secret/b"},{"uri":"file:///x"}]}"#,
    );
    assert_eq!(sent(&policy, &resources).0, r#"{"resources":[{"uri":"note://a"}]}"#);
    let templates = Scene::list(
        "resources/templates/list",
        r#"{"resourceTemplates":[{"uriTemplate":"note://{id}"},{"uriTemplate":"file:///{path}"}]}"#,
    );
    assert_eq!(sent(&policy, &templates).0, r#"{"resourceTemplates":[{"uriTemplate":"note://{id}"}]}"#);
}

#[test]
fn entries_without_a_name_are_taken_out() {
    let policy = policy("version: 1\ndefault: allow\nrules:\n  - {name: no, action: deny, match: {tool: x}}\n");
    let scene = Scene::list("tools/list", r#"{"tools":[{"name":["x"]},{},7,null,{"name":"y"}]}"#);
    let (text, reasons) = sent(&policy, &scene);
    assert_eq!(text, r#"{"tools":[{"name":"y"}]}"#);
    assert_eq!(reasons, ["policy-error", "protocol"]);
}

#[test]
fn a_list_that_is_no_list_is_denied() {
    let policy = policy("version: 1\n");
    let scene = Scene::list("tools/list", r#"{"tools":{"0":{"name":"x"}}}"#);
    assert_eq!(scene.verdict(&policy), "deny policy-error");
}

#[test]
fn what_cannot_hide_anything_does_not_look() {
    let scene = Scene::list("tools/list", r#"{"tools":[{"name":"x"},{}]}"#);
    assert_eq!(scene.verdict(&Policy::none()), "allow no-policy");
    assert_eq!(scene.verdict(&policy("version: 1\ndefault: allow\n")), "allow protocol");
}

#[test]
fn only_results_of_list_methods_from_the_server_are_lists() {
    let policy = policy("version: 1\n");
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x"}}"#;
    let result = r#"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"x"}]}}"#;
    assert_eq!(Scene::answer(call, result).verdict(&policy), "allow protocol");
    assert_eq!(Scene::from_client(result).verdict(&policy), "allow protocol");
}

#[test]
fn in_audit_mode_the_edits_are_known_and_marked() {
    let policy = policy("version: 1\nmode: audit\n");
    let decision = Scene::list("tools/list", r#"{"tools":[{"name":"x"}]}"#).decide(&policy);
    assert_eq!((decision.verdict, decision.mode), (Verdict::Redact, Mode::Audit));
    assert!(!decision.edits.is_empty());
}

#[test]
fn a_finding_that_denies_overrules_the_filter() {
    let policy = policy("version: 1\nfindings:\n  - {id: \"*\", action: deny}\n");
    let scene = Scene::list("tools/list", r#"{"tools":[{"name":"x"}]}"#);
    let decision = scene.decide_with(&policy, &crate::scene::finding("TP001", gatehold_inspect::Severity::Low));
    assert_eq!((decision.verdict, decision.edits.len()), (Verdict::Deny, 0));
}

const POISONED: &str =
    r#"{"tools":[{"name":"good"},{"name":"bad","description":"POISON"},{"name":"fine"}],"cacheScope":"public"}"#;
const DENYING: &str = "version: 1\ndefault: allow\nfindings:\n  - {id: 'TP*', action: deny, reason: no, tags: [a]}\n";

/// A finding on the text, which says that it stands at this place.
fn found_at(scene: &Scene, pointer: &str) -> gatehold_inspect::Findings {
    let bytes = std::str::from_utf8(scene.message().bytes()).unwrap();
    let start = bytes.find("POISON").unwrap();
    let mut findings = gatehold_inspect::Findings::default();
    findings.push(gatehold_inspect::Finding {
        id: "TP001",
        rule: "r".into(),
        severity: gatehold_inspect::Severity::High,
        confidence: 1.0,
        pointer: pointer.into(),
        span: start..start + "POISON".len(),
        detail: "".into(),
    });
    findings
}

#[test]
fn a_finding_takes_its_entry_out_and_the_rest_of_the_list_passes() {
    let scene = Scene::list("tools/list", POISONED);
    let mut decision = scene.decide_with(&policy(DENYING), &found_at(&scene, "/result/tools/1/description"));
    assert_eq!(decision.verdict, Verdict::Redact);
    assert_eq!(&*decision.reasons[0].rule, "finding:TP001");
    assert_eq!(decision.tags.iter().map(|tag| &**tag).collect::<Vec<_>>(), ["a"]);
    let bytes = edit::apply(scene.message().bytes(), &mut decision.edits).unwrap();
    let sent: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(sent["result"]["tools"], serde_json::json!([{ "name": "good" }, { "name": "fine" }]));
    assert_eq!(sent["result"]["cacheScope"], "private");
}

#[test]
fn a_finding_that_cannot_be_told_to_stand_in_one_entry_denies_the_list() {
    let scene = Scene::list("tools/list", POISONED);
    for pointer in [
        "",
        "/result",
        "/result/tools",
        "/result/tools/",
        "/result/tools/0/description",
        "/result/tools/01/description",
        "/result/tools/+1/description",
        "/result/tools/9/description",
        "/result/toolsy/1",
        "/result/_meta/1",
    ] {
        let decision = scene.decide_with(&policy(DENYING), &found_at(&scene, pointer));
        assert_eq!(decision.verdict, Verdict::Deny, "{pointer}");
    }
    let call = Scene::list("tools/call", r#"{"tools":[{"a":"POISON"}],"content":[]}"#);
    let decision = call.decide_with(&policy(DENYING), &found_at(&call, "/result/tools/0/a"));
    assert_eq!(decision.verdict, Verdict::Deny, "no list");
    // What is found beside the entries denies the list with the entry that is poisoned too.
    let mut both = found_at(&scene, "/result/tools/1/description");
    for finding in found_at(&scene, "/result/_meta").as_slice() {
        both.push(finding.clone());
    }
    assert_eq!(scene.decide_with(&policy(DENYING), &both).verdict, Verdict::Deny);
}
