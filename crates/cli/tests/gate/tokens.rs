//! Tokens of authorization servers at a running gateway: every route with every kind of credential, key sets that change
//! or are not to be had, scopes, and streams that outlive a token.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::authority::{Authority, Mood, now};
use crate::children;
use crate::client::opening;
use crate::http::{Answer, Http, Piece, ask, get};
use crate::running::{Gate, PATIENCE, gatehold, run, until};
use crate::upstream::Upstream;

const GREETING: &str = "answer(message, {'x': 1})";

fn gate(authority: &Authority, more: &Value) -> Gate {
    let mut authentication = json!({
        "resource": "https://gw.example", "api_keys": { "file": "keys.json" },
        "issuers": { "main": authority.config() },
    });
    for (name, value) in more.as_object().unwrap() {
        authentication[name] = value.clone();
    }
    Gate::serve(json!({
        "authentication": authentication, "fetch": { "http_on_loopback": true },
        "servers": { "one": children::config(&children::greeting(GREETING)) },
    }))
}

fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}")
}

fn initialize(gate: &Gate, headers: &[&str]) -> Answer {
    let message = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": opening("2025-06-18") });
    ask(gate.address(), "/mcp/one", headers, &message.to_string())
}

fn call(tool: &str) -> String {
    json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": tool, "arguments": {} } })
        .to_string()
}

/// A request without a body.
fn bare(gate: &Gate, method: &str, path: &str, headers: &[&str]) -> u16 {
    let mut http = Http::tcp(gate.address());
    let lines: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    http.send(
        format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n{lines}\r\n").as_bytes(),
    );
    http.head().unwrap().status
}

#[test]
fn every_route_with_every_credential() {
    let (authority, stranger) = (Authority::start(), Authority::start());
    let gate = gate(&authority, &json!({}));
    let output = run(gatehold().args(["key", "create", "gone", "--file"]).arg(gate.path("keys.json")));
    let revoked = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    assert!(run(gatehold().args(["key", "revoke", "gone", "--file"]).arg(gate.path("keys.json"))).status.success());
    let own = authority.issuer();
    let credentials: Vec<(&str, Vec<String>, Option<u16>)> = vec![
        ("nothing", vec![], Some(401)),
        ("expired", vec![bearer(&authority.token(&json!({ "exp": now() - 60 })))], Some(401)),
        ("without an end", vec![bearer(&authority.token(&json!({ "exp": null })))], Some(401)),
        ("not yet", vec![bearer(&authority.token(&json!({ "nbf": now() + 600 })))], Some(401)),
        ("wrong audience", vec![bearer(&authority.token(&json!({ "aud": "https://other.example" })))], Some(401)),
        ("no audience", vec![bearer(&authority.token(&json!({ "aud": [] })))], Some(401)),
        ("wrong issuer", vec![bearer(&authority.token(&json!({ "iss": "https://other.example" })))], Some(401)),
        ("alg none", vec![bearer(&authority.unsigned())], Some(401)),
        ("alg confusion", vec![bearer(&authority.confused())], Some(401)),
        ("key of another issuer", vec![bearer(&stranger.token(&json!({ "iss": own })))], Some(401)),
        ("another issuer", vec![bearer(&stranger.token(&json!({})))], Some(401)),
        ("unknown key", vec![bearer(&authority.signed(&json!({ "kid": "k9" }), &authority.claims()))], Some(401)),
        (
            "identity token",
            vec![bearer(&authority.signed(&json!({ "typ": "logout+jwt" }), &authority.claims()))],
            Some(401),
        ),
        ("revoked key", vec![bearer(&revoked)], Some(401)),
        ("revoked key in its header", vec![format!("X-API-Key: {revoked}")], Some(401)),
        ("nonsense", vec![bearer("nonsense")], Some(401)),
        ("another scheme", vec!["Authorization: Basic eDp5".to_owned()], Some(401)),
        ("malformed", vec!["Authorization: Bearer a b".to_owned()], Some(400)),
        ("twice", vec![bearer(&authority.token(&json!({}))), bearer(&authority.token(&json!({})))], Some(400)),
        ("two", vec![bearer(&authority.token(&json!({}))), "X-API-Key: x".to_owned()], Some(400)),
        ("valid", vec![bearer(&authority.token(&json!({})))], None),
    ];
    // Each route, and what it says to whom it knows.
    let routes = [
        ("POST", "/mcp/one", 400),
        ("GET", "/mcp/one", 405),
        ("DELETE", "/mcp/one", 405),
        ("PUT", "/mcp/one", 405),
        ("GET", "/sse/one", 200),
        ("POST", "/sse/one", 405),
        ("POST", "/messages/one?session=0123", 404),
        ("GET", "/messages/one", 405),
        ("POST", "/mcp", 404),
        ("POST", "/mcp/none", 404),
        ("GET", "/sse/none", 404),
        ("POST", "/messages/none", 404),
        ("GET", "/", 404),
        ("GET", "/.well-known/openid-configuration", 404),
        ("GET", "/.well-known/oauth-protected-resourceX", 404),
    ];
    for (name, headers, refused) in &credentials {
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        for (method, path, known) in routes {
            let status = bare(&gate, method, path, &headers);
            assert_eq!(status, refused.unwrap_or(known), "{name}: {method} {path}");
        }
    }
    // The only address that is open to everybody.
    for (name, headers, _) in &credentials {
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        assert_eq!(bare(&gate, "GET", "/.well-known/oauth-protected-resource", &headers), 200, "{name}");
    }
    let said = format!("{}{}", gate.running.said(), Value::Array(gate.records()));
    assert!(!said.contains(".eyJ"), "no token stands in a log or a record");
}

