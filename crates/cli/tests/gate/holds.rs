//! Calls that wait for a person: asked over the client's own connection in both eras, while everything else goes on;
//! and whatever is not a clear yes of the right person in time is a no.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::children;
use crate::client::{Client, mirrored};
use crate::http::{Http, Target, post};
use crate::running::{Gate, gatehold, until};

const POLICY: &str = "
version: 1
default: allow
rules:
  - {name: ask-me, action: hold, match: {tool: delete}, reason: Deleting needs a yes., approval: {wait: 30s}}
  - {name: quickly, action: hold, match: {tool: hasty}, approval: {wait: 1s}}
";

/// A child that answers every call with what it was sent.
fn child() -> Value {
    let body = "if 'id' in message and 'method' in message: answer(message, {'content': [{'type': 'text', 'text': json.dumps(message.get('params'))}]})";
    children::config(&children::greeting(body))
}

fn gate() -> Gate {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("policy.yaml"), POLICY).unwrap();
    Gate::serve_in(
        folder,
        json!({
            "listen": ["127.0.0.1:0", "unix:socket"], "servers": { "one": child() }, "policy": "policy.yaml",
        }),
    )
}

/// The handshake of a client that can show forms.
fn greet(client: &mut Client) {
    let mut opening = crate::client::opening("2025-11-25");
    opening["capabilities"] = json!({ "elicitation": { "form": {} } });
    client.request("initialize", opening);
    client.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
}

fn wrapped(folder: &TempDir) -> Client {
    std::fs::write(folder.path().join("policy.yaml"), POLICY).unwrap();
    let mut command = gatehold();
    command.arg("wrap").arg("--ledger").arg(folder.path().join("ledger"));
    command.arg("--policy").arg(folder.path().join("policy.yaml"));
    let Value::Array(words) = child()["command"].clone() else { panic!("a command") };
    command.arg("--").args(words.iter().map(|word| word.as_str().unwrap()));
    Client::stdio(&mut command)
}

