//! Limits through the gate: what a peer sees that passes one, over each kind of connection, and what is left alone.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::answers::{Server, Style};
use crate::children;
use crate::client::Client;
use crate::http::ask;
use crate::running::{Gate, PATIENCE, until};
use crate::upstream::Upstream;

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
fn a_tenant_has_its_quotas_and_what_cannot_be_measured_is_refused() {
    let server = Server::start(Style::Json);
    let quotas = json!({ "executions_per_minute": 2, "concurrent_sessions": 2 });
    let gate = Gate::serve(json!({ "servers": { "one": server.config() }, "quotas": quotas }));
    let mut client = Client::tcp(gate.address());
    client.shake_hands("2025-06-18");
    for _ in 0..2 {
        assert_ne!(client.call("echo", json!({ "text": "x" }))["result"]["isError"], true);
    }
    assert_eq!(client.call("echo", json!({ "text": "x" }))["result"]["isError"], true);
    let mut second = Client::tcp(gate.address());
    second.shake_hands("2025-06-18");
    let opening =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": crate::client::opening("2025-06-18") });
    assert_eq!(ask(gate.address(), "/mcp/one", &[], &opening.to_string()).status(), 503);
    for key in ["cpu_seconds_per_hour", "memory_bytes_per_execution", "network_requests_per_execution"] {
        let folder = TempDir::new().unwrap();
        let servers = json!({ "one": server.config() });
        crate::running::write_config(folder.path(), json!({ "servers": servers, "quotas": { key: 5 } }));
        let output = crate::running::run(
            crate::running::gatehold().args(["config", "check"]).arg(folder.path().join("gatehold.yaml")),
        );
        assert_eq!(output.status.code(), Some(2));
        assert!(crate::running::stderr(&output).contains(&format!("`{key}` cannot be measured yet")));
    }
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

/// A Redis on a Unix socket in a folder of its own.
struct Redis {
    folder: TempDir,
    process: std::process::Child,
}

impl Redis {
    fn start() -> Redis {
        let folder = TempDir::new().unwrap();
        let process = Redis::run(&folder);
        Redis { folder, process }
    }

    fn run(folder: &TempDir) -> std::process::Child {
        let socket = folder.path().join("redis.sock");
        let process = Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--appendonly", "yes", "--appendfsync", "always", "--unixsocket"])
            .arg(&socket)
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server is installed: `cargo xtask setup redis` says how");
        until("redis listens", || std::os::unix::net::UnixStream::connect(&socket).is_ok());
        process
    }

    /// A gateway that counts there.
    fn gate(&self, fallback: &str) -> Gate {
        let server = Server::start(Style::Json);
        let url = format!("redis+unix://{}", self.folder.path().join("redis.sock").display());
        let rates = json!([{ "name": "calls", "rate": "20/h", "match": { "method": "prompts/list" } }]);
        let state = json!({ "redis": { "url": url, "fallback": fallback } });
        let servers = json!({ "one": server.config() });
        Gate::serve_in(TempDir::new().unwrap(), json!({ "servers": servers, "rates": rates, "state": state }))
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _gone = self.process.wait();
    }
}

/// Makes a request, and says by which kind of reason it was refused.
fn listed(gate: &Gate) -> Option<String> {
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "prompts/list" }).to_string();
    let answer = ask(gate.address(), "/mcp/one", &[], &body).json();
    answer["error"]["data"]["reason"].as_str().map(str::to_owned)
}

