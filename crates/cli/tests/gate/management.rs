//! The admin API: every route is closed to whoever has no credential or not the role, and does what it says for whoever
//! has it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::children;
use crate::client::Client;
use crate::http::{Answer, Http, Target};
use crate::running::{Gate, gatehold, run};

const POLICY: &str = "
version: 1
default: allow
rules:
  - {name: ask, action: hold, match: {tool: delete}, approval: {wait: 30s, ask: [admin, host]}}
";

struct Managed {
    gate: Gate,
    keys: HashMap<&'static str, String>,
}

impl Managed {
    /// A gateway with keys of these names and roles.
    fn start(keys: &[(&'static str, &[&str])]) -> Managed {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("policy.yaml"), POLICY).unwrap();
        let keys = keys.iter().map(|(name, roles)| (*name, create_key(folder.path(), name, roles))).collect();
        let body = "if 'id' in message and 'method' in message: answer(message, {'content': []})";
        let gate = Gate::serve_in(
            folder,
            json!({
                "listen": ["127.0.0.1:0", "unix:socket"],
                "admin": { "listen": "127.0.0.1:0", "socket": "admin" },
                "servers": { "one": children::config(&children::greeting(body)) },
                "policy": "policy.yaml",
                "state": { "folder": "state" },
                "authentication": { "api_keys": { "file": "keys.json" } },
            }),
        );
        Managed { gate, keys }
    }

    fn key(&self, name: &str) -> &str {
        &self.keys[name]
    }

    fn ask(&self, key: Option<&str>, method: &str, path: &str, body: Option<&Value>) -> Answer {
        request(&Target::Tcp(self.gate.admin()), key, method, path, body)
    }

    fn socket(&self) -> PathBuf {
        self.gate.path("admin")
    }
}

fn create_key(folder: &Path, name: &str, roles: &[&str]) -> String {
    let mut command = gatehold();
    command.args(["key", "create", name, "--file"]).arg(folder.join("keys.json"));
    for role in roles {
        command.args(["--role", role]);
    }
    let output = run(&mut command);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    said.split_whitespace().find(|word| word.starts_with("gh_")).unwrap_or_else(|| panic!("{said}")).to_owned()
}

fn request(target: &Target, key: Option<&str>, method: &str, path: &str, body: Option<&Value>) -> Answer {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
    if let Some(key) = key {
        head.push_str(&format!("Authorization: Bearer {key}\r\n"));
    }
    let body = body.map(Value::to_string).unwrap_or_default();
    if !body.is_empty() {
        head.push_str(&format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()));
    }
    let mut http = Http::connect(target);
    http.send(format!("{head}\r\n{body}").as_bytes());
    http.answer()
}

fn parsed(answer: &Answer) -> Value {
    serde_json::from_str(&answer.text()).unwrap_or_else(|error| panic!("{error}: {}", answer.text()))
}

/// Every route with its method and roles, from the published description.
fn routes(description: &Value) -> Vec<(String, String, Vec<String>)> {
    let mut routes = Vec::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let roles = operation["x-roles"].as_array().unwrap();
            let roles = roles.iter().map(|role| role.as_str().unwrap().to_owned()).collect();
            routes.push((method.to_uppercase(), path.replace("{id}", "nothing"), roles));
        }
    }
    routes
}

#[test]
fn no_route_is_open_without_a_credential_or_with_another_role() {
    let roles = ["viewer", "operator", "approver", "policy-admin", "auditor"];
    let managed = Managed::start(&[
        ("viewer", &["viewer"]),
        ("operator", &["operator"]),
        ("approver", &["approver"]),
        ("policy-admin", &["policy-admin"]),
        ("auditor", &["auditor"]),
        ("nobody", &[]),
    ]);
    let keys = roles.map(|role| (role, managed.key(role)));
    let nobody = managed.key("nobody");
    let answer = managed.ask(Some(keys[0].1), "GET", "/openapi.json", None);
    assert_eq!(answer.status(), 200, "{}", answer.text());
    let routes = routes(&parsed(&answer));
    assert!(routes.len() >= 17, "{routes:?}");
    let body = json!({});
    // The one exception: a token in the body is the proof, whoever sends it, and no role replaces it.
    let (by_token, routes): (Vec<_>, Vec<_>) = routes.into_iter().partition(|(_, _, allowed)| allowed.is_empty());
    let [(method, path, _)] = &by_token[..] else { panic!("{by_token:?}") };
    assert_eq!((method.as_str(), path.as_str()), ("POST", "/v1/approvals/nothing/answer-by-token"));
    let guess = json!({ "decision": "once", "digest": "00", "token": "00", "by": "boss" });
    for key in [None, Some(keys[2].1), Some("gh_wrong")] {
        assert_eq!(managed.ask(key, method, path, Some(&guess)).status(), 401);
        assert_eq!(managed.ask(key, method, path, Some(&body)).status(), 400);
        assert_eq!(managed.ask(None, "GET", path, None).status(), 401, "by no other method");
    }
    for (method, path, allowed) in &routes {
        let body = (method != "GET" && method != "DELETE").then_some(&body);
        for wrong in [None, Some("gh_wrong"), Some("")] {
            let answer = managed.ask(wrong, method, path, body);
            assert_eq!(answer.status(), 401, "{method} {path} with {wrong:?}: {}", answer.text());
        }
        assert_eq!(managed.ask(Some(nobody), method, path, body).status(), 403, "{method} {path} without a role");
        for (role, key) in &keys {
            let status = managed.ask(Some(key), method, path, body).status();
            let may = allowed.iter().any(|allowed| allowed == role);
            assert_eq!(status != 403, may, "{method} {path} as {role}: {status}");
            assert_ne!(status, 401, "{method} {path} as {role}");
            assert!(status < 500, "{method} {path} as {role}: {status}");
        }
    }
    let answer = managed.ask(None, "GET", "/v1/nothing", None);
    assert_eq!(answer.status(), 401, "what exists is not told to anybody");
}

