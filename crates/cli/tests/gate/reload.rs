//! A configuration that changes under running calls: all of it is used or none, and nothing in flight is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::answers::{Server, Style};
use crate::children;
use crate::client::Client;
use crate::http::{Http, Target, ask, post};
use crate::running::{Gate, is_alive, until, write_config};
use crate::upstream::Upstream;

const CALL: &str = r#"{"jsonrpc":"2.0","id":"q","method":"tools/list"}"#;

#[test]
fn reloading_under_load_loses_nothing() {
    let server = Upstream::answering("200 OK", r#"{"jsonrpc":"2.0","id":ID,"result":{}}"#);
    let other = Upstream::answering("200 OK", r#"{"jsonrpc":"2.0","id":ID,"result":{}}"#);
    let child = children::config(&children::greeting("answer(message, {'x': 1})"));
    let mut gate = Gate::serve(json!({ "servers": { "one": server.config(), "child": child } }));
    let mut session = Client::http(Target::Tcp(gate.address()), "/mcp/child");
    session.shake_hands("2025-06-18");
    let (stop, answered, failed) =
        (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let load: Vec<_> = (0..4)
        .map(|_| {
            let (stop, answered, failed, address) =
                (Arc::clone(&stop), Arc::clone(&answered), Arc::clone(&failed), gate.address());
            std::thread::spawn(move || {
                let mut http = Http::tcp(address);
                while !stop.load(Ordering::Relaxed) {
                    http.send(&post("/mcp/one", &[], CALL.as_bytes()));
                    let counter = if http.answer().status() == 200 { &answered } else { &failed };
                    counter.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for round in 1..=6 {
        let target = if round % 2 == 0 { &server } else { &other };
        write_config(gate.folder.path(), json!({ "servers": { "one": target.config(), "child": child } }));
        gate.running.signal(Signal::HUP);
        gate.running.hears_times("is in use", round);
        assert_eq!(session.request("tools/list", json!({}))["result"]["x"], 1, "sessions survive");
    }
    stop.store(true, Ordering::Relaxed);
    load.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(failed.load(Ordering::Relaxed), 0);
    assert_eq!(server.seen().len() + other.seen().len(), answered.load(Ordering::Relaxed));
    assert!(!other.seen().is_empty());
    gate.end_well();
}

#[test]
fn a_change_of_the_file_is_noticed() {
    let server = Upstream::answering("200 OK", r#"{"jsonrpc":"2.0","id":ID,"result":{}}"#);
    let mut gate = Gate::before(server.config());
    assert_eq!(ask(gate.address(), "/mcp/two", &[], CALL).status(), 404);
    write_config(gate.folder.path(), json!({ "servers": { "one": server.config(), "two": server.config() } }));
    gate.running.hears("is in use");
    assert_eq!(ask(gate.address(), "/mcp/two", &[], CALL).status(), 200);
    // Written in place, as some editors do it.
    let broken = "servers: {one: {url: ";
    std::fs::write(gate.path("gatehold.yaml"), broken).unwrap();
    gate.running.hears("the old one stays");
    assert_eq!(ask(gate.address(), "/mcp/two", &[], CALL).status(), 200);
}

#[test]
fn a_server_that_is_taken_out_ends_its_sessions_and_children_only() {
    let folder = tempfile::TempDir::new().unwrap();
    let (kept, removed) = (folder.path().join("kept"), folder.path().join("removed"));
    let (stays, goes) = (children::config(&children::echo(&kept)), children::config(&children::echo(&removed)));
    let mut gate = Gate::serve(json!({
        "listen": ["127.0.0.1:0", "unix:socket"], "servers": { "stays": stays, "goes": goes },
    }));
    let mut clients = ["/mcp/stays", "/mcp/goes"].map(|path| Client::http(Target::Tcp(gate.address()), path));
    clients.iter_mut().for_each(|client| drop(client.shake_hands("2025-06-18")));
    let mut old = Client::sse(Target::Tcp(gate.address()), "/sse/goes");
    old.shake_hands("2025-06-18");
    let modern = r#"{"jsonrpc":"2.0","id":1,"method":"x","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#;
    ask(gate.address(), "/mcp/goes", &["MCP-Protocol-Version: 2026-07-28", "Mcp-Method: x"], modern);
    assert_eq!(children::pids(&removed).len(), 3);

    write_config(
        gate.folder.path(),
        json!({
            "listen": ["127.0.0.1:0", "unix:socket"], "servers": { "stays": stays },
        }),
    );
    gate.running.signal(Signal::HUP);
    gate.running.hears("is in use");
    let header = format!("Mcp-Session-Id: {}", clients[1].session());
    assert_eq!(ask(gate.address(), "/mcp/goes", &[&header], CALL).status(), 404);
    until("its children are gone", || children::pids(&removed).iter().all(|pid| !is_alive(*pid)));
    assert!(old.is_left(), "also the stream of the first revision");
    assert!(clients[0].request("tools/list", json!({}))["result"].is_object());
    assert!(children::pids(&kept).iter().all(|pid| is_alive(*pid)));
}

#[test]
fn a_policy_that_changes_takes_effect_for_open_sessions() {
    let server = Server::start(Style::Json);
    let mut gate = Gate::ruled(server.config(), "version: 1\ndefault: allow\nrules: []\n");
    let mut client = Client::tcp(gate.address());
    client.shake_hands("2025-06-18");
    let names = |answer: &Value| answer["result"]["tools"].as_array().unwrap().len();
    assert_eq!(names(&client.request("tools/list", json!({}))), 3);
    let stricter = "version: 1\ndefault: allow\nrules:\n  - {name: no, action: deny, match: {tool: echo}}\n";
    std::fs::write(gate.path("policy.yaml"), stricter).unwrap();
    gate.running.hears("is in use");
    assert_eq!(names(&client.request("tools/list", json!({}))), 2);
    assert_eq!(client.call("echo", json!({ "text": "x" }))["error"]["code"], -32602);
    // A policy with an error is not used: the stricter one stays.
    std::fs::write(gate.path("policy.yaml"), "version: 1\nrulez: []\n").unwrap();
    gate.running.hears("the old one stays");
    gate.running.hears("did you mean `rules`?");
    assert_eq!(client.call("echo", json!({ "text": "x" }))["error"]["code"], -32602);
    // A policy that is gone is an error too, not a reason to allow everything.
    std::fs::remove_file(gate.path("policy.yaml")).unwrap();
    gate.running.hears_times("the old one stays", 2);
    assert_eq!(client.call("echo", json!({ "text": "x" }))["error"]["code"], -32602);
}

#[test]
fn a_policy_file_that_a_reload_names_is_watched_from_then_on() {
    let server = Server::start(Style::Json);
    let mut gate = Gate::ruled(server.config(), "version: 1\ndefault: allow\nrules: []\n");
    std::fs::write(gate.path("second.yaml"), "version: 1\ndefault: allow\nrules: []\n").unwrap();
    write_config(gate.folder.path(), json!({ "servers": { "one": server.config() }, "policy": "second.yaml" }));
    gate.running.hears("is in use");
    std::fs::write(gate.path("second.yaml"), "version: 1\nrules: []\n").unwrap();
    gate.running.hears_times("is in use", 2);
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{}}}"#;
    assert_eq!(ask(gate.address(), "/mcp/one", &[], call).json()["error"]["code"], -32602);
}

#[test]
fn what_only_a_restart_changes_is_said() {
    let server = Upstream::answering("200 OK", r#"{"jsonrpc":"2.0","id":ID,"result":{}}"#);
    let mut gate = Gate::before(server.config());
    write_config(
        gate.folder.path(),
        json!({
            "servers": { "one": server.config() }, "limits": { "message_bytes_max": 2048 }, "listen": ["127.0.0.1:0", "unix:socket"],
        }),
    );
    gate.running.hears("is in use");
    gate.running.hears("restart");
    let said = gate.running.said();
    assert!(said.contains("`limits`") && said.contains("`listen`"), "{said}");
}
