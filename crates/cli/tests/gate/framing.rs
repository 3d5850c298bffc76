//! Requests whose end two readers see in two places, and events that are torn: one request is one request, and an event
//! is whole or not there.

use serde_json::json;

use crate::http::{Http, Piece, ask, post};
use crate::running::Gate;
use crate::upstream::Upstream;

const CALL: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
/// A request hidden in what one reader takes for a body.
const HIDDEN: &str = "POST /mcp/one HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 43\r\n\r\n{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"SMUGGLED\"}";

fn server() -> Upstream {
    Upstream::answering("200 OK", r#"{"jsonrpc":"2.0","id":ID,"result":{}}"#)
}

/// What follows the first headers of a request whose end can be seen in two places.
fn ambiguous() -> Vec<(&'static str, String)> {
    let chunked = format!("{:x}\r\n{CALL}\r\n0\r\n\r\n", CALL.len());
    vec![
        (
            "length, then chunked",
            format!(
                "Content-Length: {}\r\nTransfer-Encoding: chunked\r\n\r\n{chunked}{HIDDEN}",
                chunked.len() + HIDDEN.len()
            ),
        ),
        (
            "chunked, then length",
            format!(
                "Transfer-Encoding: chunked\r\nContent-Length: {}\r\n\r\n{chunked}{HIDDEN}",
                chunked.len() + HIDDEN.len()
            ),
        ),
        (
            "a short length, then chunked",
            format!("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n{chunked}{HIDDEN}"),
        ),
        (
            "chunked, then a short length",
            format!("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n{chunked}{HIDDEN}"),
        ),
        (
            "two lengths",
            format!(
                "Content-Length: {}\r\nContent-Length: {}\r\n\r\n{CALL}{HIDDEN}",
                CALL.len(),
                CALL.len() + HIDDEN.len()
            ),
        ),
        ("a list of lengths", format!("Content-Length: {}, {}\r\n\r\n{CALL}{HIDDEN}", CALL.len(), CALL.len())),
        ("a signed length", format!("Content-Length: +{}\r\n\r\n{CALL}{HIDDEN}", CALL.len())),
        ("chunked twice", format!("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n{chunked}{HIDDEN}")),
        ("chunked not last", format!("Transfer-Encoding: chunked, identity\r\n\r\n{chunked}{HIDDEN}")),
        ("an unknown coding", format!("Transfer-Encoding: xchunked\r\n\r\n{chunked}{HIDDEN}")),
        (
            "a space before the colon",
            format!("Transfer-Encoding : chunked\r\nContent-Length: {}\r\n\r\n{CALL}{HIDDEN}", CALL.len()),
        ),
        (
            "a folded header",
            format!(
                "Content-Length: {}\r\nX-Folded: a\r\n Transfer-Encoding: chunked\r\n\r\n{CALL}{HIDDEN}",
                CALL.len()
            ),
        ),
        ("a bad chunk size", format!("Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n{HIDDEN}")),
        ("a huge chunk size", format!("Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{HIDDEN}")),
    ]
}

#[test]
fn a_request_with_two_lengths_smuggles_nothing() {
    let server = server();
    let gate = Gate::before(server.config());
    for (what, rest) in ambiguous() {
        let mut http = Http::tcp(gate.address());
        http.send(
            format!("POST /mcp/one HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{rest}").as_bytes(),
        );
        let status = http.try_answer().map(|answer| answer.status());
        // RFC 9112, section 6.3: with both, chunked counts, and the connection ends after the answer.
        let may_pass = what.contains("length") && what.contains("chunked");
        assert!(
            matches!(status, None | Some(400 | 413 | 501)) || (may_pass && status == Some(200)),
            "{what}: {status:?}"
        );
        assert!(http.is_closed(), "{what}: the connection must end, since nobody knows where the request did");
    }
    for request in server.seen() {
        assert_eq!((request.text().as_str(), request.header("transfer-encoding")), (CALL, None));
    }
}

#[test]
fn two_requests_in_one_packet_are_two_requests() {
    let server = server();
    let gate = Gate::before(server.config());
    let mut http = Http::tcp(gate.address());
    let both =
        [post("/mcp/one", &[], CALL.as_bytes()), post("/mcp/one", &[], CALL.replace('1', "2").as_bytes())].concat();
    http.send(&both);
    assert_eq!(http.answer().status(), 200);
    assert!(matches!(http.answer().status(), 200 | 400));
}

#[test]
fn a_chunked_body_of_the_client_goes_on_with_its_length() {
    let server = server();
    let gate = Gate::before(server.config());
    let mut http = Http::tcp(gate.address());
    http.send(b"POST /mcp/one HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
    for byte in CALL.bytes() {
        http.send(&[b'1', b'\r', b'\n', byte, b'\r', b'\n']);
    }
    http.send(b"0\r\nMcp-Method: SMUGGLED\r\n\r\n");
    assert_eq!(http.answer().status(), 200);
    let seen = &server.seen()[0];
    assert_eq!((seen.text().as_str(), seen.header("transfer-encoding")), (CALL, None));
    assert_eq!(seen.header("mcp-method"), None, "trailers are dropped");
}

#[test]
fn bodies_over_the_limit_are_refused_however_they_are_framed() {
    let server = server();
    let gate = Gate::serve(json!({ "servers": { "one": server.config() }, "limits": { "message_bytes_max": 4096 } }));
    let message = |bytes: usize| {
        let empty = r#"{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":""}}"#;
        empty.replace("\"\"", &format!("\"{}\"", "a".repeat(bytes - empty.len())))
    };
    assert_eq!(ask(gate.address(), "/mcp/one", &[], &message(4096)).status(), 200);
    let over = ask(gate.address(), "/mcp/one", &[], &message(4097));
    assert_eq!((over.status(), over.json()["error"]["data"]["reason"].as_str()), (413, Some("too_large")));

    // A length is believed before the body is there.
    let mut promised = Http::tcp(gate.address());
    promised.send(b"POST /mcp/one HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999999\r\n\r\n");
    assert_eq!(promised.answer().status(), 413);

    // A body without an end.
    let mut endless = Http::tcp(gate.address());
    endless.send(b"POST /mcp/one HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
    for _ in 0..64 {
        endless.send(&[b"1000\r\n".as_slice(), &[b' '; 4096], b"\r\n"].concat());
    }
    let status = endless.try_answer().map(|answer| answer.status());
    assert!(matches!(status, Some(413) | None), "{status:?}");
    assert_eq!(server.seen().len(), 1);

    let mut head = Http::tcp(gate.address());
    head.send(&post("/mcp/one", &[&format!("X-Long: {}", "a".repeat(200_000))], b"{}"));
    let status = head.try_answer().map(|answer| answer.status());
    assert!(matches!(status, Some(400..=431) | None), "{status:?}");
    let many: Vec<String> = (0..300).map(|number| format!("X-{number}: a")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let mut head = Http::tcp(gate.address());
    head.send(&post("/mcp/one", &many, b"{}"));
    assert!(matches!(head.try_answer().map(|answer| answer.status()), Some(400..=431) | None));
    assert_eq!(ask(gate.address(), "/mcp/one", &[], CALL).status(), 200, "the gateway is well");
}

#[test]
fn an_event_may_be_torn_at_every_byte() {
    // Every kind of line end, a comment, an id, retry, an empty event, data over two lines, and the answer.
    let stream = format!(
        ": hello\n\nid: 1\nretry: 5\ndata:\n\ndata: {}\r\n\r\nid: 2\r\revent: message\ndata: {}\ndata: {}\n\n",
        json!({ "jsonrpc": "2.0", "method": "notifications/message", "params": { "level": "info", "data": "é😀" } }),
        r#"{"jsonrpc":"2.0","id":1,"#,
        r#""result":{"x":"é😀"}}"#
    );
    for at in 0..=stream.len() {
        let (first, second) = (stream.as_bytes()[..at].to_vec(), stream.as_bytes()[at..].to_vec());
        tear(&[first, second], &stream);
    }
    tear(&stream.bytes().map(|byte| vec![byte]).collect::<Vec<_>>(), &stream);
}

fn tear(parts: &[Vec<u8>], stream: &str) {
    use std::sync::{Mutex, OnceLock};
    static PARTS: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());
    static SHARED: OnceLock<(Upstream, Gate)> = OnceLock::new();
    let (_, gate) = SHARED.get_or_init(|| {
        let server = Upstream::start(|_, reply| {
            reply.events(&[]);
            for part in PARTS.lock().unwrap().iter().filter(|part| !part.is_empty()) {
                reply.chunk(part);
            }
            reply.end();
        });
        let gate = Gate::before(server.config());
        (server, gate)
    });
    *PARTS.lock().unwrap() = parts.to_vec();
    let answer = ask(gate.address(), "/mcp/one", &[], CALL);
    assert_eq!(answer.text(), stream, "torn into {} parts", parts.len());
}

#[test]
fn an_event_arrives_before_the_next_one_is_there() {
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let server = Upstream::start(move |_, reply| {
        reply.events(&["Cache-Control: no-cache", "X-Accel-Buffering: no"]);
        for part in
            [": comment\n\n", "id: a\ndata:\n\n", "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}\n\n"]
        {
            reply.chunk(part.as_bytes());
            let _ended = wait.lock().unwrap().recv();
        }
        reply.chunk(b"data: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n\n");
        reply.end();
    });
    let gate = Gate::before(server.config());
    let mut http = Http::tcp(gate.address());
    http.send(&post("/mcp/one", &[], CALL.as_bytes()));
    let head = http.head().unwrap();
    assert_eq!(head.header("x-accel-buffering"), Some("no"));
    for wanted in
        [": comment\n\n", "id: a\ndata:\n\n", "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}\n\n"]
    {
        assert_eq!(http.piece(), Piece::Bytes(wanted.as_bytes().to_vec()));
        go.send(()).unwrap();
    }
    assert!(matches!(http.piece(), Piece::Bytes(_)));
    assert_eq!(http.piece(), Piece::End);
}
