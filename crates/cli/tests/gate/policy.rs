//! A policy through the gate: what is hidden looks absent, what is denied says so, and everybody who waits is answered.

use serde_json::{Value, json};

use crate::answers::{CHILD, Server, Style};
use crate::children;
use crate::client::Client;
use crate::http::{Target, ask};
use crate::running::{Gate, until};
use crate::upstream::Upstream;

const HIDING: &str = "
version: 1
default: allow
rules:
  - {name: nothing-secret, action: deny, match: {tool: [secret, no-such-tool]}, reason: INTERNAL}
  - {name: no-dots, action: deny, match: {tool: echo, arguments: {text: '*..*'}}, reason: Paths upward are off limits.}
  - {name: no-sampling, action: deny, match: {method: sampling/createMessage}}
  - {name: no-changes, action: deny, match: {method: notifications/roots/list_changed}}
  - {name: no-other, action: deny, match: {method: 'x/*'}}
  - {name: no-file, action: deny, match: {resource: 'file:///etc/*'}}
  - {name: no-prompt, action: deny, match: {prompt: hidden}}
";

/// Clients over several ways in, connected one after the other: the scripted server knows one stream at a time.
fn clients(gate: &Gate) -> impl Iterator<Item = (&'static str, Client)> {
    ["http", "sse", "lines"].into_iter().map(|way| {
        let client = match way {
            "http" => Client::tcp(gate.address()),
            "sse" => Client::sse(Target::Tcp(gate.address()), "/sse/one"),
            _ => Client::lines(&gate.path("socket")),
        };
        (way, client)
    })
}

fn ruled(server: Value, policy: &str, mode: &str) -> Gate {
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(
        folder.path().join("policy.yaml"),
        policy.replace("version: 1", &format!("version: 1\nmode: {mode}")),
    )
    .unwrap();
    Gate::serve_in(
        folder,
        json!({
            "listen": ["127.0.0.1:0", "unix:socket"], "servers": { "one": server }, "policy": "policy.yaml",
        }),
    )
}

fn names(answer: &Value) -> Vec<&str> {
    let tools = answer["result"]["tools"].as_array().unwrap_or_else(|| panic!("{answer}"));
    tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect()
}

#[test]
fn hidden_tools_are_in_no_list_and_answer_like_unknown_ones() {
    let servers = [Server::start(Style::Json), Server::start(Style::Events), Server::start(Style::Legacy)];
    let configs = servers.iter().map(Server::config).chain([children::config(CHILD)]);
    for config in configs {
        let gate = ruled(config, HIDING, "enforce");
        for (way, mut client) in clients(&gate) {
            client.shake_hands("2025-06-18");
            let first = client.request("tools/list", json!({}));
            assert_eq!(names(&first), ["echo", "ask", "count"], "{way}");
            let second = client.request("tools/list", json!({ "cursor": first["result"]["nextCursor"] }));
            assert_eq!(names(&second), ["slow"], "{way}: {second}");
            assert_eq!(second["result"]["tools"][0]["x-unknown"], "slow", "what stays is as it came");
            let hidden = client.call("secret", json!({}));
            let unknown = client.call("no-such-tool", json!({}));
            let as_unknown = |name: &str| json!({ "code": -32602, "message": format!("Unknown tool: {name}") });
            assert_eq!(hidden["error"], as_unknown("secret"), "{way}");
            assert_eq!(unknown["error"], as_unknown("no-such-tool"), "{way}");
        }
    }
    for server in &servers {
        assert_eq!(server.upstream.seen_with("\"secret\"") + server.upstream.seen_with("no-such-tool"), 0);
    }
}

#[test]
fn refusals_have_the_shape_that_keeps_a_client_alive() {
    let server = Server::start(Style::Events);
    let gate = ruled(server.config(), HIDING, "enforce");
    for (way, mut client) in clients(&gate) {
        client.shake_hands("2025-06-18");
        let denied = client.call("echo", json!({ "text": "../../etc" }));
        let result = &denied["result"];
        assert_eq!(result["isError"], true, "{way}: {denied}");
        let text = result["content"][0]["text"].as_str().unwrap();
        assert!(text.contains("Paths upward are off limits.") && text.contains("Trying again will not help"), "{text}");
        assert!(!text.contains("no-dots"), "rules have no names outside");
        let decision = &result["_meta"]["dev.gatehold/decision"];
        assert_eq!((&decision["verdict"], &decision["reason"]), (&json!("deny"), &json!("policy")));
        gate.has_recorded("the decision", |record| {
            record["id"] == decision["record"]
                && record["decision"]["rule"] == "no-dots"
                && record["decision"]["enforced"] == true
        });
        assert_eq!(client.request("x/y", json!({}))["error"]["code"], 4030, "{way}");
        let resource = client.request("resources/read", json!({ "uri": "file:///etc/passwd" }));
        assert_eq!(resource["error"]["code"], -32002, "{way}: {resource}");
        let prompt = client.request("prompts/get", json!({ "name": "hidden" }));
        assert_eq!(prompt["error"], json!({ "code": -32602, "message": "Unknown prompt: hidden" }), "{way}");
        // A denied notification is accepted and goes nowhere.
        client.send(&json!({ "jsonrpc": "2.0", "method": "notifications/roots/list_changed" }));
        assert_eq!(client.call("echo", json!({ "text": "fine" }))["result"]["content"][0]["text"], "fine", "{way}");
        assert!(client.others.is_empty(), "{way}: {:?}", client.others);
    }
    for denied in ["../../etc", "x/y", "passwd", "hidden", "list_changed"] {
        assert_eq!(server.upstream.seen_with(denied), 0, "{denied}");
    }
}

