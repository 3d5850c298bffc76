//! Servers that die or are late while somebody waits: an error with the id, no hanging, nobody else affected.

use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;

use crate::children;
use crate::client::{Client, opening};
use crate::http::{Http, Piece, Target, ask, post};
use crate::running::{Gate, gatehold, until};
use crate::upstream::Upstream;

const CALL: &str = r#"{"jsonrpc":"2.0","id":"q","method":"tools/list"}"#;

#[test]
fn a_child_that_dies_while_it_is_asked_is_an_error_with_the_id() {
    for death in [
        "sys.exit(3)",
        "os.kill(os.getpid(), 9)",
        "raw('{\"jsonrpc\":\"2.0\",\"id\":'); os._exit(1)",
        "os.close(1); os.close(0); time.sleep(1); os._exit(0)",
    ] {
        let program = children::greeting(death);
        let gate = Gate::before(children::config(&program));
        let mut client = Client::tcp(gate.address());
        client.shake_hands("2025-06-18");
        let session = format!("Mcp-Session-Id: {}", client.session());
        let answer = ask(gate.address(), "/mcp/one", &[&session], CALL);
        assert_eq!((answer.status(), &answer.json()["id"]), (502, &json!("q")), "{death}: {}", answer.text());
        assert_eq!(answer.error_code(), -32603, "{death}");
        gate.has_recorded("the end of the server", |record| record["event"] == "server_ended");
        // The session is over: the client may open another, which starts another child.
        until("the session is over", || {
            matches!(ask(gate.address(), "/mcp/one", &[&session], CALL).status(), 404 | 502)
        });
        let mut again = Client::tcp(gate.address());
        assert_eq!(again.shake_hands("2025-06-18")["result"]["protocolVersion"], "2025-06-18");
    }
}

#[test]
fn a_child_that_dies_after_part_of_a_stream_breaks_the_stream_off() {
    let program = children::greeting(
        "say({'jsonrpc': '2.0', 'method': 'notifications/progress', 'params': {'progressToken': 1, 'progress': 1}})\ntime.sleep(0.1)\nos._exit(1)",
    );
    let gate = Gate::before(children::config(&program));
    let mut client = Client::tcp(gate.address());
    client.shake_hands("2025-06-18");
    let session = format!("Mcp-Session-Id: {}", client.session());
    let body = r#"{"jsonrpc":"2.0","id":"q","method":"tools/call","params":{"name":"x","_meta":{"progressToken":1}}}"#;
    let answer = ask(gate.address(), "/mcp/one", &[&session], body);
    assert!(answer.text().contains("notifications/progress"), "{}", answer.text());
    assert!(!answer.complete, "the stream must not look as if it had ended in order: {}", answer.text());
}

#[test]
fn a_child_that_answers_and_ends_at_once_is_heard() {
    let program = children::greeting("answer(message, {'last': 'words'})\nos._exit(0)");
    let gate = Gate::serve(json!({
        "listen": ["127.0.0.1:0", "unix:socket"], "servers": { "one": children::config(&program) },
    }));
    let socket = gate.path("socket");
    for round in 0..5 {
        let folder = TempDir::new().unwrap();
        let mut command = gatehold();
        command.arg("wrap").arg("--ledger").arg(folder.path()).arg("--").args(children::command(&program));
        let clients = [
            Client::tcp(gate.address()),
            Client::sse(Target::Tcp(gate.address()), "/sse/one"),
            Client::lines(&socket),
            Client::stdio(&mut command),
        ];
        for (number, mut client) in clients.into_iter().enumerate() {
            client.shake_hands("2025-06-18");
            let answer = client.call("x", json!({}));
            assert_eq!(answer["result"]["last"], "words", "client {number} in round {round}");
        }
    }
}

#[test]
fn a_child_that_logs_before_it_shakes_hands_still_opens_a_session() {
    // 2025-06-18, "Lifecycle": a server may log before the handshake is done.
    let program = format!(
        "say({{'jsonrpc': '2.0', 'method': 'notifications/message', 'params': {{'level': 'info', 'data': 'up'}}}})\n{}",
        children::greeting("answer(message, {'x': 1})")
    );
    let gate = Gate::before(children::config(&program));
    let mut client = Client::tcp(gate.address());
    client.shake_hands("2025-06-18");
    assert_eq!(client.call("x", json!({}))["result"]["x"], 1);
}

#[test]
fn a_child_that_ends_leaves_the_children_of_others_alone() {
    let program = children::greeting("if message['method'] == 'die': os._exit(1)\nanswer(message, {'x': 1})");
    let gate = Gate::serve(json!({
        "servers": { "one": children::config(&program), "two": children::config(&program) },
    }));
    let mut clients: Vec<Client> =
        ["/mcp/one", "/mcp/one", "/mcp/two"].map(|path| Client::http(Target::Tcp(gate.address()), path)).into();
    for client in &mut clients {
        client.shake_hands("2025-06-18");
    }
    assert_eq!(clients[0].request("die", json!({}))["error"]["code"], -32603);
    for client in &mut clients[1..] {
        assert_eq!(client.call("x", json!({}))["result"]["x"], 1);
    }
}

