//! Limits through the gate: what a peer sees that passes one, over each kind of connection, and what is left alone.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::answers::{Server, Style};
use crate::children;
use crate::client::Client;
use crate::http::ask;
use crate::running::Gate;

/// A gateway with one server called `one` and these rates.
fn limited(server: Value, rates: Value) -> Gate {
    Gate::serve_in(TempDir::new().unwrap(), json!({ "servers": { "one": server }, "rates": rates }))
}

#[test]
fn calls_beyond_a_limit_are_results_that_say_when_to_try_again() {
    let http = Server::start(Style::Json);
    for server in [http.config(), children::config(&children::greeting("answer(message, {'content': []})"))] {
        let rates = json!([{ "name": "calls", "rate": "2/h", "match": { "method": "tools/call" } }]);
        let mut gate = limited(server, rates);
        let mut client = Client::tcp(gate.address());
        client.shake_hands("2025-06-18");
        for _ in 0..2 {
            assert_ne!(client.call("echo", json!({ "text": "x" }))["result"]["isError"], true);
        }
        let refused = client.call("echo", json!({ "text": "x" }));
        assert_eq!(refused["result"]["isError"], true, "{refused}");
        let text = refused["result"]["content"][0]["text"].as_str().unwrap();
        assert!(text.contains("At most 2 an hour are let through. Try again in 1"), "{text}");
        let meta = &refused["result"]["_meta"]["dev.gatehold/decision"];
        assert_eq!(meta["reason"], "limit");
        let wait = meta["retry_after_seconds"].as_u64().unwrap();
        assert!((1700..=1800).contains(&wait), "{wait}");
        // What is not charged goes on: lists are whole.
        assert!(client.request("tools/list", json!({})).get("result").is_some());
        gate.has_recorded("the limit by name", |record| record.to_string().contains("limit:calls"));
        gate.end_well();
    }
}

#[test]
fn other_requests_get_an_error_and_the_head_says_when_too() {
    let server = Server::start(Style::Json);
    let rates = json!([{ "name": "all", "rate": "1/m", "manner": "sliding", "reason": "Slowly, please." }]);
    let gate = limited(server.config(), rates);
    let body = |id: u32| json!({ "jsonrpc": "2.0", "id": id, "method": "prompts/list" }).to_string();
    assert_eq!(ask(gate.address(), "/mcp/one", &[], &body(1)).header("retry-after"), None);
    let answer = ask(gate.address(), "/mcp/one", &[], &body(2));
    assert_eq!((answer.status(), answer.error_code()), (200, 4030));
    assert_eq!(answer.json()["error"]["message"], "The request was refused by the gateway. Slowly, please.");
    let head: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=120).contains(&head), "{head}");
    assert_eq!(answer.json()["error"]["data"]["retry_after_seconds"], head);
    let metrics = crate::http::get(gate.admin(), "/metrics", &[]).text();
    assert!(
        metrics.contains("gatehold_limited_total 1\n") && metrics.contains("gatehold_limit_counters 1\n"),
        "{metrics}"
    );
}

#[test]
fn a_wrong_rate_is_refused_where_it_stands() {
    for (rates, expected) in [
        (json!([{ "name": "a", "rate": "100/w" }]), "`100/w` is not a rate"),
        (json!([{ "name": "a", "rate": "0/m" }]), "`0/m` is not a rate"),
        (json!([{ "rate": "1/m" }]), "needs a `name`"),
        (json!([{ "name": "a", "rate": "1/m", "per": ["principle"] }]), "did you mean `principal`?"),
        (json!([{ "name": "a", "rate": "1/m", "manner": "fixed", "burst": 3 }]), "a window has no burst"),
        (json!([{ "name": "a", "rate": "1/m", "match": { "tool": [] } }]), "matches nothing"),
        (json!([{ "name": "a", "rate": "1/m" }, { "name": "a", "rate": "2/m" }]), "two rates `a`"),
        (json!({ "name": "a" }), "not a list of rates"),
    ] {
        let folder = TempDir::new().unwrap();
        crate::running::write_config(
            folder.path(),
            json!({ "servers": { "one": { "url": "http://127.0.0.1:9/" } }, "rates": rates }),
        );
        let output = crate::running::run(
            crate::running::gatehold().args(["serve", "--config"]).arg(folder.path().join("gatehold.yaml")),
        );
        assert_eq!(output.status.code(), Some(2));
        assert!(crate::running::stderr(&output).contains(expected), "{expected}: {}", crate::running::stderr(&output));
    }
}
