//! The failure table: what fails becomes an input of the decision, its default is deny, the peer is told in its own
//! terms, and the operator learns what to do. One test a row; the row about detectors that panic is tested where a
//! detector can be made to panic (`gatehold-gateway`, `pipeline`).

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::children;
use crate::client::Client;
use crate::http::{ask, get};
use crate::running::{Gate, gatehold, run, stderr, verify, write_config};
use crate::upstream::Upstream;

const CALL: &str = r#"{"jsonrpc":"2.0","id":"q","method":"tools/call","params":{"name":"x","arguments":{"amount":1}}}"#;

fn server() -> Upstream {
    Upstream::answering("200 OK", r#"{"jsonrpc":"2.0","id":ID,"result":{"content":[]}}"#)
}

#[test]
fn row_a_message_that_does_not_parse_or_passes_a_limit() {
    let server = server();
    let gate = Gate::serve(
        json!({ "servers": { "one": server.config() }, "limits": { "message_bytes_max": 2000, "depth_max": 8 } }),
    );
    let large = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"x","params":{{"a":"{}"}}}}"#, "a".repeat(2000));
    let deep =
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"x","params":{{"a":{}{}}}}}"#, "[".repeat(9), "]".repeat(9));
    for (body, reason, key) in [
        (r#"{"jsonrpc":"#, "invalid_json", ""),
        (&large, "too_large", "limits.message_bytes_max"),
        (&deep, "too_deep", "limits.depth_max"),
    ] {
        let answer = ask(gate.address(), "/mcp/one", &[], body);
        let error = answer.json()["error"].clone();
        assert_eq!(error["data"]["reason"], reason);
        let id = error["data"]["record"].as_str().expect("the id of the record").to_owned();
        let records = gate.records();
        let record = records.iter().find(|record| record["id"] == *id).unwrap_or_else(|| panic!("{id} in {records:?}"));
        assert_eq!(
            (record["decision"]["action"].as_str(), record["findings"][0]["rule"].as_str()),
            (Some("deny"), Some(reason))
        );
        assert!(record["decision"]["reason"].as_str().unwrap().contains(key), "{record}");
    }
    assert!(server.seen().is_empty());
}

#[test]
fn row_a_policy_that_errors_while_it_is_evaluated() {
    let server = server();
    let policy = "
version: 1
default: allow
rules:
  - {name: no-large-sums, action: deny, match: {tool: x, arguments: {amount: {above: 100}}}}
";
    let gate = Gate::ruled(server.config(), policy);
    assert!(ask(gate.address(), "/mcp/one", &[], CALL).json()["result"]["isError"].is_null());
    let answer = ask(gate.address(), "/mcp/one", &[], &CALL.replace(":1}", ":\"one hundred and one\"}"));
    let decision = answer.json()["result"]["_meta"]["dev.gatehold/decision"].clone();
    assert_eq!((answer.status(), &decision["reason"]), (200, &json!("policy_error")), "{}", answer.text());
    let records = gate.records();
    let record = records.iter().find(|record| record["id"] == decision["record"]).unwrap();
    assert_eq!(record["decision"]["rule"], "policy-error");
    assert_eq!(server.seen().len(), 1);
}

/// The gateway with a limit on the size of files, so that the ledger fails in the middle as on a full disk.
fn with_little_space(arguments: &[&std::ffi::OsStr]) -> Command {
    let mut command = Command::new("bash");
    // The signal is ignored so that the write fails, as it does on a full disk, instead of ending the process.
    command
        .args(["-c", "trap '' XFSZ; ulimit -f 24; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_gatehold")])
        .args(arguments);
    command
}