#[test]
fn an_approver_lets_a_held_call_through_and_only_the_one_that_was_shown() {
    let managed = Managed::start(&[("boss", &["approver"])]);
    let approver = managed.key("boss");
    let mut client = Client::http(Target::Unix(managed.gate.path("socket")), "/mcp/one");
    client.shake_hands("2025-06-18");
    let held = client.begin("tools/call", json!({ "name": "delete", "arguments": { "path": "/srv/x" } }));
    let waiting = loop {
        let listed = parsed(&managed.ask(Some(approver), "GET", "/v1/approvals", None));
        if let Some(first) = listed["approvals"].get(0) {
            break first.clone();
        }
    };
    assert!(waiting["message"].as_str().unwrap().contains("/srv/x"), "{waiting}");
    let path = format!("/v1/approvals/{}/answer", waiting["id"].as_str().unwrap());
    let other = json!({ "decision": "once", "digest": "00" });
    assert_eq!(managed.ask(Some(approver), "POST", &path, Some(&other)).status(), 409);
    let unknown = json!({ "decision": "once", "digest": waiting["digest"], "run": "x" });
    assert_eq!(managed.ask(Some(approver), "POST", &path, Some(&unknown)).status(), 400, "unknown members");
    let yes = json!({ "decision": "once", "digest": waiting["digest"] });
    let answer = managed.ask(Some(approver), "POST", &path, Some(&yes));
    assert_eq!((answer.status(), &parsed(&answer)["outcome"]), (200, &json!("approved")));
    assert_eq!(client.answer(&held)["result"]["content"], json!([]));
    assert_eq!(managed.ask(Some(approver), "POST", &path, Some(&yes)).status(), 404, "it waits no more");
}

#[test]
fn a_policy_is_checked_and_replaced_and_the_old_one_is_kept() {
    let managed = Managed::start(&[("rules", &["policy-admin"])]);
    let admin = managed.key("rules");
    std::fs::write(managed.gate.path("private.yaml"), "secret-line: 1\n").unwrap();
    for named in ["private.yaml", "./private.yaml", "/etc/passwd", "../private.yaml"] {
        let text = json!({ "text": format!("version: 1\nextends: [{named}]\n") });
        let told = managed.ask(Some(admin), "POST", "/v1/policy/check", Some(&text)).text();
        assert!(
            told.contains("extended from here") && !told.contains("secret-line") && !told.contains("root:"),
            "{told}"
        );
    }
    let shown = parsed(&managed.ask(Some(admin), "GET", "/v1/policy", None));
    assert_eq!(shown["text"], POLICY);
    let checked =
        managed.ask(Some(admin), "POST", "/v1/policy/check", Some(&json!({ "text": "version: 1\nrulez: []\n" })));
    let checked = parsed(&checked);
    assert_eq!(checked["valid"], false);
    assert!(checked["errors"].as_str().unwrap().contains("rulez"), "{checked}");
    let text =
        "version: 1\ndefault: allow\nrules:\n  - {name: none, action: deny, match: {tool: delete}, reason: Never.}\n";
    let stale = json!({ "text": text, "replaces": "00" });
    assert_eq!(managed.ask(Some(admin), "PUT", "/v1/policy", Some(&stale)).status(), 409);
    let wrong = json!({ "text": "version: 2\n", "replaces": shown["sha256"] });
    assert_eq!(managed.ask(Some(admin), "PUT", "/v1/policy", Some(&wrong)).status(), 422);
    let applied =
        managed.ask(Some(admin), "PUT", "/v1/policy", Some(&json!({ "text": text, "replaces": shown["sha256"] })));
    assert_eq!(applied.status(), 200, "{}", applied.text());
    let kept = parsed(&applied)["kept"].as_str().unwrap().to_owned();
    assert_eq!(std::fs::read_to_string(kept).unwrap(), POLICY);
    managed.gate.has_recorded("who changed the policy", |record| record["event"] == "admin_policy_applied");
    managed.gate.has_recorded("the reload", |record| record["event"] == "reloaded");
    let mut client = Client::http(Target::Unix(managed.gate.path("socket")), "/mcp/one");
    client.shake_hands("2025-06-18");
    assert_eq!(client.call("delete", json!({}))["error"]["code"], -32602, "the new policy hides it");
}

