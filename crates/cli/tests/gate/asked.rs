//! Calls that wait for people, through running gateways: answered, denied and left alone on the host; stepped up with a
//! code; and let through by grants that come and go while the gateway runs.

use std::process::Output;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use totp_rs::{Builder, Secret};

use crate::answers::CHILD;
use crate::approvals::stdout;
use crate::children;
use crate::client::Client;
use crate::running::{Gate, gatehold, run, stderr, until};

const ASKING: &str = "
version: 1
default: allow
rules:
  - name: ask
    action: hold
    match: {tool: echo}
    reason: Echoing needs a yes.
    approval: {wait: 20s, ask: [host]}
  - name: quick
    action: hold
    match: {tool: count}
    approval: {wait: 1s, ask: [host]}
";

fn serving(policy: &str) -> Gate {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("policy.yaml"), policy).unwrap();
    Gate::serve_in(folder, json!({ "servers": { "one": children::config(CHILD) }, "policy": "policy.yaml" }))
}

/// Runs a command that shares the gateway's folders.
fn on_host(gate: &Gate, arguments: &[&str]) -> Output {
    let mut command = gatehold();
    command.env("GATEHOLD_STATE", gate.path("state")).env("GATEHOLD_LEDGER", gate.path("ledger"));
    run(command.args(arguments))
}

/// The id of the one call that waits.
fn waiting(gate: &Gate) -> String {
    let holds = || -> Vec<Value> {
        serde_json::from_slice(&on_host(gate, &["approvals", "list", "--json"]).stdout).unwrap_or_default()
    };
    until("a call waits", || !holds().is_empty());
    holds()[0]["id"].as_str().unwrap().to_owned()
}

fn is_error(answer: &Value) -> bool {
    answer["result"]["isError"] == true
}

