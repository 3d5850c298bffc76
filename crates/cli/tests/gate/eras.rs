//! The modern era (2026-07-28): no handshake, mirrored headers, and closing the stream as the cancellation.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::answers::{CHILD, Server, Style};
use crate::children;
use crate::client::Client;
use crate::http::{Target, ask};
use crate::running::{Gate, gatehold, until};

fn meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "scripted", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

/// What all servers and listeners have in common.
fn modern(client: &mut Client, way: &str) {
    let discovered = client.request("server/discover", json!({ "_meta": meta() }));
    assert_eq!(discovered["result"]["supportedVersions"], json!(["2026-07-28"]), "{way}");
    let echoed =
        client.request("tools/call", json!({ "name": "echo", "arguments": { "text": "hello" }, "_meta": meta() }));
    assert_eq!(echoed["result"]["content"][0]["text"], "hello", "{way}");
    assert_eq!(echoed["result"]["x-unknown"], 1, "{way}");
    let unknown = client.request("x-company/anything", json!({ "_meta": meta() }));
    assert_eq!(unknown["error"]["code"], -32601, "{way}");
}

fn listen(client: &mut Client, way: &str) -> Value {
    let id = client.begin("subscriptions/listen", json!({ "_meta": meta(), "toolsListChanged": true }));
    for method in ["notifications/subscriptions/acknowledged", "notifications/tools/list_changed"] {
        let message = client.next_with(|message| message["method"] == method);
        let named = &message["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"];
        assert_eq!(*named, id, "{way}: {message}");
    }
    id
}

fn gate_for(server: Value) -> Gate {
    Gate::serve(json!({ "listen": ["127.0.0.1:0", "unix:socket"], "servers": { "one": server } }))
}

#[test]
fn http_servers_serve_the_modern_era_and_disconnecting_cancels() {
    for style in [Style::Json, Style::Events] {
        let server = Server::start(style);
        let gate = gate_for(server.config());
        for target in [Target::Tcp(gate.address()), Target::Unix(gate.path("socket"))] {
            let way = format!("{target:?} with {style:?}");
            let mut client = Client::http(target, "/mcp/one");
            modern(&mut client, &way);
            let before = server.cancelled();
            let seen = server.upstream.seen_with("\"slow\"");
            let slow = client.begin("tools/call", json!({ "name": "slow", "arguments": {}, "_meta": meta() }));
            until("the server works", || server.upstream.seen_with("\"slow\"") > seen);
            client.leave(&slow);
            until(&format!("closing the stream cancels: {way}"), || server.cancelled() > before);
            if style == Style::Events {
                let listening = listen(&mut client, &way);
                client.leave(&listening);
                until(&format!("closing the subscription ends it: {way}"), || server.cancelled() > before + 1);
            }
        }
    }
}

#[test]
fn a_child_serves_the_modern_era_and_disconnecting_cancels() {
    let gate = gate_for(children::config(CHILD));
    for target in [Target::Tcp(gate.address()), Target::Unix(gate.path("socket"))] {
        let way = format!("{target:?}");
        let mut client = Client::http(target, "/mcp/one");
        modern(&mut client, &way);
        let count = |word: &str| gate.running.said().matches(word).count();
        let (slow_before, cancelled_before) = (count("is slow"), count("cancelled"));
        let slow = client.begin("tools/call", json!({ "name": "slow", "arguments": {}, "_meta": meta() }));
        until("the child works", || count("is slow") > slow_before);
        client.leave(&slow);
        until("the child is told", || count("cancelled") > cancelled_before);
        let listening = listen(&mut client, &way);
        client.leave(&listening);
        until("the child is told again", || count("cancelled") > cancelled_before + 1);
    }
    // One child served all of it: the requests of one principal share a channel.
    assert!(
        gate.records().iter().any(|record| record["mcp"]["method"] == "notifications/cancelled"),
        "{:?}",
        gate.records()
    );
}

#[test]
fn lines_and_standard_streams_carry_the_modern_era() {
    let server = Server::start(Style::Events);
    let gate = gate_for(server.config());
    let mut lines = Client::lines(&gate.path("socket"));
    modern(&mut lines, "unix lines");
    let listening = listen(&mut lines, "unix lines");
    let before = server.cancelled();
    lines.send(&cancellation(&listening));
    until("the bridge closes the stream of what is cancelled", || server.cancelled() > before);

    let folder = TempDir::new().unwrap();
    let mut command = gatehold();
    command.arg("wrap").arg("--ledger").arg(folder.path()).arg("--").args(children::command(CHILD));
    let mut stdio = Client::stdio(&mut command);
    modern(&mut stdio, "stdio");
    let listening = listen(&mut stdio, "stdio");
    stdio.send(&cancellation(&listening));
    stdio.running.as_mut().unwrap().hears("cancelled");
}

fn cancellation(id: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": id } })
}