#[test]
fn row_evidence_that_cannot_be_written_over_http() {
    let server = server();
    let folder = TempDir::new().unwrap();
    write_config(folder.path(), json!({ "servers": { "one": server.config() } }));
    let config = folder.path().join("gatehold.yaml");
    let mut gate =
        Gate::start(folder, &mut with_little_space(&["serve".as_ref(), "--config".as_ref(), config.as_os_str()]));
    assert_eq!(get(gate.admin(), "/readyz", &[]).status(), 200);
    let mut passed = 0;
    let refused = loop {
        let answer = ask(gate.address(), "/mcp/one", &[], CALL);
        if answer.json().get("error").is_some() {
            break answer;
        }
        passed += 1;
        assert!(passed < 500, "the ledger never fails");
    };
    assert!(passed > 2);
    assert_eq!((refused.error_code(), &refused.json()["id"]), (-32603, &json!("q")));
    assert!(refused.text().contains("could not record"), "{}", refused.text());
    // The record of the last request may have been the last that fitted; its answer then could not be recorded.
    let seen = server.seen().len();
    assert!(seen == passed || seen == passed + 1, "{seen} of {passed}");
    for _ in 0..3 {
        assert_eq!(ask(gate.address(), "/mcp/one", &[], CALL).error_code(), -32603);
        assert_eq!(ask(gate.address(), "/mcp/one", &[], "{").error_code(), -32603);
        let notification = r#"{"jsonrpc":"2.0","method":"notifications/x"}"#;
        assert_eq!(ask(gate.address(), "/mcp/one", &[], notification).status(), 202);
        let stream = get(gate.address(), "/mcp/one", &["Accept: text/event-stream"]);
        assert_eq!(stream.status(), 503, "also a stream is not opened without a record");
    }
    assert_eq!(server.seen().len(), seen, "not a byte of what was refused");
    let ready = get(gate.admin(), "/readyz", &[]);
    assert_eq!(ready.status(), 503);
    assert!(ready.text().contains("Free space"), "{}", ready.text());
    assert_eq!(get(gate.admin(), "/healthz", &[]).status(), 200);
    gate.running.signal(rustix::process::Signal::TERM);
    gate.running.ends();
    let (code, said) = verify(&gate.path("ledger"));
    assert!(code == 0 || said.contains("TORN"), "{code}: {said}");
}

#[test]
fn row_evidence_that_cannot_be_written_on_standard_streams() {
    let folder = TempDir::new().unwrap();
    let seen = folder.path().join("seen");
    let program = format!(
        "for message in messages():\n    open({:?}, 'a').write('x')\n    answer(message, {{}})",
        seen.display().to_string()
    );
    let ledger = folder.path().join("ledger");
    let mut arguments: Vec<std::ffi::OsString> = ["wrap", "--ledger"].map(Into::into).into();
    arguments.push(ledger.into());
    arguments.push("--".into());
    arguments.extend(children::command(&program).into_iter().map(Into::into));
    let arguments: Vec<&std::ffi::OsStr> = arguments.iter().map(AsRef::as_ref).collect();
    let mut client = Client::stdio(&mut with_little_space(&arguments));
    let mut passed = 0;
    while client.request("tools/list", json!({})).get("error").is_none() {
        passed += 1;
        assert!(passed < 500);
    }
    for _ in 0..5 {
        assert_eq!(client.request("tools/list", json!({}))["error"]["code"], -32603);
    }
    let seen = std::fs::read_to_string(seen).unwrap().len();
    assert!(seen == passed || seen == passed + 1, "{seen} of {passed}");
    client.hang_up();
    assert!(client.is_left());
}

#[test]
fn row_evidence_that_cannot_be_written_from_the_start() {
    let server = server();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("a-file");
    std::fs::write(&file, "").unwrap();
    write_config(folder.path(), json!({ "servers": { "one": server.config() }, "ledger": { "folder": file } }));
    let output = run(gatehold().args(["serve", "--config"]).arg(folder.path().join("gatehold.yaml")));
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(said.contains("a-file") && said.contains("nothing is let through"), "{said}");
    assert!(!said.contains("listening"), "{said}");

    let started = folder.path().join("started");
    let program = format!("open({:?}, 'w')", started.display().to_string());
    let output = run(gatehold().args(["wrap", "--ledger"]).arg(&file).arg("--").args(children::command(&program)));
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(2), &b""[..]));
    assert!(!started.exists(), "the server was not even started");
}