#[test]
fn a_held_call_goes_on_when_somebody_says_yes() {
    let mut gate = serving(ASKING);
    let mut client = Client::tcp(gate.address());
    client.shake_hands("2025-06-18");
    let id = client.begin("tools/call", json!({ "name": "echo", "arguments": { "text": "hello" } }));
    let hold = waiting(&gate);
    let shown = stdout(&on_host(&gate, &["approvals", "show", &hold]));
    assert!(shown.contains(r#""text":"hello""#) && shown.contains("Echoing needs a yes."), "{shown}");
    let approved = on_host(&gate, &["approvals", "approve", &hold[..6], "--session"]);
    assert_eq!(stdout(&approved), "approved, to the end of the session\n", "{}", stderr(&approved));
    let answer = client.answer(&id);
    assert!(!is_error(&answer) && answer.to_string().contains("hello"), "{answer}");
    let again = client.call("echo", json!({ "text": "hello" }));
    assert!(!is_error(&again), "the same call of the same session: {again}");
    gate.has_recorded("the approval let it through", |record| record["decision"]["rule"] == format!("approval:{hold}"));
    let id = client.begin("tools/call", json!({ "name": "echo", "arguments": { "text": "other" } }));
    let other = waiting(&gate);
    assert_ne!(other, hold, "other arguments are asked about");
    on_host(&gate, &["approvals", "deny", &other, "--reason", "not this"]);
    let denied = client.answer(&id);
    assert!(is_error(&denied), "{denied}");
    gate.end_well();
}

#[test]
fn what_nobody_answers_is_denied_in_time() {
    let gate = serving(ASKING);
    let mut client = Client::tcp(gate.address());
    client.shake_hands("2025-06-18");
    let begun = Instant::now();
    let answer = client.call("count", json!({}));
    assert!(is_error(&answer), "{answer}");
    assert!((1..15).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    gate.has_recorded("it expired", |record| record["event"] == "hold_expired");
    assert!(stderr(&on_host(&gate, &["approvals", "list"])).contains("nothing waits"));
}

#[test]
fn a_gateway_that_is_killed_leaves_nothing_that_waits() {
    let gate = serving(ASKING);
    let mut client = Client::tcp(gate.address());
    client.shake_hands("2025-06-18");
    let _id = client.begin("tools/call", json!({ "name": "echo", "arguments": { "text": "hello" } }));
    let hold = waiting(&gate);
    gate.running.signal(rustix::process::Signal::KILL);
    until("nothing waits", || stderr(&on_host(&gate, &["approvals", "list"])).contains("nothing waits"));
    let late = on_host(&gate, &["approvals", "approve", &hold]);
    assert_eq!(late.status.code(), Some(1), "{late:?}");
    let left = std::fs::read_dir(gate.path("state").join("holds")).unwrap();
    assert_eq!(left.filter(|entry| entry.as_ref().unwrap().path().is_dir()).count(), 0);
}

#[test]
fn a_code_lets_a_stepped_up_call_go_on_and_lasts() {
    const STEPPED: &str = "
version: 1
default: allow
rules:
  - {name: step, action: step_up, match: {tool: echo}, second_factor: {wait: 20s, lasts: 5m}}
";
    let folder = TempDir::new().unwrap();
    let (state, ledger) = (folder.path().join("state"), folder.path().join("ledger"));
    let policy = folder.path().join("policy.yaml");
    std::fs::write(&policy, STEPPED).unwrap();
    let command = |arguments: &[&str]| {
        let mut command = gatehold();
        command.env("GATEHOLD_STATE", &state).env("GATEHOLD_LEDGER", &ledger).env("GATEHOLD_PRINCIPAL", "ada");
        command.args(arguments);
        command
    };
    // Enrolled as the library would: the screen is looked at elsewhere.
    let enrolled = crate::mfa::enrol_in(folder.path(), "ada");
    let totp = Builder::new().with_secret(Secret::try_from_base32(&enrolled.secret).unwrap()).build().unwrap();
    let child = children::config(CHILD);
    let words: Vec<String> =
        child["command"].as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect();
    let mut wrap = command(&["wrap", "--policy"]);
    wrap.arg(&policy).arg("--").args(&words);
    let mut client = Client::stdio(&mut wrap);
    client.shake_hands("2025-06-18");
    let id = client.begin("tools/call", json!({ "name": "echo", "arguments": { "text": "paid" } }));
    until("a call waits for a code", || stdout(&run(&mut command(&["approvals", "list"]))).contains("needs a code"));
    let code = totp.generate(now()).to_string();
    let wrong = run(&mut command(&["mfa", "verify", "000000"]));
    assert_eq!(wrong.status.code(), Some(1));
    let given = run(&mut command(&["mfa", "verify", &code]));
    let given =
        if given.status.success() { given } else { run(&mut command(&["mfa", "verify", &enrolled.recovery[0]])) };
    assert_eq!(given.status.code(), Some(0), "{}", stderr(&given));
    let answer = client.answer(&id);
    assert!(!is_error(&answer) && answer.to_string().contains("paid"), "{answer}");
    let again = client.call("echo", json!({ "text": "paid again" }));
    assert!(!is_error(&again), "it lasts: {again}");
}

fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

#[test]
fn grants_come_and_go_while_the_gateway_runs() {
    const DENYING: &str = "
version: 1
default: deny
forbid:
  - {name: never, match: {tool: count}}
rules:
  - {name: talk, action: allow, match: {method: [initialize, 'notifications/*', tools/list]}}
";
    let mut gate = serving(DENYING);
    let mut client = Client::tcp(gate.address());
    client.shake_hands("2025-06-18");
    assert!(client.call("echo", json!({ "text": "x" })).to_string().contains("-32602"), "hidden by default");
    let add = ["grant", "add", "--for", "1h", "--principal", "anonymous", "--server", "one", "--json"];
    let added = on_host(&gate, &[&add[..], &["--tool", "echo", "--tool", "count"]].concat());
    let id = serde_json::from_slice::<Value>(&added.stdout).unwrap()["id"].as_str().unwrap().to_owned();
    let given = Instant::now();
    until("the grant is live", || given.elapsed() > Duration::from_millis(200));
    let granted = client.call("echo", json!({ "text": "granted" }));
    assert!(granted["result"].to_string().contains("granted"), "{granted}");
    gate.has_recorded("the grant let it through", |record| record["decision"]["rule"] == format!("grant:{id}"));
    assert!(client.call("count", json!({}))["result"]["content"][0]["text"] != "granted", "what is forbidden stays so");
    let forbidden = client.call("count", json!({}));
    assert!(forbidden.get("error").is_some() || is_error(&forbidden), "{forbidden}");
    on_host(&gate, &["grant", "revoke", &id]);
    std::thread::sleep(Duration::from_millis(200));
    let revoked = client.call("echo", json!({ "text": "x" }));
    assert!(revoked.get("error").is_some() || is_error(&revoked), "{revoked}");
    on_host(&gate, &["grant", "add", "--for", "1s", "--principal", "anonymous", "--tool", "echo"]);
    gate.has_recorded("it ends by itself", |record| record["event"] == "grant_expired");
    let ended = client.call("echo", json!({ "text": "x" }));
    assert!(ended.get("error").is_some() || is_error(&ended), "{ended}");
    gate.end_well();
}
