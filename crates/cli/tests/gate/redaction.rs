//! Redaction through the gate: every copy goes, results keep their tool's promise, headers follow, tokens find their way
//! home, and what is split is found.

use serde_json::{Value, json};

use crate::http::{Answer, ask};
use crate::running::Gate;
use crate::upstream::{Reply, Request, Upstream};

/// Only the shape of a secret, in two halves, so that a search for secrets does not find it here.
const HALVES: [&str; 2] = ["AKIAQ3EG", "RZ7LMN5X2WPT"];
const IBAN: &str = "DE89 3704 0044 0532 0130 00";

fn policy(entries: &str) -> String {
    format!("version: 1\ndefault: allow\nfindings:\n{entries}")
}

/// A call of the modern era with its headers.
fn call(gate: &Gate, tool: &str, arguments: &Value, more: &[&str]) -> Answer {
    let body = json!({
        "jsonrpc": "2.0", "id": 3, "method": "tools/call",
        "params": {
            "name": tool, "arguments": arguments,
            "_meta": { "io.modelcontextprotocol/protocolVersion": "2026-07-28" },
        },
    });
    let name = format!("Mcp-Name: {tool}");
    let mut headers = vec!["MCP-Protocol-Version: 2026-07-28", "Mcp-Method: tools/call", &name];
    headers.extend(more);
    ask(gate.address(), "/mcp/one", &headers, &body.to_string())
}

fn list(gate: &Gate) {
    let body = json!({
        "jsonrpc": "2.0", "id": 2, "method": "tools/list",
        "params": { "_meta": { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } },
    });
    let headers = ["MCP-Protocol-Version: 2026-07-28", "Mcp-Method: tools/list"];
    assert_eq!(ask(gate.address(), "/mcp/one", &headers, &body.to_string()).status(), 200);
}

/// A server that tells a secret in every way, and describes its tools.
fn telling(request: &Request, reply: &mut Reply) {
    let secret = HALVES.concat();
    let result = match request.rpc().as_str() {
        "tools/list" => json!({ "resultType": "complete", "tools": [
            { "name": "free", "inputSchema": { "type": "object" } },
            { "name": "typed", "inputSchema": { "type": "object" }, "outputSchema": {
                "type": "object", "properties": { "key": { "type": "string" } }, "required": ["key"] } },
            { "name": "strict", "inputSchema": { "type": "object" }, "outputSchema": {
                "type": "object", "properties": { "key": { "type": "string", "pattern": "^AKIA[A-Z0-9]{16}$" } } } },
        ] }),
        _ => json!({
            "resultType": "complete",
            "content": [{ "type": "text", "text": format!("{{\"key\":\"{secret}\"}}") }],
            "structuredContent": { "key": secret },
        }),
    };
    reply.json("200 OK", &json!({ "jsonrpc": "2.0", "id": request.json()["id"], "result": result }).to_string());
}

#[test]
fn every_copy_of_a_secret_goes_and_results_keep_their_promise() {
    let server = Upstream::start(telling);
    let gate = Gate::ruled(server.config(), &policy("  - {id: 'SE*', action: redact, direction: from_server}\n"));
    let mark = "[REDACTED:aws-access-key]";
    let told = |tool: &str| {
        let answer = call(&gate, tool, &json!({}), &[]);
        assert!(!answer.text().contains(HALVES[1]), "{}", answer.text());
        let result = answer.json()["result"].clone();
        assert_eq!(result["content"][0]["text"], format!("{{\"key\":\"{mark}\"}}"), "{tool}");
        result
    };
    // Nobody has seen yet what the tools promise.
    for tool in ["free", "typed", "strict"] {
        let result = told(tool);
        assert_eq!((&result["isError"], &result["structuredContent"]), (&json!(true), &Value::Null), "{tool}");
    }
    list(&gate);
    for tool in ["free", "typed"] {
        let result = told(tool);
        assert_eq!((&result["isError"], &result["structuredContent"]["key"]), (&Value::Null, &json!(mark)), "{tool}");
    }
    let result = told("strict");
    assert_eq!((&result["isError"], &result["structuredContent"]), (&json!(true), &Value::Null));
    gate.has_recorded("the redaction", |record| record["decision"]["action"] == "redact");
}

