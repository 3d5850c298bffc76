//! The answers, byte by byte where peers depend on it.

use gatehold_wire::{RefusalCode, Revision};
use serde_json::{Value, json};

use super::*;
use crate::scene::{Scene, finding, policy};
use crate::{Policy, Verdict};

const RECORD: &str = "0190-rec";

fn refused(policy: &Policy, scene: &Scene) -> Decision {
    let decision = scene.decide(policy);
    assert_eq!(decision.verdict, Verdict::Deny);
    decision
}

/// The answer to the client as text and as JSON.
fn answer(policy: &Policy, scene: &Scene) -> (String, Value) {
    let decision = refused(policy, scene);
    let bytes = to_client_request(scene.message(), &scene.facts(), &decision, RECORD).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let value = serde_json::from_str(&text).unwrap();
    (text, value)
}

fn by_arguments() -> Policy {
    policy(
        "version: 1
rules:
  - {name: internal-rule-name, action: deny, match: {tool: read, arguments: {path: \"/etc/*\"}}, reason: System files are off limits}
  - {name: rest, action: allow, match: {tool: read}}
",
    )
}

#[test]
fn a_visible_tool_answers_with_a_result() {
    let (text, value) = answer(&by_arguments(), &Scene::call("read", r#"{"path":"/etc/shadow"}"#));
    assert_eq!(value["id"], 7);
    assert_eq!(value["result"]["isError"], true);
    assert_eq!(value["result"].get("resultType"), None, "a legacy result has none");
    assert_eq!(
        value["result"]["content"],
        json!([{"type": "text", "text": "Refused by the gateway: tool \"read\". The call was not made. Reason: System files are off limits. Trying again will not help. The operator of this gateway can say more; the reference is 0190-rec."}])
    );
    assert_eq!(
        value["result"]["_meta"],
        json!({"dev.gatehold/decision": {"verdict": "deny", "reason": "policy", "text": "System files are off limits", "record": RECORD}})
    );
    for secret in ["shadow", "internal-rule-name", "/etc"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[test]
fn who_passed_a_limit_is_told_when_to_try_again() {
    let scene = Scene::call("read", r#"{"path":"/etc/shadow"}"#);
    let mut decision = refused(&by_arguments(), &scene);
    decision.retry_after = Some(Duration::from_millis(2001));
    decision.reasons[0].rule = "limit:internal-rule-name".into();
    decision.reasons[0].text = Some("At most 3 a minute.".into());
    let bytes = to_client_request(scene.message(), &scene.facts(), &decision, RECORD).unwrap();
    let value: Value = serde_json::from_slice(&bytes).unwrap();
    let text = value["result"]["content"][0]["text"].as_str().unwrap();
    assert!(text.ends_with("Reason: At most 3 a minute. Try again in 3 seconds. The reference is 0190-rec."), "{text}");
    let meta = &value["result"]["_meta"][META_KEY];
    assert_eq!((&meta["reason"], &meta["retry_after_seconds"]), (&json!("limit"), &json!(3)));
    assert!(!value.to_string().contains("internal-rule-name"));
    assert_eq!((seconds(Duration::ZERO), seconds(Duration::from_secs(5))), (1, 5));
}

#[test]
fn a_modern_request_gets_a_modern_result() {
    let modern = Scene::from_client(
        r#"{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"},"name":"read","arguments":{"path":"/etc/x"}}}"#,
    );
    assert_eq!(answer(&by_arguments(), &modern).1["result"]["resultType"], "complete");
    let known = Scene::call("read", r#"{"path":"/etc/x"}"#).speaking(Revision::V2026_07_28);
    assert_eq!(answer(&by_arguments(), &known).1["result"]["resultType"], "complete");
}

#[test]
fn hidden_things_answer_exactly_like_missing_ones() {
    let closed = policy("version: 1\nrules:\n  - {name: n, action: deny, match: {tool: a}, reason: never shown}\n");
    for tool in ["a", "no\"such\n"] {
        let (text, value) = answer(&closed, &Scene::call(tool, "{}"));
        assert_eq!(
            value,
            json!({"jsonrpc": "2.0", "id": 7, "error": {"code": -32602, "message": format!("Unknown tool: {tool}")}})
        );
        assert!(!text.contains("never shown") && !text.contains(RECORD));
    }
    let prompt = Scene::from_client(r#"{"jsonrpc":"2.0","id":7,"method":"prompts/get","params":{"name":"p"}}"#);
    assert_eq!(answer(&closed, &prompt).1["error"], json!({"code": -32602, "message": "Unknown prompt: p"}));
    for method in ["resources/read", "resources/subscribe"] {
        let legacy = Scene::on_uri(method, "note://x");
        let expected = |code: i32| json!({"code": code, "message": "Resource not found", "data": {"uri": "note://x"}});
        assert_eq!(answer(&closed, &legacy).1["error"], expected(-32002));
        assert_eq!(answer(&closed, &legacy.speaking(Revision::V2026_07_28)).1["error"], expected(-32602));
    }
}

#[test]
fn other_requests_answer_with_our_own_error() {
    let (_, value) = answer(&policy("version: 1\n"), &Scene::request("made/up"));
    assert_eq!(
        value["error"],
        json!({"code": 4030, "message": "The request was refused by the gateway.", "data": {"reason": "policy", "record": RECORD}})
    );
    assert!(!(-32768..=-32000).contains(&REFUSED));
}

#[test]
fn ids_are_echoed_as_written() {
    let closed = policy("version: 1\n");
    for id in ["1", "\"1\"", "-7", r#""\u0031\/""#, "123456789012345678901234567890"] {
        let scene = Scene::from_client(&format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"made/up"}}"#));
        let (text, _) = answer(&closed, &scene);
        assert!(text.starts_with(&format!(r#"{{"jsonrpc":"2.0","id":{id},"error""#)), "{text}");
    }
}

#[test]
fn notifications_and_answers_are_dropped() {
    let closed = policy("version: 1\nrules:\n  - {name: all, action: deny, match: {direction: from_client}}\n");
    for json in [r#"{"jsonrpc":"2.0","method":"x"}"#, r#"{"jsonrpc":"2.0","id":1,"result":{}}"#] {
        let scene = Scene::from_client(json);
        let decision = refused(&closed, &scene);
        assert_eq!(to_client_request(scene.message(), &scene.facts(), &decision, RECORD), None);
        assert_eq!(to_server_request(scene.message(), &scene.facts(), &decision, RECORD), None);
    }
}

#[test]
fn a_withheld_result_keeps_its_shape() {
    let policy =
        policy("version: 1\ndefault: allow\nrules:\n  - {name: all, action: deny, match: {direction: from_server}}\n");
    let withheld = |method: &str, answer: &str| -> Value {
        let request =
            format!(r#"{{"jsonrpc":"2.0","id":"r","method":"{method}","params":{{"name":"t","uri":"u:v"}}}}"#);
        let scene = Scene::answer(&request, answer).speaking(Revision::V2026_07_28);
        let decision = refused(&policy, &scene);
        serde_json::from_slice(&instead_of_result(scene.message(), &scene.facts(), &decision, RECORD)).unwrap()
    };
    let result = r#"{"jsonrpc":"2.0","id":"r","result":{"structuredContent":{"secret":1}}}"#;
    let error = r#"{"jsonrpc":"2.0","id":"r","error":{"code":1,"message":"secret"}}"#;
    for answer in [result, error] {
        let value = withheld("tools/call", answer);
        assert_eq!((&value["id"], &value["result"]["isError"]), (&json!("r"), &json!(true)));
        assert_eq!(value["result"]["resultType"], "complete");
        assert!(!value.to_string().contains("secret"));
        let value = withheld("resources/read", answer);
        assert_eq!((&value["id"], &value["error"]["code"]), (&json!("r"), &json!(REFUSED)));
        assert_eq!(value["error"]["data"], json!({"reason": "policy", "record": RECORD}));
    }
    let nameless = withheld("tools/call", r#"{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"m"}}"#);
    assert_eq!((&nameless["id"], &nameless["error"]["code"]), (&Value::Null, &json!(REFUSED)));
}

#[test]
fn a_server_is_told_that_the_client_cannot() {
    let closed = policy("version: 1\n");
    let told = |method: &str| -> Value {
        let scene = Scene::from_server(&format!(r#"{{"jsonrpc":"2.0","id":3,"method":"{method}","params":{{}}}}"#));
        let decision = refused(&closed, &scene);
        serde_json::from_slice(&to_server_request(scene.message(), &scene.facts(), &decision, RECORD).unwrap()).unwrap()
    };
    assert_eq!(told("elicitation/create"), json!({"jsonrpc": "2.0", "id": 3, "result": {"action": "decline"}}));
    for method in ["sampling/createMessage", "roots/list", "made/up"] {
        let error = &told(method)["error"];
        assert_eq!(
            (&error["code"], &error["message"]),
            (&json!(-32601), &json!(format!("Method not found: {method}")))
        );
    }
}

#[test]
fn reasons_have_kinds_and_no_names() {
    let open = policy("version: 1\ndefault: allow\nfindings:\n  - {id: \"*\", action: deny}\n");
    let scene = Scene::call("x", "{}");
    let decision = scene.decide_with(&open, &finding("TP001", gatehold_inspect::Severity::High));
    let bytes = to_client_request(scene.message(), &scene.facts(), &decision, RECORD).unwrap();
    let value: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(value["result"]["_meta"]["dev.gatehold/decision"]["reason"], "inspection");
    assert!(!value.to_string().contains("TP001"));
    let rule = policy(
        "version: 1\ndefault: allow\nrules:\n  - {name: secret-name, action: deny, match: {arguments: {p: {above: 1}}}}\n",
    );
    let (text, value) = answer(&rule, &Scene::call("x", r#"{"p":"many"}"#));
    assert_eq!(value["result"]["_meta"]["dev.gatehold/decision"]["reason"], "policy_error");
    assert!(!text.contains("secret-name"));
}

#[test]
fn unreadable_bytes_get_the_code_of_the_refusal() {
    let refusal = Refusal::new(RefusalCode::DuplicateKey, 9, "the key occurs \"twice\"");
    let value: Value = serde_json::from_slice(&to_unreadable(&refusal, Some("\"q\""), RECORD)).unwrap();
    assert_eq!(value["id"], "q");
    assert_eq!(
        value["error"],
        json!({"code": -32600, "message": "the key occurs \"twice\"", "data": {"reason": "duplicate_key", "record": RECORD}})
    );
    let value: Value = serde_json::from_slice(&to_unreadable(&refusal, None, RECORD)).unwrap();
    assert_eq!(value["id"], Value::Null);
}

#[test]
fn a_very_long_name_is_not_sent_back_whole() {
    let (text, _) = answer(&policy("version: 1\n"), &Scene::call(&"é".repeat(1 << 20), "{}"));
    assert!(text.len() < 4096 && text.contains('…'));
}