#[test]
fn gateways_that_share_a_store_share_a_limit_and_fail_closed_without_it() {
    let mut redis = Redis::start();
    let (mut one, mut two) = (redis.gate("deny"), redis.gate("deny"));
    // The first requests may come before there is a connection within the budget.
    until("the store is reached", || listed(&one).is_none());
    until("the store is reached", || listed(&two).is_none());
    let passed = |gates: [&Gate; 2], times: usize| (0..times).filter(|turn| listed(gates[turn % 2]).is_none()).count();
    let early = 2 + passed([&one, &two], 10);
    crate::running::kill(redis.process.id(), Signal::STOP);
    for _ in 0..10 {
        let started = Instant::now();
        assert_eq!(listed(&one).as_deref(), Some("unavailable"));
        assert!(started.elapsed() < Duration::from_secs(1));
    }
    crate::running::kill(redis.process.id(), Signal::CONT);
    redis.process.kill().unwrap();
    redis.process.wait().unwrap();
    assert_eq!(listed(&two).as_deref(), Some("unavailable"));
    one.running.hears("cannot be used");
    redis.process = Redis::run(&redis.folder);
    let (mut late, started) = (0, Instant::now());
    loop {
        let answers = [listed(&one), listed(&two)];
        late += answers.iter().filter(|answer| answer.is_none()).count();
        if answers.iter().all(|answer| answer.as_deref() == Some("limit")) {
            break;
        }
        assert!(started.elapsed() < PATIENCE, "{answers:?}");
    }
    // A charge that was under way when the store stopped may have been counted without being answered.
    assert!((10..=20).contains(&(early + late)), "{early} and {late} of 20");
    one.end_well();
    two.end_well();
}

#[test]
fn with_a_fallback_each_gateway_goes_on_counting_by_itself() {
    let mut redis = Redis::start();
    let mut gate = redis.gate("local");
    until("the store is reached", || {
        let metrics = crate::http::get(gate.admin(), "/metrics", &[]).text();
        listed(&gate).is_some() || metrics.contains("gatehold_shared_state_up 1")
    });
    redis.process.kill().unwrap();
    redis.process.wait().unwrap();
    let passed = (0..30).filter(|_| listed(&gate).is_none()).count();
    assert!((10..=19).contains(&passed), "{passed}: what passed before counts too");
    assert_eq!(listed(&gate).as_deref(), Some("limit"));
    gate.running.hears("cannot be used");
    assert!(crate::http::get(gate.admin(), "/metrics", &[]).text().contains("gatehold_shared_state_up 0"));
    gate.end_well();
}

#[test]
fn calls_beyond_the_cap_wait_for_a_place_or_are_refused_and_places_come_back() {
    let http = Upstream::start(|request, reply| {
        if request.text().contains("notifications/") {
            return reply.whole("202 Accepted", &[], b"");
        }
        if request.text().contains("slow") {
            reply.is_left(Duration::from_millis(400));
        }
        reply.json("200 OK", &format!(r#"{{"jsonrpc":"2.0","id":{},"result":{{"content":[]}}}}"#, request.id()));
    });
    let slow = "if 'slow' in str(message):\n    time.sleep(0.4)\nanswer(message, {'content': []})";
    for server in [http.config(), children::config(&children::greeting(slow))] {
        let concurrency = json!({ "calls_max": 1, "wait_ms": 0 });
        let gate = Gate::serve(json!({ "servers": { "one": server }, "concurrency": concurrency }));
        let mut first = Client::tcp(gate.address());
        let mut second = Client::tcp(gate.address());
        first.shake_hands("2025-06-18");
        second.shake_hands("2025-06-18");
        let id = first.begin("tools/call", json!({ "name": "slow", "arguments": {} }));
        until("the call is under way", || {
            crate::http::get(gate.admin(), "/metrics", &[]).text().contains("gatehold_calls 1\n")
        });
        let refused = second.call("quick", json!({}));
        assert_eq!(refused["result"]["_meta"]["dev.gatehold/decision"]["reason"], "limit", "{refused}");
        assert!(first.answer(&id).get("result").is_some());
        assert_ne!(second.call("quick", json!({}))["result"]["isError"], true);
        until("no call is under way", || {
            crate::http::get(gate.admin(), "/metrics", &[]).text().contains("gatehold_calls 0\n")
        });
    }
}

#[test]
fn a_client_that_goes_away_takes_its_place_with_it() {
    let http = Upstream::start(|_, reply| {
        reply.is_left(PATIENCE);
    });
    let concurrency = json!({ "calls_max": 1, "wait_ms": 0 });
    let gate = Gate::serve(json!({ "servers": { "one": http.config() }, "concurrency": concurrency }));
    let under_way = |count: u32| {
        crate::http::get(gate.admin(), "/metrics", &[]).text().contains(&format!("gatehold_calls {count}\n"))
    };
    for _ in 0..3 {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "prompts/list" }).to_string();
        let mut leaving = crate::http::Http::tcp(gate.address());
        leaving.send(&crate::http::post("/mcp/one", &[], body.as_bytes()));
        until("the call is under way", || under_way(1));
        assert_eq!(listed(&gate).as_deref(), Some("limit"));
        drop(leaving);
        until("the place is free", || under_way(0));
    }
}