#[test]
fn a_vault_token_is_a_value_again_only_for_its_own_server() {
    let server = Upstream::start(|request, reply| {
        let text = if request.text().contains("\"look\"") { IBAN } else { "thanks" };
        let result = json!({ "resultType": "complete", "content": [{ "type": "text", "text": text }] });
        reply.json("200 OK", &json!({ "jsonrpc": "2.0", "id": request.json()["id"], "result": result }).to_string());
    });
    let entries = "  - {id: PD001, action: redact, with: vault, direction: from_server}\n";
    let gate = Gate::ruled(server.config(), &policy(entries));
    let looked = call(&gate, "look", &json!({}), &[]).json();
    let token = looked["result"]["content"][0]["text"].as_str().unwrap().to_owned();
    assert!(token.starts_with("[VAULT:iban#"), "{token}");
    let header = format!("Mcp-Param-To: {token}");
    let paid = call(&gate, "pay", &json!({ "to": token, "note": format!("for {token}") }), &[&header]);
    assert_eq!(paid.status(), 200);
    let seen = server.seen().into_iter().find(|request| request.text().contains("\"pay\"")).unwrap();
    assert_eq!(seen.json()["params"]["arguments"], json!({ "to": IBAN, "note": format!("for {IBAN}") }));
    assert_eq!(seen.header("mcp-param-to"), Some(IBAN), "the header mirrors the body that is sent");
    // What somebody has made up is no value.
    call(&gate, "guess", &json!({ "to": "[VAULT:iban#0000000000000000]" }), &[]);
    server.has_seen("[VAULT:iban#0000000000000000]");
}

#[test]
fn a_mirrored_header_does_not_carry_what_was_taken_out() {
    let server =
        Upstream::answering("200 OK", r#"{"jsonrpc":"2.0","id":ID,"result":{"resultType":"complete","content":[]}}"#);
    let gate = Gate::ruled(server.config(), &policy("  - {id: 'SE*', action: redact, direction: from_client}\n"));
    let secret = HALVES.concat();
    let header = format!("Mcp-Param-Key: {secret}");
    let answer = call(&gate, "use", &json!({ "key": secret, "other": 1 }), &[&header]);
    assert_eq!(answer.status(), 200, "{}", answer.text());
    let seen = server.seen().pop().unwrap();
    assert_eq!(seen.json()["params"]["arguments"]["key"], "[REDACTED:aws-access-key]");
    assert_eq!(seen.header("mcp-param-key"), Some("[REDACTED:aws-access-key]"));
    // A header that mirrors only a part cannot be made anew.
    let header = format!("Mcp-Param-Key: x{secret}");
    let answer = call(&gate, "use", &json!({ "key": secret }), &[&header]);
    assert_eq!(answer.status(), 400, "{}", answer.text());
    assert_eq!(server.seen().len(), 1);
    assert!(server.seen().iter().all(|request| !format!("{request:?}").contains(&secret)));
}

#[test]
fn what_cannot_be_edited_is_denied() {
    let server = Upstream::start(|request, reply| {
        let result = json!({ "resultType": "complete", "tools": [
            { "name": HALVES.concat(), "inputSchema": { "type": "object" } }, { "name": "b", "inputSchema": {} } ] });
        reply.json("200 OK", &json!({ "jsonrpc": "2.0", "id": request.json()["id"], "result": result }).to_string());
    });
    let gate = Gate::ruled(server.config(), &policy("  - {id: 'SE*', action: redact}\n"));
    let headers = ["MCP-Protocol-Version: 2026-07-28", "Mcp-Method: tools/list"];
    let body = r#"{"jsonrpc":"2.0","id":2,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#;
    let answer = ask(gate.address(), "/mcp/one", &headers, body);
    assert!(answer.json()["error"]["code"] == 4030 && !answer.text().contains(HALVES[1]), "{}", answer.text());
}

#[test]
fn a_secret_split_over_two_events_is_caught_in_the_second() {
    let server = Upstream::start(|request, reply| {
        reply.events(&[]);
        for data in [format!("begin {}", HALVES[0]), format!("{} end", HALVES[1])] {
            reply.event(&json!({
                "jsonrpc": "2.0", "method": "notifications/message", "params": { "level": "info", "data": data },
            }));
        }
        reply.event(&json!({
            "jsonrpc": "2.0", "id": request.json()["id"], "result": { "resultType": "complete", "content": [] },
        }));
        reply.end();
    });
    let gate = Gate::ruled(server.config(), &policy("  - {id: 'SE*', action: redact}\n"));
    let answer = call(&gate, "tell", &json!({}), &[]);
    let text = answer.text();
    assert!(text.contains("[REDACTED:aws-access-key] end") && !text.contains(HALVES[1]), "{text}");
}