#[test]
fn the_socket_knows_its_user_and_grants_and_sessions_are_managed() {
    let managed = Managed::start(&[]);
    let target = Target::Unix(managed.socket());
    let mut client = Client::http(Target::Unix(managed.gate.path("socket")), "/mcp/one");
    client.shake_hands("2025-06-18");
    let sessions = parsed(&request(&target, None, "GET", "/v1/sessions", None));
    let session = sessions["sessions"][0]["session"].as_str().unwrap().to_owned();
    assert!(!sessions.to_string().contains(&client.session()), "the id that opens a session is told to nobody");
    let ended = request(&target, None, "DELETE", &format!("/v1/sessions/{session}"), None);
    assert_eq!(ended.status(), 200, "{}", ended.text());
    assert_eq!(request(&target, None, "DELETE", &format!("/v1/sessions/{session}"), None).status(), 404);

    let grant = json!({ "principal": "ada", "servers": ["one"], "tools": ["delete"], "seconds": 60 });
    let given = request(&target, None, "POST", "/v1/grants", Some(&grant));
    assert_eq!(given.status(), 200, "{}", given.text());
    let id = parsed(&given)["id"].as_str().unwrap().to_owned();
    assert_eq!(parsed(&request(&target, None, "GET", "/v1/grants", None))["grants"][0]["id"], id.as_str());
    assert_eq!(request(&target, None, "DELETE", &format!("/v1/grants/{id}"), None).status(), 200);
    let own = format!("uid:{}", rustix::process::geteuid().as_raw());
    let selfish = json!({ "principal": own, "servers": ["one"], "tools": ["*"], "seconds": 60 });
    assert_eq!(
        request(&target, None, "POST", "/v1/grants", Some(&selfish)).status(),
        403,
        "nobody grants to themselves"
    );
    for route in ["/v1/servers", "/v1/limits", "/v1/ledger", "/v1/policy"] {
        assert_eq!(request(&target, None, "GET", route, None).status(), 200, "{route}");
    }
}

#[test]
fn a_reload_under_load_loses_no_call_and_no_call_sees_half_of_it() {
    let folder = TempDir::new().unwrap();
    // Generation `a` has server `a` and a policy that allows it only; generation `b` the same with `b`.
    let body = |name: &str| {
        format!("if 'id' in message: answer(message, {{'content': [{{'type': 'text', 'text': '{name}'}}]}})")
    };
    let config = |name: &str| {
        let policy =
            format!("version: 1\nrules:\n  - {{name: {name}, action: allow, match: {{server: one, tool: {name}}}}}\n");
        std::fs::write(folder.path().join(format!("{name}.yaml")), policy).unwrap();
        json!({
            "listen": ["127.0.0.1:0"], "policy": format!("{name}.yaml"),
            "servers": { "one": children::config(&children::greeting(&body(name))) },
        })
    };
    let (a, b) = (config("a"), config("b"));
    let path = folder.path().to_owned();
    let gate = Gate::serve_in(folder, a.clone());
    let address = gate.address();
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "scripted", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let callers: Vec<_> = ["a", "b", "a", "b"]
        .into_iter()
        .map(|tool| {
            let (stop, meta) = (std::sync::Arc::clone(&stop), meta.clone());
            std::thread::spawn(move || {
                let mut seen = (0_u32, 0_u32);
                let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": tool, "arguments": {}, "_meta": meta } });
                let headers = crate::client::mirrored(&call);
                let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    let answer = crate::http::ask(address, "/mcp/one", &headers, &call.to_string());
                    let text = answer.text();
                    // Allowed only where policy and server are of the same generation.
                    if text.contains("\"text\"") && !text.contains("Refused") && !text.contains("isError") {
                        assert!(text.contains(&format!("\"text\":\"{tool}\"")), "policy of {tool}, server of the other: {text}");
                        seen.0 += 1;
                    } else {
                        assert!(text.contains("Unknown tool") || text.contains("Refused") || text.contains("server ended"), "lost: {} {text}", answer.status());
                        seen.1 += 1;
                    }
                }
                seen
            })
        })
        .collect();
    for turn in 0..6 {
        let before = gate.records().iter().filter(|record| record["event"] == "reloaded").count();
        crate::running::write_config(&path, if turn % 2 == 0 { b.clone() } else { a.clone() });
        crate::running::until("the reload", || {
            gate.records().iter().filter(|record| record["event"] == "reloaded").count() > before
        });
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    let seen: Vec<(u32, u32)> = callers.into_iter().map(|caller| caller.join().unwrap()).collect();
    assert!(seen.iter().all(|(allowed, denied)| *allowed > 0 && *denied > 0), "{seen:?}");
}