#[test]
fn a_server_that_fails_is_held_back_and_asked_again_after_a_while() {
    let fails = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let failing = std::sync::Arc::clone(&fails);
    let http = Upstream::start(move |request, reply| {
        if failing.load(std::sync::atomic::Ordering::SeqCst) {
            return reply.whole("500 Internal Server Error", &[], b"");
        }
        reply.json("200 OK", &format!(r#"{{"jsonrpc":"2.0","id":{},"result":{{"prompts":[]}}}}"#, request.id()));
    });
    let server = json!({ "url": http.url(), "breaker": { "failures": 3, "open_seconds": 1 } });
    let gate = Gate::before(server);
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "prompts/list" }).to_string();
    for _ in 0..3 {
        ask(gate.address(), "/mcp/one", &[], &body);
    }
    let seen = http.seen().len();
    for _ in 0..20 {
        let answer = ask(gate.address(), "/mcp/one", &[], &body);
        assert_eq!((answer.status(), answer.header("retry-after")), (503, Some("1")), "{}", answer.text());
        let text = answer.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(text.contains("`one`") && text.contains("Try again in 1 seconds"), "{text}");
    }
    assert_eq!(http.seen().len(), seen, "nothing reaches it");
    fails.store(false, std::sync::atomic::Ordering::SeqCst);
    until("it is asked again", || ask(gate.address(), "/mcp/one", &[], &body).status() == 200);
    assert_eq!(ask(gate.address(), "/mcp/one", &[], &body).status(), 200);
}

#[test]
fn errors_of_the_protocol_never_open_a_breaker() {
    let http = Upstream::start(|request, reply| {
        let error = r#""error":{"code":-32603,"message":"no"}"#;
        reply.json("200 OK", &format!(r#"{{"jsonrpc":"2.0","id":{},{error}}}"#, request.id()));
    });
    let gate = Gate::before(json!({ "url": http.url(), "breaker": { "failures": 1 } }));
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "prompts/list" }).to_string();
    for _ in 0..5 {
        assert_eq!(ask(gate.address(), "/mcp/one", &[], &body).error_code(), -32603);
    }
    assert_eq!(http.seen().len(), 5);
}

#[test]
fn reads_are_asked_again_and_calls_are_not() {
    let http = Upstream::start(|_, reply| reply.whole("503 Service Unavailable", &[], b""));
    let retries = json!({ "count_max": 2, "pause_ms": 1, "tools": ["read_*"] });
    let gate = Gate::before(json!({ "url": http.url(), "retries": retries }));
    let asked = |method: &str, name: &str| {
        let before = http.seen().len();
        let params = json!({ "name": name, "arguments": {} });
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        ask(gate.address(), "/mcp/one", &[], &body);
        http.seen().len() - before
    };
    assert_eq!(asked("prompts/list", "x"), 3);
    assert_eq!(asked("tools/call", "write_file"), 1);
    assert_eq!(asked("tools/call", "read_file"), 3);
}
