//! API keys at a running gateway: who gets in, who does not any more, and that a key never travels further.

use std::process::Output;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::answers::{Server, Style};
use crate::children;
use crate::client::opening;
use crate::http::{Answer, Http, Piece, ask, get};
use crate::running::{Gate, PATIENCE, gatehold, run, stderr, until};

const CALL: &str = r#"{"jsonrpc":"2.0","id":"q","method":"tools/list"}"#;

fn key(gate: &Gate, arguments: &[&str]) -> Output {
    run(gatehold().arg("key").args(arguments).arg("--file").arg(gate.path("keys.json")))
}

fn create(gate: &Gate, arguments: &[&str]) -> String {
    let output = key(gate, &[&["create"], arguments].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    let key = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    assert!(key.starts_with("gh_"), "{key}");
    key
}

fn gate(server: Value) -> Gate {
    Gate::serve(json!({ "authentication": { "api_keys": { "file": "keys.json" } }, "servers": { "one": server } }))
}

fn initialize(gate: &Gate, headers: &[&str]) -> Answer {
    let message = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": opening("2025-06-18") });
    ask(gate.address(), "/mcp/one", headers, &message.to_string())
}

/// Asks until a status comes: a change of the keys is seen within a moment.
fn soon(what: &str, status: u16, answer: impl Fn() -> u16) {
    until(what, || answer() == status);
}

#[test]
fn a_key_opens_the_gateway_in_either_header_until_it_is_revoked() {
    let server = Server::start(Style::Json);
    let gate = gate(server.config());
    assert_eq!(initialize(&gate, &[]).status(), 401, "without keys nobody gets in");
    let key_text = create(&gate, &["ci", "--role", "reader", "--label", "team=a"]);
    let bearer = format!("Authorization: Bearer {key_text}");
    let header = format!("X-API-Key: {key_text}");
    soon("the new key is seen", 200, || initialize(&gate, &[&bearer]).status());
    assert_eq!(initialize(&gate, &[&header]).status(), 200);
    assert_eq!(initialize(&gate, &[&bearer, &header]).status(), 200, "the same key twice is one key");
    let other = create(&gate, &["other"]);
    let both = [bearer.as_str(), &format!("X-API-Key: {other}")];
    assert_eq!(initialize(&gate, &both).status(), 400, "two keys are none");
    let query = format!("/mcp/one?api_key={key_text}");
    assert_eq!(ask(gate.address(), &query, &[], CALL).status(), 400);
    assert_eq!(ask(gate.address(), &query, &[&bearer], CALL).status(), 400, "also beside a valid one");
    let subject = |record: &Value| record["actor"]["sub"] == "ci" && record["actor"]["auth"] == "api_key";
    gate.has_recorded("who it was", subject);
    assert!(key(&gate, &["revoke", "ci"]).status.success());
    soon("the key is revoked", 401, || initialize(&gate, &[&bearer]).status());
    let said = format!("{}{}", gate.running.said(), Value::Array(gate.records()));
    assert!(!said.contains(&key_text[20..]), "a key stands in no log and no record");
    gate.has_recorded("that somebody was not admitted", |record| record["event"] == "not_admitted");
}

#[test]
fn a_key_ends_at_its_time_and_another_mistake_in_the_configuration_does_not_keep_a_revoked_one_alive() {
    let gate = gate(children::config(&children::greeting("answer(message, {'x': 1})")));
    let brief = format!("X-API-Key: {}", create(&gate, &["brief", "--expires", "2100-01-01T00:00:00Z"]));
    let lasting = format!("X-API-Key: {}", create(&gate, &["lasting"]));
    soon("both are seen", 200, || initialize(&gate, &[&brief]).status().max(initialize(&gate, &[&lasting]).status()));
    std::fs::write(gate.path("gatehold.yaml"), "servers: [").unwrap();
    let text = std::fs::read_to_string(gate.path("keys.json")).unwrap();
    std::fs::write(gate.path("keys.json.mine"), text.replace("2100-01-01", "2020-01-01")).unwrap();
    std::fs::rename(gate.path("keys.json.mine"), gate.path("keys.json")).unwrap();
    soon("the end is seen", 401, || initialize(&gate, &[&brief]).status());
    assert_eq!(initialize(&gate, &[&lasting]).status(), 200);
    std::fs::write(gate.path("keys.json"), "{").unwrap();
    until("the operator is told", || gate.running.said().contains("is not in order"));
    assert_eq!(initialize(&gate, &[&lasting]).status(), 200, "a broken file changes nothing");
}

#[test]
fn a_key_never_travels_to_the_server() {
    let server = Server::start(Style::Json);
    let gate = gate(server.config());
    let text = create(&gate, &["ci"]);
    let headers = [format!("Authorization: Bearer {text}"), format!("X-API-Key: {text}")];
    soon("the key is seen", 200, || initialize(&gate, &[&headers[0]]).status());
    initialize(&gate, &[&headers[1]]);
    let seen = server.upstream.seen();
    assert!(!seen.is_empty());
    for request in seen {
        assert!(request.header("authorization").is_none() && request.header("x-api-key").is_none(), "{request:?}");
        assert!(!format!("{request:?}").contains(&text[20..]), "{request:?}");
    }
}

#[test]
fn another_key_finds_no_session_of_the_first_and_the_same_bytes_as_for_none() {
    let server = Server::start(Style::Json);
    for config in [server.config(), children::config(&children::greeting("answer(message, {'x': 1})"))] {
        let gate = gate(config);
        let own = format!("X-API-Key: {}", create(&gate, &["one"]));
        let other = format!("X-API-Key: {}", create(&gate, &["two", "--principal", "one"]));
        soon("the keys are seen", 200, || initialize(&gate, &[&other]).status());
        let opened = initialize(&gate, &[&own]);
        let session = format!("Mcp-Session-Id: {}", opened.header("mcp-session-id").unwrap());
        assert_eq!(ask(gate.address(), "/mcp/one", &[&own, &session], CALL).status(), 200);
        let foreign = ask(gate.address(), "/mcp/one", &[&other, &session], CALL);
        let unknown = ask(gate.address(), "/mcp/one", &[&other, "Mcp-Session-Id: no-such"], CALL);
        assert_eq!((foreign.status(), &foreign.body), (404, &unknown.body), "another client of the same principal");
        let names = |answer: &Answer| answer.head.headers.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&foreign), names(&unknown));
        assert_eq!(ask(gate.address(), "/mcp/one", &[&session], CALL).status(), 401, "an id is no credential");
    }
}