#[test]
fn a_client_is_told_where_to_get_a_token() {
    let authority = Authority::start();
    let gate = gate(
        &authority,
        &json!({ "required_scopes": ["read"], "scopes": [
            { "tools": "write_*", "require": ["write"] }, { "servers": "one", "tools": "*_file", "require": ["files", "write"] },
        ] }),
    );
    let refused = initialize(&gate, &[]);
    let document = "https://gw.example/.well-known/oauth-protected-resource/mcp/one";
    assert_eq!(
        refused.header("www-authenticate"),
        Some(&*format!("Bearer resource_metadata=\"{document}\", scope=\"read\""))
    );
    let invalid = initialize(&gate, &[&bearer(&authority.token(&json!({ "exp": 1 })))]);
    assert!(invalid.header("www-authenticate").unwrap().ends_with("error=\"invalid_token\""));
    let answer = get(gate.address(), "/.well-known/oauth-protected-resource/mcp/one", &[]);
    let said = answer.json();
    assert_eq!(said["resource"], "https://gw.example/mcp/one");
    assert_eq!(said["authorization_servers"], json!([authority.issuer()]));
    assert_eq!(said["scopes_supported"], json!(["read", "write", "files"]));
    assert_eq!(said["bearer_methods_supported"], json!(["header"]));
    let root = get(gate.address(), "/.well-known/oauth-protected-resource", &[]).json();
    assert_eq!(root["resource"], "https://gw.example");
    // Which servers there are is not told to strangers.
    assert_eq!(get(gate.address(), "/.well-known/oauth-protected-resource/mcp/none", &[]).status(), 200);
    assert_eq!(get(gate.address(), "/.well-known/oauth-protected-resource/etc", &[]).status(), 404);
    let own = authority.token(&json!({ "aud": "https://gw.example/mcp/one" }));
    assert_eq!(initialize(&gate, &[&bearer(&own)]).status(), 200);
    let others = authority.token(&json!({ "aud": "https://gw.example/mcp/two" }));
    assert_eq!(initialize(&gate, &[&bearer(&others)]).status(), 401, "a token for one server opens no other");
}

