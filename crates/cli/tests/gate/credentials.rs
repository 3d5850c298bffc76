//! What the gateway shows to the servers behind it: secrets that change under it, and tokens that it got in exchange for
//! a caller's. The caller's own goes no further.

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::authority::Authority;
use crate::http::ask;
use crate::running::{Gate, until, write_config};
use crate::upstream::{Reply, Request, Upstream};

const CALL: &str = r#"{"jsonrpc":"2.0","id":"q","method":"tools/list"}"#;

fn answers(request: &Request, reply: &mut Reply) {
    reply.json("200 OK", &format!(r#"{{"jsonrpc":"2.0","id":{},"result":{{}}}}"#, request.id()));
}

fn shown(server: &Upstream) -> Vec<String> {
    server.seen().iter().filter_map(|request| request.header("authorization").map(str::to_owned)).collect()
}

#[test]
fn a_secret_that_changes_is_used_and_one_that_is_gone_changes_nothing() {
    let server = Upstream::start(answers);
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "first\n").unwrap();
    let headers = json!({ "Authorization": "Bearer ${file:token}" });
    let config = json!({ "servers": { "one": { "url": server.url(), "headers": headers } } });
    let mut gate = Gate::serve_in(folder, config.clone());
    assert_eq!(ask(gate.address(), "/mcp/one", &[], CALL).status(), 200);

    // A changed file is noticed by itself.
    std::fs::write(&file, "second\n").unwrap();
    gate.running.hears("is in use");
    assert_eq!(ask(gate.address(), "/mcp/one", &[], CALL).status(), 200);
    assert_eq!(shown(&server), ["Bearer first", "Bearer second"]);

    std::fs::remove_file(&file).unwrap();
    gate.running.signal(Signal::HUP);
    gate.running.hears("the old one stays");
    gate.running.hears("token cannot be read");
    assert_eq!(ask(gate.address(), "/mcp/one", &[], CALL).status(), 200);
    assert_eq!(shown(&server).last().map(String::as_str), Some("Bearer second"));
    write_config(gate.folder.path(), config);
    for secret in ["first", "second"] {
        assert!(!gate.running.said().contains(secret), "{}", gate.running.said());
        assert!(!gate.records().iter().any(|record| record.to_string().contains(secret)));
    }
    gate.end_well();
}

/// An authorization server that gives `exchanged` for a token that is shown to it, if everything about the request is in
/// order.
fn exchange(resource: String) -> Upstream {
    Upstream::start(move |request, reply| {
        let issuer = format!("http://{}", request.header("host").unwrap_or_default());
        if request.target == "/.well-known/oauth-authorization-server" {
            return reply
                .json("200 OK", &json!({ "issuer": issuer, "token_endpoint": format!("{issuer}/token") }).to_string());
        }
        let form = request.text();
        let has = |part: &str| form.split('&').any(|pair| pair == part);
        let is_good = request.target == "/token"
            && has("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange")
            && has(&format!("resource={}", resource.replace(':', "%3A").replace('/', "%2F")))
            && form.contains("subject_token=eyJ")
            && request.header("authorization") == Some("Basic Z2F0ZTpodXNoLWh1c2g=");
        match is_good {
            true => reply.json("200 OK", r#"{"access_token":"exchanged","token_type":"Bearer","expires_in":60}"#),
            false => reply.json("400 Bad Request", r#"{"error":"invalid_request"}"#),
        }
    })
}

fn guarded(request: &Request, reply: &mut Reply) {
    match request.header("authorization") {
        Some("Bearer exchanged") => answers(request, reply),
        _ if request.target != "/mcp" => reply.json("404 Not Found", "{}"),
        _ => reply.whole("401 Unauthorized", &["WWW-Authenticate: Bearer realm=\"x\""], b""),
    }
}

#[test]
fn a_callers_token_is_exchanged_and_stays_at_the_gateway() {
    let callers = Authority::start();
    let server = Upstream::start(guarded);
    let tokens = exchange(server.url());
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(folder.path().join("client"), "hush-hush").unwrap();
    let auth = json!({
        "grant": "token_exchange", "issuer": format!("http://{}", tokens.address),
        "client_id": "gate", "client_secret": "${file:client}",
    });
    let mut gate = Gate::serve_in(
        folder,
        json!({
            "authentication": { "resource": "https://gw.example", "issuers": { "main": callers.config() } },
            "fetch": { "http_on_loopback": true },
            "servers": { "one": { "url": server.url(), "auth": auth } },
        }),
    );
    let token = callers.token(&json!({}));
    let bearer = format!("Authorization: Bearer {token}");
    for _ in 0..2 {
        let answer = ask(gate.address(), "/mcp/one", &[&bearer], CALL);
        assert_eq!(answer.status(), 200, "{} {}", answer.text(), gate.running.said());
    }
    let exchanges = tokens.seen().iter().filter(|request| request.target == "/token").count();
    assert_eq!(exchanges, 1, "one exchange serves both calls");
    let seen = server.seen();
    assert!(!seen.iter().any(|request| format!("{:?} {}", request.headers, request.text()).contains(&token)));
    // What was asked before there was a token held no message.
    assert!(seen.iter().all(|request| request.header("authorization").is_some() || request.rpc().is_empty()));

    // A token that the gateway refuses is not exchanged, and the client is not told to authorize itself elsewhere.
    let answer = ask(gate.address(), "/mcp/one", &["Authorization: Bearer nonsense"], CALL);
    assert_eq!(answer.status(), 401);
    assert!(!format!("{:?}", answer.header("www-authenticate")).contains("realm=\"x\""));
    until("both calls are recorded", || gate.records().iter().filter(|record| is_call(record)).count() >= 2);
    let printed = format!("{:?} {}", gate.records(), gate.running.said());
    for secret in [token.as_str(), "exchanged", "hush-hush"] {
        assert!(!printed.contains(secret), "{secret} is printed");
    }
    gate.end_well();
}

fn is_call(record: &Value) -> bool {
    record.to_string().contains("tools/list")
}