#[test]
fn a_stream_ends_when_its_key_is_revoked() {
    let gate = gate(children::config(&children::greeting("answer(message, {'x': 1})")));
    let own = format!("X-API-Key: {}", create(&gate, &["one"]));
    soon("the key is seen", 200, || initialize(&gate, &[&own]).status());
    let opened = initialize(&gate, &[&own]);
    let session = format!("Mcp-Session-Id: {}", opened.header("mcp-session-id").unwrap());
    let mut streams = Vec::new();
    for (path, headers) in [("/mcp/one", vec![own.as_str(), &session]), ("/sse/one", vec![own.as_str()])] {
        let mut http = Http::tcp(gate.address());
        http.send_get(path, &[&["Accept: text/event-stream"], &headers[..]].concat());
        assert_eq!(http.head().unwrap().status, 200);
        streams.push(http);
    }
    assert!(key(&gate, &["revoke", "one"]).status.success());
    let started = Instant::now();
    for mut http in streams {
        http.read_timeout(PATIENCE);
        while matches!(http.piece(), Piece::Bytes(_)) {}
    }
    assert!(started.elapsed() < Duration::from_secs(15), "the streams outlive the key");
}

#[test]
fn what_is_served_is_not_told_to_strangers() {
    let gate = gate(children::config(&children::greeting("answer(message, {'x': 1})")));
    let answers: Vec<(u16, Vec<u8>)> =
        ["/mcp/one", "/mcp/none", "/mcp", "/sse/one", "/sse/none", "/messages/one", "/", "/x"]
            .iter()
            .flat_map(|path| {
                [ask(gate.address(), path, &[], CALL), get(gate.address(), path, &["Accept: text/event-stream"])]
            })
            .map(|answer| (answer.status(), answer.body))
            .collect();
    assert!(answers.iter().all(|answer| answer == &answers[0] && answer.0 == 401), "{answers:?}");
}

#[test]
fn listening_beyond_loopback_needs_authentication() {
    let folder = tempfile::TempDir::new().unwrap();
    let config = folder.path().join("gatehold.yaml");
    let check = |authentication: &str| {
        let text = format!("listen: ['0.0.0.0:1']\n{authentication}servers: {{ one: {{ command: [cat] }} }}\n");
        std::fs::write(&config, text).unwrap();
        run(gatehold().args(["config", "check"]).arg(&config))
    };
    let refused = check("");
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("authentication"), "{}", stderr(&refused));
    assert!(check("authentication: { api_keys: { file: k.json } }\n").status.success());
    let empty = check("authentication: {}\n");
    assert!(stderr(&empty).contains("no way to authenticate"), "{}", stderr(&empty));
}
