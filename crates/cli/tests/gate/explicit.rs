//! The explicit forward proxy: what goes to a configured server is judged though the client believes to speak with the
//! server itself, what goes to a listed host is recorded, and nothing else goes anywhere.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::answers::{Server, Style};
use crate::http::{Http, Target, post};
use crate::running::Gate;
use crate::upstream::Upstream;

const POLICY: &str =
    "version: 1\ndefault: allow\nrules:\n  - {name: no-slow, action: deny, match: {tool: slow, arguments: {x: y}}}\n";
const CALL: &str =
    r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"hi"}}}"#;
const DENIED: &str = r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"slow","arguments":{"x":"y"}}}"#;

fn gate(server: &Server, other: &Upstream) -> Gate {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("policy.yaml"), POLICY).unwrap();
    let mut config = server.config();
    config["forward_authorization"] = Value::Bool(true);
    Gate::serve_in(
        folder,
        json!({
            "servers": { "one": config }, "policy": "policy.yaml",
            "forward_proxy": { "listen": "127.0.0.1:0", "hosts": [other.address.to_string()] },
        }),
    )
}

fn proxy(gate: &Gate) -> SocketAddr {
    let said = gate.running.said();
    let at = said.find("proxy:").unwrap_or_else(|| panic!("{said}"));
    let rest = &said[at + "proxy:".len()..];
    let end = rest.find(|c: char| c.is_whitespace() || c == ',').unwrap_or(rest.len());
    rest[..end].parse().unwrap()
}

/// A tunnel to an address, or the status of the refusal.
fn tunnel(gate: &Gate, to: &str) -> Result<Http, u16> {
    let mut http = Http::connect(&Target::Tcp(proxy(gate)));
    http.send(format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n\r\n").as_bytes());
    match http.head().expect("an answer").status {
        200 => Ok(http),
        status => Err(status),
    }
}

#[test]
fn what_is_said_to_a_server_is_judged_inside_the_tunnel() {
    let server = Server::start(Style::Json);
    let other =
        Upstream::start(|_, reply| reply.whole("200 OK", &["Content-Type: application/json"], b"{\"issuer\":\"x\"}"));
    let gate = gate(&server, &other);
    let (to, path) = (server.upstream.address.to_string(), server.url());
    let path = path.split(&to).nth(1).unwrap();
    let mut http = tunnel(&gate, &to).expect("a tunnel");
    http.send(&post(path, &["Authorization: Bearer theirs"], CALL.as_bytes()));
    assert_eq!(http.answer().json()["result"]["content"][0]["text"], "hi");
    http.send(&post(path, &[], DENIED.as_bytes()));
    assert_eq!(http.answer().json()["result"]["isError"], true);
    let seen = server.upstream.seen();
    let kept = seen.iter().any(|request| request.header("authorization") == Some("Bearer theirs"));
    assert!(kept, "no credential is changed");
    let whole = format!("http://{to}{path}");
    let mut http = Http::connect(&Target::Tcp(proxy(&gate)));
    http.send(&post(&whole, &[], DENIED.as_bytes()));
    assert_eq!(http.answer().json()["result"]["isError"], true, "also with a whole address");
    assert!(gate.records().iter().any(|record| record["decision"]["rule"] == "no-slow"));
    assert_eq!(server.upstream.seen_with("\"slow\""), 0, "what is denied never arrives");
}

#[test]
fn other_hosts_pass_when_they_are_listed_and_are_recorded() {
    let server = Server::start(Style::Json);
    let other =
        Upstream::start(|_, reply| reply.whole("200 OK", &["Content-Type: application/json"], b"{\"issuer\":\"x\"}"));
    let unlisted = Upstream::start(|_, reply| reply.whole("200 OK", &[], b"secret"));
    let gate = gate(&server, &other);
    let mut http = tunnel(&gate, &other.address.to_string()).expect("a tunnel");
    http.send_get("/.well-known/oauth-authorization-server?code=hidden", &[]);
    assert_eq!(http.answer().json()["issuer"], "x");
    gate.has_recorded("what passed", |record| record["event"] == "proxy_passed");
    assert!(
        !gate.records().iter().any(|record| record.to_string().contains("hidden")),
        "queries stay out of the record"
    );
    assert_eq!(tunnel(&gate, &unlisted.address.to_string()).err(), Some(403));
    for target in [format!("http://{}/x", unlisted.address), format!("http://u@{}/x", other.address), "/x".to_owned()] {
        let mut http = Http::connect(&Target::Tcp(proxy(&gate)));
        http.send(&post(&target, &[], b"{}"));
        let status = http.answer().status();
        assert!((400..500).contains(&status), "{target}: {status}");
    }
    // Another path of the server is no MCP, and its host is not listed.
    let mut http = tunnel(&gate, &server.upstream.address.to_string()).expect("a tunnel");
    http.send(&post("/elsewhere", &[], CALL.as_bytes()));
    assert_eq!(http.answer().status(), 403);
    assert_eq!(unlisted.seen_with("x"), 0);
}

#[test]
fn what_is_encrypted_inside_a_tunnel_does_not_pass() {
    let server = Server::start(Style::Json);
    let other = Upstream::start(|_, reply| reply.whole("200 OK", &[], b"x"));
    let gate = gate(&server, &other);
    let mut http = tunnel(&gate, &other.address.to_string()).expect("a tunnel");
    http.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03");
    gate.has_recorded("the refusal", |record| record["event"] == "proxy_refused");
    assert!(http.head().is_none(), "the tunnel is closed");
}

#[test]
fn another_spelling_of_a_servers_address_does_not_walk_around_the_gate() {
    let server = Server::start(Style::Json);
    let gate = gate(&server, &server.upstream);
    let to = server.upstream.address.to_string();
    for path in ["/mcp?x=1", "/mcp/", "//mcp", "/%6dcp", "/MCP", "/elsewhere"] {
        for body in [DENIED.to_owned(), format!("[{DENIED}]"), DENIED.replace("jsonrpc", "json\\u0072pc")] {
            let mut http = tunnel(&gate, &to).expect("a tunnel");
            http.send(
                format!(
                    "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                )
                .as_bytes(),
            );
            assert_eq!(http.answer().status(), 403, "{path} {body}");
        }
        let mut http = tunnel(&gate, &to).expect("a tunnel");
        http.send_get(path, &["Accept: text/event-stream"]);
        assert_eq!(http.answer().status(), 403, "a stream at {path}");
    }
    assert_eq!(server.upstream.seen_with("slow"), 0, "nothing arrives");
}