#[test]
fn a_call_that_lacks_scopes_is_told_all_that_it_needs() {
    let authority = Authority::start();
    let rules = json!([
        { "tools": "write_*", "require": ["write"] }, { "servers": "one", "tools": "*_file", "require": ["files", "write"] },
    ]);
    let gate = gate(&authority, &json!({ "required_scopes": ["read"], "scopes": rules }));
    let reader = bearer(&authority.token(&json!({})));
    let writer = bearer(&authority.token(&json!({ "scope": "read write", "scp": ["files"] })));
    let nothing = bearer(&authority.token(&json!({ "scope": "" })));
    assert_eq!(initialize(&gate, &[&nothing]).status(), 403, "every request needs the first");
    let session = format!("Mcp-Session-Id: {}", initialize(&gate, &[&reader]).header("mcp-session-id").unwrap());
    let asked = |token: &str, body: &str| ask(gate.address(), "/mcp/one", &[token, &session], body);
    assert_eq!(asked(&reader, &call("look")).status(), 200);
    let refused = asked(&reader, &call("write_file"));
    assert_eq!(refused.status(), 403);
    let challenge = refused.header("www-authenticate").unwrap();
    assert!(challenge.contains("scope=\"read write files\", error=\"insufficient_scope\""), "{challenge}");
    assert!(challenge.contains("resource_metadata="), "{challenge}");
    assert_eq!(
        asked(&writer, &call("write_file")).status(),
        200,
        "another token of the same principal, in its session"
    );
    assert_eq!(asked(&reader, &call("write_file")).status(), 403, "and not the one before");
    let escaped = call("look").replace("look", "write\\u005ffile");
    assert_eq!(asked(&reader, &escaped).status(), 403, "however it is written");
    let mut stream = Http::tcp(gate.address());
    stream.send_get("/sse/one", &["Accept: text/event-stream", &reader]);
    assert_eq!(stream.head().unwrap().status, 200);
    let post_to = stream.event(&mut Vec::new()).unwrap();
    assert_eq!(ask(gate.address(), &post_to, &[&reader], &call("write_file")).status(), 403);
    assert_eq!(ask(gate.address(), &post_to, &[&writer], &call("write_file")).status(), 202);
}