#[test]
fn an_http_server_that_breaks_off_is_an_error_with_the_id() {
    for (what, bytes) in [
        ("nothing", ""),
        ("half a head", "HTTP/1.1 200 OK\r\nContent-Type: app"),
        ("half a body", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"jsonrpc\""),
        (
            "half a chunk",
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{\"js",
        ),
        ("no HTTP", "SSH-2.0-OpenSSH_9.2\r\n"),
        (
            "two lengths",
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        ),
    ] {
        let server = Upstream::saying(bytes);
        let mut gate = Gate::before(server.config());
        let answer = ask(gate.address(), "/mcp/one", &[], CALL);
        assert_eq!((answer.status(), &answer.json()["id"]), (502, &json!("q")), "{what}: {}", answer.text());
        assert!(server.seen().len() == 1, "{what}: a request that may have been acted on is not sent again");
        gate.end_well();
    }
}

#[test]
fn a_stream_that_breaks_off_looks_broken_off() {
    let server = Upstream::start(|_, reply| {
        reply.events(&[]);
        reply.chunk(b"data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}\n\ndata: {\"half");
        reply.close();
    });
    let gate = Gate::before(server.config());
    let mut http = Http::tcp(gate.address());
    http.send(&post("/mcp/one", &[], CALL.as_bytes()));
    assert_eq!(http.head().unwrap().status, 200);
    assert!(matches!(http.piece(), Piece::Bytes(bytes) if bytes.ends_with(b"\n\n")));
    assert_eq!(http.piece(), Piece::Broken);
}

#[test]
fn a_server_that_is_late_or_not_there_is_an_error_that_says_so() {
    let late = Upstream::start(|_, reply| {
        reply.is_left(Duration::from_secs(10));
    });
    let gone = { std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap() };
    let mut gate = Gate::serve(json!({
        "servers": { "late": late.config(), "gone": { "url": format!("http://{gone}/mcp") } }, "answer_timeout_seconds": 1,
    }));
    let started = Instant::now();
    let answer = ask(gate.address(), "/mcp/late", &[], CALL);
    assert_eq!((answer.status(), &answer.json()["id"], answer.error_code()), (504, &json!("q"), -32603));
    assert!(started.elapsed() < Duration::from_secs(5));
    let answer = ask(gate.address(), "/mcp/gone", &[], CALL);
    assert_eq!((answer.status(), &answer.json()["id"]), (502, &json!("q")));
    assert!(answer.text().contains("`gone`") && answer.text().contains("gateway is well"), "{}", answer.text());
    gate.running.hears(&format!("no connection to http://{gone}"));
    gate.end_well();
}

#[test]
fn a_connection_that_the_server_closed_between_calls_is_not_an_error() {
    let server = Upstream::start(|request, reply| {
        reply.json("200 OK", &format!(r#"{{"jsonrpc":"2.0","id":{},"result":{{}}}}"#, request.id()));
        reply.close();
    });
    let gate = Gate::before(server.config());
    let mut http = Http::tcp(gate.address());
    for _ in 0..20 {
        http.send(&post("/mcp/one", &[], CALL.as_bytes()));
        assert_eq!(http.answer().status(), 200);
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(server.seen().len(), 20);
}

#[test]
fn over_lines_a_request_that_an_http_server_does_not_answer_is_answered_once() {
    for (what, bytes) in [
        ("HTML", "HTTP/1.1 500 Oh\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"),
        ("a redirect", "HTTP/1.1 307 There\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"),
        (
            "bad JSON",
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{},\"x\":1",
        ),
        (
            "a bad event",
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 48\r\n\r\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{},\"id\":1}\n\n",
        ),
        ("nothing", ""),
        ("an empty stream", "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 0\r\n\r\n"),
    ] {
        let server = Upstream::saying(bytes);
        let folder = TempDir::new().unwrap();
        let mut command = gatehold();
        command.arg("wrap").arg("--ledger").arg(folder.path()).args(["--url", &server.url()]);
        let mut client = Client::stdio(&mut command);
        let answer = client.request("initialize", opening("2025-06-18"));
        assert!(answer["error"]["code"].is_i64(), "{what}: {answer}");
        client.hang_up();
        assert!(client.is_left(), "{what}");
        assert!(client.others.is_empty(), "{what}: {:?}", client.others);
    }
}

#[test]
fn a_line_over_the_limit_answers_the_request_that_waits_for_it() {
    let program = children::greeting("answer(message, {'x': 'y' * 10000})");
    let gate = Gate::serve(json!({
        "servers": { "one": children::config(&program) }, "limits": { "message_bytes_max": 4096 },
    }));
    let mut client = Client::tcp(gate.address());
    client.shake_hands("2025-06-18");
    for _ in 0..2 {
        assert_eq!(client.call("x", json!({}))["error"]["data"]["reason"], "too_large");
    }
}

#[test]
fn a_child_that_dies_while_its_own_child_lives_on_is_dead() {
    // What it has started holds its output open: the end of the output never comes.
    let program = children::greeting(
        "import subprocess\nsubprocess.Popen([sys.executable, '-I', '-S', '-c', 'import time; time.sleep(30)'])\nos._exit(1)",
    );
    let gate = Gate::serve(json!({
        "listen": ["127.0.0.1:0", "unix:socket"], "servers": { "one": children::config(&program) },
    }));
    let mut http = Client::tcp(gate.address());
    http.shake_hands("2025-06-18");
    assert_eq!(http.call("x", json!({}))["error"]["code"], -32603);
    for mut client in [Client::lines(&gate.path("socket")), Client::sse(Target::Tcp(gate.address()), "/sse/one")] {
        client.shake_hands("2025-06-18");
        client.begin("tools/call", json!({ "name": "x" }));
        assert!(client.is_left(), "the channel ends");
    }
}
