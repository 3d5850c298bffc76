//! Two tokens of one principal with different roles, in turn on the same session and on the same shared channel: each
//! request is judged by the roles of its own token, at one server and at all of them as one.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::authority::Authority;
use crate::children;
use crate::client::{mirrored, opening};
use crate::http::ask;
use crate::running::Gate;

const POLICY: &str = "
version: 1
default: allow
rules:
  - {name: writers, action: allow, match: {tool: write, role: writer}}
  - {name: nobody-else, action: deny, match: {tool: write}}
";

fn gate(authority: &Authority) -> Gate {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("policy.yaml"), POLICY).unwrap();
    let body = "if message['method'] == 'tools/list': answer(message, {'tools': [{'name': name, 'inputSchema': {'type': 'object'}} for name in ('read', 'write')]})\nelif 'id' in message: answer(message, {'content': [{'type': 'text', 'text': 'done'}]})";
    Gate::serve_in(
        folder,
        json!({
            "aggregate": true, "policy": "policy.yaml", "fetch": { "http_on_loopback": true },
            "authentication": { "resource": "https://gw.example", "issuers": { "main": authority.config() } },
            "servers": { "one": children::config(&children::greeting(body)) },
        }),
    )
}

/// What an answer to a call says: whether the tool has run.
fn has_run(answer: &Value) -> bool {
    answer["result"]["content"][0]["text"] == "done"
}

fn shows(answer: &Value, tool: &str) -> bool {
    let tools = answer["result"]["tools"].as_array().unwrap_or_else(|| panic!("{answer}"));
    tools.iter().any(|shown| shown["name"] == tool)
}

#[test]
fn each_request_is_judged_by_the_roles_of_its_own_token() {
    let authority = Authority::start();
    let gate = gate(&authority);
    let bearer = |roles: &Value| format!("Authorization: Bearer {}", authority.token(&json!({ "roles": roles })));
    let (writer, reader) = (bearer(&json!(["writer"])), bearer(&json!(["reader"])));
    for (path, prefix) in [("/mcp", "one__"), ("/mcp/one", "")] {
        let opened = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": opening("2025-06-18") });
        let opened = ask(gate.address(), path, &[&writer], &opened.to_string());
        let session = format!("Mcp-Session-Id: {}", opened.header("mcp-session-id").unwrap());
        let ready = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
        assert_eq!(ask(gate.address(), path, &[&writer, &session], ready).status(), 202);
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": { "name": "scripted", "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        for is_modern in [false, true] {
            let asked = |token: &str, id: u32, method: &str, params: Value| {
                let mut message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
                let headers = if is_modern {
                    message["params"]["_meta"] = meta.clone();
                    mirrored(&message)
                } else {
                    vec![session.clone()]
                };
                let headers: Vec<&str> = headers.iter().map(String::as_str).chain([token]).collect();
                ask(gate.address(), path, &headers, &message.to_string()).json()
            };
            let write = json!({ "name": format!("{prefix}write"), "arguments": {} });
            let tool = format!("{prefix}write");
            for turn in 0..3 {
                let at = format!("{path}, modern: {is_modern}, turn {turn}");
                let first = turn * 10 + 1;
                let listed = asked(&writer, first, "tools/list", json!({}));
                assert!(shows(&listed, &tool), "{at}: {listed}");
                let listed = asked(&reader, first + 1, "tools/list", json!({}));
                assert!(!shows(&listed, &tool) && shows(&listed, &format!("{prefix}read")), "{at}: {listed}");
                let called = asked(&writer, first + 2, "tools/call", write.clone());
                assert!(has_run(&called), "{at}: {called}");
                let called = asked(&reader, first + 3, "tools/call", write.clone());
                assert!(!has_run(&called), "{at}: {called}");
            }
        }
    }
    let ran = gate.records().iter().filter(|record| record["mcp"]["tool"] == "write").count();
    assert!(ran > 0, "the calls are recorded");
}
