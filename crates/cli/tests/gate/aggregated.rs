//! Several servers as one at `/mcp`: one of them that fails, lies or is silent takes nothing from the others.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::answers::{Server, Style};
use crate::children;
use crate::client::Client;
use crate::http::Target;
use crate::running::Gate;

/// A child with one tool, which says its own name.
fn named(name: &str) -> Value {
    children::config(&children::greeting(&format!(
        "if message['method'] == 'tools/list': answer(message, {{'tools': [{{'name': 'who', 'inputSchema': {{'type': 'object'}}}}]}})\nelif 'id' in message: answer(message, {{'content': [{{'type': 'text', 'text': '{name}'}}]}})"
    )))
}

fn names(answer: &Value) -> Vec<&str> {
    let tools = answer["result"]["tools"].as_array().unwrap_or_else(|| panic!("{answer}"));
    tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect()
}

#[test]
fn servers_that_fail_or_lie_take_nothing_from_the_others() {
    let garbage = children::greeting(
        "raw('{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":{\"tools\":[],\"tools\":[]}}\\n' % json.dumps(message['id']))",
    );
    let dying = children::greeting("os._exit(1)");
    let http = Server::start(Style::Json);
    let gate = Gate::serve(json!({ "aggregate": true, "servers": {
        "good": named("good"), "other": named("other"), "garbage": children::config(&garbage), "dying": children::config(&dying),
        "gone": { "url": "http://127.0.0.1:1/mcp" }, "missing": { "command": ["/no/such/program"] }, "http": http.config(),
    } }));
    let mut client = Client::http(Target::Tcp(gate.address()), "/mcp");
    let started = Instant::now();
    client.shake_hands("2025-06-18");
    let first = client.request("tools/list", json!({}));
    let mut all: Vec<String> = names(&first).into_iter().map(ToOwned::to_owned).collect();
    let mut cursor = first["result"]["nextCursor"].clone();
    while !cursor.is_null() {
        let page = client.request("tools/list", json!({ "cursor": cursor }));
        all.extend(names(&page).into_iter().map(ToOwned::to_owned));
        cursor = page["result"]["nextCursor"].clone();
    }
    for wanted in ["good__who", "other__who", "http__echo", "http__slow"] {
        assert!(all.iter().any(|name| name == wanted), "{wanted} in {all:?}");
    }
    for name in ["good", "other"] {
        let answer = client.call(&format!("{name}__who"), json!({}));
        assert_eq!(answer["result"]["content"][0]["text"], name, "{answer}");
    }
    for name in
        ["garbage__x", "dying__x", "gone__x", "missing__x", "no-such__x", "who", "__who", "good__", "good__who__x"]
    {
        let answer = client.call(name, json!({}));
        assert!(
            answer.get("error").is_some()
                || answer["result"]["isError"] == true
                || name == "good__"
                || name == "good__who__x",
            "{name}: {answer}"
        );
    }
    assert!(started.elapsed() < Duration::from_secs(12), "{:?}", started.elapsed());
}

#[test]
fn a_policy_about_one_server_holds_in_the_aggregate() {
    let folder = tempfile::TempDir::new().unwrap();
    let policy =
        "version: 1\ndefault: allow\nrules:\n  - {name: no, action: deny, match: {server: other, tool: who}}\n";
    std::fs::write(folder.path().join("policy.yaml"), policy).unwrap();
    let gate = Gate::serve_in(
        folder,
        json!({
            "aggregate": true, "servers": { "good": named("good"), "other": named("other") }, "policy": "policy.yaml",
        }),
    );
    let mut client = Client::http(Target::Tcp(gate.address()), "/mcp");
    client.shake_hands("2025-06-18");
    assert_eq!(names(&client.request("tools/list", json!({}))), ["good__who"]);
    assert_eq!(client.call("good__who", json!({}))["result"]["content"][0]["text"], "good");
    let hidden = client.call("other__who", json!({}));
    assert_eq!(hidden["error"]["code"], -32602, "{hidden}");
}
