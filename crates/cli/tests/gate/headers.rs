//! Headers that say something else than the body, or say it twice: whoever believes the header must not be fooled.

use serde_json::json;

use crate::http::{Answer, Http, ask, post};
use crate::running::Gate;
use crate::upstream::Upstream;

const LEGACY: &str = r#"{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"read","arguments":{}}}"#;
const MODERN: &str = r#"{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"read","arguments":{},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#;
const VERSION: &str = "MCP-Protocol-Version: 2026-07-28";

fn server() -> Upstream {
    Upstream::answering("200 OK", r#"{"jsonrpc":"2.0","id":ID,"result":{"content":[]}}"#)
}

/// The status, the error code and the reason of a refusal.
fn refused(answer: &Answer) -> (u16, i64, String) {
    let error = answer.json()["error"].clone();
    let reason = error["data"]["reason"].as_str().unwrap_or_default().to_owned();
    (answer.status(), error["code"].as_i64().unwrap_or_default(), reason)
}

#[test]
fn a_modern_request_must_agree_with_its_headers() {
    let server = server();
    let gate = Gate::before(server.config());
    let good: &[&[&str]] = &[
        &[VERSION, "Mcp-Method: tools/call", "Mcp-Name: read"],
        &[VERSION, "mcp-METHOD:   tools/call\t ", "Mcp-Name: =?base64?cmVhZA==?="],
        &["MCP-Protocol-Version: 2026-07-28 ", "Mcp-Method: tools/call", "Mcp-Name: read", "Mcp-Param-Unknown: x"],
    ];
    for headers in good {
        let answer = ask(gate.address(), "/mcp/one", headers, MODERN);
        assert_eq!(answer.status(), 200, "{headers:?}: {}", answer.text());
    }
    let bad: &[&[&str]] = &[
        &["Mcp-Method: tools/call", "Mcp-Name: read"],
        &[VERSION, "Mcp-Name: read"],
        &[VERSION, "Mcp-Method: tools/call"],
        &["MCP-Protocol-Version: 2025-11-25", "Mcp-Method: tools/call", "Mcp-Name: read"],
        &[VERSION, "Mcp-Method: tools/list", "Mcp-Name: read"],
        &[VERSION, "Mcp-Method: Tools/Call", "Mcp-Name: read"],
        &[VERSION, "Mcp-Method: tools/call", "Mcp-Name: write"],
        &[VERSION, "Mcp-Method: tools/call", "Mcp-Name: READ"],
        &[VERSION, "Mcp-Method: tools/call", "Mcp-Name: =?base64?d3JpdGU=?="],
        &[VERSION, "Mcp-Method: tools/call", "Mcp-Name:"],
    ];
    for headers in bad {
        let answer = ask(gate.address(), "/mcp/one", headers, MODERN);
        assert_eq!(refused(&answer), (400, -32020, "header_mismatch".to_owned()), "{headers:?}");
        assert_eq!(answer.json()["id"], 3, "the id of the request is repeated");
    }
    let unreadable: &[&[&str]] = &[
        &[VERSION, "Mcp-Method: tools/call", "Mcp-Name: =?base64?cmVhZA?="],
        &[VERSION, "Mcp-Method: tools/call", "Mcp-Name: =?base64?cmVh*A==?="],
        &[VERSION, "Mcp-Method: tools/call", "Mcp-Name: =?base64?/w==?="],
        &[VERSION, "Mcp-Method: tools/call", "Mcp-Name: =?base64?cmVhZA=="],
        &[VERSION, "Mcp-Method: tools/call", "Mcp-Name: re\u{e4}d"],
        &[VERSION, "Mcp-Method: tools/call", "Mcp-Name: read", "Mcp-Name: read"],
        &[VERSION, "Mcp-Method: tools/call", "Mcp-Name: write", "Mcp-Name: read"],
        &[VERSION, VERSION, "Mcp-Method: tools/call", "Mcp-Name: read"],
        &[VERSION, "Mcp-Method: tools/call", "Mcp-Method: tools/call", "Mcp-Name: read"],
        &[VERSION, "Mcp-Method: tools/call", "Mcp-Name: read", "Mcp-Param-X: 1", "mcp-param-x: 2"],
    ];
    for headers in unreadable {
        let answer = ask(gate.address(), "/mcp/one", headers, MODERN);
        assert_eq!(answer.status(), 400, "{headers:?}: {}", answer.text());
    }
    assert_eq!(server.seen().len(), good.len());
}

#[test]
fn a_name_that_looks_encoded_must_be_encoded() {
    let server = server();
    let gate = Gate::before(server.config());
    let body = MODERN.replace("\"read\"", r#""=?base64?cmVhZA==?=""#);
    let plain =
        ask(gate.address(), "/mcp/one", &[VERSION, "Mcp-Method: tools/call", "Mcp-Name: =?base64?cmVhZA==?="], &body);
    assert_eq!(plain.status(), 400, "the header says `read`, the body says otherwise");
    // The Base64 of `=?base64?cmVhZA==?=`.
    let twice = "Mcp-Name: =?base64?PT9iYXNlNjQ/Y21WaFpBPT0/PQ==?=";
    let answer = ask(gate.address(), "/mcp/one", &[VERSION, "Mcp-Method: tools/call", twice], &body);
    assert_eq!(answer.status(), 200, "{}", answer.text());
    assert_eq!(server.seen()[0].header("mcp-name"), Some(&twice[10..]), "the header travels as it came");
}

#[test]
fn headers_of_a_legacy_request_may_be_absent_but_not_contradict() {
    let server = server();
    let gate = Gate::before(server.config());
    for headers in [&[][..], &["Mcp-Method: tools/call"], &["Mcp-Name: read"], &["MCP-Protocol-Version: 2025-11-25"]] {
        assert_eq!(ask(gate.address(), "/mcp/one", headers, LEGACY).status(), 200, "{headers:?}");
    }
    for headers in [&["Mcp-Method: tools/list"][..], &["Mcp-Name: other"], &["Mcp-Name: =?base64?b3RoZXI=?="]] {
        let answer = ask(gate.address(), "/mcp/one", headers, LEGACY);
        assert_eq!(refused(&answer).0, 400, "{headers:?}");
    }
    let answer_to_server = r#"{"jsonrpc":"2.0","id":"s","result":{}}"#;
    let answer = ask(gate.address(), "/mcp/one", &["Mcp-Method: tools/call"], answer_to_server);
    assert_eq!(refused(&answer), (400, -32020, "header_mismatch".to_owned()), "an answer has no method");
    let batch = format!("[{LEGACY}]");
    let headers = ["MCP-Protocol-Version: 2025-03-26", "Mcp-Method: tools/call"];
    let answer = ask(gate.address(), "/mcp/one", &headers, &batch);
    assert_eq!(refused(&answer), (400, -32020, "header_mismatch".to_owned()), "a batch has no one method");
    assert_eq!(server.seen().len(), 4);
}

#[test]
fn headers_that_must_be_single_are() {
    let server = server();
    let gate = Gate::before(server.config());
    for doubled in [
        &["Mcp-Session-Id: a", "Mcp-Session-Id: b"][..],
        &["Content-Type: application/json"],
        &["Authorization: Bearer a", "Authorization: Bearer b"],
        &["Last-Event-ID: 1", "last-event-id: 2"],
        &["Mcp-Method: tools/call", "Mcp-Method: tools/list"],
    ] {
        let answer = ask(gate.address(), "/mcp/one", doubled, LEGACY);
        assert_eq!(answer.status(), 400, "{doubled:?}: {}", answer.text());
    }
    assert!(server.seen().is_empty());
}

#[test]
fn a_body_that_is_encoded_or_in_another_charset_is_refused() {
    let server = server();
    let gate = Gate::before(server.config());
    let send = |content_type: &str, more: &str| {
        let mut http = Http::tcp(gate.address());
        let head = format!(
            "POST /mcp/one HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n{more}\r\n",
            LEGACY.len()
        );
        http.send(&[head.as_bytes(), LEGACY.as_bytes()].concat());
        http.answer()
    };
    for good in ["application/json", "application/json; charset=utf-8", "application/json;charset=\"UTF-8\""] {
        assert_eq!(send(good, "").status(), 200, "{good}");
    }
    for bad in
        ["application/json; charset=utf-16", "application/json; CHARSET=iso-8859-1", "application/json; charset=utf-7"]
    {
        assert_eq!(send(bad, "").status(), 400, "{bad}");
    }
    for encoding in ["gzip", "br", "deflate", "identity, gzip", "x"] {
        assert_eq!(send("application/json", &format!("Content-Encoding: {encoding}\r\n")).status(), 400, "{encoding}");
    }
    assert_eq!(send("application/json", "Content-Encoding: identity\r\n").status(), 200);
    assert_eq!(server.seen().len(), 4);
}

#[test]
fn what_belongs_to_a_connection_or_is_a_secret_of_the_client_does_not_travel() {
    let server = server();
    let gate = Gate::before(server.config());
    let headers = [
        "Connection: x-first",
        "X-First: 1",
        "Connection: keep-alive, X-Second",
        "X-Second: 2",
        "X-Kept: 3",
        "Authorization: Bearer of-the-gateway",
        "Cookie: a=b",
        "Accept-Encoding: gzip",
        "TE: trailers",
        "Proxy-Authorization: Basic x",
        "Expect: 100-continue",
    ];
    let mut http = Http::tcp(gate.address());
    http.send(&post("/mcp/one", &headers, LEGACY.as_bytes()));
    assert_eq!(http.answer().status(), 200);
    let seen = &server.seen()[0];
    for gone in [
        "connection",
        "x-first",
        "x-second",
        "authorization",
        "cookie",
        "accept-encoding",
        "te",
        "proxy-authorization",
        "expect",
    ] {
        assert_eq!(seen.header(gone), None, "{gone}");
    }
    assert_eq!(seen.header("x-kept"), Some("3"));
    assert_eq!(seen.header("host"), Some(server.address.to_string().as_str()));
    assert_eq!(seen.text(), LEGACY);
}

#[test]
fn hosts_and_origins_that_are_not_ours_are_forbidden() {
    let server = server();
    let gate = Gate::serve(json!({
        "servers": { "one": server.config() }, "allowed_hosts": ["gate.example"], "allowed_origins": ["https://app.example"],
    }));
    let send = |target: &str, headers: &str| {
        let mut http = Http::tcp(gate.address());
        let head = format!(
            "POST {target} HTTP/1.1\r\n{headers}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{LEGACY}",
            LEGACY.len()
        );
        http.send(head.as_bytes());
        http.try_answer().map(|answer| answer.status())
    };
    for good in [
        "Host: localhost\r\n",
        "Host: 127.0.0.1:9999\r\n",
        "Host: [::1]:8\r\n",
        "Host: GATE.example:80\r\n",
        "Host: localhost\r\nOrigin: http://localhost:3000\r\n",
        "Host: localhost\r\nOrigin: https://app.example\r\n",
    ] {
        assert_eq!(send("/mcp/one", good), Some(200), "{good}");
    }
    for bad in [
        "Host: evil.example\r\n",
        "Host: localhost.evil.example\r\n",
        "Host: 127.0.0.1.evil.example\r\n",
        "Host:\r\n",
        "",
        "Host: localhost\r\nHost: localhost\r\n",
        "Host: localhost\r\nHost: evil.example\r\n",
        "Host: 10.0.0.1\r\n",
        "Host: localhost\r\nOrigin: https://evil.example\r\n",
        "Host: localhost\r\nOrigin: null\r\n",
        "Host: localhost\r\nOrigin: http://localhost.evil.example\r\n",
        "Host: localhost\r\nOrigin: http://localhost@evil.example\r\n",
        "Host: localhost\r\nOrigin: http://localhost\r\nOrigin: https://evil.example\r\n",
        "Host: localhost:80@evil.example\r\n",
    ] {
        let status = send("/mcp/one", bad);
        assert!(matches!(status, Some(400 | 403)), "{bad}: {status:?}");
    }
    // RFC 9112, section 3.2.2: the authority of an absolute target counts, not the Host header.
    assert_eq!(send("http://evil.example/mcp/one", "Host: localhost\r\n"), Some(403));
    assert_eq!(send("http://localhost/mcp/one", "Host: localhost\r\n"), Some(200));
    assert_eq!(server.seen().len(), 7);
    let admin = crate::http::get(gate.admin(), "/metrics", &["Origin: https://evil.example"]);
    assert_eq!(admin.status(), 403);
}

#[test]
fn nothing_is_served_elsewhere() {
    let server = server();
    let gate = Gate::before(server.config());
    for path in [
        "/",
        "/mcp",
        "/mcp/",
        "/mcp/two",
        "/mcp/one/",
        "/mcp/one/x",
        "/mcpx",
        "/mcp//one",
        "/mcp/../mcp/one",
        "/MCP/one",
        "/mcp/%6fne",
        "/messages",
        "/messages/one",
        "/metrics",
        "/healthz",
        "/mcp/*",
        "*",
    ] {
        let answer = ask(gate.address(), path, &[], LEGACY);
        assert!(matches!(answer.status(), 400 | 404), "{path}: {answer:?}");
    }
    for path in ["/sse", "/sse/two", "/ssex", "/sse/one/"] {
        assert_eq!(crate::http::get(gate.address(), path, &["Accept: text/event-stream"]).status(), 404, "{path}");
    }
    assert!(server.seen().is_empty());
    for method in ["PUT", "PATCH", "OPTIONS", "HEAD", "TRACE", "BREW"] {
        let mut http = Http::tcp(gate.address());
        http.send(format!("{method} /mcp/one HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes());
        assert_eq!(http.head().unwrap().status, 405, "{method}");
    }
}