#[test]
fn two_clients_with_the_same_ids_and_tokens_share_a_child_without_mixing() {
    let gate = gate_for(children::config(CHILD));
    let mut clients: Vec<Client> = (0..4).map(|_| Client::tcp(gate.address())).collect();
    let calls: Vec<Value> = clients
        .iter_mut()
        .enumerate()
        .map(|(number, client)| {
            let text = format!("for {number}");
            client.begin("tools/call", json!({ "name": "echo", "arguments": { "text": text }, "_meta": meta() }))
        })
        .collect();
    for (number, (client, id)) in clients.iter_mut().zip(&calls).enumerate() {
        assert_eq!(client.answer(id)["result"]["content"][0]["text"], format!("for {number}"));
    }
    let subscriptions: Vec<Value> = clients.iter_mut().map(|client| listen(client, "shared")).collect();
    assert!(subscriptions.windows(2).all(|pair| pair[0] == pair[1]), "all clients use the same id");
    // Leaving one ends that one: the child is told an id that is not another's.
    clients[0].leave(&subscriptions[0]);
    until("the child is told once", || gate.running.said().matches("cancelled").count() == 1);
}

#[test]
fn a_session_id_means_nothing_in_the_modern_era() {
    // 2026-07-28 has no sessions: servers ignore the header, so a proxy must not answer it.
    let server = Server::start(Style::Json);
    let gate = Gate::before(server.config());
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": { "_meta": meta() } });
    let headers = ["MCP-Protocol-Version: 2026-07-28", "Mcp-Method: server/discover", "Mcp-Session-Id: no-such"];
    let answer = ask(gate.address(), "/mcp/one", &headers, &body.to_string());
    assert_eq!((answer.status(), answer.header("mcp-session-id")), (200, None), "{answer:?}");
    assert!(server.upstream.seen().iter().all(|request| request.header("mcp-session-id").is_none()));
}

#[test]
fn a_modern_error_has_the_status_that_the_revision_gives_it() {
    let gate = gate_for(children::config(CHILD));
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "x/y", "params": { "_meta": meta() } });
    let headers = ["MCP-Protocol-Version: 2026-07-28", "Mcp-Method: x/y"];
    let answer = ask(gate.address(), "/mcp/one", &headers, &body.to_string());
    assert_eq!((answer.status(), answer.error_code()), (404, -32601));
}

#[test]
fn nobody_cancels_a_request_of_somebody_else() {
    // Requests of the modern era share a channel, and over HTTP a request is cancelled by closing its own stream. A
    // message that names an id would name whoever uses it there.
    let gate = gate_for(children::config(CHILD));
    let mut client = Client::tcp(gate.address());
    let slow = client.begin("tools/call", json!({ "name": "slow", "arguments": {}, "_meta": meta() }));
    until("the child works", || gate.running.said().contains("is slow"));
    let body = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": slow, "_meta": meta() } });
    let headers = ["MCP-Protocol-Version: 2026-07-28", "Mcp-Method: notifications/cancelled"];
    assert_eq!(ask(gate.address(), "/mcp/one", &headers, &body.to_string()).status(), 202);
    // What comes later on the channel has overtaken nothing.
    let mut other = Client::tcp(gate.address());
    other.request("tools/call", json!({ "name": "echo", "arguments": { "text": "x" }, "_meta": meta() }));
    assert!(!gate.running.said().contains("cancelled"), "{}", gate.running.said());
    client.leave(&slow);
    until("its own client cancels it", || gate.running.said().contains("cancelled"));
}

#[test]
fn a_late_answer_to_a_cancelled_request_does_not_reach_whoever_uses_its_id_next() {
    // Answers the first call only when the second one comes, which carries the same id of another client.
    let gate = gate_for(children::config(
        r#"
first = None
for message in messages():
    method = message.get("method")
    if method == "tools/list": answer(message, {"tools": []})
    if method != "tools/call": continue
    if first is None:
        first = message
        sys.stderr.write("has the first\n"); sys.stderr.flush()
    else:
        answer(first, {"content": [{"type": "text", "text": "late"}]})
        answer(message, {"content": [{"type": "text", "text": "own"}]})
"#,
    ));
    let call = || json!({ "name": "x", "arguments": {}, "_meta": meta() });
    let mut gone = Client::tcp(gate.address());
    let cancelled = gone.begin("tools/call", call());
    until("the child works", || gate.running.said().contains("has the first"));
    gone.leave(&cancelled);
    gate.has_recorded("the cancelling", |record| record["mcp"]["method"] == "notifications/cancelled");
    let mut next = Client::tcp(gate.address());
    let id = next.begin("tools/call", call());
    assert_eq!(id, cancelled, "both clients use the same id");
    assert_eq!(next.answer(&id)["result"]["content"][0]["text"], "own");
}

#[test]
fn a_call_without_arguments_mirrors_none_of_them() {
    // The annotated property has the name of a member of `params`, which is no argument.
    let gate = gate_for(children::config(
        r#"
for message in messages():
    if message.get("method") == "tools/list":
        schema = {"type": "object", "properties": {"name": {"type": "string", "x-mcp-header": "Who"}}}
        answer(message, {"tools": [{"name": "x", "inputSchema": schema}]})
    elif "id" in message: answer(message, {"content": []})
"#,
    ));
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "x", "_meta": meta() } });
    let headers = ["MCP-Protocol-Version: 2026-07-28", "Mcp-Method: tools/call", "Mcp-Name: x"];
    assert_eq!(ask(gate.address(), "/mcp/one", &headers, &body.to_string()).status(), 200);
    let mirrored = [headers.as_slice(), &["Mcp-Param-Who: x"]].concat();
    let answer = ask(gate.address(), "/mcp/one", &mirrored, &body.to_string());
    assert_eq!((answer.status(), answer.error_code()), (400, -32020));
}