#[test]
fn a_denied_modern_call_is_complete() {
    let server = Server::start(Style::Json);
    let gate = ruled(server.config(), HIDING, "enforce");
    let params = json!({ "name": "echo", "arguments": { "text": ".." }, "_meta": { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } });
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    let headers = ["MCP-Protocol-Version: 2026-07-28", "Mcp-Method: tools/call", "Mcp-Name: echo"];
    let answer = ask(gate.address(), "/mcp/one", &headers, &body.to_string());
    assert_eq!(
        (answer.status(), &answer.json()["result"]["resultType"]),
        (200, &json!("complete")),
        "{}",
        answer.text()
    );
    assert!(server.upstream.seen().is_empty());
}

#[test]
fn a_denied_request_of_the_server_is_answered_to_the_server() {
    let servers = [Server::start(Style::Json), Server::start(Style::Events), Server::start(Style::Legacy)];
    let configs = servers.iter().map(Server::config).chain([children::config(CHILD)]);
    for config in configs {
        let gate = ruled(config.clone(), HIDING, "enforce");
        for (way, mut client) in clients(&gate) {
            client.shake_hands("2025-06-18");
            client.open_general();
            let answer = client.call("ask", json!({}));
            assert_eq!(answer["result"]["error"], -32601, "{way} {config}: {answer}");
            assert!(client.others.is_empty(), "the client was not asked: {:?}", client.others);
        }
    }
}

#[test]
fn results_that_are_denied_are_withheld() {
    let policy = "
version: 1
default: allow
rules:
  - {name: payroll, action: deny, match: {direction: from_server, tool: echo}}
  - {name: reads, action: deny, match: {direction: from_server, method: tools/list}}
";
    let servers = [Server::start(Style::Json), Server::start(Style::Events), Server::start(Style::Legacy)];
    let configs = servers.iter().map(Server::config).chain([children::config(CHILD)]);
    for config in configs {
        let gate = ruled(config, policy, "enforce");
        for (way, mut client) in clients(&gate) {
            client.shake_hands("2025-06-18");
            let answer = client.call("echo", json!({ "text": "SALARIES" }));
            assert_eq!(answer["result"]["isError"], true, "{way}");
            assert!(
                !answer.to_string().contains("SALARIES") && answer.to_string().contains("withheld"),
                "{way}: {answer}"
            );
            assert_eq!(client.request("tools/list", json!({}))["error"]["code"], 4030, "{way}");
        }
    }
}

#[test]
fn audit_mode_lets_everything_pass_and_records_what_it_would_have_done() {
    let server = Server::start(Style::Events);
    let gate = ruled(server.config(), HIDING, "audit");
    for (way, mut client) in clients(&gate) {
        client.shake_hands("2025-06-18");
        let second = client.request("tools/list", json!({ "cursor": "page 2" }));
        assert_eq!(names(&second), ["slow", "secret"], "{way}");
        let passed = client.call("echo", json!({ "text": ".." }));
        assert_eq!(passed["result"]["content"][0]["text"], "..", "{way}");
        assert_eq!(client.call("secret", json!({}))["error"]["code"], -32601, "the server itself answers");
    }
    let is_observed = |record: &&Value| {
        record["decision"]["rule"] == "no-dots"
            && record["decision"]["action"] == "deny"
            && record["decision"]["enforced"] == false
    };
    until("the decisions are recorded", || gate.records().iter().filter(is_observed).count() == 3);
    // What cannot be read does not pass in any mode.
    let seen = server.upstream.seen().len();
    assert_eq!(ask(gate.address(), "/mcp/one", &[], r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"x"}"#).status(), 400);
    assert_eq!(server.upstream.seen().len(), seen);
}

#[test]
fn a_filtered_list_keeps_the_event_that_it_came_in() {
    let server = Upstream::start(|request, reply| {
        reply.events(&[]);
        let body = json!({ "jsonrpc": "2.0", "id": request.json()["id"], "result": { "tools": [{ "name": "secret" }, { "name": "a" }] } });
        reply.chunk(format!(": c\nid: 9\nretry: 7\nevent: message\ndata: {body}\n\n").as_bytes());
        reply.end();
    });
    let gate = ruled(server.config(), HIDING, "enforce");
    let answer = ask(gate.address(), "/mcp/one", &[], r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#);
    let wanted = ": c\nid: 9\nretry: 7\nevent: message\ndata: {\"id\":1,\"jsonrpc\":\"2.0\",\"result\":{\"tools\":[{\"name\":\"a\"}]}}\n\n";
    assert_eq!(answer.text(), wanted);
}

#[test]
fn a_public_list_that_is_filtered_is_not_public_any_more() {
    let body = r#"{"jsonrpc":"2.0","id":ID,"result":{"resultType":"complete","tools":[{"name":"secret"},{"name":"a"}],"ttlMs":3600000,"cacheScope":"public"}}"#;
    let server = Upstream::answering("200 OK", body);
    let gate = ruled(server.config(), HIDING, "enforce");
    let request = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#;
    let headers = ["MCP-Protocol-Version: 2026-07-28", "Mcp-Method: tools/list"];
    let result = ask(gate.address(), "/mcp/one", &headers, request).json()["result"].clone();
    assert_eq!(
        (names(&json!({ "result": result })), &result["cacheScope"]),
        (vec!["a"], &json!("private")),
        "{result}"
    );
}
