//! Answers from afar: by the one-time token that a webhook was sent.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::mpsc;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::children;
use crate::client::Client;
use crate::http::{Answer, Target, ask};
use crate::running::{Gate, PATIENCE};

const HELD: &str = "
version: 1
default: allow
rules:
  - {name: ask, action: hold, match: {tool: delete}, approval: {wait: 30s, ask: [webhook]}}
";

fn child() -> Value {
    let body = "if 'id' in message and 'method' in message: answer(message, {'content': []})";
    children::config(&children::greeting(body))
}

/// A service that takes what it is told, and hands out the bodies.
fn service() -> (String, mpsc::Receiver<Value>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://127.0.0.1:{}/hook", listener.local_addr().unwrap().port());
    let (told, tells) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, mut read) = (stream.unwrap(), Vec::new());
            let body = loop {
                let mut piece = [0; 4096];
                let count = stream.read(&mut piece).unwrap();
                read.extend_from_slice(&piece[..count]);
                let end = read.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
                if let Some(Ok(body)) = end.map(|end| serde_json::from_slice(&read[end..])) {
                    break body;
                }
                assert!(count > 0, "{}", String::from_utf8_lossy(&read));
            };
            stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").unwrap();
            if told.send(body).is_err() {
                return;
            }
        }
    });
    (url, tells)
}

fn answer_by_token(admin: SocketAddr, hold: &Value, body: &Value) -> Answer {
    ask(admin, &format!("/v1/approvals/{}/answer-by-token", hold["id"].as_str().unwrap()), &[], &body.to_string())
}

#[test]
fn a_token_answers_its_own_call_once() {
    let (url, tells) = service();
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("policy.yaml"), HELD).unwrap();
    let gate = Gate::serve_in(
        folder,
        json!({
            "listen": ["127.0.0.1:0", "unix:socket"],
            "admin": { "listen": "127.0.0.1:0" },
            "servers": { "one": child() },
            "policy": "policy.yaml",
            "fetch": { "http_on_loopback": true },
            "approvals": {
                "people": { "ada": { "roles": ["approver"] }, "eve": { "roles": ["reader"] } },
                "webhook": { "url": url, "secret": "a secret of more than twenty-four bytes" },
            },
        }),
    );
    let mut client = Client::http(Target::Unix(gate.path("socket")), "/mcp/one");
    client.shake_hands("2025-06-18");
    let mut held = |path: &str| {
        let call = client.begin("tools/call", json!({ "name": "delete", "arguments": { "path": path } }));
        (call, tells.recv_timeout(PATIENCE).unwrap())
    };
    let ((first, told), (second, other)) = (held("/a"), held("/b"));
    let right = json!({
        "decision": "once", "digest": told["hold"]["digest"], "token": told["tokens"][0], "by": "ada",
    });
    let with = |member: &str, value: &Value| {
        let mut body = right.clone();
        body[member] = value.clone();
        answer_by_token(gate.admin(), &told["hold"], &body).status()
    };
    assert_eq!(with("token", &json!("0".repeat(64))), 401, "a guess");
    assert_eq!(with("token", &other["tokens"][0]), 401, "of another call");
    assert_eq!(with("digest", &other["hold"]["digest"]), 409, "other bytes were read");
    assert_eq!(with("by", &json!("eve")), 403, "without the role");
    assert_eq!(with("by", &json!("")), 400);
    assert_eq!(with("run", &json!("x")), 400, "unknown members");
    let yes = answer_by_token(gate.admin(), &told["hold"], &right);
    assert_eq!((yes.status(), &yes.json()["outcome"]), (200, &json!("approved")), "{}", yes.text());
    assert_eq!(client.answer(&first)["result"]["content"], json!([]));
    assert_eq!(with("decision", &json!("deny")), 401, "used");
    let no = json!({
        "decision": "deny", "digest": other["hold"]["digest"], "token": other["tokens"][0], "by": "ada", "reason": "Not this.",
    });
    assert_eq!(answer_by_token(gate.admin(), &other["hold"], &no).status(), 200);
    assert_eq!(client.answer(&second)["result"]["isError"], true);
    let text = gate.records().iter().map(Value::to_string).collect::<String>();
    for token in [&told["tokens"][0], &other["tokens"][0]] {
        assert!(!text.contains(token.as_str().unwrap()), "a token is recorded");
    }
}
