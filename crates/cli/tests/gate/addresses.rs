//! Answers from afar: by the one-time token that a webhook was sent, and at the address that a client was sent.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::mpsc;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::children;
use crate::client::Client;
use crate::http::{Answer, Http, Target, ask, get};
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

const STEPPED: &str = "
version: 1
default: allow
rules:
  - {name: step, action: step_up, match: {tool: delete}, second_factor: {wait: 40s, lasts: 1s}}
";

fn form(admin: SocketAddr, path: &str, headers: &[&str], body: &str) -> Answer {
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
        body.len()
    );
    for header in headers {
        request.push_str(&format!("{header}\r\n"));
    }
    let mut http = Http::connect(&Target::Tcp(admin));
    http.send(format!("{request}\r\n{body}").as_bytes());
    http.answer()
}

/// The path of an address that a client was sent.
fn path_of(params: &Value) -> String {
    assert_eq!(params["mode"], "url", "{params}");
    params["url"].as_str().unwrap().strip_prefix("https://gate.example").unwrap().to_owned()
}

/// A client that can open addresses, and shows no forms.
fn opening_addresses(gate: &Gate) -> Client {
    let mut client = Client::http(Target::Unix(gate.path("socket")), "/mcp/one");
    let mut opening = crate::client::opening("2025-11-25");
    opening["capabilities"] = json!({ "elicitation": { "url": {} } });
    client.request("initialize", opening);
    client.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
    client
}

#[test]
fn a_code_is_given_at_an_address_and_nowhere_else() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("policy.yaml"), STEPPED).unwrap();
    let own = format!("uid:{}", rustix::process::geteuid().as_raw());
    let enrolled = crate::mfa::enrol_in(folder.path(), &own);
    let gate = Gate::serve_in(
        folder,
        json!({
            "listen": ["unix:socket"], "state": { "folder": "state" }, "servers": { "one": child() }, "policy": "policy.yaml",
            "admin": { "listen": "127.0.0.1:0", "public_url": "https://gate.example" },
        }),
    );
    let own_form = ["Sec-Fetch-Site: same-origin", "Origin: null"];
    let mut client = opening_addresses(&gate);
    let mut held = |path: &str| {
        let call = client.begin("tools/call", json!({ "name": "delete", "arguments": { "path": path } }));
        let question = client.next_with(|message| message["method"] == "elicitation/create");
        (call, question)
    };
    let ((first, asked), (second, other)) = (held("/<b>a</b>"), held("/b"));
    let (path, others) = (path_of(&asked["params"]), path_of(&other["params"]));
    // It will be opened: that is no answer.
    client.send(&json!({ "jsonrpc": "2.0", "id": asked["id"], "result": { "action": "accept" } }));

    let page = get(gate.admin(), &path, &[]);
    assert_eq!(page.status(), 200);
    let text = page.text();
    assert!(text.contains("/&lt;b&gt;a&lt;/b&gt;") && !text.contains("<b>"), "{text}");
    assert!(!text.contains("<script") && !text.contains(path.rsplit('/').next().unwrap()), "{text}");
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!((page.header("cache-control"), page.header("referrer-policy")), (Some("no-store"), Some("no-referrer")));
    if let Ok(place) = std::env::var("GATEHOLD_PAGE") {
        std::fs::write(place, &text).unwrap();
    }

    let code = format!("code={}", enrolled.recovery[0]);
    let (stem, token) = path.rsplit_once('/').unwrap();
    let mixed = format!("{stem}/{}", others.rsplit('/').next().unwrap());
    let guessed = format!("{stem}/{}", "0".repeat(token.len()));
    for wrong in [&mixed, &guessed] {
        assert_eq!(get(gate.admin(), wrong, &[]).status(), 404, "{wrong}");
        assert_eq!(form(gate.admin(), wrong, &own_form, &code).status(), 404, "{wrong}");
    }
    for from in
        [&[][..], &["Origin: https://evil.example"], &["Sec-Fetch-Site: cross-site", "Origin: https://gate.example"]]
    {
        assert_eq!(form(gate.admin(), &path, from, &code).status(), 403, "{from:?}");
    }
    let wrong = form(gate.admin(), &path, &own_form, "code=000000");
    assert!(wrong.status() == 403 && wrong.text().contains("the code is wrong"), "{}", wrong.text());
    assert_eq!(form(gate.admin(), &path, &own_form, "code=1&run=x").status(), 400);
    let denied = form(gate.admin(), &others, &own_form, "code=&deny=yes");
    assert_eq!(denied.status(), 200, "{}", denied.text());
    let answer = client.answer(&second);
    assert_eq!(answer["result"]["isError"], true, "{answer}");
    let given = form(gate.admin(), &path, &own_form, &code);
    assert_eq!(given.status(), 200, "{}", given.text());
    let answer = client.answer(&first);
    assert_eq!(answer["result"]["content"], json!([]), "{answer}");
    let complete = json!(asked["params"]["elicitationId"]);
    let told = |message: &Value| {
        message["method"] == "notifications/elicitation/complete" && message["params"]["elicitationId"] == complete
    };
    assert!(client.others.iter().any(told), "{:?}", client.others);
    assert_eq!(get(gate.admin(), &path, &[]).status(), 404, "used");
    assert_eq!(form(gate.admin(), &path, &own_form, &code).status(), 404, "used");
    let text = gate.records().iter().map(Value::to_string).collect::<String>();
    assert!(!text.contains(token) && !text.contains(&enrolled.recovery[0]), "neither token nor code is recorded");
}