/// Asks, is asked, says yes; asks, is asked, says no; and others go on meanwhile.
fn asked_on(client: &mut Client, way: &str) {
    greet(client);
    let call = json!({ "name": "delete", "arguments": { "path": format!("/srv/a b\u{202e} {way}") } });
    let held = client.begin("tools/call", call.clone());
    let question = client.next_with(|message| message["method"] == "elicitation/create");
    let shown = question["params"]["message"].as_str().unwrap();
    assert!(shown.contains(r#""path":"/srv/a b\u{202e} "#), "{way}: the very bytes, and nothing deceives: {shown}");
    assert!(shown.contains("Deleting needs a yes.") && shown.contains("ask-me"), "{way}: {shown}");

    let meanwhile = client.call("read", json!({}));
    assert_eq!(meanwhile["result"]["isError"], Value::Null, "{way}: {meanwhile}");

    let choice = |decision: &str| json!({ "action": "accept", "content": { "decision": decision } });
    client.send(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": choice("approve once") }));
    let answer = client.answer(&held);
    assert!(answer["result"]["content"][0]["text"].as_str().unwrap().contains("/srv/a b"), "{way}: {answer}");

    let again = client.begin("tools/call", call);
    let question = client.next_with(|message| message["method"] == "elicitation/create");
    client.send(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": choice("deny") }));
    let answer = client.answer(&again);
    assert_eq!(answer["result"]["isError"], true, "{way}: once is once: {answer}");
    assert!(client.others.is_empty(), "{way}: {:?}", client.others);
}

#[test]
fn a_client_is_asked_on_its_own_connection_and_the_rest_goes_on() {
    let gate = gate();
    asked_on(&mut Client::http(Target::Unix(gate.path("socket")), "/mcp/one"), "HTTP");
    asked_on(&mut Client::lines(&gate.path("socket")), "lines");
    let folder = TempDir::new().unwrap();
    asked_on(&mut wrapped(&folder), "standard streams");
    gate.has_recorded("who approved", |record| record["event"] == "hold_answered");
}

#[test]
fn nobody_in_particular_approves_nothing() {
    let gate = gate();
    let mut client = Client::tcp(gate.address());
    greet(&mut client);
    let answer = client.call("hasty", json!({}));
    assert_eq!(answer["result"]["isError"], true, "an anonymous client is not asked: {answer}");
    assert!(client.others.iter().all(|other| other["method"] != "elicitation/create"), "{:?}", client.others);
}

#[test]
fn what_nobody_answers_is_denied_and_a_client_that_leaves_withdraws() {
    let gate = gate();
    let mut client = Client::http(Target::Unix(gate.path("socket")), "/mcp/one");
    greet(&mut client);
    let answer = client.call("hasty", json!({ "n": 1 }));
    assert_eq!(answer["result"]["isError"], true, "{answer}");
    assert!(answer["result"]["content"][0]["text"].as_str().unwrap().contains("in time"), "{answer}");

    let held = client.begin("tools/call", json!({ "name": "delete", "arguments": {} }));
    client.next_with(|message| message["method"] == "elicitation/create");
    client.leave(&held);
    gate.has_recorded("a withdrawal", |record| record["event"] == "hold_withdrawn");
    let sent = gate.records().iter().any(|record| {
        record["mcp"]["tool"] == "delete" && record["kind"] == "response" && record["direction"] == "from_server"
    });
    assert!(!sent, "the call was made although nobody waited for it");
}

#[test]
fn a_client_without_forms_sees_progress_and_is_answered_when_somebody_has_said_yes() {
    let gate = gate();
    let mut client = Client::http(Target::Unix(gate.path("socket")), "/mcp/one");
    client.shake_hands("2025-06-18");
    let call = json!({ "name": "delete", "arguments": {}, "_meta": { "progressToken": 7 } });
    client.begin("tools/call", call);
    let first = client.next_with(|message| message["method"] == "notifications/progress");
    assert_eq!(first["params"]["progressToken"], 7);
    let second = client.next_with(|message| message["method"] == "notifications/progress");
    assert!(second["params"]["progress"].as_f64() > first["params"]["progress"].as_f64(), "progress rises: {second}");
}

fn modern(id: u32, arguments: &Value, more: Value) -> Value {
    let mut params = json!({
        "name": "delete", "arguments": arguments,
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": { "name": "scripted", "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": { "elicitation": {} },
        },
    });
    for (key, value) in more.as_object().unwrap() {
        params[key] = value.clone();
    }
    json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params })
}

/// One request of the stateless era, and its answer.
fn ask(gate: &Gate, message: &Value) -> Value {
    let headers = mirrored(message);
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    let mut http = Http::connect(&Target::Unix(gate.path("socket")));
    http.send(&post("/mcp/one", &headers, message.to_string().as_bytes()));
    let text = http.answer().text();
    let json = text.lines().rev().find_map(|line| line.strip_prefix("data: ")).unwrap_or(&text).to_owned();
    serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn a_client_of_the_stateless_era_comes_back_with_its_answer() {
    let gate = gate();
    let arguments = json!({ "path": "/srv/x" });
    let asked = ask(&gate, &modern(1, &arguments, json!({})));
    assert_eq!(asked["result"]["resultType"], "input_required", "{asked}");
    let question = &asked["result"]["inputRequests"]["dev.gatehold/approval"];
    assert_eq!(question["method"], "elicitation/create");
    let state = &asked["result"]["requestState"];
    let yes = json!({ "action": "accept", "content": { "decision": "approve once" } });
    let back = |arguments: &Value, answer: &Value| {
        let more = json!({ "inputResponses": { "dev.gatehold/approval": answer }, "requestState": state });
        modern(2, arguments, more)
    };

    let swapped = ask(&gate, &back(&json!({ "path": "/etc" }), &yes));
    assert_ne!(swapped["result"]["content"][0]["type"], "text", "other arguments ride on no approval: {swapped}");

    let answer = ask(&gate, &back(&arguments, &yes));
    let seen: Value = serde_json::from_str(answer["result"]["content"][0]["text"].as_str().unwrap()).unwrap();
    assert_eq!(seen["arguments"], arguments, "{answer}");
    assert_eq!(
        (&seen["requestState"], &seen["inputResponses"]),
        (&Value::Null, &Value::Null),
        "the server sees nothing of it"
    );

    let replayed = ask(&gate, &back(&arguments, &yes));
    assert_eq!(replayed["result"]["resultType"], "input_required", "once is once: {replayed}");
}

#[test]
fn a_made_up_state_is_worth_nothing() {
    let gate = gate();
    let yes = json!({ "action": "accept", "content": { "decision": "approve once" } });
    let more =
        json!({ "inputResponses": { "dev.gatehold/approval": yes }, "requestState": "gatehold-hold:aaaaaaaaaaaa" });
    let answer = ask(&gate, &modern(1, &json!({}), more));
    assert_eq!(answer["result"]["resultType"], "input_required", "it is asked anew: {answer}");
}

#[test]
fn a_hold_in_a_batch_is_denied() {
    let gate = gate();
    let mut client = Client::lines(&gate.path("socket"));
    client.shake_hands("2025-03-26");
    let call = json!({ "jsonrpc": "2.0", "id": "b", "method": "tools/call", "params": { "name": "delete" } });
    client.send(&json!([call]));
    let answers = client.next_with(|message| message.is_array() || message["id"] == "b");
    let answer = answers.get(0).unwrap_or(&answers);
    assert_eq!(answer["result"]["isError"], true, "{answers}");
    until("its record", || gate.records().iter().any(|record| record["decision"]["rule"] == "approval:unasked"));
}