#[test]
fn row_an_upstream_that_dies_names_whose_fault_it_is() {
    let program = children::greeting("sys.stderr.write('database is gone\\n'); sys.stderr.flush(); os._exit(7)");
    let mut gate = Gate::before(children::config(&program));
    let mut client = Client::tcp(gate.address());
    client.shake_hands("2025-06-18");
    let answer = client.call("x", json!({}));
    assert_eq!(answer["error"]["code"], -32603);
    assert!(answer["error"]["message"].as_str().unwrap().contains("gateway is well"), "{answer}");
    gate.running.hears("[one] database is gone");
    gate.has_recorded("how it ended", |record| {
        record["event"] == "server_ended" && record["fields"]["how"].as_str().is_some_and(|how| how.contains('7'))
    });
}

#[test]
fn row_a_new_configuration_that_is_invalid() {
    let server = server();
    let mut gate = Gate::before(server.config());
    let good = std::fs::read_to_string(gate.path("gatehold.yaml")).unwrap();
    for (bad, words) in [
        ("servers: [", "gatehold.yaml:1"),
        ("serverz: {}\nservers: {one: {url: 'http://127.0.0.1:1/'}}", "did you mean `servers`?"),
        ("servers: {}", "no server is configured"),
        ("servers: {one: {url: 'ftp://x'}}", "must begin with http"),
        ("policy: no-such.yaml\nservers: {one: {url: 'http://127.0.0.1:1/'}}", "no-such.yaml cannot be read"),
        ("listen: '0.0.0.0:0'\nservers: {one: {url: 'http://127.0.0.1:1/'}}", "refusing to listen"),
    ] {
        let before = gate.running.said().matches("the old one stays").count();
        std::fs::write(gate.path("gatehold.yaml"), bad).unwrap();
        gate.running.signal(rustix::process::Signal::HUP);
        gate.running.hears_times("the old one stays", before + 1);
        gate.running.hears(words);
        assert_eq!(ask(gate.address(), "/mcp/one", &[], CALL).status(), 200, "{bad}");
    }
    gate.has_recorded("the refusal", |record| record["event"] == "reload_refused");
    std::fs::write(gate.path("gatehold.yaml"), good).unwrap();
    gate.running.signal(rustix::process::Signal::HUP);
    gate.running.hears("is in use");
    gate.end_well();
}

#[test]
fn a_ledger_on_a_disk_with_every_record_synced_is_as_good() {
    let server = server();
    let folder = TempDir::new().unwrap();
    let ledger = folder.path().join("ledger");
    let mut gate = Gate::serve_in(
        folder,
        json!({ "servers": { "one": server.config() }, "ledger": { "folder": ledger, "durability": "disk" } }),
    );
    for _ in 0..3 {
        assert_eq!(ask(gate.address(), "/mcp/one", &[], CALL).status(), 200);
    }
    gate.end_well();
}

#[test]
fn standard_error_that_nobody_reads_stops_nothing() {
    let program = children::greeting("sys.stderr.write('x' * 1000 + '\\n')\nanswer(message, {'x': 1})");
    let folder = TempDir::new().unwrap();
    let mut child = gatehold()
        .arg("wrap")
        .arg("--ledger")
        .arg(folder.path())
        .arg("--")
        .args(children::command(&program))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Its reader is gone at once.
    drop(child.stderr.take());
    let mut stdin = child.stdin.take().unwrap();
    for id in 0..200 {
        stdin.write_all(format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"x\"}}\n").as_bytes()).unwrap();
    }
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let answers: Vec<Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 200);
}