#[test]
fn keys_are_rotated_under_load_and_no_good_call_is_lost() {
    let authority = Authority::start();
    let gate = gate(&authority, &json!({}));
    let (done, calls) = (AtomicBool::new(false), AtomicUsize::new(0));
    let old = bearer(&authority.token(&json!({})));
    assert_eq!(initialize(&gate, &[&old]).status(), 200);
    authority.rotate("k2", true);
    let new = bearer(&authority.token(&json!({})));
    std::thread::scope(|scope| {
        let (gate, done, calls) = (&gate, &done, &calls);
        for (token, is_old) in [(&old, true), (&old, true), (&new, false), (&new, false)] {
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    // Without a session, which is said only to those who are known.
                    let status = ask(gate.address(), "/mcp/one", &[token], &call("x")).status();
                    // The set is fetched at most once in ten seconds, so the new key waits a little.
                    assert!(status == 400 || (!is_old && status == 401), "{status}");
                    calls.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        until("the new key is taken", || initialize(gate, &[&new]).status() == 200);
        assert_eq!(initialize(gate, &[&old]).status(), 200, "the old key is still published");
        done.store(true, Ordering::Relaxed);
    });
    assert!(calls.load(Ordering::Relaxed) > 100);
    let fetched = authority.upstream.seen_with("/keys");
    assert!(fetched <= 4, "the keys were fetched {fetched} times");
}

#[test]
fn a_key_server_that_is_away_slow_or_lies_lets_nobody_in_and_takes_nothing_from_those_who_are() {
    for (mood, status) in [(Mood::Down, 503), (Mood::Slow, 503), (Mood::Huge, 503), (Mood::Redirecting, 503)] {
        let authority = Authority::start();
        authority.is_in(mood);
        let gate = gate(&authority, &json!({}));
        let token = bearer(&authority.token(&json!({})));
        let answer = initialize(&gate, &[&token]);
        assert_eq!(answer.status(), status, "it cannot be checked, which is not the client's fault");
        assert!(answer.header("retry-after").is_some());
    }
    let authority = Authority::start();
    let gate = gate(&authority, &json!({}));
    let known = bearer(&authority.token(&json!({})));
    assert_eq!(initialize(&gate, &[&known]).status(), 200);
    authority.is_in(Mood::Down);
    let fresh = bearer(&authority.token(&json!({ "sub": "bob" })));
    assert_eq!(initialize(&gate, &[&fresh]).status(), 200, "what was fetched before is used");
    let started = Instant::now();
    for number in 0..50 {
        let unknown = authority.signed(&json!({ "kid": format!("k{number}x") }), &authority.claims());
        assert_eq!(initialize(&gate, &[&bearer(&unknown)]).status(), 401);
    }
    assert!(started.elapsed() < Duration::from_secs(10));
    assert!(authority.upstream.seen_with("/keys") <= 3, "unknown keys do not make us ask and ask");
    assert_eq!(initialize(&gate, &[&known]).status(), 200);
}

#[test]
fn a_stream_ends_with_its_token() {
    let authority = Authority::start();
    let gate = gate(
        &authority,
        &json!({ "issuers": { "main": {
        "issuer": authority.issuer(), "jwks": format!("{}/keys", authority.issuer()), "leeway_seconds": 0,
    } } }),
    );
    let brief = bearer(&authority.token(&json!({ "exp": now() + 4 })));
    let started = Instant::now();
    let opened = initialize(&gate, &[&brief]);
    let session = format!("Mcp-Session-Id: {}", opened.header("mcp-session-id").unwrap());
    let mut streams = Vec::new();
    for (path, headers) in [("/mcp/one", vec![brief.as_str(), &session]), ("/sse/one", vec![brief.as_str()])] {
        let mut http = Http::tcp(gate.address());
        http.send_get(path, &[&["Accept: text/event-stream"], &headers[..]].concat());
        assert_eq!(http.head().unwrap().status, 200);
        streams.push(http);
    }
    for mut http in streams {
        http.read_timeout(PATIENCE);
        while matches!(http.piece(), Piece::Bytes(_)) {}
    }
    assert!(started.elapsed() < Duration::from_secs(12), "the streams outlive the token");
    assert_eq!(initialize(&gate, &[&brief]).status(), 401);
    let again = bearer(&authority.token(&json!({})));
    let answer = ask(gate.address(), "/mcp/one", &[&again, &session], &call("x"));
    assert_eq!(answer.status(), 200, "the session goes on with a new token");
}

#[test]
fn a_session_belongs_to_principal_and_client_and_a_foreign_id_is_recorded() {
    let authority = Authority::start();
    let gate = gate(&authority, &json!({}));
    let own = bearer(&authority.token(&json!({})));
    let session = initialize(&gate, &[&own]).header("mcp-session-id").unwrap().to_owned();
    let named = format!("Mcp-Session-Id: {session}");
    for (changes, who) in [
        (json!({ "sub": "bob" }), "another person"),
        (json!({ "client_id": "other" }), "another client of the same person"),
    ] {
        let token = bearer(&authority.token(&changes));
        let unknown = ask(gate.address(), "/mcp/one", &[&token, "Mcp-Session-Id: 00"], &call("x"));
        for method in ["POST", "GET", "DELETE"] {
            assert_eq!(bare(&gate, method, "/mcp/one", &[&token, &named]), 404, "{who} {method}");
        }
        let foreign = ask(gate.address(), "/mcp/one", &[&token, &named], &call("x"));
        assert_eq!((foreign.status(), &foreign.body), (unknown.status(), &unknown.body), "{who}");
    }
    gate.has_recorded("the finding", |record| {
        record["event"] == "foreign_handle"
            && record["fields"]["finding"] == "AU001"
            && record["fields"]["principal"] == "bob"
            && record["fields"]["owner"] == "ada"
    });
    assert!(!Value::Array(gate.records()).to_string().contains(&session), "the id itself stands in no record");
    let forged = format!("Mcp-Session-Id: {}0", &session[..session.len() - 1]);
    let forged = if forged == named { format!("Mcp-Session-Id: {}1", &session[..session.len() - 1]) } else { forged };
    assert_eq!(ask(gate.address(), "/mcp/one", &[&own, &forged], &call("x")).status(), 404);
    assert_eq!(
        ask(gate.address(), "/mcp/one", &[&own, &named], &call("x")).status(),
        200,
        "it still belongs to its own"
    );
}

#[test]
fn a_token_that_says_nothing_is_asked_about_and_its_end_is_noticed() {
    let authority = Authority::start();
    let url = format!("{}/introspect", authority.issuer());
    let gate = gate(
        &authority,
        &json!({ "issuers": { "main": {
        "issuer": authority.issuer(), "introspection": { "url": url, "client_id": "gate", "client_secret": "s3cret" },
    } } }),
    );
    let token = bearer("opaque-token-1");
    assert_eq!(initialize(&gate, &[&token]).status(), 200);
    assert_eq!(initialize(&gate, &[&token]).status(), 200);
    assert_eq!(authority.upstream.seen_with("/introspect"), 1, "an answer counts for a while");
    gate.has_recorded("who it was", |record| record["actor"]["sub"] == "opaque-ada");
    authority.deactivate("opaque-token-1");
    until("the end is noticed", || initialize(&gate, &[&token]).status() == 401);
    authority.deactivate("opaque-token-2");
    let inactive = bearer("opaque-token-2");
    for _ in 0..3 {
        assert_eq!(initialize(&gate, &[&inactive]).status(), 401);
    }
    assert!(authority.upstream.seen_with("opaque-token-2") == 1);
    authority.is_in(Mood::Down);
    assert_eq!(
        initialize(&gate, &[&bearer("opaque-token-3")]).status(),
        503,
        "who cannot be asked about is not let in"
    );
    assert!(!gate.running.said().contains("s3cret"));
}

#[test]
fn a_task_belongs_to_whoever_made_it() {
    let authority = Authority::start();
    let server = Upstream::start(|request, reply| {
        let message = request.json();
        let made = |id: &str| json!({ "taskId": id, "status": "working" });
        let result = match message["method"].as_str().unwrap_or_default() {
            "tools/call" => json!({ "task": made(message["params"]["name"].as_str().unwrap()) }),
            "tasks/list" => json!({ "tasks": [made("t-ada"), made("t-bob"), made("t-nobody")] }),
            _ => made("answered"),
        };
        reply.json("200 OK", &json!({ "jsonrpc": "2.0", "id": message["id"], "result": result }).to_string());
    });
    let gate = Gate::serve(json!({
        "authentication": { "resource": "https://gw.example", "issuers": { "main": authority.config() } },
        "fetch": { "http_on_loopback": true }, "servers": { "one": server.config() },
    }));
    let (ada, bob) = (bearer(&authority.token(&json!({}))), bearer(&authority.token(&json!({ "sub": "bob" }))));
    let other = bearer(&authority.token(&json!({ "client_id": "other" })));
    let asked = |token: &str, method: &str, params: Value| {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let answer = ask(gate.address(), "/mcp/one", &[token], &body);
        assert_eq!(answer.status(), 200);
        answer.json()
    };
    for (token, task) in [(&ada, "t-ada"), (&bob, "t-bob")] {
        assert_eq!(asked(token, "tools/call", json!({ "name": task, "task": {} }))["result"]["task"]["taskId"], task);
    }
    for method in ["tasks/get", "tasks/result", "tasks/cancel", "tasks/update"] {
        let own = asked(&ada, method, json!({ "taskId": "t-ada" }));
        assert_eq!(own["result"]["taskId"], "answered", "{method}");
        for (token, task) in [(&bob, "t-ada"), (&other, "t-ada"), (&ada, "t-bob"), (&ada, "t-nobody"), (&ada, "t-x")] {
            let refused = asked(token, method, json!({ "taskId": task }));
            assert_eq!(
                refused["error"],
                json!({ "code": -32602, "message": "Failed to retrieve task: Task not found" })
            );
        }
    }
    let listed = asked(&ada, "tasks/list", json!({}));
    assert_eq!(listed["result"]["tasks"], json!([{ "taskId": "t-ada", "status": "working" }]));
    assert!(
        server.seen().iter().all(|request| !(request.text().contains("tasks/") && request.text().contains("t-bob")))
    );
    gate.has_recorded("the finding", |record| {
        record["findings"].as_array().is_some_and(|found| found.iter().any(|finding| finding["id"] == "AU001"))
    });
}
