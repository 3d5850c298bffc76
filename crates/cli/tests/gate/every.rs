//! Every listener with every kind of server: the handshake, lists in pages, calls, a request of the server, progress,
//! cancellation, what nobody knows; in the legacy era.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::answers::{CHILD, Server, Style};
use crate::children;
use crate::client::Client;
use crate::http::Target;
use crate::running::{Gate, gatehold, until};

/// The ways in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Listener {
    Http,
    Sse,
    UnixHttp,
    UnixLines,
    Stdio,
}

const LISTENERS: [Listener; 5] =
    [Listener::Http, Listener::Sse, Listener::UnixHttp, Listener::UnixLines, Listener::Stdio];

/// The servers.
enum Kind {
    Http(Server),
    Child,
}

impl Kind {
    fn config(&self) -> Value {
        match self {
            Kind::Http(server) => server.config(),
            Kind::Child => children::config(CHILD),
        }
    }

    /// `gatehold wrap` in front of it.
    fn wrapped(&self, style: Option<Style>, folder: &TempDir) -> Client {
        let mut command = gatehold();
        command.arg("wrap").arg("--ledger").arg(folder.path());
        match self {
            Kind::Http(server) => {
                let transport = if style == Some(Style::Legacy) { "sse" } else { "http" };
                command.args(["--url", &server.url(), "--transport", transport]);
            }
            Kind::Child => {
                command.arg("--").args(children::command(CHILD));
            }
        }
        Client::stdio(&mut command)
    }
}

fn connect(listener: Listener, gate: &Gate, server: &Kind, style: Option<Style>, folder: &TempDir) -> Client {
    let socket = gate.path("socket");
    match listener {
        Listener::Http => Client::tcp(gate.address()),
        Listener::Sse => Client::sse(Target::Tcp(gate.address()), "/sse/one"),
        Listener::UnixHttp => Client::http(Target::Unix(socket), "/mcp/one"),
        Listener::UnixLines => Client::lines(&socket),
        Listener::Stdio => server.wrapped(style, folder),
    }
}

/// Runs the whole conversation over every listener.
fn over_every_listener(server: &Kind, style: Option<Style>) {
    let gate = Gate::serve(json!({
        "listen": ["127.0.0.1:0", "unix:socket"], "servers": { "one": server.config() },
    }));
    for listener in LISTENERS {
        let folder = TempDir::new().unwrap();
        let mut client = connect(listener, &gate, server, style, &folder);
        legacy(&mut client, &format!("{listener:?} with {style:?}"));
        cancelled(&mut client, server, &gate, listener);
    }
}

fn legacy(client: &mut Client, way: &str) {
    let opened = client.shake_hands("2025-06-18");
    assert_eq!(opened["result"]["protocolVersion"], "2025-06-18", "{way}");
    assert_eq!(opened["result"]["x-unknown"], json!({ "kept": [1, null] }), "{way}");
    client.open_general();

    let first = client.request("tools/list", json!({}));
    assert_eq!(names(&first), ["echo", "ask", "count"], "{way}");
    assert_eq!(first["result"]["tools"][0]["x-unknown"], "echo", "{way}");
    let second = client.request("tools/list", json!({ "cursor": first["result"]["nextCursor"] }));
    assert_eq!(names(&second), ["slow", "secret"], "{way}");

    let echoed = client.call("echo", json!({ "text": "good day \u{1f600}\n\"" }));
    assert_eq!(echoed["result"]["content"][0]["text"], "good day \u{1f600}\n\"", "{way}");
    assert_eq!(echoed["result"]["x-unknown"], 1, "{way}");

    let asking = client.begin("tools/call", json!({ "name": "ask", "arguments": {} }));
    let asked = client.next_with(|message| message["method"] == "sampling/createMessage");
    assert_eq!(asked["params"]["x-unknown"], true, "{way}");
    client.send(&json!({
        "jsonrpc": "2.0", "id": asked["id"],
        "result": { "role": "assistant", "model": "m", "content": { "type": "text", "text": "sampled" } },
    }));
    assert_eq!(client.answer(&asking)["result"]["content"][0]["text"], "sampled", "{way}");

    let counting = client.begin("tools/call", json!({ "name": "count", "_meta": { "progressToken": "mine" } }));
    for step in 1..=2 {
        let progress = client.next_with(|message| message["method"] == "notifications/progress");
        assert_eq!(progress["params"], json!({ "progressToken": "mine", "progress": step }), "{way}");
    }
    assert_eq!(client.answer(&counting)["result"]["content"][0]["text"], "counted", "{way}");

    let unknown = client.request("x-company/anything", json!({ "x": 1 }));
    assert_eq!(
        unknown["error"],
        json!({ "code": -32601, "message": "Method not found", "data": "x-company/anything" })
    );
    assert!(client.others.is_empty(), "{way}: {:?}", client.others);
}

/// A call that is cancelled by a message.
fn cancelled(client: &mut Client, server: &Kind, gate: &Gate, listener: Listener) {
    let before = match server {
        Kind::Http(server) => server.upstream.seen_with("\"slow\""),
        Kind::Child => said(gate, client, listener).matches("is slow").count(),
    };
    let slow = client.begin("tools/call", json!({ "name": "slow", "arguments": {} }));
    until("the server works", || match server {
        Kind::Http(server) => server.upstream.seen_with("\"slow\"") > before,
        Kind::Child => said(gate, client, listener).matches("is slow").count() > before,
    });
    client.send(&json!({
        "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": slow, "reason": "enough" },
    }));
    assert_eq!(client.answer(&slow)["result"]["cancelled"], true, "{listener:?}");
}

fn said(gate: &Gate, client: &Client, listener: Listener) -> String {
    match (&client.running, listener) {
        (Some(running), Listener::Stdio) => running.said(),
        _ => gate.running.said(),
    }
}

fn names(answer: &Value) -> Vec<&str> {
    let tools = answer["result"]["tools"].as_array().unwrap_or_else(|| panic!("{answer}"));
    tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect()
}

#[test]
fn every_listener_with_a_server_that_answers_json() {
    over_every_listener(&Kind::Http(Server::start(Style::Json)), Some(Style::Json));
}

#[test]
fn every_listener_with_a_server_that_answers_events() {
    over_every_listener(&Kind::Http(Server::start(Style::Events)), Some(Style::Events));
}

#[test]
fn every_listener_with_a_server_of_the_first_revision() {
    over_every_listener(&Kind::Http(Server::start(Style::Legacy)), Some(Style::Legacy));
}

#[test]
fn every_listener_with_a_child() {
    over_every_listener(&Kind::Child, None);
}
